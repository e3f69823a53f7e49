/*
 * The C library of MariaDB or of MySQL: the only file that knows it, and in what the two differ. What an error means, which
 * server is worked with and what is sent to it are the driver's affair (mysql.c).
 *
 * Whatever an option file or the server says: one statement at a time, no file of this machine is sent, the library does
 * not connect again by itself.
 */
#ifndef DIDCTL_LIBMYSQL_H
#define DIDCTL_LIBMYSQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/value.h"

struct libmysql;      /* one connection, and the result that is read from it */
struct libmysql_stmt; /* a statement that it has prepared */

/* Why the last call failed: the server's code or the library's own, and its words, which come from outside. */
struct libmysql_error {
	unsigned code;
	char text[512];
};

enum tls { TLS_NONE, TLS_UNVERIFIED, TLS_VERIFIED };

struct libmysql_server {
	const char *host, *socket; /* socket: NULL to go over TCP */
	unsigned port;
	const char *user, *password, *database; /* NULL: the option file's; without one the login name, and MYSQL_PWD */
	enum tls tls;
	const char *ca_file;  /* whom to trust; NULL: the system's authorities */
	unsigned connect_s;   /* until it is there */
	int answer_s;	      /* for each answer */
};

struct libmysql *libmysql_new(void); /* not connected yet; NULL: no memory */
/* Also from the middle of a result, or NULL. What it has prepared may be freed after it, and then costs no packet. */
void libmysql_free(struct libmysql *my);

/* ---- connecting */

/*
 * Before libmysql_connect, whose options prevail: the groups [client] and [didctl] of an option file that is open. False:
 * what it says made a connection, which is nobody's to make but ours.
 */
bool libmysql_read_options(struct libmysql *my, int fd);
bool libmysql_has_password(const struct libmysql *my); /* from the option file */

/* 0, or -1: libmysql_error says why. No secret stays in memory. */
int libmysql_connect(struct libmysql *my, const struct libmysql_server *server);
const char *libmysql_version(const struct libmysql *my); /* as the server told it */
bool libmysql_is_encrypted(const struct libmysql *my);
/* For each answer from now on. Oracle's library keeps what it connected with. */
void libmysql_set_timeout(struct libmysql *my, int seconds);

/* -1: the library has closed it by itself, and the number may be another file's by now. */
int libmysql_socket(const struct libmysql *my);
/* Nothing comes or goes any more: what is called next fails instead of waiting for what has not been read. */
void libmysql_hang_up(struct libmysql *my);

/* ---- statements: -1: libmysql_error says why */

const struct libmysql_error *libmysql_error(const struct libmysql *my);

/* Runs a text. Its result is not read yet; none is open so far. */
int libmysql_query(struct libmysql *my, const char *text);
/* The same, and reads all of it. 1: cells has n cells of the first row, as text or NULL, until libmysql_done; 0: no row. */
int libmysql_ask(struct libmysql *my, const char *text, const char **cells, unsigned n);

struct libmysql_stmt *libmysql_prepare(struct libmysql *my, const char *text); /* NULL: it failed */
void libmysql_stmt_free(struct libmysql_stmt *stmt);
int libmysql_execute(struct libmysql *my, struct libmysql_stmt *stmt, const struct value *params, size_t n);

unsigned libmysql_columns(const struct libmysql *my);  /* of the last statement; 0: it has no result */
uint64_t libmysql_affected(const struct libmysql *my); /* rows that it found, be they changed or not */

/* 1: a row of libmysql_columns values, each with a NUL after it, until the next call; 0: that was the last one. */
int libmysql_fetch(struct libmysql *my, struct value *row);
/* Ends the result, if one is open. False: what the server said last was an error, as it may after rows that nobody read. */
bool libmysql_done(struct libmysql *my);
bool libmysql_is_in_transaction(const struct libmysql *my); /* as the server said last */

#endif
