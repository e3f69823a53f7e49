/* didctl init: makes what the target lacks. */
#include "cmd/commands.h"
#include "cmd/common.h"
#include "cmd/options.h"

#define DEMO_COUNTRY "IN" /* of the demo's numbers */

struct init_args {
	int country;
	bool country_given, demo, check, dry_run, yes;
};

/* Those of country_list(), one by one. */
static const char *const countries[] = {"IN", "US", "CA", "ZZ", NULL};

static const char *choose_country(const struct context *ctx, const struct init_args *args)
{
	if (args->country_given)
		return countries[args->country];
	if (!args->demo || ctx->country)
		return NULL;
	if (!args->check && !args->dry_run)
		note(ctx, "no country is set: the inventory gets the demo's, " DEMO_COUNTRY);
	return DEMO_COUNTRY;
}

static int end_check(struct context *ctx, const struct init_report *report)
{
	if (!report->is_complete)
		return err_set(&ctx->err, ERR_ABSENT, "something is missing: didctl init makes it");
	note(ctx, "nothing is missing");
	return 0;
}

static void end_init(const struct context *ctx, const struct init_args *args, const struct init_report *report)
{
	if (!report->lines.n)
		note(ctx, "nothing to do");
	if (args->dry_run)
		note(ctx, "dry run: nothing was written");
	if (!store_country(ctx->store) && !args->dry_run)
		note(ctx, "no country is set, so national numbers are not read: init --country CC (%s)",
		     country_list());
}

static int run(struct context *ctx, void *args)
{
	const struct init_args *own = args;
	const struct init_options options = {
		.country = choose_country(ctx, own), .demo = own->demo, .check = own->check || own->dry_run,
	};
	struct init_report report = {0};
	int rc = store_init(ctx->store, &options, &report, &ctx->err);

	for (size_t i = 0; i < report.lines.n; i++)
		note(ctx, "%s", report.lines.at[i]);
	if (!rc && own->check)
		rc = end_check(ctx, &report);
	else if (!rc)
		end_init(ctx, own, &report);
	strlist_release(&report.lines);
	arena_release(&report.arena);
	return rc;
}

static const struct option options[] = {
	{.name = "country", OPT_CHOICE(struct init_args, country, countries), .metavar = "CC",
	 OPT_GIVEN(struct init_args, country_given), .complete = COMPLETE_CHOICES,
	 .help = "the country whose national numbers are understood (ZZ: of none)"},
	{.name = "demo", OPT_FLAG(struct init_args, demo),
	 .help = "add 30 numbers and two organisations to try things on"},
	{.name = "check", OPT_FLAG(struct init_args, check), .excludes = "dry-run",
	 .help = "make nothing; list what is missing, and exit with 3 if anything is"},
	{.name = "dry-run", .short_name = 'n', OPT_FLAG(struct init_args, dry_run),
	 .help = "make nothing; list what is missing, and exit as the real one would"},
	{.name = "yes", .short_name = 'y', OPT_FLAG(struct init_args, yes),
	 .help = "do not ask, for scripts that say it to every command: nothing is asked without it either"},
};

static const struct option_group *const groups[] = {&group_target, &group_global, NULL};

static const struct example examples[] = {
	{"didctl -t sqlite:inventory.db init --country IN --demo",
	 "Makes an inventory in a file, to try things on."},
	{"didctl init --check", "Tells whether the target has all that didctl needs."},
	{0},
};

/* --check and --dry-run open the target for reading, and leave no file where there was none. */
static const struct command init_check = {
	.name = "init",
	.summary = "tell what the target lacks",
	.flags = COMMAND_READS | COMMAND_CREATES,
	.run = run,
};

static const struct command *view(const struct context *ctx, const void *args)
{
	const struct init_args *own = args;

	(void)ctx;
	return own->check || own->dry_run ? &init_check : &cmd_init;
}

const struct command cmd_init = {
	.name = "init",
	.summary = "prepare a target: make the tables that it lacks",
	.about = "Makes didctl's own tables. The PBX's tables are never altered; on SQLite they are made "
		 "where there are none. What is there stays as it is, so it may be run again. It never "
		 "asks.",
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.groups = groups,
	.flags = COMMAND_WRITES | COMMAND_CREATES,
	.args_size = sizeof(struct init_args),
	.run = run,
	.view = view,
	.examples = examples,
};
