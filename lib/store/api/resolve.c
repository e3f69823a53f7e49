/* How a change through the API ended: from the journal, and for what is not in it from the rows. */
#include <string.h>

#include "store/api/journal.h"

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
	enum api_operation get = op->kind == ROW_ORG ? API_GET_ORG : API_GET_USER;
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

static bool is_done(const struct ops *ops, struct op *op, const struct plan *plan, const struct image *now)
{
	struct step step = {0};
	bool is_left;

	op->now = now;
	is_left = !op_is_expected(op, plan, now) || op_step(ops, op, plan, &step);
	op->now = NULL;
	buf_release(&step.body);
	return !is_left;
}

/* Looks at the rows of the ops that the journal does not know to be done; counts those that turn out to be. */
static int look(struct api_store *s, struct ops *ops, struct plan *plan, size_t *done, struct err *err)
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
		*done += op->state == OP_DONE || (rc == 0 && is_done(ops, op, plan, &image));
	}
	plan_release(&now);
	api_facts_release(&facts);
	return rc;
}

static enum outcome outcome_of(const struct journal_head *head, const struct ops *ops, size_t done)
{
	if (head->is_ended || (ops->n && done == ops->n))
		return OUTCOME_COMMITTED;
	return done ? OUTCOME_OPEN : OUTCOME_NOT_THERE;
}

int api_store_resolve(struct store *store, const char *change_id, enum outcome *out, struct err *err)
{
	struct api_store *s = (struct api_store *)store;
	struct journal journal;
	struct journal_head head = {0};
	struct plan plan = {0};
	struct ops ops = {0};
	bool is_busy = false;
	size_t done = 0;
	int rc = journal_open(&journal, change_id, JOURNAL_READ, &is_busy, err);

	if (rc == 1)
		rc = journal_load(&journal, s->country, &head, &ops, &plan, &plan.arena, err);
	journal_close(&journal);
	if (rc == 0 && head.is_planned && !head.is_ended && !is_busy)
		rc = look(s, &ops, &plan, &done, err);
	*out = is_busy ? OUTCOME_OPEN : outcome_of(&head, &ops, done);
	ops_release(&ops);
	plan_release(&plan);
	return rc;
}
