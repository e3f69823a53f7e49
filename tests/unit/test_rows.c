/* Changes that name rows: a merge, a repair, a row that is deleted, where what was found is not what is there (rows.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "did/rows.h"
#include "tests/unit/inventory.h"

#define ACME [DID_ORG_ID] = "acme"
#define DEFAULT [DID_DEFAULT] = "1"

static const struct inventory_row rows[] = {
	{"a1", "08065978001", STATE_ASSIGNED, {ACME, DEFAULT}},
	{"a2", "918065978001", STATE_ASSIGNED, {ACME}},
	{"b1", "918065978002", STATE_ASSIGNED, {ACME, DEFAULT}},
	{"c1", "918065978003", STATE_ASSIGNED, {[DID_ORG_ID] = "globex"}},
	{"c2", "918065978004", STATE_RESERVED, {NULL}},
	{"d1", "front desk", STATE_AVAILABLE, {NULL}},
	{"e1", "918065978005", STATE_ASSIGNED, {[DID_ORG_ID] = "gone", [DID_LOCKED] = "1"}},
};

static const struct inventory_object objects[] = {
	{OBJECT_ORG, "acme", {"ACME"}},
	{OBJECT_ORG, "globex", {"Globex"}},
	{OBJECT_USER, "u-ann", {"Ann", "acme", "918065978001"}},
	{OBJECT_USER, "u-bob", {"Bob", "acme", "918065978004"}},
	{OBJECT_USER, "u-cy", {"Cy", NULL, "918065978001"}},
	{OBJECT_USER, "u-dee", {"Dee", "acme", ""}},
	{OBJECT_USER, "u-eve", {"Eve", "acme", NULL}},
	{OBJECT_USER, "u-fay", {"Fay", "acme", "reception"}},
};

struct scene {
	struct inventory inventory;
	struct plan plan;
	struct rows rows;
	struct err err;
};

static void reset(struct scene *scene)
{
	const struct inventory inventory = INVENTORY(rows, objects);

	rows_release(&scene->rows);
	plan_release(&scene->plan);
	buf_release(&scene->inventory.guarded);
	*scene = (struct scene){.inventory = inventory};
}

/* As a store does it: finds the rows, then reads and decides them. */
static int decide_rows(struct scene *scene, const struct change *c)
{
	struct facts *facts = &scene->inventory.facts;
	struct selection sel = {0};
	struct strlist texts = {0};
	int rc = rows_find(facts, c, &scene->plan, &scene->rows, &sel.numbers, &texts, &scene->err);

	if (rc == 0)
		rc = rows_decide(facts, c, &scene->plan, &scene->rows, &sel, &scene->err);
	selection_release(&sel);
	strlist_release(&texts);
	return rc;
}

#define REPAIRS(...)                                                                                                   \
	.verb = VERB_REPAIR, .repairs = {.at = (struct repair[]){__VA_ARGS__},                                         \
					 .n = sizeof((struct repair[]){__VA_ARGS__}) / sizeof(struct repair)}
#define TWINS "stands in two rows: rows of 918065978001: pool merge --keep ROW makes them one"
#define ROW(id) .selection = {.ids = (const char *[]){id}, .nids = 1}

/* The runs that come of it, as "at:result", what they say, and the users who lose their number. */
static void put_plan(struct buf *out, const struct plan *plan)
{
	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];

		buf_printf(out, "%s%d:%s%s", i ? " " : "", run->first.width ? (int)(run->first.value - FIRST) : -1,
			   result_names[run->result], run->kind == RUN_DROP ? ":drop" : run->kind == RUN_KEEP ? ":keep" : "");
		if (run->reason)
			buf_printf(out, "(%s)", run->reason);
	}
	for (size_t i = 0; i < plan->nobjects; i++)
		buf_printf(out, " %s", plan->objects[i].id);
	for (size_t i = 0; i < plan->warnings.n; i++)
		buf_printf(out, " [%s]", plan->warnings.at[i]);
}

static const struct {
	struct change change;
	const char *text;
	int rc;
} cases[] = {
	/* merge: by the number's row, by one that is alone, or is no number */
	{{.verb = VERB_MERGE, ROW("a1"), .keep_id = "a2"}, "1:unchanged:keep 1:changed:drop", 0},
	{{.verb = VERB_MERGE, ROW("b1"), .keep_id = "b1"}, "2:unchanged", 0},
	{{.verb = VERB_MERGE, ROW("b1"), .keep_id = "a1"},
	 "2:refused(has no second row, only 918065978002 (row b1, ACME): there is nothing to merge)", 0},
	{{.verb = VERB_MERGE, ROW("a1"), .keep_id = "b1"},
	 "1:refused(has no row b1 to keep; its rows are 08065978001 (row a1, ACME) and 918065978001 (row a2, ACME))", 0},
	{{.verb = VERB_MERGE, ROW("d1"), .keep_id = "a1"},
	 "-1:refused(is no telephone number: mend the row first)", 0},
	{{.verb = VERB_MERGE, ROW("zz"), .keep_id = "a1"}, "there is no row with the id 'zz'", ERR_ABSENT},
	/* delete */
	{{.verb = VERB_DELETE, ROW("c2")}, "4:changed", 0},
	{{.verb = VERB_DELETE, ROW("a1")}, "1:unchanged:keep 1:changed:drop", 0},
	{{.verb = VERB_DELETE, .selection = {.ids = (const char *[]){"a1", "a2"}, .nids = 2}},
	 "1:refused:drop(" TWINS ") 1:refused:drop(" TWINS ")", 0},
	{{.verb = VERB_DELETE, ROW("d1")}, "-1:refused(is no telephone number: mend the row first)", 0},
	/* repairs of rows that are not what they were */
	{{REPAIRS({CHECK_STATE, "zz", NULL})}, " [the row zz is not there any more]", 0},
	{{REPAIRS({CHECK_STATE, "c1", NULL})}, "3:unchanged", 0},
	{{REPAIRS({CHECK_TWIN, "a1", "a2"})}, "1:unchanged:keep 1:changed:drop", 0},
	{{REPAIRS({CHECK_TWIN, "a1", "b1"})},
	 "1:refused:drop(the row b1, which was to stay, is none of its rows any more: look again)", 0},
	{{REPAIRS({CHECK_TWIN, "a1", "zz"})},
	 "1:refused:drop(the row zz, which was to stay, is none of its rows any more: look again)", 0},
	{{REPAIRS({CHECK_TWIN, "a1", "a2"}, {CHECK_TWIN, "a2", "a1"})},
	 "1:refused:drop(" TWINS ") 1:refused:drop(" TWINS ")", 0},
	{{REPAIRS({CHECK_STATE, "a1", NULL})}, "1:refused(" TWINS ")", 0},
	{{REPAIRS({CHECK_SPELLING, "a1", NULL})}, "1:refused(is in the inventory already: rows of 918065978001)", 0},
	/* of two defaults one has to stay */
	{{REPAIRS({CHECK_TWO_DEFAULTS, "b1", "a1"})}, "2:changed", 0},
	{{REPAIRS({CHECK_TWO_DEFAULTS, "b1", "b1"})},
	 "2:refused(the default caller ID that was to stay is none any more: look again)", 0},
	{{REPAIRS({CHECK_TWO_DEFAULTS, "b1", "zz"})},
	 "2:refused(the default caller ID that was to stay is none any more: look again)", 0},
	{{REPAIRS({CHECK_TWO_DEFAULTS, "b1", "a2"})},
	 "2:refused(the default caller ID that was to stay is none any more: look again)", 0},
	{{REPAIRS({CHECK_TWO_DEFAULTS, "b1", "c2"})},
	 "2:refused(the default caller ID that was to stay is none any more: look again)", 0},
	{{REPAIRS({CHECK_TWO_DEFAULTS, "c1", "b1"})}, "3:unchanged", 0}, /* it is none by now */
	{{REPAIRS({CHECK_TWO_DEFAULTS, "b1", "a1"}, {CHECK_TWIN, "a1", "a2"})}, "1:unchanged:keep 1:changed:drop 2:unchanged", 0},
	/* a default for those who have none */
	{{REPAIRS({CHECK_NO_DEFAULT, "c1", NULL})}, "3:changed", 0},
	{{REPAIRS({CHECK_NO_DEFAULT, "c2", NULL})}, "4:unchanged", 0}, /* it is nobody's */
	{{REPAIRS({CHECK_NO_DEFAULT, "b1", NULL})}, "2:unchanged", 0}, /* the other row is one */
	{{REPAIRS({CHECK_NO_DEFAULT, "b1", NULL}, {CHECK_TWO_DEFAULTS, "b1", "a1"}, {CHECK_TWIN, "a1", "a2"})},
	 "1:unchanged:keep 1:changed:drop 2:unchanged", 0},
	{{REPAIRS({CHECK_NO_DEFAULT, "a1", NULL})}, "1:refused(" TWINS ")", 0},
	{{REPAIRS({CHECK_NO_DEFAULT, "a1", NULL}, {CHECK_TWIN, "a1", "a2"})}, "1:unchanged:keep 1:changed:drop", 0},
	/* an owner that there is not */
	{{REPAIRS({CHECK_OWNER_MISSING, "e1", NULL})}, "5:changed", 0},
	/* users who show what is not theirs; what shows nothing, or is theirs, is left alone */
	{{REPAIRS({CHECK_OUTBOUND, "u-ann", NULL}, {CHECK_OUTBOUND, "u-dee", NULL}, {CHECK_OUTBOUND, "u-eve", NULL},
		  {CHECK_OUTBOUND, "u-zed", NULL})}, "", 0},
	{{REPAIRS({CHECK_OUTBOUND, "u-bob", NULL}, {CHECK_OUTBOUND, "u-cy", NULL}, {CHECK_OUTBOUND, "u-fay", NULL})},
	 " u-bob u-cy u-fay", 0},
};

static void test_rows(void **state)
{
	struct scene scene = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buf out = {0};
		int rc;

		reset(&scene);
		rc = decide_rows(&scene, &cases[i].change);
		put_plan(&out, &scene.plan);
		if (rc != cases[i].rc || strcmp(rc ? scene.err.text : buf_str(&out), cases[i].text) != 0)
			fail_msg("case %zu: %d, %s", i, rc, rc ? scene.err.text : buf_str(&out));
		buf_release(&out);
	}
	reset(&scene);
}

/* Where the PBX keeps no organisations an owner cannot be missed. */
static void test_without_organisations(void **state)
{
	const struct change change = {REPAIRS({CHECK_OWNER_MISSING, "e1", NULL})};
	struct scene scene = {0};

	(void)state;
	reset(&scene);
	scene.inventory.facts.has_orgs = false;
	assert_int_equal(decide_rows(&scene, &change), 0);
	assert_int_equal(scene.plan.runs[0].result, RESULT_UNCHANGED);
	reset(&scene);
}

/* A locked row is the one to keep. */
static void test_locked(void **state)
{
	static const struct inventory_row twins[] = {
		{"e1", "918065978005", STATE_ASSIGNED, {ACME, [DID_LOCKED] = "1"}},
		{"e2", "8065978005", STATE_AVAILABLE, {NULL}},
	};
	const struct change change = {.verb = VERB_MERGE, ROW("e1"), .keep_id = "e2"};
	struct scene scene = {0};
	struct buf out = {0};

	(void)state;
	reset(&scene);
	scene.inventory.rows = twins;
	scene.inventory.nrows = ARRAY_SIZE(twins);
	assert_int_equal(decide_rows(&scene, &change), 0);
	put_plan(&out, &scene.plan);
	assert_string_equal(out.data, "5:refused:drop(is locked: a locked row is the one to keep) 5:unchanged");
	buf_release(&out);
	reset(&scene);
}

/* A row that comes in between the look and the reading is none that was named; one that went is a race. */
static void test_races(void **state)
{
	static const struct inventory_row late = {"z1", "918065978009", STATE_AVAILABLE, {NULL}};
	const struct change change = {.verb = VERB_DELETE, ROW("c2")};
	struct scene scene = {0};
	struct selection sel = {0};
	struct strlist texts = {0};

	(void)state;
	reset(&scene);
	scene.inventory.late = &late;
	assert_int_equal(decide_rows(&scene, &change), 0);
	assert_int_equal(scene.plan.nruns, 1);
	reset(&scene);
	assert_int_equal(rows_find(&scene.inventory.facts, &change, &scene.plan, &scene.rows, &sel.numbers, &texts, &scene.err), 0);
	scene.inventory.nrows = 0;
	assert_int_equal(rows_decide(&scene.inventory.facts, &change, &scene.plan, &scene.rows, &sel, &scene.err), ERR_REFUSED);
	assert_string_equal(scene.err.text, "the rows are other ones by now");
	selection_release(&sel);
	strlist_release(&texts);
	reset(&scene);
}

/* pool delete by ids alone is about rows; with numbers or filters it is about numbers. */
static void test_what_names_rows(void **state)
{
	struct filter filter = {0};
	const struct {
		struct change change;
		bool names_rows;
	} named[] = {
		{{.verb = VERB_MERGE}, true},
		{{.verb = VERB_REPAIR}, true},
		{{.verb = VERB_DELETE, ROW("a1")}, true},
		{{.verb = VERB_DELETE}, false},
		{{.verb = VERB_EDIT, ROW("a1")}, false},
		{{.verb = VERB_DELETE, .selection = {.nids = 1, .numbers = {.n = 1}}}, false},
		{{.verb = VERB_DELETE, .selection = {.nids = 1, .filters = &filter, .nfilters = 1}}, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		assert_int_equal(rows_are_named(&named[i].change), named[i].names_rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),   cmocka_unit_test(test_without_organisations),
		cmocka_unit_test(test_locked), cmocka_unit_test(test_races),
		cmocka_unit_test(test_what_names_rows),
	};

	return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
