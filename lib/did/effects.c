/* What a change of numbers means for the organisations that hold them. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "did/e911.h"
#include "did/plan.h"

static int owner_cmp(const void *key, const void *at)
{
	return strcmp(key, ((const struct org *)at)->id);
}

static const struct org *find_owner(const struct plan *plan, const char *org_id)
{
	if (!plan->owners.n)
		return NULL;
	return bsearch(org_id, plan->owners.at, plan->owners.n, sizeof(*plan->owners.at), owner_cmp);
}

const char *plan_owner_name(const struct plan *plan, const char *org_id)
{
	const struct org *org = org_id ? find_owner(plan, org_id) : NULL;

	if (!org_id)
		return "no organisation";
	if (!org && plan->org.id && strcmp(plan->org.id, org_id) == 0)
		org = &plan->org;
	return org && org->name ? org->name : org_id;
}

const char *plan_owner_cnam(const struct plan *plan, const char *org_id)
{
	const struct org *org = org_id ? find_owner(plan, org_id) : NULL;

	return org ? org->cnam : NULL;
}

bool plan_knows_owner(const struct plan *plan, const char *org_id)
{
	const struct org *org = find_owner(plan, org_id);

	return org && org->name;
}

struct run *plan_split(struct plan *plan, size_t i, uint64_t at, uint64_t count)
{
	struct run whole = plan->runs[i];
	struct run head = whole, tail = whole;

	if (at == 0 && count == whole.count)
		return &plan->runs[i];
	head.count = at;
	tail.first = number_add(whole.first, at + count);
	tail.count = whole.count - at - count;
	plan->runs[i].first = number_add(whole.first, at);
	plan->runs[i].count = count;
	if (head.count)
		plan_add_run(plan, &head);
	if (tail.count)
		plan_add_run(plan, &tail);
	return &plan->runs[i];
}

static const struct record *record_of(const struct plan *plan, uint32_t index)
{
	return index == RECORD_NONE ? NULL : &plan->records.at[index];
}

static const char *holder(const struct record *r)
{
	return r && state_info[record_state(r)].is_held ? r->v[DID_ORG_ID] : NULL;
}

bool run_gains(const struct plan *plan, const struct run *run, const char *org_id)
{
	if (run->result != RESULT_CHANGED)
		return false;
	return text_is_same(holder(record_of(plan, run->after)), org_id) &&
	       !text_is_same(holder(record_of(plan, run->before)), org_id);
}

bool run_leaves(const struct plan *plan, const struct run *run)
{
	const struct record *before = record_of(plan, run->before);
	const struct record *after = record_of(plan, run->after);

	if (run->result != RESULT_CHANGED || !holder(before))
		return false;
	if (!text_is_same(holder(before), holder(after)))
		return true;
	return record_state(before) == STATE_ASSIGNED && record_state(after) != STATE_ASSIGNED;
}

bool plan_holds(const struct plan *plan, struct number n, const char *org_id)
{
	for (size_t i = 0; org_id && i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];

		if (run->result == RESULT_CHANGED && run_covers(run, n))
			return text_is_same(holder(record_of(plan, run->after)), org_id);
	}
	return false;
}

bool plan_gains(const struct plan *plan, const char *org_id)
{
	for (size_t i = 0; i < plan->nruns; i++)
		if (run_gains(plan, &plan->runs[i], org_id))
			return true;
	return false;
}

static bool is_default_of(const struct plan *plan, uint32_t record, const char *org_id)
{
	const struct record *r = record_of(plan, record);

	return r && record_flag(r, DID_DEFAULT) && record_is(r, DID_ORG_ID, org_id);
}

bool plan_makes_default(const struct plan *plan, const char *org_id)
{
	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].result == RESULT_CHANGED && is_default_of(plan, plan->runs[i].after, org_id) &&
		    !is_default_of(plan, plan->runs[i].before, org_id))
			return true;
	return false;
}

bool plan_keeps_default(const struct plan *plan, const char *org_id)
{
	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].result == RESULT_UNCHANGED && is_default_of(plan, plan->runs[i].before, org_id))
			return true;
	return false;
}

bool plan_drops_default(const struct plan *plan, const char *org_id)
{
	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].result == RESULT_CHANGED && is_default_of(plan, plan->runs[i].before, org_id) &&
		    !is_default_of(plan, plan->runs[i].after, org_id))
			return true;
	return false;
}

/* The lowest number of the plan that the organisation holds after it. */
static size_t lowest_held(const struct plan *plan, const char *org_id)
{
	size_t lowest = plan->nruns;

	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];

		if (run->result == RESULT_REFUSED || !text_is_same(holder(record_of(plan, run->after)), org_id))
			continue;
		if (lowest == plan->nruns || number_cmp(run->first, plan->runs[lowest].first) < 0)
			lowest = i;
	}
	return lowest;
}

void plan_set_default(struct plan *plan, const char *org_id)
{
	size_t i = lowest_held(plan, org_id);
	struct record r;
	struct run *run;

	if (i == plan->nruns)
		return;
	run = plan_split(plan, i, 0, 1);
	r = plan->records.at[run->after];
	r.v[DID_DEFAULT] = recordset_intern(&plan->records, "1");
	run->after = recordset_add(&plan->records, &r);
	if (run->after != run->before)
		run->result = RESULT_CHANGED;
	plan_sort(plan);
}

#define DIGITS "0123456789"
#define PRICE_DIGITS 8 /* before the point: monthly_price is DECIMAL(10,2) */

/*
 * A price's cents: "2499.00" is 249900, a credit is less than nothing. Prices have at least two decimals by the time they are
 * here; what another program wrote there that is none counts for nothing.
 */
static int64_t cents(const char *price)
{
	bool is_credit = *price == '-';
	const char *at = price + is_credit;
	size_t whole = strspn(at, DIGITS);
	int64_t n = 0;

	if (whole > PRICE_DIGITS || at[whole] != '.' || strspn(at + whole + 1, DIGITS) < 2)
		return 0;
	for (size_t i = 0; i < whole + 3; i++)
		n = i == whole ? n : n * 10 + at[i] - '0';
	return is_credit ? -n : n;
}

static void say_charges(struct plan *plan)
{
	int64_t sum = 0;

	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];
		const char *price = run->before == RECORD_NONE ? NULL : plan->records.at[run->before].v[DID_PRICE];

		if (price && run_leaves(plan, run) && run->after != RECORD_NONE && !holder(record_of(plan, run->after)))
			sum += (int64_t)run->count * cents(price);
	}
	if (sum > 0)
		strlist_add(&plan->follows, arena_printf(&plan->arena, "monthly charges that stop: %lld.%02lld",
							 (long long)(sum / 100), (long long)(sum % 100)));
}

static bool becomes_oss(const struct plan *plan, const struct run *run)
{
	if (run->result != RESULT_CHANGED || run->after == RECORD_NONE ||
	    !record_is(&plan->records.at[run->after], DID_ENV, "oss"))
		return false;
	return run->before == RECORD_NONE || !record_is(&plan->records.at[run->before], DID_ENV, "oss");
}

/* The dispatcher's lines depend on the switch's settings, so regen prints them (dialplan.md), of the numbers in use. */
static void say_oss(struct plan *plan)
{
	uint64_t count = 0;

	for (size_t i = 0; i < plan->nruns; i++)
		if (becomes_oss(plan, &plan->runs[i]))
			count += plan->runs[i].count;
	if (!count)
		return;
	strlist_add(&plan->follows,
		    arena_printf(&plan->arena,
				 "%llu number%s of environment oss %s not wired by the prod dispatcher: once assigned, the OSS"
				 " host needs the lines that 'didctl regen --for oss' prints",
				 (unsigned long long)count, count == 1 ? "" : "s", count == 1 ? "is" : "are"));
}

/* A route that a number brings along would send the new holder's calls to where the old one wanted them. */
static void say_old_routes(struct plan *plan, const struct change *change)
{
	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];
		const struct record *after = record_of(plan, run->after);
		char first[NUMBER_TEXT];

		if (run->result != RESULT_CHANGED || change->is_set[DID_ROUTE_TYPE] || run->before == RECORD_NONE ||
		    holder(record_of(plan, run->before)) || !holder(after) || !after->v[DID_ROUTE_TYPE])
			continue;
		number_format(run->first, first);
		strlist_add(&plan->follows,
			    arena_printf(&plan->arena, "%llu number%s from %s on keep%s the route %s:%s that was set before",
					 (unsigned long long)run->count, run->count == 1 ? "" : "s", first,
					 run->count == 1 ? "s" : "", after->v[DID_ROUTE_TYPE],
					 after->v[DID_ROUTE_DEST] ? after->v[DID_ROUTE_DEST] : ""));
	}
}

#define AREA_CODES 1000 /* three digits */

static void mark_unknown_areas(const struct run *run, bool unknown[AREA_CODES])
{
	struct number n = run->first;
	char code[4];

	for (uint64_t left = run->count, some; left; left -= some) {
		some = e911_alike(n, left);
		if (!number_area_is_known(n) && number_area_code(n, code))
			unknown[strtoul(code, NULL, 10)] = true;
		if (left > some)
			n = number_add(n, some);
	}
}

/* A new number with such a code is more likely a slip than one of an area that is newer than this program. */
static void say_unknown_areas(struct plan *plan)
{
	bool unknown[AREA_CODES] = {0};
	struct buf list = {0};
	size_t n = 0;

	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].result == RESULT_CHANGED && plan->runs[i].before == RECORD_NONE)
			mark_unknown_areas(&plan->runs[i], unknown);
	for (size_t i = 0; i < AREA_CODES; i++)
		if (unknown[i])
			buf_printf(&list, "%s%zu", n++ ? ", " : "", i);
	if (n)
		strlist_add(&plan->warnings, arena_printf(&plan->arena, "area code%s %s: not known to be in use",
							  n == 1 ? "" : "s", list.data));
	buf_release(&list);
}

#define ROUTED_FIELDS                                                                                                  \
	(FIELD_BIT(DID_POOL_STATUS) | FIELD_BIT(DID_STATUS) | FIELD_BIT(DID_ORG_ID) | FIELD_BIT(DID_ENV) |             \
	 FIELD_BIT(DID_ROUTE_TYPE) | FIELD_BIT(DID_ROUTE_DEST) | FIELD_BIT(DID_RECORDING))

/* Whether the switch has a line for it: in service, or of staging, which forwards whatever the state here is. */
static bool is_routed(const struct record *r)
{
	return r && (record_state(r) == STATE_ASSIGNED || record_is(r, DID_ENV, "staging"));
}

static bool run_moves_calls(const struct plan *plan, const struct run *run)
{
	const struct record *before = record_of(plan, run->before), *after = record_of(plan, run->after);

	return run->result == RESULT_CHANGED && (is_routed(before) || is_routed(after)) &&
	       (record_diff(before, after) & ROUTED_FIELDS);
}

void plan_say(struct plan *plan, const struct change *change)
{
	say_charges(plan);
	if (change->verb != VERB_UNDO) {
		say_old_routes(plan, change);
		say_unknown_areas(plan);
	}
	say_oss(plan);
	for (size_t i = 0; i < plan->nruns && !plan->moves_calls; i++)
		plan->moves_calls = run_moves_calls(plan, &plan->runs[i]);
}
