#include "store/api/flow.h"

#include "base/clock.h"
#include "store/api/op_step.h"

#define PROGRESS_MIN 16 /* answers between two words about it */

void flow_push(struct flow *f, const struct op *op)
{
	GROW(f->again.at, f->again.n, f->again.cap);
	f->again.at[f->again.n++] = flow_index(f, op);
}

void flow_put_off(struct flow *f, int64_t wait_ms)
{
	int64_t until = clock_monotonic_ms() + wait_ms;

	f->not_before_ms = until > f->not_before_ms ? until : f->not_before_ms;
}

void flow_stop(struct flow *f, const struct err *err)
{
	f->is_stopped = true;
	if (!f->sending->why.code)
		f->sending->why = *err;
}

void flow_break_off(struct flow *f, const struct err *err)
{
	flow_stop(f, err);
	f->is_broken = true;
}

void flow_leave(struct flow *f, const struct op *op, const struct err *err)
{
	f->sending->is_halfway |= op_is_begun(op);
	flow_break_off(f, err);
}

void flow_end_done(struct flow *f, struct op *op)
{
	if (op->takes_back) { /* as if it had never been made */
		op->state = OP_REFUSED;
		op->reason = op->refusal;
		return;
	}
	op->state = OP_DONE;
	f->sending->done++;
	journal_done(f->sending->journal, flow_index(f, op));
	if (f->sending->done % PROGRESS_MIN == 0)
		progress_step(f->sending->change->progress, "waiting for the API", f->sending->done, f->sending->ops->n);
}

/*
 * A row that was made and then refused its fields stands in the way of whoever tries again, and no undo knows of it. Not one that
 * somebody else has changed since.
 */
static bool may_take_back(const struct op *op, enum refusal code)
{
	return op->has_made && !op->takes_back && code != REFUSAL_RACE && code != REFUSAL_NOT_FOUND;
}

static const char *with_rest(struct flow *f, const struct op *op, enum refusal code, const char *reason)
{
	if (!op->has_made || code == REFUSAL_NOT_FOUND)
		return reason;
	return arena_printf(f->arena, "%s; the row that was made is left, 'didctl pool delete id:%s' takes it out", reason, op->id);
}

void flow_end_refused(struct flow *f, struct op *op, enum refusal code, const char *reason)
{
	bool is_left_out = f->sending->change->partial && op->kind == ROW_NUMBER && op->wave != WAVE_FOLLOWS;
	struct err err = {0};

	if (is_left_out && may_take_back(op, code)) {
		op->takes_back = true;
		op->code = (uint8_t)code;
		op->refusal = reason;
		flow_push(f, op);
		return;
	}
	op->state = OP_REFUSED;
	f->sending->is_halfway |= op_is_begun(op) && op_has_moved(op, f->sending->plan);
	op->reason = is_left_out ? with_rest(f, op, code, op->takes_back ? op->refusal : reason) : reason;
	if (!op->takes_back)
		op->code = (uint8_t)code;
	if (is_left_out)
		return;
	err_set(&err, code == REFUSAL_NOT_FOUND ? ERR_ABSENT : ERR_REFUSED, "%s%s %s", op->kind == ROW_PORT ? "port order " : "",
		op->text, reason);
	flow_stop(f, &err);
}

void flow_end_unknown(struct flow *f, struct op *op, const struct err *err)
{
	op->state = OP_UNKNOWN;
	f->sending->unknown++;
	flow_break_off(f, err);
}
