/* Listings: columns, order and limit as they were asked for, rows from the store to a sink. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cmd/common.h"
#include "cmd/message.h"
#include "cmd/progress.h"

#define ROWS_A_LOOK 4096 /* rows between two looks at the clock */

const struct command *current_command(const struct context *ctx)
{
	return command_of(&ctx->path);
}

int check_interrupt(struct context *ctx)
{
	return interrupt_pending() ? err_set(&ctx->err, ERR_INTERRUPTED, "interrupted") : 0;
}

/* The column of this key (len bytes), or an error. */
static int find_column(struct context *ctx, const char *key, size_t len)
{
	const struct command *cmd = current_command(ctx);
	const char *name = arena_strndup(&ctx->arena, key, len);
	int column = column_find(cmd->columns, cmd->ncolumns, name);
	const char *keys[LISTING_COLUMNS_MAX];
	const char *near;
	char shown[TEXT_SHOWN];
	size_t n = 0;

	if (column >= 0)
		return column;
	for (; n < cmd->ncolumns && n < ARRAY_SIZE(keys); n++)
		keys[n] = cmd->columns[n].key;
	near = nearest_word(name, keys, n);
	err_set(&ctx->err, ERR_USAGE, "there is no column '%s'", text_show(shown, key, len));
	if (near)
		err_hint(&ctx->err, "did you mean '%s'? --list-columns names them all", near);
	else
		err_hint(&ctx->err, "--list-columns names them all");
	return ERR_USAGE;
}

/* Twice the same column would be twice the same key in JSON. */
static void add_column(struct listing_plan *plan, int column)
{
	for (size_t i = 0; i < plan->ncolumns; i++)
		if (plan->columns[i] == column)
			return;
	if (plan->ncolumns < LISTING_COLUMNS_MAX)
		plan->columns[plan->ncolumns++] = column;
}

static int choose_columns(struct context *ctx, const char *list, struct listing_plan *out)
{
	const struct command *cmd = current_command(ctx);
	const char *end;

	if (!strcmp(list, "all")) {
		for (size_t i = 0; i < cmd->ncolumns; i++)
			add_column(out, (int)i);
		return 0;
	}
	if (*list == '+') {
		int rc = choose_columns(ctx, cmd->default_columns, out);

		if (rc)
			return rc;
	}
	for (;; list = end + 1) {
		int column;

		list += *list == '+';
		end = strchrnul(list, ',');
		column = find_column(ctx, list, (size_t)(end - list));
		if (column < 0)
			return column;
		add_column(out, column);
		if (!*end)
			return 0;
	}
}

static int choose_sort(struct context *ctx, const char *list, struct listing_plan *out)
{
	const char *end;

	for (;; list = end + 1) {
		bool is_descending = *list == '-';
		int column;

		list += is_descending;
		end = strchrnul(list, ',');
		column = find_column(ctx, list, (size_t)(end - list));
		if (column < 0)
			return column;
		if (out->nsort == LISTING_SORT_MAX)
			return err_set(&ctx->err, ERR_USAGE, "--sort takes up to %d columns",
				       LISTING_SORT_MAX);
		out->sort[out->nsort++] = (struct sort_key){column, is_descending};
		if (!*end)
			return 0;
	}
}

int listing_choose(struct context *ctx, struct listing_plan *out)
{
	const char *columns = ctx->listing.columns;
	int rc;

	*out = (struct listing_plan){0};
	rc = choose_columns(ctx, columns ? columns : current_command(ctx)->default_columns, out);
	if (rc || !ctx->listing.sort)
		return rc;
	out->is_unsorted = strcmp(ctx->listing.sort, "none") == 0;
	return out->is_unsorted ? 0 : choose_sort(ctx, ctx->listing.sort, out);
}

int rows_open(struct context *ctx, const struct column *const *columns, size_t n, struct sink **out)
{
	const struct out_options options = {
		.format = (enum out_format)ctx->output.format,
		.no_header = ctx->output.no_header,
		.raw_csv = ctx->output.raw_csv,
		.colour = want_colour(ctx, STDOUT_FILENO),
		.width = terminal_width(STDOUT_FILENO),
	};

	return sink_open(out, STDOUT_FILENO, &options, columns, n, &ctx->err);
}

int rows_close(struct context *ctx, struct sink *sink, int rc)
{
	struct err err = {0};
	int closed = sink_close(sink, &err);

	if (rc || !closed)
		return rc;
	ctx->err = err;
	return closed;
}

int listing_open(struct context *ctx, const struct listing_plan *plan, struct sink **out)
{
	const struct command *cmd = current_command(ctx);
	const struct column **columns = arena_alloc(&ctx->arena, plan->ncolumns * sizeof(*columns));

	for (size_t i = 0; i < plan->ncolumns; i++)
		columns[i] = &cmd->columns[plan->columns[i]];
	return rows_open(ctx, columns, plan->ncolumns, out);
}

/* A query for the chosen columns, and how to turn its rows into the command's. */
struct lister {
	struct context *ctx;
	const struct listing_plan *plan;
	const struct column_source *sources; /* NULL: the command's table is the listing's */
	int columns[LISTING_COLUMNS_MAX];
	struct sort_key sort[LISTING_SORT_MAX];
	uint64_t printed; /* rows */
	struct progress_line line;
	struct progress *progress; /* the line's, where one is wanted */
};

static void fill_query(struct lister *lister, struct query *query)
{
	const struct listing_plan *plan = lister->plan;
	const struct column_source *sources = lister->sources;

	for (size_t i = 0; i < plan->ncolumns; i++)
		lister->columns[i] = sources ? sources[plan->columns[i]].column : plan->columns[i];
	for (size_t i = 0; i < plan->nsort; i++) {
		struct sort_key key = plan->sort[i];

		lister->sort[i] = key;
		if (sources) {
			lister->sort[i].column = sources[key.column].column;
			lister->sort[i].is_descending = key.is_descending != sources[key.column].is_reversed;
		}
	}
	query->columns = lister->columns;
	query->ncolumns = plan->ncolumns;
	query->nsort = plan->nsort;
	if (query->listing == LIST_NUMBERS && !plan->nsort && !plan->is_unsorted)
		lister->sort[query->nsort++] = (struct sort_key){DID_NUMBER, false};
	if (query->nsort)
		query->sort = lister->sort;
	/* One more than is printed tells whether there were more. */
	query->limit = lister->ctx->listing.limit_given ? (uint64_t)lister->ctx->listing.limit + 1 : 0;
}

static int put_row(const struct lister *lister, const struct value *row, struct sink *sink)
{
	const struct listing_plan *plan = lister->plan;
	char texts[LISTING_COLUMNS_MAX][DERIVED_TEXT];
	struct value values[LISTING_COLUMNS_MAX];

	if (!lister->sources)
		return sink_row(sink, row, &lister->ctx->err);
	for (size_t i = 0; i < plan->ncolumns; i++) {
		const struct column_source *source = &lister->sources[plan->columns[i]];

		values[i] = source->derive ? source->derive(lister->ctx, row[i], texts[i]) : row[i];
	}
	return sink_row(sink, values, &lister->ctx->err);
}

/* Whatever reads a pipe may be writing on the same terminal. */
static bool is_file(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

static int put_rows(struct lister *lister, struct sink *sink)
{
	struct context *ctx = lister->ctx;
	uint64_t limit = ctx->listing.limit_given ? (uint64_t)ctx->listing.limit : UINT64_MAX;
	const struct value *row;
	uint64_t n = 0;
	int rc;

	while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		if (n % ROWS_A_LOOK == 0)
			progress_step(lister->progress, "rows", n, 0);
		if (n++ == limit) {
			progress_end(&lister->line);
			note(ctx, "more rows: --limit %lld reached", ctx->listing.limit);
			return 0;
		}
		rc = put_row(lister, row, sink);
		lister->printed += !rc;
		if (!rc)
			rc = check_interrupt(ctx);
		if (rc)
			return rc;
	}
	return rc;
}

int list_rows_counted(struct context *ctx, struct query *query, const struct column_source *sources, uint64_t *printed)
{
	struct listing_plan plan;
	struct lister lister = {.ctx = ctx, .plan = &plan, .sources = sources};
	struct sink *sink = NULL;
	int rc = listing_choose(ctx, &plan);

	if (rc)
		return rc;
	fill_query(&lister, query);
	rc = store_query(ctx->store, query, &ctx->err);
	if (rc)
		return rc;
	rc = listing_open(ctx, &plan, &sink);
	lister.progress = is_file(STDOUT_FILENO) ? progress_start(&lister.line, ctx) : NULL;
	if (!rc)
		rc = put_rows(&lister, sink);
	progress_end(&lister.line);
	store_done(ctx->store);
	*printed = lister.printed;
	return rows_close(ctx, sink, rc);
}

int list_rows_from(struct context *ctx, struct query *query, const struct column_source *sources)
{
	uint64_t printed = 0;

	return list_rows_counted(ctx, query, sources, &printed);
}

int list_rows(struct context *ctx, struct query *query)
{
	return list_rows_from(ctx, query, NULL);
}
