/* What a change means for organisations and users: their default caller IDs, and the numbers that users show. */
#ifndef DIDCTL_SETTLE_H
#define DIDCTL_SETTLE_H

#include "did/facts.h"

/* Loads the names of all organisations that the plan's records name. */
int settle_load_owners(struct facts *facts, struct plan *plan, struct err *err);

/*
 * After the decision: guards the organisations, makes or moves their default caller ID, clears the users' outbound
 * numbers that leave, and says what follows. ERR_REFUSED where undo would make a second default.
 */
int settle(struct facts *facts, const struct change *change, struct plan *plan, struct err *err);

#endif
