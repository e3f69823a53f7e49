/* Settings of the server and of the session that break what a change promises (data.md), and SQLite's own check of its file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/sql/mysql_node.h"
#include "store/sql/survey.h"

/* ---- settings */

enum demand { IS, IS_NOT, HAS, AT_LEAST };

/* A variable that this server does not have is not looked at. */
struct setting_rule {
	const char *name;
	enum demand demand;
	const char *value;
	const char *where; /* only where this other setting is ON; NULL: always */
	const char *why;
	const char *fix; /* on SQLite a statement; else whole, or NULL for SET GLOBAL */
};

#define SESSION_FIX "SHOW VARIABLES; -- something between didctl and the server changes what didctl has set"
#define RESTART_FIX(line) \
	"SHOW VARIABLES LIKE 'innodb%'; -- in [mysqld] of the option file: " line ", then restart the server"

/* A replica, or a member that has lost its group, made writable would hold what no other server has. */
#define READ_ONLY_FIX(name) \
	"SHOW VARIABLES LIKE '%read_only'; -- is another server the one to write to? else: SET GLOBAL " name " = OFF"
#define STALE_WHY "what was changed at another member may not be read here yet"
#define STALE_FIX "SET GLOBAL group_replication_consistency = 'BEFORE'; -- for good: the same in [mysqld] of the option file"

static const struct setting_rule rules_mysql[] = {
	{"innodb_flush_log_at_trx_commit", IS, "1", NULL,
	 "a change that was reported done can be lost with the machine", NULL},
	{"sync_binlog", IS, "1", "log_bin",
	 "a change that was reported done can be missing from the binary log", NULL},
	{"innodb_doublewrite", IS_NOT, "OFF", NULL,
	 "a page that was half written when the machine stopped is lost",
	 RESTART_FIX("innodb_doublewrite = ON")},
	{"max_allowed_packet", AT_LEAST, "16777216", NULL, "the statements of a large change do not fit",
	 NULL},
	{"read_only", IS, "OFF", NULL, "the server takes no changes, as a replica does", READ_ONLY_FIX("read_only")},
	{"super_read_only", IS, "OFF", NULL, "the server takes no changes, as a replica does",
	 READ_ONLY_FIX("super_read_only")},
	{"innodb_read_only", IS, "OFF", NULL, "the server takes no changes",
	 RESTART_FIX("innodb_read_only = OFF")},
	{"sql_mode", HAS, "STRICT_ALL_TABLES", NULL, "text that does not fit would be cut silently",
	 SESSION_FIX},
	{"tx_isolation", IS, "READ-COMMITTED", NULL, "a change would decide by rows that are out of date",
	 SESSION_FIX},
	{"transaction_isolation", IS, "READ-COMMITTED", NULL,
	 "a change would decide by rows that are out of date", SESSION_FIX},
	{"autocommit", IS, "ON", NULL, "what is read could be out of date", SESSION_FIX},
	{"wsrep_ready", IS, "ON", "wsrep_on", "this node of the cluster takes no statements",
	 "SHOW STATUS LIKE 'wsrep%';"},
	{"wsrep_local_state_comment", IS, "Synced", "wsrep_on",
	 "this node of the cluster is behind the others, or gives its state to one of them", "SHOW STATUS LIKE 'wsrep%';"},
	{"group_replication_unreachable_majority_timeout", IS_NOT, "0", NULL,
	 "a member that loses the majority never answers what it is to commit",
	 "SET GLOBAL group_replication_unreachable_majority_timeout = 10; -- for good: the same in [mysqld] of the option file"},
	{"group_replication_consistency", IS_NOT, "EVENTUAL", "group_replication_enforce_update_everywhere_checks", STALE_WHY,
	 STALE_FIX},
	{"group_replication_consistency", IS_NOT, "BEFORE_ON_PRIMARY_FAILOVER",
	 "group_replication_enforce_update_everywhere_checks", STALE_WHY, STALE_FIX},
};

static const struct setting_rule rules_sqlite[] = {
	{"journal_mode", IS, "delete", NULL, "this version of SQLite can lose changes with a write-ahead log",
	 "PRAGMA journal_mode = DELETE"},
	{"synchronous", IS, "3", NULL, "a change that was reported done can be lost with the machine",
	 "PRAGMA synchronous"},
	{"locking_mode", IS, "normal", NULL, "no other program can read meanwhile", "PRAGMA locking_mode"},
};

struct variable {
	const char *name, *value;
};

struct settings {
	struct variable *at;
	size_t n, cap;
};

static void add_setting(struct survey *v, struct settings *settings, const char *name, struct value value)
{
	GROW(settings->at, settings->n, settings->cap);
	settings->at[settings->n++] = (struct variable){
		arena_strdup(&v->arena, name),
		arena_strndup(&v->arena, value.s ? value.s : "", value.len),
	};
}

/* Rows of a name and a value, or of a value alone that has the name given. */
static int read_settings(struct survey *v, struct settings *out, const char *text, const char *name,
			 struct err *err)
{
	struct sql_store *s = v->s;
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, text);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		add_setting(v, out, name ? name : row[0].s, row[name ? 0 : 1]);
	return sql_finish(s, &st, rc);
}

static int read_all(struct survey *v, struct settings *out, struct err *err)
{
	struct buf text = {0};
	int rc = 0;

	if (sql_is_mysql(v->s)) {
		rc = read_settings(v, out, "SHOW VARIABLES", NULL, err);
		return rc < 0 ? rc : read_settings(v, out, 
					     "SHOW STATUS WHERE variable_name IN ('wsrep_ready', 'wsrep_local_state_comment')", NULL, err);
	}
	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(rules_sqlite); i++) {
		buf_reset(&text);
		buf_printf(&text, "PRAGMA %s", rules_sqlite[i].name);
		rc = read_settings(v, out, text.data, rules_sqlite[i].name, err);
	}
	buf_release(&text);
	return rc;
}

static const char *value_of(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->n; i++)
		if (strcasecmp(settings->at[i].name, name) == 0)
			return settings->at[i].value;
	return NULL;
}

/* A switch is told as ON and OFF, and by some servers as 1 and 0. */
static bool is_same(const char *value, const char *wanted)
{
	if (strcasecmp(value, wanted) == 0)
		return true;
	return (strcmp(wanted, "ON") == 0 && strcmp(value, "1") == 0) ||
	       (strcmp(wanted, "OFF") == 0 && strcmp(value, "0") == 0);
}

static bool is_met(const struct setting_rule *rule, const char *value)
{
	switch (rule->demand) {
	case IS: return is_same(value, rule->value);
	case IS_NOT: return !is_same(value, rule->value);
	case HAS: return strstr(value, rule->value);
	case AT_LEAST: break;
	}
	return strtoull(value, NULL, 10) >= strtoull(rule->value, NULL, 10);
}

static const char *setting_fix(struct survey *v, const struct setting_rule *rule)
{
	if (!sql_is_mysql(v->s))
		return arena_printf(&v->arena, "sqlite3 %s '%s'", survey_quoted(v, v->s->target.path),
				    rule->fix);
	if (rule->fix)
		return rule->fix;
	return arena_printf(&v->arena,
			    "SET GLOBAL %s = %s; -- for good: %s = %s in [mysqld] of the option file",
			    rule->name, rule->value, rule->name, rule->value);
}

static int apply_rules(struct survey *v, const struct settings *settings, const struct setting_rule *rules,
		       size_t n, struct err *err)
{
	int rc = 0;

	for (const struct setting_rule *rule = rules; rc == 0 && rule < rules + n; rule++) {
		const char *value = value_of(settings, rule->name);
		const char *where = rule->where ? value_of(settings, rule->where) : "ON";

		if (!value || !where || !is_same(where, "ON") || is_met(rule, value))
			continue;
		rc = survey_tell(v, CHECK_SERVER, setting_fix(v, rule), err, "%s is %.200s: %s", rule->name,
				 *value ? value : "empty", rule->why);
	}
	return rc;
}

/* The oldest that the tests know: what comes before may lack what changes rely on. */
struct version {
	unsigned long major, minor;
};

static int look_at_version(struct survey *v, const struct settings *settings, struct err *err)
{
	static const struct version mariadb = {10, 5}, mysql = {8, 0};
	const char *text = value_of(settings, "version");
	bool is_mariadb = text && strstr(text, "MariaDB");
	struct version oldest = is_mariadb ? mariadb : mysql, is;
	char *end;

	if (!text)
		return 0;
	is.major = strtoul(text, &end, 10);
	is.minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	if (is.major > oldest.major || (is.major == oldest.major && is.minor >= oldest.minor))
		return 0;
	return survey_tell(v, CHECK_SERVER, "SELECT VERSION();", err,
			   "version %.64s is older than %s %lu.%lu, the oldest that didctl knows", text,
			   is_mariadb ? "MariaDB" : "MySQL", oldest.major, oldest.minor);
}

/* The command works, on another host than the one that was named first: whoever looks after that one has to be told. */
static int look_at_hosts(struct survey *v, struct err *err)
{
	const struct sql_hosts *hosts = &v->s->hosts;

	if (!hosts->passed)
		return 0;
	return survey_tell(v, CHECK_SERVER, "didctl doctor server -v", err, "works with host %s, others are passed over: %.400s",
			   hosts->used, hosts->passed);
}

/* One row, as texts of the survey's. */
static int read_cells(struct survey *v, const char *text, const char *cells[NODE_CELLS], struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, text);
	rc = sql_open(v->s, &st, err);
	if (rc == 0)
		rc = sql_fetch(v->s, &row, err);
	for (size_t i = 0; rc == 1 && i < NODE_CELLS; i++)
		cells[i] = row[i].s ? arena_strndup(&v->arena, row[i].s, row[i].len) : NULL;
	return sql_finish(v->s, &st, rc);
}

/* Reads work on a member that takes no changes, so that nothing else tells of it. Who may not look: survey_rights. */
static int look_at_group(struct survey *v, const struct settings *settings, struct err *err)
{
	const char *cells[NODE_CELLS] = {NULL}, *group = value_of(settings, "group_replication_group_name"), *trouble;
	int rc = group && *group ? read_cells(v, node_group_members, cells, err) : 0;

	if (rc < 0 && v->s->has_failed && v->s->failure == SQL_DENIED) {
		v->s->has_failed = false;
		return 0;
	}
	trouble = node_group_trouble(cells);
	if (rc < 0 || !trouble)
		return rc;
	return survey_tell(v, CHECK_SERVER,
			   "SELECT * FROM performance_schema.replication_group_members; -- and didctl-cluster(7) on the way back",
			   err, "%s: it takes no changes", trouble);
}

int survey_server(struct survey *v, struct err *err)
{
	struct settings settings = {0};
	bool is_mysql = sql_is_mysql(v->s);
	int rc = look_at_hosts(v, err);

	if (rc == 0)
		rc = read_all(v, &settings, err);
	if (rc == 0 && is_mysql)
		rc = look_at_version(v, &settings, err);
	if (rc == 0 && is_mysql)
		rc = look_at_group(v, &settings, err);
	if (rc == 0)
		rc = is_mysql ? apply_rules(v, &settings, rules_mysql, ARRAY_SIZE(rules_mysql), err)
			      : apply_rules(v, &settings, rules_sqlite, ARRAY_SIZE(rules_sqlite), err);
	free(settings.at);
	return rc;
}

/* ---- the file */

/* A statement's rows, one text each: kept first, since the finder may take its time. */
static int read_damages(struct survey *v, const char *text, struct strlist *out, struct err *err)
{
	struct sql_store *s = v->s;
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, text);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		if (row[0].s && strcmp(row[0].s, "ok") != 0)
			strlist_add(out, arena_strndup(&v->arena, row[0].s, row[0].len));
	return sql_finish(s, &st, rc);
}

static int tell_damages(struct survey *v, const struct strlist *found, const char *fix, const char *about,
			struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < found->n; i++)
		rc = survey_tell(v, CHECK_INTEGRITY, fix, err, "%s%.400s", about, found->at[i]);
	return rc;
}

/* A server looks after its files itself. Twenty damages tell enough. */
int survey_integrity(struct survey *v, struct err *err)
{
	struct strlist pages = {0}, orphans = {0};
	const char *path;
	int rc = 0;

	if (sql_is_mysql(v->s))
		return 0;
	path = survey_quoted(v, v->s->target.path);
	rc = read_damages(v, "PRAGMA integrity_check(20)", &pages, err);
	if (rc == 0)
		rc = tell_damages(v, &pages,
				  arena_printf(&v->arena, "sqlite3 %s .recover >recovered.sql", path),
				  "the file is damaged: ", err);
	if (rc == 0)
		rc = read_damages(
			v,
			"SELECT 'table ' || \"table\" || ' has ' || COUNT(*) || ' without their row in ' || parent"
			" FROM pragma_foreign_key_check GROUP BY \"table\", parent",
			&orphans, err);
	if (rc == 0)
		rc = tell_damages(v, &orphans,
				  arena_printf(&v->arena, "sqlite3 %s 'PRAGMA foreign_key_check'", path), "",
				  err);
	strlist_release(&pages);
	strlist_release(&orphans);
	return rc;
}
