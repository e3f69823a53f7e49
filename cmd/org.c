/* didctl org: the organisations that hold numbers. */
#include "cmd/org.h"

#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "cmd/commands.h"
#include "cmd/fields.h"
#include "cmd/object.h"
#include "cmd/options.h"
#include "dialplan/dispatch.h"

#define HANGUP "hangup"

static int run_list(struct context *ctx, void *args)
{
	struct query query = {.listing = LIST_ORGS};

	(void)args;
	return list_rows(ctx, &query);
}

struct org_args {
	const char *name, *context_prefix, *unrouted, *mail;
};

/* It begins the names of contexts in the switch's files. */
static int check_prefix(struct context *ctx, const char *text)
{
	char shown[TEXT_SHOWN];

	if (dispatch_is_prefix(text))
		return 0;
	return err_set(&ctx->err, ERR_USAGE,
		       "bad value '%s' of '--context-prefix': it is not 1 to %d of a-z, 0-9 and '_'",
		       text_show(shown, text, strlen(text)), DISPATCH_PREFIX_MAX);
}

/* Hanging up is what is done where nothing is stored. */
static int check_unrouted(struct context *ctx, const char *text, const char **out)
{
	const char *type, *dest;
	int rc = 0;

	*out = NULL;
	if (strcmp(text, HANGUP) != 0) {
		rc = check_route(ctx, "--unrouted", text, &type, &dest);
		*out = text;
	}
	return rc;
}

/* An empty list clears it. */
static int check_mail(struct context *ctx, const char *text, const char **out)
{
	int rc = *text ? address_check(text, 0, &ctx->err) : 0;

	*out = *text ? text : NULL;
	return rc ? err_prefix(&ctx->err, "bad value of '--mail': ") : 0;
}

static int set_fields(struct context *ctx, struct change *change, const char *name,
		      const struct org_args *args)
{
	const char *text;
	int rc = 0;

	if (name) {
		rc = check_text(ctx, "NAME", name, &text);
		object_put(change, ORG_NAME, name);
	}
	if (!rc && args->context_prefix) {
		rc = check_prefix(ctx, args->context_prefix);
		object_put(change, ORG_CONTEXT_PREFIX, args->context_prefix);
	}
	if (!rc && args->unrouted) {
		rc = check_unrouted(ctx, args->unrouted, &text);
		object_put(change, ORG_UNROUTED, text);
	}
	if (!rc && args->mail) {
		rc = check_mail(ctx, args->mail, &text);
		object_put(change, ORG_MAIL, text);
	}
	return rc;
}

static int run_add(struct context *ctx, void *args)
{
	struct change change;
	int rc = change_begin(ctx, &change, VERB_ORG_ADD);

	if (!rc)
		rc = set_fields(ctx, &change, ctx->operands.at[0], args);
	return change_end(ctx, &change, rc);
}

static int run_edit(struct context *ctx, void *args)
{
	const struct org_args *own = args;
	struct change change;
	int rc = change_begin(ctx, &change, VERB_ORG_EDIT);

	change.org_text = ctx->operands.at[0];
	if (!rc)
		rc = set_fields(ctx, &change, own->name, own);
	if (!rc)
		rc = object_check_edit(ctx, &change);
	return change_end(ctx, &change, rc);
}

static int run_delete(struct context *ctx, void *args)
{
	struct change change;
	int rc = change_begin(ctx, &change, VERB_ORG_DELETE);

	(void)args;
	change.org_text = ctx->operands.at[0];
	return change_end(ctx, &change, rc);
}

#define COMMON_OPTIONS                                                                               \
	{.name = "context-prefix", OPT_STRING(struct org_args, context_prefix), .metavar = "PREFIX", \
	 .help = "what the names of its contexts begin with: 1 to 63 of a-z, 0-9 and '_'"},          \
	{.name = "unrouted", OPT_STRING(struct org_args, unrouted), .metavar = "hangup|TYPE:DEST",   \
	 .help = "what calls to its numbers without a route get"},                                   \
	{.name = "mail", OPT_STRING(struct org_args, mail), .metavar = "ADDRESS,...",                \
	 .help = "who is told what becomes of its ports"}

static const struct option add_options[] = {COMMON_OPTIONS};

static const struct option edit_options[] = {
	{.name = "name", OPT_STRING(struct org_args, name), .metavar = "NAME",
	 .help = "its name from now on"},
	COMMON_OPTIONS,
};

static const struct example list_examples[] = {
	{"didctl org list", "Lists the organisations, how many numbers each holds, and what its calls show."},
	{"didctl org list -s -numbers --limit 10", "Lists the ten that hold most."},
	{0},
};

static const struct command org_list = {
	.name = "list",
	.summary = "list organisations",
	.groups = groups_list,
	.columns = org_columns,
	.ncolumns = ORG_FIELDS,
	.default_columns = "name,context_prefix,numbers,default",
	.flags = COMMAND_READS,
	.run = run_list,
	.examples = list_examples,
};

static const struct example add_examples[] = {
	{"didctl org add 'Initech Ltd' --context-prefix initech", "Adds an organisation."},
	{"didctl org add Hooli --unrouted queue:reception -o json",
	 "Prints the id of what it has added, for a script."},
	{0},
};

static const struct command org_add = {
	.name = "add",
	.summary = "add an organisation",
	.about = "Name and context prefix must be new. Without --context-prefix that is 'org_' and seven "
		 "letters and digits. A name that begins with '-' goes after '--'.",
	.args = {{.metavar = "NAME", .help = "its name, up to 255 characters", .min = 1, .max = 1}},
	.options = add_options,
	.noptions = ARRAY_SIZE(add_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct org_args),
	.run = run_add,
	.examples = add_examples,
};

static const struct example edit_examples[] = {
	{"didctl org edit Globex --unrouted ivr:main",
	 "Sends calls to its numbers without a route to a menu."},
	{0},
};

static const struct command org_edit = {
	.name = "edit",
	.summary = "change what is known about an organisation",
	.about = "Changes only the fields that are named.",
	.args = {ONE_ORG},
	.options = edit_options,
	.noptions = ARRAY_SIZE(edit_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct org_args),
	.run = run_edit,
	.examples = edit_examples,
};

static const struct example delete_examples[] = {
	{"didctl org delete Globex --yes", "Deletes an organisation that has no numbers and no users."},
	{0},
};

static const struct command org_delete = {
	.name = "delete",
	.summary = "delete an organisation",
	.about = "One that still has numbers or users is refused: release its numbers and delete its "
		 "users first.",
	.args = {ONE_ORG},
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.run = run_delete,
	.examples = delete_examples,
};

static const struct command *const subcommands[] = {
	&org_add, &org_delete, &org_edit, &org_list, &org_show, NULL,
};

const struct command cmd_org = {
	.name = "org",
	.summary = "list, show, add, edit and delete organisations",
	.about = "An organisation holds numbers. It is named by its id, its name or its context prefix, "
		 "in whole.",
	.groups = groups_offline,
	.subcommands = subcommands,
};
