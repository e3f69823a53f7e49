/* Listings of rows that are all in memory: no store sorts and limits them. */
#include <stdlib.h>

#include "cmd/common.h"

struct order {
	const struct kept_rows *rows;
	const struct listing_plan *plan;
	const struct column *columns;
};

static int compare_rows(const void *a, const void *b, void *data)
{
	const struct order *order = data;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	for (size_t i = 0; i < order->plan->nsort; i++) {
		const struct sort_key *key = &order->plan->sort[i];
		int sign = value_compare(order->rows->cell(order->rows->of, x, key->column),
					 order->rows->cell(order->rows->of, y, key->column), order->columns[key->column].type);

		if (sign)
			return key->is_descending ? -sign : sign;
	}
	return x < y ? -1 : x > y; /* equal ones stay as they came: qsort_r is not stable */
}

/* Which row comes first, second ...; NULL where they are printed as they came. */
static size_t *sort_rows(const struct context *ctx, const struct listing_plan *plan, const struct kept_rows *rows)
{
	struct order order = {rows, plan, current_command(ctx)->columns};
	size_t *at;

	if (!plan->nsort || !rows->n)
		return NULL;
	at = xcalloc(rows->n, sizeof(*at));
	for (size_t i = 0; i < rows->n; i++)
		at[i] = i;
	qsort_r(at, rows->n, sizeof(*at), compare_rows, &order);
	return at;
}

static int put_row(struct context *ctx, const struct listing_plan *plan, const struct kept_rows *rows, size_t row,
		   struct sink *sink)
{
	struct value values[LISTING_COLUMNS_MAX];
	int rc;

	for (size_t i = 0; i < plan->ncolumns; i++)
		values[i] = rows->cell(rows->of, row, plan->columns[i]);
	rc = sink_row(sink, values, &ctx->err);
	return rc ? rc : check_interrupt(ctx);
}

int list_kept(struct context *ctx, const struct listing_plan *plan, const struct kept_rows *rows)
{
	size_t *sorted = sort_rows(ctx, plan, rows), n = rows->n;
	struct sink *sink = NULL;
	int rc = listing_open(ctx, plan, &sink);

	if (ctx->listing.limit_given && (uint64_t)ctx->listing.limit < n)
		n = (size_t)ctx->listing.limit;
	for (size_t i = 0; i < n && !rc; i++)
		rc = put_row(ctx, plan, rows, sorted ? sorted[i] : i, sink);
	if (!rc && n < rows->n)
		note(ctx, "more rows: --limit %zu reached", n);
	free(sorted);
	return rows_close(ctx, sink, rc);
}
