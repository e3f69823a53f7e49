/*
 * The PBX's three tables and didctl's own as they are in the target, and what didctl needs of the PBX's. Those are another
 * program's: a column may be missing or of another type, and a table a view. Reading copes; writing asks here first;
 * doctor tells.
 */
#ifndef DIDCTL_LAYOUT_H
#define DIDCTL_LAYOUT_H

#include "store/sql/sqlstore.h"

/* Of the PBX, or one of didctl's own. */
struct layout_table {
	const char *name, *engine; /* engine: NULL where the database has one only */
	bool is_view, has_transactions;
};

struct layout_column {
	const char *table, *name;
	const char *type;    /* as the server writes it; on SQLite "enum('a', 'b')" where a CHECK says so */
	const char *charset; /* NULL: it has none */
	bool is_nullable, has_default; /* or the server makes its value itself */
	bool is_unique;		       /* alone: layout_read_keys */
};

/* Zero-initialise. */
struct layout {
	struct layout_table *tables;
	struct layout_column *columns;
	size_t ntables, tables_cap, ncolumns, columns_cap;
	struct arena arena;
};

int layout_read_tables(struct sql_store *s, struct layout *layout, struct err *err);
int layout_read_columns(struct sql_store *s, struct layout *layout, struct err *err);
int layout_read_keys(struct sql_store *s, struct layout *layout, struct err *err); /* after the columns */
bool layout_is_own(const char *table);						   /* one of didctl's */
const struct layout_table *layout_table(const struct layout *layout, const char *name);
const struct layout_column *layout_column(const struct layout *layout, const char *table, const char *name);
void layout_release(struct layout *layout);

enum column_kind { COLUMN_TEXT, COLUMN_WORD, COLUMN_FLAG, COLUMN_PRICE };

/* How much hangs on a column of did_numbers. */
enum column_weight {
	COLUMN_EXTRA, /* a change that does not touch it does not need it */
	COLUMN_GUARD, /* every change compares it, where it is there */
	COLUMN_VITAL, /* no change is understood without it */
};

/* What a column has to be. */
struct column_need {
	const char *table, *name;
	enum column_kind kind;
	unsigned length; /* characters that it has to take; 0: as many as it takes */
	bool is_given;	 /* a new row says it always, so that it needs no default */
	bool is_key;	 /* no two rows may have the same */
	enum column_weight weight;
	const char *type;    /* as the PBX's own schema has it */
	const char *without; /* what falls away where it is not there */
};

extern const struct column_need column_needs[]; /* ended by a NULL table */
extern const char *const pbx_table_names[];	/* ended by NULL */

/* The words that a COLUMN_WORD has to take, one after the other; NULL at the end. */
const char *column_word(const struct column_need *need, size_t i);
/* Whether an "enum('a', ...)" has the word. Any other type has every word. */
bool column_has_word(const struct layout_column *column, const char *word);
/* Calls told for each word of an enum. */
void column_each_word(const struct layout_column *column,
		      void (*told)(void *arg, const char *word, size_t len), void *arg);
/* Why values would be lost in this column, or NULL. */
const char *column_misfit(const struct sql_store *s, const struct column_need *need,
			  const struct layout_column *column);

/*
 * Before a change: ERR_TARGET where a table is a view or keeps no transactions, or a column is missing or retyped that every
 * change relies on, since then no promise holds. Notes in s->unfit the fields whose columns would lose what is written.
 */
int layout_admit(struct sql_store *s, struct err *err);

#endif
