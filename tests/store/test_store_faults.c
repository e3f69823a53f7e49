/*
 * Faults at every step of a change: whatever fails, the change is there exactly once or not at all, the result code keeps
 * its promise, and nothing is sent into a transaction that is gone.
 */
#include "tests/store/faulty.h"

#define FIRST "918065978000"
#define CALLS_MAX 400

/* Writes base rows, details, a user, the history and the default caller ID. */
static struct change release(struct fixture *f)
{
	struct change c = change_of(f, VERB_RELEASE, "918065978000-8002", NULL);

	c.hold_days = 30;
	return c;
}

static void put_rows(struct fixture *f)
{
	static const char *const emptied[] = {"didctl_history", "didctl_changes", "didctl_details", "didctl_guards",
					      "did_numbers"};

	for (size_t i = 0; i < ARRAY_SIZE(emptied); i++)
		pbx(f, "DELETE FROM %s", emptied[i]);
	seed_default(f, FIRST, "o-acme");
	seed(f, "08065978001", STATE_ASSIGNED, "o-acme");
	seed(f, "918065978002", STATE_BLOCKED, "o-acme");
	seed(f, "918065978005", STATE_ASSIGNED, "o-acme");
	pbx(f, "UPDATE users SET outbound_did = '08065978001' WHERE id = 'u-ann'");
}

/* There exactly once, or not at all; which of both it has to be, by the result. */
static void check_promise(struct fixture *f, const char *title, int rc, const char *before)
{
	const char *changes = ask(f, "SELECT COUNT(*) FROM didctl_changes WHERE id = '%s'", f->id);
	const char *history = ask(f, "SELECT COALESCE(SUM(n), 0) FROM didctl_history WHERE change_id = '%s'", f->id);
	const char *held = ask(f, "SELECT COUNT(*) FROM did_numbers WHERE pool_status = 'reserved'");
	const char *holds = ask(f, "SELECT COUNT(*) FROM didctl_details WHERE hold_until IS NOT NULL");
	bool is_there = strcmp(changes, "1\n") == 0;

	if (is_there && (strcmp(history, "4\n") || strcmp(held, "3\n") || strcmp(holds, "3\n")))
		fail_msg("%s: half there: history %s held %s holds %s", title, history, held, holds);
	if (!is_there && strcmp(dump(f, true), before) != 0)
		fail_msg("%s: not there, and the rows differ", title);
	if (rc == 0 && !is_there)
		fail_msg("%s: reported as done, and it is not there", title);
	if (rc < 0 && rc != ERR_UNKNOWN && is_there)
		fail_msg("%s: reported as failed (%d %s), and it is there", title, rc, f->err.text);
}

/* One fault in one change; false when the change was over before its call came. */
static bool inject(struct fixture *f, const char *name, struct faults faults, int expected)
{
	struct change c;
	const char *before;
	char title[64];
	int rc;

	put_rows(f);
	before = dump(f, true);
	assert_int_equal(open_store(f, STORE_WRITE), 0);
	faults_install(&faults, f);
	c = release(f);
	rc = apply(f, &c);
	change_release(&c);
	store_close(f->store);
	f->store = NULL;
	snprintf(title, sizeof(title), "%s at call %u", name, faults.at);
	check_promise(f, title, rc, before);
	if (faults.fired && rc != (faults.fired_after_commit ? 0 : expected))
		fail_msg("%s: result %d (%s), not %d", title, rc, f->err.text, expected);
	if (faults.violations)
		fail_msg("%s: %u calls after the error", title, faults.violations);
	return faults.fired;
}

static const struct {
	enum sql_class class;
	const char *name;
	bool is_retried;
} classes[] = {
	{SQL_FATAL, "fatal", false},	     {SQL_NEVER_STARTED, "never started", true},
	{SQL_ROLLED_BACK, "rolled back", true}, {SQL_STATEMENT, "statement", true},
	{SQL_NODE, "node", true},	     {SQL_LOST, "lost", true},
	{SQL_NO_OBJECT, "no object", false}, {SQL_DENIED, "denied", false},
	{SQL_STORAGE, "storage", false},     {SQL_TORN, "torn", false},
};

static void test_every_class_at_every_call(void **state)
{
	struct fixture *f = *state;

	for (size_t k = 0; k < ARRAY_SIZE(classes); k++) {
		unsigned at = 1;

		/* Each third call, another third for each class: all are met, and the suite stays quick. */
		for (at += (unsigned)k % 3; at < CALLS_MAX; at += 3)
			if (!inject(f, classes[k].name, (struct faults){.at = at, .class = classes[k].class},
				    classes[k].is_retried ? 0 : ERR_FAILED))
				break;
		assert_true(at > 20 && at < CALLS_MAX);
	}
}

static void test_duplicate_at_every_call(void **state)
{
	struct fixture *f = *state;
	unsigned at;

	for (at = 1; at < CALLS_MAX; at++) {
		struct faults faults = {.at = at, .class = SQL_DUPLICATE};
		struct change c;
		const char *before;
		int rc;

		put_rows(f);
		before = dump(f, true);
		assert_int_equal(open_store(f, STORE_WRITE), 0);
		faults_install(&faults, f);
		c = release(f);
		rc = apply(f, &c);
		change_release(&c);
		check_promise(f, "duplicate", rc, before);
		assert_int_equal(faults.violations, 0);
		store_close(f->store);
		f->store = NULL;
		if (!faults.fired)
			break;
	}
	assert_true(at > 20 && at < CALLS_MAX);
}

static void test_commit_fails(void **state)
{
	struct fixture *f = *state;

	for (size_t k = 0; k < ARRAY_SIZE(classes); k++)
		assert_true(inject(f, classes[k].name, (struct faults){.in_commit = true, .class = classes[k].class},
				   classes[k].is_retried ? 0 : ERR_FAILED));
}

static void test_answer_of_commit_lost(void **state)
{
	static const enum sql_class lost[] = {SQL_LOST, SQL_NODE, SQL_STATEMENT};
	struct fixture *f = *state;

	for (size_t k = 0; k < ARRAY_SIZE(lost); k++) {
		struct faults faults = {.in_commit = true, .does_it_all_the_same = true, .class = lost[k]};

		assert_true(inject(f, "answer lost", faults, 0));
		assert_true(f->plan.is_replay);
		assert_int_equal(f->plan.changed, 3);
		assert_string_equal(ask(f, "SELECT COUNT(*) FROM didctl_changes"), "1\n");
	}
}

/* The disk fails as COMMIT ends: what is in the file counts, nothing is tried again, and what is there is said to be doubtful. */
static void test_torn(void **state)
{
	static const struct {
		const char *title, *text;
		bool is_there, is_lost; /* the file cannot be opened again */
		int code;
	} ends[] = {
		{"it was made", "", true, false, 0},
		{"it was not made", "injected", false, false, ERR_FAILED},
		{"it was made, and nobody can look", "the storage of '", true, true, ERR_UNKNOWN},
		{"it was not made, and nobody can look", "the storage of '", false, true, ERR_UNKNOWN},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct faults faults = {.in_commit = true, .does_it_all_the_same = ends[i].is_there, .class = SQL_TORN,
					.forever_closed = ends[i].is_lost};

		f->err = (struct err){0};
		assert_true(inject(f, ends[i].title, faults, ends[i].code));
		if (!strstr(f->err.text, ends[i].text))
			fail_msg("%s: %s", ends[i].title, f->err.text);
		if (ends[i].code == ERR_FAILED)
			assert_string_equal(f->err.hint, "nothing was changed");
		assert_int_equal(f->plan.is_replay, ends[i].code == 0);
		if (ends[i].code == 0)
			assert_non_null(strstr(f->plan.warnings.at[0], "may not survive a power cut"));
	}
}

/* Who loses to others until the time is over has lost a race, and nothing is broken. */
static void test_always_rolled_back(void **state)
{
	struct fixture *f = *state;
	struct faults faults = {.at = 5, .again = true, .class = SQL_ROLLED_BACK};
	const char *before;
	struct change c;

	put_rows(f);
	before = dump(f, true);
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(store_open(&f->store, f->conf, STORE_WRITE, 1, &f->err), 0);
	faults_install(&faults, f);
	c = release(f);
	assert_int_equal(apply(f, &c), ERR_REFUSED);
	assert_int_equal(f->err.code, ERR_REFUSED);
	assert_true(faults.fired > 1);
	change_release(&c);
	store_close(f->store); /* it has the faults of this function */
	f->store = NULL;
	assert_string_equal(dump(f, true), before);
}

/* The connection goes during COMMIT and no other can be made: nobody knows, and that is what is said. */
static void test_unknown(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 2; i++) {
		struct faults faults = {.in_commit = true,
					.does_it_all_the_same = i == 1,
					.class = SQL_LOST,
					.forever_closed = true};
		struct change c;

		put_rows(f);
		store_close(f->store);
		f->store = NULL;
		assert_int_equal(store_open(&f->store, f->conf, STORE_WRITE, 1, &f->err), 0);
		faults_install(&faults, f);
		c = release(f);
		assert_int_equal(apply(f, &c), ERR_UNKNOWN);
		assert_non_null(strstr(f->err.hint, c.id));
		change_release(&c);
		assert_string_equal(ask(f, "SELECT COUNT(*) FROM didctl_changes"), i ? "1\n" : "0\n");
		store_close(f->store);
		f->store = NULL;
	}
}

/* ---- others write between the read and the write */

static void take_it(struct fixture *f)
{
	pbx(f, "UPDATE did_numbers SET pool_status = 'assigned', org_id = 'o-glob' WHERE number = '" FIRST "'");
}

static void name_its_region(struct fixture *f)
{
	pbx(f, "UPDATE did_numbers SET region = 'Goa' WHERE number = '" FIRST "'");
}

static void delete_it(struct fixture *f)
{
	pbx(f, "DELETE FROM did_numbers WHERE number = '" FIRST "'");
}

static const struct {
	const char *before;
	void (*hook)(struct fixture *f);
	int expected;
	const char *row; /* org_id, region, is_default */
} races[] = {
	{"UPDATE did_numbers", take_it, ERR_REFUSED, "o-glob|-|0\n"},
	{"UPDATE did_numbers", name_its_region, 0, "o-acme|Goa|1\n"},
	{"UPDATE did_numbers", delete_it, ERR_ABSENT, ""},
	{"INSERT INTO didctl_history", take_it, ERR_REFUSED, "o-glob|-|0\n"},
};

/* SQLite's writers exclude each other from BEGIN on, so that only a server can be raced. */
static void test_lost_race(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; is_mysql(f) && i < ARRAY_SIZE(races); i++) {
		struct faults faults = {.hook_before = races[i].before, .hook = races[i].hook};
		struct change c;

		pbx(f, "DELETE FROM did_numbers");
		seed(f, FIRST, STATE_AVAILABLE, NULL);
		assert_int_equal(open_store(f, STORE_WRITE), 0);
		c = change_of(f, VERB_ASSIGN, FIRST, "ACME");
		faults_install(&faults, f);
		assert_int_equal(apply(f, &c), races[i].expected);
		assert_null(faults.hook_before);
		assert_string_equal(ask(f, "SELECT org_id, region, is_default FROM did_numbers"), races[i].row);
		assert_string_equal(ask(f, "SELECT COUNT(*) FROM didctl_changes WHERE id = '%s'", c.id),
				    races[i].expected ? "0\n" : "1\n");
		change_release(&c);
		store_close(f->store);
		f->store = NULL;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_every_class_at_every_call), CASE(test_duplicate_at_every_call), CASE(test_commit_fails),
		CASE(test_answer_of_commit_lost),     CASE(test_unknown),		  CASE(test_always_rolled_back),
		CASE(test_lost_race),		      CASE(test_torn),
	};

	return run_suites(tests, ARRAY_SIZE(tests));
}
