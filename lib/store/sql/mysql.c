/* MariaDB and MySQL: what is sent, what their errors mean, and which of several hosts is used. The library is in libmysql.c. */
#include <stdlib.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/mem.h"
#include "store/sql/mysql_codes.h"
#include "store/sql/mysql_hosts.h"
#include "store/sql/mysql_node.h"
#include "store/sql/mysql_rules.h"

#define TLS_FAILED 2026 /* the library's; of a connection that was open: it is lost */

struct sql {
	struct driver_state s;
	struct libmysql *my;
	bool is_read_only; /* the server takes no writes */
	char *url;	   /* of the one of several hosts that it is, or NULL */
};

/* ---- failures */

static int fail_class(struct sql *sql, enum sql_class class, const struct libmysql_error *why, struct err *err)
{
	int rc = driver_failed(&sql->s, class, why->code, why->text, err);

	if (mysql_code_hint(why->code))
		err_hint(err, "%s", mysql_code_hint(why->code));
	if (class == SQL_LOST)
		libmysql_hang_up(sql->my);
	interrupt_watch(libmysql_socket(sql->my));
	return rc;
}

static int fail(struct sql *sql, struct err *err)
{
	const struct libmysql_error *why = libmysql_error(sql->my);
	int rc = fail_class(sql, mysql_code_find(why->code, why->text)->class, why, err);

	return interrupt_pending() ? driver_interrupted(&sql->s, err) : rc;
}

/* While connecting nothing has started, so a lost connection may be tried again; a bad certificate stays bad. */
static int fail_open(struct sql *sql, struct err *err)
{
	const struct libmysql_error *why = libmysql_error(sql->my);
	enum sql_class class = mysql_code_find(why->code, why->text)->class;

	if (class == SQL_LOST)
		class = why->code == TLS_FAILED ? SQL_FATAL : SQL_NEVER_STARTED;
	fail_class(sql, SQL_NEVER_STARTED, why, err);
	sql->s.class = class;
	return interrupt_pending() ? driver_interrupted(&sql->s, err) : ERR_TARGET;
}

static int refuse_target(struct sql *sql, enum sql_class class, const char *why, struct err *err)
{
	driver_failed(&sql->s, SQL_NEVER_STARTED, 0, why, err);
	sql->s.class = class;
	return ERR_TARGET;
}

/* ---- connecting */

/* Rows that nobody wants may end in an error too, and Galera rolls back while it prepares, and says nothing. */
static void my_done(struct sql *sql)
{
	bool is_well;

	if (!sql)
		return;
	is_well = libmysql_done(sql->my) && libmysql_is_in_transaction(sql->my);
	sql->s.is_doomed |= sql->s.in_transaction && !is_well;
}

struct asker {
	struct node_asker asker;
	struct sql *sql;
};

static int ask(struct node_asker *asker, const char *text, const char *cells[NODE_CELLS])
{
	struct sql *sql = ((struct asker *)asker)->sql;
	int rc;

	my_done(sql);
	rc = libmysql_ask(sql->my, text, cells, NODE_CELLS);
	return rc < 0 ? -(int)libmysql_error(sql->my)->code : rc;
}

/* A node that cannot work is told here, before anything has begun. */
static int begin_session(struct sql *sql, const struct sql_target *target, struct err *err)
{
	struct asker a = {.asker = {ask}, .sql = sql};
	struct node node = {.version = libmysql_version(sql->my)};
	int rc = node_begin(&node, target, &a.asker);

	my_done(sql);
	sql->is_read_only = node.is_read_only;
	if (rc)
		return fail_open(sql, err);
	return node.trouble ? refuse_target(sql, node.is_hopeless ? SQL_FATAL : SQL_NODE, node.trouble, err) : 0;
}

static void disconnect(struct sql *sql)
{
	interrupt_watch(-1);
	libmysql_free(sql->my);
	sql->my = NULL;
}

static int read_option_file(struct libmysql *my, const char *path, struct err *err)
{
	bool is_private;
	int fd = option_file_open(path, &is_private, err);
	int rc = 0;

	if (fd < 0)
		return fd;
	if (!libmysql_read_options(my, fd)) {
		rc = err_set(err, ERR_TARGET, "the option file '%s' says how to connect", path);
	} else if (libmysql_has_password(my) && !is_private) {
		rc = err_set(err, ERR_TARGET, "others may read the password in '%s'", path);
		err_hint(err, "chmod 600 '%s'", path);
	}
	close(fd);
	return rc;
}

/* Encrypted, if it has to be: the library is not trusted with that alone. */
static int connect_to(struct sql *sql, const struct sql_target *target, const struct libmysql_server *server,
		      struct err *err)
{
	if (libmysql_connect(sql->my, server) < 0)
		return fail_open(sql, err);
	interrupt_watch(libmysql_socket(sql->my));
	if (server->tls == TLS_VERIFIED && !libmysql_is_encrypted(sql->my))
		return refuse_target(sql, SQL_FATAL, "the connection is not encrypted", err);
	return begin_session(sql, target, err);
}

static int try_host(struct sql *sql, const struct sql_target *target, const struct sql_host *host, const char *password,
		    struct err *err)
{
	const char *option_file = conf_get(target->conf, SET_DEFAULTS_FILE, NULL);
	struct libmysql_server server = {
		.host = host->name, .port = host->port, .socket = target->socket,
		.user = target->user, .database = target->database,
		/* Without a password of ours: the option file's, else "", so that the environment is not asked. */
		.password = password || option_file ? password : "",
		.tls = tls_wanted(target, host->name), .ca_file = conf_get(target->conf, SET_CA_FILE, NULL),
		.connect_s = hosts_connect_timeout(target), .answer_s = target->timeout_s,
	};

	sql->s.class = SQL_FATAL;
	sql->my = libmysql_new();
	if (!sql->my)
		return refuse_target(sql, SQL_FATAL, "no memory", err);
	if (option_file && read_option_file(sql->my, option_file, err) < 0)
		return ERR_TARGET;
	return connect_to(sql, target, &server, err);
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
	rc = try_host(sql, o->target, host, o->password, err);
	if (rc)
		disconnect(sql);
	arg->class = sql->s.class;
	arg->is_read_only = sql->is_read_only;
	return rc;
}

static void free_stmt(void *stmt)
{
	libmysql_stmt_free(stmt);
}

static int my_open(struct sql **out, const struct sql_target *target, struct err *err)
{
	struct sql *sql = xcalloc(1, sizeof(*sql));
	struct opener opener = {.opener = {.open = open_host}, .sql = sql, .target = target};
	char *password = NULL;
	int rc;

	*out = NULL;
	sql->s.url = target->url;
	sql->s.stmts.free = free_stmt;
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
	libmysql_set_timeout(sql->my, seconds);
}

static void my_close(struct sql *sql)
{
	if (!sql)
		return;
	disconnect(sql); /* first: closing a statement then costs no packet */
	driver_state_release(&sql->s);
	free(sql->url);
	free(sql);
}

/* ---- statements */

static int prepare(struct sql *sql, struct libmysql_stmt **out, const char *text, struct err *err)
{
	*out = libmysql_prepare(sql->my, text);
	if (!*out)
		return fail(sql, err);
	stmt_cache_add(&sql->s.stmts, text, *out);
	my_done(sql);
	return driver_check(&sql->s, err);
}

static int query_prepared(struct sql *sql, const char *text, const struct value *params, size_t n, struct err *err)
{
	struct libmysql_stmt *stmt = stmt_cache_find(&sql->s.stmts, text);
	int rc = stmt ? 0 : prepare(sql, &stmt, text, err);

	if (rc)
		return rc;
	return libmysql_execute(sql->my, stmt, params, n) < 0 ? fail(sql, err) : 0;
}

static int query_text(struct sql *sql, const char *text, struct err *err)
{
	return libmysql_query(sql->my, text) < 0 ? fail(sql, err) : 0;
}

static int my_query(struct sql *sql, const char *text, const struct value *params, size_t n, struct err *err)
{
	int rc = driver_check(&sql->s, err);

	if (!rc)
		rc = n ? query_prepared(sql, text, params, n, err) : query_text(sql, text, err);
	if (!rc)
		driver_set_columns(&sql->s, libmysql_columns(sql->my));
	return rc;
}

static int my_exec(struct sql *sql, const char *text, const struct value *params, size_t n, uint64_t *affected,
		   struct err *err)
{
	int rc = my_query(sql, text, params, n, err);

	if (rc)
		return rc;
	if (affected)
		*affected = sql->s.columns ? 0 : libmysql_affected(sql->my);
	my_done(sql);
	return driver_check(&sql->s, err);
}

static int my_fetch(struct sql *sql, const struct value **row, struct err *err)
{
	int got = libmysql_fetch(sql->my, sql->s.row);
	int rc = got < 0 ? fail(sql, err) : got;

	*row = sql->s.row;
	if (got != 1)
		my_done(sql);
	return rc;
}

/* ---- transactions */

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

	if (!rc && libmysql_query(sql->my, "COMMIT") < 0) {
		const struct libmysql_error *why = libmysql_error(sql->my);

		return fail_class(sql, mysql_code_find(why->code, why->text)->at_commit, why, err);
	}
	sql->s.in_transaction &= rc != 0;
	return rc;
}

static void my_rollback(struct sql *sql)
{
	if (!sql)
		return;
	my_done(sql);
	if (libmysql_query(sql->my, "ROLLBACK") < 0)
		libmysql_hang_up(sql->my); /* refused, it may be open still, and the next BEGIN would commit it */
	interrupt_watch(libmysql_socket(sql->my));
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
