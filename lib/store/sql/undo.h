/* Inside the SQL store: the history of a change, turned round. */
#ifndef DIDCTL_SQL_UNDO_H
#define DIDCTL_SQL_UNDO_H

#include "store/sql/facts.h"

/* What the change to undo did, as items sorted by number. */
struct undo_item {
	struct number first;
	uint64_t count;
	uint32_t was, left;		/* records before and after, RECORD_NONE: no row */
	uint64_t was_mask, left_mask;	/* which of their fields count */
	const char *members;		/* of rows that went: lines "id TAB number" */
	/* An item about one of the rows of a number. */
	const char *dropped;		/* the id of the row that went, which was's text_was was */
	bool is_restored;		/* a row came back: taking it away again is a decision, and pool merge asks for it */
	const char *text_was, *text_left; /* how the row was spelled; NULL: its spelling did not change */
	bool is_heir; /* the change said nothing of them: they share a name or an address that is undone, and came since */
};

/* One line of members; member_next (insert.c) reads it and returns the next one, NULL when there is none to read. */
struct member {
	const char *id, *number;
	size_t id_len, number_len;
};
const char *member_next(const char *line, struct member *out);

/* An organisation's default name as it was when the undone change was made. */
struct undo_default {
	const char *org_id, *name;
};

struct undo {
	struct undo_item *items;
	size_t n, cap;
	struct strlist texts; /* stored texts that no look-up by number would find */
	struct undo_default *defaults;
	size_t ndefaults, defaults_cap;
};

/* Fills a zeroed *out, to be released in any case. ERR_ABSENT: there is no such change. */
int undo_load(struct sql_facts *facts, const struct change *change, struct plan *plan, struct undo *out,
	      struct err *err);
void undo_numbers(const struct undo *undo, struct rangeset *out);
/* Splits the runs that were read at the items' borders, adds those that are gone, and decides each. */
int undo_decide(struct sql_store *s, const struct change *change, struct undo *undo, struct plan *plan, struct err *err);
void undo_release(struct undo *undo);

/* undo_services.c: adds the items of numbers that share a name or an address which the plan's objects undo. */
int undo_find_heirs(struct sql_facts *facts, struct plan *plan, struct undo *undo, struct err *err);
/* After its decision: the name and the address that a row gets back wait, as does a default that its status is not about. */
int undo_follow_services(struct sql_store *s, const struct change *change, struct undo *undo, struct plan *plan,
			 struct run *run, struct err *err);

/* undo_since.c: names in the reason of each refused run the last change since then of what differs, where there is one. */
int undo_name_later(struct sql_store *s, const struct change *change, const struct undo *undo, struct plan *plan,
		    struct err *err);
/* Of an undo that objects_check_undo refused with err: tells that it was undone already, where that is so. Returns err's code. */
int undo_name_object(struct sql_store *s, const struct change *change, struct plan *plan, struct err *err);

#endif
