/* Organisations, users and locations as things that a change names, makes, edits or deletes. */
#ifndef DIDCTL_DID_OBJECTS_H
#define DIDCTL_DID_OBJECTS_H

#include "base/value.h"
#include "did/facts.h"

/* By id, name or context prefix in whole. ERR_ABSENT, or ERR_REFUSED when several match (5 named). */
int org_resolve(struct facts *facts, const char *text, struct org *out, struct arena *arena, struct err *err);
int user_resolve(struct facts *facts, const char *text, struct user *out, struct arena *arena, struct err *err);

/* The one that a text names in whole. */
struct object_match {
	struct object_visitor visitor;
	enum object_kind kind;
	const char *text;
	struct arena *arena;
	size_t n;
	const char *id, *values[OBJECT_FIELDS];
	struct buf names; /* of several, some */
};
int object_resolve(struct facts *facts, enum object_kind kind, const char *text, struct object_match *out,
		   struct arena *arena, struct err *err);
extern const char *const object_tables[OBJECT_KINDS]; /* where they are stored */

/* Adds an object that is there before and after; the caller says otherwise. */
struct object *object_add(struct plan *plan, enum object_kind kind, const char *id, const char *name);
/* Guards one organisation by its id, or what is told apart from those by its name. */
int object_guard(struct facts *facts, const char *id, struct err *err);

/* Decides an org, user or location verb, behind guards where facts->guards is set: fills plan->objects, or refuses. */
int objects_decide(struct facts *facts, const struct change *change, struct plan *plan, struct err *err);

/* Adds to the plan the object of a history row whose block is "org:ID", "user:ID" or "location:ID", to be turned back. */
int object_undo(struct plan *plan, const char *block, struct value was, struct value left, struct err *err);
/*
 * Once the objects to undo and the runs are decided: compares each with what its change left, and refuses what the
 * forward verbs would refuse (a name or prefix that is taken, an owner that is gone, a number of somebody else).
 */
int objects_check_undo(struct facts *facts, struct plan *plan, struct err *err);

/* The object that a change made or touched, by the block of its history row: for a replay's report. */
void object_replayed(struct plan *plan, const char *block);

bool object_differs(const struct object *object, int field); /* before and after */

#endif
