/* Inside the SQL store: written keys that keep other processes of didctl away until COMMIT (data.md, "A change"). */
#ifndef DIDCTL_GUARDS_H
#define DIDCTL_GUARDS_H

#include "store/sql/sqlstore.h"

/* The blocks that the numbers lie in: num:BLOCK. */
int guard_numbers(struct sql_store *s, const struct rangeset *numbers, struct err *err);
/* A change in pieces: change:ID. Between its pieces it may be undone. */
int guard_change(struct sql_store *s, const char *change_id, struct err *err);
/* Organisations, in the order of their ids: org:ID. */
int guard_orgs(struct sql_store *s, const struct owners *owners, struct err *err);

#endif
