/* MariaDB's library defines LIBMARIADB; the other branch is Oracle's. */
#include "store/sql/libmysql.h"

#include <assert.h>
#include <bsd/string.h>
#ifdef __GLIBC__
#include <nss.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <mysql.h>
#include <errmsg.h>
#ifdef LIBMARIADB
#include <ma_pvio.h>
#else
#define my_bool bool
#endif

#include "base/mem.h"
#include "store/sql/mysql_cells.h"

#define TIMEOUT_MAX_S 1000000 /* the library counts milliseconds in an int */
#define NOWHERE	      "/dev/null/none" /* a socket that cannot be there */

struct libmysql_stmt {
	MYSQL_STMT *stmt;
	MYSQL_BIND *params, *binds; /* one per parameter, one per cell */
	unsigned nparams;
	struct cells cells; /* at least as many as the result has columns */
};

struct libmysql {
	MYSQL *mysql;
	MYSQL_RES *result;	    /* the open result of a text, or */
	struct libmysql_stmt *open; /* of a prepared statement; both NULL: none is open */
	unsigned columns;
	struct libmysql_error error;
};

static void *unconst(const void *p)
{
	return (void *)(uintptr_t)p;
}

/* ---- failures; always -1 */

static int fail_as(struct libmysql *my, unsigned code, const char *text)
{
	my->error.code = code;
	strlcpy(my->error.text, text, sizeof(my->error.text));
	return -1;
}

static int fail(struct libmysql *my)
{
	return fail_as(my, mysql_errno(my->mysql), mysql_error(my->mysql));
}

/* What the server says in the middle of the rows, MariaDB's library keeps with the connection only. */
static int fail_stmt(struct libmysql *my, MYSQL_STMT *stmt)
{
	unsigned code = mysql_stmt_errno(stmt);

	return code ? fail_as(my, code, mysql_stmt_error(stmt)) : fail(my);
}

const struct libmysql_error *libmysql_error(const struct libmysql *my)
{
	return &my->error;
}

/* ---- the connection */

/*
 * The library's first function asks the name service for a port that nobody wants: a hundred files are looked for then, and
 * where memory is short the C library crashes. From here on it looks into one file; false: no memory.
 */
static bool lookup_quietly(void)
{
#ifdef __GLIBC__
	return __nss_configure_lookup("services", "files") == 0;
#else
	return true;
#endif
}

struct libmysql *libmysql_new(void)
{
	MYSQL *mysql = lookup_quietly() ? mysql_init(NULL) : NULL;
	struct libmysql *my;

	if (!mysql)
		return NULL;
	my = xcalloc(1, sizeof(*my));
	my->mysql = mysql;
	return my;
}

void libmysql_free(struct libmysql *my)
{
	if (!my)
		return;
	if (my->open || my->result)
		libmysql_hang_up(my); /* or the library would read it to its end first */
	libmysql_done(my);
	mysql_close(my->mysql);
	free(my);
}

int libmysql_socket(const struct libmysql *my)
{
#ifdef LIBMARIADB
	return my->mysql->net.pvio ? (int)mysql_get_socket(my->mysql) : -1;
#else
	return my->mysql->net.vio ? (int)my->mysql->net.fd : -1;
#endif
}

void libmysql_hang_up(struct libmysql *my)
{
	shutdown(libmysql_socket(my), SHUT_RDWR);
}

/*
 * The library reads an option file only while it connects, so that it would override what was set before, and passes over
 * a missing one. So: let it read the open file in a connect that cannot succeed, and set our options after that.
 */
bool libmysql_read_options(struct libmysql *my, int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	mysql_options(my->mysql, MYSQL_READ_DEFAULT_FILE, path);
	mysql_options(my->mysql, MYSQL_READ_DEFAULT_GROUP, "didctl");
	return !mysql_real_connect(my->mysql, "localhost", "-", "", NULL, 0, NOWHERE, CLIENT_REMEMBER_OPTIONS);
}

bool libmysql_has_password(const struct libmysql *my)
{
	return my->mysql->options.password;
}

/* For mysql_set_local_infile_handler: a server that asks for a file gets nothing. */

static int infile_refuse(void **state, const char *name, void *data)
{
	(void)name, (void)data;
	*state = NULL;
	return 1;
}

static int infile_read(void *state, char *out, unsigned len)
{
	(void)state, (void)out, (void)len;
	return -1;
}

static void infile_end(void *state)
{
	(void)state;
}

static int infile_error(void *state, char *text, unsigned len)
{
	(void)state;
	if (len)
		*text = '\0';
	return 1;
}

static void set_options(MYSQL *mysql, const struct libmysql_server *server)
{
	unsigned limit = (unsigned)(server->answer_s < TIMEOUT_MAX_S ? server->answer_s : TIMEOUT_MAX_S);
	unsigned protocol = server->socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP, off = 0;
	my_bool no = 0;

	mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &server->connect_s);
	mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &limit);
	mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &limit);
	mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &off);
	mysql_set_local_infile_handler(mysql, infile_refuse, infile_read, infile_end, infile_error, NULL);
	/* Cells are measured here; asking for truncation as an error makes MariaDB's library refuse to give the rest. */
	mysql_options(mysql, MYSQL_REPORT_DATA_TRUNCATION, &no);
#ifdef LIBMARIADB
	mysql_options(mysql, MYSQL_OPT_RECONNECT, &no); /* Oracle's never does */
#endif
	mysql->options.client_flag &= ~(unsigned long)(CLIENT_MULTI_STATEMENTS | CLIENT_LOCAL_FILES);
	mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol);
}

/* Verifying makes MariaDB's library refuse clear text too; its MYSQL_OPT_SSL_ENFORCE alone is content with it. */
static void set_tls(MYSQL *mysql, enum tls tls, const char *ca_file)
{
#ifdef LIBMARIADB
	my_bool on = tls != TLS_NONE, verify = tls == TLS_VERIFIED;

	mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &on);
	mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
#else
	static const unsigned modes[] = {SSL_MODE_DISABLED, SSL_MODE_PREFERRED, SSL_MODE_VERIFY_IDENTITY};

	mysql_options(mysql, MYSQL_OPT_SSL_MODE, &modes[tls]);
	if (!ca_file)
		mysql_options(mysql, MYSQL_OPT_SSL_CAPATH, "/etc/ssl/certs");
#endif
	if (ca_file)
		mysql_options(mysql, MYSQL_OPT_SSL_CA, ca_file);
}

static void wipe(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
}

int libmysql_connect(struct libmysql *my, const struct libmysql_server *server)
{
	MYSQL *mysql = my->mysql;

	set_options(mysql, server);
	set_tls(mysql, server->tls, server->ca_file);
	if (!mysql_real_connect(mysql, server->host, server->user, server->password, server->database, server->port,
				server->socket, CLIENT_FOUND_ROWS))
		return fail(my);
	wipe(mysql->passwd);
	wipe(mysql->options.password);
	return 0;
}

const char *libmysql_version(const struct libmysql *my)
{
	return mysql_get_server_info(my->mysql);
}

bool libmysql_is_encrypted(const struct libmysql *my)
{
	return mysql_get_ssl_cipher(my->mysql);
}

void libmysql_set_timeout(struct libmysql *my, int seconds)
{
	/* Options set now would count for the next connect only. */
#ifdef LIBMARIADB
	MARIADB_PVIO *pvio = my->mysql->net.pvio;

	seconds = seconds < TIMEOUT_MAX_S ? seconds : TIMEOUT_MAX_S;
	if (pvio) {
		pvio->methods->set_timeout(pvio, PVIO_READ_TIMEOUT, seconds);
		pvio->methods->set_timeout(pvio, PVIO_WRITE_TIMEOUT, seconds);
	}
#else
	(void)my, (void)seconds;
#endif
}

bool libmysql_is_in_transaction(const struct libmysql *my)
{
	return my->mysql->server_status & SERVER_STATUS_IN_TRANS;
}

/* ---- a statement as text */

int libmysql_query(struct libmysql *my, const char *text)
{
	if (mysql_query(my->mysql, text))
		return fail(my);
	my->columns = mysql_field_count(my->mysql);
	my->result = mysql_use_result(my->mysql);
	return my->result || !my->columns ? 0 : fail(my);
}

int libmysql_ask(struct libmysql *my, const char *text, const char **cells, unsigned n)
{
	MYSQL_ROW row;

	if (mysql_query(my->mysql, text) ||
	    (!(my->result = mysql_store_result(my->mysql)) && mysql_errno(my->mysql)))
		return fail(my);
	my->columns = mysql_field_count(my->mysql);
	row = my->result ? mysql_fetch_row(my->result) : NULL;
	for (unsigned i = 0; i < n; i++)
		cells[i] = row && i < my->columns ? row[i] : NULL;
	return row != NULL;
}

static int fetch_text(struct libmysql *my, struct value *row)
{
	MYSQL_ROW cells = mysql_fetch_row(my->result);
	unsigned long *lengths;

	if (!cells)
		return mysql_errno(my->mysql) ? fail(my) : 0;
	lengths = mysql_fetch_lengths(my->result);
	for (unsigned i = 0; i < my->columns; i++)
		row[i] = (struct value){cells[i], lengths[i]};
	return 1;
}

/* ---- a prepared statement */

void libmysql_stmt_free(struct libmysql_stmt *stmt)
{
	if (stmt->stmt)
		mysql_stmt_close(stmt->stmt);
	cells_release(&stmt->cells);
	free(stmt->binds);
	free(stmt->params);
	free(stmt);
}

struct libmysql_stmt *libmysql_prepare(struct libmysql *my, const char *text)
{
	struct libmysql_stmt *stmt = xcalloc(1, sizeof(*stmt));
	int rc = 0;

	stmt->stmt = mysql_stmt_init(my->mysql);
	if (!stmt->stmt)
		rc = fail(my);
	else if (mysql_stmt_prepare(stmt->stmt, text, strlen(text)))
		rc = fail_stmt(my, stmt->stmt);
	if (rc) {
		libmysql_stmt_free(stmt);
		return NULL;
	}
	stmt->nparams = (unsigned)mysql_stmt_param_count(stmt->stmt);
	stmt->params = xcalloc(stmt->nparams, sizeof(*stmt->params));
	return stmt;
}

static void bind_params(struct libmysql_stmt *stmt, const struct value *params)
{
	for (unsigned i = 0; i < stmt->nparams; i++) {
		stmt->params[i] = (MYSQL_BIND){
			.buffer_type = params[i].s ? MYSQL_TYPE_STRING : MYSQL_TYPE_NULL,
			.buffer = unconst(params[i].s), .buffer_length = params[i].len,
		};
	}
}

static_assert(sizeof(my_bool) == sizeof(bool), "the library writes into a cell whether it is NULL");

static void bind_cell(struct libmysql_stmt *stmt, unsigned i)
{
	struct cell *cell = &stmt->cells.at[i];

	stmt->binds[i] = (MYSQL_BIND){
		.buffer_type = MYSQL_TYPE_STRING,
		.buffer = cell->data,
		.buffer_length = cell->cap - 1,
		.length = &cell->len,
		.is_null = (my_bool *)&cell->is_null,
	};
}

static void make_cells(struct libmysql_stmt *stmt, unsigned n)
{
	if (n <= stmt->cells.n)
		return;
	cells_make(&stmt->cells, n);
	stmt->binds = xrealloc(stmt->binds, n, sizeof(*stmt->binds));
	for (unsigned i = 0; i < n; i++)
		bind_cell(stmt, i);
}

int libmysql_execute(struct libmysql *my, struct libmysql_stmt *stmt, const struct value *params, size_t n)
{
	if (stmt->nparams != n)
		return fail_as(my, CR_INVALID_PARAMETER_NO, "the number of parameters differs");
	bind_params(stmt, params);
	if (mysql_stmt_bind_param(stmt->stmt, stmt->params) || mysql_stmt_execute(stmt->stmt))
		return fail_stmt(my, stmt->stmt);
	my->columns = mysql_stmt_field_count(stmt->stmt);
	if (!my->columns)
		return 0;
	make_cells(stmt, my->columns);
	my->open = stmt;
	return mysql_stmt_bind_result(stmt->stmt, stmt->binds) ? fail_stmt(my, stmt->stmt) : 0;
}

/* Fetches again what did not fit, and binds the larger cells for the rows to come. */
static int grow_cells(struct libmysql *my, struct libmysql_stmt *stmt)
{
	bool has_grown = false;

	for (unsigned i = 0; i < my->columns; i++) {
		if (!cell_grow(&stmt->cells.at[i]))
			continue;
		bind_cell(stmt, i);
		if (mysql_stmt_fetch_column(stmt->stmt, &stmt->binds[i], i, 0))
			return fail_stmt(my, stmt->stmt);
		has_grown = true;
	}
	return has_grown && mysql_stmt_bind_result(stmt->stmt, stmt->binds) ? fail_stmt(my, stmt->stmt) : 0;
}

static int fetch_prepared(struct libmysql *my, struct libmysql_stmt *stmt, struct value *row)
{
	int got = mysql_stmt_fetch(stmt->stmt);

	if (got == MYSQL_NO_DATA)
		return 0;
	if (got == 1)
		return fail_stmt(my, stmt->stmt);
	if (grow_cells(my, stmt) < 0)
		return -1;
	cells_read(&stmt->cells, row, my->columns);
	return 1;
}

/* ---- the result of either */

unsigned libmysql_columns(const struct libmysql *my)
{
	return my->columns;
}

uint64_t libmysql_affected(const struct libmysql *my)
{
	return mysql_affected_rows(my->mysql);
}

int libmysql_fetch(struct libmysql *my, struct value *row)
{
	if (my->result)
		return fetch_text(my, row);
	return my->open ? fetch_prepared(my, my->open, row) : 0;
}

bool libmysql_done(struct libmysql *my)
{
	if (my->open)
		mysql_stmt_free_result(my->open->stmt);
	mysql_free_result(my->result);
	my->open = NULL;
	my->result = NULL;
	return !mysql_errno(my->mysql);
}
