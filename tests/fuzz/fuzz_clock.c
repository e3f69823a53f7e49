/*
 * Any text as a point in time and as a date, and in front of a newline as the name of a zone: what is read is written as a
 * text that sorts by time and is read back as the same.
 */
#include "base/clock.h"
#include "base/zone.h"
#include "fuzz.h"

#define DAY_MS INT64_C(86400000)

static int64_t read_back(const char *text)
{
	int64_t ms;

	must(!clock_parse(&ms, text, NULL));
	return ms;
}

static void check_point(int64_t ms)
{
	char text[CLOCK_TEXT], stamp[CLOCK_STAMP], later[CLOCK_STAMP];

	must(strlen(clock_format(ms, text)) == strlen("2026-11-21T10:00:00Z"));
	must(strlen(clock_stamp(ms, stamp)) == strlen("2026-11-21T10:00:00.000Z"));
	must(read_back(stamp) == ms && read_back(text) <= ms && ms - read_back(text) < 1000);
	if (strncmp(stamp, "9999", 4) != 0)
		must(strcmp(stamp, clock_stamp(ms + 1, later)) < 0);
}

static void check_zone(int64_t date_ms, const char *zone)
{
	struct err err = {0};
	int64_t ms;
	int rc = zone_to_utc(&ms, date_ms, 540, zone, &err);

	if (rc)
		must_refuse(rc, &err);
	else /* a name in the database and no path; no zone was ever further from UTC */
		must(!strstr(zone, "..") && llabs(ms - date_ms - 540 * INT64_C(60000)) < 26 * INT64_C(3600000));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *zone = fuzz_text(data, size), *text = zone;
	struct err err = {0}, date_err = {0};
	int64_t ms, date_ms;
	bool has_zone = strchr(zone, '\n');
	int rc, date_rc;

	strsep(&text, "\n");
	text = text ? text : zone;
	rc = clock_parse(&ms, text, &err);
	date_rc = clock_parse_date(&date_ms, text, &date_err);
	if (rc)
		must_refuse(rc, &err);
	else
		check_point(ms);
	if (date_rc)
		must_refuse(date_rc, &date_err);
	else
		must(!rc && ms == date_ms && date_ms % DAY_MS == 0);
	if (!date_rc && has_zone)
		check_zone(date_ms, zone);
	free(zone);
	return 0;
}
