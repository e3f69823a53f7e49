/* JSON: what RFC 8259 allows is read, everything else is refused at the byte where it goes wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

static int parse(struct json **out, const char *text, struct err *err)
{
	char *exact = xstrndup(text, strlen(text)); /* so that a sanitizer sees a read beyond the end */
	int rc = json_parse(out, exact, strlen(text), err);

	free(exact);
	return rc;
}

static void good(void **state)
{
	static const char *const texts[] = {
		"null",
		" true ",
		"\tfalse\r\n",
		"0",
		"-0",
		"-1.5e+10",
		"1E5",
		"\"\"",
		"\"\\u00e9\\ud83d\\ude00\\n\\/\"",
		"[]",
		"[ ]",
		"{}",
		"{ }",
		"[1,[2,{\"a\":[]}]]",
		"{\"a\":1,\"A\":2}",
		"\"\xf0\x9f\x98\x80\"",
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct json *root;

		if (parse(&root, texts[i], &err))
			fail_msg("%s: %s", texts[i], err.text);
		json_free(root);
	}
	json_free(NULL);
}

static void bad(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"", "at byte 0: the text ends too early"},
		{" ", "at byte 1: the text ends too early"},
		{"<html>", "at byte 0: no value begins like this"},
		{"\xef\xbb\xbf{}", "at byte 0: no value begins like this"},
		{"nul", "at byte 0: no value"},
		{"NaN", "at byte 0: no value"},
		{"{} x", "at byte 3: something follows"},
		{"{}{}", "at byte 2: something follows"},
		{"01", "at byte 1: something follows"},
		{"-", "at byte 1: a digit is missing"},
		{"+1", "at byte 0: no value"},
		{"1.", "at byte 2: a digit is missing"},
		{".5", "at byte 0: no value"},
		{"1e", "at byte 2: a digit is missing"},
		{"1e400", "a number is out of range"},
		{"[1,{\"a\":-1e999}]", "a number is out of range"},
		{"1111111111111111111111111111111111111111111111111111111111111111", "number is too long"},
		{"[1,]", "at byte 3: no value"},
		{"[1 2]", "at byte 3: ',' or ']' is missing"},
		{"[1", "at byte 2: ',' or ']' is missing"},
		{"[1}", "at byte 2: ',' or ']' is missing"},
		{"{\"a\":1,}", "at byte 7: a key"},
		{"{a:1}", "at byte 1: a key"},
		{"{\"a\" 1}", "at byte 5: ':' is missing"},
		{"{\"a\":}", "at byte 5: no value"},
		{"{\"a\":1", "at byte 6: ',' or '}'"},
		{"\"abc", "at byte 4: the string does not end"},
		{"\"a\\", "at byte 3: unknown escape"},
		{"\"\\x\"", "at byte 2: unknown escape"},
		{"\"\\u12\"", "four hexadecimal digits"},
		{"\"\\u0000\"", "\\u0000 in a string"},
		{"\"\\ud800\"", "a lone surrogate"},
		{"\"\\udc00\"", "a lone surrogate"},
		{"\"\\ud800\\u0041\"", "a lone surrogate"},
		{"\"a\nb\"", "at byte 2: a control character"},
		{"\"\xff\"", "not UTF-8"},
		{"\"\xed\xa0\x80\"", "not UTF-8"},
		{"\"\xc0\xaf\"", "not UTF-8"},
		{"{\"a\":1,\"b\":2,\"a\":3}", "the key 'a' stands twice"},
		{"[{\"a\":1,\"\\u0061\":3}]", "the key 'a' stands twice"},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json *root;

		if (parse(&root, cases[i].text, &err) != ERR_FAILED)
			fail_msg("taken: %s", cases[i].text);
		assert_null(root);
		if (!strstr(err.text, cases[i].says))
			fail_msg("%s: '%s' has no '%s'", cases[i].text, err.text, cases[i].says);
	}
}

static void nul_bytes(void **state)
{
	struct json *root;
	struct err err;

	(void)state;
	assert_int_equal(json_parse(&root, "1\0", 2, &err), ERR_FAILED);
	assert_int_equal(json_parse(&root, "\"\0\"", 3, &err), ERR_FAILED);
	assert_int_equal(json_parse(&root, "\"\\\0\"", 4, &err), ERR_FAILED);
}

static int parse_nested(unsigned depth, bool is_closed, struct err *err)
{
	struct buf text = {0};
	struct json *root;
	int rc;

	for (unsigned i = 0; i < depth; i++)
		buf_putc(&text, '[');
	for (unsigned i = 0; i < depth && is_closed; i++)
		buf_putc(&text, ']');
	rc = json_parse(&root, buf_str(&text), text.len, err);
	json_free(root);
	buf_release(&text);
	return rc;
}

static void depth(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(parse_nested(JSON_MAX_DEPTH, true, &err), 0);
	assert_int_equal(parse_nested(JSON_MAX_DEPTH + 1, true, &err), ERR_FAILED);
	assert_int_equal(parse_nested(1000000, false, &err), ERR_FAILED);
	assert_string_equal(err.text, "bad JSON at byte 33: nested too deep");
}

static void sizes(void **state)
{
	struct json *root;
	struct err err;
	size_t len = 2 * (size_t)JSON_MAX_VALUES + 1;
	char *text = xcalloc(len, 1);

	(void)state;
	for (size_t i = 0; i < len; i++)
		text[i] = i % 2 ? '0' : ',';
	text[0] = '[';
	text[len - 1] = ']';
	assert_int_equal(json_parse(&root, text, len, &err), ERR_FAILED);
	assert_non_null(strstr(err.text, "too many values"));
	assert_int_equal(json_parse(&root, text, JSON_MAX_BYTES + 1ul, &err),
			 ERR_FAILED); /* before it is read */
	assert_string_equal(err.text, "bad JSON: more than 64 MiB");
	free(text);
}

static void access_to_members(void **state)
{
	static const char text[] = "{\"s\":\"918065978002\",\"n\":12,\"t\":true,\"z\":null,\"list\":[1,2]}";
	const struct json *member;
	struct json *root;
	struct err err;
	bool yes = false;

	(void)state;
	assert_int_equal(parse(&root, text, &err), 0);
	assert_true(json_is_object(root));
	assert_string_equal(json_string(json_get(root, "s")), "918065978002");
	assert_null(json_get(root, "S"));
	assert_null(json_string(json_get(root, "n")));
	assert_null(json_string(NULL));
	assert_true(json_bool(json_get(root, "t"), &yes) && yes);
	assert_false(json_bool(json_get(root, "n"), &yes));
	assert_true(json_is_null(json_get(root, "z")));
	assert_false(json_is_null(json_get(root, "absent")));
	assert_true(json_is_array(json_get(root, "list")));
	assert_null(json_get(json_get(root, "list"), "s"));
	member = json_first(root);
	assert_string_equal(json_key(member), "s");
	assert_string_equal(json_key(json_next(member)), "n");
	assert_null(json_next(json_next(json_first(json_get(root, "list")))));
	assert_null(json_first(NULL));
	json_free(root);
}

static void counts(void **state)
{
	static const struct {
		const char *text;
		bool is_count;
		unsigned long long value;
	} cases[] = {
		{"0", true, 0},
		{"-0", true, 0},
		{"1e3", true, 1000},
		{"918065978002", true, 918065978002ull},
		{"9007199254740991", true, 9007199254740991ull},
		{"9007199254740992", false, 0},
		{"-1", false, 0},
		{"1.5", false, 0},
		{"1e300", false, 0},
		{"\"1\"", false, 0},
		{"true", false, 0},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned long long value = 0;
		struct json *root;

		assert_int_equal(parse(&root, cases[i].text, &err), 0);
		assert_int_equal(json_count(root, &value), cases[i].is_count);
		assert_true(value == cases[i].value);
		json_free(root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),	  cmocka_unit_test(bad),   cmocka_unit_test(nul_bytes),
		cmocka_unit_test(depth),  cmocka_unit_test(sizes), cmocka_unit_test(access_to_members),
		cmocka_unit_test(counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
