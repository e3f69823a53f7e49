/* Every sentence of the numbers section about number text, as a row of a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "number/number.h"

static const struct country *find(const char *code)
{
	return code ? country_find(code) : NULL;
}

struct reading {
	const char *country; /* NULL: none is set */
	const char *text;
	const char *key;
};

static const struct reading readable[] = {
	/* India: the five national forms, '+', the international prefix */
	{"IN", "8065978002", "918065978002"},
	{"IN", "08065978002", "918065978002"},
	{"IN", "918065978002", "918065978002"},
	{"IN", "0918065978002", "918065978002"},
	{"IN", "00918065978002", "918065978002"},
	{"IN", "+918065978002", "918065978002"},
	/* ten digits starting 91 are national; so are eleven starting 091 */
	{"IN", "9180659780", "919180659780"},
	{"IN", "09180659780", "919180659780"},
	{"IN", "919180659780", "919180659780"},
	{"IN", "0919180659780", "919180659780"},
	{"IN", "+18775551234", "18775551234"},
	{"IN", "0018775551234", "18775551234"},
	{"IN", "00441234567", "441234567"},
	{"IN", "+6580659780", "6580659780"},
	/* North America */
	{"US", "8775551234", "18775551234"},
	{"US", "18775551234", "18775551234"},
	{"US", "+18775551234", "18775551234"},
	{"US", "01118775551234", "18775551234"},
	{"US", "011918065978002", "918065978002"},
	{"US", "+918065978002", "918065978002"},
	{"CA", "6045551234", "16045551234"},
	{"US", "2005551234", "12005551234"}, /* an area code that nobody has is no error */
	{"US", "9995551234", "19995551234"},
	{"US", "8772105555", "18772105555"},
	/* no national rules, and no country at all */
	{"ZZ", "+442079460000", "442079460000"},
	{"ZZ", "00442079460000", "442079460000"},
	{NULL, "+442079460000", "442079460000"},
	{NULL, "+918065978002", "918065978002"},
	{NULL, "+4412345", "4412345"},
	{NULL, "+441234567890123", "441234567890123"},
	/* short numbers are kept as they are, everywhere */
	{NULL, "111", "111"},
	{"IN", "007", "007"},
	{"US", "911", "911"},
	{"ZZ", "000000", "000000"},
	{"IN", "918065", "918065"},
	{"US", "011", "011"},
	/* visual separators, and spaces around */
	{"IN", "+91 80 6597 8002", "918065978002"},
	{"IN", "+91-80-6597-8002", "918065978002"},
	{"IN", "(080) 6597-8002", "918065978002"},
	{"IN", "  08065978002 ", "918065978002"},
	{"IN", "(+91) 8065978002", "918065978002"},
	{"US", "877-555-1234", "18775551234"},
	{"US", "1 (877) 555-1234", "18775551234"},
	{"US", "+1.877.555.1234", "18775551234"},
	{"US", "877 - 555 - 1234", "18775551234"},
	{"US", "877 555-1234", "18775551234"},
	{"IN", "1-1-1", "111"},
	/* RFC 3966 */
	{"IN", "tel:+91-8065978002", "918065978002"},
	{"IN", "TEL:+1-(877).555-1234", "18775551234"},
	{NULL, "tel:+918065978002", "918065978002"},
	{"IN", "tel:08065978002", "918065978002"},
	{NULL, "tel:111", "111"},
};

static void expect_key(const struct reading *row)
{
	struct number n;
	struct err err = {0};
	char text[NUMBER_TEXT];
	int rc = number_parse(&n, row->text, strlen(row->text), find(row->country), &err);

	if (rc)
		fail_msg("%s: %s", row->text, err.text);
	assert_int_equal(number_format(n, text), strlen(row->key));
	assert_string_equal(text, row->key);
}

static void test_readable(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(readable); i++)
		expect_key(&readable[i]);
}

/* What number_parse reads, number_parse_stored reads as the same number. */
static void test_stored_agrees(void **state)
{
	struct number n, stored;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(readable); i++) {
		const struct reading *row = &readable[i];
		const struct country *country = find(row->country);

		assert_int_equal(number_parse(&n, row->text, strlen(row->text), country, NULL), 0);
		assert_true(number_parse_stored(&stored, row->text, strlen(row->text), country));
		assert_true(number_eq(n, stored));
	}
}

struct refusal {
	const char *country;
	const char *text;
	const char *why; /* a part of the message */
};

static const struct refusal refused[] = {
	{"IN", "", "empty"},
	{"IN", "    ", "empty"},
	{"IN", "tel:", "empty"},
	{"IN", "+", "no digit follows"},
	{"IN", "++91", "'+' may stand once"},
	{"IN", "91+80", "'+' may stand once"},
	{"IN", "918065978002+", "'+' may stand once"},
	{"IN", "5-", "without a digit"},
	{"IN", "-5", "without a digit"},
	{"IN", "111--222", "without a digit"},
	{"IN", "1", "too few digits"},
	{"IN", "12", "too few digits"},
	{"IN", "+12345", "too few digits"},
	{"IN", "0x1F", "hexadecimal"},
	{"IN", "9.18E+11", "exponent"},
	{"IN", "918e11", "exponent"},
	{"IN", "9.18E-11", "exponent"},
	{"IN", "918e", "only digits"},
	{"IN", "918e+", "only digits"},
	{"IN", "918e11x", "only digits"},
	{"IN", "0X1F", "hexadecimal"},
	{"IN", "0x", "only digits"},
	{"IN", "111.0", "decimal fraction"},
	{"IN", "918065978002.0", "decimal fraction"},
	{"IN", "1_000", "only digits"},
	{"IN", "918,065", "only digits"},
	{"IN", "\xd9\xa1\xd9\xa2\xd9\xa3", "only digits"},	       /* Arabic-Indic digits */
	{"IN", "\xef\xbc\x98\xef\xbc\x98\xef\xbc\x98", "only digits"}, /* full-width 888 */
	{"IN", "918065978002;System(x)", "only digits"},
	{"IN", "${SHELL(id)}", "only digits"},
	{"IN", "' OR 1=1 --", "only digits"},
	{"IN", "8065\t978002", "only digits"},
	{"IN", "\x1b[31m111", "\\x1B[31m111"},
	{"IN", "((111))", "parentheses"},
	{"IN", "(111", "parentheses"},
	{"IN", "111)", "parentheses"},
	{"IN", "()111", "parentheses"},
	{"IN", "(080.6597)8002", "without a digit"},
	{"IN", "+44 (0)20 7946 0000", "leave the 0 out"},
	{"IN", "111-222", "range"},
	{"IN", "080-65978002", "range"},
	{"IN", "111 - 222", "could be a range or one number"},
	{"IN", "918065978002918065978", "too many digits"},
	{"IN", "+4412345678901234", "too many digits"},
	{"IN", "tel:+918065978002;ext=5", "parameters"},
	{"IN", "tel:8065978002;phone-context=+91", "parameters"},
	{"IN", "tel:+91 8065978002", "only digits"},
	{"IN", "sip:8065978002", "only digits"},
	/* what no rule of the country reads */
	{"IN", "80659780", "8 digits"},
	{"IN", "18775551234", "11 digits"},
	{"IN", "928065978002", "'+' or 00"},
	{"IN", "0806597800", "10 digits"},
	{"US", "918065978002", "'+' or 011"},
	{"US", "00918065978002", "14 digits"},
	{"US", "5551234", "7 digits"},
	{"ZZ", "442079460000", "'+' or 00"},
	/* what the country code's own rules forbid, whoever asks */
	{"IN", "+9180659780", "10 digits"},
	{NULL, "+9180659780021", "10 digits"},
	{"US", "+910065978002", "0 after the country code"},
	{"IN", "+1877555123", "10 digits"},
	{"IN", "+00918065978002", "starts with 0"},
	{"IN", "+08065978002", "starts with 0"},
	{"US", "1775551234", "area code"},
	{"US", "+11775551234", "area code"},
	{"US", "8771551234", "exchange"},
	{"US", "8770551234", "exchange"},
	{"IN", "+18772115555", "N11"},
	{"US", "8779115555", "N11"},
	/* no country set: the candidates of every country whose rules fit */
	{NULL, "08065978002", "write +918065978002 (IN), or set one with 'didctl init --country CC'"},
	{NULL, "08065978002", "'08065978002' is a national number and no country is set"},
	{NULL, "8065978002", "+918065978002 (IN) or +18065978002 (US or CA)"},
	{NULL, "918065978002", "+918065978002 (IN)"},
	{NULL, "18775551234", "+18775551234 (US or CA)"},
	{NULL, "442079460000", "has no '+' and no country is set: write +442079460000"},
	{NULL, "00442079460000", "write +442079460000"},
	{NULL, "011442079460000", "write +442079460000"},
	{NULL, "0000000", "write '+', the country code"},
};

static void expect_refusal(const struct refusal *row)
{
	struct number n;
	struct err err = {0};
	int rc = number_parse(&n, row->text, strlen(row->text), find(row->country), &err);

	if (rc != ERR_USAGE)
		fail_msg("'%s' in %s was read", row->text, row->country ? row->country : "no country");
	if (!strstr(err.text, row->why))
		fail_msg("'%s': no \"%s\" in: %s", row->text, row->why, err.text);
	assert_null(strchr(err.text, '\n'));
}

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		expect_refusal(&refused[i]);
}

static void test_huge(void **state)
{
	const size_t len = 1 << 20;
	char *text = malloc(len);
	struct number n;
	struct err err;

	(void)state;
	assert_non_null(text);
	memset(text, '9', len);
	assert_int_equal(number_parse(&n, text, len, country_find("IN"), &err), ERR_USAGE);
	assert_true(strlen(err.text) < 64 + 128);
	assert_false(number_parse_stored(&n, text, len, NULL));
	free(text);
}

static void test_nul_inside(void **state)
{
	struct number n;

	(void)state;
	assert_int_equal(number_parse(&n, "111\0", 4, NULL, NULL), ERR_USAGE);
	assert_false(number_parse_stored(&n, "111\0", 4, NULL));
}

/*
 * Rows that another program wrote: plain E.164 digits of anywhere, national forms of here, and never a
 * range.
 */
static const struct reading stored[] = {
	{"IN", "18775551234", "18775551234"},
	{"IN", "442079460000", "442079460000"},
	{"IN", "6580659780", "916580659780"}, /* ten digits are national, though +65 has them too */
	{"IN", "080-65978002", "918065978002"},
	{"IN", "77 ", NULL},
	{"IN", "+9180659780", NULL},
	{"US", "918065978002", "918065978002"},
	{"US", "1775551234", NULL},
	{"ZZ", "442079460000", "442079460000"},
	{"ZZ", "00442079460000", "442079460000"},
	{NULL, "918065978002", "918065978002"},
	{NULL, "8065978002", "8065978002"},
	{NULL, "00918065978002", "918065978002"},
	{NULL, "08065978002", NULL},
	{NULL, "0111", "0111"},
	{"IN", "${SHELL(id)}", NULL},
	{"IN", "91806597800x", NULL},
	{"IN", "910065978002", NULL},
	{"IN", "", NULL},
};

static void test_stored(void **state)
{
	char text[NUMBER_TEXT];
	struct number n;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(stored); i++) {
		const struct reading *row = &stored[i];
		bool is_read = number_parse_stored(&n, row->text, strlen(row->text), find(row->country));

		if (is_read != (row->key != NULL))
			fail_msg("stored '%s' %s", row->text, is_read ? "was read" : "was not read");
		if (!is_read)
			continue;
		number_format(n, text);
		assert_string_equal(text, row->key);
	}
}

struct spelled {
	const char *country;
	const char *e164;
	const char *list; /* joined by spaces */
};

static const struct spelled spelled[] = {
	{"IN", "+918065978002",
	 "918065978002 +918065978002 08065978002 8065978002 0918065978002 00918065978002"},
	{"US", "+18775551234", "18775551234 +18775551234 8775551234 01118775551234"},
	{"CA", "+16045551234", "16045551234 +16045551234 6045551234 01116045551234"},
	{"IN", "+18775551234", "18775551234 +18775551234 0018775551234"},
	{"US", "+918065978002", "918065978002 +918065978002 011918065978002"},
	{"ZZ", "+442079460000", "442079460000 +442079460000 00442079460000"},
	{NULL, "+442079460000", "442079460000 +442079460000 00442079460000"},
	{"IN", "+6580659780", "+6580659780 006580659780"},
	{"US", "+6580659780", "+6580659780 0116580659780"},
	{"ZZ", "+6580659780", "6580659780 +6580659780 006580659780"},
	{"IN", "007", "007"},
	{NULL, "123456", "123456"},
};

static void expect_spellings(const struct spelled *row)
{
	const struct country *country = find(row->country);
	char list[256] = "", text[NUMBER_TEXT];
	struct number n, back;

	assert_int_equal(number_parse(&n, row->e164, strlen(row->e164), country, NULL), 0);
	assert_true(number_spellings(n, country) <= NUMBER_SPELLINGS_MAX);
	for (unsigned k = 0; k < number_spellings(n, country); k++) {
		size_t len = number_spell(n, country, k, text);

		assert_int_equal(len, strlen(text));
		assert_true(len <= 20);
		assert_true(number_parse_stored(&back, text, len, country));
		assert_true(number_eq(back, n));
		strcat(strcat(list, k ? " " : ""), text);
	}
	assert_string_equal(list, row->list);
	number_spell(n, country, number_spellings(n, country), text); /* one that only another country has */
	number_format(n, list);
	assert_string_equal(text, list);
}

static void test_spellings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spelled); i++)
		expect_spellings(&spelled[i]);
}

static const struct reading nationals[] = {
	{"IN", "+918065978002", "8065978002"},	 {"US", "+18775551234", "8775551234"},
	{"IN", "+18775551234", "18775551234"},	 {"ZZ", "+442079460000", "442079460000"},
	{NULL, "+918065978002", "918065978002"}, {"IN", "007", "007"},
};

static void test_national(void **state)
{
	char text[NUMBER_TEXT];
	struct number n;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(nationals); i++) {
		const struct reading *row = &nationals[i];

		assert_int_equal(number_parse(&n, row->text, strlen(row->text), find(row->country), NULL), 0);
		assert_int_equal(number_national(n, find(row->country), text), strlen(row->key));
		assert_string_equal(text, row->key);
	}
}

static void test_nanp(void **state)
{
	static const char *const toll_free[] = {"800", "833", "844", "855", "866", "877", "888"};
	const struct number india = {918065978002, 12}, canada = {16045551234, 11},
			    shorter = {8005551234, 10};
	char three[4];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(toll_free); i++) {
		struct number n = {10005551234 + strtoull(toll_free[i], NULL, 10) * 10000000, 11};

		assert_true(number_is_toll_free(n));
		assert_true(number_area_code(n, three));
		assert_string_equal(three, toll_free[i]);
	}
	assert_true(number_is_nanp(canada));
	assert_false(number_is_toll_free(canada));
	assert_true(number_nxx(canada, three));
	assert_string_equal(three, "555");
	assert_false(number_is_nanp(india) || number_area_code(india, three) || number_nxx(india, three));
	assert_false(number_is_nanp(shorter) || number_is_toll_free(shorter));
}

/* N11 and N9X are no area codes, and 37X and 96X are kept back: nobody can have one. */
static void test_area_codes(void **state)
{
	static const unsigned known[] = {201, 212, 600, 604, 758, 800, 888, 900, 989};
	const struct number india = {918065978002, 12}, short_number = {111, 3};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		assert_true(number_area_is_known((struct number){10000000000 + known[i] * UINT64_C(10000000), 11}));
	for (unsigned code = 200; code < 1000; code++) {
		unsigned middle = code / 10 % 10;

		if (code % 100 != 11 && middle != 9 && code / 10 != 37 && code / 10 != 96)
			continue;
		assert_false(number_area_is_known((struct number){10000000000 + code * UINT64_C(10000000), 11}));
	}
	assert_true(number_area_is_known(india) && number_area_is_known(short_number));
}

static void test_order(void **state)
{
	const struct number seven = {7, 3}, wide = {7, 4}, eight = {8, 3};

	(void)state;
	assert_true(number_cmp(seven, eight) < 0 && number_cmp(eight, seven) > 0);
	assert_true(number_cmp(eight, wide) < 0);
	assert_int_equal(number_cmp(seven, seven), 0);
	assert_false(number_eq(seven, wide));
	assert_true(number_eq(number_add(seven, 1), eight));
	assert_int_equal(number_max_value(3), 999);
	assert_int_equal(number_max_value(15), 999999999999999);
}

static void test_countries(void **state)
{
	(void)state;
	assert_string_equal(country_code(country_find("IN")), "IN");
	assert_string_equal(country_code(country_find("CA")), "CA");
	assert_string_equal(country_code(NULL), "");
	assert_null(country_find("in"));
	assert_null(country_find(""));
	assert_null(country_find("GB"));
	assert_string_equal(country_list(), "IN, US, CA, ZZ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readable),   cmocka_unit_test(test_stored_agrees),
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_huge),
		cmocka_unit_test(test_nul_inside), cmocka_unit_test(test_stored),
		cmocka_unit_test(test_spellings),  cmocka_unit_test(test_national),
		cmocka_unit_test(test_nanp), cmocka_unit_test(test_area_codes),	   cmocka_unit_test(test_order),
		cmocka_unit_test(test_countries),
	};

	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
