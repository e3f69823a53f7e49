/* Undo that is refused because it was made before: the undos of a change, and what they did. */
#include <string.h>

#include "did/since.h"
#include "store/api/decide.h"
#include "store/api/history.h"

struct gatherer {
	struct history_keeper keeper;
	struct laters *out;
	struct plan *plan;
	struct later undo; /* whose events are told */
};

/* Each change that undid another one. */
static int add_undo(struct history_keeper *keeper, const struct value *values, struct err *err)
{
	struct gatherer *g = (struct gatherer *)keeper;
	struct arena *arena = &g->plan->arena;

	(void)err;
	if (!values[CHANGE_UNDO_OF].s)
		return 0;
	GROW(g->out->at, g->out->n, g->out->cap);
	g->out->at[g->out->n++] = (struct later){
		.id = arena_strdup(arena, values[CHANGE_ID].s),
		.verb = arena_strdup(arena, values[CHANGE_VERB].s),
		.at = arena_strdup(arena, values[CHANGE_AT].s),
		.undo_of = arena_strdup(arena, values[CHANGE_UNDO_OF].s),
	};
	return 0;
}

/* Numbers one after the other are one entry: an API's events are one a number. */
static int add_event(struct history_keeper *keeper, const struct value *values, struct err *err)
{
	struct gatherer *g = (struct gatherer *)keeper;
	struct later later = g->undo, *last = g->out->n ? &g->out->at[g->out->n - 1] : NULL;
	const char *text = values[EVENT_NUMBER].s, *colon = strchr(text, ':');

	(void)err;
	later.object = colon ? arena_strdup(&g->plan->arena, colon + 1) : NULL;
	later.mask = UINT64_MAX;
	if (!colon && !number_parse_stored(&later.first, text, strlen(text), NULL))
		return 0;
	later.last = later.first;
	if (!colon && last && !last->object && last->id == later.id && number_eq(number_add(last->last, 1), later.first)) {
		last->last = later.last;
		return 0;
	}
	GROW(g->out->at, g->out->n, g->out->cap);
	g->out->at[g->out->n++] = later;
	return 0;
}

/* The newest first; the journals are told the oldest first. */
static int find_laters(struct api_store *s, const char *change_id, const char *since, struct plan *plan, struct laters *out,
		       struct err *err)
{
	struct laters undos = {0};
	struct gatherer g = {.keeper = {add_undo}, .out = &undos, .plan = plan};
	int rc = history_changes(s, &(struct query){.since = since}, &g.keeper, err);

	laters_settle(&undos, change_id);
	g.keeper.keep = add_event;
	g.out = out;
	for (size_t i = undos.n; rc == 0 && i-- > 0;) {
		g.undo = undos.at[i];
		if (g.undo.undos)
			rc = history_events(s, &(struct query){.change_id = g.undo.id}, &g.keeper, err);
	}
	laters_release(&undos);
	return rc;
}

int api_name_later(struct api_store *s, const char *change_id, const char *since, struct plan *plan, int rc, struct err *err)
{
	struct laters laters = {0};
	struct err failed = {0};
	bool is_refused = rc < 0;

	for (size_t i = 0; i < plan->nruns; i++)
		is_refused |= laters_matter(&plan->runs[i]);
	if (is_refused && find_laters(s, change_id, since, plan, &laters, &failed) < 0) {
		laters_release(&laters);
		*err = failed;
		return failed.code;
	}
	for (size_t i = 0; laters.n && i < plan->nruns; i++) /* those that it splits off are looked at too */
		if (laters_matter(&plan->runs[i]))
			laters_name_run(&laters, plan, i, UINT64_MAX);
	plan_sort(plan);
	if (rc < 0)
		laters_name_object(&laters, plan, change_id, err);
	laters_release(&laters);
	return rc;
}
