#include "store/api/sorter.h"

#include <stdlib.h>

#include "base/mem.h"

#define SPARE_ROWS 4096 /* over twice the limit, before the last ones are dropped */

struct sorted_row {
	uint64_t order; /* in which it came */
	size_t bytes;
	struct value cells[]; /* and their texts */
};

static struct sorted_row *copy_row(const struct sorter *sorter, const struct value *cells)
{
	size_t n = sorter->ncells, bytes = sizeof(struct sorted_row) + n * sizeof(*cells);
	struct sorted_row *row;
	char *text;

	for (size_t i = 0; i < n; i++)
		bytes += cells[i].s ? cells[i].len + 1 : 0;
	row = xcalloc(1, bytes);
	row->bytes = bytes;
	row->order = sorter->added;
	text = (char *)&row->cells[n];
	for (size_t i = 0; i < n; i++) {
		if (!cells[i].s)
			continue;
		memcpy(text, cells[i].s, cells[i].len);
		row->cells[i] = (struct value){text, cells[i].len};
		text += cells[i].len + 1;
	}
	return row;
}

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct sorted_row *x = *(const struct sorted_row *const *)a, *y = *(const struct sorted_row *const *)b;
	const struct sorter *sorter = context;

	for (size_t i = 0; i < sorter->nkeys; i++) {
		const struct sorter_key *key = &sorter->keys[i];
		int order = value_compare(x->cells[key->cell], y->cells[key->cell], key->type);

		if (order)
			return key->is_descending ? -order : order;
	}
	return x->order < y->order ? -1 : 1;
}

static void sort(struct sorter *sorter)
{
	if (sorter->n)
		qsort_r(sorter->at, sorter->n, sizeof(*sorter->at), compare_rows, sorter);
	while (sorter->limit && sorter->n > sorter->limit) {
		struct sorted_row *last = sorter->at[--sorter->n];

		sorter->bytes -= last->bytes;
		free(last);
	}
}

bool sorter_add(struct sorter *sorter, const struct value *cells)
{
	struct sorted_row *row = copy_row(sorter, cells);

	GROW(sorter->at, sorter->n, sorter->cap);
	sorter->at[sorter->n++] = row;
	sorter->added++;
	sorter->bytes += row->bytes;
	if (sorter->limit && sorter->n / 2 > sorter->limit && sorter->n - 2 * sorter->limit > SPARE_ROWS)
		sort(sorter);
	return sorter->bytes <= SORTER_BYTES;
}

const struct value *sorter_next(struct sorter *sorter)
{
	if (!sorter->next)
		sort(sorter);
	return sorter->next < sorter->n ? sorter->at[sorter->next++]->cells : NULL;
}

void sorter_release(struct sorter *sorter)
{
	for (size_t i = 0; i < sorter->n; i++)
		free(sorter->at[i]);
	free(sorter->at);
	sorter->at = NULL;
	sorter->n = sorter->cap = 0;
}
