/* Inside the SQL store: one transaction of a change, and what one attempt at it has in hand. */
#ifndef DIDCTL_SQL_APPLY_H
#define DIDCTL_SQL_APPLY_H

#include "did/rows.h"
#include "store/sql/facts.h"
#include "store/sql/undo.h"

/* One transaction, with its retries, whatever change->chunk says. */
int apply_whole(struct sql_store *s, const struct change *change, struct plan *plan, struct err *err);

struct attempt {
	struct sql_store *s;
	const struct change *c;
	struct plan *plan;
	struct selection sel; /* by number: what is read again under the guards */
	struct undo undo;
	struct rows rows;     /* of a change that names rows */
	struct change own;    /* of a port order that is completed: c, with what was prepared for its numbers */
	struct sql_facts facts;
	bool is_recorded;     /* didctl's tables are there and it is no dry run */
	bool is_committing;
};

/*
 * apply_numbers.c: which numbers the change is about, at this moment and behind their guards, and what becomes of each: fills
 * sel and the plan's runs.
 */
int attempt_decide_numbers(struct attempt *a, struct err *err);

#endif
