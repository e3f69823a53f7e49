/* Listings: every column and sort key of each kind, every filter, many operands; and init. */
#include "tests/store/fixture.h"

/* The same rows as far as the PBX's tables have them. */
static void inventory_of_pbx(struct fixture *f)
{
	pbx(f, "UPDATE did_numbers SET pool_status = 'assigned', org_id = 'o-acme' WHERE number IN ('918065978000', '08065978001')");
	pbx(f, "UPDATE did_numbers SET is_default = 1, routing_type = 'queue', routing_destination = '7'"
	       " WHERE number = '918065978000'");
	pbx(f, "UPDATE users SET outbound_did = '918065978000' WHERE id = 'u-ann'");
}

static void inventory(struct fixture *f)
{
	struct change c;

	seed(f, "918065978000", STATE_AVAILABLE, NULL);
	seed(f, "08065978001", STATE_AVAILABLE, NULL);
	seed(f, "+918065978002", STATE_PENDING, "o-glob");
	seed(f, "918065978003", f->is_api ? STATE_RESERVED : STATE_ON_HOLD, NULL);
	seed(f, "918065978004", STATE_ARCHIVED, NULL);
	seed(f, "18005551234", STATE_RESERVED, NULL);
	seed(f, "12125550123", STATE_BLOCKED, "o-glob");
	seed(f, "080-6597-8002", STATE_AVAILABLE, NULL);
	if (f->is_api) {
		inventory_of_pbx(f);
		return;
	}
	done(f, change_of(f, VERB_ASSIGN, "918065978000-8001", "ACME"));
	c = change_of(f, VERB_EDIT, "918065978000", NULL);
	c.value[DID_CITY] = "Pune";
	c.value[DID_ROUTE_TYPE] = "queue";
	c.value[DID_ROUTE_DEST] = "7";
	c.is_set[DID_CITY] = c.is_set[DID_ROUTE_TYPE] = c.is_set[DID_ROUTE_DEST] = true;
	strlist_add(&c.tags_add, "vip");
	strlist_add(&c.tags_add, "100%");
	done(f, c);
	c = change_of(f, VERB_USER_EDIT, NULL, NULL);
	c.user_text = "Ann";
	c.object_value[USER_OUTBOUND_DID] = "918065978000";
	c.object_is_set[USER_OUTBOUND_DID] = true;
	done(f, c);
}

static size_t lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* The history, which is didctl's own, is last: an API has it only of what was changed through it from here. */
static const struct {
	const char *name;
	enum listing listing;
	int columns;
	size_t rows; /* of the inventory */
} listings[] = {
	{"numbers", LIST_NUMBERS, DID_FIELDS, 8}, {"orgs", LIST_ORGS, ORG_FIELDS, 4},
	{"users", LIST_USERS, USER_FIELDS, 2},	  {"changes", LIST_CHANGES, CHANGE_FIELDS, 3},
	{"events", LIST_EVENTS, EVENT_FIELDS, 4},
};

static size_t listings_of(const struct fixture *f)
{
	return ARRAY_SIZE(listings) - (f->is_api ? 2 : 0);
}

/* The column alone, sorted by it: both databases must take it. Events come in the order of the history only. */
static void test_every_column(void **state)
{
	struct fixture *f = *state;
	struct selection all = {0};

	inventory(f);
	for (size_t k = 0; k < listings_of(f); k++) {
		for (int column = 0; column < listings[k].columns; column++) {
			for (int descending = 0; descending < 2; descending++) {
				struct sort_key sort = {column, descending};
				struct query q = {.listing = listings[k].listing,
						  .columns = &column,
						  .ncolumns = 1,
						  .selection = &all,
						  .sort = &sort,
						  .nsort = listings[k].listing != LIST_EVENTS};
				size_t n = lines(listed(f, &q));

				if (n != listings[k].rows)
					fail_msg("%s, column %d: %zu rows", listings[k].name, column, n);
			}
		}
	}
}

static void test_all_columns_at_once(void **state)
{
	static const char *const expected[] = {
		[LIST_ORGS] = "o-acme|ACME|org_acme|hangup|-|2|918065978000|-\no-glob|Globex|org_glob|hangup|-|1|-|-\n"
			      "o-twin1|Twin|org_t1|hangup|-|0|-|-\no-twin2|Twin|org_t2|hangup|-|0|-|-\n",
		[LIST_USERS] = "u-ann|Ann|ACME|o-acme|918065978000\nu-bob|Bob|Globex|o-glob|-\n",
		[LIST_EVENTS] = NULL,
	};
	struct fixture *f = *state;
	struct selection all = {0};
	int columns[DID_FIELDS];

	inventory(f);
	for (int i = 0; i < DID_FIELDS; i++)
		columns[i] = i;
	for (size_t k = 0; k < listings_of(f); k++) {
		struct query q = {.listing = listings[k].listing,
				  .columns = columns,
				  .ncolumns = (size_t)listings[k].columns,
				  .selection = &all};
		const char *text = listed(f, &q);

		assert_int_equal(lines(text), listings[k].rows);
		if (listings[k].listing < ARRAY_SIZE(expected) && expected[listings[k].listing])
			assert_string_equal(text, expected[listings[k].listing]);
	}
}

static void test_one_row(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *number;
		int columns[12];
		const char *row;
	} rows[] = {
		{"918065978000", {DID_NUMBER, DID_E164, DID_NATIONAL, DID_STATE, DID_ORG, DID_DEFAULT, DID_ROUTE, DID_CITY,
				  DID_TAGS, DID_PRICE, DID_E911, DID_UPDATED_AT},
		 "918065978000|918065978000|8065978000|assigned|ACME|1|queue:7|Pune|vip,100%|100.00|not-set|"
		 "2026-11-21T10:00:02.000Z\n"},
		{"08065978001", {DID_NUMBER, DID_E164, DID_NATIONAL, DID_STATE, DID_ORG_ID, DID_DEFAULT, DID_ENV, DID_CITY,
				 DID_TAGS, DID_LOCKED, DID_AREA_CODE, DID_UPDATED_AT},
		 "08065978001|918065978001|8065978001|assigned|o-acme|0|prod|-|-|0|-|2026-11-21T10:00:01.000Z\n"},
		{"+18005551234", {DID_NUMBER, DID_E164, DID_NATIONAL, DID_STATE, DID_ORG, DID_TOLL_FREE, DID_AREA_CODE,
				  DID_NXX, DID_HOLD_UNTIL, DID_PREVIOUS_ORG, DID_CNAM_SOURCE, DID_UPDATED_AT},
		 "18005551234|18005551234|18005551234|reserved|-|1|800|555|-|-|-|-\n"},
		{"918065978003", {DID_NUMBER, DID_E164, DID_NATIONAL, DID_STATE, DID_ORG, DID_TOLL_FREE, DID_POOL_STATUS,
				  DID_STATUS, DID_HOLD_UNTIL, DID_PREVIOUS_ORG, DID_AFTER_HOLD, DID_PREVIOUS_ORG_ID},
		 "918065978003|918065978003|8065978003|on-hold|-|0|reserved|active|2026-11-20T00:00:00Z|ACME|reserved|"
		 "o-acme\n"},
	};

	inventory(f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct selection sel = {0};
		struct query q = {.columns = rows[i].columns, .ncolumns = 12, .selection = &sel};

		add_numbers(f, &sel.numbers, rows[i].number);
		assert_string_equal(listed(f, &q), rows[i].row);
		selection_release(&sel);
	}
}

/* ---- filters */

static const struct {
	const char *title;
	enum filter_kind kind;
	enum did_field field;
	const char *values[2];
	unsigned states;
	bool is_released;
	const char *pattern;
	const char *numbers;
} filters[] = {
	{"city", FILTER_EQUAL, DID_CITY, {"Pune"}, 0, false, NULL, "918065978000 "},
	{"one of two", FILTER_EQUAL, DID_POOL_STATUS, {"pending", "reserved"}, 0, false, NULL,
	 "+918065978002 18005551234 918065978003 918065978004 "},
	{"derived", FILTER_EQUAL, DID_AREA_CODE, {"212", "800"}, 0, false, NULL, "12125550123 18005551234 "},
	{"toll-free", FILTER_EQUAL, DID_TOLL_FREE, {"1"}, 0, false, NULL, "18005551234 "},
	{"states", FILTER_STATE, DID_STATE, {NULL}, STATE_BIT(STATE_ON_HOLD) | STATE_BIT(STATE_BLOCKED), false, NULL,
	 "12125550123 918065978003 "},
	{"released", FILTER_STATE, DID_STATE, {NULL}, STATE_BIT(STATE_ON_HOLD) | STATE_BIT(STATE_AVAILABLE), true, NULL,
	 "918065978003 "},
	{"org", FILTER_ORG, DID_ORG_ID, {"o-glob"}, 0, false, NULL, "+918065978002 12125550123 "},
	{"tag", FILTER_TAG, DID_TAGS, {"vip"}, 0, false, NULL, "918065978000 "},
	{"tag with %", FILTER_TAG, DID_TAGS, {"100%"}, 0, false, NULL, "918065978000 "},
	{"part of a tag", FILTER_TAG, DID_TAGS, {"vi"}, 0, false, NULL, ""},
	{"tag that is a wildcard", FILTER_TAG, DID_TAGS, {"%"}, 0, false, NULL, ""},
	{"part of a number", FILTER_MATCH, DID_NUMBER, {"5551"}, 0, false, NULL, "18005551234 "},
	{"part of a name", FILTER_MATCH, DID_NUMBER, {"lobe"}, 0, false, NULL, "+918065978002 12125550123 "},
	{"a pattern", FILTER_MATCH, DID_NUMBER, {"91806597800X"}, 0, false, "91806597800X",
	 "+918065978002 08065978001 918065978000 918065978003 918065978004 "},
	{"due", FILTER_DUE, DID_HOLD_UNTIL, {"2026-11-21T00:00:00Z", NULL}, 0, false, NULL, "918065978003 "},
	{"not due", FILTER_DUE, DID_HOLD_UNTIL, {"2026-11-19T00:00:00Z", NULL}, 0, false, NULL, ""},
};

/* Over an API, where its rows lack what is looked for, or where every spelling is read. */
static const struct {
	const char *title, *numbers;
} found_over_api[] = {
	{"city", ""}, {"states", "12125550123 "}, {"released", ""}, {"tag", ""}, {"tag with %", ""}, {"due", ""},
	{"a pattern", "+918065978002 080-6597-8002 08065978001 918065978000 918065978003 918065978004 "},
};

static const char *expected_of(const struct fixture *f, size_t filter)
{
	for (size_t i = 0; f->is_api && i < ARRAY_SIZE(found_over_api); i++)
		if (strcmp(found_over_api[i].title, filters[filter].title) == 0)
			return found_over_api[i].numbers;
	return filters[filter].numbers;
}

static const char *selected(struct fixture *f, const struct selection *sel)
{
	struct sort_key sort = {DID_NUMBER, false};
	int column = DID_NUMBER;
	struct query q = {.columns = &column, .ncolumns = 1, .selection = sel, .sort = &sort, .nsort = 1};
	char *text = arena_strdup(&f->arena, listed(f, &q));

	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = ' ';
	return text;
}

static void test_filters(void **state)
{
	struct fixture *f = *state;

	inventory(f);
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct selection sel = {0};
		struct filter *filter = selection_add_filter(&sel, filters[i].kind, filters[i].field);
		const char *got, *expected;

		for (int v = 0; v < 2; v++)
			if (filters[i].values[v] || (filters[i].kind == FILTER_DUE))
				filter_add_value(filter, filters[i].values[v]);
		filter->states = filters[i].states;
		filter->is_released = filters[i].is_released;
		filter->has_pattern = filters[i].pattern != NULL;
		if (filters[i].pattern)
			assert_int_equal(pattern_parse(&filter->pattern, filters[i].pattern, store_country(f->store),
						       &f->err), 0);
		got = selected(f, &sel);
		expected = expected_of(f, i);
		if (strcmp(got, expected) != 0)
			fail_msg("%s: '%s', not '%s'", filters[i].title, got, expected);
		selection_release(&sel);
	}
}

static void test_operands_unite(void **state)
{
	struct fixture *f = *state;
	struct selection sel = {0};
	struct pattern pattern;

	inventory(f);
	add_numbers(f, &sel.numbers, "918065978000-8002");
	assert_string_equal(selected(f, &sel), "+918065978002 08065978001 918065978000 ");
	selection_add_id(&sel, "row-080-6597-8002");
	assert_string_equal(selected(f, &sel), "+918065978002 080-6597-8002 08065978001 918065978000 ");
	assert_int_equal(pattern_parse(&pattern, "+1-800-XXX-XXXX", store_country(f->store), &f->err), 0);
	selection_add_pattern(&sel, pattern);
	assert_string_equal(selected(f, &sel), "+918065978002 080-6597-8002 08065978001 18005551234 918065978000 ");
	filter_add_value(selection_add_filter(&sel, FILTER_ORG, DID_ORG_ID), "o-acme");
	assert_string_equal(selected(f, &sel), "08065978001 918065978000 ");
	selection_release(&sel);
}

static void test_limit_and_order(void **state)
{
	struct fixture *f = *state;
	struct selection all = {0};
	struct sort_key sort[] = {{DID_PRICE, false}, {DID_NUMBER, true}};
	int column = DID_NUMBER;
	struct query q = {.columns = &column, .ncolumns = 1, .selection = &all, .sort = sort, .nsort = 2, .limit = 2};

	inventory(f);
	assert_string_equal(listed(f, &q), "918065978004\n918065978003\n");
}

/* ---- many */

#define MANY 20000

static struct change many(struct fixture *f, uint64_t count, uint64_t each, uint64_t step)
{
	struct change c = change_of(f, VERB_ENV_SET, NULL, NULL);

	for (uint64_t i = 0; i < count; i++)
		rangeset_add(&c.selection.numbers, (struct interval){{918065900000 + i * step, 12}, each});
	rangeset_normalise(&c.selection.numbers);
	c.value[DID_ENV] = "staging";
	c.is_set[DID_ENV] = true;
	return c;
}

/* What a replay tells is what was told: the same numbers one by one. */
static void check_replay(struct fixture *f, struct change *c, uint64_t count, uint64_t each, uint64_t step)
{
	c->id_given = true;
	assert_int_equal(apply(f, c), 0);
	assert_true(f->plan.is_replay);
	assert_int_equal(f->plan.nruns, count);
	assert_int_equal(f->plan.changed, count * each);
	for (uint64_t i = 0; i < count; i++) {
		assert_int_equal(f->plan.runs[i].first.value, 918065900000 + i * step);
		assert_int_equal(f->plan.runs[i].count, each);
	}
}

static void undo_many(struct fixture *f, const char *id, uint64_t count)
{
	struct change c = change_of(f, VERB_UNDO, NULL, NULL);

	c.undo_of = id;
	c.expect = (long long)count;
	done(f, c);
}

static void check_many(struct fixture *f, uint64_t count, uint64_t each, uint64_t step)
{
	struct change c = many(f, count, each, step);
	int columns[] = {DID_NUMBER}, number[] = {EVENT_NUMBER};
	struct query q = {.columns = columns, .ncolumns = 1, .selection = &c.selection};
	struct query events = {.listing = LIST_EVENTS, .columns = number, .ncolumns = 1, .selection = &c.selection};
	const uint64_t n = count * each;

	assert_int_equal(lines(listed(f, &q)), n);
	c.expect = (long long)n;
	if (apply(f, &c))
		fail_msg("%s", f->err.text);
	assert_int_equal(f->plan.changed, n);
	check_replay(f, &c, count, each, step);
	assert_true(lines(listed(f, &events)) >= 2 * n); /* added and changed, and maybe more before */
	change_release(&c);
	assert_string_equal(ask(f, "SELECT COUNT(*) FROM did_numbers WHERE routing_environment = 'staging'"),
			    arena_printf(&f->arena, "%llu\n", (unsigned long long)n));
	undo_many(f, arena_strdup(&f->arena, f->id), n);
	assert_string_equal(ask(f, "SELECT COUNT(*) FROM did_numbers WHERE routing_environment = 'staging'"), "0\n");
}

static void test_many_operands(void **state)
{
	struct fixture *f = *state;

	struct change add = change_of(f, VERB_ADD, "918065900000-918065919999", NULL);

	add.expect = MANY;
	done(f, add);
	check_many(f, 10000, 1, 2);
	check_many(f, 300, 10, 60);
	check_many(f, 1, MANY, 1);
}

/* ---- the other listings */

static void test_changes_and_events(void **state)
{
	static const int columns[] = {EVENT_NUMBER, EVENT_VERB};
	static const int change[] = {CHANGE_VERB, CHANGE_COUNT};
	struct fixture *f = *state;
	struct selection one = {0}, all = {0};
	struct query events = {.listing = LIST_EVENTS, .columns = columns, .ncolumns = 2, .selection = &all};
	struct query changes = {.listing = LIST_CHANGES, .columns = change, .ncolumns = 2, .selection = &all};

	inventory(f);
	assert_string_equal(listed(f, &events), "918065978000|assign\n918065978001|assign\n918065978000|pool edit\n"
						"user:u-ann|user edit\n");
	events.newest_first = true;
	events.limit = 2;
	assert_string_equal(listed(f, &events), "user:u-ann|user edit\n918065978000|pool edit\n");
	add_numbers(f, &one.numbers, "08065978001");
	events.selection = &one;
	assert_string_equal(listed(f, &events), "918065978001|assign\n");
	events = (struct query){.listing = LIST_EVENTS, .columns = columns, .ncolumns = 2, .selection = &all};
	events.change_id = f->id;
	assert_string_equal(listed(f, &events), "user:u-ann|user edit\n");
	assert_string_equal(listed(f, &changes), "assign|2\npool edit|1\nuser edit|1\n");
	changes.since = "2026-11-21T10:00:02.000Z";
	changes.until = "2026-11-21T10:00:02.999Z";
	assert_string_equal(listed(f, &changes), "pool edit|1\n");
	changes.actor = "nobody";
	assert_string_equal(listed(f, &changes), "");
	changes = (struct query){.listing = LIST_CHANGES, .columns = change, .ncolumns = 2, .newest_first = true, .limit = 1};
	assert_string_equal(listed(f, &changes), "user edit|1\n");
	selection_release(&one);
}

static void test_orgs_and_users(void **state)
{
	static const int column[] = {0};
	struct fixture *f = *state;
	struct query q = {.listing = LIST_ORGS, .columns = column, .ncolumns = 1};
	struct org org;
	struct user user;

	inventory(f);
	q.name = "org_glob";
	assert_string_equal(listed(f, &q), "o-glob\n");
	q.name = NULL;
	q.prefix_of = "T";
	assert_string_equal(listed(f, &q), "o-twin1\no-twin2\n");
	q = (struct query){.listing = LIST_USERS, .columns = column, .ncolumns = 1, .org = "o-acme"};
	assert_string_equal(listed(f, &q), "u-ann\n");
	assert_int_equal(store_find_org(f->store, "ACME", &org, &f->arena, &f->err), 0);
	assert_string_equal(org.id, "o-acme");
	assert_int_equal(store_find_org(f->store, "Twin", &org, &f->arena, &f->err), ERR_REFUSED);
	assert_int_equal(store_find_org(f->store, "", &org, &f->arena, &f->err), ERR_ABSENT);
	assert_int_equal(store_find_user(f->store, "Ann", &user, &f->arena, &f->err), 0);
	assert_string_equal(user.outbound_did, "918065978000");
}

/* ---- init */

static const char *tables(struct fixture *f)
{
	return ask(f, is_mysql(f) ? "SELECT table_name, table_rows FROM (SELECT table_name, 0 AS table_rows FROM"
				    " information_schema.tables WHERE table_schema = DATABASE()) t ORDER BY table_name" :
				    "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%%' ORDER BY name");
}

static int init(struct fixture *f, struct init_options o, size_t *n, bool *is_complete)
{
	struct init_report report = {0};
	int rc = store_init(f->store, &o, &report, &f->err);

	*n = report.lines.n;
	*is_complete = report.is_complete;
	strlist_release(&report.lines);
	arena_release(&report.arena);
	return rc;
}

static void test_init(void **state)
{
	struct fixture *f = *state;
	const char *before, *pbx_tables, *with;
	size_t n;
	bool is_complete;

	before = tables(f);
	pbx_tables = is_mysql(f) ? ask(f, "SHOW CREATE TABLE did_numbers") : "";
	for (size_t i = 0; i < ARRAY_SIZE(own_tables); i++)
		pbx(f, "DROP TABLE %s", own_tables[i]);
	assert_int_equal(open_store(f, STORE_CREATE), 0);
	with = tables(f);
	assert_null(strstr(with, "didctl_"));
	assert_int_equal(init(f, (struct init_options){.check = true, .country = "IN"}, &n, &is_complete), 0);
	assert_false(is_complete);
	assert_int_equal(n, 2);
	assert_string_equal(tables(f), with);
	assert_int_equal(init(f, (struct init_options){.country = "IN"}, &n, &is_complete), 0);
	assert_int_equal(n, 2);
	assert_string_equal(tables(f), before);
	assert_string_equal(is_mysql(f) ? ask(f, "SHOW CREATE TABLE did_numbers") : "", pbx_tables);
	assert_true(store_can(f->store, CAN_KEEP_HISTORY));
	assert_string_equal(country_code(store_country(f->store)), "IN");
	assert_int_equal(init(f, (struct init_options){.country = "IN"}, &n, &is_complete), 0);
	assert_int_equal(n, 0);
	assert_true(is_complete);
	assert_int_equal(init(f, (struct init_options){.country = "US"}, &n, &is_complete), ERR_REFUSED);
}

static void test_demo(void **state)
{
	struct fixture *f = *state;
	const char *before;
	size_t n;
	bool is_complete;

	assert_int_equal(init(f, (struct init_options){.demo = true}, &n, &is_complete), 0);
	assert_string_equal(ask(f, "SELECT routing_environment, COUNT(*), MIN(number) FROM did_numbers"
				   " GROUP BY routing_environment ORDER BY 3"),
			    "prod|21|918065978000\nstaging|4|918065978021\noss|5|918065978025\n");
	before = dump(f, true);
	assert_int_equal(init(f, (struct init_options){.demo = true}, &n, &is_complete), 0);
	assert_true(is_complete);
	assert_string_equal(dump(f, true), before);
}

static void test_newer_tables(void **state)
{
	struct fixture *f = *state;

	pbx(f, "UPDATE didctl_meta SET value = '99' WHERE name = 'schema'");
	assert_int_equal(open_store(f, STORE_READ), ERR_TARGET);
	assert_non_null(strstr(f->err.text, "newer didctl"));
	f->store = NULL;
	pbx(f, "UPDATE didctl_meta SET value = '%d' WHERE name = 'schema'", SCHEMA_VERSION);
}

static void test_what_it_can(void **state)
{
	struct fixture *f = *state;

	assert_false(store_can(f->store, CAN_KEEP_HISTORY));
	assert_false(store_can(f->store, CAN_ROLL_BACK));
	assert_false(store_can(f->store, CAN_LIST_NUMBERS | CAN_ROLL_BACK));
	assert_true(store_can(f->store, CAN_LIST_NUMBERS | CAN_LIST_ORGS | CAN_LIST_USERS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_every_column),       CASE(test_all_columns_at_once), CASE(test_one_row),
		CASE(test_filters),	       CASE(test_operands_unite),      CASE(test_limit_and_order),
		CASE(test_many_operands),      CASE(test_changes_and_events),  CASE(test_orgs_and_users),
		CASE(test_init),	       CASE(test_demo),		       CASE(test_newer_tables),
	};

	const struct CMUnitTest api[] = {
		CASE_API(test_every_column),	 CASE_API(test_all_columns_at_once), CASE_API(test_filters),
		CASE_API(test_operands_unite),	 CASE_API(test_limit_and_order),     CASE_API(test_orgs_and_users),
		CASE_API(test_what_it_can),
	};

	return run_suites_and_api(tests, ARRAY_SIZE(tests), api, ARRAY_SIZE(api));
}
