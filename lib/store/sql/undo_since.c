/* Undo that is refused, and the changes that came between: whoever is to undo those first has to know them. */
#include <string.h>

#include "base/json.h"
#include "did/since.h"
#include "store/sql/history.h"
#include "store/sql/undo.h"

#define LATER_MAX 1000 /* each is compared with each refused run; of more the newest are named */

/* Which fields are not what the undone change left; 0: something else refuses the run, or nothing does. */
static uint64_t differing(const struct undo *undo, const struct plan *plan, const struct run *run)
{
	const struct undo_item *item = &undo->items[run->item];

	if (item->is_heir || item->dropped || item->is_restored)
		return 0;
	if (!laters_matter(run))
		return 0;
	if (run->before == RECORD_NONE || item->left == RECORD_NONE)
		return stored_fields();
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
			return stored_fields();
		record_from_json(&plan->records, &ignored, &mask, json);
		all |= mask;
		json_free(json);
	}
	return all;
}

/* row: change, verb, time, what it undid, block, first, last, before, after. */
static void add_later(struct laters *out, struct plan *plan, const struct value *row)
{
	struct later later = {0};
	const char *object = strchr(row[4].s, ':');

	if (!object && (!number_parse_stored(&later.first, row[5].s, row[5].len, NULL) ||
			!number_parse_stored(&later.last, row[6].s, row[6].len, NULL)))
		return;
	later.object = object ? arena_strdup(&plan->arena, object + 1) : NULL;
	later.mask = object ? 0 : fields_of(plan, row[7], row[8]);
	later.id = arena_strdup(&plan->arena, row[0].s);
	later.verb = arena_strdup(&plan->arena, row[1].s);
	later.at = arena_strdup(&plan->arena, row[2].s);
	later.undo_of = row[3].s ? arena_strdup(&plan->arena, row[3].s) : NULL;
	GROW(out->at, out->n, out->cap);
	out->at[out->n++] = later;
}

/* The newest first: of these numbers, or without any of the objects that the change to undo has changed. */
static int find_laters(struct sql_store *s, const struct change *c, const struct rangeset *numbers, struct plan *plan,
		       struct laters *out, struct err *err)
{
	static const char parts[] = "(SELECT x.id FROM didctl_changes x WHERE x.id = ? OR x.part_of = ?)";
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_printf(&st.text, "SELECT c.id, c.verb, c.at, c.undo_of, h.block, h.first, h.last, h.`before`, h.`after`"
			     " FROM didctl_history h JOIN didctl_changes p ON p.id = h.change_id"
			     " JOIN didctl_changes c ON c.id = COALESCE(p.part_of, p.id)"
			     " WHERE h.seq > (SELECT MAX(y.seq) FROM didctl_history y WHERE y.change_id IN %s)", parts);
	statement_param(&st, c->undo_of);
	statement_param(&st, c->undo_of);
	if (numbers) {
		buf_puts(&st.text, " AND h.block NOT LIKE '%:%'");
		history_where(&st, numbers);
	} else {
		buf_printf(&st.text, " AND h.block IN (SELECT z.block FROM didctl_history z WHERE z.block LIKE '%%:%%'"
				     " AND z.change_id IN %s)", parts);
		statement_param(&st, c->undo_of);
		statement_param(&st, c->undo_of);
	}
	buf_puts(&st.text, " ORDER BY h.seq DESC");
	rc = sql_open(s, &st, err);
	while (rc >= 0 && out->n < LATER_MAX && (rc = sql_fetch(s, &row, err)) == 1)
		add_later(out, plan, row);
	laters_settle(out, c->undo_of);
	return sql_finish(s, &st, rc);
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
		laters_name_run(&laters, plan, i, differing(undo, plan, &plan->runs[i]));
	plan_sort(plan);
	laters_release(&laters);
	rangeset_release(&refused);
	return rc;
}

int undo_name_object(struct sql_store *s, const struct change *c, struct plan *plan, struct err *err)
{
	struct laters laters = {0};
	struct err ignored = {0};

	if (find_laters(s, c, NULL, plan, &laters, &ignored) == 0)
		laters_name_object(&laters, plan, c->undo_of, err);
	laters_release(&laters);
	return err->code;
}
