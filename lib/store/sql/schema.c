/*
 * didctl init: makes what the target lacks. On a PBX's database only tables called didctl_ are added; its own are never
 * altered. Versions are upgraded in order; each statement may be repeated after a failure half-way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "did/objects.h"
#include "store/sql/digest.h"
#include "store/sql/facts.h"

/*
 * Statements with {words} for what the dialects call differently: {number} and {id} are texts that compare with
 * did_numbers.number and .id without conversion, so that joins can use their indexes.
 */
static const char *const version_1[] = {
	"CREATE TABLE IF NOT EXISTS didctl_meta (name VARCHAR(32) PRIMARY KEY, value VARCHAR(255) NOT NULL){end}",

	"CREATE TABLE IF NOT EXISTS didctl_changes (id CHAR(36) PRIMARY KEY, at VARCHAR(32) NOT NULL,"
	" actor VARCHAR(255), host VARCHAR(255), verb VARCHAR(32) NOT NULL, target VARCHAR(1024), reason TEXT,"
	" undo_of CHAR(36), request_hash CHAR(64), org_id {id}, org_text VARCHAR(1024), n BIGINT NOT NULL DEFAULT 0,"
	" changed BIGINT NOT NULL DEFAULT 0, unchanged BIGINT NOT NULL DEFAULT 0, refused BIGINT NOT NULL DEFAULT 0,"
	" numbers VARCHAR(255), runs {long}{index didctl_changes_at (at)}){end}",

	"CREATE TABLE IF NOT EXISTS didctl_history (seq {serial}, change_id CHAR(36) NOT NULL, block {block} NOT NULL,"
	" first {block} NOT NULL, last {block} NOT NULL, n INTEGER NOT NULL, `before` {long}, `after` {long},"
	" members {long}{index didctl_history_block (block, seq)}{index didctl_history_change (change_id)}){end}",

	"CREATE TABLE IF NOT EXISTS didctl_details (number {number} PRIMARY KEY, operator VARCHAR(255),"
	" carrier VARCHAR(255), city VARCHAR(255), state_code VARCHAR(2), rate_center VARCHAR(255),"
	" setup_fee VARCHAR(20), minute_rate VARCHAR(20), package VARCHAR(255), cnam VARCHAR(15),"
	" cnam_status VARCHAR(16), e911 VARCHAR(16), location CHAR(36), tags VARCHAR(1000), notes TEXT, locked INTEGER,"
	" hold_until VARCHAR(32), after_hold VARCHAR(16), requested_at VARCHAR(32), hold_days INTEGER,"
	" previous_org_id {id}{index didctl_details_hold (hold_until)}){end}",

	"CREATE TABLE IF NOT EXISTS didctl_orgs (org_id {id} PRIMARY KEY, unrouted VARCHAR(300)){end}",

	"CREATE TABLE IF NOT EXISTS didctl_guards (name VARCHAR(64) PRIMARY KEY, seq BIGINT NOT NULL, hint {number}){end}",
	NULL,
};

/* A history that cannot lie: digest.c and seal.c. The number of a seal is a written key, on which two sealers collide. */
static const char *const version_2[] = {
	"ALTER TABLE didctl_changes ADD COLUMN hash CHAR(64)",

	"ALTER TABLE didctl_changes ADD COLUMN seal BIGINT{add index didctl_changes_seal (seal, id)}",

	"ALTER TABLE didctl_changes ADD COLUMN moves_calls INTEGER", /* NULL: of an older version, nobody knows */

	"CREATE TABLE IF NOT EXISTS didctl_seals (seal BIGINT PRIMARY KEY NOT NULL, at VARCHAR(32) NOT NULL,"
	" n BIGINT NOT NULL, previous CHAR(64), hash CHAR(64) NOT NULL){end}",
	NULL,
};

/*
 * Ports, locations, names, and the mail that a change causes. The ids of locations compare with didctl_details.location,
 * and so are of its type.
 */
static const char *const version_3[] = {
	"ALTER TABLE didctl_orgs ADD COLUMN mail VARCHAR(1000)",

	"CREATE TABLE IF NOT EXISTS didctl_outbox (id {serial}, change_id CHAR(36) NOT NULL, recipient VARCHAR(254) NOT NULL,"
	" subject TEXT NOT NULL, body {long} NOT NULL, created VARCHAR(32) NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,"
	" unanswered INTEGER NOT NULL DEFAULT 0, next_attempt VARCHAR(32), last_end VARCHAR(16), last_error TEXT,"
	" sent_at VARCHAR(32){index didctl_outbox_next (next_attempt)}{index didctl_outbox_change (change_id)}){end}",

	"ALTER TABLE didctl_orgs ADD COLUMN cnam VARCHAR(15)",

	"ALTER TABLE didctl_details ADD COLUMN cnam_since VARCHAR(32)",

	"ALTER TABLE didctl_details ADD COLUMN cnam_note VARCHAR(255)",

	"ALTER TABLE didctl_details ADD COLUMN e911_since VARCHAR(32)",

	"ALTER TABLE didctl_details ADD COLUMN e911_note VARCHAR(255)",

	"ALTER TABLE didctl_details ADD COLUMN e911_candidates TEXT{add index didctl_details_location (location)}",

	"CREATE TABLE IF NOT EXISTS didctl_locations (id CHAR(36) PRIMARY KEY NOT NULL, label VARCHAR(64), org_id {id},"
	" country CHAR(2) NOT NULL, street VARCHAR(100) NOT NULL, unit VARCHAR(40), building VARCHAR(60), floor VARCHAR(20),"
	" room VARCHAR(40), city VARCHAR(64) NOT NULL, state_code CHAR(2) NOT NULL, zip VARCHAR(10) NOT NULL,"
	" contact VARCHAR(255), civic TEXT{index didctl_locations_org (org_id)}){end}",

	/*
	 * Orders that bring numbers in. An order is named by its serial number. Numbers and documents are lines of the order's
	 * object in the history; events, PINs and the bytes of documents are written once.
	 */
	"CREATE TABLE IF NOT EXISTS didctl_ports (port BIGINT PRIMARY KEY NOT NULL, state VARCHAR(16) NOT NULL, org_id {id},"
	" losing_carrier VARCHAR(255), type VARCHAR(16), account VARCHAR(255), pin CHAR(36), btn VARCHAR(20),"
	" authorised_name VARCHAR(255), service_address VARCHAR(1000), contact VARCHAR(255), requested_foc VARCHAR(10),"
	" requested_time VARCHAR(5), requested_zone VARCHAR(64), actual_foc VARCHAR(10), foc_time VARCHAR(5), foc_zone VARCHAR(64), code VARCHAR(32), reason VARCHAR(255),"
	" env VARCHAR(16), route VARCHAR(300), cnam VARCHAR(15), location CHAR(36),"
	" submitted_at VARCHAR(32){index didctl_ports_state (state)}){end}",

	"CREATE TABLE IF NOT EXISTS didctl_port_numbers (seq {serial}, port BIGINT NOT NULL, first {number} NOT NULL,"
	" last {number} NOT NULL, status VARCHAR(16) NOT NULL, reason VARCHAR(1000)"
	"{index didctl_port_numbers_port (port)}){end}",

	"CREATE TABLE IF NOT EXISTS didctl_port_documents (id CHAR(36) PRIMARY KEY NOT NULL, port BIGINT NOT NULL,"
	" k INTEGER NOT NULL, kind VARCHAR(8) NOT NULL, name VARCHAR(255) NOT NULL, type VARCHAR(32) NOT NULL,"
	" size BIGINT NOT NULL, sha256 CHAR(64) NOT NULL, at VARCHAR(32) NOT NULL"
	"{index didctl_port_documents_port (port, k)}){end}",

	"CREATE TABLE IF NOT EXISTS didctl_port_parts (document CHAR(36) NOT NULL, part INTEGER NOT NULL,"
	" bytes {bytes} NOT NULL, PRIMARY KEY (document, part)){end}",

	"CREATE TABLE IF NOT EXISTS didctl_port_pins (id CHAR(36) PRIMARY KEY NOT NULL, port BIGINT NOT NULL,"
	" pin VARCHAR(255) NOT NULL){end}",

	"CREATE TABLE IF NOT EXISTS didctl_port_events (seq {serial}, port BIGINT NOT NULL, at VARCHAR(32) NOT NULL,"
	" actor VARCHAR(255), verb VARCHAR(32) NOT NULL, from_state VARCHAR(16), to_state VARCHAR(16), note TEXT,"
	" is_public INTEGER NOT NULL, change_id CHAR(36){index didctl_port_events_port (port, seq)}){end}",
	NULL,
};

/*
 * Changes in pieces: pieces.c. A change that is made so has the number of its numbers in total, and no history of its own;
 * so has the last of its pieces, which says that it is complete.
 */
static const char *const version_4[] = {
	"ALTER TABLE didctl_changes ADD COLUMN part_of CHAR(36){add index didctl_changes_part (part_of)}",

	"ALTER TABLE didctl_changes ADD COLUMN total BIGINT",
	NULL,
};

/* The PBX's tables, for an inventory of its own: on SQLite only. */
static const char *const pbx_tables[] = {
	"CREATE TABLE IF NOT EXISTS organizations (id CHAR(36) PRIMARY KEY NOT NULL, name VARCHAR(255),"
	" context_prefix VARCHAR(64))",

	"CREATE TABLE IF NOT EXISTS users (id CHAR(36) PRIMARY KEY NOT NULL, org_id CHAR(36), name VARCHAR(255),"
	" outbound_did VARCHAR(20))",

	"CREATE TABLE IF NOT EXISTS did_numbers (id CHAR(36) PRIMARY KEY NOT NULL, number VARCHAR(20) NOT NULL UNIQUE,"
	" org_id CHAR(36), trunk_id CHAR(36), pool_status TEXT DEFAULT 'available'"
	" CHECK (pool_status IN ('available', 'pending', 'assigned', 'reserved')), routing_environment TEXT DEFAULT"
	" 'prod' CHECK (routing_environment IN ('prod', 'staging', 'oss')), is_default BOOLEAN DEFAULT 0,"
	" routing_type VARCHAR(20), routing_destination VARCHAR(255), recording_enabled BOOLEAN, status TEXT DEFAULT"
	" 'active' CHECK (status IN ('active', 'inactive', 'ported', 'suspended')), region VARCHAR(255),"
	" provider VARCHAR(255), monthly_price DECIMAL(10,2))",

	"CREATE INDEX IF NOT EXISTS did_numbers_org ON did_numbers (org_id)",
	NULL,
};

static const struct {
	int version;
	const char *const *statements;
	int (*fill)(struct sql_store *s, struct err *err); /* what the rows that are there get, or NULL */
} versions[] = {{1, version_1, NULL}, {2, version_2, digest_fill}, {3, version_3, NULL},
	      {4, version_4, NULL}};

static void text_type(struct buf *out, const char *type, const char *charset, const char *collation)
{
	buf_puts(out, type);
	if (*charset)
		buf_printf(out, " CHARACTER SET %s COLLATE %s", charset, collation);
}

/*
 * One {word}; name is what follows it: "index NAME (COLUMNS)", or "add index ..." where a table is altered. On SQLite an
 * index is a statement of its own, which is put behind the table's.
 */
static void expand(const struct sql_store *s, const char *word, struct buf *out, struct buf *indexes)
{
	bool is_mysql = sql_is_mysql(s), adds = strncmp(word, "add ", 4) == 0;

	if (strcmp(word, "end") == 0)
		buf_puts(out, is_mysql ? " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4" : "");
	else if (strcmp(word, "serial") == 0)
		buf_puts(out, is_mysql ? "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY" :
					 "INTEGER PRIMARY KEY AUTOINCREMENT");
	else if (strcmp(word, "long") == 0)
		buf_puts(out, is_mysql ? "LONGTEXT" : "TEXT");
	else if (strcmp(word, "bytes") == 0)
		buf_puts(out, is_mysql ? "LONGBLOB" : "BLOB");
	else if (strcmp(word, "number") == 0)
		text_type(out, "VARCHAR(20)", s->number_charset, s->number_collation);
	else if (strcmp(word, "block") == 0)
		text_type(out, "VARCHAR(64)", s->number_charset, s->number_collation);
	else if (strcmp(word, "id") == 0)
		text_type(out, "CHAR(36)", s->id_charset, s->id_collation);
	else if (is_mysql)
		buf_printf(out, ", %sINDEX %s", adds ? "ADD " : "", strstr(word, "index ") + strlen("index "));
	else
		buf_printf(indexes, "%s\n", strstr(word, "index ") + strlen("index "));
}

/* "didctl_changes_at (at)" of a table: CREATE INDEX ... ON didctl_changes (at). */
static int create_indexes(struct sql_store *s, const char *statement, char *indexes, struct err *err)
{
	const char *table = strstr(statement, "didctl_");
	int len = (int)strcspn(table, " ");
	int rc = 0;

	for (char *save = NULL, *line = strtok_r(indexes, "\n", &save); rc == 0 && line; line = strtok_r(NULL, "\n", &save)) {
		struct buf text = {0};
		int name = (int)strcspn(line, " ");

		buf_printf(&text, "CREATE INDEX IF NOT EXISTS %.*s ON %.*s%s", name, line, len, table, line + name);
		rc = sql_text(s, text.data, err);
		buf_release(&text);
	}
	return rc;
}

/* Whether the column that a statement adds is there already: neither dialect's ADD COLUMN can be repeated. */
static int is_column_there(struct sql_store *s, const char *statement, bool *out, struct err *err)
{
	static const char word[] = " ADD COLUMN ";
	const char *table = strstr(statement, "didctl_"), *column = strstr(statement, word);
	struct statement st = {0};
	struct arena arena = {0};
	const char *found = NULL;
	int rc;

	*out = false;
	if (!column)
		return 0;
	column += strlen(word);
	buf_puts(&st.text, sql_is_mysql(s) ? "SELECT column_name FROM information_schema.columns WHERE table_schema ="
					     " DATABASE() AND table_name = ? AND column_name = ?" :
					     "SELECT name FROM pragma_table_info(?) WHERE name = ?");
	statement_copy(&st, table, strcspn(table, " "));
	statement_copy(&st, column, strcspn(column, " "));
	rc = sql_scalar(s, &st, &found, &arena, err);
	*out = found;
	statement_release(&st);
	arena_release(&arena);
	return rc;
}

static int run_template(struct sql_store *s, const char *statement, struct err *err)
{
	struct buf text = {0}, indexes = {0};
	bool is_there;
	int rc = is_column_there(s, statement, &is_there, err);

	if (rc < 0)
		return rc;
	for (const char *p = statement; *p;) {
		size_t plain = strcspn(p, "{");
		char word[128];

		buf_add(&text, p, plain);
		p += plain;
		if (!*p)
			break;
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(p + 1, "}"), p + 1);
		expand(s, word, &text, &indexes);
		p += strlen(word) + 2;
	}
	if (!is_there)
		rc = sql_text(s, text.data, err);
	if (rc < 0 && is_column_there(s, statement, &is_there, NULL) == 0 && is_there)
		rc = 0; /* another init has added it meanwhile */
	if (rc == 0 && indexes.len)
		rc = create_indexes(s, statement, indexes.data, err);
	buf_release(&text);
	buf_release(&indexes);
	return rc;
}

int sql_set_meta(struct sql_store *s, const char *name, const char *value, struct err *err)
{
	struct statement st = {0};
	int rc;

	buf_printf(&st.text, "INSERT INTO didctl_meta (name, value) VALUES (?, ?)%svalue = ?", s->driver->dialect->upsert);
	statement_param(&st, name);
	statement_param(&st, value);
	statement_param(&st, value);
	rc = sql_run(s, &st, NULL, err);
	statement_release(&st);
	return rc;
}

static void report(struct init_report *r, const struct init_options *o, const char *what)
{
	r->is_complete = false;
	strlist_add(&r->lines, arena_printf(&r->arena, "%s %s", o->check ? "missing:" : "made", what));
}

static bool lacks_pbx_tables(const struct sql_store *s)
{
	return !s->has_numbers || !s->has_orgs || !s->has_users;
}

static int make_pbx_tables(struct sql_store *s, const struct init_options *o, struct init_report *r, struct err *err)
{
	int rc = 0;

	if (!lacks_pbx_tables(s))
		return 0;
	if (sql_is_mysql(s) && !s->has_numbers) {
		err_set(err, ERR_TARGET, "'%s' is no PBX's database: it has no table did_numbers", s->target.url);
		err_hint(err, "didctl makes that table on SQLite only; on MySQL and MariaDB it is the PBX's own");
		return ERR_TARGET;
	}
	if (sql_is_mysql(s))
		return 0;
	for (const char *const *t = pbx_tables; !o->check && rc == 0 && *t; t++)
		rc = sql_text(s, *t, err);
	if (rc == 0)
		report(r, o, "the tables did_numbers, organizations and users");
	return rc;
}

/* How many tables there are from a version on. */
static unsigned count_tables(long version)
{
	unsigned n = 0;

	for (size_t v = 0; v < ARRAY_SIZE(versions) && versions[v].version <= version; v++)
		for (const char *const *t = versions[v].statements; *t; t++)
			n += strncmp(*t, "CREATE TABLE", strlen("CREATE TABLE")) == 0;
	return n;
}

/*
 * The version that the tables have. Its row alone proves nothing: somebody may have dropped a table since. Then all are
 * made anew where missing.
 */
static int find_version(struct sql_store *s, long *version, struct init_report *r, struct err *err)
{
	struct statement st = {0};
	const char *n;
	int rc;

	*version = s->schema_version;
	if (!s->schema_version)
		return 0;
	buf_puts(&st.text, sql_is_mysql(s) ? "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
					     " AND table_name LIKE 'didctl|_%' ESCAPE '|'" :
					     "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'"
					     " AND name LIKE 'didctl|_%' ESCAPE '|'");
	rc = sql_scalar(s, &st, &n, &r->arena, err);
	statement_release(&st);
	if (rc == 0 && strtoul(n, NULL, 10) < count_tables(s->schema_version))
		*version = 0;
	return rc;
}

/* One version's statements, then what the rows get that an older version made. */
static int make_version(struct sql_store *s, size_t v, struct err *err)
{
	char number[16];
	int rc = 0;

	for (const char *const *t = versions[v].statements; rc == 0 && *t; t++)
		rc = run_template(s, *t, err);
	if (rc == 0 && versions[v].fill && s->schema_version < versions[v].version)
		rc = versions[v].fill(s, err);
	snprintf(number, sizeof(number), "%d", versions[v].version);
	return rc < 0 ? rc : sql_set_meta(s, "schema", number, err);
}

static int make_tables(struct sql_store *s, const struct init_options *o, struct init_report *r, struct err *err)
{
	long version;
	int rc = find_version(s, &version, r, err);

	for (size_t v = 0; rc == 0 && v < ARRAY_SIZE(versions); v++) {
		if (version >= versions[v].version)
			continue;
		if (!o->check)
			rc = make_version(s, v, err);
	}
	if (rc == 0 && version < SCHEMA_VERSION)
		report(r, o, arena_printf(&r->arena, "didctl's own tables, version %d", SCHEMA_VERSION));
	return rc;
}

/* The inventory's country decides how every number in it is read, so it is set once. */
static int make_country(struct sql_store *s, const struct init_options *o, struct init_report *r, struct err *err)
{
	const struct country *wanted = o->country ? country_find(o->country) : NULL;
	struct statement st = {0};
	const char *now = NULL;
	int rc = 0;

	buf_puts(&st.text, "SELECT value FROM didctl_meta WHERE name = 'country'");
	if (s->schema_version)
		rc = sql_scalar(s, &st, &now, &r->arena, err);
	statement_release(&st);
	if (rc < 0 || !wanted)
		return rc;
	if (now && strcmp(now, country_code(wanted)) != 0) {
		err_set(err, ERR_REFUSED, "the inventory's country is %s already", now);
		err_hint(err, "every number in it was read by that country's rules; another one needs another inventory");
		return ERR_REFUSED;
	}
	if (now)
		return 0;
	s->country = wanted; /* also where it is only looked at: the demo's numbers are found under its spellings */
	if (!o->check)
		rc = sql_set_meta(s, "country", country_code(wanted), err);
	if (rc == 0)
		report(r, o, arena_printf(&r->arena, "the inventory's country: %s", country_code(wanted)));
	return rc;
}

/* The seed's 30 numbers by its convention ranges, and who may hold them. */
static const struct {
	const char *env;
	struct interval numbers;
} demo_numbers[] = {
	{"prod", {{918065978000, 12}, 21}},
	{"staging", {{918065978021, 12}, 4}},
	{"oss", {{918065978025, 12}, 5}},
};

static const struct {
	const char *name, *prefix;
} demo_orgs[] = {{"ACME", "org_mnd5khym"}, {"Globex", "org_q3x8w2pa"}};

static int demo_apply(struct sql_store *s, struct change *c, struct init_report *r, const char *what, struct err *err)
{
	struct plan plan = {0};
	int rc = uuid_make(c->id, err);

	c->now_ms = clock_now_ms();
	c->expect = c->hold_days = -1;
	c->actor = "didctl init";
	c->reason = "demo";
	if (rc == 0)
		rc = sql_store_apply(&s->store, c, &plan, err);
	if (plan.changed) {
		r->is_complete = false;
		strlist_add(&r->lines, arena_printf(&r->arena, "made %s", what));
	}
	if (rc == ERR_PARTIAL || (rc == ERR_REFUSED && plan.refused)) { /* numbers that the PBX has twice stay as they are */
		strlist_add(&r->lines, arena_printf(&r->arena, "left out %llu of %s", (unsigned long long)plan.refused, what));
		rc = 0;
	}
	plan_release(&plan);
	change_release(c);
	return rc;
}

static bool demo_org_is_there(struct sql_store *s, size_t i, struct init_report *r)
{
	struct sql_facts facts = sql_facts(s, false);
	struct org org;
	bool is_there = org_resolve(&facts.facts, demo_orgs[i].name, &org, &r->arena, NULL) == 0;

	s->has_failed = false;
	return is_there;
}

static int demo_org(struct sql_store *s, size_t i, struct init_report *r, struct err *err)
{
	struct change c = {.verb = VERB_ORG_ADD};
	int rc;

	if (demo_org_is_there(s, i, r))
		return 0;
	c.object_value[ORG_NAME] = demo_orgs[i].name;
	c.object_value[ORG_CONTEXT_PREFIX] = demo_orgs[i].prefix;
	c.object_is_set[ORG_NAME] = c.object_is_set[ORG_CONTEXT_PREFIX] = true;
	rc = demo_apply(s, &c, r, arena_printf(&r->arena, "the organisation %s", demo_orgs[i].name), err);
	if (rc != ERR_REFUSED || !demo_org_is_there(s, i, r)) /* another init was quicker */
		return rc;
	*err = (struct err){0};
	return 0;
}

static int demo_range(struct sql_store *s, size_t i, struct init_report *r, struct err *err)
{
	static const struct {
		enum did_field field;
		const char *value;
	} fields[] = {{DID_PROVIDER, "Tata"}, {DID_REGION, "Bangalore"}, {DID_PRICE, "2499.00"}};
	struct change c = {.verb = VERB_DEMO, .to = STATE_AVAILABLE, .if_absent = true, .partial = true};

	rangeset_add(&c.selection.numbers, demo_numbers[i].numbers);
	rangeset_normalise(&c.selection.numbers);
	for (size_t f = 0; f < ARRAY_SIZE(fields); f++) {
		c.value[fields[f].field] = fields[f].value;
		c.is_set[fields[f].field] = true;
	}
	c.value[DID_ENV] = demo_numbers[i].env;
	c.is_set[DID_ENV] = true;
	return demo_apply(s, &c, r,
			  arena_printf(&r->arena, "%d numbers of environment %s", (int)demo_numbers[i].numbers.count,
				       demo_numbers[i].env),
			  err);
}

static int make_demo(struct sql_store *s, struct init_report *r, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(demo_orgs); i++)
		rc = demo_org(s, i, r, err);
	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(demo_numbers); i++)
		rc = demo_range(s, i, r, err);
	return rc;
}

/* How many numbers of the range no row has, under any spelling. */
static int count_lacking(struct sql_store *s, struct interval range, uint64_t *lacking, struct err *err)
{
	static const int key[] = {DID_E164};
	static const struct sort_key order[] = {{DID_E164, false}};
	struct selection selection = {0};
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = key, .ncolumns = 1, .sort = order, .nsort = 1, .selection = &selection,
	};
	char last[NUMBER_TEXT] = "";
	const struct value *row;
	int rc;

	*lacking = range.count;
	rangeset_add(&selection.numbers, range);
	rangeset_normalise(&selection.numbers);
	rc = sql_store_query(&s->store, &query, err);
	while (rc == 0 && (rc = sql_store_next(&s->store, &row, err)) == 1) {
		*lacking -= strcmp(last, row->s) != 0; /* of twins one */
		snprintf(last, sizeof(last), "%s", row->s);
		rc = 0;
	}
	sql_store_done(&s->store);
	selection_release(&selection);
	return rc;
}

static int look_for_demo(struct sql_store *s, const struct init_options *o, struct init_report *r, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(demo_orgs); i++)
		if (!s->has_orgs || !demo_org_is_there(s, i, r))
			report(r, o, arena_printf(&r->arena, "the organisation %s", demo_orgs[i].name));
	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(demo_numbers); i++) {
		uint64_t lacking = demo_numbers[i].numbers.count;

		if (s->has_numbers)
			rc = count_lacking(s, demo_numbers[i].numbers, &lacking, err);
		if (rc == 0 && lacking)
			report(r, o, arena_printf(&r->arena, "%d numbers of environment %s", (int)lacking, demo_numbers[i].env));
	}
	return rc;
}

int sql_store_init(struct store *store, const struct init_options *o, struct init_report *r, struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	int rc;

	r->is_complete = true;
	rc = make_pbx_tables(s, o, r, err);
	if (rc == 0)
		rc = make_tables(s, o, r, err);
	if (rc == 0)
		rc = make_country(s, o, r, err);
	if (rc == 0 && !o->check)
		rc = sql_inspect(s, err);
	if (rc == 0 && o->demo)
		rc = o->check ? look_for_demo(s, o, r, err) : make_demo(s, r, err);
	return rc;
}
