/*
 * Whether the rows are what the last change of each left (doctor replay). The history is replayed some blocks at a time,
 * their rows are read, and both are forgotten again: memory does not grow with the inventory.
 */
#include <stdlib.h>
#include <string.h>

#include "did/runs.h"
#include "store/sql/replay.h"
#include "store/sql/verify.h"

#define SLICE_NUMBERS 24000 /* whose rows are read and compared together */

static const char fix[] = "didctl doctor replay --fix";

struct replay_check {
	struct comparison comparison;
	struct replay replay;
	struct recordset records; /* of what the replay knows */
	struct finder *finder;
};

static int find_difference(struct comparison *c, const struct difference *d, struct err *err)
{
	struct replay_check *check = (struct replay_check *)c;
	struct buf detail = {0};
	struct finding finding = {.check = CHECK_REPLAY, .fix = fix};
	char text[NUMBER_TEXT];
	int rc = 0;

	if (!d->run) {
		buf_puts(&detail, "its row was deleted outside didctl");
	} else if (!d->fields) {
		buf_puts(&detail, "was deleted, and its row was made again outside didctl");
	} else {
		buf_puts(&detail, "changed outside didctl: ");
		record_put_changes(&detail, &c->records->at[d->known->record], &c->found->at[d->run->before], d->fields);
	}
	finding.detail = detail.data;
	for (uint64_t i = 0; rc == 0 && i < d->count; i++) {
		struct number n = number_add(d->first, i);

		number_format(n, text);
		finding.number = d->run ? run_number(d->run, n.value - d->run->first.value, c->s->country, text) : text;
		rc = check->finder->found(check->finder, &finding, err);
	}
	buf_release(&detail);
	return rc;
}

/* Some of what is known against its rows. */
static int compare_slice(struct replay_check *check, const struct known *known, size_t n, struct err *err)
{
	struct rangeset numbers = {0};
	struct plan plan = {0};
	int rc;

	for (size_t i = 0; i < n; i++)
		rangeset_add(&numbers, (struct interval){known[i].first, known[i].count});
	rangeset_normalise(&numbers);
	rc = read_numbers(check->replay.s, &numbers, &plan, err);
	runs_refuse_twins(&plan);
	check->comparison.found = &plan.records;
	check->comparison.runs = plan.runs;
	check->comparison.nruns = plan.nruns;
	check->comparison.next = 0;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = compare_known(&check->comparison, &known[i], (struct interval){known[i].first, known[i].count}, err);
	plan_release(&plan);
	rangeset_release(&numbers);
	return rc;
}

static int compare_replayed(struct replay_check *check, uint64_t *done, struct progress *progress, struct err *err)
{
	const struct known *known = check->replay.at;
	int rc = 0;

	for (size_t from = 0, to; rc == 0 && from < check->replay.n; from = to) {
		uint64_t numbers = 0;

		for (to = from; to < check->replay.n && numbers < SLICE_NUMBERS; to++)
			numbers += known[to].count;
		rc = compare_slice(check, known + from, to - from, err);
		*done += numbers;
		progress_step(progress, "replaying the history", *done, 0);
	}
	return rc;
}

int verify_replay(struct sql_store *s, struct finder *finder, struct progress *progress, struct err *err)
{
	struct replay_check *check = xcalloc(1, sizeof(*check));
	uint64_t done = 0;
	int rc;

	check->finder = finder;
	check->comparison = (struct comparison){.s = s, .records = &check->records, .differs = find_difference};
	check->replay.s = s;
	check->replay.records = &check->records;
	while ((rc = replay_next(&check->replay, err)) == 1) {
		rc = compare_replayed(check, &done, progress, err);
		recordset_release(&check->records);
		if (rc < 0)
			break;
	}
	recordset_release(&check->records);
	replay_release(&check->replay);
	comparison_release(&check->comparison);
	free(check);
	return rc;
}
