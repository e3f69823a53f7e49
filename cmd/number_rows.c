#include "cmd/number_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void keep(struct context *ctx, struct value *to, const struct value *from)
{
	for (size_t i = 0; i < DID_FIELDS; i++)
		to[i] = from[i].s ? (struct value){arena_strndup(&ctx->arena, from[i].s, from[i].len),
						   from[i].len}
				  : (struct value){0};
}

static int compare(const void *a, const void *b)
{
	const char *x = ((const struct number_row *)a)->v[DID_NUMBER].s, *y = ((const struct number_row *)b)->v[DID_NUMBER].s;

	return strcmp(x ? x : "", y ? y : "");
}

static int load(struct context *ctx, const struct selection *selection, struct number_rows *out)
{
	int columns[DID_FIELDS];
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = columns, .ncolumns = DID_FIELDS, .selection = selection,
	};
	const struct value *row;
	int rc;

	for (int i = 0; i < DID_FIELDS; i++)
		columns[i] = i;
	out->n = 0;
	rc = store_query(ctx->store, &query, &ctx->err);
	if (rc)
		return rc;
	while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		GROW(out->at, out->n, out->cap);
		keep(ctx, out->at[out->n++].v, row);
	}
	store_done(ctx->store);
	if (out->n)
		qsort(out->at, out->n, sizeof(*out->at), compare);
	return rc;
}

bool number_rows_select(struct selection *selection, struct value e164)
{
	struct number number;

	if (!e164.s || !number_parse_stored(&number, e164.s, e164.len, NULL))
		return false;
	rangeset_add(&selection->numbers, (struct interval){number, 1});
	rangeset_normalise(&selection->numbers);
	return true;
}

int number_rows_find(struct context *ctx, const char *word, struct number_rows *out)
{
	struct selection selection = {0};
	char shown[TEXT_SHOWN];
	int rc = select_one(ctx, word, &selection);

	if (!rc)
		rc = load(ctx, &selection, out);
	if (!rc && !out->n)
		rc = err_set(&ctx->err, ERR_ABSENT, "'%s' is not in the inventory",
			     text_show(shown, word, strlen(word)));
	/* A row named by its id has perhaps a twin, which belongs to the picture as much. */
	if (!rc && selection.nids && number_rows_select(&selection, out->at[0].v[DID_E164]))
		rc = load(ctx, &selection, out);
	selection_release(&selection);
	return rc;
}

int number_rows_load(struct context *ctx, struct number number, struct number_rows *out)
{
	struct selection selection = {0};
	int rc;

	rangeset_add(&selection.numbers, (struct interval){number, 1});
	rangeset_normalise(&selection.numbers);
	rc = load(ctx, &selection, out);
	selection_release(&selection);
	return rc;
}

void number_rows_release(struct number_rows *rows)
{
	free(rows->at);
	*rows = (struct number_rows){0};
}
