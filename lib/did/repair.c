#include "did/repair.h"

#include <string.h>

#include "did/decide.h"

/* Whether a status says something by itself; NULL and values of a newer PBX do not. */
static bool is_known_status(const char *status)
{
	for (int state = 0; status && state < STATE_UNKNOWN; state++)
		if (strcmp(state_info[state].status, status) == 0)
			return true;
	return false;
}

/* An owner is believed first, then pool_status; what a free row is, is taken as little for sale as can be. */
static enum did_state nearest_state(const struct record *r)
{
	if (r->v[DID_ORG_ID] && record_is(r, DID_POOL_STATUS, state_info[STATE_PENDING].pool_status))
		return STATE_PENDING;
	if (r->v[DID_ORG_ID])
		return record_is(r, DID_STATUS, state_info[STATE_BLOCKED].status) ? STATE_BLOCKED : STATE_ASSIGNED;
	if (is_known_status(r->v[DID_STATUS]))
		return STATE_RESERVED;
	if (record_is(r, DID_POOL_STATUS, state_info[STATE_AVAILABLE].pool_status))
		return STATE_AVAILABLE;
	return record_is(r, DID_POOL_STATUS, state_info[STATE_ON_HOLD].pool_status) && r->v[DID_HOLD_UNTIL] ?
		       STATE_ON_HOLD :
		       STATE_RESERVED;
}

static void mend_state(struct plan *plan, struct record *r)
{
	enum did_state to;

	if (record_state(r) != STATE_UNKNOWN)
		return;
	to = nearest_state(r);
	record_set_state(plan, r, to);
	if (to != STATE_ASSIGNED)
		record_clear_default(plan, r);
}

/* A free row forgets its owner, as the previous one if that is kept; a held one without an owner is nobody's to call. */
static void mend_owner(struct plan *plan, struct record *r)
{
	enum did_state state = record_state(r);

	if (state_info[state].is_held && !r->v[DID_ORG_ID]) {
		record_set_state(plan, r, STATE_RESERVED);
		record_clear_default(plan, r);
	} else if (r->v[DID_ORG_ID] && !state_info[state].is_held && state != STATE_PENDING && state != STATE_UNKNOWN) {
		record_leave_owner(r, KEEP_CNAM | KEEP_E911 | KEEP_ROUTE);
		record_clear_default(plan, r);
	}
}

/* As a release without a hold; what is not for sale stays so. */
static void mend_missing_owner(struct plan *plan, struct record *r)
{
	enum did_state state = record_state(r);

	if (!r->v[DID_ORG_ID] || plan_knows_owner(plan, r->v[DID_ORG_ID]))
		return;
	record_clear_default(plan, r);
	if (state == STATE_PENDING) {
		record_back_to_stock(plan, r);
		return;
	}
	record_leave_owner(r, 0);
	if (state_info[state].is_held)
		record_set_state(plan, r, STATE_AVAILABLE);
}

static bool can_be_default(const struct record *r)
{
	return record_state(r) == STATE_ASSIGNED && r->v[DID_ORG_ID];
}

static void mend_default_state(struct plan *plan, struct record *r)
{
	if (!can_be_default(r))
		record_clear_default(plan, r);
}

static void mend_no_default(struct plan *plan, struct record *r)
{
	if (can_be_default(r))
		r->v[DID_DEFAULT] = recordset_intern(&plan->records, "1");
}

void repair_record(enum check check, struct plan *plan, struct record *r)
{
	static void (*const mend[CHECK_COUNT])(struct plan *plan, struct record *r) = {
		[CHECK_STATE] = mend_state,
		[CHECK_OWNER] = mend_owner,
		[CHECK_OWNER_MISSING] = mend_missing_owner,
		[CHECK_DEFAULT_STATE] = mend_default_state,
		[CHECK_TWO_DEFAULTS] = record_clear_default,
		[CHECK_NO_DEFAULT] = mend_no_default,
	};

	if (mend[check])
		mend[check](plan, r);
}
