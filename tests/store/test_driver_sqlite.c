/* What only SQLite's driver meets. */
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
#include "driver.h"

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

	s->driver->set_timeout(s->db, 300);
	s->driver->set_timeout(s->db, 1); /* the last one counts */
	assert_int_equal(s->driver->begin(other, true, &s->err), 0);
	assert_fails(s, s->driver->begin(s->db, true, &s->err), SQL_ROLLED_BACK);
	assert_in_range(clock_monotonic_ms() - start, 900, 120000);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_file_refused),
		CASE(test_pragmas),
		CASE(test_write_lock),
		CASE(test_read_only),
		CASE(test_killed_writer),
		CASE(test_foreign_journal_mode),
	};

	return run_drivers(ON_SQLITE, tests, ARRAY_SIZE(tests));
}
