/* What a connection to MariaDB or MySQL must be like, as far as that can be said without the library. */
#ifndef DIDCTL_MYSQL_RULES_H
#define DIDCTL_MYSQL_RULES_H

#include <stdbool.h>

#include "store/sql/driver_shared.h"

/* The codes of both servers and of their libraries. Never NULL: what is not in the table is SQL_FATAL. */
const struct sql_code *mysql_code_find(unsigned code, const char *text);
const char *mysql_code_hint(unsigned code); /* what to do next, or NULL */

enum tls { TLS_NONE, TLS_UNVERIFIED, TLS_VERIFIED };

/* Verified, unless the settings say tls = insecure, or it stays on this machine and they say nothing. */
enum tls tls_wanted(const struct sql_target *target, const char *host);

/*
 * To be called before the library's first function, which asks the name service for a port that nobody wants: a hundred files
 * are looked for then, and where memory is short the C library crashes. From now on it looks into one file; false: no memory.
 */
bool lookup_quietly(void);

/*
 * Opens the option file: a descriptor, or ERR_TARGET if it is not a readable regular file. is_private: nobody but its
 * owner, who is this user or root, may read it.
 */
int option_file_open(const char *path, bool *is_private, struct err *err);

/*
 * The SET statement that every session begins with. timeout_s: how long an answer is waited for. wsrep: with wsrep_sync_wait,
 * which not every build knows.
 */
#define SESSION_TEXT 400
void session_text(char out[SESSION_TEXT], int timeout_s, bool is_mariadb, bool wsrep);

/* For mysql_set_local_infile_handler: a server that asks for a file gets nothing. */
int infile_refuse(void **state, const char *name, void *data);
int infile_read(void *state, char *out, unsigned len);
void infile_end(void *state);
int infile_error(void *state, char *text, unsigned len);

#endif
