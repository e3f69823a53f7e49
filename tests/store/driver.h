/*
 * What the tests of the drivers share: a driver, open on a table of its own. DIDCTL_TEST_MYSQL names a database that
 * may be filled, such as mysql://root@/didctl_test?socket=/tmp/x/s; without it only SQLite is tested, loudly.
 */
#ifndef DIDCTL_TEST_DRIVER_H
#define DIDCTL_TEST_DRIVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
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

static inline char *in_dir(struct suite *s, const char *name)
{
	return arena_printf(&s->arena, "%s/%s", s->dir, name);
}

static inline void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, mode);
}

static inline void exec(struct suite *s, struct sql *db, const char *text)
{
	if (s->driver->exec(db, text, NULL, 0, NULL, &s->err))
		fail_msg("%s: %s", text, s->err.text);
}

static inline struct sql *connect_again(struct suite *s)
{
	struct sql *db;

	if (s->driver->open(&db, &s->target, &s->err))
		fail_msg("%s", s->err.text);
	return db;
}

/* The only cell of a query's only row, "(null)" or "(none)". */
static inline char *ask_of(struct suite *s, struct sql *db, const char *text, const struct value *params, size_t n)
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

static inline char *ask(struct suite *s, const char *text)
{
	return ask_of(s, s->db, text, NULL, 0);
}

static inline int add(struct suite *s, struct sql *db, const char *id, const char *name)
{
	const struct value params[] = {value_str(id), value_str(name)};

	return s->driver->exec(db, "INSERT INTO driver_t (id, name) VALUES (?, ?)", params, 2, NULL, &s->err);
}

static inline void assert_fails(struct suite *s, int rc, enum sql_class class)
{
	assert_true(rc < 0);
	assert_int_equal(rc, s->err.code);
	assert_int_equal(s->driver->error_class(s->db), class);
	assert_non_null(strstr(s->err.text, s->target.url));
	assert_null(strchr(s->err.text, '\n'));
}

static inline void make_table(struct suite *s)
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

static inline int set_up(void **state)
{
	struct suite *s = *state;

	s->target.create = true;
	s->target.timeout_s = 10;
	s->db = connect_again(s);
	s->target.create = false;
	make_table(s);
	return 0;
}

static inline int tear_down(void **state)
{
	struct suite *s = *state;

	s->driver->close(s->db);
	arena_release(&s->arena);
	return 0;
}

static inline void assert_refused(struct suite *s, struct sql_target target, enum sql_class class, const char *part)
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

static inline void fill(struct suite *s, int n)
{
	exec(s, s->db, "INSERT INTO driver_t (id) VALUES ('0')");
	for (int have = 1; have < n; have *= 2) {
		char text[128];

		snprintf(text, sizeof(text), "INSERT INTO driver_t (id) SELECT %d + id FROM driver_t", have);
		exec(s, s->db, text);
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

/* One group, since TAP knows one plan a program. */
struct group {
	struct CMUnitTest tests[64];
	size_t n;
	struct arena names;
};

static inline void add_tests(struct group *g, struct suite *s, const struct CMUnitTest *tests, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct CMUnitTest *test = &g->tests[g->n++];

		*test = tests[i];
		test->name = arena_printf(&g->names, "%s: %s", s->driver->name, tests[i].name);
		test->initial_state = s;
	}
}

static inline void use_sqlite(struct suite *s)
{
	snprintf(s->path, sizeof(s->path), "%s/driver.db", s->dir);
	snprintf(s->url, sizeof(s->url), "sqlite:%s", s->path);
	s->driver = &sqlite_driver;
	s->target = (struct sql_target){.url = s->url, .path = s->path, .conf = s->conf};
}

static inline int use_mysql(struct suite *s, struct arena *arena)
{
	const char *url = getenv("DIDCTL_TEST_MYSQL");

	s->driver = &mysql_driver;
	if (!url) {
		fprintf(stderr, "SKIPPED: the MySQL driver is NOT TESTED: DIDCTL_TEST_MYSQL is not set\n");
		return -1;
	}
	if (target_parse_mysql(&s->target, url, arena, &s->err)) {
		fprintf(stderr, "%s\n", s->err.text);
		exit(1);
	}
	s->target.url = url;
	s->target.conf = s->conf;
	return 0;
}

enum { ON_SQLITE = 1, ON_MYSQL = 2 };

static inline int run_drivers(int on, const struct CMUnitTest *tests, size_t n)
{
	struct suite sqlite = {.dir = "/tmp/test-driver-XXXXXX"}, mysql;
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
	use_sqlite(&sqlite);
	if (on & ON_SQLITE)
		add_tests(&group, &sqlite, tests, n);
	if (on & ON_MYSQL && !use_mysql(&mysql, &group.names))
		add_tests(&group, &mysql, tests, n);
	failed = _cmocka_run_group_tests("drivers", group.tests, group.n, NULL, NULL);
	conf_free(sqlite.conf);
	clean = arena_printf(&group.names, "rm -rf '%s'", sqlite.dir);
	failed += system(clean) != 0;
	arena_release(&group.names);
	return failed != 0;
}

#endif
