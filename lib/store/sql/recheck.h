/* Inside the SQL store: a second look, after COMMIT, at what another program may have written at the same moment. */
#ifndef DIDCTL_RECHECK_H
#define DIDCTL_RECHECK_H

#include "store/sql/sqlstore.h"

/* The PBX knows nothing of our guards: invariants 4 and 6 of data.md are looked at again. What is broken is a warning. */
void recheck(struct sql_store *s, struct plan *plan);

#endif
