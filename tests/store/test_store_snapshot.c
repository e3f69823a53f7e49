/* One moment of the inventory for several queries, and how far it is: what regen renders the switch's files from. */
#include "tests/store/fixture.h"

static const char *numbers(struct fixture *f)
{
	static const int columns[] = {DID_NUMBER, DID_STATE, DID_ORG_ID};
	static const struct selection all = {0};
	const struct query query = {.listing = LIST_NUMBERS, .columns = columns, .ncolumns = 3, .selection = &all};

	return listed(f, &query);
}

static const char *prefixes(struct fixture *f)
{
	static const int columns[] = {ORG_ID, ORG_CONTEXT_PREFIX};
	const struct query query = {.listing = LIST_ORGS, .columns = columns, .ncolumns = 2, .name = "ACME"};

	return listed(f, &query);
}

/* What another program commits: a number moves to an organisation that has another prefix from the same moment on. */
#define MOVE "UPDATE did_numbers SET org_id = 'o-glob' WHERE number = '918065978000'"
#define RENAME "UPDATE organizations SET context_prefix = 'org_new' WHERE id = 'o-acme'"

/* SQLite lets nobody commit while somebody reads, and the other one waits; MariaDB does. */
static void commit_beside(struct fixture *f)
{
	if (is_mysql(f)) {
		pbx(f, "START TRANSACTION");
		pbx(f, MOVE);
		pbx(f, RENAME);
		pbx(f, "COMMIT");
		return;
	}
	pbx(f, "PRAGMA busy_timeout = 0");
	assert_true(f->driver->exec(f->pbx, MOVE, NULL, 0, NULL, &f->err) < 0);
}

static void test_one_moment(void **state)
{
	struct fixture *f = *state;
	const char *orgs, *rows;
	uint64_t generation;

	seed(f, "918065978000", STATE_ASSIGNED, "o-acme");
	assert_int_equal(store_begin_snapshot(f->store, &f->err), 0);
	assert_int_equal(store_generation(f->store, &generation, &f->err), 0);
	orgs = prefixes(f);
	assert_string_equal(orgs, "o-acme|org_acme\n");
	commit_beside(f);
	rows = numbers(f);
	assert_string_equal(rows, "918065978000|assigned|o-acme\n");
	assert_string_equal(prefixes(f), orgs);
	store_end_snapshot(f->store);
	if (!is_mysql(f)) {
		pbx(f, MOVE);
		pbx(f, RENAME);
	}
	assert_string_equal(numbers(f), "918065978000|assigned|o-glob\n");
	assert_string_equal(prefixes(f), "o-acme|org_new\n");
}

/* It is for one transaction: later statements see what is committed, and changes go on as ever. */
static void test_session_as_before(void **state)
{
	struct fixture *f = *state;

	seed(f, "918065978000", STATE_AVAILABLE, NULL);
	assert_int_equal(store_begin_snapshot(f->store, &f->err), 0);
	store_end_snapshot(f->store);
	done(f, change_of(f, VERB_ASSIGN, "918065978000", "ACME"));
	assert_int_equal(store_begin_snapshot(f->store, &f->err), 0);
	assert_string_equal(numbers(f), "918065978000|assigned|o-acme\n");
	store_end_snapshot(f->store);
	done(f, change_of(f, VERB_RELEASE, "918065978000", NULL));
}

static uint64_t generation_of(struct fixture *f)
{
	uint64_t generation;

	assert_int_equal(store_generation(f->store, &generation, &f->err), 0);
	return generation;
}

static void test_generation(void **state)
{
	struct fixture *f = *state;
	struct change note;
	uint64_t before, live;

	seed(f, "918065978000", STATE_AVAILABLE, NULL);
	assert_int_equal(generation_of(f), 0);
	done(f, change_of(f, VERB_ASSIGN, "918065978000", "ACME"));
	before = generation_of(f);
	assert_true(before > 0);
	note = change_of(f, VERB_EDIT, "918065978000", NULL);
	note.value[DID_NOTES] = "moves no call";
	note.is_set[DID_NOTES] = true;
	done(f, note);
	assert_int_equal(generation_of(f), before);
	done(f, change_of(f, VERB_RELEASE, "918065978000", NULL));
	assert_true(generation_of(f) > before);
	assert_int_equal(store_live(f->store, &live, &f->err), 0);
	assert_int_equal(live, 0);
	assert_int_equal(store_set_live(f->store, before, &f->err), 0);
	assert_int_equal(store_set_live(f->store, generation_of(f), &f->err), 0);
	assert_int_equal(store_live(f->store, &live, &f->err), 0);
	assert_int_equal(live, generation_of(f));
}

static void test_pbx_alone(void **state)
{
	struct fixture *f = *state;
	uint64_t live;

	assert_int_equal(generation_of(f), 0);
	assert_int_equal(store_live(f->store, &live, &f->err), 0);
	assert_int_equal(live, 0);
	assert_int_equal(store_set_live(f->store, 1, &f->err), ERR_TARGET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_one_moment),
		CASE(test_session_as_before),
		CASE(test_generation),
		CASE_PBX(test_pbx_alone),
	};

	return run_suites(tests, ARRAY_SIZE(tests));
}
