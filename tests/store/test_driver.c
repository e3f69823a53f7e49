/*
 * The two drivers: one suite, run over both, and then what only one of them can do. DIDCTL_TEST_MYSQL names a database
 * that may be filled, such as mysql://root@/didctl_test?socket=/tmp/x/s; without it only SQLite is tested, loudly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <signal.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "store/sql/mysql_rules.h"
#include "store/sql/target.h"

struct suite {
	const struct sql_driver *driver;
	struct sql_target target;
	struct arena arena;
	struct conf *conf;
	char dir[64], path[128], url[256];
	struct sql *db;
	struct err err;
};

static char *in_dir(struct suite *s, const char *name)
{
	return arena_printf(&s->arena, "%s/%s", s->dir, name);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, mode);
}

static void exec(struct suite *s, struct sql *db, const char *text)
{
	if (s->driver->exec(db, text, NULL, 0, NULL, &s->err))
		fail_msg("%s: %s", text, s->err.text);
}

static struct sql *connect_again(struct suite *s)
{
	struct sql *db;

	if (s->driver->open(&db, &s->target, &s->err))
		fail_msg("%s", s->err.text);
	return db;
}

/* The only cell of a query's only row, "(null)" or "(none)". */
static char *ask_of(struct suite *s, struct sql *db, const char *text, const struct value *params, size_t n)
{
	const struct value *row;
	char *cell;
	int rc;

	if (s->driver->query(db, text, params, n, &s->err))
		fail_msg("%s: %s", text, s->err.text);
	rc = s->driver->fetch(db, &row, &s->err);
	assert_true(rc >= 0);
	cell = arena_strdup(&s->arena, !rc ? "(none)" : row[0].s ? row[0].s : "(null)");
	if (rc)
		assert_int_equal(s->driver->fetch(db, &row, &s->err), 0);
	s->driver->done(db);
	return cell;
}

static char *ask(struct suite *s, const char *text)
{
	return ask_of(s, s->db, text, NULL, 0);
}

static int add(struct suite *s, struct sql *db, const char *id, const char *name)
{
	const struct value params[] = {value_str(id), value_str(name)};

	return s->driver->exec(db, "INSERT INTO driver_t (id, name) VALUES (?, ?)", params, 2, NULL, &s->err);
}

static void assert_fails(struct suite *s, int rc, enum sql_class class)
{
	assert_true(rc < 0);
	assert_int_equal(rc, s->err.code);
	assert_int_equal(s->driver->error_class(s->db), class);
	assert_non_null(strstr(s->err.text, s->target.url));
	assert_null(strchr(s->err.text, '\n'));
}

static void make_table(struct suite *s)
{
	bool is_mysql = s->driver == &mysql_driver;
	char text[512];

	snprintf(text, sizeof(text),
		 "CREATE TABLE driver_t (id VARCHAR(64) NOT NULL PRIMARY KEY, name VARCHAR(255), state %s,"
		 " price DECIMAL(10,2), flag BOOLEAN, at DATETIME, weight DOUBLE, big %s)%s",
		 is_mysql ? "ENUM('available', 'assigned')" : "VARCHAR(20)", is_mysql ? "LONGTEXT" : "TEXT",
		 is_mysql ? " ENGINE=InnoDB CHARACTER SET utf8mb4" : "");
	exec(s, s->db, "DROP TABLE IF EXISTS driver_t");
	exec(s, s->db, text);
}

static int set_up(void **state)
{
	struct suite *s = *state;

	s->target.create = true;
	s->target.timeout_s = 10;
	s->db = connect_again(s);
	s->target.create = false;
	make_table(s);
	return 0;
}

static int tear_down(void **state)
{
	struct suite *s = *state;

	s->driver->close(s->db);
	arena_release(&s->arena);
	return 0;
}

/* Over both */

static void check_row(struct suite *s, const char *text, const struct value *params, size_t n)
{
	bool is_mysql = s->driver == &mysql_driver;
	const char *const want[] = {
		"a\tb", NULL, "assigned", is_mysql ? "12.50" : "12.5", "1", "2026-11-21 10:00:00", "0.1", ""};
	const struct value *row;

	assert_int_equal(s->driver->query(s->db, text, params, n, &s->err), 0);
	assert_int_equal(s->driver->columns(s->db), ARRAY_SIZE(want));
	assert_int_equal(s->driver->fetch(s->db, &row, &s->err), 1);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		if (!want[i]) {
			assert_null(row[i].s);
			continue;
		}
		assert_non_null(row[i].s);
		assert_string_equal(row[i].s, want[i]);
		assert_int_equal(row[i].len, strlen(want[i]));
	}
	assert_int_equal(s->driver->fetch(s->db, &row, &s->err), 0);
}

static void test_values_are_text(void **state)
{
	struct suite *s = *state;
	const struct value params[] = {value_str("a\tb"),  value_str(NULL), value_str("assigned"),
				       value_str("12.50"), value_str("1"),  value_str("2026-11-21 10:00:00"),
				       value_str("0.1"),   value_str("")};
	uint64_t affected = 0;

	assert_int_equal(s->driver->exec(s->db, "INSERT INTO driver_t VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
					 params, 8, &affected, &s->err),
			 0);
	assert_int_equal(affected, 1);
	check_row(s, "SELECT * FROM driver_t", NULL, 0);
	check_row(s, "SELECT * FROM driver_t WHERE id = ?", params, 1);
}

static void test_parameters_are_never_sql(void **state)
{
	static const char *const hostile[] = {"' OR 1=1 --", "\\' OR 1=1 #",	      "%_",
					      "\"",	     "; DROP TABLE driver_t", "?"};
	struct suite *s = *state;
	struct value v;

	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		v = value_str(hostile[i]);
		assert_int_equal(add(s, s->db, hostile[i], hostile[i]), 0);
		assert_string_equal(ask_of(s, s->db, "SELECT COUNT(*) FROM driver_t WHERE name = ?", &v, 1),
				    "1");
		assert_string_equal(ask_of(s, s->db, "SELECT name FROM driver_t WHERE id = ?", &v, 1),
				    hostile[i]);
	}
}

static void test_matched_rows_are_counted(void **state)
{
	struct suite *s = *state;
	uint64_t affected = 0;

	assert_int_equal(add(s, s->db, "1", "x"), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(s->driver->exec(s->db, "UPDATE driver_t SET name = 'y'", NULL, 0, &affected,
						 &s->err),
				 0);
		assert_int_equal(affected, 1);
	}
	assert_int_equal(s->driver->exec(s->db, "DELETE FROM driver_t WHERE id = '2'", NULL, 0, &affected,
					 &s->err),
			 0);
	assert_int_equal(affected, 0);
}

/* Small, large, larger and small again, in the first row and in later ones, beside a column that fits. */
static void test_large_cells(void **state)
{
	static const size_t sizes[] = {300, 255, 256, 257, 70000, 1, 1000000, 0};
	struct suite *s = *state;
	const struct value *row;
	char *text = calloc(1, 1000001);
	char id[2] = "0";
	struct value params[] = {{id, 1}, {text, 0}, {text, 0}};

	memset(text, 'x', 1000000);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++, id[0]++) {
		params[1].len = sizes[i] < 255 ? sizes[i] : 255;
		params[2].len = sizes[i];
		assert_int_equal(s->driver->exec(s->db,
						 "INSERT INTO driver_t (id, name, big) VALUES (?, ?, ?)",
						 params, 3, NULL, &s->err),
				 0);
	}
	for (size_t n = 0; n < 2; n++) {
		const char *query = n ? "SELECT name, big, id, big FROM driver_t WHERE id <> ? ORDER BY id"
				      : "SELECT name, big, id, big FROM driver_t ORDER BY id";

		assert_int_equal(s->driver->query(s->db, query, &(struct value){"", 0}, n, &s->err), 0);
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			assert_int_equal(s->driver->fetch(s->db, &row, &s->err), 1);
			assert_int_equal(row[0].len, sizes[i] < 255 ? sizes[i] : 255);
			assert_int_equal(row[1].len, sizes[i]);
			assert_memory_equal(row[1].s, text, sizes[i]);
			assert_int_equal(row[2].s[0], '0' + (int)i);
			assert_int_equal(row[3].len, sizes[i]);
			assert_int_equal(strlen(row[3].s), sizes[i]);
		}
		assert_int_equal(s->driver->fetch(s->db, &row, &s->err), 0);
	}
	free(text);
}

static void test_transactions(void **state)
{
	struct suite *s = *state;
	struct sql *other = connect_again(s);

	assert_int_equal(s->driver->begin(s->db, true, &s->err), 0);
	assert_int_equal(add(s, s->db, "1", "x"), 0);
	s->driver->rollback(s->db);
	assert_string_equal(ask(s, "SELECT COUNT(*) FROM driver_t"), "0");
	assert_int_equal(s->driver->begin(s->db, true, &s->err), 0);
	assert_int_equal(add(s, s->db, "1", "x"), 0);
	assert_string_equal(ask_of(s, other, "SELECT COUNT(*) FROM driver_t", NULL, 0), "0");
	assert_int_equal(s->driver->commit(s->db, &s->err), 0);
	assert_string_equal(ask_of(s, other, "SELECT COUNT(*) FROM driver_t", NULL, 0), "1");
	s->driver->rollback(s->db); /* outside a transaction: nothing */

	assert_int_equal(s->driver->begin(other, true, &s->err), 0);
	assert_int_equal(add(s, other, "2", "x"), 0);
	s->driver->close(other);
	assert_int_equal(add(s, s->db, "2", "y"), 0); /* waits until the server has noticed */
	s->driver->close(NULL);
	s->driver->rollback(NULL);
	s->driver->done(NULL);
}

static void test_classes(void **state)
{
	static const struct {
		const char *text;
		enum sql_class class;
	} wrong[] = {
		{"INSERT INTO driver_t (id) VALUES ('1')", SQL_DUPLICATE},
		{"SELECT * FROM driver_none", SQL_NO_OBJECT},
		{"SELECT none FROM driver_t", SQL_NO_OBJECT},
		{"INSERT INTO driver_t (none) VALUES (1)", SQL_NO_OBJECT},
		{"INSERT INTO driver_t (id) VALUES (NULL)", SQL_RULE},
		{"nonsense\x1b[31m\n", SQL_FATAL},
	};
	struct suite *s = *state;
	const struct value one = value_str("1");

	assert_int_equal(add(s, s->db, "1", "x"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_fails(s, s->driver->exec(s->db, wrong[i].text, NULL, 0, NULL, &s->err),
			     wrong[i].class);
		assert_null(strchr(s->err.text, '\x1b'));
		assert_int_equal(s->err.code, wrong[i].class == SQL_NO_OBJECT || wrong[i].class == SQL_RULE ?
						      ERR_TARGET : ERR_FAILED);
	}
	assert_fails(s, s->driver->query(s->db, "SELECT none FROM driver_t WHERE id = ?", &one, 1, &s->err),
		     SQL_NO_OBJECT);
	assert_fails(s, s->driver->query(s->db, "SELECT ?, ?", &one, 1, &s->err), SQL_FATAL);
	assert_fails(s, add(s, s->db, "1", "y"), SQL_DUPLICATE);
	assert_string_equal(ask(s, "SELECT name FROM driver_t"), "x");
}

static void fill(struct suite *s, int n)
{
	exec(s, s->db, "INSERT INTO driver_t (id) VALUES ('0')");
	for (int have = 1; have < n; have *= 2) {
		char text[128];

		snprintf(text, sizeof(text), "INSERT INTO driver_t (id) SELECT %d + id FROM driver_t", have);
		exec(s, s->db, text);
	}
}

static void test_many_rows(void **state)
{
	struct suite *s = *state;
	const struct value none = value_str("none");
	const struct value *row;

	fill(s, 16384);
	for (size_t n = 0; n < 2; n++) {
		const char *query = n ? "SELECT id FROM driver_t WHERE id <> ?" : "SELECT id FROM driver_t";
		int count = 0, rc;

		assert_int_equal(s->driver->query(s->db, query, &none, n, &s->err), 0);
		while ((rc = s->driver->fetch(s->db, &row, &s->err)) == 1)
			count++;
		assert_int_equal(rc, 0);
		assert_int_equal(count, 16384);

		/* An end that comes early, by done and by rollback. */
		assert_int_equal(s->driver->query(s->db, query, &none, n, &s->err), 0);
		assert_int_equal(s->driver->fetch(s->db, &row, &s->err), 1);
		s->driver->done(s->db);
		assert_int_equal(s->driver->fetch(s->db, &row, &s->err), 0);
		assert_int_equal(s->driver->begin(s->db, true, &s->err), 0);
		exec(s, s->db, "DELETE FROM driver_t WHERE id = '1'");
		assert_int_equal(s->driver->query(s->db, query, &none, n, &s->err), 0);
		assert_int_equal(s->driver->fetch(s->db, &row, &s->err), 1);
		s->driver->rollback(s->db);
		assert_string_equal(ask(s, "SELECT COUNT(*) FROM driver_t"), "16384");
	}
	assert_int_equal(s->driver->query(s->db, "SELECT id FROM driver_t", NULL, 0, &s->err), 0);
	assert_int_equal(s->driver->fetch(s->db, &row, &s->err), 1); /* left open for close */
}

static void test_statements_come_and_go(void **state)
{
	struct suite *s = *state;
	const struct value one = value_str("1");
	char text[64], want[16];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 3 * STMT_CACHE_SIZE; i++) {
			snprintf(text, sizeof(text), "SELECT %d FROM (SELECT 1 AS x) t WHERE ? = '1'",
				 i % 100);
			snprintf(want, sizeof(want), "%d", i % 100);
			assert_string_equal(ask_of(s, s->db, text, &one, 1), want);
		}
	}
	/* A cached statement notices that its table has changed. */
	assert_int_equal(add(s, s->db, "1", "x"), 0);
	assert_string_equal(ask_of(s, s->db, "SELECT id FROM driver_t WHERE id = ?", &one, 1), "1");
	exec(s, s->db, "ALTER TABLE driver_t ADD COLUMN more VARCHAR(10)");
	assert_string_equal(ask_of(s, s->db, "SELECT id FROM driver_t WHERE id = ?", &one, 1), "1");
}

static void test_one_dialect(void **state)
{
	struct suite *s = *state;
	char text[128];

	assert_string_equal(ask(s, "SELECT 'a' || 'b'"), "ab");
	snprintf(text, sizeof(text), "SELECT %s('\xc3\xa4\xf0\x9f\x93\x9e')", s->driver->dialect->length);
	assert_string_equal(ask(s, text), "2");
	snprintf(text, sizeof(text), "SELECT NULL %s NULL", s->driver->dialect->null_safe_eq);
	assert_string_equal(ask(s, text), "1");
	snprintf(text, sizeof(text), "INSERT INTO driver_t (id, name) VALUES ('1', 'x')%sname = 'z'",
		 s->driver->dialect->upsert);
	exec(s, s->db, text);
	exec(s, s->db, text);
	assert_string_equal(ask(s, "SELECT name FROM driver_t"), "z");
	assert_string_equal(ask_of(s, s->db, "SELECT name FROM driver_t LIMIT ?", &(struct value){"1", 1}, 1),
			    "z");
}

/* In a child that a signal meets while it waits for an answer. */
static void test_signal_ends_a_statement(void **state)
{
	struct suite *s = *state;
	const char *slow =
		s->driver == &mysql_driver
			? "SELECT SLEEP(8)"
			: "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT MAX(x) FROM t";
	int64_t start = clock_monotonic_ms();
	pid_t child = fork();
	int status;

	if (!child) {
		const struct value *row;
		struct sql *db = connect_again(s);
		int rc;

		interrupt_install();
		if (!fork()) {
			clock_sleep_ms(300);
			kill(getppid(), SIGINT);
			_exit(0);
		}
		rc = s->driver->query(db, slow, NULL, 0, &s->err);
		while (rc >= 0 && (rc = s->driver->fetch(db, &row, &s->err)) == 1)
			;
		if (rc == ERR_INTERRUPTED && s->driver->begin(db, true, &s->err) == ERR_INTERRUPTED)
			rc = s->driver->commit(db, &s->err);
		s->driver->rollback(db);
		s->driver->close(db);
		_exit(rc == ERR_INTERRUPTED ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(clock_monotonic_ms() - start < 4000);
}

/* MariaDB and MySQL */

static void test_session(void **state)
{
	struct suite *s = *state;
	const char *mode = ask(s, "SELECT @@sql_mode");

	assert_string_equal(ask(s, "SELECT @@time_zone"), "+00:00");
	assert_string_equal(ask(s, "SELECT @@innodb_lock_wait_timeout"), "10");
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
		assert_fails(s, slow_query(s, "4", n), SQL_LOST);
		assert_int_equal(s->err.code, ERR_TARGET);
		assert_in_range(clock_monotonic_ms() - start, 900, 2500);
		s->driver->rollback(s->db);
		assert_fails(s, s->driver->exec(s->db, "SELECT 1", NULL, 0, NULL, &s->err), SQL_LOST);
		s->driver->close(s->db);
		s->target.timeout_s = 1;
		s->db = connect_again(s);
		s->driver->set_timeout(s->db, 10);
		assert_int_equal(slow_query(s, "1.5", n), 1);
	}
}

static void kill_other(struct suite *s, const char *what, const char *id)
{
	struct sql *other = connect_again(s);

	exec(s, other, arena_printf(&s->arena, "KILL %s %s", what, id));
	s->driver->close(other);
}

static void test_killed(void **state)
{
	struct suite *s = *state;
	char *id = ask(s, "SELECT CONNECTION_ID()");

	if (!fork()) {
		clock_sleep_ms(300);
		kill_other(s, "QUERY", id);
		_exit(0);
	}
	assert_fails(s,
		     s->driver->exec(s->db, "UPDATE driver_t, (SELECT SLEEP(5) AS x) t SET name = x", NULL, 0,
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

/* After 1213 the transaction is gone: nothing that follows may be committed by itself. */
static void test_deadlock(void **state)
{
	struct suite *s = *state;
	pid_t child;

	assert_int_equal(add(s, s->db, "1", "x"), 0);
	assert_int_equal(add(s, s->db, "2", "x"), 0);
	child = fork();
	if (!child) {
		struct sql *db = connect_again(s);

		s->driver->begin(db, true, &s->err);
		/* the larger transaction of the two, so that the other one is the victim */
		exec(s, db, "INSERT INTO driver_t (id) VALUES ('7'), ('8'), ('9')");
		exec(s, db, "UPDATE driver_t SET name = 'child' WHERE id = '2'");
		clock_sleep_ms(600);
		exec(s, db, "UPDATE driver_t SET name = 'child' WHERE id = '1'");
		_exit(s->driver->commit(db, &s->err) ? 1 : 0);
	}
	assert_int_equal(s->driver->begin(s->db, true, &s->err), 0);
	exec(s, s->db, "UPDATE driver_t SET name = 'parent' WHERE id = '1'");
	clock_sleep_ms(300);
	assert_fails(s,
		     s->driver->exec(s->db, "UPDATE driver_t SET name = 'parent' WHERE id = '2'", NULL, 0,
				     NULL, &s->err),
		     SQL_ROLLED_BACK);
	assert_fails(s, add(s, s->db, "3", "stray"), SQL_ROLLED_BACK);
	assert_fails(s, s->driver->commit(s->db, &s->err), SQL_ROLLED_BACK);
	s->driver->rollback(s->db);
	waitpid(child, NULL, 0);
	assert_string_equal(ask(s, "SELECT COUNT(*) FROM driver_t WHERE name IN ('parent', 'stray')"), "0");
	assert_int_equal(add(s, s->db, "3", "x"), 0);
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

static void assert_refused(struct suite *s, struct sql_target target, enum sql_class class, const char *part)
{
	enum sql_class why = SQL_DUPLICATE;
	struct sql *db = s->db;

	target.why = &why;
	assert_int_equal(s->driver->open(&db, &target, &s->err), ERR_TARGET);
	assert_null(db);
	assert_int_equal(why, class);
	if (!strstr(s->err.text, part))
		fail_msg("'%s' is not in: %s", part, s->err.text);
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
	static const char *const hosts[] = {"127.0.0.1", "127.0.0.2", NULL};
	struct suite *s = *state;
	struct sql_target target = s->target;
	int64_t start = clock_monotonic_ms();
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
	target.port = 1;
	assert_refused(s, target, SQL_NEVER_STARTED, "127.0.0.2");
	assert_true(clock_monotonic_ms() - start < 1000);
	target.socket = in_dir(s, "silent");
	target.timeout_s = 1;
	fd = silent_server(target.socket);
	assert_refused(s, target, SQL_NEVER_STARTED, "handshake");
	assert_in_range(clock_monotonic_ms() - start, 900, 3000);
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

/* SQLite */

static void test_file_refused(void **state)
{
	struct suite *s = *state;
	struct sql_target target = s->target;

	target.path = in_dir(s, "none.db");
	assert_refused(s, target, SQL_FATAL, "does not exist");
	assert_non_null(strstr(s->err.hint, "didctl init"));
	assert_int_equal(access(target.path, F_OK), -1);
	target.path = s->dir;
	assert_refused(s, target, SQL_FATAL, "directory");
	target.path = in_dir(s, "text");
	write_file(target.path,
		   "this is no database, whatever its name may be; and it is long enough for a header\n"
		   "so that a reader has to look at what is in it",
		   0600);
	assert_refused(s, target, SQL_FATAL, "not a database");
	target.path = in_dir(s, "fifo");
	assert_int_equal(mkfifo(target.path, 0600), 0);
	assert_refused(s, target, SQL_FATAL, "regular file");
	target.path = "";
	assert_refused(s, target, SQL_FATAL, "no file");
	target.path = in_dir(s, "text/below");
	assert_refused(s, target, SQL_FATAL, "Not a directory");
}

static void test_pragmas(void **state)
{
	struct suite *s = *state;

	assert_string_equal(ask(s, "PRAGMA foreign_keys"), "1");
	assert_string_equal(ask(s, "PRAGMA synchronous"), "3");
	assert_string_equal(ask(s, "PRAGMA journal_mode"), "delete");
	assert_string_equal(ask(s, "PRAGMA trusted_schema"), "0");
	assert_string_equal(ask(s, "PRAGMA cell_size_check"), "1");
	assert_true(s->driver->exec(s->db, "SELECT load_extension('x')", NULL, 0, NULL, &s->err) < 0);
	exec(s, s->db, "CREATE TABLE driver_child (id VARCHAR(64) REFERENCES driver_t (id))");
	assert_fails(s,
		     s->driver->exec(s->db, "INSERT INTO driver_child VALUES ('x')", NULL, 0, NULL, &s->err),
		     SQL_RULE);
	exec(s, s->db, "DROP TABLE driver_child");
}

static void test_write_lock(void **state)
{
	struct suite *s = *state;
	struct sql *other = connect_again(s);
	int64_t start = clock_monotonic_ms();

	s->driver->set_timeout(s->db, 1);
	assert_int_equal(s->driver->begin(other, true, &s->err), 0);
	assert_fails(s, s->driver->begin(s->db, true, &s->err), SQL_ROLLED_BACK);
	assert_in_range(clock_monotonic_ms() - start, 900, 2000);
	assert_string_equal(ask(s, "SELECT COUNT(*) FROM driver_t"), "0");
	s->driver->rollback(other);
	assert_int_equal(s->driver->begin(s->db, true, &s->err), 0);
	s->driver->rollback(s->db);
	s->driver->close(other);
}

static void test_read_only(void **state)
{
	struct suite *s = *state;

	s->driver->close(s->db);
	s->target.read_only = true;
	s->db = connect_again(s);
	s->target.read_only = false;
	assert_string_equal(ask(s, "SELECT COUNT(*) FROM driver_t"), "0");
	assert_fails(s, add(s, s->db, "1", "x"), SQL_DENIED);
	assert_int_equal(s->err.code, ERR_TARGET);
}

/* A writer is killed in the middle; a reader undoes what it has written to the file. */
static void test_killed_writer(void **state)
{
	struct suite *s = *state;
	pid_t child;

	fill(s, 1024);
	s->driver->close(s->db);
	child = fork();
	if (!child) {
		struct sql *db = connect_again(s);

		exec(s, db, "PRAGMA cache_size = 2");
		s->driver->begin(db, true, &s->err);
		exec(s, db, "UPDATE driver_t SET name = 'half', big = hex(randomblob(2000))");
		kill(getpid(), SIGKILL);
	}
	waitpid(child, NULL, 0);
	assert_int_equal(access(in_dir(s, "driver.db-journal"), F_OK), 0);
	s->target.read_only = true;
	s->db = connect_again(s);
	s->target.read_only = false;
	assert_string_equal(ask(s, "SELECT COUNT(*) FROM driver_t WHERE name = 'half'"), "0");
	assert_string_equal(ask(s, "PRAGMA integrity_check"), "ok");
}

static void test_foreign_journal_mode(void **state)
{
	struct suite *s = *state;
	struct sql *other;

	exec(s, s->db, "PRAGMA journal_mode = WAL");
	assert_int_equal(add(s, s->db, "1", "x"), 0);
	s->target.timeout_s = 1;
	assert_refused(s, s->target, SQL_NEVER_STARTED, "locked");
	s->driver->close(s->db);
	other = connect_again(s);
	assert_string_equal(ask_of(s, other, "PRAGMA journal_mode", NULL, 0), "delete");
	s->db = other;
	assert_string_equal(ask(s, "SELECT name FROM driver_t"), "x");
}

#define CASE(f) \
	{ \
#f, f, set_up, tear_down, NULL \
	}

/* One group, since TAP knows one plan a program. */
struct group {
	struct CMUnitTest tests[64];
	size_t n;
	struct arena names;
};

static void add_tests(struct group *g, struct suite *s, const struct CMUnitTest *tests, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct CMUnitTest *test = &g->tests[g->n++];

		*test = tests[i];
		test->name = arena_printf(&g->names, "%s: %s", s->driver->name, tests[i].name);
		test->initial_state = s;
	}
}

static void add_common(struct group *g, struct suite *s)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_values_are_text),
		CASE(test_parameters_are_never_sql),
		CASE(test_matched_rows_are_counted),
		CASE(test_large_cells),
		CASE(test_transactions),
		CASE(test_classes),
		CASE(test_many_rows),
		CASE(test_statements_come_and_go),
		CASE(test_one_dialect),
		CASE(test_signal_ends_a_statement),
	};

	add_tests(g, s, tests, ARRAY_SIZE(tests));
}

static void add_sqlite(struct group *g, struct suite *s)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_file_refused), CASE(test_pragmas),	   CASE(test_write_lock),
		CASE(test_read_only),	 CASE(test_killed_writer), CASE(test_foreign_journal_mode),
	};

	snprintf(s->path, sizeof(s->path), "%s/driver.db", s->dir);
	snprintf(s->url, sizeof(s->url), "sqlite:%s", s->path);
	s->driver = &sqlite_driver;
	s->target = (struct sql_target){.url = s->url, .path = s->path, .conf = s->conf};
	add_common(g, s);
	add_tests(g, s, tests, ARRAY_SIZE(tests));
}

static void add_mysql(struct group *g, struct suite *s, const char *url)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_session),
		CASE(test_what_is_off),
		CASE(test_time_limit_changes),
		CASE(test_killed),
		CASE(test_deadlock),
		CASE(test_lock_wait),
		CASE(test_error_among_rows),
		CASE(test_refused),
		CASE(test_option_file),
		CASE(test_rules),
	};

	s->driver = &mysql_driver;
	if (target_parse_mysql(&s->target, url, &g->names, &s->err)) {
		fprintf(stderr, "%s\n", s->err.text);
		exit(1);
	}
	s->target.url = url;
	s->target.conf = s->conf;
	add_common(g, s);
	add_tests(g, s, tests, ARRAY_SIZE(tests));
}

int main(void)
{
	struct suite sqlite = {.dir = "/tmp/test-driver-XXXXXX"}, mysql;
	const char *url = getenv("DIDCTL_TEST_MYSQL");
	struct group group = {0};
	char *config, *clean;
	int failed;

	if (!mkdtemp(sqlite.dir))
		return 1;
	config = in_dir(&sqlite, "config");
	write_file(config, "", 0600);
	if (conf_load(&sqlite.conf, config, NULL, &sqlite.err)) {
		fprintf(stderr, "%s\n", sqlite.err.text);
		return 1;
	}
	arena_release(&sqlite.arena);
	mysql = sqlite;
	add_sqlite(&group, &sqlite);
	if (url)
		add_mysql(&group, &mysql, url);
	else
		fprintf(stderr, "SKIPPED: the MySQL driver is NOT TESTED: DIDCTL_TEST_MYSQL is not set\n");
	failed = _cmocka_run_group_tests("drivers", group.tests, group.n, NULL, NULL);
	conf_free(sqlite.conf);
	clean = arena_printf(&group.names, "rm -rf '%s'", sqlite.dir);
	failed += system(clean) != 0;
	arena_release(&group.names);
	return failed != 0;
}
