#include "cmd/object.h"

#include <string.h>

void object_put(struct change *change, int field, const char *value)
{
	change->object_value[field] = value;
	change->object_is_set[field] = true;
}

int object_read_number(struct context *ctx, const char *text, const char **out)
{
	char digits[NUMBER_TEXT];
	struct number number;
	int rc = number_parse(&number, text, strlen(text), ctx->country, &ctx->err);

	if (rc)
		return rc;
	number_spell(number, ctx->country, number_spellings(number, ctx->country) > 1, digits);
	*out = arena_strdup(&ctx->arena, digits);
	return 0;
}

int object_check_edit(struct context *ctx, const struct change *change)
{
	const char *verb = verb_info[change->verb].name;

	if (change->org_text && change->verb == VERB_USER_EDIT)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(change->object_is_set); i++)
		if (change->object_is_set[i])
			return 0;
	err_set(&ctx->err, ERR_USAGE, "'%s' names no field to change", verb);
	err_hint(&ctx->err, "'didctl help %s' lists them", verb);
	return ERR_USAGE;
}

static void keep_row(struct context *ctx, struct value *to, const struct value *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = value_str(from[i].s ? arena_strdup(&ctx->arena, from[i].s) : NULL);
}

int object_load(struct context *ctx, const struct query *query, const char *id, struct value *out)
{
	const struct value *row;
	bool is_found = false;
	int rc = store_query(ctx->store, query, &ctx->err);

	if (rc)
		return rc;
	/* Another object's name may be the text of this one's id. */
	while (!is_found && (rc = store_next(ctx->store, &row, &ctx->err)) == 1)
		is_found = row[0].s && !strcmp(row[0].s, id);
	if (is_found)
		keep_row(ctx, out, row, query->ncolumns);
	store_done(ctx->store);
	if (rc < 0)
		return rc;
	return is_found ? 0 : err_set(&ctx->err, ERR_ABSENT, "'%s' is not there any more", id);
}

static int print_lines(struct context *ctx, const struct column *const *columns, const struct value *values,
		       size_t n)
{
	static const struct column label = {"column", "Column", "what", COL_ID};
	static const struct column text = {"value", "Value", "its value", COL_TEXT};
	const struct column *const pair[] = {&label, &text};
	struct sink *sink = NULL;
	int rc = rows_open(ctx, pair, ARRAY_SIZE(pair), &sink);

	for (size_t i = 0; i < n && !rc; i++) {
		const struct value cells[] = {value_str(columns[i]->heading), values[i]};

		if (values[i].s)
			rc = sink_row(sink, cells, &ctx->err);
	}
	return rows_close(ctx, sink, rc);
}

int objects_print(struct context *ctx, const struct column *const *columns, const struct value *values, size_t n,
		  size_t count)
{
	struct sink *sink = NULL;
	int rc = 0;

	if (ctx->output.format == OUT_TABLE) {
		for (size_t i = 0; i < count && !rc; i++)
			rc = print_lines(ctx, columns, &values[i * n], n);
		return rc;
	}
	rc = rows_open(ctx, columns, n, &sink);
	for (size_t i = 0; i < count && !rc; i++)
		rc = sink_row(sink, &values[i * n], &ctx->err);
	return rows_close(ctx, sink, rc);
}

int object_print(struct context *ctx, const struct column *const *columns, const struct value *values, size_t n)
{
	return objects_print(ctx, columns, values, n, 1);
}
