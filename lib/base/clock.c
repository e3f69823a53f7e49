#include "base/clock.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"

#define MS_PER_SECOND 1000
#define MS_PER_MINUTE (60 * (int64_t)MS_PER_SECOND)
#define MS_PER_HOUR   (60 * MS_PER_MINUTE)
#define MS_PER_DAY    (24 * MS_PER_HOUR)
#define DAYS_PER_ERA  146097 /* 400 years of the Gregorian calendar */
#define EPOCH_DAY     719468 /* 1970-01-01, counted from 0000-03-01 */

struct civil {
	int64_t year;
	unsigned char month, day; /* from 1 */
};

static int64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void clock_sleep_ms(int64_t ms)
{
	struct timespec wait = {.tv_sec = ms / MS_PER_SECOND, .tv_nsec = ms % MS_PER_SECOND * 1000000};

	if (ms > 0)
		nanosleep(&wait, NULL);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Years begin in March here, so that the leap day is the last of its year; month is 1 to 12. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
	int64_t y = year - (month <= 2), era = floor_div(y, 400), year_of_era = y - era * 400;
	int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
	int64_t leap_days = year_of_era / 4 - year_of_era / 100;

	return era * DAYS_PER_ERA + year_of_era * 365 + leap_days + day_of_year - EPOCH_DAY;
}

static struct civil civil_from_days(int64_t days)
{
	int64_t era = floor_div(days + EPOCH_DAY, DAYS_PER_ERA), n = days + EPOCH_DAY - era * DAYS_PER_ERA;
	int64_t year_of_era = (n - n / 1460 + n / 36524 - n / 146096) / 365;
	int64_t day_of_year = n - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t from_march = (5 * day_of_year + 2) / 153;

	return (struct civil){
		.year = era * 400 + year_of_era + (from_march >= 10),
		.month = (unsigned char)((from_march + 2) % 12 + 1),
		.day = (unsigned char)(day_of_year - (153 * from_march + 2) / 5 + 1),
	};
}

char *clock_format(int64_t ms, char out[CLOCK_TEXT])
{
	struct civil date = civil_from_days(floor_div(ms, MS_PER_DAY));
	unsigned second = (unsigned)((ms % MS_PER_DAY + MS_PER_DAY) % MS_PER_DAY / MS_PER_SECOND);

	snprintf(out, CLOCK_TEXT, "%04lld-%02d-%02dT%02u:%02u:%02uZ", (long long)date.year, date.month,
		 date.day, second / 3600 % 24, second / 60 % 60, second % 60);
	return out;
}

char *clock_stamp(int64_t ms, char out[CLOCK_STAMP])
{
	size_t len = strlen(clock_format(ms, out));

	snprintf(out + len - 1, CLOCK_STAMP - len, ".%03uZ", (unsigned)(ms - floor_div(ms, 1000) * 1000)); /* over the Z */
	return out;
}

/* Reads exactly width digits with a value from low to high, and moves on. */
static bool take_number(const char **p, int width, int low, int high, int *out)
{
	int value = 0;

	for (int i = 0; i < width; i++) {
		char c = (*p)[i];

		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	*p += width;
	*out = value;
	return value >= low && value <= high;
}

static bool take_char(const char **p, const char *any)
{
	if (!**p || !strchr(any, **p))
		return false;
	(*p)++;
	return true;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && is_leap);
}

static bool take_date(const char **p, int64_t *ms)
{
	int year, month, day;

	if (!take_number(p, 4, 1, 9999, &year) || !take_char(p, "-") || !take_number(p, 2, 1, 12, &month) ||
	    !take_char(p, "-") || !take_number(p, 2, 1, days_in_month(year, month), &day))
		return false;
	*ms = days_from_civil(year, month, day) * MS_PER_DAY;
	return true;
}

/* A fraction of a second has any number of digits; those after the milliseconds are dropped. */
static bool take_fraction(const char **p, int64_t *ms)
{
	int digit, weight = 100;

	if (!take_char(p, ".,"))
		return true;
	if (!take_number(p, 1, 0, 9, &digit))
		return false;
	do {
		*ms += digit * weight;
		weight /= 10;
	} while (**p >= '0' && **p <= '9' && take_number(p, 1, 0, 9, &digit));
	return true;
}

/* "Z" or "+05:30"; without one the time is UTC. */
static bool take_offset(const char **p, int64_t *ms)
{
	bool is_east = **p == '+';
	int hour, minute;
	int64_t offset;

	if (!**p || take_char(p, "Zz"))
		return true;
	if (!take_char(p, "+-") || !take_number(p, 2, 0, 23, &hour) || !take_char(p, ":") ||
	    !take_number(p, 2, 0, 59, &minute))
		return false;
	offset = hour * MS_PER_HOUR + minute * MS_PER_MINUTE;
	*ms += is_east ? -offset : offset;
	return true;
}

/* "10:00", "10:00:00", "10:00:00.5", each with an offset or without. */
static bool take_time(const char **p, int64_t *ms)
{
	int hour, minute, second = 0;

	if (!take_number(p, 2, 0, 23, &hour) || !take_char(p, ":") || !take_number(p, 2, 0, 59, &minute))
		return false;
	if (take_char(p, ":") && (!take_number(p, 2, 0, 59, &second) || !take_fraction(p, ms)))
		return false;
	*ms += hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * (int64_t)MS_PER_SECOND;
	return take_offset(p, ms);
}

/* An offset may lead out of the years of four digits: then the texts would not sort by time any more. */
static bool is_in_years(int64_t ms)
{
	return ms >= days_from_civil(1, 1, 1) * MS_PER_DAY && ms < days_from_civil(10000, 1, 1) * MS_PER_DAY;
}

static bool parse_point(const char *p, int64_t *ms)
{
	return take_date(&p, ms) && (!*p || (take_char(&p, "Tt ") && take_time(&p, ms))) && !*p && is_in_years(*ms);
}

/* Nine digits at most: 999,999,999 weeks still fit into 64 bits of milliseconds. */
static bool parse_age(const char *p, int64_t *ms)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = {
		{'s', MS_PER_SECOND}, {'m', MS_PER_MINUTE},  {'h', MS_PER_HOUR},
		{'d', MS_PER_DAY},    {'w', 7 * MS_PER_DAY},
	};
	size_t digits = strspn(p, "0123456789");
	int n;

	if (!digits || digits > 9 || !p[digits] || p[digits + 1])
		return false;
	if (!take_number(&p, (int)digits, 0, INT_MAX, &n))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (units[i].unit != *p)
			continue;
		*ms = clock_now_ms() - n * units[i].ms;
		return is_in_years(*ms);
	}
	return false;
}

static int not_understood(const char *what, const char *text, struct err *err)
{
	char shown[TEXT_SHOWN];

	return err_set(err, ERR_USAGE, "'%s' is not %s", text_show(shown, text, strlen(text)), what);
}

int clock_parse(int64_t *ms, const char *text, struct err *err)
{
	int64_t found = clock_now_ms();

	if (strcmp(text, "now") != 0 && !parse_point(text, &found) && !parse_age(text, &found)) {
		not_understood("a point in time", text, err);
		err_hint(err, "write 2026-11-21, '2026-11-21 10:00', 2026-11-21T10:00:00Z, now or 7d (ago)");
		return ERR_USAGE;
	}
	*ms = found;
	return 0;
}

int clock_parse_date(int64_t *ms, const char *text, struct err *err)
{
	const char *p = text;
	int64_t found;

	if (!take_date(&p, &found) || *p) {
		not_understood("a date", text, err);
		err_hint(err, "write year, month and day: 2026-11-21");
		return ERR_USAGE;
	}
	*ms = found;
	return 0;
}
