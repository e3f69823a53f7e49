/* Patterns and the keypad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "number/pattern.h"

static const struct country *find(const char *code)
{
	return code ? country_find(code) : NULL;
}

struct reading {
	const char *country; /* NULL: none is set */
	const char *text;
	const char *digits; /* X for any */
	bool toll_free_only;
};

static const struct reading readable[] = {
	{"US", "877-555-XXXX", "1877555XXXX", false},
	{"US", "8XX-OUR-FOOD", "18XX6873663", true},
	{"US", "1-8xx-our-food", "18XX6873663", true},
	{"US", "+1 8XX XXX XXXX", "18XXXXXXXXX", true},
	{"US", "0111800FLOWERS", "18003569377", false},
	{"US", "80X-555-1234", "180X5551234", false},
	{"US", "XXXXXXXXXX", "1XXXXXXXXXX", false},
	{"IN", "91806597800X", "91806597800X", false},
	{"IN", "0806597800X", "91806597800X", false},
	{"IN", "806597800X", "91806597800X", false},
	{"IN", "091806597800X", "91806597800X", false},
	{"IN", "0091806597800X", "91806597800X", false},
	{"IN", "+91806597800X", "91806597800X", false},
	{"IN", "8XX5978002", "918XX5978002", false}, /* nothing special in India */
	{"IN", "+18XX5551234", "18XX5551234", true},
	{"IN", "+44207946XXXX", "44207946XXXX", false},
	{NULL, "1XX", "1XX", false},
	{NULL, "8XX", "8XX", false},
	{NULL, "18XX", "18XX", false},
	{NULL, "tel:+91806597800X", "91806597800X", false},
	{"US", "18775551234", "18775551234", false},
};

static void test_readable(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(readable); i++) {
		const struct reading *row = &readable[i];
		struct pattern p;
		struct err err = {0};

		if (pattern_parse(&p, row->text, find(row->country), &err))
			fail_msg("%s: %s", row->text, err.text);
		assert_int_equal(p.width, strlen(row->digits));
		assert_int_equal(p.toll_free_only, row->toll_free_only);
		for (size_t k = 0; k < p.width; k++)
			assert_int_equal(p.digit[k],
					 row->digits[k] == 'X' ? PATTERN_ANY : row->digits[k] - '0');
	}
}

struct refusal {
	const char *country;
	const char *text;
	const char *why;
};

static const struct refusal refused[] = {
	{"US", "", "empty"},
	{"US", "X", "too few digits"},
	{"US", "XX", "too few digits"},
	{"US", "+XXXXXX", "too few digits"},
	{"US", "+XXXXXXXXXXXXXXXX", "too many digits"},
	{"US", "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX", "too many digits"},
	{"US", "555-XXXX", "7 digits"},
	{"IN", "18XX5551234", "11 digits"},
	{"ZZ", "877555XXXX", "'+' or 00"},
	{NULL, "877555XXXX", "no country is set"},
	{"US", "0x1F", "hexadecimal"},
	{"US", "9.18E+11", "exponent"},
	{"US", "1E5", "exponent"},
	{"US", "877_555_XXXX", "only digits"},
	{"US", "918065978002;System(x)", "only digits"},
	{"US", "${SHELL(id)}", "only digits"},
	{"US", "877%XXXX", "only digits"},
	{"US",
	 "\xc3\x89"
	 "77555XXXX",
	 "only digits"},
	{"US", "877-555-XXXX-", "without a digit"},
	{"US", "X+", "'+' may stand once"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		const struct refusal *row = &refused[i];
		struct pattern p;
		struct err err = {0};

		if (pattern_parse(&p, row->text, find(row->country), &err) != ERR_USAGE)
			fail_msg("'%s' was read", row->text);
		if (!strstr(err.text, row->why))
			fail_msg("'%s': no \"%s\" in: %s", row->text, row->why, err.text);
	}
}

struct match {
	const char *text;
	struct number n;
	bool is_match;
};

static const struct match matches[] = {
	{"877-555-XXXX", {18775551234, 11}, true},
	{"877-555-XXXX", {18775561234, 11}, false},
	{"877-555-XXXX", {8775551234, 10}, false},
	{"877-555-XXXX", {118775551234, 12}, false},
	{"8XX-OUR-FOOD", {18776873663, 11}, true},
	{"8XX-OUR-FOOD", {18016873663, 11}, false},
	{"8XX-OUR-FOOD", {18776873664, 11}, false},
	{"XXX-OUR-FOOD", {18016873663, 11}, true},
	{"00X", {7, 3}, true},
	{"00X", {7, 4}, false},
	{"00X", {17, 3}, false},
	{"XXX", {0, 3}, true},
};

static void test_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(matches); i++) {
		struct pattern p;

		assert_int_equal(pattern_parse(&p, matches[i].text, country_find("US"), NULL), 0);
		if (pattern_match(&p, matches[i].n) != matches[i].is_match)
			fail_msg("%s and %llu", matches[i].text, (unsigned long long)matches[i].n.value);
	}
}

static void test_looks_like(void **state)
{
	(void)state;
	assert_true(pattern_looks_like("877-555-XXXX"));
	assert_true(pattern_looks_like("8xx"));
	assert_true(pattern_looks_like("${SHELL(id)}"));
	assert_false(pattern_looks_like(""));
	assert_false(pattern_looks_like("111-222"));
	assert_false(pattern_looks_like("+91 80"));
	assert_false(pattern_looks_like("tel:+918065978002"));
	assert_false(pattern_looks_like("TEL:+918065978002"));
	assert_false(pattern_looks_like("id:5f0c7a52-0000-4000-8000-00000000000a"));
	assert_false(pattern_looks_like("\xc3\x89"));
}

static void test_keypad(void **state)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char digits[] = "22233344455566677778889999";

	(void)state;
	for (size_t i = 0; letters[i]; i++) {
		assert_int_equal(keypad_digit(letters[i]), digits[i]);
		assert_int_equal(keypad_digit((char)(letters[i] + 32)), digits[i]);
	}
	for (char c = '0'; c <= '9'; c++)
		assert_int_equal(keypad_digit(c), c);
	for (const char *c = "@[`{/:+- \x80\xff"; *c; c++)
		assert_int_equal(keypad_digit(*c), 0);
	assert_int_equal(keypad_digit('\0'), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readable), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_match),	 cmocka_unit_test(test_looks_like),
		cmocka_unit_test(test_keypad),
	};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
