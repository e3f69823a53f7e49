/* The survey of what is not in the tables: rights, the session, and the settings of the server. */
#include "tests/store/survey.h"

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
	const char *variables, *status, *members;
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
	else if (strstr(text, "replication_group_members"))
		text = pretender.members;
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
	{MARIADB " UNION SELECT 'wsrep_on', 'ON'", "SELECT 'wsrep_local_state_comment', 'Synced'", NULL},
	{MARIADB " UNION SELECT 'wsrep_on', 'ON'", "SELECT 'wsrep_local_state_comment', 'Donor/Desynced'",
	 "wsrep_local_state_comment is Donor/Desynced: this node"},
};

#define GROUP(mode, consistency, timeout)                                                       \
	"SELECT 'version', '9.7.0' UNION SELECT 'group_replication_group_name', 'aaaaaaaa'"     \
	" UNION SELECT 'group_replication_enforce_update_everywhere_checks', '" mode "'"          \
	" UNION SELECT 'group_replication_consistency', '" consistency "'"                          \
	" UNION SELECT 'group_replication_unreachable_majority_timeout', '" timeout "'"

static const struct {
	const char *variables, *members, *detail; /* NULL: silent */
} groups[] = {
	{GROUP("ON", "BEFORE", "10"), "SELECT 'ONLINE', 3, 0", NULL},
	{GROUP("ON", "BEFORE", "10"), "SELECT 'ONLINE', 3, 2", "does not reach a majority of it: it takes no changes"},
	{GROUP("ON", "BEFORE", "10"), "SELECT 'ERROR', 1, 0", "is not online in it: it takes no changes"},
	{GROUP("ON", "BEFORE", "0"), "SELECT 'ONLINE', 3, 0", "majority_timeout is 0: a member that loses the majority"},
	{GROUP("ON", "BEFORE_ON_PRIMARY_FAILOVER", "10"), "SELECT 'ONLINE', 3, 0", "may not be read here yet"},
	{GROUP("ON", "EVENTUAL", "10"), "SELECT 'ONLINE', 3, 0", "may not be read here yet"},
	{GROUP("OFF", "EVENTUAL", "10"), "SELECT 'ONLINE', 3, 0", NULL},
	{MARIADB " UNION SELECT 'group_replication_group_name', ''", "SELECT 'ERROR', 1, 0", NULL},
};

/* The server says of itself what the case has, and the survey of it one thing, or none. */
static void pretended(struct fixture *f, struct pretender as, const char *detail)
{
	struct findings all;

	as.driver = mysql_driver;
	as.driver.query = pretend_query;
	as.inner = &mysql_driver;
	pretender = as;
	((struct sql_store *)f->store)->driver = &pretender.driver;
	all = survey_open(f, CHECK_BIT(CHECK_SERVER));
	if (detail)
		fix_of(&all, detail);
	if (all.lines.n != (detail != NULL))
		fail_msg("%s: %s", as.variables, all.lines.n ? all.lines.at[0] : "silent");
	forget(&all);
}

static void test_pretended_servers(void **state)
{
	struct fixture *f = *state;

	if (!is_mysql(f))
		return;
	renew(f);
	assert_int_equal(open_store(f, STORE_READ), 0);
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++)
		pretended(f, (struct pretender){.variables = servers[i].variables, .status = servers[i].status},
			  servers[i].detail);
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		pretended(f,
			  (struct pretender){.variables = groups[i].variables, .status = NO_STATUS, .members = groups[i].members},
			  groups[i].detail);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE_SURVEY(test_rights),   CASE_SURVEY(test_column_rights), CASE_SURVEY(test_file_rights),
		CASE_SURVEY(test_sessions), CASE_SURVEY(test_real_server),   CASE_SURVEY(test_pretended_servers),
	};

	return run_suites(tests, ARRAY_SIZE(tests));
}
