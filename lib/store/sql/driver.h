/*
 * The thin interface between the one SQL store and a database library, which mysql.c (over libmysql.c) and sqlite.c implement.
 * All values travel as text; a NULL struct value is SQL NULL.
 */
#ifndef DIDCTL_DRIVER_H
#define DIDCTL_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/value.h"

/* What an error allows (data.md, "Any error"). Filled by the driver after every failed call, from one table. */
enum sql_class {
	SQL_FATAL,	   /* no retry */
	SQL_NEVER_STARTED, /* connecting failed: connect again */
	SQL_ROLLED_BACK,   /* the server has rolled the transaction back: restart it with the same id */
	SQL_STATEMENT,	   /* only the statement failed: ROLLBACK, then restart */
	SQL_NODE,	   /* this node refuses: next host */
	SQL_LOST,	   /* connection lost or timed out: unknown at COMMIT, else connect again and restart */
	SQL_DUPLICATE,	   /* a unique key (1062; SQLITE_CONSTRAINT_UNIQUE or _PRIMARYKEY) */
	SQL_UNFIT,	   /* text that the character set of a column does not have (1267, 1366) */
	SQL_NO_OBJECT,	   /* no such table or column (1146, 1054; "no such table") */
	SQL_RULE,	   /* a rule of the table's own: NOT NULL, a length, CHECK, a foreign key */
	SQL_TOO_LARGE,	   /* more than one transaction may write there; it was rolled back */
	SQL_FULL,	   /* the server's disk (1114, 1021) */
	SQL_DENIED,	   /* no right for it (1044, 1142, 1045 ...; SQLITE_READONLY, SQLITE_PERM) */
	SQL_STORAGE,	   /* the disk or the file itself failed, and nothing was committed (SQLITE_IOERR, _FULL, _CORRUPT) */
	SQL_TORN,	   /* the disk failed while COMMIT ended: the file alone tells, once it is opened again */
};

struct sql; /* one connection */

struct sql_host {
	const char *name; /* or an address, without brackets */
	unsigned port;
};

#define HOSTS_DOUBTED 64 /* so many of them can be */

/* Of a target with several hosts: which one is used, and which were passed over. Filled at each open; the texts are allocated. */
struct sql_hosts {
	char *used;   /* "HOST:PORT"; NULL: there is only one, or none was found */
	char *passed; /* "HOST:PORT: why; HOST:PORT: why", or NULL */
	size_t at;    /* which of the target's hosts is used */
	uint64_t doubted; /* bits by their place: those that let in and then refused; they are tried last */
};

/* Where to connect, parsed from the target URL by store.c. Strings belong to the caller and outlive the connection. */
struct sql_target {
	const char *url;	/* for messages; holds no secret */
	const char *path;	/* sqlite: the file */
	const char *user;	/* mysql; NULL: from the option file, else the login name */
	const struct sql_host *hosts; /* mysql: tried in order, ended by a NULL name; NULL for a socket */
	const char *socket;	/* mysql */
	const char *database;	/* mysql */
	const struct conf *conf; /* password, option file, TLS settings */
	bool create;		/* sqlite: make the file if it is not there (init only) */
	bool read_only;		/* sqlite: open for reading only */
	bool in_memory;		/* sqlite: an empty database without a file */
	int timeout_s;		/* for each answer */
	struct sql_hosts *seen; /* NULL, or is told what became of the hosts */
	enum sql_class *why;	/* NULL, or gets the class of a failed open: SQL_NEVER_STARTED may be tried again */
};

/* What differs between the dialects, as data. */
struct sql_dialect {
	const char *name;	   /* "mysql" or "sqlite" */
	const char *upsert;	   /* " ON DUPLICATE KEY UPDATE " or " ON CONFLICT DO UPDATE SET " */
	const char *length;	   /* "CHAR_LENGTH" or "length" */
	const char *null_safe_eq;  /* "<=>" or "IS" */
};

struct sql_driver {
	const char *name; /* "mysql", "sqlite" */
	const struct sql_dialect *dialect;

	/* Connects and sets the session up. 0, or ERR_TARGET. *out is NULL on failure. */
	int (*open)(struct sql **out, const struct sql_target *target, struct err *err);
	void (*close)(struct sql *sql); /* NULL is allowed, also for rollback and done; an open transaction is rolled back */

	/* Time limit for each answer from now on, in seconds. */
	void (*set_timeout)(struct sql *sql, int seconds);

	/*
	 * Transactions. write: BEGIN IMMEDIATE on SQLite. begin outside, commit and rollback inside one; rollback never
	 * fails and also ends a result that is being read.
	 */
	int (*begin)(struct sql *sql, bool write, struct err *err);
	int (*commit)(struct sql *sql, struct err *err);
	void (*rollback)(struct sql *sql);

	/*
	 * Runs one statement with n parameters ('?'), prepared and kept for the next call with the same text. affected,
	 * if not NULL, gets the rows matched (CLIENT_FOUND_ROWS; SQLite's changes()). No result may be open.
	 */
	int (*exec)(struct sql *sql, const char *text, const struct value *params, size_t n, uint64_t *affected, struct err *err);

	/*
	 * Starts a query whose rows are streamed: sql->fetch gives 1 and a row, 0 at the end, or an error (checked at every
	 * fetch). The values live until the next call. done ends it early. One result at a time on a connection.
	 * Without parameters the text protocol is used: faster, and there is nothing in it that came from outside.
	 */
	int (*query)(struct sql *sql, const char *text, const struct value *params, size_t n, struct err *err);
	int (*fetch)(struct sql *sql, const struct value **row, struct err *err);
	void (*done)(struct sql *sql);

	enum sql_class (*error_class)(const struct sql *sql); /* of the last call that failed */
	unsigned (*columns)(const struct sql *sql);	      /* of the open result */
};

extern const struct sql_dialect mysql_dialect, sqlite_dialect;
extern const struct sql_driver mysql_driver, sqlite_driver;

#endif
