/* Points in time from what a calendar and a clock on the wall of a time zone say. */
#ifndef DIDCTL_ZONE_H
#define DIDCTL_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define ZONE_NAME_MAX 64

/*
 * The point in time, in milliseconds, at which clocks in the zone, a name in this machine's time zone database such as
 * "America/New_York" or "UTC", show `minute` minutes after midnight of a date (which
 * is the milliseconds of its 00:00:00 UTC, as clock_parse_date gives it). A time that the change to summer time leaves
 * out is that of the clock that was not put forward, and of a time that comes twice it is the first (RFC 5545, 3.3.5).
 * ERR_USAGE where there is no such zone, ERR_FAILED where it cannot be read.
 */
int zone_to_utc(int64_t *ms, int64_t date_ms, int minute, const char *zone, struct err *err);

/*
 * Calls visit for each time zone that the database counts as of today, in its order, and for UTC: a name that
 * zone_to_utc takes, and where it is, "US Eastern (most areas)" or a country alone. ERR_FAILED where that cannot be read.
 */
int zone_each(void (*visit)(void *to, const char *name, const char *where), void *to, struct err *err);

#endif
