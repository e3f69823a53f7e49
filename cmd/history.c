/* didctl history: what was changed, when, by whom and why; what a number was; how a change ended. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/commands.h"
#include "cmd/common.h"
#include "cmd/options.h"
#include "cmd/resolve.h"

struct history_args {
	const char *since, *until, *actor, *change, *at;
};

static const struct command events_view, row_view;

/* Three listings under one name, each with its own columns. */
static const struct command *view(const struct context *ctx, const void *args)
{
	const struct history_args *own = args;

	if (own->at)
		return &row_view;
	return ctx->operands.n || own->change ? &events_view : &cmd_history;
}

/*
 * A time as the store keeps them, with milliseconds. One that was given in whole seconds means, as an end,
 * all of its last second, or a change would not be part of the second that it happened in.
 */
static int read_time(struct context *ctx, const char *option, const char *text, bool is_end, const char **out)
{
	char seconds[CLOCK_TEXT];
	int64_t ms;
	int rc = clock_parse(&ms, text, &ctx->err);

	if (rc) {
		err_prefix(&ctx->err, "%s: ", option);
		return rc;
	}
	if (is_end && ms % 1000 == 0)
		ms += 999;
	*out = arena_printf(&ctx->arena, "%.19s.%03dZ", clock_format(ms, seconds),
			    (int)((ms % 1000 + 1000) % 1000));
	return 0;
}

/* A change that is not there has no events either, but for another reason. */
static int find_change(struct context *ctx, const char *id)
{
	static const int column = CHANGE_ID;
	const struct query query = {
		.listing = LIST_CHANGES, .columns = &column, .ncolumns = 1, .change_id = id,
	};
	const struct value *row;
	int rc = store_query(ctx->store, &query, &ctx->err);

	if (rc)
		return rc;
	rc = store_next(ctx->store, &row, &ctx->err);
	store_done(ctx->store);
	if (rc == 0)
		return err_set(&ctx->err, ERR_ABSENT, "there is no change '%s'", id);
	return rc < 0 ? rc : 0;
}

/* Events are told in the order of time, forwards or backwards. */
static int order_events(struct context *ctx, struct query *query)
{
	const char *sort = ctx->listing.sort;

	if (!sort)
		return 0;
	query->newest_first = !strcmp(sort, "-at");
	if (!query->newest_first && strcmp(sort, "at") != 0)
		return err_set(&ctx->err, ERR_USAGE,
			       "the history of numbers can be sorted by 'at' or '-at' only");
	ctx->listing.sort = NULL;
	return 0;
}

/* Adds the number of each row that was named by its id: the history is kept by number. */
static int add_rows(struct context *ctx, struct selection *selection)
{
	static const int column = DID_E164;
	const struct selection rows = {.ids = selection->ids, .nids = selection->nids};
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = &column, .ncolumns = 1, .selection = &rows,
	};
	const struct value *row;
	size_t found = 0;
	int rc;

	if (!rows.nids)
		return 0;
	rc = store_query(ctx->store, &query, &ctx->err);
	if (rc)
		return rc;
	while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		struct interval interval = {.count = 1};

		if (!row[0].s || !number_parse_stored(&interval.first, row[0].s, row[0].len, NULL))
			continue;
		rangeset_add(&selection->numbers, interval);
		found++;
	}
	store_done(ctx->store);
	rangeset_normalise(&selection->numbers);
	if (!rc && found < rows.nids)
		rc = err_set(&ctx->err, ERR_ABSENT,
			     "there is no row with such an id, or its number cannot be read");
	return rc;
}

/* The id of a change, which is what the line above it on the screen has, is no number. */
static int refuse_ids(struct context *ctx)
{
	for (size_t i = 0; i < ctx->operands.n; i++) {
		const char *word = ctx->operands.at[i];

		if (!uuid_is_valid(word))
			continue;
		err_set(&ctx->err, ERR_USAGE, "'%s' is the id of a change or a row, not a number", word);
		err_hint(&ctx->err, "of a change: didctl history --change %s; of a row: id:%s", word, word);
		return ERR_USAGE;
	}
	return 0;
}

static int list_events(struct context *ctx, struct query *query, const char *change)
{
	struct selection selection = {0};
	int rc = refuse_ids(ctx);

	if (!rc)
		rc = select_operands(ctx, ctx->operands.at, ctx->operands.n, false, &selection);
	query->listing = LIST_EVENTS;
	query->selection = &selection;
	if (!rc)
		rc = add_rows(ctx, &selection);
	if (!rc)
		rc = order_events(ctx, query);
	if (!rc && change)
		rc = change_read_id(ctx, change, &query->change_id);
	if (!rc && change)
		rc = find_change(ctx, query->change_id);
	if (!rc)
		rc = list_rows(ctx, query);
	selection_release(&selection);
	return rc;
}

static int print_row(struct context *ctx, const struct value row[DID_FIELDS])
{
	struct value values[LISTING_COLUMNS_MAX];
	struct listing_plan plan;
	struct sink *sink = NULL;
	int rc = listing_choose(ctx, &plan);

	if (rc)
		return rc;
	for (size_t i = 0; i < plan.ncolumns; i++)
		values[i] = row[plan.columns[i]];
	rc = listing_open(ctx, &plan, &sink);
	if (!rc)
		rc = sink_row(sink, values, &ctx->err);
	return rows_close(ctx, sink, rc);
}

static int show_at(struct context *ctx, const char *at)
{
	const char *word = ctx->operands.n ? ctx->operands.at[0] : "";
	struct value row[DID_FIELDS] = {0};
	struct selection selection = {0};
	char shown[TEXT_SHOWN];
	const char *time;
	int rc = read_time(ctx, "--at", at, true, &time);

	if (!rc && ctx->operands.n != 1)
		rc = err_set(&ctx->err, ERR_USAGE, "--at is asked of one number at a time");
	if (!rc)
		rc = select_one(ctx, word, &selection);
	if (!rc)
		rc = add_rows(ctx, &selection);
	if (!rc) {
		rc = store_at(ctx->store, &selection, time, row, &ctx->arena, &ctx->err);
		if (rc == 0)
			rc = err_set(&ctx->err, ERR_ABSENT, "'%s' was not in the inventory at %s",
				     text_show(shown, word, strlen(word)), at);
		else if (rc == 1)
			rc = print_row(ctx, row);
	}
	selection_release(&selection);
	return rc;
}

static int run_history(struct context *ctx, void *args)
{
	const struct history_args *own = args;
	struct query query = {.listing = LIST_CHANGES, .actor = own->actor};
	int rc = 0;

	if (own->at)
		return show_at(ctx, own->at);
	if (own->since)
		rc = read_time(ctx, "--since", own->since, false, &query.since);
	if (!rc && own->until)
		rc = read_time(ctx, "--until", own->until, true, &query.until);
	if (rc)
		return rc;
	if (ctx->operands.n || own->change)
		return list_events(ctx, &query, own->change);
	query.newest_first = !ctx->listing.sort;
	rc = list_rows(ctx, &query);
	return rc ? rc : tell_half_done(ctx);
}

static const struct option history_options[] = {
	{.name = "since", OPT_STRING(struct history_args, since), .metavar = "TIME",
	 .help = "changes at or after a time: RFC 3339 such as 2026-11-21T10:00:00Z, a date (00:00:00 UTC), or an "
		 "age such as 10m, 36h or 7d"},
	{.name = "until", OPT_STRING(struct history_args, until), .metavar = "TIME",
	 .help = "changes at or before a time; one in whole seconds includes that second"},
	{.name = "actor", OPT_STRING(struct history_args, actor), .metavar = "NAME",
	 .help = "changes of one actor"},
	{.name = "change", OPT_STRING(struct history_args, change), .metavar = "ID",
	 .complete = COMPLETE_CHANGE, .help = "what one change did to its numbers"},
	{.name = "at", OPT_STRING(struct history_args, at), .metavar = "TIME",
	 .excludes = "since,until,actor,change",
	 .help = "one number as it was at a time, as for --until, in the columns of 'pool list'"},
};

static const struct command *const subcommands[] = {&history_resolve, NULL};

static const struct command events_view = {
	.name = "history",
	.columns = event_columns,
	.ncolumns = EVENT_FIELDS,
	.default_columns = "number,at,actor,verb,before,after,change_id",
	.flags = COMMAND_READS,
	.run = run_history,
};

static const struct command row_view = {
	.name = "history",
	.columns = did_columns,
	.ncolumns = DID_FIELDS,
	.default_columns = DID_DEFAULT_COLUMNS,
	.flags = COMMAND_READS,
	.run = run_history,
};

static const struct example history_examples[] = {
	{"didctl history --since 7d --limit 20", "Lists the last 20 changes of a week, the newest first."},
	{"didctl history 918065978002", "Lists what was changed about a number, the oldest first."},
	{"didctl history --at 2026-11-01 918065978002 -c number,state,org",
	 "Tells who held a number at a time."},
	{0},
};

const struct command cmd_history = {
	.name = "history",
	.summary = "list changes, and what they did to numbers",
	.about = "Without NUMBERS it lists changes, the newest first. With NUMBERS or --change it lists "
		 "what was done to each number, the oldest first, as the columns that changed with what "
		 "they held before and after; --list-columns then names other columns. With --at it shows "
		 "a number as it was, and exits with 3 if it was not there. Changes that other programs "
		 "made are noticed, and recorded with the verb 'external', when didctl next changes the "
		 "number.",
	.args = {{.metavar = "NUMBERS", .complete = COMPLETE_NUMBER,
		  .help = "numbers, ranges, id:UUID, @FILE or '-'; all changes without any"}},
	.options = history_options,
	.noptions = ARRAY_SIZE(history_options),
	.groups = groups_list,
	.columns = change_columns,
	.ncolumns = CHANGE_FIELDS,
	.default_columns = "change_id,at,actor,verb,count,numbers,reason,undo_of",
	.view = view,
	.subcommands = subcommands,
	.flags = COMMAND_READS,
	.args_size = sizeof(struct history_args),
	.run = run_history,
	.examples = history_examples,
};
