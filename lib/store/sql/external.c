/*
 * Changes made by others. The PBX writes did_numbers without didctl's knowledge; before a change is recorded, the rows
 * that it touches are compared with what the history says they were, and a difference becomes a change of its own,
 * called external: so the history stays a chain, and undo and --at stay true.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/sql/changes.h"
#include "store/sql/history.h"

#define NOTHING_KNOWN UINT32_MAX
#define ROW_GONE (UINT32_MAX - 1)

/* What the history says of a number: a record of which only the fields of mask are known. */
struct known {
	uint32_t record; /* NOTHING_KNOWN, ROW_GONE, or an index of plan->records */
	uint64_t mask;
};

struct comparer {
	struct sql_store *s;
	struct plan *plan;
	struct known block[BLOCK_SIZE];
	struct number start; /* of the block that is loaded; its last three digits are 0; width 0: none */
	size_t next_run;     /* first run that may lie in the block */
	struct drift *drift;
	size_t ndrift, cap;
	uint64_t done, all; /* numbers, for the progress */
};

static void apply_event(struct comparer *c, const struct value *row, struct err *err)
{
	struct number first, last;
	struct json *after = NULL;
	struct record fields = {{0}, false};
	struct known old = {NOTHING_KNOWN, 0}, new = {NOTHING_KNOWN, 0};
	uint64_t mask = 0;

	if (!number_parse_stored(&first, row[0].s, row[0].len, NULL) ||
	    !number_parse_stored(&last, row[1].s, row[1].len, NULL))
		return;
	if (row[2].s && json_parse(&after, row[2].s, row[2].len, err) < 0)
		return;
	if (after)
		record_from_json(&c->plan->records, &fields, &mask, after);
	json_free(after);
	if (row[3].s && *row[3].s == '1') /* the row was made: what is not named is absent */
		mask = STORED_FIELDS;
	for (uint64_t i = first.value - c->start.value; i <= last.value - c->start.value && i < BLOCK_SIZE; i++) {
		struct known *k = &c->block[i];

		if (!row[2].s) {
			*k = (struct known){ROW_GONE, STORED_FIELDS};
			continue;
		}
		if (new.mask == 0 || k->record != old.record || k->mask != old.mask) {
			struct record r = k->record < ROW_GONE ? c->plan->records.at[k->record] : (struct record){{0}, false};

			old = *k;
			for (int f = 0; f < DID_FIELDS; f++)
				if (mask & FIELD_BIT(f))
					r.v[f] = fields.v[f];
			r.has_details = false;
			new = (struct known){recordset_add(&c->plan->records, &r),
					     mask | (k->record < ROW_GONE ? k->mask : 0)};
		}
		*k = new;
	}
}

/* Replays the block's history. */
static int load_block(struct comparer *c, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	char block[BLOCK_TEXT];
	int rc;

	for (size_t i = 0; i < BLOCK_SIZE; i++)
		c->block[i] = (struct known){NOTHING_KNOWN, 0};
	block_of(c->start, block);
	buf_puts(&st.text, "SELECT first, last, `after`, `before` IS NULL FROM didctl_history WHERE block = ? ORDER BY seq");
	statement_param(&st, block);
	rc = sql_open(c->s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(c->s, &row, err)) == 1)
		apply_event(c, row, err);
	c->s->driver->done(c->s->db);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

static void add_drift(struct comparer *c, struct number n, uint32_t recorded, uint32_t found)
{
	struct drift *last = c->ndrift ? &c->drift[c->ndrift - 1] : NULL;

	if (last && last->recorded == recorded && last->found == found && last->first.width == n.width &&
	    last->first.value + last->count == n.value && n.value % BLOCK_SIZE) {
		last->count++;
		return;
	}
	GROW(c->drift, c->ndrift, c->cap);
	c->drift[c->ndrift++] = (struct drift){n, 1, recorded, found};
}

/* The fields that are not known are taken to be as found, so that only what really differs is recorded. */
static void compare(struct comparer *c, struct number n, struct known *k, uint32_t found)
{
	struct record recorded;
	uint64_t differs;

	if (k->record == NOTHING_KNOWN)
		return;
	if (k->record == ROW_GONE || found == RECORD_NONE) {
		if ((k->record == ROW_GONE) != (found == RECORD_NONE))
			add_drift(c, n, k->record == ROW_GONE ? RECORD_NONE : k->record, found);
		return;
	}
	differs = record_diff(&c->plan->records.at[k->record], &c->plan->records.at[found]) & k->mask &
		  ~c->s->missing;
	if (!differs)
		return;
	recorded = c->plan->records.at[found];
	for (int f = 0; f < DID_FIELDS; f++)
		if (differs & FIELD_BIT(f))
			recorded.v[f] = c->plan->records.at[k->record].v[f];
	add_drift(c, n, recordset_add(&c->plan->records, &recorded), found);
}

/* The touched numbers of one block against the runs, both in order. Twins were refused: they have no single row. */
static void compare_block(struct comparer *c, struct interval piece)
{
	for (uint64_t i = 0; i < piece.count; i++) {
		struct number n = number_add(piece.first, i);
		struct known *k = &c->block[n.value % BLOCK_SIZE];
		const struct run *run = NULL;

		while (c->next_run < c->plan->nruns) {
			run = &c->plan->runs[c->next_run];
			if (number_cmp(number_add(run->first, run->count - 1), n) >= 0)
				break;
			c->next_run++;
			run = NULL;
		}
		if (run && number_cmp(run->first, n) <= 0) {
			if (run->code != REFUSAL_TWIN)
				compare(c, n, k, run->before);
		} else {
			compare(c, n, k, RECORD_NONE);
		}
	}
}

static int want_block(struct comparer *c, struct number n, struct err *err)
{
	struct number start = {n.value - n.value % BLOCK_SIZE, n.width};

	if (number_eq(start, c->start))
		return 0;
	c->start = start;
	return load_block(c, err);
}

static int compare_interval(struct comparer *c, struct interval in, struct err *err)
{
	int rc = 0;

	while (rc == 0 && in.count) {
		struct interval piece = {in.first, block_room(in.first, in.count)};

		rc = want_block(c, in.first, err);
		if (rc == 0)
			compare_block(c, piece);
		c->done += piece.count;
		progress_step(c->s->progress, "comparing with the history", c->done, c->all);
		in.count -= piece.count;
		if (in.count)
			in.first = number_add(in.first, piece.count);
	}
	return rc;
}

/* The previous default caller ID: a row outside the selection, a number a run. */
static int compare_extra(struct comparer *c, const struct run *run, struct err *err)
{
	int rc = want_block(c, run->first, err);

	if (rc == 0)
		compare(c, run->first, &c->block[run->first.value % BLOCK_SIZE], run->before);
	return rc;
}

static int record_drift(struct comparer *c, const struct change *change, struct err *err)
{
	struct change external = {.verb = VERB_EXTERNAL, .now_ms = change->now_ms - 1, .actor = "external"};
	struct rangeset numbers = {0};
	uint64_t n = 0;
	int rc = uuid_make(external.id, err);

	external.reason = "changed outside didctl";
	for (size_t i = 0; i < c->ndrift; i++)
		rangeset_add(&numbers, (struct interval){c->drift[i].first, c->drift[i].count});
	rangeset_normalise(&numbers);
	n = rangeset_count(&numbers);
	if (rc == 0)
		rc = change_insert(c->s, &external, NULL, err);
	if (rc == 0)
		rc = history_record_external(c->s, c->plan, external.id, c->drift, c->ndrift, err);
	if (rc == 0)
		rc = change_finish(c->s, external.id, n, NULL, &numbers, err);
	rangeset_release(&numbers);
	if (rc == 0)
		strlist_add(&c->plan->warnings,
			    arena_printf(&c->plan->arena, "%llu number%s had been changed outside didctl: recorded as change %s",
					 (unsigned long long)n, n == 1 ? "" : "s", external.id));
	return rc;
}

int external_record(struct sql_store *s, const struct change *change, struct plan *plan,
		    const struct rangeset *touched, struct err *err)
{
	struct comparer *c = xcalloc(1, sizeof(*c));
	int rc = 0;

	c->s = s;
	c->plan = plan;
	c->all = rangeset_count(touched);
	for (size_t i = 0; rc == 0 && i < touched->n; i++)
		rc = compare_interval(c, touched->at[i], err);
	for (size_t i = 0; rc == 0 && i < plan->nextra; i++)
		rc = compare_extra(c, &plan->extra[i], err);
	if (rc == 0 && c->ndrift)
		rc = record_drift(c, change, err);
	free(c->drift);
	free(c);
	return rc;
}
