/* Inside the REST store: what a change would do, from the rows as the API has them now. */
#ifndef DIDCTL_API_DECIDE_H
#define DIDCTL_API_DECIDE_H

#include "store/api/facts.h"

/* Fills the plan, whose organisation is resolved; refusals, messages and codes are those of the database. */
int api_decide(struct api_facts *facts, const struct change *change, struct plan *plan, struct err *err);

/* undo.c: the plan that turns a change back which this machine's journal has. */
int api_decide_undo(struct api_facts *facts, const struct change *change, struct plan *plan, struct err *err);

/*
 * undo_since.c: of an undo that is refused, as far as this machine's journals know: by which change it was undone already. since: when
 * it was made; rc: what its decision came to, which is returned.
 */
int api_name_later(struct api_store *s, const char *change_id, const char *since, struct plan *plan, int rc, struct err *err);

#endif
