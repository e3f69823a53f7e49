/* env check: whether each number is wired as its environment says, as far as the inventory can tell. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/common.h"
#include "cmd/env.h"
#include "cmd/fields.h"
#include "cmd/options.h"

#define ENVS 3
#define MANY_NUMBERS 10000 /* the switch looks a number up line by line (measured: 25 ms at 100,000) */
#define PREFIX_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"
#define PREFIX_MAX 63
#define LOCAL_SPELLING 2 /* number_spell: 0N in India, which callers there dial */

enum env { ENV_PROD, ENV_STAGING, ENV_OSS };
enum check_field { CHECK_SEVERITY, CHECK_NAME, CHECK_NUMBER, CHECK_DETAIL, CHECK_FIX, CHECK_FIELDS };
enum { ROW_NUMBER, ROW_E164, ROW_ENV, ROW_STATE, ROW_ORG_ID, ROW_FIELDS };

static const struct column check_columns[CHECK_FIELDS] = {
	{"severity", "Severity", "error, warning or info", COL_ID},
	{"check", "Check", "name of what was looked at", COL_ID},
	{"number", "Number", "the number as it is stored; absent where it is about all", COL_NUMBER},
	{"detail", "Detail", "what was found", COL_TEXT},
	{"fix", "Fix", "what to do about it", COL_TEXT},
};

struct prefix {
	const char *org_id, *prefix;
};

struct checker {
	struct context *ctx;
	struct sink *sink;
	struct rangeset ranges[ENVS]; /* empty: no convention */
	struct prefix *prefixes;      /* by organisation's id */
	size_t nprefixes, prefixes_cap;
	uint64_t staging, dispatched;
};

static int find(const struct checker *checker, const char *severity, const char *check, const char *number,
		const char *detail, const char *fix)
{
	const struct value row[CHECK_FIELDS] = {
		[CHECK_SEVERITY] = value_str(severity), [CHECK_NAME] = value_str(check),
		[CHECK_NUMBER] = value_str(number),	[CHECK_DETAIL] = value_str(detail),
		[CHECK_FIX] = value_str(fix),
	};

	return sink_row(checker->sink, row, &checker->ctx->err);
}

/* The conventions: ranges joined by commas. */
static int load_range(struct context *ctx, enum setting setting, struct rangeset *out)
{
	const char *list = conf_get(ctx->conf, setting, NULL);
	struct interval interval;
	const char *end;

	for (; list; list = *end ? end + 1 : NULL) {
		end = strchrnul(list, ',');
		if (interval_parse(&interval, arena_strndup(&ctx->arena, list, (size_t)(end - list)),
				   ctx->country, &ctx->err)) {
			ctx->err.code = ERR_TARGET;
			err_prefix(&ctx->err, "setting '%s': ", setting_info[setting].key);
			return ERR_TARGET;
		}
		rangeset_add(out, interval);
	}
	rangeset_normalise(out);
	return 0;
}

static int load_ranges(struct checker *checker)
{
	static const enum setting settings[ENVS] = {SET_RANGE_PROD, SET_RANGE_STAGING, SET_RANGE_OSS};
	int rc = 0;

	for (size_t i = 0; i < ENVS && !rc; i++)
		rc = load_range(checker->ctx, settings[i], &checker->ranges[i]);
	return rc;
}

static int compare_prefixes(const void *a, const void *b)
{
	return strcmp(((const struct prefix *)a)->org_id, ((const struct prefix *)b)->org_id);
}

/* Only what may stand in the switch's files: a prefix that would mean something else there is as good as
 * none. */
static bool is_safe_prefix(const char *s)
{
	size_t len = s ? strlen(s) : 0;

	return len > 0 && len <= PREFIX_MAX && strspn(s, PREFIX_CHARS) == len;
}

static int load_prefixes(struct checker *checker)
{
	static const int columns[] = {ORG_ID, ORG_CONTEXT_PREFIX};
	const struct query query = {
		.listing = LIST_ORGS, .columns = columns, .ncolumns = ARRAY_SIZE(columns)};
	struct context *ctx = checker->ctx;
	const struct value *row;
	int rc = store_query(ctx->store, &query, &ctx->err);

	if (rc)
		return rc;
	while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		if (!row[0].s || !is_safe_prefix(row[1].s))
			continue;
		GROW(checker->prefixes, checker->nprefixes, checker->prefixes_cap);
		checker->prefixes[checker->nprefixes++] = (struct prefix){
			arena_strdup(&ctx->arena, row[0].s), arena_strdup(&ctx->arena, row[1].s)};
	}
	store_done(ctx->store);
	if (checker->nprefixes)
		qsort(checker->prefixes, checker->nprefixes, sizeof(*checker->prefixes), compare_prefixes);
	return rc;
}

static const char *prefix_of(const struct checker *checker, const char *org_id)
{
	const struct prefix key = {.org_id = org_id};
	const struct prefix *found = NULL;

	if (org_id && checker->nprefixes)
		found = bsearch(&key, checker->prefixes, checker->nprefixes, sizeof(key), compare_prefixes);
	return found ? found->prefix : NULL;
}

static int check_range(const struct checker *checker, const struct value *row, struct number number,
		       enum env env)
{
	const struct rangeset *range = &checker->ranges[env];
	struct buf detail = {0};
	int rc;

	if (!range->n || rangeset_has(range, number))
		return 0;
	buf_printf(&detail, "is of environment %s, but outside %s", env_names[env],
		   setting_info[SET_RANGE_PROD + env].key);
	rc = find(checker, "warning", "env-range", row[ROW_NUMBER].s, buf_str(&detail),
		  "didctl env set ENV NUMBER, or another range in the configuration");
	buf_release(&detail);
	return rc;
}

static void add_line(struct buf *out, const char *prefix, const char *digits)
{
	buf_printf(out, "exten => %s,1,Goto(%s__incoming,%s,1)", digits, prefix, digits);
}

/* The OSS host is not ours to write: the lines that it needs are printed. */
static int check_oss(const struct checker *checker, const struct value *row, struct number number)
{
	const char *context = conf_get(checker->ctx->conf, SET_OSS_CONTEXT, NULL);
	const char *prefix = prefix_of(checker, row[ROW_ORG_ID].s);
	const struct country *country = checker->ctx->country;
	char digits[NUMBER_TEXT];
	struct buf fix = {0};
	int rc;

	buf_printf(&fix, "on the OSS host, in [%s]: ", context);
	if (prefix) {
		number_format(number, digits);
		add_line(&fix, prefix, digits);
		if (!strcmp(country_code(country), "IN") &&
		    number_spellings(number, country) > LOCAL_SPELLING) {
			number_spell(number, country, LOCAL_SPELLING, digits);
			buf_puts(&fix, " and ");
			add_line(&fix, prefix, digits);
		}
	} else {
		buf_puts(&fix, "an entry, once an organisation with a context prefix holds it");
	}
	rc = find(checker, "warning", "env-oss", row[ROW_NUMBER].s, "is not wired by the prod dispatcher",
		  buf_str(&fix));
	buf_release(&fix);
	return rc;
}

/* States in which no call is meant to arrive. */
static bool is_out_of_service(const char *state)
{
	return state && (!strcmp(state, state_info[STATE_ARCHIVED].name) ||
			 !strcmp(state, state_info[STATE_PORTED].name) ||
			 !strcmp(state, state_info[STATE_BLOCKED].name));
}

static int check_row(struct checker *checker, const struct value *row)
{
	struct number number;
	int env = 0;
	int rc;

	while (env < ENVS && (!row[ROW_ENV].s || strcmp(row[ROW_ENV].s, env_names[env]) != 0))
		env++;
	if (env == ENVS)
		return find(checker, "warning", "env-unknown", row[ROW_NUMBER].s, "is of no environment that "
										  "is known",
			    "didctl env set ENV NUMBER");
	/* A number that cannot be read is for doctor to speak of. */
	if (!row[ROW_E164].s || !number_parse_stored(&number, row[ROW_E164].s, row[ROW_E164].len, NULL))
		return 0;
	rc = check_range(checker, row, number, (enum env)env);
	if (rc || is_out_of_service(row[ROW_STATE].s))
		return rc;
	checker->staging += env == ENV_STAGING;
	checker->dispatched += env != ENV_OSS;
	return env == ENV_OSS ? check_oss(checker, row, number) : 0;
}

static int check_rows(struct checker *checker)
{
	static const int columns[ROW_FIELDS] = {DID_NUMBER, DID_E164, DID_ENV, DID_STATE, DID_ORG_ID};
	static const struct sort_key sort[] = {{DID_NUMBER, false}};
	const struct selection all = {0};
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = columns, .ncolumns = ROW_FIELDS, .sort = sort, .nsort = 1,
		.selection = &all,
	};
	struct context *ctx = checker->ctx;
	const struct value *row;
	int rc = store_query(ctx->store, &query, &ctx->err);

	if (rc)
		return rc;
	while (!rc && (rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		rc = check_row(checker, row);
		if (!rc)
			rc = check_interrupt(ctx);
	}
	store_done(ctx->store);
	return rc;
}

/* What is true of all numbers of an environment. */
static int check_whole(const struct checker *checker)
{
	struct buf detail = {0};
	int rc = 0;

	if (checker->staging) {
		buf_printf(&detail, "%" PRIu64 " number%s forwarded to the staging system", checker->staging,
			   checker->staging == 1 ? " is" : "s are");
		rc = find(checker, "info", "env-staging", NULL, buf_str(&detail),
			  "if calls do not arrive there: cloud-endpoint-stage must be Avail, the tunnel up, "
			  "and tata_gateway_identify on staging must match 10.10.10.1");
	}
	buf_reset(&detail);
	if (!rc && checker->dispatched >= MANY_NUMBERS) {
		buf_printf(&detail, "%" PRIu64 " numbers are dispatched, and the switch looks them up one by "
					       "one",
			   checker->dispatched);
		rc = find(checker, "warning", "env-lookup", NULL, buf_str(&detail),
			  "extenpatternmatchnew=yes in [general] of extensions.conf");
	}
	buf_release(&detail);
	return rc;
}

static void release(struct checker *checker)
{
	for (size_t i = 0; i < ENVS; i++)
		rangeset_release(&checker->ranges[i]);
	free(checker->prefixes);
}

static int run_check(struct context *ctx, void *args)
{
	const struct column *columns[CHECK_FIELDS];
	struct checker checker = {.ctx = ctx};
	int rc = load_ranges(&checker);

	(void)args;
	for (size_t i = 0; i < CHECK_FIELDS; i++)
		columns[i] = &check_columns[i];
	if (!rc)
		rc = load_prefixes(&checker);
	if (!rc)
		rc = rows_open(ctx, columns, CHECK_FIELDS, &checker.sink);
	if (!rc)
		rc = check_rows(&checker);
	if (!rc)
		rc = check_whole(&checker);
	rc = rows_close(ctx, checker.sink, rc);
	release(&checker);
	if (!rc)
		note(ctx, "only the inventory was looked at, not the switch itself");
	return rc;
}

static const struct example check_examples[] = {
	{"didctl env check", "Lists what is not wired as its environment says, and what to do."},
	{0},
};

const struct command env_check = {
	.name = "check",
	.summary = "check whether numbers are wired as their environment says",
	.about = "Compares the environment of each number with the ranges of the configuration (range.prod, "
		 "range.staging, range.oss), prints the lines that the OSS host needs, and says what else is "
		 "to be seen to. Exit status 3 when there are errors; warnings are none.",
	.groups = groups_show,
	.columns = check_columns,
	.ncolumns = CHECK_FIELDS,
	.default_columns = "severity,check,number,detail,fix",
	.flags = COMMAND_READS,
	.run = run_check,
	.examples = check_examples,
};
