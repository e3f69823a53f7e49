/* Runs and numbers as text: what is kept of a change, so that its replay prints what it printed. */
#include <stdlib.h>
#include <string.h>

#include "did/runs.h"

#define NUMBERS_MAX UINT64_C(1000000000000000) /* that have 15 digits */

static bool is_alike(const struct run *a, const struct run *b)
{
	return a->count == b->count && a->spelling == b->spelling && a->result == b->result && a->code == b->code &&
	       !a->literal && !b->literal && a->reason == b->reason && a->first.width == b->first.width &&
	       a->first.value <= b->first.value;
}

/* What a row has for a number can be any text: its own tabs and newlines must not end a cell. */
static const char escaped[] = "\t\n\\", escapes[] = "tn\\";

static void put_literal(struct buf *out, const char *literal)
{
	for (; *literal; literal++) {
		const char *found = strchr(escaped, *literal);

		if (found)
			buf_putc(out, '\\');
		buf_putc(out, found ? escapes[found - escaped] : *literal);
	}
}

/* In place. Another backslash stands for itself. */
static char *unescape(char *cell)
{
	char *to = cell;

	for (const char *from = cell; *from; from++) {
		const char *found = *from == '\\' && from[1] ? strchr(escapes, from[1]) : NULL;

		*to++ = found ? escaped[found - escapes] : *from;
		from += found != NULL;
	}
	*to = '\0';
	return cell;
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
		buf_printf(out, "%s\t%llu\t%u\t%u\t%u\t", first, (unsigned long long)run->count, run->spelling,
			   run->result, run->code);
		put_literal(out, run->literal ? run->literal : "");
		buf_putc(out, '\t');
		for (const char *p = run->reason ? run->reason : ""; *p; p++)
			buf_putc(out, *p == '\t' || *p == '\n' ? ' ' : *p);
		for (; i + 1 < plan->nruns && is_alike(&runs[i], &runs[i + 1]); i++)
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

/* Digits at *text that are a number up to max, and moves on. */
static bool take_count(char **text, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	char *at = *text;

	for (; *at >= '0' && *at <= '9'; at++) {
		unsigned digit = (unsigned)(*at - '0');

		if (value > (max - digit) / 10 || digit > max)
			return false;
		value = value * 10 + digit;
	}
	if (at == *text)
		return false;
	*text = at;
	*out = value;
	return true;
}

static bool read_count(char *cell, uint64_t max, uint64_t *out)
{
	return take_count(&cell, max, out) && !*cell;
}

static bool read_small(char *cell, uint8_t max, uint8_t *out)
{
	uint64_t value;

	if (!read_count(cell, max, &value))
		return false;
	*out = (uint8_t)value;
	return true;
}

/* A row that is no number has none: its first is empty. */
static bool read_first(char *cell, struct number *out)
{
	size_t width = strlen(cell);

	*out = (struct number){0, (uint8_t)width};
	return !width || (width <= NUMBER_MAX_DIGITS && read_count(cell, number_max_value((unsigned)width), &out->value));
}

static bool fits(const struct run *run)
{
	uint64_t max = number_max_value(run->first.width);

	if (run->literal || !run->first.width)
		return run->literal && run->count == 1 && run->first.value <= max;
	return run->first.value <= max && run->count && run->count - 1 <= max - run->first.value;
}

static bool read_run(struct run *run, char **line)
{
	*run = (struct run){.before = RECORD_NONE, .after = RECORD_NONE};
	if (!read_first(next_cell(line), &run->first) || !read_count(next_cell(line), NUMBERS_MAX, &run->count) ||
	    !read_small(next_cell(line), SPELLING_LITERAL, &run->spelling) ||
	    !read_small(next_cell(line), RESULT_REFUSED, &run->result) ||
	    !read_small(next_cell(line), REFUSAL_RULE, &run->code))
		return false;
	run->literal = unescape(next_cell(line));
	if (run->spelling != SPELLING_LITERAL)
		run->literal = NULL;
	run->reason = next_cell(line);
	if (!*run->reason)
		run->reason = NULL;
	return fits(run);
}

static bool runs_from_line(struct plan *plan, char *line)
{
	struct run run;
	uint64_t gap;

	if (!read_run(&run, &line))
		return false;
	plan_add_run(plan, &run);
	for (line = next_cell(&line); *line; line += *line == ' ') {
		if (!take_count(&line, NUMBERS_MAX, &gap) || (*line && *line != ' '))
			return false;
		run.first.value += gap;
		if (!fits(&run))
			return false;
		plan_add_run(plan, &run);
	}
	return true;
}

bool runs_from_text(struct plan *plan, char *text)
{
	size_t before = plan->nruns;

	for (char *line; (line = strsep(&text, "\n")) && *line;) {
		if (!runs_from_line(plan, line)) {
			plan->nruns = before;
			return false;
		}
	}
	return true;
}
