#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/uuid.h"

static void makes_version_7(void **state)
{
	char id[UUID_TEXT], again[UUID_TEXT], time_hex[13];
	int64_t before = clock_now_ms();
	struct err err = {0};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(uuid_make(id, &err), 0);
		assert_true(uuid_is_valid(id));
		assert_int_equal(id[14], '7');
		assert_non_null(strchr("89ab", id[19]));
		assert_int_equal(strspn(id, "0123456789abcdef-"), UUID_TEXT - 1);
	}
	memcpy(time_hex, id, 8);
	memcpy(time_hex + 8, id + 9, 4);
	time_hex[12] = '\0';
	assert_in_range(strtoll(time_hex, NULL, 16), before, clock_now_ms());
	assert_int_equal(uuid_make(again, NULL), 0);
	assert_string_not_equal(id, again);
}

static void orders_by_time(void **state)
{
	char early[UUID_TEXT], late[UUID_TEXT];

	(void)state;
	uuid_make(early, NULL);
	clock_sleep_ms(3);
	uuid_make(late, NULL);
	assert_true(strcmp(early, late) < 0);
}

static void checks_the_shape(void **state)
{
	static const struct {
		const char *s;
		bool is_valid;
	} cases[] = {
		{"0193b5e1-7c1a-7000-8000-000000000001", true},
		{"0193B5E1-7C1A-7000-8000-00000000ABCD", true},
		{"00000000-0000-0000-0000-000000000000", true},
		{"f47ac10b-58cc-4372-a567-0e02b2c3d479", true},
		{"", false},
		{"0193b5e1", false},
		{"0193b5e1-7c1a-7000-8000-00000000000", false},
		{"0193b5e1-7c1a-7000-8000-0000000000011", false},
		{"0193b5e17c1a700080000000000000010000", false},
		{"0193b5e1-7c1a-7000-80000-00000000001", false},
		{"{193b5e1-7c1a-7000-8000-00000000000}", false},
		{"0193b5eg-7c1a-7000-8000-000000000001", false},
		{"0193b5e1-7c1a-7000-8000-00000000000\n", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(uuid_is_valid(cases[i].s), cases[i].is_valid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_version_7),
		cmocka_unit_test(orders_by_time),
		cmocka_unit_test(checks_the_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
