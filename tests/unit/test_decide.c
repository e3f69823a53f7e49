/* What a verb does to a number, or why it may not: what the tables of states do not say by themselves (product.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "did/decide.h"
#include "tests/unit/records.h"

#define NOW_MS INT64_C(1795219200000) /* 2026-11-21T00:00:00Z */
#define TO_ACME [DID_ORG_ID] = "acme"

static const struct {
	struct change change;
	enum did_state from;
	const char *v[DID_FIELDS];
	enum result result;
	enum did_state to;	    /* when changed */
	const char *after[DID_FIELDS]; /* of those that are named; "": absent */
	enum refusal code;	    /* when refused */
	const char *reason;
} cases[] = {
	/* a number that leaves remembers who had it last */
	{{.verb = VERB_MARK, .to = STATE_PORTED}, STATE_ASSIGNED, {TO_ACME}, RESULT_CHANGED, STATE_PORTED,
	 {[DID_PREVIOUS_ORG_ID] = "acme", [DID_ORG_ID] = ""}, 0, NULL},
	{{.verb = VERB_MARK, .to = STATE_PORTED}, STATE_AVAILABLE, {[DID_PREVIOUS_ORG_ID] = "acme"}, RESULT_CHANGED,
	 STATE_PORTED, {[DID_PREVIOUS_ORG_ID] = "acme"}, 0, NULL},
	{{.verb = VERB_MARK, .to = STATE_PORTED}, STATE_ASSIGNED, {TO_ACME, [DID_LOCKED] = "1"}, RESULT_REFUSED, 0, {NULL},
	 REFUSAL_LOCKED, "is locked: pool unlock first"},
	{{.verb = VERB_MARK, .to = STATE_BLOCKED}, STATE_ASSIGNED, {TO_ACME, [DID_LOCKED] = "1"}, RESULT_CHANGED,
	 STATE_BLOCKED, {TO_ACME}, 0, NULL},
	{{.verb = VERB_MARK, .to = STATE_AVAILABLE}, STATE_PORTED, {NULL}, RESULT_REFUSED, 0, {NULL}, REFUSAL_STATE,
	 "is ported: pool mark cannot make it available; legal now: pool mark, port complete"},
	{{.verb = VERB_PORT_COMPLETE}, STATE_BLOCKED, {[DID_ORG_ID] = "globex"}, RESULT_REFUSED, 0, {NULL}, REFUSAL_STATE,
	 "is blocked: port complete cannot make it assigned; legal now: release, pool mark"},
	{{.verb = VERB_ASSIGN}, STATE_PENDING, {NULL}, RESULT_REFUSED, 0, {NULL}, REFUSAL_STATE,
	 "is pending: assign cannot make it assigned; legal now: pool approve, pool reject, pool sweep"},
	/* what comes after a hold is one of three states, whatever somebody wrote there */
	{{.verb = VERB_SWEEP}, STATE_ON_HOLD, {[DID_HOLD_UNTIL] = "2026-11-20T00:00:00Z", [DID_AFTER_HOLD] = "reserved"},
	 RESULT_CHANGED, STATE_RESERVED, {[DID_HOLD_UNTIL] = ""}, 0, NULL},
	{{.verb = VERB_SWEEP}, STATE_ON_HOLD, {[DID_HOLD_UNTIL] = "2026-11-20T00:00:00Z", [DID_AFTER_HOLD] = "assigned"},
	 RESULT_CHANGED, STATE_AVAILABLE, {NULL}, 0, NULL},
	{{.verb = VERB_SWEEP}, STATE_ON_HOLD, {[DID_HOLD_UNTIL] = "2026-11-20T00:00:00Z", [DID_AFTER_HOLD] = "whatever"},
	 RESULT_CHANGED, STATE_AVAILABLE, {NULL}, 0, NULL},
	{{.verb = VERB_SWEEP}, STATE_ON_HOLD, {NULL}, RESULT_UNCHANGED, 0, {NULL}, 0, NULL},
	/* a request that is too old; one of which nobody knows when it came is not */
	{{.verb = VERB_SWEEP, .pending_before = "2026-11-01T00:00:00Z"}, STATE_PENDING,
	 {TO_ACME, [DID_REQUESTED_AT] = "2026-10-31T00:00:00Z"}, RESULT_CHANGED, STATE_AVAILABLE, {[DID_ORG_ID] = ""}, 0, NULL},
	{{.verb = VERB_SWEEP, .pending_before = "2026-11-01T00:00:00Z"}, STATE_PENDING,
	 {TO_ACME, [DID_REQUESTED_AT] = "2026-11-02T00:00:00Z"}, RESULT_UNCHANGED, 0, {NULL}, 0, NULL},
	{{.verb = VERB_SWEEP, .pending_before = "2026-11-01T00:00:00Z"}, STATE_PENDING, {TO_ACME}, RESULT_UNCHANGED, 0, {NULL},
	 0, NULL},
	{{.verb = VERB_SWEEP}, STATE_PENDING, {TO_ACME, [DID_REQUESTED_AT] = "2026-10-31T00:00:00Z"}, RESULT_UNCHANGED, 0,
	 {NULL}, 0, NULL},
	/* days of a hold: the command's, the number's, the profile's */
	{{.verb = VERB_RELEASE, .to = STATE_UNKNOWN, .hold_days = 0, .default_hold_days = 2}, STATE_ASSIGNED,
	 {TO_ACME, [DID_HOLD_DAYS] = "5"}, RESULT_CHANGED, STATE_AVAILABLE, {NULL}, 0, NULL},
	{{.verb = VERB_RELEASE, .to = STATE_UNKNOWN, .hold_days = -1, .default_hold_days = 2}, STATE_ASSIGNED,
	 {TO_ACME, [DID_HOLD_DAYS] = "5"}, RESULT_CHANGED, STATE_ON_HOLD, {[DID_HOLD_UNTIL] = "2026-11-26T00:00:00Z"}, 0, NULL},
	{{.verb = VERB_RELEASE, .to = STATE_UNKNOWN, .hold_days = -1, .default_hold_days = 2}, STATE_ASSIGNED,
	 {TO_ACME, [DID_HOLD_DAYS] = "soon"}, RESULT_CHANGED, STATE_ON_HOLD, {[DID_HOLD_UNTIL] = "2026-11-23T00:00:00Z"}, 0, NULL},
	/* a row that breaks the rules is mended, or goes */
	{{.verb = VERB_EDIT}, STATE_AVAILABLE, {TO_ACME}, RESULT_REFUSED, 0, {NULL}, REFUSAL_OWNER,
	 "is available and yet belongs to ACME: mend the row first"},
	{{.verb = VERB_DELETE}, STATE_AVAILABLE, {TO_ACME}, RESULT_CHANGED, 0, {NULL}, 0, NULL},
	{{.verb = VERB_EDIT}, STATE_ASSIGNED, {NULL}, RESULT_REFUSED, 0, {NULL}, REFUSAL_RULE,
	 "would be held without an owner"},
	{{.verb = VERB_LOCK}, STATE_RESERVED, {[DID_DEFAULT] = "1"}, RESULT_REFUSED, 0, {NULL}, REFUSAL_RULE,
	 "would be a default caller ID without being assigned"},
	{{.verb = VERB_EDIT}, STATE_ASSIGNED, {TO_ACME, [DID_STATUS] = "frozen"}, RESULT_REFUSED, 0, {NULL}, REFUSAL_STATE,
	 "is stored as pool_status 'assigned', status 'frozen', which is no state of a number: mend the row first"},
	{{.verb = VERB_DEFAULT_SET}, STATE_ASSIGNED, {NULL}, RESULT_REFUSED, 0, {NULL}, REFUSAL_OWNER,
	 "is assigned to no organisation"},
};

static void compare_fields(const struct record *r, const char *const wanted[DID_FIELDS], size_t number)
{
	for (int f = 0; f < DID_FIELDS; f++)
		if (wanted[f] && !record_is(r, (enum did_field)f, *wanted[f] ? wanted[f] : NULL))
			fail_msg("case %zu: %s is %s", number, did_columns[f].key, r->v[f] ? r->v[f] : "absent");
}

static void test_verbs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plan plan = {.org = {.id = "acme", .name = "ACME"}};
		struct change change = cases[i].change;
		struct decision d;

		add_owner(&plan, "acme", "ACME", NULL);
		change.now_ms = NOW_MS;
		d = decide(&change, &plan, record_in(&plan, cases[i].from, cases[i].v));
		if (d.result != cases[i].result)
			fail_msg("case %zu: %s, %s", i, result_names[d.result], d.reason ? d.reason : "no reason");
		if (d.result == RESULT_REFUSED) {
			assert_int_equal(d.code, cases[i].code);
			assert_string_equal(d.reason, cases[i].reason);
		} else if (d.result == RESULT_CHANGED && change.verb != VERB_DELETE) {
			assert_int_equal(record_state(&plan.records.at[d.after]), cases[i].to);
			compare_fields(&plan.records.at[d.after], cases[i].after, i);
		}
		plan_release(&plan);
	}
}

/* ---- undo */

#define MASK (FIELD_BIT(DID_POOL_STATUS) | FIELD_BIT(DID_ORG_ID))

/* A change from `was` to `left`, of which the history has pool_status and owner, or status too; and what the row is now. */
static const struct {
	uint64_t mask;
	enum did_state was;
	const char *was_v[DID_FIELDS];
	enum did_state left;
	const char *left_v[DID_FIELDS];
	enum did_state now;
	const char *now_v[DID_FIELDS];
	enum result result;
	const char *reason;
} undone[] = {
	{MASK, STATE_AVAILABLE, {NULL}, STATE_ASSIGNED, {TO_ACME}, STATE_ASSIGNED, {TO_ACME}, RESULT_CHANGED, NULL},
	{MASK, STATE_AVAILABLE, {NULL}, STATE_ASSIGNED, {TO_ACME}, STATE_ASSIGNED, {TO_ACME, [DID_NOTES] = "x"}, RESULT_CHANGED,
	 NULL},
	{MASK, STATE_AVAILABLE, {NULL}, STATE_ASSIGNED, {TO_ACME}, STATE_ASSIGNED, {[DID_ORG_ID] = "globex"}, RESULT_REFUSED,
	 "has changed since: its org_id is another now"},
	/* blocked since: an available number that is suspended is none */
	{MASK, STATE_AVAILABLE, {NULL}, STATE_ASSIGNED, {TO_ACME}, STATE_BLOCKED, {TO_ACME}, RESULT_REFUSED,
	 "has changed since: it is blocked now"},
	/* ported since: whatever its pool_status was before, it stays ported */
	{MASK, STATE_AVAILABLE, {NULL}, STATE_RESERVED, {NULL}, STATE_PORTED, {NULL}, RESULT_REFUSED,
	 "has changed since: it is ported now"},
	{MASK | FIELD_BIT(DID_STATUS), STATE_AVAILABLE, {NULL}, STATE_PORTED, {NULL}, STATE_PORTED, {NULL}, RESULT_CHANGED, NULL},
	{FIELD_BIT(DID_NOTES), STATE_RESERVED, {NULL}, STATE_RESERVED, {[DID_NOTES] = "x"}, STATE_PORTED, {[DID_NOTES] = "x"},
	 RESULT_CHANGED, NULL},
	{MASK, STATE_RESERVED, {NULL}, STATE_RESERVED, {NULL}, STATE_PORTED, {NULL}, RESULT_UNCHANGED, NULL},
};

static void test_undo(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(undone); i++) {
		struct plan plan = {0};
		uint32_t was = record_in(&plan, undone[i].was, undone[i].was_v);
		uint32_t left = record_in(&plan, undone[i].left, undone[i].left_v);
		uint32_t now = record_in(&plan, undone[i].now, undone[i].now_v);
		struct decision d = decide_undo(&plan, now, left, undone[i].mask, was, undone[i].mask);

		if (d.result != undone[i].result)
			fail_msg("undo %zu: %s, %s", i, result_names[d.result], d.reason ? d.reason : "no reason");
		if (undone[i].reason)
			assert_string_equal(d.reason, undone[i].reason);
		if (d.result == RESULT_CHANGED)
			assert_int_equal(record_diff(&plan.records.at[d.after], &plan.records.at[was]) & undone[i].mask, 0);
		plan_release(&plan);
	}
}

static void test_undo_of_existence(void **state)
{
	struct plan plan = {0};
	uint32_t here = record_in(&plan, STATE_AVAILABLE, FIELDS(NULL)), gone = RECORD_NONE;
	struct decision d = decide_undo(&plan, here, gone, 0, here, UINT64_MAX);

	(void)state;
	assert_string_equal(d.reason, "is in the inventory again: it was added since");
	d = decide_undo(&plan, gone, here, UINT64_MAX, gone, 0);
	assert_string_equal(d.reason, "is not in the inventory any more");
	d = decide_undo(&plan, gone, gone, 0, here, UINT64_MAX);
	assert_int_equal(d.after, here);
	d = decide_undo(&plan, here, here, UINT64_MAX, gone, 0);
	assert_int_equal(d.result, RESULT_CHANGED);
	assert_int_equal(d.after, RECORD_NONE);
	plan_release(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_undo),
		cmocka_unit_test(test_undo_of_existence),
	};

	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
