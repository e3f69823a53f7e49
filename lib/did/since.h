/*
 * What came since a change that is to be undone: whoever is refused has to know whether somebody has undone it already, or which
 * change has to be undone first.
 */
#ifndef DIDCTL_SINCE_H
#define DIDCTL_SINCE_H

#include "did/plan.h"

/* What a later change did to some numbers, or to an object. */
struct later {
	const char *id, *verb, *at, *undo_of; /* the change */
	struct number first, last;
	const char *object; /* its id, or NULL: numbers */
	uint64_t mask;	    /* of which fields */
	unsigned undos;	    /* how many undos lead from it to the change: odd, it takes that back; even, it puts it in force again */
};

struct laters {
	struct later *at; /* the newest first; texts are the plan's */
	size_t n, cap;
};

/* Once all are there: which of them are undos of the change with this id, of those, and so on. */
void laters_settle(struct laters *laters, const char *change_id);
void laters_release(struct laters *laters);

bool laters_matter(const struct run *run); /* whether another change may be why this run is refused */
/*
 * Adds to the reason of a refused run the newest that touched these fields of it; what that did not touch becomes runs of their
 * own, at the plan's end.
 */
void laters_name_run(const struct laters *laters, struct plan *plan, size_t run, uint64_t fields);

/* Of an undo that its objects refuse with err: tells instead that it was undone already, where the newest says so. */
void laters_name_object(const struct laters *laters, const struct plan *plan, const char *change_id, struct err *err);

#endif
