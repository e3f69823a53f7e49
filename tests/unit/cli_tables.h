/* A small tool with every type of option and operand, for the tests of lib/cli. */
#ifndef DIDCTL_TEST_CLI_TABLES_H
#define DIDCTL_TEST_CLI_TABLES_H

#include "base/mem.h"
#include "cli/parse.h"

struct context;

struct shared {
	bool help, version, quiet, verbose, list_columns;
	const char *target;
};

struct own {
	bool all, progress, limit_given;
	const char *text, *note;
	long long limit;
	int format;
	struct strlist tags;
};

static int run_nothing(struct context *ctx, void *args)
{
	(void)ctx;
	(void)args;
	return 0;
}

static const char *const formats[] = {"table", "json", NULL};
static const char *const switches[] = {"on", "off", NULL};

static const struct option shared_options[] = {
	{.name = "help", .short_name = 'h', OPT_FLAG(struct shared, help), .help = "explain"},
	{.name = "version", .short_name = 'V', OPT_FLAG(struct shared, version), .help = "print the version"},
	{.name = "quiet", .short_name = 'q', OPT_FLAG(struct shared, quiet), .help = "say less"},
	{.name = "verbose", .short_name = 'v', OPT_FLAG(struct shared, verbose), .excludes = "quiet",
	 .help = "say more"},
	{.name = "target", .short_name = 't', OPT_STRING(struct shared, target), .metavar = "URL",
	 .is_context = true, .help = "where"},
};

static const struct option own_options[] = {
	{.name = "all", .short_name = 'a', OPT_FLAG(struct own, all), .help = "all of them"},
	{.name = "progress", OPT_FLAG(struct own, progress), .help = "show how far it is"},
	{.name = "no-progress", OPT_NEGATE(struct own, progress), .help = "do not"},
	{.name = "text", OPT_STRING(struct own, text), .metavar = "TEXT", .help = "it's a text"},
	{.name = "note", OPT_STRING(struct own, note), .metavar = "TEXT", .may_be_empty = true,
	 .help = "a note"},
	{.name = "limit", .short_name = 'l', OPT_COUNT(struct own, limit, 1, 100),
	 OPT_GIVEN(struct own, limit_given), .metavar = "N", .help = "at most so many"},
	{.name = "format", .short_name = 'o', OPT_CHOICE(struct own, format, formats), .metavar = "FORMAT",
	 .complete = COMPLETE_CHOICES, .help = "how rows are written"},
	{.name = "tag", OPT_LIST(struct own, tags), .metavar = "TAG", .complete = COMPLETE_TAG,
	 .help = "with a tag"},
};

static const struct option columns_options[] = {
	{.name = "list-columns", OPT_FLAG(struct shared, list_columns), .help = "print the columns"},
};

static const struct option_group shared_group = {
	"Shared options", 1, shared_options, ARRAY_SIZE(shared_options)};
static const struct option_group columns_group = {
	"Listing options", 1, columns_options, ARRAY_SIZE(columns_options)};
static const struct option_group *const shared_groups[] = {&shared_group, NULL};
static const struct option_group *const listing_groups[] = {&columns_group, &shared_group, NULL};

static const struct column some_columns[] = {
	{"number", "NUMBER", "The number", COL_NUMBER},
	{"price", "PRICE", "What it costs", COL_PRICE},
};

static const struct example list_examples[] = {
	{"didctl pool list --limit 3", "Lists three."},
	{0},
};

static const struct command cmd_list = {
	.name = "list",
	.summary = "list numbers",
	.about = "Lists them. In order.\n\n  a line of its own",
	.args = {{.metavar = "NUMBERS", .help = "the numbers", .complete = COMPLETE_NUMBER}},
	.options = own_options,
	.noptions = ARRAY_SIZE(own_options),
	.groups = listing_groups,
	.columns = some_columns,
	.ncolumns = ARRAY_SIZE(some_columns),
	.default_columns = "number",
	.flags = COMMAND_READS,
	.args_size = sizeof(struct own),
	.run = run_nothing,
	.examples = list_examples,
};

static const struct synonym mark_synonyms[] = {{"at", "target"}, {0}};

static const struct command cmd_mark = {
	.name = "mark",
	.summary = "mark numbers",
	.args = {{.metavar = "SWITCH", .help = "on or off", .min = 1, .max = 1, .complete = COMPLETE_CHOICES,
		  .choices = switches},
		 {.metavar = "NUMBERS", .help = "the numbers", .min = 1, .complete = COMPLETE_NUMBER},
		 {.metavar = "ORG", .help = "the organisation", .min = 1, .max = 1, .complete = COMPLETE_ORG}},
	.groups = shared_groups,
	.flags = COMMAND_WRITES,
	.run = run_nothing,
	.synonyms = mark_synonyms,
};

static const struct command *const pool_commands[] = {&cmd_list, &cmd_mark, NULL};

static const struct command cmd_pool = {
	.name = "pool", .summary = "numbers", .groups = shared_groups, .subcommands = pool_commands,
};

static const struct command cmd_resolve = {
	.name = "resolve", .summary = "tell how it ended", .groups = shared_groups, .flags = COMMAND_READS,
	.args = {{.metavar = "ID", .help = "the change", .min = 1, .max = 1, .complete = COMPLETE_CHANGE,
		  .listed_by = "didctl history"}}, .run = run_nothing,
};

static const struct command *const history_commands[] = {&cmd_resolve, NULL};

static const struct command cmd_history = {
	.name = "history", .summary = "what was changed", .groups = shared_groups,
	.subcommands = history_commands,
	.args = {{.metavar = "NUMBERS", .help = "the numbers", .complete = COMPLETE_NUMBER}}, .flags = COMMAND_READS,
	.run = run_nothing,
};

static const struct command cmd_secret = {
	.name = "__secret", .summary = "not shown", .groups = shared_groups,
	.flags = COMMAND_OFFLINE | COMMAND_HIDDEN,
	.args = {{.metavar = "WORDS", .help = "what is asked"}}, .run = run_nothing,
};

static const struct command *const tool_commands[] = {&cmd_secret, &cmd_history, &cmd_pool, NULL};

static const struct command tool = {
	.name = "didctl", .summary = "a tool", .groups = shared_groups, .subcommands = tool_commands,
};

#endif
