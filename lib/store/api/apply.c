/*
 * A change through the API, start to end (api.md): looked up in the journal, decided from the rows as they are, written
 * down, sent row by row, and compared with the answers. What is left undone is finished by the same command with the same
 * change id.
 */
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "did/objects.h"
#include "did/runs.h"
#include "store/api/decide.h"
#include "store/api/history.h"
#include "store/api/send.h"

#define TRIES 3 /* of a change of which nothing was done because a row had changed meanwhile */

struct attempt {
	struct api_store *s;
	const struct change *c;
	struct plan *plan;
	struct api_facts facts;
	struct journal journal;
	struct journal_head head; /* of an earlier attempt */
	struct ops ops;
};

static void attempt_release(struct attempt *a)
{
	journal_close(&a->journal);
	ops_release(&a->ops);
	api_facts_release(&a->facts);
}

/* ---- what was done before under the same id */

static int refuse_target(const struct attempt *a, struct err *err)
{
	err_set(err, ERR_REFUSED, "change id '%s' was used on another target", a->c->id);
	err_hint(err, "a new command needs a new id");
	return ERR_REFUSED;
}

/* An organisation that is not there any more may still be named as it was then. */
static int compare_request(struct attempt *a, struct err *err)
{
	const struct journal_head *h = &a->head;
	struct org org = {0};
	bool is_found = a->c->org_text && (!h->org_text || strcmp(h->org_text, a->c->org_text) != 0) &&
			org_resolve(&a->facts.facts, a->c->org_text, &org, &a->plan->arena, NULL) == 0;

	if (!change_is_same(a->c, is_found ? &org : NULL, h->hash, h->org_id, h->org_text))
		return change_refuse_other(a->c, err);
	if (!h->target || !a->c->target || strcmp(h->target, a->c->target) != 0)
		return refuse_target(a, err);
	return 0;
}

/* The runs as they were planned or ended; of organisations and users only the counts are kept. */
static int restore_plan(struct attempt *a, struct err *err)
{
	if (!runs_from_text(a->plan, a->head.runs))
		return err_set(err, ERR_FAILED, "'%s': what became of the numbers cannot be read", a->journal.path);
	plan_count(a->plan);
	if (!a->plan->nruns) {
		a->plan->changed = a->head.changed;
		a->plan->unchanged = a->head.unchanged;
	}
	a->plan->moves_calls = a->head.moves_calls;
	a->plan->is_recorded = true;
	return 0;
}

static int replay(struct attempt *a, struct err *err)
{
	int rc = restore_plan(a, err);

	if (rc < 0)
		return rc;
	if (a->plan->nruns)
		a->plan->nobjects = 0;
	a->plan->is_replay = true;
	return 1;
}

/* 1: it had been done, and the plan says what it did; 0: it is new, or to be gone on with (then there are ops). */
static int look_back(struct attempt *a, struct err *err)
{
	int rc = journal_open(&a->journal, a->c->id, a->c->dry_run ? JOURNAL_READ : JOURNAL_WRITE, NULL, err);

	if (rc == 1)
		rc = journal_load(&a->journal, a->s->country, &a->head, &a->ops, a->plan, &a->plan->arena, err);
	if (rc < 0 || !a->head.is_planned)
		return rc;
	rc = compare_request(a, err);
	if (rc < 0)
		return rc;
	if (a->head.is_ended)
		return replay(a, err);
	return 0;
}

static int resolve_org(struct attempt *a, struct err *err)
{
	if (!a->c->org_text || a->c->verb == VERB_ORG_EDIT || a->c->verb == VERB_ORG_DELETE)
		return 0;
	return org_resolve(&a->facts.facts, a->c->org_text, &a->plan->org, &a->plan->arena, err);
}

/* ---- what came of it */

static struct run run_of(const struct op *op)
{
	struct run run = {.first = op->key, .count = 1, .before = op->before, .after = op->before,
			  .spelling = op->spelling, .result = RESULT_UNCHANGED, .kind = op->run_kind};

	if (run.kind != RUN_NUMBERS)
		run.row_id = op->id;
	run.literal = op->spelling == SPELLING_LITERAL ? op->text : NULL;
	switch ((enum op_state)op->state) {
	case OP_DONE:
		run.result = RESULT_CHANGED;
		run.after = op->after;
		break;
	case OP_REFUSED:
		run.result = RESULT_REFUSED;
		run.code = op->code;
		run.reason = op->reason;
		break;
	case OP_UNKNOWN:
		run.result = RESULT_REFUSED;
		run.code = REFUSAL_RACE;
		run.reason = "may have changed: the answer was lost, and the row could not be read";
		break;
	case OP_WAITING:
		break;
	}
	return run;
}

static void keep_others(struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].result != RESULT_CHANGED)
			plan->runs[n++] = plan->runs[i];
	plan->nruns = n;
	plan->nextra = 0;
}

/* The objects whose ops are done, in their order. */
static void keep_objects(struct plan *plan, const struct ops *ops)
{
	struct object *kept = xcalloc(plan->nobjects + 1, sizeof(*kept));
	size_t n = 0;

	for (size_t i = 0; i < ops->n; i++)
		if (ops->at[i].kind != ROW_NUMBER && ops->at[i].state == OP_DONE)
			kept[n++] = plan->objects[ops->at[i].object];
	free(plan->objects);
	plan->objects = kept;
	plan->objects_cap = plan->nobjects + 1;
	plan->nobjects = n;
}

/* The plan now says what was done, not what was meant. */
static void tell_outcome(struct attempt *a)
{
	struct plan *plan = a->plan;

	keep_others(plan);
	for (size_t i = 0; i < a->ops.n; i++) {
		const struct op *op = &a->ops.at[i];
		struct run run = run_of(op);

		if (op->kind == ROW_NUMBER && op->wave != WAVE_FOLLOWS) {
			plan_add_run(plan, &run);
		} else if (op->kind == ROW_NUMBER && op->state == OP_DONE) {
			GROW(plan->extra, plan->nextra, plan->extra_cap);
			plan->extra[plan->nextra++] = run;
		}
	}
	keep_objects(plan, &a->ops);
	plan_sort(plan);
	plan_merge(plan);
	plan_count(plan);
	if (verb_info[a->c->verb].is_of_objects)
		plan->changed = plan->nobjects;
}

static int unknown(const struct attempt *a, const struct sending *sending, struct err *err)
{
	err_set(err, ERR_UNKNOWN, "the outcome of %llu of %zu requests of change %s is unknown: %s",
		(unsigned long long)sending->unknown, a->ops.n, a->c->id, sending->why.text);
	err_hint(err, "didctl history resolve %s, or the same command with --change-id %s", a->c->id, a->c->id);
	return ERR_UNKNOWN;
}

static int partly(const struct attempt *a, const struct sending *sending, struct err *err)
{
	char option[RUNS_OPTION];

	err_set(err, ERR_PARTIAL, "%llu of %zu rows are changed: %s", (unsigned long long)sending->done, a->ops.n,
		sending->why.text);
	err_hint(err, "%s%sthe same command with --change-id %s goes on; didctl undo %s%s takes back what was done",
		 sending->why.hint, sending->why.hint[0] ? "; " : "", a->c->id, a->c->id, runs_undo_option(option, a->plan->changed));
	return ERR_PARTIAL;
}

/* Nothing was done at all: as if there had been no such change. */
static int nothing(struct attempt *a, const struct sending *sending, struct err *err)
{
	journal_forget(&a->journal);
	a->plan->is_recorded = false;
	*err = sending->why;
	if (err->code == ERR_INTERRUPTED)
		return runs_interrupted(err);
	if (a->plan->refused && !a->c->partial)
		return runs_check_refused(a->c, a->plan, err);
	return err->code;
}

/* What is done is done, though the journal does not know it: the rows tell. */
static int unwritten(const struct attempt *a, struct err *err)
{
	err_hint(err, "didctl history resolve %s, or the same command with --change-id %s", a->c->id, a->c->id);
	err->code = ERR_UNKNOWN;
	return ERR_UNKNOWN;
}

static int conclude(struct attempt *a, const struct sending *sending, struct err *err)
{
	tell_outcome(a);
	if (sending->unknown)
		return unknown(a, sending, err);
	if (sending->why.code)
		return sending->done || sending->is_halfway ? partly(a, sending, err) : nothing(a, sending, err);
	return journal_end(&a->journal, a->plan, err) < 0 ? unwritten(a, err) : runs_finish(a->c, a->plan, err);
}

/* Somebody was faster: the serial or the numbers of a new order are another's, or the order has changed. */
static bool has_lost_order(const struct ops *ops)
{
	for (size_t i = 0; i < ops->n; i++)
		if (ops->at[i].kind == ROW_PORT && ops->at[i].state == OP_REFUSED &&
		    (ops->at[i].code == REFUSAL_DUPLICATE || ops->at[i].code == REFUSAL_RACE))
			return true;
	return false;
}

static int send_ops(struct attempt *a, struct err *err)
{
	struct sending sending = {
		.s = a->s, .change = a->c, .plan = a->plan, .ops = &a->ops, .journal = &a->journal,
	};
	int rc;

	a->ops.change = a->c;
	rc = sending_run(&sending, err);
	a->plan->is_recorded = true;
	if (rc < 0) {
		tell_outcome(a);
		return unwritten(a, err);
	}
	rc = conclude(a, &sending, err);
	if (rc == ERR_REFUSED && !sending.done && sending.why.code && !interrupt_pending() && a->ops.n)
		a->facts.has_raced |= (!a->c->partial && a->plan->refused) || has_lost_order(&a->ops);
	return rc;
}

/* ---- start to end */

/* A change id that somebody chose counts once, also where there was nothing to do. */
static bool must_write(const struct attempt *a)
{
	return !a->c->dry_run && (plan_has_work(a->plan) || a->c->id_given);
}

static int start(struct attempt *a, struct err *err)
{
	int rc = ops_make(&a->ops, &a->facts, a->c, a->plan, err);

	if (rc == 0 && interrupt_pending())
		rc = runs_interrupted(err);
	if (rc == 0)
		rc = journal_plan(&a->journal, a->c, a->plan, &a->ops, err);
	return rc < 0 ? rc : send_ops(a, err);
}

/* What somebody has taken back is not done after all by a script that knows nothing of it. */
static int check_may_go_on(struct attempt *a, struct err *err)
{
	int is_undone = history_is_undone(a->s, a->c->id, err);

	if (is_undone <= 0)
		return is_undone;
	err_set(err, ERR_REFUSED, "change %s was broken off, and what was done of it was undone", a->c->id);
	err_hint(err, "without --change-id it is a new change");
	return ERR_REFUSED;
}

static int go_on(struct attempt *a, struct err *err)
{
	int rc = check_may_go_on(a, err);

	if (rc == 0)
		rc = restore_plan(a, err);
	return rc < 0 ? rc : send_ops(a, err);
}

static int attempt_once(struct attempt *a, struct err *err)
{
	int rc = look_back(a, err);

	if (rc != 0)
		return rc < 0 ? rc : runs_finish(a->c, a->plan, err);
	if (a->head.is_planned && !a->c->dry_run)
		return go_on(a, err);
	ops_release(&a->ops);
	rc = resolve_org(a, err);
	if (rc == 0)
		rc = api_decide(&a->facts, a->c, a->plan, err);
	if (rc == 0 && must_write(a))
		return start(a, err);
	if (!a->c->dry_run)
		journal_forget(&a->journal);
	return rc < 0 ? rc : runs_finish(a->c, a->plan, err);
}

static int apply_try(struct api_store *s, const struct change *c, struct plan *plan, bool *has_raced, struct err *err)
{
	struct attempt a = {.s = s, .c = c, .plan = plan, .journal = {.fd = -1}};
	int rc;

	plan_reset(plan);
	memcpy(plan->change_id, c->id, sizeof(plan->change_id));
	api_facts_init(&a.facts, s);
	rc = attempt_once(&a, err);
	*has_raced = a.facts.has_raced;
	attempt_release(&a);
	return rc;
}

int api_store_apply(struct store *store, const struct change *c, struct plan *plan, struct err *err)
{
	struct api_store *s = (struct api_store *)store;
	bool has_raced = false;
	int rc;

	if (c->chunk) {
		err_set(err, ERR_USAGE, "--chunk is for databases: an API is sent a request a number, and has no transactions");
		err_hint(err, "without --chunk the journal keeps what was done: the same command with --change-id goes on");
		return ERR_USAGE;
	}
	for (unsigned tries = 1;; tries++) {
		rc = apply_try(s, c, plan, &has_raced, err);
		if (rc != ERR_REFUSED || !has_raced || tries >= TRIES)
			return rc;
	}
}
