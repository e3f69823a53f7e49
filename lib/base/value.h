/* One cell of a row: text that its owner keeps alive until the next row; s == NULL means absent (SQL NULL). */
#ifndef DIDCTL_VALUE_H
#define DIDCTL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct value {
	const char *s;
	size_t len;
};

static inline struct value value_str(const char *s)
{
	return (struct value){s, s ? strlen(s) : 0};
}

/* What a column holds; decides how each output format writes it (cli.md, "What is printed where"). */
enum column_type {
	COL_TEXT,   /* free text: escaped in tables, guarded against spreadsheets in csv */
	COL_NUMBER, /* a telephone number as digits: a string in JSON, never guarded in csv */
	COL_ID,	    /* an identifier or slug: a string everywhere, never guarded */
	COL_COUNT,  /* an integer: a number in JSON, right-aligned in tables */
	COL_PRICE,  /* a decimal with at least two places: a string in JSON, right-aligned in tables */
	COL_BOOL,   /* "0" or "1": false/true in JSON, no/yes elsewhere */
	COL_TIME,   /* RFC 3339 UTC, "2026-11-21T10:00:00Z" */
	COL_DATE,   /* "2026-11-21" */
	COL_LIST,   /* comma-joined: an array of strings in JSON */
	COL_OBJECT, /* JSON text, embedded as it is in JSON, as text elsewhere */
};

/* Absent first; amounts by value, all else by bytes, so that every locale gives one order. Below, at or above 0. */
int value_compare(struct value a, struct value b, enum column_type type);

struct column {
	const char *key;     /* the name in -c, -s, --where, tsv/csv heading, JSON */
	const char *heading; /* what a table shows over it */
	const char *help;    /* one sentence, no full stop */
	enum column_type type;
};

#endif
