/* Port orders against services.md: states, completeness, days and zones, documents, the numbers of an order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/zone.h"
#include "did/plan.h"
#include "did/port_numbers.h"
#include "service/pdf.h"

/*
 * What each verb makes of an order in each state, in the order of enum port_state (draft, submitted, acknowledged, foc-set,
 * exception, completed, cancelled): the first letter of the state that it leads to, '=' for the same, a blank where it may
 * not. 'X' is the exception, 'K' completed, 'C' cancelled.
 */
static const char letters[PORT_STATES + 1] = "DSAFXKC";

static const struct {
	enum verb verb;
	const char *to;
} steps[] = {
	{VERB_PORT_EDIT, "=====  "},	 {VERB_PORT_ATTACH, "=====  "}, {VERB_PORT_DOCUMENT, "=====  "},
	{VERB_PORT_SUBMIT, "S   S  "},	 {VERB_PORT_ACK, " A     "},	{VERB_PORT_FOC, "  FF   "},
	{VERB_PORT_REJECT, " XXX   "},	 {VERB_PORT_CANCEL, "CCCCC  "}, {VERB_PORT_COMPLETE, "   K   "},
	{VERB_PORT_NEW, "       "},
};

static void test_transitions(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		for (int from = 0; from < PORT_STATES; from++) {
			const struct port_transition *t = port_transition_find(steps[i].verb, (enum port_state)from);

			assert_int_equal(!t ? ' ' : t->to == PORT_STAYS ? '=' : letters[t->to], steps[i].to[from]);
		}
}

static void test_legal_verbs(void **state)
{
	struct buf out = {0};

	(void)state;
	port_transition_verbs(&out, PORT_SUBMITTED);
	assert_string_equal(buf_str(&out), "port edit, port attach, port document, port ack, port reject, port cancel");
	buf_reset(&out);
	port_transition_verbs(&out, PORT_CANCELLED);
	assert_string_equal(buf_str(&out), "");
	buf_release(&out);
	for (int s = 0; s < PORT_STATES; s++)
		assert_int_equal(port_state_find(port_state_names[s]), s);
	assert_int_equal(port_state_find("open"), -1);
}

static void test_undo(void **state)
{
	(void)state;
	assert_true(port_may_undo(PORT_DRAFT, PORT_DRAFT));
	assert_true(port_may_undo(PORT_COMPLETED, PORT_FOC_SET));
	assert_false(port_may_undo(PORT_SUBMITTED, PORT_DRAFT));
	assert_false(port_may_undo(PORT_CANCELLED, PORT_DRAFT));
	assert_true(port_may_undo(PORT_FOC_SET, PORT_COMPLETED)); /* an undo is undone */
}

static void test_missing(void **state)
{
	const char *value[PORT_OWN_FIELDS] = {[PORT_TYPE] = "wireline"};
	struct strlist missing = {0};

	(void)state;
	port_missing(&missing, value, NULL);
	assert_int_equal(missing.n, 6);
	missing.n = 0;
	for (int f = 0; f < PORT_OWN_FIELDS; f++)
		value[f] = "x";
	port_missing(&missing, value, "1\tbill\tloa\tx\t1\tx\tx\tx\n2\tcsr\tloa\tx\t1\tx\tx\tx\n");
	assert_int_equal(missing.n, 1);
	missing.n = 0;
	port_missing(&missing, value, "1\tloan\tl\tx\t1\tx\tx\tx\n\n2");
	assert_int_equal(missing.n, 1);
	missing.n = 0;
	port_missing(&missing, value, "1\tbill\tb\tx\t1\tx\tx\tx\n2\tloa\tl\tx\t1\tx\tx\tx\n");
	assert_int_equal(missing.n, 0);
	strlist_release(&missing);
}

/* What the losing carrier is told, and so stays as it is once the order is out. */
static void test_told(void **state)
{
	static const bool is_told[PORT_FIELDS] = {
		[PORT_LOSING_CARRIER] = true, [PORT_TYPE] = true, [PORT_ACCOUNT] = true, [PORT_PIN] = true, [PORT_BTN] = true,
		[PORT_AUTHORISED_NAME] = true, [PORT_SERVICE_ADDRESS] = true, [PORT_CONTACT] = true,
		[PORT_REQUESTED_FOC] = true, [PORT_REQUESTED_TIME] = true, [PORT_REQUESTED_ZONE] = true,
	};

	(void)state;
	for (int f = 0; f < PORT_FIELDS; f++)
		assert_int_equal(port_is_told((enum port_field)f), is_told[f]);
}

static void test_time_of_day(void **state)
{
	static const struct {
		const char *text;
		int minute; /* -1: it is none */
	} times[] = {
		{"00:00", 0}, {"09:30", 570}, {"23:59", 1439}, {"24:00", -1}, {"23:60", -1}, {"9:30", -1}, {"09.30", -1},
		{"a9:30", -1}, {"0a:30", -1}, {"09:a0", -1}, {"09:3a", -1}, {"09:300", -1}, {"", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		assert_int_equal(port_parse_time(times[i].text), times[i].minute);
}

/* 2026-01-01 was a Thursday. */
static const struct {
	const char *submitted, *holidays, *due;
} acknowledgements[] = {
	{"2026-01-05T00:00:00Z", NULL, "2026-01-09T00:00:00Z"}, /* Monday: Tuesday, Wednesday, Thursday */
	{"2026-01-05T23:59:59Z", NULL, "2026-01-09T00:00:00Z"},
	{"2026-01-01T12:00:00Z", NULL, "2026-01-07T00:00:00Z"}, /* over a weekend */
	{"2026-01-02T12:00:00Z", NULL, "2026-01-08T00:00:00Z"},
	{"2026-01-03T12:00:00Z", NULL, "2026-01-08T00:00:00Z"}, /* Saturday and Sunday alike */
	{"2026-01-04T12:00:00Z", NULL, "2026-01-08T00:00:00Z"},
	{"2026-01-02T12:00:00Z", "2026-01-06", "2026-01-09T00:00:00Z"},
	{"2026-01-02T12:00:00Z", "2026-01-04,2026-01-05,2026-01-06", "2026-01-10T00:00:00Z"},
	{"2026-01-02T12:00:00Z", "Christmas,2026-1-6,", "2026-01-08T00:00:00Z"}, /* these name no day */
};

static void test_business_days(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(acknowledgements); i++) {
		char due[CLOCK_TEXT];
		int64_t ms;

		assert_int_equal(clock_parse(&ms, acknowledgements[i].submitted, NULL), 0);
		assert_string_equal(clock_format(port_ack_due_ms(ms, acknowledgements[i].holidays), due),
				    acknowledgements[i].due);
	}
}

static const struct {
	const char *date, *time, *zone, *due; /* NULL: it is none */
} commitments[] = {
	{"2026-06-15", NULL, NULL, "2026-06-15T00:00:00Z"},
	{"2026-06-15", NULL, "America/New_York", "2026-06-15T04:00:00Z"},
	{"2026-01-15", "10:30", "America/New_York", "2026-01-15T15:30:00Z"},
	{"2026-06-15", "10:30", "Asia/Kolkata", "2026-06-15T05:00:00Z"},
	{"2026-06-15", NULL, "Pacific/Kiritimati", "2026-06-14T10:00:00Z"},
	{"2060-07-01", "12:00", "Europe/Berlin", "2060-07-01T10:00:00Z"}, /* by the rule behind the table's end */
	{"2026-03-08", "01:59", "America/New_York", "2026-03-08T06:59:00Z"},
	{"2026-03-08", "02:00", "America/New_York", "2026-03-08T07:00:00Z"}, /* 02:00 to 02:59 is left out that day */
	{"2026-03-08", "02:30", "America/New_York", "2026-03-08T07:30:00Z"},
	{"2026-03-08", "03:00", "America/New_York", "2026-03-08T07:00:00Z"},
	{"2026-11-01", "01:30", "America/New_York", "2026-11-01T05:30:00Z"}, /* 01:00 to 01:59 comes twice */
	{"2026-11-01", "02:00", "America/New_York", "2026-11-01T07:00:00Z"},
	{"2026-10-04", "02:15", "Australia/Lord_Howe", "2026-10-03T15:45:00Z"}, /* half an hour is left out */
	{"2026-04-24", NULL, "Africa/Cairo", "2026-04-23T22:00:00Z"}, /* midnight is */
	{"2011-12-30", "12:00", "Pacific/Apia", "2011-12-30T22:00:00Z"}, /* the whole day is */
	{"2026-02-30", NULL, NULL, NULL},
	{"02/03/2026", NULL, NULL, NULL},
	{"2026-06-15", "24:00", NULL, NULL},
	{"2026-06-15", "9:30", NULL, NULL},
	{"2026-06-15", NULL, "Mars/Olympus", NULL},
	{"2026-06-15", NULL, "../zoneinfo/UTC", NULL},
	{"2026-06-15", NULL, "/etc/localtime", NULL},
	{"2026-06-15", NULL, "EST5EDT4,M3.2.0,M11.1.0", NULL},
	{"2026-06-15", NULL, "", NULL},
};

static void test_commitments(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commitments); i++) {
		char due[CLOCK_TEXT];
		int64_t ms;
		int rc = port_foc_ms(&ms, commitments[i].date, commitments[i].time, commitments[i].zone, NULL);

		assert_int_equal(rc, commitments[i].due ? 0 : ERR_USAGE);
		if (commitments[i].due)
			assert_string_equal(clock_format(ms, due), commitments[i].due);
	}
	assert_true(port_is_near(PORT_NEAR_MS - 1, 0));
	assert_false(port_is_near(PORT_NEAR_MS, 0));
	assert_true(port_is_near(0, PORT_NEAR_MS));
}

/* A day is over when it is over there; a time when it has come. */
static void test_end_of_commitment(void **state)
{
	static const struct {
		const char *date, *time, *zone, *end;
	} cases[] = {
		{"2026-06-15", NULL, NULL, "2026-06-16T00:00:00Z"},
		{"2026-06-15", NULL, "America/New_York", "2026-06-16T04:00:00Z"},
		{"2026-11-01", NULL, "America/New_York", "2026-11-02T05:00:00Z"}, /* a day of 25 hours */
		{"2026-12-31", NULL, "Asia/Tokyo", "2026-12-31T15:00:00Z"},
		{"2026-06-15", "10:30", "America/New_York", "2026-06-15T14:30:00Z"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char end[CLOCK_TEXT];
		int64_t ms;

		assert_int_equal(port_foc_end_ms(&ms, cases[i].date, cases[i].time, cases[i].zone, NULL), 0);
		assert_string_equal(clock_format(ms, end), cases[i].end);
	}
}

static void test_document_type(void **state)
{
	(void)state;
#define TYPE(text) port_document_type((const unsigned char *)(text), sizeof(text) - 1)
	assert_string_equal(TYPE("%PDF-1.7"), "application/pdf");
	assert_string_equal(TYPE("\x89PNG\r\n\x1a\n..."), "image/png");
	assert_string_equal(TYPE("\xff\xd8\xff\xe0"), "image/jpeg");
	assert_string_equal(TYPE("II*\0"), "image/tiff");
	assert_string_equal(TYPE("MM\0*"), "image/tiff");
	assert_null(TYPE("%PDF"));
	assert_null(TYPE("<html>"));
	assert_null(TYPE(""));
}

static void add(struct rangeset *set, uint64_t first, uint64_t count)
{
	rangeset_add(set, (struct interval){{first, 12}, count});
	rangeset_normalise(set);
}

static void expect_numbers(const struct port_numbers *numbers, const char *text)
{
	struct port_numbers again = {0};
	struct buf out = {0}, twice = {0};

	port_numbers_text(&out, numbers);
	assert_string_equal(buf_str(&out), text);
	assert_int_equal(port_numbers_read(&again, buf_str(&out), NULL), 0);
	port_numbers_text(&twice, &again);
	assert_string_equal(buf_str(&twice), text);
	port_numbers_release(&again);
	buf_release(&out);
	buf_release(&twice);
}

/* The history names the fields of an order as the listings do. */
static void test_keys(void **state)
{
	(void)state;
	for (int f = 0; f < PORT_OWN_FIELDS; f++)
		assert_string_equal(object_keys[OBJECT_PORT][f], port_columns[f].key);
	for (int f = PORT_STATE; f < PORT_STORED_FIELDS; f++)
		assert_non_null(object_keys[OBJECT_PORT][f]);
}

static void test_numbers(void **state)
{
	struct port_numbers numbers = {0};
	struct rangeset whole = {0}, part = {0}, completed = {0};

	(void)state;
	add(&whole, 918065978000, 12);
	add(&part, 918065978003, 2);
	port_numbers_add(&numbers, &whole);
	port_numbers_add(&numbers, &part); /* they are there */
	expect_numbers(&numbers, "918065978000\t918065978011\tpending\t\n");
	port_numbers_mark(&numbers, &part, PORT_NUMBER_REJECTED, "no\tsuch account");
	expect_numbers(&numbers, "918065978000\t918065978002\tpending\t\n918065978003\t918065978004\trejected\tno such account\n"
				 "918065978005\t918065978011\tpending\t\n");
	port_numbers_mark(&numbers, &whole, PORT_NUMBER_COMPLETED, NULL);
	expect_numbers(&numbers, "918065978000\t918065978011\tcompleted\t\n");
	port_numbers_remove(&numbers, &part);
	port_numbers_of(&numbers, 1u << PORT_NUMBER_COMPLETED, &completed);
	assert_int_equal(rangeset_count(&completed), 10);
	port_numbers_remove(&numbers, &whole);
	expect_numbers(&numbers, "");
	port_numbers_release(&numbers);
	rangeset_release(&whole);
	rangeset_release(&part);
	rangeset_release(&completed);
}

/* Others can write where they are kept. */
static void test_broken_numbers(void **state)
{
	static const char *const texts[] = {
		"1\t2\tlost\t\n",
		"918065978000",
		"918065978000\t918065978001\tpend\t\n",
		"9180-\t918065978001\tpending\t\n",
		"918065978000\t\tpending\t\n",
		"918065978001\t918065978000\tpending\t\n",
		"999\t1000\tpending\t\n", /* of two widths */
		"918065978000\t918065978000\tpending\t\n\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct port_numbers numbers = {0};
		struct err err = {0};

		if (port_numbers_read(&numbers, texts[i], &err) != ERR_FAILED)
			fail_msg("taken: %s", texts[i]);
		assert_string_equal(err.text, "the numbers of a port order cannot be read");
		port_numbers_release(&numbers);
	}
}

/* Reasons are people's texts: neighbours are one interval only with the same one, and none makes a line of its own. */
static void test_reasons(void **state)
{
	struct port_numbers numbers = {0};
	struct rangeset whole = {0}, first = {0}, second = {0};

	(void)state;
	add(&whole, 918065978000, 4);
	add(&first, 918065978000, 1);
	add(&second, 918065978001, 1);
	port_numbers_add(&numbers, &whole);
	port_numbers_mark(&numbers, &first, PORT_NUMBER_FAILED, "a\nb");
	port_numbers_mark(&numbers, &second, PORT_NUMBER_FAILED, "c");
	expect_numbers(&numbers, "918065978000\t918065978000\tfailed\ta b\n918065978001\t918065978001\tfailed\tc\n"
				 "918065978002\t918065978003\tpending\t\n");
	port_numbers_mark(&numbers, &second, PORT_NUMBER_FAILED, NULL);
	expect_numbers(&numbers, "918065978000\t918065978000\tfailed\ta b\n918065978001\t918065978001\tfailed\t\n"
				 "918065978002\t918065978003\tpending\t\n");
	port_numbers_mark(&numbers, &second, PORT_NUMBER_FAILED, "a\nb");
	expect_numbers(&numbers, "918065978000\t918065978001\tfailed\ta b\n918065978002\t918065978003\tpending\t\n");
	port_numbers_release(&numbers);
	rangeset_release(&whole);
	rangeset_release(&first);
	rangeset_release(&second);
}

static void test_pdf(void **state)
{
	struct pdf pdf = {0};
	struct buf out = {0};
	char bad[8];

	(void)state;
	assert_true(pdf_can_write("Zoë “Müller” – 5 €", bad));
	assert_false(pdf_can_write("Wang 王", bad));
	assert_string_equal(bad, "王");
	assert_false(pdf_can_write("a\tb", bad));
	assert_false(pdf_can_write("broken \xff", bad));
	pdf_text(&pdf, PDF_BOLD, 12, 60.5, "(a) \\ é");
	pdf_finish(&pdf, "title", &out);
	assert_non_null(strstr(out.data, "BT /F1 12.00 Tf 60.50 738.00 Td (\\(a\\) \\\\ \\351) Tj ET"));
	for (int i = 0; i < 100; i++)
		pdf_down(&pdf, 20);
	assert_int_equal(pdf.n, 3);
	pdf_release(&pdf);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transitions),   cmocka_unit_test(test_legal_verbs),
		cmocka_unit_test(test_undo),	      cmocka_unit_test(test_missing),
		cmocka_unit_test(test_business_days), cmocka_unit_test(test_commitments),
		cmocka_unit_test(test_document_type), cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_end_of_commitment), cmocka_unit_test(test_keys),
		cmocka_unit_test(test_told),	      cmocka_unit_test(test_time_of_day),
		cmocka_unit_test(test_broken_numbers), cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_pdf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
