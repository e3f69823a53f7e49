#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

struct pair {
	const char *in, *out;
	size_t max;
};

static void escapes_what_a_terminal_would_obey(void **state)
{
	static const struct pair pairs[] = {
		{"", "", 0},
		{"Acme Telecom", "Acme Telecom", 0},
		{"a\tb\nc\\d", "a\\tb\\nc\\\\d", 0},
		{"\x1b]52;c;x\x07\r\x7f", "\\x1B]52;c;x\\x07\\x0D\\x7F", 0},
		{"\xc2\x9b"
		 "31m",
		 "\\u{009B}31m", 0},
		{"\xe2\x80\xae"
		 "evil",
		 "\\u{202E}evil", 0},
		{"\xe2\x81\xa6\xe2\x81\xa9", "\\u{2066}\\u{2069}", 0},
		{"a\xe2\x80\x8b"
		 "b\xe2\x81\xa0\xef\xbb\xbf",
		 "a\\u{200B}b\\u{2060}\\u{FEFF}", 0},
		{"Z\xc3\xbcrich \xe6\x9d\xb1", "Z\xc3\xbcrich \xe6\x9d\xb1", 0},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 0},
		{"\xc0\xaf", "\\xC0\\xAF", 0},
		{"\xed\xa0\x80", "\\xED\\xA0\\x80", 0},
		{"\xf5x\xe2\x82", "\\xF5x\\xE2\\x82", 0},
		{"12345", "12345", 5},
		{"123456", "12345...", 5},
		{"1234\n", "1234...", 5},
		{"123\n", "123\\n", 5},
		{"\xc3\xbc\xc3\xbc\xc3\xbc", "\xc3\xbc\xc3\xbc...", 2},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct buf out = {0};

		text_escape(&out, pairs[i].in, strlen(pairs[i].in), pairs[i].max);
		assert_string_equal(buf_str(&out), pairs[i].out);
		buf_release(&out);
	}
}

static void escapes_nul_by_its_length(void **state)
{
	struct buf out = {0};

	(void)state;
	text_escape(&out, "a\0b", 3, 0);
	assert_string_equal(buf_str(&out), "a\\x00b");
	buf_release(&out);
}

static void shows_64_characters(void **state)
{
	char in[4096], out[TEXT_SHOWN];

	(void)state;
	memset(in, '9', sizeof(in));
	assert_ptr_equal(text_show(out, in, sizeof(in)), out);
	assert_int_equal(strlen(out), 67);
	assert_string_equal(out + 60, "9999...");
	for (size_t i = 0; i < sizeof(in); i += 4)
		memcpy(in + i, "\xf0\x9f\x98\x80", 4);
	assert_int_equal(strlen(text_show(out, in, sizeof(in))), 64 * 4 + 3);
	assert_string_equal(text_show(out, in, 0), "");
}

static void knows_utf8(void **state)
{
	static const struct {
		const char *s;
		bool is_valid;
	} cases[] = {
		{"", true},
		{"ascii \x7f", true},
		{"\xc2\x80", true},
		{"\xdf\xbf", true},
		{"\xe0\xa0\x80", true},
		{"\xed\x9f\xbf", true},
		{"\xee\x80\x80", true},
		{"\xef\xbf\xbf", true},
		{"\xf0\x90\x80\x80", true},
		{"\xf4\x8f\xbf\xbf", true},
		{"\x80", false},
		{"\xc0\x80", false},
		{"\xc1\xbf", false},
		{"\xe0\x9f\xbf", false},
		{"\xed\xa0\x80", false},
		{"\xed\xbf\xbf", false},
		{"\xf0\x8f\xbf\xbf", false},
		{"\xf4\x90\x80\x80", false},
		{"\xf8\x88\x80\x80\x80", false},
		{"\xff", false},
		{"a\xc3", false},
		{"\xe2\x82z", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(text_is_utf8(cases[i].s, strlen(cases[i].s)), cases[i].is_valid);
	assert_true(text_is_utf8("a\0b", 3));
}

static void counts_columns(void **state)
{
	static const struct {
		const char *s;
		size_t columns;
	} cases[] = {
		{"", 0},
		{"abc", 3},
		{"Z\xc3\xbcrich", 6},
		{"u\xcc\x88", 1},		 /* u and a combining diaeresis */
		{"\xe6\x9d\xb1\xe4\xba\xac", 4}, /* East Asian */
		{"\xf0\x9f\x98\x80", 2},	 /* emoji */
		{"\xe0\xa4\x95\xe0\xa5\x8d", 1}, /* Devanagari ka, virama */
		{"\xef\xbc\xa1", 2},		 /* full-width A */
		{"\xff", 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(text_columns(cases[i].s, strlen(cases[i].s)), cases[i].columns);
}

static void knows_blank(void **state)
{
	(void)state;
	assert_true(text_is_blank(""));
	assert_true(text_is_blank(" \t\r\n\v\f"));
	assert_false(text_is_blank(" x "));
	assert_false(text_is_blank("\xc2\xa0"));
}

static void writes_json_strings(void **state)
{
	static const struct pair pairs[] = {
		{"", "\"\"", 0},
		{"Acme", "\"Acme\"", 0},
		{"a\"b\\c/", "\"a\\\"b\\\\c/\"", 0},
		{"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"", 0},
		{"\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"", 0},
		{"\xc2\x9b\xe2\x80\xae", "\"\\u009b\\u202e\"", 0},
		{"Z\xc3\xbcrich", "\"Z\xc3\xbcrich\"", 0},
		{"a\xff"
		 "b",
		 "\"a\xef\xbf\xbd"
		 "b\"",
		 0},
		{"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"", 0},
	};
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		buf_reset(&out);
		text_json(&out, pairs[i].in, strlen(pairs[i].in));
		assert_string_equal(buf_str(&out), pairs[i].out);
	}
	buf_reset(&out);
	text_json(&out, "a\0b", 3);
	assert_string_equal(buf_str(&out), "\"a\\u0000b\"");
	buf_release(&out);
}

static void writes_xml_text(void **state)
{
	static const struct pair pairs[] = {
		{"", "", 0},
		{"O'Hare & Sons <\"x\">", "O&apos;Hare &amp; Sons &lt;&quot;x&quot;&gt;", 0},
		{"]]>", "]]&gt;", 0},
		{"\t\n\r", "&#x9;&#xA;&#xD;", 0},
		{"\x01\x1b[2J\x7f", "\xef\xbf\xbd\xef\xbf\xbd[2J&#x7F;", 0},
		{"\xc2\x9b\xe2\x80\xae", "&#x9B;&#x202E;", 0},
		{"\xef\xbf\xbe\xef\xbf\xbf\xff", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0},
		{"Montr\xc3\xa9"
		 "al",
		 "Montr\xc3\xa9"
		 "al",
		 0},
	};
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		buf_reset(&out);
		text_xml(&out, pairs[i].in, strlen(pairs[i].in));
		assert_string_equal(buf_str(&out), pairs[i].out);
	}
	buf_reset(&out);
	text_xml(&out, "a\0b", 3);
	assert_string_equal(buf_str(&out), "a\xef\xbf\xbd"
					   "b");
	buf_release(&out);
}

/* No backslash ever: a table shows it twice, and what follows would run. */
static void quotes_for_a_shell(void **state)
{
	static const struct pair pairs[] = {
		{"918065978002", "918065978002", 0},
		{"id:01a200df-879b", "id:01a200df-879b", 0},
		{"", "''", 0},
		{"Acme Inc", "'Acme Inc'", 0},
		{"$(id)`id`;&|<>*?~#!\n", "'$(id)`id`;&|<>*?~#!\n'", 0},
		{"it's", "'it'\"'\"'s'", 0},
		{"'; rm -rf ~; '", "''\"'\"'; rm -rf ~; '\"'\"''", 0},
		{"a\nb", "'a\nb'", 0},
	};
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		buf_reset(&out);
		text_shell(&out, pairs[i].in);
		assert_string_equal(buf_str(&out), pairs[i].out);
	}
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_what_a_terminal_would_obey),
		cmocka_unit_test(escapes_nul_by_its_length),
		cmocka_unit_test(shows_64_characters),
		cmocka_unit_test(knows_utf8),
		cmocka_unit_test(counts_columns),
		cmocka_unit_test(knows_blank),
		cmocka_unit_test(writes_json_strings),
		cmocka_unit_test(writes_xml_text),
		cmocka_unit_test(quotes_for_a_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
