/*
 * Changes made by others. The PBX writes did_numbers without didctl's knowledge; before a change is recorded, the rows
 * that it touches are compared with what the history says they were, and a difference becomes a change of its own,
 * called external: so the history stays a chain, and undo and --at stay true. The same can be asked for by itself
 * (doctor replay --fix).
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/sql/changes.h"
#include "store/sql/external.h"
#include "store/sql/history.h"
#include "store/sql/replay.h"

/* Numbers that are compared with the history, and what differs: runs from the recorded record to the found one. */
struct drift {
	struct comparison comparison;
	struct replay replay;
	struct plan *plan;
	struct run *at;
	size_t n, cap;
	struct rangeset batch; /* pieces that are compared together */
	size_t blocks;	       /* that they lie in */
	uint64_t done, all;    /* numbers, for the progress */
};

#define BATCH_PIECES 20000

/* The fields that do not differ are as found, so that only what really differs is recorded. */
static uint32_t recorded_of(struct plan *plan, const struct difference *d)
{
	struct record recorded;

	if (d->known->record == RECORD_NONE || !d->run)
		return d->known->record;
	recorded = plan->records.at[d->run->before];
	for (int f = 0; f < DID_FIELDS; f++)
		if (d->fields & FIELD_BIT(f))
			recorded.v[f] = plan->records.at[d->known->record].v[f];
	return recordset_add(&plan->records, &recorded);
}

static int add_drift(struct comparison *c, const struct difference *d, struct err *err)
{
	struct drift *drift = (struct drift *)c;
	struct run run = {.first = d->first, .count = d->count, .result = RESULT_CHANGED};

	(void)err;
	if (d->run)
		run.spelling = d->run->spelling, run.literal = d->run->literal;
	run.before = recorded_of(drift->plan, d);
	run.after = d->run ? d->run->before : RECORD_NONE;
	c->found = c->records = &drift->plan->records;
	GROW(drift->at, drift->n, drift->cap);
	drift->at[drift->n++] = run;
	return 0;
}

/* What of the known numbers lies in the batch; both are in order. */
static int compare_intervals(struct drift *d, struct err *err)
{
	const struct interval *in = d->batch.at;
	int rc = 0;

	for (size_t i = 0, k = 0; rc == 0 && i < d->batch.n && k < d->replay.n;) {
		const struct known *known = &d->replay.at[k];
		struct interval both = {known->first, 0};
		struct number end = number_add(known->first, known->count - 1), last = interval_last(&in[i]);

		if (number_cmp(in[i].first, known->first) > 0)
			both.first = in[i].first;
		if (number_cmp(last, end) < 0)
			end = last;
		if (number_cmp(both.first, end) <= 0) {
			both.count = end.value - both.first.value + 1;
			rc = compare_known(&d->comparison, known, both, err);
		}
		if (number_eq(end, last))
			i++;
		else
			k++;
	}
	return rc;
}

static int compare_batch(struct drift *d, struct err *err)
{
	int rc = replay_intervals(&d->replay, d->batch.at, d->batch.n, err);

	if (rc == 0)
		rc = compare_intervals(d, err);
	progress_step(d->replay.s->progress, "comparing with the history", d->done, d->all);
	d->batch.n = d->blocks = 0;
	return rc;
}

/* A piece of one block; the batch is compared when it lies in as many blocks as are replayed at once. */
static int compare_piece(struct drift *d, struct interval piece, struct err *err)
{
	const struct interval *last = d->batch.n ? &d->batch.at[d->batch.n - 1] : NULL;
	bool is_new = !last || last->first.width != piece.first.width ||
		      interval_last(last).value / BLOCK_SIZE != piece.first.value / BLOCK_SIZE;

	if ((is_new && d->blocks == REPLAY_BLOCKS) || d->batch.n == BATCH_PIECES) {
		int rc = compare_batch(d, err);

		if (rc < 0)
			return rc;
		is_new = true;
	}
	rangeset_add(&d->batch, piece);
	d->blocks += is_new;
	d->done += piece.count;
	return 0;
}

static int compare_set(struct drift *d, const struct rangeset *numbers, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < numbers->n; i++) {
		struct interval left = numbers->at[i];

		while (rc == 0 && left.count) {
			struct interval piece = {left.first, block_room(left.first, left.count)};

			rc = compare_piece(d, piece, err);
			left.count -= piece.count;
			if (left.count)
				left.first = number_add(left.first, piece.count);
		}
	}
	return rc == 0 && d->batch.n ? compare_batch(d, err) : rc;
}

static void set_runs(struct drift *d, const struct run *runs, size_t n)
{
	d->comparison.runs = runs;
	d->comparison.nruns = n;
	d->comparison.next = 0;
}

static struct drift *drift_new(struct sql_store *s, struct plan *plan, const struct rangeset *numbers)
{
	struct drift *d = xcalloc(1, sizeof(*d));

	d->plan = plan;
	d->replay.s = s;
	d->replay.records = &plan->records;
	d->comparison = (struct comparison){.s = s, .records = &plan->records, .found = &plan->records,
					    .differs = add_drift};
	d->all = rangeset_count(numbers);
	set_runs(d, plan->runs, plan->nruns);
	return d;
}

static void drift_free(struct drift *d)
{
	replay_release(&d->replay);
	comparison_release(&d->comparison);
	rangeset_release(&d->batch);
	free(d->at);
	free(d);
}

/* The previous default caller IDs: rows outside the selection, a number a run. */
static int compare_extra(struct drift *d, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < d->plan->nextra; i++) {
		const struct run *run = &d->plan->extra[i];

		set_runs(d, run, 1);
		rangeset_add(&d->batch, (struct interval){run->first, 1});
		rc = compare_batch(d, err);
	}
	return rc;
}

static int record_drift(struct drift *d, struct sql_store *s, const struct change *change, struct err *err)
{
	struct change external = {.verb = VERB_EXTERNAL, .now_ms = change->now_ms - 1, .actor = "external"};
	struct rangeset numbers = {0};
	uint64_t n = 0;
	int rc = uuid_make(external.id, err);

	external.reason = "changed outside didctl";
	for (size_t i = 0; i < d->n; i++)
		rangeset_add(&numbers, (struct interval){d->at[i].first, d->at[i].count});
	rangeset_normalise(&numbers);
	n = rangeset_count(&numbers);
	if (rc == 0)
		rc = change_insert(s, &external, NULL, err);
	if (rc == 0)
		rc = history_record_external(s, d->plan, external.id, d->at, d->n, err);
	if (rc == 0)
		rc = change_finish(s, external.id, n, NULL, &numbers, err);
	rangeset_release(&numbers);
	if (rc == 0)
		strlist_add(&d->plan->warnings,
			    arena_printf(&d->plan->arena, "%llu number%s had been changed outside didctl: recorded as change %s",
					 (unsigned long long)n, n == 1 ? "" : "s", external.id));
	return rc;
}

int external_record(struct sql_store *s, const struct change *change, struct plan *plan,
		    const struct rangeset *touched, struct err *err)
{
	struct drift *d = drift_new(s, plan, touched);
	int rc = compare_set(d, touched, err);

	if (rc == 0)
		rc = compare_extra(d, err);
	if (rc == 0 && d->n)
		rc = record_drift(d, s, change, err);
	drift_free(d);
	return rc;
}

/* ---- VERB_EXTERNAL: what differs is the change, and nothing else is */

static void add_alike(struct plan *out, const struct run *run, struct number first, struct number end)
{
	struct run piece = *run;

	if (number_cmp(first, end) >= 0)
		return;
	piece.first = first;
	piece.count = end.value - first.value;
	piece.after = piece.before;
	piece.result = RESULT_UNCHANGED;
	if (run->before == RECORD_NONE) {
		piece.result = RESULT_REFUSED;
		piece.code = REFUSAL_NOT_FOUND;
		piece.reason = "is not in the inventory";
	}
	plan_add_run(out, &piece);
}

/* The runs without what differs; a piece that differs lies within one run. */
static void cut_out(const struct drift *d, const struct plan *plan, struct plan *out)
{
	for (size_t i = 0, k = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];
		struct number from = run->first, end = number_add(run->first, run->count);

		if (run->result == RESULT_REFUSED) {
			plan_add_run(out, run);
			continue;
		}
		while (k < d->n && number_cmp(d->at[k].first, from) < 0)
			k++;
		for (; k < d->n && number_cmp(d->at[k].first, end) < 0; k++) {
			add_alike(out, run, from, d->at[k].first);
			from = number_add(d->at[k].first, d->at[k].count);
		}
		add_alike(out, run, from, end);
	}
}

int external_decide(struct sql_store *s, struct plan *plan, const struct rangeset *numbers, struct err *err)
{
	struct drift *d = drift_new(s, plan, numbers);
	struct plan out = {0};
	int rc = s->has_tables ? compare_set(d, numbers, err) : sql_lacks_tables(s, "the history", err);

	if (rc == 0) {
		cut_out(d, plan, &out);
		for (size_t i = 0; i < d->n; i++)
			plan_add_run(&out, &d->at[i]);
		free(plan->runs);
		plan->runs = out.runs;
		plan->nruns = out.nruns;
		plan->runs_cap = out.runs_cap;
		plan_sort(plan);
	}
	drift_free(d);
	return rc;
}
