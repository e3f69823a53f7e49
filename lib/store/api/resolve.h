/* Inside the REST store: how far a change came that was broken off, by the rows as they are. */
#ifndef DIDCTL_API_RESOLVE_H
#define DIDCTL_API_RESOLVE_H

#include "store/api/journal.h"

struct ops_found {
	size_t done;
	size_t halfway; /* one of its two requests was done */
	const char *first_halfway; /* its text, as long as the ops */
};

/* Looks at the rows of the ops that wait, marks those that turn out to be done, and counts them with those that were. */
int api_look_at_ops(struct api_store *s, struct ops *ops, struct plan *plan, struct ops_found *found, struct err *err);

#endif
