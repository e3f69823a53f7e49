#include "store/sql/undo.h"

#include <stdlib.h>
#include <string.h>

#include "did/objects.h"
#include "store/sql/history.h"

static const char *keep_string(struct plan *plan, const struct json *object, const char *key)
{
	const char *s = object ? json_string(json_get(object, key)) : NULL;

	return s ? arena_strdup(&plan->arena, s) : NULL;
}

/* One side of a history row. */
struct side {
	uint32_t record;
	uint64_t mask;
	const char *number;  /* the stored text, where it is told */
	const char *dropped; /* the id of one of the number's rows, whose fields these are */
	bool is_restored;
};

static int read_side(struct plan *plan, struct value text, struct side *out, struct err *err)
{
	struct record r = {{0}, false};
	const struct json *dropped, *fields;
	struct json *json = NULL;
	int rc;

	*out = (struct side){.record = RECORD_NONE};
	if (!text.s)
		return 0;
	rc = json_parse(&json, text.s, text.len, err);
	if (rc < 0)
		return err_prefix(err, "the history of the change: ");
	dropped = json_get(json, "dropped");
	fields = dropped ? dropped : json;
	record_from_json(&plan->records, &r, &out->mask, fields);
	out->record = recordset_add(&plan->records, &r);
	out->number = keep_string(plan, fields, "number");
	out->dropped = dropped ? keep_string(plan, dropped, "id") : NULL;
	out->is_restored = json_get(json, "restored") != NULL;
	json_free(json);
	return 0;
}

/* Rows in a spelling of their own: nobody would find them by their number. */
static void add_texts(struct sql_store *s, struct undo *undo, struct plan *plan, const struct undo_item *item)
{
	const char *line = item->members;
	struct member m;

	while ((line = member_next(line, &m))) {
		const char *text = arena_strndup(&plan->arena, m.number, m.number_len);
		struct number n;

		if (number_parse_stored(&n, text, m.number_len, s->country) &&
		    number_spelling(n, s->country, text, 0) == SPELLING_LITERAL)
			strlist_add(&undo->texts, text);
	}
	if (item->text_left)
		strlist_add(&undo->texts, item->text_left);
}

static int fill_item(struct undo_item *item, struct plan *plan, const struct value *row, struct err *err)
{
	struct side was, left;
	int rc = read_side(plan, row[3], &was, err);

	if (rc == 0)
		rc = read_side(plan, row[4], &left, err);
	if (rc < 0)
		return rc;
	item->was = was.record;
	item->left = left.record;
	item->was_mask = left.record == RECORD_NONE ? stored_fields() : was.mask; /* a row that came or went is whole */
	item->left_mask = was.record == RECORD_NONE ? stored_fields() : left.mask;
	item->text_was = was.number;
	item->text_left = left.number;
	item->dropped = was.dropped && was.number ? was.dropped : NULL;
	item->is_restored = left.is_restored;
	item->members = row[5].s ? arena_strndup(&plan->arena, row[5].s, row[5].len) : NULL;
	return 0;
}

/* row: block, first, last, before, after, members. */
static int add_item(struct sql_store *s, struct undo *undo, struct plan *plan, const struct value *row, struct err *err)
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
	rc = fill_item(&item, plan, row, err);
	if (rc < 0)
		return rc;
	add_texts(s, undo, plan, &item);
	if (item.dropped)
		item.members = arena_printf(&plan->arena, "%s\t%s\n", item.dropped, item.text_was);
	GROW(undo->items, undo->n, undo->cap);
	undo->items[undo->n++] = item;
	return 0;
}

/* An item about a row that went or came says nothing of the one that stayed: the one that does comes first. */
static int by_first(const void *left, const void *right)
{
	const struct undo_item *a = left, *b = right;
	int order = number_cmp(a->first, b->first);

	return order ? order : (a->dropped || a->is_restored) - (b->dropped || b->is_restored);
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
	if (rc < 0 || !verb)
		return rc < 0 ? rc : no_such_change(c, err);
	plan->restores_faults = strcmp(verb, verb_info[VERB_MERGE].name) == 0 ||
				strcmp(verb, verb_info[VERB_REPAIR].name) == 0;
	return 0;
}

int undo_load(struct sql_facts *facts, const struct change *c, struct plan *plan, struct undo *out, struct err *err)
{
	struct sql_store *s = facts->s;
	struct statement st = {0};
	const struct value *row;
	int rc;

	if (!s->has_tables)
		return sql_lacks_tables(s, "undo", err);
	rc = check_there(s, c, plan, err);
	if (rc < 0)
		return rc;
	buf_puts(&st.text, "SELECT block, first, last, `before`, `after`, members FROM didctl_history WHERE change_id IN"
			   " (SELECT id FROM didctl_changes WHERE id = ? OR part_of = ?) ORDER BY seq");
	statement_param(&st, c->undo_of);
	statement_param(&st, c->undo_of);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		rc = add_item(s, out, plan, row, err);
	s->driver->done(s->db);
	statement_release(&st);
	if (rc >= 0)
		rc = undo_find_heirs(facts, plan, out, err);
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

			if (end <= run->first.value) /* several rows of one number went */
				continue;
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
		spelling = number_spelling(n, s->country, text, run.spelling);
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

		if (item->dropped || item->is_heir)
			continue;
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

/* Rows that went and left another row of their number: each comes back beside it, if it is there. */
static void add_dropped(struct sql_store *s, const struct undo *undo, struct plan *plan, const struct rangeset *found)
{
	for (size_t i = 0; i < undo->n; i++) {
		const struct undo_item *item = &undo->items[i];
		struct run run = {.first = item->first, .count = 1, .item = (uint32_t)i, .before = RECORD_NONE,
				  .after = RECORD_NONE, .kind = RUN_RESTORE, .row_id = item->dropped};

		if (!item->dropped)
			continue;
		run.spelling = number_spelling(item->first, s->country, item->text_was, 0);
		run.literal = run.spelling == SPELLING_LITERAL ? item->text_was : NULL;
		if (!rangeset_has(found, item->first)) {
			const struct decision d = decide_undo_alone();

			run.result = (uint8_t)d.result;
			run.code = (uint8_t)d.code;
			run.reason = d.reason;
		}
		plan_add_run(plan, &run);
	}
	plan_sort(plan);
}

static struct decision refuse(enum refusal code, const char *reason)
{
	return (struct decision){RESULT_REFUSED, RECORD_NONE, code, reason};
}

static struct decision decide_item(const struct sql_store *s, const struct change *c, const struct undo_item *item,
				   struct plan *plan, struct run *run)
{
	char text[NUMBER_TEXT];
	struct decision d;

	if (item->is_heir)
		return decide_heir(c, plan, run->before);
	if (item->is_restored)
		return decide_undo_twin();
	if (run->kind == RUN_RESTORE)
		return decide_undo(plan, RECORD_NONE, RECORD_NONE, stored_fields(), item->was, stored_fields());
	if (item->dropped) { /* the one that stayed */
		run->kind = RUN_KEEP;
		return (struct decision){RESULT_UNCHANGED, run->before, REFUSAL_NONE, NULL};
	}
	if (item->text_left && run->before != RECORD_NONE &&
	    strcmp(run_number(run, 0, s->country, text), item->text_left) != 0)
		return refuse(REFUSAL_STATE, "has changed since: it is spelled otherwise now");
	d = decide_undo(plan, run->before, item->left, item->left_mask, item->was, item->was_mask);
	if (d.result != RESULT_REFUSED && item->text_left) {
		run->kind = RUN_RESPELL;
		run->respelled = item->text_was;
		d.after = d.result == RESULT_CHANGED ? d.after : run->before;
		d.result = RESULT_CHANGED;
	}
	return d;
}

/* What shows the name of its own, or no name either way, has nothing to do with the change. */
static void drop_idle_heirs(const struct undo *undo, struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].result == RESULT_CHANGED || !undo->items[plan->runs[i].item].is_heir)
			plan->runs[n++] = plan->runs[i];
	plan->nruns = n;
}

int undo_decide(struct sql_store *s, const struct change *c, struct undo *undo, struct plan *plan, struct err *err)
{
	struct rangeset found = {0};
	int rc = 0;

	cut_runs(undo, plan);
	for (size_t i = 0; i < plan->nruns; i++)
		rangeset_add(&found, (struct interval){plan->runs[i].first, plan->runs[i].count});
	rangeset_normalise(&found);
	add_missing(s, undo, plan, &found);
	add_dropped(s, undo, plan, &found);
	rangeset_release(&found);
	for (size_t i = 0; rc == 0 && i < plan->nruns; i++) {
		struct run *run = &plan->runs[i];
		struct decision d;

		if (run->result == RESULT_REFUSED)
			continue;
		d = decide_item(s, c, &undo->items[run->item], plan, run);
		run->result = (uint8_t)d.result;
		run->code = (uint8_t)d.code;
		run->reason = d.reason;
		run->after = d.result == RESULT_CHANGED ? d.after : run->before;
		rc = undo_follow_services(s, c, undo, plan, run, err);
	}
	drop_idle_heirs(undo, plan);
	return rc < 0 ? rc : undo_name_later(s, c, undo, plan, err);
}

void undo_release(struct undo *undo)
{
	free(undo->items);
	free(undo->defaults);
	strlist_release(&undo->texts);
	*undo = (struct undo){0};
}
