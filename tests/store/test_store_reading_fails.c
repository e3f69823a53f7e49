/*
 * What only reads, or writes one thing: where the database fails at one call after the other, the error is what is told, nothing
 * is asked behind it, and the same question is answered as soon as the database does its part again.
 */
#include "tests/store/verified.h"

#define CALLS_MAX 400
#define ID "00000000-0000-7000-8000-000000000001"

static struct change with_id(struct change c)
{
	snprintf(c.id, sizeof(c.id), "%s", ID);
	c.id_given = true;
	return c;
}

static int applied(struct fixture *f, struct change c)
{
	int rc = apply(f, &c);

	change_release(&c);
	return rc;
}

static struct change new_org(struct fixture *f)
{
	struct change c = change_of(f, VERB_ORG_ADD, NULL, NULL);

	c.object_value[ORG_NAME] = "Initech";
	c.object_is_set[ORG_NAME] = true;
	return c;
}

static int check(struct fixture *f, enum check what)
{
	struct collector c = {.finder = {collect}};
	int rc = what == CHECK_LIVE ? store_survey(f->store, CHECK_BIT(what), &c.finder, &f->err) :
				      store_verify(f->store, CHECK_BIT(what), &c.finder, NULL, &f->err);

	buf_release(&c.out);
	return rc;
}

static int ask_history(struct fixture *f)
{
	return check(f, CHECK_HISTORY);
}

static int ask_rows(struct fixture *f)
{
	return check(f, CHECK_REPLAY);
}

static int ask_live(struct fixture *f)
{
	return check(f, CHECK_LIVE);
}

static int ask_generation(struct fixture *f)
{
	uint64_t n;

	return store_generation(f->store, &n, &f->err);
}

static int ask_what_is_live(struct fixture *f)
{
	uint64_t n;

	return store_live(f->store, &n, &f->err);
}

static int note_live(struct fixture *f)
{
	return store_set_live(f->store, 1, &f->err);
}

static int make_seal(struct fixture *f)
{
	struct seal_report report;

	return store_seal(f->store, &report, NULL, &f->err);
}

static int repeat_assign(struct fixture *f)
{
	return applied(f, with_id(change_of(f, VERB_ASSIGN, A "-8001", "ACME")));
}

static int repeat_new_org(struct fixture *f)
{
	return applied(f, with_id(new_org(f)));
}

static int look_at_rows(struct fixture *f)
{
	struct change c = change_of(f, VERB_LOCK, NULL, NULL);

	selection_add_id(&c.selection, "row-" A);
	selection_add_id(&c.selection, "row-" B);
	c.dry_run = true;
	return applied(f, c);
}

static int look_at_twins(struct fixture *f)
{
	struct change c = change_of(f, VERB_LOCK, C, NULL);
	int rc;

	c.dry_run = true;
	rc = applied(f, c);
	return rc == ERR_REFUSED ? 0 : rc; /* as twins */
}

static int find_org(struct fixture *f)
{
	struct org org;

	return store_find_org(f->store, "org_acme", &org, &f->arena, &f->err);
}

static const struct {
	const char *title;
	int (*ask)(struct fixture *f);
	bool repeats_org;     /* the change with the id is the organisation's and not the numbers' */
	enum sql_class class; /* of a survey SQL_LOST: what it cannot look at it tells, and it ends with the connection */
} questions[] = {
	{"history", ask_history, false, SQL_FATAL},
	{"rows by the history", ask_rows, false, SQL_FATAL},
	{"what is not live", ask_live, false, SQL_LOST},
	{"generation", ask_generation, false, SQL_FATAL},
	{"what is live", ask_what_is_live, false, SQL_FATAL},
	{"noting what is live", note_live, false, SQL_FATAL},
	{"an assignment again", repeat_assign, false, SQL_FATAL},
	{"a new organisation again", repeat_new_org, true, SQL_FATAL},
	{"rows by id", look_at_rows, false, SQL_FATAL},
	{"rows of one number", look_at_twins, false, SQL_FATAL},
	{"an organisation", find_org, false, SQL_FATAL},
	{"a seal", make_seal, false, SQL_FATAL},
};

/* Four changes; of what they left one row went, one is spelled otherwise, and one number has two. */
static void put_history(struct fixture *f, bool repeats_org)
{
	static const char *const emptied[] = {"didctl_history", "didctl_changes", "didctl_details", "didctl_guards", "didctl_seals",
					      "did_numbers"};
	struct change c;

	for (size_t i = 0; i < ARRAY_SIZE(emptied); i++)
		pbx(f, "DELETE FROM %s", emptied[i]);
	pbx(f, "DELETE FROM organizations WHERE name = 'Initech'");
	for (int i = 0; i < 6; i++)
		seed(f, arena_printf(&f->arena, "91806597800%d", i), STATE_AVAILABLE, NULL);
	assert_int_equal(open_store(f, STORE_WRITE), 0);
	c = change_of(f, VERB_ASSIGN, A "-8001", "ACME");
	done(f, repeats_org ? c : with_id(c));
	c = new_org(f);
	done(f, repeats_org ? with_id(c) : c);
	done(f, change_of(f, VERB_LOCK, "918065978003-8005", NULL));
	done(f, change_of(f, VERB_ADD, "918065978008-8009", NULL));
	pbx(f, "DELETE FROM did_numbers WHERE number = '918065978004'");
	pbx(f, "UPDATE did_numbers SET number = '(91) 80-6597.8003' WHERE number = '918065978003'");
	seed(f, "0" C, STATE_AVAILABLE, NULL);
	seed(f, "no-number", STATE_AVAILABLE, NULL);
	assert_int_equal(store_set_live(f->store, 1, &f->err), 0);
}

static void check_question(struct fixture *f, size_t i)
{
	bool fired = true;
	unsigned at;

	put_history(f, questions[i].repeats_org);
	for (at = 1; fired && at < CALLS_MAX; at++) {
		struct faults faults = {.at = at, .class = questions[i].class};
		int rc;

		assert_int_equal(open_store(f, STORE_WRITE), 0);
		faults_install(&faults, f);
		rc = questions[i].ask(f);
		fired = faults.fired;
		store_close(f->store);
		f->store = NULL;
		if (rc != (fired ? ERR_FAILED : 0) || (fired && !strstr(f->err.text, "injected")))
			fail_msg("%s, call %u: %d (%s)", questions[i].title, at, rc, f->err.text);
		if (faults.violations)
			fail_msg("%s, call %u: %u calls after the error", questions[i].title, at, faults.violations);
	}
	if (at < 3 || at == CALLS_MAX)
		fail_msg("%s: over after %u calls", questions[i].title, at);
}

static void test_every_question(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++)
		check_question(*state, i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {CASE(test_every_question)};

	return run_suites(tests, ARRAY_SIZE(tests));
}
