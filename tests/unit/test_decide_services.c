/* Names and emergency addresses of a number: what waits for a provider, whose answer still counts, and what undo restores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "did/decide.h"
#include "tests/unit/records.h"

#define NOW_MS INT64_C(1795219200000)
#define NOW "2026-11-21T00:00:00.000Z"
#define THEN "2026-11-20T00:00:00.000Z"
#define ACME [DID_ORG_ID] = "acme"
#define SYNCED [DID_CNAM_STATUS] = "synced", [DID_CNAM_SINCE] = THEN
#define WAITS [DID_CNAM_STATUS] = "pending", [DID_CNAM_SINCE] = THEN
#define REGISTERED [DID_E911] = "registered", [DID_E911_SINCE] = THEN
#define SET(field, text) .value = {[field] = (text)}, .is_set = {[field] = true}

/* ACME's name is that of Globex too. */
static void fill(struct plan *plan)
{
	plan->org = (struct org){.id = "acme", .name = "ACME", .cnam = "GROUP"};
	plan->location = "here";
	plan->location_org = "acme";
	add_owner(plan, "acme", "ACME", "GROUP");
	add_owner(plan, "globex", "Globex", "GROUP");
	add_owner(plan, "initech", "Initech", NULL);
}

/* What of the record is told: the name, how far it is, and since when; the same of the address. */
static const char *told(struct plan *plan, const struct record *r)
{
	static const enum did_field fields[] = {DID_CNAM, DID_CNAM_STATUS, DID_CNAM_SINCE, DID_LOCATION, DID_E911, DID_E911_SINCE};
	struct buf out = {0};
	const char *text;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		buf_printf(&out, "%s%s", i ? " " : "", r->v[fields[i]] ? r->v[fields[i]] : "-");
	text = arena_strdup(&plan->arena, out.data);
	buf_release(&out);
	return text;
}

static const struct {
	struct change change;
	enum did_state from;
	const char *v[DID_FIELDS];
	enum result result;
	const char *text; /* what is told of the record after it, or the reason */
} cases[] = {
	{{.verb = VERB_CNAM_SET, SET(DID_CNAM, "SALES")}, STATE_AVAILABLE, {NULL}, RESULT_REFUSED,
	 "is available: only a number that an organisation holds has a CNAM"},
	{{.verb = VERB_CNAM_SET, SET(DID_CNAM, "SALES")}, STATE_BLOCKED, {ACME}, RESULT_CHANGED, "SALES pending " NOW " - - -"},
	{{.verb = VERB_CNAM_SET, SET(DID_CNAM, "SALES")}, STATE_ASSIGNED, {ACME, [DID_CNAM] = "SALES", SYNCED}, RESULT_UNCHANGED,
	 "SALES synced " THEN " - - -"},
	{{.verb = VERB_CNAM_SET, SET(DID_CNAM, "SALES")}, STATE_ASSIGNED, {ACME, [DID_CNAM] = "SALES",
	 [DID_CNAM_STATUS] = "failed"}, RESULT_CHANGED, "SALES pending " NOW " - - -"}, /* tried once more as it is */
	{{.verb = VERB_CNAM_CLEAR}, STATE_ASSIGNED, {ACME}, RESULT_UNCHANGED, "- - - - - -"},
	{{.verb = VERB_CNAM_CLEAR}, STATE_ASSIGNED, {ACME, [DID_CNAM] = "SALES", SYNCED}, RESULT_CHANGED,
	 "- pending " NOW " - - -"}, /* the organisation's counts from now on */
	{{.verb = VERB_CNAM_CLEAR}, STATE_ASSIGNED, {[DID_ORG_ID] = "initech", [DID_CNAM] = "SALES", SYNCED}, RESULT_CHANGED,
	 "- - - - - -"},
	/* the organisation's name: for numbers that have none of their own */
	{{.verb = VERB_CNAM_DEFAULT, .object_value = {[ORG_CNAM] = "NEW"}}, STATE_ASSIGNED, {ACME, SYNCED}, RESULT_CHANGED,
	 "- pending " NOW " - - -"},
	{{.verb = VERB_CNAM_DEFAULT, .object_value = {[ORG_CNAM] = "NEW"}}, STATE_ASSIGNED, {ACME, [DID_CNAM] = "SALES", SYNCED},
	 RESULT_UNCHANGED, "SALES synced " THEN " - - -"},
	{{.verb = VERB_CNAM_DEFAULT, .object_value = {[ORG_CNAM] = "GROUP"}}, STATE_ASSIGNED, {ACME, SYNCED}, RESULT_UNCHANGED,
	 "- synced " THEN " - - -"},
	/* the same name of another owner is another name to its provider; what belongs to the number moves with it */
	{{.verb = VERB_ASSIGN, .is_transfer = true}, STATE_ASSIGNED, {[DID_ORG_ID] = "globex", SYNCED}, RESULT_CHANGED,
	 "- pending " NOW " - - -"},
	{{.verb = VERB_ASSIGN, .is_transfer = true}, STATE_ASSIGNED, {[DID_ORG_ID] = "initech", [DID_CNAM] = "OLD", SYNCED,
	 [DID_LOCATION] = "there", REGISTERED}, RESULT_CHANGED, "- pending " NOW " - - -"},
	{{.verb = VERB_EDIT, SET(DID_NOTES, "x")}, STATE_ASSIGNED, {ACME, SYNCED}, RESULT_CHANGED, "- synced " THEN " - - -"},
	/* answers: about what is there, and what was waiting when it was asked */
	{{.verb = VERB_CNAM_SYNC, SET(DID_CNAM_STATUS, "synced"), .seen_name = "GROUP", .seen_since = THEN}, STATE_ASSIGNED,
	 {ACME, WAITS}, RESULT_CHANGED, "- synced " NOW " - - -"},
	{{.verb = VERB_CNAM_SYNC, SET(DID_CNAM_STATUS, "pending"), .seen_name = "GROUP", .seen_since = THEN}, STATE_ASSIGNED,
	 {ACME, WAITS, [DID_CNAM_NOTE] = "x"}, RESULT_UNCHANGED, "- pending " THEN " - - -"},
	{{.verb = VERB_CNAM_SYNC, SET(DID_CNAM_STATUS, "synced"), .seen_name = "OLD", .seen_since = THEN}, STATE_ASSIGNED,
	 {ACME, WAITS}, RESULT_UNCHANGED, "- pending " THEN " - - -"},
	{{.verb = VERB_CNAM_SYNC, SET(DID_CNAM_STATUS, "synced"), .seen_name = "GROUP", .seen_since = NOW}, STATE_ASSIGNED,
	 {ACME, WAITS}, RESULT_UNCHANGED, "- pending " THEN " - - -"},
	{{.verb = VERB_CNAM_SYNC, SET(DID_CNAM_STATUS, "synced"), .seen_name = "GROUP", .seen_since = THEN}, STATE_ASSIGNED,
	 {ACME, SYNCED}, RESULT_UNCHANGED, "- synced " THEN " - - -"},
	{{.verb = VERB_E911_SYNC, SET(DID_E911, "registered"), .seen_location = "here", .seen_since = THEN}, STATE_ASSIGNED,
	 {ACME, [DID_LOCATION] = "here", [DID_E911] = "pending", [DID_E911_SINCE] = THEN}, RESULT_CHANGED,
	 "- - - here registered " NOW},
	{{.verb = VERB_E911_SYNC, SET(DID_E911, "registered"), .seen_location = "there", .seen_since = THEN}, STATE_ASSIGNED,
	 {ACME, [DID_LOCATION] = "here", [DID_E911] = "pending", [DID_E911_SINCE] = THEN}, RESULT_UNCHANGED,
	 "- - - here pending " THEN},
	/* addresses */
	{{.verb = VERB_E911_SET}, STATE_RESERVED, {NULL}, RESULT_REFUSED,
	 "is reserved: only a number that an organisation holds has an emergency address"},
	{{.verb = VERB_E911_SET}, STATE_ASSIGNED, {[DID_ORG_ID] = "globex"}, RESULT_REFUSED,
	 "is held by Globex, and the location is another organisation's"},
	{{.verb = VERB_E911_SET}, STATE_ASSIGNED, {ACME, [DID_LOCATION] = "here", REGISTERED}, RESULT_UNCHANGED,
	 "- - - here registered " THEN},
	{{.verb = VERB_E911_SET}, STATE_ASSIGNED, {ACME, [DID_LOCATION] = "here", [DID_E911] = "failed"}, RESULT_CHANGED,
	 "- - - here pending " NOW},
	{{.verb = VERB_E911_CLEAR}, STATE_ASSIGNED, {ACME, [DID_LOCATION] = "here", REGISTERED}, RESULT_CHANGED, "- - - - - -"},
};

static void test_verbs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plan plan = {0};
		struct change change = cases[i].change;
		uint32_t before = record_in(&plan, cases[i].from, cases[i].v);
		struct decision d;
		const char *text;

		fill(&plan);
		change.now_ms = NOW_MS;
		d = decide(&change, &plan, before);
		text = d.result == RESULT_REFUSED ? d.reason : told(&plan, &plan.records.at[d.after]);
		if (d.result != cases[i].result || strcmp(text, cases[i].text) != 0)
			fail_msg("case %zu: %s, %s", i, result_names[d.result], text);
		plan_release(&plan);
	}
}

/* A location that is nobody's is anybody's. */
static void test_location_of_nobody(void **state)
{
	const struct change change = {.verb = VERB_E911_SET, .now_ms = NOW_MS};
	struct plan plan = {0};
	uint32_t before = record_in(&plan, STATE_ASSIGNED, FIELDS([DID_ORG_ID] = "globex"));

	(void)state;
	fill(&plan);
	plan.location_org = NULL;
	assert_int_equal(decide(&change, &plan, before).result, RESULT_CHANGED);
	plan_release(&plan);
}

/* ---- an object that changes with its numbers, or is undone */

#define FIELD(f) ((f) - LOCATION_LABEL)

static struct object *add_object(struct plan *plan, enum object_kind kind, const char *id, int field, const char *before,
				 const char *after)
{
	GROW(plan->objects, plan->nobjects, plan->objects_cap);
	plan->objects[plan->nobjects] = (struct object){.kind = kind, .id = id, .was = true, .is = true};
	plan->objects[plan->nobjects].before[field] = before;
	plan->objects[plan->nobjects].after[field] = after;
	return &plan->objects[plan->nobjects++];
}

/* What people call a place is no part of where it is. */
static void test_edit_of_a_location(void **state)
{
	const struct change change = {.verb = VERB_LOCATION_EDIT, .now_ms = NOW_MS};
	struct plan plan = {0};
	uint32_t before = record_in(&plan, STATE_ASSIGNED, FIELDS(ACME, [DID_LOCATION] = "here", REGISTERED));
	struct decision d;

	(void)state;
	fill(&plan);
	assert_int_equal(decide(&change, &plan, before).result, RESULT_UNCHANGED);
	add_object(&plan, OBJECT_LOCATION, "here", FIELD(LOCATION_LABEL), "HQ", "Main");
	assert_int_equal(decide(&change, &plan, before).result, RESULT_UNCHANGED);
	plan.objects[0].after[FIELD(LOCATION_FLOOR)] = "2";
	d = decide(&change, &plan, before);
	assert_int_equal(d.result, RESULT_CHANGED);
	assert_string_equal(told(&plan, &plan.records.at[d.after]), "- - - here pending " NOW);
	plan_release(&plan);
}

/* Undo of a name or an address that others have: which numbers wait again. */
static const struct {
	enum object_kind kind;
	const char *id;
	int field;
	bool stays; /* the object is there before and after */
	enum did_state from;
	const char *v[DID_FIELDS];
	const char *text; /* NULL: unchanged */
} heirs[] = {
	{OBJECT_ORG, "acme", OBJECT_CNAM, true, STATE_ASSIGNED, {ACME, SYNCED}, "- pending " NOW " - - -"},
	{OBJECT_ORG, "acme", OBJECT_CNAM, true, STATE_BLOCKED, {ACME, SYNCED}, "- pending " NOW " - - -"},
	{OBJECT_ORG, "acme", OBJECT_CNAM, true, STATE_ASSIGNED, {ACME, [DID_CNAM] = "SALES", SYNCED}, NULL},
	{OBJECT_ORG, "acme", OBJECT_CNAM, true, STATE_PENDING, {ACME}, NULL},
	{OBJECT_ORG, "acme", OBJECT_CNAM, false, STATE_ASSIGNED, {ACME, SYNCED}, NULL},
	{OBJECT_ORG, "acme", 0, true, STATE_ASSIGNED, {ACME, SYNCED}, NULL}, /* what the organisation is called */
	{OBJECT_ORG, "globex", OBJECT_CNAM, true, STATE_ASSIGNED, {ACME, SYNCED}, NULL},
	{OBJECT_LOCATION, "here", FIELD(LOCATION_CITY), true, STATE_ASSIGNED, {ACME, SYNCED, [DID_LOCATION] = "here", REGISTERED},
	 "- synced " THEN " here pending " NOW},
	{OBJECT_LOCATION, "here", FIELD(LOCATION_LABEL), true, STATE_ASSIGNED, {ACME, [DID_LOCATION] = "here", REGISTERED}, NULL},
	{OBJECT_LOCATION, "here", FIELD(LOCATION_CITY), false, STATE_ASSIGNED, {ACME, [DID_LOCATION] = "here", REGISTERED}, NULL},
	{OBJECT_LOCATION, "there", FIELD(LOCATION_CITY), true, STATE_ASSIGNED, {ACME, [DID_LOCATION] = "here", REGISTERED}, NULL},
};

static void test_heirs(void **state)
{
	const struct change change = {.verb = VERB_UNDO, .now_ms = NOW_MS};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(heirs); i++) {
		struct plan plan = {0};
		uint32_t before = record_in(&plan, heirs[i].from, heirs[i].v);
		struct decision d;
		const char *text;

		fill(&plan);
		add_object(&plan, heirs[i].kind, heirs[i].id, heirs[i].field, "a", "b")->is = heirs[i].stays;
		d = decide_heir(&change, &plan, before);
		text = told(&plan, &plan.records.at[d.after]);
		if ((d.result == RESULT_CHANGED) != (heirs[i].text != NULL) || (heirs[i].text && strcmp(text, heirs[i].text) != 0))
			fail_msg("heir %zu: %s, %s", i, result_names[d.result], text);
		assert_int_equal(decide_heir(&change, &plan, RECORD_NONE).result, RESULT_UNCHANGED);
		plan_release(&plan);
	}
}

/* A status that undo brings back: only what the provider has surely heard of, or not been asked about, stays as it was. */
static const struct {
	const char *now[DID_FIELDS], *restored[DID_FIELDS];
	const char *text;
} restored[] = {
	{{ACME, [DID_CNAM] = "NEW", SYNCED}, {ACME, [DID_CNAM] = "OLD", SYNCED}, "OLD pending " NOW " - - -"},
	{{ACME, [DID_CNAM] = "OLD", SYNCED}, {ACME, [DID_CNAM] = "OLD", SYNCED}, "OLD synced " THEN " - - -"},
	{{ACME, [DID_CNAM] = "OLD", WAITS}, {ACME, [DID_CNAM] = "OLD", SYNCED}, "OLD pending " NOW " - - -"},
	{{ACME, [DID_CNAM] = "OLD", SYNCED}, {ACME, [DID_CNAM] = "OLD", WAITS}, "OLD pending " THEN " - - -"},
	{{ACME, [DID_CNAM] = "NEW", SYNCED}, {ACME, [DID_CNAM] = "OLD", WAITS}, "OLD pending " NOW " - - -"},
	{{ACME, [DID_CNAM] = "NEW", SYNCED}, {ACME, [DID_CNAM] = "OLD", [DID_CNAM_STATUS] = "failed"}, "OLD failed - - - -"},
	{{[DID_ORG_ID] = "globex", SYNCED}, {ACME, SYNCED}, "- pending " NOW " - - -"},
	{{[DID_ORG_ID] = "initech"}, {[DID_ORG_ID] = "initech", SYNCED}, "- synced " THEN " - - -"}, /* a status of no name */
	{{ACME, [DID_LOCATION] = "there", REGISTERED}, {ACME, [DID_LOCATION] = "here", REGISTERED}, "- - - here pending " NOW},
	{{ACME, [DID_LOCATION] = "here", REGISTERED}, {ACME, [DID_LOCATION] = "here", REGISTERED}, "- - - here registered " THEN},
	{{ACME}, {ACME, REGISTERED}, "- - - - registered " THEN}, /* a status of no address */
};

static void test_restored(void **state)
{
	const struct change change = {.verb = VERB_UNDO, .now_ms = NOW_MS};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(restored); i++) {
		struct plan plan = {0};
		uint32_t now = record_in(&plan, STATE_ASSIGNED, restored[i].now);
		uint32_t after = record_in(&plan, STATE_ASSIGNED, restored[i].restored);
		const char *text;

		fill(&plan);
		after = decide_restored_services(&change, &plan, now, after);
		text = told(&plan, &plan.records.at[after]);
		if (strcmp(text, restored[i].text) != 0)
			fail_msg("restored %zu: %s", i, text);
		plan_release(&plan);
	}
}

#define NAME (FIELD_BIT(DID_CNAM_STATUS) | FIELD_BIT(DID_CNAM_SINCE) | FIELD_BIT(DID_CNAM_NOTE))
#define ADDRESS (FIELD_BIT(DID_E911) | FIELD_BIT(DID_E911_SINCE) | FIELD_BIT(DID_E911_NOTE) | FIELD_BIT(DID_E911_CANDIDATES))

/* Which answers are void once a change from `was` to `left` is undone, the history having the fields of the mask. */
static const struct {
	const char *was[DID_FIELDS], *left[DID_FIELDS], *now[DID_FIELDS];
	uint64_t mask, is_void;
} answers[] = {
	{{ACME}, {ACME, [DID_CNAM] = "NEW"}, {ACME, [DID_CNAM] = "NEW"}, FIELD_BIT(DID_CNAM), NAME},
	{{ACME}, {ACME, [DID_NOTES] = "x"}, {ACME, [DID_NOTES] = "x"}, FIELD_BIT(DID_NOTES), 0},
	{{[DID_ORG_ID] = "initech"}, {ACME}, {ACME}, FIELD_BIT(DID_ORG_ID), NAME | ADDRESS},
	/* a name or an address that somebody gave it since goes by itself */
	{{[DID_ORG_ID] = "initech"}, {ACME}, {ACME, [DID_CNAM] = "NEW", [DID_LOCATION] = "here"}, FIELD_BIT(DID_ORG_ID), 0},
	{{[DID_ORG_ID] = "initech"}, {ACME, [DID_CNAM] = "NEW"}, {ACME, [DID_CNAM] = "NEW", [DID_LOCATION] = "here"},
	 FIELD_BIT(DID_ORG_ID) | FIELD_BIT(DID_CNAM), NAME},
	{{[DID_ORG_ID] = "initech"}, {ACME, [DID_LOCATION] = "here"}, {ACME, [DID_CNAM] = "NEW", [DID_LOCATION] = "here"},
	 FIELD_BIT(DID_ORG_ID) | FIELD_BIT(DID_LOCATION), ADDRESS},
	{{ACME}, {ACME, [DID_LOCATION] = "here"}, {ACME, [DID_LOCATION] = "here"}, FIELD_BIT(DID_LOCATION), ADDRESS},
};

static void test_void_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct plan plan = {0};
		uint32_t was = record_in(&plan, STATE_ASSIGNED, answers[i].was);
		uint32_t left = record_in(&plan, STATE_ASSIGNED, answers[i].left);
		uint32_t now = record_in(&plan, STATE_ASSIGNED, answers[i].now);

		fill(&plan);
		if (decide_void_answers(&plan, now, left, answers[i].mask, was, answers[i].mask) != answers[i].is_void)
			fail_msg("answers %zu", i);
		plan_release(&plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbs),		   cmocka_unit_test(test_location_of_nobody),
		cmocka_unit_test(test_edit_of_a_location), cmocka_unit_test(test_heirs),
		cmocka_unit_test(test_restored),	   cmocka_unit_test(test_void_answers),
	};

	return cmocka_run_group_tests_name("decide_services", tests, NULL, NULL);
}
