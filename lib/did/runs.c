#include "did/runs.h"

#include <stdio.h>
#include <stdlib.h>

/* Numbers that were named and have no row: refused as not found, or made by pool add. */
void runs_add_absent(struct plan *plan, const char *id)
{
	plan_add_run(plan, &(struct run){
		.literal = arena_printf(&plan->arena, "id:%s", id),
		.count = 1,
		.spelling = SPELLING_LITERAL,
		.before = RECORD_NONE,
		.after = RECORD_NONE,
		.result = RESULT_REFUSED,
		.code = REFUSAL_NOT_FOUND,
		.reason = arena_printf(&plan->arena, "there is no row with the id '%s'", id),
	});
}

void runs_add_missing(struct plan *plan, const struct rangeset *numbers)
{
	struct rangeset found = {0}, missing = {0};

	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].first.width)
			rangeset_add(&found, (struct interval){plan->runs[i].first, plan->runs[i].count});
	rangeset_normalise(&found);
	rangeset_subtract(&missing, numbers, &found);
	for (size_t i = 0; i < missing.n; i++)
		plan_add_run(plan, &(struct run){.first = missing.at[i].first,
						    .count = missing.at[i].count,
						    .before = RECORD_NONE,
						    .after = RECORD_NONE});
	rangeset_release(&found);
	rangeset_release(&missing);
	plan_sort(plan);
}

/* Once per distinct record: a million numbers alike are one decision. */
void runs_decide(const struct change *c, struct plan *plan)
{
	size_t n = plan->records.n + 1; /* the last one is for rows that are not there */
	struct decision *memo = xcalloc(n, sizeof(*memo));
	bool *known = xcalloc(n, sizeof(*known));

	for (size_t i = 0; i < plan->nruns; i++) {
		struct run *run = &plan->runs[i];
		size_t k = run->before == RECORD_NONE ? n - 1 : run->before;

		if (run->result == RESULT_REFUSED)
			continue;
		if (!known[k])
			memo[k] = decide(c, plan, run->before);
		known[k] = true;
		run->result = (uint8_t)memo[k].result;
		run->code = (uint8_t)memo[k].code;
		run->reason = memo[k].reason;
		run->after = memo[k].result == RESULT_CHANGED ? memo[k].after : run->before;
	}
	free(memo);
	free(known);
	if (c->verb == VERB_E911_SET)
		plan_spare_toll_free(plan, !c->org_text);
	if (c->verb == VERB_PORT_COMPLETE && c->is_set[DID_LOCATION])
		plan_strip_toll_free(plan);
}

bool runs_exclude_refused(const struct plan *plan, struct rangeset *exclude)
{
	bool any = false;

	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];

		if (run->result == RESULT_CHANGED || !run->first.width)
			continue;
		rangeset_add(exclude, (struct interval){run->first, run->count});
		any = true;
	}
	rangeset_normalise(exclude);
	return any;
}

int runs_check_expect(const struct change *c, const struct plan *plan, struct err *err)
{
	if (c->part_of) /* of the whole it was asked */
		return 0;
	if (c->expect < 0 && plan->changed > CHANGE_EXPECT_ABOVE && !c->dry_run &&
	    !c->never_asks && !verb_info[c->verb].never_asks)
		return runs_want_expect(plan->changed, err);
	if (runs_check_count(c, plan->changed, "numbers", err) == 0)
		return 0;
	if (plan->unchanged)
		err_hint(err, "nothing was changed; look with --dry-run; %llu are so already: didctl history tells whether a change is"
			      " half done", (unsigned long long)plan->unchanged);
	return err->code;
}

int runs_want_expect(uint64_t n, struct err *err)
{
	err_set(err, ERR_USAGE, "a change of %llu numbers, more than %d, needs --expect N", (unsigned long long)n,
		CHANGE_EXPECT_ABOVE);
	err_hint(err, "nothing was changed; look with --dry-run, then add --expect %llu", (unsigned long long)n);
	return ERR_USAGE;
}

const char *runs_undo_option(char out[RUNS_OPTION], uint64_t n)
{
	out[0] = '\0';
	if (n > CHANGE_EXPECT_ABOVE)
		snprintf(out, RUNS_OPTION, " --expect %llu", (unsigned long long)n);
	return out;
}

int runs_check_count(const struct change *c, uint64_t n, const char *what, struct err *err)
{
	if (c->expect < 0 || (uint64_t)c->expect == n)
		return 0;
	err_set(err, ERR_REFUSED, "%lld %s were expected to change, %llu would", c->expect, what, (unsigned long long)n);
	err_hint(err, "nothing was changed; look with --dry-run");
	return ERR_REFUSED;
}

int runs_check_refused(const struct change *c, const struct plan *plan, struct err *err)
{
	bool only_absent = true;

	if (!plan->refused || (c->partial && (c->part_of || plan->changed + plan->unchanged)))
		return 0;
	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].result == RESULT_REFUSED && plan->runs[i].code != REFUSAL_NOT_FOUND)
			only_absent = false;
	err_set(err, only_absent ? ERR_ABSENT : ERR_REFUSED, "%llu number%s may not change: nothing was changed",
		(unsigned long long)plan->refused, plan->refused == 1 ? "" : "s");
	if (plan->changed && !c->partial)
		err_hint(err, "--partial changes the other %llu", (unsigned long long)plan->changed);
	return err->code;
}

void runs_take_keys(struct plan *plan, const struct plan *found, struct rangeset *numbers, struct strlist *texts)
{
	for (size_t i = 0; i < found->nruns; i++) {
		struct run run = found->runs[i];

		if (run.first.width)
			rangeset_add(numbers, (struct interval){run.first, run.count});
		if (run.spelling != SPELLING_LITERAL)
			continue;
		run.literal = arena_strdup(&plan->arena, run.literal);
		if (run.first.width) {
			strlist_add(texts, run.literal);
		} else {
			run.before = run.after = RECORD_NONE;
			plan_add_run(plan, &run);
		}
	}
	rangeset_normalise(numbers);
}

void runs_changed(const struct plan *plan, struct rangeset *out)
{
	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].result == RESULT_CHANGED)
			rangeset_add(out, (struct interval){plan->runs[i].first, plan->runs[i].count});
	for (size_t i = 0; i < plan->nextra; i++)
		rangeset_add(out, (struct interval){plan->extra[i].first, plan->extra[i].count});
	rangeset_normalise(out);
}

int runs_finish(const struct change *c, const struct plan *plan, struct err *err)
{
	if (!c->partial || !plan->refused || c->part_of)
		return 0;
	if (!plan->changed && !plan->unchanged)
		return err_set(err, ERR_REFUSED, "every number was refused: nothing was changed");
	return err_set(err, ERR_PARTIAL, "%llu number%s refused", (unsigned long long)plan->refused,
		       plan->refused == 1 ? " was" : "s were");
}

int runs_interrupted(struct err *err)
{
	return err_set(err, ERR_INTERRUPTED, "interrupted: nothing was changed");
}
