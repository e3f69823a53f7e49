/*
 * How trying again ends when it does not help: the code says whether the change may be there, and what is said names it. And
 * what is written under guards comes in batches.
 */
#include "tests/store/pieces.h"

static struct change one_transaction(struct fixture *f)
{
	struct change c = assign(f);

	c.chunk = 0;
	return c;
}

#define LOST_AT_COMMIT .in_commit = true, .does_it_all_the_same = true, .class = SQL_LOST
#define SIGNAL(at) .hook_before = (at), .hook = let_go

static const struct {
	const char *title;
	struct faults faults;
	int code;
	const char *text;
	bool is_there;
} endings[] = {
	{"the answer is lost, and asking for it fails", {LOST_AT_COMMIT, .then_fails = true, .then = SQL_FATAL},
	 ERR_UNKNOWN, "the outcome of change " ID " is unknown", true},
	{"the answer is lost, and asking for it never comes to an end", {LOST_AT_COMMIT, .then_fails = true, .then = SQL_ROLLED_BACK},
	 ERR_UNKNOWN, "the outcome of change " ID " is unknown", true},
	{"the answer is lost, and a signal comes", {LOST_AT_COMMIT, SIGNAL("OPEN"), .forever_closed = true},
	 ERR_UNKNOWN, "the outcome of change " ID " is unknown", true},
	{"the connection is lost, and a signal comes", {.at = 9, .class = SQL_LOST, SIGNAL("OPEN"), .forever_closed = true},
	 ERR_INTERRUPTED, "interrupted: nothing was changed", false},
	{"the connection is lost for good", {.at = 9, .class = SQL_LOST, .forever_closed = true},
	 ERR_TARGET, "injected: no connection", false},
	{"a statement never passes", {.at = 9, .again = true, .class = SQL_STATEMENT}, ERR_REFUSED, "injected", false},
	{"others are always faster", {.at_write = 2, .again = true}, ERR_REFUSED, "somebody else is changing the same numbers", false},
};

static void test_endings(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		struct faults faults = endings[i].faults;
		int rc;

		put_rows(f);
		rc = with_faults(f, one_transaction, &faults);
		interrupt_hold(true);
		if (rc != endings[i].code || !strstr(f->err.text, endings[i].text) || f->err.code != rc)
			fail_msg("%s: %d (%s)", endings[i].title, rc, f->err.text);
		assigned(f, endings[i].is_there ? 10 : 0, endings[i].title);
		assert_int_equal(number_of(f, "SELECT COUNT(*) FROM didctl_changes"), endings[i].is_there);
		assert_int_equal(open_store(f, STORE_WRITE), 0);
		done(f, one_transaction(f));
		assert_int_equal(f->plan.is_replay, endings[i].is_there);
		assigned(f, 10, endings[i].title);
	}
}

/* Without a history nothing can be asked: it is not repeated, or a second number would be taken. */
static void test_unknown_without_tables(void **state)
{
	struct faults faults = {LOST_AT_COMMIT};
	struct fixture *f = *state;
	struct change c;

	seed(f, A, STATE_AVAILABLE, NULL);
	seed(f, B, STATE_AVAILABLE, NULL);
	faults_install(&faults, f);
	c = change_of(f, VERB_ASSIGN, NULL, "ACME");
	c.pick.count = 1;
	refused(f, c, ERR_UNKNOWN, "is unknown");
	assert_int_equal(faults.fired, 1);
	assert_string_equal(numbers_in(f, "org_id = 'o-acme'"), A "\n");
	store_close(f->store);
	f->store = NULL;
}

/* A sweep goes on to the next thing with a store whose server went away. */
static void test_used_after_the_end(void **state)
{
	struct faults faults = {.at = 9, .class = SQL_LOST, .forever_closed = true};
	struct fixture *f = *state;
	struct outgoing message;

	put_rows(f);
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(store_open(&f->store, f->conf, STORE_WRITE, 1, &f->err), 0);
	faults_install(&faults, f);
	refused(f, one_transaction(f), ERR_TARGET, "injected: no connection");
	for (int i = 0; i < 2; i++) {
		f->err = (struct err){0};
		assert_int_equal(store_outbox_claim(f->store, &message, &f->arena, &f->err), ERR_TARGET);
		assert_string_equal(f->err.text, "injected: no connection");
	}
	faults.forever_closed = false;
	assert_int_equal(store_outbox_claim(f->store, &message, &f->arena, &f->err), 0);
	store_close(f->store);
	f->store = NULL;
}

/* ---- more guards than one statement takes */

#define MANY 501

static struct change scattered(struct fixture *f)
{
	struct change c = change_of(f, VERB_ADD, NULL, NULL);

	for (int i = 0; i < MANY; i++)
		add_numbers(f, &c.selection.numbers, arena_printf(&f->arena, "91806%03d8000", i));
	return c;
}

static struct change of_many_owners(struct fixture *f)
{
	return change_of(f, VERB_RELEASE, "918065978000-8500", NULL);
}

static void put_owners(struct fixture *f)
{
	for (int i = 0; i < MANY; i++) {
		pbx(f, "INSERT INTO organizations (id, name) VALUES ('o-%03d', 'Org %03d')", i, i);
		seed(f, arena_printf(&f->arena, "918065978%03d", i), STATE_ASSIGNED, arena_printf(&f->arena, "o-%03d", i));
	}
}

static void check_guards(struct fixture *f, struct change (*make)(struct fixture *f), const char *kind)
{
	struct faults first = {.fail_before = "INSERT INTO didctl_guards", .class = SQL_FATAL}, last = first;

	last.fail_passes = 1;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(with_faults(f, make, i ? &last : &first), ERR_FAILED);
		assert_int_equal(number_of(f, "SELECT COUNT(*) FROM didctl_guards"), 0);
		assert_int_equal(number_of(f, "SELECT COUNT(*) FROM didctl_changes"), 0);
		assert_int_equal(open_store(f, STORE_WRITE), 0);
	}
	done(f, make(f));
	assert_int_equal(f->plan.changed, MANY);
	assert_int_equal(number_of(f, arena_printf(&f->arena, "SELECT COUNT(*) FROM didctl_guards WHERE name LIKE '%s:%%' AND seq = 1",
						   kind)), MANY);
}

static void test_many_blocks(void **state)
{
	check_guards(*state, scattered, "num");
}

static void test_many_owners(void **state)
{
	put_owners(*state);
	check_guards(*state, of_many_owners, "org");
}

/* A statement's worth of rows fails: what went before it in the same transaction is not there either. */
static struct change all_away(struct fixture *f)
{
	struct change c = scattered(f);

	c.verb = VERB_DELETE;
	return c;
}

static struct change all_back(struct fixture *f)
{
	struct change c = change_of(f, VERB_UNDO, NULL, NULL);

	c.undo_of = one(f, "SELECT id FROM didctl_changes WHERE verb = 'pool delete'");
	return c;
}

static void test_many_rows(void **state)
{
	static struct change (*const made[])(struct fixture *f) = {scattered, all_back};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		for (unsigned passes = 0; passes < 3; passes++) {
			struct faults faults = {.fail_before = "INSERT INTO did_numbers", .fail_passes = passes};

			assert_int_equal(with_faults(f, made[i], &faults), ERR_FAILED);
			assert_int_equal(number_of(f, "SELECT COUNT(*) FROM did_numbers"), 0);
		}
		assert_int_equal(open_store(f, STORE_WRITE), 0);
		done(f, made[i](f));
		assert_int_equal(number_of(f, "SELECT COUNT(*) FROM did_numbers"), MANY);
		if (i == 0)
			done(f, all_away(f));
	}
}

/* ---- seals */

static void test_seal(void **state)
{
	struct faults faults = {.at_write = 1};
	struct fixture *f = *state;
	struct seal_report report;

	done(f, change_of(f, VERB_ADD, A, NULL));
	interrupt_hold(false);
	assert_int_equal(store_seal(f->store, &report, NULL, &f->err), ERR_INTERRUPTED);
	interrupt_hold(true);
	assert_int_equal(number_of(f, "SELECT COUNT(*) FROM didctl_seals"), 0);
	faults_install(&faults, f);
	assert_int_equal(seal(f, 1), 1); /* somebody sealed one of its changes meanwhile: it was tried again */
	assert_int_equal(faults.fired, 1);
	assert_int_equal(faults.violations, 0);
	assert_int_equal(open_store(f, STORE_WRITE), 0);
	silent(f, "sealed");
}

static void test_seal_without_tables(void **state)
{
	struct fixture *f = *state;
	struct seal_report report;

	assert_int_equal(store_seal(f->store, &report, NULL, &f->err), ERR_TARGET);
	assert_non_null(strstr(f->err.text, "a seal needs didctl's own tables"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_endings),
		CASE(test_used_after_the_end),
		CASE(test_many_blocks),
		CASE(test_many_owners),
		CASE(test_many_rows),
		CASE(test_seal),
		CASE_PBX(test_seal_without_tables),
		CASE_PBX(test_unknown_without_tables),
	};

	interrupt_at_will();
	return run_suites(tests, ARRAY_SIZE(tests));
}
