#include "cmd/age.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"

#define DAY_MS INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)
#define MINUTE_MS INT64_C(60000)

struct value age_of(const struct context *ctx, struct value since, char out[DERIVED_TEXT])
{
	struct err ignored = {0};
	int64_t at, age;

	(void)ctx;
	if (!since.s || clock_parse(&at, since.s, &ignored))
		return (struct value){0};
	age = clock_now_ms() - at;
	if (age < 0)
		age = 0;
	if (age >= DAY_MS)
		snprintf(out, DERIVED_TEXT, "%" PRId64 "d %" PRId64 "h", age / DAY_MS,
			 age % DAY_MS / HOUR_MS);
	else if (age >= HOUR_MS)
		snprintf(out, DERIVED_TEXT, "%" PRId64 "h %" PRId64 "m", age / HOUR_MS,
			 age % HOUR_MS / MINUTE_MS);
	else
		snprintf(out, DERIVED_TEXT, "%" PRId64 "m", age / MINUTE_MS);
	return value_str(out);
}
