/* didctl cnam: the names that the called parties see. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cmd/age.h"
#include "cmd/commands.h"
#include "cmd/fields.h"
#include "cmd/mistaken.h"
#include "cmd/number_rows.h"
#include "cmd/object.h"
#include "cmd/options.h"
#include "cmd/services.h"
#include "did/cnam.h"

/* Refused, never cut: half a name is another name. */
static int read_name(struct context *ctx, const char *text, const char **out)
{
	const char *fault = cnam_fault(text);
	char name[CNAM_MAX + 1], shown[TEXT_SHOWN];

	if (fault)
		return err_set(&ctx->err, ERR_USAGE, "bad value '%s' of NAME: %s", text_show(shown, text, strlen(text)),
			       fault);
	cnam_fold(text, name);
	*out = arena_strdup(&ctx->arena, name);
	return 0;
}

static int run_set(struct context *ctx, void *args)
{
	size_t last = ctx->operands.n - 1;
	const char *name = NULL;
	struct change change;
	int rc = change_begin(ctx, &change, VERB_CNAM_SET);

	(void)args;
	if (!rc)
		rc = mistaken_name(ctx);
	if (!rc)
		rc = read_name(ctx, ctx->operands.at[last], &name);
	if (!rc) {
		fields_put(&change, DID_CNAM, name);
		rc = change_select(ctx, &change, ctx->operands.at, last);
	}
	return change_end(ctx, &change, rc);
}

static int run_clear(struct context *ctx, void *args)
{
	(void)args;
	return change_numbers(ctx, VERB_CNAM_CLEAR);
}

struct default_args {
	bool clear;
};

static int run_default(struct context *ctx, void *args)
{
	const struct default_args *own = args;
	const char *name = NULL;
	struct change change;
	int rc = change_begin(ctx, &change, VERB_CNAM_DEFAULT);

	change.org_text = ctx->operands.at[0];
	if (!rc && own->clear == (ctx->operands.n > 1))
		rc = err_set(&ctx->err, ERR_USAGE, "'cnam default' needs either a NAME or --clear");
	if (!rc && !own->clear)
		rc = read_name(ctx, ctx->operands.at[1], &name);
	object_put(&change, ORG_CNAM, name);
	return change_end(ctx, &change, rc);
}

/* ---- list and show */

enum list_field {
	LIST_NUMBER, LIST_ORG, LIST_CNAM, LIST_SOURCE, LIST_STATUS, LIST_AGE, LIST_SINCE, LIST_NOTE,
	LIST_FIELDS,
};

static const struct column list_columns[LIST_FIELDS] = {
	{"number", "Number", "the number as it is stored", COL_NUMBER},
	{"org", "Organisation", "name of who holds it", COL_TEXT},
	{"cnam", "CNAM", "the name that counts", COL_TEXT},
	{"cnam_source", "Source", "number: its own; org: the organisation's default", COL_ID},
	{"cnam_status", "Status", "pending, synced or failed", COL_ID},
	{"age", "Age", "how long it has had that status", COL_ID},
	{"cnam_since", "Since", "since when it has that status", COL_TIME},
	{"cnam_note", "Note", "what the provider said", COL_TEXT},
};

static const struct column_source list_sources[LIST_FIELDS] = {
	[LIST_NUMBER] = {.column = DID_NUMBER},
	[LIST_ORG] = {.column = DID_ORG},
	[LIST_CNAM] = {.column = DID_CNAM},
	[LIST_SOURCE] = {.column = DID_CNAM_SOURCE},
	[LIST_STATUS] = {.column = DID_CNAM_STATUS},
	[LIST_AGE] = {.column = DID_CNAM_SINCE, .is_reversed = true, .derive = age_of},
	[LIST_SINCE] = {.column = DID_CNAM_SINCE},
	[LIST_NOTE] = {.column = DID_CNAM_NOTE},
};

static int run_list(struct context *ctx, void *args)
{
	struct selection selection = {0};
	struct query query = {.listing = LIST_NUMBERS, .selection = &selection};
	int rc = need_services(ctx);

	(void)args;
	if (!rc)
		rc = select_held(ctx, &selection);
	if (!rc)
		rc = list_rows_from(ctx, &query, list_sources);
	selection_release(&selection);
	return rc;
}

/* The organisation's default, which the number's own hides. */
static int load_default(struct context *ctx, const char *org_id, struct value *out)
{
	static const int columns[] = {ORG_ID, ORG_CNAM};
	const struct query query = {
		.listing = LIST_ORGS, .columns = columns, .ncolumns = ARRAY_SIZE(columns), .name = org_id,
	};
	struct value row[ARRAY_SIZE(columns)] = {0};
	int rc = 0;

	if (org_id && store_can(ctx->store, CAN_LIST_ORGS))
		rc = object_load(ctx, &query, org_id, row);
	*out = row[1];
	if (rc != ERR_ABSENT) /* an owner that there is not is doctor's to tell */
		return rc;
	ctx->err = (struct err){0};
	return 0;
}

/* Of an event by which a name ceased to wait: since when it had. */
static bool read_wait(struct context *ctx, const struct value *event, struct value *out)
{
	struct json *before = NULL;
	struct err ignored = {0};
	const char *status, *since;
	bool is_found = false;

	if (!event->s || json_parse(&before, event->s, event->len, &ignored) < 0)
		return false;
	status = json_string(json_get(before, did_columns[DID_CNAM_STATUS].key));
	since = json_string(json_get(before, did_columns[DID_CNAM_SINCE].key));
	if (status && since && strcmp(status, "pending") == 0) {
		*out = value_str(arena_strdup(&ctx->arena, since));
		is_found = true;
	}
	json_free(before);
	return is_found;
}

/* Since when the name counts: it has waited for the provider from that moment on, which the history still knows later. */
static int load_counts_since(struct context *ctx, const struct number_row *row, struct value *out)
{
	static const int columns[] = {EVENT_BEFORE};
	struct selection selection = {0};
	const struct query query = {
		.listing = LIST_EVENTS, .columns = columns, .ncolumns = ARRAY_SIZE(columns), .selection = &selection,
		.newest_first = true,
	};
	const struct value *event;
	bool is_found = false;
	int rc;

	*out = row->v[DID_CNAM_SINCE];
	if (!row->v[DID_CNAM_STATUS].s || strcmp(row->v[DID_CNAM_STATUS].s, "pending") == 0)
		return 0;
	*out = (struct value){0};
	if (!store_can(ctx->store, CAN_KEEP_HISTORY) || !number_rows_select(&selection, row->v[DID_E164]))
		return 0;
	rc = store_query(ctx->store, &query, &ctx->err);
	while (!rc && !is_found && (rc = store_next(ctx->store, &event, &ctx->err)) == 1) {
		rc = 0;
		is_found = read_wait(ctx, &event[0], out);
	}
	store_done(ctx->store);
	selection_release(&selection);
	return rc;
}

enum { SHOW_DEFAULT = LIST_FIELDS, SHOW_COUNTS_SINCE, SHOW_FIELDS };

static int fill_row(struct context *ctx, const struct number_row *row, struct value values[SHOW_FIELDS])
{
	char age[DERIVED_TEXT];
	int rc = load_default(ctx, row->v[DID_ORG_ID].s, &values[SHOW_DEFAULT]);

	for (size_t i = 0; i < LIST_FIELDS; i++)
		values[i] = row->v[list_sources[i].column];
	if (age_of(ctx, row->v[DID_CNAM_SINCE], age).s)
		values[LIST_AGE] = value_str(arena_strdup(&ctx->arena, age));
	return rc ? rc : load_counts_since(ctx, row, &values[SHOW_COUNTS_SINCE]);
}

/* A number that is stored twice has two rows. */
static int run_show(struct context *ctx, void *args)
{
	static const struct column own[] = {
		{"org_cnam", "Default", "the organisation's default", COL_TEXT},
		{"counts_since", "Counts since", "since when this name counts", COL_TIME},
	};
	const struct column *columns[SHOW_FIELDS];
	struct number_rows rows = {0};
	struct value *values = NULL;
	int rc = need_services(ctx);

	(void)args;
	if (!rc)
		rc = number_rows_find(ctx, ctx->operands.at[0], &rows);
	for (size_t i = 0; i < SHOW_FIELDS; i++)
		columns[i] = i < LIST_FIELDS ? &list_columns[i] : &own[i - LIST_FIELDS];
	if (!rc)
		values = xcalloc(rows.n * SHOW_FIELDS, sizeof(*values));
	for (size_t i = 0; i < rows.n && !rc; i++)
		rc = fill_row(ctx, &rows.at[i], &values[i * SHOW_FIELDS]);
	if (!rc)
		rc = objects_print(ctx, columns, values, SHOW_FIELDS, rows.n);
	free(values);
	number_rows_release(&rows);
	return rc;
}

static const struct example set_examples[] = {
	{"didctl cnam set 918065978003 'Acme Sales'", "Calls from this number show ACME SALES."},
	{0},
};

static const struct command cnam_set = {
	.name = "set",
	.summary = "give numbers a name of their own",
	.about = "The name has 1 to 15 letters without accents, digits, blanks and . , & ' -, and at least one letter. It is "
		 "stored in capital letters; a longer one is refused, not cut. It waits for the provider (pending) until "
		 "'cnam sync' has its answer. A number's own name goes before its organisation's default.",
	.args = {NUMBERS_TO_CHANGE, {.metavar = "NAME", .help = "what called parties see", .min = 1, .max = 1}},
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.run = run_set,
	.examples = set_examples,
};

static const struct example clear_examples[] = {
	{"didctl cnam clear 918065978003 --yes", "Calls from it show its organisation's default again."},
	{0},
};

static const struct command cnam_clear = {
	.name = "clear",
	.summary = "take numbers' own names away",
	.args = {NUMBERS_TO_CHANGE},
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.run = run_clear,
	.examples = clear_examples,
};

static const struct option default_options[] = {
	{.name = "clear", OPT_FLAG(struct default_args, clear), .help = "leave the organisation without a default"},
};

static const struct example default_examples[] = {
	{"didctl cnam default ACME 'Acme Corp' --yes", "Names all of its numbers that have no name of their own."},
	{0},
};

static const struct command cnam_default = {
	.name = "default",
	.summary = "set the name of an organisation's numbers",
	.about = "Every number that the organisation holds and that has no name of its own waits for the provider from then on, "
		 "in the same change; so does one that is assigned to it later.",
	.args = {ONE_ORG, {.metavar = "NAME", .help = "what called parties see", .max = 1}},
	.options = default_options,
	.noptions = ARRAY_SIZE(default_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct default_args),
	.run = run_default,
	.examples = default_examples,
};

static const struct example list_examples[] = {
	{"didctl cnam list --cnam pending,failed", "Lists the names that are not shown yet, and why."},
	{0},
};

static const struct synonym list_synonyms[] = {{"status", "cnam"}, {0}};

static const struct command cnam_list = {
	.name = "list",
	.summary = "list names and how far the provider has them",
	.about = "Lists the numbers named, or all that organisations hold, narrowed down by filters.",
	.args = {NUMBERS_TO_LIST},
	.groups = groups_list_numbers,
	.columns = list_columns,
	.ncolumns = LIST_FIELDS,
	.default_columns = "number,org,cnam,cnam_source,cnam_status,age,cnam_note",
	.flags = COMMAND_READS,
	.run = run_list,
	.examples = list_examples,
	.synonyms = list_synonyms,
};

static const struct example show_examples[] = {
	{"didctl cnam show 918065978002", "Shows which name counts, and since when."},
	{0},
};

static const struct command cnam_show = {
	.name = "show",
	.summary = "show which name counts for a number",
	.about = "Shows the name, whether it is the number's own or its organisation's default, since when it counts, and how "
		 "long it has been pending, synced or failed.",
	.args = {ONE_NUMBER},
	.groups = groups_show,
	.flags = COMMAND_READS,
	.run = run_show,
	.examples = show_examples,
};

static const struct example sync_examples[] = {
	{"didctl cnam sync --dry-run", "Lists the names that would be put to the provider."},
	{0},
};

static const struct command cnam_sync = {
	.name = "sync",
	.summary = "put the names that wait to the provider",
	.about = "Runs the program of the setting cnam-command. " PROVIDER_PROTOCOL
		 "The status is synced, failed or pending. Numbers that it does not answer, in time or at all, go on waiting; "
		 "the exit code is then 5. Each answer is a change of its own, in the history. For cron: it asks nobody "
		 "anything.",
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.run = run_cnam_sync,
	.examples = sync_examples,
};

static const struct command *const subcommands[] = {
	&cnam_clear, &cnam_default, &cnam_list, &cnam_set, &cnam_show, &cnam_sync, NULL,
};

const struct command cmd_cnam = {
	.name = "cnam",
	.summary = "set, show and list the names that called parties see",
	.about = "CNAM: the name that is shown for an outbound call. A number's own name counts, else the default of the "
		 "organisation that holds it.",
	.groups = groups_offline,
	.subcommands = subcommands,
};
