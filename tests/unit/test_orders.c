/* Port orders as a change decides them: what stands in a store that no verb of ours wrote, and what undo may not turn back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "did/ports.h"
#include "tests/unit/inventory.h"

#define NOW_MS INT64_C(1795219200000) /* 2026-11-21T00:00:00Z */
#define LOA "1\tloa\tloa.pdf\tapplication/pdf\t8\tabc\t2026-11-20T00:00:00Z\tid\n"
#define WHOLE                                                                                                          \
	[PORT_ORG_ID] = "acme", [PORT_LOSING_CARRIER] = "Airtel", [PORT_TYPE] = "wireline", [PORT_ACCOUNT] = "A-1",      \
	[PORT_BTN] = "918065979000", [PORT_AUTHORISED_NAME] = "Ann", [PORT_SERVICE_ADDRESS] = "1 MG Road",              \
	[PORT_DOCUMENTS] = LOA
#define PENDING "918065979000\t918065979004\tpending\t\n"
#define BROKEN "918065979000 and some more"

static const struct inventory_row rows[] = {
	{"r0", "918065978000", STATE_ASSIGNED, {[DID_ORG_ID] = "acme"}},
	{"r1", "918065978001", STATE_PORTED, {NULL}},
	{"r2", "front desk", STATE_AVAILABLE, {NULL}},
};

static const struct inventory_object objects[] = {
	{OBJECT_ORG, "acme", {"ACME", "org_acme"}},
	{OBJECT_ORG, "globex", {"Globex", "org_glob"}},
	{OBJECT_LOCATION, "here", {"HQ", "acme"}},
	{OBJECT_LOCATION, "there", {"Depot", "globex"}},
	{OBJECT_LOCATION, "anywhere", {"Hall", NULL}},
	{OBJECT_PORT, "1", {WHOLE, [PORT_STATE] = "draft", [PORT_NUMBERS] = "918065979900\t918065979904\tpending\t\n"}},
	{OBJECT_PORT, "2", {WHOLE, [PORT_STATE] = "draft", [PORT_NUMBERS] = BROKEN}},
	{OBJECT_PORT, "3", {WHOLE, [PORT_STATE] = "submitted", [PORT_NUMBERS] = BROKEN}},
	{OBJECT_PORT, "4", {WHOLE, [PORT_STATE] = "foc-set", [PORT_ACTUAL_FOC] = "2026-12-01", [PORT_NUMBERS] = BROKEN}},
	{OBJECT_PORT, "5", {WHOLE, [PORT_STATE] = "lost", [PORT_NUMBERS] = PENDING}},
	{OBJECT_PORT, "6", {WHOLE, [PORT_STATE] = "foc-set", [PORT_ACTUAL_FOC] = "soon", [PORT_NUMBERS] = PENDING}},
	{OBJECT_PORT, "7", {WHOLE, [PORT_STATE] = "foc-set", [PORT_NUMBERS] = PENDING}},
	{OBJECT_PORT, "8", {WHOLE, [PORT_STATE] = "foc-set", [PORT_ACTUAL_FOC] = "2026-11-22", [PORT_NUMBERS] = PENDING}},
	{OBJECT_PORT, "10", {WHOLE, [PORT_NUMBERS] = PENDING}}, /* of no state */
	{OBJECT_PORT, "11", {WHOLE, [PORT_STATE] = "submitted", [PORT_NUMBERS] = PENDING}},
};

/* What the kernel's random bytes are, once it shall have none. */
static bool is_without_random;

ssize_t getrandom(void *bytes, size_t len, unsigned flags)
{
	(void)flags;
	memset(bytes, 7, len);
	return is_without_random ? -1 : (ssize_t)len;
}

struct orders {
	struct inventory inventory;
	struct plan plan;
	struct err err;
};

static void reset(struct orders *orders)
{
	const struct inventory inventory = INVENTORY(rows, objects);

	plan_release(&orders->plan);
	buf_release(&orders->inventory.guarded);
	*orders = (struct orders){.inventory = inventory};
	orders->plan.org = (struct org){.id = "acme", .name = "ACME"};
}

static int decide_port(struct orders *orders, const struct change *change)
{
	struct change own = *change;

	reset(orders);
	own.now_ms = NOW_MS;
	own.expect = -1;
	return ports_decide(&orders->inventory.facts, &own, &orders->plan, &orders->err);
}

#define PORT(...) .port = &(const struct port_request){.serial = __VA_ARGS__} /* its serial, then more of it */
#define SET(field, text) .value = {[field] = (text)}, .is_set = {[field] = true}
#define DOCUMENT(hash) .document = &(const struct port_document){.kind = "bill", .name = "b.pdf", .type = "x", .sha256 = (hash)}

static const struct {
	struct change change;
	int rc;
	const char *text; /* of the error */
} refused[] = {
	{{.verb = VERB_PORT_EDIT, PORT("2", SET(PORT_ACCOUNT, "A-2"))}, ERR_FAILED, "the numbers of a port order cannot be read"},
	{{.verb = VERB_PORT_ATTACH, PORT("2")}, ERR_FAILED, "the numbers of a port order cannot be read"},
	{{.verb = VERB_PORT_SUBMIT, PORT("2")}, ERR_FAILED, "the numbers of a port order cannot be read"},
	{{.verb = VERB_PORT_REJECT, PORT("3", SET(PORT_CODE, "7A"))}, ERR_FAILED, "the numbers of a port order cannot be read"},
	{{.verb = VERB_PORT_EDIT, PORT("5", SET(PORT_ACCOUNT, "A-2"))}, ERR_REFUSED,
	 "port order 5 is cancelled: port edit cannot be done; legal now: nothing"},
	{{.verb = VERB_PORT_CANCEL, PORT("10")}, ERR_REFUSED,
	 "port order 10 is cancelled: port cancel cannot be done; legal now: nothing"},
	{{.verb = VERB_PORT_CANCEL, PORT("8")}, ERR_REFUSED,
	 "port order 8 is within 48 hours of its FOC 2026-11-22: the numbers are about to move"},
	{{.verb = VERB_PORT_CANCEL, PORT("8", .force = true)}, ERR_REFUSED,
	 "port order 8 is within 48 hours of its FOC 2026-11-22: the numbers are about to move"},
	{{.verb = VERB_PORT_CANCEL, PORT("8", .force = true), .reason = ""}, ERR_REFUSED,
	 "port order 8 is within 48 hours of its FOC 2026-11-22: the numbers are about to move"},
	{{.verb = VERB_PORT_CANCEL, PORT("8", .force = true), .reason = "agreed"}, 0, NULL},
	{{.verb = VERB_PORT_CANCEL, PORT("6")}, 0, NULL}, /* a day that is none is not near */
	{{.verb = VERB_PORT_CANCEL, PORT("7")}, 0, NULL},
	{{.verb = VERB_PORT_EDIT, PORT("1", SET(PORT_REQUESTED_FOC, NULL))}, 0, NULL},
	{{.verb = VERB_PORT_EDIT, PORT("11", SET(PORT_ACCOUNT, "A-2"))}, ERR_REFUSED,
	 "port order 11 is submitted: the losing carrier was told its account; what can still be edited is what the numbers get"},
	{{.verb = VERB_PORT_EDIT, PORT("11", SET(PORT_LOCATION, "here"))}, 0, NULL},
	{{.verb = VERB_PORT_EDIT, PORT("11", SET(PORT_LOCATION, NULL))}, 0, NULL},
	{{.verb = VERB_PORT_EDIT, PORT("11", SET(PORT_LOCATION, "anywhere"))}, 0, NULL},
	{{.verb = VERB_PORT_EDIT, PORT("11", SET(PORT_LOCATION, "Depot"))}, ERR_REFUSED,
	 "location 'there' is another organisation's"},
	{{.verb = VERB_PORT_EDIT, PORT("77", SET(PORT_CNAM, "A"))}, ERR_ABSENT, "there is no port order '77'"},
};

static void test_refused(void **state)
{
	struct orders orders = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		int rc = decide_port(&orders, &refused[i].change);

		if (rc != refused[i].rc || (rc && strcmp(orders.err.text, refused[i].text) != 0))
			fail_msg("refused %zu: %d, %s", i, rc, orders.err.text);
		if (rc)
			assert_int_equal(orders.plan.nobjects, 0);
		assert_memory_equal(buf_str(&orders.inventory.guarded), "ports acme ", 11);
	}
	reset(&orders);
}

/* What makes an id, without random bytes to make it of. */
static const struct change makers[] = {
	{.verb = VERB_PORT_NEW, PORT(NULL, .is_set = {[PORT_PIN] = true}, .pin = "1234")},
	{.verb = VERB_PORT_EDIT, PORT("1", .is_set = {[PORT_PIN] = true}, .pin = "1234")},
	{.verb = VERB_PORT_DOCUMENT, PORT("1", DOCUMENT("abcd"))},
};
static const struct change cleared = {.verb = VERB_PORT_EDIT, PORT("1", .is_set = {[PORT_PIN] = true})};

static void test_without_random(void **state)
{
	struct orders orders = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		assert_int_equal(decide_port(&orders, &makers[i]), 0);
		is_without_random = true;
		assert_int_equal(decide_port(&orders, &makers[i]), ERR_FAILED);
		assert_int_equal(orders.plan.nobjects, 0);
		assert_int_equal(decide_port(&orders, &cleared), 0); /* needs none */
		is_without_random = false;
	}
	reset(&orders);
}

/* The same bytes are there once, however they are called; a name that looks like a hash is none. */
static void test_documents(void **state)
{
	static const struct {
		const char *sha256;
		bool is_new;
	} documents[] = {{"abc", false}, {"loa.pdf", false}, {"pdf", true}, {"bc", true}, {"1", true}, {"def", true}};
	struct orders orders = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		const struct port_document document = {.kind = "bill", .name = "b", .type = "x", .sha256 = documents[i].sha256};
		const struct port_request request = {.serial = "1", .document = &document};
		const struct change change = {.verb = VERB_PORT_DOCUMENT, .port = &request};

		assert_int_equal(decide_port(&orders, &change), 0);
		if ((orders.plan.nobjects == 1) != documents[i].is_new)
			fail_msg("document %zu", i);
		if (documents[i].is_new)
			assert_memory_equal(orders.plan.objects[0].after[PORT_DOCUMENTS] + strlen(LOA), "2\tbill\t", 7);
	}
	reset(&orders);
}

/* ---- numbers that an order may not have */

static int attach(struct orders *orders, uint64_t at, uint64_t count, bool partial)
{
	const struct port_request request = {.serial = "1"};
	struct change change = {.verb = VERB_PORT_ATTACH, .port = &request, .partial = partial};
	int rc;

	rangeset_add(&change.selection.numbers, (struct interval){{FIRST + at, 12}, count});
	rangeset_normalise(&change.selection.numbers);
	rc = decide_port(orders, &change);
	selection_release(&change.selection);
	return rc;
}

static void test_numbers(void **state)
{
	struct orders orders = {0};

	(void)state;
	assert_int_equal(attach(&orders, 1, 1, false), 0); /* it was ported away, and may come back */
	assert_int_equal(attach(&orders, 0, 3, false), ERR_REFUSED);
	assert_string_equal(orders.err.text, "1 number cannot be ordered: nothing was changed");
	assert_int_equal(orders.plan.nruns, 1);
	assert_string_equal(orders.plan.runs[0].reason, "is in the inventory already: it is assigned");
	assert_int_equal(attach(&orders, 0, 3, true), 0);
	assert_non_null(strstr(orders.plan.objects[0].after[PORT_NUMBERS], "918065978001\t918065978002\tpending"));
	assert_int_equal(attach(&orders, 0, 1, true), ERR_REFUSED); /* none is left */
	assert_int_equal(attach(&orders, 1900, 2, true), 0);	    /* it has them: nothing changes */
	assert_int_equal(orders.plan.unchanged, 1);
	assert_int_equal(attach(&orders, 1004, 2, false), ERR_REFUSED);
	assert_string_equal(orders.plan.runs[0].reason, "is on port order 6, which is foc-set");
	reset(&orders);
}

/* A row beside them that is no number. */
static void test_row_that_is_none(void **state)
{
	const struct change change = {.verb = VERB_PORT_NEW};
	struct orders orders = {0};
	struct rangeset numbers = {0};

	(void)state;
	reset(&orders);
	orders.inventory.late = &rows[2];
	rangeset_add(&numbers, (struct interval){{FIRST + 50, 12}, 2});
	rangeset_normalise(&numbers);
	assert_int_equal(ports_check_numbers(&orders.inventory.facts, &change, &orders.plan, "99", &numbers, &orders.err), 0);
	assert_int_equal(rangeset_count(&numbers), 2);
	assert_int_equal(orders.plan.nruns, 0);
	rangeset_release(&numbers);
	reset(&orders);
}

/* ---- completion */

static int begin(struct orders *orders, const char *serial, struct rangeset *numbers)
{
	const struct port_request request = {.serial = serial};
	struct change own = {.verb = VERB_PORT_COMPLETE, .port = &request, .now_ms = NOW_MS};

	return ports_begin(&orders->inventory.facts, &own, &orders->plan, numbers, &orders->err);
}

static void test_begin(void **state)
{
	static const struct {
		const char *serial;
		int rc;
		size_t warnings;
	} begun[] = {
		{"4", ERR_FAILED, 0}, {"5", ERR_REFUSED, 0}, {"6", 0, 0}, {"7", 0, 0}, {"8", 0, 1}, {"11", ERR_REFUSED, 0},
	};
	struct orders orders = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(begun); i++) {
		struct rangeset numbers = {0};

		reset(&orders);
		assert_int_equal(begin(&orders, begun[i].serial, &numbers), begun[i].rc);
		assert_int_equal(rangeset_count(&numbers), begun[i].rc ? 0 : 5);
		assert_int_equal(orders.plan.warnings.n, begun[i].warnings);
		if (begun[i].warnings)
			assert_string_equal(orders.plan.warnings.at[0], "the FOC of port order 8 is 2026-11-22: that has not come yet");
		rangeset_release(&numbers);
	}
	reset(&orders);
}

static void test_broken_completion(void **state)
{
	const struct port_request request = {.serial = "4"};
	const struct change change = {.verb = VERB_PORT_COMPLETE, .port = &request};
	struct orders orders = {0};

	(void)state;
	reset(&orders);
	assert_int_equal(ports_complete(&orders.inventory.facts, &change, &orders.plan, &orders.err), ERR_FAILED);
	reset(&orders);
}

/* A store that keeps no orders, or no locations. */
static void test_bare_store(void **state)
{
	const char *order[OBJECT_FIELDS] = {[PORT_ORG_ID] = "acme", [PORT_LOCATION] = "here"};
	struct facts_ops ops = inventory_ops;
	struct orders orders = {0};

	(void)state;
	reset(&orders);
	ops.open_orders = NULL;
	orders.inventory.facts.has_locations = false;
	assert_int_equal(ports_check_location(&orders.inventory.facts, &orders.plan, order, &orders.err), ERR_ABSENT);
	assert_string_equal(orders.err.text, "there is no location 'here'");
	order[PORT_LOCATION] = NULL;
	assert_int_equal(ports_check_location(&orders.inventory.facts, &orders.plan, order, &orders.err), 0);
	orders.inventory.facts.ops = &ops;
	assert_int_equal(ports_guard(&orders.inventory.facts, &orders.err), ERR_TARGET);
	assert_string_equal(orders.err.text, "'sqlite:test' keeps no port orders");
	assert_int_equal(ports_check_owner(&orders.inventory.facts, "acme", "ACME", &orders.err), 0);
	orders.inventory.facts.ops = &inventory_ops;
	assert_int_equal(ports_check_owner(&orders.inventory.facts, "globex", "Globex", &orders.err), 0);
	reset(&orders);
}

/* ---- undo */

#define COMPLETED "918065979000\t918065979004\tcompleted\t\n"
#define SPLIT "918065979000\t918065979001\tcompleted\t\n918065979002\t918065979004\tpending\t\n"

static const struct {
	struct object o;
	uint64_t refused;      /* so many of the first numbers are left as they are */
	int rc;
	const char *text;      /* of the error, or the state and numbers that come of it */
} undone[] = {
	{{.was = true, .is = true, .before = {[PORT_STATE] = "cancelled"}, .after = {[PORT_STATE] = "draft"}}, 0, ERR_REFUSED,
	 "port order 20 is cancelled, and others were told: it does not go back to draft; legal now: nothing"},
	{{.was = true, .is = true, .before = {[PORT_STATE] = "submitted"}, .after = {[PORT_STATE] = "draft"}}, 0, ERR_REFUSED,
	 "port order 20 is submitted, and others were told: it does not go back to draft; legal now: port edit, port attach,"
	 " port document, port ack, port reject, port cancel"},
	{{.was = true, .is = true, .before = {[PORT_STATE] = "foc-set", [PORT_ACTUAL_FOC] = "2026-12-02"},
	  .after = {[PORT_STATE] = "foc-set", [PORT_ACTUAL_FOC] = "2026-12-01"}}, 0, ERR_REFUSED,
	 "the FOC of port order 20 is 2026-12-02, and others were told: it does not go back; didctl port foc 20 DATE sets another"},
	{{.was = true, .is = true, .before = {[PORT_STATE] = "draft", [PORT_NUMBERS] = BROKEN},
	  .after = {[PORT_STATE] = "draft"}}, 0, ERR_FAILED, "the numbers of a port order cannot be read"},
	{{.was = true, .is = true, .before = {[PORT_STATE] = "draft"},
	  .after = {[PORT_STATE] = "draft", [PORT_NUMBERS] = BROKEN}}, 0, ERR_FAILED, "the numbers of a port order cannot be read"},
	{{.was = true, .is = true, .before = {[PORT_STATE] = "completed", [PORT_NUMBERS] = COMPLETED},
	  .after = {[PORT_STATE] = "foc-set", [PORT_NUMBERS] = PENDING}}, 0, 0, "foc-set undone " PENDING},
	{{.was = true, .is = true, .before = {[PORT_STATE] = "completed", [PORT_NUMBERS] = COMPLETED},
	  .after = {[PORT_STATE] = "foc-set", [PORT_NUMBERS] = PENDING}}, 2, 0, "foc-set undone " SPLIT},
	{{.was = true, .is = true, .before = {[PORT_STATE] = "completed", [PORT_NUMBERS] = COMPLETED},
	  .after = {[PORT_STATE] = "foc-set", [PORT_NUMBERS] = PENDING}}, 5, 0, "foc-set - " COMPLETED},
	/* an undo that is undone: without all of its numbers the order is not completed */
	{{.was = true, .is = true, .before = {[PORT_STATE] = "foc-set", [PORT_NUMBERS] = PENDING},
	  .after = {[PORT_STATE] = "completed", [PORT_NUMBERS] = COMPLETED}}, 0, 0, "completed - " COMPLETED},
	{{.was = true, .is = true, .before = {[PORT_STATE] = "foc-set", [PORT_NUMBERS] = PENDING},
	  .after = {[PORT_STATE] = "completed", [PORT_NUMBERS] = COMPLETED}}, 5, 0, "foc-set - " PENDING},
	/* one that was made goes, whatever stands in it */
	{{.was = true, .before = {[PORT_STATE] = "draft", [PORT_NUMBERS] = BROKEN}}, 0, 0, "- - -"},
	{{.is = true, .after = {[PORT_STATE] = "draft", [PORT_NUMBERS] = "918065978005\t918065978005\tpending\t\n"}}, 0, 0,
	 "draft - 918065978005\t918065978005\tpending\t\n"},
	{{.is = true, .after = {[PORT_STATE] = "draft", [PORT_NUMBERS] = "918065978000\t918065978000\tpending\t\n"}}, 0, ERR_REFUSED,
	 "1 number cannot be ordered: nothing was changed"},
};

static const char *shown(const char *text)
{
	return text ? text : "-";
}

static void test_undo(void **state)
{
	static const struct inventory_object owner[] = {{OBJECT_ORG, "acme", {"ACME"}}};
	const struct inventory inventory = INVENTORY(rows, owner);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(undone); i++) {
		struct orders orders = {.inventory = inventory};
		struct object o = undone[i].o;
		struct buf out = {0};
		int rc;

		o.kind = OBJECT_PORT;
		o.id = "20";
		if (undone[i].refused)
			plan_add_run(&orders.plan, &(struct run){.first = {918065979000, 12}, .count = undone[i].refused,
								 .result = RESULT_REFUSED});
		plan_add_run(&orders.plan, &(struct run){.first = {918065979000 + undone[i].refused, 12}, .count = 1});
		rc = ports_check_undo(&orders.inventory.facts, &orders.plan, &o, &orders.err);
		buf_printf(&out, "%s %s %s", shown(o.after[PORT_STATE]), shown(o.after[PORT_CODE]), shown(o.after[PORT_NUMBERS]));
		if (rc != undone[i].rc || strcmp(rc ? orders.err.text : out.data, undone[i].text) != 0)
			fail_msg("undo %zu: %d, %s", i, rc, rc ? orders.err.text : out.data);
		buf_release(&out);
		reset(&orders);
	}
}

/* ---- what the time line says */

static void test_notes(void **state)
{
	const struct object o = {.after = {[PORT_CODE] = "7A", [PORT_REASON] = "no such account"}};
	static const struct {
		enum verb verb;
		const char *reason, *note, *text;
		bool is_public;
	} notes[] = {
		{VERB_PORT_REJECT, NULL, NULL, "7A: no such account", true},
		{VERB_PORT_REJECT, "why", "seen", "7A: no such account; seen", true},
		{VERB_PORT_ACK, NULL, NULL, NULL, true},
		{VERB_PORT_ACK, "", "seen", "seen", true},
		{VERB_PORT_ACK, "why", NULL, "why", false},
		{VERB_PORT_ACK, "why", "seen", "why; seen", false}, /* a reason is ours */
	};
	struct arena arena = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		const struct port_request request = {.note = notes[i].note, .is_public = true}, internal = {.note = notes[i].note};
		struct change change = {.verb = notes[i].verb, .reason = notes[i].reason, .port = &request};
		const char *text = ports_note(&change, &o, &arena);

		assert_string_equal(shown(text), shown(notes[i].text));
		assert_int_equal(ports_note_is_public(&change), notes[i].is_public);
		change.port = &internal;
		assert_int_equal(ports_note_is_public(&change), notes[i].verb == VERB_PORT_REJECT);
		change.port = NULL;
		assert_false(ports_note_is_public(&change));
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_without_random),
		cmocka_unit_test(test_documents),  cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_row_that_is_none), cmocka_unit_test(test_begin),
		cmocka_unit_test(test_broken_completion), cmocka_unit_test(test_bare_store),
		cmocka_unit_test(test_undo),	   cmocka_unit_test(test_notes),
	};

	return cmocka_run_group_tests_name("orders", tests, NULL, NULL);
}
