/* How a change ended, and how to go on or back where it is half done. */
#include "cmd/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/message.h"
#include "cmd/options.h"
#include "did/runs.h"

enum { HALF_ID, HALF_VERB, HALF_PROGRESS, HALF_COUNT };

/* What was begun in pieces, or broken off through an API, and is neither complete nor undone. Ends with store_done. */
static int query_half_done(struct context *ctx)
{
	static const int columns[] = {CHANGE_ID, CHANGE_VERB, CHANGE_PROGRESS, CHANGE_COUNT};
	const struct query query = {
		.listing = LIST_CHANGES, .columns = columns, .ncolumns = ARRAY_SIZE(columns), .is_half_done = true,
	};

	return store_query(ctx->store, &query, &ctx->err);
}

/* The two ways on, to be typed as they stand. */
static const char *ways_on(struct context *ctx, const struct value *row)
{
	char option[RUNS_OPTION];

	return arena_printf(&ctx->arena, "the same command with --change-id %s goes on, didctl undo %s%s takes it back", row[HALF_ID].s,
			    row[HALF_ID].s, runs_undo_option(option, row[HALF_COUNT].s ? strtoull(row[HALF_COUNT].s, NULL, 10) : 0));
}

int tell_half_done(struct context *ctx)
{
	const struct value *row;
	int rc = query_half_done(ctx);

	if (rc)
		return rc;
	while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1)
		note(ctx, "half done: change %s, %s, %s numbers: %s", row[HALF_ID].s, row[HALF_VERB].s, row[HALF_PROGRESS].s,
		     ways_on(ctx, row));
	store_done(ctx->store);
	return rc;
}

enum { RESOLVE_ID, RESOLVE_OUTCOME, RESOLVE_FIELDS };

static const struct outcome_info {
	const char *name;
	int rc;
	const char *says;
} outcomes[] = {
	[OUTCOME_COMMITTED] = {"committed", 0, "was committed"},
	[OUTCOME_NOT_THERE] = {"not-there", ERR_ABSENT, "is not there: nothing was changed"},
	[OUTCOME_OPEN] = {"open", ERR_UNKNOWN, "is still open: ask again"},
	[OUTCOME_PARTLY] = {"partly", ERR_PARTIAL, "was broken off and is done in part"},
};

/* Of a change that was broken off: how far it came and the ways on, or that somebody has undone it. */
static int tell_partly(struct context *ctx, const char *id)
{
	const char *ways = "what was done has been taken back since", *progress = NULL;
	const struct value *row;
	int rc = query_half_done(ctx);

	if (rc)
		return rc;
	while (!progress && (rc = store_next(ctx->store, &row, &ctx->err)) == 1)
		if (strcmp(row[HALF_ID].s, id) == 0) {
			progress = arena_strdup(&ctx->arena, row[HALF_PROGRESS].s);
			ways = ways_on(ctx, row);
		}
	store_done(ctx->store);
	if (rc >= 0)
		printf("change %s %s%s%s: %s\n", id, outcomes[OUTCOME_PARTLY].says, progress ? ", " : "", progress ? progress : "",
		       ways);
	return rc < 0 ? rc : 0;
}

/* One object, not an array of one: there is one answer. */
static int print_outcome(struct context *ctx, const char *id, const struct outcome_info *outcome)
{
	static const struct column id_column = {"change_id", "Change", "identifier of the change", COL_ID};
	static const struct column outcome_column = {"outcome", "Outcome", "how it ended", COL_ID};
	const struct column *const columns[RESOLVE_FIELDS] = {&id_column, &outcome_column};
	const struct value row[RESOLVE_FIELDS] = {value_str(id), value_str(outcome->name)};
	struct sink *sink = NULL;
	int rc;

	if (ctx->output.format == OUT_TABLE && outcome == &outcomes[OUTCOME_PARTLY])
		return tell_partly(ctx, id);
	if (ctx->output.format == OUT_TABLE) {
		printf("change %s %s\n", id, outcome->says);
		return 0;
	}
	if (ctx->output.format == OUT_JSON)
		ctx->output.format = OUT_NDJSON;
	rc = rows_open(ctx, columns, RESOLVE_FIELDS, &sink);
	if (!rc)
		rc = sink_row(sink, row, &ctx->err);
	return rows_close(ctx, sink, rc);
}

static int run_resolve(struct context *ctx, void *args)
{
	enum outcome outcome;
	const char *id;
	int rc = change_read_id(ctx, ctx->operands.at[0], &id);

	(void)args;
	if (!rc)
		rc = store_resolve(ctx->store, id, &outcome, &ctx->err);
	if (!rc)
		rc = print_outcome(ctx, id, &outcomes[outcome]);
	return rc ? rc : outcomes[outcome].rc;
}

static const struct example resolve_examples[] = {
	{"didctl history resolve 019aa7c2-5b1e-7c3d-9e4f-2a6b8c0d1e2f",
	 "Tells how a change ended whose answer was lost."},
	{0},
};

const struct command history_resolve = {
	.name = "resolve",
	.summary = "tell whether a change took place",
	.about = "For a change that ended with exit code 7: the connection was lost, or the disk failed, while it was "
		 "being committed. Exits with 0 if it was committed, with 3 if it is not there, with 7 while it "
		 "is still open, and with 5 if it was broken off, in pieces or through a REST API, and is done in "
		 "part: then it says how far, and how to go on or back. To know that a change is not there, and "
		 "will not come any more, it writes the id: that wants the rights of a change.",
	.args = {{.metavar = "ID", .min = 1, .max = 1, .complete = COMPLETE_CHANGE,
		  .help = "the id of the change, as it was printed before it began", .listed_by = "didctl history"}},
	.groups = groups_show,
	.flags = COMMAND_WRITES, /* a change in flight is found by waiting for its row */
	.run = run_resolve,
	.examples = resolve_examples,
};
