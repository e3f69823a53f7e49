#include "did/port_numbers.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static int status_find(const char *name, size_t len)
{
	for (int i = 0; port_number_names[i]; i++)
		if (strlen(port_number_names[i]) == len && memcmp(port_number_names[i], name, len) == 0)
			return i;
	return -1;
}

static void append(struct port_numbers *numbers, struct port_interval item)
{
	GROW(numbers->at, numbers->n, numbers->cap);
	numbers->at[numbers->n++] = item;
}

/* One line without its end; cells as in the header. */
static bool read_line(struct port_numbers *out, const char *line, size_t len)
{
	struct port_interval item = {0};
	struct number last;
	const char *cell[4];
	size_t size[4];

	for (int i = 0; i < 4; i++) {
		const char *end = i < 3 ? memchr(line, '\t', len) : line + len;

		if (!end)
			return false;
		cell[i] = line;
		size[i] = (size_t)(end - line);
		len -= size[i] + (i < 3);
		line = end + (i < 3);
	}
	item.status = status_find(cell[2], size[2]);
	if (item.status < 0 || !number_parse_stored(&item.in.first, cell[0], size[0], NULL) ||
	    !number_parse_stored(&last, cell[1], size[1], NULL) || last.width != item.in.first.width ||
	    last.value < item.in.first.value)
		return false;
	item.in.count = last.value - item.in.first.value + 1;
	item.reason = size[3] ? arena_strndup(&out->arena, cell[3], size[3]) : NULL;
	append(out, item);
	return true;
}

static int compare(const void *a, const void *b)
{
	return number_cmp(((const struct port_interval *)a)->in.first, ((const struct port_interval *)b)->in.first);
}

static bool is_alike(const struct port_interval *a, const struct port_interval *b)
{
	return a->status == b->status && text_is_same(a->reason, b->reason);
}

static bool is_next(const struct interval *a, const struct interval *b)
{
	return a->first.width == b->first.width && b->first.value - a->first.value == a->count;
}

/* In order, neighbours that are alike joined: one text for one content. */
static void normalise(struct port_numbers *numbers)
{
	size_t n = 0;

	if (numbers->n)
		qsort(numbers->at, numbers->n, sizeof(*numbers->at), compare);
	for (size_t i = 0; i < numbers->n; i++) {
		struct port_interval *last = n ? &numbers->at[n - 1] : NULL;

		if (last && is_next(&last->in, &numbers->at[i].in) && is_alike(last, &numbers->at[i]))
			last->in.count += numbers->at[i].in.count;
		else
			numbers->at[n++] = numbers->at[i];
	}
	numbers->n = n;
}

int port_numbers_read(struct port_numbers *out, const char *text, struct err *err)
{
	for (const char *line = text; line && *line;) {
		size_t len = strcspn(line, "\n");

		if (!read_line(out, line, len))
			return err_set(err, ERR_FAILED, "the numbers of a port order cannot be read");
		line += len + (line[len] == '\n');
	}
	normalise(out);
	return 0;
}

/* Reasons come from people: what ends a cell or line is a space in it. */
static void put_reason(struct buf *out, const char *reason)
{
	for (; reason && *reason; reason++)
		buf_putc(out, *reason == '\t' || *reason == '\n' ? ' ' : *reason);
}

void port_numbers_text(struct buf *out, const struct port_numbers *numbers)
{
	char first[NUMBER_TEXT], last[NUMBER_TEXT];

	for (size_t i = 0; i < numbers->n; i++) {
		const struct port_interval *item = &numbers->at[i];

		number_format(item->in.first, first);
		number_format(interval_last(&item->in), last);
		buf_printf(out, "%s\t%s\t%s\t", first, last, port_number_names[item->status]);
		put_reason(out, item->reason);
		buf_putc(out, '\n');
	}
}

void port_numbers_release(struct port_numbers *numbers)
{
	free(numbers->at);
	arena_release(&numbers->arena);
	*numbers = (struct port_numbers){0};
}

/* Appends the intervals of a set, all with the status and reason of an item. */
static void append_set(struct port_numbers *out, const struct rangeset *set, struct port_interval like)
{
	for (size_t i = 0; i < set->n; i++) {
		like.in = set->at[i];
		append(out, like);
	}
}

/* Cuts every item into what is in the set and what is not; into: what becomes of the former, NULL: it goes. */
static void cut(struct port_numbers *numbers, const struct rangeset *which, const struct port_interval *into)
{
	struct port_numbers old = *numbers;

	numbers->at = NULL;
	numbers->n = numbers->cap = 0;
	for (size_t i = 0; i < old.n; i++) {
		struct rangeset whole = {0}, outside = {0}, inside = {0};

		rangeset_add(&whole, old.at[i].in);
		rangeset_normalise(&whole);
		rangeset_subtract(&outside, &whole, which);
		rangeset_intersect(&inside, &whole, which);
		append_set(numbers, &outside, old.at[i]);
		if (into)
			append_set(numbers, &inside, *into);
		rangeset_release(&whole);
		rangeset_release(&outside);
		rangeset_release(&inside);
	}
	free(old.at);
	normalise(numbers);
}

void port_numbers_add(struct port_numbers *numbers, const struct rangeset *which)
{
	struct rangeset there = {0}, new = {0};

	port_numbers_of(numbers, PORT_NUMBER_ANY, &there);
	rangeset_subtract(&new, which, &there);
	append_set(numbers, &new, (struct port_interval){.status = PORT_NUMBER_PENDING});
	rangeset_release(&there);
	rangeset_release(&new);
	normalise(numbers);
}

void port_numbers_remove(struct port_numbers *numbers, const struct rangeset *which)
{
	cut(numbers, which, NULL);
}

void port_numbers_mark(struct port_numbers *numbers, const struct rangeset *which, enum port_number_status status,
		       const char *reason)
{
	const struct port_interval into = {.status = status,
					   .reason = reason ? arena_strdup(&numbers->arena, reason) : NULL};

	cut(numbers, which, &into);
}

void port_numbers_keep(struct port_numbers *numbers, const struct port_numbers *from, const struct rangeset *which)
{
	for (size_t i = 0; i < from->n; i++) {
		struct rangeset theirs = {0}, both = {0};

		rangeset_add(&theirs, from->at[i].in);
		rangeset_normalise(&theirs);
		rangeset_intersect(&both, which, &theirs);
		port_numbers_mark(numbers, &both, (enum port_number_status)from->at[i].status, from->at[i].reason);
		rangeset_release(&theirs);
		rangeset_release(&both);
	}
}

void port_numbers_of(const struct port_numbers *numbers, unsigned statuses, struct rangeset *out)
{
	for (size_t i = 0; i < numbers->n; i++)
		if (statuses & 1u << numbers->at[i].status)
			rangeset_add(out, numbers->at[i].in);
	rangeset_normalise(out);
}
