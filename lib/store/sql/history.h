/* Inside the SQL store: didctl_history. */
#ifndef DIDCTL_HISTORY_H
#define DIDCTL_HISTORY_H

#include "base/text.h"
#include "store/sql/sqlstore.h"

size_t block_of(struct number n, char out[BLOCK_TEXT]); /* the key without its last three digits */
uint64_t block_room(struct number n, uint64_t count);	 /* how many of count numbers from n on lie in its block */

/* Adds " AND ...": of didctl_history h only blocks that the numbers, sorted, lie in. There may be rows beside them. */
void history_where(struct statement *st, const struct rangeset *numbers);

/* Writes a plan's changed runs, its extra ones and its objects under its change id. */
int history_record(struct sql_store *s, struct plan *plan, struct err *err);

/* Of an external change: before is the last recorded state, after the row that was found. Changed runs only. */
int history_record_external(struct sql_store *s, struct plan *plan, const char *change_id, const struct run *runs,
			    size_t n, struct err *err);

#endif
