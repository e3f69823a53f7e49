/* Inside the REST store: which request of the contract comes next for an op, and what its row says of those that were sent. */
#ifndef DIDCTL_API_OP_STEP_H
#define DIDCTL_API_OP_STEP_H

#include "store/api/ops.h"

#define STEPS (1 + ROW_PARTS) /* one that makes, acts or deletes, and an edit of each part */

/* One request of the contract: what brings a row that is `now` nearer to where it shall be. */
struct step {
	enum api_operation operation;
	struct buf body; /* empty: none */
	unsigned n;	 /* which of the op's requests, for its idempotency key: from 1 to STEPS */
};
enum { STEP_FIRST = 1, STEP_EDIT /* and after it those of the parts */ };

/* False: nothing is left to do. Of ops->change; whether something is left is told without one. */
bool op_step(const struct ops *ops, const struct op *op, const struct plan *plan, struct step *out);
bool op_is_left(const struct ops *ops, const struct op *op, const struct plan *plan);

/*
 * After an answer said that a request was done, and `now` what the row is: the first field that it should have changed and
 * did not, or NULL.
 */
const char *op_ignored(const struct ops *ops, const struct op *op, const struct plan *plan, enum api_operation done);

/* Whether the row, as the API told last, is another than before the change. */
bool op_has_moved(const struct op *op, const struct plan *plan);

/* Whether the row, as it was read, is still what the change began with, or on the way from there. */
bool op_is_expected(const struct op *op, const struct plan *plan, const struct image *now);

#endif
