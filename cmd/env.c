/* didctl env: which environment a number's calls land in. */
#include "cmd/env.h"

#include "cmd/commands.h"
#include "cmd/common.h"
#include "cmd/fields.h"
#include "cmd/options.h"

static int run_show(struct context *ctx, void *args)
{
	static const int keys[] = {DID_ENV, DID_STATE};
	struct selection selection = {0};
	int rc = select_operands(ctx, ctx->operands.at, ctx->operands.n, true, &selection);

	(void)args;
	if (!rc)
		rc = list_groups(ctx, &selection, keys, ARRAY_SIZE(keys));
	selection_release(&selection);
	return rc;
}

static int run_set(struct context *ctx, void *args)
{
	const char *env;
	struct change change;
	int rc = change_begin(ctx, &change, VERB_ENV_SET);

	(void)args;
	if (!rc)
		rc = check_env(ctx, "ENV", ctx->operands.at[0], &env);
	if (!rc) {
		fields_put(&change, DID_ENV, env);
		rc = change_select(ctx, &change, ctx->operands.at + 1, ctx->operands.n - 1);
	}
	return change_end(ctx, &change, rc);
}

static const struct example show_examples[] = {
	{"didctl env show", "Counts the numbers by environment and state."},
	{0},
};

static const struct command env_show = {
	.name = "show",
	.summary = "count numbers by environment and state",
	.args = {{.metavar = "NUMBERS", .help = "the numbers to count; all of them without any",
		  .complete = COMPLETE_NUMBER}},
	.groups = groups_show,
	.flags = COMMAND_READS,
	.run = run_show,
	.examples = show_examples,
};

static const struct example set_examples[] = {
	{"didctl env set staging 918065978021", "Sends a number's calls to the staging system."},
	{0},
};

static const struct command env_set = {
	.name = "set",
	.summary = "choose the environment of numbers",
	.about = "prod: the dispatcher sends calls to the organisation's context. staging: it forwards them "
		 "to the staging system. oss: it does not know the number at all; the OSS host must have the "
		 "lines that 'didctl regen --for oss' prints.",
	.args = {{.metavar = "ENV", .help = "the environment: prod, staging or oss", .min = 1, .max = 1,
		  .choices = env_names,
		  .complete = COMPLETE_CHOICES},
		 NUMBERS_TO_CHANGE},
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.run = run_set,
	.examples = set_examples,
};

static const struct command *const subcommands[] = {&env_check, &env_set, &env_show, NULL};

const struct command cmd_env = {
	.name = "env",
	.summary = "show, choose and check where the calls of numbers land",
	.about = "Every number is of one environment: prod, staging or oss.",
	.groups = groups_offline,
	.subcommands = subcommands,
};
