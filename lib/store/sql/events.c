/* The history of numbers, an event a number and a change, and the row of a number at a time. */
#include <stdlib.h>
#include <string.h>

#include "store/sql/history.h"
#include "store/sql/listing.h"

/* A history row stands for many numbers: it is given out once for each of those that were asked for. */
struct events {
	const struct query *query;
	struct statement st;
	struct value row[EVENT_FIELDS]; /* of the history row that is being given out, by enum event_field */
	struct number next, last;
	bool has_row;
	char number[NUMBER_TEXT];
	struct value out[EVENT_FIELDS];
};

#define INDEX_RANGES_MAX 200 /* more are slower than reading everything, which is then looked at here */

void history_where(struct statement *st, const struct rangeset *numbers)
{
	char lo[BLOCK_TEXT], hi[BLOCK_TEXT], first[NUMBER_TEXT], last[NUMBER_TEXT];

	if (numbers->n > INDEX_RANGES_MAX) {
		buf_puts(&st->text, " AND h.block NOT LIKE '%:%'");
		return;
	}
	buf_puts(&st->text, " AND (");
	for (size_t i = 0; i < numbers->n; i++) {
		struct interval in = numbers->at[i];

		block_of(in.first, lo);
		block_of(interval_last(&in), hi);
		number_format(in.first, first);
		number_format(interval_last(&in), last);
		buf_printf(&st->text, "%s(h.block BETWEEN ? AND ? AND h.last >= ? AND h.first <= ?)", i ? " OR " : "");
		statement_copy(st, lo, strlen(lo));
		statement_copy(st, hi, strlen(hi));
		statement_copy(st, first, strlen(first));
		statement_copy(st, last, strlen(last));
	}
	buf_puts(&st->text, ")");
}

static void and_time(struct statement *st, const char *op, const char *time)
{
	if (!time)
		return;
	buf_printf(&st->text, " AND c.at %s ?", op);
	statement_param(st, time);
}

static int open_events(struct sql_store *s, struct events *e, struct err *err)
{
	const struct query *q = e->query;
	struct statement *st = &e->st;

	if (!s->has_tables)
		return sql_lacks_tables(s, "the history", err);
	buf_puts(&st->text, "SELECT h.first, c.at, c.actor, c.verb, h.`before`, h.`after`, ");
	buf_puts(&st->text, sql_has_pieces(s) ? "COALESCE(c.part_of, c.id)" : "c.id"); /* pieces go by the name of their change */
	buf_puts(&st->text, ", h.last, h.block FROM didctl_history h JOIN didctl_changes c ON c.id = h.change_id WHERE 1 = 1");
	if (q->selection && q->selection->numbers.n)
		history_where(st, &q->selection->numbers);
	and_time(st, ">=", q->since);
	and_time(st, "<=", q->until);
	if (q->actor) {
		buf_puts(&st->text, " AND c.actor = ?");
		statement_param(st, q->actor);
	}
	if (q->change_id) {
		buf_puts(&st->text, sql_has_pieces(s) ? " AND h.change_id IN (SELECT id FROM didctl_changes WHERE id = ? OR part_of = ?)" :
							" AND h.change_id = ?");
		statement_param(st, q->change_id);
		if (sql_has_pieces(s))
			statement_param(st, q->change_id);
	}
	buf_puts(&st->text, q->newest_first ? " ORDER BY h.seq DESC" : " ORDER BY h.seq");
	return sql_open(s, st, err);
}

int events_open(struct sql_store *s, const struct query *query, struct events **out, struct err *err)
{
	struct events *e = xcalloc(1, sizeof(*e));

	e->query = query;
	*out = e;
	return open_events(s, e, err);
}

/* The row's numbers, or for an organisation or user "org:ID" or "user:ID", given once. */
static void take_row(struct events *e, const struct value *row)
{
	memcpy(e->row, row, sizeof(e->row));
	e->has_row = true;
	e->last.width = 0;
	if (strchr(row[8].s, ':')) {
		e->row[EVENT_NUMBER] = row[8];
		return;
	}
	number_parse_stored(&e->next, row[0].s, row[0].len, NULL);
	number_parse_stored(&e->last, row[7].s, row[7].len, NULL);
}

static bool is_wanted(const struct events *e, struct number n)
{
	const struct selection *sel = e->query->selection;

	return !sel || !sel->numbers.n || rangeset_has(&sel->numbers, n);
}

/* The next number of the row at hand; false when it is used up. */
static bool give(struct events *e)
{
	if (!e->has_row)
		return false;
	if (!e->last.width) {
		e->has_row = false;
		return true;
	}
	while (number_cmp(e->next, e->last) <= 0) {
		struct number n = e->next;

		e->next = number_add(n, 1);
		if (!is_wanted(e, n))
			continue;
		number_format(n, e->number);
		e->row[EVENT_NUMBER] = value_str(e->number);
		return true;
	}
	e->has_row = false;
	return false;
}

int events_next(struct sql_store *s, struct events *e, const struct value **row, struct err *err)
{
	const struct value *fetched;
	int rc;

	while (!give(e)) {
		rc = sql_fetch(s, &fetched, err);
		if (rc != 1)
			return rc;
		take_row(e, fetched);
	}
	for (size_t i = 0; i < e->query->ncolumns; i++)
		e->out[i] = e->row[e->query->columns[i]];
	*row = e->out;
	return 1;
}

void events_close(struct events *e)
{
	if (!e)
		return;
	statement_release(&e->st);
	free(e);
}
