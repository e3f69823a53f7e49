/* Inside the SQL store: what others did to the rows, from the history. */
#ifndef DIDCTL_SQL_EXTERNAL_H
#define DIDCTL_SQL_EXTERNAL_H

#include "store/sql/sqlstore.h"

/* Compares what was read with the history and records what differs as a change of its own. */
int external_record(struct sql_store *s, const struct change *change, struct plan *plan,
		    const struct rangeset *touched, struct err *err);

/*
 * VERB_EXTERNAL, asked for by itself: of the rows that were read, those that are not as the history has them become changed
 * runs, from the recorded state to what was found; the others unchanged. The runs are sorted, twins refused, and
 * numbers without a row have runs of their own.
 */
int external_decide(struct sql_store *s, struct plan *plan, const struct rangeset *numbers, struct err *err);

#endif
