/* What a change of numbers means for the names and emergency addresses behind them: said with its plan. */
#include <string.h>

#include "did/cnam.h"
#include "did/e911.h"
#include "did/plan.h"

/* Some numbers of a kind: how many, and the first. */
struct tally {
	uint64_t n;
	struct number first;
};

static void tally_add(struct tally *tally, struct number first, uint64_t n)
{
	if (!tally->n || number_cmp(first, tally->first) < 0)
		tally->first = first;
	tally->n += n;
}

/* "918065978000" or "12 numbers from 14155550100 on", and the verb's ending. */
static const char *tally_text(struct plan *plan, const struct tally *tally)
{
	char first[NUMBER_TEXT];

	number_format(tally->first, first);
	if (tally->n == 1)
		return arena_strdup(&plan->arena, first);
	return arena_printf(&plan->arena, "%llu numbers from %s on", (unsigned long long)tally->n, first);
}

static const struct record *after_of(const struct plan *plan, const struct run *run)
{
	return run->result == RESULT_CHANGED && run->after != RECORD_NONE ? &plan->records.at[run->after] : NULL;
}

/* Whether the number gets an owner who uses it from now on. */
static bool is_taken_up(const struct plan *plan, const struct run *run)
{
	const struct record *after = after_of(plan, run);

	return after && record_state(after) == STATE_ASSIGNED && run_gains(plan, run, after->v[DID_ORG_ID]);
}

static void say_missing(struct plan *plan)
{
	struct tally missing = {0};

	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];
		struct number n = run->first;

		if (!is_taken_up(plan, run) || plan->records.at[run->after].v[DID_LOCATION])
			continue;
		for (uint64_t left = run->count, some; left; left -= some) {
			some = e911_alike(n, left);
			if (e911_need(n) == E911_NEEDED)
				tally_add(&missing, n, some);
			if (left > some)
				n = number_add(n, some);
		}
	}
	if (missing.n)
		strlist_add(&plan->warnings,
			    arena_printf(&plan->arena, "%s without an emergency address: didctl e911 set",
					 tally_text(plan, &missing)));
}

static void say_elsewhere(struct plan *plan)
{
	struct tally elsewhere = {0};

	for (size_t i = 0; i < plan->nruns; i++)
		if (after_of(plan, &plan->runs[i]) && e911_need(plan->runs[i].first) == E911_ELSEWHERE)
			tally_add(&elsewhere, plan->runs[i].first, plan->runs[i].count);
	if (elsewhere.n)
		strlist_add(&plan->warnings, arena_printf(&plan->arena,
							  "%s: no number of the United States or Canada, where 911 is answered",
							  tally_text(plan, &elsewhere)));
}

/* Calls from these show no name, whatever is registered. */
static void say_unshown(struct plan *plan)
{
	const char *why[] = {"toll-free", "outside North America"};
	struct tally unshown[ARRAY_SIZE(why)] = {0};

	for (size_t i = 0; i < plan->nruns; i++) {
		const struct record *after = after_of(plan, &plan->runs[i]);
		const char *reason = after && after->v[DID_CNAM_STATUS] ? cnam_unshown(plan->runs[i].first) : NULL;

		for (size_t k = 0; reason && k < ARRAY_SIZE(why); k++)
			if (strcmp(reason, why[k]) == 0)
				tally_add(&unshown[k], plan->runs[i].first, plan->runs[i].count);
	}
	for (size_t k = 0; k < ARRAY_SIZE(why); k++)
		if (unshown[k].n)
			strlist_add(&plan->warnings,
				    arena_printf(&plan->arena, "%s: %s, so that carriers will not show a name",
						 tally_text(plan, &unshown[k]), why[k]));
}

/* Of numbers that were to get an emergency address with others. */
static void say_toll_free(struct plan *plan)
{
	struct tally toll_free = {0};

	for (size_t i = 0; i < plan->nruns; i++)
		if (after_of(plan, &plan->runs[i]) && e911_need(plan->runs[i].first) == E911_TOLL_FREE)
			tally_add(&toll_free, plan->runs[i].first, plan->runs[i].count);
	if (toll_free.n)
		strlist_add(&plan->warnings, arena_printf(&plan->arena, "%s: toll-free, and so without the emergency address",
							  tally_text(plan, &toll_free)));
}

void plan_say_services(struct plan *plan, const struct change *change)
{
	bool is_port = change->verb == VERB_PORT_COMPLETE;
	bool names = change->verb == VERB_CNAM_SET || change->verb == VERB_CNAM_DEFAULT;
	bool places = change->verb == VERB_E911_SET;

	if (names || (is_port && change->is_set[DID_CNAM]))
		say_unshown(plan);
	if (places || (is_port && change->is_set[DID_LOCATION]))
		say_elsewhere(plan);
	if (is_port && change->is_set[DID_LOCATION])
		say_toll_free(plan);
	if (!names && !places && change->verb != VERB_UNDO)
		say_missing(plan);
}

static void spare(struct run *run, bool is_named)
{
	run->after = run->before;
	run->result = is_named ? RESULT_REFUSED : RESULT_UNCHANGED;
	run->code = is_named ? REFUSAL_RULE : REFUSAL_NONE;
	run->reason = is_named ? "is toll-free: it carries no emergency address" : NULL;
}

void plan_spare_toll_free(struct plan *plan, bool is_named)
{
	for (size_t i = 0; i < plan->nruns; i++) {
		struct number first = plan->runs[i].first;
		uint64_t some = e911_alike(first, plan->runs[i].count);

		if (plan->runs[i].result != RESULT_CHANGED)
			continue;
		plan_split(plan, i, 0, some); /* what is left becomes a run of its own, behind all others */
		if (e911_need(first) == E911_TOLL_FREE)
			spare(&plan->runs[i], is_named);
	}
	plan_sort(plan);
}

/* The address fields of the record that was there, or of none. */
static void keep_address(struct plan *plan, struct run *run)
{
	static const enum did_field fields[] = {DID_LOCATION, DID_E911, DID_E911_SINCE, DID_E911_NOTE, DID_E911_CANDIDATES};
	struct record after = plan->records.at[run->after];

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		after.v[fields[i]] = run->before == RECORD_NONE ? NULL : plan->records.at[run->before].v[fields[i]];
	run->after = recordset_add(&plan->records, &after);
}

void plan_strip_toll_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->nruns; i++) {
		struct number first = plan->runs[i].first;
		uint64_t some = e911_alike(first, plan->runs[i].count);

		if (plan->runs[i].result != RESULT_CHANGED)
			continue;
		plan_split(plan, i, 0, some);
		if (e911_need(first) == E911_TOLL_FREE)
			keep_address(plan, &plan->runs[i]);
	}
	plan_sort(plan);
}
