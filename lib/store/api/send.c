#include "store/api/send.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "store/api/flow.h"
#include "store/api/port_step.h"

#define KEY_TEXT (UUID_TEXT + 32)

/* ---- an op */

static int send_read(struct flow *f, struct op *op, struct err *err)
{
	enum api_operation get = row_operations[op->kind].get;

	op->operation = (uint8_t)get;
	return api_send(f->sending->s, &(struct api_request){.operation = get, .id = op->id}, flow_index(f, op), err);
}

/* "CHANGE-ID/N": each op has some of its own, so that they are the same whoever goes on with the change. What it takes back has others. */
static void write_key(const struct flow *f, const struct op *op, const struct step *step, char out[KEY_TEXT])
{
	size_t i = flow_index(f, op) + (op->takes_back ? f->sending->ops->n : 0);

	snprintf(out, KEY_TEXT, "%s/%zu", f->sending->change->id, STEPS * i + step->n);
}

static int send_step(struct flow *f, struct op *op, const struct step *step, struct err *err)
{
	char key[KEY_TEXT];

	write_key(f, op, step, key);
	op->operation = (uint8_t)step->operation;
	return api_send(f->sending->s,
			&(struct api_request){.operation = step->operation, .id = op->id,
					      .body = step->body.len ? step->body.data : NULL,
					      .idempotency_key = key, .etag = op->etag},
			flow_index(f, op), err);
}

static void send_op(struct flow *f, struct op *op)
{
	struct step step = {0};
	struct err err = {0};
	int rc = 0;

	if (op->is_read)
		rc = send_read(f, op, &err);
	else if (op_step(f->sending->ops, op, f->sending->plan, &step))
		rc = send_step(f, op, &step, &err);
	else
		flow_end_done(f, op);
	buf_release(&step.body);
	op->is_sent = rc == 0 && op->state == OP_WAITING;
	if (rc < 0)
		flow_leave(f, op, &err);
}

/* ---- a wave */

/* What follows from another op is done only where that was. */
static bool is_ready(const struct flow *f, const struct op *op)
{
	return op->state == OP_WAITING && (!op->needs || flow_op(f, op->needs - 1)->state == OP_DONE);
}

/*
 * What is gone on with once it has stopped: a lost answer is looked after, and a row that is halfway is finished. Not once
 * the target is gone.
 */
static bool may_go_on(const struct flow *f, const struct op *op)
{
	if (f->is_broken)
		return false;
	return !f->is_stopped || op_is_open(op) || op->has_made || op->has_acted;
}

/* The next op to send, or NULL: there is none now. */
static struct op *next_op(struct flow *f)
{
	while (f->again.n) {
		struct op *op = flow_op(f, f->again.at[--f->again.n]);

		if (may_go_on(f, op))
			return op;
		if (op_is_open(op) || op->is_late)
			flow_end_unknown(f, op, &f->sending->why);
		else
			f->sending->is_halfway |= op_is_begun(op);
	}
	while (!f->is_stopped && f->next < f->end) {
		struct op *op = flow_op(f, f->next++);

		if (!is_ready(f, op))
			continue;
		op->is_read = op->must_read;
		return op;
	}
	return NULL;
}

/* As many as there is room for, unless the API has asked to wait. */
static void fill(struct flow *f)
{
	struct op *op;

	if (interrupt_pending() && !f->is_stopped) {
		struct err err = {0};

		err_set(&err, ERR_INTERRUPTED, "interrupted");
		flow_stop(f, &err);
	}
	if (clock_monotonic_ms() < f->not_before_ms && !f->is_stopped)
		return;
	while (http_has_room(f->sending->s->http) && (op = next_op(f)))
		send_op(f, op);
}

/* Nothing is on its way: until when the API has asked to wait, or a signal comes. */
static void wait_a_while(const struct flow *f)
{
	int64_t left = f->not_before_ms - clock_monotonic_ms();

	if (left > 0 && !f->is_stopped)
		clock_sleep_ms(left);
}

/* A signal breaks off what is being read, but not a write; libcurl may fail with anything. */
static void give_up(struct flow *f, const struct err *err)
{
	flow_break_off(f, err);
	http_abandon(f->sending->s->http);
	for (size_t i = 0; i < f->sending->ops->n; i++) {
		struct op *op = flow_op(f, i);

		if (op->state == OP_WAITING && op->is_sent && (!op->is_read || op_is_open(op)))
			flow_end_unknown(f, op, err);
		op->is_sent = false;
	}
}

static void run_wave(struct flow *f)
{
	const struct http_answer *answer;
	struct err err = {0};
	int rc;

	for (;;) {
		fill(f);
		rc = http_next(f->sending->s->http, &answer, &err);
		if (rc == 1)
			flow_take(f, answer);
		else if (rc < 0)
			give_up(f, &err);
		else if (!f->again.n && (f->is_stopped || f->next >= f->end))
			return;
		else
			wait_a_while(f);
	}
}

/* What became of the numbers decides what the order says of them: the journal has to, too, before it is asked for. */
static int settle_order(struct flow *f, struct err *err)
{
	size_t settled;
	int rc = port_settle(f->sending->ops, f->sending->plan, &settled, err);

	if (rc < 0 || !settled)
		return rc;
	journal_amend(f->sending->journal, settled - 1, flow_op(f, settled - 1), f->sending->plan);
	return journal_sync(f->sending->journal, err);
}

static int run_waves(struct flow *f, struct err *err)
{
	struct ops *ops = f->sending->ops;
	int rc = 0;

	for (int wave = 0; wave < WAVES && rc == 0 && !f->is_stopped; wave++) {
		f->next = f->end;
		while (f->end < ops->n && ops->at[f->end].wave <= wave)
			f->end++;
		if (f->next == f->end)
			continue;
		rc = wave == WAVE_FOLLOWS ? settle_order(f, err) : 0;
		if (rc < 0)
			return rc;
		run_wave(f);
		rc = journal_sync(f->sending->journal, err);
	}
	return rc;
}

int sending_run(struct sending *sending, struct err *err)
{
	struct flow f = {.sending = sending, .arena = &sending->plan->arena};
	int rc;

	for (size_t i = 0; i < sending->ops->n; i++)
		sending->done += sending->ops->at[i].state == OP_DONE;
	interrupt_commit(sending->change->id);
	rc = run_waves(&f, err);
	interrupt_commit_ended(sending->done > 0);
	free(f.again.at);
	return rc;
}
