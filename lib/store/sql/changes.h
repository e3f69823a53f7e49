/* Inside the SQL store: didctl_changes, one row a change, whose primary key makes a change id count once. */
#ifndef DIDCTL_CHANGES_H
#define DIDCTL_CHANGES_H

#include "base/clock.h"
#include "store/sql/sqlstore.h"

/* Inserts the row; a change id that is there already fails with the driver's class SQL_DUPLICATE. org may be NULL. */
int change_insert(struct sql_store *s, const struct change *change, const struct org *org, struct err *err);

/*
 * Notes what came of it: how much the history holds of it, which numbers, and from the plan (may be NULL) its counts and
 * every run, for a replay. The last step of a change: then its row and its history get their hash.
 */
int change_finish(struct sql_store *s, const char *id, uint64_t n, const struct plan *plan,
		  const struct rangeset *numbers, struct err *err);

/*
 * If the change id is there: 1, and the plan is what was done then; the same id with another request is ERR_REFUSED.
 * 0 if it is not there.
 */
int change_replay(struct sql_store *s, const struct change *change, struct plan *plan, struct err *err);

/*
 * The organisation that the change names, in *org with its memory in the arena, to compare it with a kept one; *found is NULL
 * where it names none, or none that there is: the request may be the same all the same. Fails only if the database does.
 */
int change_find_org(struct sql_store *s, const struct change *change, struct org *org, const struct org **found,
		    struct arena *arena, struct err *err);

/* The runs of a change as its row keeps them, into the plan. ERR_FAILED: somebody else wrote there. */
int change_read_runs(struct plan *plan, const char *id, struct value runs, struct err *err);

#endif
