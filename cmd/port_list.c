/* didctl port list; and orders loaded as rows, for the commands that look at all of them. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/options.h"
#include "cmd/port.h"

struct list_args {
	const char *state, *org, *number;
};

static const char *state_list(struct context *ctx)
{
	const char *list = port_state_names[0];

	for (int state = 1; port_state_names[state]; state++)
		list = arena_printf(&ctx->arena, "%s, %s", list, port_state_names[state]);
	return list;
}

/* "draft,submitted" as a mask. */
static int read_states(struct context *ctx, const char *list, unsigned *out)
{
	char shown[TEXT_SHOWN];

	for (const char *at = list;; at++) {
		size_t len = strcspn(at, ",");
		const char *word = arena_strndup(&ctx->arena, at, len);
		int state = port_state_find(word);

		if (state < 0) {
			err_set(&ctx->err, ERR_USAGE, "'%s' is no state of a port order", text_show(shown, word, strlen(word)));
			err_hint(&ctx->err, "one of: %s", state_list(ctx));
			return ERR_USAGE;
		}
		*out |= PORT_BIT(state);
		at += len;
		if (!*at)
			return 0;
	}
}

static int run_list(struct context *ctx, void *args)
{
	const struct list_args *own = args;
	struct query query = {.listing = LIST_PORTS};
	char digits[NUMBER_TEXT];
	struct number number;
	struct org org;
	int rc = own->state ? read_states(ctx, own->state, &query.port_states) : 0;

	if (!rc && own->number) {
		rc = number_parse(&number, own->number, strlen(own->number), ctx->country, &ctx->err);
		if (!rc)
			number_format(number, digits);
		query.number = digits;
	}
	if (!rc && own->org) {
		rc = store_find_org(ctx->store, own->org, &org, &ctx->arena, &ctx->err);
		query.org = org.id;
	}
	return rc ? rc : list_rows(ctx, &query);
}

static const struct option list_options[] = {
	{.name = "state", OPT_STRING(struct list_args, state), .metavar = "STATE", .choices = port_state_names,
	 .complete = COMPLETE_LIST, .help = "in one of these states"},
	{.name = "org", OPT_STRING(struct list_args, org), .metavar = "ORG", .complete = COMPLETE_ORG,
	 .help = "of one organisation"},
	{.name = "number", OPT_STRING(struct list_args, number), .metavar = "NUMBER", .help = "that this number is on"},
};

static const struct example list_examples[] = {
	{"didctl port list --state draft,exception", "Lists the orders that wait for us."},
	{0},
};

const struct command port_list = {
	.name = "list",
	.summary = "list port orders",
	.options = list_options,
	.noptions = ARRAY_SIZE(list_options),
	.groups = groups_list,
	.columns = port_columns,
	.ncolumns = PORT_FIELDS,
	.default_columns = "port,org,losing_carrier,state,count,requested_foc,actual_foc,updated_at",
	.flags = COMMAND_READS,
	.args_size = sizeof(struct list_args),
	.run = run_list,
	.examples = list_examples,
};

int port_load_rows(struct context *ctx, struct query *query, struct port_rows *out)
{
	int columns[PORT_FIELDS];
	const struct value *row;
	int rc;

	for (int i = 0; i < PORT_FIELDS; i++)
		columns[i] = i;
	query->listing = LIST_PORTS;
	query->columns = columns;
	query->ncolumns = PORT_FIELDS;
	rc = store_query(ctx->store, query, &ctx->err);
	if (rc)
		return rc;
	while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		GROW(out->at, out->n, out->cap);
		for (int i = 0; i < PORT_FIELDS; i++)
			out->at[out->n].v[i] =
				value_str(row[i].s ? arena_strndup(&ctx->arena, row[i].s, row[i].len) : NULL);
		out->n++;
	}
	store_done(ctx->store);
	return rc;
}

void port_rows_release(struct port_rows *rows)
{
	free(rows->at);
	*rows = (struct port_rows){0};
}
