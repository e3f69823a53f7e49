/*
 * Every verb that changes something, as a table: the rows before it, what its plan says, and the rows after it. Each is
 * then undone, and the undo undone: the tables must be the same bytes as before, and as after.
 */
#include "tests/store/fixture.h"

#define ROWS_MAX 3

struct verb_case {
	const char *title;
	struct {
		const char *number;
		enum did_state state;
		const char *org;
		bool is_default;
	} rows[ROWS_MAX];
	const char *sql; /* what else is there before, a statement */
	enum verb verb;
	const char *numbers, *org;
	struct change with; /* what differs from change_of's */
	const char *plan, *follows;
	const char *after; /* number, pool_status, status, org_id, is_default of every row */
	enum over_api over_api;
};

#define ROW(number, state, org, is_default) \
	{ \
		number, state, org, is_default \
	}
#define NONE \
	{ \
		ROW(NULL, STATE_UNKNOWN, NULL, false) \
	}
#define SET(field, text) .value = {[field] = (text)}, .is_set = {[field] = true}
#define A "918065978000"
#define B "918065978001"
#define C "918065978002"

static const struct verb_case cases[] = {
	{"add", NONE, NULL, VERB_ADD, A "-8001", NULL, {.to = STATE_RESERVED}, A "+2 changed none>reserved\n", NULL,
	 A "|reserved|active|-|0\n" B "|reserved|active|-|0\n", SAME},
	{"add archived with a tag and a city", NONE, NULL, VERB_ADD, A, NULL,
	 {.to = STATE_ARCHIVED, SET(DID_CITY, "Pune")}, A "+1 changed none>archived\n", NULL,
	 A "|reserved|inactive|-|0\n", LACKS},
	{"add into oss", NONE, NULL, VERB_ADD, A, NULL, {SET(DID_ENV, "oss")}, A "+1 changed none>available\n",
	 "'didctl regen --for oss'", A "|available|active|-|0\n", SAME},
	{"edit the route", {ROW(A, STATE_ASSIGNED, "o-acme", true)}, NULL, VERB_EDIT, A, NULL,
	 {SET(DID_ROUTE_DEST, "100")}, A "+1 changed assigned>assigned\n", NULL, A "|assigned|active|o-acme|1\n", SAME},
	{"edit a detail", {ROW(A, STATE_AVAILABLE, NULL, false)}, NULL, VERB_EDIT, A, NULL, {SET(DID_NOTES, "tab\there")},
	 A "+1 changed available>available\n", NULL, A "|available|active|-|0\n", LACKS},
	{"edit to what it is", {ROW(A, STATE_AVAILABLE, NULL, false)}, NULL, VERB_EDIT, A, NULL, {SET(DID_PRICE, "100.00")},
	 A "+1 unchanged available>available\n", NULL, A "|available|active|-|0\n", SAME},
	{"delete", {ROW(A, STATE_AVAILABLE, NULL, false), ROW(B, STATE_RESERVED, NULL, false), ROW(C, STATE_ON_HOLD, NULL, false)}, NULL, VERB_DELETE, A "-8001", NULL,
	 {0}, A "+1 changed available>none\n" B "+1 changed reserved>none\n", NULL, C "|reserved|active|-|0\n", SAME},
	{"delete a row with details", {ROW(A, STATE_AVAILABLE, NULL, false)},
	 "INSERT INTO didctl_details (number, tags) VALUES ('" A "', 'vip')", VERB_DELETE, A, NULL, {0},
	 A "+1 changed available>none\n", NULL, "", LACKS_ROWS},
	{"mark blocked", {ROW(A, STATE_ASSIGNED, "o-acme", true), ROW(B, STATE_ASSIGNED, "o-acme", false)},
	 "UPDATE users SET outbound_did = '0" "8065978000' WHERE id = 'u-ann'", VERB_MARK, A, NULL,
	 {.to = STATE_BLOCKED}, A "+1 changed assigned>blocked\nuser Ann\n", "callers see " B,
	 A "|assigned|suspended|o-acme|0\n" B "|assigned|active|o-acme|0\n", SAME},
	{"mark in service again", {ROW(A, STATE_BLOCKED, "o-acme", false)}, NULL, VERB_MARK, A, NULL, {.to = STATE_ASSIGNED},
	 A "+1 changed blocked>assigned\n", NULL, A "|assigned|active|o-acme|0\n", SAME},
	{"mark ported", {ROW(A, STATE_ASSIGNED, "o-acme", true)}, NULL, VERB_MARK, A, NULL, {.to = STATE_PORTED},
	 A "+1 changed assigned>ported\n", "monthly charges that stop: 100.00", A "|reserved|ported|-|0\n", SAME},
	{"mark on hold", {ROW(A, STATE_AVAILABLE, NULL, false)}, NULL, VERB_MARK, A, NULL,
	 {.to = STATE_ON_HOLD, .hold_until = "2027-01-01T00:00:00Z"}, A "+1 changed available>on-hold\n", NULL,
	 A "|reserved|active|-|0\n", LACKS},
	{"end a hold before its day", {ROW(A, STATE_ON_HOLD, NULL, false)}, NULL, VERB_MARK, A, NULL,
	 {.to = STATE_AVAILABLE, .override_hold = true, .reason = "mistake"}, A "+1 changed on-hold>available\n", NULL,
	 A "|available|active|-|0\n", LACKS_ROWS},
	{"lock", {ROW(A, STATE_AVAILABLE, NULL, false), ROW(B, STATE_ON_HOLD, NULL, false)}, NULL, VERB_LOCK, A " " B, NULL, {0},
	 A "+1 changed available>available\n" B "+1 changed on-hold>on-hold\n", NULL,
	 A "|available|active|-|0\n" B "|reserved|active|-|0\n", LACKS},
	{"unlock", {ROW(A, STATE_AVAILABLE, NULL, false)}, "INSERT INTO didctl_details (number, locked) VALUES ('" A "', 1)", VERB_UNLOCK,
	 A, NULL, {0}, A "+1 changed available>available\n", NULL, A "|available|active|-|0\n", LACKS},
	{"request", {ROW(A, STATE_AVAILABLE, NULL, false)}, NULL, VERB_REQUEST, A, "org_acme", {0}, A "+1 changed available>pending\n",
	 NULL, A "|pending|active|o-acme|0\n", SAME},
	{"approve", {ROW(A, STATE_PENDING, "o-acme", false)}, NULL, VERB_APPROVE, A, NULL, {0}, A "+1 changed pending>assigned\n",
	 "the default caller ID of ACME", A "|assigned|active|o-acme|1\n", SAME},
	{"reject", {ROW(A, STATE_PENDING, "o-acme", false)}, NULL, VERB_REJECT, A, NULL, {0}, A "+1 changed pending>available\n",
	 NULL, A "|available|active|-|0\n", SAME},
	{"sweep", {ROW(A, STATE_ON_HOLD, NULL, false), ROW(B, STATE_AVAILABLE, NULL, false)}, NULL, VERB_SWEEP, A "-8001", NULL, {0},
	 A "+1 changed on-hold>reserved\n" B "+1 unchanged available>available\n", NULL,
	 A "|reserved|active|-|0\n" B "|available|active|-|0\n", LACKS},
	{"sweep a hold that is not over", {ROW(A, STATE_ON_HOLD, NULL, false)},
	 "UPDATE didctl_details SET hold_until = '2027-01-01T00:00:00Z'", VERB_SWEEP, A, NULL, {0},
	 A "+1 unchanged on-hold>on-hold\n", NULL, A "|reserved|active|-|0\n", LACKS_ROWS},
	{"sweep old requests", {ROW(A, STATE_PENDING, "o-acme", false), ROW(B, STATE_PENDING, "o-acme", false), ROW(C, STATE_PENDING, "o-acme", false)},
	 "INSERT INTO didctl_details (number, requested_at) VALUES ('" A "', '2026-11-01T00:00:00Z'), ('" B "', '2026-11-20T00:00:00Z')",
	 VERB_SWEEP, A "-8002", NULL, {.pending_before = "2026-11-10T00:00:00Z"},
	 A "+1 changed pending>available\n" B "+1 unchanged pending>pending\n" C "+1 unchanged pending>pending\n", NULL,
	 A "|available|active|-|0\n" B "|pending|active|o-acme|0\n" C "|pending|active|o-acme|0\n", LACKS_ROWS},
	{"request it again", {ROW(A, STATE_PENDING, "o-acme", false)}, NULL, VERB_REQUEST, A, "ACME", {0},
	 A "+1 unchanged pending>pending\n", NULL, A "|pending|active|o-acme|0\n", SAME},
	{"release into the number's own hold", {ROW(A, STATE_ASSIGNED, "o-acme", false)},
	 "INSERT INTO didctl_details (number, hold_days) VALUES ('" A "', 30)", VERB_RELEASE, A, NULL, {.to = STATE_UNKNOWN},
	 A "+1 changed assigned>on-hold\n", NULL, A "|reserved|active|-|0\n", LACKS_ROWS},
	{"assign the first ones", {ROW(A, STATE_AVAILABLE, NULL, false), ROW(B, STATE_AVAILABLE, NULL, false)}, NULL, VERB_ASSIGN, A "-8001", "ACME",
	 {0}, A "+1 changed available>assigned\n" B "+1 changed available>assigned\n", "the default caller ID of ACME",
	 A "|assigned|active|o-acme|1\n" B "|assigned|active|o-acme|0\n", SAME},
	{"assign one more as the default", {ROW(A, STATE_ASSIGNED, "o-acme", true), ROW(B, STATE_AVAILABLE, NULL, false)}, NULL, VERB_ASSIGN,
	 B, "o-acme", {.make_default = true}, B "+1 changed available>assigned\n+ " A "+1 changed assigned>assigned\n",
	 A " is no longer the default caller ID of ACME", A "|assigned|active|o-acme|0\n" B "|assigned|active|o-acme|1\n", SAME},
	{"assign to another", {ROW(A, STATE_ASSIGNED, "o-acme", true), ROW(B, STATE_ASSIGNED, "o-glob", true)},
	 "UPDATE users SET outbound_did = '+" A "' WHERE id = 'u-ann'", VERB_ASSIGN, A, "Globex", {.is_transfer = true},
	 A "+1 changed assigned>assigned\nuser Ann\n", "user Ann loses the outbound caller ID +" A,
	 A "|assigned|active|o-glob|0\n" B "|assigned|active|o-glob|1\n", SAME},
	{"assign a reserved one", {ROW(A, STATE_RESERVED, NULL, false)}, NULL, VERB_ASSIGN, A, "ACME", {.allow_reserved = true},
	 A "+1 changed reserved>assigned\n", NULL, A "|assigned|active|o-acme|1\n", SAME},
	{"assign to the previous owner", {ROW(A, STATE_ON_HOLD, NULL, false)}, NULL, VERB_ASSIGN, A, "ACME", {0},
	 A "+1 changed on-hold>assigned\n", NULL, A "|assigned|active|o-acme|1\n", LACKS_ROWS},
	{"assign what it has", {ROW(A, STATE_ASSIGNED, "o-acme", true)}, NULL, VERB_ASSIGN, A, "ACME", {0},
	 A "+1 unchanged assigned>assigned\n", NULL, A "|assigned|active|o-acme|1\n", SAME},
	{"release", {ROW(A, STATE_ASSIGNED, "o-acme", true), ROW(B, STATE_BLOCKED, "o-acme", false)},
	 "UPDATE users SET outbound_did = '" A "' WHERE id = 'u-ann'", VERB_RELEASE, A "-8001", NULL,
	 {.to = STATE_UNKNOWN}, A "+1 changed assigned>available\n" B "+1 changed blocked>available\nuser Ann\n",
	 "monthly charges that stop: 200.00", A "|available|active|-|0\n" B "|available|active|-|0\n", SAME},
	{"release into a hold", {ROW(A, STATE_ASSIGNED, "o-acme", true)}, NULL, VERB_RELEASE, A, NULL,
	 {.to = STATE_ARCHIVED, .hold_days = 30}, A "+1 changed assigned>on-hold\n", "callers see +918065978001",
	 A "|reserved|active|-|0\n", LACKS},
	{"env set", {ROW(A, STATE_AVAILABLE, NULL, false)}, NULL, VERB_ENV_SET, A, NULL, {SET(DID_ENV, "staging")},
	 A "+1 changed available>available\n", NULL, A "|available|active|-|0\n", SAME},
	{"default set", {ROW(A, STATE_ASSIGNED, "o-acme", true), ROW(B, STATE_ASSIGNED, "o-acme", false)}, NULL, VERB_DEFAULT_SET, B,
	 NULL, {0}, B "+1 changed assigned>assigned\n+ " A "+1 changed assigned>assigned\n", "no longer the default",
	 A "|assigned|active|o-acme|0\n" B "|assigned|active|o-acme|1\n", SAME},
	{"default clear", {ROW(A, STATE_ASSIGNED, "o-acme", true), ROW(B, STATE_ASSIGNED, "o-acme", false)}, NULL, VERB_DEFAULT_CLEAR,
	 NULL, "ACME", {0}, A "+1 changed assigned>assigned\n", "callers see " A,
	 A "|assigned|active|o-acme|0\n" B "|assigned|active|o-acme|0\n", SAME},
	{"default user", {ROW(A, STATE_ASSIGNED, "o-acme", true)}, NULL, VERB_DEFAULT_USER, NULL, NULL,
	 {.user_text = "Ann", .outbound = "08065978000"}, "user Ann\n", NULL, A "|assigned|active|o-acme|1\n", SAME},
	{"org add", NONE, NULL, VERB_ORG_ADD, NULL, NULL,
	 {.object_value = {[ORG_NAME] = "Initech", [ORG_UNROUTED] = "extension:0"},
	  .object_is_set = {[ORG_NAME] = true, [ORG_UNROUTED] = true}}, "org Initech\n", NULL, "", LACKS},
	{"org edit", NONE, NULL, VERB_ORG_EDIT, NULL, "org_acme",
	 {.object_value = {[ORG_NAME] = "ACME Ltd"}, .object_is_set = {[ORG_NAME] = true}}, "org ACME Ltd\n", NULL, "", SAME},
	{"org delete", NONE, "DELETE FROM users WHERE org_id = 'o-glob'", VERB_ORG_DELETE, NULL, "Globex", {0},
	 "org Globex\n", NULL, "", SAME},
	{"user add", NONE, NULL, VERB_USER_ADD, NULL, "ACME",
	 {.object_value = {[USER_NAME] = "Cy"}, .object_is_set = {[USER_NAME] = true}}, "user Cy\n", NULL, "", SAME},
	{"user edit", NONE, NULL, VERB_USER_EDIT, NULL, "Globex",
	 {.user_text = "Ann", .object_value = {[USER_NAME] = "Anna"}, .object_is_set = {[USER_NAME] = true}},
	 "user Anna\n", NULL, "", SAME},
	{"user delete", NONE, NULL, VERB_USER_DELETE, NULL, NULL, {.user_text = "Bob"}, "user Bob\n", NULL, "", SAME},
};

static void put_rows(struct fixture *f, const struct verb_case *c)
{
	for (size_t i = 0; i < ROWS_MAX && c->rows[i].number; i++) {
		seed(f, c->rows[i].number, c->rows[i].state, c->rows[i].org);
		if (c->rows[i].is_default)
			pbx(f, "UPDATE did_numbers SET is_default = 1 WHERE number = '%s'", c->rows[i].number);
	}
	if (c->sql && !(f->is_api && is_of_own_tables(c->sql)))
		pbx(f, "%s", c->sql);
}

static void make_change(struct fixture *f, const struct verb_case *c, struct change *out)
{
	struct change made = change_of(f, c->verb, c->numbers, c->org);

	*out = c->with;
	out->verb = made.verb;
	memcpy(out->id, made.id, sizeof(out->id));
	out->actor = made.actor;
	out->host = made.host;
	out->target = made.target;
	out->selection = made.selection;
	out->org_text = made.org_text;
	out->expect = -1;
	out->hold_days = c->with.hold_days ? c->with.hold_days : -1;
	out->now_ms = made.now_ms;
}

static void wipe(struct fixture *f)
{
	static const char *const tables[] = {"didctl_history", "didctl_changes", "didctl_details", "didctl_orgs",
					     "didctl_guards",  "did_numbers",	  "users",	    "organizations"};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		if (!f->is_api || !is_of_own_tables(tables[i]))
			pbx(f, "DELETE FROM %s", tables[i]);
	people(f);
}

static void same(const struct verb_case *c, const char *what, const char *got, const char *expected)
{
	if (strcmp(got, expected) != 0)
		fail_msg("%s, %s:\n%s-- expected:\n%s", c->title, what, got, expected);
}

static void check_applied(struct fixture *f, const struct verb_case *c)
{
	same(c, "plan", plan_text(f), c->plan);
	if (c->follows && !says(&f->plan.follows, c->follows))
		fail_msg("%s: it does not say '%s'", c->title, c->follows);
	same(c, "rows", ask(f, "SELECT number, pool_status, status, org_id, is_default FROM did_numbers ORDER BY number"),
	     c->after);
}

static void check_undone(struct fixture *f, const struct verb_case *c, const char *before, const char *after)
{
	const char *id = arena_strdup(&f->arena, f->id);

	if (undo(f, id))
		fail_msg("%s, undo: %s", c->title, f->err.text);
	same(c, "undone", dump(f, true), before);
	if (undo(f, arena_strdup(&f->arena, f->id)))
		fail_msg("%s, undo of undo: %s", c->title, f->err.text);
	same(c, "redone", dump(f, true), after);
}

static void check_case(struct fixture *f, const struct verb_case *c, struct change *change)
{
	const char *before = dump(f, true);
	int code = f->is_api && c->over_api == LACKS ? ERR_TARGET : 0;

	change->dry_run = true;
	if (apply(f, change) != code)
		fail_msg("%s, dry run: %s", c->title, f->err.text);
	same(c, "dry run", dump(f, true), before);
	if (!code)
		same(c, "plan of the dry run", plan_text(f), c->plan);
	change->dry_run = false;
	if (apply(f, change) != code)
		fail_msg("%s: %s", c->title, f->err.text);
	if (code)
		same(c, "refused", dump(f, true), before);
	else
		check_applied(f, c);
	if (f->plan.changed && !code)
		check_undone(f, c, before, dump(f, true));
}

static void test_verbs(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct verb_case *c = &cases[i];
		struct change change;

		if (f->is_api && c->over_api == LACKS_ROWS)
			continue;
		wipe(f);
		put_rows(f, c);
		make_change(f, c, &change);
		check_case(f, c, &change);
		change_release(&change);
	}
}

static const struct {
	const char *title;
	enum did_state state;
	const char *org, *sql;
	enum verb verb;
	const char *to_org;
	struct change with;
	int code;
	enum refusal refusal;
} refusals[] = {
	{"add what is there", STATE_AVAILABLE, NULL, NULL, VERB_ADD, NULL, {0}, ERR_REFUSED, REFUSAL_DUPLICATE},
	{"delete an assigned one", STATE_ASSIGNED, "o-acme", NULL, VERB_DELETE, NULL, {0}, ERR_REFUSED, REFUSAL_STATE},
	{"delete a locked one", STATE_AVAILABLE, NULL, "INSERT INTO didctl_details (number, locked) VALUES ('" A "', 1)",
	 VERB_DELETE, NULL, {0}, ERR_REFUSED, REFUSAL_LOCKED},
	{"release a locked one", STATE_ASSIGNED, "o-acme",
	 "INSERT INTO didctl_details (number, locked) VALUES ('" A "', 1)", VERB_RELEASE, NULL, {.to = STATE_UNKNOWN},
	 ERR_REFUSED, REFUSAL_LOCKED},
	{"take it from its owner", STATE_ASSIGNED, "o-acme", NULL, VERB_ASSIGN, "Globex", {0}, ERR_REFUSED, REFUSAL_OWNER},
	{"assign a reserved one", STATE_RESERVED, NULL, NULL, VERB_ASSIGN, "Globex", {0}, ERR_REFUSED, REFUSAL_STATE},
	{"assign one on hold", STATE_ON_HOLD, NULL, NULL, VERB_ASSIGN, "Globex", {0}, ERR_REFUSED, REFUSAL_HOLD},
	{"override without a reason", STATE_ON_HOLD, NULL, NULL, VERB_ASSIGN, "Globex", {.override_hold = true},
	 ERR_REFUSED, REFUSAL_HOLD},
	{"approve what nobody asked for", STATE_PENDING, NULL, NULL, VERB_APPROVE, NULL, {0}, ERR_REFUSED, REFUSAL_OWNER},
	{"default of an available one", STATE_AVAILABLE, NULL, NULL, VERB_DEFAULT_SET, NULL, {0}, ERR_REFUSED,
	 REFUSAL_STATE},
	{"a combination that is no state", STATE_AVAILABLE, NULL, "UPDATE did_numbers SET status = NULL", VERB_ASSIGN,
	 "ACME", {0}, ERR_REFUSED, REFUSAL_STATE},
	{"mark blocked from stock", STATE_AVAILABLE, NULL, NULL, VERB_MARK, NULL, {.to = STATE_BLOCKED}, ERR_REFUSED,
	 REFUSAL_STATE},
	{"request an assigned one", STATE_ASSIGNED, "o-acme", NULL, VERB_REQUEST, "Globex", {0}, ERR_REFUSED, REFUSAL_STATE},
	{"request what another asked for", STATE_PENDING, "o-acme", NULL, VERB_REQUEST, "Globex", {0}, ERR_REFUSED,
	 REFUSAL_STATE},
	{"assign a ported one", STATE_PORTED, NULL, NULL, VERB_ASSIGN, "Globex", {0}, ERR_REFUSED, REFUSAL_STATE},
	{"move a locked one", STATE_ASSIGNED, "o-acme", "INSERT INTO didctl_details (number, locked) VALUES ('" A "', 1)",
	 VERB_ASSIGN, "Globex", {.is_transfer = true}, ERR_REFUSED, REFUSAL_LOCKED},
	{"end a hold that is over by hand", STATE_ON_HOLD, NULL, NULL, VERB_MARK, NULL, {.to = STATE_AVAILABLE}, ERR_REFUSED,
	 REFUSAL_HOLD},
	{"end a hold before its day", STATE_ON_HOLD, NULL, "UPDATE didctl_details SET hold_until = '2027-01-01T00:00:00Z'",
	 VERB_MARK, NULL, {.to = STATE_AVAILABLE}, ERR_REFUSED, REFUSAL_HOLD},
	{"override with an empty reason", STATE_ON_HOLD, NULL, NULL, VERB_MARK, NULL,
	 {.to = STATE_AVAILABLE, .override_hold = true, .reason = ""}, ERR_REFUSED, REFUSAL_HOLD},
	{"default of nobody", STATE_ASSIGNED, NULL, NULL, VERB_DEFAULT_SET, NULL, {0}, ERR_REFUSED, REFUSAL_OWNER},
	{"stock that has an owner", STATE_AVAILABLE, "o-acme", NULL, VERB_ASSIGN, "Globex", {0}, ERR_REFUSED, REFUSAL_OWNER},
	{"edit what nobody holds", STATE_ASSIGNED, NULL, NULL, VERB_EDIT, NULL, {SET(DID_ENV, "oss")}, ERR_REFUSED,
	 REFUSAL_RULE},
	{"edit a default in stock", STATE_AVAILABLE, NULL, "UPDATE did_numbers SET is_default = 1", VERB_EDIT, NULL,
	 {SET(DID_ENV, "oss")}, ERR_REFUSED, REFUSAL_RULE},
	{"edit a default without an owner", STATE_ASSIGNED, NULL, "UPDATE did_numbers SET is_default = 1, status = 'suspended'",
	 VERB_EDIT, NULL, {SET(DID_ENV, "oss")}, ERR_REFUSED, REFUSAL_RULE},
	{"a pool_status that is none", STATE_AVAILABLE, NULL, "UPDATE did_numbers SET pool_status = NULL", VERB_MARK, NULL,
	 {.to = STATE_ARCHIVED}, ERR_REFUSED, REFUSAL_STATE},
	{"CNAM of stock", STATE_AVAILABLE, NULL, NULL, VERB_CNAM_SET, NULL, {SET(DID_CNAM, "ACME")}, ERR_REFUSED,
	 REFUSAL_STATE},
	{"not there", STATE_AVAILABLE, NULL, "DELETE FROM did_numbers", VERB_DELETE, NULL, {0}, ERR_ABSENT,
	 REFUSAL_NOT_FOUND},
};

static void test_refusals(void **state)
{
	static const int id[] = {CHANGE_ID};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct verb_case c = {.title = refusals[i].title,
				      .verb = refusals[i].verb,
				      .numbers = A,
				      .org = refusals[i].to_org,
				      .with = refusals[i].with};
		struct change change;
		const char *before;

		if (f->is_api && (state_info[refusals[i].state].has_hold || is_of_own_tables(refusals[i].sql)))
			continue;
		wipe(f);
		seed(f, A, refusals[i].state, refusals[i].org);
		if (refusals[i].sql)
			pbx(f, "%s", refusals[i].sql);
		before = dump(f, true);
		make_change(f, &c, &change);
		if (apply(f, &change) != refusals[i].code)
			fail_msg("%s: %d %s", c.title, f->err.code, f->err.text);
		assert_int_equal(f->plan.nruns, 1);
		assert_int_equal(f->plan.runs[0].code, refusals[i].refusal);
		assert_non_null(f->plan.runs[0].reason);
		same(&c, "rows", dump(f, true), before);
		same(&c, "changes", listed(f, &(struct query){.listing = LIST_CHANGES, .columns = id, .ncolumns = 1}), "");
		change_release(&change);
	}
}

static const struct {
	const char *old, *add[2], *remove[2], *tags;
} taggings[] = {
	{NULL, {"vip", "gold"}, {NULL}, "vip,gold"},	  {"vip", {"vip", "gold"}, {NULL}, "vip,gold"},
	{"vip,gold", {NULL}, {"vip", "none"}, "gold"},	  {"gold", {NULL}, {"gold"}, NULL},
	{",vip,,viper,", {"new"}, {"vip"}, "viper,new"}, {NULL, {NULL}, {"vip"}, NULL},
};

/* Removed and added in one change; a list that somebody wrote by hand is put in order. */
static void test_tags(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(taggings); i++) {
		struct change c;

		wipe(f);
		seed(f, A, STATE_AVAILABLE, NULL);
		if (taggings[i].old)
			pbx(f, "INSERT INTO didctl_details (number, tags) VALUES ('" A "', '%s')", taggings[i].old);
		c = change_of(f, VERB_EDIT, A, NULL);
		for (size_t k = 0; k < 2 && taggings[i].add[k]; k++)
			strlist_add(&c.tags_add, taggings[i].add[k]);
		for (size_t k = 0; k < 2 && taggings[i].remove[k]; k++)
			strlist_add(&c.tags_remove, taggings[i].remove[k]);
		done(f, c);
		assert_string_equal(ask(f, "SELECT tags FROM didctl_details WHERE tags IS NOT NULL"),
				    taggings[i].tags ? arena_printf(&f->arena, "%s\n", taggings[i].tags) : "");
	}
}

/* A row that came or went is undone as long as it is still so. */
static void test_undo_of_a_row(void **state)
{
	struct fixture *f = *state;
	const char *added, *deleted;

	done(f, change_of(f, VERB_ADD, A, NULL));
	added = arena_strdup(&f->arena, f->id);
	done(f, change_of(f, VERB_DELETE, A, NULL));
	deleted = arena_strdup(&f->arena, f->id);
	assert_int_equal(undo(f, added), ERR_ABSENT);
	assert_int_equal(f->plan.runs[0].code, REFUSAL_NOT_FOUND);
	done(f, change_of(f, VERB_ADD, A, NULL));
	assert_int_equal(undo(f, deleted), ERR_REFUSED);
	assert_int_equal(f->plan.runs[0].code, REFUSAL_DUPLICATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {CASE(test_verbs), CASE(test_refusals), CASE(test_tags), CASE(test_undo_of_a_row)};

	const struct CMUnitTest api[] = {CASE_API(test_verbs), CASE_API(test_refusals)};

	return run_suites_and_api(tests, ARRAY_SIZE(tests), api, ARRAY_SIZE(api));
}
