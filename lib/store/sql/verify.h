/* Inside the SQL store: the checks of the history, by file. */
#ifndef DIDCTL_VERIFY_H
#define DIDCTL_VERIFY_H

#include "base/text.h"
#include "store/sql/sqlstore.h"

/* verify_replay.c: CHECK_REPLAY, the history replayed to the rows. In a transaction that is a snapshot. */
int verify_replay(struct sql_store *s, struct finder *finder, struct progress *progress, struct err *err);

#endif
