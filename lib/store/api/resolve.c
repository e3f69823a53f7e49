/* How a change through the API ended: from the journal, and for what is not in it from the rows. */
#include "store/api/resolve.h"

#include <string.h>

#include "store/api/op_step.h"
#include "store/api/read.h"

/* Numbers by the page, since there may be very many; all else one by one. */
static int read_numbers(struct api_facts *facts, const struct ops *ops, struct plan *now, struct err *err)
{
	struct selection sel = {0};
	bool has_list;
	int rc = api_facts_has_list(facts, &has_list, err);

	for (size_t i = 0; i < ops->n; i++) {
		const struct op *op = &ops->at[i];

		if (op->kind != ROW_NUMBER || op->state != OP_WAITING)
			continue;
		if (!has_list || op->spelling == SPELLING_LITERAL)
			selection_add_id(&sel, op->id);
		else
			rangeset_add(&sel.numbers, (struct interval){op->key, 1});
	}
	rangeset_normalise(&sel.numbers);
	if (rc == 0 && (sel.numbers.n || sel.nids))
		rc = facts->facts.ops->read(&facts->facts, &sel, now, err);
	selection_release(&sel);
	return rc;
}

static struct image number_now(struct api_facts *facts, const struct op *op, const struct plan *now)
{
	const struct seen *seen = api_facts_seen(facts, op->text);

	if (!seen || seen->record == RECORD_NONE || strcmp(seen->id, op->id) != 0)
		return (struct image){0};
	return image_of_record(&now->records.at[seen->record]);
}

static int read_object(struct api_store *s, const struct op *op, struct image *out, struct arena *arena, struct err *err)
{
	enum api_operation get = row_operations[op->kind].get;
	struct api_answer answer = {0};
	const char *what;
	int rc = api_call(s, &(struct api_request){.operation = get, .id = op->id}, &answer, err);

	*out = (struct image){0};
	if (rc == ERR_ABSENT)
		return 0;
	if (rc == 0 && !image_read(out, (enum row_kind)op->kind, answer.body, arena, &what))
		rc = api_broken(s, get, what, err);
	json_free(answer.body);
	return rc;
}

/* What the row says of an op that the journal does not know to be done. */
static void judge(struct ops *ops, struct op *op, const struct plan *plan, const struct image *now, struct ops_found *made)
{
	op->now = now;
	if (!op_is_expected(op, plan, now))
		op->state = OP_WAITING; /* somebody else has changed it since */
	else if (!op_is_left(ops, op, plan))
		op->state = OP_DONE;
	else if (op_has_moved(op, plan) && !made->halfway++)
		made->first_halfway = op->text;
	op->now = NULL;
}

int api_look_at_ops(struct api_store *s, struct ops *ops, struct plan *plan, struct ops_found *made, struct err *err)
{
	struct api_facts facts;
	struct plan now = {0};
	int rc;

	api_facts_init(&facts, s);
	rc = read_numbers(&facts, ops, &now, err);
	for (size_t i = 0; rc == 0 && i < ops->n; i++) {
		struct op *op = &ops->at[i];
		struct image image = {0};

		if (op->state == OP_WAITING && op->kind == ROW_NUMBER)
			image = number_now(&facts, op, &now);
		else if (op->state == OP_WAITING)
			rc = read_object(s, op, &image, &plan->arena, err);
		if (rc == 0 && op->state == OP_WAITING)
			judge(ops, op, plan, &image, made);
		made->done += op->state == OP_DONE;
	}
	plan_release(&now);
	api_facts_release(&facts);
	return rc;
}

static enum outcome outcome_of(const struct journal_head *head, const struct ops *ops, const struct ops_found *made)
{
	if (head->is_ended || (ops->n && made->done == ops->n))
		return OUTCOME_COMMITTED;
	return made->done || made->halfway ? OUTCOME_PARTLY : OUTCOME_NOT_THERE;
}

int api_store_resolve(struct store *store, const char *change_id, enum outcome *out, struct err *err)
{
	struct api_store *s = (struct api_store *)store;
	struct journal journal;
	struct journal_head head = {0};
	struct plan plan = {0};
	struct ops ops = {0};
	bool is_busy = false;
	struct ops_found made = {0};
	int rc = journal_open(&journal, change_id, JOURNAL_READ, &is_busy, err);

	if (rc == 1)
		rc = journal_load(&journal, s->country, &head, &ops, &plan, &plan.arena, err);
	journal_close(&journal);
	if (rc == 0 && head.is_planned && !head.is_ended && !is_busy)
		rc = api_look_at_ops(s, &ops, &plan, &made, err);
	*out = is_busy ? OUTCOME_OPEN : outcome_of(&head, &ops, &made);
	ops_release(&ops);
	plan_release(&plan);
	return rc;
}
