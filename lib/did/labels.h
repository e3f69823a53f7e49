/* What locations are called: a label names one location of its organisation, so that --location finds it. */
#ifndef DIDCTL_LABELS_H
#define DIDCTL_LABELS_H

#include "did/facts.h"

/*
 * Whether o, an object of the plan that gets a label, may have it. ERR_REFUSED where another location of its organisation
 * has it. With may_take, where the plan's numbers all leave that one and nobody stays there, it loses its label to o
 * instead: the plan gets it as another object, and o may lie elsewhere afterwards. Behind the guard of the organisation.
 */
int location_claim_label(struct facts *facts, struct plan *plan, const struct object *o, bool may_take,
			 struct err *err);

#endif
