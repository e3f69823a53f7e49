/* Undo of a change that this machine's journal has: the rows put back to what they were. */
#include <stdlib.h>
#include <string.h>

#include "did/objects.h"
#include "did/runs.h"
#include "did/settle.h"
#include "store/api/decide.h"
#include "store/api/resolve.h"

struct undoing {
	struct api_facts *facts;
	struct plan *plan;
	struct ops ops;	  /* of the change to undo */
	struct plan past; /* their records and objects */
	struct rangeset found;
};

static int no_such_change(const struct change *c, struct err *err)
{
	err_set(err, ERR_ABSENT, "there is no change '%s'", c->undo_of);
	err_hint(err, "a change through an API is known on the machine that made it: didctl history lists those");
	return ERR_ABSENT;
}

/* One that was broken off: the rows tell what of it is done and was not noted any more. */
static int look(struct undoing *u, const struct change *c, struct err *err)
{
	struct ops_found found = {0};
	int rc = api_look_at_ops(u->facts->s, &u->ops, &u->past, &found, err);

	if (rc == 0 && found.halfway) {
		rc = err_set(err, ERR_REFUSED, "change '%s' was broken off, and %zu of its rows are halfway: %s ...", c->undo_of,
			     found.halfway, found.first_halfway);
		err_hint(err, "finish it first: the same command with --change-id %s", c->undo_of);
	}
	return rc;
}

static int load(struct undoing *u, const struct change *c, struct err *err)
{
	struct journal journal;
	struct journal_head head = {0};
	bool is_busy = false;
	int rc = journal_open(&journal, c->undo_of, JOURNAL_READ, &is_busy, err);

	if (rc == 1)
		rc = journal_load(&journal, u->facts->facts.country, &head, &u->ops, &u->past, &u->plan->arena, err);
	else if (rc == 0)
		rc = no_such_change(c, err);
	journal_close(&journal);
	if (rc == 0 && (!head.is_planned || !head.target || !c->target || strcmp(head.target, c->target) != 0))
		rc = no_such_change(c, err);
	if (rc == 0 && is_busy)
		rc = err_set(err, ERR_REFUSED, "change '%s' is under way in another process", c->undo_of);
	if (rc == 0 && !head.is_ended)
		rc = look(u, c, err);
	u->plan->restores_faults = rc == 0 && (u->ops.verb == VERB_MERGE || u->ops.verb == VERB_REPAIR);
	return rc;
}

/* The rows of all its numbers, as they are now. */
static int read_now(struct undoing *u, struct err *err)
{
	struct selection sel = {0};
	int rc = 0;

	for (size_t i = 0; i < u->ops.n; i++) {
		const struct op *op = &u->ops.at[i];

		if (op->kind != ROW_NUMBER || op->state != OP_DONE)
			continue;
		rangeset_add(&sel.numbers, (struct interval){op->key, 1});
		if (op->spelling == SPELLING_LITERAL)
			selection_add_id(&sel, op->id);
	}
	rangeset_normalise(&sel.numbers);
	if (sel.numbers.n)
		rc = u->facts->facts.ops->read(&u->facts->facts, &sel, u->plan, err);
	for (size_t i = 0; i < u->plan->nruns; i++)
		if (u->plan->runs[i].first.width)
			rangeset_add(&u->found, (struct interval){u->plan->runs[i].first, u->plan->runs[i].count});
	rangeset_normalise(&u->found);
	u->plan->nruns = 0;
	selection_release(&sel);
	return rc;
}

static uint32_t copy_record(struct undoing *u, uint32_t index)
{
	struct record r;

	if (index == RECORD_NONE)
		return RECORD_NONE;
	r = u->past.records.at[index];
	for (int f = 0; f < DID_FIELDS; f++)
		r.v[f] = recordset_intern(&u->plan->records, r.v[f]);
	return recordset_add(&u->plan->records, &r);
}

/* What the change was about: of a row that came or went the whole of it. */
static uint64_t changed_fields(const struct undoing *u, const struct op *op)
{
	struct image before = op_before(op, &u->past), after = op_after(op, &u->past);
	uint64_t mask = 0;

	for (int i = 0; api_fields[ROW_NUMBER][i].key; i++)
		if ((op->fields >> i & 1) &&
		    (!before.is_there || !after.is_there || !image_same(ROW_NUMBER, &before, &after, i)))
			mask |= FIELD_BIT(api_fields[ROW_NUMBER][i].field);
	return mask;
}

static void undo_number(struct undoing *u, const struct op *op)
{
	const struct seen *seen = api_facts_seen(u->facts, op->text);
	uint64_t mask = changed_fields(u, op);
	struct run run = {.first = op->key, .count = 1, .spelling = op->spelling, .before = RECORD_NONE};
	struct decision d;

	if (seen && strcmp(seen->id, op->id) == 0)
		run.before = seen->record;
	run.literal = op->spelling == SPELLING_LITERAL ? arena_strdup(&u->plan->arena, op->text) : NULL;
	if (run.before == RECORD_NONE && op->after == RECORD_NONE && !u->plan->restores_faults &&
	    rangeset_has(&u->found, op->key))
		d = (struct decision){RESULT_REFUSED, RECORD_NONE, REFUSAL_DUPLICATE,
				      "is in the inventory again: it was added since"};
	else
		d = decide_undo(u->plan, run.before, copy_record(u, op->after), mask, copy_record(u, op->before), mask);
	run.result = (uint8_t)d.result;
	run.code = (uint8_t)d.code;
	run.reason = d.reason;
	run.after = d.result == RESULT_CHANGED ? d.after : run.before;
	if (run.before == RECORD_NONE && d.result == RESULT_CHANGED)
		api_facts_remember(u->facts, op->text, op->id);
	plan_add_run(u->plan, &run);
}

/* As the history has it, which did/objects.h turns back. */
static int undo_object(struct undoing *u, const struct op *op, struct err *err)
{
	struct image before = op_before(op, &u->past), after = op_after(op, &u->past);
	struct buf was = {0}, left = {0};
	const char *block = arena_printf(&u->plan->arena, "%s:%s", op->kind == ROW_ORG ? "org" : "user", op->id);
	int rc;

	image_to_json(&was, (enum row_kind)op->kind, &before, op->fields);
	image_to_json(&left, (enum row_kind)op->kind, &after, op->fields);
	rc = object_undo(u->plan, block, (struct value){before.is_there ? was.data : NULL, was.len},
			 (struct value){after.is_there ? left.data : NULL, left.len}, err);
	buf_release(&was);
	buf_release(&left);
	return rc;
}

static int undo_all(struct undoing *u, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < u->ops.n; i++) {
		const struct op *op = &u->ops.at[i];

		if (op->state != OP_DONE)
			continue;
		if (op->kind == ROW_NUMBER)
			undo_number(u, op);
		else
			rc = undo_object(u, op, err);
	}
	if (rc < 0)
		return rc;
	plan_sort(u->plan);
	plan_merge(u->plan);
	rc = settle_load_owners(&u->facts->facts, u->plan, err);
	return rc < 0 ? rc : objects_check_undo(&u->facts->facts, u->plan, err);
}

int api_decide_undo(struct api_facts *facts, const struct change *change, struct plan *plan, struct err *err)
{
	struct undoing u = {.facts = facts, .plan = plan};
	int rc = load(&u, change, err);

	if (rc == 0)
		rc = read_now(&u, err);
	if (rc == 0)
		rc = undo_all(&u, err);
	rangeset_release(&u.found);
	ops_release(&u.ops);
	plan_release(&u.past);
	return rc;
}
