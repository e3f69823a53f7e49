/*
 * What a decision has to know of a store beyond the rows that its change names, and the guards behind which it asks. A
 * store has one of these; what is decided with it (settle.h, objects.h) is the same for every store.
 */
#ifndef DIDCTL_FACTS_H
#define DIDCTL_FACTS_H

#include "did/plan.h"

struct facts;

/* Is told each of what was asked for, in order; its text lives until it returns. 1 ends the search, negative fails. */
struct number_visitor {
	int (*visit)(struct number_visitor *visitor, const char *stored, struct err *err);
};
struct row_visitor {
	int (*visit)(struct row_visitor *visitor, const char *id, const char *stored, struct err *err);
};
struct user_visitor {
	int (*visit)(struct user_visitor *visitor, const struct user *user, struct err *err);
};

/* All of an object's fields but its id, by object_keys. */
struct object_visitor {
	int (*visit)(struct object_visitor *visitor, const char *id, const char *const fields[OBJECT_FIELDS],
		     struct err *err);
};

/* Is told the numbers of port orders, an interval at a time. */
struct order_visitor {
	int (*visit)(struct order_visitor *visitor, const char *serial, const char *state, struct interval in,
		     struct err *err);
};

/* What is counted of an organisation; the numbers at a location, and the port orders that are not over whose numbers get it. */
enum org_count {
	COUNT_NUMBERS, COUNT_USERS, COUNT_SAME_NAME, COUNT_SAME_PREFIX, COUNT_LOCATIONS, COUNT_AT_LOCATION, COUNT_PREPARED,
};

struct facts_ops {
	/*
	 * Guards keep other processes of didctl away until the change is done. NULL where a store has none. An organisation
	 * is named by its id; "names" guards the names of all of them.
	 */
	int (*guard_orgs)(struct facts *facts, const struct owners *owners, struct err *err);
	int (*guard_numbers)(struct facts *facts, const struct rangeset *numbers, struct err *err);

	/* The rows of a selection, as store's apply reads them. */
	int (*read)(struct facts *facts, const struct selection *selection, struct plan *out, struct err *err);
	/* Every row with one of these ids, or of one of these numbers, its text a spelling of the country's list. */
	int (*rows_by_id)(struct facts *facts, const char *const *ids, size_t n, struct row_visitor *visitor, struct err *err);
	int (*rows_by_number)(struct facts *facts, const struct rangeset *numbers, struct row_visitor *visitor,
			      struct err *err);
	/* What was read is not what was read before: the change begins again, or ends with this ERR_REFUSED. */
	int (*raced)(struct facts *facts, struct err *err);
	/* Appends "08065978002 (row ID, ACME) and +918065978002 (row ID, no organisation)": all rows of a number. */
	int (*name_rows)(struct facts *facts, struct number n, struct buf *out, struct err *err);
	/* Fills in name, prefix and CNAM of the organisation with this id; leaves them where there is none. */
	int (*load_owner)(struct facts *facts, struct org *org, struct arena *arena, struct err *err);

	/* The stored texts of an organisation's numbers with the default flag, the first ones; in_service: assigned and active. */
	int (*defaults_of)(struct facts *facts, const char *org_id, bool in_service, struct strlist *out,
			   struct arena *arena, struct err *err);
	/* Any number that is assigned to it; *out NULL: none is. */
	int (*holds_any)(struct facts *facts, const char *org_id, const char **out, struct arena *arena, struct err *err);
	/* A number that it will hold, as a hint for the next time; may be NULL. */
	int (*keep_hint)(struct facts *facts, const char *org_id, const char *number, struct err *err);
	/* Its numbers in service, in the order of their stored texts. */
	int (*in_service)(struct facts *facts, const char *org_id, struct number_visitor *visitor, struct err *err);
	/* All users that show a number of their own. */
	int (*callers)(struct facts *facts, struct user_visitor *visitor, struct err *err);

	/* The objects whose id, name (label) or context prefix is this text, and perhaps some that are only alike; by id. */
	int (*find)(struct facts *facts, enum object_kind kind, const char *text, struct object_visitor *visitor,
		    struct err *err);
	/* All of a kind, by name: for "did you mean"; a name may come more than once. */
	int (*list)(struct facts *facts, enum object_kind kind, struct object_visitor *visitor, struct err *err);
	/* 1 and the values, 0 if there is no such object. */
	int (*load)(struct facts *facts, enum object_kind kind, const char *id, const char *out[OBJECT_FIELDS],
		    struct arena *arena, struct err *err);
	/*
	 * The locations of fields' organisation in its country, state and ZIP code, and perhaps others, by id. Asked only where
	 * has_locations is set.
	 */
	int (*near_locations)(struct facts *facts, const char *const fields[OBJECT_FIELDS], struct object_visitor *visitor,
			      struct err *err);
	/* value: the organisation's or location's id, or the name or prefix; not_id: whom not to count, or NULL. */
	int (*count)(struct facts *facts, enum org_count what, const char *value, const char *not_id, uint64_t *out,
		     struct err *err);

	/* All numbers of the port orders that are not over; org_id: of one organisation, or NULL. NULL: it keeps no orders. */
	int (*open_orders)(struct facts *facts, const char *org_id, struct order_visitor *visitor, struct err *err);
	/* The serial number of the next order, which is given away where facts->guards is set. */
	int (*next_order)(struct facts *facts, const char **out, struct arena *arena, struct err *err);
};

struct facts {
	const struct facts_ops *ops;
	const struct country *country;
	const char *fallback; /* what the trunk shows where an organisation has no caller ID */
	const char *target; /* as messages name it */
	bool has_orgs, has_users, has_prefixes;
	bool has_locations; /* and default names, and what providers said */
	bool guards; /* it is a change that is recorded: guards are written */
};

/* Writes guards where the change is recorded and the store has any. */
static inline int facts_guard_numbers(struct facts *facts, const struct rangeset *numbers, struct err *err)
{
	return facts->guards && facts->ops->guard_numbers ? facts->ops->guard_numbers(facts, numbers, err) : 0;
}

static inline int facts_guard_orgs(struct facts *facts, const struct owners *owners, struct err *err)
{
	return facts->guards && facts->ops->guard_orgs ? facts->ops->guard_orgs(facts, owners, err) : 0;
}

#endif
