/* States, verbs and transitions against product.md, "Life of a number". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "did/state.h"

#define U    STATE_UNKNOWN
#define DATE "2026-11-21T10:00:00Z"

static const char *const statuses[] = {"active", "suspended", "inactive", "ported",
				       "bogus",	 "Active",    "",	  NULL};

/* One column a status, in the order above. */
static const struct {
	const char *pool_status, *hold_until;
	enum did_state state[ARRAY_SIZE(statuses)];
} rows[] = {
	{"available", NULL, {STATE_AVAILABLE, U, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
	{"available", DATE, {STATE_AVAILABLE, U, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
	{"pending", NULL, {STATE_PENDING, U, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
	{"pending", DATE, {STATE_PENDING, U, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
	{"assigned", NULL, {STATE_ASSIGNED, STATE_BLOCKED, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
	{"assigned", DATE, {STATE_ASSIGNED, STATE_BLOCKED, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
	{"reserved", NULL, {STATE_RESERVED, U, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
	{"reserved", "", {STATE_RESERVED, U, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
	{"reserved", DATE, {STATE_ON_HOLD, U, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
	{"bogus", NULL, {U, U, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
	{"bogus", DATE, {U, U, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
	{"", NULL, {U, U, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
	{NULL, NULL, {U, U, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
	{NULL, DATE, {U, U, STATE_ARCHIVED, STATE_PORTED, U, U, U, U}},
};

static void test_state_of(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t s = 0; s < ARRAY_SIZE(statuses); s++)
			assert_int_equal(state_of(rows[i].pool_status, statuses[s], rows[i].hold_until),
					 rows[i].state[s]);
}

static void test_info_round_trip(void **state)
{
	(void)state;
	for (int s = 0; s < STATE_COUNT; s++) {
		const struct state_info *info = &state_info[s];
		bool released = true;

		assert_int_equal(state_of(info->pool_status, info->status, info->has_hold ? DATE : NULL), s);
		assert_string_equal(state_names[s], info->name);
		assert_int_equal(state_find(info->name, &released), s);
		assert_false(released);
		assert_non_null(info->help);
		assert_int_equal(info->is_held, s == STATE_ASSIGNED || s == STATE_BLOCKED);
	}
	assert_null(state_names[STATE_COUNT]);
}

static const struct {
	const char *word;
	int state;
	bool released;
} words[] = {
	{"available", STATE_AVAILABLE, false},
	{"Available", STATE_AVAILABLE, false},
	{"in-stock", STATE_AVAILABLE, false},
	{"in stock", STATE_AVAILABLE, false},
	{"IN_STOCK", STATE_AVAILABLE, false},
	{"RELEASED", STATE_AVAILABLE, true},
	{"released", STATE_AVAILABLE, true},
	{"PENDING", STATE_PENDING, false},
	{"ACTIVE", STATE_ASSIGNED, false},
	{"active", STATE_ASSIGNED, false},
	{"block", STATE_BLOCKED, false},
	{"Blocked", STATE_BLOCKED, false},
	{"hold", STATE_ON_HOLD, false},
	{"on hold", STATE_ON_HOLD, false},
	{"On_Hold", STATE_ON_HOLD, false},
	{"archive", STATE_ARCHIVED, false},
	{"reserved", STATE_RESERVED, false},
	{"ported", STATE_PORTED, false},
	{"unknown", STATE_UNKNOWN, false},
	{"", -1, false},
	{" ", -1, false},
	{"avail", -1, false},
	{"availables", -1, false},
	{"on--hold", -1, false},
	{" hold", -1, false},
	{"onhold", -1, false},
	{"in\xc4\xb1", -1, false},
};

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		bool released = !words[i].released;

		assert_int_equal(state_find(words[i].word, &released), words[i].state);
		assert_int_equal(released, words[i].released);
		assert_int_equal(state_find(words[i].word, NULL), words[i].state);
	}
}

static void test_can_be_added(void **state)
{
	(void)state;
	for (int s = 0; s < STATE_COUNT; s++)
		assert_int_equal(state_can_be_added((enum did_state)s),
				 s == STATE_AVAILABLE || s == STATE_RESERVED || s == STATE_ARCHIVED);
}

/*
 * What each verb does from a state: a letter for each state that it may lead to, in the order of enum
 * did_state (available, pending, assigned, blocked, on-hold, reserved, archived, ported, unknown), and a
 * blank where it may not. The letter is what the step needs: - nothing, t --transfer, r --allow-reserved,
 * h --override-hold, d a hold date, u to be due.
 */
static const char needs[] = {
	[NEED_NOTHING] = '-',	    [NEED_TRANSFER] = 't',  [NEED_ALLOW_RESERVED] = 'r',
	[NEED_OVERRIDE_HOLD] = 'h', [NEED_HOLD_DATE] = 'd', [NEED_DUE] = 'u',
};

static const struct {
	enum verb verb;
	enum did_state from;
	const char *to;
} steps[] = {
	{VERB_REQUEST, STATE_AVAILABLE, " -       "},
	{VERB_APPROVE, STATE_PENDING, "  -      "},
	{VERB_REJECT, STATE_PENDING, "-        "},
	{VERB_SWEEP, STATE_PENDING, "u        "},
	{VERB_SWEEP, STATE_ON_HOLD, "u    uu  "},
	{VERB_ASSIGN, STATE_AVAILABLE, "  -      "},
	{VERB_ASSIGN, STATE_ASSIGNED, "  t      "},
	{VERB_ASSIGN, STATE_ON_HOLD, "  h      "},
	{VERB_ASSIGN, STATE_RESERVED, "  r      "},
	{VERB_RELEASE, STATE_ASSIGNED, "-   ---  "},
	{VERB_RELEASE, STATE_BLOCKED, "-   ---  "},
	{VERB_MARK, STATE_AVAILABLE, "    d--- "},
	{VERB_MARK, STATE_ASSIGNED, "   -   - "},
	{VERB_MARK, STATE_BLOCKED, "  -    - "},
	{VERB_MARK, STATE_ON_HOLD, "h    hh- "},
	{VERB_MARK, STATE_RESERVED, "-   d -- "},
	{VERB_MARK, STATE_ARCHIVED, "-    -   "},
	{VERB_MARK, STATE_PORTED, "      -  "},
	{VERB_PORT_COMPLETE, STATE_PORTED, "- -      "},
};

static char want(enum verb verb, enum did_state from, enum did_state to)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i].verb == verb && steps[i].from == from)
			return steps[i].to[to];
	return ' ';
}

static void expect_step(enum verb verb, enum did_state from, enum did_state to)
{
	const struct transition *t = transition_find(verb, from, to);

	assert_int_equal(t ? needs[t->need] : ' ', want(verb, from, to));
}

static void test_transitions(void **state)
{
	(void)state;
	for (enum verb v = 0; v < VERB_COUNT; v++)
		for (enum did_state from = 0; from < STATE_COUNT; from++)
			for (enum did_state to = 0; to < STATE_COUNT; to++)
				expect_step(v, from, to);
}

static const char *const legal[STATE_COUNT] = {
	[STATE_AVAILABLE] = "assign, pool mark, pool request",
	[STATE_PENDING] = "pool approve, pool reject, pool sweep",
	[STATE_ASSIGNED] = "assign, release, pool mark",
	[STATE_BLOCKED] = "release, pool mark",
	[STATE_ON_HOLD] = "assign, pool mark, pool sweep",
	[STATE_RESERVED] = "assign, pool mark",
	[STATE_ARCHIVED] = "pool mark",
	[STATE_PORTED] = "pool mark, port complete",
	[STATE_UNKNOWN] = "",
};

static void test_verbs_of_a_state(void **state)
{
	struct buf out = {0};

	(void)state;
	for (int s = 0; s < STATE_COUNT; s++) {
		buf_reset(&out);
		transition_verbs(&out, (enum did_state)s);
		assert_string_equal(buf_str(&out), legal[s]);
	}
	buf_release(&out);
}

static const struct {
	enum verb verb;
	const char *name, *past;
	bool moves_calls, always_asks, never_asks;
} verbs[] = {
	{VERB_ADD, "pool add", "added", false, false, false},
	{VERB_EDIT, "pool edit", "edited", true, false, false},
	{VERB_DELETE, "pool delete", "deleted", false, true, false},
	{VERB_MARK, "pool mark", "marked", true, true, false},
	{VERB_LOCK, "pool lock", "locked", false, false, false},
	{VERB_UNLOCK, "pool unlock", "unlocked", false, false, false},
	{VERB_REQUEST, "pool request", "requested", false, false, false},
	{VERB_APPROVE, "pool approve", "approved", true, false, false},
	{VERB_REJECT, "pool reject", "rejected", false, false, false},
	{VERB_SWEEP, "pool sweep", "swept", false, false, true},
	{VERB_ASSIGN, "assign", "assigned", true, false, false},
	{VERB_RELEASE, "release", "released", true, true, false},
	{VERB_ENV_SET, "env set", "set", true, false, false},
	{VERB_DEFAULT_SET, "default set", "set", false, false, false},
	{VERB_DEFAULT_CLEAR, "default clear", "cleared", false, true, false},
	{VERB_DEFAULT_USER, "default user", "set", false, false, false},
	{VERB_UNDO, "undo", "undone", true, true, false},
	{VERB_EXTERNAL, "external", "recorded", true, true, false},
	{VERB_ORG_ADD, "org add", "added", false, false, true},
	{VERB_ORG_EDIT, "org edit", "edited", true, false, false},
	{VERB_ORG_DELETE, "org delete", "deleted", false, true, false},
	{VERB_USER_ADD, "user add", "added", false, false, false},
	{VERB_USER_EDIT, "user edit", "edited", false, false, false},
	{VERB_USER_DELETE, "user delete", "deleted", false, true, false},
	{VERB_DEMO, "init", "added", true, false, true},
	{VERB_MERGE, "pool merge", "merged", true, true, false},
	{VERB_REPAIR, "doctor", "mended", true, true, false},
	{VERB_CNAM_SET, "cnam set", "set", false, false, false},
	{VERB_CNAM_CLEAR, "cnam clear", "cleared", false, true, false},
	{VERB_CNAM_DEFAULT, "cnam default", "set", false, false, false},
	{VERB_CNAM_SYNC, "cnam sync", "synced", false, false, true},
	{VERB_E911_SET, "e911 set", "set", false, false, false},
	{VERB_E911_CLEAR, "e911 clear", "cleared", false, true, false},
	{VERB_E911_SYNC, "e911 sync", "synced", false, false, true},
	{VERB_LOCATION_ADD, "e911 locations add", "added", false, false, true},
	{VERB_LOCATION_EDIT, "e911 locations edit", "edited", false, false, false},
	{VERB_LOCATION_DELETE, "e911 locations delete", "deleted", false, true, false},
	{VERB_PORT_NEW, "port new", "ordered", false, false, true},
	{VERB_PORT_EDIT, "port edit", "edited", false, false, true},
	{VERB_PORT_ATTACH, "port attach", "attached", false, false, true},
	{VERB_PORT_DOCUMENT, "port document", "added", false, false, true},
	{VERB_PORT_SUBMIT, "port submit", "submitted", false, false, true},
	{VERB_PORT_ACK, "port ack", "acknowledged", false, false, true},
	{VERB_PORT_FOC, "port foc", "set", false, false, true},
	{VERB_PORT_REJECT, "port reject", "rejected", false, false, true},
	{VERB_PORT_CANCEL, "port cancel", "cancelled", false, true, false},
	{VERB_PORT_COMPLETE, "port complete", "completed", true, true, false},
};

static void test_verb_info(void **state)
{
	(void)state;
	assert_int_equal(ARRAY_SIZE(verbs), VERB_COUNT);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		const struct verb_info *info = &verb_info[verbs[i].verb];

		assert_string_equal(info->name, verbs[i].name);
		assert_string_equal(info->past, verbs[i].past);
		assert_non_null(info->infinitive);
		assert_int_equal(info->moves_calls, verbs[i].moves_calls);
		assert_int_equal(info->always_asks, verbs[i].always_asks);
		assert_int_equal(info->never_asks, verbs[i].never_asks);
		assert_int_equal(verb_find(verbs[i].name), verbs[i].verb);
	}
	assert_int_equal(verb_find("pool"), -1);
	assert_int_equal(verb_find(""), -1);
	assert_int_equal(verb_find("Assign"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_state_of),    cmocka_unit_test(test_info_round_trip),
		cmocka_unit_test(test_find),	    cmocka_unit_test(test_can_be_added),
		cmocka_unit_test(test_transitions), cmocka_unit_test(test_verbs_of_a_state),
		cmocka_unit_test(test_verb_info),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
