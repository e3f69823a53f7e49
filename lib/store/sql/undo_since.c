/* Undo that is refused, and the changes that came between: whoever is to undo those first has to know them. */
#include <stdlib.h>

#include "base/json.h"
#include "store/sql/history.h"

#define LATER_MAX 1000 /* each is compared with each refused run; of more the newest are named */

/* What a later change did to some numbers. */
struct later {
	struct number first, last;
	uint64_t mask;	   /* of which fields */
	const char *words; /* "change ID, release" */
};

struct laters {
	struct later *at;
	size_t n, cap;
};

/* Which fields are not what the undone change left; 0: something else refuses the run, or nothing does. */
static uint64_t differing(const struct undo *undo, const struct plan *plan, const struct run *run)
{
	const struct undo_item *item = &undo->items[run->item];

	if (run->result != RESULT_REFUSED || item->is_heir || item->dropped || item->is_restored)
		return 0;
	if (run->code != REFUSAL_STATE && run->code != REFUSAL_NOT_FOUND)
		return 0;
	if (run->before == RECORD_NONE || item->left == RECORD_NONE)
		return STORED_FIELDS;
	return record_diff(&plan->records.at[run->before], &plan->records.at[item->left]) & item->left_mask;
}

/* A row that came or went is another one in every field. */
static uint64_t fields_of(struct plan *plan, struct value before, struct value after)
{
	const struct value texts[] = {before, after};
	uint64_t all = 0, mask;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct record ignored = {{0}, false};
		struct json *json = NULL;
		struct err err = {0};

		if (!texts[i].s || json_parse(&json, texts[i].s, texts[i].len, &err) < 0)
			return STORED_FIELDS;
		record_from_json(&plan->records, &ignored, &mask, json);
		all |= mask;
		json_free(json);
	}
	return all;
}

/* row: change, verb, first, last, before, after. */
static void add_later(struct laters *out, struct plan *plan, const struct value *row)
{
	struct later later = {0};

	if (!number_parse_stored(&later.first, row[2].s, row[2].len, NULL) ||
	    !number_parse_stored(&later.last, row[3].s, row[3].len, NULL))
		return;
	later.mask = fields_of(plan, row[4], row[5]);
	later.words = arena_printf(&plan->arena, "change %s, %s", row[0].s, row[1].s);
	GROW(out->at, out->n, out->cap);
	out->at[out->n++] = later;
}

/* The newest first. */
static int find_laters(struct sql_store *s, const struct change *c, const struct rangeset *refused, struct plan *plan,
		       struct laters *out, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, "SELECT COALESCE(c.part_of, c.id), c.verb, h.first, h.last, h.`before`, h.`after` FROM didctl_history h"
			   " JOIN didctl_changes c ON c.id = h.change_id WHERE h.seq > (SELECT MAX(x.seq) FROM didctl_history x"
			   " WHERE x.change_id IN (SELECT id FROM didctl_changes WHERE id = ? OR part_of = ?))"
			   " AND h.block NOT LIKE '%:%'");
	statement_param(&st, c->undo_of);
	statement_param(&st, c->undo_of);
	history_where(&st, refused);
	buf_puts(&st.text, " ORDER BY h.seq DESC");
	rc = sql_open(s, &st, err);
	while (rc >= 0 && out->n < LATER_MAX && (rc = sql_fetch(s, &row, err)) == 1)
		add_later(out, plan, row);
	return sql_finish(s, &st, rc);
}

static bool overlaps(const struct later *later, const struct run *run, struct number last)
{
	return number_cmp(later->first, last) <= 0 && number_cmp(later->last, run->first) >= 0;
}

/* Names the newest that touched what differs; what it did not touch of the run becomes runs of their own, at the end. */
static void name_run(struct plan *plan, size_t i, uint64_t fields, const struct laters *laters)
{
	struct number last = number_add(plan->runs[i].first, plan->runs[i].count - 1);

	for (size_t k = 0; fields && k < laters->n; k++) {
		const struct later *later = &laters->at[k];
		struct run *run = &plan->runs[i];
		struct number from = number_cmp(later->first, run->first) > 0 ? later->first : run->first;
		struct number to = number_cmp(later->last, last) < 0 ? later->last : last;

		if (!(later->mask & fields) || !overlaps(later, run, last))
			continue;
		run = plan_split(plan, i, from.value - run->first.value, to.value - from.value + 1);
		run->reason = arena_printf(&plan->arena, "%s (%s)", run->reason, later->words);
		return;
	}
}

int undo_name_later(struct sql_store *s, const struct change *c, const struct undo *undo, struct plan *plan, struct err *err)
{
	struct rangeset refused = {0};
	struct laters laters = {0};
	int rc = 0;

	for (size_t i = 0; i < plan->nruns; i++)
		if (differing(undo, plan, &plan->runs[i]))
			rangeset_add(&refused, (struct interval){plan->runs[i].first, plan->runs[i].count});
	rangeset_normalise(&refused);
	if (refused.n)
		rc = find_laters(s, c, &refused, plan, &laters, err);
	for (size_t i = 0; laters.n && i < plan->nruns; i++) /* those that it splits off are looked at too */
		name_run(plan, i, differing(undo, plan, &plan->runs[i]), &laters);
	plan_sort(plan);
	free(laters.at);
	rangeset_release(&refused);
	return rc;
}
