/* The hosts of a target: how they are read, in which order they are tried, and what a server must say of itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/sql/mysql_codes.h"
#include "store/sql/mysql_hosts.h"
#include "store/sql/mysql_node.h"
#include "store/sql/target.h"

/* "HOST:PORT ..." of a URL, or NULL where it is refused. */
static char *hosts_of(const char *url, struct err *err)
{
	struct sql_target target = {0};
	struct arena arena = {0};
	struct buf out = {0};

	if (target_parse_mysql(&target, url, &arena, err) == 0)
		for (const struct sql_host *host = target.hosts; host->name; host++)
			buf_printf(&out, "%s%s:%u", out.len ? " " : "", host->name, host->port);
	arena_release(&arena);
	return out.data;
}

static void test_hosts(void **state)
{
	static const struct {
		const char *url, *hosts;
	} good[] = {
		{"mysql://a/db", "a:3306"},
		{"mysql://a:1/db", "a:1"},
		{"mysql://u@a,b,c/db", "a:3306 b:3306 c:3306"},
		{"mysql://u@a,b,c:3307/db", "a:3307 b:3307 c:3307"},
		{"mysql://a:1,b:65535,c/db", "a:1 b:65535 c:3306"},
		{"mysql://a:1,b,c:3/db", "a:1 b:3 c:3"},
		{"mysql://[::1],[2001:db8::2]:7/db", "::1:7 2001:db8::2:7"},
		{"mysql://[::1]:9,b/db", "::1:9 b:3306"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct err err = {0};
		char *hosts = hosts_of(good[i].url, &err);

		if (!hosts)
			fail_msg("%s: %s", good[i].url, err.text);
		assert_string_equal(hosts, good[i].hosts);
		free(hosts);
	}
}

static void test_bad_hosts(void **state)
{
	static const char *const bad[] = {
		"mysql://a,/db",     "mysql://,a/db",	  "mysql://a,,b/db",   "mysql://a:0/db",       "mysql://a:65536/db",
		"mysql://a:x,b/db",  "mysql://a:,b/db",	  "mysql://::1/db",    "mysql://a:1:2/db",     "mysql://[::1/db",
		"mysql://[::1]x/db", "mysql://[::1]:/db", "mysql://u:p@a/db",  "mysql://a:+1/db",      "mysql:///db",
		"mysql://a,b",	     "mysql://a,b/",	  "mysql://[]:3/db",   "mysql://a,b/db?x=1",   "mysql://a: 1/db",
		"mysql://[]/db",     "mysql://:3306/db",  "mysql://a,:3/db",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err err = {0};

		if (hosts_of(bad[i], &err))
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(err.code, ERR_TARGET);
		assert_true(err.text[0] && err.hint[0]);
	}
}

/* Each host answers as its letter says: R refuses, N is not ready, P wants another password, O takes reads only, the rest work. */
struct script {
	struct host_opener opener;
	char tried[16];
};

static int play(struct host_opener *opener, const struct sql_host *host, struct err *err)
{
	struct script *script = (struct script *)opener;
	char kind = host->name[0];

	strcat(script->tried, host->name);
	opener->class = kind == 'R' ? SQL_NEVER_STARTED : kind == 'N' ? SQL_NODE : SQL_DENIED;
	opener->is_read_only = kind == 'O';
	if (strchr("OUVW", kind))
		return 0;
	return err_set(err, ERR_TARGET, "cannot connect to 'mysql://%s:1/db': as the letter says", host->name);
}

static void put_hosts(struct sql_host *hosts, char names[][2], const char *letters)
{
	for (size_t k = 0; letters[k]; k++) {
		names[k][0] = letters[k];
		hosts[k] = (struct sql_host){names[k], 1};
	}
}

static void test_order(void **state)
{
	static const struct {
		const char *hosts, *tried;
		bool read_only;
		int rc;
		const char *text; /* part of the error */
	} cases[] = {
		{"W", "W", false, 0, NULL},
		{"WW", "W", false, 0, NULL},
		{"RNW", "RNW", false, 0, NULL},
		{"OW", "OW", false, 0, NULL},
		{"OW", "O", true, 0, NULL},
		{"OR", "ORO", false, 0, NULL},
		{"ROO", "ROOO", false, 0, NULL},
		{"R", "R", false, ERR_TARGET, "cannot connect to 'mysql://R:1/db': as the letter says"},
		{"RNR", "RNR", false, ERR_TARGET,
		 "no host of 'URL' can be used: R:1: as the letter says; N:1: as the letter says; R:1: as the letter says"},
		{"RPW", "RP", false, ERR_TARGET, "cannot connect to 'mysql://P:1/db'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct script script = {.opener.open = play};
		struct sql_host hosts[5] = {{0}};
		char names[5][2] = {{0}};
		struct sql_target target = {.url = "URL", .database = "db", .hosts = hosts, .read_only = cases[i].read_only};
		struct err err = {0};

		put_hosts(hosts, names, cases[i].hosts);
		assert_int_equal(hosts_open(&target, &script.opener, &err), cases[i].rc);
		assert_string_equal(script.tried, cases[i].tried);
		if (cases[i].text && !strstr(err.text, cases[i].text))
			fail_msg("'%s' is not in: %s", cases[i].text, err.text);
		if (cases[i].rc == 0 && !cases[i].read_only && script.opener.class == SQL_DENIED && !strchr(cases[i].hosts, 'O'))
			assert_string_equal(err.text, "");
	}
}

/* Those that let in and then refused are tried last, and are told of where they are not needed. */
static void test_doubted(void **state)
{
	static const struct {
		const char *hosts, *tried, *used, *passed;
		uint64_t doubted;
		int rc;
	} cases[] = {
		{"WVU", "V", "V:1", "W:1: let in, and then refused", 1, 0},
		{"WVU", "U", "U:1", "W:1: let in, and then refused; V:1: let in, and then refused", 3, 0},
		{"WRN", "RNW", "W:1", "R:1: as the letter says; N:1: as the letter says", 1, 0},
		{"WVU", "W", "W:1", NULL, 7, 0},
		{"OV", "OV", "V:1", "O:1: it takes no writes", 2, 0},
		{"NOR", "ORNO", "O:1", "O:1: it takes no writes; R:1: as the letter says; N:1: as the letter says", 1, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sql_hosts seen = {.doubted = cases[i].doubted};
		struct script script = {.opener.open = play};
		struct sql_host hosts[4] = {{0}};
		char names[4][2] = {{0}};
		struct sql_target target = {.url = "URL", .database = "db", .hosts = hosts, .seen = &seen};
		struct err err = {0};

		put_hosts(hosts, names, cases[i].hosts);
		assert_int_equal(hosts_open(&target, &script.opener, &err), cases[i].rc);
		assert_string_equal(script.tried, cases[i].tried);
		assert_string_equal(seen.used, cases[i].used);
		assert_int_equal(hosts[seen.at].name[0], *seen.used);
		assert_string_equal(seen.passed ? seen.passed : "", cases[i].passed ? cases[i].passed : "");
		assert_int_equal(seen.doubted, cases[i].doubted);
		free(seen.used);
		free(seen.passed);
	}
}

static void test_connect_timeout(void **state)
{
	struct sql_host hosts[13] = {{0}};
	struct sql_target target = {.hosts = hosts, .timeout_s = 300};

	(void)state;
	hosts[0].name = "a";
	assert_int_equal(hosts_connect_timeout(&target), 10);
	hosts[1].name = hosts[2].name = "b";
	assert_int_equal(hosts_connect_timeout(&target), 3);
	target.timeout_s = 2;
	assert_int_equal(hosts_connect_timeout(&target), 1);
	for (size_t i = 0; i < 12; i++)
		hosts[i].name = "c";
	assert_int_equal(hosts_connect_timeout(&target), 1);
	target.socket = "/s";
	assert_int_equal(hosts_connect_timeout(&target), 2);
}

/* A server by what it answers to the statements that have a word in them; the session is what it was set to. */
struct server {
	struct node_asker asker;
	const char *word[3], *cells[3][NODE_CELLS];
	int code[3]; /* 0: the row; else the error */
	char session[400];
};

static int answer(struct node_asker *asker, const char *text, const char *cells[NODE_CELLS])
{
	struct server *server = (struct server *)asker;

	if (strncmp(text, "SET ", 4) == 0) {
		strlcpy(server->session, text, sizeof(server->session));
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(server->word) && server->word[i]; i++) {
		if (!strstr(text, server->word[i]))
			continue;
		memcpy(cells, server->cells[i], sizeof(server->cells[i]));
		return server->code[i] ? -server->code[i] : server->cells[i][0] != NULL;
	}
	return -1146;
}

#define MARIADB "5.5.5-10.11.6-MariaDB"
#define MEMBERS "replication_group_members"

static void test_servers(void **state)
{
	static const struct {
		const char *version;
		struct server server;
		bool reads, is_read_only, is_hopeless;
		int rc;
		const char *trouble, *session; /* part of them */
	} cases[] = {
		{MARIADB, {.word = {"@@wsrep_on"}, .cells = {{"0", "0"}}}, .session = "tx_isolation"},
		{MARIADB, {.word = {"@@wsrep_on", "read_only, 0"}, .cells = {{NULL}, {"1", "0"}}, .code = {1193}},
		 .is_read_only = true, .session = "tx_isolation"},
		{MARIADB,
		 {.word = {"@@wsrep_on", "wsrep_ready", "reject"}, .cells = {{"0", "1"}, {"wsrep_ready", "ON"}, {"x", "ALL"}}},
		 .trouble = "takes no statements"},
		{MARIADB,
		 {.word = {"@@wsrep_on", "wsrep_ready", "reject"}, .cells = {{"0", "1"}, {"wsrep_ready", "ON"}, {"x", "NONE"}}},
		 .session = "wsrep_sync_wait = 1"},
		{MARIADB, {.word = {"@@wsrep_on", "wsrep_ready"}, .cells = {{"0", "1"}, {"wsrep_ready", "OFF"}}},
		 .trouble = "not ready"},
		{MARIADB, {.word = {"@@wsrep_on", "wsrep_ready"}, .cells = {{"0", "1"}, {"wsrep_ready", "OFF"}}},
		 .reads = true, .trouble = "not ready"},
		{MARIADB, {.word = {"@@wsrep_on"}, .code = {1047}}, .rc = -1047},
		{"8.0.36", {.word = {"@@version_comment"}, .cells = {{"0", "MySQL"}}}, .session = "transaction_isolation"},
		{"8.0.36", {.word = {"@@version_comment", "wsrep_ready"}, .cells = {{"0", "Percona XtraDB Cluster"}, {"x", "OFF"}}},
		 .trouble = "not ready"},
		{"9.7.0", {.word = {"@@version_comment", MEMBERS}, .cells = {{"0", ""}, {"ONLINE", "3", "1"}}}, .session = "SET"},
		{"9.7.0", {.word = {"@@version_comment", MEMBERS}, .cells = {{"0", ""}, {"ONLINE", "3", "2"}}},
		 .trouble = "majority"},
		{"9.7.0", {.word = {"@@version_comment", MEMBERS}, .cells = {{"0", ""}, {"OFFLINE", "1", "0"}}},
		 .trouble = "not online"},
		{"9.7.0", {.word = {"@@version_comment", MEMBERS}, .cells = {{"0", ""}, {"OFFLINE", "1", "0"}}},
		 .reads = true, .session = "SET"},
		{"9.7.0", {.word = {"@@version_comment", MEMBERS}, .cells = {{"0", ""}}, .code = {0, 1142}}, .session = "SET"},
		{"8.0.30-Vitess", {.word = {"@@version_comment", "SHOW VITESS_SHARDS LIKE 'd\\_b/%'"}, .cells = {{"0", ""}, {"d_b/0"}}},
		 .session = "SET"},
		{"8.0.30-vitess-20", {.word = {"@@version_comment", "VITESS"}, .cells = {{"0", ""}, {"d_b/-"}}}, .session = "SET"},
		{"8.0.30-Vitess", {.word = {"@@version_comment", "VITESS"}, .cells = {{"0", ""}, {"d_b/-80"}}},
		 .trouble = "sharded Vitess", .is_hopeless = true},
		{"8.0.30-Vitess", {.word = {"@@version_comment", "VITESS"}, .cells = {{"0", ""}, {"d_b/00-80"}}},
		 .trouble = "sharded Vitess", .is_hopeless = true},
		{"8.0.30-Vitess", {.word = {"@@version_comment", "VITESS"}, .cells = {{"0", ""}}, .code = {0, 1105}},
		 .trouble = "sharded Vitess", .is_hopeless = true},
		{"8.0.30-Vitess", {.word = {"@@version_comment", "VITESS"}, .cells = {{"0", ""}, {"d_b/-80"}}}, .reads = true,
		 .session = "SET"},
	};
	static const struct sql_host one[] = {{"a", 1}, {NULL, 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sql_target target = {.database = "d_b@primary", .hosts = one, .read_only = cases[i].reads};
		struct server server = cases[i].server;
		struct node node = {.version = cases[i].version};

		server.asker.ask = answer;
		assert_int_equal(node_begin(&node, &target, &server.asker), cases[i].rc);
		assert_int_equal(node.is_read_only, cases[i].is_read_only);
		assert_int_equal(node.is_hopeless, cases[i].is_hopeless);
		if (!cases[i].trouble != !node.trouble || (node.trouble && !strstr(node.trouble, cases[i].trouble)))
			fail_msg("case %zu: %s", i, node.trouble ? node.trouble : "no trouble");
		if (!cases[i].session != !*server.session || (cases[i].session && !strstr(server.session, cases[i].session)))
			fail_msg("case %zu: session '%s'", i, server.session);
	}
}

/* Measured on MariaDB 10.11 with Galera 26.4 and on MySQL 9.7: these say for sure that nothing was written, COMMIT or not. */
static void test_too_large(void **state)
{
	static const struct {
		unsigned code;
		const char *text;
	} large[] = {
		{1180, "wsrep_max_ws_rows exceeded"},
		{1105, "Maximum writeset size exceeded"},
		{1180, "Got error 90 \"Message too long\" during COMMIT"},
		{1197, "Multi-statement transaction required more than 'max_binlog_cache_size' bytes of storage"},
		{3231, "The size of writeset data for the current transaction exceeds a limit"},
		{8004, "Transaction is too large, size: 104857600"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(large); i++) {
		assert_int_equal(mysql_code_find(large[i].code, large[i].text)->class, SQL_TOO_LARGE);
		assert_int_equal(mysql_code_find(large[i].code, large[i].text)->at_commit, SQL_TOO_LARGE);
	}
	assert_int_equal(mysql_code_find(1105, "Unknown error")->at_commit, SQL_LOST);
}

/* Seen on MySQL 9.7: a member that left its group failed the COMMIT with 3100, and the others then had the change. */
static void test_members_that_leave(void **state)
{
	static const char hook[] = "Error on observer while running replication hook 'before_commit'.";

	(void)state;
	assert_int_equal(mysql_code_find(3100, hook)->class, SQL_FATAL);
	assert_int_equal(mysql_code_find(3100, hook)->at_commit, SQL_LOST);
	assert_int_equal(mysql_code_find(3032, "offline mode")->class, SQL_NODE);
	assert_int_equal(mysql_code_find(3032, "offline mode")->at_commit, SQL_LOST);
	for (unsigned code = 3796; code <= 3799; code++)
		assert_int_equal(mysql_code_find(code, "")->class, SQL_NODE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),	      cmocka_unit_test(test_bad_hosts), cmocka_unit_test(test_order),
		cmocka_unit_test(test_doubted),
		cmocka_unit_test(test_connect_timeout), cmocka_unit_test(test_servers),   cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_members_that_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
