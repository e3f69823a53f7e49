/* What undo says where others changed the same since, and what it makes of a history that somebody wrote over. */
#include "tests/store/fixture.h"

#define A "918065978000"
#define B "918065978001"
#define TEN A "-8009"

static const char *last_id(struct fixture *f)
{
	return arena_strdup(&f->arena, f->id);
}

/* The id of the change. */
static const char *edit(struct fixture *f, const char *numbers, enum did_field field, const char *value)
{
	struct change c = change_of(f, VERB_EDIT, numbers, NULL);

	c.value[field] = value;
	c.is_set[field] = true;
	done(f, c);
	return last_id(f);
}

static const char *add(struct fixture *f, const char *numbers)
{
	done(f, change_of(f, VERB_ADD, numbers, NULL));
	return last_id(f);
}

static const char *rows(struct fixture *f)
{
	return ask(f, "SELECT id, number, region, org_id FROM did_numbers ORDER BY number");
}

/* "918065978003+2 REASON", a line for each refused run. */
static const char *refusals(struct fixture *f)
{
	struct buf out = {0};
	char text[NUMBER_TEXT];
	const char *result;

	for (size_t i = 0; i < f->plan.nruns; i++) {
		const struct run *run = &f->plan.runs[i];

		number_format(run->first, text);
		if (run->result == RESULT_REFUSED)
			buf_printf(&out, "%s+%llu %s\n", text, (unsigned long long)run->count, run->reason);
	}
	result = arena_strdup(&f->arena, buf_str(&out));
	buf_release(&out);
	return result;
}

/* Refused, nothing changed, and just this is said. */
static void told(struct fixture *f, const char *id, int code, const char *text)
{
	const char *before = rows(f);
	int rc = undo(f, id);

	if (rc != code || strcmp(refusals(f), text) != 0)
		fail_msg("%d (%s), not %d:\n%snot\n%s", rc, f->err.text, code, refusals(f), text);
	assert_string_equal(rows(f), before);
}

/* ---- who changed it since */

#define SINCE " has changed since: its region is another now"

/* Of each number the newest change that touched what differs; one of another field is no reason. */
static void test_the_newest_that_matters(void **state)
{
	struct fixture *f = *state;
	const char *id, *goa, *agra;

	add(f, TEN);
	id = edit(f, TEN, DID_REGION, "Pune");
	goa = edit(f, "918065978003-8006", DID_REGION, "Goa");
	agra = edit(f, "918065978005", DID_REGION, "Agra");
	edit(f, TEN, DID_PROVIDER, "Jio");
	edit(f, "918065978004", DID_REGION, "Pune"); /* as it was left */
	told(f, id, ERR_REFUSED,
	     arena_printf(&f->arena, "918065978003+1" SINCE " (change %s, pool edit)\n"
				     "918065978005+1" SINCE " (change %s, pool edit)\n"
				     "918065978006+1" SINCE " (change %s, pool edit)\n", goa, agra, goa));
}

/* Numbers alike are one run, of which didctl changed one; of the others nobody can be named. */
static void test_of_a_run_one(void **state)
{
	struct fixture *f = *state;
	const char *id, *goa;

	add(f, TEN);
	id = edit(f, TEN, DID_REGION, "Pune");
	goa = edit(f, "918065978004", DID_REGION, "Goa");
	pbx(f, "UPDATE did_numbers SET region = 'Goa' WHERE number BETWEEN '918065978003' AND '918065978005'");
	told(f, id, ERR_REFUSED,
	     arena_printf(&f->arena, "918065978003+1" SINCE "\n"
				     "918065978004+1" SINCE " (change %s, pool edit)\n"
				     "918065978005+1" SINCE "\n", goa));
	edit(f, "918065978003-8005", DID_PROVIDER, "Jio"); /* now what the PBX did is part of the history */
	assert_int_equal(undo(f, id), ERR_REFUSED);
	assert_non_null(strstr(refusals(f), ", external)"));
}

static void test_rows_that_came_or_went(void **state)
{
	struct fixture *f = *state;
	const char *added = add(f, A), *deleted;

	done(f, change_of(f, VERB_DELETE, A, NULL));
	deleted = last_id(f);
	told(f, added, ERR_ABSENT, arena_printf(&f->arena, A "+1 is not in the inventory any more (change %s, pool delete)\n", deleted));
	add(f, A);
	told(f, deleted, ERR_REFUSED, arena_printf(&f->arena, A "+1 is in the inventory already: " A " (row %s, no organisation)\n",
						   arena_strndup(&f->arena, rows(f), UUID_TEXT - 1)));
}

/* A twin is refused as one, whatever else has changed. */
static void test_twins(void **state)
{
	struct fixture *f = *state;
	const char *id;

	add(f, A);
	id = edit(f, A, DID_REGION, "Pune");
	edit(f, A, DID_REGION, "Goa");
	seed(f, "0" "8065978000", STATE_AVAILABLE, NULL);
	assert_int_equal(undo(f, id), ERR_REFUSED);
	assert_int_equal(f->plan.runs[0].code, REFUSAL_TWIN);
	assert_null(strstr(f->plan.runs[0].reason, "(change"));
}

/* Of more changes than are looked at the oldest are not named; and nothing is named by what cannot be read. */
static void test_too_many_or_unreadable(void **state)
{
	struct fixture *f = *state;
	const char *id, *goa, *other, *kept;

	add(f, TEN);
	id = edit(f, TEN, DID_REGION, "Pune");
	goa = edit(f, "918065978003", DID_REGION, "Goa");
	other = edit(f, "918065978003", DID_PROVIDER, "Jio");
	kept = arena_printf(&f->arena, "918065978003+1" SINCE " (change %s, pool edit)\n", goa);
	pbx(f, "UPDATE didctl_history SET `before` = '{' WHERE change_id = '%s'", goa);
	told(f, id, ERR_REFUSED, kept);
	pbx(f, "UPDATE didctl_history SET first = 'x' WHERE change_id = '%s'", other);
	told(f, id, ERR_REFUSED, kept);
	pbx(f, "UPDATE didctl_history SET first = last, last = 'x' WHERE change_id = '%s'", other);
	told(f, id, ERR_REFUSED, kept);
	pbx(f, "UPDATE didctl_history SET last = first WHERE change_id = '%s'", other);
	for (int i = 0; i < 10; i++)
		pbx(f, "INSERT INTO didctl_history (change_id, block, first, last, n, `before`, `after`) SELECT change_id, block,"
		       " first, last, n, `before`, `after` FROM didctl_history WHERE change_id = '%s'", other);
	told(f, id, ERR_REFUSED, "918065978003+1" SINCE "\n");
}

/* ---- a history that was written over */

static const struct {
	const char *column, *value, *text;
} falsified[] = {
	{"first", "'x'", "the history of the change names 'x', which is no number"},
	{"last", "'x'", "the history of the change names '" A "', which is no number"},
	{"`before`", "'{'", "the history of the change: "},
	{"`after`", "'{'", "the history of the change: "},
};

static void test_falsified(void **state)
{
	struct fixture *f = *state;
	const char *id, *before;

	add(f, TEN);
	id = edit(f, TEN, DID_REGION, "Pune");
	before = rows(f);
	pbx(f, "CREATE TABLE kept AS SELECT seq, first, last, `before`, `after` FROM didctl_history");
	for (size_t i = 0; i < ARRAY_SIZE(falsified); i++) {
		pbx(f, "UPDATE didctl_history SET %s = %s WHERE change_id = '%s'", falsified[i].column, falsified[i].value, id);
		assert_int_equal(undo(f, id) < 0, true);
		if (!strstr(f->err.text, falsified[i].text))
			fail_msg("%s: %s", falsified[i].column, f->err.text);
		assert_string_equal(rows(f), before);
		pbx(f, "UPDATE didctl_history SET %s = (SELECT k.%s FROM kept k WHERE k.seq = didctl_history.seq)",
		    falsified[i].column, falsified[i].column);
	}
	pbx(f, "DROP TABLE kept");
	assert_int_equal(undo(f, id), 0);
	assert_null(strstr(rows(f), "Pune"));
}

/* ---- rows in a spelling of their own */

static void test_odd_spelling(void **state)
{
	struct fixture *f = *state;
	struct change c;

	seed(f, "080-6597-8000", STATE_AVAILABLE, NULL);
	c = change_of(f, VERB_DELETE, NULL, NULL);
	selection_add_id(&c.selection, "row-080-6597-8000");
	done(f, c);
	assert_int_equal(undo(f, last_id(f)), 0);
	assert_string_equal(rows(f), "row-080-6597-8000|080-6597-8000|-|-\n");
	assert_int_equal(undo(f, last_id(f)), 0);
	assert_string_equal(rows(f), "");
	assert_int_equal(undo(f, last_id(f)), 0);
	assert_string_equal(rows(f), "row-080-6597-8000|080-6597-8000|-|-\n");
}

/* Of five rows that went one is there again: with --partial the others come back, each under its id. */
static void test_some_are_back(void **state)
{
	struct fixture *f = *state;
	const char *before;
	struct change c;

	add(f, A "-8004");
	before = ask(f, "SELECT id FROM did_numbers WHERE number <> '918065978002' ORDER BY number");
	done(f, change_of(f, VERB_DELETE, A "-8004", NULL));
	c = change_of(f, VERB_UNDO, NULL, NULL);
	c.undo_of = last_id(f);
	c.partial = true;
	add(f, "918065978002");
	refused(f, c, ERR_PARTIAL, "1 number was refused");
	assert_string_equal(ask(f, "SELECT id FROM did_numbers WHERE number <> '918065978002' ORDER BY number"), before);
	assert_string_equal(ask(f, "SELECT COUNT(*) FROM did_numbers"), "5\n");
}

static void test_three_rows_of_a_number(void **state)
{
	struct fixture *f = *state;
	const char *before;
	struct change c;

	seed(f, A, STATE_AVAILABLE, NULL);
	seed(f, "+" A, STATE_RESERVED, NULL);
	seed(f, "08065978000", STATE_ASSIGNED, "o-glob");
	add(f, B);
	before = dump(f, true);
	c = change_of(f, VERB_MERGE, A, NULL);
	c.keep_id = "row-" A;
	done(f, c);
	assert_string_equal(ask(f, "SELECT id FROM did_numbers WHERE number LIKE '%%8000'"), "row-" A "\n");
	assert_int_equal(undo(f, last_id(f)), 0);
	assert_string_equal(dump(f, true), before);
}

static void test_respelled_and_gone(void **state)
{
	struct fixture *f = *state;
	struct change c = change_of(f, VERB_REPAIR, NULL, NULL);

	seed(f, "080-6597-8000", STATE_AVAILABLE, NULL);
	GROW(c.repairs.at, c.repairs.n, c.repairs.cap);
	c.repairs.at[c.repairs.n++] = (struct repair){CHECK_SPELLING, "row-080-6597-8000", NULL};
	done(f, c);
	assert_string_equal(rows(f), "row-080-6597-8000|" A "|-|-\n");
	pbx(f, "DELETE FROM did_numbers");
	told(f, last_id(f), ERR_ABSENT, A "+1 is not in the inventory any more\n");
}

/* ---- the default name that a number inherits */

static void set_object(struct fixture *f, enum verb verb, enum org_field field, const char *value)
{
	struct change c = change_of(f, verb, NULL, "ACME");

	c.object_value[field] = value;
	c.object_is_set[field] = true;
	done(f, c);
}

/* Which name counted is told by the first change of it since then: one of something else is not about it. */
static void test_name_then(void **state)
{
	static const char *const made[] = {NULL, "'{'", "'{\"mail\":null}'"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		const char *id;
		struct change c;

		pbx(f, "DELETE FROM did_numbers");
		pbx(f, "DELETE FROM didctl_details");
		pbx(f, "DELETE FROM didctl_orgs");
		seed(f, A, STATE_ASSIGNED, "o-acme");
		set_object(f, VERB_CNAM_DEFAULT, ORG_CNAM, "OLD");
		c = change_of(f, VERB_CNAM_SET, A, NULL);
		c.value[DID_CNAM] = "SALES";
		c.is_set[DID_CNAM] = true;
		done(f, c);
		id = last_id(f);
		set_object(f, VERB_ORG_EDIT, ORG_MAIL, "ops@example.com");
		if (made[i])
			pbx(f, "UPDATE didctl_history SET `before` = %s WHERE change_id = '%s'", made[i], f->id);
		set_object(f, VERB_CNAM_DEFAULT, ORG_CNAM, "NEW");
		assert_int_equal(undo(f, id), 0);
		assert_string_equal(ask(f, "SELECT cnam, cnam_status FROM didctl_details"), "-|pending\n");
	}
}

/* Each of two organisations has a default of its own. */
static void test_names_of_two(void **state)
{
	static const char *const orgs[] = {"ACME", "Globex"};
	struct fixture *f = *state;

	seed(f, A, STATE_ASSIGNED, "o-acme");
	seed(f, B, STATE_ASSIGNED, "o-glob");
	seed(f, "918065978002", STATE_ASSIGNED, "o-acme");
	for (int i = 0; i < 2; i++) {
		struct change c = change_of(f, VERB_CNAM_DEFAULT, NULL, orgs[i]);

		c.object_value[ORG_CNAM] = orgs[i];
		c.object_is_set[ORG_CNAM] = true;
		done(f, c);
	}
	done(f, change_of(f, VERB_RELEASE, A "-8002", NULL));
	assert_string_equal(ask(f, "SELECT COUNT(*) FROM didctl_details WHERE cnam_status IS NOT NULL"), "0\n");
	assert_int_equal(undo(f, last_id(f)), 0);
	assert_string_equal(ask(f, "SELECT number, cnam, cnam_status FROM didctl_details ORDER BY number"),
			    A "|-|pending\n" B "|-|pending\n918065978002|-|pending\n");
}

/* What came to the name since is found however it is spelled; a row that is no number shows none. */
static void test_heirs_that_are_odd(void **state)
{
	struct fixture *f = *state;
	const char *id;
	struct change c;

	seed(f, A, STATE_ASSIGNED, "o-acme");
	seed(f, "080-6597-8001", STATE_AVAILABLE, NULL);
	set_object(f, VERB_CNAM_DEFAULT, ORG_CNAM, "ACME");
	id = last_id(f);
	seed(f, "garbage", STATE_ASSIGNED, "o-acme");
	c = change_of(f, VERB_ASSIGN, NULL, "ACME");
	selection_add_id(&c.selection, "row-080-6597-8001");
	done(f, c);
	assert_string_equal(ask(f, "SELECT cnam_status FROM didctl_details WHERE number = '080-6597-8001'"), "pending\n");
	assert_int_equal(undo(f, id), 0);
	assert_string_equal(ask(f, "SELECT number FROM didctl_details WHERE cnam_status = 'pending'"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_the_newest_that_matters), CASE(test_of_a_run_one),  CASE(test_rows_that_came_or_went),
		CASE(test_twins),		    CASE(test_too_many_or_unreadable), CASE(test_falsified),
		CASE(test_odd_spelling),	    CASE(test_some_are_back), CASE(test_three_rows_of_a_number),
		CASE(test_respelled_and_gone),	    CASE(test_name_then),     CASE(test_names_of_two),
		CASE(test_heirs_that_are_odd),
	};

	return run_suites(tests, ARRAY_SIZE(tests));
}
