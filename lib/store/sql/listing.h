/* Inside the SQL store: the listings that are not of numbers. */
#ifndef DIDCTL_LISTING_H
#define DIDCTL_LISTING_H

#include "store/sql/sqlstore.h"

/* objects.c: the SELECT of a listing of organisations, users or changes, in the query's columns. */
int list_statement(struct sql_store *s, const struct query *query, struct statement *st, struct err *err);

/* A listing that is one SELECT: its columns, its FROM and WHERE, its order where no other is asked for. */
struct listing_kind {
	void (*column)(const struct sql_store *s, struct buf *out, int field);
	void (*from)(struct sql_store *s, const struct query *query, struct statement *st);
	const char *order;
};
extern const struct listing_kind port_listings[]; /* ports_list.c: from LIST_PORTS on */

/* events.c: the history of numbers, row by row: a history row of many numbers gives one event a number. */
struct events;
int events_open(struct sql_store *s, const struct query *query, struct events **out, struct err *err);
int events_next(struct sql_store *s, struct events *events, const struct value **row, struct err *err);
void events_close(struct events *events);

/* A price with at least two decimals, whatever the database made of it ("2499" on SQLite). */
struct value price_text(struct value v, char *out, size_t size);

#endif
