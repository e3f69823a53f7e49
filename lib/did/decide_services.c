/* What the verbs of CNAM and E911 do to a number, and what becomes of both when a number's owner or name changes. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "did/decide.h"
#include "did/objects.h"

static const char *keep(struct plan *plan, const char *s)
{
	return recordset_intern(&plan->records, s);
}

static const char *now_of(const struct change *c, struct plan *plan)
{
	char now[CLOCK_STAMP];

	return keep(plan, clock_stamp(c->now_ms, now));
}

/* The name that calls from the number show, or NULL. */
static const char *effective_name(const struct plan *plan, const struct record *r)
{
	if (r->v[DID_CNAM] || !state_info[record_state(r)].is_held)
		return r->v[DID_CNAM];
	return plan_owner_cnam(plan, r->v[DID_ORG_ID]);
}

/* A name waits for the provider from now on; without a name there is nothing to wait for. */
static void name_waits(const struct change *c, struct plan *plan, struct record *r, const char *name)
{
	r->v[DID_CNAM_STATUS] = name ? keep(plan, "pending") : NULL;
	r->v[DID_CNAM_SINCE] = name ? now_of(c, plan) : NULL;
	r->v[DID_CNAM_NOTE] = NULL;
}

static void address_waits(const struct change *c, struct plan *plan, struct record *r)
{
	bool has_address = r->v[DID_LOCATION];

	r->v[DID_E911] = has_address ? keep(plan, "pending") : NULL;
	r->v[DID_E911_SINCE] = has_address ? now_of(c, plan) : NULL;
	r->v[DID_E911_NOTE] = r->v[DID_E911_CANDIDATES] = NULL;
}

struct decision decide_follow(const struct change *c, struct plan *plan, uint32_t before, struct decision d)
{
	static const struct record absent;
	const struct record *b = before == RECORD_NONE ? &absent : &plan->records.at[before];
	struct record after;
	const char *name;

	if (d.result != RESULT_CHANGED || d.after == RECORD_NONE)
		return d;
	after = plan->records.at[d.after];
	name = effective_name(plan, &after);
	if (!text_is_same(effective_name(plan, b), name) || (name && !text_is_same(b->v[DID_ORG_ID], after.v[DID_ORG_ID])))
		name_waits(c, plan, &after, name);
	if (!record_is(&after, DID_LOCATION, b->v[DID_LOCATION]))
		address_waits(c, plan, &after);
	d.after = recordset_add(&plan->records, &after);
	return d;
}

static struct decision not_held(struct plan *plan, const struct record *r, const char *what)
{
	return decide_refuse(REFUSAL_STATE,
			     arena_printf(&plan->arena, "is %s: only a number that an organisation holds has %s",
					  state_info[record_state(r)].name, what));
}

static struct decision unchanged(uint32_t before)
{
	return (struct decision){RESULT_UNCHANGED, before, REFUSAL_NONE, NULL};
}

/* A name that failed may be submitted again as it is. */
struct decision decide_cnam_set(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	if (!state_info[record_state(&r)].is_held)
		return not_held(plan, &r, "a CNAM");
	if (record_is(&r, DID_CNAM, c->value[DID_CNAM]) && !record_is(&r, DID_CNAM_STATUS, "failed"))
		return unchanged(before);
	r.v[DID_CNAM] = keep(plan, c->value[DID_CNAM]);
	name_waits(c, plan, &r, r.v[DID_CNAM]);
	return decide_finish(plan, before, &r);
}

struct decision decide_cnam_clear(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	if (!r.v[DID_CNAM])
		return unchanged(before);
	r.v[DID_CNAM] = NULL;
	name_waits(c, plan, &r, effective_name(plan, &r));
	return decide_finish(plan, before, &r);
}

/* plan->org is as it was; the new default is the change's. */
struct decision decide_cnam_default(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	if (r.v[DID_CNAM] || text_is_same(plan->org.cnam, c->object_value[ORG_CNAM]))
		return unchanged(before);
	name_waits(c, plan, &r, c->object_value[ORG_CNAM]);
	return decide_finish(plan, before, &r);
}

/* ---- undo */

/* Once the plan is done. */
static const char *default_after(const struct plan *plan, const char *org_id)
{
	for (size_t i = 0; org_id && i < plan->nobjects; i++) {
		const struct object *o = &plan->objects[i];

		if (o->kind == OBJECT_ORG && o->was && o->is && object_differs(o, OBJECT_CNAM) && strcmp(o->id, org_id) == 0)
			return o->after[OBJECT_CNAM];
	}
	return plan_owner_cnam(plan, org_id);
}

static bool inherits(const struct record *r)
{
	return !r->v[DID_CNAM] && r->v[DID_ORG_ID] && state_info[record_state(r)].is_held;
}

bool location_is_elsewhere(const struct object *location)
{
	for (int f = LOCATION_LABEL + 1; f < LOCATION_STORED; f++)
		if (object_differs(location, f - LOCATION_LABEL))
			return true;
	return false;
}

/* Whether the plan makes the address behind the number another one, and the number stays with its location. */
static bool is_moved(const struct plan *plan, const struct record *r)
{
	for (size_t i = 0; i < plan->nobjects; i++) {
		const struct object *o = &plan->objects[i];

		if (o->kind == OBJECT_LOCATION && o->was && o->is && location_is_elsewhere(o) && record_is(r, DID_LOCATION, o->id))
			return true;
	}
	return false;
}

struct decision decide_heir(const struct change *c, struct plan *plan, uint32_t before)
{
	struct record r;
	const char *name;

	if (before == RECORD_NONE)
		return unchanged(before);
	r = plan->records.at[before];
	name = inherits(&r) ? default_after(plan, r.v[DID_ORG_ID]) : NULL;
	if (inherits(&r) && !text_is_same(name, plan_owner_cnam(plan, r.v[DID_ORG_ID])))
		name_waits(c, plan, &r, name);
	if (is_moved(plan, &r))
		address_waits(c, plan, &r);
	return decide_finish(plan, before, &r);
}

/*
 * Whether a restored status is one that undo has no word in: what the provider said it had, and what it has yet to answer
 * about a name or an address that it may have been told to replace since.
 */
static bool is_stale(const struct record *b, const struct record *a, enum did_field status, const char *done, bool is_other)
{
	if (record_is(a, status, "pending"))
		return is_other;
	return record_is(a, status, done) && (is_other || !record_is(b, status, done));
}

/* What has neither is as broken as it was before somebody mended it. */
uint32_t decide_restored_services(const struct change *c, struct plan *plan, uint32_t before, uint32_t after)
{
	static const struct record absent;
	const struct record *b = before == RECORD_NONE ? &absent : &plan->records.at[before];
	struct record a = plan->records.at[after];
	const char *name = inherits(&a) ? default_after(plan, a.v[DID_ORG_ID]) : a.v[DID_CNAM];
	bool is_other = !text_is_same(effective_name(plan, b), name) || !text_is_same(b->v[DID_ORG_ID], a.v[DID_ORG_ID]);

	if (name && is_stale(b, &a, DID_CNAM_STATUS, "synced", is_other))
		name_waits(c, plan, &a, name);
	is_other = !record_is(&a, DID_LOCATION, b->v[DID_LOCATION]) || is_moved(plan, &a);
	if (a.v[DID_LOCATION] && is_stale(b, &a, DID_E911, "registered", is_other))
		address_waits(c, plan, &a);
	return recordset_add(&plan->records, &a);
}

#define NAME_ANSWER (FIELD_BIT(DID_CNAM_STATUS) | FIELD_BIT(DID_CNAM_SINCE) | FIELD_BIT(DID_CNAM_NOTE))
#define ADDRESS_ANSWER                                                                                                 \
	(FIELD_BIT(DID_E911) | FIELD_BIT(DID_E911_SINCE) | FIELD_BIT(DID_E911_NOTE) | FIELD_BIT(DID_E911_CANDIDATES))

uint64_t decide_void_answers(const struct plan *plan, uint32_t now, uint32_t left, uint64_t left_mask, uint32_t was,
			     uint64_t was_mask)
{
	static const struct record absent;
	const struct record *r = &plan->records.at[now], *w = was == RECORD_NONE ? &absent : &plan->records.at[was];
	uint64_t moved = record_diff(w, &plan->records.at[left]) & left_mask & (was == RECORD_NONE ? left_mask : was_mask);
	bool leaves = moved & FIELD_BIT(DID_ORG_ID), renamed = leaves || (moved & FIELD_BIT(DID_CNAM));
	uint64_t is_void = 0;

	if (inherits(r) && !text_is_same(default_after(plan, r->v[DID_ORG_ID]), plan_owner_cnam(plan, r->v[DID_ORG_ID])))
		renamed = true;
	if (renamed && (!r->v[DID_CNAM] || (left_mask & FIELD_BIT(DID_CNAM)))) /* no name that somebody gave it since */
		is_void |= NAME_ANSWER;
	if ((leaves && (!r->v[DID_LOCATION] || (left_mask & FIELD_BIT(DID_LOCATION)))) ||
	    (moved & FIELD_BIT(DID_LOCATION)) || is_moved(plan, r))
		is_void |= ADDRESS_ANSWER;
	return is_void;
}

const char *decide_heir_of(const struct plan *plan, uint32_t before, uint32_t after)
{
	const uint64_t about = FIELD_BIT(DID_CNAM) | FIELD_BIT(DID_CNAM_STATUS) | FIELD_BIT(DID_CNAM_SINCE) |
			       FIELD_BIT(DID_ORG_ID) | FIELD_BIT(DID_POOL_STATUS);
	const struct record *a = &plan->records.at[after];
	const struct record *b = before == RECORD_NONE ? NULL : &plan->records.at[before];

	return inherits(a) && (record_diff(b, a) & about) ? a->v[DID_ORG_ID] : NULL;
}

uint32_t decide_restored_name(const struct change *c, struct plan *plan, uint32_t after, const char *then)
{
	struct record r = plan->records.at[after];
	const char *name = default_after(plan, r.v[DID_ORG_ID]);

	if (text_is_same(name, then))
		return after;
	name_waits(c, plan, &r, name);
	return recordset_add(&plan->records, &r);
}

/* What was asked about is not what there is any more: the answer is about something else. */
static bool is_outdated(const struct change *c, const struct record *r, enum did_field status, enum did_field since)
{
	return (r->v[status] && !record_is(r, status, "pending")) || !record_is(r, since, c->seen_since);
}

static void take_answer(const struct change *c, struct plan *plan, struct record *r, enum did_field status,
			enum did_field since)
{
	for (int f = 0; f < DID_FIELDS; f++)
		if (c->is_set[f])
			r->v[f] = keep(plan, c->value[f]);
	if (!record_is(r, status, "pending")) /* else it goes on waiting since it was set */
		r->v[since] = r->v[status] ? now_of(c, plan) : NULL;
}

struct decision decide_cnam_sync(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	if (is_outdated(c, &r, DID_CNAM_STATUS, DID_CNAM_SINCE) || !text_is_same(effective_name(plan, &r), c->seen_name))
		return unchanged(before);
	take_answer(c, plan, &r, DID_CNAM_STATUS, DID_CNAM_SINCE);
	return decide_finish(plan, before, &r);
}

struct decision decide_e911_set(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	if (!state_info[record_state(&r)].is_held)
		return not_held(plan, &r, "an emergency address");
	if (plan->location_org && !record_is(&r, DID_ORG_ID, plan->location_org))
		return decide_refuse(REFUSAL_OWNER, arena_printf(&plan->arena,
								 "is held by %s, and the location is another organisation's",
								 plan_owner_name(plan, r.v[DID_ORG_ID])));
	if (record_is(&r, DID_LOCATION, plan->location) && !record_is(&r, DID_E911, "failed"))
		return unchanged(before);
	r.v[DID_LOCATION] = keep(plan, plan->location);
	address_waits(c, plan, &r);
	return decide_finish(plan, before, &r);
}

struct decision decide_e911_clear(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	r.v[DID_LOCATION] = NULL;
	address_waits(c, plan, &r);
	return decide_finish(plan, before, &r);
}

/*
 * The address itself is another one now: what the provider has is not it. What people call it is no part of that, and a
 * number that may call 911 is not kept from it for a name.
 */
struct decision decide_location_edit(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	if (!plan->nobjects || !location_is_elsewhere(&plan->objects[0]))
		return unchanged(before);
	address_waits(c, plan, &r);
	return decide_finish(plan, before, &r);
}

struct decision decide_e911_sync(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	if (is_outdated(c, &r, DID_E911, DID_E911_SINCE) || !record_is(&r, DID_LOCATION, c->seen_location))
		return unchanged(before);
	take_answer(c, plan, &r, DID_E911, DID_E911_SINCE);
	return decide_finish(plan, before, &r);
}
