/* Runs and numbers as text: what is kept of a change, so that its replay prints what it printed. */
#include <stdlib.h>
#include <string.h>

#include "did/runs.h"

static bool is_alike(const struct run *a, const struct run *b)
{
	return a->count == b->count && a->spelling == b->spelling && a->result == b->result && a->code == b->code &&
	       !a->literal && !b->literal && a->reason == b->reason && a->first.width == b->first.width;
}

/*
 * Runs as lines: what a replay prints is what was printed. Runs that are alike share a line, which ends in the distance
 * of each from the one before it: a million scattered numbers must fit into one value. Reasons hold no tab and no newline
 * of their own.
 */
void runs_to_text(struct buf *out, const struct plan *plan)
{
	const struct run *runs = plan->runs;
	char first[NUMBER_TEXT];

	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &runs[i];

		number_format(run->first, first);
		buf_printf(out, "%s\t%llu\t%u\t%u\t%u\t%s\t", first, (unsigned long long)run->count, run->spelling,
			   run->result, run->code, run->literal ? run->literal : "");
		for (const char *p = run->reason ? run->reason : ""; *p; p++)
			buf_putc(out, *p == '\t' || *p == '\n' ? ' ' : *p);
		for (; i + 1 < plan->nruns && is_alike(run, &runs[i + 1]); i++)
			buf_printf(out, "%c%llu", run == &runs[i] ? '\t' : ' ',
				   (unsigned long long)(runs[i + 1].first.value - runs[i].first.value));
		buf_putc(out, '\n');
	}
}

#define NUMBERS_SHOWN 200

/* "918065978000-918065978009,918065978012", as much as fits: what a listing of changes shows. */
void numbers_to_text(struct buf *out, const struct rangeset *numbers)
{
	char first[NUMBER_TEXT], last[NUMBER_TEXT];

	for (size_t i = 0; i < numbers->n; i++) {
		if (out->len > NUMBERS_SHOWN) {
			buf_puts(out, ",...");
			return;
		}
		number_format(numbers->at[i].first, first);
		number_format(interval_last(&numbers->at[i]), last);
		buf_printf(out, "%s%s", out->len ? "," : "", first);
		if (numbers->at[i].count > 1)
			buf_printf(out, "-%s", last);
	}
}

/* The next cell of a line, "" past its last. */
static char *next_cell(char **line)
{
	char *cell = *line, *end = cell + strcspn(cell, "\t");

	*line = *end ? end + 1 : end;
	*end = '\0';
	return cell;
}

static void runs_from_line(struct plan *plan, char *line)
{
	struct run run = {.before = RECORD_NONE, .after = RECORD_NONE};
	char *first = next_cell(&line), *gap;

	run.first = (struct number){strtoull(first, NULL, 10), (uint8_t)strlen(first)};
	run.count = strtoull(next_cell(&line), NULL, 10);
	run.spelling = (uint8_t)strtoul(next_cell(&line), NULL, 10);
	run.result = (uint8_t)strtoul(next_cell(&line), NULL, 10);
	run.code = (uint8_t)strtoul(next_cell(&line), NULL, 10);
	run.literal = next_cell(&line);
	if (run.spelling != SPELLING_LITERAL)
		run.literal = NULL;
	run.reason = next_cell(&line);
	if (!*run.reason)
		run.reason = NULL;
	plan_add_run(plan, &run);
	for (gap = next_cell(&line); *gap;) {
		run.first.value += strtoull(gap, &gap, 10);
		plan_add_run(plan, &run);
	}
}

void runs_from_text(struct plan *plan, char *text)
{
	for (char *line; (line = strsep(&text, "\n")) && *line;)
		runs_from_line(plan, line);
}
