/* Mending rows that no forward verb accepts (didctl doctor --fix): from a broken record to the nearest sound one. */
#ifndef DIDCTL_REPAIR_H
#define DIDCTL_REPAIR_H

#include "did/check.h"
#include "number/number.h"

/*
 * One row to mend, found by its id. CHECK_TWIN: the row goes, keep names the one that stays. CHECK_TWO_DEFAULTS: the row
 * loses the flag, keep names the row that has it and stays. CHECK_NO_DEFAULT: the row gets the flag. CHECK_SPELLING: the
 * row is stored as E.164 digits. CHECK_OUTBOUND: id is a user's. Of the other checks the record itself tells what to do.
 * A row that is sound by now is left alone: unchanged, or refused where keep is not what it was.
 */
struct repair {
	enum check check;
	const char *id, *keep;
};

struct repairs {
	struct repair *at;
	size_t n, cap;
};

struct plan;
struct record;

/*
 * Mends what a check finds wrong with a row by itself; a record that is sound is left as it is. The checks of rows that
 * are not about one record (CHECK_TWIN, CHECK_SPELLING, CHECK_OUTBOUND) change nothing here. CHECK_OWNER_MISSING asks
 * plan's owners, so they have been loaded.
 */
void repair_record(enum check check, struct plan *plan, struct record *record);

#endif
