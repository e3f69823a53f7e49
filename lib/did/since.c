#include "did/since.h"

#include <stdlib.h>
#include <string.h>

static const struct later *find(const struct laters *laters, const char *id)
{
	for (size_t i = 0; i < laters->n; i++)
		if (strcmp(laters->at[i].id, id) == 0)
			return &laters->at[i];
	return NULL;
}

static unsigned count_undos(const struct laters *laters, const struct later *later, const char *change_id)
{
	for (unsigned n = 1; later && later->undo_of; n++) {
		if (strcmp(later->undo_of, change_id) == 0)
			return n;
		later = find(laters, later->undo_of);
	}
	return 0;
}

static bool takes_back(const struct later *later)
{
	return later->undos % 2;
}

void laters_settle(struct laters *laters, const char *change_id)
{
	for (size_t i = 0; i < laters->n; i++)
		laters->at[i].undos = count_undos(laters, &laters->at[i], change_id);
}

void laters_release(struct laters *laters)
{
	free(laters->at);
	*laters = (struct laters){0};
}

static bool overlaps(const struct later *later, const struct run *run, struct number last)
{
	return !later->object && number_cmp(later->first, last) <= 0 && number_cmp(later->last, run->first) >= 0;
}

bool laters_matter(const struct run *run)
{
	return run->result == RESULT_REFUSED &&
	       (run->code == REFUSAL_STATE || run->code == REFUSAL_NOT_FOUND || run->code == REFUSAL_DUPLICATE);
}

static void name(struct plan *plan, struct run *run, const struct later *later)
{
	if (!takes_back(later) && run->code == REFUSAL_DUPLICATE) /* which row it is says more */
		return;
	if (!takes_back(later)) {
		run->reason = arena_printf(&plan->arena, "%s (change %s, %s)", run->reason, later->id, later->verb);
		return;
	}
	run->code = REFUSAL_STATE; /* also of numbers that went or came again: what was asked for is there, and done */
	run->reason = arena_printf(&plan->arena, "was undone already, by change %s at %s", later->id, later->at);
}

void laters_name_run(const struct laters *laters, struct plan *plan, size_t i, uint64_t fields)
{
	struct number last = number_add(plan->runs[i].first, plan->runs[i].count - 1);

	for (size_t k = 0; fields && k < laters->n; k++) {
		const struct later *later = &laters->at[k];
		struct run *run = &plan->runs[i];
		struct number from = number_cmp(later->first, run->first) > 0 ? later->first : run->first;
		struct number to = number_cmp(later->last, last) < 0 ? later->last : last;

		if (!(later->mask & fields) || !overlaps(later, run, last))
			continue;
		name(plan, plan_split(plan, i, from.value - run->first.value, to.value - from.value + 1), later);
		return;
	}
}

static bool has_object(const struct plan *plan, const char *id)
{
	for (size_t i = 0; i < plan->nobjects; i++)
		if (strcmp(plan->objects[i].id, id) == 0)
			return true;
	return false;
}

void laters_name_object(const struct laters *laters, const struct plan *plan, const char *change_id, struct err *err)
{
	const struct later *later;
	size_t i = 0;

	while (i < laters->n && !(laters->at[i].object && has_object(plan, laters->at[i].object)))
		i++;
	if (i == laters->n || !takes_back(&laters->at[i]))
		return;
	later = &laters->at[i];
	err_set(err, ERR_REFUSED, "change '%s' was undone already, by change %s at %s", change_id, later->id, later->at);
	err_hint(err, "didctl undo %s puts it in force again", later->id);
}
