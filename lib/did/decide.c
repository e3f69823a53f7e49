#include "did/decide.h"

#include <limits.h>
#include <string.h>

#include <bsd/stdlib.h>

#include "base/clock.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

struct decision decide_refuse(enum refusal code, const char *reason)
{
	return (struct decision){RESULT_REFUSED, RECORD_NONE, code, reason};
}

static struct decision unchanged(uint32_t before)
{
	return (struct decision){RESULT_UNCHANGED, before, REFUSAL_NONE, NULL};
}

static struct decision changed(uint32_t after)
{
	return (struct decision){RESULT_CHANGED, after, REFUSAL_NONE, NULL};
}

/* "is available; from available to blocked there is no step: legal now are assign, pool mark". */
static struct decision no_transition(struct plan *plan, enum verb verb, enum did_state from, enum did_state to)
{
	struct buf verbs = {0};
	const char *reason;

	transition_verbs(&verbs, from);
	if (from == to)
		reason = arena_printf(&plan->arena, "is %s already: %s does not apply; legal now: %s",
				      state_info[from].name, verb_info[verb].name, buf_str(&verbs));
	else
		reason = arena_printf(&plan->arena, "is %s: %s cannot make it %s; legal now: %s", state_info[from].name,
				      verb_info[verb].name, state_info[to].name, buf_str(&verbs));
	buf_release(&verbs);
	return decide_refuse(REFUSAL_STATE, reason);
}

static const char *keep(struct plan *plan, const char *s)
{
	return recordset_intern(&plan->records, s);
}

void record_set_state(struct plan *plan, struct record *r, enum did_state state)
{
	r->v[DID_POOL_STATUS] = keep(plan, state_info[state].pool_status);
	r->v[DID_STATUS] = keep(plan, state_info[state].status);
	if (state != STATE_ON_HOLD)
		r->v[DID_HOLD_UNTIL] = NULL;
}

void record_leave_owner(struct record *r, unsigned kept)
{
	if (r->v[DID_ORG_ID])
		r->v[DID_PREVIOUS_ORG_ID] = r->v[DID_ORG_ID];
	r->v[DID_ORG_ID] = NULL;
	r->v[DID_REQUESTED_AT] = NULL;
	if (!(kept & KEEP_ROUTE))
		r->v[DID_ROUTE_TYPE] = r->v[DID_ROUTE_DEST] = NULL;
	if (!(kept & KEEP_CNAM))
		r->v[DID_CNAM] = r->v[DID_CNAM_STATUS] = r->v[DID_CNAM_SINCE] = r->v[DID_CNAM_NOTE] = NULL;
	if (!(kept & KEEP_E911))
		r->v[DID_E911] = r->v[DID_LOCATION] = r->v[DID_E911_SINCE] = r->v[DID_E911_NOTE] =
			r->v[DID_E911_CANDIDATES] = NULL;
}

void record_clear_default(struct plan *plan, struct record *r)
{
	if (record_flag(r, DID_DEFAULT))
		r->v[DID_DEFAULT] = keep(plan, "0");
}

static bool has_tag(const struct strlist *list, const char *tag, size_t len)
{
	for (size_t i = 0; i < list->n; i++)
		if (strlen(list->at[i]) == len && memcmp(list->at[i], tag, len) == 0)
			return true;
	return false;
}

/* The old tags without the removed ones, then the new ones that were not there. */
static void set_tags(const struct change *c, struct plan *plan, struct record *r)
{
	const char *old = r->v[DID_TAGS] ? r->v[DID_TAGS] : "";
	struct strlist kept = {0};
	struct buf tags = {0};

	for (const char *p = old; *p;) {
		size_t len = strcspn(p, ",");

		if (len && !has_tag(&c->tags_remove, p, len))
			strlist_add(&kept, arena_strndup(&plan->arena, p, len));
		p += len + (p[len] == ',');
	}
	for (size_t i = 0; i < c->tags_add.n; i++)
		if (!has_tag(&kept, c->tags_add.at[i], strlen(c->tags_add.at[i])))
			strlist_add(&kept, c->tags_add.at[i]);
	for (size_t i = 0; i < kept.n; i++)
		buf_printf(&tags, "%s%s", i ? "," : "", kept.at[i]);
	r->v[DID_TAGS] = tags.len ? keep(plan, tags.data) : NULL;
	buf_release(&tags);
	strlist_release(&kept);
}

/* The fields that the command line named. */
static void set_fields(const struct change *c, struct plan *plan, struct record *r)
{
	for (int f = 0; f < DID_FIELDS; f++)
		if (c->is_set[f])
			r->v[f] = keep(plan, c->value[f]);
	if (c->tags_add.n || c->tags_remove.n)
		set_tags(c, plan, r);
}

struct decision decide_finish(struct plan *plan, uint32_t before, const struct record *after)
{
	const char *broken = plan->restores_faults ? NULL : decide_broken_rule(after);
	uint32_t index;

	if (broken)
		return decide_refuse(REFUSAL_RULE, broken);
	index = recordset_add(&plan->records, after);
	return index == before ? unchanged(before) : changed(index);
}

static struct decision add(const struct change *c, struct plan *plan, uint32_t before)
{
	struct record r = {{0}, false};

	if (before != RECORD_NONE)
		return c->if_absent ? unchanged(before) : decide_refuse(REFUSAL_DUPLICATE, "is in the inventory already");
	r.v[DID_ENV] = keep(plan, "prod");
	r.v[DID_DEFAULT] = keep(plan, "0");
	set_fields(c, plan, &r);
	record_set_state(plan, &r, c->to);
	return decide_finish(plan, before, &r);
}

static struct decision edit(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	set_fields(c, plan, &r);
	return decide_finish(plan, before, &r);
}

static struct decision delete(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	enum did_state state = record_state(&r);

	(void)c;
	(void)before;
	if (!state_can_be_added(state))
		return decide_refuse(REFUSAL_STATE, arena_printf(&plan->arena,
							  "is %s: only available, reserved or archived numbers can be"
							  " deleted",
							  state_info[state].name));
	return changed(RECORD_NONE);
}

/* A hold that somebody ends before its day needs a word why; NULL: it may end. */
static const char *hold_refused(const struct change *c, struct plan *plan, const struct record *r)
{
	const char *until = r->v[DID_HOLD_UNTIL];
	char now[CLOCK_TEXT];

	if (strcmp(until, clock_format(c->now_ms, now)) <= 0 && !c->override_hold)
		return arena_printf(&plan->arena, "was on hold until %s: pool sweep ends holds that are over", until);
	if (c->override_hold && c->reason && *c->reason)
		return NULL;
	return arena_printf(&plan->arena, "is on hold until %s: %s", until,
			    c->override_hold ? "--override-hold needs --reason TEXT" :
					       "--override-hold --reason TEXT ends the hold before its day");
}

static struct decision mark(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	enum did_state from = record_state(&r);
	const struct transition *t = transition_find(VERB_MARK, from, c->to);
	const char *missing;

	if (from == c->to)
		return unchanged(before);
	if (!t)
		return no_transition(plan, VERB_MARK, from, c->to);
	if (t->need == NEED_OVERRIDE_HOLD && (missing = hold_refused(c, plan, &r)))
		return decide_refuse(REFUSAL_HOLD, missing);
	record_set_state(plan, &r, c->to);
	if (c->to == STATE_ON_HOLD)
		r.v[DID_HOLD_UNTIL] = keep(plan, c->hold_until);
	set_fields(c, plan, &r);
	if (c->to == STATE_PORTED)
		record_leave_owner(&r, 0);
	if (c->to != STATE_ASSIGNED)
		record_clear_default(plan, &r);
	return decide_finish(plan, before, &r);
}

static struct decision lock(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	r.v[DID_LOCKED] = c->verb == VERB_LOCK ? keep(plan, "1") : NULL;
	return decide_finish(plan, before, &r);
}

static struct decision request(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	enum did_state from = record_state(&r);
	char now[CLOCK_TEXT];

	if (from == STATE_PENDING && record_is(&r, DID_ORG_ID, plan->org.id))
		return unchanged(before);
	if (!transition_find(VERB_REQUEST, from, STATE_PENDING))
		return no_transition(plan, VERB_REQUEST, from, STATE_PENDING);
	record_set_state(plan, &r, STATE_PENDING);
	r.v[DID_ORG_ID] = keep(plan, plan->org.id);
	r.v[DID_REQUESTED_AT] = keep(plan, clock_format(c->now_ms, now));
	return decide_finish(plan, before, &r);
}

static struct decision approve(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	enum did_state from = record_state(&r);

	(void)c;
	if (!transition_find(VERB_APPROVE, from, STATE_ASSIGNED))
		return no_transition(plan, VERB_APPROVE, from, STATE_ASSIGNED);
	if (!r.v[DID_ORG_ID])
		return decide_refuse(REFUSAL_OWNER, "is pending, but no organisation asked for it: pool reject, then assign");
	record_set_state(plan, &r, STATE_ASSIGNED);
	r.v[DID_REQUESTED_AT] = NULL;
	return decide_finish(plan, before, &r);
}

void record_back_to_stock(struct plan *plan, struct record *r)
{
	record_set_state(plan, r, STATE_AVAILABLE);
	r->v[DID_ORG_ID] = r->v[DID_REQUESTED_AT] = NULL;
}

static struct decision reject(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	enum did_state from = record_state(&r);

	(void)c;
	if (!transition_find(VERB_REJECT, from, STATE_AVAILABLE))
		return no_transition(plan, VERB_REJECT, from, STATE_AVAILABLE);
	record_back_to_stock(plan, &r);
	return decide_finish(plan, before, &r);
}

/* The state that a number takes after its hold, or at once where there is none. */
static enum did_state after_hold(const struct record *r)
{
	int state = r->v[DID_AFTER_HOLD] ? state_find(r->v[DID_AFTER_HOLD], NULL) : -1;

	return state >= 0 && state_can_be_added((enum did_state)state) ? (enum did_state)state : STATE_AVAILABLE;
}

/* Times are compared as text: RFC 3339 in UTC sorts as it counts. */
static struct decision sweep(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	char now[CLOCK_TEXT];

	clock_format(c->now_ms, now);
	switch (record_state(&r)) {
	case STATE_ON_HOLD:
		if (strcmp(r.v[DID_HOLD_UNTIL], now) > 0)
			return unchanged(before);
		record_set_state(plan, &r, after_hold(&r));
		return decide_finish(plan, before, &r);
	case STATE_PENDING:
		if (!c->pending_before || !r.v[DID_REQUESTED_AT] || strcmp(r.v[DID_REQUESTED_AT], c->pending_before) > 0)
			return unchanged(before);
		record_back_to_stock(plan, &r);
		return decide_finish(plan, before, &r);
	default:
		return unchanged(before);
	}
}

/* Why a number that is not simply available may not be assigned, or NULL. */
static const char *assign_refused(const struct change *c, struct plan *plan, const struct record *r,
				  enum transition_need need, enum refusal *code)
{
	switch (need) {
	case NEED_ALLOW_RESERVED:
		*code = REFUSAL_STATE;
		return c->allow_reserved ? NULL : "is reserved: --allow-reserved takes it all the same";
	case NEED_OVERRIDE_HOLD:
		*code = REFUSAL_HOLD;
		if (record_is(r, DID_PREVIOUS_ORG_ID, plan->org.id))
			return NULL;
		return hold_refused(c, plan, r);
	case NEED_TRANSFER:
		*code = REFUSAL_OWNER;
		if (!c->is_transfer)
			return arena_printf(&plan->arena, "is assigned to %s: --transfer moves it",
					    plan_owner_name(plan, r->v[DID_ORG_ID]));
		*code = REFUSAL_LOCKED;
		return record_flag(r, DID_LOCKED) ? "is locked: pool unlock first" : NULL;
	default:
		return NULL;
	}
}

static struct decision assign(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	enum did_state from = record_state(&r);
	const struct transition *t = transition_find(VERB_ASSIGN, from, STATE_ASSIGNED);
	enum refusal code = REFUSAL_STATE;
	const char *reason;

	if (from == STATE_ASSIGNED && record_is(&r, DID_ORG_ID, plan->org.id)) {
		set_fields(c, plan, &r);
		return decide_finish(plan, before, &r);
	}
	if (!t)
		return no_transition(plan, VERB_ASSIGN, from, STATE_ASSIGNED);
	reason = assign_refused(c, plan, &r, t->need, &code);
	if (reason)
		return decide_refuse(code, reason);
	if (from == STATE_ASSIGNED) {
		record_leave_owner(&r, 0);
		record_clear_default(plan, &r);
	}
	record_set_state(plan, &r, STATE_ASSIGNED);
	r.v[DID_ORG_ID] = keep(plan, plan->org.id);
	r.v[DID_REQUESTED_AT] = NULL;
	set_fields(c, plan, &r);
	return decide_finish(plan, before, &r);
}

/* A number that comes in from another carrier: new, or back again. One that the organisation has in service stays as it is. */
static struct decision port_complete(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	enum did_state from = record_state(&r), to = STATE_ASSIGNED;

	if (from == STATE_ASSIGNED && record_is(&r, DID_ORG_ID, plan->org.id))
		return unchanged(before);
	if (before != RECORD_NONE && from == STATE_ASSIGNED)
		return decide_refuse(REFUSAL_OWNER, arena_printf(&plan->arena, "is assigned to %s",
							  plan_owner_name(plan, r.v[DID_ORG_ID])));
	if (before != RECORD_NONE && !transition_find(VERB_PORT_COMPLETE, from, to))
		return no_transition(plan, VERB_PORT_COMPLETE, from, to);
	if (before == RECORD_NONE) {
		r.v[DID_ENV] = keep(plan, "prod");
		r.v[DID_DEFAULT] = keep(plan, "0");
	}
	record_set_state(plan, &r, to);
	r.v[DID_ORG_ID] = keep(plan, plan->org.id);
	r.v[DID_REQUESTED_AT] = NULL;
	set_fields(c, plan, &r);
	return decide_finish(plan, before, &r);
}

static long long hold_days(const struct change *c, const struct record *r)
{
	const char *fault;
	long long days;

	if (c->hold_days >= 0)
		return c->hold_days;
	if (!r->v[DID_HOLD_DAYS])
		return c->default_hold_days;
	days = strtonum(r->v[DID_HOLD_DAYS], 0, INT_MAX, &fault);
	return fault ? c->default_hold_days : days;
}

static struct decision release(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	enum did_state from = record_state(&r);
	enum did_state then = c->to != STATE_UNKNOWN ? c->to : after_hold(&r);
	long long days = hold_days(c, &r);
	enum did_state to = days > 0 ? STATE_ON_HOLD : then;
	char until[CLOCK_TEXT];

	if (!transition_find(VERB_RELEASE, from, to))
		return no_transition(plan, VERB_RELEASE, from, to);
	record_leave_owner(&r, c->keep);
	record_clear_default(plan, &r);
	record_set_state(plan, &r, to);
	if (to == STATE_ON_HOLD) {
		r.v[DID_HOLD_UNTIL] = keep(plan, clock_format(c->now_ms + days * DAY_MS, until));
		if (c->to != STATE_UNKNOWN)
			r.v[DID_AFTER_HOLD] = keep(plan, state_info[c->to].name);
	}
	return decide_finish(plan, before, &r);
}

static struct decision default_set(const struct change *c, struct plan *plan, uint32_t before, struct record r)
{
	enum did_state state = record_state(&r);

	if (c->verb == VERB_DEFAULT_CLEAR) {
		record_clear_default(plan, &r);
		return decide_finish(plan, before, &r);
	}
	if (state != STATE_ASSIGNED)
		return decide_refuse(REFUSAL_STATE, arena_printf(&plan->arena,
							  "is %s: only an assigned number can be a default caller ID",
							  state_info[state].name));
	if (!r.v[DID_ORG_ID])
		return decide_refuse(REFUSAL_OWNER, "is assigned to no organisation");
	r.v[DID_DEFAULT] = keep(plan, "1");
	return decide_finish(plan, before, &r);
}

/* refuses_locked: what a locked number refuses (assign looks at it only where an owner would change). */
static const struct {
	struct decision (*decide)(const struct change *, struct plan *, uint32_t before, struct record);
	bool refuses_locked;
} deciders[VERB_COUNT] = {
	[VERB_EDIT] = {edit, false},	     [VERB_DELETE] = {delete, true},	[VERB_MARK] = {mark, false},
	[VERB_LOCK] = {lock, false},	     [VERB_UNLOCK] = {lock, false},	[VERB_REQUEST] = {request, false},
	[VERB_APPROVE] = {approve, false},   [VERB_REJECT] = {reject, false},	[VERB_SWEEP] = {sweep, false},
	[VERB_ASSIGN] = {assign, false},     [VERB_RELEASE] = {release, true}, [VERB_ENV_SET] = {edit, false},
	[VERB_DEFAULT_SET] = {default_set, false}, [VERB_DEFAULT_CLEAR] = {default_set, false},
	[VERB_CNAM_SET] = {decide_cnam_set, false},	  [VERB_CNAM_CLEAR] = {decide_cnam_clear, false},
	[VERB_CNAM_DEFAULT] = {decide_cnam_default, false}, [VERB_CNAM_SYNC] = {decide_cnam_sync, false},
	[VERB_E911_SET] = {decide_e911_set, false},	  [VERB_E911_CLEAR] = {decide_e911_clear, false},
	[VERB_E911_SYNC] = {decide_e911_sync, false},	  [VERB_LOCATION_EDIT] = {decide_location_edit, false},
	[VERB_PORT_COMPLETE] = {port_complete, false},
};

static bool is_locked_against(const struct change *c, const struct record *r)
{
	bool refuses = deciders[c->verb].refuses_locked || (c->verb == VERB_MARK && c->to == STATE_PORTED);

	return refuses && record_flag(r, DID_LOCKED);
}

struct decision decide(const struct change *c, struct plan *plan, uint32_t before)
{
	struct record r;

	if (c->verb == VERB_ADD || c->verb == VERB_DEMO)
		return decide_follow(c, plan, before, add(c, plan, before));
	if (before == RECORD_NONE && c->verb == VERB_PORT_COMPLETE)
		return decide_follow(c, plan, before, port_complete(c, plan, before, (struct record){{0}, false}));
	if (before == RECORD_NONE)
		return decide_refuse(REFUSAL_NOT_FOUND, "is not in the inventory");
	r = plan->records.at[before];
	if (record_state(&r) == STATE_UNKNOWN)
		return decide_refuse(REFUSAL_STATE,
			      arena_printf(&plan->arena, "is stored as pool_status '%s', status '%s', which is no state of a number:"
							 " mend the row first",
					   r.v[DID_POOL_STATUS] ? r.v[DID_POOL_STATUS] : "NULL",
					   r.v[DID_STATUS] ? r.v[DID_STATUS] : "NULL"));
	if (record_state(&r) == STATE_AVAILABLE && r.v[DID_ORG_ID] && c->verb != VERB_DELETE)
		return decide_refuse(REFUSAL_OWNER, arena_printf(&plan->arena, "is available and yet belongs to %s: mend the row first",
							  plan_owner_name(plan, r.v[DID_ORG_ID])));
	if (is_locked_against(c, &r))
		return decide_refuse(REFUSAL_LOCKED, "is locked: pool unlock first");
	return decide_follow(c, plan, before, deciders[c->verb].decide(c, plan, before, r));
}

const char *decide_broken_rule(const struct record *r)
{
	enum did_state state = record_state(r);
	bool has_owner = r->v[DID_ORG_ID] != NULL;

	if (state_info[state].is_held && !has_owner)
		return "would be held without an owner";
	if (state == STATE_AVAILABLE && has_owner)
		return "is available and has an owner: mend the row first";
	if (record_flag(r, DID_DEFAULT) && state != STATE_ASSIGNED)
		return "would be a default caller ID without being assigned";
	return NULL;
}

struct decision decide_undo_twin(void)
{
	return decide_refuse(REFUSAL_TWIN,
			     "came back as one of two rows: didctl pool merge NUMBER --keep ROW-ID makes them one");
}

struct decision decide_undo_alone(void)
{
	return decide_refuse(REFUSAL_NOT_FOUND, "is not in the inventory any more: the row that stayed has gone since");
}

static struct decision undo_existence(struct plan *plan, uint32_t now, uint32_t left, uint32_t was)
{
	if (left == RECORD_NONE && now != RECORD_NONE)
		return decide_refuse(REFUSAL_DUPLICATE, "is in the inventory again: it was added since");
	if (left != RECORD_NONE && now == RECORD_NONE)
		return decide_refuse(REFUSAL_NOT_FOUND, "is not in the inventory any more");
	if (left == RECORD_NONE)
		return decide_finish(plan, RECORD_NONE, &plan->records.at[was]);
	return changed(RECORD_NONE);
}

/*
 * The state is one thing in several columns, of which the history has those that the change wrote: a number that has been
 * blocked or ported since has still the pool_status that the change left.
 */
static bool has_moved_on(const struct record *now, const struct record *undone, uint64_t left_mask)
{
	enum did_state from = record_state(now), to = record_state(undone);

	if (!(left_mask & FIELD_BIT(DID_POOL_STATUS)) || (left_mask & FIELD_BIT(DID_STATUS)) ||
	    record_is(now, DID_POOL_STATUS, undone->v[DID_POOL_STATUS]))
		return false;
	return to == from || to == STATE_UNKNOWN;
}

struct decision decide_undo(struct plan *plan, uint32_t now, uint32_t left, uint64_t left_mask, uint32_t was,
			    uint64_t was_mask)
{
	uint64_t compared = left_mask;
	struct record r;

	if (now != RECORD_NONE && left != RECORD_NONE)
		compared &= ~decide_void_answers(plan, now, left, left_mask, was, was_mask);
	for (int f = 0; now != RECORD_NONE && left != RECORD_NONE && f < DID_FIELDS; f++)
		if ((compared & FIELD_BIT(f)) &&
		    !record_is(&plan->records.at[now], (enum did_field)f, plan->records.at[left].v[f]))
			return decide_refuse(REFUSAL_STATE, arena_printf(&plan->arena, "has changed since: its %s is another now",
								  did_columns[f].key));
	if (now == RECORD_NONE || left == RECORD_NONE || was == RECORD_NONE)
		return undo_existence(plan, now, left, was);
	r = plan->records.at[now];
	for (int f = 0; f < DID_FIELDS; f++)
		if (was_mask & FIELD_BIT(f))
			r.v[f] = plan->records.at[was].v[f];
	if (!plan->restores_faults && has_moved_on(&plan->records.at[now], &r, left_mask)) /* a fault is in no state */
		return decide_refuse(REFUSAL_STATE, arena_printf(&plan->arena, "has changed since: it is %s now",
							  state_info[record_state(&plan->records.at[now])].name));
	return decide_finish(plan, now, &r);
}
