/* The history: compact, a chain even where others wrote between two changes, and good for the past and for undo. */
#include "tests/store/fixture.h"

#define A "918065978000"
#define B "918065978001"

static void set(struct change *c, enum did_field field, const char *value)
{
	c->value[field] = value;
	c->is_set[field] = true;
}

/* Two fields, so that one change's trace is told from another's. */
static void edit(struct fixture *f, const char *number, enum did_field field, const char *value)
{
	struct change c = change_of(f, VERB_EDIT, number, NULL);

	set(&c, field, value);
	done(f, c);
}

static void test_compact(void **state)
{
	struct fixture *f = *state;

	done(f, change_of(f, VERB_ADD, "918065978500-918065980999", NULL));
	assert_int_equal(f->plan.changed, 2500);
	assert_true(f->plan.is_recorded);
	assert_string_equal(ask(f, "SELECT block, first, last, n FROM didctl_history ORDER BY seq"),
			    "918065978|918065978500|918065978999|500\n918065979|918065979000|918065979999|1000\n"
			    "918065980|918065980000|918065980999|1000\n");
	done(f, change_of(f, VERB_ASSIGN, "918065978500-918065980999", "ACME"));
	assert_string_equal(ask(f, "SELECT first, last, n FROM didctl_history WHERE change_id = '%s' ORDER BY seq", f->id),
			    "918065978500|918065978500|1\n918065978501|918065978999|499\n"
			    "918065979000|918065979999|1000\n918065980000|918065980999|1000\n");
	assert_string_equal(ask(f, "SELECT verb, actor, host, n, changed, unchanged, refused, org_id, numbers"
				   " FROM didctl_changes WHERE id = '%s'", f->id),
			    "assign|tester|host|2500|2500|0|0|o-acme|918065978500-918065980999\n");
	assert_int_equal(undo(f, arena_strdup(&f->arena, f->id)), 0);
	done(f, change_of(f, VERB_DELETE, "918065978500-918065980999", NULL));
	assert_int_equal(undo(f, arena_strdup(&f->arena, f->id)), 0);
	assert_string_equal(ask(f, "SELECT COUNT(*), MIN(number), MAX(number) FROM did_numbers"),
			    "2500|918065978500|918065980999\n");
}

static void test_before_and_after(void **state)
{
	struct fixture *f = *state;

	seed(f, A, STATE_AVAILABLE, NULL);
	edit(f, A, DID_REGION, "Goa \"x\"");
	assert_string_equal(ask(f, "SELECT `before`, `after` FROM didctl_history"),
			    "{\"region\":null}|{\"region\":\"Goa \\\"x\\\"\"}\n");
}

/* ---- what others did between two changes */

static const struct {
	const char *title, *sql;
	const char *recorded; /* before and after of the external change */
} drifts[] = {
	{"a column", "UPDATE did_numbers SET region = 'Goa'", "{\"region\":\"Pune\"}|{\"region\":\"Goa\"}\n"},
	{"two columns", "UPDATE did_numbers SET region = NULL, provider = 'Jio'",
	 "{\"provider\":\"Tata\",\"region\":\"Pune\"}|{\"provider\":\"Jio\",\"region\":null}\n"},
	{"nothing that was ever recorded", "UPDATE did_numbers SET trunk_id = 't1'", ""},
	{"nothing", "UPDATE did_numbers SET region = 'Pune'", ""},
};

static void test_drift(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(drifts); i++) {
		struct change c;

		pbx(f, "DELETE FROM did_numbers");
		pbx(f, "DELETE FROM didctl_details");
		pbx(f, "DELETE FROM didctl_history");
		pbx(f, "DELETE FROM didctl_changes");
		seed(f, A, STATE_AVAILABLE, NULL);
		c = change_of(f, VERB_EDIT, A, NULL);
		set(&c, DID_REGION, "Pune");
		set(&c, DID_PROVIDER, "Tata");
		done(f, c);
		pbx(f, "%s", drifts[i].sql);
		edit(f, A, DID_NOTES, "x");
		if (says(&f->plan.warnings, "changed outside didctl") != (*drifts[i].recorded != '\0'))
			fail_msg("%s", drifts[i].title);
		assert_string_equal(ask(f, "SELECT h.`before`, h.`after` FROM didctl_history h JOIN didctl_changes c"
					   " ON c.id = h.change_id WHERE c.verb = 'external'"),
				    drifts[i].recorded);
		/* and what is recorded once is not found again */
		edit(f, A, DID_NOTES, "y");
		assert_false(says(&f->plan.warnings, "changed outside didctl"));
	}
}

static void test_drift_comes_and_goes(void **state)
{
	struct fixture *f = *state;
	struct change c;

	done(f, change_of(f, VERB_ADD, A "-8001", NULL));
	pbx(f, "DELETE FROM did_numbers WHERE number = '" A "'");
	c = change_of(f, VERB_LOCK, A "-8001", NULL);
	c.partial = true;
	refused(f, c, ERR_PARTIAL, "1 number was refused");
	assert_string_equal(ask(f, "SELECT h.first, h.last FROM didctl_history h JOIN didctl_changes c ON c.id = h.change_id"
				   " WHERE c.verb = 'external' AND h.`before` IS NOT NULL AND h.`after` IS NULL"),
			    A "|" A "\n");
	seed(f, A, STATE_AVAILABLE, NULL);
	edit(f, A, DID_NOTES, "x");
	assert_string_equal(ask(f, "SELECT h.first, h.last FROM didctl_history h JOIN didctl_changes c ON c.id = h.change_id"
				   " WHERE c.verb = 'external' AND h.`before` IS NULL AND h.`after` IS NOT NULL"),
			    A "|" A "\n");
}

/* The previous default caller ID is written too, so its chain has to hold as well. */
static void test_drift_of_the_old_default(void **state)
{
	struct fixture *f = *state;

	seed(f, A, STATE_AVAILABLE, NULL);
	seed(f, B, STATE_AVAILABLE, NULL);
	done(f, change_of(f, VERB_ASSIGN, A "-8001", "ACME")); /* A is the default */
	done(f, change_of(f, VERB_DEFAULT_SET, B, NULL));
	pbx(f, "UPDATE did_numbers SET is_default = 1 - is_default"); /* the PBX moves it back */
	done(f, change_of(f, VERB_DEFAULT_SET, B, NULL));
	assert_string_equal(ask(f, "SELECT number FROM did_numbers WHERE is_default = 1"), B "\n");
	if (f->is_api)
		return;
	assert_string_equal(ask(f, "SELECT c.verb, h.`before`, h.`after` FROM didctl_history h JOIN didctl_changes c"
				   " ON c.id = h.change_id WHERE h.first = '" A "' AND c.verb <> 'assign' ORDER BY c.at, c.id"),
			    "default set|{\"default\":true}|{\"default\":false}\n"
			    "external|{\"default\":false}|{\"default\":true}\n"
			    "default set|{\"default\":true}|{\"default\":false}\n");
}

/*
 * The previous default caller ID lies in another block, which somebody else is changing: it is not read before that is over,
 * or the history would be compared with a row of before it, and call the difference external.
 */
static void test_the_old_default_is_guarded(void **state)
{
	static const char old[] = "918065978000", new[] = "918065979000";
	struct fixture *f = *state;
	struct sql_store *s;

	if (!is_mysql(f)) /* SQLite has one writer */
		return;
	done(f, change_of(f, VERB_ADD, old, NULL));
	done(f, change_of(f, VERB_ADD, new, NULL));
	done(f, change_of(f, VERB_ASSIGN, old, "ACME"));
	done(f, change_of(f, VERB_ASSIGN, new, "ACME"));
	s = (struct sql_store *)f->store;
	s->target.timeout_s = 1;
	assert_int_equal(sql_text(s, "SET SESSION innodb_lock_wait_timeout = 1", &f->err), 0);
	assert_int_equal(f->driver->begin(f->pbx, true, &f->err), 0);
	pbx(f, "UPDATE didctl_guards SET seq = seq + 1 WHERE name = 'num:918065978'");
	refused(f, change_of(f, VERB_DEFAULT_SET, new, NULL), ERR_REFUSED, "Lock wait timeout");
	f->driver->rollback(f->pbx);
	done(f, change_of(f, VERB_DEFAULT_SET, new, NULL));
	assert_string_equal(ask(f, "SELECT COUNT(*) FROM didctl_changes WHERE verb = 'external'"), "0\n");
}

static void test_undo_after_others(void **state)
{
	struct fixture *f = *state;
	const char *id;

	seed(f, A, STATE_AVAILABLE, NULL);
	seed(f, B, STATE_AVAILABLE, NULL);
	edit(f, A " " B, DID_REGION, "Pune");
	id = arena_strdup(&f->arena, f->id);
	pbx(f, "UPDATE did_numbers SET region = 'Goa' WHERE number = '" A "'");
	assert_int_equal(undo(f, id), ERR_REFUSED);
	assert_string_equal(plan_text(f), A "+1 refused state\n" B "+1 changed available>available\n");
	assert_string_equal(ask(f, "SELECT region FROM did_numbers ORDER BY number"), "Goa\nPune\n");
	pbx(f, "UPDATE did_numbers SET region = 'Pune', provider = 'Jio' WHERE number = '" A "'");
	assert_int_equal(undo(f, id), 0);
	assert_string_equal(ask(f, "SELECT region, provider FROM did_numbers ORDER BY number"), "-|Jio\n-|-\n");
	assert_int_equal(undo(f, "00000000-0000-7000-8000-000000000000"), ERR_ABSENT);
}

/* How the listings tell it: changes, the events of a number, of one change, of an actor and a time. */
static void test_what_is_told(void **state)
{
	static const int change[] = {CHANGE_VERB, CHANGE_ACTOR, CHANGE_COUNT, CHANGE_NUMBERS, CHANGE_UNDO_OF};
	static const int event[] = {EVENT_NUMBER, EVENT_VERB, EVENT_BEFORE, EVENT_AFTER};
	struct query changes = {.listing = LIST_CHANGES, .columns = change, .ncolumns = ARRAY_SIZE(change)};
	struct query events = {.listing = LIST_EVENTS, .columns = event, .ncolumns = ARRAY_SIZE(event)};
	struct fixture *f = *state;
	struct selection one = {0};
	char id[UUID_TEXT];

	seed(f, A, STATE_AVAILABLE, NULL);
	seed(f, B, STATE_AVAILABLE, NULL);
	done(f, change_of(f, VERB_ASSIGN, A "-8001", "ACME"));
	edit(f, B, DID_REGION, "Pune");
	memcpy(id, f->id, sizeof(id));
	assert_int_equal(undo(f, id), 0);
	assert_string_equal(listed(f, &changes),
			    arena_printf(&f->arena, "assign|tester|2|" A "-" B "|-\npool edit|tester|1|" B "|-\n"
						    "undo|tester|1|" B "|%s\n", id));
	changes.actor = "nobody";
	assert_string_equal(listed(f, &changes), "");
	events.change_id = id;
	assert_string_equal(listed(f, &events), B "|pool edit|{\"region\":null}|{\"region\":\"Pune\"}\n");
	events.change_id = NULL;
	add_numbers(f, &one.numbers, A);
	events.selection = &one;
	assert_string_equal(listed(f, &events),
			    A "|assign|{\"pool_status\":\"available\",\"org_id\":null,\"default\":false}|"
			      "{\"pool_status\":\"assigned\",\"org_id\":\"o-acme\",\"default\":true}\n");
	selection_release(&one);
}

static void test_broken_history(void **state)
{
	struct fixture *f = *state;
	const char *before, *id;

	seed(f, A, STATE_AVAILABLE, NULL);
	edit(f, A, DID_REGION, "Pune");
	id = arena_strdup(&f->arena, f->id);
	before = dump(f, true);
	pbx(f, "UPDATE didctl_history SET `before` = '{\"region\":'");
	assert_true(undo(f, id) < 0);
	assert_string_equal(dump(f, true), before);
}

/* ---- the past */

static void check_at(struct fixture *f, int64_t ms, const char *expected)
{
	struct value row[DID_FIELDS] = {{0}};
	struct selection sel = {0};
	char time[CLOCK_TEXT];
	const char *got;
	int rc;

	add_numbers(f, &sel.numbers, A);
	rc = store_at(f->store, &sel, clock_format(ms, time), row, &f->arena, &f->err);
	if (rc < 0)
		fail_msg("%s", f->err.text);
	got = !rc ? "none" : arena_printf(&f->arena, "%s %s %s %s", row[DID_NUMBER].s, row[DID_STATE].s,
					  row[DID_ORG].s ? row[DID_ORG].s : "-", row[DID_NOTES].s ? row[DID_NOTES].s : "-");
	assert_string_equal(got, expected);
	selection_release(&sel);
}

static void test_at(void **state)
{
	struct fixture *f = *state;
	int64_t at[8];
	int n = 0;

	done(f, change_of(f, VERB_ADD, A "-8001", NULL));
	at[n++] = f->now_ms;
	done(f, change_of(f, VERB_ASSIGN, A "-8001", "ACME"));
	at[n++] = f->now_ms;
	edit(f, A, DID_NOTES, "quiet");
	at[n++] = f->now_ms;
	done(f, change_of(f, VERB_RELEASE, A, NULL));
	at[n++] = f->now_ms;
	done(f, change_of(f, VERB_DELETE, A, NULL));
	at[n++] = f->now_ms;
	done(f, change_of(f, VERB_ADD, A, NULL));
	check_at(f, at[0] - 1000, "none");
	check_at(f, at[0], A " available - -");
	check_at(f, at[1], A " assigned ACME -");
	check_at(f, at[2], A " assigned ACME quiet");
	check_at(f, at[3], A " available - quiet");
	check_at(f, at[4], "none");
	check_at(f, f->now_ms + 1000, A " available - -");
}

static void resolved(struct fixture *f, const char *id, enum outcome expected)
{
	enum outcome outcome;

	if (store_resolve(f->store, id, &outcome, &f->err) < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(outcome, expected);
}

static void test_resolve(void **state)
{
	static const char absent[] = "00000000-0000-7000-8000-000000000001";
	struct fixture *f = *state;
	struct sql_store *s;

	done(f, change_of(f, VERB_ADD, A, NULL));
	resolved(f, f->id, OUTCOME_COMMITTED);
	resolved(f, absent, OUTCOME_NOT_THERE);
	s = (struct sql_store *)f->store;
	if (is_mysql(f)) /* the wait is 10 s, which a test need not */
		assert_int_equal(sql_text(s, "SET SESSION innodb_lock_wait_timeout = 1", &f->err), 0);
	else
		f->driver->set_timeout(s->db, 1);
	assert_int_equal(f->driver->begin(f->pbx, true, &f->err), 0);
	pbx(f, "INSERT INTO didctl_changes (id, at, verb) VALUES ('%s', 'x', 'x')", absent);
	resolved(f, absent, OUTCOME_OPEN);
	f->driver->rollback(f->pbx);
	resolved(f, absent, OUTCOME_NOT_THERE);
	assert_string_equal(ask(f, "SELECT COUNT(*) FROM didctl_changes"), "1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_compact),		 CASE(test_before_and_after),
		CASE(test_drift),		 CASE(test_drift_comes_and_goes),
		CASE(test_drift_of_the_old_default), CASE(test_the_old_default_is_guarded), CASE(test_undo_after_others),
		CASE(test_what_is_told), CASE(test_broken_history),	 CASE(test_at),
		CASE(test_resolve),
	};
	const struct CMUnitTest api[] = {
		CASE_API(test_drift_of_the_old_default), CASE_API(test_undo_after_others), CASE_API(test_what_is_told),
	};

	return run_suites_and_api(tests, ARRAY_SIZE(tests), api, ARRAY_SIZE(api));
}
