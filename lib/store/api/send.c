#include "store/api/send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "store/api/port_step.h"

#define TRIES	     4 /* of a request that was lost, until it is left alone */
#define PROGRESS_MIN 16 /* answers between two words about it */
#define KEY_TEXT     (UUID_TEXT + 32)

struct queue {
	size_t *at;
	size_t n, cap;
};

struct flow {
	struct sending *out;
	struct arena *arena;
	size_t next, end;     /* ops of the wave that were not begun */
	struct queue again;   /* ops whose next request is due */
	int64_t not_before_ms; /* the API has asked to wait */
	bool is_stopped;	/* no further op is begun */
	bool is_broken;		/* and none is gone on with: the API is gone, or a signal came */
};

static void push(struct queue *queue, size_t op)
{
	GROW(queue->at, queue->n, queue->cap);
	queue->at[queue->n++] = op;
}

static struct op *op_at(const struct flow *f, size_t i)
{
	return &f->out->ops->at[i];
}

static size_t index_of(const struct flow *f, const struct op *op)
{
	return (size_t)(op - f->out->ops->at);
}

/* ---- how an op ends */

static void stop(struct flow *f, const struct err *err)
{
	f->is_stopped = true;
	if (!f->out->why.code)
		f->out->why = *err;
}

/* The target cannot be asked any further. */
static void break_off(struct flow *f, const struct err *err)
{
	stop(f, err);
	f->is_broken = true;
}

/* The same over an op of which one request may be done already. */
static void leave(struct flow *f, const struct op *op, const struct err *err)
{
	f->out->is_halfway |= op->has_made || op->has_acted || op->has_put;
	break_off(f, err);
}

static void end_done(struct flow *f, struct op *op)
{
	op->state = OP_DONE;
	f->out->done++;
	journal_done(f->out->journal, index_of(f, op));
	if (f->out->done % PROGRESS_MIN == 0)
		progress_step(f->out->change->progress, "waiting for the API", f->out->done, f->out->ops->n);
}

/* A row that was made and then refused its fields stands in the way of whoever tries again, and no undo knows of it. */
static const char *with_rest(struct flow *f, const struct op *op, const char *reason)
{
	if (!op->has_made)
		return reason;
	return arena_printf(f->arena, "%s; the row that was made is left, 'didctl pool delete id:%s' takes it out", reason, op->id);
}

static void end_refused(struct flow *f, struct op *op, enum refusal code, const char *reason)
{
	struct err err = {0};

	op->state = OP_REFUSED;
	op->code = (uint8_t)code;
	op->reason = reason;
	f->out->is_halfway |= (op->has_made || op->has_acted || op->has_put) && op_has_moved(op, f->out->plan);
	if (f->out->change->partial && op->kind == ROW_NUMBER && op->wave != WAVE_FOLLOWS) {
		op->reason = with_rest(f, op, reason);
		return;
	}
	err_set(&err, code == REFUSAL_NOT_FOUND ? ERR_ABSENT : ERR_REFUSED, "%s%s %s", op->kind == ROW_PORT ? "port order " : "",
		op->text, reason);
	stop(f, &err);
}

static void end_unknown(struct flow *f, struct op *op, const struct err *err)
{
	op->state = OP_UNKNOWN;
	f->out->unknown++;
	break_off(f, err);
}

/* ---- what is sent */

static int send_read(struct flow *f, struct op *op, struct err *err)
{
	enum api_operation get = row_operations[op->kind].get;

	op->operation = (uint8_t)get;
	return api_send(f->out->s, &(struct api_request){.operation = get, .id = op->id}, index_of(f, op), err);
}

/* "CHANGE-ID/N": each op has some of its own, so that they are the same whoever goes on with the change. */
static void write_key(const struct flow *f, const struct op *op, const struct step *step, char out[KEY_TEXT])
{
	snprintf(out, KEY_TEXT, "%s/%zu", f->out->change->id, STEPS * index_of(f, op) + step->n);
}

static int send_step(struct flow *f, struct op *op, const struct step *step, struct err *err)
{
	char key[KEY_TEXT];

	write_key(f, op, step, key);
	op->operation = (uint8_t)step->operation;
	return api_send(f->out->s,
			&(struct api_request){.operation = step->operation, .id = op->id,
					      .body = step->body.len ? step->body.data : NULL,
					      .idempotency_key = key, .etag = op->etag},
			index_of(f, op), err);
}

static void send_op(struct flow *f, struct op *op)
{
	struct step step = {0};
	struct err err = {0};
	int rc = 0;

	if (op->is_read)
		rc = send_read(f, op, &err);
	else if (op_step(f->out->ops, op, f->out->plan, &step))
		rc = send_step(f, op, &step, &err);
	else
		end_done(f, op);
	buf_release(&step.body);
	op->is_sent = rc == 0 && op->state == OP_WAITING;
	if (rc < 0)
		leave(f, op, &err);
}

/* ---- what comes back */

static void keep_now(struct flow *f, struct op *op, const struct image *image)
{
	struct image *kept = arena_alloc(f->arena, sizeof(*kept));

	*kept = *image;
	op->now = kept;
	op->etag = image->etag;
}

/* The server's word for a refusal, as didctl's. */
static enum refusal code_of(int status, const char *code)
{
	static const struct {
		const char *word;
		enum refusal code;
	} words[] = {
		{"state", REFUSAL_STATE}, {"owner", REFUSAL_OWNER}, {"duplicate", REFUSAL_DUPLICATE},
		{"in_use", REFUSAL_STATE}, {"changed", REFUSAL_RACE}, {"not_found", REFUSAL_NOT_FOUND},
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i].word, code) == 0)
			return words[i].code;
	return status == 404 ? REFUSAL_NOT_FOUND : status == 409 ? REFUSAL_STATE : status == 412 ? REFUSAL_RACE :
												    REFUSAL_RULE;
}

/* The edit of a row that goes is an action on the way: it is gone on with, whatever happens to others. */
static void note_request(struct op *op, const struct plan *plan, enum api_operation operation)
{
	enum row_part part;
	bool is_edit = row_part_of((enum row_kind)op->kind, operation, &part);

	if (operation == row_operations[op->kind].add)
		op->has_made = true;
	else if (is_edit && op_after(op, plan).is_there)
		op->has_put = true;
	else
		op->has_acted = true;
}

/* The row is known: on with it, or it is done. */
static void go_on(struct flow *f, struct op *op)
{
	if (op_is_left(f->out->ops, op, f->out->plan))
		push(&f->again, index_of(f, op));
	else
		end_done(f, op);
}

/* Compares what the API says that the row is now with what it was asked for. */
static void check_answer(struct flow *f, struct op *op, enum api_operation operation)
{
	const char *field = op_ignored(f->out->ops, op, f->out->plan, operation);

	if (field)
		end_refused(f, op, REFUSAL_RULE,
			    arena_printf(f->arena, "was answered with OK by the API, which ignored '%s'", field));
	else
		go_on(f, op);
}

static void read_again(struct flow *f, struct op *op)
{
	op->is_read = true;
	push(&f->again, index_of(f, op));
}

static void take_done(struct flow *f, struct op *op, enum api_operation operation, const struct api_answer *answer)
{
	struct image image = {0};
	const char *what;

	note_request(op, f->out->plan, operation);
	op->tries = 0;
	if (operation != row_operations[op->kind].delete &&
	    (!image_read(&image, (enum row_kind)op->kind, answer->body, f->arena, &what) || strcmp(image.id, op->id) != 0)) {
		op->checks = (uint8_t)operation; /* the answer does not show the row: it is read */
		op->has_checks = true;
		read_again(f, op);
		return;
	}
	keep_now(f, op, &image);
	check_answer(f, op, operation);
}

static void put_off(struct flow *f, int64_t wait_ms)
{
	int64_t until = clock_monotonic_ms() + wait_ms;

	f->not_before_ms = until > f->not_before_ms ? until : f->not_before_ms;
}

/* The server is still at the request whose answer was lost: its end shows in the row. */
static void wait_for_first(struct flow *f, struct op *op, const struct err *err)
{
	int64_t wait_ms;

	op->is_late = true;
	if (api_may_wait(f->out->s, &op->patience, 0, &wait_ms)) {
		put_off(f, wait_ms);
		read_again(f, op);
	} else {
		end_unknown(f, op, err);
	}
}

static void take_refusal(struct flow *f, struct op *op, const struct api_answer *answer, const struct err *err)
{
	const char *reason = "was changed by somebody else meanwhile";

	if (strcmp(answer->code, "in_progress") == 0) {
		wait_for_first(f, op, err);
		return;
	}
	if (answer->status != 412)
		reason = arena_printf(f->arena, "was not changed: %s", err->text);
	end_refused(f, op, code_of(answer->status, answer->code), reason);
}

/* It may have been done: the row tells. */
static void take_lost(struct flow *f, struct op *op, const struct http_answer *raw, const struct err *err)
{
	op->tries++;
	op->is_doubtful = true;
	op->is_late |= raw->fate == HTTP_LOST && !raw->was_cut;
	op->reason = arena_strdup(f->arena, err->text);
	op->is_failing = raw->fate == HTTP_ANSWERED && raw->status >= 500;
	read_again(f, op);
}

static void take_write(struct flow *f, struct op *op, const struct http_answer *raw)
{
	enum api_operation operation = (enum api_operation)op->operation;
	struct api_answer answer = {0};
	struct err err = {0};
	int rc = api_judge(f->out->s, operation, raw, &answer, &err);

	if (rc == 0)
		take_done(f, op, operation, &answer);
	else if (rc == ERR_UNKNOWN)
		take_lost(f, op, raw, &err);
	else if (raw->fate == HTTP_NOT_SENT && ++op->tries < TRIES)
		push(&f->again, index_of(f, op));
	else if (rc == ERR_REFUSED || rc == ERR_ABSENT)
		take_refusal(f, op, &answer, &err);
	else
		leave(f, op, &err);
	json_free(answer.body);
}

/* ---- a row that was read */

static void fail_again(struct flow *f, struct op *op)
{
	struct err err = {0};

	err_set(&err, op->is_late ? ERR_UNKNOWN : ERR_TARGET, "%s", op->reason);
	if (op->is_late)
		end_unknown(f, op, &err);
	else
		leave(f, op, &err);
}

static void take_row(struct flow *f, struct op *op, const struct image *image)
{
	op->is_read = false;
	keep_now(f, op, image);
	if (op->has_checks) {
		op->has_checks = false;
		check_answer(f, op, (enum api_operation)op->checks);
		return;
	}
	if (!op_is_expected(op, f->out->plan, image)) {
		if (!image->is_there)
			end_refused(f, op, REFUSAL_NOT_FOUND, "is not in the inventory any more");
		else
			end_refused(f, op, REFUSAL_RACE, "was changed by somebody else meanwhile");
		return;
	}
	if (op->is_doubtful) {
		bool is_left = op_is_left(f->out->ops, op, f->out->plan);

		op->is_doubtful = false;
		if (is_left && (op->is_failing || op->tries >= TRIES)) {
			fail_again(f, op);
			return;
		}
	}
	go_on(f, op);
}

/* Of a row that cannot be read: what was sent before may have been done. */
static void take_unread(struct flow *f, struct op *op, const struct http_answer *raw, const struct err *err)
{
	struct api_store *s = f->out->s;

	if ((raw->was_cut || raw->fate == HTTP_NOT_SENT) && ++op->tries < 2 * TRIES) {
		push(&f->again, index_of(f, op));
		return;
	}
	if (s->offers[op->operation] == OFFER_NO && !op->is_doubtful && !op->has_checks && op->wave == WAVE_FOLLOWS) {
		op->is_read = false;
		push(&f->again, index_of(f, op));
		return;
	}
	if (op->is_doubtful || op->has_checks || op->has_made || op->has_acted || op->has_put)
		end_unknown(f, op, err);
	else
		break_off(f, err);
}

static void take_read(struct flow *f, struct op *op, const struct http_answer *raw)
{
	enum api_operation operation = (enum api_operation)op->operation;
	struct api_answer answer = {0};
	struct err err = {0};
	struct image image = {0};
	const char *what = NULL;
	int rc = api_judge(f->out->s, operation, raw, &answer, &err);

	if (rc == 0 && !image_read(&image, (enum row_kind)op->kind, answer.body, f->arena, &what))
		rc = api_broken(f->out->s, operation, what, &err);
	if (rc == 0 || rc == ERR_ABSENT)
		take_row(f, op, &image);
	else
		take_unread(f, op, raw, &err);
	json_free(answer.body);
}

static void take(struct flow *f, const struct http_answer *raw)
{
	struct op *op = op_at(f, raw->index);
	int64_t wait_ms;

	op->is_sent = false;
	if (!f->is_broken && api_is_put_off(f->out->s, raw, &op->patience, &wait_ms)) {
		put_off(f, wait_ms);
		push(&f->again, raw->index);
	} else if (op->is_read) {
		take_read(f, op, raw);
	} else {
		take_write(f, op, raw);
	}
}

/* ---- the wave */

/* What follows from another op is done only where that was. */
static bool is_ready(const struct flow *f, const struct op *op)
{
	return op->state == OP_WAITING && (!op->needs || op_at(f, op->needs - 1)->state == OP_DONE);
}

/*
 * What is gone on with once it has stopped: a lost answer is looked after, and a row that is halfway is finished. Not once
 * the target is gone.
 */
static bool may_go_on(const struct flow *f, const struct op *op)
{
	if (f->is_broken)
		return false;
	return !f->is_stopped || op->is_doubtful || op->has_checks || op->has_made || op->has_acted;
}

/* The next op to send, or NULL: there is none now. */
static struct op *next_op(struct flow *f)
{
	while (f->again.n) {
		struct op *op = op_at(f, f->again.at[--f->again.n]);

		if (may_go_on(f, op))
			return op;
		if (op->is_doubtful || op->has_checks || op->is_late)
			end_unknown(f, op, &f->out->why);
		else
			f->out->is_halfway |= op->has_made || op->has_acted;
	}
	while (!f->is_stopped && f->next < f->end) {
		struct op *op = op_at(f, f->next++);

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
		stop(f, &err);
	}
	if (clock_monotonic_ms() < f->not_before_ms && !f->is_stopped)
		return;
	while (http_has_room(f->out->s->http) && (op = next_op(f)))
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
	break_off(f, err);
	http_abandon(f->out->s->http);
	for (size_t i = 0; i < f->out->ops->n; i++) {
		struct op *op = op_at(f, i);

		if (op->state == OP_WAITING && op->is_sent && (!op->is_read || op->is_doubtful || op->has_checks))
			end_unknown(f, op, err);
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
		rc = http_next(f->out->s->http, &answer, &err);
		if (rc == 1)
			take(f, answer);
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
	int rc = port_settle(f->out->ops, f->out->plan, &settled, err);

	if (rc < 0 || !settled)
		return rc;
	journal_amend(f->out->journal, settled - 1, op_at(f, settled - 1), f->out->plan);
	return journal_sync(f->out->journal, err);
}

static int run_waves(struct flow *f, struct err *err)
{
	struct ops *ops = f->out->ops;
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
		rc = journal_sync(f->out->journal, err);
	}
	return rc;
}

int sending_run(struct sending *out, struct err *err)
{
	struct flow f = {.out = out, .arena = &out->plan->arena};
	int rc;

	for (size_t i = 0; i < out->ops->n; i++)
		out->done += out->ops->at[i].state == OP_DONE;
	interrupt_commit(out->change->id);
	rc = run_waves(&f, err);
	interrupt_commit_ended(out->done > 0);
	free(f.again.at);
	return rc;
}
