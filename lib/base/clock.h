/* Time: UTC inside, RFC 3339 out. */
#ifndef DIDCTL_CLOCK_H
#define DIDCTL_CLOCK_H

#include <stdint.h>
#include <stdbool.h>

#include "base/err.h"

#define CLOCK_TEXT 32

int64_t clock_now_ms(void);	/* milliseconds since 1970-01-01T00:00:00Z */
int64_t clock_monotonic_ms(void); /* for time limits */
void clock_sleep_ms(int64_t ms); /* returns early on a signal */

/* "2026-11-21T10:00:00Z" from milliseconds, cut to whole seconds. */
char *clock_format(int64_t ms, char out[CLOCK_TEXT]);

/* The same with milliseconds, as didctl keeps times: their text sorts as they count. */
#define CLOCK_STAMP (CLOCK_TEXT + 4)
char *clock_stamp(int64_t ms, char out[CLOCK_STAMP]);

/*
 * Reads a point in time: RFC 3339 with any offset, "2026-11-21 10:00:00", "2026-11-21T10:00", "2026-11-21" (00:00:00
 * UTC), "now", or an age such as "90m", "36h", "7d", "2w" (that long ago). ERR_USAGE otherwise; 2026-02-30 is refused.
 */
int clock_parse(int64_t *ms, const char *text, struct err *err);

/* Reads a calendar date "2026-11-21"; ms is its 00:00:00 UTC. */
int clock_parse_date(int64_t *ms, const char *text, struct err *err);

#endif
