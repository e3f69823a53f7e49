#include "store/api/flow.h"

#include <string.h>

#include "store/api/op_step.h"

#define TRIES 4 /* of a request that was lost, until it is left alone */

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
	if (op_is_left(f->sending->ops, op, f->sending->plan))
		flow_push(f, op);
	else
		flow_end_done(f, op);
}

/* Compares what the API says that the row is now with what it was asked for. */
static void check_answer(struct flow *f, struct op *op, enum api_operation operation)
{
	const char *field = op_ignored(f->sending->ops, op, f->sending->plan, operation);

	if (field)
		flow_end_refused(f, op, REFUSAL_RULE,
			    arena_printf(f->arena, "was answered with OK by the API, which ignored '%s'", field));
	else
		go_on(f, op);
}

static void read_again(struct flow *f, struct op *op)
{
	op->is_read = true;
	flow_push(f, op);
}

static void take_done(struct flow *f, struct op *op, enum api_operation operation, const struct api_answer *answer)
{
	struct image image = {0};
	const char *what;

	note_request(op, f->sending->plan, operation);
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

/* The server is still at the request whose answer was lost: its end shows in the row. */
static void wait_for_first(struct flow *f, struct op *op, const struct err *err)
{
	int64_t wait_ms;

	op->is_late = true;
	if (api_may_wait(f->sending->s, &op->patience, 0, &wait_ms)) {
		flow_put_off(f, wait_ms);
		read_again(f, op);
	} else {
		flow_end_unknown(f, op, err);
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
	flow_end_refused(f, op, code_of(answer->status, answer->code), reason);
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
	int rc = api_judge(f->sending->s, operation, raw, &answer, &err);

	if (rc == 0)
		take_done(f, op, operation, &answer);
	else if (rc == ERR_UNKNOWN)
		take_lost(f, op, raw, &err);
	else if (raw->fate == HTTP_NOT_SENT && ++op->tries < TRIES)
		flow_push(f, op);
	else if (rc == ERR_REFUSED || rc == ERR_ABSENT || op->takes_back)
		take_refusal(f, op, &answer, &err);
	else
		flow_leave(f, op, &err);
	json_free(answer.body);
}

/* ---- a row that was read */

static void fail_again(struct flow *f, struct op *op)
{
	struct err err = {0};

	err_set(&err, op->is_late ? ERR_UNKNOWN : ERR_TARGET, "%s", op->reason);
	if (op->is_late)
		flow_end_unknown(f, op, &err);
	else
		flow_leave(f, op, &err);
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
	if (!op_is_expected(op, f->sending->plan, image)) {
		if (!image->is_there)
			flow_end_refused(f, op, REFUSAL_NOT_FOUND, "is not in the inventory any more");
		else
			flow_end_refused(f, op, REFUSAL_RACE, "was changed by somebody else meanwhile");
		return;
	}
	if (op->is_doubtful) {
		bool is_left = op_is_left(f->sending->ops, op, f->sending->plan);

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
	struct api_store *s = f->sending->s;

	if ((raw->was_cut || raw->fate == HTTP_NOT_SENT) && ++op->tries < 2 * TRIES) {
		flow_push(f, op);
		return;
	}
	if (s->offers[op->operation] == OFFER_NO && !op_is_open(op) && op->wave == WAVE_FOLLOWS) {
		op->is_read = false;
		flow_push(f, op);
		return;
	}
	if (op_is_open(op) || op_is_begun(op))
		flow_end_unknown(f, op, err);
	else
		flow_break_off(f, err);
}

static void take_read(struct flow *f, struct op *op, const struct http_answer *raw)
{
	enum api_operation operation = (enum api_operation)op->operation;
	struct api_answer answer = {0};
	struct err err = {0};
	struct image image = {0};
	const char *what = NULL;
	int rc = api_judge(f->sending->s, operation, raw, &answer, &err);

	if (rc == 0 && !image_read(&image, (enum row_kind)op->kind, answer.body, f->arena, &what))
		rc = api_broken(f->sending->s, operation, what, &err);
	if (rc == 0 || rc == ERR_ABSENT)
		take_row(f, op, &image);
	else
		take_unread(f, op, raw, &err);
	json_free(answer.body);
}

void flow_take(struct flow *f, const struct http_answer *raw)
{
	struct op *op = flow_op(f, raw->index);
	int64_t wait_ms;

	op->is_sent = false;
	if (!f->is_broken && api_is_put_off(f->sending->s, raw, &op->patience, &wait_ms)) {
		flow_put_off(f, wait_ms);
		flow_push(f, op);
	} else if (op->is_read) {
		take_read(f, op, raw);
	} else {
		take_write(f, op, raw);
	}
}
