/* Inside the SQL store: port orders, read and written. What is done to one is decided in did/ports.h. */
#ifndef DIDCTL_SQL_PORTS_H
#define DIDCTL_SQL_PORTS_H

#include "did/ports.h"
#include "store/sql/sqlstore.h"

/* 1 and the order as an object's fields (in the arena), 0 if there is no such order. */
int ports_load(struct sql_store *s, const char *serial, const char *out[OBJECT_FIELDS], struct arena *arena,
	       struct err *err);
/* As facts_ops says. */
int ports_open(struct sql_store *s, const char *org_id, struct order_visitor *visitor, struct err *err);
int ports_next_serial(struct sql_store *s, bool give_away, const char **out, struct arena *arena, struct err *err);

/* ports_write.c: an order's rows, guarded with their old values. */
int ports_write(struct sql_store *s, const struct object *o, struct err *err);
/*
 * What is written once and never turned back: an event for each order of the plan, the bytes of a document, a PIN. To be
 * called last, inside the change's transaction.
 */
int ports_record(struct sql_store *s, const struct change *change, struct plan *plan, struct err *err);
/* Adds the mail about orders whose state changes to the plan: before outbox_write. */
int ports_tell(struct sql_store *s, const struct change *change, struct plan *plan, struct err *err);

#endif
