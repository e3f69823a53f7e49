/* What both drivers promise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <signal.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "driver.h"
#include "store/sql/driver_shared.h"

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
		assert_fails(s, s->driver->exec(s->db, wrong[i].text, NULL, 0, NULL, NULL), wrong[i].class);
	}
	assert_fails(s, s->driver->query(s->db, "SELECT none FROM driver_t WHERE id = ?", &one, 1, &s->err),
		     SQL_NO_OBJECT);
	assert_fails(s, s->driver->query(s->db, "SELECT ?, ?", &one, 1, &s->err), SQL_FATAL);
	assert_fails(s, add(s, s->db, "1", "y"), SQL_DUPLICATE);
	assert_string_equal(ask(s, "SELECT name FROM driver_t"), "x");
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
			? "SELECT SLEEP(300)"
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
	assert_true(clock_monotonic_ms() - start < 120000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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

	return run_drivers(ON_SQLITE | ON_MYSQL, tests, ARRAY_SIZE(tests));
}
