/* didctl default: which number callers see. */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/common.h"
#include "cmd/object.h"
#include "cmd/options.h"

#define NO_NUMBER "none"

enum default_field { DEFAULT_ORG, DEFAULT_NUMBER, DEFAULT_FIELDS };

static const struct column show_columns[DEFAULT_FIELDS] = {
	{"org", "Organisation", "name of the organisation", COL_TEXT},
	{"number", "Number", "its default caller ID", COL_NUMBER},
};

static int run_show(struct context *ctx, void *args)
{
	static const struct column_source sources[DEFAULT_FIELDS] = {
		[DEFAULT_ORG] = {.column = ORG_NAME},
		[DEFAULT_NUMBER] = {.column = ORG_DEFAULT},
	};
	struct query query = {.listing = LIST_ORGS};
	struct org org;
	int rc = 0;

	(void)args;
	if (ctx->operands.n) {
		rc = store_find_org(ctx->store, ctx->operands.at[0], &org, &ctx->arena, &ctx->err);
		query.name = org.id;
	}
	return rc ? rc : list_rows_from(ctx, &query, sources);
}

static int run_set(struct context *ctx, void *args)
{
	struct change change;
	int rc = change_begin(ctx, &change, VERB_DEFAULT_SET);

	(void)args;
	if (!rc)
		rc = select_one(ctx, ctx->operands.at[0], &change.selection);
	return change_end(ctx, &change, rc);
}

static int run_clear(struct context *ctx, void *args)
{
	struct change change;
	int rc = change_begin(ctx, &change, VERB_DEFAULT_CLEAR);

	(void)args;
	change.org_text = ctx->operands.at[0];
	return change_end(ctx, &change, rc);
}

static int run_user(struct context *ctx, void *args)
{
	const char *word = ctx->operands.at[1];
	struct change change;
	int rc = change_begin(ctx, &change, VERB_DEFAULT_USER);

	(void)args;
	change.user_text = ctx->operands.at[0];
	if (!rc && strcmp(word, NO_NUMBER) != 0)
		rc = object_read_number(ctx, word, &change.outbound);
	return change_end(ctx, &change, rc);
}

static const struct example show_examples[] = {
	{"didctl default show", "Lists the default caller ID of every organisation."},
	{0},
};

static const struct command default_show = {
	.name = "show",
	.summary = "list the default caller IDs",
	.args = {{.metavar = "ORG", .help = "one organisation; all of them without it", .max = 1,
		  .complete = COMPLETE_ORG}},
	.groups = groups_list,
	.columns = show_columns,
	.ncolumns = DEFAULT_FIELDS,
	.default_columns = "org,number",
	.flags = COMMAND_READS,
	.run = run_show,
	.examples = show_examples,
};

static const struct example set_examples[] = {
	{"didctl default set 918065978003", "Callers of its organisation's calls see this number from now "
					    "on."},
	{0},
};

static const struct command default_set = {
	.name = "set",
	.summary = "make a number its organisation's default caller ID",
	.about = "The number must be assigned. The organisation's previous default loses the flag in the "
		 "same change.",
	.args = {{.metavar = "NUMBER", .help = "an assigned number, or id:UUID of its row",
		  .min = 1, .max = 1, .complete = COMPLETE_NUMBER}},
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.run = run_set,
	.examples = set_examples,
};

static const struct example clear_examples[] = {
	{"didctl default clear ACME --yes", "Leaves an organisation without a default caller ID."},
	{0},
};

static const struct command default_clear = {
	.name = "clear",
	.summary = "leave an organisation without a default caller ID",
	.about = "Its calls then show its first assigned number.",
	.args = {ONE_ORG},
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.run = run_clear,
	.examples = clear_examples,
};

static const struct example user_examples[] = {
	{"didctl default user alice 918065978002", "A user's calls show this number."},
	{"didctl default user alice none", "They show the organisation's default again."},
	{0},
};

static const struct command default_user = {
	.name = "user",
	.summary = "choose the number that a user's calls show",
	.args = {{.metavar = "USER", .help = "the user: an id or a name",
		  .min = 1, .max = 1, .complete = COMPLETE_USER, .listed_by = "didctl user list"},
		 {.metavar = "NUMBER", .help = "a number of the user's organisation, or 'none'",
		  .min = 1, .max = 1, .complete = COMPLETE_NUMBER}},
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.run = run_user,
	.examples = user_examples,
};

static const struct command *const subcommands[] = {
	&default_clear, &default_set, &default_show, &default_user, NULL,
};

const struct command cmd_default = {
	.name = "default",
	.summary = "show and choose default caller IDs",
	.about = "A call shows, first that is set wins: its own caller ID, the user's number, the "
		 "organisation's default, the organisation's first assigned number.",
	.groups = groups_offline,
	.subcommands = subcommands,
};
