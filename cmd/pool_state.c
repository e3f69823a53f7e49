/* pool mark, request, approve, reject and sweep: steps in the life of a number that have no verb of their
 * own. */
#include "base/clock.h"
#include "cmd/common.h"
#include "cmd/fields.h"
#include "cmd/options.h"
#include "cmd/pool.h"

#define DAY_MS INT64_C(86400000)

struct mark_args {
	long long days;
	const char *until, *then;
	bool days_given, override_hold;
};

/* Our words, then those of other systems that an operator may be used to. */
static const char *const mark_names[] = {"available", "assigned", "blocked",  "on-hold", "reserved",
					 "archived",  "ported",	  "in-stock", "active",	 "block",
					 "hold",      "archive",  NULL};

static int parse_state(struct context *ctx, const char *word, struct change *change)
{
	int state = state_find(word, NULL);

	if (state < 0)
		return err_set(&ctx->err, ERR_USAGE, "'%s' is no state", word);
	change->to = (enum did_state)state;
	return 0;
}

static int set_hold(struct context *ctx, const struct mark_args *args, struct change *change)
{
	int64_t until = change->now_ms + args->days * DAY_MS;
	int rc;

	if (args->until) {
		rc = clock_parse_date(&until, args->until, &ctx->err);
		if (rc)
			return err_prefix(&ctx->err, "--until: ");
		if (until <= change->now_ms)
			return err_set(&ctx->err, ERR_USAGE, "--until: '%s' is not in the future",
				       args->until);
	} else if (!args->days_given) {
		return err_set(&ctx->err, ERR_USAGE, "'pool mark on-hold' needs --for DAYS or --until DATE");
	}
	change->hold_until = time_text(ctx, until);
	return 0;
}

static int set_mark(struct context *ctx, const struct mark_args *args, struct change *change)
{
	static const struct field_option then[] = {
		{offsetof(struct mark_args, then), "--then", DID_AFTER_HOLD, check_rest_state},
	};

	change->override_hold = args->override_hold;
	if (args->override_hold && !change->reason)
		return err_set(&ctx->err, ERR_USAGE, "--override-hold needs --reason TEXT");
	if (change->to == STATE_ON_HOLD) {
		int rc = set_hold(ctx, args, change);

		return rc ? rc : fields_set(ctx, change, args, then, ARRAY_SIZE(then), false);
	}
	if (args->days_given || args->until || args->then)
		return err_set(&ctx->err, ERR_USAGE, "--for, --until and --then go with 'pool mark on-hold' "
						     "only");
	return 0;
}

static int run_mark(struct context *ctx, void *args)
{
	struct change change;
	int rc = change_begin(ctx, &change, VERB_MARK);

	if (!rc)
		rc = parse_state(ctx, ctx->operands.at[0], &change);
	if (!rc)
		rc = set_mark(ctx, args, &change);
	if (!rc)
		rc = change_select(ctx, &change, ctx->operands.at + 1, ctx->operands.n - 1);
	return change_end(ctx, &change, rc);
}

static const struct option mark_options[] = {
	{.name = "for", OPT_COUNT(struct mark_args, days, 0, DAYS_MAX), .metavar = "DAYS",
	 OPT_GIVEN(struct mark_args, days_given), .excludes = "until",
	 .help = "on-hold: how many days from now"},
	{.name = "until", OPT_STRING(struct mark_args, until), .metavar = "DATE",
	 .help = "on-hold: until this day, such as 2027-01-31, at 00:00 UTC"},
	{.name = "then", OPT_STRING(struct mark_args, then), .metavar = "STATE", .choices = rest_state_names,
	 .complete = COMPLETE_CHOICES, .help = "on-hold: the state after it"},
	{.name = "override-hold", OPT_FLAG(struct mark_args, override_hold),
	 .help = "end a hold before its day; needs --reason"},
};

static const struct example mark_examples[] = {
	{"didctl pool mark blocked 918065978002 --yes --reason 'unpaid'", "Stops a number's calls; its owner "
									  "stays."},
	{"didctl pool mark on-hold 918065978016 --for 30 --then reserved --yes", "Keeps a number back for 30 "
										 "days."},
	{0},
};

const struct command pool_mark = {
	.name = "mark",
	.summary = "put numbers into another state",
	.about = "For the steps that have no verb of their own: assigned to blocked and back; available, "
		 "reserved and archived to each other; available or reserved to on-hold; on-hold to "
		 "available, reserved or archived before its day; and to ported.",
	.args = {{.metavar = "STATE", .help = "the state to put them into", .min = 1, .max = 1,
		  .choices = mark_names,
		  .complete = COMPLETE_STATE},
		 NUMBERS_TO_CHANGE},
	.options = mark_options,
	.noptions = ARRAY_SIZE(mark_options),
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct mark_args),
	.run = run_mark,
	.examples = mark_examples,
};

static int run_request(struct context *ctx, void *args)
{
	struct change change;
	int rc = change_begin(ctx, &change, VERB_REQUEST);

	(void)args;
	change.org_text = ctx->operands.at[ctx->operands.n - 1];
	if (!rc)
		rc = change_select(ctx, &change, ctx->operands.at, ctx->operands.n - 1);
	return change_end(ctx, &change, rc);
}

static const struct example request_examples[] = {
	{"didctl pool request 918065978019 ACME", "Asks for a number on behalf of an organisation."},
	{0},
};

const struct command pool_request = {
	.name = "request",
	.summary = "ask for available numbers on behalf of an organisation",
	.about = "The numbers are pending until 'pool approve' or 'pool reject' answers, or 'pool sweep' "
		 "gives up waiting.",
	.args = {NUMBERS_TO_CHANGE,
		 ONE_ORG},
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.run = run_request,
	.examples = request_examples,
};

static int run_approve(struct context *ctx, void *args)
{
	(void)args;
	return change_numbers(ctx, VERB_APPROVE);
}

static int run_reject(struct context *ctx, void *args)
{
	(void)args;
	return change_numbers(ctx, VERB_REJECT);
}

static const struct example approve_examples[] = {
	{"didctl pool approve 918065978020", "Assigns a number to who asked for it."},
	{0},
};

const struct command pool_approve = {
	.name = "approve",
	.summary = "assign requested numbers to the organisations that asked for them",
	.args = {NUMBERS_TO_CHANGE},
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.run = run_approve,
	.examples = approve_examples,
};

static const struct example reject_examples[] = {
	{"didctl pool reject 918065978020 --reason 'no contract'", "Makes a requested number available "
								   "again."},
	{0},
};

const struct command pool_reject = {
	.name = "reject",
	.summary = "make requested numbers available again",
	.args = {NUMBERS_TO_CHANGE},
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.run = run_reject,
	.examples = reject_examples,
};

struct sweep_args {
	long long pending_days;
	bool pending_days_given;
};

/* The numbers that are due, as a filter: what is due is for the target to say. */
static void select_due(struct context *ctx, const struct sweep_args *args, struct change *change)
{
	const char *setting = conf_get(ctx->conf, SET_PENDING_DAYS, NULL);
	struct filter *due = selection_add_filter(&change->selection, FILTER_DUE, DID_HOLD_UNTIL);
	int64_t days = args->pending_days;

	filter_add_value(due, time_text(ctx, change->now_ms));
	if (!args->pending_days_given && !setting)
		return;
	if (!args->pending_days_given)
		days = days_parse(setting);
	change->pending_before = time_text(ctx, change->now_ms - days * DAY_MS);
	filter_add_value(due, change->pending_before);
}

/* Where it cannot be told, the sweep tells. */
static bool is_any_due(struct context *ctx, const struct change *change)
{
	static const int column = DID_NUMBER;
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = &column, .ncolumns = 1, .selection = &change->selection, .limit = 1,
	};
	struct err ignored = {0};
	const struct value *row;
	bool is_due = store_query(ctx->store, &query, &ignored) || store_next(ctx->store, &row, &ignored);

	store_done(ctx->store);
	return is_due;
}

static int run_sweep(struct context *ctx, void *args)
{
	struct change change;
	int rc = change_begin(ctx, &change, VERB_SWEEP);

	if (!rc) {
		select_due(ctx, args, &change);
		change.is_idle = !change.id_given && !is_any_due(ctx, &change);
	}
	return change_end(ctx, &change, rc);
}

static const struct option sweep_options[] = {
	{.name = "pending-days", OPT_COUNT(struct sweep_args, pending_days, 0, DAYS_MAX), .metavar = "N",
	 OPT_GIVEN(struct sweep_args, pending_days_given),
	 .help = "return requests older than so many days; unless given, the setting pending-days"},
};

static const struct example sweep_examples[] = {
	{"didctl pool sweep -q", "Ends what is due, from cron."},
	{0},
};

const struct command pool_sweep = {
	.name = "sweep",
	.summary = "end holds that are due and return stale requests",
	.about = "Numbers whose hold has ended take the state that was said for then; numbers that were "
		 "requested too long ago are available again. Made for cron: it never asks, and a second run "
		 "changes nothing.",
	.options = sweep_options,
	.noptions = ARRAY_SIZE(sweep_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct sweep_args),
	.run = run_sweep,
	.examples = sweep_examples,
};
