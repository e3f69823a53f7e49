/* Undo of a change that this machine's journal has: the rows put back to what they were. */
#include <stdlib.h>
#include <string.h>

#include "did/objects.h"
#include "did/runs.h"
#include "did/services.h"
#include "did/settle.h"
#include "store/api/decide.h"
#include "store/api/history.h"
#include "store/api/read.h"
#include "store/api/resolve.h"

struct undoing {
	struct api_facts *facts;
	const struct change *c;
	const char *at; /* when the change to undo was made */
	struct plan *plan;
	struct ops ops;	  /* of the change to undo */
	struct plan past; /* their records and objects */
	struct rangeset found;
	struct strlist others; /* ids of rows that stayed where others went */
	struct run *kept;      /* and their runs, as they are now; and those of heirs, decided */
	size_t nkept, kept_cap;
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
	u->at = head.at;
	u->plan->restores_faults = rc == 0 && (u->ops.verb == VERB_MERGE || u->ops.verb == VERB_REPAIR);
	return rc;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void keep_run(struct undoing *u, const struct run *run)
{
	GROW(u->kept, u->nkept, u->kept_cap);
	u->kept[u->nkept++] = *run;
}

/* Of what was read, the rows that stayed where others went: told, though nothing becomes of them. */
static void keep_others(struct undoing *u, const struct run *run)
{
	char text[NUMBER_TEXT];

	for (uint64_t i = 0; i < run->count; i++) {
		const struct seen *seen = api_facts_seen(u->facts, run_number(run, i, u->facts->facts.country, text));
		struct run kept = *run;

		if (!seen || !bsearch(&seen->id, u->others.at, u->others.n, sizeof(*u->others.at), by_id))
			continue;
		kept.first = number_add(run->first, i);
		kept.count = 1;
		kept.kind = RUN_KEEP;
		kept.result = RESULT_UNCHANGED;
		keep_run(u, &kept);
	}
}

static void decide_heirs(struct undoing *u, const struct rangeset *undone)
{
	struct plan *plan = u->plan;

	for (size_t i = 0; i < plan->nruns; i++) {
		for (uint64_t k = 0; k < plan->runs[i].count; k++) {
			struct run run = plan->runs[i];
			struct decision d;

			run.first = number_add(run.first, k);
			run.count = 1;
			if (!run.first.width || rangeset_has(undone, run.first))
				continue;
			d = decide_heir(u->c, plan, run.before);
			run.result = (uint8_t)d.result;
			run.after = d.after;
			if (d.result == RESULT_CHANGED)
				keep_run(u, &run);
		}
	}
	plan->nruns = 0;
}

/* What came since to an organisation or location that is turned back: the change's own journal says nothing of it. */
static int find_heirs(struct undoing *u, struct err *err)
{
	struct rangeset undone = {0};
	int rc = 0;

	for (size_t i = 0; i < u->ops.n; i++)
		if (u->ops.at[i].kind == ROW_NUMBER && u->ops.at[i].state == OP_DONE)
			rangeset_add(&undone, (struct interval){u->ops.at[i].key, 1});
	rangeset_normalise(&undone);
	for (size_t i = 0; rc == 0 && i < u->plan->nobjects; i++) {
		struct selection sel = {0};
		const char *guard;

		if (services_select_heirs(u->plan, &u->plan->objects[i], &sel, &guard))
			rc = u->facts->facts.ops->read(&u->facts->facts, &sel, u->plan, err);
		if (rc == 0)
			rc = settle_load_owners(&u->facts->facts, u->plan, err);
		if (rc == 0)
			decide_heirs(u, &undone);
		selection_release(&sel);
	}
	rangeset_release(&undone);
	return rc;
}

/* What was read is looked up by its text from now on; of the runs only those stay that are told. */
static void take_found(struct undoing *u)
{
	struct plan *plan = u->plan;

	if (u->others.n)
		qsort(u->others.at, u->others.n, sizeof(*u->others.at), by_id);
	for (size_t i = 0; i < plan->nruns; i++) {
		if (plan->runs[i].first.width)
			rangeset_add(&u->found, (struct interval){plan->runs[i].first, plan->runs[i].count});
		if (u->others.n)
			keep_others(u, &plan->runs[i]);
	}
	rangeset_normalise(&u->found);
	plan->nruns = 0;
	for (size_t i = 0; i < u->nkept; i++)
		plan_add_run(plan, &u->kept[i]);
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
		if (op->other) {
			selection_add_id(&sel, op->other);
			strlist_add(&u->others, op->other);
		}
	}
	rangeset_normalise(&sel.numbers);
	if (sel.numbers.n)
		rc = u->facts->facts.ops->read(&u->facts->facts, &sel, u->plan, err);
	take_found(u);
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

/* Of a row that came or went the state, owner and route are known also where the journal has none: there was none. */
static bool is_known(const struct op *op, bool is_whole, int i)
{
	return (op->fields >> i & 1) || (is_whole && i != IMAGE_DEFAULT && api_fields[ROW_NUMBER][i].is_acted);
}

/* What the change was about: of a row that came or went the whole of it. */
static uint64_t changed_fields(const struct undoing *u, const struct op *op)
{
	struct image before = op_before(op, &u->past), after = op_after(op, &u->past);
	bool is_whole = !before.is_there || !after.is_there;
	uint64_t mask = 0;

	for (int i = 0; api_fields[ROW_NUMBER][i].key; i++)
		if (is_known(op, is_whole, i) && (is_whole || !image_same(ROW_NUMBER, &before, &after, i)))
			mask |= FIELD_BIT(api_fields[ROW_NUMBER][i].field);
	return mask;
}

static struct decision decide_op(struct undoing *u, const struct op *op, uint32_t now)
{
	uint64_t mask = changed_fields(u, op);
	bool is_other_there = now == RECORD_NONE && rangeset_has(&u->found, op->key);

	if (op->run_kind == RUN_RESTORE)
		return decide_undo_twin();
	if (op->run_kind == RUN_DROP && now == RECORD_NONE && !is_other_there)
		return decide_undo_alone();
	if (op->run_kind != RUN_DROP && op->after == RECORD_NONE && is_other_there)
		return decide_refuse(REFUSAL_DUPLICATE, "is in the inventory again: it was added since");
	return decide_undo(u->plan, now, copy_record(u, op->after), mask, copy_record(u, op->before), mask);
}

static const char *literal_of(struct undoing *u, const struct op *op)
{
	return op->spelling == SPELLING_LITERAL ? arena_strdup(&u->plan->arena, op->text) : NULL;
}

static void undo_number(struct undoing *u, const struct op *op)
{
	const struct seen *seen = api_facts_seen(u->facts, op->text);
	struct run run = {.first = op->key, .count = 1, .spelling = op->spelling, .before = RECORD_NONE};
	struct decision d;

	if (seen && strcmp(seen->id, op->id) == 0)
		run.before = seen->record;
	run.literal = literal_of(u, op);
	if (op->run_kind == RUN_DROP) {
		run.kind = RUN_RESTORE;
		run.row_id = arena_strdup(&u->plan->arena, op->id);
	}
	d = decide_op(u, op, run.before);
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
	const char *block = arena_printf(&u->plan->arena, "%s:%s", row_kind_name((enum row_kind)op->kind), op->id);
	int rc;

	image_to_history(&was, (enum row_kind)op->kind, &before, op->fields);
	image_to_history(&left, (enum row_kind)op->kind, &after, op->fields);
	rc = object_undo(u->plan, block, (struct value){before.is_there ? was.data : NULL, was.len},
			 (struct value){after.is_there ? left.data : NULL, left.len}, err);
	buf_release(&was);
	buf_release(&left);
	return rc;
}

static int undo_objects(struct undoing *u, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < u->ops.n; i++)
		if (u->ops.at[i].state == OP_DONE && u->ops.at[i].kind != ROW_NUMBER)
			rc = undo_object(u, &u->ops.at[i], err);
	return rc;
}

/* The name and the address that a row gets back wait, as does a default that its status is not about. */
static int follow_services(struct undoing *u, struct err *err)
{
	struct plan *plan = u->plan;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->nruns; i++) {
		struct run *run = &plan->runs[i];
		const char *org_id, *then;

		if (run->result != RESULT_CHANGED || run->after == RECORD_NONE)
			continue;
		run->after = decide_restored_services(u->c, plan, run->before, run->after);
		org_id = decide_heir_of(plan, run->before, run->after);
		if (!org_id)
			continue;
		then = plan_owner_cnam(plan, org_id);
		rc = history_default_name(u->facts->s, u->at, org_id, &then, &plan->arena, err);
		run->after = decide_restored_name(u->c, plan, run->after, then);
	}
	return rc;
}

static int undo_numbers(struct undoing *u, struct err *err)
{
	int rc;

	for (size_t i = 0; i < u->ops.n; i++)
		if (u->ops.at[i].state == OP_DONE && u->ops.at[i].kind == ROW_NUMBER)
			undo_number(u, &u->ops.at[i]);
	plan_sort(u->plan);
	rc = settle_load_owners(&u->facts->facts, u->plan, err);
	if (rc == 0)
		rc = follow_services(u, err);
	plan_merge(u->plan);
	return rc < 0 ? rc : objects_check_undo(&u->facts->facts, u->plan, err);
}

/* Who is refused is told by whom it was undone already, or what came between. */
static int name_later(struct undoing *u, int rc, struct err *err)
{
	return rc == 0 || rc == ERR_REFUSED ? api_name_later(u->facts->s, u->c->undo_of, u->at, u->plan, rc, err) : rc;
}

int api_decide_undo(struct api_facts *facts, const struct change *change, struct plan *plan, struct err *err)
{
	struct undoing u = {.facts = facts, .c = change, .plan = plan};
	int rc = load(&u, change, err);

	if (rc == 0)
		rc = undo_objects(&u, err);
	if (rc == 0)
		rc = find_heirs(&u, err);
	if (rc == 0)
		rc = read_now(&u, err);
	if (rc == 0)
		rc = name_later(&u, undo_numbers(&u, err), err);
	rangeset_release(&u.found);
	strlist_release(&u.others);
	free(u.kept);
	ops_release(&u.ops);
	plan_release(&u.past);
	return rc;
}
