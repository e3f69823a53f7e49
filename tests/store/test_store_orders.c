/*
 * What an order that brings numbers in refuses, and what it says: a script of several orders, in which each step is done or
 * refused as the table has it, and one that is refused has changed nothing.
 */
#include "tests/store/fixture.h"

#define P "918065979000"
#define TOLL_FREE "+18005550100"
#define US "+14155550100"

static const struct port_document letter = {.kind = "loa", .name = "loa.pdf", .type = "application/pdf", .sha256 = "00",
					    .bytes = "%PDF-1.7", .size = 8};
static const struct port_document bill = {.kind = "bill", .name = "bill.pdf", .type = "application/pdf", .sha256 = "01",
					  .bytes = "%PDF-1.8", .size = 8};

struct step {
	enum verb verb;
	const char *numbers, *org;
	struct change with; /* what differs from change_of's */
	struct port_request port;
	int code;
	const char *text; /* of the error, of the plan's refusals or of what is told: "" for anything */
	int undo_of;	  /* how many steps back the change is that is undone */
	const char *sql;  /* what somebody else did before */
};

#define PORT(field, text) .value = {[field] = (text)}, .is_set = {[field] = true}
#define FOC(date, time, zone)                                                                                          \
	.value = {[PORT_ACTUAL_FOC] = (date), [PORT_FOC_TIME] = (time), [PORT_FOC_ZONE] = (zone)},                     \
	.is_set = {[PORT_ACTUAL_FOC] = true, [PORT_FOC_TIME] = true, [PORT_FOC_ZONE] = true}
#define COMPLETE                                                                                                       \
	.value = {[PORT_LOSING_CARRIER] = "Airtel", [PORT_ACCOUNT] = "A-1", [PORT_AUTHORISED_NAME] = "Ann Lee",         \
		  [PORT_SERVICE_ADDRESS] = "1 MG Road, Pune", [PORT_BTN] = P, [PORT_CONTACT] = "ann@example.com",       \
		  [PORT_REQUESTED_FOC] = "2026-12-15"},                                                                \
	.is_set = {[PORT_LOSING_CARRIER] = true, [PORT_ACCOUNT] = true, [PORT_AUTHORISED_NAME] = true,                 \
		   [PORT_SERVICE_ADDRESS] = true, [PORT_BTN] = true, [PORT_CONTACT] = true, [PORT_REQUESTED_FOC] = true}
#define REJECTION                                                                                                      \
	.value = {[PORT_CODE] = "7A", [PORT_REASON] = "account number mismatch"},                                      \
	.is_set = {[PORT_CODE] = true, [PORT_REASON] = true}
#define ADDRESS(label, street)                                                                                         \
	.object_value = {[LOCATION_LABEL] = (label), [LOCATION_COUNTRY] = "US", [LOCATION_STREET] = (street),           \
			 [LOCATION_CITY] = "San Francisco", [LOCATION_STATE_CODE] = "CA", [LOCATION_ZIP] = "94103"},   \
	.object_is_set = {[LOCATION_LABEL] = true, [LOCATION_COUNTRY] = true, [LOCATION_STREET] = true,                \
			  [LOCATION_CITY] = true, [LOCATION_STATE_CODE] = true, [LOCATION_ZIP] = true}
#define DONE 0, "", 0, NULL
#define SAYS(text) 0, text, 0, NULL
#define REFUSED(text) ERR_REFUSED, text, 0, NULL
#define FAULT(code, text) code, text, 0, NULL
#define ONE .serial = "1"
#define TWO .serial = "2"

static const struct step steps[] = {
	/* the numbers of an order are nobody else's */
	{VERB_PORT_NEW, P "-9004", "ACME", {0}, {0}, DONE},
	{VERB_PORT_NEW, P "-9004", "Globex", {0}, {0}, REFUSED("is on port order 1, which is draft")},
	{VERB_PORT_NEW, P "-9005", "Globex", {0}, {0}, REFUSED("5 numbers cannot be ordered")},
	{VERB_PORT_NEW, P, "Globex", {.partial = true}, {0}, REFUSED("1 number cannot be ordered")},
	{VERB_PORT_NEW, P "-9005", "Globex", {.partial = true}, {0}, FAULT(ERR_PARTIAL, "5 numbers were refused")},
	{VERB_PORT_ATTACH, US, NULL, {0}, {ONE}, ERR_REFUSED, "is in the inventory already: it is available", 0,
	 "INSERT INTO did_numbers (id, number, pool_status, status, is_default, routing_environment)"
	 " VALUES ('row-us', '" US "', 'available', 'active', 0, 'prod')"},
	{VERB_PORT_ATTACH, TOLL_FREE, NULL, {0}, {ONE}, 0, "", 0,
	 "INSERT INTO did_numbers (id, number, pool_status, status, is_default, routing_environment)"
	 " VALUES ('row-tf', '" TOLL_FREE "', 'reserved', 'ported', 0, 'prod')"},
	/* an order is named by its serial number */
	{VERB_PORT_EDIT, NULL, NULL, {0}, {.serial = "77", PORT(PORT_ACCOUNT, "A-1")}, FAULT(ERR_ABSENT, "no port order '77'")},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {.serial = P, PORT(PORT_ACCOUNT, "A-1")}, FAULT(ERR_ABSENT, "no port order '9")},
	/* a draft */
	{VERB_PORT_SUBMIT, NULL, NULL, {0}, {ONE}, REFUSED("cannot be submitted, it lacks")},
	{VERB_PORT_ACK, NULL, NULL, {0}, {ONE}, REFUSED("port ack cannot be done")},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ONE, PORT(PORT_REQUESTED_FOC, "2026-11-01")},
	 FAULT(ERR_USAGE, "2026-11-01' is past")},
	{VERB_PORT_ATTACH, P "-9001 " P "-9001", NULL, {0}, {TWO, .removes = true}, FAULT(ERR_ABSENT, "is not on port order 2")},
	{VERB_PORT_ATTACH, "918065979005", NULL, {0}, {TWO, .removes = true}, REFUSED("would have no number left")},
	{VERB_PORT_ATTACH, "918065979004", NULL, {0}, {ONE, .removes = true}, DONE},
	{VERB_UNDO, NULL, NULL, {0}, {0}, 0, "", 1, NULL},
	{VERB_PORT_ATTACH, "918065979004", NULL, {0}, {ONE, .removes = true}, DONE},
	{VERB_PORT_ATTACH, "918065979004", NULL, {0}, {TWO}, DONE},
	{VERB_UNDO, NULL, NULL, {0}, {0}, ERR_REFUSED, "is on port order 2", 2, NULL},
	/* what is prepared */
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ONE, PORT(PORT_LOCATION, "HQ")}, FAULT(ERR_ABSENT, "there is no location 'HQ'")},
	{VERB_LOCATION_ADD, NULL, "ACME", {ADDRESS("HQ", "1 Market St")}, {0}, DONE},
	{VERB_LOCATION_ADD, NULL, "Globex", {ADDRESS("Tower", "2 Market St")}, {0}, DONE},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ONE, PORT(PORT_LOCATION, "Tower")}, REFUSED("is another organisation's")},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ONE, PORT(PORT_LOCATION, "HQ")}, DONE},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ONE, PORT(PORT_LOCATION, "HQ")}, DONE},
	{VERB_LOCATION_DELETE, NULL, NULL, {.location_text = "HQ"}, {0}, REFUSED("prepared for the numbers of 1 port order")},
	{VERB_ORG_DELETE, NULL, "ACME", {0}, {0}, REFUSED("")},
	/* what was told stays */
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ONE, COMPLETE}, DONE},
	{VERB_PORT_DOCUMENT, NULL, NULL, {0}, {ONE, .document = &letter}, DONE},
	{VERB_PORT_DOCUMENT, NULL, NULL, {0}, {ONE, .document = &letter}, DONE},
	{VERB_PORT_DOCUMENT, NULL, NULL, {0}, {ONE, .document = &bill}, DONE},
	{VERB_PORT_SUBMIT, NULL, NULL, {0}, {ONE}, DONE},
	{VERB_UNDO, NULL, NULL, {0}, {0}, ERR_REFUSED, "others were told: it does not go back to draft", 1, NULL},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ONE, PORT(PORT_ACCOUNT, "A-2")}, REFUSED("was told its account")},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ONE, PORT(PORT_BTN, P)}, REFUSED("was told its BTN")},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ONE, PORT(PORT_ROUTE, "queue:sales")}, DONE},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ONE, PORT(PORT_ENV, "staging")}, DONE},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {ONE, PORT(PORT_CNAM, "ACME")}, DONE},
	{VERB_PORT_ATTACH, "918065979007", NULL, {0}, {ONE}, REFUSED("another order brings in more")},
	{VERB_PORT_ACK, NULL, NULL, {.reason = "by mail"}, {ONE, .note = "seen", .is_public = true}, DONE},
	/* the day */
	{VERB_PORT_FOC, NULL, NULL, {0}, {ONE, PORT(PORT_ACTUAL_FOC, "2026-11-19")}, FAULT(ERR_USAGE, "2026-11-19' is past")},
	{VERB_PORT_FOC, NULL, NULL, {0}, {ONE, FOC("2026-11-21", "09:00", NULL)},
	 FAULT(ERR_USAGE, "2026-11-21 09:00' is past")},
	{VERB_PORT_FOC, NULL, NULL, {0}, {ONE, FOC("2026-12-16", NULL, NULL)}, SAYS("(2026-12-16 UTC)")},
	{VERB_PORT_CANCEL, NULL, NULL, {.dry_run = true}, {ONE}, DONE},
	{VERB_PORT_FOC, NULL, NULL, {0}, {ONE, FOC("2026-11-22", "09:30", "America/New_York")},
	 SAYS("(2026-11-22 09:30 America/New_York)")},
	{VERB_UNDO, NULL, NULL, {0}, {0}, ERR_REFUSED, "others were told: it does not go back", 1, NULL},
	{VERB_PORT_CANCEL, NULL, NULL, {0}, {ONE}, REFUSED("within 48 hours of its FOC")},
	{VERB_PORT_CANCEL, NULL, NULL, {0}, {ONE, .force = true}, REFUSED("within 48 hours of its FOC")},
	{VERB_PORT_CANCEL, NULL, NULL, {.reason = ""}, {ONE, .force = true}, REFUSED("within 48 hours of its FOC")},
	{VERB_PORT_CANCEL, NULL, NULL, {.reason = "agreed", .dry_run = true}, {ONE, .force = true}, DONE},
	/* it comes back */
	{VERB_PORT_REJECT, "918065979005", NULL, {0}, {ONE, REJECTION}, FAULT(ERR_ABSENT, "is not on port order 1")},
	{VERB_PORT_REJECT, P, NULL, {0}, {ONE, REJECTION, .note = "see mail"}, DONE},
	{VERB_PORT_ATTACH, "918065979006", NULL, {0}, {ONE}, DONE},
	{VERB_PORT_SUBMIT, NULL, NULL, {0}, {ONE}, DONE},
	{VERB_PORT_ACK, NULL, NULL, {0}, {ONE}, DONE},
	{VERB_PORT_FOC, NULL, NULL, {0}, {ONE, FOC("2026-12-16", "09:30", NULL)}, SAYS("(2026-12-16 09:30 UTC)")},
	/* completion: one of its numbers is another's by now, one its own, and one is on the pool's list as something else */
	{VERB_PORT_COMPLETE, NULL, NULL, {0}, {ONE}, ERR_REFUSED, "is assigned to Globex", 0,
	 "INSERT INTO did_numbers (id, number, org_id, pool_status, status, is_default, routing_environment) VALUES"
	 " ('row-p', '" P "', 'o-glob', 'assigned', 'active', 0, 'prod'),"
	 " ('row-q', '918065979001', 'o-acme', 'assigned', 'active', 0, 'prod'),"
	 " ('row-r', '918065979002', 'o-acme', 'assigned', 'suspended', 0, 'prod')"},
	{VERB_PORT_COMPLETE, NULL, NULL, {.partial = true}, {ONE}, FAULT(ERR_PARTIAL, "toll-free, and so without")},
	{VERB_PORT_ATTACH, "918065979003", NULL, {0}, {ONE, .removes = true}, FAULT(ERR_ABSENT, "is not on port order 1")},
	{VERB_UNDO, NULL, NULL, {0}, {0}, 0, "leaves port order 1 alone until its day is said", 2, NULL},
	{VERB_PORT_ATTACH, P " 918065979002", NULL, {0}, {ONE, .removes = true}, DONE},
	{VERB_PORT_COMPLETE, NULL, NULL, {.dry_run = true}, {ONE}, SAYS("that has not come yet")},
	{VERB_PORT_COMPLETE, NULL, NULL, {0}, {ONE}, DONE},
	{VERB_PORT_COMPLETE, NULL, NULL, {0}, {ONE}, REFUSED("port complete cannot be done; legal now: nothing")},
	/* undone without a number that has been blocked since */
	{VERB_MARK, "918065979006", NULL, {.to = STATE_BLOCKED}, {0}, DONE},
	{VERB_UNDO, NULL, NULL, {0}, {0}, ERR_REFUSED, "1 number may not change", 3, NULL},
	{VERB_UNDO, NULL, NULL, {.partial = true}, {0}, ERR_PARTIAL, "leaves port order 1 alone until", 4, NULL},
	{VERB_PORT_ATTACH, "918065979006", NULL, {0}, {ONE, .removes = true}, FAULT(ERR_ABSENT, "is not on port order 1")},
	/* what was prepared has gone since */
	{VERB_PORT_COMPLETE, NULL, NULL, {0}, {ONE}, ERR_ABSENT, "there is no location", 0,
	 "DELETE FROM didctl_locations WHERE label = 'HQ'"},
	{VERB_PORT_CANCEL, NULL, NULL, {.reason = "stays there"}, {TWO, .note = "sorry"}, DONE},
	{VERB_PORT_EDIT, NULL, NULL, {0}, {TWO, PORT(PORT_ACCOUNT, "A-1")}, REFUSED("legal now: nothing")},
	/* who has an address has to part with it first */
	{VERB_ORG_ADD, NULL, NULL, {.object_value = {[ORG_NAME] = "Initech"}, .object_is_set = {[ORG_NAME] = true}}, {0}, DONE},
	{VERB_PORT_NEW, "918065979008", "Initech", {0}, {0}, DONE},
	{VERB_ORG_DELETE, NULL, "Initech", {0}, {0}, REFUSED("it still has port order 3, which is draft")},
	{VERB_PORT_CANCEL, NULL, NULL, {0}, {.serial = "3"}, DONE},
	{VERB_LOCATION_ADD, NULL, "Initech", {ADDRESS("Hut", "3 Market St")}, {0}, DONE},
	{VERB_ORG_DELETE, NULL, "Initech", {0}, {0}, REFUSED("still has 1 emergency address")},
	/* of which nobody heard, and whose organisation has gone */
	{VERB_PORT_NEW, "918065979008", "Initech", {0}, {0}, DONE},
	{VERB_UNDO, NULL, NULL, {0}, {0}, 0, "", 1, NULL},
	{VERB_PORT_CANCEL, NULL, NULL, {0}, {.serial = "4"}, FAULT(ERR_ABSENT, "no port order '4'")},
	{VERB_PORT_NEW, "918065979008", "Initech", {0}, {0}, DONE},
	{VERB_PORT_CANCEL, NULL, NULL, {0}, {.serial = "5"}, 0, "", 0, "DELETE FROM organizations WHERE name = 'Initech'"},
};

static struct change change_for(struct fixture *f, const struct step *step, char ids[][UUID_TEXT])
{
	struct change base = change_of(f, step->verb, step->numbers, step->org), c = step->with;

	c.verb = base.verb;
	memcpy(c.id, base.id, sizeof(c.id));
	c.actor = base.actor;
	c.host = base.host;
	c.target = base.target;
	c.org_text = base.org_text;
	c.selection = base.selection;
	c.hold_days = c.expect = -1;
	c.now_ms = base.now_ms;
	c.port = step->verb >= VERB_PORT_NEW && step->verb <= VERB_PORT_COMPLETE ? &step->port : NULL;
	c.undo_of = step->undo_of ? ids[step - steps - step->undo_of] : NULL;
	return c;
}

/* The error, why numbers were refused, and what else is told. */
static bool is_told(const struct fixture *f, const char *text)
{
	bool is_told = strstr(f->err.text, text) || says(&f->plan.follows, text) || says(&f->plan.warnings, text);

	for (size_t i = 0; i < f->plan.nruns; i++)
		is_told |= f->plan.runs[i].reason && strstr(f->plan.runs[i].reason, text);
	return is_told;
}

static const char *everything(struct fixture *f)
{
	return arena_printf(&f->arena, "%s%s%s", dump(f, true), ask(f, "SELECT * FROM didctl_ports ORDER BY port"),
			    ask(f, "SELECT * FROM didctl_port_numbers ORDER BY port, first"));
}

static void test_script(void **state)
{
	char ids[ARRAY_SIZE(steps)][UUID_TEXT];
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		const char *verb = verb_info[steps[i].verb].name, *before;
		struct change c;
		int rc;

		if (steps[i].sql)
			pbx(f, "%s", steps[i].sql);
		before = everything(f);
		c = change_for(f, &steps[i], ids);
		rc = apply(f, &c);
		memcpy(ids[i], c.id, sizeof(c.id));
		if (rc != steps[i].code || !is_told(f, steps[i].text))
			fail_msg("step %zu, %s: %d, not %d: '%s', not '%s'", i, verb, rc, steps[i].code, f->err.text,
				 steps[i].text);
		if (((rc < 0 && rc != ERR_PARTIAL) || c.dry_run) && strcmp(everything(f), before) != 0)
			fail_msg("step %zu, %s: something was changed", i, verb);
		change_release(&c);
	}
	assert_string_equal(ask(f, "SELECT number, pool_status, org_id, routing_environment FROM did_numbers WHERE"
				   " number LIKE '91806597900_' ORDER BY number"),
			    P "|assigned|o-glob|prod\n918065979001|assigned|o-acme|prod\n"
			      "918065979002|assigned|o-acme|prod\n918065979006|assigned|o-acme|staging\n");
	assert_string_equal(ask(f, "SELECT number FROM didctl_details WHERE location IS NOT NULL ORDER BY number"),
			    "918065979006\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {CASE(test_script)};

	return run_suites(tests, ARRAY_SIZE(tests));
}
