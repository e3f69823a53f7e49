/* Inside the SQL store: what a change means for organisations and users, and the guards that keep others away meanwhile. */
#ifndef DIDCTL_EFFECTS_H
#define DIDCTL_EFFECTS_H

#include "store/sql/sqlstore.h"

/* Writes the guards of the blocks that the numbers lie in: num:BLOCK. */
int guard_numbers(struct sql_store *s, const struct rangeset *numbers, struct err *err);
/* Writes the guard of an organisation, or of what all of them share: org:NAME. */
int guard_org(struct sql_store *s, const char *name, struct err *err);

/* The stored texts of an organisation's default caller IDs that are in service, the first ones; copied to the arena. */
int effects_defaults(struct sql_store *s, const char *org_id, struct strlist *out, struct arena *arena, struct err *err);

/* Loads the names of all organisations that the plan's records name. */
int effects_load_owners(struct sql_store *s, struct plan *plan, struct err *err);

/*
 * After the decision: guards the organisations (written keys, when guard is set), makes or moves their default caller ID, clears the users' outbound
 * numbers that leave, and says what follows. ERR_REFUSED where undo would make a second default.
 */
int effects_settle(struct sql_store *s, const struct change *change, struct plan *plan, bool guard, struct err *err);

#endif
