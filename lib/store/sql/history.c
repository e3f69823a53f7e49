/*
 * The history: written in rows of consecutive numbers with the same change, never across a block's border, so that the
 * look-up of one number reads one block.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* A run in pieces of its blocks; of rows that go, the ids and spellings are kept, for undo. */
static int add_run(struct history_writer *w, const struct run *run, struct err *err)
{
	struct number first = run->first;
	uint64_t left = run->count;
	struct buf members = {0};
	int rc = 0;

	while (rc == 0 && left) {
		uint64_t n = block_room(first, left);

		buf_reset(&members);
		if (run->after == RECORD_NONE)
			rc = write_members(w->s, run, first, n, &members, err);
		if (rc == 0)
			rc = add_numbers(w, first, n, run->before, run->after,
					 run->after == RECORD_NONE ? buf_str(&members) : NULL, err);
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

	snprintf(block, sizeof(block), "%s:%s", o->kind == OBJECT_ORG ? "org" : "user", o->id);
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

int history_record_external(struct sql_store *s, struct plan *plan, const char *change_id,
			    const struct drift *drift, size_t n, struct err *err)
{
	struct history_writer w = {.s = s, .change_id = change_id, .plan = plan};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = add_numbers(&w, drift[i].first, drift[i].count, drift[i].recorded, drift[i].found, NULL, err);
	if (rc == 0)
		rc = flush(&w, err);
	release_writer(&w);
	return rc;
}
