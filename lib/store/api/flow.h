/* Inside the REST store: what send.c has on its way, what comes back, and how each op ends. */
#ifndef DIDCTL_API_FLOW_H
#define DIDCTL_API_FLOW_H

#include "store/api/send.h"

struct flow {
	struct sending *sending;
	struct arena *arena;
	size_t next, end; /* ops of the wave that were not begun */
	struct queue {
		size_t *at;
		size_t n, cap;
	} again;	       /* ops whose next request is due */
	int64_t not_before_ms; /* the API has asked to wait */
	bool is_stopped;       /* no further op is begun */
	bool is_broken;	       /* and none is gone on with: the API is gone, or a signal came */
};

static inline struct op *flow_op(const struct flow *f, size_t i)
{
	return &f->sending->ops->at[i];
}

static inline size_t flow_index(const struct flow *f, const struct op *op)
{
	return (size_t)(op - f->sending->ops->at);
}

/* One of its requests was answered well. */
static inline bool op_is_begun(const struct op *op)
{
	return op->has_made || op->has_acted || op->has_put;
}

/* Whether the last request was done is to be seen in the row. */
static inline bool op_is_open(const struct op *op)
{
	return op->is_doubtful || op->has_checks;
}

void flow_push(struct flow *f, const struct op *op); /* its next request is due */
void flow_put_off(struct flow *f, int64_t wait_ms);  /* nothing is sent for so long */

/* The first error is the one that is told. */
void flow_stop(struct flow *f, const struct err *err);
void flow_break_off(struct flow *f, const struct err *err); /* the target cannot be asked any further */
void flow_leave(struct flow *f, const struct op *op, const struct err *err); /* the same over an op that may be begun */

void flow_end_done(struct flow *f, struct op *op);
void flow_end_refused(struct flow *f, struct op *op, enum refusal code, const char *reason);
void flow_end_unknown(struct flow *f, struct op *op, const struct err *err);

/* answers.c: what an answer makes of its op: it has ended, or its next request is due. */
void flow_take(struct flow *f, const struct http_answer *raw);

#endif
