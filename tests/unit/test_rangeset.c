/* Range expressions and sets of numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "number/rangeset.h"

static const struct country *find(const char *code)
{
	return code ? country_find(code) : NULL;
}

struct expression {
	const char *country; /* NULL: none is set */
	const char *text;
	const char *first;
	uint64_t count;
};

static const struct expression readable[] = {
	{NULL, "111-222", "111", 112},
	{NULL, "007-012", "007", 6},
	{NULL, "000-999", "000", 1000},
	{NULL, "111-5", "111", 5},
	{NULL, "123456-123456", "123456", 1},
	{NULL, " 111-222 ", "111", 112},
	{NULL, "111", "111", 1},
	{NULL, "1-2-3", "123", 1},
	{"IN", "918065978000-8029", "918065978000", 30},
	{"IN", "918065978000-29", "918065978000", 30},
	{"IN", "918065978000-9", "918065978000", 10},
	{"IN", "918065978000-918065978029", "918065978000", 30},
	{"IN", "08065978000-08065978009", "918065978000", 10},
	{"IN", "8065978000-8065978009", "918065978000", 10},
	{"IN", "08065978000-29", "918065978000", 30},
	{"IN", "8065978000-08065978009", "918065978000", 10},
	{"IN", "08065978000-918065978009", "918065978000", 10},
	{"IN", "918065978000-08065978009", "918065978000", 10},
	{"IN", "918065978000-8065978009", "918065978000", 10},
	{"IN", "00918065978000-918065978009", "918065978000", 10},
	{"IN", "00918065978000-0918065978029", "918065978000", 30}, /* longer than the number, and shorter than its spelling */
	{"IN", "+918065978000-29", "918065978000", 30},
	{"IN", "+918065978000-+918065978029", "918065978000", 30},
	{NULL, "+918065978000-+918065978029", "918065978000", 30},
	{NULL, "+918065978000-918065978029", "918065978000", 30},
	{"IN", "+6580659780-6580659789", "6580659780", 10},
	{"IN", "+18775551230-9", "18775551230", 10},
	{"US", "8775551230-8775551239", "18775551230", 10},
	{"US", "8775551230-1239", "18775551230", 10},
	{"US", "8775550000-5559999", "18775550000", 10000},
	{"US", "011442079460000-2079460009", "442079460000", 10},
	{"IN", "918000000000-918009999999", "918000000000", 10000000},
	/* two '-', or other separators beside one: visual, so one number */
	{"US", "877-555-1234", "18775551234", 1},
	{"US", "(877) 555-1234", "18775551234", 1},
	{"IN", "+91 80 6597-8002", "918065978002", 1},
	{"IN", "tel:+91-8065978002", "918065978002", 1},
	{"IN", "+44 (2)079460000", "442079460000", 1},
};

static void test_readable(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(readable); i++) {
		const struct expression *row = &readable[i];
		struct interval in;
		struct err err = {0};
		char first[NUMBER_TEXT];

		if (interval_parse(&in, row->text, find(row->country), &err))
			fail_msg("%s: %s", row->text, err.text);
		number_format(in.first, first);
		assert_string_equal(first, row->first);
		assert_int_equal(in.count, row->count);
		assert_true(number_eq(interval_last(&in), number_add(in.first, row->count - 1)));
	}
}

struct refusal {
	const char *country;
	const char *text;
	const char *why; /* a part of the message */
};

static const struct refusal refused[] = {
	{NULL, "", "empty"},
	{NULL, "-", "left"},
	{NULL, "-5", "left"},
	{NULL, "5-", "right"},
	{NULL, "111-", "right"},
	{NULL, "1-99999999999999999999", "too few digits"},
	{NULL, "100-99999999999999999999", "too many digits"},
	{NULL, "222-111", "runs backwards: write 111-222"},
	{"IN", "918065978029-00", "write 918065978000-918065978029"},
	{"IN", "08065978029-08065978000", "write 918065978000-918065978029"},
	{"IN", "918065978029-08065978000", "write 918065978000-918065978029"}, /* a whole number is no tail */
	{"IN", "918065978029-028", "write 918065978028-918065978029"},
	{NULL, "+918065978029-+918065978000", "write +918065978000-+918065978029"},
	{"IN", "+6580659789-6580659780", "write +6580659780-+6580659789"},
	{NULL, "111-2222", "from 3 digits to 4"},
	{"IN", "111-918065978000", "from 3 digits to 12"},
	{"IN", "+18775551234-+918065978000", "from 11 digits to 12"},
	{"IN", "918000000000-918099999999", "100000000 numbers: at most 10000000"},
	{"IN", "918000000000-918010000000", "10000001 numbers"},
	{"IN", "911000000000-919999999999", "9000000000 numbers"},
	{NULL, "+200000000000000-+999999999999999", "800000000000000 numbers"},
	/* what lies between is no number: 877-211, and country code 20 after 1 */
	{"US", "8772109990-8772120010", "+18772110000"},
	{NULL, "+19999999990-+20000000010", "+20000000000"},
	{"US", "8779990000-8782005555", "+18780000000"},
	{"IN", "111 - 222", "could be a range or one number"},
	/* one number with one '-' is not taken for one, but the message knows */
	{"IN", "080-65978002", "if it is one number, leave out its '-'"},
	{"IN", "+91-8065978002", "if it is one number, leave out its '-'"},
	{"US", "877-5551234", "if it is one number, leave out its '-'"},
	{"IN", "080-6597800", "7 digits"},
	{"IN", "0x10-0x20", "hexadecimal"},
	{"IN", "111-2_2", "only digits"},
	{"IN", "918065978000-2_2", "only digits"},
	{"IN", "111-+", "no digit"},
	{"IN", "918065978000-+29", "too few digits"},
	{"IN", "+918065978000-+9180659780", "country code"},
	{"IN", "${SHELL(id)}-5", "only digits"},
	{NULL, "8065978000-8065978009", "no country is set"},
	{"IN", "80659780-9", "8 digits"},
	{"IN", "\xd9\xa1\xd9\xa2\xd9\xa3-222", "only digits"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		const struct refusal *row = &refused[i];
		struct interval in;
		struct err err = {0};

		if (interval_parse(&in, row->text, find(row->country), &err) != ERR_USAGE)
			fail_msg("'%s' was read", row->text);
		if (!strstr(err.text, row->why))
			fail_msg("'%s': no \"%s\" in: %s", row->text, row->why, err.text);
	}
}

static void test_huge(void **state)
{
	const size_t len = 1 << 20;
	char *text = malloc(len + 1);
	struct interval in;
	struct err err;

	(void)state;
	assert_non_null(text);
	memset(text, '9', len);
	text[len] = '\0';
	assert_int_equal(interval_parse(&in, text, country_find("IN"), &err), ERR_USAGE);
	memcpy(text, "111-", 4);
	assert_int_equal(interval_parse(&in, text, country_find("IN"), &err), ERR_USAGE);
	assert_true(strlen(err.text) < 2 * 64 + 160);
	free(text);
}

static void add(struct rangeset *set, uint64_t first, uint64_t count)
{
	rangeset_add(set, (struct interval){{first, 3}, count});
}

static void expect_interval(const struct rangeset *set, size_t i, uint64_t first, uint64_t count)
{
	assert_true(i < set->n);
	assert_int_equal(set->at[i].first.value, first);
	assert_int_equal(set->at[i].count, count);
}

static void test_normalise(void **state)
{
	struct rangeset set = {0};

	(void)state;
	rangeset_normalise(&set);
	assert_int_equal(rangeset_count(&set), 0);
	add(&set, 300, 10);
	add(&set, 100, 10);
	add(&set, 110, 5); /* a neighbour of 100-109 */
	add(&set, 105, 20);
	rangeset_add(&set, (struct interval){{100, 4}, 1});
	rangeset_normalise(&set);
	assert_int_equal(set.n, 3);
	expect_interval(&set, 0, 100, 25);
	expect_interval(&set, 1, 300, 10);
	expect_interval(&set, 2, 100, 1);
	assert_int_equal(set.overlaps, 10);
	assert_int_equal(rangeset_count(&set), 36);
	rangeset_normalise(&set);
	assert_int_equal(set.overlaps, 10);
	rangeset_release(&set);
	assert_int_equal(set.n, 0);
}

/* A number named three times is one number that was named more than once. */
static void test_overlaps(void **state)
{
	struct rangeset set = {0};

	(void)state;
	for (int i = 0; i < 3; i++)
		add(&set, 100, 1);
	add(&set, 200, 100);
	add(&set, 210, 10);
	add(&set, 215, 10);
	add(&set, 295, 10);
	rangeset_normalise(&set);
	assert_int_equal(set.n, 2);
	assert_int_equal(set.overlaps, 1 + 15 + 5);
	rangeset_release(&set);
}

static void test_in_order_is_one(void **state)
{
	struct rangeset set = {0};

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		add(&set, i, 1);
	assert_int_equal(set.n, 1);
	assert_int_equal(set.overlaps, 0);
	rangeset_release(&set);
}

static void test_neighbours_join(void **state)
{
	struct rangeset set = {0};

	(void)state;
	add(&set, 110, 10);
	add(&set, 100, 10);
	rangeset_normalise(&set);
	assert_int_equal(set.n, 1);
	expect_interval(&set, 0, 100, 20);
	assert_int_equal(set.overlaps, 0);
	rangeset_release(&set);
}

static void test_has(void **state)
{
	struct rangeset set = {0};

	(void)state;
	assert_false(rangeset_has(&set, (struct number){100, 3}));
	add(&set, 100, 10);
	add(&set, 300, 1);
	rangeset_normalise(&set);
	assert_false(rangeset_has(&set, (struct number){99, 3}));
	assert_true(rangeset_has(&set, (struct number){100, 3}));
	assert_true(rangeset_has(&set, (struct number){109, 3}));
	assert_false(rangeset_has(&set, (struct number){110, 3}));
	assert_true(rangeset_has(&set, (struct number){300, 3}));
	assert_false(rangeset_has(&set, (struct number){301, 3}));
	assert_false(rangeset_has(&set, (struct number){300, 4}));
	assert_false(rangeset_has(&set, (struct number){100, 2}));
	rangeset_release(&set);
}

struct subtraction {
	struct interval a[3], b[3], out[4];
	size_t a_n, b_n, out_n;
};

static const struct subtraction subtractions[] = {
	{.a = {{{100, 3}, 10}}, .a_n = 1, .out = {{{100, 3}, 10}}, .out_n = 1},
	{.a = {{{100, 3}, 10}}, .a_n = 1, .b = {{{100, 3}, 10}}, .b_n = 1},
	{.a = {{{100, 3}, 10}}, .a_n = 1, .b = {{{90, 3}, 100}}, .b_n = 1},
	{.a = {{{100, 3}, 10}},
	 .a_n = 1,
	 .b = {{{104, 3}, 2}},
	 .b_n = 1,
	 .out = {{{100, 3}, 4}, {{106, 3}, 4}},
	 .out_n = 2},
	{.a = {{{100, 3}, 10}},
	 .a_n = 1,
	 .b = {{{90, 3}, 11}, {{109, 3}, 5}},
	 .b_n = 2,
	 .out = {{{101, 3}, 8}},
	 .out_n = 1},
	{.a = {{{100, 3}, 10}, {{200, 3}, 10}},
	 .a_n = 2,
	 .b = {{{105, 3}, 100}},
	 .b_n = 1,
	 .out = {{{100, 3}, 5}, {{205, 3}, 5}},
	 .out_n = 2},
	{.a = {{{100, 3}, 10}, {{100, 4}, 10}},
	 .a_n = 2,
	 .b = {{{100, 4}, 9}},
	 .b_n = 1,
	 .out = {{{100, 3}, 10}, {{109, 4}, 1}},
	 .out_n = 2},
	{.a = {{{100, 3}, 10}},
	 .a_n = 1,
	 .b = {{{90, 3}, 10}, {{110, 3}, 10}},
	 .b_n = 2,
	 .out = {{{100, 3}, 10}},
	 .out_n = 1},
	{.b = {{{100, 3}, 10}}, .b_n = 1},
};

static void fill(struct rangeset *set, const struct interval *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rangeset_add(set, in[i]);
	rangeset_normalise(set);
}

static void test_subtract(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(subtractions); i++) {
		const struct subtraction *row = &subtractions[i];
		struct rangeset a = {0}, b = {0}, out = {0};

		fill(&a, row->a, row->a_n);
		fill(&b, row->b, row->b_n);
		rangeset_subtract(&out, &a, &b);
		assert_int_equal(out.n, row->out_n);
		for (size_t k = 0; k < out.n; k++) {
			expect_interval(&out, k, row->out[k].first.value, row->out[k].count);
			assert_int_equal(out.at[k].first.width, row->out[k].first.width);
		}
		rangeset_release(&a);
		rangeset_release(&b);
		rangeset_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readable),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_normalise),
		cmocka_unit_test(test_overlaps),
		cmocka_unit_test(test_in_order_is_one),
		cmocka_unit_test(test_neighbours_join),
		cmocka_unit_test(test_has),
		cmocka_unit_test(test_subtract),
	};

	return cmocka_run_group_tests_name("rangeset", tests, NULL, NULL);
}
