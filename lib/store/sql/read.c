/* The rows of a selection, read in the order of their stored text, as runs with records. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sql/listing.h"
#include "store/sql/sqlstore.h"

#define READ_COLUMNS 48

/* One pass over a selection's rows. */
struct reader {
	struct sql_store *s;
	const struct selection *selection;
	struct plan *plan;
	struct run run;	      /* being grown */
	bool has_run;
	bool has_asked; /* the first statement, which asks for the ids too, has been sent */
	const char *index; /* to read by (MySQL), or NULL */
	char last[READ_COLUMNS][64]; /* the previous row's short cells: mostly the next row's too */
	size_t last_len[READ_COLUMNS];
	bool last_valid;
	uint32_t last_record;
	size_t nfields;
	enum did_field fields[READ_COLUMNS]; /* of the columns after number */
};

struct value price_text(struct value v, char *out, size_t size)
{
	const char *dot = v.s ? memchr(v.s, '.', v.len) : NULL;
	size_t places = dot ? v.len - (size_t)(dot - v.s) - 1 : 0;

	if (!v.s || places >= 2 || v.len + 4 > size)
		return v;
	snprintf(out, size, "%.*s%s%s", (int)v.len, v.s, dot ? "" : ".", places == 1 ? "0" : "00");
	return value_str(out);
}

/* A false of ours is an absent one: rows without details and rows with locked = 0 are then alike. */
static struct value normalised(enum did_field field, struct value v, char *out, size_t size)
{
	if (field == DID_LOCKED && v.s && strcmp(v.s, "1") != 0)
		return value_str(NULL);
	return did_columns[field].type == COL_PRICE ? price_text(v, out, size) : v;
}

static bool is_last_row(const struct reader *rd, const struct value *row)
{
	if (!rd->last_valid)
		return false;
	for (size_t i = 0; i <= rd->nfields; i++) {
		size_t len = row[i + 1].s ? row[i + 1].len : SIZE_MAX;

		if (len != rd->last_len[i] || (row[i + 1].s && memcmp(row[i + 1].s, rd->last[i], len) != 0))
			return false;
	}
	return true;
}

static void remember_row(struct reader *rd, const struct value *row)
{
	rd->last_valid = true;
	for (size_t i = 0; i <= rd->nfields; i++) {
		rd->last_len[i] = row[i + 1].s ? row[i + 1].len : SIZE_MAX;
		if (!row[i + 1].s)
			continue;
		if (row[i + 1].len > sizeof(rd->last[i]))
			rd->last_valid = false;
		else
			memcpy(rd->last[i], row[i + 1].s, row[i + 1].len);
	}
}

/* row: number, the fields, then the details row's number, which is there when the details are. */
static uint32_t record_of_row(struct reader *rd, const struct value *row)
{
	struct record r = {{0}, false};
	char price[64];

	if (is_last_row(rd, row))
		return rd->last_record;
	for (size_t i = 0; i < rd->nfields; i++) {
		struct value v = normalised(rd->fields[i], row[i + 1], price, sizeof(price));

		r.v[rd->fields[i]] = v.s ? intern(&rd->plan->records.strings, v.s, v.len) : NULL;
	}
	r.has_details = row[rd->nfields + 1].s != NULL;
	rd->last_record = recordset_add(&rd->plan->records, &r);
	remember_row(rd, row);
	return rd->last_record;
}

static void flush_run(struct reader *rd)
{
	if (rd->has_run)
		plan_add_run(rd->plan, &rd->run);
	rd->has_run = false;
}

/* Text that is no number: nothing may be done to it, and it is said. */
static void add_unreadable(struct reader *rd, const struct value *row)
{
	struct run run = {.count = 1, .spelling = SPELLING_LITERAL, .result = RESULT_REFUSED, .code = REFUSAL_RULE};

	flush_run(rd);
	run.literal = arena_strdup(&rd->plan->arena, row[0].s);
	run.before = run.after = record_of_row(rd, row);
	run.reason = "is no telephone number: mend the row first";
	plan_add_run(rd->plan, &run);
}

static void add_row(struct reader *rd, const struct value *row)
{
	const struct selection *sel = rd->selection;
	struct run run = {.count = 1};
	bool by_number_only = sel->numbers.n && !sel->nids;

	if (!number_parse_stored(&run.first, row[0].s, row[0].len, rd->s->country)) {
		if (!by_number_only)
			add_unreadable(rd, row);
		return;
	}
	if (by_number_only && !rangeset_has(&sel->numbers, run.first))
		return;
	if (!selection_match_derived(sel, &run.first, NULL))
		return;
	run.spelling = number_spelling(run.first, rd->s->country, row[0].s, rd->run.spelling);
	run.before = run.after = record_of_row(rd, row);
	if (rd->has_run && run.spelling == rd->run.spelling && run.spelling != SPELLING_LITERAL &&
	    run.before == rd->run.before && run.first.width == rd->run.first.width &&
	    run.first.value == rd->run.first.value + rd->run.count) {
		rd->run.count++;
		return;
	}
	flush_run(rd);
	if (run.spelling == SPELLING_LITERAL)
		run.literal = arena_strdup(&rd->plan->arena, row[0].s);
	rd->run = run;
	rd->has_run = true;
}

static void select_fields(struct reader *rd, struct buf *out)
{
	const struct sql_store *s = rd->s;

	rd->nfields = 0;
	buf_puts(out, "SELECT n.number");
	for (const struct sql_column *c = base_columns; c->name; c++) {
		if (s->missing & FIELD_BIT(c->field))
			continue;
		rd->fields[rd->nfields++] = c->field;
		buf_puts(out, ", ");
		sql_field(s, out, c->field);
	}
	for (const struct sql_column *c = detail_columns; s->has_tables && c->name; c++) {
		if (!sql_has_column(s, c->field))
			continue;
		rd->fields[rd->nfields++] = c->field;
		buf_puts(out, ", d.");
		sql_quote_name(out, c->name);
	}
	buf_puts(out, s->has_tables ? ", d.number" : ", NULL");
}

/*
 * For the sake of the order SQLite reads the whole index, and compares each of a million numbers with the few ranges that are
 * asked for. With a plus the order is none that an index has: it looks the ranges up, and sorts what it finds.
 */
static bool sorts_apart(const struct reader *rd)
{
	return !sql_is_mysql(rd->s) && selection_has_operands(rd->selection);
}

static int read_batch(struct reader *rd, struct terms *terms, size_t from, size_t n, struct err *err)
{
	struct sql_store *s = rd->s;
	struct statement st = {0};
	struct buf where = {0};
	const struct value *row;
	unsigned joins;
	int rc;

	if (selection_has_operands(rd->selection)) {
		buf_putc(&st.text, '(');
		sql_terms(s, &st, terms, from, n, "n.number");
		if (!rd->has_asked)
			sql_ids(&st, rd->selection);
		rd->has_asked = true;
		buf_putc(&st.text, ')');
	} else {
		buf_puts(&st.text, "1 = 1");
	}
	joins = sql_filters(s, &st, rd->selection) | (s->has_tables ? (unsigned)JOIN_DETAILS : 0);
	buf_add(&where, st.text.data, st.text.len);
	buf_reset(&st.text);
	select_fields(rd, &st.text);
	sql_from(&st.text, joins, rd->index);
	buf_printf(&st.text, " WHERE %s ORDER BY %sn.number", where.data, sorts_apart(rd) ? "+" : "");
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		add_row(rd, row);
	s->driver->done(s->db);
	flush_run(rd);
	buf_release(&where);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

/* Some terms, those of the intervals [first, next) of the selection; without operands one statement without any. */
static int read_terms(struct reader *rd, struct terms *terms, size_t first, size_t next, struct err *err)
{
	const size_t all = rd->selection->numbers.n;
	size_t from = 0, n;
	int rc;

	do {
		n = terms_batch(terms, from);
		rc = read_batch(rd, terms, from, n, err);
		from += n;
		progress_step(rd->s->progress, "reading", first * terms->n + (next - first) * from, all * terms->n);
	} while (rc == 0 && from < terms->n);
	return rc;
}

int read_selection(struct sql_store *s, const struct selection *selection, struct plan *plan, struct err *err)
{
	struct reader *rd;
	struct terms terms = {0};
	size_t first, next = 0;
	int rc;

	if (selection_is_all(selection)) /* nothing named is no row here, never every row */
		return 0;
	rd = xcalloc(1, sizeof(*rd));
	rd->s = s;
	rd->selection = selection;
	rd->plan = plan;
	do {
		terms.n = 0;
		first = next;
		next = terms_add_some(&terms, &selection->numbers, first, PIECE_OF_CHANGE, s->country);
		for (size_t i = 0; first == 0 && i < selection->texts.n; i++)
			terms_add_literal(&terms, selection->texts.at[i]);
		rc = read_terms(rd, &terms, first, next, err);
	} while (rc == 0 && next < selection->numbers.n);
	terms_release(&terms);
	free(rd);
	plan_sort(plan);
	return rc;
}

#define SCATTERED 100	   /* intervals that are still read each by itself */
#define NEAR 100000	   /* so near that what lies between may be read as well */

/* Intervals that cover the numbers, joined over gaps; those of one width and billion, where all have the same spellings. */
static void cover(struct rangeset *out, const struct rangeset *numbers, uint64_t gap)
{
	out->n = 0;
	for (size_t i = 0; i < numbers->n; i++) {
		struct interval *last = out->n ? &out->at[out->n - 1] : NULL;
		const struct interval *in = &numbers->at[i];

		if (last && last->first.width == in->first.width &&
		    last->first.value / PIECE_OF_LISTING == in->first.value / PIECE_OF_LISTING &&
		    in->first.value - last->first.value - last->count <= gap)
			last->count = in->first.value + in->count - last->first.value;
		else
			rangeset_add(out, *in);
	}
}

/* A statement a term: SQLite, which has no statistics, would rather scan the table than look many of them up. */
int read_numbers(struct sql_store *s, const struct rangeset *numbers, struct plan *plan, struct err *err)
{
	struct selection selection = {.numbers = *numbers}; /* lent */
	struct reader *rd = xcalloc(1, sizeof(*rd));
	struct terms terms = {0};
	struct rangeset covers = {0};
	size_t next = 0;
	int rc = 0;

	*rd = (struct reader){.s = s, .selection = &selection, .plan = plan};
	if (*s->number_index)
		rd->index = s->number_index;
	cover(&covers, numbers, NEAR);
	if (covers.n > SCATTERED)
		cover(&covers, numbers, PIECE_OF_LISTING);
	while (rc == 0 && next < covers.n) {
		terms.n = 0;
		next = terms_add_some(&terms, &covers, next, PIECE_OF_LISTING, s->country);
		for (size_t i = 0; rc == 0 && i < terms.n; i++)
			rc = read_batch(rd, &terms, i, 1, err);
	}
	terms_release(&terms);
	rangeset_release(&covers);
	free(rd);
	plan_sort(plan);
	return rc;
}
