/*
 * The survey of a target: each fault planted with SQL as the PBX or its DBA would make it, found by its check, mended by what
 * the finding says, and not found again; and what is as it should be, or only different, is silent.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "store/sql/layout.h"
#include "tests/store/fixture.h"

#define TARGET_CHECKS \
	(CHECK_BIT(CHECK_TABLES) | CHECK_BIT(CHECK_COLUMNS) | CHECK_BIT(CHECK_INTEGRITY) | \
	 CHECK_BIT(CHECK_SETUP) | CHECK_BIT(CHECK_RIGHTS) | CHECK_BIT(CHECK_CHARSET) | \
	 CHECK_BIT(CHECK_SERVER))
/* The server of the tests is fast instead of safe, and says so. */
#define HEALTHY_CHECKS(f) (TARGET_CHECKS & (is_mysql(f) ? ~CHECK_BIT(CHECK_SERVER) : UINT64_MAX))

/* ---- findings */

struct findings {
	struct finder finder;
	struct fixture *f;
	struct strlist lines; /* "check: detail" */
	struct strlist fixes;
	int answer;
};

static int found(struct finder *finder, const struct finding *finding, struct err *err)
{
	struct findings *all = (struct findings *)finder;

	assert_null(finding->number);
	assert_non_null(finding->fix);
	strlist_add(&all->lines,
		    arena_printf(&all->f->arena, "%s: %s", check_info[finding->check].name, finding->detail));
	strlist_add(&all->fixes, arena_strdup(&all->f->arena, finding->fix));
	return all->answer < 0 ? err_set(err, all->answer, "enough") : 0;
}

static void forget(struct findings *all)
{
	strlist_release(&all->lines);
	strlist_release(&all->fixes);
}

static struct findings survey_open(struct fixture *f, uint64_t checks)
{
	struct findings all = {.finder = {found}, .f = f};

	if (store_survey(f->store, checks, &all.finder, &f->err))
		fail_msg("survey: %s", f->err.text);
	return all;
}

static struct findings survey(struct fixture *f, uint64_t checks)
{
	if (open_store(f, STORE_READ))
		fail_msg("open: %s", f->err.text);
	return survey_open(f, checks);
}

static void assert_silent(struct fixture *f, uint64_t checks, const char *when)
{
	struct findings all = survey(f, checks);

	if (all.lines.n)
		fail_msg("%s: %s (%s)", when, all.lines.at[0], all.fixes.at[0]);
	forget(&all);
}

/* The fix of the finding that says this. */
static const char *fix_of(const struct findings *all, const char *detail)
{
	for (size_t i = 0; i < all->lines.n; i++)
		if (strstr(all->lines.at[i], detail))
			return all->fixes.at[i];
	for (size_t i = 0; i < all->lines.n; i++)
		print_message("# %s\n", all->lines.at[i]);
	fail_msg("nobody says '%s'", detail);
	return NULL;
}

/* What a person would paste: into didctl, or the statement without the remark behind it. */
static void mend(struct fixture *f, const char *fix)
{
	if (strncmp(fix, "didctl init", strlen("didctl init")) == 0)
		init_store(f);
	else
		pbx(f, "%.*s", (int)strcspn(fix, ";"), fix);
}

/* ---- made anew for each case, which leaves the tables as it likes */

static void end_store(struct fixture *f)
{
	store_close(f->store); /* SQLite alters no table that another connection reads */
	f->store = NULL;
}

/* SQLite: the file as init made it, beside the one in use. */
static const char *kept_file(struct fixture *f)
{
	return arena_printf(&f->arena, "%s.kept", f->path);
}

static void copy_file(const char *from, const char *to)
{
	char data[1 << 16];
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	size_t n;

	assert_true(in && out);
	while ((n = fread(data, 1, sizeof(data), in)))
		assert_int_equal(fwrite(data, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

static void renew_file(struct fixture *f)
{
	end_store(f);
	f->driver->close(f->pbx);
	f->pbx = NULL;
	unlink(arena_printf(&f->arena, "%s-wal", f->path));
	unlink(arena_printf(&f->arena, "%s-shm", f->path));
	copy_file(kept_file(f), f->path);
	connect_pbx(f);
}

static void drop(struct fixture *f, const char *table)
{
	if (strcmp(ask(f,
		       "SELECT table_type FROM information_schema.tables WHERE table_schema = DATABASE()"
		       " AND table_name = '%s'",
		       table),
		   "VIEW\n") == 0)
		pbx(f, "DROP VIEW %s", table);
	pbx(f, "DROP TABLE IF EXISTS %s", table);
}

/* MariaDB: the tables that the statements name; without statements all. */
static void renew_tables(struct fixture *f, const char *touched)
{
	bool own = !touched || strstr(touched, "didctl_");

	end_store(f);
	drop(f, "renamed");
	for (size_t i = 0; i < ARRAY_SIZE(pbx_names); i++) {
		if (touched && !strstr(touched, pbx_names[i]))
			continue;
		drop(f, pbx_names[i]);
		pbx(f, "CREATE TABLE %s LIKE kept_%s", pbx_names[i], pbx_names[i]);
	}
	for (size_t i = 0; own && i < ARRAY_SIZE(own_tables); i++)
		drop(f, own_tables[i]);
	if (own)
		init_store(f);
}

static void renew_touched(struct fixture *f, const char *touched)
{
	if (is_mysql(f))
		renew_tables(f, touched);
	else
		renew_file(f);
}

static void renew(struct fixture *f)
{
	renew_touched(f, NULL);
}

static int set_up_survey(void **state)
{
	struct fixture *f = *state;

	set_up(state);
	end_store(f);
	if (!is_mysql(f))
		copy_file(f->path, kept_file(f));
	for (size_t i = 0; is_mysql(f) && i < ARRAY_SIZE(pbx_names); i++) {
		pbx(f, "DROP TABLE IF EXISTS kept_%s", pbx_names[i]);
		pbx(f, "CREATE TABLE kept_%s LIKE %s", pbx_names[i], pbx_names[i]);
	}
	return 0;
}

static int tear_down_survey(void **state)
{
	struct fixture *f = *state;

	conf_override(f->conf, SET_TARGET, f->url, "test");
	renew(f);
	for (size_t i = 0; is_mysql(f) && i < ARRAY_SIZE(pbx_names); i++)
		pbx(f, "DROP TABLE IF EXISTS kept_%s", pbx_names[i]);
	if (!is_mysql(f))
		unlink(kept_file(f));
	return tear_down(state);
}

#define CASE_SURVEY(test) \
	{ \
#test, test, set_up_survey, tear_down_survey, NULL \
	}

/* ---- planted */

enum where { SQLITE = 1, MYSQL = 2, BOTH = 3 };
enum cure { BY_FIX, BY_HAND };

struct plant {
	enum where where;
	enum check check;
	const char *sql[3];
	const char *detail;
	enum cure cure; /* BY_HAND: what is printed only looks, and has to begin with fix */
	const char *fix;
};

#define NUMBERS_LIKE(number, is_default, status_check, more) \
	"CREATE TABLE did_numbers (id CHAR(36) PRIMARY KEY NOT NULL, number " number \
	" NOT NULL UNIQUE, org_id CHAR(36)," \
	" trunk_id CHAR(36), pool_status TEXT DEFAULT 'available', routing_environment TEXT DEFAULT 'prod'," \
	" is_default " is_default " DEFAULT 0, routing_type VARCHAR(20), routing_destination VARCHAR(255)," \
	" recording_enabled BOOLEAN, status TEXT DEFAULT 'active' " status_check ", region VARCHAR(255)," \
	" provider VARCHAR(255), monthly_price DECIMAL(10,2)" more ")"
#define DROP_NUMBERS "DROP TABLE did_numbers"
#define MODIFY(what) "ALTER TABLE did_numbers MODIFY " what

static const struct plant plants[] = {
	{BOTH, CHECK_TABLES, {"DROP TABLE users"}, "table users is missing", BY_FIX, NULL},
	{BOTH, CHECK_TABLES, {"DROP TABLE organizations"}, "table organizations is missing", BY_FIX, NULL},
	{MYSQL,
	 CHECK_TABLES,
	 {"ALTER TABLE did_numbers ENGINE=MyISAM"},
	 "did_numbers has the engine MyISAM",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_TABLES,
	 {"ALTER TABLE users ENGINE=MEMORY"},
	 "users has the engine MEMORY",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_TABLES,
	 {"ALTER TABLE didctl_guards ENGINE=Aria"},
	 "didctl_guards has the engine Aria",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_TABLES,
	 {"ALTER TABLE users RENAME TO renamed", "CREATE VIEW users AS SELECT * FROM renamed"},
	 "users is a view",
	 BY_HAND,
	 "SHOW CREATE VIEW `users`;"},
	{SQLITE,
	 CHECK_TABLES,
	 {"ALTER TABLE users RENAME TO renamed", "CREATE VIEW users AS SELECT * FROM renamed"},
	 "users is a view",
	 BY_HAND,
	 "sqlite3 '"},

	{MYSQL,
	 CHECK_COLUMNS,
	 {MODIFY("number BIGINT NOT NULL")},
	 "number of did_numbers is bigint(20), which loses",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {MODIFY("number VARCHAR(12) NOT NULL")},
	 "is varchar(12), which is too short",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {MODIFY("org_id CHAR(20)")},
	 "org_id of did_numbers is char(20), which is too",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {MODIFY("org_id BINARY(16)")},
	 "org_id of did_numbers is binary(16), which",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {MODIFY("monthly_price FLOAT")},
	 "is float, which does not keep a price",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {MODIFY("monthly_price DECIMAL(10,1)")},
	 "is decimal(10,1), which does not",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {MODIFY("is_default TEXT")},
	 "is_default of did_numbers is text, which may",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {MODIFY("is_default BIT(1)")},
	 "is bit(1), which may hold other values",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {MODIFY("status INT")},
	 "status of did_numbers is int(11), which holds no words",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {MODIFY("status VARCHAR(8)")},
	 "is varchar(8), which is too short",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {MODIFY("pool_status ENUM('available','sold','assigned')")},
	 "pool_status of did_numbers does not take pending, reserved",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {MODIFY("routing_environment ENUM('prod')")},
	 "does not take staging, oss",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {"ALTER TABLE did_numbers DROP INDEX number"},
	 "number of did_numbers has no unique key",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {"ALTER TABLE did_numbers DROP INDEX number", "ALTER TABLE did_numbers ADD UNIQUE (number, id)"},
	 "number of did_numbers has no unique key",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {"ALTER TABLE users DROP PRIMARY KEY"},
	 "id of users has no unique key",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {"ALTER TABLE did_numbers DROP id"},
	 "column id of did_numbers is missing: no row",
	 BY_HAND,
	 "ALTER TABLE did_numbers ADD COLUMN id CHAR(36);"},
	{MYSQL,
	 CHECK_COLUMNS,
	 {"ALTER TABLE did_numbers ADD `kind``s` INT NOT NULL"},
	 "kind`s of did_numbers wants a value and has no default: pool add fails",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {MODIFY("trunk_id CHAR(36) NOT NULL")},
	 "trunk_id of did_numbers wants a value",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_COLUMNS,
	 {"ALTER TABLE organizations ADD plan INT NOT NULL"},
	 "has no default: org add fails",
	 BY_FIX,
	 NULL},
	{SQLITE,
	 CHECK_COLUMNS,
	 {DROP_NUMBERS, NUMBERS_LIKE("INTEGER", "BOOLEAN", "", "")},
	 "number of did_numbers is INTEGER, which loses",
	 BY_HAND,
	 "sqlite3 '"},
	{SQLITE,
	 CHECK_COLUMNS,
	 {DROP_NUMBERS, NUMBERS_LIKE("TEXT", "TEXT", "", "")},
	 "is_default of did_numbers is TEXT, which may hold",
	 BY_HAND,
	 "sqlite3 '"},
	{SQLITE,
	 CHECK_COLUMNS,
	 {DROP_NUMBERS, NUMBERS_LIKE("TEXT", "INT", "CHECK (status IN ('active', 'ported'))", "")},
	 "status of did_numbers does not take suspended, inactive",
	 BY_HAND,
	 "sqlite3 '"},
	{SQLITE,
	 CHECK_COLUMNS,
	 {DROP_NUMBERS, NUMBERS_LIKE("TEXT", "INT", "", ", kind INT NOT NULL")},
	 "kind of did_numbers wants a value",
	 BY_HAND,
	 "sqlite3 '"},
	{SQLITE,
	 CHECK_COLUMNS,
	 {"DROP TABLE users", "CREATE TABLE users (id CHAR(36), org_id CHAR(36), name VARCHAR(255),"
			      " outbound_did VARCHAR(20))"},
	 "id of users has no unique key",
	 BY_FIX,
	 NULL},

	{BOTH,
	 CHECK_SETUP,
	 {"DROP TABLE didctl_details"},
	 "didctl's own table didctl_details is missing",
	 BY_FIX,
	 NULL},
	{BOTH,
	 CHECK_SETUP,
	 {"ALTER TABLE didctl_details DROP COLUMN city"},
	 "column city of didctl's own table",
	 BY_FIX,
	 NULL},
	{BOTH,
	 CHECK_SETUP,
	 {"DELETE FROM didctl_meta WHERE name = 'schema'"},
	 "does not say which version",
	 BY_FIX,
	 NULL},
	{BOTH,
	 CHECK_SETUP,
	 {"UPDATE didctl_meta SET value = 'x' WHERE name = 'schema'"},
	 "does not say which version",
	 BY_FIX,
	 NULL},
	{BOTH,
	 CHECK_SETUP,
	 {"UPDATE didctl_meta SET value = '1' WHERE name = 'schema'"},
	 "have version 1, this didctl needs 3",
	 BY_FIX,
	 NULL},
	{BOTH,
	 CHECK_SETUP,
	 {"DELETE FROM didctl_meta WHERE name = 'country'"},
	 "no country is set",
	 BY_FIX,
	 NULL},
	{BOTH,
	 CHECK_SETUP,
	 {"ALTER TABLE organizations DROP COLUMN context_prefix"},
	 "organizations has no column context_prefix",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_SETUP,
	 {MODIFY("pool_status ENUM('available','pending','it''s','assigned','reserved','sold')")},
	 "pool_status of did_numbers also takes 'it''s', 'sold'",
	 BY_HAND,
	 "SELECT number, pool_status FROM did_numbers WHERE pool_status IN ('it''s', 'sold');"},
	{SQLITE,
	 CHECK_SETUP,
	 {DROP_NUMBERS, NUMBERS_LIKE("TEXT", "INT",
				     "CHECK (status IN ('active', 'inactive', 'ported', 'suspended',"
				     " 'lost'))",
				     "")},
	 "status of did_numbers also takes 'lost'",
	 BY_HAND,
	 "SELECT number, status FROM did_numbers WHERE status IN ('lost');"},

	{MYSQL,
	 CHECK_CHARSET,
	 {"ALTER TABLE organizations CONVERT TO CHARACTER SET latin1"},
	 "name of organizations cannot hold every name: character set latin1",
	 BY_FIX,
	 NULL},
	{MYSQL,
	 CHECK_CHARSET,
	 {MODIFY("region VARCHAR(255) CHARACTER SET utf8mb3")},
	 "region of did_numbers cannot",
	 BY_FIX,
	 NULL},

	{SQLITE, CHECK_SERVER, {"PRAGMA journal_mode = WAL"}, "journal_mode is wal", BY_HAND, "sqlite3 '"},
	{SQLITE,
	 CHECK_INTEGRITY,
	 {"PRAGMA foreign_keys = OFF", "CREATE TABLE child (org REFERENCES organizations (id))",
	  "INSERT INTO child VALUES ('nobody'), ('nowhere')"},
	 "table child has 2 without their row in organizations",
	 BY_HAND,
	 "sqlite3 '"},
};

static void check_plant(struct fixture *f, const struct plant *p)
{
	struct findings all;
	const char *fix;

	end_store(f);
	for (size_t i = 0; i < ARRAY_SIZE(p->sql) && p->sql[i]; i++)
		pbx(f, "%s", p->sql[i]);
	all = survey(f, CHECK_BIT(p->check));
	fix = fix_of(&all, p->detail);
	end_store(f);
	if (p->cure == BY_FIX) {
		mend(f, fix);
		assert_silent(f, CHECK_BIT(p->check), fix);
	} else if (strncmp(fix, p->fix, strlen(p->fix)) != 0) {
		fail_msg("%s: '%s', not '%s'", p->detail, fix, p->fix);
	}
	forget(&all);
	renew_touched(f, arena_printf(&f->arena, "%s %s", p->sql[0], fix));
}

static void test_plants(void **state)
{
	struct fixture *f = *state;

	renew(f);
	for (size_t i = 0; i < ARRAY_SIZE(plants); i++)
		if (plants[i].where & (is_mysql(f) ? MYSQL : SQLITE))
			check_plant(f, &plants[i]);
}

static bool can_drop(const struct fixture *f, const struct column_need *need)
{
	return is_mysql(f) || !need->is_key; /* SQLite drops no column that an index is of */
}

static void test_every_column(void **state)
{
	struct fixture *f = *state;

	renew(f);
	for (const struct column_need *need = column_needs; need->table; need++) {
		struct findings all;
		const char *fix;

		if (!can_drop(f, need))
			continue;
		end_store(f);
		if (!is_mysql(f))
			pbx(f, "DROP INDEX IF EXISTS did_numbers_org");
		pbx(f, "ALTER TABLE %s DROP COLUMN %s", need->table, need->name);
		all = survey(f, CHECK_BIT(CHECK_COLUMNS));
		fix = fix_of(&all, arena_printf(&f->arena, "column %s of %s is missing: %s", need->name,
						need->table, need->without));
		mend(f, fix);
		if (!need->is_key) /* else its key is the next thing to be told */
			assert_silent(f, CHECK_BIT(CHECK_COLUMNS), fix);
		forget(&all);
		renew_touched(f, need->table);
	}
}

/* ---- what is not wrong */

static const char *const harmless[] = {
	"ALTER TABLE did_numbers ADD created_at TIMESTAMP NULL, ADD notes TEXT, ADD flags INT NOT NULL DEFAULT 7",
	MODIFY("number VARCHAR(64) NOT NULL"),
	MODIFY("number VARCHAR(20) CHARACTER SET ascii NOT NULL"),
	MODIFY("org_id VARCHAR(36)"),
	MODIFY("pool_status VARCHAR(20)"),
	MODIFY("routing_destination TEXT"),
	MODIFY("is_default INT NOT NULL DEFAULT 0"),
	MODIFY("monthly_price DECIMAL(12,4)"),
	"ALTER TABLE did_numbers ADD serial INT NOT NULL AUTO_INCREMENT, ADD KEY (serial)",
	"ALTER TABLE did_numbers ADD twice VARCHAR(40) AS (CONCAT(number, number)) STORED",
	"CREATE TABLE didctl_of_another (id INT)",
};

static void test_harmless(void **state)
{
	struct fixture *f = *state;

	renew(f);
	assert_silent(f, HEALTHY_CHECKS(f), "a healthy target");
	for (size_t i = 0; is_mysql(f) && i < ARRAY_SIZE(harmless); i++) {
		pbx(f, "%s", harmless[i]);
		assert_silent(f, HEALTHY_CHECKS(f), harmless[i]);
		renew_touched(f, "did_numbers");
	}
	pbx(f, "DROP TABLE IF EXISTS didctl_of_another");
}

/* Without didctl's own tables, and only what was asked for. */
static void test_bare(void **state)
{
	struct fixture *f = *state;
	struct findings all;

	renew(f);
	end_store(f);
	for (size_t i = 0; i < ARRAY_SIZE(own_tables); i++)
		pbx(f, "DROP TABLE %s", own_tables[i]);
	pbx(f, "DROP TABLE users");
	assert_silent(f, CHECK_BIT(CHECK_COLUMNS), "columns of a table that is not there");
	all = survey(f, CHECK_BIT(CHECK_SETUP));
	assert_string_equal(fix_of(&all, "didctl's own tables are missing"), "didctl init --country CC");
	forget(&all);
}

/* ---- rights */

static const char *const verbs[] = {"INSERT", "UPDATE", "DELETE"};

/* A user that may read, and do all but one thing. */
static void make_user(struct fixture *f, const char *user, const char *lacked)
{
	pbx(f, "CREATE USER '%s'@localhost", user);
	pbx(f, "GRANT SELECT ON %s.* TO '%s'@localhost", f->target.database, user);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i], lacked) != 0)
			pbx(f, "GRANT %s ON %s.* TO '%s'@localhost", verbs[i], f->target.database, user);
}

static void use_user(struct fixture *f, const char *user)
{
	const char *rest = strchr(f->url, '@');

	conf_override(f->conf, SET_TARGET, arena_printf(&f->arena, "mysql://%s%s", user, rest), "test");
}

static void check_lacking(struct fixture *f, const char *lacked)
{
	const char *user = arena_printf(&f->arena, "o''survey%d", (int)getpid());
	struct findings all;

	pbx(f, "DROP USER IF EXISTS '%s'@localhost", user);
	make_user(f, user, lacked);
	use_user(f, arena_printf(&f->arena, "o'survey%d", (int)getpid()));
	all = survey(f, CHECK_BIT(CHECK_RIGHTS));
	assert_int_equal(all.lines.n, ARRAY_SIZE(pbx_names) + ARRAY_SIZE(own_tables));
	fix_of(&all, arena_printf(&f->arena, "o'survey%d@localhost lacks %s on did_numbers", (int)getpid(),
				  lacked));
	for (size_t i = 0; i < all.fixes.n; i++)
		mend(f, all.fixes.at[i]);
	assert_silent(f, CHECK_BIT(CHECK_RIGHTS), lacked);
	end_store(f);
	conf_override(f->conf, SET_TARGET, f->url, "test");
	pbx(f, "DROP USER '%s'@localhost", user);
	forget(&all);
}

static void test_rights(void **state)
{
	struct fixture *f = *state;
	const char *before;

	if (!is_mysql(f))
		return;
	renew(f);
	people(f);
	before = dump(f, true);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		check_lacking(f, verbs[i]);
	assert_string_equal(dump(f, true), before);
}

/* The right for some columns alone is none for a change. */
static void test_column_rights(void **state)
{
	struct fixture *f = *state;
	const char *user = arena_printf(&f->arena, "survey%d", (int)getpid());
	struct findings all;

	if (!is_mysql(f))
		return;
	renew(f);
	pbx(f, "DROP USER IF EXISTS %s@localhost", user);
	make_user(f, user, "UPDATE");
	pbx(f, "GRANT UPDATE (region) ON %s.did_numbers TO %s@localhost", f->target.database, user);
	use_user(f, user);
	all = survey(f, CHECK_BIT(CHECK_RIGHTS));
	assert_string_equal(fix_of(&all, "lacks UPDATE on did_numbers"),
			    arena_printf(&f->arena, "GRANT UPDATE ON `%s`.`did_numbers` TO '%s'@'localhost';",
					 f->target.database, user));
	conf_override(f->conf, SET_TARGET, f->url, "test");
	pbx(f, "DROP USER %s@localhost", user);
	forget(&all);
}

static void test_file_rights(void **state)
{
	struct fixture *f = *state;
	struct findings all;

	if (is_mysql(f))
		return;
	renew(f);
	assert_int_equal(open_store(f, STORE_READ), 0);
	assert_int_equal(chmod(f->path, 0400), 0);
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0); /* root may write anywhere */
	all = survey_open(f, CHECK_BIT(CHECK_RIGHTS));
	assert_int_equal(seteuid(getuid()), 0);
	assert_true(strstr(fix_of(&all, "the database's file may not be written to"), f->path));
	if (geteuid() == 0)
		fix_of(&all, "the database's directory may not be written to");
	assert_int_equal(chmod(f->path, 0600), 0);
	forget(&all);
}

/* ---- settings */

/* On the store's own connection: what a proxy between would do to a session. */
static const struct {
	enum where where;
	enum check check;
	const char *sql, *detail;
} sessions[] = {
	{MYSQL, CHECK_SERVER, "SET SESSION sql_mode = ''", "sql_mode is empty: text that does not fit"},
	{MYSQL, CHECK_SERVER, "SET SESSION tx_isolation = 'REPEATABLE-READ'",
	 "isolation is REPEATABLE-READ: a change would"},
	{MYSQL, CHECK_SERVER, "SET SESSION autocommit = 0", "autocommit is OFF"},
	{MYSQL, CHECK_CHARSET, "SET NAMES latin1", "the connection has the character set latin1"},
	{MYSQL, CHECK_CHARSET, "SET character_set_results = NULL",
	 "the connection has the character set binary"},
	{SQLITE, CHECK_SERVER, "PRAGMA synchronous = NORMAL", "synchronous is 1"},
	{SQLITE, CHECK_SERVER, "PRAGMA locking_mode = EXCLUSIVE", "locking_mode is exclusive"},
};

static void test_sessions(void **state)
{
	struct fixture *f = *state;

	renew(f);
	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		struct findings all;

		if (!(sessions[i].where & (is_mysql(f) ? MYSQL : SQLITE)))
			continue;
		assert_int_equal(open_store(f, STORE_READ), 0);
		assert_int_equal(sql_text((struct sql_store *)f->store, sessions[i].sql, &f->err), 0);
		all = survey_open(f, CHECK_BIT(sessions[i].check));
		fix_of(&all, sessions[i].detail);
		forget(&all);
	}
}

/* The real server, which commits without waiting for the disk. */
static void test_real_server(void **state)
{
	struct fixture *f = *state;
	struct findings all;
	const char *was, *fix;

	if (!is_mysql(f))
		return;
	renew(f);
	was = ask(f, "SELECT @@innodb_flush_log_at_trx_commit");
	pbx(f, "SET GLOBAL innodb_flush_log_at_trx_commit = 2");
	all = survey(f, CHECK_BIT(CHECK_SERVER));
	fix = fix_of(&all,
		     "innodb_flush_log_at_trx_commit is 2: a change that was reported done can be lost");
	mend(f, fix);
	forget(&all);
	all = survey(f, CHECK_BIT(CHECK_SERVER));
	for (size_t i = 0; i < all.lines.n; i++)
		assert_null(strstr(all.lines.at[i], "innodb_flush_log"));
	forget(&all);
	pbx(f, "SET GLOBAL innodb_flush_log_at_trx_commit = %d", atoi(was));
}

/* A server that answers SHOW VARIABLES and SHOW STATUS as a case has it: what no server of a test can be made into. */
struct pretender {
	struct sql_driver driver; /* first: the store's */
	const struct sql_driver *inner;
	const char *variables, *status;
};

/* The store knows its driver alone, and the driver's calls know the connection alone. */
static struct pretender pretender;

static int pretend_query(struct sql *sql, const char *text, const struct value *params, size_t n,
			 struct err *err)
{
	if (strcmp(text, "SHOW VARIABLES") == 0)
		text = pretender.variables;
	else if (strncmp(text, "SHOW STATUS", strlen("SHOW STATUS")) == 0)
		text = pretender.status;
	return pretender.inner->query(sql, text, params, n, err);
}

#define MARIADB	  "SELECT 'version', '10.11.6-MariaDB' UNION SELECT 'innodb_flush_log_at_trx_commit', '1'"
#define NO_STATUS "SELECT 'x', 'y' FROM DUAL WHERE 1 = 0"

static const struct {
	const char *variables, *status, *detail; /* NULL: silent */
} servers[] = {
	{MARIADB, NO_STATUS, NULL},
	{"SELECT 'version', '8.0.36'", NO_STATUS, NULL},
	{"SELECT 'version', '10.4.32-MariaDB-log'", NO_STATUS, "is older than MariaDB 10.5"},
	{"SELECT 'version', '5.7.44'", NO_STATUS, "version 5.7.44 is older than MySQL 8.0"},
	{MARIADB " UNION SELECT 'log_bin', 'OFF' UNION SELECT 'sync_binlog', '0'", NO_STATUS, NULL},
	{MARIADB " UNION SELECT 'log_bin', 'ON' UNION SELECT 'sync_binlog', '1'", NO_STATUS, NULL},
	{MARIADB " UNION SELECT 'log_bin', 'ON' UNION SELECT 'sync_binlog', '0'", NO_STATUS,
	 "sync_binlog is 0: a change"},
	{MARIADB " UNION SELECT 'innodb_doublewrite', 'OFF'", NO_STATUS, "innodb_doublewrite is OFF: a page"},
	{MARIADB " UNION SELECT 'innodb_doublewrite', 'DETECT_AND_RECOVER'", NO_STATUS, NULL},
	{MARIADB " UNION SELECT 'max_allowed_packet', '16777215'", NO_STATUS,
	 "max_allowed_packet is 16777215"},
	{MARIADB " UNION SELECT 'max_allowed_packet', '1073741824'", NO_STATUS, NULL},
	{MARIADB " UNION SELECT 'read_only', 'ON'", NO_STATUS,
	 "read_only is ON: the server takes no changes"},
	{MARIADB " UNION SELECT 'read_only', '0' UNION SELECT 'super_read_only', '0'", NO_STATUS, NULL},
	{MARIADB " UNION SELECT 'super_read_only', 'ON'", NO_STATUS, "super_read_only is ON"},
	{MARIADB " UNION SELECT 'innodb_read_only', 'ON'", NO_STATUS, "innodb_read_only is ON"},
	{MARIADB " UNION SELECT 'transaction_isolation', 'SERIALIZABLE'", NO_STATUS,
	 "transaction_isolation is SERIALIZABLE"},
	{MARIADB " UNION SELECT 'wsrep_on', 'ON'", "SELECT 'wsrep_ready', 'OFF'",
	 "wsrep_ready is OFF: this node"},
	{MARIADB " UNION SELECT 'wsrep_on', 'ON'", "SELECT 'wsrep_ready', 'ON'", NULL},
	{MARIADB " UNION SELECT 'wsrep_on', 'OFF'", "SELECT 'wsrep_ready', 'OFF'", NULL},
};

static void test_pretended_servers(void **state)
{
	struct fixture *f = *state;

	if (!is_mysql(f))
		return;
	renew(f);
	assert_int_equal(open_store(f, STORE_READ), 0);
	pretender = (struct pretender){.driver = mysql_driver, .inner = &mysql_driver};
	pretender.driver.query = pretend_query;
	((struct sql_store *)f->store)->driver = &pretender.driver;
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++) {
		struct findings all;

		pretender.variables = servers[i].variables;
		pretender.status = servers[i].status;
		all = survey_open(f, CHECK_BIT(CHECK_SERVER));
		if (servers[i].detail)
			fix_of(&all, servers[i].detail);
		if (all.lines.n != (servers[i].detail != NULL))
			fail_msg("%s: %s", servers[i].variables, all.lines.n ? all.lines.at[0] : "silent");
		forget(&all);
	}
}

/* ---- a damaged file, and ends */

static void overwrite_page(struct fixture *f, const char *table)
{
	long page = atol(ask(f, "SELECT rootpage FROM sqlite_master WHERE name = '%s'", table));
	long size = atol(ask(f, "PRAGMA page_size"));
	char garbage[512];
	int fd = open(f->path, O_WRONLY);

	memset(garbage, 0xa5, sizeof(garbage));
	assert_true(fd >= 0 && page > 1);
	assert_int_equal(pwrite(fd, garbage, sizeof(garbage), (page - 1) * size), sizeof(garbage));
	close(fd);
}

static void test_damaged_file(void **state)
{
	struct fixture *f = *state;
	struct findings all;

	if (is_mysql(f))
		return;
	renew(f);
	end_store(f);
	overwrite_page(f, "users");
	all = survey(f, CHECK_BIT(CHECK_INTEGRITY) | CHECK_BIT(CHECK_TABLES));
	assert_true(strstr(fix_of(&all, "integrity: "), f->path) ||
		    strstr(all.fixes.at[0], "didctl doctor integrity"));
	forget(&all);
}

static void test_ends(void **state)
{
	struct fixture *f = *state;
	struct findings all = {.finder = {found}, .f = f, .answer = ERR_PIPE};

	renew(f);
	pbx(f, "DROP TABLE users");
	assert_int_equal(open_store(f, STORE_READ), 0);
	assert_int_equal(store_survey(f->store, TARGET_CHECKS, &all.finder, &f->err), ERR_PIPE);
	assert_int_equal(all.lines.n, 1);
	forget(&all);
	if (!is_mysql(f))
		return;
	pbx(f, "KILL %d",
	    atoi(ask(f, "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <>"
			" CONNECTION_ID()")));
	all.answer = 0;
	assert_int_equal(store_survey(f->store, TARGET_CHECKS, &all.finder, &f->err), ERR_TARGET);
	assert_int_equal(all.lines.n, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE_SURVEY(test_plants),	CASE_SURVEY(test_every_column),
		CASE_SURVEY(test_harmless),	CASE_SURVEY(test_bare),
		CASE_SURVEY(test_rights),	CASE_SURVEY(test_column_rights),
		CASE_SURVEY(test_file_rights),	CASE_SURVEY(test_sessions),
		CASE_SURVEY(test_real_server),	CASE_SURVEY(test_pretended_servers),
		CASE_SURVEY(test_damaged_file), CASE_SURVEY(test_ends),
	};

	return run_suites(tests, ARRAY_SIZE(tests));
}
