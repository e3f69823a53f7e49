/* Port orders as things that a change makes, edits or carries out. */
#ifndef DIDCTL_DID_PORTS_H
#define DIDCTL_DID_PORTS_H

#include "did/facts.h"
#include "did/port_numbers.h"

/* Verbs of an order that change no number of the inventory: all but port complete. */
static inline bool is_port_verb(enum verb verb)
{
	return verb >= VERB_PORT_NEW && verb <= VERB_PORT_CANCEL;
}

/* Decides a port verb, behind the guard of all orders where facts->guards is set: fills plan->objects, or refuses. */
int ports_decide(struct facts *facts, const struct change *change, struct plan *plan, struct err *err);

/*
 * port complete: whose numbers come in, and with what. Fills plan->org, the numbers that are not in yet, and in own (a
 * copy of the change) the fields that were prepared.
 */
int ports_begin(struct facts *facts, struct change *own, struct plan *plan, struct rangeset *numbers, struct err *err);
/* The same, once its runs are decided: adds the order to the plan, completed if all its numbers are in. */
int ports_complete(struct facts *facts, const struct change *change, struct plan *plan, struct err *err);

int ports_absent(const char *serial, struct err *err); /* ERR_ABSENT: there is no such order */

/*
 * What the time line says of an order's change, in the arena or NULL: the reason and the note; of an exception its code and
 * reason, "account-mismatch: the account number is another", which others may be told.
 */
const char *ports_note(const struct change *change, const struct object *order, struct arena *arena);
bool ports_note_is_public(const struct change *change);

/* ports_check.c */

/* Guards all orders; ERR_TARGET where the store keeps none. */
int ports_guard(struct facts *facts, struct err *err);
void ports_put_numbers(struct plan *plan, struct object *o, const struct port_numbers *numbers); /* as o's after */
enum port_state port_state_of(const char *const *value); /* of an object's fields */

/* The numbers of an order's object as they were and as they are. Zero-initialise. ERR_FAILED: they cannot be read. */
struct order_numbers {
	struct port_numbers was, is;
};
int order_numbers_read(struct order_numbers *out, const struct object *o, struct err *err);
void order_numbers_release(struct order_numbers *numbers);
/* Those of a mask of 1 << status that had one of these and have none of them now, and the other way round. */
void order_numbers_gone(const struct order_numbers *numbers, unsigned statuses, struct rangeset *out);
void order_numbers_new(const struct order_numbers *numbers, unsigned statuses, struct rangeset *out);

/* ERR_USAGE for a day, or a time of it, that is over: it can be neither asked for nor committed to. */
int ports_refuse_past(const struct change *change, struct err *err);
/* The same of an order's fields: the date with its time and zone behind it. */
int ports_refuse_over(const char *const *value, enum port_field date, int64_t now_ms, struct err *err);

/* The emergency location that is prepared, if any, is there and the organisation's. ERR_ABSENT, ERR_REFUSED. */
int ports_check_location(struct facts *facts, struct plan *plan, const char *const *order, struct err *err);

/*
 * Takes off the numbers what an order may not have: what is in the inventory and not ported, and what is on another open
 * order. They become refused runs of the plan; ERR_REFUSED unless the change is a partial one and some are left.
 */
int ports_check_numbers(struct facts *facts, const struct change *change, struct plan *plan, const char *serial,
			struct rangeset *numbers, struct err *err);

/*
 * An order that undo turns back, its fields filled in, its numbers decided: what the forward verbs would refuse, and what
 * others were told. Numbers that undo refuses keep their status on the order.
 */
int ports_check_undo(struct facts *facts, struct plan *plan, struct object *o, struct err *err);

/* ERR_REFUSED where an organisation that is to go has an order that is not over: its numbers would come in for nobody. */
int ports_check_owner(struct facts *facts, const char *org_id, const char *name, struct err *err);

#endif
