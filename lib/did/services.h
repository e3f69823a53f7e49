/*
 * Changes of numbers together with the object behind them: an organisation and its default name, a location and the
 * numbers that are to be found there.
 */
#ifndef DIDCTL_SERVICES_H
#define DIDCTL_SERVICES_H

#include "did/facts.h"

/* It names no number, but what numbers hang on: an organisation, or a location. */
bool services_find_numbers(const struct change *change);
/* The filter by which those numbers are found. What they hang on is guarded: it stays, and nobody else changes it. */
int services_select(struct facts *facts, const struct change *change, struct plan *plan, struct selection *out,
		    struct err *err);

/*
 * Undo: which numbers show what an object changes that is turned back, and the guard that keeps them there; false: none but
 * those that the undone change tells of.
 */
bool services_select_heirs(struct plan *plan, const struct object *object, struct selection *out, const char **guard);

/* Once the rows are read and before they are decided: the object that changes with them, or that they get. */
int services_prepare(struct facts *facts, const struct change *change, struct plan *plan, struct err *err);

/* e911 locations add and delete. */
int services_decide_location(struct facts *facts, const struct change *change, struct plan *plan, struct err *err);
/*
 * ERR_REFUSED while numbers hang on a location that the plan leaves there, an open port order has it for its numbers, or
 * locations hang on an organisation.
 */
int services_refuse_location(struct facts *facts, struct plan *plan, const struct object *location, struct err *err);
int services_refuse_org(struct facts *facts, const struct object *org, struct err *err);

int services_missing(const struct facts *facts, struct err *err); /* ERR_TARGET: the target has no place for them */

#endif
