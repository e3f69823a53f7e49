/* didctl's own tables of an older version: read as they are, and upgraded without losing a hash. */
#include "tests/store/verified.h"

static const char serial_sqlite[] = "INTEGER PRIMARY KEY AUTOINCREMENT";
static const char serial_mysql[] = "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY";
static const char *const version_1[] = {
	"CREATE TABLE didctl_meta (name VARCHAR(32) PRIMARY KEY, value VARCHAR(255) NOT NULL)",
	"CREATE TABLE didctl_changes (id CHAR(36) PRIMARY KEY, at VARCHAR(32) NOT NULL, actor VARCHAR(255), host VARCHAR(255),"
	" verb VARCHAR(32) NOT NULL, target VARCHAR(1024), reason TEXT, undo_of CHAR(36), request_hash CHAR(64), org_id CHAR(36),"
	" org_text VARCHAR(1024), n BIGINT NOT NULL DEFAULT 0, changed BIGINT NOT NULL DEFAULT 0,"
	" unchanged BIGINT NOT NULL DEFAULT 0, refused BIGINT NOT NULL DEFAULT 0, numbers VARCHAR(255), runs TEXT)",
	"CREATE INDEX didctl_changes_at ON didctl_changes (at)",
	"CREATE TABLE didctl_history (seq {serial}, change_id CHAR(36) NOT NULL, block VARCHAR(64) NOT NULL,"
	" first VARCHAR(64) NOT NULL, last VARCHAR(64) NOT NULL, n INTEGER NOT NULL, `before` TEXT, `after` TEXT, members TEXT)",
	"CREATE INDEX didctl_history_block ON didctl_history (block, seq)",
	"CREATE INDEX didctl_history_change ON didctl_history (change_id)",
	"CREATE TABLE didctl_details (number VARCHAR(20) PRIMARY KEY, operator VARCHAR(255), carrier VARCHAR(255),"
	" city VARCHAR(255), state_code VARCHAR(2), rate_center VARCHAR(255), setup_fee VARCHAR(20), minute_rate VARCHAR(20),"
	" package VARCHAR(255), cnam VARCHAR(15), cnam_status VARCHAR(16), e911 VARCHAR(16), location CHAR(36),"
	" tags VARCHAR(1000), notes TEXT, locked INTEGER, hold_until VARCHAR(32), after_hold VARCHAR(16),"
	" requested_at VARCHAR(32), hold_days INTEGER, previous_org_id CHAR(36))",
	"CREATE TABLE didctl_orgs (org_id CHAR(36) PRIMARY KEY, unrouted VARCHAR(300))",
	"CREATE TABLE didctl_guards (name VARCHAR(64) PRIMARY KEY, seq BIGINT NOT NULL, hint VARCHAR(20))",
	"INSERT INTO didctl_meta VALUES ('schema', '1'), ('country', 'IN')",
	"INSERT INTO did_numbers (id, number, pool_status, status) VALUES ('r', '" A "', 'reserved', 'active')",
	"INSERT INTO didctl_details (number, hold_until) VALUES ('" A "', '2026-12-01T00:00:00Z')",
	"INSERT INTO didctl_changes (id, at, verb, n) VALUES ('old-1', 'x', 'pool add', 1), ('old-2', 'x', 'org add', 1)",
	"INSERT INTO didctl_history (change_id, block, first, last, n, `after`) VALUES ('old-1', '918065978', '" A "', '" A "', 1,"
	" '{\"pool_status\":\"reserved\",\"status\":\"active\",\"env\":\"prod\",\"default\":false,\"hold_until\":\"2026-12-01T00:00:00Z\"}'),"
	" ('old-2', 'org:o-acme', 'o-acme', 'o-acme', 1, '{\"name\":\"ACME\"}')",
};

static void make_version_1(struct fixture *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_tables); i++)
		pbx(f, "DROP TABLE %s", own_tables[i]);
	for (size_t i = 0; i < ARRAY_SIZE(version_1); i++) {
		const char *text = version_1[i], *word = strstr(text, "{serial}");

		if (word)
			pbx(f, "%.*s%s%s", (int)(word - text), text, is_mysql(f) ? serial_mysql : serial_sqlite,
			    word + strlen("{serial}"));
		else
			pbx(f, "%s", text);
	}
}

static void upgrade(struct fixture *f, bool check, size_t lines)
{
	struct init_report report = {0};
	struct init_options options = {.check = check};

	assert_int_equal(open_store(f, check ? STORE_CHECK : STORE_CREATE), 0);
	if (store_init(f->store, &options, &report, &f->err))
		fail_msg("init: %s", f->err.text);
	assert_int_equal(report.lines.n, lines);
	if (lines)
		assert_non_null(strstr(report.lines.at[0], "didctl's own tables, version 4"));
	strlist_release(&report.lines);
	arena_release(&report.arena);
}

/* Reading goes on; writing would go on without history, and does not. */
static void test_older_version(void **state)
{
	static const int columns[] = {DID_E164, DID_STATE};
	struct query q = {.listing = LIST_NUMBERS, .columns = columns, .ncolumns = 2};
	struct selection all = {0};
	struct collector c = {.finder = {collect}};
	struct fixture *f = *state;

	make_version_1(f);
	assert_int_equal(open_store(f, STORE_WRITE), ERR_TARGET);
	f->store = NULL;
	assert_non_null(strstr(f->err.text, "have version 1"));
	assert_non_null(strstr(f->err.hint, "didctl init"));
	assert_int_equal(open_store(f, STORE_READ), 0);
	q.selection = &all;
	assert_string_equal(listed(f, &q), A "|on-hold\n");
	assert_int_equal(store_verify(f->store, BOTH, &c.finder, NULL, &f->err), ERR_TARGET);
	upgrade(f, true, 1);
	assert_string_equal(one(f, "SELECT value FROM didctl_meta WHERE name = 'schema'"), "1");
	upgrade(f, false, 1);
}

static void test_upgrade(void **state)
{
	struct fixture *f = *state;

	make_version_1(f);
	upgrade(f, false, 1);
	upgrade(f, false, 0);
	silent(f, "upgraded");
	assert_string_equal(one(f, "SELECT COUNT(*) FROM didctl_changes WHERE hash IS NULL"), "0");
	assert_int_equal(open_store(f, STORE_WRITE), 0);
	done(f, change_of(f, VERB_ADD, B, NULL));
	assert_int_equal(seal(f, 1), 3);
	silent(f, "old and new");
	pbx(f, "UPDATE didctl_history SET n = 2 WHERE change_id = 'old-1'");
	finds(f, "an old row", "change old-1", "the hash differs");
}

/* Each state in which a first try may have left the tables. */
static void test_upgrade_again(void **state)
{
	static const char *const half_way[] = {
		"ALTER TABLE didctl_changes ADD COLUMN hash CHAR(64)",
		"ALTER TABLE didctl_changes ADD COLUMN seal BIGINT",
		("CREATE TABLE didctl_seals (seal BIGINT PRIMARY KEY NOT NULL, at VARCHAR(32) NOT NULL, n BIGINT NOT NULL,"
		 " previous CHAR(64), hash CHAR(64) NOT NULL)"),
	};
	struct fixture *f = *state;

	for (size_t n = 1; n <= ARRAY_SIZE(half_way); n++) {
		make_version_1(f);
		for (size_t i = 0; i < n; i++)
			pbx(f, "%s", half_way[i]);
		upgrade(f, false, 1);
		silent(f, half_way[n - 1]);
		pbx(f, "DELETE FROM did_numbers");
	}
	pbx(f, "DROP TABLE didctl_guards"); /* a table that is lost is made anew; the hashes stay what they are */
	pbx(f, "UPDATE didctl_changes SET hash = NULL WHERE id = 'old-1'");
	upgrade(f, false, 1);
	finds(f, "a hash taken away", "change old-1", "it has no hash");
}

int main(void)
{
	const struct CMUnitTest tests[] = {CASE(test_older_version), CASE(test_upgrade), CASE(test_upgrade_again)};

	return run_suites(tests, ARRAY_SIZE(tests));
}
