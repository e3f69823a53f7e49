/* Messages about port orders: what is news, what stands in them, who gets one, and when one is tried again (services.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "did/plan.h"
#include "did/port_mail.h"

#define NOW_MS INT64_C(1795219200000) /* 2026-11-21T00:00:00Z */

/* What differs of an order that was acknowledged, or foc-set where a day was said before. */
static const struct {
	enum port_field field;
	const char *before, *after;
	const char *state;
	bool is_news;
	const char *subject;
} news[] = {
	{PORT_STATE, "acknowledged", "foc-set", "foc-set", true, "Port order 7: foc-set"},
	{PORT_ACTUAL_FOC, "2026-12-01", "2026-12-02", "foc-set", true, "Port order 7: another FOC"},
	{PORT_FOC_TIME, NULL, "10:30", "foc-set", true, "Port order 7: another FOC"},
	{PORT_FOC_ZONE, "Asia/Kolkata", NULL, "foc-set", true, "Port order 7: another FOC"},
	{PORT_NUMBERS, "111\t112\tpending\t\n", "111\t112\tfailed\tx\n", "foc-set", true, "Port order 7: its numbers"},
	{PORT_NUMBERS, "111\t112\tpending\t\n", "111\t113\tpending\t\n", "draft", false, NULL},
	{PORT_ACCOUNT, "A-1", "A-2", "foc-set", false, NULL},
};

static struct object order(size_t i)
{
	struct object o = {.kind = OBJECT_PORT, .id = "7", .was = true, .is = true};

	o.before[PORT_STATE] = o.after[PORT_STATE] = news[i].state;
	o.before[news[i].field] = news[i].before;
	o.after[news[i].field] = news[i].after;
	return o;
}

static void test_news(void **state)
{
	const struct change change = {.verb = VERB_PORT_FOC, .now_ms = NOW_MS};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(news); i++) {
		struct object o = order(i);
		struct buf subject = {0}, body = {0};

		assert_int_equal(port_is_news(&o), news[i].is_news);
		if (news[i].is_news) {
			port_mail(&change, &o, "ACME", &subject, &body);
			assert_string_equal(subject.data, news[i].subject);
		}
		buf_release(&subject);
		buf_release(&body);
		o.was = false; /* who made it knows of it */
		assert_false(port_is_news(&o));
		o.was = true;
		o.is = false;
		assert_false(port_is_news(&o));
		o.is = true;
		o.kind = OBJECT_USER;
		assert_false(port_is_news(&o));
	}
}

/* People's texts: no line of theirs looks like one of ours, and nothing of theirs is for a terminal. */
static void test_body(void **state)
{
	const struct port_request request = {.note = "call\nFOC              2027-01-01\x1b[2J\x7f", .is_public = true};
	const struct port_request internal = {.note = "not for others"};
	struct change change = {.verb = VERB_PORT_FOC, .now_ms = NOW_MS, .port = &request};
	struct object o = {.kind = OBJECT_PORT, .id = "7", .was = true, .is = true,
			   .before = {[PORT_STATE] = "foc-set", [PORT_ACTUAL_FOC] = "2026-12-01"},
			   .after = {[PORT_STATE] = "foc-set", [PORT_ACTUAL_FOC] = "2026-12-02", [PORT_FOC_TIME] = "10:30",
				     [PORT_FOC_ZONE] = "Asia/Kolkata", [PORT_REQUESTED_FOC] = "2026-12-01",
				     [PORT_LOSING_CARRIER] = "",
				     [PORT_NUMBERS] = "918065978000\t918065978001\tpending\t\n"
						      "918065978002\t918065978002\tfailed\tis assigned to Globex\n"}};
	struct buf subject = {0}, body = {0};

	(void)state;
	port_mail(&change, &o, "ACME", &subject, &body);
	assert_string_equal(body.data, "Port order 7 has another FOC now; it was 2026-12-01.\n"
				       "\n"
				       "Organisation     ACME\n"
				       "Numbers          +918065978000 to +918065978001, pending\n"
				       "                 +918065978002, failed: is assigned to Globex\n"
				       "Requested FOC    2026-12-01 UTC\n"
				       "FOC              2026-12-02 10:30 Asia/Kolkata\n"
				       "Note             call\n"
				       "                 FOC              2027-01-01 [2J \n"
				       "At               2026-11-21T00:00:00Z\n");
	change.port = &internal;
	buf_reset(&body);
	port_mail(&change, &o, NULL, &subject, &body);
	assert_null(strstr(body.data, "not for others"));
	assert_null(strstr(body.data, "Organisation"));
	change.port = NULL; /* an undo */
	buf_reset(&body);
	port_mail(&change, &o, NULL, &subject, &body);
	assert_null(strstr(body.data, "Note"));
	buf_release(&subject);
	buf_release(&body);
}

static void test_each_address_once(void **state)
{
	static const char *const wanted[] = {"ann@example.com", "bob@example.com", "ann@example.com", "ann@example.com"};
	struct messages messages = {0};
	struct arena arena = {0};

	(void)state;
	messages_add(&messages, &arena, "ann@example.com,bob@example.com,Ann@Example.com", "s", "b");
	messages_add(&messages, &arena, "ann@example.com", "s", "b");
	messages_add(&messages, &arena, NULL, "s", "b");
	assert_int_equal(messages.n, 2);
	messages_add(&messages, &arena, "ann@example.com", "other", "b");
	messages_add(&messages, &arena, "ann@example.com", "s", "other");
	assert_int_equal(messages.n, ARRAY_SIZE(wanted));
	for (size_t i = 0; i < messages.n; i++)
		assert_string_equal(messages.at[i].recipient, wanted[i]);
	messages_release(&messages);
	arena_release(&arena);
}

#define DAY INT64_C(86400)

static void test_retry(void **state)
{
	static const struct {
		enum outgoing_end end;
		long attempts, unanswered;
		int64_t age_s, retry_s; /* -1: never again by itself */
	} attempts[] = {
		{OUTGOING_SENT, 1, 0, 0, -1},	       {OUTGOING_REFUSED, 1, 0, 0, -1},
		{OUTGOING_LATER, 0, 0, 0, 60}, /* a row that another program wrote */
		{OUTGOING_LATER, 1, 0, 0, 60},	       {OUTGOING_LATER, 2, 0, 0, 300},
		{OUTGOING_LATER, 5, 0, 0, 3600},       {OUTGOING_LATER, 99, 0, 5 * DAY - 1, 3600},
		{OUTGOING_LATER, 99, 0, 5 * DAY, -1},  {OUTGOING_STUCK, 99, 0, 50 * DAY, 3600},
		{OUTGOING_UNANSWERED, 1, 0, 0, 3600},  {OUTGOING_UNANSWERED, 1, OUTGOING_UNANSWERED_MAX - 2, 0, 3600},
		{OUTGOING_UNANSWERED, 1, OUTGOING_UNANSWERED_MAX - 1, 0, -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++) {
		const struct outgoing out = {.attempts = attempts[i].attempts, .unanswered = attempts[i].unanswered};

		if (outgoing_retry(&out, attempts[i].end, attempts[i].age_s) != attempts[i].retry_s)
			fail_msg("attempt %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_news),
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_each_address_once),
		cmocka_unit_test(test_retry),
	};

	return cmocka_run_group_tests_name("outgoing", tests, NULL, NULL);
}
