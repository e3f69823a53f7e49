/* The column tables against the contract (cli.md). */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "did/field.h"

static const struct {
	const char *name, *keys;
	const struct column *columns;
	size_t n;
} tables[] = {
	{"numbers",
	 "id number e164 national state pool_status status org org_id previous_org env default route_type "
	 "route_dest route recording trunk_id provider operator carrier region city state_code rate_center "
	 "area_code nxx toll_free price setup_fee minute_rate package cnam cnam_source cnam_status e911 "
	 "location tags notes locked hold_until after_hold requested_at updated_at hold_days previous_org_id "
	 "cnam_since cnam_note e911_since e911_note e911_candidates address",
	 did_columns, DID_FIELDS},
	{"orgs", "id name context_prefix unrouted mail numbers default cnam", org_columns, ORG_FIELDS},
	{"users", "id name org org_id outbound_did", user_columns, USER_FIELDS},
	{"changes", "change_id at actor verb count numbers reason undo_of host progress port", change_columns,
	 CHANGE_FIELDS},
	{"locations",
	 "id label org_id country street unit building floor room city state_code zip contact civic org address numbers",
	 location_columns, LOCATION_FIELDS},
	{"events", "number at actor verb before after change_id", event_columns, EVENT_FIELDS},
};

static void test_keys(void **state)
{
	char keys[2048];

	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		size_t len = 0;

		for (size_t i = 0; i < tables[t].n; i++)
			len += (size_t)snprintf(keys + len, sizeof(keys) - len, "%s%s", i ? " " : "",
						tables[t].columns[i].key);
		assert_string_equal(keys, tables[t].keys);
	}
}

static void test_words_for_people(void **state)
{
	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		for (size_t i = 0; i < tables[t].n; i++) {
			const struct column *column = &tables[t].columns[i];

			assert_true(column->heading && isupper((unsigned char)column->heading[0]));
			assert_true(column->help && isupper((unsigned char)column->help[0]));
			assert_int_not_equal(column->help[strlen(column->help) - 1], '.');
		}
	}
}

static void test_find(void **state)
{
	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		for (size_t i = 0; i < tables[t].n; i++)
			assert_int_equal(
				column_find(tables[t].columns, tables[t].n, tables[t].columns[i].key), i);
		assert_int_equal(column_find(tables[t].columns, tables[t].n, "no_such_column"), -1);
		assert_int_equal(column_find(tables[t].columns, tables[t].n, ""), -1);
		assert_int_equal(column_find(tables[t].columns, tables[t].n, "NUMBER"), -1);
	}
	assert_int_equal(column_find(did_columns, 0, "id"), -1);
}

static void test_default_columns(void **state)
{
	char keys[] = DID_DEFAULT_COLUMNS;
	int n = 0;

	(void)state;
	for (char *key = strtok(keys, ","); key; key = strtok(NULL, ",")) {
		assert_true(column_find(did_columns, DID_FIELDS, key) >= 0);
		n++;
	}
	assert_int_equal(n, 9);
}

static const struct {
	enum column_type type;
	const char *keys;
} types[] = {
	{COL_NUMBER, " number e164 national "},
	{COL_ID,
	 " id state pool_status status org_id env trunk_id area_code nxx cnam_source cnam_status e911 "
	 "after_hold previous_org_id "},
	{COL_COUNT, " hold_days "},
	{COL_PRICE, " price setup_fee minute_rate "},
	{COL_BOOL, " default recording toll_free locked "},
	{COL_TIME, " hold_until requested_at updated_at cnam_since e911_since "},
	{COL_LIST, " tags "},
	{COL_DATE, " "},
	{COL_OBJECT, " "},
};

static bool lists(const char *keys, const char *key)
{
	char word[64];

	snprintf(word, sizeof(word), " %s ", key);
	return strstr(keys, word) != NULL;
}

/* What no row lists is text. */
static void test_types(void **state)
{
	(void)state;
	for (size_t f = 0; f < DID_FIELDS; f++) {
		enum column_type want = COL_TEXT;

		for (size_t t = 0; t < ARRAY_SIZE(types); t++)
			if (lists(types[t].keys, did_columns[f].key))
				want = types[t].type;
		assert_int_equal(did_columns[f].type, want);
	}
	assert_int_equal(org_columns[ORG_NUMBERS].type, COL_COUNT);
	assert_int_equal(change_columns[CHANGE_COUNT].type, COL_COUNT);
	assert_int_equal(event_columns[EVENT_BEFORE].type, COL_OBJECT);
	assert_int_equal(event_columns[EVENT_AFTER].type, COL_OBJECT);
}

static const char *const homes[] = {
	[HOME_BASE] =
		" pool_status status org_id env default route_type route_dest recording trunk_id provider "
		"region price ",
	[HOME_DETAIL] =
		" operator carrier city state_code rate_center setup_fee minute_rate package cnam "
		"cnam_status e911 location tags notes locked hold_until after_hold requested_at hold_days "
		"previous_org_id cnam_since cnam_note e911_since e911_note e911_candidates ",
	[HOME_KEY] = " id number ",
	[HOME_DERIVED] =
		" e164 national state org previous_org route area_code nxx toll_free cnam_source updated_at "
		"address ",
};

static void test_homes(void **state)
{
	(void)state;
	for (size_t f = 0; f < DID_FIELDS; f++)
		for (size_t h = 0; h < ARRAY_SIZE(homes); h++)
			assert_int_equal(lists(homes[h], did_columns[f].key), did_field_home[f] == h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),  cmocka_unit_test(test_words_for_people),
		cmocka_unit_test(test_find),  cmocka_unit_test(test_default_columns),
		cmocka_unit_test(test_types), cmocka_unit_test(test_homes),
	};

	return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
