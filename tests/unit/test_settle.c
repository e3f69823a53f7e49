/* What a change of numbers does to the organisations and users that have them: defaults, caller IDs, and who is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "did/settle.h"
#include "tests/unit/inventory.h"

#define ACME [DID_ORG_ID] = "acme"
#define GLOBEX [DID_ORG_ID] = "globex"
#define DEFAULT [DID_DEFAULT] = "1"

/* ACME has its default under another spelling than ours, and a row that is no number. */
static const struct inventory_row rows[] = {
	{"r0", "08065978001", STATE_ASSIGNED, {ACME, DEFAULT}},
	{"r1", "front desk", STATE_ASSIGNED, {ACME}},
	{"r2", "front desk 2", STATE_ASSIGNED, {ACME, DEFAULT}},
	{"r3", "+91 80 6597 8002", STATE_ASSIGNED, {GLOBEX, DEFAULT}},
	{"r4", "918065978003", STATE_BLOCKED, {[DID_ORG_ID] = "initech", DEFAULT}},
	{"r5", "918065978004", STATE_ASSIGNED, {[DID_ORG_ID] = "initech"}},
};

static const struct inventory_object objects[] = {
	{OBJECT_ORG, "acme", {"ACME"}},
	{OBJECT_ORG, "globex", {"Globex"}},
	{OBJECT_ORG, "initech", {"Initech"}},
	{OBJECT_USER, "u-ann", {"Ann", "acme", "8065978001"}},
	{OBJECT_USER, "u-bob", {NULL, "acme", "918065978001"}},
	{OBJECT_USER, "u-cy", {"Cy", NULL, "918065978001"}},
	{OBJECT_USER, "u-dee", {"Dee", "acme", "reception"}},
	{OBJECT_USER, "u-eve", {"Eve", "acme", "918065978000"}},
};

static void reset(struct decided *scene)
{
	decided_reset(scene, (struct inventory)INVENTORY(rows, objects));
	scene->inventory.facts.has_locations = false;
}

static int settle_as(struct decided *scene, const struct change *change)
{
	return settle(&scene->inventory.facts, change, &scene->plan, &scene->err);
}

static void expect_texts(const struct strlist *texts, const char *const *wanted)
{
	for (size_t i = 0; wanted[i]; i++)
		assert_string_equal(i < texts->n ? texts->at[i] : "", wanted[i]);
}

/* A new default in one's own numbers: the old one loses the flag in its own spelling, and one that is no number keeps it. */
static void test_default_moves(void **state)
{
	static const char *const wanted[] = {
		"the lowest of these numbers is the default caller ID of ACME",
		"08065978001 is no longer the default caller ID of ACME", NULL};
	const struct change change = {.verb = VERB_ASSIGN, .make_default = true};
	struct decided scene = {0};

	(void)state;
	reset(&scene);
	scene.plan.org.id = "acme";
	add_run(&scene.plan, 5, 2, record_in(&scene.plan, STATE_AVAILABLE, FIELDS(NULL)),
		record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME)));
	assert_int_equal(settle_as(&scene, &change), 0);
	expect_texts(&scene.plan.follows, wanted);
	assert_int_equal(scene.plan.nextra, 1);
	assert_int_equal(scene.plan.extra[0].first.value, FIRST + 1);
	assert_int_equal(scene.plan.extra[0].spelling, 2);
	assert_false(record_flag(&scene.plan.records.at[scene.plan.extra[0].after], DID_DEFAULT));
	reset(&scene);
	/* stored in no spelling of the list */
	scene.plan.org.id = "globex";
	add_run(&scene.plan, 5, 2, record_in(&scene.plan, STATE_AVAILABLE, FIELDS(NULL)),
		record_in(&scene.plan, STATE_ASSIGNED, FIELDS(GLOBEX)));
	assert_int_equal(settle_as(&scene, &change), 0);
	assert_int_equal(scene.plan.nextra, 1);
	assert_string_equal(scene.plan.extra[0].literal, "+91 80 6597 8002");
	reset(&scene);
}

/* --default is for the organisation that the command names, and not for those whose numbers are taken. */
static void test_default_is_for_one(void **state)
{
	const struct change change = {.verb = VERB_ASSIGN, .make_default = true, .is_transfer = true};
	struct decided scene = {0};
	uint32_t theirs, ours;

	(void)state;
	reset(&scene);
	scene.plan.org.id = "acme";
	theirs = record_in(&scene.plan, STATE_ASSIGNED, FIELDS([DID_ORG_ID] = "initech"));
	ours = record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME));
	add_run(&scene.plan, 4, 1, theirs, ours);
	assert_int_equal(settle_as(&scene, &change), 0);
	assert_true(plan_makes_default(&scene.plan, "acme"));
	assert_int_equal(scene.plan.nextra, 1); /* ACME's old one */
	for (size_t i = 0; i < scene.plan.follows.n; i++)
		assert_null(strstr(scene.plan.follows.at[i], "Initech"));
	reset(&scene);
}

/* What undo or a repair would displace was chosen by somebody since; a default that shows nothing was not. */
static void test_default_that_was_chosen_since(void **state)
{
	const struct change undo = {.verb = VERB_UNDO}, repair = {.verb = VERB_REPAIR}, set = {.verb = VERB_DEFAULT_SET};
	const struct {
		const struct change *change;
		const char *org;
		int rc;
		const char *text;
	} cases[] = {
		{&undo, "acme", ERR_REFUSED, "ACME has another default caller ID by now: 08065978001"},
		{&repair, "acme", ERR_REFUSED, "ACME has another default caller ID by now: 08065978001"},
		{&set, "acme", 0, NULL},
		{&undo, "initech", ERR_REFUSED, "Initech has another default caller ID by now: 918065978003"},
		{&repair, "initech", 0, NULL}, /* it is blocked */
	};
	struct decided scene = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int rc;

		reset(&scene);
		add_run(&scene.plan, 9, 1, record_in(&scene.plan, STATE_ASSIGNED, FIELDS([DID_ORG_ID] = cases[i].org)),
			record_in(&scene.plan, STATE_ASSIGNED, FIELDS([DID_ORG_ID] = cases[i].org, DEFAULT)));
		rc = settle_as(&scene, cases[i].change);
		if (rc != cases[i].rc || (cases[i].text && strcmp(scene.err.text, cases[i].text) != 0))
			fail_msg("case %zu: %d, %s", i, rc, scene.err.text);
	}
	/* one that the same change takes away, or leaves as it is, is none of somebody else's */
	reset(&scene);
	add_run(&scene.plan, 1, 1, record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME, DEFAULT)),
		record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME)))->spelling = 2;
	add_run(&scene.plan, 9, 1, record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME)),
		record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME, DEFAULT)));
	assert_int_equal(settle_as(&scene, &undo), 0);
	assert_int_equal(scene.plan.nextra, 0);
	reset(&scene);
}

/* default set of a number that is the default: what another row says by mistake is mended on the way. */
static void test_default_again(void **state)
{
	const struct change set = {.verb = VERB_DEFAULT_SET}, edit = {.verb = VERB_EDIT};
	struct decided scene = {0};

	(void)state;
	for (int is_set = 0; is_set < 2; is_set++) {
		uint32_t flagged;

		reset(&scene);
		flagged = record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME, DEFAULT));
		add_run(&scene.plan, 9, 1, flagged, flagged);
		assert_int_equal(settle_as(&scene, is_set ? &set : &edit), 0);
		assert_int_equal(scene.plan.nextra, is_set);
	}
	reset(&scene);
}

static const struct {
	enum did_state to;
	const char *after[DID_FIELDS];
	const char *follows[5];
} losses[] = {
	/* the first in service by its stored text shows from now on, whatever it is; users lose what is theirs no more */
	{STATE_AVAILABLE, {NULL},
	 {"ACME loses its default caller ID: callers see front desk from now on",
	  "user Ann loses the outbound caller ID 8065978001", "user u-bob loses the outbound caller ID 918065978001",
	  "user Cy loses the outbound caller ID 918065978001", NULL}},
	{STATE_ASSIGNED, {ACME}, {"ACME loses its default caller ID: callers see 08065978001 from now on", NULL}},
};

static void test_losses(void **state)
{
	static const struct inventory_row one_default[] = {
		{"r0", "08065978001", STATE_ASSIGNED, {ACME, DEFAULT}},
		{"r1", "front desk", STATE_ASSIGNED, {ACME}},
	};
	const struct change change = {.verb = VERB_RELEASE};
	struct decided scene = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(losses); i++) {
		size_t users = 0;

		reset(&scene);
		scene.inventory.rows = one_default;
		scene.inventory.nrows = ARRAY_SIZE(one_default);
		add_run(&scene.plan, 1, 1, record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME, DEFAULT)),
			record_in(&scene.plan, losses[i].to, losses[i].after))->spelling = 2;
		assert_int_equal(settle_as(&scene, &change), 0);
		expect_texts(&scene.plan.follows, losses[i].follows);
		while (losses[i].follows[users])
			users++;
		assert_int_equal(scene.plan.nobjects, users - 1);
	}
	reset(&scene);
}

/* Of two defaults one is left, even where it is no number: nothing is lost, and so nothing is said. */
static void test_other_default_is_left(void **state)
{
	const struct change change = {.verb = VERB_DEFAULT_CLEAR};
	struct decided scene = {0};

	(void)state;
	reset(&scene);
	add_run(&scene.plan, 1, 1, record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME, DEFAULT)),
		record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME)))->spelling = 2;
	assert_int_equal(settle_as(&scene, &change), 0);
	assert_int_equal(scene.plan.follows.n, 0);
	reset(&scene);
}

/* A user that the change is about already is cleared once; one whose number stays in another row keeps it. */
static void test_users(void **state)
{
	const struct change change = {.verb = VERB_MERGE};
	struct decided scene = {0};
	uint32_t held, free;

	(void)state;
	reset(&scene);
	held = record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME));
	free = record_in(&scene.plan, STATE_AVAILABLE, FIELDS(NULL));
	plan_clear_outbound(&scene.plan, &(struct user){"u-ann", "Ann", "acme", "8065978001"});
	scene.plan.objects[0].kind = OBJECT_ORG; /* an organisation of the same id is no user */
	plan_clear_outbound(&scene.plan, &(struct user){"u-ann", "Ann", "acme", "8065978001"});
	add_run(&scene.plan, 1, 1, held, RECORD_NONE)->kind = RUN_DROP;
	assert_int_equal(settle_as(&scene, &change), 0);
	assert_int_equal(scene.plan.nobjects, 4); /* with Bob and Cy */
	reset(&scene);

	held = record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME));
	free = record_in(&scene.plan, STATE_AVAILABLE, FIELDS(NULL));
	add_run(&scene.plan, 1, 1, held, RECORD_NONE)->kind = RUN_DROP;
	add_run(&scene.plan, 1, 1, held, held)->kind = RUN_KEEP;
	add_run(&scene.plan, 9, 1, held, free)->result = RESULT_REFUSED;
	assert_int_equal(settle_as(&scene, &change), 0);
	assert_int_equal(scene.plan.nobjects, 1); /* Cy is in no organisation that could keep it */
	assert_string_equal(scene.plan.objects[0].id, "u-cy");
	reset(&scene);

	held = record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME));
	free = record_in(&scene.plan, STATE_BLOCKED, FIELDS(ACME));
	add_run(&scene.plan, 1, 1, held, RECORD_NONE)->kind = RUN_DROP;
	add_run(&scene.plan, 1, 1, free, free)->kind = RUN_KEEP;
	assert_int_equal(settle_as(&scene, &change), 0);
	assert_int_equal(scene.plan.nobjects, 3); /* what stays is in nobody's service */
	reset(&scene);
}

/* Who gets a number is there, behind the guards; who loses one need not be. */
static void test_owner_is_there(void **state)
{
	const struct change change = {.verb = VERB_ASSIGN};
	struct decided scene = {0};
	uint32_t stock, gone;

	(void)state;
	for (int has_orgs = 0; has_orgs < 2; has_orgs++) {
		reset(&scene);
		scene.inventory.facts.has_orgs = has_orgs;
		stock = record_in(&scene.plan, STATE_AVAILABLE, FIELDS(NULL));
		gone = record_in(&scene.plan, STATE_ASSIGNED, FIELDS([DID_ORG_ID] = "gone"));
		add_run(&scene.plan, 7, 1, stock, gone);
		assert_int_equal(settle_as(&scene, &change), has_orgs ? ERR_REFUSED : 0);
		if (has_orgs)
			assert_string_equal(scene.err.text, "the organisation 'gone' is not there any more");
		assert_string_equal(scene.inventory.guarded.data, "gone ");
	}
	reset(&scene);
	stock = record_in(&scene.plan, STATE_AVAILABLE, FIELDS(NULL));
	gone = record_in(&scene.plan, STATE_ASSIGNED, FIELDS([DID_ORG_ID] = "gone"));
	add_run(&scene.plan, 7, 1, gone, stock);
	assert_int_equal(settle_as(&scene, &change), 0);
	reset(&scene);
}

/* A repair that is undone brings back what breaks the rules: nothing is settled on top of it. */
static void test_faults_come_back(void **state)
{
	const struct change change = {.verb = VERB_UNDO};
	struct decided scene = {0};

	(void)state;
	reset(&scene);
	scene.plan.restores_faults = true;
	add_run(&scene.plan, 1, 1, record_in(&scene.plan, STATE_ASSIGNED, FIELDS(ACME)),
		record_in(&scene.plan, STATE_ASSIGNED, FIELDS(GLOBEX, DEFAULT)));
	assert_int_equal(settle_as(&scene, &change), 0);
	assert_int_equal(scene.plan.nextra + scene.plan.nobjects, 0);
	reset(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_moves),	      cmocka_unit_test(test_default_is_for_one),
		cmocka_unit_test(test_default_that_was_chosen_since), cmocka_unit_test(test_default_again),
		cmocka_unit_test(test_losses),		      cmocka_unit_test(test_other_default_is_left),
		cmocka_unit_test(test_users),		      cmocka_unit_test(test_owner_is_there),
		cmocka_unit_test(test_faults_come_back),
	};

	return cmocka_run_group_tests_name("settle", tests, NULL, NULL);
}
