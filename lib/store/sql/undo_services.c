/*
 * Undo and what numbers share: the default name that they inherit, the address of their location. The status of a number
 * that inherits is about the default that counted when it was written; what is undone of either also changes numbers that
 * came to it since, of which the undone change says nothing.
 */
#include <string.h>

#include "base/json.h"
#include "did/decide.h"
#include "did/objects.h"
#include "did/services.h"
#include "store/sql/undo.h"

/* The object is guarded: no number comes to it or goes. */
static int find_others(struct sql_facts *facts, const struct selection *sel, const char *guard, const struct rangeset *undone,
		       struct rangeset *out, struct plan *plan, struct strlist *texts, struct err *err)
{
	struct plan found = {0};
	struct rangeset held = {0};
	int rc = object_guard(&facts->facts, guard, err);

	if (rc == 0)
		rc = read_selection(facts->s, sel, &found, err);
	for (size_t i = 0; i < found.nruns; i++) {
		const struct run *run = &found.runs[i];

		if (!run->first.width)
			continue;
		rangeset_add(&held, (struct interval){run->first, run->count});
		if (run->spelling == SPELLING_LITERAL)
			strlist_add(texts, arena_strdup(&plan->arena, run->literal));
	}
	rangeset_normalise(&held);
	rangeset_subtract(out, &held, undone);
	rangeset_release(&held);
	plan_release(&found);
	return rc;
}

static void add_heirs(struct undo *undo, const struct rangeset *others)
{
	for (size_t k = 0; k < others->n; k++) {
		GROW(undo->items, undo->n, undo->cap);
		undo->items[undo->n++] = (struct undo_item){.first = others->at[k].first, .count = others->at[k].count,
							    .was = RECORD_NONE, .left = RECORD_NONE, .is_heir = true};
	}
}

int undo_find_heirs(struct sql_facts *facts, struct plan *plan, struct undo *undo, struct err *err)
{
	struct rangeset undone = {0};
	int rc = 0;

	undo_numbers(undo, &undone);
	for (size_t i = 0; rc == 0 && i < plan->nobjects; i++) {
		struct selection sel = {0};
		struct rangeset others = {0};
		const char *guard;

		if (services_select_heirs(plan, &plan->objects[i], &sel, &guard))
			rc = find_others(facts, &sel, guard, &undone, &others, plan, &undo->texts, err);
		add_heirs(undo, &others);
		rangeset_release(&others);
		selection_release(&sel);
	}
	rangeset_release(&undone);
	return rc;
}

/* The default that counted when the undone change was made: the first change of it since then tells. */
static int name_then(struct sql_store *s, const char *change_id, const char *org_id, const char *now, struct plan *plan,
		     const char **out, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	struct json *json = NULL;
	bool is_found = false;
	int rc;

	*out = now;
	buf_puts(&st.text, "SELECT `before` FROM didctl_history WHERE block = ? AND seq >= (SELECT MIN(x.seq) FROM"
			   " didctl_history x WHERE x.change_id = ?) ORDER BY seq");
	statement_param(&st, arena_printf(&plan->arena, "org:%s", org_id));
	statement_param(&st, change_id);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && !is_found && (rc = sql_fetch(s, &row, err)) == 1) {
		const char *name;

		if (!row[0].s || json_parse(&json, row[0].s, row[0].len, err) < 0)
			continue;
		is_found = json_get(json, object_keys[OBJECT_ORG][OBJECT_CNAM]) != NULL;
		name = json_string(json_get(json, object_keys[OBJECT_ORG][OBJECT_CNAM]));
		if (is_found)
			*out = name ? arena_strdup(&plan->arena, name) : NULL;
		json_free(json);
		json = NULL;
	}
	return sql_finish(s, &st, rc);
}

/* Once for each organisation. */
static int default_then(struct sql_store *s, const struct change *c, struct undo *undo, struct plan *plan,
			const char *org_id, const char **out, struct err *err)
{
	struct undo_default *d;
	int rc;

	for (size_t i = 0; i < undo->ndefaults; i++)
		if (strcmp(undo->defaults[i].org_id, org_id) == 0) {
			*out = undo->defaults[i].name;
			return 0;
		}
	GROW(undo->defaults, undo->ndefaults, undo->defaults_cap);
	d = &undo->defaults[undo->ndefaults++];
	d->org_id = org_id;
	rc = name_then(s, c->undo_of, org_id, plan_owner_cnam(plan, org_id), plan, &d->name, err);
	*out = d->name;
	return rc;
}

int undo_follow_services(struct sql_store *s, const struct change *c, struct undo *undo, struct plan *plan, struct run *run,
		      struct err *err)
{
	const char *org_id, *name;
	int rc;

	if (run->result != RESULT_CHANGED || run->after == RECORD_NONE || undo->items[run->item].is_heir)
		return 0;
	run->after = decide_restored_services(c, plan, run->before, run->after);
	org_id = decide_heir_of(plan, run->before, run->after);
	if (!org_id)
		return 0;
	rc = default_then(s, c, undo, plan, org_id, &name, err);
	if (rc == 0)
		run->after = decide_restored_name(c, plan, run->after, name);
	return rc;
}
