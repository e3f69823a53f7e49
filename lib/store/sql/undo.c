/* Undo: the history of a change, turned round. */
#include <stdlib.h>
#include <string.h>

#include "store/sql/history.h"
#include "store/sql/objects.h"

static int record_of_json(struct plan *plan, struct value text, uint32_t *out, uint64_t *mask, struct err *err)
{
	struct record r = {{0}, false};
	struct json *json = NULL;
	int rc;

	*out = RECORD_NONE;
	*mask = 0;
	if (!text.s)
		return 0;
	rc = json_parse(&json, text.s, text.len, err);
	if (rc < 0)
		return err_prefix(err, "the history of the change: ");
	record_from_json(&plan->records, &r, mask, json);
	json_free(json);
	*out = recordset_add(&plan->records, &r);
	return 0;
}

/* row: block, first, last, before, after, members. */
static int add_item(struct undo *undo, struct plan *plan, const struct value *row, struct err *err)
{
	struct undo_item item = {0};
	struct number last;
	int rc;

	if (strchr(row[0].s, ':'))
		return object_undo(plan, row[0].s, row[3], row[4], err);
	if (!number_parse_stored(&item.first, row[1].s, row[1].len, NULL) ||
	    !number_parse_stored(&last, row[2].s, row[2].len, NULL))
		return err_set(err, ERR_FAILED, "the history of the change names '%s', which is no number", row[1].s);
	item.count = last.value - item.first.value + 1;
	rc = record_of_json(plan, row[3], &item.was, &item.was_mask, err);
	if (rc == 0)
		rc = record_of_json(plan, row[4], &item.left, &item.left_mask, err);
	if (rc < 0)
		return rc;
	if (item.was == RECORD_NONE) /* a row that came or went was written whole */
		item.left_mask = STORED_FIELDS;
	if (item.left == RECORD_NONE)
		item.was_mask = STORED_FIELDS;
	item.members = row[5].s ? arena_strndup(&plan->arena, row[5].s, row[5].len) : NULL;
	GROW(undo->items, undo->n, undo->cap);
	undo->items[undo->n++] = item;
	return 0;
}

static int by_first(const void *a, const void *b)
{
	return number_cmp(((const struct undo_item *)a)->first, ((const struct undo_item *)b)->first);
}

static int no_such_change(const struct change *c, struct err *err)
{
	err_set(err, ERR_ABSENT, "there is no change '%s'", c->undo_of);
	err_hint(err, "didctl history lists the changes");
	return ERR_ABSENT;
}

static int check_there(struct sql_store *s, const struct change *c, struct plan *plan, struct err *err)
{
	struct statement st = {0};
	const char *verb;
	int rc;

	buf_puts(&st.text, "SELECT verb FROM didctl_changes WHERE id = ?");
	statement_param(&st, c->undo_of);
	rc = sql_scalar(s, &st, &verb, &plan->arena, err);
	statement_release(&st);
	return rc < 0 ? rc : verb ? 0 : no_such_change(c, err);
}

int undo_load(struct sql_store *s, const struct change *c, struct plan *plan, struct undo *out, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	if (!s->has_tables)
		return sql_lacks_tables(s, "undo", err);
	rc = check_there(s, c, plan, err);
	if (rc < 0)
		return rc;
	buf_puts(&st.text, "SELECT block, first, last, `before`, `after`, members FROM didctl_history"
			   " WHERE change_id = ? ORDER BY seq");
	statement_param(&st, c->undo_of);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		rc = add_item(out, plan, row, err);
	s->driver->done(s->db);
	statement_release(&st);
	if (out->n)
		qsort(out->items, out->n, sizeof(*out->items), by_first);
	return rc < 0 ? rc : 0;
}

void undo_numbers(const struct undo *undo, struct rangeset *out)
{
	for (size_t i = 0; i < undo->n; i++)
		rangeset_add(out, (struct interval){undo->items[i].first, undo->items[i].count});
	rangeset_normalise(out);
}

/* Cuts the runs at the items' borders, so that each run belongs to one item; both are in order. */
static void cut_runs(const struct undo *undo, struct plan *plan)
{
	size_t n = plan->nruns, k = 0;

	for (size_t i = 0; i < n; i++) {
		while (k < undo->n &&
		       number_cmp(number_add(undo->items[k].first, undo->items[k].count - 1), plan->runs[i].first) < 0)
			k++;
		for (size_t j = k; j < undo->n; j++) {
			const struct undo_item *item = &undo->items[j];
			struct run *run = &plan->runs[i];
			uint64_t end = item->first.value + item->count;

			run->item = (uint32_t)j;
			if (run->first.value + run->count <= end)
				break;
			run = plan_split(plan, i, end - run->first.value, run->first.value + run->count - end);
		}
	}
	plan_sort(plan);
}

/* Rows that are to come back, under the spellings that they had: one run for neighbours spelled alike. */
static void add_members(struct sql_store *s, struct plan *plan, const struct undo_item *item, uint32_t index,
			const struct rangeset *missing)
{
	struct run run = {.item = index, .before = RECORD_NONE, .after = RECORD_NONE};
	struct number n;
	const char *line = item->members;
	struct member m;

	while ((line = member_next(line, &m))) {
		const char *text = arena_strndup(&plan->arena, m.number, m.number_len);
		uint8_t spelling;

		if (!number_parse_stored(&n, m.number, m.number_len, s->country) || !rangeset_has(missing, n))
			continue;
		spelling = read_spelling(s, n, text, run.spelling);
		if (run.count && spelling == run.spelling && spelling != SPELLING_LITERAL &&
		    number_eq(number_add(run.first, run.count), n)) {
			run.count++;
			continue;
		}
		if (run.count)
			plan_add_run(plan, &run);
		run.first = n;
		run.count = 1;
		run.spelling = spelling;
		run.literal = spelling == SPELLING_LITERAL ? text : NULL;
	}
	if (run.count)
		plan_add_run(plan, &run);
}

static void add_missing(struct sql_store *s, const struct undo *undo, struct plan *plan, const struct rangeset *found)
{
	for (size_t i = 0; i < undo->n; i++) {
		const struct undo_item *item = &undo->items[i];
		struct rangeset want = {0}, missing = {0};

		rangeset_add(&want, (struct interval){item->first, item->count});
		rangeset_normalise(&want);
		rangeset_subtract(&missing, &want, found);
		if (item->members)
			add_members(s, plan, item, (uint32_t)i, &missing);
		for (size_t k = 0; !item->members && k < missing.n; k++)
			plan_add_run(plan, &(struct run){.first = missing.at[k].first,
							 .count = missing.at[k].count,
							 .item = (uint32_t)i,
							 .before = RECORD_NONE,
							 .after = RECORD_NONE});
		rangeset_release(&want);
		rangeset_release(&missing);
	}
	plan_sort(plan);
}

void undo_decide(struct sql_store *s, const struct undo *undo, struct plan *plan)
{
	struct rangeset found = {0};

	cut_runs(undo, plan);
	for (size_t i = 0; i < plan->nruns; i++)
		rangeset_add(&found, (struct interval){plan->runs[i].first, plan->runs[i].count});
	rangeset_normalise(&found);
	add_missing(s, undo, plan, &found);
	rangeset_release(&found);
	for (size_t i = 0; i < plan->nruns; i++) {
		struct run *run = &plan->runs[i];
		const struct undo_item *item = &undo->items[run->item];
		struct decision d;

		if (run->result == RESULT_REFUSED)
			continue;
		d = decide_undo(plan, run->before, item->left, item->left_mask, item->was, item->was_mask);
		run->result = (uint8_t)d.result;
		run->code = (uint8_t)d.code;
		run->reason = d.reason;
		run->after = d.result == RESULT_CHANGED ? d.after : run->before;
	}
}

void undo_release(struct undo *undo)
{
	free(undo->items);
	*undo = (struct undo){0};
}
