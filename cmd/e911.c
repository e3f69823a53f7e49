/* didctl e911: where the responders are sent for a call to 911. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/address.h"
#include "cmd/age.h"
#include "cmd/commands.h"
#include "cmd/number_rows.h"
#include "cmd/object.h"
#include "cmd/options.h"
#include "cmd/services.h"
#include "did/e911.h"

static int run_clear(struct context *ctx, void *args)
{
	(void)args;
	return change_numbers(ctx, VERB_E911_CLEAR);
}

enum list_field {
	LIST_NUMBER, LIST_ORG, LIST_E911, LIST_AGE, LIST_ADDRESS, LIST_NOTE, LIST_SINCE, LIST_LOCATION, LIST_CANDIDATES,
	LIST_FIELDS,
};

static const struct column list_columns[LIST_FIELDS] = {
	{"number", "Number", "the number as it is stored", COL_NUMBER},
	{"org", "Organisation", "name of who holds it", COL_TEXT},
	{"e911", "E911", "not-set, pending, registered or failed", COL_ID},
	{"age", "Age", "how long it has had that status", COL_ID},
	{"address", "Address", "the dispatchable location in a line", COL_TEXT},
	{"e911_note", "Note", "what the provider said", COL_TEXT},
	{"e911_since", "Since", "since when it has that status", COL_TIME},
	{"location", "Location", "identifier of the location", COL_ID},
	{"e911_candidates", "Candidates", "addresses that the provider offers instead", COL_OBJECT},
};

static const struct column_source list_sources[LIST_FIELDS] = {
	[LIST_NUMBER] = {.column = DID_NUMBER},
	[LIST_ORG] = {.column = DID_ORG},
	[LIST_E911] = {.column = DID_E911},
	[LIST_AGE] = {.column = DID_E911_SINCE, .is_reversed = true, .derive = age_of},
	[LIST_ADDRESS] = {.column = DID_ADDRESS},
	[LIST_NOTE] = {.column = DID_E911_NOTE},
	[LIST_SINCE] = {.column = DID_E911_SINCE},
	[LIST_LOCATION] = {.column = DID_LOCATION},
	[LIST_CANDIDATES] = {.column = DID_E911_CANDIDATES},
};

/* Whether a list of statuses that was asked for has one that nobody can be found by. */
static bool asks_for_trouble(const char *statuses)
{
	return statuses && (strstr(statuses, "not-set") || strstr(statuses, "failed"));
}

static int run_list(struct context *ctx, void *args)
{
	struct selection selection = {0};
	struct query query = {.listing = LIST_NUMBERS, .selection = &selection};
	uint64_t n = 0;
	int rc = need_services(ctx);

	(void)args;
	if (!rc)
		rc = select_held(ctx, &selection);
	if (!rc && !ctx->operands.n && !ctx->filter.toll_free) /* they carry no address */
		filter_add_value(selection_add_filter(&selection, FILTER_EQUAL, DID_TOLL_FREE), "0");
	if (!rc)
		rc = list_rows_counted(ctx, &query, list_sources, &n);
	selection_release(&selection);
	if (rc || !n || !asks_for_trouble(ctx->filter.e911))
		return rc;
	return err_set(&ctx->err, ERR_ABSENT, "%" PRIu64 " number%s without an emergency address that the responders have", n,
		       n == 1 ? "" : "s");
}

/* "1: 350 Fifth Ave, New York, NY 10118", a line each: what --choose takes. */
static void note_candidates(struct context *ctx, const char *text)
{
	struct json *list = NULL;
	struct err ignored = {0};
	int k = 0;

	if (!text || json_parse(&list, text, strlen(text), &ignored))
		return;
	for (const struct json *c = json_first(list); c; c = json_next(c)) {
		const char *v[LOCATION_STORED] = {0};
		struct buf line = {0}, shown = {0};

		for (int f = LOCATION_COUNTRY; f < LOCATION_STORED; f++)
			v[f] = json_string(json_get(c, location_columns[f].key));
		location_line(&line, v);
		text_escape(&shown, buf_str(&line), line.len, 0);
		note(ctx, "candidate %d: %s", ++k, buf_str(&shown));
		buf_release(&line);
		buf_release(&shown);
	}
	json_free(list);
}

enum { SHEET_LOCATION = LIST_FIELDS, SHEET_FIELDS = LIST_FIELDS + LOCATION_CIVIC };

/* The whole location beside the number's own status. */
static int fill_sheet(struct context *ctx, const struct number_row *row, struct value values[SHEET_FIELDS])
{
	struct value location[LOCATION_FIELDS] = {0};
	char age[DERIVED_TEXT];
	int rc = row->v[DID_LOCATION].s ? address_load(ctx, row->v[DID_LOCATION].s, location) : 0;

	if (rc && rc != ERR_ABSENT)
		return rc;
	for (size_t i = 0; i < LIST_FIELDS; i++)
		values[i] = row->v[list_sources[i].column];
	for (size_t i = 0; i < LOCATION_CIVIC; i++)
		values[SHEET_LOCATION + i] = location[LOCATION_LABEL + i];
	if (age_of(ctx, row->v[DID_E911_SINCE], age).s)
		values[LIST_AGE] = value_str(arena_strdup(&ctx->arena, age));
	return 0;
}

static int print_sheets(struct context *ctx, const struct value *values, size_t n)
{
	const struct column *columns[SHEET_FIELDS];

	for (size_t i = 0; i < SHEET_FIELDS; i++)
		columns[i] = i < LIST_FIELDS ? &list_columns[i] : &location_columns[LOCATION_LABEL + i - SHEET_LOCATION];
	return objects_print(ctx, columns, values, SHEET_FIELDS, n);
}

/* A number that is stored twice has two rows. */
static int run_show(struct context *ctx, void *args)
{
	struct number_rows rows = {0};
	struct value *values = NULL;
	int rc = need_services(ctx);

	(void)args;
	if (!rc)
		rc = number_rows_find(ctx, ctx->operands.at[0], &rows);
	if (!rc)
		values = xcalloc(rows.n * SHEET_FIELDS, sizeof(*values));
	for (size_t i = 0; i < rows.n && !rc; i++)
		rc = fill_sheet(ctx, &rows.at[i], &values[i * SHEET_FIELDS]);
	if (!rc)
		rc = print_sheets(ctx, values, rows.n);
	for (size_t i = 0; i < rows.n && !rc; i++)
		note_candidates(ctx, rows.at[i].v[DID_E911_CANDIDATES].s);
	free(values);
	number_rows_release(&rows);
	return rc;
}

static const struct example clear_examples[] = {
	{"didctl e911 clear 918065978002 --yes", "Takes a number's address away; the location stays for others."},
	{0},
};

static const struct command e911_clear = {
	.name = "clear",
	.summary = "take the emergency address of numbers away",
	.args = {NUMBERS_TO_CHANGE},
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.run = run_clear,
	.examples = clear_examples,
};

static const struct example list_examples[] = {
	{"didctl e911 list", "Lists the numbers that are held, and where the responders would be sent."},
	{"didctl e911 list --e911 failed -o csv", "Lists what the provider refused, for a spreadsheet; exits with 3 if there is any."},
	{0},
};

static const struct synonym list_synonyms[] = {{"status", "e911"}, {0}};

static const struct command e911_list = {
	.name = "list",
	.summary = "list emergency addresses and how far the provider has them",
	.about = "Lists the numbers named, or all that organisations hold but toll-free ones, narrowed down by filters. With "
		 "'--e911 not-set' or '--e911 failed' the exit code is 3 when there are any; what is pending or registered is no fault.",
	.args = {NUMBERS_TO_LIST},
	.groups = groups_list_numbers,
	.columns = list_columns,
	.ncolumns = LIST_FIELDS,
	.default_columns = "number,org,e911,age,address,e911_note",
	.flags = COMMAND_READS,
	.run = run_list,
	.examples = list_examples,
	.synonyms = list_synonyms,
};

static const struct example show_examples[] = {
	{"didctl e911 show 918065978002", "Shows where the responders would be sent, and what the provider said."},
	{0},
};

static const struct command e911_show = {
	.name = "show",
	.summary = "show the emergency address of a number",
	.about = "Shows the status, the location behind it, what the provider said, and the candidates that 'e911 set "
		 "--choose' takes.",
	.args = {ONE_NUMBER},
	.groups = groups_show,
	.flags = COMMAND_READS,
	.run = run_show,
	.examples = show_examples,
};

static const struct example sync_examples[] = {
	{"didctl e911 sync --dry-run", "Lists the numbers whose address would be put to the provider."},
	{0},
};

static const struct command e911_sync = {
	.name = "sync",
	.summary = "put the addresses that wait to the provider",
	.about = "Runs the program of the setting e911-command. " PROVIDER_PROTOCOL
		 "The status is registered, failed or pending; with failed it may offer \"candidates\", an array of "
		 "addresses of which 'e911 set --choose' takes one. Numbers that it does not answer, in time or at all, go on "
		 "waiting; the exit code is then 5. Each answer is a change of its own, in the history. For cron: it asks nobody "
		 "anything.",
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.run = run_e911_sync,
	.examples = sync_examples,
};

static const struct command *const subcommands[] = {
	&e911_clear, &e911_export, &e911_list, &e911_locations, &e911_set, &e911_show, &e911_sync, NULL,
};

const struct command cmd_e911 = {
	.name = "e911",
	.summary = "set, show, list and export emergency addresses",
	.about = "E911: where the responders are sent for a call to 911. A number has the dispatchable location that Kari's Law "
		 "and RAY BAUM's Act ask for, and a status: not-set, pending (waits for the provider), registered, failed.",
	.groups = groups_offline,
	.subcommands = subcommands,
};
