/* Sorting rows in memory: the order, ties, how much is kept; and the order of values that it goes by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "store/api/sorter.h"

static void test_values(void **state)
{
	static const struct {
		const char *less, *more;
		enum column_type type;
	} cases[] = {
		{NULL, "", COL_TEXT},	       {"B", "a", COL_TEXT},	    {"10", "9", COL_TEXT},
		{"9", "10", COL_COUNT},	       {"9.99", "10.00", COL_PRICE}, {"-1.00", "0.00", COL_PRICE},
		{"-10.00", "-9.00", COL_PRICE}, {"1.00", "1.01", COL_PRICE}, {"-1.01", "-1.00", COL_PRICE},
		{NULL, "-1.00", COL_PRICE},    {"0", "1", COL_BOOL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct value less = value_str(cases[i].less), more = value_str(cases[i].more);

		assert_true(value_compare(less, more, cases[i].type) < 0);
		assert_true(value_compare(more, less, cases[i].type) > 0);
		assert_int_equal(value_compare(more, more, cases[i].type), 0);
	}
}

static void add(struct sorter *sorter, const char *name, const char *price)
{
	const struct value cells[] = {value_str(name), value_str(price)};

	assert_true(sorter_add(sorter, cells));
}

static const char *next_name(struct sorter *sorter)
{
	const struct value *row = sorter_next(sorter);

	return row ? row[0].s : "end";
}

static void test_order(void **state)
{
	static const struct sorter_key keys[] = {{1, COL_PRICE, true}};
	struct sorter sorter = {.ncells = 2, .keys = keys, .nkeys = 1};
	static const char *const expected[] = {"dear", "first", "second", "third", "cheap", "free", "end", "end"};

	(void)state;
	add(&sorter, "first", "20.00");
	add(&sorter, "free", NULL);
	add(&sorter, "second", "20.00");
	add(&sorter, "cheap", "3.00");
	add(&sorter, "dear", "100.00");
	add(&sorter, "third", "20.00");
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_string_equal(next_name(&sorter), expected[i]);
	sorter_release(&sorter);
}

/* Whatever comes after: no more than a few times the limit is ever kept. */
static void test_limit(void **state)
{
	static const struct sorter_key keys[] = {{1, COL_COUNT, false}};
	struct sorter sorter = {.ncells = 2, .keys = keys, .nkeys = 1, .limit = 3};
	char name[24];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "%d", (i * 7919 + 13) % 100000);
		add(&sorter, name, name);
		assert_true(sorter.n < 10000);
	}
	assert_string_equal(next_name(&sorter), "0");
	assert_string_equal(next_name(&sorter), "1");
	assert_string_equal(next_name(&sorter), "2");
	assert_string_equal(next_name(&sorter), "end");
	sorter_release(&sorter);
}

static void test_too_much(void **state)
{
	enum { SIZE = 1 << 20 };
	struct sorter sorter = {.ncells = 1};
	char *text = xcalloc(1, SIZE + 1);
	struct value cell = {text, SIZE};
	size_t n = 0;

	(void)state;
	while (sorter_add(&sorter, &cell))
		n++;
	assert_int_equal(n, SORTER_BYTES / SIZE - 1);
	free(text);
	sorter_release(&sorter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_too_much),
	};

	return cmocka_run_group_tests_name("sorter", tests, NULL, NULL);
}
