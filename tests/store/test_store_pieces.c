/*
 * A change in pieces, ended at any moment: what was done is whole pieces, the result says how many numbers they have, the same
 * change again finishes it, and an undo takes the pieces back from the last one on.
 */
#include "tests/store/pieces.h"

#define CALLS_MAX 1000

/* What is told is what is there. */
static void check_told(struct fixture *f, unsigned at, int rc, unsigned made, unsigned numbers)
{
	const char *told = arena_printf(&f->arena, "%u of 10 numbers are done, the others as they were: injected", numbers);

	if (rc == 0 || rc == ERR_UNKNOWN)
		return;
	if (rc != (made ? ERR_PARTIAL : ERR_FAILED) || !strstr(f->err.text, made ? told : "injected"))
		fail_msg("call %u: %d (%s) after %u pieces", at, rc, f->err.text, made);
	if (made && (!strstr(f->err.hint, "goes on") || !strstr(f->err.hint, f->id)))
		fail_msg("call %u: the hint is '%s'", at, f->err.hint);
}

/* One fault in the change, then it is finished, one in its undo, and that is finished; false: neither came. */
static bool inject(struct fixture *f, unsigned at, enum sql_class class, bool is_retried)
{
	struct faults faults = {.at = at, .class = class}, undo_faults = faults;
	const char *when = arena_printf(&f->arena, "call %u", at), *before;
	unsigned made;
	int rc;

	put_rows(f);
	before = dump(f, true);
	rc = with_faults(f, assign, &faults);
	made = pieces_made(f, ID);
	if ((is_retried && rc < 0) || (rc == 0) != (made == 4))
		fail_msg("%s: %d (%s) after %u pieces", when, rc, f->err.text, made);
	assigned(f, made < 4 ? 3 * made : 10, when);
	check_told(f, at, rc, made, 3 * made);
	assert_int_equal(open_store(f, STORE_WRITE), 0);
	done(f, assign(f));
	assert_int_equal(f->plan.changed, 10);
	assert_true(f->plan.is_pieced && f->plan.is_replay == (made == 4));
	assigned(f, 10, when);
	rc = with_faults(f, take_back, &undo_faults);
	made = pieces_made(f, UNDO_ID);
	if ((is_retried && rc < 0) || (rc == 0) != (made == 4))
		fail_msg("%s: undo %d (%s) after %u pieces", when, rc, f->err.text, made);
	assigned(f, 3 * (4 - made) > 10 ? 10 : 3 * (4 - made), when);
	check_told(f, at, rc, made, made ? 3 * made - 2 : 0);
	assert_int_equal(open_store(f, STORE_WRITE), 0);
	done(f, take_back(f));
	assert_string_equal(dump(f, true), before);
	silent(f, when);
	return faults.fired || undo_faults.fired;
}

static void test_fails_at_every_call(void **state)
{
	struct fixture *f = *state;
	unsigned at, step = 8 * call_step(f) - 7; /* every call where all are asked for */

	for (at = 2; at < CALLS_MAX && inject(f, at, SQL_FATAL, false); at += step)
		;
	assert_true(at > 100 && at < CALLS_MAX);
	for (at = 1; at < CALLS_MAX && inject(f, at, SQL_ROLLED_BACK, true); at += 2 * step)
		;
	assert_true(at > 100 && at < CALLS_MAX);
}

/* The answer to a COMMIT is lost and no other connection can be made: the change has the id that was given, not the piece's. */
static void test_unknown(void **state)
{
	struct fixture *f = *state;

	for (int k = 0; k < 2; k++) {
		struct faults faults = {.in_commit = true, .does_it_all_the_same = true, .class = SQL_LOST, .forever_closed = true};

		put_rows(f);
		if (k) /* then it is a piece's COMMIT */
			assert_int_equal(interrupted_after(f, assign, 0, false), ERR_INTERRUPTED);
		assert_int_equal(with_faults(f, assign, &faults), ERR_UNKNOWN);
		assert_non_null(strstr(f->err.text, "of change " ID " is unknown"));
		assert_string_equal(f->err.hint, "didctl history resolve " ID);
		assert_int_equal(pieces_made(f, ID), k);
		assert_int_equal(open_store(f, STORE_WRITE), 0);
		done(f, assign(f));
		assigned(f, 10, "gone on");
	}
}

/* Of a change whose answer was lost, and that was made, nothing is made twice. */
static void test_answer_lost(void **state)
{
	struct fixture *f = *state;

	for (int k = 0; k < 2; k++) {
		struct faults faults = {.in_commit = true, .does_it_all_the_same = true, .class = SQL_LOST};

		put_rows(f);
		if (k)
			assert_int_equal(interrupted_after(f, assign, 0, false), ERR_INTERRUPTED);
		assert_int_equal(with_faults(f, assign, &faults), 0);
		assert_int_equal(faults.fired, 1);
		assert_int_equal(f->plan.changed, 10);
		assert_int_equal(pieces_made(f, ID), 4);
		assigned(f, 10, "answer lost");
		assert_int_equal(open_store(f, STORE_WRITE), 0);
		silent(f, "answer lost");
	}
}

static void test_interrupted(void **state)
{
	struct fixture *f = *state;

	put_rows(f);
	assert_int_equal(interrupted_after(f, assign, 0, false), ERR_INTERRUPTED);
	assert_string_equal(f->err.hint, "the same command with --change-id " ID " goes on");
	assigned(f, 0, "before the first piece");
	for (unsigned made = 1; made < 4; made++) {
		assert_int_equal(interrupted_after(f, assign, 1, true), ERR_PARTIAL);
		assert_string_equal(f->err.text, arena_printf(&f->arena, "%u of 10 numbers are done, the others as they were:"
									 " interrupted", 3 * made));
		assert_string_equal(f->err.hint, "the same command with --change-id " ID " goes on; what is done is taken back by:"
						 " didctl undo " ID);
		assert_int_equal(f->plan.changed, 3 * made);
		assigned(f, 3 * made, "interrupted");
	}
	done(f, assign(f));
	assigned(f, 10, "gone on");
	silent(f, "gone on");
}

/* ---- half done */

static struct change another_request(struct fixture *f)
{
	return pieces_of(f, VERB_ASSIGN, TEN, "Globex");
}

static struct change without_pieces(struct fixture *f)
{
	struct change c = assign(f);

	c.chunk = 0;
	return c;
}

static struct change other_undo(struct fixture *f)
{
	struct change c = take_back(f);

	assert_int_equal(uuid_make(c.id, &f->err), 0);
	c.id_given = false;
	return c;
}

static void test_half_done(void **state)
{
	struct fixture *f = *state;
	const char *before;
	struct change c;

	put_rows(f);
	assert_int_equal(interrupted_after(f, assign, 2, false), ERR_PARTIAL);
	before = dump(f, true);
	refused(f, another_request(f), ERR_REFUSED, "was used for another request");
	refused(f, without_pieces(f), ERR_REFUSED, "change " ID " is made in pieces: 6 of 10 numbers are done");
	assert_string_equal(f->err.hint, "with --chunk N it goes on");
	c = assign(f);
	c.dry_run = true;
	done(f, c);
	assert_int_equal(f->plan.changed, 6);
	assert_false(f->plan.is_replay);
	assert_true(says(&f->plan.follows, "6 of 10 numbers are done: the change goes on with the others"));
	assert_string_equal(dump(f, true), before);
	c = assign(f);
	c.chunk = 100; /* what is left is one piece */
	done(f, c);
	assigned(f, 10, "gone on");
	assert_int_equal(pieces_made(f, ID), 3);
	before = dump(f, true);
	done(f, without_pieces(f));
	assert_true(f->plan.is_replay && f->plan.is_pieced);
	assert_int_equal(f->plan.changed, 10);
	c = assign(f);
	c.dry_run = true;
	done(f, c);
	assert_true(f->plan.is_replay);
	refused(f, another_request(f), ERR_REFUSED, "was used for another request");
	assert_string_equal(dump(f, true), before);
}

/*
 * The first piece sets the default, the second leaves it; taken back the other way round the number that has it would be free
 * while the later ones are assigned.
 */
static void test_undo_takes_the_last_piece_first(void **state)
{
	static const unsigned left[] = {9, 6, 3};
	struct fixture *f = *state;
	const char *before;

	put_rows(f);
	before = dump(f, true);
	done(f, assign(f));
	assert_int_equal(interrupted_after(f, take_back, 1, false), ERR_PARTIAL);
	for (size_t i = 0; i < ARRAY_SIZE(left); i++) {
		char part[UUID_TEXT], undone[UUID_TEXT];

		assigned(f, left[i], "taken back");
		change_part_id(UNDO_ID, i, part);
		change_part_id(ID, 3 - i, undone);
		assert_string_equal(ask(f, "SELECT undo_of FROM didctl_changes WHERE id = '%s'", part),
				    arena_printf(&f->arena, "%s\n", undone));
		if (i + 1 < ARRAY_SIZE(left))
			assert_int_equal(interrupted_after(f, take_back, 1, true), ERR_PARTIAL);
	}
	refused(f, other_undo(f), ERR_REFUSED, "the undo of change " ID " is half done, by change " UNDO_ID);
	assert_string_equal(f->err.hint, "with --change-id " UNDO_ID " it goes on");
	done(f, assign(f)); /* all of it was done, whatever became of it */
	assert_true(f->plan.is_replay);
	assigned(f, 3, "replayed");
	done(f, take_back(f));
	assert_string_equal(dump(f, true), before);
	silent(f, "undone");
}

static void test_undo_of_what_is_half_done(void **state)
{
	struct fixture *f = *state;
	const char *before;

	put_rows(f);
	before = dump(f, true);
	assert_int_equal(interrupted_after(f, assign, 2, false), ERR_PARTIAL);
	done(f, take_back(f));
	assert_int_equal(pieces_made(f, UNDO_ID), 2);
	assert_string_equal(dump(f, true), before);
	refused(f, assign(f), ERR_REFUSED, "change " ID " was undone when 6 of 10 numbers were done");
	assert_string_equal(f->err.hint, "without --change-id it is a new change");
	done(f, take_back(f));
	assert_true(f->plan.is_replay);
	assert_string_equal(dump(f, true), before);
	assert_int_equal(undo(f, UNDO_ID), 0);
	assigned(f, 6, "its undo undone");
	silent(f, "its undo undone");
}

/* ---- others at the same moment */

/* On a connection of its own. */
static int elsewhere(struct fixture *f, struct change c)
{
	struct store *store;
	struct plan plan = {0};
	struct err err = {0};
	int rc;

	assert_int_equal(store_open(&store, f->conf, STORE_WRITE, 10, &err), 0);
	rc = store_apply(store, &c, &plan, &err);
	change_release(&c);
	plan_release(&plan);
	store_close(store);
	return rc;
}

static void make_the_same(struct fixture *f)
{
	assert_int_equal(elsewhere(f, assign(f)), 0);
}

static void make_as_one(struct fixture *f)
{
	assert_int_equal(elsewhere(f, without_pieces(f)), 0);
}

static void make_another(struct fixture *f)
{
	struct change c = another_request(f);

	c.chunk = 0;
	assert_int_equal(elsewhere(f, c), 0);
}

static void undo_it(struct fixture *f)
{
	assert_int_equal(elsewhere(f, take_back(f)), 0);
}

static const struct {
	const char *title;
	unsigned passes; /* how many times something was begun before: the look, the beginning, the pieces */
	void (*hook)(struct fixture *f);
	int code;
	const char *text;
	bool is_replay;
	unsigned made, left; /* pieces, and assigned numbers */
} races[] = {
	{"begun and finished", 1, make_the_same, 0, NULL, true, 4, 10},
	{"finished", 2, make_the_same, 0, NULL, false, 4, 10},
	{"finished after a piece", 3, make_the_same, 0, NULL, false, 4, 10},
	{"made as one transaction", 1, make_as_one, 0, NULL, true, 0, 10},
	{"the id used by another request", 1, make_another, ERR_REFUSED, "was used for another request", false, 0, 0},
	{"undone after two pieces", 4, undo_it, ERR_PARTIAL, "change " ID " is being undone", false, 2, 0},
};

static void test_races(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(races); i++) {
		struct faults faults = {.hook_before = "BEGIN", .hook_passes = races[i].passes, .hook = races[i].hook};
		int rc;

		put_rows(f);
		rc = with_faults(f, assign, &faults);
		if (faults.hook_before || rc != races[i].code || (races[i].text && !strstr(f->err.text, races[i].text)))
			fail_msg("%s: %d (%s)", races[i].title, rc, f->err.text);
		if (!rc && (f->plan.is_replay != races[i].is_replay || f->plan.changed != 10))
			fail_msg("%s: %llu changed, replay %d", races[i].title, (unsigned long long)f->plan.changed, f->plan.is_replay);
		assert_int_equal(pieces_made(f, ID), races[i].made);
		assigned(f, races[i].left, races[i].title);
		assert_int_equal(open_store(f, STORE_WRITE), 0);
		silent(f, races[i].title);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_fails_at_every_call),	      CASE(test_unknown),
		CASE(test_answer_lost),		      CASE(test_interrupted),
		CASE(test_half_done),		      CASE(test_undo_takes_the_last_piece_first),
		CASE(test_undo_of_what_is_half_done), CASE(test_races),
	};

	interrupt_at_will();
	return run_suites(tests, ARRAY_SIZE(tests));
}
