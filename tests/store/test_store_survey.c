/*
 * The survey of a target: each fault planted with SQL as the PBX or its DBA would make it, found by its check, mended by what
 * the finding says, and not found again; and what is as it should be, or only different, is silent.
 */
#include "tests/store/survey.h"

/* ---- planted */

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
	 "have version 1, this didctl needs 4",
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
		CASE_SURVEY(test_plants), CASE_SURVEY(test_every_column), CASE_SURVEY(test_harmless),
		CASE_SURVEY(test_bare),	  CASE_SURVEY(test_damaged_file), CASE_SURVEY(test_ends),
	};

	return run_suites(tests, ARRAY_SIZE(tests));
}
