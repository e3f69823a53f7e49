/* e911 locations: dispatchable locations as records of their own. */
#include <string.h>

#include "cmd/address.h"
#include "cmd/object.h"
#include "cmd/options.h"

#define ONE_LOCATION                                                                                          \
	{.metavar = "LOCATION", .help = "the location: its id or its label", .min = 1, .max = 1, \
	 .complete = COMPLETE_LOCATION, .listed_by = "didctl e911 locations list"}

struct list_args {
	const char *org;
};

static int run_list(struct context *ctx, void *args)
{
	const struct list_args *own = args;
	struct query query = {.listing = LIST_LOCATIONS};
	struct org org;
	int rc = 0;

	if (own->org) {
		rc = store_find_org(ctx->store, own->org, &org, &ctx->arena, &ctx->err);
		query.org = rc ? NULL : org.id;
	}
	return rc ? rc : list_rows(ctx, &query);
}

static int run_show(struct context *ctx, void *args)
{
	const struct column *columns[LOCATION_FIELDS];
	struct value values[LOCATION_FIELDS];
	int rc = address_load(ctx, ctx->operands.at[0], values);

	(void)args;
	for (size_t i = 0; i < LOCATION_FIELDS; i++)
		columns[i] = &location_columns[i];
	return rc ? rc : object_print(ctx, columns, values, LOCATION_FIELDS);
}

struct edit_args {
	struct address_args address;
};

static int run_add(struct context *ctx, void *args)
{
	const struct edit_args *own = args;
	struct change change;
	int rc = change_begin(ctx, &change, VERB_LOCATION_ADD);

	change.org_text = ctx->operands.at[0];
	if (!rc)
		rc = address_put(ctx, &change, &own->address, address_country(ctx));
	return change_end(ctx, &change, rc);
}

static int run_edit(struct context *ctx, void *args)
{
	const struct edit_args *own = args;
	struct change change;
	int rc = change_begin(ctx, &change, VERB_LOCATION_EDIT);

	change.location_text = ctx->operands.at[0];
	if (!rc)
		rc = address_put(ctx, &change, &own->address, NULL);
	if (!rc)
		rc = object_check_edit(ctx, &change);
	return change_end(ctx, &change, rc);
}

static int run_delete(struct context *ctx, void *args)
{
	struct change change;
	int rc = change_begin(ctx, &change, VERB_LOCATION_DELETE);

	(void)args;
	change.location_text = ctx->operands.at[0];
	return change_end(ctx, &change, rc);
}

static const struct option list_options[] = {
	{.name = "org", OPT_STRING(struct list_args, org), .metavar = "ORG", .complete = COMPLETE_ORG,
	 .help = "those of one organisation"},
};

static const struct option add_options[] = {ADDRESS_OPTIONS(struct edit_args, address, false)};
static const struct option edit_options[] = {ADDRESS_OPTIONS(struct edit_args, address, true)};

static const struct example list_examples[] = {
	{"didctl e911 locations list --org ACME", "Lists an organisation's locations and how many numbers are there."},
	{0},
};

/* What it is to list them, with the verb and without. */
#define LISTS                                                                                             \
	.options = list_options, .noptions = ARRAY_SIZE(list_options), .groups = groups_list,             \
	.columns = location_columns, .ncolumns = LOCATION_FIELDS,                                         \
	.default_columns = "id,label,org,address,numbers", .flags = COMMAND_READS,                       \
	.args_size = sizeof(struct list_args), .run = run_list, .examples = list_examples

static const struct command locations_list = {.name = "list", .summary = "list locations", LISTS};

static const struct example add_examples[] = {
	{"didctl e911 locations add ACME --street '1085 rue Metcalfe' --city Montréal --state-code QC --zip 'H3B 2X1'"
	 " --country CA --label Montréal",
	 "Adds a location for later."},
	{0},
};

static const struct command locations_add = {
	.name = "add",
	.summary = "add a location",
	.about = "The same address twice is one location: the second time nothing is added.",
	.args = {ONE_ORG},
	.options = add_options,
	.noptions = ARRAY_SIZE(add_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct edit_args),
	.run = run_add,
	.examples = add_examples,
};

static const struct example show_examples[] = {
	{"didctl e911 locations show Toronto", "Shows everything about a location."},
	{0},
};

static const struct command locations_show = {
	.name = "show",
	.summary = "show everything about one location",
	.args = {ONE_LOCATION},
	.groups = groups_show,
	.flags = COMMAND_READS,
	.run = run_show,
	.examples = show_examples,
};

static const struct example edit_examples[] = {
	{"didctl e911 locations edit Toronto --floor 3", "Says which floor; its numbers wait for the provider again."},
	{0},
};

static const struct command locations_edit = {
	.name = "edit",
	.summary = "change a location",
	.about = "Changes only what is named; an empty value takes an optional part away. All numbers that are there wait for "
		 "the provider again, in the same change, unless it is only the label.",
	.args = {ONE_LOCATION},
	.options = edit_options,
	.noptions = ARRAY_SIZE(edit_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct edit_args),
	.run = run_edit,
	.examples = edit_examples,
};

static const struct example delete_examples[] = {
	{"didctl e911 locations delete Ottawa --yes", "Deletes a location that no number has."},
	{0},
};

static const struct command locations_delete = {
	.name = "delete",
	.summary = "delete a location",
	.about = "One that is the address of numbers, or that an open port order has for its numbers, is refused: give those "
		 "another one first.",
	.args = {ONE_LOCATION},
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.run = run_delete,
	.examples = delete_examples,
};

static const struct command *const subcommands[] = {
	&locations_add, &locations_delete, &locations_edit, &locations_list, &locations_show, NULL,
};

const struct command e911_locations = {
	.name = "locations",
	.summary = "list, show, add, edit and delete locations",
	.about = "A dispatchable location is a record of its own, used by many numbers. It is named by its id or its label, "
		 "in whole. Without a verb they are listed.",
	.subcommands = subcommands,
	LISTS,
};
