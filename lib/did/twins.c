/* Numbers that stand in two rows. */
#include "did/facts.h"
#include "did/runs.h"

#define NAMED_MAX 100 /* numbers whose rows are named; the rest get the general sentence */

static struct number last_of(const struct run *run)
{
	return number_add(run->first, run->count - 1);
}

static struct number lower(struct number a, struct number b)
{
	return number_cmp(a, b) < 0 ? a : b;
}

/* One pass over the sorted runs: what starts before an earlier one has ended stands twice. */
static void find_overlaps(const struct plan *plan, struct rangeset *out)
{
	struct number end = {0, 0};

	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];

		if (run->first.width && end.width && number_cmp(run->first, end) <= 0 && run->first.width == end.width) {
			struct number to = lower(last_of(run), end);

			rangeset_add(out, (struct interval){run->first, to.value - run->first.value + 1});
		}
		if (number_cmp(last_of(run), end) > 0)
			end = last_of(run);
	}
	rangeset_normalise(out);
}

/* Cuts run i at the borders of the interval and refuses what lies inside. */
static void refuse_inside(struct plan *plan, size_t i, const struct interval *in)
{
	struct run *run = &plan->runs[i];
	uint64_t lo, hi;

	if (run->first.width != in->first.width || run->code == REFUSAL_TWIN)
		return;
	lo = run->first.value > in->first.value ? run->first.value : in->first.value;
	hi = run->first.value + run->count < in->first.value + in->count ? run->first.value + run->count :
									   in->first.value + in->count;
	if (lo >= hi)
		return;
	run = plan_split(plan, i, lo - run->first.value, hi - lo);
	run = &plan->runs[i];
	run->result = RESULT_REFUSED;
	run->code = REFUSAL_TWIN;
	run->reason = "stands in two rows under two spellings";
	run->after = run->before;
}

/* A number is refused once, however many rows it has: what is covered by an earlier refusal is cut away. */
static void refuse_once(struct plan *plan)
{
	struct number end = {0, 0};
	size_t n = 0;

	for (size_t i = 0; i < plan->nruns; i++) {
		struct run run = plan->runs[i];
		struct number last = last_of(&run);

		if (run.code == REFUSAL_TWIN) {
			if (number_cmp(last, end) <= 0)
				continue;
			if (number_cmp(run.first, end) <= 0) {
				run.count = last.value - end.value;
				run.first = number_add(end, 1);
			}
			end = last;
		}
		plan->runs[n++] = run;
	}
	plan->nruns = n;
}

void runs_refuse_twins(struct plan *plan)
{
	struct rangeset twins = {0};

	find_overlaps(plan, &twins);
	for (size_t k = 0; k < twins.n; k++)
		for (size_t i = 0; i < plan->nruns; i++)
			refuse_inside(plan, i, &twins.at[k]);
	if (twins.n) {
		plan_sort(plan);
		refuse_once(plan);
	}
	rangeset_release(&twins);
}

static int name_run(struct facts *facts, struct plan *plan, size_t i, struct err *err)
{
	struct run *run = plan_split(plan, i, 0, 1);
	struct buf rows = {0};
	int rc;

	run = &plan->runs[i];
	rc = facts->ops->name_rows(facts, run->first, &rows, err);
	if (rc == 0)
		run->reason = run->code == REFUSAL_TWIN ?
				      arena_printf(&plan->arena, "stands in two rows: %s: pool merge --keep ROW makes them one",
						   buf_str(&rows)) :
				      arena_printf(&plan->arena, "is in the inventory already: %s", buf_str(&rows));
	buf_release(&rows);
	return rc;
}

int runs_name_twins(struct facts *facts, struct plan *plan, struct err *err)
{
	size_t named = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->nruns && named < NAMED_MAX; i++) {
		if (plan->runs[i].code != REFUSAL_TWIN && plan->runs[i].code != REFUSAL_DUPLICATE)
			continue;
		rc = name_run(facts, plan, i, err);
		named++;
	}
	if (named)
		plan_sort(plan);
	return rc;
}
