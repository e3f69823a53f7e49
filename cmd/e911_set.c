/* e911 set: one dispatchable location for many numbers. */
#include <stdlib.h>
#include <string.h>

#include "cmd/address.h"
#include "cmd/object.h"
#include "cmd/options.h"
#include "cmd/services.h"
#include "did/e911.h"

struct set_args {
	struct address_args address;
	const char *org, *location;
	long long choose;
	bool choose_given;
};

/* Exactly one way to say where, and one to say which numbers. */
static int check_words(struct context *ctx, const struct set_args *args)
{
	int ways = address_is_given(&args->address) + (args->location != NULL) + args->choose_given;
	bool has_numbers = ctx->operands.n || ctx->filter.where.n;

	if (ways == 0) {
		err_set(&ctx->err, ERR_USAGE, "'e911 set' names no address");
		err_hint(&ctx->err, "give --street, --city, --state-code and --zip, or --location LOCATION, or --choose K");
		return ERR_USAGE;
	}
	if (ways > 1)
		return err_set(&ctx->err, ERR_USAGE, "'--location', '--choose' and an address are three answers to one question");
	if (args->org && has_numbers)
		return err_set(&ctx->err, ERR_USAGE, "'--org' means all numbers of an organisation: name none beside it");
	if (args->org && args->choose_given)
		return err_set(&ctx->err, ERR_USAGE, "'--choose' goes with the numbers that have the candidates, not with '--org'");
	return 0;
}

/* What the provider offered for these numbers, which has to be the same for all; and where they are now. */
struct offer {
	const char *candidates, *location;
	unsigned long long n; /* of the numbers */
};

static int load_offer(struct context *ctx, const struct change *change, struct offer *offer)
{
	static const int columns[] = {DID_NUMBER, DID_E911_CANDIDATES, DID_LOCATION};
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = columns, .ncolumns = ARRAY_SIZE(columns),
		.selection = &change->selection,
	};
	const struct value *row;
	int rc = store_query(ctx->store, &query, &ctx->err);

	if (rc)
		return rc;
	while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		if (!row[1].s || !row[2].s) {
			rc = err_set(&ctx->err, ERR_ABSENT, "'%s' has no candidates to choose from", row[0].s);
			break;
		}
		if (offer->candidates && (strcmp(offer->candidates, row[1].s) || strcmp(offer->location, row[2].s))) {
			rc = err_set(&ctx->err, ERR_REFUSED, "'%s' has other candidates than the numbers before it", row[0].s);
			err_hint(&ctx->err, "choose for it by itself: didctl e911 show %s", row[0].s);
			break;
		}
		offer->candidates = arena_strdup(&ctx->arena, row[1].s);
		offer->location = arena_strdup(&ctx->arena, row[2].s);
		offer->n++;
	}
	store_done(ctx->store);
	return rc;
}

static const struct json *find_candidate(const struct json *list, long long k)
{
	const struct json *candidate = json_first(list);

	while (candidate && --k > 0)
		candidate = json_next(candidate);
	return candidate;
}

/*
 * The candidate's fields over those of the location that the numbers have: its floor and room are nobody else's to know. It
 * is called so too, unless other numbers stay where they are: a label names one location.
 */
static int put_candidate(struct context *ctx, struct change *change, const struct json *candidate, const struct offer *offer)
{
	struct value now[LOCATION_FIELDS];
	int rc = address_load(ctx, offer->location, now);

	if (!rc && (!now[LOCATION_NUMBERS].s || strtoull(now[LOCATION_NUMBERS].s, NULL, 10) > offer->n))
		now[LOCATION_LABEL].s = NULL;

	for (int f = LOCATION_LABEL; f < LOCATION_STORED && !rc; f++) {
		const char *text = json_string(json_get(candidate, location_columns[f].key));

		if (f == LOCATION_ORG_ID)
			continue;
		if (text && *text && location_option((enum location_field)f))
			rc = location_read((enum location_field)f, arena_strdup(&ctx->arena, text), NULL, &ctx->arena, &text,
					   &ctx->err);
		else
			text = now[f].s;
		object_put(change, f, text);
	}
	return rc;
}

static int put_choice(struct context *ctx, struct change *change, long long k)
{
	struct offer offer = {0};
	const struct json *candidate;
	struct json *list = NULL;
	int rc = load_offer(ctx, change, &offer);

	if (!rc && !offer.candidates)
		rc = err_set(&ctx->err, ERR_ABSENT, "none of these numbers is in the inventory");
	if (!rc)
		rc = json_parse(&list, offer.candidates, strlen(offer.candidates), &ctx->err);
	if (rc)
		return rc;
	candidate = find_candidate(list, k);
	if (candidate) {
		rc = put_candidate(ctx, change, candidate, &offer);
		if (rc) /* the provider's words, not the operator's */
			err_prefix(&ctx->err, "candidate %lld cannot be taken: ", k);
	} else {
		rc = err_set(&ctx->err, ERR_USAGE, "bad value '%lld' of '--choose': there are fewer candidates", k);
	}
	json_free(list);
	return rc;
}

static int put_where(struct context *ctx, const struct set_args *args, struct change *change)
{
	int rc;

	if (args->choose_given)
		return put_choice(ctx, change, args->choose);
	if (args->location) {
		change->location_text = args->location;
		return 0;
	}
	rc = address_put(ctx, change, &args->address, address_country(ctx));
	return rc ? rc : location_check(change->object_value, &ctx->err);
}

static int run_set(struct context *ctx, void *args)
{
	const struct set_args *own = args;
	struct change change;
	int rc = change_begin(ctx, &change, VERB_E911_SET);

	if (!rc)
		rc = check_words(ctx, own);
	change.org_text = own->org;
	if (!rc && !own->org)
		rc = change_select(ctx, &change, ctx->operands.at, ctx->operands.n);
	if (!rc)
		rc = put_where(ctx, own, &change);
	return change_end(ctx, &change, rc);
}

static const struct option set_options[] = {
	ADDRESS_OPTIONS(struct set_args, address, false),
	{.name = "org", OPT_STRING(struct set_args, org), .metavar = "ORG", .complete = COMPLETE_ORG,
	 .help = "all numbers that this organisation holds, but toll-free ones"},
	{.name = "location", OPT_STRING(struct set_args, location), .metavar = "LOCATION", .complete = COMPLETE_LOCATION,
	 .help = "a location that there is, by its id or label"},
	{.name = "choose", OPT_COUNT(struct set_args, choose, 1, 100), OPT_GIVEN(struct set_args, choose_given),
	 .metavar = "K", .help = "the K-th of the addresses that the provider offered instead"},
};

static const struct example set_examples[] = {
	{"didctl e911 set 918065978003-8006 --street '350 Fifth Ave' --floor 21 --city 'New York' --state-code NY"
	 " --zip 10118 --label 'New York office' --yes",
	 "Sets one address for four numbers."},
	{"didctl e911 set 918065978007 --location Toronto", "This number is where others are already."},
	{0},
};

const struct command e911_set = {
	.name = "set",
	.summary = "set the emergency address of numbers",
	.about = "The numbers are to be found at one dispatchable location: one that there is, or one that is made of the "
		 "address. All of it is one change. The address waits for the provider (pending) until 'e911 sync' has its "
		 "answer. An address takes letters, digits, blanks and . , ' # & / ( ) -. Toll-free numbers carry none.",
	.args = {NUMBERS_TO_CHANGE},
	.options = set_options,
	.noptions = ARRAY_SIZE(set_options),
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct set_args),
	.run = run_set,
	.examples = set_examples,
};
