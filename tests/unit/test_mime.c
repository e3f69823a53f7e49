/* Messages as RFC 5322 has them, whatever their texts hold; addresses; when a message is tried again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"
#include "service/mime.h"

#define FROM "ports@operator.example"

static void check(const char *subject, const char *body, const char *subject_line, const char *text)
{
	struct outgoing message = {.id = "7",
				   .change_id = "01a20119-9f0b-7684-8726-b21d330b8038",
				   .created = "2026-11-22T02:33:06Z",
				   .message = {"ann@acme.example", subject, body}};
	struct buf out = {0}, expected = {0};

	buf_printf(&expected, "Date: Sun, 22 Nov 2026 02:33:06 +0000\r\nFrom: <" FROM ">\r\nTo: <ann@acme.example>\r\n"
			      "Subject: %s\r\nMessage-ID: <7.01a20119-9f0b-7684-8726-b21d330b8038@operator.example>\r\n"
			      "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
			      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%s",
		   subject_line, text);
	mime_render(&out, &message, FROM);
	assert_string_equal(buf_str(&out), buf_str(&expected));
	buf_release(&out);
	buf_release(&expected);
}

static void test_subjects(void **state)
{
	(void)state;
	check("Port 17 is submitted", "", "Port 17 is submitted", "");
	check("", "", "", "");
	check("x\r\nBcc: eve@evil.example", "", "=?UTF-8?Q?x=20=20Bcc=3A=20eve=40evil=2Eexample?=", "");
	check("M\xc3\xbcller", "", "=?UTF-8?Q?M=C3=BCller?=", "");
	check("\xff", "", "=?UTF-8?Q?=EF=BF=BD?=", "");
	check("=?UTF-8?Q?x?=", "", "=?UTF-8?Q?=3D=3FUTF=2D8=3FQ=3Fx=3F=3D?=", "");
	/* No word ends inside a character, and no line is longer than 76. */
	check("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", "",
	      "=?UTF-8?Q?=E2=82=AC=E2=82=AC=E2=82=AC=E2=82=AC=E2=82=AC=E2=82=AC?=\r\n =?UTF-8?Q?=E2=82=AC?=", "");
}

static void test_texts(void **state)
{
	(void)state;
	check("s", "one\ntwo\n", "s", "one\r\ntwo\r\n");
	check("s", "no end", "s", "no end\r\n");
	check("s", "a=b \n\t\n", "s", "a=3Db=20\r\n=09\r\n");
	check("s", ".\n..\n", "s", ".\r\n..\r\n"); /* who sends it doubles the dots */
	check("s", "cr\r\nlf\rx\n", "s", "cr\r\nlf=0Dx\r\n");
	check("s", "\xe2\x82\xac\x01\n", "s", "=E2=82=AC=01\r\n");
	check("s", "0123456789012345678901234567890123456789012345678901234567890123456789012345\n", "s",
	      "012345678901234567890123456789012345678901234567890123456789012345678901234=\r\n5\r\n");
}

static void test_addresses(void **state)
{
	static const char *const good[] = {"a@b", "ann.o'hara+x@mail.acme.example", "a@b.example,c@d.example",
					   "a@b.example , c@d.example"};
	static const char *const bad[] = {
		"", "a", "@b", "a@", "a@b@c", "a..b@c", ".a@b", "a.@b", "a@b..c", "a@.b", "a@b.", "-a@b", "a@-b", "a b@c",
		"a@b\r\nRCPT TO:<c@d>", "<a@b>", "a@b>", "\"a\"@b", "a@[127.0.0.1]", "a@b,", ",a@b", "\xc3\xbc@b", "a@b;c@d",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (address_check(good[i], 0, NULL))
			fail_msg("'%s' is refused", good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (address_check(bad[i], 0, NULL) != ERR_USAGE)
			fail_msg("'%s' is taken", bad[i]);
	assert_int_equal(address_check("a@b", 1, NULL), 0);
	assert_int_equal(address_check("a@b,c@d", 1, NULL), ERR_USAGE);
}

static void test_retries(void **state)
{
	static const struct {
		enum outgoing_end end;
		long attempts, unanswered;
		int64_t age_s, delay;
	} rows[] = {
		{OUTGOING_SENT, 1, 0, 0, -1},	       {OUTGOING_LATER, 1, 0, 0, 60},
		{OUTGOING_LATER, 2, 0, 60, 300},       {OUTGOING_LATER, 99, 0, 432000 - 1, 3600},
		{OUTGOING_LATER, 99, 0, 432000, -1},   {OUTGOING_REFUSED, 1, 0, 0, -1},
		{OUTGOING_STUCK, 999, 0, 99999999, 3600},
		{OUTGOING_UNANSWERED, 1, 0, 0, 3600},  {OUTGOING_UNANSWERED, 3, 2, 0, -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct outgoing out = {.attempts = rows[i].attempts, .unanswered = rows[i].unanswered};

		assert_int_equal(outgoing_retry(&out, rows[i].end, rows[i].age_s), rows[i].delay);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_retries),
	};

	return cmocka_run_group_tests_name("mime", tests, NULL, NULL);
}
