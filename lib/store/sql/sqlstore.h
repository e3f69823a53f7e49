/* Inside the SQL store: one store over any struct sql_driver. Only the files of lib/store/sql include this. */
#ifndef DIDCTL_SQLSTORE_H
#define DIDCTL_SQLSTORE_H

#include "base/buf.h"
#include "did/decide.h"
#include "number/terms.h"
#include "store/sql/driver.h"
#include "store/store.h"

#define BLOCK_SIZE 1000 /* numbers that share all but their last three digits: the unit of history rows and guards */
#define BLOCK_TEXT 64
#define SCHEMA_VERSION 4 /* of didctl's tables; schema.c makes them */

/* Where a stored field lives. */
struct sql_column {
	enum did_field field;
	const char *name; /* of the column in did_numbers or didctl_details */
};

extern const struct sql_column base_columns[], detail_columns[]; /* ended by a NULL name */
uint64_t columns_mask(const struct sql_column *columns); /* FIELD_BITs of all of them */
uint64_t stored_fields(void); /* of all that a row stores: did_numbers' and didctl_details' */

struct sql_store {
	struct store store;
	const struct sql_driver *driver;
	struct sql *db;
	struct sql_target target;
	struct sql_hosts hosts;
	const struct conf *conf;
	enum store_access access;
	struct arena arena;
	const struct country *country;
	const char *prefix_column;   /* of organizations, or NULL if it has none */
	uint64_t missing;	     /* FIELD_BITs of did_numbers' columns that are not there */
	uint64_t unfit;		     /* those that would lose what is written; known when opened for writing */
	bool has_numbers, has_orgs, has_users, has_tables; /* has_tables: didctl's own, of our version, or older and only read */
	char number_index[64];	     /* the index of did_numbers that starts with number, or empty */
	long schema_version;	     /* 0: none */
	char number_charset[64], number_collation[64], id_charset[64], id_collation[64];

	struct sql_cursor *cursor; /* of the open query */
	bool has_failed;	   /* the last error came from the driver */
	enum sql_class failure;	   /* and what it allows */
	bool has_raced;		   /* a guarded write found other rows than were read */
	struct progress *progress; /* of the change that is applied, or NULL */
};

/* By the dialect, so that a driver round the driver stays what it wraps. */
static inline bool sql_is_mysql(const struct sql_store *s)
{
	return s->driver->dialect == &mysql_dialect;
}

/* Locations, default names, and what their providers say: an older version of the tables, only read, has none. */
static inline bool sql_has_services(const struct sql_store *s)
{
	return s->has_tables && s->schema_version >= 3;
}

/* Changes in pieces. */
static inline bool sql_has_pieces(const struct sql_store *s)
{
	return s->has_tables && s->schema_version >= 4;
}

/* Whether a number's owner can be joined to its name. */
static inline bool sql_has_owners(const struct sql_store *s)
{
	return s->has_orgs && !(s->missing & FIELD_BIT(DID_ORG_ID));
}

/* Statement text with its parameters. The values' memory belongs to the caller or to the arena. */
struct statement {
	struct buf text;
	struct value *params;
	size_t n, cap;
	struct arena arena;
};

void statement_param(struct statement *st, const char *s);	/* adds a parameter, NULL for SQL NULL; not copied */
void statement_copy(struct statement *st, const char *s, size_t len); /* adds a copy */
/* The parameter of a LIKE ... ESCAPE '|': text is literal, '%' and '_' in it too; before and after may be wildcards. */
void statement_like(struct statement *st, const char *before, const char *text, const char *after);
void statement_reset(struct statement *st);
void statement_release(struct statement *st);

/* sqlstore.c: the driver's calls, remembering whether an error came from there. */
int sql_run(struct sql_store *s, struct statement *st, uint64_t *affected, struct err *err);
int sql_text(struct sql_store *s, const char *text, struct err *err);
int sql_open(struct sql_store *s, struct statement *st, struct err *err);
int sql_fetch(struct sql_store *s, const struct value **row, struct err *err);
/* After the last row that is wanted: ends the query and releases the statement; rc if it is an error, else 0. */
int sql_finish(struct sql_store *s, struct statement *st, int rc);
/* The first row's first column, copied into the arena; *out is NULL when there is no row or it is NULL. */
int sql_scalar(struct sql_store *s, struct statement *st, const char **out, struct arena *arena, struct err *err);
/* The same as a number, 0 for none; releases the statement. */
int sql_count(struct sql_store *s, struct statement *st, uint64_t *out, struct err *err);
int sql_begin(struct sql_store *s, bool write, struct err *err);
int sql_commit(struct sql_store *s, struct err *err);
int sql_reconnect(struct sql_store *s, struct err *err);
int sql_inspect(struct sql_store *s, struct err *err); /* looks which tables and columns there are */
int sql_set_meta(struct sql_store *s, const char *name, const char *value, struct err *err); /* schema.c */
int sql_lacks_tables(const struct sql_store *s, const char *what, struct err *err); /* ERR_TARGET: run didctl init */

/* columns.c: fields to SQL. */
const char *sql_column_name(enum did_field field); /* of the stored field, or NULL */
bool sql_has_column(const struct sql_store *s, enum did_field field); /* of didctl's tables in their version */
void sql_address(struct buf *out, const char *alias); /* a row of didctl_locations in a line */
enum join { JOIN_DETAILS = 1, JOIN_ORGS = 2 };
/* Appends the expression of a field over the aliases n, d and o; returns the joins that it needs. */
unsigned sql_field(const struct sql_store *s, struct buf *out, enum did_field field);
/* FROM and the joins; index, if not NULL, is the one to read by (MySQL). */
void sql_from(struct buf *out, unsigned joins, const char *index);
void sql_quote_name(struct buf *out, const char *name); /* `name` */

/* select.c: which rows. */
/* How many terms from `from` on go into one statement. */
size_t terms_batch(const struct terms *terms, size_t from);
/* Appends "(column IN (...) OR (column BETWEEN ...))" for terms [from, from + n) of alias.number. */
void sql_terms(const struct sql_store *s, struct statement *st, const struct terms *terms, size_t from, size_t n,
	       const char *column);
/* Appends " OR n.id IN (...)" for the ids of a selection, if it has any. */
void sql_ids(struct statement *st, const struct selection *selection);
/* Appends " AND ..." for the filters of a selection; returns the joins that it needs. */
unsigned sql_filters(const struct sql_store *s, struct statement *st, const struct selection *selection);

/* read.c: the rows of a selection as runs with records, sorted by key. */
int read_selection(struct sql_store *s, const struct selection *selection, struct plan *plan, struct err *err);
/*
 * The same for numbers alone, however many and however scattered: intervals near each other, or very many of them, are read
 * with all that lies between, and what was not asked for is passed over.
 */
int read_numbers(struct sql_store *s, const struct rangeset *numbers, struct plan *plan, struct err *err);
/* pick.c: assign --count: numbers to take, without those of exclude. ERR_REFUSED when the pool is too small. */
int read_pick(struct sql_store *s, const struct change *change, const struct rangeset *exclude, struct rangeset *out,
	      struct err *err);

/* The rest of the operations, by file. */
int sql_store_query(struct store *store, const struct query *query, struct err *err);	   /* list.c */
int sql_store_next(struct store *store, const struct value **row, struct err *err);
void sql_store_done(struct store *store);
int sql_store_apply(struct store *store, const struct change *change, struct plan *plan, struct err *err); /* apply.c */
int sql_store_init(struct store *store, const struct init_options *options, struct init_report *report,
		   struct err *err); /* schema.c */
int sql_store_outbox_claim(struct store *store, struct outgoing *out, struct arena *arena, struct err *err); /* outbox.c */
int sql_store_outbox_settle(struct store *store, const struct outgoing *out, enum outgoing_end end, const char *error,
			    struct err *err);
int sql_store_outbox_resend(struct store *store, uint64_t *n, struct err *err);
int sql_store_resolve(struct store *store, const char *change_id, enum outcome *out, struct err *err);
int sql_store_at(struct store *store, const struct selection *selection, const char *time,
		 struct value row[DID_FIELDS], struct arena *arena, struct err *err);
int sql_store_generation(struct store *store, uint64_t *out, struct err *err); /* generation.c */
int sql_store_live(struct store *store, uint64_t *out, struct err *err);
int sql_store_set_live(struct store *store, uint64_t generation, struct err *err);
int sql_store_survey(struct store *store, uint64_t checks, struct finder *finder, struct err *err);   /* survey.c */
int sql_store_verify(struct store *store, uint64_t checks, struct finder *finder, struct progress *progress,
		     struct err *err); /* verify.c */
int sql_store_seal(struct store *store, struct seal_report *report, struct progress *progress, struct err *err); /* seal.c */

#endif
