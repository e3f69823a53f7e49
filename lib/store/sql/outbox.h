/* Inside the SQL store: the outbox, didctl_outbox. A message waits in it from the change's COMMIT until it is sent. */
#ifndef DIDCTL_OUTBOX_H
#define DIDCTL_OUTBOX_H

#include "store/sql/sqlstore.h"

/*
 * Adds a message to the plan for each address of an organisation (org edit --mail) and of the operator (mail-to); neither
 * need have one. subject and body live as long as the plan.
 */
void outbox_tell(const struct sql_store *s, struct plan *plan, const struct org *org, const char *subject,
		 const char *body);

/* Writes the plan's messages, inside the change's transaction. */
int outbox_write(struct sql_store *s, const struct change *change, const struct plan *plan, struct err *err);

#endif
