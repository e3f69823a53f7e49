/* Counting rows by the values of some columns: a hash over what the store streams. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/common.h"

#define FIRST_SLOTS 64
#define FNV_START UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

struct group {
	const struct value *values;
	uint64_t hash, count;
};

struct groups {
	struct arena arena;
	const int *keys;
	size_t nkeys;
	struct group *at;
	size_t n, cap;
	uint32_t *slots; /* indices + 1 */
	size_t nslots;
};

static uint64_t hash_row(const struct value *row, size_t n)
{
	uint64_t hash = FNV_START;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < row[i].len; k++)
			hash = (hash ^ (unsigned char)row[i].s[k]) * FNV_PRIME;
		hash = (hash ^ (row[i].s ? 0x100 : 0x101)) * FNV_PRIME;
	}
	return hash;
}

static bool same_value(struct value a, struct value b)
{
	if (!a.s || !b.s)
		return a.s == b.s;
	return a.len == b.len && !memcmp(a.s, b.s, a.len);
}

static bool same_row(const struct value *a, const struct value *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!same_value(a[i], b[i]))
			return false;
	return true;
}

/* The slot where a row is or belongs. */
static uint32_t *find_slot(const struct groups *groups, const struct value *row, uint64_t hash)
{
	size_t i = hash & (groups->nslots - 1);

	while (groups->slots[i]) {
		const struct group *group = &groups->at[groups->slots[i] - 1];

		if (group->hash == hash && same_row(group->values, row, groups->nkeys))
			break;
		i = (i + 1) & (groups->nslots - 1);
	}
	return &groups->slots[i];
}

static void grow_slots(struct groups *groups)
{
	free(groups->slots);
	groups->nslots = groups->nslots ? 2 * groups->nslots : FIRST_SLOTS;
	groups->slots = xcalloc(groups->nslots, sizeof(*groups->slots));
	for (size_t i = 0; i < groups->n; i++)
		*find_slot(groups, groups->at[i].values, groups->at[i].hash) = (uint32_t)i + 1;
}

static const struct value *keep_row(struct groups *groups, const struct value *row)
{
	struct value *kept = arena_alloc(&groups->arena, groups->nkeys * sizeof(*kept));

	for (size_t i = 0; i < groups->nkeys; i++)
		if (row[i].s)
			kept[i] = (struct value){arena_strndup(&groups->arena, row[i].s, row[i].len),
						 row[i].len};
	return kept;
}

static void count_row(struct groups *groups, const struct value *row)
{
	uint64_t hash = hash_row(row, groups->nkeys);
	uint32_t *slot;

	if (2 * groups->n >= groups->nslots)
		grow_slots(groups);
	slot = find_slot(groups, row, hash);
	if (!*slot) {
		GROW(groups->at, groups->n, groups->cap);
		groups->at[groups->n++] = (struct group){.values = keep_row(groups, row), .hash = hash};
		*slot = (uint32_t)groups->n;
	}
	groups->at[*slot - 1].count++;
}

static void release(struct groups *groups)
{
	arena_release(&groups->arena);
	free(groups->at);
	free(groups->slots);
}

static int compare_groups(const void *a, const void *b, void *context)
{
	const struct group *x = a, *y = b;
	const struct groups *groups = context;

	for (size_t i = 0; i < groups->nkeys; i++) {
		int order = value_compare(x->values[i], y->values[i], did_columns[groups->keys[i]].type);

		if (order)
			return order;
	}
	return 0;
}

static int count_all(struct context *ctx, const struct selection *selection, struct groups *groups)
{
	const struct query query = {
		.listing = LIST_NUMBERS,
		.columns = groups->keys,
		.ncolumns = groups->nkeys,
		.selection = selection,
	};
	const struct value *row;
	int rc = store_query(ctx->store, &query, &ctx->err);

	if (rc)
		return rc;
	while (!rc && (rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		count_row(groups, row);
		rc = check_interrupt(ctx);
	}
	store_done(ctx->store);
	return rc;
}

static int put_groups(struct context *ctx, const struct groups *groups)
{
	static const struct column count_column = {"count", "Count", "how many numbers", COL_COUNT};
	const struct column *columns[DID_FIELDS + 1];
	struct value row[DID_FIELDS + 1];
	struct sink *sink = NULL;
	char count[24];
	int rc;

	for (size_t i = 0; i < groups->nkeys; i++)
		columns[i] = &did_columns[groups->keys[i]];
	columns[groups->nkeys] = &count_column;
	rc = rows_open(ctx, columns, groups->nkeys + 1, &sink);
	for (size_t i = 0; i < groups->n && !rc; i++) {
		memcpy(row, groups->at[i].values, groups->nkeys * sizeof(*row));
		snprintf(count, sizeof(count), "%" PRIu64, groups->at[i].count);
		row[groups->nkeys] = value_str(count);
		rc = sink_row(sink, row, &ctx->err);
	}
	return rows_close(ctx, sink, rc);
}

int list_groups(struct context *ctx, const struct selection *selection, const int *keys, size_t nkeys)
{
	struct groups groups = {.keys = keys, .nkeys = nkeys};
	int rc = count_all(ctx, selection, &groups);

	if (!rc && groups.n)
		qsort_r(groups.at, groups.n, sizeof(*groups.at), compare_groups, &groups);
	if (!rc)
		rc = put_groups(ctx, &groups);
	release(&groups);
	return rc;
}
