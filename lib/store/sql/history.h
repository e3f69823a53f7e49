/* Inside the SQL store: didctl_history. */
#ifndef DIDCTL_HISTORY_H
#define DIDCTL_HISTORY_H

#include "base/text.h"
#include "store/sql/sqlstore.h"

/* Bits of all fields that a row stores: did_numbers' and didctl_details'. */
#define STORED_FIELDS stored_fields()
uint64_t stored_fields(void); /* columns.c */

size_t block_of(struct number n, char out[BLOCK_TEXT]); /* the key without its last three digits */
uint64_t block_room(struct number n, uint64_t count);	 /* how many of count numbers from n on lie in its block */

/* Writes a plan's changed runs, its extra ones and its objects under its change id. */
int history_record(struct sql_store *s, struct plan *plan, struct err *err);

/* A difference between the last recorded state and the row that was found: somebody else changed it. */
struct drift {
	struct number first;
	uint64_t count;
	uint32_t recorded, found; /* records; RECORD_NONE: no row */
};

int history_record_external(struct sql_store *s, struct plan *plan, const char *change_id,
			    const struct drift *drift, size_t n, struct err *err);

/* external.c: compares what was read with the history and records what differs as a change of its own. */
int external_record(struct sql_store *s, const struct change *change, struct plan *plan,
		    const struct rangeset *touched, struct err *err);

/* undo.c: what the change to undo did, as items sorted by number. */
struct undo_item {
	struct number first;
	uint64_t count;
	uint32_t was, left;		/* records before and after, RECORD_NONE: no row */
	uint64_t was_mask, left_mask;	/* which of their fields count */
	const char *members;		/* of rows that went: lines "id TAB number" */
};
/* One line of members; member_next (insert.c) reads it and returns the next one, NULL when there is none to read. */
struct member {
	const char *id, *number;
	size_t id_len, number_len;
};
const char *member_next(const char *line, struct member *out);

struct undo {
	struct undo_item *items;
	size_t n, cap;
};
int undo_load(struct sql_store *s, const struct change *change, struct plan *plan, struct undo *out, struct err *err);
void undo_numbers(const struct undo *undo, struct rangeset *out);
/* Splits the runs that were read at the items' borders, adds those that are gone, and decides each. */
void undo_decide(struct sql_store *s, const struct undo *undo, struct plan *plan);
void undo_release(struct undo *undo);

#endif
