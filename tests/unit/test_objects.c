/* Organisations, users and locations: what undo finds of them by now, and stores that lack what others have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "did/labels.h"
#include "did/objects.h"
#include "did/services.h"
#include "tests/unit/inventory.h"

#define US_ADDRESS "US", "350 Fifth Ave", NULL, NULL, NULL, NULL, "New York", "NY", "10118"

static const struct inventory_row rows[] = {
	{"r0", "918065978000", STATE_ASSIGNED, {[DID_ORG_ID] = "acme", [DID_LOCATION] = "here"}},
	{"r1", "08065978001", STATE_BLOCKED, {[DID_ORG_ID] = "acme", [DID_LOCATION] = "here"}},
	{"r2", "08065978002", STATE_ASSIGNED, {[DID_ORG_ID] = "globex"}},
	{"r3", "918065978002", STATE_ASSIGNED, {[DID_ORG_ID] = "globex"}},
	{"r4", "918065978003", STATE_ASSIGNED, {NULL}},
};

static const struct inventory_object objects[] = {
	{OBJECT_ORG, "acme", {"ACME", "org_acme", "hangup"}},
	{OBJECT_ORG, "globex", {"Globex", "org_glob"}},
	{OBJECT_ORG, "initech", {"Initech", NULL}},
	{OBJECT_USER, "u-ann", {"Ann", "acme", "918065978000"}},
	{OBJECT_USER, "u-bob", {"Bob", NULL, NULL}},
	{OBJECT_LOCATION, "here", {"HQ", "acme", US_ADDRESS}},
	{OBJECT_LOCATION, "bare", {NULL, "acme", "US", "1 Main St", NULL, NULL, NULL, NULL, "Reno", "NV", "89501"}},
	{OBJECT_LOCATION, "spare", {"Annex", "globex", US_ADDRESS}},
	{OBJECT_PORT, "1", {[PORT_STATE] = "draft", [PORT_ORG_ID] = "globex", [PORT_LOCATION] = "bare"}},
};

static bool is_without_random;

ssize_t getrandom(void *bytes, size_t len, unsigned flags)
{
	(void)flags;
	memset(bytes, 7, len);
	return is_without_random ? -1 : (ssize_t)len;
}

static void reset(struct decided *scene)
{
	decided_reset(scene, (struct inventory)INVENTORY(rows, objects));
}

/* ---- verbs */

#define OBJECT(field, text) .object_value = {[field] = (text)}, .object_is_set = {[field] = true}

static const struct {
	struct change change;
	const char *org; /* that the change names */
	int rc;
	const char *text; /* of the error, else what was guarded */
} verbs[] = {
	{{.verb = VERB_ORG_ADD, OBJECT(ORG_NAME, "Umbrella")}, NULL, 0, "names "},
	{{.verb = VERB_ORG_ADD, OBJECT(ORG_NAME, "Globex")}, NULL, ERR_REFUSED,
	 "there is an organisation with the name 'Globex' already"},
	{{.verb = VERB_ORG_EDIT, .org_text = "Initech", OBJECT(ORG_CONTEXT_PREFIX, "org_glob")}, NULL, ERR_REFUSED,
	 "there is an organisation with the context prefix 'org_glob' already"},
	{{.verb = VERB_ORG_EDIT, .org_text = "org_acme", OBJECT(ORG_UNROUTED, "extension:0")}, NULL, 0, "names "},
	{{.verb = VERB_ORG_DELETE, .org_text = "acme"}, NULL, ERR_REFUSED, "organisation 'ACME' still has 2 numbers and 1 user"},
	{{.verb = VERB_ORG_DELETE, .org_text = "Initech"}, NULL, 0, "names initech "},
	{{.verb = VERB_USER_EDIT, .user_text = "Bob", OBJECT(USER_OUTBOUND_DID, "918065978000")}, NULL, ERR_REFUSED,
	 "'918065978000' is assigned and not assigned to the user's organisation"}, /* he is in none */
	{{.verb = VERB_USER_EDIT, .user_text = "Bob", OBJECT(USER_OUTBOUND_DID, "918065978003")}, NULL, ERR_REFUSED,
	 "'918065978003' is assigned and not assigned to the user's organisation"}, /* nor is it */
	{{.verb = VERB_USER_EDIT, .user_text = "Bob", OBJECT(USER_OUTBOUND_DID, "918065978000")}, "globex", ERR_REFUSED,
	 "'918065978000' is assigned and not assigned to the user's organisation"},
	{{.verb = VERB_USER_EDIT, .user_text = "Ann", OBJECT(USER_OUTBOUND_DID, "918065978001")}, NULL, ERR_REFUSED,
	 "'918065978001' is blocked and not assigned to the user's organisation"},
	{{.verb = VERB_USER_EDIT, .user_text = "Ann", OBJECT(USER_OUTBOUND_DID, "918065978002")}, "globex", ERR_REFUSED,
	 "'918065978002' stands in 2 rows: mend that first"},
	{{.verb = VERB_USER_EDIT, .user_text = "Ann", OBJECT(USER_OUTBOUND_DID, "918065978009")}, NULL, ERR_ABSENT,
	 "'918065978009' is not in the inventory"},
	{{.verb = VERB_USER_EDIT, .user_text = "Ann", OBJECT(USER_OUTBOUND_DID, "front desk")}, NULL, ERR_USAGE, NULL},
	{{.verb = VERB_USER_EDIT, .user_text = "Bob", OBJECT(USER_OUTBOUND_DID, "918065978000")}, "acme", 0, "acme 1 numbers "},
	{{.verb = VERB_USER_EDIT, .user_text = "Bob"}, "acme", 0, "acme "},
	{{.verb = VERB_USER_EDIT, .user_text = "Carl"}, NULL, ERR_ABSENT, "there is no user 'Carl'"},
	{{.verb = VERB_LOCATION_DELETE, .location_text = "HQ"}, NULL, ERR_REFUSED,
	 "location 'HQ' is the emergency address of 2 numbers"},
	{{.verb = VERB_LOCATION_DELETE, .location_text = "bare"}, NULL, ERR_REFUSED,
	 "location '1 Main St' is prepared for the numbers of 1 port order"},
	{{.verb = VERB_LOCATION_DELETE, .location_text = "Annex"}, NULL, 0, "location:spare location:spare ports "},
};

static int decide_object(struct decided *scene, const struct change *change, const char *org)
{
	struct change own = *change;

	reset(scene);
	own.expect = -1;
	scene->plan.org.id = org;
	return objects_decide(&scene->inventory.facts, &own, &scene->plan, &scene->err);
}

static void test_verbs(void **state)
{
	struct decided scene = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		int rc = decide_object(&scene, &verbs[i].change, verbs[i].org);
		const char *text = rc ? scene.err.text : buf_str(&scene.inventory.guarded);

		if (rc != verbs[i].rc || (verbs[i].text && strcmp(text, verbs[i].text) != 0))
			fail_msg("verb %zu: %d, %s", i, rc, text);
	}
	reset(&scene);
}

/* A user who goes elsewhere leaves the number behind, and is told so. */
static void test_user_moves(void **state)
{
	static const struct change change = {.verb = VERB_USER_EDIT, .user_text = "Ann"};
	struct decided scene = {0};

	(void)state;
	assert_int_equal(decide_object(&scene, &change, "globex"), 0);
	assert_null(scene.plan.objects[0].after[2]);
	assert_string_equal(scene.plan.follows.at[0], "user Ann loses the outbound caller ID 918065978000");
	reset(&scene);
}

/* Stores with the PBX's tables alone, or only some of them. */
static void test_bare_stores(void **state)
{
	static const struct change org_add = {.verb = VERB_ORG_ADD, OBJECT(ORG_CONTEXT_PREFIX, "org_glob"), .expect = -1};
	static const struct change org_delete = {.verb = VERB_ORG_DELETE, .org_text = "initech", .expect = -1};
	static const struct change location = {.verb = VERB_LOCATION_DELETE, .location_text = "HQ"};
	struct decided scene = {0};
	struct object_match match;
	struct facts *facts = &scene.inventory.facts;

	(void)state;
	reset(&scene);
	facts->has_prefixes = facts->has_users = false;
	assert_int_equal(objects_decide(facts, &org_add, &scene.plan, &scene.err), 0); /* nothing compares prefixes */
	reset(&scene);
	facts->has_users = facts->has_locations = false;
	assert_int_equal(objects_decide(facts, &org_delete, &scene.plan, &scene.err), 0);
	assert_int_equal(objects_decide(facts, &location, &scene.plan, &scene.err), ERR_TARGET);
	assert_non_null(strstr(scene.err.text, "'sqlite:test' has no place for emergency addresses and names"));
	assert_int_equal(object_resolve(facts, OBJECT_LOCATION, "HQ", &match, &scene.plan.arena, &scene.err), ERR_TARGET);
	assert_int_equal(object_resolve(facts, OBJECT_USER, "Ann", &match, &scene.plan.arena, &scene.err), ERR_TARGET);
	assert_string_equal(scene.err.text, "'sqlite:test' has no table users");
	facts->has_orgs = false;
	assert_int_equal(object_resolve(facts, OBJECT_ORG, "ACME", &match, &scene.plan.arena, &scene.err), ERR_TARGET);
	assert_string_equal(scene.err.text, "'sqlite:test' has no table organizations");
	assert_int_equal(services_prepare(facts, &(struct change){.verb = VERB_CNAM_SET}, &scene.plan, &scene.err), ERR_TARGET);
	reset(&scene);
}

static const struct change makers[] = {
	{.verb = VERB_ORG_ADD, OBJECT(ORG_NAME, "Umbrella")},
	{.verb = VERB_USER_ADD, OBJECT(USER_NAME, "Cy")},
	{.verb = VERB_LOCATION_ADD, .object_value = {[LOCATION_COUNTRY] = "US", [LOCATION_STREET] = "2 Main St",
	 [LOCATION_CITY] = "Reno", [LOCATION_STATE_CODE] = "NV", [LOCATION_ZIP] = "89501"},
	 .object_is_set = {[LOCATION_COUNTRY] = true, [LOCATION_STREET] = true, [LOCATION_CITY] = true,
	 [LOCATION_STATE_CODE] = true, [LOCATION_ZIP] = true}},
};

static void test_without_random(void **state)
{
	struct decided scene = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		assert_int_equal(decide_object(&scene, &makers[i], NULL), 0);
		is_without_random = true;
		assert_int_equal(decide_object(&scene, &makers[i], NULL), ERR_FAILED);
		is_without_random = false;
	}
	reset(&scene);
}

/* The same place is one location, whatever it is called. */
static void test_place_that_is_there(void **state)
{
	static const struct {
		const char *street, *label;
		const char *location; /* that it is; NULL: a new one */
		const char *warning;  /* NULL: none */
		size_t objects;
	} places[] = {
		{"350 FIFTH AVE", NULL, "here", NULL, 1},
		{"350 Fifth Ave", "HQ", "here", NULL, 1},
		{"350 Fifth Ave", "Main", "here", "the address is there already, labelled HQ: didctl e911 locations edit here --label"
						  " LABEL gives it another one", 1},
		{"351 Fifth Ave", NULL, NULL, NULL, 1},
	};
	struct decided scene = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct change change = {.verb = VERB_LOCATION_ADD};
		static const char *const whole[] = {[LOCATION_ORG_ID] = NULL, US_ADDRESS};

		for (int f = LOCATION_COUNTRY; f <= LOCATION_ZIP; f++) {
			change.object_value[f] = whole[f];
			change.object_is_set[f] = true;
		}
		change.object_value[LOCATION_STREET] = places[i].street;
		change.object_value[LOCATION_LABEL] = places[i].label;
		change.object_is_set[LOCATION_LABEL] = places[i].label != NULL;
		assert_int_equal(decide_object(&scene, &change, "acme"), 0);
		if (places[i].location)
			assert_string_equal(scene.plan.location, places[i].location);
		assert_int_equal(scene.plan.warnings.n, places[i].warning != NULL);
		if (places[i].warning)
			assert_string_equal(scene.plan.warnings.at[0], places[i].warning);
	}
	reset(&scene);
}

/* ---- undo */

static const struct {
	const char *block, *was, *left; /* "": it was not there */
	int rc;
	const char *text; /* of the error */
} undone[] = {
	{"org:acme", "{\"unrouted\":null}", "{\"unrouted\":\"hangup\"}", 0, NULL},
	{"org:acme", "{\"unrouted\":null}", "{\"unrouted\":\"ivr:1\"}", ERR_REFUSED,
	 "organisation 'ACME' has changed since: its unrouted is another now"},
	{"org:gone", "{\"name\":\"A\"}", "{\"name\":\"B\"}", ERR_REFUSED, "organisation 'gone' has gone since"},
	{"org:acme", "{\"name\":\"ACME\"}", "", ERR_REFUSED, "organisation 'acme' was made again since"},
	{"org:acme", "", "{\"name\":\"ACME\"}", ERR_REFUSED, "organisation 'ACME' still has 2 numbers and 1 user"},
	{"org:initech", "{\"name\":\"Globex\"}", "{\"name\":\"Initech\"}", ERR_REFUSED,
	 "there is an organisation with the name 'Globex' already"},
	{"org:acme", "{\"name\":", "{\"name\":\"ACME\"}", ERR_FAILED,
	 "the history of 'org:acme': bad JSON at byte 8: the text ends too early"}, /* another program's */
	{"org:acme", "{\"name\":\"A\"}", "{\"name\":", ERR_FAILED,
	 "the history of 'org:acme': bad JSON at byte 8: the text ends too early"},
	{"user:u-ann", "{\"org_id\":\"gone\",\"outbound_did\":null}", "{\"org_id\":\"acme\",\"outbound_did\":\"918065978000\"}",
	 ERR_REFUSED, "the organisation of user 'Ann' is not there any more"},
	{"user:u-cy", "{\"name\":null,\"org_id\":\"gone\"}", "", ERR_REFUSED,
	 "the organisation of user 'u-cy' is not there any more"},
	{"user:u-ann", "{\"org_id\":\"globex\"}", "{\"org_id\":\"acme\"}", ERR_REFUSED,
	 "'918065978000' is assigned and not assigned to the user's organisation"},
	{"user:u-bob", "{\"outbound_did\":\"front desk\"}", "{\"outbound_did\":null}", ERR_USAGE, NULL},
	{"user:u-ann", "{\"name\":\"Anna\"}", "{\"name\":\"Ann\"}", 0, NULL},
	{"user:u-ann", "", "{\"name\":\"Ann\"}", 0, NULL},
	{"user:u-cy", "{\"name\":\"Cy\",\"org_id\":\"acme\",\"outbound_did\":\"918065978000\"}", "", 0, NULL},
	{"robot:7", "{\"name\":\"R\"}", "{\"name\":\"S\"}", ERR_REFUSED, "user '7' has gone since"}, /* of a newer didctl */
	{"location:here", "{\"label\":\"Main\"}", "{\"label\":\"HQ\"}", 0, NULL},
	{"location:bare", "{\"label\":\"HQ\"}", "{\"label\":null}", ERR_REFUSED,
	 "another location of the organisation is labelled 'HQ': here"},
	{"location:bare", "{\"floor\":\"2\"}", "{\"floor\":null}", 0, NULL},
	{"location:bare", "{\"floor\":\"2\"}", "{\"floor\":\"3\"}", ERR_REFUSED,
	 "location 'bare' has changed since: its floor is another now"},
	{"location:here", "", "{\"label\":\"HQ\"}", ERR_REFUSED, "location 'HQ' is the emergency address of 2 numbers"},
	{"location:spare", "", "{\"label\":\"Annex\"}", 0, NULL},
	{"location:new", "{\"label\":\"HQ\",\"org_id\":\"globex\"}", "", 0, NULL}, /* another organisation's */
	{"location:new", "{\"label\":\"HQ\",\"org_id\":\"gone\"}", "", ERR_REFUSED,
	 "the organisation of location 'HQ' is not there any more"},
};

static int undo(struct decided *scene, size_t i)
{
	struct value was = value_str(*undone[i].was ? undone[i].was : NULL);
	struct value left = value_str(*undone[i].left ? undone[i].left : NULL);
	int rc;

	reset(scene);
	rc = object_undo(&scene->plan, undone[i].block, was, left, &scene->err);
	return rc < 0 ? rc : objects_check_undo(&scene->inventory.facts, &scene->plan, &scene->err);
}

static void test_undo(void **state)
{
	struct decided scene = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(undone); i++) {
		int rc = undo(&scene, i);

		if (rc != undone[i].rc || (undone[i].text && strcmp(scene.err.text, undone[i].text) != 0))
			fail_msg("undo %zu: %d, %s", i, rc, scene.err.text);
	}
	reset(&scene);
}

/* A label that another location has: it goes over where no number stays there, and nowhere else. */
static void test_label_goes_over(void **state)
{
	struct decided scene = {0};
	struct object *o;
	uint32_t here, none;

	(void)state;
	reset(&scene);
	here = record_in(&scene.plan, STATE_ASSIGNED, FIELDS([DID_ORG_ID] = "acme", [DID_LOCATION] = "here"));
	none = record_in(&scene.plan, STATE_ASSIGNED, FIELDS([DID_ORG_ID] = "acme"));
	o = object_add(&scene.plan, OBJECT_LOCATION, "new", NULL);
	o->after[0] = "HQ";
	o->after[OBJECT_OWNER] = "acme";
	add_run(&scene.plan, 0, 1, here, none);
	assert_int_equal(location_claim_label(&scene.inventory.facts, &scene.plan, o, true, &scene.err), ERR_REFUSED);
	add_run(&scene.plan, 1, 1, here, none)->result = RESULT_REFUSED;
	add_run(&scene.plan, 5, 1, RECORD_NONE, none);
	assert_int_equal(location_claim_label(&scene.inventory.facts, &scene.plan, o, true, &scene.err), ERR_REFUSED);
	scene.plan.runs[1].result = RESULT_CHANGED;
	assert_int_equal(location_claim_label(&scene.inventory.facts, &scene.plan, o, false, &scene.err), ERR_REFUSED);
	assert_int_equal(location_claim_label(&scene.inventory.facts, &scene.plan, o, true, &scene.err), 0);
	assert_int_equal(scene.plan.nobjects, 2);
	assert_string_equal(scene.plan.objects[1].id, "here");
	assert_null(scene.plan.objects[1].after[0]);
	/* once the plan takes the label from it, or the location away, the label is free */
	assert_int_equal(location_claim_label(&scene.inventory.facts, &scene.plan, &scene.plan.objects[0], false, &scene.err), 0);
	scene.plan.objects[1].after[0] = "HQ";
	assert_int_equal(location_claim_label(&scene.inventory.facts, &scene.plan, &scene.plan.objects[0], false, &scene.err),
			 ERR_REFUSED);
	scene.plan.objects[1].is = false;
	assert_int_equal(location_claim_label(&scene.inventory.facts, &scene.plan, &scene.plan.objects[0], false, &scene.err), 0);
	scene.plan.objects[1].kind = OBJECT_USER; /* whose id is the same */
	assert_int_equal(location_claim_label(&scene.inventory.facts, &scene.plan, &scene.plan.objects[0], false, &scene.err),
			 ERR_REFUSED);
	reset(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbs),	       cmocka_unit_test(test_user_moves),
		cmocka_unit_test(test_bare_stores),    cmocka_unit_test(test_without_random),
		cmocka_unit_test(test_place_that_is_there), cmocka_unit_test(test_undo),
		cmocka_unit_test(test_label_goes_over),
	};

	return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}
