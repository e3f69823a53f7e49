#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"

#define DAY_MS (86400 * (int64_t)1000)

static void formats(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{0, "1970-01-01T00:00:00Z"},
		{999, "1970-01-01T00:00:00Z"},
		{-1, "1969-12-31T23:59:59Z"},
		{951782400000, "2000-02-29T00:00:00Z"},
		{1795255200000, "2026-11-21T10:00:00Z"},
		{4107542400000, "2100-03-01T00:00:00Z"},
		{253402300799999, "9999-12-31T23:59:59Z"},
		{-62135596800000, "0001-01-01T00:00:00Z"},
	};
	char out[CLOCK_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(clock_format(cases[i].ms, out), cases[i].text);
	assert_true(strlen(clock_format(INT64_MAX, out)) < CLOCK_TEXT);
	assert_true(strlen(clock_format(INT64_MIN, out)) < CLOCK_TEXT);
}

/* Stamps sort as they count, before 1970 too. */
static void stamps(void **state)
{
	static const int64_t ms[] = {-62135596800000, -1001, -1000, -999, -1, 0, 1, 999, 1000, 253402300799999};
	char text[CLOCK_STAMP], before[CLOCK_STAMP] = "";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ms); i++) {
		int64_t back;

		assert_int_equal(strlen(clock_stamp(ms[i], text)), strlen("1970-01-01T00:00:00.000Z"));
		assert_true(strcmp(before, text) < 0);
		assert_int_equal(clock_parse(&back, text, NULL), 0);
		assert_int_equal(back, ms[i]);
		memcpy(before, text, sizeof(before));
	}
}

static void reads_points(void **state)
{
	static const struct {
		const char *text, *utc;
		int64_t ms;
	} cases[] = {
		{"2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z", 0},
		{"2026-11-21t10:00:00z", "2026-11-21T10:00:00Z", 0},
		{"2026-11-21T10:00:00.5Z", "2026-11-21T10:00:00Z", 500},
		{"2026-11-21T10:00:00.123456789Z", "2026-11-21T10:00:00Z", 123},
		{"2026-11-21T10:00:00+05:30", "2026-11-21T04:30:00Z", 0},
		{"2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z", 0},
		{"2026-11-21 10:00:00", "2026-11-21T10:00:00Z", 0},
		{"2026-11-21T10:00", "2026-11-21T10:00:00Z", 0},
		{"2026-11-21 10:00", "2026-11-21T10:00:00Z", 0},
		{"2026-11-21", "2026-11-21T00:00:00Z", 0},
		{"2024-02-29", "2024-02-29T00:00:00Z", 0},
		{"2000-02-29", "2000-02-29T00:00:00Z", 0},
		{"0001-01-01", "0001-01-01T00:00:00Z", 0},
		{"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", 0},
	};
	char out[CLOCK_TEXT];
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t ms;

		assert_int_equal(clock_parse(&ms, cases[i].text, &err), 0);
		assert_string_equal(clock_format(ms, out), cases[i].utc);
		assert_int_equal((ms % 1000 + 1000) % 1000, cases[i].ms);
	}
}

static void reads_ages(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
		{"now", 0},	{"30s", 30},	 {"90m", 5400}, {"36h", 129600},
		{"7d", 604800}, {"2w", 1209600}, {"0d", 0},
	};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t before = clock_now_ms(), ms;

		assert_int_equal(clock_parse(&ms, cases[i].text, &err), 0);
		assert_in_range(ms + cases[i].seconds * 1000, before, clock_now_ms());
	}
}

static void refuses_the_rest(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"2026",
		"2026-11",
		"2026-11-21 ",
		" 2026-11-21",
		"2026-1-1",
		"0001-01-01T00:00+00:01", /* years of more or fewer digits would not sort */
		"9999-12-31T23:59-00:01",
		"26-11-21",
		"2026-02-30",
		"2026-02-29",
		"1900-02-29",
		"2100-02-29",
		"2026-00-01",
		"2026-13-01",
		"2026-01-00",
		"2026-04-31",
		"0000-01-01",
		"02/03/2026",
		"2026/02/03",
		"2026-11-21T",
		"2026-11-21T10",
		"2026-11-21T10:0",
		"2026-11-21T24:00:00Z",
		"2026-11-21T10:60:00Z",
		"2026-11-21T10:00:60Z",
		"2026-11-21T10:00:00.Z",
		"2026-11-21T10:00:00+0530",
		"2026-11-21T10:00:00+05",
		"2026-11-21T10:00:00+24:00",
		"2026-11-21T10:00:00ZZ",
		"2026-11-21x10:00:00",
		"-7d",
		"d",
		"7",
		"7y",
		"7dd",
		"7 d",
		"1.5h",
		"9999999999d",
		"999999999w",
		"Now",
		"yesterday",
		"\u0667d", /* a digit, but not ours */
	};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		int64_t ms = 42;

		assert_int_equal(clock_parse(&ms, texts[i], &err), ERR_USAGE);
		assert_int_equal(ms, 42);
		assert_int_equal(err.code, ERR_USAGE);
		assert_non_null(strstr(err.text, "is not a point in time"));
	}
}

static void reads_dates(void **state)
{
	static const char *const bad[] = {"", "2026-11-21T10:00", "2026-02-30", "now", "7d", "2026-11-21 "};
	struct err err = {0};
	int64_t ms;

	(void)state;
	assert_int_equal(clock_parse_date(&ms, "2026-11-21", &err), 0);
	assert_int_equal(ms, 1795219200000);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(clock_parse_date(&ms, bad[i], &err), ERR_USAGE);
	assert_int_equal(clock_parse_date(&ms, "x\x1b", NULL), ERR_USAGE);
}

/* Every day of two eras of 400 years, against the C library. */
static void agrees_with_the_c_library(void **state)
{
	char ours[CLOCK_TEXT], theirs[CLOCK_TEXT];

	(void)state;
	for (int64_t day = -200000; day < 92194; day++) {
		time_t at = (time_t)(day * 86400);
		struct tm tm;
		int64_t ms;

		strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &tm));
		assert_string_equal(clock_format(day * DAY_MS, ours), theirs);
		assert_int_equal(clock_parse(&ms, ours, NULL), 0);
		assert_int_equal(ms, day * DAY_MS);
	}
}

static void sleeps(void **state)
{
	int64_t start = clock_monotonic_ms();

	(void)state;
	clock_sleep_ms(20);
	assert_true(clock_monotonic_ms() - start >= 19);
	clock_sleep_ms(0);
	clock_sleep_ms(-5);
	assert_true(clock_monotonic_ms() - start < 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),     cmocka_unit_test(stamps),
		cmocka_unit_test(reads_points),
		cmocka_unit_test(reads_ages),  cmocka_unit_test(refuses_the_rest),
		cmocka_unit_test(reads_dates), cmocka_unit_test(agrees_with_the_c_library),
		cmocka_unit_test(sleeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
