/*
 * The history: written in rows of consecutive numbers with the same change, never across a block's border, so that the
 * look-up of one number reads one block.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "did/objects.h"
#include "store/sql/history.h"
#include "store/sql/write.h"

#define HISTORY_BATCH 200 /* rows in one INSERT */

size_t block_of(struct number n, char out[BLOCK_TEXT])
{
	size_t len = number_format(n, out);

	out[len - 3] = '\0';
	return len - 3;
}

/* How many numbers from n on lie in its block, at most count. */
uint64_t block_room(struct number n, uint64_t count)
{
	uint64_t room = BLOCK_SIZE - n.value % BLOCK_SIZE;

	return count < room ? count : room;
}

struct history_writer {
	struct sql_store *s;
	const char *change_id;
	struct plan *plan;
	struct statement st;
	size_t rows;
	uint32_t before, after; /* whose JSON is at hand */
	bool has_json;
	struct buf before_json, after_json;
	uint64_t done; /* numbers, for the progress */
};

static int flush(struct history_writer *w, struct err *err)
{
	int rc = w->rows ? sql_run(w->s, &w->st, NULL, err) : 0;

	statement_reset(&w->st);
	w->rows = 0;
	return rc;
}

static int add_row(struct history_writer *w, const char *block, const char *first, const char *last, uint64_t n,
		   const char *before, const char *after, const char *members, struct err *err)
{
	char count[24];

	buf_puts(&w->st.text, w->rows ? ", (?, ?, ?, ?, ?, ?, ?, ?)" :
					"INSERT INTO didctl_history"
					" (change_id, block, first, last, n, `before`, `after`, members)"
					" VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
	snprintf(count, sizeof(count), "%llu", (unsigned long long)n);
	statement_param(&w->st, w->change_id);
	statement_copy(&w->st, block, strlen(block));
	statement_copy(&w->st, first, strlen(first));
	statement_copy(&w->st, last, strlen(last));
	statement_copy(&w->st, count, strlen(count));
	for (int i = 0; i < 3; i++) {
		const char *text = (const char *[]){before, after, members}[i];

		if (text)
			statement_copy(&w->st, text, strlen(text));
		else
			statement_param(&w->st, NULL);
	}
	return ++w->rows == HISTORY_BATCH ? flush(w, err) : 0;
}

static const struct record *record_at(const struct plan *plan, uint32_t index)
{
	return index == RECORD_NONE ? NULL : &plan->records.at[index];
}

/* A row that comes or goes is written whole, its absent fields left out: readers take what is not named as absent. */
static void make_json(struct history_writer *w, uint32_t before, uint32_t after)
{
	const struct record *b = record_at(w->plan, before), *a = record_at(w->plan, after);
	uint64_t differs = b && a ? record_diff(b, a) : 0;

	if (w->has_json && w->before == before && w->after == after)
		return;
	buf_reset(&w->before_json);
	buf_reset(&w->after_json);
	record_to_json(&w->before_json, b, differs ? differs : record_diff(NULL, b));
	record_to_json(&w->after_json, a, differs ? differs : record_diff(NULL, a));
	w->before = before;
	w->after = after;
	w->has_json = true;
}

/* {"dropped":{"id":"...","number":"08065978002","org_id":"..."}}: what the number loses, or gets back, is one of its rows. */
static void row_json(struct buf *out, const char *key, const struct run *run, const struct record *r,
		     const struct country *country)
{
	char text[NUMBER_TEXT];
	const char *number = run_number(run, 0, country, text);
	struct buf fields = {0};

	buf_printf(out, "{\"%s\":{\"id\":", key);
	text_json(out, run->row_id, strlen(run->row_id));
	buf_puts(out, ",\"number\":");
	text_json(out, number, strlen(number));
	record_to_json(&fields, r, record_diff(NULL, r));
	buf_printf(out, "%s%s}", fields.len > 2 ? "," : "", fields.data + 1);
	buf_release(&fields);
}

/* The object with the stored text in front. */
static void respelled_json(struct buf *out, const char *number, const struct record *r, uint64_t mask)
{
	struct buf fields = {0};

	buf_puts(out, "{\"number\":");
	text_json(out, number, strlen(number));
	record_to_json(&fields, r, mask);
	buf_printf(out, "%s%s", fields.len > 2 ? "," : "", fields.data + 1);
	buf_release(&fields);
}

/*
 * A run that is about one row. To whoever replays the number's history, "dropped", "restored" and "number" are no fields
 * of a record: it stays what it is.
 */
static void make_row_json(struct history_writer *w, const struct run *run)
{
	const struct record *b = record_at(w->plan, run->before), *a = record_at(w->plan, run->after);
	const struct country *country = w->s->country;
	char text[NUMBER_TEXT];

	buf_reset(&w->before_json);
	buf_reset(&w->after_json);
	w->has_json = false;
	if (run->kind == RUN_RESPELL) {
		respelled_json(&w->before_json, run_number(run, 0, country, text), b, record_diff(b, a));
		respelled_json(&w->after_json, run->respelled, a, record_diff(b, a));
	} else if (run->kind == RUN_DROP) {
		row_json(&w->before_json, "dropped", run, b, country);
		buf_puts(&w->after_json, "{}");
	} else {
		buf_puts(&w->before_json, "{}");
		row_json(&w->after_json, "restored", run, a, country);
	}
}

/* The plan's first run of a number; there are only runs of one number behind and before a row that goes. */
static size_t first_run(const struct plan *plan, struct number n)
{
	size_t lo = 0, hi = plan->nruns;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (number_cmp(plan->runs[mid].first, n) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The ids and texts of all rows that the number has: undo finds the one that stays by it, however it is spelled. */
static int add_row_members(struct history_writer *w, const struct run *run, struct buf *members, struct err *err)
{
	const struct plan *plan = w->plan;
	int rc = 0;

	for (size_t i = first_run(plan, run->first); rc == 0 && i < plan->nruns && number_eq(plan->runs[i].first, run->first);
	     i++)
		rc = write_members(w->s, &plan->runs[i], run->first, 1, members, err);
	return rc;
}

/* One row of a number: one history row, since its count is 1. */
static int add_one_row(struct history_writer *w, const struct run *run, struct err *err)
{
	char block[BLOCK_TEXT], text[NUMBER_TEXT];
	struct buf members = {0};
	int rc = run->kind == RUN_DROP ? add_row_members(w, run, &members, err) : 0;

	block_of(run->first, block);
	number_format(run->first, text);
	make_row_json(w, run);
	if (rc == 0)
		rc = add_row(w, block, text, text, 1, w->before_json.data, w->after_json.data,
			     members.len ? members.data : NULL, err);
	buf_release(&members);
	return rc;
}

static int add_numbers(struct history_writer *w, struct number first, uint64_t n, uint32_t before, uint32_t after,
		       const char *members, struct err *err)
{
	char block[BLOCK_TEXT], lo[NUMBER_TEXT], hi[NUMBER_TEXT];

	block_of(first, block);
	number_format(first, lo);
	number_format(number_add(first, n - 1), hi);
	make_json(w, before, after);
	return add_row(w, block, lo, hi, n, before == RECORD_NONE ? NULL : w->before_json.data,
		       after == RECORD_NONE ? NULL : w->after_json.data, members, err);
}

/*
 * A run in pieces of its blocks. Of rows that go, the ids and spellings are kept, for undo, and of a row in a spelling by
 * which nobody would find it again; of one that comes its spelling alone, since it is not there yet.
 */
static int add_run(struct history_writer *w, const struct run *run, struct err *err)
{
	struct number first = run->first;
	uint64_t left = run->count;
	bool is_odd = run->spelling == SPELLING_LITERAL, has_members = run->after == RECORD_NONE || is_odd;
	struct buf members = {0};
	int rc = 0;

	if (run->kind != RUN_NUMBERS)
		return add_one_row(w, run, err);
	while (rc == 0 && left) {
		uint64_t n = block_room(first, left);

		buf_reset(&members);
		if (is_odd && run->before == RECORD_NONE)
			buf_printf(&members, "\t%s\n", run->literal);
		else if (has_members)
			rc = write_members(w->s, run, first, n, &members, err);
		if (rc == 0)
			rc = add_numbers(w, first, n, run->before, run->after, has_members ? buf_str(&members) : NULL,
					 err);
		w->done += n;
		progress_step(w->s->progress, "writing the history", w->done, w->plan->changed + w->plan->nextra);
		left -= n;
		if (left)
			first = number_add(first, n);
	}
	buf_release(&members);
	return rc;
}

/* {"name":"ACME","context_prefix":null}; NULL where the object is not there. */
static const char *object_json(struct buf *out, const struct object *o, const char *const *values, bool exists)
{
	bool whole = o->was != o->is;
	size_t done = 0;

	if (!exists)
		return NULL;
	buf_putc(out, '{');
	for (int f = 0; f < OBJECT_FIELDS && object_keys[o->kind][f]; f++) {
		if (!whole && !object_differs(o, f))
			continue;
		buf_puts(out, done++ ? "," : "");
		text_json(out, object_keys[o->kind][f], strlen(object_keys[o->kind][f]));
		buf_putc(out, ':');
		if (values[f])
			text_json(out, values[f], strlen(values[f]));
		else
			buf_puts(out, "null");
	}
	buf_putc(out, '}');
	return out->data;
}

static int add_object(struct history_writer *w, const struct object *o, struct err *err)
{
	struct buf before = {0}, after = {0};
	char block[BLOCK_TEXT];
	int rc;

	snprintf(block, sizeof(block), "%s:%s", object_names[o->kind], o->id);
	rc = add_row(w, block, o->id, o->id, 1, object_json(&before, o, o->before, o->was),
		     object_json(&after, o, o->after, o->is), NULL, err);
	buf_release(&before);
	buf_release(&after);
	return rc;
}

static void release_writer(struct history_writer *w)
{
	statement_release(&w->st);
	buf_release(&w->before_json);
	buf_release(&w->after_json);
}

static int add_runs(struct history_writer *w, const struct run *runs, size_t n, struct err *err)
{
	size_t count;
	struct run *steps = write_steps(w->plan, runs, n, &count);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = add_run(w, &steps[i], err);
	free(steps);
	return rc;
}

int history_record(struct sql_store *s, struct plan *plan, struct err *err)
{
	struct history_writer w = {.s = s, .change_id = plan->change_id, .plan = plan};
	int rc = add_runs(&w, plan->runs, plan->nruns, err);

	if (rc == 0)
		rc = add_runs(&w, plan->extra, plan->nextra, err);
	for (size_t i = 0; rc == 0 && i < plan->nobjects; i++)
		rc = add_object(&w, &plan->objects[i], err);
	if (rc == 0)
		rc = flush(&w, err);
	release_writer(&w);
	return rc;
}

/* Without members: rows that others took away cannot be read any more. */
static int add_external(struct history_writer *w, const struct run *run, struct err *err)
{
	struct interval left = {run->first, run->count};
	int rc = 0;

	while (rc == 0 && left.count) {
		uint64_t n = block_room(left.first, left.count);

		rc = add_numbers(w, left.first, n, run->before, run->after, NULL, err);
		left.count -= n;
		if (left.count)
			left.first = number_add(left.first, n);
	}
	return rc;
}

int history_record_external(struct sql_store *s, struct plan *plan, const char *change_id, const struct run *runs,
			    size_t n, struct err *err)
{
	struct history_writer w = {.s = s, .change_id = change_id, .plan = plan};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		if (runs[i].result == RESULT_CHANGED)
			rc = add_external(&w, &runs[i], err);
	if (rc == 0)
		rc = flush(&w, err);
	release_writer(&w);
	return rc;
}
