#include "dialplan/routes.h"

#include <stdlib.h>
#include <string.h>

#define KEY_BITS    64
#define BUCKET_BITS 8
#define BUCKETS	    (1u << BUCKET_BITS)
#define FEW	    24 /* routes that are quicker sorted one by one */

/* Eight bytes at a time: regen hashes a name for each of millions of lines. */
static uint64_t hash_text(const char *text)
{
	size_t len = strlen(text);
	uint64_t h = len, word;

	for (; len > 0; text += sizeof(word)) {
		size_t n = len < sizeof(word) ? len : sizeof(word);

		word = 0;
		memcpy(&word, text, n);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
		len -= n;
	}
	return h;
}

/* Where text stands in the table, or the free slot where it would. */
static uint32_t *find_slot(const struct names *names, const char *text)
{
	size_t i = hash_text(text) & (names->slots_n - 1);

	while (names->slots[i] && strcmp(names->at[names->slots[i] - 1], text) != 0)
		i = (i + 1) & (names->slots_n - 1);
	return &names->slots[i];
}

static void widen(struct names *names)
{
	names->slots_n = names->slots_n ? names->slots_n * 2 : 64;
	free(names->slots);
	names->slots = xcalloc(names->slots_n, sizeof(*names->slots));
	for (size_t i = 0; i < names->n; i++)
		*find_slot(names, names->at[i]) = (uint32_t)i + 1;
}

uint32_t names_add(struct names *names, const char *text)
{
	uint32_t *slot;

	if (names->n * 2 >= names->slots_n)
		widen(names);
	slot = find_slot(names, text);
	if (!*slot) {
		GROW(names->at, names->n, names->cap);
		names->at[names->n++] = arena_strdup(&names->arena, text);
		*slot = (uint32_t)names->n;
	}
	return *slot - 1;
}

void names_release(struct names *names)
{
	arena_release(&names->arena);
	free(names->at);
	free(names->slots);
	*names = (struct names){0};
}

/* '+' comes before the digits, as in ASCII; what has ended comes before both. */
bool route_key(uint64_t *key, const char *text, size_t len)
{
	uint64_t packed = 0;

	if (len == 0 || len > ROUTE_KEY_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c != '+' && (c < '0' || c > '9'))
			return false;
		packed = packed << 4 | (c == '+' ? 1u : c - '0' + 2u);
	}
	*key = packed << 4 * (ROUTE_KEY_MAX - len);
	return true;
}

size_t route_key_text(uint64_t key, char out[ROUTE_TEXT])
{
	size_t len = 0;

	for (; key; key <<= 4)
		out[len++] = "\0+0123456789????"[key >> (KEY_BITS - 4)];
	out[len] = '\0';
	return len;
}

void routes_add(struct routes *routes, uint64_t key, uint32_t target)
{
	GROW(routes->at, routes->n, routes->cap);
	routes->at[routes->n++] = (struct route){key, target};
}

void routes_release(struct routes *routes)
{
	free(routes->at);
	*routes = (struct routes){0};
}

static void sort_few(struct route *at, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct route moved = at[i];
		size_t j = i;

		for (; j > 0 && at[j - 1].key < moved.key; j--)
			at[j] = at[j - 1];
		at[j] = moved;
	}
}

static unsigned bucket_of(uint64_t key, unsigned shift)
{
	return (BUCKETS - 1) & ~(unsigned)(key >> shift); /* the highest first */
}

/* American flag sort: by the byte at shift in place, each bucket then by the bytes below it. */
static void sort_by_byte(struct route *at, size_t n, unsigned shift)
{
	size_t next[BUCKETS], end[BUCKETS] = {0}, sum = 0;

	if (n <= FEW) {
		sort_few(at, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		end[bucket_of(at[i].key, shift)]++;
	if (shift > 0 && end[bucket_of(at[0].key, shift)] == n) { /* numbers begin alike */
		sort_by_byte(at, n, shift - BUCKET_BITS);
		return;
	}
	for (unsigned b = 0; b < BUCKETS; b++) {
		next[b] = sum;
		sum = end[b] += sum;
	}
	for (unsigned b = 0; b < BUCKETS; b++)
		while (next[b] < end[b]) {
			struct route here = at[next[b]];
			unsigned home = bucket_of(here.key, shift);

			at[next[b]] = at[next[home]];
			at[next[home]++] = here;
		}
	for (unsigned b = 0; b < BUCKETS && shift > 0; b++)
		sort_by_byte(at + (b ? end[b - 1] : 0), end[b] - (b ? end[b - 1] : 0), shift - BUCKET_BITS);
}

void routes_sort(struct routes *routes)
{
	sort_by_byte(routes->at, routes->n, KEY_BITS - BUCKET_BITS);
}

/* Whether the first n routes have this one; they are sorted, and it is not before the last of them. */
static bool has_route(const struct routes *routes, size_t n, struct route route)
{
	for (; n > 0 && routes->at[n - 1].key == route.key; n--)
		if (routes->at[n - 1].target == route.target)
			return true;
	return false;
}

size_t routes_unite(struct routes *routes)
{
	size_t kept = 0, clashes = 0;

	for (size_t i = 0; i < routes->n; i++)
		if (!has_route(routes, kept, routes->at[i]))
			routes->at[kept++] = routes->at[i];
	routes->n = kept;
	for (size_t i = 0; i < kept; i++)
		clashes += routes_is_clash(routes, i) &&
			   (i == 0 || routes->at[i - 1].key != routes->at[i].key);
	return clashes;
}

bool routes_is_clash(const struct routes *routes, size_t i)
{
	uint64_t key = routes->at[i].key;

	return (i > 0 && routes->at[i - 1].key == key) || (i + 1 < routes->n && routes->at[i + 1].key == key);
}

void routes_drop_clashes(struct routes *routes)
{
	size_t kept = 0, next;

	for (size_t i = 0; i < routes->n; i = next) {
		for (next = i + 1; next < routes->n && routes->at[next].key == routes->at[i].key; next++)
			;
		if (next == i + 1)
			routes->at[kept++] = routes->at[i];
	}
	routes->n = kept;
}
