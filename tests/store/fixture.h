/*
 * What the suites over store.h share: a fresh inventory on either backend, a second connection that plays the PBX, changes
 * in a line each, and a plan as text. Each suite runs as a whole on SQLite and then on the database that
 * DIDCTL_TEST_MYSQL names, and what it has for a REST API through one in front of that database.
 */
#ifndef DIDCTL_TEST_FIXTURE_H
#define DIDCTL_TEST_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "store/sql/sqlstore.h"
#include "store/sql/target.h"

#define NOW INT64_C(1795255200000) /* 2026-11-21T10:00:00Z */

struct fixture {
	const struct sql_driver *driver;
	struct sql_target target; /* of the PBX's connection */
	bool is_api;		  /* the store is a REST API in front of the PBX's database */
	char path[160], url[512], journals[160]; /* of the API: XDG_STATE_HOME */
	struct conf *conf;
	struct arena arena, target_arena;
	struct sql *pbx;
	struct store *store;
	struct plan plan; /* of the last change */
	char id[UUID_TEXT];
	int64_t now_ms;
	struct err err;
};

static inline bool is_mysql(const struct fixture *f)
{
	return f->driver == &mysql_driver;
}

/* ---- the PBX: plain SQL on a connection of its own */

static inline void pbx(struct fixture *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static inline void pbx(struct fixture *f, const char *fmt, ...)
{
	char text[4096];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (f->driver->exec(f->pbx, text, NULL, 0, NULL, &f->err) < 0)
		fail_msg("%s: %s", text, f->err.text);
}

/* All rows, "a|b\nc|d\n"; NULL is "-". */
static inline const char *ask(struct fixture *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static inline const char *ask(struct fixture *f, const char *fmt, ...)
{
	const struct value *row;
	struct buf out = {0};
	const char *result;
	char text[2048];
	va_list args;
	int rc;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (f->driver->query(f->pbx, text, NULL, 0, &f->err) < 0)
		fail_msg("%s: %s", text, f->err.text);
	while ((rc = f->driver->fetch(f->pbx, &row, &f->err)) == 1)
		for (unsigned i = 0; i < f->driver->columns(f->pbx); i++)
			buf_printf(&out, "%s%s", row[i].s ? row[i].s : "-",
				   i + 1 < f->driver->columns(f->pbx) ? "|" : "\n");
	assert_int_equal(rc, 0);
	f->driver->done(f->pbx);
	result = arena_strdup(&f->arena, buf_str(&out));
	buf_release(&out);
	return result;
}

/* Every byte that undo has to bring back; has_tables: didctl's own count too, which no API has. */
static inline const char *dump(struct fixture *f, bool has_tables)
{
	bool has_own = has_tables && !f->is_api;
	const char *numbers = ask(f, "SELECT * FROM did_numbers ORDER BY id");
	const char *users = ask(f, "SELECT * FROM users ORDER BY id");
	const char *orgs = ask(f, "SELECT * FROM organizations ORDER BY id");
	const char *settings = has_own ? ask(f, "SELECT * FROM didctl_orgs ORDER BY org_id") : "";
	const char *details = has_own ? ask(f, "SELECT * FROM didctl_details ORDER BY number") : "";

	return arena_printf(&f->arena, "%s\n%s\n%s\n%s\n%s", numbers, users, orgs, settings, details);
}

/* ---- opening and closing */

static inline int open_store(struct fixture *f, enum store_access access)
{
	store_close(f->store);
	return store_open(&f->store, f->conf, access, 10, &f->err);
}

static const char *const own_tables[] = {
	"didctl_meta",	     "didctl_changes",	 "didctl_history",	"didctl_details",
	"didctl_orgs",	     "didctl_guards",	 "didctl_seals",	"didctl_outbox",
	"didctl_locations",  "didctl_ports",	 "didctl_port_numbers", "didctl_port_documents",
	"didctl_port_parts", "didctl_port_pins", "didctl_port_events",
};
static const char *const api_tables[] = {"api_numbers", "api_organizations", "api_locations"}; /* of tests/api/store.js */
static const char *const pbx_names[] = {"did_numbers", "organizations", "users"};

static inline void init_store(struct fixture *f)
{
	struct init_report report = {0};
	struct init_options options = {.country = "IN"};

	assert_int_equal(open_store(f, STORE_CREATE), 0);
	if (store_init(f->store, &options, &report, &f->err))
		fail_msg("init: %s", f->err.text);
	strlist_release(&report.lines);
	arena_release(&report.arena);
}

static inline void people(struct fixture *f)
{
	pbx(f, "INSERT INTO organizations (id, name, context_prefix) VALUES ('o-acme', 'ACME', 'org_acme'),"
	       " ('o-glob', 'Globex', 'org_glob'), ('o-twin1', 'Twin', 'org_t1'), ('o-twin2', 'Twin', 'org_t2')");
	pbx(f, "INSERT INTO users (id, org_id, name, outbound_did) VALUES ('u-ann', 'o-acme', 'Ann', NULL),"
	       " ('u-bob', 'o-glob', 'Bob', NULL)");
}

/* What the tests write themselves need not outlive a power cut: most of their time went into waiting for the disk. */
static inline void connect_pbx(struct fixture *f)
{
	f->target.create = true;
	if (f->driver->open(&f->pbx, &f->target, &f->err) < 0)
		fail_msg("%s", f->err.text);
	if (!is_mysql(f))
		pbx(f, "PRAGMA synchronous = OFF");
}

static inline void empty(struct fixture *f, const char *const *tables, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pbx(f, "DELETE FROM %s", tables[i]);
}

/* Empty tables, then ACME and Globex, Ann and Bob. */
static inline int set_up(void **state)
{
	struct fixture *f = *state;

	f->now_ms = NOW;
	init_store(f);
	connect_pbx(f);
	empty(f, own_tables + 1, ARRAY_SIZE(own_tables) - 1); /* all but didctl_meta */
	empty(f, pbx_names, ARRAY_SIZE(pbx_names));
	people(f);
	return 0;
}

/* What earlier tests changed through the API is forgotten. */
static inline void forget_journals(struct fixture *f)
{
	struct buf command = {0};

	buf_printf(&command, "rm -rf '%s'", f->journals);
	assert_int_equal(system(buf_str(&command)), 0);
	buf_release(&command);
}

/* The same through a REST API: the PBX's tables, and those of the API. */
static inline int set_up_api(void **state)
{
	struct fixture *f = *state;

	f->now_ms = NOW;
	forget_journals(f);
	connect_pbx(f);
	empty(f, pbx_names, ARRAY_SIZE(pbx_names));
	empty(f, api_tables, ARRAY_SIZE(api_tables));
	people(f);
	if (open_store(f, STORE_WRITE))
		fail_msg("%s", f->err.text);
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	f->store = NULL;
	f->driver->close(f->pbx);
	f->pbx = NULL;
	plan_release(&f->plan);
	f->plan = (struct plan){0};
	arena_release(&f->arena);
	if (!is_mysql(f))
		unlink(f->path);
	return 0;
}

/* As set_up, but with the PBX's tables alone. */
static inline int set_up_pbx(void **state)
{
	struct fixture *f = *state;

	set_up(state);
	for (size_t i = 0; i < ARRAY_SIZE(own_tables); i++)
		pbx(f, "DROP TABLE %s", own_tables[i]);
	conf_override(f->conf, SET_COUNTRY, "IN", "test");
	assert_int_equal(open_store(f, STORE_WRITE), 0);
	conf_override(f->conf, SET_COUNTRY, NULL, "test");
	return 0;
}

#define CASE(test) \
	{ \
#test, test, set_up, tear_down, NULL \
	}
#define CASE_PBX(test) \
	{ \
#test, test, set_up_pbx, tear_down, NULL \
	}

#define CASE_API(test) \
	{ \
#test, test, set_up_api, tear_down, NULL \
	}

/* The tests under the backend's name, for one group of all: a second group would be a second TAP plan. */
static inline size_t add_backend(struct fixture *f, struct CMUnitTest *out, const struct CMUnitTest *tests, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out[i] = tests[i];
		out[i].name = arena_printf(&f->target_arena, "%s %s", f->is_api ? "api" : f->driver->name, tests[i].name);
		out[i].initial_state = f;
	}
	return n;
}

static inline int make_conf(struct fixture *f, const char *file)
{
	if (conf_load(&f->conf, file, NULL, &f->err) < 0)
		return -1;
	conf_override(f->conf, SET_TARGET, f->url, "test");
	f->target.conf = f->conf;
	f->target.url = f->url;
	f->target.timeout_s = 10;
	return 0;
}

static inline int make_sqlite(struct fixture *f, const char *dir, const char *config)
{
	f->driver = &sqlite_driver;
	snprintf(f->path, sizeof(f->path), "%s/store.db", dir);
	snprintf(f->url, sizeof(f->url), "sqlite:%s", f->path);
	f->target.path = f->path;
	return make_conf(f, config);
}

static inline int make_mysql(struct fixture *f, const char *url, const char *config)
{
	f->driver = &mysql_driver;
	snprintf(f->url, sizeof(f->url), "%s", url);
	return target_parse_mysql(&f->target, f->url, &f->target_arena, &f->err) < 0 ? -1 : make_conf(f, config);
}

/* tests/lib/api VERB DIR ...; 0 where it worked. */
static inline int api_command(const char *dir, const char *verb, const char *rest)
{
	struct buf command = {0};
	int rc;

	buf_printf(&command, "tests/lib/api %s %s/api %s", verb, dir, rest);
	rc = system(buf_str(&command));
	buf_release(&command);
	return rc;
}

/* A server in front of the database of f->target; its address becomes the store's. */
static inline int make_api(struct fixture *f, const char *mysql_url, const char *dir, const char *config)
{
	const char *file, *options;
	FILE *port;
	int n = 0;

	f->is_api = true;
	if (make_mysql(f, mysql_url, config) < 0)
		return -1;
	options = arena_printf(&f->target_arena, "%s %s", f->target.socket, f->target.database);
	snprintf(f->journals, sizeof(f->journals), "%s/state", dir);
	if (setenv("XDG_STATE_HOME", f->journals, 1) < 0 || api_command(dir, "start", options) != 0)
		return -1;
	file = arena_printf(&f->target_arena, "%s/api/ports/http", dir);
	port = fopen(file, "r");
	if (!port || fscanf(port, "%d", &n) != 1 || fclose(port))
		return -1;
	snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d/api/v1", n);
	conf_override(f->conf, SET_COUNTRY, "IN", "test");
	conf_override(f->conf, SET_API_KEY_FILE, arena_printf(&f->target_arena, "%s/api/key", dir), "test");
	return 0;
}

static inline void release_fixture(struct fixture *f)
{
	conf_free(f->conf);
	arena_release(&f->target_arena);
}

struct suite {
	const struct CMUnitTest *tests;
	size_t n;
};

static inline int run_all(struct suite databases, struct suite api, const char *dir, const char *config)
{
	struct CMUnitTest *all = xcalloc(2 * databases.n + api.n, sizeof(*all));
	struct fixture sqlite = {0}, mysql = {0}, rest = {0};
	const char *url = getenv("DIDCTL_TEST_MYSQL"), *modules = getenv("API_MODULES");
	bool has_api = url && api.n && modules && *modules;
	size_t count = 0;
	int failed = 1;

	if (make_sqlite(&sqlite, dir, config) < 0 || (url && make_mysql(&mysql, url, config) < 0) ||
	    (has_api && make_api(&rest, url, dir, config) < 0))
		goto out;
	count = add_backend(&sqlite, all, databases.tests, databases.n);
	if (url)
		count += add_backend(&mysql, all + count, databases.tests, databases.n);
	if (has_api)
		count += add_backend(&rest, all + count, api.tests, api.n);
	if (!url)
		fprintf(stderr, "SKIPPED: nothing is tested on MySQL: DIDCTL_TEST_MYSQL is not set\n");
	else if (api.n && !has_api)
		fprintf(stderr, "SKIPPED: nothing is tested through a REST API: API_MODULES is not set\n");
	failed = _cmocka_run_group_tests("store", all, count, NULL, NULL);
out:
	if (has_api)
		api_command(dir, "stop", "");
	release_fixture(&sqlite);
	release_fixture(&mysql);
	release_fixture(&rest);
	free(all);
	return failed;
}

/* api: what holds over a REST API too, with CASE_API; n 0: nothing. */
static inline int run_suites_and_api(const struct CMUnitTest *tests, size_t n, const struct CMUnitTest *api, size_t napi)
{
	const char *where = getenv("TMPDIR");
	char dir[128], config[160], remove[160];
	FILE *file;
	int failed;

	snprintf(dir, sizeof(dir), "%s/test-store-XXXXXX", where ? where : "/tmp");
	if (!mkdtemp(dir))
		return 1;
	snprintf(config, sizeof(config), "%s/config", dir);
	snprintf(remove, sizeof(remove), "rm -rf %s", dir);
	file = fopen(config, "w");
	if (!file || fclose(file))
		return 1;
	failed = run_all((struct suite){tests, n}, (struct suite){api, napi}, dir, config);
	return system(remove) || failed;
}

static inline int run_suites(const struct CMUnitTest *tests, size_t n)
{
	return run_suites_and_api(tests, n, NULL, 0);
}

/* What becomes of a case where the store is a REST API. */
enum over_api {
	SAME,
	LACKS,	    /* refused as a whole: the API has no field for what the change would write */
	LACKS_ROWS, /* nor for what is there before it */
	LACKS_UNDO, /* the change is done, but the API would not take the rows back as they were */
};

/* Whether a statement is about tables that no API has. */
static inline bool is_of_own_tables(const char *sql)
{
	return sql && strstr(sql, "didctl_");
}

/* ---- numbers and changes */

static inline void add_numbers(struct fixture *f, struct rangeset *out, const char *text)
{
	char one[128];

	for (const char *p = text; *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");
		struct interval in;

		snprintf(one, sizeof(one), "%.*s", (int)len, p);
		if (interval_parse(&in, one, store_country(f->store), &f->err) < 0)
			fail_msg("%s", f->err.text);
		rangeset_add(out, in);
		p += len;
	}
	rangeset_normalise(out);
}

/* A row as the PBX has it, in a state; details of ours only where there are any to write, and a place for them. */
static inline void seed(struct fixture *f, const char *number, enum did_state state, const char *org)
{
	const struct state_info *info = &state_info[state];
	const char *id = *number == '+' ? arena_printf(&f->arena, "p%s", number + 1) : number; /* of a path: no '+' */

	pbx(f, "INSERT INTO did_numbers (id, number, org_id, pool_status, status, is_default, routing_environment,"
	       " monthly_price) VALUES ('row-%s', '%s', %s%s%s, '%s', '%s', 0, 'prod', 100.00)",
	    id, number, org ? "'" : "", org ? org : "NULL", org ? "'" : "", info->pool_status, info->status);
	if (info->has_hold && !f->is_api)
		pbx(f, "INSERT INTO didctl_details (number, hold_until, after_hold, previous_org_id) VALUES ('%s',"
		       " '2026-11-20T00:00:00Z', 'reserved', 'o-acme')",
		    number);
}

static inline void seed_default(struct fixture *f, const char *number, const char *org)
{
	seed(f, number, STATE_ASSIGNED, org);
	pbx(f, "UPDATE did_numbers SET is_default = 1 WHERE number = '%s'", number);
}

/* A change of these numbers as the command line would make it. */
static inline struct change change_of(struct fixture *f, enum verb verb, const char *numbers, const char *org)
{
	struct change c = {.verb = verb, .actor = "tester", .host = "host", .target = f->url, .org_text = org};

	assert_int_equal(uuid_make(c.id, &f->err), 0);
	c.hold_days = c.expect = -1;
	c.to = verb == VERB_RELEASE ? STATE_UNKNOWN : STATE_AVAILABLE;
	c.now_ms = f->now_ms += 1000;
	if (numbers)
		add_numbers(f, &c.selection.numbers, numbers);
	return c;
}

static inline int apply(struct fixture *f, const struct change *c)
{
	plan_release(&f->plan);
	f->plan = (struct plan){0};
	memset(&f->err, 0, sizeof(f->err));
	memcpy(f->id, c->id, sizeof(f->id));
	return store_apply(f->store, c, &f->plan, &f->err);
}

/* Applies, releases, and expects success. */
static inline void done(struct fixture *f, struct change c)
{
	if (apply(f, &c))
		fail_msg("%s: %s", verb_info[c.verb].name, f->err.text);
	change_release(&c);
}

static inline void refused(struct fixture *f, struct change c, int code, const char *text)
{
	int rc = apply(f, &c);

	if (rc != code || !strstr(f->err.text, text))
		fail_msg("%s: %d, not %d: '%s', not '%s'", verb_info[c.verb].name, rc, code, f->err.text, text);
	change_release(&c);
}

static inline int undo(struct fixture *f, const char *id)
{
	struct change c = change_of(f, VERB_UNDO, NULL, NULL);
	int rc;

	c.undo_of = id;
	rc = apply(f, &c);
	change_release(&c);
	return rc;
}

static inline const char *state_at(const struct plan *plan, uint32_t index)
{
	return index == RECORD_NONE ? "none" : state_info[record_state(&plan->records.at[index])].name;
}

/* "918065978000+3 changed available>assigned", a line a run; "+ ..." for extra ones, "user u-ann" for objects. */
static inline const char *plan_text(struct fixture *f)
{
	const struct plan *plan = &f->plan;
	struct buf out = {0};
	const char *result;
	char text[NUMBER_TEXT];

	for (size_t i = 0; i < plan->nruns + plan->nextra; i++) {
		const struct run *run = i < plan->nruns ? &plan->runs[i] : &plan->extra[i - plan->nruns];

		number_format(run->first, text);
		buf_printf(&out, "%s%s+%llu %s", i < plan->nruns ? "" : "+ ", text, (unsigned long long)run->count,
			   result_names[run->result]);
		if (run->result == RESULT_REFUSED)
			buf_printf(&out, " %s\n", refusal_names[run->code]);
		else
			buf_printf(&out, " %s>%s\n", state_at(plan, run->before), state_at(plan, run->after));
	}
	for (size_t i = 0; i < plan->nobjects; i++)
		buf_printf(&out, "%s %s\n", plan->objects[i].kind == OBJECT_ORG ? "org" : "user",
			   plan->objects[i].name ? plan->objects[i].name : "-");
	result = arena_strdup(&f->arena, buf_str(&out));
	buf_release(&out);
	return result;
}

static inline bool says(const struct strlist *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (strstr(list->at[i], text))
			return true;
	return false;
}

/* ---- listings */

/* The rows of a query, "a|b\n". */
static inline const char *listed(struct fixture *f, const struct query *query)
{
	const struct value *row;
	struct buf out = {0};
	const char *result;
	int rc = store_query(f->store, query, &f->err);

	if (rc < 0)
		fail_msg("%s", f->err.text);
	while ((rc = store_next(f->store, &row, &f->err)) == 1)
		for (size_t i = 0; i < query->ncolumns; i++)
			buf_printf(&out, "%s%s", row[i].s ? row[i].s : "-", i + 1 < query->ncolumns ? "|" : "\n");
	if (rc < 0)
		fail_msg("%s", f->err.text);
	store_done(f->store);
	result = arena_strdup(&f->arena, buf_str(&out));
	buf_release(&out);
	return result;
}

#endif
