/* What only the driver of MariaDB and MySQL meets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "driver.h"
#include "store/sql/mysql_codes.h"
#include "store/sql/mysql_rules.h"

static void test_session(void **state)
{
	struct suite *s = *state;
	const char *mode = ask(s, "SELECT @@sql_mode");

	assert_string_equal(ask(s, "SELECT @@time_zone"), "+00:00");
	assert_string_equal(ask(s, "SELECT @@innodb_lock_wait_timeout"), "9"); /* an answer has 10 s */
	assert_string_equal(ask(s, "SELECT @@character_set_client"), "utf8mb4");
	assert_string_equal(ask(s, "SELECT @@character_set_results"), "utf8mb4");
	assert_string_equal(ask(s, "SELECT @@autocommit"), "1");
	assert_non_null(strstr(mode, "PIPES_AS_CONCAT"));
	assert_non_null(strstr(mode, "STRICT_ALL_TABLES"));
	assert_null(strstr(mode, "ANSI_QUOTES"));
	assert_string_equal(ask(s, "SELECT /*M! @@tx_isolation */ /*!50720 @@transaction_isolation */"),
			    "READ-COMMITTED");
	assert_true(s->driver->exec(s->db, "INSERT INTO driver_t (id, state) VALUES ('1', 'none')", NULL, 0,
				    NULL, &s->err) < 0);
}

static void test_what_is_off(void **state)
{
	struct suite *s = *state;
	char *path = in_dir(s, "infile"), *text;

	write_file(path, "stolen\n", 0600);
	text = arena_printf(&s->arena, "LOAD DATA LOCAL INFILE '%s' INTO TABLE driver_t (id)", path);
	assert_true(s->driver->exec(s->db, text, NULL, 0, NULL, &s->err) < 0);
	assert_string_equal(ask(s, "SELECT COUNT(*) FROM driver_t"), "0");
	assert_fails(s, s->driver->exec(s->db, "SELECT 1; SELECT 2", NULL, 0, NULL, &s->err), SQL_FATAL);
}

static int slow_query(struct suite *s, const char *seconds, size_t n)
{
	const struct value v = value_str(seconds);
	char *text = arena_printf(&s->arena, "SELECT SLEEP(%s)", seconds);
	const struct value *row;
	int rc = s->driver->query(s->db, n ? "SELECT SLEEP(?)" : text, &v, n, &s->err);

	if (!rc)
		rc = s->driver->fetch(s->db, &row, &s->err);
	s->driver->done(s->db);
	return rc;
}

static void test_time_limit_changes(void **state)
{
	struct suite *s = *state;

	for (size_t n = 0; n < 2; n++) {
		int64_t start = clock_monotonic_ms();

		s->driver->set_timeout(s->db, 1);
		assert_fails(s, slow_query(s, "300", n), SQL_LOST);
		assert_int_equal(s->err.code, ERR_TARGET);
		assert_in_range(clock_monotonic_ms() - start, 900, 120000);
		s->driver->rollback(s->db);
		assert_fails(s, s->driver->exec(s->db, "SELECT 1", NULL, 0, NULL, &s->err), SQL_LOST);
		s->driver->close(s->db);
		s->target.timeout_s = 2;
		s->db = connect_again(s);
		s->driver->set_timeout(s->db, 60);
		assert_int_equal(slow_query(s, "2.5", n), 1);
	}
}

static void kill_other(struct suite *s, const char *what, const char *id)
{
	struct sql *other = connect_again(s);

	exec(s, other, arena_printf(&s->arena, "KILL %s %s", what, id));
	s->driver->close(other);
}

/* Until the connection is at its SLEEP: one that has nothing to do forgets that its statement was killed. */
static void await_sleep(struct suite *s, const char *id)
{
	struct sql *other = connect_again(s);
	char *text = arena_printf(&s->arena,
				  "SELECT COUNT(*) FROM information_schema.processlist WHERE id = %s AND info LIKE '%%SLEEP(%%'",
				  id);

	while (strcmp(ask_of(s, other, text, NULL, 0), "1") != 0)
		clock_sleep_ms(10);
	s->driver->close(other);
}

static void test_killed(void **state)
{
	struct suite *s = *state;
	char *id = ask(s, "SELECT CONNECTION_ID()");

	if (!fork()) {
		await_sleep(s, id);
		kill_other(s, "QUERY", id);
		_exit(0);
	}
	assert_fails(s,
		     s->driver->exec(s->db, "UPDATE driver_t, (SELECT SLEEP(300) AS x) t SET name = x", NULL, 0,
				     NULL, &s->err),
		     SQL_STATEMENT);
	wait(NULL);
	assert_int_equal(s->driver->begin(s->db, true, &s->err), 0);
	assert_int_equal(add(s, s->db, "1", "x"), 0);
	kill_other(s, "CONNECTION", id);
	assert_fails(s, s->driver->commit(s->db, &s->err), SQL_LOST);
	assert_int_equal(s->err.code, ERR_TARGET);
	assert_fails(s, s->driver->commit(s->db, &s->err), SQL_ROLLED_BACK);
	s->driver->rollback(s->db);
}

/* Of two processes each says that it is here, and waits until the other one is. */
static void meet(int fd)
{
	char byte = 0;

	assert_int_equal(write(fd, &byte, 1), 1);
	assert_int_equal(read(fd, &byte, 1), 1);
}

/* After 1213 the transaction is gone: nothing that follows may be committed by itself. */
static void test_deadlock(void **state)
{
	struct suite *s = *state;
	pid_t child;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(add(s, s->db, "1", "x"), 0);
	assert_int_equal(add(s, s->db, "2", "x"), 0);
	child = fork();
	if (!child) {
		struct sql *db = connect_again(s);

		s->driver->begin(db, true, &s->err);
		/* the larger transaction of the two, so that the other one is the victim */
		exec(s, db, "INSERT INTO driver_t (id) VALUES ('7'), ('8'), ('9')");
		exec(s, db, "UPDATE driver_t SET name = 'child' WHERE id = '2'");
		meet(ends[1]);
		exec(s, db, "UPDATE driver_t SET name = 'child' WHERE id = '1'");
		_exit(s->driver->commit(db, &s->err) ? 1 : 0);
	}
	assert_int_equal(s->driver->begin(s->db, true, &s->err), 0);
	exec(s, s->db, "UPDATE driver_t SET name = 'parent' WHERE id = '1'");
	meet(ends[0]);
	assert_fails(s,
		     s->driver->exec(s->db, "UPDATE driver_t SET name = 'parent' WHERE id = '2'", NULL, 0,
				     NULL, &s->err),
		     SQL_ROLLED_BACK);
	assert_fails(s, add(s, s->db, "3", "stray"), SQL_ROLLED_BACK);
	assert_fails(s, s->driver->commit(s->db, &s->err), SQL_ROLLED_BACK);
	s->driver->rollback(s->db);
	waitpid(child, NULL, 0);
	close(ends[0]);
	close(ends[1]);
	assert_string_equal(ask(s, "SELECT COUNT(*) FROM driver_t WHERE name IN ('parent', 'stray')"), "0");
	assert_int_equal(add(s, s->db, "3", "x"), 0);
}

/* Three rows, of which asking for the second is an error: prepared or as a text. */
static int open_broken(struct suite *s, size_t n)
{
	static const char text[] = "SELECT CASE WHEN id = %s THEN (SELECT x.id FROM driver_t x WHERE x.id >= t.id) ELSE id END"
				   " FROM driver_t t ORDER BY t.id";
	const struct value second = value_str("2");

	return s->driver->query(s->db, arena_printf(&s->arena, text, n ? "?" : "'2'"), &second, n, &s->err);
}

/* An error that comes instead of a row is told with its code, and where nobody asks for that row it is not lost. */
static void test_error_between_rows(void **state)
{
	struct suite *s = *state;
	const struct value *row;

	for (char id[] = "1"; id[0] <= '3'; id[0]++)
		assert_int_equal(add(s, s->db, id, "x"), 0);
	for (size_t n = 0; n < 2; n++) {
		assert_int_equal(s->driver->begin(s->db, true, &s->err), 0);
		assert_int_equal(open_broken(s, n), 0);
		assert_int_equal(s->driver->fetch(s->db, &row, &s->err), 1);
		assert_fails(s, s->driver->fetch(s->db, &row, &s->err), SQL_FATAL);
		assert_non_null(strstr(s->err.text, "(1242)"));
		s->driver->rollback(s->db);

		assert_int_equal(s->driver->begin(s->db, true, &s->err), 0);
		assert_int_equal(open_broken(s, n), 0);
		assert_int_equal(s->driver->fetch(s->db, &row, &s->err), 1);
		s->driver->done(s->db);
		assert_fails(s, add(s, s->db, "4", "stray"), SQL_ROLLED_BACK);
		s->driver->rollback(s->db);
	}
	assert_string_equal(ask(s, "SELECT COUNT(*) FROM driver_t"), "3");
}

/* Galera rolls back while a statement is prepared, and then tells nobody: what came next was committed by itself. */
static void test_ended_in_silence(void **state)
{
	struct suite *s = *state;

	assert_int_equal(s->driver->begin(s->db, true, &s->err), 0);
	assert_int_equal(add(s, s->db, "1", "x"), 0);
	assert_fails(s, s->driver->exec(s->db, "ROLLBACK", NULL, 0, NULL, &s->err), SQL_ROLLED_BACK);
	assert_fails(s, add(s, s->db, "2", "stray"), SQL_ROLLED_BACK);
	assert_fails(s, s->driver->commit(s->db, &s->err), SQL_ROLLED_BACK);
	s->driver->rollback(s->db);
	assert_string_equal(ask(s, "SELECT COUNT(*) FROM driver_t"), "0");
}

static void test_lock_wait(void **state)
{
	struct suite *s = *state;
	struct sql *other = connect_again(s);

	assert_int_equal(add(s, s->db, "1", "x"), 0);
	assert_int_equal(s->driver->begin(other, true, &s->err), 0);
	exec(s, other, "UPDATE driver_t SET name = 'y'");
	exec(s, s->db, "SET innodb_lock_wait_timeout = 1");
	assert_fails(s, s->driver->exec(s->db, "UPDATE driver_t SET name = 'z'", NULL, 0, NULL, &s->err),
		     SQL_STATEMENT);
	s->driver->close(other);
}

/* An error that comes after the header of the result and some rows. */
static void test_error_among_rows(void **state)
{
	static const char text[] =
		"SELECT id, IF(id = '12', (SELECT id FROM driver_t LIMIT ?), '') FROM driver_t"
		" ORDER BY LENGTH(id), id";
	struct suite *s = *state;
	const struct value two = value_str("2");
	const struct value *row;
	char *plain = arena_strdup(&s->arena, text);
	int rc;

	*strchr(plain, '?') = '2';
	fill(s, 16);
	for (size_t n = 0; n < 2; n++) {
		rc = s->driver->query(s->db, n ? text : plain, &two, n, &s->err);
		while (rc >= 0 && (rc = s->driver->fetch(s->db, &row, &s->err)) == 1)
			;
		assert_fails(s, rc, SQL_FATAL);
		s->driver->done(s->db);
		assert_string_equal(ask(s, "SELECT 1"), "1");
	}
}

static int silent_server(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 5), 0);
	return fd;
}

static void test_refused(void **state)
{
	static const struct sql_host hosts[] = {{"127.0.0.1", 1}, {"127.0.0.2", 1}, {NULL, 0}};
	struct suite *s = *state;
	struct sql_target target = s->target;
	int64_t start;
	int fd;

	target.database = "driver_none";
	assert_refused(s, target, SQL_FATAL, "driver_none");
	assert_non_null(strstr(s->err.hint, "database"));
	target.user = "driver_nobody";
	assert_refused(s, target, SQL_DENIED, "driver_nobody");
	assert_non_null(strstr(s->err.hint, "password-file"));
	target.socket = in_dir(s, "no-socket");
	assert_refused(s, target, SQL_NEVER_STARTED, s->target.url);
	target.socket = NULL;
	target.hosts = hosts;
	assert_refused(s, target, SQL_NEVER_STARTED, "127.0.0.2:1: ");
	start = clock_monotonic_ms();
	target.socket = in_dir(s, "silent");
	target.timeout_s = 1;
	fd = silent_server(target.socket);
	assert_refused(s, target, SQL_NEVER_STARTED, "handshake");
	assert_in_range(clock_monotonic_ms() - start, 900, 60000);
	close(fd);
}

static void test_option_file(void **state)
{
	struct suite *s = *state;
	char *path = in_dir(s, "my.cnf");
	struct sql_target target = s->target;
	struct sql *db;

	target.user = NULL;
	conf_override(s->conf, SET_DEFAULTS_FILE, path, "test");
	unlink(path);
	assert_refused(s, target, SQL_FATAL, path);
	assert_refused(s, target, SQL_FATAL, "No such file");
	write_file(path, "[client]\nuser=driver_option\npassword=driver_secret\n", 0600);
	assert_refused(s, target, SQL_DENIED, "driver_option");
	assert_null(strstr(s->err.text, "driver_secret"));
	chmod(path, 0644);
	assert_refused(s, target, SQL_FATAL, "others may read");
	write_file(path, "[other]\nuser=driver_other\n[didctl]\nuser=driver_own\n", 0644);
	assert_refused(s, target, SQL_DENIED, "driver_own");
	/* What it says about the rest does not count. */
	write_file(path,
		   "[client]\ndefault-character-set=latin1\nread-timeout=77\nlocal-infile=1\nreconnect=1\n"
		   "multi-statements=1\nhost=driver.invalid\nsocket=/nonexistent\nprotocol=tcp\n",
		   0644);
	assert_int_equal(s->driver->open(&db, &s->target, &s->err), 0);
	s->driver->close(s->db);
	s->db = db;
	make_table(s);
	test_what_is_off(state);
	test_session(state);
	conf_override(s->conf, SET_DEFAULTS_FILE, NULL, "test");
}

static void test_rules(void **state)
{
	static const struct {
		const char *host, *tls;
		enum tls want;
	} rules[] = {
		{"127.0.0.1", NULL, TLS_NONE},
		{"127.255.0.9", NULL, TLS_NONE},
		{"::1", NULL, TLS_NONE},
		{"localhost", NULL, TLS_NONE},
		{"db", NULL, TLS_VERIFIED},
		{"128.0.0.1", NULL, TLS_VERIFIED},
		{"localhost.x", NULL, TLS_VERIFIED},
		{"::2", NULL, TLS_VERIFIED},
		{"db", "insecure", TLS_UNVERIFIED},
		{"::1", "verify", TLS_VERIFIED},
		{"db", "verify", TLS_VERIFIED},
	};
	struct suite *s = *state;
	struct sql_target target = {.conf = s->conf};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		conf_override(s->conf, SET_TLS, rules[i].tls, "--test");
		assert_int_equal(tls_wanted(&target, rules[i].host), rules[i].want);
	}
	conf_override(s->conf, SET_TLS, NULL, "--test");
	assert_int_equal(mysql_code_find(1180, "Got error 149 during COMMIT")->at_commit, SQL_ROLLED_BACK);
	assert_int_equal(mysql_code_find(1180, "Got error 28 during COMMIT")->at_commit, SQL_LOST);
	assert_int_equal(mysql_code_find(1047, "")->class, SQL_NODE);
	assert_int_equal(mysql_code_find(1047, "")->at_commit, SQL_LOST);
	assert_int_equal(mysql_code_find(9999, "")->class, SQL_FATAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_session),
		CASE(test_what_is_off),
		CASE(test_time_limit_changes),
		CASE(test_killed),
		CASE(test_deadlock),
		CASE(test_error_between_rows),
		CASE(test_ended_in_silence),
		CASE(test_lock_wait),
		CASE(test_error_among_rows),
		CASE(test_refused),
		CASE(test_option_file),
		CASE(test_rules),
	};

	return run_drivers(ON_MYSQL, tests, ARRAY_SIZE(tests));
}
