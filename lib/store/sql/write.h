/* Inside the SQL store: carrying a decided plan out. */
#ifndef DIDCTL_WRITE_H
#define DIDCTL_WRITE_H

#include "store/sql/undo.h"

/*
 * Writes the changed runs and the extra ones with their old values in WHERE; s->has_raced when other rows were found than
 * were read. undo: for the ids of rows that come back, or NULL.
 */
int write_plan(struct sql_store *s, struct plan *plan, const struct undo *undo, struct err *err);

/*
 * The changed runs as they are written: of the records only the fields that change or guard, so that neighbours which
 * differ in other fields (a price, a region) become one run. In the order of the runs; the caller frees the array.
 */
struct run *write_steps(struct plan *plan, const struct run *runs, size_t n, size_t *count);

/* insert.c: rows that were not there: new ones with ids made in order, and those that undo brings back. */
int insert_numbers(struct sql_store *s, struct plan *plan, const struct undo *undo, struct err *err);

/* Appends "id TAB number" lines of n rows of a run from first on. */
int write_members(struct sql_store *s, const struct run *run, struct number first, uint64_t n, struct buf *out,
		  struct err *err);

/* write_objects.c: what the plan does to organisations, users, locations and orders. */
int write_objects(struct sql_store *s, struct plan *plan, struct err *err);

int write_raced(struct sql_store *s, struct err *err); /* sets has_raced and an ERR_REFUSED */

#endif
