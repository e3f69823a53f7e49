/*
 * Mending rows that no forward verb accepts: every rule as a table row, with what the plan says and what the tables hold
 * afterwards. A dry run of each writes nothing, and each is undone to the byte, faults and all.
 */
#include "tests/store/fixture.h"

#define A "918065978000"
#define B "918065978001"
#define C "918065978002"
#define REPAIRS_MAX 4

struct repair_case {
	const char *title;
	const char *sql[4]; /* what is broken, a statement each */
	struct repair repairs[REPAIRS_MAX];
	const char *plan;
	const char *after; /* id, number, pool_status, status, org_id, is_default of every row */
	enum over_api over_api;
};

#define ROW(id, number, pool_status, status, org, is_default)                                                          \
	"INSERT INTO did_numbers (id, number, pool_status, status, org_id, is_default, routing_type, monthly_price)"  \
	" VALUES ('" id "', '" number "', " pool_status ", " status ", " org ", " is_default ", 'extension', 1.50)"
#define DETAILS(number) \
	"INSERT INTO didctl_details (number, tags, locked) VALUES ('" number "', 'vip', 1)"

static const struct repair_case cases[] = {
	{"state: an owner is believed", {ROW("a", A, "'available'", "'suspended'", "'o-acme'", "1")}, {{CHECK_STATE, "a", NULL}},
	 A "+1 changed unknown>blocked\n", "a|" A "|assigned|suspended|o-acme|0\n", LACKS_UNDO},
	{"state: of an owner without a status", {ROW("a", A, "'reserved'", "NULL", "'o-acme'", "0")}, {{CHECK_STATE, "a", NULL}},
	 A "+1 changed unknown>assigned\n", "a|" A "|assigned|active|o-acme|0\n", LACKS_UNDO},
	{"state: a request stays one", {ROW("a", A, "'pending'", "'suspended'", "'o-acme'", "0")}, {{CHECK_STATE, "a", NULL}},
	 A "+1 changed unknown>pending\n", "a|" A "|pending|active|o-acme|0\n", LACKS_UNDO},
	{"state: free without a status", {ROW("a", A, "'available'", "NULL", "NULL", "0"), ROW("b", B, "'reserved'", "NULL", "NULL", "0")},
	 {{CHECK_STATE, "a", NULL}, {CHECK_STATE, "b", NULL}},
	 A "+1 changed unknown>available\n" B "+1 changed unknown>reserved\n",
	 "a|" A "|available|active|-|0\nb|" B "|reserved|active|-|0\n", LACKS_UNDO},
	{"state: free and suspended is not for sale", {ROW("a", A, "'available'", "'suspended'", "NULL", "1"), DETAILS(A)},
	 {{CHECK_STATE, "a", NULL}}, A "+1 changed unknown>reserved\n", "a|" A "|reserved|active|-|0\n", LACKS_UNDO},
	{"state: sound by now", {ROW("a", A, "'available'", "'active'", "NULL", "0")}, {{CHECK_STATE, "a", NULL}},
	 A "+1 unchanged available>available\n", "a|" A "|available|active|-|0\n", SAME},

	{"owner: free numbers lose theirs", {ROW("a", A, "'available'", "'active'", "'o-acme'", "1"), ROW("b", B, "'reserved'", "'ported'", "'o-acme'", "0"), ROW("c", C, "'reserved'", "'inactive'", "'o-glob'", "0")},
	 {{CHECK_OWNER, "a", NULL}, {CHECK_OWNER, "b", NULL}, {CHECK_OWNER, "c", NULL}},
	 A "+1 changed available>available\n" B "+1 changed ported>ported\n" C "+1 changed archived>archived\n",
	 "a|" A "|available|active|-|0\nb|" B "|reserved|ported|-|0\nc|" C "|reserved|inactive|-|0\n", LACKS_UNDO},
	{"owner: held ones without go back", {ROW("a", A, "'assigned'", "'active'", "NULL", "1"), ROW("b", B, "'assigned'", "'suspended'", "NULL", "0")},
	 {{CHECK_OWNER, "a", NULL}, {CHECK_OWNER, "b", NULL}},
	 A "+1 changed assigned>reserved\n" B "+1 changed blocked>reserved\n",
	 "a|" A "|reserved|active|-|0\nb|" B "|reserved|active|-|0\n", LACKS_UNDO},
	{"owner: sound by now", {ROW("a", A, "'assigned'", "'active'", "'o-acme'", "1")}, {{CHECK_OWNER, "a", NULL}},
	 A "+1 unchanged assigned>assigned\n", "a|" A "|assigned|active|o-acme|1\n", SAME},

	{"owner-missing: held, asked for, and not for sale", {ROW("a", A, "'assigned'", "'active'", "'gone'", "1"), ROW("b", B, "'pending'", "'active'", "'gone'", "0"), ROW("c", C, "'reserved'", "'ported'", "'gone'", "0"), DETAILS(A)},
	 {{CHECK_OWNER_MISSING, "a", NULL}, {CHECK_OWNER_MISSING, "b", NULL}, {CHECK_OWNER_MISSING, "c", NULL}},
	 A "+1 changed assigned>available\n" B "+1 changed pending>available\n" C "+1 changed ported>ported\n",
	 "a|" A "|available|active|-|0\nb|" B "|available|active|-|0\nc|" C "|reserved|ported|-|0\n", LACKS_UNDO},
	{"owner-missing: there by now", {ROW("a", A, "'assigned'", "'active'", "'o-acme'", "1")}, {{CHECK_OWNER_MISSING, "a", NULL}},
	 A "+1 unchanged assigned>assigned\n", "a|" A "|assigned|active|o-acme|1\n", SAME},

	{"default-state", {ROW("a", A, "'assigned'", "'suspended'", "'o-acme'", "1"), ROW("b", B, "'reserved'", "'active'", "NULL", "1")},
	 {{CHECK_DEFAULT_STATE, "a", NULL}, {CHECK_DEFAULT_STATE, "b", NULL}},
	 A "+1 changed blocked>blocked\n" B "+1 changed reserved>reserved\n",
	 "a|" A "|assigned|suspended|o-acme|0\nb|" B "|reserved|active|-|0\n", LACKS_UNDO},

	{"two-defaults", {ROW("a", A, "'assigned'", "'active'", "'o-acme'", "1"), ROW("b", B, "'assigned'", "'active'", "'o-acme'", "1")},
	 {{CHECK_TWO_DEFAULTS, "a", "b"}}, A "+1 changed assigned>assigned\n",
	 "a|" A "|assigned|active|o-acme|0\nb|" B "|assigned|active|o-acme|1\n", LACKS_UNDO},
	{"two-defaults: one by now", {ROW("a", A, "'assigned'", "'active'", "'o-acme'", "0"), ROW("b", B, "'assigned'", "'active'", "'o-acme'", "1")},
	 {{CHECK_TWO_DEFAULTS, "a", "b"}}, A "+1 unchanged assigned>assigned\n",
	 "a|" A "|assigned|active|o-acme|0\nb|" B "|assigned|active|o-acme|1\n", SAME},

	{"no-default", {ROW("a", A, "'assigned'", "'active'", "'o-acme'", "0"), ROW("b", B, "'assigned'", "'active'", "'o-acme'", "0")},
	 {{CHECK_NO_DEFAULT, "a", NULL}}, A "+1 changed assigned>assigned\n",
	 "a|" A "|assigned|active|o-acme|1\nb|" B "|assigned|active|o-acme|0\n", SAME},
	{"no-default: only one gets it", {ROW("a", A, "'assigned'", "'active'", "'o-acme'", "0"), ROW("b", B, "'assigned'", "'active'", "'o-acme'", "0")},
	 {{CHECK_NO_DEFAULT, "a", NULL}, {CHECK_NO_DEFAULT, "b", NULL}},
	 A "+1 changed assigned>assigned\n" B "+1 unchanged assigned>assigned\n",
	 "a|" A "|assigned|active|o-acme|1\nb|" B "|assigned|active|o-acme|0\n", SAME},
	{"no-default: there is one by now, or none can be", {ROW("a", A, "'assigned'", "'active'", "'o-acme'", "0"), ROW("b", B, "'assigned'", "'active'", "'o-acme'", "1"), ROW("c", C, "'assigned'", "'suspended'", "'o-glob'", "0")},
	 {{CHECK_NO_DEFAULT, "a", NULL}, {CHECK_NO_DEFAULT, "c", NULL}},
	 A "+1 unchanged assigned>assigned\n" C "+1 unchanged blocked>blocked\n",
	 "a|" A "|assigned|active|o-acme|0\nb|" B "|assigned|active|o-acme|1\nc|" C "|assigned|suspended|o-glob|0\n", SAME},
	{"no-default: one without service makes room", {ROW("a", A, "'assigned'", "'active'", "'o-acme'", "0"), ROW("b", B, "'assigned'", "'suspended'", "'o-acme'", "1")},
	 {{CHECK_NO_DEFAULT, "a", NULL}}, A "+1 changed assigned>assigned\n+ " B "+1 changed blocked>blocked\n",
	 "a|" A "|assigned|active|o-acme|1\nb|" B "|assigned|suspended|o-acme|0\n", LACKS_UNDO},
	{"no-default: the one that there is goes in the same change", {ROW("a", A, "'assigned'", "'active'", "'o-acme'", "0"), ROW("b", B, "'assigned'", "'suspended'", "'o-acme'", "1")},
	 {{CHECK_NO_DEFAULT, "a", NULL}, {CHECK_DEFAULT_STATE, "b", NULL}},
	 A "+1 changed assigned>assigned\n" B "+1 changed blocked>blocked\n",
	 "a|" A "|assigned|active|o-acme|1\nb|" B "|assigned|suspended|o-acme|0\n", LACKS_UNDO},

	{"spelling", {ROW("a", "0806-597-8000", "'assigned'", "'active'", "'o-acme'", "1"), DETAILS("0806-597-8000")},
	 {{CHECK_SPELLING, "a", NULL}}, A "+1 changed assigned>assigned\n", "a|" A "|assigned|active|o-acme|1\n", LACKS},
	{"spelling: of the digits", {ROW("a", A, "'assigned'", "'active'", "'o-acme'", "1")}, {{CHECK_SPELLING, "a", NULL}},
	 A "+1 unchanged assigned>assigned\n", "a|" A "|assigned|active|o-acme|1\n", SAME},
	{"spelling and state of one row", {ROW("a", "0806 597 8000", "'available'", "'suspended'", "'o-acme'", "0"), DETAILS("0806 597 8000")},
	 {{CHECK_SPELLING, "a", NULL}, {CHECK_STATE, "a", NULL}}, A "+1 changed unknown>blocked\n",
	 "a|" A "|assigned|suspended|o-acme|0\n", LACKS},
	{"state of a row in an odd spelling", {ROW("a", "0806-597-8000", "'available'", "'suspended'", "'o-acme'", "0"), DETAILS("0806-597-8000")},
	 {{CHECK_STATE, "a", NULL}}, A "+1 changed unknown>blocked\n", "a|0806-597-8000|assigned|suspended|o-acme|0\n", LACKS_UNDO},

	{"twin", {ROW("a", A, "'assigned'", "'active'", "'o-acme'", "1"), ROW("b", "08065978000", "'available'", "'suspended'", "'o-glob'", "1"), "INSERT INTO didctl_details (number, tags) VALUES ('08065978000', 'vip')"},
	 {{CHECK_TWIN, "b", "a"}}, A "+1 unchanged assigned>assigned\n" A "+1 changed unknown>none\n",
	 "a|" A "|assigned|active|o-acme|1\n", LACKS_UNDO},
	{"twin: the one that stays is mended and gets the other's spelling", {ROW("a", A, "'available'", "'active'", "NULL", "0"), ROW("b", "0806-597-8000", "'available'", "'suspended'", "'o-acme'", "0")},
	 {{CHECK_TWIN, "a", "b"}, {CHECK_STATE, "b", NULL}, {CHECK_SPELLING, "b", NULL}},
	 A "+1 changed available>none\n" A "+1 changed unknown>blocked\n", "b|" A "|assigned|suspended|o-acme|0\n", LACKS},

	{"twin: both are defaults of one organisation", {ROW("a", A, "'assigned'", "'active'", "'o-acme'", "1"), ROW("b", "08065978000", "'assigned'", "'active'", "'o-acme'", "1")},
	 {{CHECK_TWIN, "a", "b"}, {CHECK_TWO_DEFAULTS, "b", "a"}},
	 A "+1 changed assigned>none\n" A "+1 unchanged assigned>assigned\n", "b|08065978000|assigned|active|o-acme|1\n", LACKS_UNDO},

	{"outbound: not assigned", {ROW("a", A, "'reserved'", "'active'", "NULL", "0"), "UPDATE users SET outbound_did = '08065978000' WHERE id = 'u-ann'"},
	 {{CHECK_OUTBOUND, "u-ann", NULL}}, "user Ann\n", "a|" A "|reserved|active|-|0\n", SAME},
	{"outbound: somebody else's, no number at all", {ROW("a", A, "'assigned'", "'active'", "'o-glob'", "1"), "UPDATE users SET outbound_did = '08065978000' WHERE id = 'u-ann'", "UPDATE users SET outbound_did = 'x' WHERE id = 'u-bob'"},
	 {{CHECK_OUTBOUND, "u-ann", NULL}, {CHECK_OUTBOUND, "u-bob", NULL}}, "user Ann\nuser Bob\n",
	 "a|" A "|assigned|active|o-glob|1\n", LACKS_UNDO},
	{"outbound: held by now, and in the same change", {ROW("a", A, "'assigned'", "'active'", "'o-acme'", "1"), ROW("b", B, "'reserved'", "NULL", "'o-glob'", "0"), "UPDATE users SET outbound_did = '08065978000' WHERE id = 'u-ann'", "UPDATE users SET outbound_did = '08065978001' WHERE id = 'u-bob'"},
	 {{CHECK_OUTBOUND, "u-ann", NULL}, {CHECK_OUTBOUND, "u-bob", NULL}, {CHECK_STATE, "b", NULL}},
	 B "+1 changed unknown>assigned\n", "a|" A "|assigned|active|o-acme|1\nb|" B "|assigned|active|o-glob|0\n", LACKS_UNDO},

	{"several faults of one row", {ROW("a", A, "'assigned'", "NULL", "'gone'", "1")},
	 {{CHECK_DEFAULT_STATE, "a", NULL}, {CHECK_OWNER_MISSING, "a", NULL}, {CHECK_STATE, "a", NULL}, {CHECK_OWNER, "a", NULL}},
	 A "+1 changed unknown>available\n", "a|" A "|available|active|-|0\n", LACKS_UNDO},
};

static struct change repair_of(struct fixture *f, const struct repair *repairs, size_t n)
{
	struct change c = change_of(f, VERB_REPAIR, NULL, NULL);

	for (size_t i = 0; i < n && repairs[i].id; i++) {
		GROW(c.repairs.at, c.repairs.n, c.repairs.cap);
		c.repairs.at[c.repairs.n++] = repairs[i];
	}
	return c;
}

static struct change one_repair(struct fixture *f, enum check check, const char *id, const char *keep)
{
	return repair_of(f, &(struct repair){check, id, keep}, 1);
}

static const char *rows(struct fixture *f)
{
	return ask(f, "SELECT id, number, pool_status, status, org_id, is_default FROM did_numbers ORDER BY id");
}

static const char *records(struct fixture *f)
{
	static const int columns[] = {CHANGE_ID, CHANGE_VERB, CHANGE_COUNT};

	return listed(f, &(struct query){.listing = LIST_CHANGES, .columns = columns, .ncolumns = ARRAY_SIZE(columns)});
}

static void check_text(const char *title, const char *what, const char *got, const char *wanted)
{
	if (strcmp(got, wanted) != 0)
		fail_msg("%s: %s is\n%snot\n%s", title, what, got, wanted);
}

static void reset(struct fixture *f)
{
	pbx(f, "BEGIN");
	for (size_t i = 1; !f->is_api && i < ARRAY_SIZE(own_tables); i++)
		pbx(f, "DELETE FROM %s", own_tables[i]);
	pbx(f, "DELETE FROM did_numbers");
	pbx(f, "UPDATE users SET outbound_did = NULL");
	pbx(f, "COMMIT");
}

static void put_faults(struct fixture *f, const struct repair_case *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(t->sql) && t->sql[i]; i++)
		if (!f->is_api || !is_of_own_tables(t->sql[i]))
			pbx(f, "%s", t->sql[i]);
}

static void check_undo(struct fixture *f, const struct repair_case *t, const char *id, const char *before)
{
	int code = f->is_api && t->over_api == LACKS_UNDO ? ERR_TARGET : 0;

	if (undo(f, id) != code)
		fail_msg("%s: undo: %s", t->title, f->err.text);
	check_text(t->title, "what undo leaves", code ? rows(f) : dump(f, true), code ? t->after : before);
}

static void check_case(struct fixture *f, const struct repair_case *t)
{
	const char *before, *changes;
	char id[UUID_TEXT];
	struct change c;

	put_faults(f, t);
	before = dump(f, true);
	changes = records(f);
	c = repair_of(f, t->repairs, REPAIRS_MAX);
	c.dry_run = true;
	if (f->is_api && t->over_api == LACKS) {
		refused(f, c, ERR_TARGET, "through the API");
		refused(f, repair_of(f, t->repairs, REPAIRS_MAX), ERR_TARGET, "through the API");
		check_text(t->title, "what a refusal leaves", dump(f, true), before);
		return;
	}
	done(f, c);
	check_text(t->title, "the plan of a dry run", plan_text(f), t->plan);
	check_text(t->title, "what a dry run leaves", dump(f, true), before);
	check_text(t->title, "what a dry run records", records(f), changes);

	done(f, repair_of(f, t->repairs, REPAIRS_MAX));
	check_text(t->title, "the plan", plan_text(f), t->plan);
	check_text(t->title, "what is left", rows(f), t->after);
	if (!plan_has_work(&f->plan))
		return;
	memcpy(id, f->id, sizeof(id));
	done(f, repair_of(f, t->repairs, 1)); /* what went is not there any more, and what was mended is sound */
	assert_false(plan_has_work(&f->plan));
	check_undo(f, t, id, before);
}

static void each_rule_is_mended_and_undone(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_case(f, &cases[i]);
		reset(f);
	}
}

/* ---- what may not be mended so */

static void a_raced_twin_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *before;

	seed(f, A, STATE_ASSIGNED, "o-acme");
	seed(f, "08065978000", STATE_ASSIGNED, "o-glob");
	seed(f, B, STATE_AVAILABLE, NULL);
	before = dump(f, true);
	refused(f, one_repair(f, CHECK_TWIN, "row-" A, "row-" B), ERR_REFUSED, "may not change");
	assert_string_equal(plan_text(f), A "+1 refused race\n");
	refused(f, one_repair(f, CHECK_TWIN, "row-" A, "gone"), ERR_REFUSED, "may not change");
	refused(f, one_repair(f, CHECK_TWIN, "row-" A, "row-" A), ERR_REFUSED, "may not change");
	refused(f, one_repair(f, CHECK_STATE, "row-" A, NULL), ERR_REFUSED, "may not change");
	assert_string_equal(plan_text(f), A "+1 refused twin\n");
	refused(f, one_repair(f, CHECK_SPELLING, "row-08065978000", NULL), ERR_REFUSED, "may not change");
	assert_string_equal(plan_text(f), A "+1 refused duplicate\n");
	if (!f->is_api) {
		pbx(f, "INSERT INTO didctl_details (number, locked) VALUES ('" A "', 1)");
		refused(f, one_repair(f, CHECK_TWIN, "row-" A, "row-08065978000"), ERR_REFUSED, "may not change");
		assert_string_equal(plan_text(f), A "+1 refused locked\n");
		pbx(f, "DELETE FROM didctl_details");
	}
	assert_string_equal(dump(f, true), before);
	assert_string_equal(records(f), "");
}

static void a_raced_default_is_refused(void **state)
{
	static const char *const faults[] = {
		"UPDATE did_numbers SET is_default = 0 WHERE id = 'row-" B "'",
		"UPDATE did_numbers SET is_default = 1, status = 'suspended' WHERE id = 'row-" B "'",
		"UPDATE did_numbers SET status = 'active', org_id = 'o-glob' WHERE id = 'row-" B "'",
		"DELETE FROM did_numbers WHERE id = 'row-" B "'",
	};
	const struct repair both[] = {{CHECK_TWO_DEFAULTS, "row-" A, "row-" B}, {CHECK_TWO_DEFAULTS, "row-" B, "row-" A}};
	struct fixture *f = *state;

	seed_default(f, A, "o-acme");
	seed_default(f, B, "o-acme");
	refused(f, repair_of(f, both, 2), ERR_REFUSED, "may not change");
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		pbx(f, "%s", faults[i]);
		refused(f, one_repair(f, CHECK_TWO_DEFAULTS, "row-" A, "row-" B), ERR_REFUSED, "may not change");
		assert_string_equal(plan_text(f), A "+1 refused race\n");
	}
	assert_string_equal(ask(f, "SELECT is_default FROM did_numbers WHERE id = 'row-" A "'"), "1\n");
}

static void rows_that_are_no_number_or_gone(void **state)
{
	struct fixture *f = *state;

	pbx(f, ROW("x", "nonsense", "'available'", "'suspended'", "NULL", "0"));
	refused(f, one_repair(f, CHECK_STATE, "x", NULL), ERR_REFUSED, "may not change");
	assert_true(says(&f->plan.warnings, "") == false);
	done(f, one_repair(f, CHECK_STATE, "gone", NULL));
	assert_true(says(&f->plan.warnings, "the row gone is not there any more"));
	done(f, one_repair(f, CHECK_OUTBOUND, "u-gone", NULL));
	assert_false(plan_has_work(&f->plan));
}

/* ---- what is kept of it */

static void the_history_tells_what_was_mended(void **state)
{
	const struct repair repairs[] = {{CHECK_TWIN, "b", "a"}, {CHECK_SPELLING, "c", NULL}};
	struct fixture *f = *state;

	pbx(f, ROW("a", A, "'assigned'", "'active'", "'o-acme'", "1"));
	pbx(f, ROW("b", "08065978000", "'available'", "'active'", "NULL", "0"));
	pbx(f, ROW("c", "0806-597-8001", "'available'", "'active'", "NULL", "0"));
	done(f, repair_of(f, repairs, 2));
	assert_string_equal(ask(f, "SELECT first, `after` FROM didctl_history ORDER BY seq"),
			    A "|{}\n" B "|{\"number\":\"" B "\"}\n");
	assert_string_equal(ask(f, "SELECT `before` FROM didctl_history WHERE first = '" B "'"),
			    "{\"number\":\"0806-597-8001\"}\n");
	assert_non_null(strstr(ask(f, "SELECT `before` FROM didctl_history WHERE first = '" A "'"),
			       "{\"dropped\":{\"id\":\"b\",\"number\":\"08065978000\",\"pool_status\":\"available\","));
	assert_string_equal(ask(f, "SELECT verb, n, changed FROM didctl_changes"), "doctor|2|2\n");
	/* The next change finds the rows as the history says they are. */
	{
		struct change c = change_of(f, VERB_EDIT, A "-8001", NULL);

		c.is_set[DID_REGION] = true;
		c.value[DID_REGION] = "West";
		done(f, c);
	}
	assert_string_equal(ask(f, "SELECT verb FROM didctl_changes WHERE verb = 'external'"), "");
}

static void an_undone_spelling_is_undone_again(void **state)
{
	struct fixture *f = *state;
	const char *after;
	char id[UUID_TEXT];

	pbx(f, ROW("a", "0806-597-8000", "'available'", "'active'", "NULL", "0"));
	done(f, one_repair(f, CHECK_SPELLING, "a", NULL));
	after = dump(f, true);
	memcpy(id, f->id, sizeof(id));
	assert_int_equal(undo(f, id), 0);
	assert_string_equal(rows(f), "a|0806-597-8000|available|active|-|0\n");
	memcpy(id, f->id, sizeof(id));
	assert_int_equal(undo(f, id), 0);
	assert_string_equal(dump(f, true), after);
	pbx(f, "UPDATE did_numbers SET number = '+" A "'");
	assert_int_equal(undo(f, id), ERR_REFUSED);
}

/* A fault that comes back may be any, but what somebody did since is not lost. */
static void undo_refuses_what_changed_since(void **state)
{
	struct fixture *f = *state;
	char id[UUID_TEXT];

	pbx(f, ROW("a", A, "'available'", "'suspended'", "'o-acme'", "0"));
	done(f, one_repair(f, CHECK_STATE, "a", NULL));
	memcpy(id, f->id, sizeof(id));
	done(f, change_of(f, VERB_RELEASE, A, NULL));
	assert_int_equal(undo(f, id), ERR_REFUSED);
}

static void a_change_id_counts_once(void **state)
{
	const struct repair repairs[] = {{CHECK_STATE, "a", NULL}, {CHECK_DEFAULT_STATE, "b", NULL}};
	const struct repair reversed[] = {{CHECK_DEFAULT_STATE, "b", NULL}, {CHECK_STATE, "a", NULL}};
	struct fixture *f = *state;
	struct change c = repair_of(f, repairs, 2), again = repair_of(f, reversed, 2), other = repair_of(f, repairs, 1);

	pbx(f, ROW("a", A, "'available'", "'suspended'", "'o-acme'", "0"));
	pbx(f, ROW("b", B, "'reserved'", "'active'", "NULL", "1"));
	memcpy(again.id, c.id, sizeof(again.id));
	memcpy(other.id, c.id, sizeof(other.id));
	c.id_given = again.id_given = other.id_given = true;
	done(f, c);
	done(f, again);
	assert_true(f->plan.is_replay);
	refused(f, other, ERR_REFUSED, "another request");
}

static void a_user_that_shows_a_dropped_row(void **state)
{
	struct fixture *f = *state;

	seed(f, A, STATE_ASSIGNED, "o-acme");
	seed_default(f, "08065978000", "o-glob");
	pbx(f, "UPDATE users SET outbound_did = '" A "'");
	done(f, one_repair(f, CHECK_TWIN, "row-08065978000", "row-" A));
	assert_string_equal(ask(f, "SELECT id, outbound_did FROM users ORDER BY id"), "u-ann|" A "\nu-bob|-\n");
	assert_true(says(&f->plan.follows, "Globex loses its default caller ID"));
}

static struct change merge_of(struct fixture *f, const char *number, const char *keep)
{
	struct change c = change_of(f, VERB_MERGE, number, NULL);

	c.keep_id = keep;
	return c;
}

/* What went comes back beside the row that stayed, once, and not where that has gone. */
static void a_merge_is_undone(void **state)
{
	struct fixture *f = *state;
	const char *before;
	char id[UUID_TEXT];

	seed_default(f, A, "o-acme");
	seed_default(f, "08065978000", "o-glob");
	before = dump(f, true);
	done(f, merge_of(f, A, "row-" A));
	assert_string_equal(plan_text(f), A "+1 unchanged assigned>assigned\n" A "+1 changed assigned>none\n");
	memcpy(id, f->id, sizeof(id));
	assert_int_equal(undo(f, id), 0);
	assert_string_equal(plan_text(f), A "+1 unchanged assigned>assigned\n" A "+1 changed none>assigned\n");
	assert_string_equal(dump(f, true), before);
	assert_int_equal(undo(f, arena_strdup(&f->arena, f->id)), ERR_REFUSED);
	assert_string_equal(plan_text(f), A "+1 refused twin\n");
	done(f, merge_of(f, A, "row-" A));
	memcpy(id, f->id, sizeof(id));
	done(f, change_of(f, VERB_RELEASE, A, NULL));
	done(f, change_of(f, VERB_DELETE, A, NULL));
	assert_true(undo(f, id) < 0);
	assert_string_equal(plan_text(f), A "+1 refused not-found\n");
	assert_string_equal(rows(f), "");
}

static void of_two_defaults_none_is_lost(void **state)
{
	struct fixture *f = *state;

	seed_default(f, A, "o-acme");
	seed_default(f, B, "o-acme");
	done(f, one_repair(f, CHECK_TWO_DEFAULTS, "row-" B, "row-" A));
	assert_false(says(&f->plan.follows, "loses"));
}

static void the_pbx_tables_alone(void **state)
{
	const struct repair repairs[] = {{CHECK_STATE, "a", NULL}, {CHECK_SPELLING, "b", NULL}, {CHECK_TWIN, "d", "c"},
					 {CHECK_OWNER, "c", NULL}};
	struct fixture *f = *state;

	pbx(f, ROW("a", A, "'available'", "'suspended'", "'o-acme'", "0"));
	pbx(f, ROW("b", "0806-597-8001", "'available'", "'active'", "NULL", "0"));
	pbx(f, ROW("c", "0806-597-8002", "'available'", "'active'", "'o-acme'", "0"));
	pbx(f, ROW("d", C, "'assigned'", "'active'", "'o-glob'", "1"));
	done(f, repair_of(f, repairs, 4));
	assert_string_equal(rows(f), "a|" A "|assigned|suspended|o-acme|0\nb|" B "|available|active|-|0\n"
				     "c|0806-597-8002|available|active|-|0\n");
}

/* Neighbours that take the same step are one statement and one history row each. */
static void many_rows(void **state)
{
	struct fixture *f = *state;
	struct change c = change_of(f, VERB_REPAIR, NULL, NULL);
	const char *before;
	char id[UUID_TEXT];

	for (int from = 0; from < 1500; from += 750)
		pbx(f, "INSERT INTO did_numbers (id, number, status) WITH RECURSIVE k (i) AS (SELECT %d UNION ALL SELECT i + 1"
		       " FROM k WHERE i < %d) SELECT 'n-' || i, 918065970000 + i, NULL FROM k",
		    from, from + 749);
	for (int i = 0; i < 1500; i++) {
		GROW(c.repairs.at, c.repairs.n, c.repairs.cap);
		c.repairs.at[c.repairs.n++] = (struct repair){CHECK_STATE, arena_printf(&f->arena, "n-%d", i), NULL};
	}
	before = dump(f, true);
	done(f, c);
	memcpy(id, f->id, sizeof(id));
	assert_int_equal(f->plan.changed, 1500);
	assert_string_equal(ask(f, "SELECT COUNT(*) FROM did_numbers WHERE status = 'active'"), "1500\n");
	assert_string_equal(ask(f, "SELECT COUNT(*) FROM didctl_history"), "2\n");
	assert_int_equal(undo(f, id), 0);
	assert_string_equal(dump(f, true), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(each_rule_is_mended_and_undone),
		CASE(a_raced_twin_is_refused),
		CASE(a_raced_default_is_refused),
		CASE(rows_that_are_no_number_or_gone),
		CASE(the_history_tells_what_was_mended),
		CASE(an_undone_spelling_is_undone_again),
		CASE(undo_refuses_what_changed_since),
		CASE(a_change_id_counts_once),
		CASE(a_merge_is_undone),
		CASE(a_user_that_shows_a_dropped_row),
		CASE(of_two_defaults_none_is_lost),
		CASE(many_rows),
		CASE_PBX(the_pbx_tables_alone),
	};
	const struct CMUnitTest api[] = {
		CASE_API(each_rule_is_mended_and_undone),
		CASE_API(a_raced_twin_is_refused),
		CASE_API(a_raced_default_is_refused),
		CASE_API(rows_that_are_no_number_or_gone),
		CASE_API(undo_refuses_what_changed_since),
		CASE_API(a_change_id_counts_once),
		CASE_API(a_merge_is_undone),
		CASE_API(a_user_that_shows_a_dropped_row),
		CASE_API(of_two_defaults_none_is_lost),
	};

	return run_suites_and_api(tests, ARRAY_SIZE(tests), api, ARRAY_SIZE(api));
}
