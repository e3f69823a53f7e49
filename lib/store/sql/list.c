/* Listings: a query's columns to a SELECT, its rows back to the columns. */
#include <stdlib.h>
#include <string.h>

#include "store/sql/listing.h"
#include "store/sql/sqlstore.h"

#define CURSOR_COLUMNS 64

/* The open query. Numbers may take several statements, one a batch of terms; their filters on the number run here. */
struct sql_cursor {
	const struct query *query;
	struct statement st;
	struct terms terms;
	size_t next_term, next_interval; /* of the terms, of the selection's numbers that no terms were made of */
	bool is_open, has_batches;
	bool has_asked;	     /* the first statement, which asks for the ids too, has been made */
	bool wants_number;  /* n.number and n.id were added as the last columns, for what is looked at row by row */
	uint64_t rows;
	struct value row[CURSOR_COLUMNS];
	char text[CURSOR_COLUMNS][NUMBER_TEXT]; /* computed cells */
	struct events *events; /* LIST_EVENTS: see events.c */
};

/* Columns that are computed from the stored number when the row has arrived. */
static bool from_number(int field)
{
	return field == DID_E164 || field == DID_NATIONAL || field == DID_AREA_CODE || field == DID_NXX ||
	       field == DID_TOLL_FREE;
}

static unsigned select_columns(struct sql_store *s, struct statement *st, const struct query *q)
{
	unsigned joins = 0;

	for (size_t i = 0; i < q->ncolumns; i++) {
		buf_puts(&st->text, i ? ", " : "SELECT ");
		joins |= sql_field(s, &st->text, from_number(q->columns[i]) ? DID_NUMBER : (enum did_field)q->columns[i]);
	}
	return joins;
}

/* MariaDB and MySQL sort an ENUM by the order of its definition; as a text it sorts as anywhere else. */
static bool is_enumerated(int column)
{
	return column == DID_POOL_STATUS || column == DID_STATUS || column == DID_ENV;
}

/* Equal rows are in the order of their numbers, so that a limited listing is the same each time. */
static unsigned order_by(struct sql_store *s, struct buf *out, const struct query *q)
{
	bool has_number = false;
	unsigned joins = 0;

	for (size_t i = 0; i < q->nsort; i++) {
		buf_puts(out, i ? ", " : " ORDER BY ");
		joins |= sql_field(s, out, (enum did_field)q->sort[i].column);
		if (is_enumerated(q->sort[i].column))
			buf_puts(out, " || ''");
		buf_puts(out, q->sort[i].is_descending ? " DESC" : "");
		has_number |= q->sort[i].column == DID_NUMBER;
	}
	if (q->nsort && !has_number)
		buf_puts(out, ", n.number");
	return joins;
}

static bool has_row_filters(const struct selection *selection)
{
	if (selection->npatterns)
		return true;
	for (size_t i = 0; i < selection->nfilters; i++)
		if (filter_is_derived(&selection->filters[i]))
			return true;
	return false;
}

static void next_terms(struct sql_store *s, struct sql_cursor *c)
{
	c->terms.n = c->next_term = 0;
	c->next_interval = terms_add_some(&c->terms, &c->query->selection->numbers, c->next_interval, PIECE_OF_LISTING,
					  s->country);
}

static bool has_more_terms(const struct sql_cursor *c)
{
	return c->next_term < c->terms.n || c->next_interval < c->query->selection->numbers.n;
}

/* Operands unite: numbers or ids (patterns are looked at row by row, so with one there is no narrowing here). */
static void where_operands(struct sql_store *s, struct statement *st, const struct selection *selection,
			   struct sql_cursor *c)
{
	size_t n;

	if (c->next_term == c->terms.n)
		next_terms(s, c);
	n = terms_batch(&c->terms, c->next_term);
	buf_puts(&st->text, " WHERE ");
	if (!selection_has_operands(selection) || selection->npatterns) {
		buf_puts(&st->text, "1 = 1");
		return;
	}
	buf_putc(&st->text, '(');
	sql_terms(s, st, &c->terms, c->next_term, n, "n.number");
	if (!c->has_asked)
		sql_ids(st, selection);
	c->has_asked = true;
	buf_putc(&st->text, ')');
	c->next_term += n;
}

/* Rows with more columns than this are read in the order of the index faster than they are sorted (measured). */
#define SORTED_COLUMNS_MAX 6

static bool reads_by_index(const struct sql_store *s, const struct query *q)
{
	return q->nsort == 1 && q->sort[0].column == DID_NUMBER && q->ncolumns > SORTED_COLUMNS_MAX &&
	       s->number_index[0] && selection_is_all(q->selection);
}

/* The statement for the next batch. Joins are known only when all parts are written, so the parts are put together last. */
static int open_numbers(struct sql_store *s, struct sql_cursor *c, struct err *err)
{
	const struct query *q = c->query;
	struct buf where = {0}, order = {0};
	struct statement *st = &c->st;
	unsigned joins;
	int rc;

	statement_reset(st);
	where_operands(s, st, q->selection, c);
	joins = sql_filters(s, st, q->selection) | order_by(s, &order, q);
	buf_add(&where, st->text.data, st->text.len);
	buf_reset(&st->text);
	joins |= select_columns(s, st, q);
	if (c->wants_number)
		buf_puts(&st->text, ", n.number, n.id");
	sql_from(&st->text, joins, reads_by_index(s, q) ? s->number_index : NULL);
	buf_add(&st->text, where.data, where.len);
	buf_add(&st->text, buf_str(&order), order.len);
	if (q->limit && !c->wants_number && !c->has_batches)
		buf_printf(&st->text, " LIMIT %llu", (unsigned long long)q->limit);
	buf_release(&where);
	buf_release(&order);
	rc = sql_open(s, st, err);
	c->is_open = rc == 0;
	return rc;
}

static int start_numbers(struct sql_store *s, struct sql_cursor *c, struct err *err)
{
	const struct query *q = c->query;

	c->wants_number = has_row_filters(q->selection);
	next_terms(s, c);
	c->has_batches = (terms_batch(&c->terms, 0) < c->terms.n || c->next_interval < q->selection->numbers.n) &&
			 !q->selection->npatterns;
	if (c->has_batches && q->nsort && (q->nsort > 1 || q->sort[0].column != DID_NUMBER || q->sort[0].is_descending)) {
		err_set(err, ERR_USAGE, "so many separate numbers can be listed in the order of their numbers only");
		err_hint(err, "leave --sort out, or name ranges");
		return ERR_USAGE;
	}
	return open_numbers(s, c, err);
}

static struct value part_of_number(struct sql_store *s, int field, struct number n, char out[NUMBER_TEXT])
{
	switch (field) {
	case DID_E164:
		number_format(n, out);
		return value_str(out);
	case DID_NATIONAL:
		number_national(n, s->country, out);
		return value_str(out);
	case DID_AREA_CODE:
		return value_str(number_area_code(n, out) ? out : NULL);
	case DID_NXX:
		return value_str(number_nxx(n, out) ? out : NULL);
	default:
		return value_str(number_is_toll_free(n) ? "1" : "0");
	}
}

/* Whatever a row's value needs before it is shown: parts of the number, and prices with two places. */
static void finish_row(struct sql_store *s, struct sql_cursor *c, const struct value *row)
{
	const struct query *q = c->query;
	struct number n;

	memcpy(c->row, row, q->ncolumns * sizeof(*row));
	for (size_t i = 0; i < q->ncolumns; i++) {
		int field = q->columns[i];

		if (from_number(field))
			c->row[i] = row[i].s && number_parse_stored(&n, row[i].s, row[i].len, s->country) ?
					    part_of_number(s, field, n, c->text[i]) :
					    value_str(NULL);
		else if (did_columns[field].type == COL_PRICE)
			c->row[i] = price_text(row[i], c->text[i], sizeof(c->text[i]));
	}
}

static bool passes(struct sql_store *s, struct sql_cursor *c, const struct value *row)
{
	struct value stored;
	struct number n;
	bool readable;

	if (!c->wants_number)
		return true;
	stored = row[c->query->ncolumns];
	readable = stored.s && number_parse_stored(&n, stored.s, stored.len, s->country);
	return selection_match_derived(c->query->selection, readable ? &n : NULL, row[c->query->ncolumns + 1].s);
}

static int next_numbers(struct sql_store *s, struct sql_cursor *c, const struct value **out, struct err *err)
{
	const struct value *row;
	int rc;

	for (;;) {
		rc = sql_fetch(s, &row, err);
		if (rc < 0)
			return rc;
		if (rc == 1) {
			if (!passes(s, c, row))
				continue;
			finish_row(s, c, row);
			*out = c->row;
			return 1;
		}
		s->driver->done(s->db);
		c->is_open = false;
		if (!c->has_batches || !has_more_terms(c))
			return 0;
		rc = open_numbers(s, c, err);
		if (rc < 0)
			return rc;
	}
}

int sql_store_query(struct store *store, const struct query *query, struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	struct sql_cursor *c = xcalloc(1, sizeof(*c));
	int rc;

	s->cursor = c;
	c->query = query;
	if (query->listing == LIST_NUMBERS) {
		rc = start_numbers(s, c, err);
	} else if (query->listing == LIST_EVENTS) {
		rc = events_open(s, query, &c->events, err);
	} else {
		rc = list_statement(s, query, &c->st, err);
		if (rc == 0)
			rc = sql_open(s, &c->st, err);
		c->is_open = rc == 0;
	}
	if (rc < 0)
		sql_store_done(store);
	return rc;
}

int sql_store_next(struct store *store, const struct value **row, struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	struct sql_cursor *c = s->cursor;
	int rc;

	if (c->query->limit && c->rows >= c->query->limit)
		return 0;
	if (c->query->listing == LIST_NUMBERS)
		rc = next_numbers(s, c, row, err);
	else if (c->events)
		rc = events_next(s, c->events, row, err);
	else
		rc = sql_fetch(s, row, err);
	c->rows += rc == 1;
	return rc;
}

void sql_store_done(struct store *store)
{
	struct sql_store *s = (struct sql_store *)store;
	struct sql_cursor *c = s->cursor;

	if (!c)
		return;
	if (c->is_open)
		s->driver->done(s->db);
	if (c->events)
		s->driver->done(s->db);
	events_close(c->events);
	terms_release(&c->terms);
	statement_release(&c->st);
	free(c);
	s->cursor = NULL;
}
