/* The organisations, and what all their rows together say of each. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/doctor.h"

#define HANGUP "hangup"
#define SLOTS_MIN 64

/* A default caller ID beside the organisation's lowest. */
struct surplus {
	struct holder *holder;
	const char *number, *id;
};

/* Databases compare ids without regard to case, or they do not: an owner must not be missing for that. */
static uint32_t hash_id(const char *id)
{
	uint32_t hash = UINT32_C(2166136261); /* FNV-1a */

	for (; *id; id++)
		hash = (hash ^ (uint32_t)((unsigned char)*id | 0x20)) * UINT32_C(16777619);
	return hash;
}

static uint32_t *find_slot(const struct holders *holders, const char *id)
{
	size_t i = hash_id(id) & (holders->nslots - 1);

	while (holders->slots[i] && strcasecmp(holders->at[holders->slots[i] - 1].id, id) != 0)
		i = (i + 1) & (holders->nslots - 1);
	return &holders->slots[i];
}

struct holder *holders_find(const struct holders *holders, const char *id)
{
	uint32_t slot = id && holders->nslots ? *find_slot(holders, id) : 0;

	return slot ? &holders->at[slot - 1] : NULL;
}

/* Once they are all there, and stay where they are. */
static void index_holders(struct holders *holders)
{
	holders->nslots = SLOTS_MIN;
	while (holders->nslots < 2 * holders->n)
		holders->nslots *= 2;
	holders->slots = xcalloc(holders->nslots, sizeof(*holders->slots));
	for (size_t i = 0; i < holders->n; i++)
		*find_slot(holders, holders->at[i].id) = (uint32_t)i + 1;
}

static int compare_prefixes(const void *left, const void *right)
{
	const struct holder *const *a = left, *const *b = right;

	return strcmp((*a)->prefix, (*b)->prefix);
}

/* Two contexts of one name are one context: each of the two is told of the other. */
static void find_shared_prefixes(struct holders *holders)
{
	struct holder **sorted = xcalloc(holders->n + 1, sizeof(struct holder *));
	size_t n = 0;

	for (size_t i = 0; i < holders->n; i++)
		if (holders->at[i].is_usable)
			sorted[n++] = &holders->at[i];
	if (n)
		qsort(sorted, n, sizeof(*sorted), compare_prefixes);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(sorted[i]->prefix, sorted[i - 1]->prefix) != 0)
			continue;
		sorted[i]->same_prefix = sorted[i - 1];
		sorted[i - 1]->same_prefix = sorted[i];
	}
	free(sorted);
}

int holders_load(struct doctor *doctor)
{
	static const int columns[] = {ORG_ID, ORG_NAME, ORG_CONTEXT_PREFIX, ORG_UNROUTED};
	const struct query query = {.listing = LIST_ORGS, .columns = columns, .ncolumns = ARRAY_SIZE(columns)};
	struct holders *holders = &doctor->holders;
	struct context *ctx = doctor->ctx;
	const struct value *row;
	int rc = store_query(ctx->store, &query, &ctx->err);

	while (!rc && (rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		rc = 0;
		if (!row[0].s)
			continue;
		GROW(holders->at, holders->n, holders->cap);
		holders->at[holders->n++] = (struct holder){
			.id = doctor_keep(doctor, row[0]),
			.name = doctor_keep(doctor, row[1]),
			.prefix = doctor_keep(doctor, row[2]),
			.is_usable = dispatch_is_prefix(row[2].s),
			.is_unrouted = !row[3].s || strcmp(row[3].s, HANGUP) == 0,
		};
	}
	store_done(ctx->store);
	index_holders(holders);
	find_shared_prefixes(holders);
	return rc;
}

const char *holder_name(const struct holder *holder)
{
	return holder->name && *holder->name ? holder->name : holder->id;
}

static struct candidate keep_candidate(struct doctor *doctor, const struct doctor_row *row)
{
	return (struct candidate){
		.key = row->key,
		.number = doctor_keep(doctor, row->stored),
		.id = doctor_keep(doctor, value_str(row->id)),
	};
}

/* The lowest number that an organisation has in use; its row matters only to a repair. */
static void see_lowest(struct doctor *doctor, const struct doctor_row *row)
{
	struct candidate *lowest = &row->owner->lowest;

	if (lowest->key.width && number_cmp(row->key, lowest->key) >= 0)
		return;
	*lowest = doctor->repairs ? keep_candidate(doctor, row) : (struct candidate){.key = row->key};
}

static void add_surplus(struct holders *holders, struct holder *holder, struct candidate candidate)
{
	GROW(holders->surplus, holders->nsurplus, holders->surplus_cap);
	holders->surplus[holders->nsurplus++] = (struct surplus){holder, candidate.number, candidate.id};
}

/* The lowest of an organisation's defaults is the one that counts; what it displaces is one too many. */
static void see_default(struct doctor *doctor, const struct doctor_row *row)
{
	struct candidate found = keep_candidate(doctor, row), *chosen = &row->owner->chosen;

	if (chosen->key.width && number_cmp(found.key, chosen->key) >= 0) {
		add_surplus(&doctor->holders, row->owner, found);
		return;
	}
	if (chosen->key.width)
		add_surplus(&doctor->holders, row->owner, *chosen);
	*chosen = found;
}

static int find_missing(struct doctor *doctor, const struct doctor_row *row)
{
	buf_printf(&doctor->detail, "is %s, and its owner '%s' is no organisation that there is",
		   state_info[row->state].name, row->record.v[DID_ORG_ID]);
	doctor_offer(doctor, CHECK_OWNER_MISSING);
	doctor_mend(doctor, CHECK_OWNER_MISSING, row->id, NULL);
	return doctor_found(doctor, CHECK_OWNER_MISSING, row->stored.s);
}

int holders_see(struct doctor *doctor, const struct doctor_row *row)
{
	struct holder *holder = row->owner;

	if (!holder)
		return row->record.v[DID_ORG_ID] && doctor_wants(doctor, CHECK_BIT(CHECK_OWNER_MISSING)) ?
			       find_missing(doctor, row) :
			       0;
	if (row->state != STATE_ASSIGNED || !row->key.width)
		return 0;
	holder->assigned++;
	see_lowest(doctor, row);
	if (record_flag(&row->record, DID_DEFAULT))
		see_default(doctor, row);
	return 0;
}

static void offer_default(struct doctor *doctor, const struct candidate *candidate)
{
	char digits[NUMBER_TEXT];

	number_format(candidate->key, digits);
	buf_printf(&doctor->fix, "didctl default set %s", digits);
}

static int find_surplus(struct doctor *doctor, const struct surplus *surplus)
{
	const struct candidate *chosen = &surplus->holder->chosen;

	buf_printf(&doctor->detail, "is a default caller ID of '%s', and so is %s", holder_name(surplus->holder),
		   chosen->number);
	offer_default(doctor, chosen);
	doctor_mend(doctor, CHECK_TWO_DEFAULTS, surplus->id, chosen->id);
	return doctor_found(doctor, CHECK_TWO_DEFAULTS, surplus->number);
}

static int find_no_default(struct doctor *doctor, const struct holder *holder)
{
	buf_printf(&doctor->detail, "'%s' has %llu number%s in use and no default caller ID: calls show the first of them",
		   holder_name(holder), (unsigned long long)holder->assigned, holder->assigned == 1 ? "" : "s");
	offer_default(doctor, &holder->lowest);
	doctor_mend(doctor, CHECK_NO_DEFAULT, holder->lowest.id, NULL);
	return doctor_found(doctor, CHECK_NO_DEFAULT, NULL);
}

static int find_context(struct doctor *doctor, const struct holder *holder)
{
	struct buf *detail = &doctor->detail;

	buf_printf(detail, "'%s' has numbers in use and ", holder_name(holder));
	if (holder->same_prefix)
		buf_printf(detail, "the context prefix '%s' of '%s': calls of the two get mixed up", holder->prefix,
			   holder_name(holder->same_prefix));
	else if (holder->prefix && *holder->prefix)
		buf_printf(detail, "the context prefix '%s', which the switch's files may not hold", holder->prefix);
	else
		buf_puts(detail, "no context prefix: the switch has nowhere to send its calls");
	buf_printf(detail, "; put another for PREFIX, 1 to %d of a-z, 0-9 and '_'", DISPATCH_PREFIX_MAX);
	buf_puts(&doctor->fix, "didctl org edit ");
	text_shell(&doctor->fix, holder->id);
	buf_puts(&doctor->fix, " --context-prefix PREFIX");
	return doctor_found(doctor, CHECK_CONTEXT, NULL);
}

static int judge(struct doctor *doctor, const struct holder *holder)
{
	int rc = 0;

	if (!holder->assigned)
		return 0;
	if (!holder->chosen.key.width && doctor_wants(doctor, CHECK_BIT(CHECK_NO_DEFAULT)))
		rc = find_no_default(doctor, holder);
	if (!rc && (!holder->is_usable || holder->same_prefix) && doctor_wants(doctor, CHECK_BIT(CHECK_CONTEXT)))
		rc = find_context(doctor, holder);
	return rc;
}

int holders_judge(struct doctor *doctor)
{
	const struct holders *holders = &doctor->holders;
	int rc = 0;

	for (size_t i = 0; i < holders->n && !rc; i++)
		rc = judge(doctor, &holders->at[i]);
	for (size_t i = 0; i < holders->nsurplus && !rc && doctor_wants(doctor, CHECK_BIT(CHECK_TWO_DEFAULTS)); i++)
		rc = find_surplus(doctor, &holders->surplus[i]);
	return rc;
}

void holders_release(struct holders *holders)
{
	free(holders->at);
	free(holders->slots);
	free(holders->surplus);
}
