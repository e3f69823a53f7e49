/* SQLite: a file of our own, with a rollback journal; one writer at a time, and others wait for it. */
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/mem.h"
#include "store/sql/driver_shared.h"

#define STEPS_PER_LOOK \
	10000 /* of SQLite's machine, between two looks for a signal: well under a millisecond */
#define WAIT_MAX_MS 50
#define REAL_TEXT   32

struct sql {
	struct driver_state s;
	sqlite3 *db;
	sqlite3_stmt *open;
	char (*reals)
		[REAL_TEXT]; /* one per column, for numbers that SQLite would write with another precision */
	int64_t wait_ms, wait_until;
};

/* Extended codes first; what is not here is looked up again by its last byte, the primary code. */
static const struct sql_code codes[] = {
	{SQLITE_CONSTRAINT_UNIQUE, NULL, SQL_DUPLICATE, SQL_DUPLICATE},
	{SQLITE_CONSTRAINT_PRIMARYKEY, NULL, SQL_DUPLICATE, SQL_DUPLICATE},
	{SQLITE_CONSTRAINT_ROWID, NULL, SQL_DUPLICATE, SQL_DUPLICATE},
	{SQLITE_CONSTRAINT, NULL, SQL_RULE, SQL_RULE},
	{SQLITE_BUSY, NULL, SQL_ROLLED_BACK, SQL_ROLLED_BACK}, /* BUSY_SNAPSHOT too */
	{SQLITE_LOCKED, NULL, SQL_ROLLED_BACK, SQL_ROLLED_BACK},
	{SQLITE_IOERR, NULL, SQL_STORAGE, SQL_TORN}, /* the journal may have gone already: committed or not */
	{SQLITE_FULL, NULL, SQL_STORAGE, SQL_STORAGE},
	{SQLITE_CORRUPT, NULL, SQL_STORAGE, SQL_STORAGE},
	{SQLITE_NOTADB, NULL, SQL_STORAGE, SQL_STORAGE},
	{SQLITE_ERROR, "no such table", SQL_NO_OBJECT, SQL_NO_OBJECT},
	{SQLITE_ERROR, "no such column", SQL_NO_OBJECT, SQL_NO_OBJECT},
	{SQLITE_ERROR, "has no column named", SQL_NO_OBJECT, SQL_NO_OBJECT},
	{SQLITE_READONLY, NULL, SQL_DENIED, SQL_DENIED},
	{SQLITE_PERM, NULL, SQL_DENIED, SQL_DENIED},
	{SQLITE_AUTH, NULL, SQL_DENIED, SQL_DENIED},
	{SQLITE_CANTOPEN, NULL, SQL_DENIED, SQL_DENIED}, /* once open: the journal cannot be made */
};

/* Failures */

/* What to look at where the file or its disk failed; the error itself names the file. */
static void advise(unsigned code, struct err *err)
{
	static const struct {
		unsigned primary;
		const char *text;
	} advice[] = {
		{SQLITE_IOERR, "look at the disk of this file: the system's log, its room, quotas, the limit of a file's size"},
		{SQLITE_FULL, "make room on the disk of this file"},
		{SQLITE_CORRUPT, "keep a copy of this file; 'PRAGMA integrity_check' in sqlite3 tells what is damaged, and a backup"
				 " is what helps"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(advice); i++)
		if (advice[i].primary == (code & 0xff))
			err_hint(err, "%s", advice[i].text);
}

static int fail_as(struct sql *sql, bool at_commit, struct err *err)
{
	static const struct sql_code rest = {0, NULL, SQL_FATAL, SQL_FATAL};
	unsigned code = (unsigned)sqlite3_extended_errcode(sql->db);
	const char *text = sqlite3_errmsg(sql->db);
	const struct sql_code *c = code_find(codes, ARRAY_SIZE(codes), code, text);
	int rc;

	if (!c)
		c = code_find(codes, ARRAY_SIZE(codes), code & 0xff, text);
	if (!c)
		c = &rest;
	if ((code & 0xff) == SQLITE_INTERRUPT || ((code & 0xff) == SQLITE_BUSY && interrupt_pending()))
		return driver_interrupted(&sql->s, err);
	rc = driver_failed(&sql->s, at_commit ? c->at_commit : c->class, code, text, err);
	advise(code, err);
	return rc;
}

static int fail(struct sql *sql, struct err *err)
{
	return fail_as(sql, false, err);
}

/* Waiting, and signals */

static int on_progress(void *arg)
{
	(void)arg;
	return interrupt_pending();
}

/* SQLite's own handler sleeps through signals. n: how often it was called for this lock. 0: give up. */
static int on_busy(void *arg, int n)
{
	struct sql *sql = arg;
	int64_t now = clock_monotonic_ms();

	if (n == 0)
		sql->wait_until = now + sql->wait_ms;
	if (interrupt_pending() || now >= sql->wait_until)
		return 0;
	clock_sleep_ms(n < WAIT_MAX_MS ? n + 1 : WAIT_MAX_MS);
	return 1;
}

static void lite_set_timeout(struct sql *sql, int seconds)
{
	sql->wait_ms = (int64_t)seconds * 1000;
}

/* Opening */

static int refuse(struct sql *sql, const char *why, struct err *err)
{
	sql->s.class = SQL_FATAL;
	return err_set(err, ERR_TARGET, "cannot open '%s': %s", sql->s.url, why);
}

/* Whether there is a file that can be one; a FIFO or a directory would only fail, or wait for ever, later. */
static int check_file(struct sql *sql, const struct sql_target *target, struct err *err)
{
	struct stat st;

	if (!*target->path)
		return refuse(sql, "it names no file", err);
	if (!stat(target->path, &st)) {
		if (S_ISDIR(st.st_mode))
			return refuse(sql, "it is a directory", err);
		return S_ISREG(st.st_mode) ? 0 : refuse(sql, "it is not a regular file", err);
	}
	if (errno != ENOENT)
		return refuse(sql, strerror(errno), err);
	if (target->create)
		return 0;
	refuse(sql, "it does not exist", err);
	err_hint(err, "make it with 'didctl init'");
	return ERR_TARGET;
}

/* The journal is made beside the database, so that the directory has to be writable too. */
static int check_writable(struct sql *sql, const char *path, struct err *err)
{
	char *copy = xstrdup(path);
	int rc = 0;

	if (sqlite3_db_readonly(sql->db, "main"))
		rc = refuse(sql, "it may not be written to", err);
	else if (access(dirname(copy), W_OK | X_OK))
		rc = refuse(sql, "its directory may not be written to", err);
	if (rc)
		err_hint(err, "commands that only read work; to write, mend the owner or the mode");
	free(copy);
	return rc;
}

static int open_failed(struct sql *sql, int rc, struct err *err)
{
	int system = sql->db ? sqlite3_system_errno(sql->db) : 0;
	bool is_busy = (rc & 0xff) == SQLITE_BUSY;

	if (interrupt_pending())
		return driver_interrupted(&sql->s, err);
	if ((rc & 0xff) == SQLITE_CANTOPEN && system)
		return refuse(sql, strerror(system), err);
	refuse(sql, is_busy ? "another program keeps it locked" : sqlite3_errstr(rc), err);
	if (is_busy)
		sql->s.class = SQL_NEVER_STARTED;
	advise((unsigned)rc, err);
	return ERR_TARGET;
}

/* The first of these that reads the file notices when it is no database. */
static int set_session(struct sql *sql, const struct sql_target *target, struct err *err)
{
	static const char always[] =
		"PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; PRAGMA synchronous = EXTRA;"
		"PRAGMA mmap_size = 0; PRAGMA schema_version";
	const char *more = target->read_only ? "PRAGMA query_only = ON" : "PRAGMA journal_mode = DELETE";
	int rc;

	sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(sql->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(sql->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DQS_DML, 0,
			  NULL); /* "misspelt" is an error, not a string */
	sqlite3_busy_handler(sql->db, on_busy, sql);
	sqlite3_progress_handler(sql->db, STEPS_PER_LOOK, on_progress, NULL);
	lite_set_timeout(sql, target->timeout_s);
	rc = sqlite3_exec(sql->db, always, NULL, NULL, NULL);
	if (!rc && !target->read_only && !target->in_memory && check_writable(sql, target->path, err))
		return ERR_TARGET;
	if (!rc)
		rc = sqlite3_exec(sql->db, more, NULL, NULL, NULL);
	return rc ? open_failed(sql, rc, err) : 0;
}

static void free_stmt(void *stmt)
{
	sqlite3_finalize(stmt);
}

/*
 * A reader opens the file for writing as well, and then gives the right up: only so can it undo what a writer that was
 * killed has left behind. SQLite itself falls back to reading where writing is not allowed.
 */
static int open_file(struct sql *sql, const struct sql_target *target, struct err *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
		    SQLITE_OPEN_EXRESCODE;
	struct buf path = {0};
	int rc = target->in_memory ? 0 : check_file(sql, target, err);

	if (rc)
		return rc;
	/* Debian's SQLite takes "file:..." for a URI, and ":memory:" is no file anywhere. */
	if (*target->path != '/')
		buf_puts(&path, "./");
	buf_puts(&path, target->path);
	if (target->in_memory) {
		buf_reset(&path);
		buf_puts(&path, ":memory:");
	}
	rc = sqlite3_open_v2(buf_str(&path), &sql->db, flags | (target->create ? SQLITE_OPEN_CREATE : 0),
			     NULL);
	rc = rc ? open_failed(sql, rc, err) : set_session(sql, target, err);
	buf_release(&path);
	return rc;
}

static void lite_done(struct sql *sql)
{
	if (!sql || !sql->open)
		return;
	sqlite3_reset(sql->open);
	sqlite3_clear_bindings(sql->open);
	sql->open = NULL;
}

static void lite_close(struct sql *sql)
{
	if (!sql)
		return;
	lite_done(sql);
	driver_state_release(&sql->s);
	sqlite3_close(sql->db); /* rolls back */
	free(sql->reals);
	free(sql);
}

static int lite_open(struct sql **out, const struct sql_target *target, struct err *err)
{
	struct sql *sql = xcalloc(1, sizeof(*sql));
	int rc;

	*out = NULL;
	sql->s.url = target->url;
	sql->s.stmts.free = free_stmt;
	rc = open_file(sql, target, err);
	if (!rc) {
		*out = sql;
		return 0;
	}
	if (target->why)
		*target->why = sql->s.class;
	lite_close(sql);
	return rc;
}

/* Statements */

static int prepare(struct sql *sql, sqlite3_stmt **out, const char *text, struct err *err)
{
	*out = stmt_cache_find(&sql->s.stmts, text);
	if (*out)
		return 0;
	if (sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL))
		return fail(sql, err);
	stmt_cache_add(&sql->s.stmts, text, *out);
	return 0;
}

/* keep: whether the values may go before the statement has ended. */
static int bind_params(struct sql *sql, sqlite3_stmt *stmt, const struct value *params, size_t n, bool keep,
		       struct err *err)
{
	sqlite3_destructor_type how = keep ? SQLITE_TRANSIENT : SQLITE_STATIC;

	if ((size_t)sqlite3_bind_parameter_count(stmt) != n)
		return driver_failed(&sql->s, SQL_FATAL, 0, "the number of parameters differs", err);
	for (size_t i = 0; i < n; i++) {
		const struct value *v = &params[i];
		int rc = v->s ? sqlite3_bind_text64(stmt, (int)i + 1, v->s, v->len, how, SQLITE_UTF8)
			      : sqlite3_bind_null(stmt, (int)i + 1);

		if (rc)
			return fail(sql, err);
	}
	return 0;
}

/* SQLite ends a transaction by itself after some errors; what came next would be committed at once. */
static int start(struct sql *sql, const char *text, const struct value *params, size_t n, bool keep,
		 struct err *err)
{
	sqlite3_stmt *stmt;
	int rc;

	sql->s.is_doomed |= sql->s.in_transaction && sqlite3_get_autocommit(sql->db);
	rc = driver_check(&sql->s, err);
	if (!rc)
		rc = prepare(sql, &stmt, text, err);
	if (rc)
		return rc;
	sql->open = stmt;
	rc = bind_params(sql, stmt, params, n, keep, err);
	if (rc)
		lite_done(sql);
	return rc;
}

static int lite_exec(struct sql *sql, const char *text, const struct value *params, size_t n,
		     uint64_t *affected, struct err *err)
{
	int step, rc = start(sql, text, params, n, false, err);

	if (rc)
		return rc;
	do
		step = sqlite3_step(sql->open);
	while (step == SQLITE_ROW);
	if (step != SQLITE_DONE)
		rc = fail(sql, err);
	else if (
		affected) /* of a statement that changes nothing, SQLite would give the count of the last that did */
		*affected = sqlite3_stmt_readonly(sql->open) ? 0 : (uint64_t)sqlite3_changes64(sql->db);
	lite_done(sql);
	return rc;
}

static int lite_query(struct sql *sql, const char *text, const struct value *params, size_t n,
		      struct err *err)
{
	unsigned columns;
	int rc = start(sql, text, params, n, true, err);

	if (rc)
		return rc;
	columns = (unsigned)sqlite3_column_count(sql->open);
	if (columns > sql->s.row_cap)
		sql->reals = xrealloc(sql->reals, columns, sizeof(*sql->reals));
	driver_set_columns(&sql->s, columns);
	return 0;
}

static struct value cell(struct sql *sql, int i)
{
	sqlite3_stmt *stmt = sql->open;
	struct value v;

	if (sqlite3_column_type(stmt, i) == SQLITE_FLOAT) {
		sqlite3_snprintf(REAL_TEXT, sql->reals[i], "%.15g", sqlite3_column_double(stmt, i));
		return value_str(sql->reals[i]);
	}
	v.s = (const char *)sqlite3_column_text(stmt, i); /* before the length: it may convert */
	v.len = (size_t)sqlite3_column_bytes(stmt, i);
	return v;
}

static int lite_fetch(struct sql *sql, const struct value **row, struct err *err)
{
	int step = sql->open ? sqlite3_step(sql->open) : SQLITE_DONE;
	int rc = 0;

	*row = sql->s.row;
	if (step == SQLITE_ROW && !interrupt_pending()) {
		for (unsigned i = 0; i < sql->s.columns; i++)
			sql->s.row[i] = cell(sql, (int)i);
		return 1;
	}
	if (step == SQLITE_ROW)
		rc = driver_interrupted(&sql->s, err);
	else if (step != SQLITE_DONE)
		rc = fail(sql, err);
	lite_done(sql);
	return rc;
}

/* Transactions */

static int lite_begin(struct sql *sql, bool write, struct err *err)
{
	int rc = lite_exec(sql, write ? "BEGIN IMMEDIATE" : "BEGIN", NULL, 0, NULL, err);

	sql->s.in_transaction = !rc;
	return rc;
}

/* A signal that comes after this check is too late: COMMIT runs to its end, and what counts is its answer. */
static int lite_commit(struct sql *sql, struct err *err)
{
	int rc;

	sql->s.is_doomed |= sqlite3_get_autocommit(sql->db);
	rc = driver_check(&sql->s, err);
	if (rc)
		return rc;
	sqlite3_progress_handler(sql->db, 0, NULL, NULL);
	if (sqlite3_exec(sql->db, "COMMIT", NULL, NULL, NULL))
		rc = fail_as(sql, true, err);
	else
		sql->s.in_transaction = false;
	sqlite3_progress_handler(sql->db, STEPS_PER_LOOK, on_progress, NULL);
	return rc;
}

static void lite_rollback(struct sql *sql)
{
	if (!sql)
		return;
	lite_done(sql);
	if (!sqlite3_get_autocommit(sql->db)) {
		sqlite3_progress_handler(sql->db, 0, NULL, NULL);
		sqlite3_exec(sql->db, "ROLLBACK", NULL, NULL, NULL);
		sqlite3_progress_handler(sql->db, STEPS_PER_LOOK, on_progress, NULL);
	}
	sql->s.in_transaction = sql->s.is_doomed = false;
}

const struct sql_driver sqlite_driver = {
	.name = "sqlite",
	.dialect = &sqlite_dialect,
	.open = lite_open,
	.close = lite_close,
	.set_timeout = lite_set_timeout,
	.begin = lite_begin,
	.commit = lite_commit,
	.rollback = lite_rollback,
	.exec = lite_exec,
	.query = lite_query,
	.fetch = lite_fetch,
	.done = lite_done,
	.error_class = driver_class,
	.columns = driver_columns,
};
