/*
 * E911 and CNAM through every store alike: a number's own name and its organisation's default, a location and its numbers,
 * what providers said, and what release, undo and a replay make of it.
 */
#include "tests/store/fixture.h"

#define A  "+14155550100"
#define B  "+14155550101"
#define C  "+14155550102"
#define AB "+14155550100-1"

static struct change with_name(struct change c, const char *name)
{
	c.value[DID_CNAM] = name;
	c.is_set[DID_CNAM] = true;
	return c;
}

static struct change default_name(struct fixture *f, const char *name)
{
	struct change c = change_of(f, VERB_CNAM_DEFAULT, NULL, "ACME");

	c.object_value[ORG_CNAM] = name;
	c.object_is_set[ORG_CNAM] = true;
	return c;
}

static struct change at_street(struct change c, const char *street)
{
	static const struct {
		enum location_field field;
		const char *value;
	} fields[] = {{LOCATION_COUNTRY, "US"}, {LOCATION_CITY, "New York"}, {LOCATION_STATE_CODE, "NY"},
		      {LOCATION_ZIP, "10118"}, {LOCATION_LABEL, "HQ"}, {LOCATION_CIVIC, "PRD=N;LMK=Tower"}};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		c.object_value[fields[i].field] = fields[i].value;
		c.object_is_set[fields[i].field] = true;
	}
	c.object_value[LOCATION_STREET] = street;
	c.object_is_set[LOCATION_STREET] = true;
	return c;
}

static struct change named(struct change c, const char *location)
{
	c.location_text = location;
	return c;
}

static const char *names(struct fixture *f)
{
	static const int columns[] = {DID_NUMBER, DID_CNAM, DID_CNAM_SOURCE, DID_CNAM_STATUS, DID_CNAM_NOTE};
	static const struct selection all = {0};

	return listed(f, &(struct query){.listing = LIST_NUMBERS, .columns = columns, .ncolumns = ARRAY_SIZE(columns),
					 .selection = &all});
}

static const char *addresses(struct fixture *f)
{
	static const int columns[] = {DID_NUMBER, DID_E911, DID_ADDRESS, DID_E911_NOTE, DID_E911_CANDIDATES};
	static const struct selection all = {0};

	return listed(f, &(struct query){.listing = LIST_NUMBERS, .columns = columns, .ncolumns = ARRAY_SIZE(columns),
					 .selection = &all});
}

static const char *locations(struct fixture *f)
{
	static const int columns[] = {LOCATION_LABEL, LOCATION_ORG, LOCATION_STREET, LOCATION_CIVIC, LOCATION_NUMBERS};

	return listed(f, &(struct query){.listing = LIST_LOCATIONS, .columns = columns, .ncolumns = ARRAY_SIZE(columns)});
}

/* All that is stored of them but since when: what comes back waits anew. */
static const char *everything(struct fixture *f)
{
	static const int columns[] = {DID_NUMBER, DID_STATE, DID_CNAM, DID_CNAM_SOURCE, DID_CNAM_STATUS, DID_LOCATION,
				      DID_E911, DID_E911_NOTE, DID_E911_CANDIDATES};
	static const int org[] = {ORG_NAME, ORG_CNAM};
	static const struct selection all = {0};
	const char *numbers = listed(f, &(struct query){.listing = LIST_NUMBERS, .columns = columns,
							.ncolumns = ARRAY_SIZE(columns), .selection = &all});
	const char *orgs = listed(f, &(struct query){.listing = LIST_ORGS, .columns = org, .ncolumns = ARRAY_SIZE(org)});

	return arena_printf(&f->arena, "%s%s%s", numbers, orgs, locations(f));
}

static void three(struct fixture *f)
{
	seed_default(f, A, "o-acme");
	seed(f, B, STATE_ASSIGNED, "o-acme");
	seed(f, C, STATE_AVAILABLE, NULL);
}

static const char *last_id(struct fixture *f)
{
	return arena_strdup(&f->arena, f->id);
}

static void test_names(void **state)
{
	struct fixture *f = *state;

	three(f);
	done(f, with_name(change_of(f, VERB_CNAM_SET, A, NULL), "SALES"));
	done(f, default_name(f, "ACME CORP"));
	assert_string_equal(names(f), A "|SALES|number|pending|-\n" B "|ACME CORP|org|pending|-\n" C "|-|-|-|-\n");
	done(f, change_of(f, VERB_ASSIGN, C, "ACME"));
	done(f, change_of(f, VERB_CNAM_CLEAR, A, NULL));
	assert_string_equal(names(f), A "|ACME CORP|org|pending|-\n" B "|ACME CORP|org|pending|-\n" C "|ACME CORP|org|pending|-\n");
	done(f, default_name(f, NULL));
	assert_string_equal(names(f), A "|-|-|-|-\n" B "|-|-|-|-\n" C "|-|-|-|-\n");
	refused(f, with_name(change_of(f, VERB_CNAM_SET, "+14155550109", NULL), "X"), ERR_ABSENT, "");
}

static void test_names_undone(void **state)
{
	struct fixture *f = *state;
	const char *before, *id;

	three(f);
	done(f, default_name(f, "OLD"));
	before = everything(f);
	done(f, default_name(f, "NEW"));
	id = last_id(f);
	assert_int_equal(undo(f, id), 0);
	assert_string_equal(everything(f), before);
	done(f, default_name(f, "NEW"));
	id = last_id(f);
	done(f, change_of(f, VERB_ASSIGN, C, "ACME"));
	assert_int_equal(undo(f, id), 0); /* what came since waits for the old name */
	assert_string_equal(names(f), A "|OLD|org|pending|-\n" B "|OLD|org|pending|-\n" C "|OLD|org|pending|-\n");
	assert_true(strstr(plan_text(f), "14155550102+1 changed") || strstr(plan_text(f), "14155550100+3 changed"));
}

/* The status that comes back is about a default that is another by now. */
static void test_an_old_status_is_not_of_a_new_name(void **state)
{
	struct fixture *f = *state;
	struct change sync;
	const char *id;

	three(f);
	done(f, default_name(f, "OLD"));
	sync = change_of(f, VERB_CNAM_SYNC, AB, NULL);
	sync.value[DID_CNAM_STATUS] = "synced";
	sync.is_set[DID_CNAM_STATUS] = sync.is_set[DID_CNAM_NOTE] = true;
	sync.value[DID_CNAM_NOTE] = "done";
	sync.seen_name = "OLD";
	sync.seen_since = arena_strdup(&f->arena, f->plan.records.at[f->plan.runs[0].after].v[DID_CNAM_SINCE]);
	done(f, sync);
	assert_string_equal(names(f), A "|OLD|org|synced|done\n" B "|OLD|org|synced|done\n" C "|-|-|-|-\n");
	done(f, with_name(change_of(f, VERB_CNAM_SET, A, NULL), "SALES"));
	id = last_id(f);
	done(f, default_name(f, "NEW"));
	assert_int_equal(undo(f, id), 0);
	assert_string_equal(names(f), A "|NEW|org|pending|-\n" B "|NEW|org|pending|-\n" C "|-|-|-|-\n");
}

#define FIFTH "350 Fifth Ave"

static void test_addresses(void **state)
{
	struct fixture *f = *state;

	three(f);
	done(f, at_street(change_of(f, VERB_E911_SET, AB, NULL), FIFTH));
	assert_non_null(strstr(addresses(f), A "|pending|" FIFTH));
	assert_string_equal(locations(f), "HQ|ACME|" FIFTH "|PRD=N;LMK=Tower|2\n");
	done(f, at_street(change_of(f, VERB_E911_SET, A, NULL), FIFTH)); /* it is there */
	assert_int_equal(f->plan.nobjects, 0);
	refused(f, named(change_of(f, VERB_LOCATION_DELETE, NULL, NULL), "HQ"), ERR_REFUSED, "emergency address of 2 numbers");
	done(f, change_of(f, VERB_E911_CLEAR, A, NULL));
	done(f, change_of(f, VERB_RELEASE, B, NULL));
	assert_string_equal(addresses(f), A "|not-set|-|-|-\n" B "|not-set|-|-|-\n" C "|not-set|-|-|-\n");
	assert_string_equal(locations(f), "HQ|ACME|" FIFTH "|PRD=N;LMK=Tower|0\n");
	refused(f, change_of(f, VERB_ORG_DELETE, NULL, "Globex"), ERR_REFUSED, "1 user");
	done(f, named(change_of(f, VERB_LOCATION_DELETE, NULL, NULL), "HQ"));
	assert_string_equal(locations(f), "");
	refused(f, named(change_of(f, VERB_E911_SET, A, NULL), "HQ"), ERR_ABSENT, "there is no location 'HQ'");
}

static void test_addresses_undone(void **state)
{
	struct fixture *f = *state;
	struct change edit;
	const char *bare, *set, *made, *edited;

	three(f);
	bare = everything(f);
	done(f, at_street(change_of(f, VERB_E911_SET, AB, NULL), FIFTH));
	assert_int_equal(undo(f, last_id(f)), 0);
	assert_string_equal(everything(f), bare);
	done(f, at_street(change_of(f, VERB_E911_SET, AB, NULL), FIFTH));
	made = last_id(f);
	set = everything(f);
	edit = named(change_of(f, VERB_LOCATION_EDIT, NULL, NULL), "HQ");
	edit.object_value[LOCATION_STREET] = "1 Broadway";
	edit.object_is_set[LOCATION_STREET] = true;
	done(f, edit);
	edited = last_id(f);
	assert_string_equal(locations(f), "HQ|ACME|1 Broadway|PRD=N;LMK=Tower|2\n");
	assert_int_equal(undo(f, made), ERR_REFUSED);
	assert_int_equal(undo(f, edited), 0);
	assert_string_equal(everything(f), set);
}

/* What a provider said is kept, and comes back with a number that is released and taken back. */
static void test_answers(void **state)
{
	struct fixture *f = *state;
	const char *candidates = "[{\"street\":\"1 \\\"Main\\\" St\",\"city\":\"Albany\"}]", *before;
	struct change sync;

	three(f);
	done(f, at_street(change_of(f, VERB_E911_SET, AB, NULL), FIFTH));
	sync = change_of(f, VERB_E911_SYNC, A, NULL);
	sync.seen_location = arena_strdup(&f->arena, f->plan.location);
	sync.seen_since = arena_strdup(&f->arena, f->plan.records.at[f->plan.runs[0].after].v[DID_E911_SINCE]);
	sync.value[DID_E911] = "failed";
	sync.value[DID_E911_NOTE] = "no such street";
	sync.value[DID_E911_CANDIDATES] = candidates;
	sync.is_set[DID_E911] = sync.is_set[DID_E911_NOTE] = sync.is_set[DID_E911_CANDIDATES] = true;
	done(f, sync);
	assert_non_null(strstr(addresses(f), arena_printf(&f->arena, "|no such street|%s\n", candidates)));
	before = everything(f);
	done(f, change_of(f, VERB_RELEASE, A, NULL));
	assert_int_equal(undo(f, last_id(f)), 0);
	assert_string_equal(everything(f), before);
}

#define SET(field, text) .value = {[field] = (text)}, .is_set = {[field] = true}
#define LABEL(text) .object_value = {[LOCATION_LABEL] = (text)}, .object_is_set = {[LOCATION_LABEL] = true}
#define PLACE(label)                                                                                                   \
	.object_value = {[LOCATION_LABEL] = (label), [LOCATION_COUNTRY] = "US", [LOCATION_STREET] = "1 Market St",      \
			 [LOCATION_CITY] = "San Francisco", [LOCATION_STATE_CODE] = "CA", [LOCATION_ZIP] = "94103"},   \
	.object_is_set = {[LOCATION_LABEL] = true, [LOCATION_COUNTRY] = true, [LOCATION_STREET] = true,                \
			  [LOCATION_CITY] = true, [LOCATION_STATE_CODE] = true, [LOCATION_ZIP] = true}
#define D "+14155550103"

/* One after the other: HQ is ACME's, D is Globex's, C nobody's. */
static const struct {
	enum verb verb;
	const char *numbers, *org;
	struct change with;
	int code;
	const char *text; /* of the error, a refusal's reason or a warning */
	unsigned changed, objects; /* a location that is made counts */
} rules[] = {
	{VERB_LOCATION_ADD, NULL, "ACME", {PLACE("HQ")}, 0, "", 1, 1},
	{VERB_LOCATION_ADD, NULL, "ACME", {PLACE("HQ")}, 0, "", 0, 0}, /* it is there: named, and nothing is done */
	{VERB_LOCATION_ADD, NULL, "ACME", {PLACE("Annex")}, 0, "is there already, labelled HQ", 0, 0},
	{VERB_LOCATION_ADD, NULL, "ACME", {PLACE(NULL)}, 0, "", 0, 0},
	{VERB_LOCATION_EDIT, NULL, NULL, {.location_text = "HQ", LABEL("HQ")}, 0, "", 0, 0},
	{VERB_LOCATION_EDIT, NULL, NULL, {.location_text = "HQ", LABEL("Main")}, 0, "", 0, 1},
	{VERB_LOCATION_EDIT, NULL, NULL, {.location_text = "Main", LABEL(NULL)}, 0, "", 0, 1},
	{VERB_LOCATION_ADD, NULL, "ACME", {PLACE("HQ")}, 0, "is there already, without a label", 0, 0},
	{VERB_E911_SET, A " " D, NULL, {PLACE("HQ")}, ERR_REFUSED, "several organisations, such as", 0, 0},
	{VERB_E911_SET, C, NULL, {PLACE("HQ")}, ERR_REFUSED, "only a number that an organisation holds", 0, 0},
	{VERB_E911_SET, A, NULL, {PLACE(NULL)}, 0, "", 1, 0},
	{VERB_E911_SET, A, NULL, {PLACE(NULL)}, 0, "", 0, 0}, /* waits already */
	{VERB_E911_SYNC, A, NULL, {SET(DID_E911, "registered"), .seen_since = "2020-01-01T00:00:00Z"}, 0, "", 0, 0},
	{VERB_LOCATION_ADD, NULL, "Globex", {PLACE("Tower")}, 0, "", 1, 1},
	{VERB_E911_SET, A, NULL, {.location_text = "Tower"}, ERR_REFUSED, "is another organisation's", 0, 0},
	{VERB_E911_SET, D, NULL, {.location_text = "Tower"}, 0, "", 1, 0},
	{VERB_LOCATION_DELETE, NULL, NULL, {.location_text = "Tower"}, ERR_REFUSED, "emergency address of 1 number", 0, 0},
	{VERB_CNAM_DEFAULT, NULL, "ACME", {.object_is_set = {[ORG_CNAM] = true}}, 0, "", 0, 0},
	{VERB_CNAM_SET, C, NULL, {SET(DID_CNAM, "SALES")}, ERR_REFUSED, "only a number that an organisation holds", 0, 0},
	{VERB_CNAM_SET, A, NULL, {SET(DID_CNAM, "SALES")}, 0, "", 1, 0},
	{VERB_CNAM_SET, A, NULL, {SET(DID_CNAM, "SALES")}, 0, "", 0, 0},
	{VERB_CNAM_SYNC, A, NULL, {SET(DID_CNAM_STATUS, "synced"), .seen_name = "OTHER"}, 0, "", 0, 0},
	{VERB_CNAM_CLEAR, D, NULL, {0}, 0, "", 0, 0},
};

static bool is_told(const struct fixture *f, const char *text)
{
	bool is_told = strstr(f->err.text, text) || says(&f->plan.warnings, text);

	for (size_t i = 0; i < f->plan.nruns; i++)
		is_told |= f->plan.runs[i].reason && strstr(f->plan.runs[i].reason, text);
	return is_told;
}

static void test_rules(void **state)
{
	struct fixture *f = *state;

	three(f);
	seed(f, D, STATE_ASSIGNED, "o-glob");
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct change base = change_of(f, rules[i].verb, rules[i].numbers, rules[i].org), c = rules[i].with;

		memcpy(base.value, c.value, sizeof(c.value));
		memcpy(base.is_set, c.is_set, sizeof(c.is_set));
		memcpy(base.object_value, c.object_value, sizeof(c.object_value));
		memcpy(base.object_is_set, c.object_is_set, sizeof(c.object_is_set));
		base.location_text = c.location_text;
		base.seen_name = c.seen_name;
		base.seen_since = c.seen_since;
		if (apply(f, &base) != rules[i].code || !is_told(f, rules[i].text))
			fail_msg("rule %zu: '%s', not '%s'", i, f->err.text, rules[i].text);
		if (!rules[i].code && (f->plan.changed != rules[i].changed || f->plan.nobjects != rules[i].objects))
			fail_msg("rule %zu: %d numbers, %zu objects", i, (int)f->plan.changed, f->plan.nobjects);
		change_release(&base);
	}
}

/* The same command with the same change id says what it did. */
static void test_again(void **state)
{
	struct fixture *f = *state;
	struct change c;

	three(f);
	c = default_name(f, "ACME CORP");
	c.id_given = true;
	assert_int_equal(apply(f, &c), 0);
	assert_int_equal(apply(f, &c), 0);
	assert_true(f->plan.is_replay);
	assert_int_equal(f->plan.changed, 2);
	c.object_value[ORG_CNAM] = "OTHER";
	refused(f, c, ERR_REFUSED, "was used for another request");
}

/* Who looks for a name or an address finds no other. */
static void test_found(void **state)
{
	struct fixture *f = *state;
	struct selection sel = {0};
	static const int number[] = {DID_NUMBER};
	const struct query query = {.listing = LIST_NUMBERS, .columns = number, .ncolumns = 1, .selection = &sel};

	three(f);
	done(f, with_name(change_of(f, VERB_CNAM_SET, A, NULL), "SALES"));
	done(f, at_street(change_of(f, VERB_E911_SET, B, NULL), FIFTH));
	filter_add_value(selection_add_filter(&sel, FILTER_EQUAL, DID_CNAM_STATUS), "pending");
	assert_string_equal(listed(f, &query), A "\n");
	selection_release(&sel);
	filter_add_value(selection_add_filter(&sel, FILTER_EQUAL, DID_E911), "not-set");
	assert_string_equal(listed(f, &query), A "\n" C "\n");
	selection_release(&sel);
	assert_true(store_can(f->store, CAN_KEEP_SERVICES));
}

#define CASES(how)                                                                                                        \
	{                                                                                                                 \
		how(test_names), how(test_names_undone), how(test_an_old_status_is_not_of_a_new_name),                    \
			how(test_addresses), how(test_addresses_undone), how(test_answers), how(test_again),              \
			how(test_found), how(test_rules),                                                                 \
	}

int main(void)
{
	const struct CMUnitTest tests[] = CASES(CASE), api[] = CASES(CASE_API);

	return run_suites_and_api(tests, ARRAY_SIZE(tests), api, ARRAY_SIZE(api));
}
