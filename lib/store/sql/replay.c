#include "store/sql/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLAY_ROWS 10000 /* history rows in one statement over the whole history */

enum { ROW_BLOCK, ROW_FIRST, ROW_LAST, ROW_AFTER, ROW_WAS_MADE };

static void select_history(const struct sql_store *s, struct statement *st)
{
	buf_puts(&st->text, "SELECT block, first, last, `after`, `before` IS NULL FROM didctl_history");
	if (sql_is_mysql(s))
		buf_puts(&st->text, " FORCE INDEX (didctl_history_block)");
}

/* ---- one block */

static void start_block(struct replay *r, const char *block)
{
	size_t digits = strlen(block);

	snprintf(r->block, sizeof(r->block), "%s", block);
	r->start = (struct number){strtoull(block, NULL, 10) * BLOCK_SIZE, (uint8_t)(digits + 3)};
	r->has_block = true;
}

static void forget_block(struct replay *r)
{
	if (r->hi > r->lo)
		memset(&r->slot[r->lo], 0, (r->hi - r->lo) * sizeof(r->slot[0]));
	r->lo = BLOCK_SIZE;
	r->hi = 0;
	r->has_block = false;
}

/* What the block's slots say, neighbours alike as one. */
static void finish_block(struct replay *r)
{
	struct known *last = NULL;

	for (size_t i = r->lo; i < r->hi; i++) {
		const struct known_slot *slot = &r->slot[i];

		if (!slot->mask) {
			last = NULL;
			continue;
		}
		if (last && last->record == slot->record && last->mask == slot->mask) {
			last->count++;
			continue;
		}
		GROW(r->at, r->n, r->cap);
		last = &r->at[r->n++];
		*last = (struct known){number_add(r->start, i), 1, slot->record, slot->mask};
	}
	forget_block(r);
}

/* Text of the last event again is not parsed again. False: it was falsified, which the check of the history tells. */
static bool take_after(struct replay *r, const struct value *row)
{
	bool was_made = *row[ROW_WAS_MADE].s == '1';
	struct json *json = NULL;

	if (r->is_parsed && r->was_made == was_made && r->after.len == row[ROW_AFTER].len &&
	    memcmp(buf_str(&r->after), row[ROW_AFTER].s, r->after.len) == 0)
		return true;
	r->is_parsed = false;
	r->fields = (struct record){{0}, false};
	r->new = (struct known_slot){0, 0};
	if (json_parse(&json, row[ROW_AFTER].s, row[ROW_AFTER].len, NULL) < 0)
		return false;
	record_from_json(r->records, &r->fields, &r->mask, json);
	json_free(json);
	if (was_made) /* what is not named is absent */
		r->mask = stored_fields();
	buf_reset(&r->after);
	buf_add(&r->after, row[ROW_AFTER].s, row[ROW_AFTER].len);
	r->was_made = was_made;
	r->is_parsed = true;
	return true;
}

/* Lays the event's fields over what was known; numbers that were alike still are. */
static struct known_slot lay_over(struct replay *r, struct known_slot old)
{
	bool has_old = old.mask && old.record != RECORD_NONE;
	struct record record = {{0}, false};

	if (r->new.mask && old.record == r->old.record && old.mask == r->old.mask)
		return r->new;
	if (has_old)
		record = r->records->at[old.record];
	for (int f = 0; f < DID_FIELDS; f++)
		if (r->mask & FIELD_BIT(f))
			record.v[f] = r->fields.v[f];
	record.has_details = false;
	r->old = old;
	r->new = (struct known_slot){recordset_add(r->records, &record), r->mask | (has_old ? old.mask : 0)};
	return r->new;
}

static void apply_event(struct replay *r, const struct value *row)
{
	bool is_gone = !row[ROW_AFTER].s, is_readable = true;
	struct number first, last;
	uint64_t lo, hi;

	if (!number_parse_stored(&first, row[ROW_FIRST].s, row[ROW_FIRST].len, NULL) ||
	    !number_parse_stored(&last, row[ROW_LAST].s, row[ROW_LAST].len, NULL) || first.width != r->start.width ||
	    last.width != r->start.width || first.value < r->start.value || last.value < first.value ||
	    last.value - r->start.value >= BLOCK_SIZE)
		return; /* no row of ours: the check of the history tells of it */
	if (!is_gone)
		is_readable = take_after(r, row);
	lo = first.value - r->start.value;
	hi = last.value - r->start.value + 1;
	for (uint64_t i = lo; i < hi; i++)
		r->slot[i] = is_gone	   ? (struct known_slot){RECORD_NONE, stored_fields()} :
			     !is_readable ? (struct known_slot){0, 0} :
					    lay_over(r, r->slot[i]);
	r->lo = lo < r->lo ? lo : r->lo;
	r->hi = hi > r->hi ? hi : r->hi;
}

/* ---- many blocks */

static int by_number(const void *a, const void *b)
{
	return number_cmp(((const struct known *)a)->first, ((const struct known *)b)->first);
}

/* Runs a statement over blocks in order. Returns how many rows it gave; the last block stays unfinished. */
static long replay_rows(struct replay *r, struct statement *st, struct err *err)
{
	const struct value *row;
	long rows = 0;
	int rc = sql_open(r->s, st, err);

	while (rc >= 0 && (rc = sql_fetch(r->s, &row, err)) == 1) {
		rows++;
		if (r->has_block && strcmp(r->block, row[ROW_BLOCK].s) != 0)
			finish_block(r);
		if (!r->has_block)
			start_block(r, row[ROW_BLOCK].s);
		apply_event(r, row);
	}
	r->s->driver->done(r->s->db);
	return rc < 0 ? rc : rows;
}

static void reset(struct replay *r)
{
	r->n = 0;
	r->new = (struct known_slot){0, 0};
	r->is_parsed = false; /* what was parsed lies in records that may have gone */
	forget_block(r);
}

static void where_intervals(struct statement *st, const struct interval *in, size_t n)
{
	char block[BLOCK_TEXT], last[BLOCK_TEXT] = "";

	for (size_t i = 0; i < n; i++) {
		size_t len = block_of(in[i].first, block);

		if (i && strcmp(block, last) == 0)
			continue;
		buf_puts(&st->text, i ? ", ?" : " WHERE block IN (?");
		statement_copy(st, block, len);
		memcpy(last, block, sizeof(last));
	}
	buf_putc(&st->text, ')');
}

int replay_intervals(struct replay *r, const struct interval *in, size_t n, struct err *err)
{
	struct statement st = {0};
	long rows;

	reset(r);
	select_history(r->s, &st);
	where_intervals(&st, in, n);
	buf_puts(&st.text, " ORDER BY block, seq");
	rows = replay_rows(r, &st, err);
	statement_release(&st);
	finish_block(r);
	if (r->n)
		qsort(r->at, r->n, sizeof(*r->at), by_number);
	return rows < 0 ? (int)rows : 0;
}

/* A block with more history than one statement gives: all of it, since it is replayed from its beginning. */
static int replay_one(struct replay *r, const char *block, struct err *err)
{
	struct statement st = {0};
	long rows;

	select_history(r->s, &st);
	buf_puts(&st.text, " WHERE block = ? ORDER BY block, seq");
	statement_param(&st, block);
	rows = replay_rows(r, &st, err);
	statement_release(&st);
	finish_block(r);
	return rows < 0 ? (int)rows : 0;
}

/* What is behind the last row that came: nothing, the block that was cut off, or the one after it. */
static int settle_end(struct replay *r, long rows, struct err *err)
{
	char block[BLOCK_TEXT];

	if (rows < REPLAY_ROWS) {
		r->is_over = true;
		finish_block(r);
		return 0;
	}
	memcpy(block, r->block, sizeof(block));
	forget_block(r);
	memcpy(r->from, block, sizeof(block));
	r->is_behind = !r->n;
	return r->n ? 0 : replay_one(r, block, err);
}

/* Organisations and users are kept under blocks that begin with a letter, behind all digits. */
int replay_next(struct replay *r, struct err *err)
{
	struct statement st = {0};
	long rows;
	int rc;

	reset(r);
	if (r->is_over)
		return 0;
	select_history(r->s, &st);
	buf_printf(&st.text, " WHERE block %s ? AND block < 'a' ORDER BY block, seq LIMIT %d", r->is_behind ? ">" : ">=",
		   REPLAY_ROWS);
	statement_param(&st, r->from);
	rows = replay_rows(r, &st, err);
	statement_release(&st);
	if (rows < 0)
		return (int)rows;
	rc = settle_end(r, rows, err);
	if (r->n)
		qsort(r->at, r->n, sizeof(*r->at), by_number);
	return rc < 0 ? rc : r->n || !r->is_over;
}

void replay_release(struct replay *r)
{
	free(r->at);
	buf_release(&r->after);
	r->at = NULL;
}

/* ---- against the rows */

/* All spellings outside the countries' lists have something between the digits, or before them (number.h). */
static int load_odd(struct comparison *c, struct err *err)
{
	struct interval in = {.count = 1};
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, "SELECT number FROM did_numbers WHERE number LIKE '%-%' OR number LIKE '% %' OR number LIKE '%.%'"
			   " OR number LIKE '%(%' OR number LIKE 'tel:%'");
	rc = sql_open(c->s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(c->s, &row, err)) == 1)
		if (number_parse_stored(&in.first, row[0].s, row[0].len, c->s->country))
			rangeset_add(&c->odd, in);
	c->s->driver->done(c->s->db);
	statement_release(&st);
	rangeset_normalise(&c->odd);
	c->knows_odd = true;
	return rc < 0 ? rc : 0;
}

/* Numbers that have no row, as far as a look-up finds one: what there is of them all the same is not compared. */
static int tell_gone(struct comparison *c, const struct known *known, struct interval piece, struct err *err)
{
	struct rangeset all = {0}, gone = {0};
	int rc = c->knows_odd ? 0 : load_odd(c, err);

	rangeset_add(&all, piece);
	rangeset_normalise(&all);
	rangeset_subtract(&gone, &all, &c->odd);
	for (size_t i = 0; rc == 0 && i < gone.n; i++)
		rc = c->differs(c, &(struct difference){gone.at[i].first, gone.at[i].count, known, NULL, 0}, err);
	rangeset_release(&all);
	rangeset_release(&gone);
	return rc;
}

void comparison_release(struct comparison *c)
{
	rangeset_release(&c->odd);
	c->knows_odd = false;
}

/* The fields that are not known are taken to be as found. */
static int compare_piece(struct comparison *c, const struct known *known, struct interval piece, const struct run *run,
			 struct err *err)
{
	bool was = known->record != RECORD_NONE, is = run && run->before != RECORD_NONE;
	struct difference d = {piece.first, piece.count, known, run, 0};

	if (!was && !is)
		return 0;
	if (!is)
		return tell_gone(c, known, piece, err);
	if (was) {
		d.fields = record_diff(&c->records->at[known->record], &c->found->at[run->before]) & known->mask &
			   ~c->s->missing;
		if (!d.fields)
			return 0;
	}
	return c->differs(c, &d, err);
}

/* The first run that does not end before n, or NULL. */
static const struct run *seek(struct comparison *c, struct number n)
{
	while (c->next < c->nruns) {
		const struct run *run = &c->runs[c->next];

		if (number_cmp(number_add(run->first, run->count - 1), n) >= 0 && run->kind != RUN_DROP &&
		    run->kind != RUN_RESTORE) /* the history is of the row that stays */
			return run;
		c->next++;
	}
	return NULL;
}

int compare_known(struct comparison *c, const struct known *known, struct interval left, struct err *err)
{
	int rc = 0;

	while (rc == 0 && left.count) {
		struct interval piece = left;
		const struct run *run = seek(c, left.first);
		bool is_inside = run && number_cmp(run->first, left.first) <= 0;
		uint64_t room = UINT64_MAX;

		if (is_inside)
			room = run->first.value + run->count - left.first.value;
		else if (run && run->first.width == left.first.width)
			room = run->first.value - left.first.value;
		piece.count = room < left.count ? room : left.count;
		if (!is_inside || run->code != REFUSAL_TWIN)
			rc = compare_piece(c, known, piece, is_inside ? run : NULL, err);
		left.count -= piece.count;
		if (left.count)
			left.first = number_add(left.first, piece.count);
	}
	return rc;
}
