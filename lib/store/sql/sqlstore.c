/* Opening and closing: connect, look what is there, learn the inventory's country. */
#include "store/sql/sqlstore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "did/objects.h"
#include "store/sql/facts.h"
#include "store/sql/layout.h"
#include "store/sql/target.h"

#define TIMEOUT_READ_S 10
#define TIMEOUT_WRITE_S 300

/* One row a column: table, column, character set, collation; and a row '@index' that names the index by number. */
static const char inspect_mysql[] =
	"SELECT table_name, column_name, character_set_name, collation_name FROM information_schema.columns"
	" WHERE table_schema = DATABASE()"
	" AND table_name IN ('did_numbers', 'organizations', 'users', 'didctl_meta')"
	" UNION ALL SELECT '@index', index_name, NULL, NULL FROM information_schema.statistics"
	" WHERE table_schema = DATABASE() AND table_name = 'did_numbers' AND column_name = 'number' AND seq_in_index = 1";

static const char inspect_sqlite[] =
	"SELECT m.name, p.name, NULL, NULL FROM sqlite_master m JOIN pragma_table_info(m.name) p"
	" WHERE m.name IN ('did_numbers', 'organizations', 'users', 'didctl_meta')";

static bool value_is(struct value v, const char *text)
{
	return v.s && strcmp(v.s, text) == 0;
}

static void copy_name(char out[64], struct value v)
{
	if (v.s && v.len < 64)
		memcpy(out, v.s, v.len + 1);
}

/* A column of did_numbers: it is not missing, and the key columns' collations are remembered for joins. */
static void inspect_number_column(struct sql_store *s, const struct value *row)
{
	s->has_numbers = true;
	for (const struct sql_column *c = base_columns; c->name; c++)
		if (value_is(row[1], c->name))
			s->missing &= ~FIELD_BIT(c->field);
	if (value_is(row[1], "number")) {
		copy_name(s->number_charset, row[2]);
		copy_name(s->number_collation, row[3]);
	}
	if (value_is(row[1], "id")) {
		copy_name(s->id_charset, row[2]);
		copy_name(s->id_collation, row[3]);
	}
}

static void inspect_row(struct sql_store *s, const struct value *row, const char *prefix_column)
{
	if (value_is(row[0], "did_numbers")) {
		inspect_number_column(s, row);
	} else if (value_is(row[0], "organizations")) {
		s->has_orgs = true;
		if (value_is(row[1], prefix_column))
			s->prefix_column = prefix_column;
	} else if (value_is(row[0], "users")) {
		s->has_users = true;
	} else if (value_is(row[0], "didctl_meta")) {
		s->has_tables = true;
	} else if (value_is(row[0], "@index")) {
		copy_name(s->number_index, row[1]);
	}
}

static int read_meta(struct sql_store *s, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, "SELECT name, value FROM didctl_meta");
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1) {
		if (value_is(row[0], "schema") && row[1].s)
			s->schema_version = strtol(row[1].s, NULL, 10);
		else if (value_is(row[0], "country") && row[1].s)
			s->country = country_find(row[1].s);
	}
	return sql_finish(s, &st, rc);
}

static int check_version(struct sql_store *s, struct err *err)
{
	if (s->schema_version > SCHEMA_VERSION) {
		err_set(err, ERR_TARGET, "'%s' was made by a newer didctl: its tables have version %ld, this one knows %d",
			s->target.url, s->schema_version, SCHEMA_VERSION);
		err_hint(err, "install the newer didctl");
		return ERR_TARGET;
	}
	s->has_tables = s->schema_version == SCHEMA_VERSION || (s->schema_version && (s->access == STORE_READ || s->access == STORE_SURVEY));
	if (s->schema_version && !s->has_tables && s->access == STORE_WRITE)
		return sql_lacks_tables(s, "a change", err);
	return 0;
}

int sql_inspect(struct sql_store *s, struct err *err)
{
	const char *prefix_column = conf_get(s->conf, SET_CONTEXT_PREFIX_COLUMN, NULL);
	struct statement st = {0};
	const struct value *row;
	int rc;

	s->has_numbers = s->has_orgs = s->has_users = s->has_tables = false;
	s->schema_version = 0;
	s->prefix_column = NULL;
	s->missing = 0;
	for (const struct sql_column *c = base_columns; c->name; c++)
		s->missing |= FIELD_BIT(c->field);
	buf_puts(&st.text, sql_is_mysql(s) ? inspect_mysql : inspect_sqlite);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		inspect_row(s, row, prefix_column ? prefix_column : "context_prefix");
	s->driver->done(s->db);
	statement_release(&st);
	if (rc == 0 && s->has_tables)
		rc = read_meta(s, err);
	return rc < 0 ? rc : check_version(s, err);
}

int sql_lacks_tables(const struct sql_store *s, const char *what, struct err *err)
{
	if (s->schema_version && s->schema_version < SCHEMA_VERSION) {
		err_set(err, ERR_TARGET, "%s needs didctl's own tables of version %d: those of '%s' have version %ld", what,
			SCHEMA_VERSION, s->target.url, s->schema_version);
		err_hint(err, "didctl init upgrades them; the PBX's tables are not altered");
		return ERR_TARGET;
	}
	err_set(err, ERR_TARGET, "%s needs didctl's own tables, which '%s' does not have", what, s->target.url);
	err_hint(err, "didctl init makes them; the PBX's tables are not altered");
	return ERR_TARGET;
}

static int no_inventory(struct sql_store *s, struct err *err)
{
	err_set(err, ERR_TARGET, "'%s' holds no inventory: it has no table did_numbers", s->target.url);
	err_hint(err, sql_is_mysql(s) ? "name the PBX's database in the target" : "didctl init --country CC makes one");
	return ERR_TARGET;
}

static int set_country(struct sql_store *s, struct err *err)
{
	const char *origin;
	const char *code = conf_get(s->conf, SET_COUNTRY, &origin);
	char shown[TEXT_SHOWN];

	if (s->country || !code)
		return 0;
	s->country = country_find(code);
	if (s->country)
		return 0;
	err_set(err, ERR_TARGET, "country '%s' (from %s) is not known", text_show(shown, code, strlen(code)), origin);
	err_hint(err, "one of %s", country_list());
	return ERR_TARGET;
}

/* Connecting to it went well, and then it refused: the others are asked before it from now on. */
static void doubt_host(struct sql_store *s)
{
	if (s->hosts.used && s->hosts.at < HOSTS_DOUBTED)
		s->hosts.doubted |= UINT64_C(1) << s->hosts.at;
}

int sql_reconnect(struct sql_store *s, struct err *err)
{
	if (s->has_failed && s->failure == SQL_NODE)
		doubt_host(s);
	s->driver->close(s->db);
	s->db = NULL;
	if (s->driver->open(&s->db, &s->target, err) < 0) {
		s->has_failed = true;
		return ERR_TARGET;
	}
	return 0;
}

static void sql_store_close(struct store *store)
{
	struct sql_store *s = (struct sql_store *)store;

	sql_store_done(store);
	s->driver->close(s->db);
	free(s->hosts.used);
	free(s->hosts.passed);
	arena_release(&s->arena);
	free(s);
}

static const char *sql_store_host(const struct store *store, const char **passed)
{
	const struct sql_store *s = (const struct sql_store *)store;

	*passed = s->hosts.passed;
	return s->hosts.used;
}

static int examine(struct sql_store *s, struct err *err)
{
	int rc = sql_inspect(s, err);

	if (rc == 0 && !s->has_numbers && (s->access == STORE_READ || s->access == STORE_WRITE))
		rc = no_inventory(s, err);
	if (rc == 0)
		rc = set_country(s, err);
	return rc == 0 && s->access == STORE_WRITE ? layout_admit(s, err) : rc;
}

/* A host that goes while its tables are looked at is as good as one that was gone before: the others are asked. */
static int examine_any(struct sql_store *s, struct err *err)
{
	int rc = examine(s, err);

	for (const struct sql_host *host = s->target.hosts; rc < 0 && host && host[1].name; host++) {
		if (!s->has_failed || (s->failure != SQL_LOST && s->failure != SQL_NODE))
			break;
		doubt_host(s); /* nothing was sent yet: also where only the connection was lost */
		rc = sql_reconnect(s, err);
		if (rc < 0)
			break;
		s->has_failed = false;
		rc = examine(s, err);
	}
	return rc;
}

/* What both backends do once their URL is parsed. */
static int open_common(struct store **out, struct sql_store *s, struct err *err)
{
	int rc = s->driver->open(&s->db, &s->target, err);

	if (rc == 0)
		rc = examine_any(s, err);
	if (rc < 0) {
		sql_store_close(&s->store);
		return rc == ERR_INTERRUPTED ? rc : (err->code = ERR_TARGET);
	}
	*out = &s->store;
	return 0;
}

static struct sql_store *new_store(const struct store_ops *ops, const struct sql_driver *driver,
				   const struct conf *conf, const char *url, enum store_access access, int timeout_s)
{
	struct sql_store *s = xcalloc(1, sizeof(*s));

	s->store.ops = ops;
	s->driver = driver;
	s->conf = conf;
	s->access = access;
	s->target.url = url;
	s->target.conf = conf;
	s->target.create = access == STORE_CREATE;
	s->target.read_only = access != STORE_WRITE && access != STORE_CREATE;
	s->target.why = &s->failure;
	s->target.seen = &s->hosts;
	s->target.timeout_s = timeout_s ? timeout_s : s->target.read_only ? TIMEOUT_READ_S : TIMEOUT_WRITE_S;
	return s;
}

static int open_sqlite(struct store **out, const struct conf *conf, const char *url, enum store_access access,
		       int timeout_s, struct err *err)
{
	struct sql_store *s = new_store(&sqlite_store_ops, &sqlite_driver, conf, url, access, timeout_s);
	int rc = target_parse_sqlite(&s->target, url, err);

	if (rc < 0) {
		sql_store_close(&s->store);
		return rc;
	}
	if (access == STORE_CHECK && faccessat(AT_FDCWD, s->target.path, F_OK, 0) < 0 && errno == ENOENT)
		s->target.in_memory = true; /* looked at as the empty inventory that it would become */
	return open_common(out, s, err);
}

static int open_mysql(struct store **out, const struct conf *conf, const char *url, enum store_access access,
		      int timeout_s, struct err *err)
{
	struct sql_store *s = new_store(&mysql_store_ops, &mysql_driver, conf, url, access, timeout_s);
	int rc = target_parse_mysql(&s->target, url, &s->arena, err);

	if (rc < 0) {
		sql_store_close(&s->store);
		return rc;
	}
	return open_common(out, s, err);
}

static const struct country *sql_store_country(const struct store *store)
{
	return ((const struct sql_store *)store)->country;
}

static unsigned sql_store_capabilities(struct store *store, unsigned asked)
{
	const struct sql_store *s = (const struct sql_store *)store;

	(void)asked;
	return (s->has_tables ? CAN_KEEP_HISTORY : 0u) | (s->has_numbers ? CAN_LIST_NUMBERS : 0u) |
	       (s->has_orgs ? CAN_LIST_ORGS : 0u) | (s->has_users ? CAN_LIST_USERS : 0u) |
	       (s->has_tables && s->schema_version == SCHEMA_VERSION ? CAN_VERIFY_HISTORY | CAN_KEEP_PORTS : 0u) |
	       (sql_has_services(s) ? CAN_KEEP_SERVICES : 0u) | CAN_ROLL_BACK | CAN_SURVEY;
}

static int sql_store_find_org(struct store *store, const char *text, struct org *out, struct arena *arena,
			      struct err *err)
{
	struct sql_facts facts = sql_facts((struct sql_store *)store, false);

	return org_resolve(&facts.facts, text, out, arena, err);
}

static int sql_store_find_user(struct store *store, const char *text, struct user *out, struct arena *arena,
			       struct err *err)
{
	struct sql_facts facts = sql_facts((struct sql_store *)store, false);

	return user_resolve(&facts.facts, text, out, arena, err);
}

/* Sessions read what is committed at each statement; MySQL has to be told otherwise, for this one transaction. */
static int sql_store_begin_snapshot(struct store *store, struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	int rc = sql_is_mysql(s) ? sql_text(s, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", err) : 0;

	return rc < 0 ? rc : sql_begin(s, false, err);
}

static void sql_store_end_snapshot(struct store *store)
{
	struct sql_store *s = (struct sql_store *)store;

	s->driver->rollback(s->db);
}

#define SQL_OPS                                                                                                        \
	.close = sql_store_close, .country = sql_store_country, .host = sql_store_host, .capabilities = sql_store_capabilities,                \
	.query = sql_store_query, .next = sql_store_next, .done = sql_store_done,                                      \
	.begin_snapshot = sql_store_begin_snapshot, .end_snapshot = sql_store_end_snapshot,                            \
	.generation = sql_store_generation, .live = sql_store_live, .set_live = sql_store_set_live,                    \
	.find_org = sql_store_find_org, .find_user = sql_store_find_user, .apply = sql_store_apply,                    \
	.resolve = sql_store_resolve,                                                                                  \
	.init = sql_store_init, .at = sql_store_at, .survey = sql_store_survey, .verify = sql_store_verify,            \
	.seal = sql_store_seal, .outbox_claim = sql_store_outbox_claim,                                                \
	.outbox_settle = sql_store_outbox_settle, .outbox_resend = sql_store_outbox_resend

const struct store_ops sqlite_store_ops = {.scheme = "sqlite:", .open = open_sqlite, SQL_OPS};
const struct store_ops mysql_store_ops = {.scheme = "mysql://", .open = open_mysql, SQL_OPS};
