/* Inside the SQL store: what may be tried again after which error (data.md, "Any error"). */
#ifndef DIDCTL_RETRY_H
#define DIDCTL_RETRY_H

#include "store/sql/sqlstore.h"

#define NOTHING_CHANGED "nothing was changed" /* the hint, or how it begins: ": " and what to do follow */

struct retry {
	int64_t deadline_ms; /* clock_monotonic_ms() */
	unsigned tries;
	bool is_unknown; /* a COMMIT went out and its answer was lost */
	bool is_torn;	 /* because the disk failed */
};

/*
 * After an attempt failed with rc: 0 when the whole transaction is to be run again with the same change id (the connection is made
 * again where it has to be, and some time has passed), else the result of the command.
 */
int retry_next(struct retry *retry, struct sql_store *s, const struct change *change, bool was_committing, int rc,
	       struct err *err);

#endif
