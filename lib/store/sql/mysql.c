/* MariaDB and MySQL, through either one's C library: MariaDB's defines LIBMARIADB, the other branch is Oracle's. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mysql.h>
#include <errmsg.h>
#ifdef LIBMARIADB
#include <ma_pvio.h>
#else
#define my_bool bool
#endif

#include "base/interrupt.h"
#include "base/mem.h"
#include "store/sql/mysql_cells.h"
#include "store/sql/mysql_node.h"
#include "store/sql/mysql_rules.h"

#define TIMEOUT_MAX_S	  1000000 /* the library counts milliseconds in an int */
#define NOWHERE		  "/dev/null/none" /* a socket that cannot be there */

struct prepared {
	MYSQL_STMT *stmt;
	MYSQL_BIND *params, *binds; /* one per parameter, one per cell */
	unsigned nparams;
	struct cells cells; /* at least as many as the result has columns */
};

struct sql {
	struct driver_state s;
	MYSQL *mysql;
	MYSQL_RES *result;     /* the open result of a text, or */
	struct prepared *open; /* of a prepared statement; both NULL: none is open */
	bool is_read_only;     /* the server takes no writes */
	char *url;	       /* of the one of several hosts that it is, or NULL */
};

static void *unconst(const void *p)
{
	return (void *)(uintptr_t)p;
}

/* The library may have closed it itself: a signal must not shut down what then got its number. -1: it is closed. */
static int socket_of(const struct sql *sql)
{
#ifdef LIBMARIADB
	return sql->mysql->net.pvio ? (int)mysql_get_socket(sql->mysql) : -1;
#else
	return sql->mysql->net.vio ? (int)sql->mysql->net.fd : -1;
#endif
}

static int fail_class(struct sql *sql, enum sql_class class, unsigned code, const char *text, struct err *err)
{
	int rc = driver_failed(&sql->s, class, code, text, err);

	if (mysql_code_hint(code))
		err_hint(err, "%s", mysql_code_hint(code));
	if (class == SQL_LOST)
		shutdown(socket_of(sql), SHUT_RDWR); /* or the library waits for what it has not read */
	interrupt_watch(socket_of(sql));
	return rc;
}

static int fail_code(struct sql *sql, unsigned code, const char *text, struct err *err)
{
	int rc = fail_class(sql, mysql_code_find(code, text)->class, code, text, err);

	return interrupt_pending() ? driver_interrupted(&sql->s, err) : rc;
}

static int fail(struct sql *sql, struct err *err)
{
	return fail_code(sql, mysql_errno(sql->mysql), mysql_error(sql->mysql), err);
}

/* What the server says in the middle of the rows, MariaDB's library keeps with the connection only. */
static int fail_stmt(struct sql *sql, MYSQL_STMT *stmt, struct err *err)
{
	unsigned code = mysql_stmt_errno(stmt);

	return code ? fail_code(sql, code, mysql_stmt_error(stmt), err) : fail(sql, err);
}

/* While connecting nothing has started, so a lost connection may be tried again; a bad certificate stays bad. */
static int fail_open(struct sql *sql, struct err *err)
{
	unsigned code = mysql_errno(sql->mysql);
	const char *text = mysql_error(sql->mysql);
	enum sql_class class = mysql_code_find(code, text)->class;

	if (class == SQL_LOST)
		class = code == CR_SSL_CONNECTION_ERROR ? SQL_FATAL : SQL_NEVER_STARTED;
	fail_class(sql, SQL_NEVER_STARTED, code, text, err);
	sql->s.class = class;
	return interrupt_pending() ? driver_interrupted(&sql->s, err) : ERR_TARGET;
}

static int refuse_target(struct sql *sql, const char *why, struct err *err)
{
	driver_failed(&sql->s, SQL_NEVER_STARTED, 0, why, err);
	sql->s.class = SQL_FATAL;
	return ERR_TARGET;
}

/*
 * The library reads an option file only while it connects, so that it would override what was set before, and passes over
 * a missing one. So: open it ourselves, let the library read it in a connect that cannot succeed, then set our options.
 */
static int read_option_file(MYSQL *mysql, const char *path, struct err *err)
{
	char fd_path[32];
	bool is_private;
	int fd = option_file_open(path, &is_private, err);
	int rc = 0;

	if (fd < 0)
		return fd;
	snprintf(fd_path, sizeof(fd_path), "/proc/self/fd/%d", fd);
	mysql_options(mysql, MYSQL_READ_DEFAULT_FILE, fd_path);
	mysql_options(mysql, MYSQL_READ_DEFAULT_GROUP, "didctl");
	if (mysql_real_connect(mysql, "localhost", "-", "", NULL, 0, NOWHERE, CLIENT_REMEMBER_OPTIONS)) {
		rc = err_set(err, ERR_TARGET, "the option file '%s' says how to connect", path);
	} else if (mysql->options.password && !is_private) {
		rc = err_set(err, ERR_TARGET, "others may read the password in '%s'", path);
		err_hint(err, "chmod 600 '%s'", path);
	}
	close(fd);
	return rc;
}

static void set_options(MYSQL *mysql, const struct sql_target *target)
{
	unsigned limit = (unsigned)(target->timeout_s < TIMEOUT_MAX_S ? target->timeout_s : TIMEOUT_MAX_S);
	unsigned connecting = hosts_connect_timeout(target), off = 0;
	my_bool no = 0;

	mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connecting);
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

/* Rows that nobody wants may end in an error too, and Galera rolls back while it prepares, and says nothing. */
static void my_done(struct sql *sql)
{
	if (!sql)
		return;
	if (sql->open)
		mysql_stmt_free_result(sql->open->stmt);
	mysql_free_result(sql->result);
	sql->open = NULL;
	sql->result = NULL;
	sql->s.is_doomed |= sql->s.in_transaction &&
			    (mysql_errno(sql->mysql) || !(sql->mysql->server_status & SERVER_STATUS_IN_TRANS));
}

struct asker {
	struct node_asker asker;
	struct sql *sql;
};

static int ask(struct node_asker *asker, const char *text, const char *cells[NODE_CELLS])
{
	struct sql *sql = ((struct asker *)asker)->sql;
	MYSQL_ROW row;

	my_done(sql);
	if (mysql_query(sql->mysql, text) ||
	    (!(sql->result = mysql_store_result(sql->mysql)) && mysql_errno(sql->mysql)))
		return -(int)mysql_errno(sql->mysql);
	row = sql->result ? mysql_fetch_row(sql->result) : NULL;
	for (unsigned i = 0; i < NODE_CELLS; i++)
		cells[i] = row && i < mysql_num_fields(sql->result) ? row[i] : NULL;
	return row != NULL;
}

/* A node that cannot work is told here, before anything has begun. */
static int begin_session(struct sql *sql, const struct sql_target *target, struct err *err)
{
	struct asker a = {.asker = {ask}, .sql = sql};
	struct node node = {.version = mysql_get_server_info(sql->mysql)};
	int rc = node_begin(&node, target, &a.asker);

	my_done(sql);
	sql->is_read_only = node.is_read_only;
	if (rc)
		return fail_open(sql, err);
	if (!node.trouble)
		return 0;
	refuse_target(sql, node.trouble, err);
	sql->s.class = node.is_hopeless ? SQL_FATAL : SQL_NODE;
	return ERR_TARGET;
}

static void wipe(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
}

static void disconnect(struct sql *sql)
{
	interrupt_watch(-1);
	mysql_close(sql->mysql);
	sql->mysql = NULL;
}

static int configure(MYSQL *mysql, const struct sql_target *target, enum tls tls, struct err *err)
{
	const char *option_file = conf_get(target->conf, SET_DEFAULTS_FILE, NULL);
	unsigned protocol = target->socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;

	if (option_file && read_option_file(mysql, option_file, err))
		return ERR_TARGET;
	set_options(mysql, target);
	mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol);
	set_tls(mysql, tls, conf_get(target->conf, SET_CA_FILE, NULL));
	return 0;
}

static int connect_to(struct sql *sql, const struct sql_target *target, const struct sql_host *host, const char *password,
		      struct err *err)
{
	enum tls tls = tls_wanted(target, host->name);
	int rc;

	sql->s.class = SQL_FATAL;
	sql->mysql = lookup_quietly() ? mysql_init(NULL) : NULL;
	rc = sql->mysql ? configure(sql->mysql, target, tls, err) : refuse_target(sql, "no memory", err);
	if (rc)
		goto out;
	/* Without a password of ours: the option file's, else "", so that the environment is not asked. */
	if (!password && !conf_get(target->conf, SET_DEFAULTS_FILE, NULL))
		password = "";
	if (!mysql_real_connect(sql->mysql, host->name, target->user, password, target->database, host->port, target->socket,
				CLIENT_FOUND_ROWS)) {
		rc = fail_open(sql, err);
		goto out;
	}
	wipe(sql->mysql->passwd);
	wipe(sql->mysql->options.password);
	interrupt_watch(socket_of(sql));
	if (tls == TLS_VERIFIED && !mysql_get_ssl_cipher(sql->mysql))
		rc = refuse_target(sql, "the connection is not encrypted", err);
	else
		rc = begin_session(sql, target, err);
out:
	if (rc)
		disconnect(sql);
	return rc;
}

struct opener {
	struct host_opener opener;
	struct sql *sql;
	const struct sql_target *target;
	const char *password;
};

static int open_host(struct host_opener *arg, const struct sql_host *host, struct err *err)
{
	struct opener *o = (struct opener *)arg;
	struct sql *sql = o->sql;
	int rc;

	disconnect(sql);
	if (!o->target->socket && o->target->hosts[1].name) {
		free(sql->url);
		sql->s.url = sql->url = host_url(o->target, host);
	}
	rc = connect_to(sql, o->target, host, o->password, err);
	arg->class = sql->s.class;
	arg->is_read_only = sql->is_read_only;
	return rc;
}

static void prepared_free(void *arg)
{
	struct prepared *p = arg;

	if (p->stmt)
		mysql_stmt_close(p->stmt);
	cells_release(&p->cells);
	free(p->binds);
	free(p->params);
	free(p);
}

static int my_open(struct sql **out, const struct sql_target *target, struct err *err)
{
	struct sql *sql = xcalloc(1, sizeof(*sql));
	struct opener opener = {.opener = {.open = open_host}, .sql = sql, .target = target};
	char *password = NULL;
	int rc;

	*out = NULL;
	sql->s.url = target->url;
	sql->s.stmts.free = prepared_free;
	rc = conf_password(target->conf, &password, err);
	opener.password = password;
	rc = rc ? rc : hosts_open(target, &opener.opener, err);
	secret_free(password);
	if (!rc) {
		*out = sql;
		return 0;
	}
	if (target->why)
		*target->why = sql->s.class;
	free(sql->url);
	free(sql);
	return rc;
}

static void my_set_timeout(struct sql *sql, int seconds)
{
	/* Options set now would count for the next connect only. Oracle's library keeps what it connected with. */
#ifdef LIBMARIADB
	MARIADB_PVIO *pvio = sql->mysql->net.pvio;

	seconds = seconds < TIMEOUT_MAX_S ? seconds : TIMEOUT_MAX_S;
	if (pvio) {
		pvio->methods->set_timeout(pvio, PVIO_READ_TIMEOUT, seconds);
		pvio->methods->set_timeout(pvio, PVIO_WRITE_TIMEOUT, seconds);
	}
#else
	(void)sql, (void)seconds;
#endif
}

static void my_close(struct sql *sql)
{
	if (!sql)
		return;
	/* Otherwise the library would read an open result to its end first. */
	if (sql->open || sql->result)
		shutdown(socket_of(sql), SHUT_RDWR);
	my_done(sql);
	disconnect(sql); /* first: closing a statement then costs no packet */
	driver_state_release(&sql->s);
	free(sql->url);
	free(sql);
}

static int query_text(struct sql *sql, const char *text, struct err *err)
{
	if (mysql_query(sql->mysql, text))
		return fail(sql, err);
	sql->result = mysql_use_result(sql->mysql);
	if (!sql->result && mysql_field_count(sql->mysql))
		return fail(sql, err);
	driver_set_columns(&sql->s, mysql_field_count(sql->mysql));
	return 0;
}

static int fetch_text(struct sql *sql, struct err *err)
{
	MYSQL_ROW row = mysql_fetch_row(sql->result);
	unsigned long *lengths;

	if (!row) {
		int rc = mysql_errno(sql->mysql) ? fail(sql, err) : 0;

		my_done(sql);
		return rc;
	}
	lengths = mysql_fetch_lengths(sql->result);
	for (unsigned i = 0; i < sql->s.columns; i++)
		sql->s.row[i] = (struct value){row[i], lengths[i]};
	return 1;
}

static int prepare(struct sql *sql, struct prepared **out, const char *text, struct err *err)
{
	struct prepared *p = xcalloc(1, sizeof(*p));
	int rc = 0;

	p->stmt = mysql_stmt_init(sql->mysql);
	if (!p->stmt)
		rc = fail(sql, err);
	else if (mysql_stmt_prepare(p->stmt, text, strlen(text)))
		rc = fail_stmt(sql, p->stmt, err);
	if (rc) {
		prepared_free(p);
		return rc;
	}
	p->nparams = (unsigned)mysql_stmt_param_count(p->stmt);
	p->params = xcalloc(p->nparams, sizeof(*p->params));
	stmt_cache_add(&sql->s.stmts, text, p);
	*out = p;
	my_done(sql);
	return driver_check(&sql->s, err);
}

static void bind_params(struct prepared *p, const struct value *params)
{
	for (unsigned i = 0; i < p->nparams; i++) {
		p->params[i] = (MYSQL_BIND){
			.buffer_type = params[i].s ? MYSQL_TYPE_STRING : MYSQL_TYPE_NULL,
			.buffer = unconst(params[i].s), .buffer_length = params[i].len,
		};
	}
}

static_assert(sizeof(my_bool) == sizeof(bool), "the library writes into a cell whether it is NULL");

static void bind_cell(struct prepared *p, unsigned i)
{
	struct cell *cell = &p->cells.at[i];

	p->binds[i] = (MYSQL_BIND){
		.buffer_type = MYSQL_TYPE_STRING,
		.buffer = cell->data,
		.buffer_length = cell->cap - 1,
		.length = &cell->len,
		.is_null = (my_bool *)&cell->is_null,
	};
}

static void make_cells(struct prepared *p, unsigned n)
{
	if (n <= p->cells.n)
		return;
	cells_make(&p->cells, n);
	p->binds = xrealloc(p->binds, n, sizeof(*p->binds));
	for (unsigned i = 0; i < n; i++)
		bind_cell(p, i);
}

static int query_prepared(struct sql *sql, const char *text, const struct value *params, size_t n, struct err *err)
{
	struct prepared *p = stmt_cache_find(&sql->s.stmts, text);
	int rc = p ? 0 : prepare(sql, &p, text, err);

	if (rc)
		return rc;
	if (p->nparams != n)
		return fail_code(sql, CR_INVALID_PARAMETER_NO, "the number of parameters differs", err);
	bind_params(p, params);
	if (mysql_stmt_bind_param(p->stmt, p->params) || mysql_stmt_execute(p->stmt))
		return fail_stmt(sql, p->stmt, err);
	driver_set_columns(&sql->s, mysql_stmt_field_count(p->stmt));
	if (!sql->s.columns)
		return 0;
	make_cells(p, sql->s.columns);
	sql->open = p;
	return mysql_stmt_bind_result(p->stmt, p->binds) ? fail_stmt(sql, p->stmt, err) : 0;
}

/* Fetches again what did not fit, and binds the larger cells for the rows to come. */
static int grow_cells(struct sql *sql, struct prepared *p, struct err *err)
{
	bool has_grown = false;

	for (unsigned i = 0; i < sql->s.columns; i++) {
		if (!cell_grow(&p->cells.at[i]))
			continue;
		bind_cell(p, i);
		if (mysql_stmt_fetch_column(p->stmt, &p->binds[i], i, 0))
			return fail_stmt(sql, p->stmt, err);
		has_grown = true;
	}
	return has_grown && mysql_stmt_bind_result(p->stmt, p->binds) ? fail_stmt(sql, p->stmt, err) : 0;
}

static int fetch_prepared(struct sql *sql, struct prepared *p, struct err *err)
{
	int got = mysql_stmt_fetch(p->stmt);
	int rc = got == 1 ? fail_stmt(sql, p->stmt, err) : got == 0 ? grow_cells(sql, p, err) : 0;

	if (rc || got == MYSQL_NO_DATA) {
		my_done(sql);
		return rc;
	}
	cells_read(&p->cells, sql->s.row, sql->s.columns);
	return 1;
}

static int my_query(struct sql *sql, const char *text, const struct value *params, size_t n, struct err *err)
{
	int rc = driver_check(&sql->s, err);

	return rc ? rc : n ? query_prepared(sql, text, params, n, err) : query_text(sql, text, err);
}

static int my_exec(struct sql *sql, const char *text, const struct value *params, size_t n, uint64_t *affected,
		   struct err *err)
{
	int rc = my_query(sql, text, params, n, err);

	if (rc)
		return rc;
	if (affected)
		*affected = sql->s.columns ? 0 : mysql_affected_rows(sql->mysql);
	my_done(sql);
	return driver_check(&sql->s, err);
}

static int my_fetch(struct sql *sql, const struct value **row, struct err *err)
{
	*row = sql->s.row;
	if (sql->result)
		return fetch_text(sql, err);
	return sql->open ? fetch_prepared(sql, sql->open, err) : 0;
}

static int my_begin(struct sql *sql, bool write, struct err *err)
{
	int rc = my_exec(sql, write ? "START TRANSACTION" : "START TRANSACTION READ ONLY", NULL, 0, NULL, err);

	sql->s.in_transaction = !rc;
	return rc;
}

/* From the moment that COMMIT is sent a signal changes nothing any more: what counts is the answer. */
static int my_commit(struct sql *sql, struct err *err)
{
	int rc = driver_check(&sql->s, err);

	if (!rc && mysql_query(sql->mysql, "COMMIT")) {
		unsigned code = mysql_errno(sql->mysql);
		const char *text = mysql_error(sql->mysql);

		return fail_class(sql, mysql_code_find(code, text)->at_commit, code, text, err);
	}
	sql->s.in_transaction &= rc != 0;
	return rc;
}

static void my_rollback(struct sql *sql)
{
	if (!sql)
		return;
	my_done(sql);
	if (mysql_query(sql->mysql, "ROLLBACK"))
		shutdown(socket_of(sql), SHUT_RDWR); /* refused, it may be open still, and the next BEGIN would commit it */
	interrupt_watch(socket_of(sql));
	sql->s.in_transaction = sql->s.is_doomed = false;
}

const struct sql_driver mysql_driver = {
	.name = "mysql",
	.dialect = &mysql_dialect,
	.open = my_open, .close = my_close,
	.set_timeout = my_set_timeout,
	.begin = my_begin, .commit = my_commit, .rollback = my_rollback,
	.exec = my_exec,
	.query = my_query, .fetch = my_fetch, .done = my_done,
	.error_class = driver_class, .columns = driver_columns,
};
