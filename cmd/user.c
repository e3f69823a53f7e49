/* didctl user: the people whose calls show a number. */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/fields.h"
#include "cmd/object.h"
#include "cmd/options.h"

#define NO_NUMBER "none"

struct user_args {
	const char *name, *org, *outbound;
};

static int run_list(struct context *ctx, void *args)
{
	const struct user_args *own = args;
	struct query query = {.listing = LIST_USERS};
	struct org org;
	int rc = 0;

	if (own->org) {
		rc = store_find_org(ctx->store, own->org, &org, &ctx->arena, &ctx->err);
		query.org = org.id;
	}
	return rc ? rc : list_rows(ctx, &query);
}

static int run_show(struct context *ctx, void *args)
{
	const struct column *columns[USER_FIELDS];
	struct value values[USER_FIELDS];
	struct user user;
	int fields[USER_FIELDS];
	struct query query = {.listing = LIST_USERS, .columns = fields, .ncolumns = USER_FIELDS};
	int rc = store_find_user(ctx->store, ctx->operands.at[0], &user, &ctx->arena, &ctx->err);

	(void)args;
	for (int i = 0; i < USER_FIELDS; i++) {
		columns[i] = &user_columns[i];
		fields[i] = i;
	}
	if (!rc) {
		query.name = user.id;
		rc = object_load(ctx, &query, user.id, values);
	}
	return rc ? rc : object_print(ctx, columns, values, USER_FIELDS);
}

/* --outbound-did; the store looks whether the number is the organisation's. */
static int set_outbound(struct context *ctx, struct change *change, const char *text, bool may_clear)
{
	bool clears = may_clear && !strcmp(text, NO_NUMBER);
	const char *number = NULL;
	int rc = clears ? 0 : object_read_number(ctx, text, &number);

	object_put(change, USER_OUTBOUND_DID, number);
	return rc;
}

static int set_fields(struct context *ctx, struct change *change, const char *name,
		      const struct user_args *args)
{
	const char *text;
	int rc = 0;

	change->org_text = args->org;
	if (name) {
		rc = check_text(ctx, "NAME", name, &text);
		object_put(change, USER_NAME, name);
	}
	if (!rc && args->outbound)
		rc = set_outbound(ctx, change, args->outbound, change->verb == VERB_USER_EDIT);
	return rc;
}

static int run_add(struct context *ctx, void *args)
{
	const struct user_args *own = args;
	struct change change;
	int rc = change_begin(ctx, &change, VERB_USER_ADD);

	if (!rc && !own->org)
		rc = err_set(&ctx->err, ERR_USAGE, "'user add' needs --org ORG: whose user it is");
	if (!rc)
		rc = set_fields(ctx, &change, ctx->operands.at[0], own);
	return change_end(ctx, &change, rc);
}

static int run_edit(struct context *ctx, void *args)
{
	const struct user_args *own = args;
	struct change change;
	int rc = change_begin(ctx, &change, VERB_USER_EDIT);

	change.user_text = ctx->operands.at[0];
	if (!rc)
		rc = set_fields(ctx, &change, own->name, own);
	if (!rc)
		rc = object_check_edit(ctx, &change);
	return change_end(ctx, &change, rc);
}

static int run_delete(struct context *ctx, void *args)
{
	struct change change;
	int rc = change_begin(ctx, &change, VERB_USER_DELETE);

	(void)args;
	change.user_text = ctx->operands.at[0];
	return change_end(ctx, &change, rc);
}

#define ONE_USER                                                                                             \
	{.metavar = "USER", .help = "the user: an id or a name", .min = 1, .max = 1,                         \
	 .complete = COMPLETE_USER, .listed_by = "didctl user list"}

static const struct option list_options[] = {
	{.name = "org", OPT_STRING(struct user_args, org), .metavar = "ORG", .complete = COMPLETE_ORG,
	 .help = "the users of one organisation"},
};

static const struct option add_options[] = {
	{.name = "org", OPT_STRING(struct user_args, org), .metavar = "ORG", .complete = COMPLETE_ORG,
	 .help = "the user's organisation; needed"},
	{.name = "outbound-did", OPT_STRING(struct user_args, outbound), .metavar = "NUMBER",
	 .complete = COMPLETE_NUMBER,
	 .help = "an assigned number of the organisation that the user's calls show"},
};

static const struct option edit_options[] = {
	{.name = "name", OPT_STRING(struct user_args, name), .metavar = "NAME",
	 .help = "the name from now on"},
	{.name = "org", OPT_STRING(struct user_args, org), .metavar = "ORG", .complete = COMPLETE_ORG,
	 .help = "the organisation from now on"},
	{.name = "outbound-did", OPT_STRING(struct user_args, outbound), .metavar = "NUMBER|none",
	 .complete = COMPLETE_NUMBER,
	 .help = "an assigned number of the organisation that the user's calls show; none: the "
		 "organisation's default"},
};

static const struct example list_examples[] = {
	{"didctl user list --org ACME",
	 "Lists an organisation's users and the numbers that their calls show."},
	{0},
};

static const struct command user_list = {
	.name = "list",
	.summary = "list users",
	.options = list_options,
	.noptions = ARRAY_SIZE(list_options),
	.groups = groups_list,
	.columns = user_columns,
	.ncolumns = USER_FIELDS,
	.default_columns = "name,org,outbound_did",
	.flags = COMMAND_READS,
	.args_size = sizeof(struct user_args),
	.run = run_list,
	.examples = list_examples,
};

static const struct example show_examples[] = {
	{"didctl user show alice", "Shows a user."},
	{0},
};

static const struct command user_show = {
	.name = "show",
	.summary = "show everything about one user",
	.args = {ONE_USER},
	.groups = groups_show,
	.flags = COMMAND_READS,
	.run = run_show,
	.examples = show_examples,
};

static const struct example add_examples[] = {
	{"didctl user add bob --org ACME", "Adds a user, whose calls show the organisation's number."},
	{0},
};

static const struct command user_add = {
	.name = "add",
	.summary = "add a user to an organisation",
	.args = {{.metavar = "NAME", .help = "the name, up to 255 characters", .min = 1, .max = 1}},
	.options = add_options,
	.noptions = ARRAY_SIZE(add_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct user_args),
	.run = run_add,
	.examples = add_examples,
};

static const struct example edit_examples[] = {
	{"didctl user edit alice --outbound-did none", "The user's calls show the organisation's number again."},
	{0},
};

static const struct command user_edit = {
	.name = "edit",
	.summary = "change what is known about a user",
	.about = "Changes only the fields that are named.",
	.args = {ONE_USER},
	.options = edit_options,
	.noptions = ARRAY_SIZE(edit_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct user_args),
	.run = run_edit,
	.examples = edit_examples,
};

static const struct example delete_examples[] = {
	{"didctl user delete alice --yes", "Deletes a user."},
	{0},
};

static const struct command user_delete = {
	.name = "delete",
	.summary = "delete a user",
	.args = {ONE_USER},
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.run = run_delete,
	.examples = delete_examples,
};

static const struct command *const subcommands[] = {
	&user_add, &user_delete, &user_edit, &user_list, &user_show, NULL,
};

const struct command cmd_user = {
	.name = "user",
	.summary = "list, show, add, edit and delete users",
	.about = "A user's calls show the user's own outbound number, else the organisation's default.",
	.groups = groups_offline,
	.subcommands = subcommands,
};
