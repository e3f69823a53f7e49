/* Inside the SQL store: organisations and users as things that a change makes, edits or deletes. */
#ifndef DIDCTL_OBJECTS_H
#define DIDCTL_OBJECTS_H

#include "store/sql/sqlstore.h"

/* Decides an org or user verb, behind guards (written keys) if guard is set: fills plan->objects, or refuses. */
int objects_decide(struct sql_store *s, const struct change *change, struct plan *plan, bool guard, struct err *err);

/* Adds to the plan the object of a history row whose block is "org:ID" or "user:ID", to be turned back. */
int object_undo(struct plan *plan, const char *block, struct value was, struct value left, struct err *err);
/*
 * Once the objects to undo and the runs are decided: compares each with what its change left, and refuses what the
 * forward verbs would refuse (a name or prefix that is taken, an owner that is gone, a number of somebody else).
 */
int objects_check_undo(struct sql_store *s, struct plan *plan, bool guard, struct err *err);

/* The object that a change made or touched, by the block of its history row: for a replay's report. */
void object_replayed(struct plan *plan, const char *block);

/* Adds the user to the plan, losing an outbound caller ID. */
void object_clear_outbound(struct plan *plan, const struct user *user);

#endif
