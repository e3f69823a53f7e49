/* e911 export: where numbers are, as the PIDF-LO document that a provider reads. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/uuid.h"
#include "cmd/address.h"
#include "cmd/options.h"
#include "cmd/services.h"
#include "did/e911.h"
#include "service/pidf.h"

#define FLUSH_AT (64u << 10)

struct place {
	const char *v[LOCATION_STORED]; /* v[LOCATION_ID]: what numbers name it by */
};

struct export {
	struct context *ctx;
	struct selection selection;
	bool is_named; /* numbers were named: each of them has to be there, and to be somewhere */
	struct place *places; /* by id */
	size_t nplaces, cap;
	struct rangeset seen; /* in ascending order; joined at the end */
	uint64_t n;
	const char *first, *org_id; /* of the first number */
	struct buf out;
};

enum at { AT_NUMBER, AT_E164, AT_ORG_ID, AT_LOCATION, AT_SINCE, AT_COUNT };

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->v[LOCATION_ID], ((const struct place *)b)->v[LOCATION_ID]);
}

static int load_places(struct export *e)
{
	int columns[LOCATION_STORED];
	const struct query query = {.listing = LIST_LOCATIONS, .columns = columns, .ncolumns = LOCATION_STORED};
	struct context *ctx = e->ctx;
	const struct value *row;
	int rc;

	for (int f = 0; f < LOCATION_STORED; f++)
		columns[f] = f;
	rc = store_query(ctx->store, &query, &ctx->err);
	while (!rc && (rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		rc = 0;
		GROW(e->places, e->nplaces, e->cap);
		for (int f = 0; f < LOCATION_STORED; f++)
			e->places[e->nplaces].v[f] = row[f].s ? arena_strdup(&ctx->arena, row[f].s) : NULL;
		e->nplaces++;
	}
	store_done(ctx->store);
	if (e->nplaces)
		qsort(e->places, e->nplaces, sizeof(*e->places), by_id);
	return rc;
}

static const struct place *find_place(const struct export *e, const char *id)
{
	const struct place wanted = {.v = {[LOCATION_ID] = id}};

	return id && e->nplaces ? bsearch(&wanted, e->places, e->nplaces, sizeof(wanted), by_id) : NULL;
}

static int refuse(struct export *e, int code, const char *number, const char *why, const char *hint)
{
	char shown[TEXT_SHOWN];

	err_set(&e->ctx->err, code, "'%s' %s", text_show(shown, number, strlen(number)), why);
	err_hint(&e->ctx->err, "%s", hint);
	return code;
}

/* What somebody else has written into the tables is no address because it stands there. */
static int check_place(struct export *e, const char *number, const struct place *place)
{
	struct err *err = &e->ctx->err;

	if (!place)
		return refuse(e, ERR_ABSENT, number, "has no emergency address", "didctl e911 list --e911 not-set has all such");
	if (location_check(place->v, err) == 0)
		return 0;
	err_prefix(err, "location '%s' of %s: ", place->v[LOCATION_ID], number);
	err_hint(err, "mend it first: didctl e911 locations edit %s", place->v[LOCATION_ID]);
	return err->code = ERR_REFUSED;
}

/* A document tells of one number, or of the numbers of one organisation. */
static int check_owner(struct export *e, const struct value *row)
{
	struct arena *arena = &e->ctx->arena;
	const char *org_id = row[AT_ORG_ID].s ? row[AT_ORG_ID].s : "";

	if (!e->n++) {
		e->first = arena_strdup(arena, row[AT_E164].s);
		e->org_id = arena_strdup(arena, org_id);
	}
	if (strcmp(e->org_id, org_id) == 0)
		return 0;
	return refuse(e, ERR_REFUSED, row[AT_NUMBER].s, "is of another organisation than the numbers before it",
		      "a document is of one organisation: name it with --org ORG");
}

static int check_row(struct export *e, const struct value *row)
{
	struct interval in = {.count = 1};
	int rc;

	if (!row[AT_E164].s || !number_parse_stored(&in.first, row[AT_E164].s, row[AT_E164].len, NULL))
		return refuse(e, ERR_REFUSED, row[AT_NUMBER].s, "is no telephone number", "didctl doctor number");
	if (in.first.width < 7)
		return refuse(e, ERR_REFUSED, row[AT_NUMBER].s, "is a short number, which no other network knows",
			      "an address of it cannot be told to a provider");
	if (e->seen.n && number_eq(interval_last(&e->seen.at[e->seen.n - 1]), in.first))
		return refuse(e, ERR_REFUSED, row[AT_NUMBER].s, "stands in two rows, and so perhaps in two places",
			      "didctl doctor twin");
	rc = check_place(e, row[AT_NUMBER].s, find_place(e, row[AT_LOCATION].s));
	if (rc)
		return rc;
	rangeset_add(&e->seen, in);
	return check_owner(e, row);
}

static int put_row(struct export *e, const struct value *row)
{
	const struct place *place = find_place(e, row[AT_LOCATION].s);
	struct pidf_tuple tuple = {.e164 = row[AT_E164].s, .since = row[AT_SINCE].s};

	if (!place || !row[AT_E164].s)
		return refuse(e, ERR_REFUSED, row[AT_NUMBER].s, "has changed meanwhile", "run the command again");
	memcpy(tuple.location, place->v, sizeof(tuple.location));
	pidf_add(&e->out, &tuple);
	if (e->out.len >= FLUSH_AT) {
		fwrite(e->out.data, 1, e->out.len, stdout); /* whether it could be written is looked at when the command ends */
		buf_reset(&e->out);
	}
	return 0;
}

static int each_row(struct export *e, int (*visit)(struct export *e, const struct value *row))
{
	static const int columns[AT_COUNT] = {DID_NUMBER, DID_E164, DID_ORG_ID, DID_LOCATION, DID_E911_SINCE};
	static const struct sort_key by_key = {DID_E164, false};
	struct context *ctx = e->ctx;
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = columns, .ncolumns = AT_COUNT, .selection = &e->selection,
		.sort = &by_key, .nsort = 1,
	};
	const struct value *row;
	int rc = store_query(ctx->store, &query, &ctx->err);

	while (!rc && (rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		rc = visit(e, row);
		if (!rc)
			rc = check_interrupt(ctx);
	}
	store_done(ctx->store);
	return rc;
}

/* Those that are not in the inventory; patterns and filters name none in particular. */
static int check_all_there(struct export *e)
{
	const struct selection *named = &e->selection;
	struct rangeset missing = {0};
	char digits[NUMBER_TEXT];
	int rc = 0;

	rangeset_normalise(&e->seen);
	if (e->is_named && !named->nids && !named->npatterns && !named->nfilters)
		rangeset_subtract(&missing, &named->numbers, &e->seen);
	if (missing.n) {
		number_format(missing.at[0].first, digits);
		rc = err_set(&e->ctx->err, ERR_ABSENT, "'%s' is not in the inventory", digits);
	}
	rangeset_release(&missing);
	if (!rc && !e->n)
		rc = err_set(&e->ctx->err, ERR_ABSENT, "none of these numbers has an emergency address");
	return rc;
}

static const char *entity_of(const struct export *e)
{
	if (e->n == 1 || !uuid_is_valid(e->org_id)) /* the PBX may have named an organisation in its own way */
		return arena_printf(&e->ctx->arena, "tel:+%s", e->first);
	return arena_printf(&e->ctx->arena, "urn:uuid:%s", e->org_id);
}

static int select_numbers(struct export *e)
{
	static const char *const somewhere[] = {"pending", "registered", "failed"};
	struct filter *filter;
	int rc = select_held(e->ctx, &e->selection);

	e->is_named = e->ctx->operands.n > 0;
	if (rc || e->is_named)
		return rc;
	filter = selection_add_filter(&e->selection, FILTER_EQUAL, DID_E911);
	for (size_t i = 0; i < ARRAY_SIZE(somewhere); i++)
		filter_add_value(filter, somewhere[i]);
	return 0;
}

/* All is looked at before anything is written: half a document is none. */
static int write_document(struct export *e)
{
	int rc = load_places(e);

	if (!rc)
		rc = each_row(e, check_row);
	if (!rc)
		rc = check_all_there(e);
	if (rc)
		return rc;
	pidf_open(&e->out, entity_of(e));
	rc = each_row(e, put_row);
	pidf_close(&e->out);
	if (!rc)
		fwrite(e->out.data, 1, e->out.len, stdout);
	return rc;
}

static int run_export(struct context *ctx, void *args)
{
	struct export e = {.ctx = ctx};
	bool has_tables = store_can(ctx->store, CAN_KEEP_HISTORY); /* else the places themselves are what cannot be had */
	int rc = select_numbers(&e);

	(void)args;
	if (!rc && has_tables)
		rc = store_begin_snapshot(ctx->store, &ctx->err);
	if (!rc)
		rc = write_document(&e);
	if (has_tables)
		store_end_snapshot(ctx->store);
	selection_release(&e.selection);
	rangeset_release(&e.seen);
	buf_release(&e.out);
	free(e.places);
	return rc;
}

static const struct option_group *const groups[] = {&group_filter, &group_target, &group_global, NULL};

static const struct example examples[] = {
	{"didctl e911 export 918065978002 >location.xml", "Writes where one number is."},
	{"didctl e911 export --org ACME | xmllint --noout -", "Of all that an organisation holds; this proves it well-formed."},
	{0},
};

const struct command e911_export = {
	.name = "export",
	.summary = "write where numbers are as PIDF-LO, for a provider",
	.about = "A presence document (RFC 3863) with a location object (RFC 4119) and a civic address (RFC 5139) for each number, "
		 "on standard output: of one number, or of numbers of one organisation. The same addresses give the same bytes. A "
		 "number that is named and has no address is an error, and nothing is written then.",
	.args = {{.metavar = "NUMBERS", .help = "the numbers; without any all that are held and have an address",
		  .complete = COMPLETE_NUMBER}},
	.groups = groups,
	.flags = COMMAND_READS,
	.run = run_export,
	.examples = examples,
};
