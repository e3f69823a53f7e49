/* pool list, stats and requests: rows of many numbers. */
#include <string.h>

#include "base/text.h"
#include "cmd/age.h"
#include "cmd/common.h"
#include "cmd/options.h"
#include "cmd/pool.h"

static int select_all(struct context *ctx, struct selection *out)
{
	int rc = select_operands(ctx, ctx->operands.at, ctx->operands.n, true, out);

	return rc ? rc : select_filters(ctx, out);
}

static int run_list(struct context *ctx, void *args)
{
	struct selection selection = {0};
	struct query query = {.listing = LIST_NUMBERS, .selection = &selection};
	int rc = select_all(ctx, &selection);

	(void)args;
	if (!rc)
		rc = list_rows(ctx, &query);
	selection_release(&selection);
	return rc;
}

static const struct example list_examples[] = {
	{"didctl pool list --state available -o csv", "Lists what is in stock, for a spreadsheet."},
	{"didctl pool list 918065978000-8009", "Lists ten numbers."},
	{"didctl pool list --org ACME -c +tags,notes -s -price", "Lists what an organisation holds, the "
								 "dearest first."},
	{0},
};

const struct command pool_list = {
	.name = "list",
	.summary = "list numbers",
	.about = "Lists the numbers named, or all, narrowed down by filters. Operands may be numbers, "
		 "ranges, patterns with X for any digit, id:UUID for one row, @FILE with one of these a "
		 "line, or '-' for standard input.",
	.args = {{.metavar = "NUMBERS", .help = "the numbers to list; all of them without any",
		  .complete = COMPLETE_NUMBER}},
	.groups = groups_list_numbers,
	.columns = did_columns,
	.ncolumns = DID_FIELDS,
	.default_columns = DID_DEFAULT_COLUMNS,
	.flags = COMMAND_READS,
	.run = run_list,
	.examples = list_examples,
};

struct stats_args {
	const char *by;
};

static int parse_keys(struct context *ctx, const char *list, int keys[DID_FIELDS], size_t *n)
{
	char shown[TEXT_SHOWN];
	const char *end;

	for (*n = 0;; list = end + 1) {
		int key;
		size_t i;

		end = strchrnul(list, ',');
		key = column_find(did_columns, DID_FIELDS,
				  arena_strndup(&ctx->arena, list, (size_t)(end - list)));
		if (key < 0) {
			err_set(&ctx->err, ERR_USAGE, "there is no column '%s'",
				text_show(shown, list, (size_t)(end - list)));
			err_hint(&ctx->err, "'didctl pool list --list-columns' names them");
			return ERR_USAGE;
		}
		for (i = 0; i < *n && keys[i] != key; i++)
			;
		if (i == *n)
			keys[(*n)++] = key;
		if (!*end)
			return 0;
	}
}

static int run_stats(struct context *ctx, void *args)
{
	const struct stats_args *own = args;
	struct selection selection = {0};
	int keys[DID_FIELDS];
	size_t nkeys;
	int rc = parse_keys(ctx, own->by ? own->by : "state", keys, &nkeys);

	if (!rc)
		rc = select_all(ctx, &selection);
	if (!rc)
		rc = list_groups(ctx, &selection, keys, nkeys);
	selection_release(&selection);
	return rc;
}

static const struct option stats_options[] = {
	{.name = "by", OPT_STRING(struct stats_args, by), .metavar = "KEYS",
	 .help = "count by these columns, joined by commas; by state unless given"},
};

static const struct option_group *const stats_groups[] = {
	&group_filter, &group_target, &group_output, &group_global, NULL,
};

static const struct example stats_examples[] = {
	{"didctl pool stats", "Counts the numbers in each state."},
	{"didctl pool stats --by env,state --provider Tata", "Counts a provider's numbers by environment and "
							     "state."},
	{0},
};

const struct command pool_stats = {
	.name = "stats",
	.summary = "count numbers by state or any other column",
	.about = "Prints one row for each combination of values that there is, sorted by them, and how many "
		 "numbers have it.",
	.args = {{.metavar = "NUMBERS", .help = "the numbers to count; all of them without any",
		  .complete = COMPLETE_NUMBER}},
	.options = stats_options,
	.noptions = ARRAY_SIZE(stats_options),
	.groups = stats_groups,
	.flags = COMMAND_READS,
	.args_size = sizeof(struct stats_args),
	.run = run_stats,
	.examples = stats_examples,
};

enum requests_field { REQUESTS_NUMBER, REQUESTS_ORG, REQUESTS_AT, REQUESTS_AGE, REQUESTS_FIELDS };

static const struct column requests_columns[REQUESTS_FIELDS] = {
	{"number", "Number", "the number as it is stored", COL_NUMBER},
	{"org", "Organisation", "name of who asks for it", COL_TEXT},
	{"requested_at", "Requested", "when it was asked for", COL_TIME},
	{"age", "Age", "how long ago that was", COL_ID},
};

static int run_requests(struct context *ctx, void *args)
{
	static const struct column_source sources[REQUESTS_FIELDS] = {
		[REQUESTS_NUMBER] = {.column = DID_NUMBER},
		[REQUESTS_ORG] = {.column = DID_ORG},
		[REQUESTS_AT] = {.column = DID_REQUESTED_AT},
		[REQUESTS_AGE] = {.column = DID_REQUESTED_AT, .is_reversed = true, .derive = age_of},
	};
	struct selection selection = {0};
	struct query query = {.listing = LIST_NUMBERS, .selection = &selection};
	int rc;

	(void)args;
	selection_add_filter(&selection, FILTER_STATE, DID_STATE)->states = STATE_BIT(STATE_PENDING);
	rc = list_rows_from(ctx, &query, sources);
	selection_release(&selection);
	return rc;
}

static const struct example requests_examples[] = {
	{"didctl pool requests -s requested_at", "Lists what is asked for, the oldest request first."},
	{0},
};

const struct command pool_requests = {
	.name = "requests",
	.summary = "list the numbers that organisations ask for",
	.about = "'pool approve' assigns such a number, 'pool reject' and 'pool sweep' make it available "
		 "again.",
	.groups = groups_list,
	.columns = requests_columns,
	.ncolumns = REQUESTS_FIELDS,
	.default_columns = "number,org,requested_at,age",
	.flags = COMMAND_READS,
	.run = run_requests,
	.examples = requests_examples,
};
