/*
 * What holds for changes whatever their verb: change ids, --partial, --expect, --count, twins and odd spellings, searches
 * that find nothing, and the PBX's tables alone.
 */
#include "tests/store/fixture.h"

static const char *numbers_in(struct fixture *f, const char *where)
{
	return ask(f, "SELECT number FROM did_numbers WHERE %s ORDER BY number", where);
}

static void seeds(struct fixture *f, const char *const *numbers)
{
	for (; *numbers; numbers++)
		seed(f, *numbers, STATE_AVAILABLE, NULL);
}

/* ---- change ids */

static void test_replay(void **state)
{
	static const int verb[] = {CHANGE_VERB};
	static const struct query changes = {.listing = LIST_CHANGES, .columns = verb, .ncolumns = 1};
	struct fixture *f = *state;
	struct change c, again;

	seeds(f, (const char *const[]){"918065978000", "918065978001", "918065978003", NULL});
	c = change_of(f, VERB_ASSIGN, "918065978000-8001", "ACME");
	c.id_given = true;
	assert_int_equal(apply(f, &c), 0);
	assert_false(f->plan.is_replay);
	for (int i = 0; i < 3; i++) { /* by name, by prefix, by id, in another order */
		again = change_of(f, VERB_ASSIGN, "08065978001 +918065978000", (const char *[]){"ACME", "org_acme", "o-acme"}[i]);
		memcpy(again.id, c.id, sizeof(c.id));
		again.id_given = true;
		assert_int_equal(apply(f, &again), 0);
		assert_true(f->plan.is_replay);
		assert_int_equal(f->plan.changed, 2);
		again.dry_run = true;
		assert_int_equal(apply(f, &again), 0);
		assert_true(f->plan.is_replay);
		change_release(&again);
	}
	assert_string_equal(listed(f, &changes), "assign\n");
	change_release(&c);
}

/* What the change keeps of its numbers was written over: told, and neither shown nor done once more. */
static void test_replay_of_what_cannot_be_read(void **state)
{
	static const char *const kept[] = {"918065978000\t1\t0\t0\t0\t\t\tx", "918065978000\t1\t0\t9\t0\t\t"};
	struct fixture *f = *state;
	struct change c;

	seeds(f, (const char *const[]){"918065978000", NULL});
	c = change_of(f, VERB_ASSIGN, "918065978000", "ACME");
	c.id_given = true;
	assert_int_equal(apply(f, &c), 0);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		pbx(f, "UPDATE didctl_changes SET runs = '%s'", kept[i]);
		assert_int_equal(apply(f, &c), ERR_FAILED);
		assert_non_null(strstr(f->err.text, c.id));
		assert_int_equal(f->plan.nruns, 0);
	}
	assert_string_equal(ask(f, "SELECT COUNT(*) FROM didctl_changes"), "1\n");
	change_release(&c);
}

static void test_id_of_another_request(void **state)
{
	struct fixture *f = *state;
	static const struct {
		enum verb verb;
		const char *numbers, *org;
	} others[] = {
		{VERB_ASSIGN, "918065978000-8001", "ACME"}, {VERB_ASSIGN, "918065978000", "Globex"},
		{VERB_LOCK, "918065978000", NULL},
	};
	struct change c;
	const char *before;
	char id[UUID_TEXT];

	seeds(f, (const char *const[]){"918065978000", "918065978001", NULL});
	done(f, change_of(f, VERB_ASSIGN, "918065978000", "ACME"));
	memcpy(id, f->id, sizeof(id));
	before = dump(f, true);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		c = change_of(f, others[i].verb, others[i].numbers, others[i].org);
		memcpy(c.id, id, sizeof(id));
		c.id_given = true;
		refused(f, c, ERR_REFUSED, "was used for another request");
		assert_string_equal(dump(f, true), before);
	}
}

/* ---- all or nothing, and its exceptions */

static void test_partial(void **state)
{
	struct fixture *f = *state;
	struct change c;

	seeds(f, (const char *const[]){"918065978000", "918065978001", NULL});
	seed(f, "918065978002", STATE_ASSIGNED, "o-glob");
	refused(f, change_of(f, VERB_ASSIGN, "918065978000-8003", "ACME"), ERR_REFUSED, "2 numbers may not change");
	assert_string_equal(plan_text(f), "918065978000+2 changed available>assigned\n918065978002+1 refused owner\n"
					  "918065978003+1 refused not-found\n");
	assert_string_equal(numbers_in(f, "org_id = 'o-acme'"), "");
	c = change_of(f, VERB_ASSIGN, "918065978000-8003", "ACME");
	c.partial = true;
	refused(f, c, ERR_PARTIAL, "2 numbers were refused");
	assert_string_equal(numbers_in(f, "org_id = 'o-acme'"), "918065978000\n918065978001\n");
	if (!f->is_api)
		assert_string_equal(ask(f, "SELECT changed, unchanged, refused FROM didctl_changes"), "2|0|2\n");
	c = change_of(f, VERB_ASSIGN, "918065978002-8003", "ACME");
	c.partial = true;
	refused(f, c, ERR_REFUSED, "may not change");
}

static void test_expect(void **state)
{
	static const struct {
		long long expect;
		int code;
	} cases[] = {{0, ERR_REFUSED}, {1, ERR_REFUSED}, {3, ERR_REFUSED}, {2, 0}};
	struct fixture *f = *state;

	seeds(f, (const char *const[]){"918065978000", "918065978001", NULL});
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct change c = change_of(f, VERB_ASSIGN, "918065978000-8001", "ACME");

		c.expect = cases[i].expect;
		assert_int_equal(apply(f, &c), cases[i].code);
		assert_string_equal(numbers_in(f, "org_id = 'o-acme'"),
				    cases[i].code ? "" : "918065978000\n918065978001\n");
		change_release(&c);
	}
}

/* A search that finds nothing changes nothing: an empty selection is not the whole table. */
static void test_nothing_found(void **state)
{
	struct fixture *f = *state;
	struct change c;
	const char *before, *id;

	seed_default(f, "918065978000", "o-glob");
	seed_default(f, "918065978001", "o-twin1");
	before = dump(f, true);
	done(f, change_of(f, VERB_DEFAULT_CLEAR, NULL, "ACME"));
	assert_int_equal(f->plan.nruns, 0);
	c = change_of(f, VERB_RELEASE, NULL, NULL);
	filter_add_value(selection_add_filter(&c.selection, FILTER_ORG, DID_ORG_ID), "o-acme");
	done(f, c);
	assert_int_equal(f->plan.nruns, 0);
	c = change_of(f, VERB_USER_ADD, NULL, "ACME");
	c.object_value[USER_NAME] = "Cy";
	c.object_is_set[USER_NAME] = true;
	done(f, c);
	id = arena_strdup(&f->arena, f->id);
	assert_int_equal(undo(f, id), 0);
	assert_int_equal(f->plan.nruns, 0);
	assert_string_equal(dump(f, true), before);
}

/* It is listed as a number is that is not there. */
static void expect_absent_row(struct fixture *f, struct change c)
{
	refused(f, c, ERR_ABSENT, "1 number may not change");
	assert_int_equal(f->plan.refused, 1);
	for (size_t i = 0; i < f->plan.nruns; i++) {
		const struct run *run = &f->plan.runs[i];

		if (run->result != RESULT_REFUSED)
			continue;
		assert_string_equal(run->literal, "id:row-none");
		assert_int_equal(run->code, REFUSAL_NOT_FOUND);
		assert_string_equal(run->reason, "there is no row with the id 'row-none'");
	}
}

static void test_by_filter_and_id(void **state)
{
	struct fixture *f = *state;
	struct change c;

	seeds(f, (const char *const[]){"918065978000", "08065978001", "918065978002", NULL});
	seed(f, "918065978003", STATE_RESERVED, NULL);
	c = change_of(f, VERB_ASSIGN, NULL, "ACME");
	selection_add_filter(&c.selection, FILTER_STATE, DID_STATE)->states = STATE_BIT(STATE_AVAILABLE);
	selection_add_id(&c.selection, "row-08065978001");
	done(f, c);
	assert_string_equal(numbers_in(f, "org_id = 'o-acme'"), "08065978001\n");
	c = change_of(f, VERB_ASSIGN, NULL, "ACME");
	selection_add_filter(&c.selection, FILTER_STATE, DID_STATE)->states = STATE_BIT(STATE_AVAILABLE);
	done(f, c);
	assert_string_equal(numbers_in(f, "org_id = 'o-acme'"), "08065978001\n918065978000\n918065978002\n");
	c = change_of(f, VERB_RELEASE, NULL, NULL);
	selection_add_id(&c.selection, "row-none");
	expect_absent_row(f, c);
	c = change_of(f, VERB_RELEASE, NULL, NULL);
	selection_add_filter(&c.selection, FILTER_STATE, DID_STATE)->states = STATE_BIT(STATE_PENDING);
	selection_add_id(&c.selection, "row-918065978000"); /* is there, and passes not */
	selection_add_id(&c.selection, "row-none");
	expect_absent_row(f, c);
}

/* ---- assign --count */

static const struct {
	const char *title;
	struct pick pick;
	const char *pattern, *numbers; /* NULL: refused */
} picks[] = {
	{"one", {.count = 1}, NULL, "918065978000\n"},
	{"three", {.count = 3}, NULL, "918065978000\n918065978002\n918065978003\n"},
	{"contiguous", {.count = 3, .is_contiguous = true}, NULL, "918065978002\n918065978003\n918065978004\n"},
	{"contiguous, too many", {.count = 4, .is_contiguous = true}, NULL, NULL},
	{"pattern", {.count = 2}, "91806597800X", "918065978000\n918065978002\n"},
	{"pattern, too many", {.count = 2}, "918065978X10", NULL},
	{"aged", {.count = 2, .prefer_aged = true}, NULL, "918065978003\n918065978004\n"},
	{"too many", {.count = 6}, NULL, NULL},
};

static void test_pick(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(picks); i++) {
		struct pattern pattern;
		struct change c;

		if (f->is_api && picks[i].pick.prefer_aged)
			continue; /* it cannot tell; see test_store_lacking */
		pbx(f, "DELETE FROM did_numbers");
		if (!f->is_api) {
			pbx(f, "DELETE FROM didctl_details");
			pbx(f, "DELETE FROM didctl_history");
		}
		seeds(f, (const char *const[]){"918065978000", "918065978002", "918065978003", "918065978004",
					       "918065978010", NULL});
		seed(f, "918065978001", STATE_RESERVED, NULL);
		seed(f, "918065978020", STATE_AVAILABLE, NULL);
		pbx(f, "UPDATE did_numbers SET routing_environment = 'oss' WHERE number = '918065978020'");
		if (!f->is_api)
			pbx(f, "INSERT INTO didctl_details (number, previous_org_id) VALUES ('918065978000', 'o-glob'),"
			       " ('918065978002', 'o-glob')");
		c = change_of(f, VERB_ASSIGN, NULL, "ACME");
		c.pick = picks[i].pick;
		if (picks[i].pattern) {
			assert_int_equal(pattern_parse(&pattern, picks[i].pattern, store_country(f->store), &f->err), 0);
			c.pick.pattern = &pattern;
		}
		if (apply(f, &c) != (picks[i].numbers ? 0 : ERR_REFUSED))
			fail_msg("%s: %s", picks[i].title, f->err.text);
		assert_string_equal(numbers_in(f, "org_id = 'o-acme'"), picks[i].numbers ? picks[i].numbers : "");
		change_release(&c);
	}
}

/* A doubled number is free twice and may not be taken; the pick goes on behind it. */
static void test_pick_leaves_twins(void **state)
{
	struct fixture *f = *state;
	struct change c;

	seeds(f, (const char *const[]){"08065978000", "918065978000", "918065978001", "918065978002", NULL});
	c = change_of(f, VERB_ASSIGN, NULL, "ACME");
	c.pick.count = 2;
	done(f, c);
	assert_string_equal(numbers_in(f, "org_id = 'o-acme'"), "918065978001\n918065978002\n");
}

/* ---- spellings */

static void test_spellings(void **state)
{
	static const char *const stored[] = {"918065978000",  "+918065978001",  "08065978002", "8065978003",
					     "0918065978004", "00918065978005", NULL};
	struct fixture *f = *state;
	const char *before;

	seeds(f, stored);
	before = dump(f, true);
	done(f, change_of(f, VERB_ASSIGN, "918065978000-8005", "ACME"));
	assert_int_equal(f->plan.changed, 6);
	assert_string_equal(ask(f, "SELECT number FROM did_numbers WHERE is_default = 1"), "918065978000\n");
	assert_string_equal(ask(f, "SELECT COUNT(*) FROM did_numbers WHERE org_id = 'o-acme'"), "6\n");
	for (size_t i = 0; stored[i]; i++)
		refused(f, change_of(f, VERB_ADD, stored[i], NULL), ERR_REFUSED, "1 number may not change");
	assert_non_null(strstr(f->plan.runs[0].reason, "00918065978005 (row row-00918065978005, ACME)"));
	done(f, change_of(f, VERB_RELEASE, "918065978000-8005", NULL));
	done(f, change_of(f, VERB_DELETE, "08065978000-08065978005", NULL));
	assert_string_equal(numbers_in(f, "1 = 1"), "");
	assert_int_equal(undo(f, arena_strdup(&f->arena, f->id)), 0);
	assert_string_equal(ask(f, "SELECT id, number FROM did_numbers ORDER BY id"),
			    "row-00918065978005|00918065978005\n"
			    "row-08065978002|08065978002\nrow-0918065978004|0918065978004\n"
			    "row-8065978003|8065978003\nrow-918065978000|918065978000\n"
			    "row-p918065978001|+918065978001\n");
	assert_null(strstr(before, "o-acme|-|available"));
}

/* A spelling outside the list is shown, and found by its id, but no operand finds it; it can be changed and deleted. */
static void test_literal_spelling(void **state)
{
	struct fixture *f = *state;
	struct change c;

	seeds(f, (const char *const[]){"080-6597-8002", "garbage", NULL});
	refused(f, change_of(f, VERB_RELEASE, "918065978002", NULL), ERR_ABSENT, "may not change");
	c = change_of(f, VERB_DELETE, NULL, NULL);
	selection_add_id(&c.selection, "row-080-6597-8002");
	done(f, c);
	assert_string_equal(numbers_in(f, "1 = 1"), "garbage\n");
	assert_int_equal(undo(f, arena_strdup(&f->arena, f->id)), f->is_api ? ERR_TARGET : 0);
	assert_string_equal(numbers_in(f, "1 = 1"), f->is_api ? "garbage\n" : "080-6597-8002\ngarbage\n");
	c = change_of(f, VERB_ENV_SET, NULL, NULL);
	c.value[DID_ENV] = "oss";
	c.is_set[DID_ENV] = true;
	selection_add_filter(&c.selection, FILTER_STATE, DID_STATE)->states = STATE_BIT(STATE_AVAILABLE);
	refused(f, c, ERR_REFUSED, "may not change");
}

static void test_twins(void **state)
{
	struct fixture *f = *state;
	struct change c;

	seeds(f, (const char *const[]){"08065978002", "918065978001", "918065978002", NULL});
	seed(f, "+918065978003", STATE_ASSIGNED, "o-acme");
	seed(f, "8065978003", STATE_AVAILABLE, NULL);
	refused(f, change_of(f, VERB_ASSIGN, "918065978001-8003", "ACME"), ERR_REFUSED, "2 numbers may not change");
	assert_string_equal(plan_text(f), "918065978001+1 changed available>assigned\n918065978002+1 refused twin\n"
					  "918065978003+1 refused twin\n");
	assert_non_null(strstr(f->plan.runs[2].reason, "+918065978003 (row row-p918065978003, ACME) and 8065978003 (row"));
	c = change_of(f, VERB_DELETE, NULL, NULL);
	selection_add_id(&c.selection, "row-08065978002");
	done(f, c);
	assert_string_equal(numbers_in(f, "number LIKE '%8002'"), "918065978002\n");
	done(f, change_of(f, VERB_ASSIGN, "918065978002", "ACME"));
}

/* ---- organisations by name */

static void test_org_named_twice(void **state)
{
	struct fixture *f = *state;

	seed(f, "918065978000", STATE_AVAILABLE, NULL);
	refused(f, change_of(f, VERB_ASSIGN, "918065978000", "Twin"), ERR_REFUSED, "names 2 organisations");
	refused(f, change_of(f, VERB_ASSIGN, "918065978000", "Nobody"), ERR_ABSENT, "there is no organisation");
	done(f, change_of(f, VERB_ASSIGN, "918065978000", "o-twin2"));
	refused(f, change_of(f, VERB_ORG_DELETE, NULL, "o-twin2"), ERR_REFUSED, "still has 1 number and 0 users");
}

/* ---- the PBX's tables alone */

static void test_pbx_only(void **state)
{
	struct fixture *f = *state;
	struct change c;

	assert_false(store_can(f->store, CAN_KEEP_HISTORY));
	done(f, change_of(f, VERB_ADD, "918065978000-8003", NULL));
	assert_int_equal(says(&f->plan.warnings, "no history is kept"), !f->is_api); /* the journal is one */
	done(f, change_of(f, VERB_ASSIGN, "918065978000-8002", "ACME"));
	assert_string_equal(numbers_in(f, "is_default = 1"), "918065978000\n");
	c = change_of(f, VERB_MARK, "918065978001", NULL);
	c.to = STATE_BLOCKED;
	done(f, c);
	done(f, change_of(f, VERB_RELEASE, "918065978002", NULL));
	done(f, change_of(f, VERB_DELETE, "918065978002", NULL));
	assert_string_equal(ask(f, "SELECT number, pool_status, status, org_id FROM did_numbers ORDER BY number"),
			    "918065978000|assigned|active|o-acme\n918065978001|assigned|suspended|o-acme\n"
			    "918065978003|available|active|-\n");
}

static void test_pbx_only_refuses(void **state)
{
	struct fixture *f = *state;
	struct value row[DID_FIELDS];
	struct selection sel = {0};
	enum outcome outcome;
	struct change c;
	const char *before;

	seed(f, "918065978000", STATE_AVAILABLE, NULL);
	seed(f, "918065978001", STATE_ASSIGNED, "o-acme");
	before = dump(f, false);
	refused(f, change_of(f, VERB_LOCK, "918065978000", NULL), ERR_TARGET, "needs didctl's own tables");
	c = change_of(f, VERB_RELEASE, "918065978001", NULL);
	c.hold_days = 10;
	refused(f, c, ERR_TARGET, "needs didctl's own tables");
	c = change_of(f, VERB_EDIT, "918065978000", NULL);
	c.value[DID_NOTES] = "x";
	c.is_set[DID_NOTES] = true;
	refused(f, c, ERR_TARGET, "needs didctl's own tables");
	c = change_of(f, VERB_ASSIGN, "918065978000", "ACME");
	c.id_given = true;
	refused(f, c, ERR_TARGET, "--change-id needs didctl's own tables");
	assert_int_equal(undo(f, c.id), ERR_TARGET);
	assert_int_equal(store_resolve(f->store, c.id, &outcome, &f->err), ERR_TARGET);
	add_numbers(f, &sel.numbers, "918065978000");
	assert_int_equal(store_at(f->store, &sel, "2026-11-21T10:00:00Z", row, &f->arena, &f->err), ERR_TARGET);
	selection_release(&sel);
	assert_string_equal(dump(f, false), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_replay_of_what_cannot_be_read),
		CASE(test_replay),	CASE(test_id_of_another_request), CASE(test_partial),
		CASE(test_expect),	CASE(test_nothing_found),	  CASE(test_by_filter_and_id),
		CASE(test_pick),	CASE(test_pick_leaves_twins),	  CASE(test_spellings),
		CASE(test_twins),	CASE(test_literal_spelling),	  CASE(test_org_named_twice),
		CASE_PBX(test_pbx_only), CASE_PBX(test_pbx_only_refuses),
	};

	const struct CMUnitTest api[] = {
		CASE_API(test_replay),	   CASE_API(test_id_of_another_request), CASE_API(test_partial),
		CASE_API(test_expect),	   CASE_API(test_nothing_found),	 CASE_API(test_by_filter_and_id),
		CASE_API(test_pick),	   CASE_API(test_pick_leaves_twins),	 CASE_API(test_spellings),
		CASE_API(test_twins),	   CASE_API(test_literal_spelling),	 CASE_API(test_org_named_twice),
		CASE_API(test_pbx_only),
	};

	return run_suites_and_api(tests, ARRAY_SIZE(tests), api, ARRAY_SIZE(api));
}
