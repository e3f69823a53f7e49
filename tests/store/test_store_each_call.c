/*
 * A day's work, verb by verb, and in each change the database fails at one call after the other, and others are faster at one
 * write after the other: then nothing was changed, the error is told, nothing was sent into what is gone, and the change is
 * done as soon as the database does its part again.
 */
#include "tests/store/faulty.h"

#define A "918065978000"
#define B "918065978001"
#define US "+14155550100"
#define PORTED "918065979000"
#define CALLS_MAX 400

struct step {
	enum verb verb;
	const char *numbers, *org;
	struct change with; /* what differs from change_of's */
	struct port_request port;
	const char *undo_of; /* title of the step */
	const char *title;
	const char *sql; /* what somebody else did before, a statement */
};

#define SET(field, text) .value = {[field] = (text)}, .is_set = {[field] = true}
#define OBJECT(field, text) .object_value = {[field] = (text)}, .object_is_set = {[field] = true}
#define ADDRESS(label, street)                                                                                           \
	.object_value = {[LOCATION_LABEL] = (label), [LOCATION_COUNTRY] = "US", [LOCATION_STREET] = (street),             \
			 [LOCATION_CITY] = "San Francisco", [LOCATION_STATE_CODE] = "CA", [LOCATION_ZIP] = "94103"},   \
	.object_is_set = {[LOCATION_LABEL] = true, [LOCATION_COUNTRY] = true, [LOCATION_STREET] = true,                \
			  [LOCATION_CITY] = true, [LOCATION_STATE_CODE] = true, [LOCATION_ZIP] = true}
#define PORT(field, text) .value = {[field] = (text)}, .is_set = {[field] = true}
#define ORDER .serial = "1"

static const struct port_document letter = {.kind = "loa", .name = "loa.pdf", .type = "application/pdf", .sha256 = "sha256 of the letter",
					    .bytes = "%PDF-1.7", .size = 8};
static const struct port_document bill = {.kind = "bill", .name = "bill.pdf", .type = "application/pdf", .sha256 = "sha256 of the bill",
					  .bytes = "%PDF-1.8", .size = 8};

static const struct step steps[] = {
	{VERB_ORG_ADD, NULL, NULL, {OBJECT(ORG_NAME, "Initech")}, {0}, NULL, NULL, NULL},
	{VERB_ORG_EDIT, NULL, "Initech", {OBJECT(ORG_UNROUTED, "extension:0")}, {0}, NULL, "org edit", NULL},
	{VERB_USER_ADD, NULL, "Initech", {OBJECT(USER_NAME, "Cy")}, {0}, NULL, NULL, NULL},
	{VERB_ADD, A "-8009", NULL, {.to = STATE_AVAILABLE}, {0}, NULL, NULL, NULL},
	{VERB_ADD, US, NULL, {.to = STATE_AVAILABLE}, {0}, NULL, NULL, NULL},
	{VERB_REQUEST, A, "ACME", {0}, {0}, NULL, NULL, NULL},
	{VERB_REJECT, A, NULL, {0}, {0}, NULL, NULL, NULL},
	{VERB_REQUEST, A "-8003", "ACME", {0}, {0}, NULL, NULL, NULL},
	{VERB_APPROVE, A "-8003", NULL, {0}, {0}, NULL, "approve", NULL},
	{VERB_ASSIGN, US, "ACME", {.make_default = true}, {0}, NULL, "assign", NULL},
	{VERB_ASSIGN, NULL, "Globex", {.pick = {.count = 2, .is_contiguous = true, .prefer_aged = true}}, {0}, NULL,
	 NULL, NULL},
	{VERB_ASSIGN, B, "Globex", {.is_transfer = true}, {0}, NULL, "transfer",
	 "UPDATE users SET outbound_did = '" B "' WHERE id = 'u-ann'"},
	{VERB_UNDO, NULL, NULL, {0}, {0}, "transfer", NULL, NULL},
	{VERB_DEFAULT_USER, NULL, NULL, {.user_text = "Ann", .outbound = A}, {0}, NULL, NULL, NULL},
	{VERB_DEFAULT_SET, A, NULL, {0}, {0}, NULL, "default set", NULL},
	{VERB_DEFAULT_CLEAR, NULL, "ACME", {0}, {0}, NULL, NULL, NULL},
	{VERB_EDIT, A, NULL, {SET(DID_NOTES, "front desk")}, {0}, NULL, "edit", NULL},
	{VERB_LOCK, A, NULL, {0}, {0}, NULL, NULL, NULL},
	{VERB_UNLOCK, A, NULL, {0}, {0}, NULL, NULL, NULL},
	{VERB_ENV_SET, A, NULL, {SET(DID_ENV, "staging")}, {0}, NULL, NULL, NULL},
	{VERB_MARK, A, NULL, {.to = STATE_BLOCKED}, {0}, NULL, NULL, NULL},
	{VERB_UNDO, NULL, NULL, {0}, {0}, "edit", NULL, NULL},
	/* services */
	{VERB_CNAM_DEFAULT, NULL, "ACME", {OBJECT(ORG_CNAM, "ACME LTD")}, {0}, NULL, "cnam default", NULL},
	{VERB_UNDO, NULL, NULL, {0}, {0}, "cnam default", NULL, NULL},
	{VERB_CNAM_DEFAULT, NULL, "ACME", {OBJECT(ORG_CNAM, "ACME LTD")}, {0}, NULL, NULL, NULL},
	{VERB_CNAM_SET, US, NULL, {SET(DID_CNAM, "ACME SALES")}, {0}, NULL, "cnam set", NULL},
	{VERB_CNAM_SYNC, US, NULL, {SET(DID_CNAM_STATUS, "synced"), .seen_name = "ACME SALES"}, {0}, NULL, NULL, NULL},
	{VERB_CNAM_CLEAR, US, NULL, {0}, {0}, NULL, NULL, NULL},
	{VERB_LOCATION_ADD, NULL, "ACME", {ADDRESS("HQ", "1 Market St")}, {0}, NULL, "location add", NULL},
	{VERB_E911_SET, US, NULL, {.location_text = "HQ"}, {0}, NULL, "e911 set", NULL},
	{VERB_E911_SYNC, US, NULL, {SET(DID_E911, "registered")}, {0}, NULL, NULL, NULL},
	{VERB_LOCATION_EDIT, NULL, NULL, {.location_text = "HQ", OBJECT(LOCATION_FLOOR, "2")}, {0}, NULL, "location edit", NULL},
	{VERB_UNDO, NULL, NULL, {0}, {0}, "location edit", NULL, NULL},
	{VERB_E911_SET, NULL, "ACME", {ADDRESS("Annex", "2 Market St")}, {0}, NULL, NULL, NULL},
	{VERB_E911_CLEAR, US, NULL, {0}, {0}, NULL, NULL, NULL},
	{VERB_LOCATION_DELETE, NULL, NULL, {.location_text = "HQ"}, {0}, NULL, NULL, NULL},
	/* an order that comes in */
	{VERB_PORT_NEW, PORTED "-9004", "ACME", {0}, {.value = {[PORT_LOSING_CARRIER] = "Airtel"},
	 .is_set = {[PORT_LOSING_CARRIER] = true, [PORT_PIN] = true}, .pin = "1234"},
	 NULL, NULL, NULL},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ORDER, PORT(PORT_ACCOUNT, "A-1")}, NULL, NULL, NULL},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ORDER, PORT(PORT_AUTHORISED_NAME, "Ann Lee")}, NULL, NULL, NULL},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ORDER, PORT(PORT_SERVICE_ADDRESS, "1 MG Road, Pune")}, NULL, NULL, NULL},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ORDER, PORT(PORT_BTN, PORTED)}, NULL, NULL, NULL},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ORDER, PORT(PORT_CONTACT, "ann@example.com")}, NULL, NULL, NULL},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ORDER, PORT(PORT_REQUESTED_FOC, "2026-12-15")}, NULL, NULL, NULL},
	{VERB_PORT_ATTACH, PORTED "-9009", NULL, {0}, {ORDER}, NULL, NULL, NULL},
	{VERB_PORT_ATTACH, "918065979009", NULL, {0}, {ORDER, .removes = true}, NULL, NULL, NULL},
	{VERB_PORT_DOCUMENT, NULL, NULL, {0}, {ORDER, .document = &letter}, NULL, NULL, NULL},
	{VERB_PORT_DOCUMENT, NULL, NULL, {0}, {ORDER, .document = &bill}, NULL, NULL, NULL},
	{VERB_PORT_SUBMIT, NULL, NULL, {0}, {ORDER}, NULL, NULL, NULL},
	{VERB_PORT_ACK, NULL, NULL, {0}, {ORDER, .note = "seen", .is_public = true}, NULL, NULL, NULL},
	{VERB_PORT_REJECT, "918065979008", NULL, {0}, {ORDER, PORT(PORT_CODE, "7A")}, NULL, NULL, NULL},
	{VERB_PORT_SUBMIT, NULL, NULL, {0}, {ORDER}, NULL, NULL, NULL},
	{VERB_PORT_ACK, NULL, NULL, {0}, {ORDER}, NULL, NULL, NULL},
	{VERB_PORT_FOC, NULL, NULL, {0}, {ORDER, PORT(PORT_ACTUAL_FOC, "2026-12-16")}, NULL, NULL, NULL},
	{VERB_PORT_COMPLETE, NULL, NULL, {.now_ms = NOW + INT64_C(30) * 86400000}, {ORDER, .force = true}, NULL,
	 "port complete", NULL},
	{VERB_UNDO, NULL, NULL, {0}, {0}, "port complete", NULL, NULL},
	{VERB_PORT_CANCEL, NULL, NULL, {.reason = "stays there"}, {ORDER, .force = true}, NULL, NULL, NULL},
	/* the end */
	{VERB_RELEASE, "918065978002", NULL, {.to = STATE_UNKNOWN, .hold_days = 30}, {0}, NULL, "release", NULL},
	{VERB_UNDO, NULL, NULL, {0}, {0}, "release", NULL, NULL},
	{VERB_RELEASE, "918065978002", NULL, {.to = STATE_UNKNOWN, .hold_days = 30}, {0}, NULL, NULL, NULL},
	{VERB_SWEEP, "918065978002", NULL, {.now_ms = NOW + INT64_C(60) * 86400000}, {0}, NULL, NULL, NULL},
	{VERB_DELETE, "918065978009", NULL, {0}, {0}, NULL, "delete", NULL},
	{VERB_UNDO, NULL, NULL, {0}, {0}, "delete", NULL, NULL},
	{VERB_MERGE, A, NULL, {.keep_id = "row-twin"}, {0}, NULL, "merge",
	 "INSERT INTO did_numbers (id, number, pool_status, status, is_default, routing_environment)"
	 " VALUES ('row-twin', '08065978000', 'available', 'active', 0, 'prod')"},
	{VERB_UNDO, NULL, NULL, {0}, {0}, "merge", NULL, NULL},
	{VERB_LOCK, "918065978008", NULL, {0}, {0}, NULL, NULL,
	 "INSERT INTO didctl_details (number, locked, notes) VALUES ('080-6597-8050', 1, 'odd')"},
	{VERB_REPAIR, NULL, NULL, {.keep_id = "row-odd"}, {0}, NULL, "repair",
	 "INSERT INTO did_numbers (id, number, pool_status, status, is_default, routing_environment)"
	 " VALUES ('row-odd', '080-6597-8050', 'available', 'active', 0, 'prod')"},
	{VERB_UNDO, NULL, NULL, {0}, {0}, "repair", NULL, NULL},
	{VERB_USER_EDIT, NULL, NULL, {.user_text = "Cy", OBJECT(USER_NAME, "Cyd")}, {0}, NULL, "user edit", NULL},
	{VERB_UNDO, NULL, NULL, {0}, {0}, "user edit", NULL, NULL},
	{VERB_USER_DELETE, NULL, NULL, {.user_text = "Cy"}, {0}, NULL, NULL, NULL},
	{VERB_ORG_DELETE, NULL, "Initech", {0}, {0}, NULL, "org delete", NULL},
	{VERB_UNDO, NULL, NULL, {0}, {0}, "org delete", NULL, NULL},
};

struct day {
	struct fixture *f;
	char ids[ARRAY_SIZE(steps)][UUID_TEXT]; /* of the changes, by step */
};

static const char *id_of(const struct day *day, const char *title)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i].title && strcmp(steps[i].title, title) == 0)
			return day->ids[i];
	fail_msg("no step '%s'", title);
	return NULL;
}

/* What a provider was asked about is that old, or its answer is about something else. */
static const char *detail(struct fixture *f, const char *column)
{
	const char *text = ask(f, "SELECT %s FROM didctl_details WHERE number = '14155550100'", column);

	return arena_strndup(&f->arena, text, strcspn(text, "\n"));
}

static struct change change_for(const struct day *day, const struct step *step)
{
	struct change base = change_of(day->f, step->verb, step->numbers, step->org), c = step->with;

	c.verb = base.verb;
	memcpy(c.id, base.id, sizeof(c.id));
	c.actor = base.actor;
	c.host = base.host;
	c.target = base.target;
	c.org_text = base.org_text;
	c.selection = base.selection;
	c.hold_days = c.hold_days ? c.hold_days : -1;
	c.expect = -1;
	c.now_ms = c.now_ms ? c.now_ms : base.now_ms;
	c.port = step->verb >= VERB_PORT_NEW && step->verb <= VERB_PORT_COMPLETE ? &step->port : NULL;
	c.undo_of = step->undo_of ? id_of(day, step->undo_of) : NULL;
	if (c.verb == VERB_REPAIR) {
		GROW(c.repairs.at, c.repairs.n, c.repairs.cap);
		c.repairs.at[c.repairs.n++] = (struct repair){CHECK_SPELLING, c.keep_id, NULL};
		c.keep_id = NULL;
	}
	if (c.verb == VERB_CNAM_SYNC || c.verb == VERB_E911_SYNC)
		c.seen_since = detail(day->f, c.verb == VERB_CNAM_SYNC ? "cnam_since" : "e911_since");
	if (c.verb == VERB_E911_SYNC)
		c.seen_location = detail(day->f, "location");
	return c;
}

/* All that there is, but for what a failed change may leave: nothing. */
static const char *everything(struct fixture *f)
{
	static const char *const counted[] = {"didctl_history", "didctl_outbox", "didctl_port_numbers", "didctl_port_parts",
					      "didctl_port_pins"};
	static const char *const tables[] = {"didctl_locations ORDER BY id", "didctl_ports ORDER BY port",
					     "didctl_port_documents ORDER BY id", "didctl_port_events ORDER BY seq"};
	struct buf out = {0};
	const char *text;

	buf_puts(&out, dump(f, true));
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		buf_puts(&out, ask(f, "SELECT * FROM %s", tables[i]));
	buf_puts(&out, ask(f, "SELECT id, runs FROM didctl_changes ORDER BY id"));
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		buf_puts(&out, ask(f, "SELECT COUNT(*) FROM %s", counted[i]));
	text = arena_strdup(&f->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

/* The step's change with a fault; whether it came, in time to change anything. */
static bool inject(struct day *day, const struct step *step, struct faults *faults, const char *before)
{
	struct fixture *f = day->f;
	unsigned at = faults->at ? faults->at : faults->at_write;
	struct change c;
	bool fails;
	int rc;

	assert_int_equal(open_store(f, STORE_WRITE), 0);
	c = change_for(day, step);
	faults_install(faults, f);
	rc = apply(f, &c);
	fails = faults->fired && !faults->fired_after_commit;
	if (faults->violations)
		fail_msg("%s, call %u: %u calls after the error", verb_info[step->verb].name, at, faults->violations);
	if (fails ? rc != ERR_FAILED : rc != 0)
		fail_msg("%s, call %u: %d (%s)", verb_info[step->verb].name, at, rc, f->err.text);
	memcpy(day->ids[step - steps], c.id, sizeof(c.id));
	change_release(&c);
	store_close(f->store);
	f->store = NULL;
	if (fails && strcmp(everything(f), before) != 0)
		fail_msg("%s, call %u: something was changed", verb_info[step->verb].name, at);
	return fails;
}

/* What is written is not what was read: the transaction ends there, and is tried again. Where no write is left, COMMIT fails. */
static void race(struct day *day, const struct step *step, const char *before)
{
	for (int k = 0; k < 2; k++) {
		struct faults faults;
		unsigned at = 1;

		do {
			faults = (struct faults){.at_write = at, .is_duplicate = k, .in_commit = true, .class = SQL_FATAL,
						 .then_fails = true, .then = SQL_FATAL};
			if (!inject(day, step, &faults, before))
				fail_msg("%s, write %u: it was done", verb_info[step->verb].name, at);
			assert_null(strstr(day->f->err.text, "it is there already"));
			at += call_step(day->f);
		} while (faults.writes >= faults.at_write);
	}
}

static void test_every_verb(void **state)
{
	struct day day = {.f = *state};
	unsigned stride = call_step(day.f);

	assert_true(stride > 0);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		unsigned at = 1 + (unsigned)i % stride;
		const char *before;

		if (steps[i].sql)
			pbx(day.f, "%s", steps[i].sql);
		before = everything(day.f);
		race(&day, &steps[i], before);
		while (at < CALLS_MAX && inject(&day, &steps[i], &(struct faults){.at = at, .class = SQL_FATAL}, before))
			at += stride;
		assert_true(at > 5 && at < CALLS_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {CASE(test_every_verb)};

	return run_suites(tests, ARRAY_SIZE(tests));
}
