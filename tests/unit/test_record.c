/* Records: kept once each, compared, and written to and read from the history's JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "did/record.h"

static void test_kept_once(void **state)
{
	struct recordset set = {0};
	struct record a = {0}, b = {0};

	(void)state;
	a.v[DID_STATUS] = recordset_intern(&set, "active");
	b.v[DID_STATUS] = recordset_intern(&set, (char[]){"active"});
	assert_ptr_equal(a.v[DID_STATUS], b.v[DID_STATUS]);
	assert_null(recordset_intern(&set, NULL));

	assert_int_equal(recordset_add(&set, &a), 0);
	assert_int_equal(recordset_add(&set, &b), 0);
	b.has_details = true;
	assert_int_equal(recordset_add(&set, &b), 1);
	b.v[DID_NOTES] = recordset_intern(&set, "");
	assert_int_equal(recordset_add(&set, &b), 2);
	assert_int_equal(recordset_add(&set, &a), 0);

	/* what is not stored in a record makes no other record of it */
	a.v[DID_NUMBER] = recordset_intern(&set, "918065978002");
	a.v[DID_ORG] = recordset_intern(&set, "Acme");
	assert_int_equal(recordset_add(&set, &a), 0);
	assert_null(set.at[0].v[DID_NUMBER]);
	assert_int_equal(set.n, 3);
	recordset_release(&set);
	assert_null(set.at);
}

static void test_many(void **state)
{
	struct recordset set = {0};
	struct record record = {0};
	char text[16];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 5000; i++) {
			snprintf(text, sizeof(text), "%u", i);
			record.v[DID_PRICE] = recordset_intern(&set, text);
			record.v[DID_CITY] = recordset_intern(&set, i % 2 ? "Pune" : NULL);
			assert_int_equal(recordset_add(&set, &record), i);
		}
	}
	assert_int_equal(set.n, 5000);
	assert_string_equal(set.at[4321].v[DID_PRICE], "4321");
	recordset_release(&set);
}

static void test_fields(void **state)
{
	struct record record = {.v = {[DID_POOL_STATUS] = "reserved",
				      [DID_STATUS] = "active",
				      [DID_LOCKED] = "1",
				      [DID_DEFAULT] = "0"}};

	(void)state;
	assert_int_equal(record_state(&record), STATE_RESERVED);
	record.v[DID_HOLD_UNTIL] = "2026-11-21T10:00:00Z";
	assert_int_equal(record_state(&record), STATE_ON_HOLD);
	assert_true(record_is(&record, DID_STATUS, "active"));
	assert_false(record_is(&record, DID_STATUS, NULL));
	assert_false(record_is(&record, DID_NOTES, ""));
	assert_true(record_is(&record, DID_NOTES, NULL));
	assert_true(record_flag(&record, DID_LOCKED));
	assert_false(record_flag(&record, DID_DEFAULT));
	assert_false(record_flag(&record, DID_RECORDING));
}

static void test_diff(void **state)
{
	struct record a = {.v = {[DID_STATUS] = "active", [DID_NOTES] = "x", [DID_ORG] = "Acme"}};
	struct record b = {
		.v = {[DID_STATUS] = "active", [DID_NOTES] = "", [DID_HOLD_DAYS] = "3", [DID_ORG] = "Beta"}};
	uint64_t set_in_a = FIELD_BIT(DID_STATUS) | FIELD_BIT(DID_NOTES);

	(void)state;
	assert_int_equal(record_diff(&a, &a), 0);
	assert_int_equal(record_diff(&a, &b), FIELD_BIT(DID_NOTES) | FIELD_BIT(DID_HOLD_DAYS));
	assert_int_equal(record_diff(&b, &a), record_diff(&a, &b));
	assert_int_equal(record_diff(NULL, &a), set_in_a);
	assert_int_equal(record_diff(&a, NULL), set_in_a);
	assert_int_equal(record_diff(NULL, NULL), 0);
}

#define ALL UINT64_MAX

static const struct {
	uint64_t mask;
	const char *json;
} written[] = {
	{0, "{}"},
	{FIELD_BIT(DID_DEFAULT) | FIELD_BIT(DID_ORG_ID), "{\"org_id\":\"a\\\"b\",\"default\":true}"},
	{FIELD_BIT(DID_RECORDING) | FIELD_BIT(DID_LOCKED), "{\"recording\":false,\"locked\":null}"},
	{FIELD_BIT(DID_TAGS) | FIELD_BIT(DID_NOTES), "{\"tags\":\"gold,vip\",\"notes\":null}"},
	{FIELD_BIT(DID_PRICE) | FIELD_BIT(DID_HOLD_DAYS) | FIELD_BIT(DID_REGION),
	 "{\"region\":\"\",\"price\":\"1.50\",\"hold_days\":30}"},
};

static void test_to_json(void **state)
{
	struct record record = {.v = {[DID_ORG_ID] = "a\"b",
				      [DID_DEFAULT] = "1",
				      [DID_RECORDING] = "0",
				      [DID_TAGS] = "gold,vip",
				      [DID_PRICE] = "1.50",
				      [DID_HOLD_DAYS] = "30",
				      [DID_REGION] = ""}};
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
		buf_reset(&out);
		record_to_json(&out, &record, written[i].mask);
		assert_string_equal(buf_str(&out), written[i].json);
	}
	buf_reset(&out);
	record_to_json(&out, NULL, ALL);
	assert_string_equal(buf_str(&out), "null");
	buf_release(&out);
}

/* Days as JSON has numbers; what no program may have meant as one stays the text that it was. */
static void test_counts(void **state)
{
	static const struct {
		const char *stored, *json;
	} counts[] = {
		{"0", "{\"hold_days\":0}"},
		{"999999999999999", "{\"hold_days\":999999999999999}"},
		{"9999999999999999", "{\"hold_days\":\"9999999999999999\"}"},
		{"", "{\"hold_days\":\"\"}"},
		{"007", "{\"hold_days\":\"007\"}"},
		{"30 days", "{\"hold_days\":\"30 days\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		const struct record record = {.v = {[DID_HOLD_DAYS] = counts[i].stored}};
		struct record back = {0};
		struct recordset set = {0};
		struct json *json = NULL;
		struct buf out = {0};
		uint64_t mask;

		record_to_json(&out, &record, FIELD_BIT(DID_HOLD_DAYS));
		assert_string_equal(out.data, counts[i].json);
		assert_int_equal(json_parse(&json, out.data, out.len, NULL), 0);
		record_from_json(&set, &back, &mask, json);
		assert_int_equal(mask, FIELD_BIT(DID_HOLD_DAYS));
		assert_string_equal(back.v[DID_HOLD_DAYS], counts[i].stored);
		json_free(json);
		buf_release(&out);
		recordset_release(&set);
	}
}

static uint64_t read_json(struct recordset *set, struct record *record, const char *text)
{
	struct json *json = NULL;
	uint64_t mask = ALL;

	assert_int_equal(json_parse(&json, text, strlen(text), NULL), 0);
	record_from_json(set, record, &mask, json);
	json_free(json);
	return mask;
}

static void test_round_trip(void **state)
{
	struct record record = {.v = {[DID_ORG_ID] = "a\"b\n\xc3\xa9",
				      [DID_DEFAULT] = "1",
				      [DID_RECORDING] = "0",
				      [DID_LOCKED] = "2",
				      [DID_TAGS] = "gold,vip",
				      [DID_REGION] = ""}};
	struct recordset set = {0};
	struct record back = {.v = {[DID_NOTES] = "to be cleared"}};
	struct buf out = {0};
	uint64_t mask = record_diff(NULL, &record) | FIELD_BIT(DID_NOTES);

	(void)state;
	record_to_json(&out, &record, mask);
	assert_int_equal(read_json(&set, &back, buf_str(&out)), mask);
	assert_int_equal(record_diff(&record, &back), 0);
	assert_ptr_equal(back.v[DID_TAGS], recordset_intern(&set, "gold,vip"));
	buf_release(&out);
	recordset_release(&set);
}

static const struct {
	const char *json;
	uint64_t mask;
} foreign[] = {
	{"null", 0},
	{"[1]", 0},
	{"{}", 0},
	{"{\"colour\":\"red\",\"status\":\"active\"}", FIELD_BIT(DID_STATUS)},
	{"{\"number\":\"1\",\"org\":\"Acme\",\"id\":\"x\",\"city\":null}", FIELD_BIT(DID_CITY)},
	{"{\"status\":7,\"price\":{\"a\":1},\"tags\":[\"x\"]}", 0},
};

static void test_from_foreign_json(void **state)
{
	struct recordset set = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++) {
		struct record record = {.v = {[DID_PRICE] = "9.00", [DID_CITY] = "Pune"}};

		assert_int_equal(read_json(&set, &record, foreign[i].json), foreign[i].mask);
		assert_string_equal(record.v[DID_PRICE], "9.00");
		assert_null(record.v[DID_NUMBER]);
	}
	recordset_release(&set);
}

/* A history row that tells of no fields. */
static void test_from_nothing(void **state)
{
	struct recordset set = {0};
	struct record record = {0};
	uint64_t mask = ALL;

	(void)state;
	record_from_json(&set, &record, &mask, NULL);
	assert_int_equal(mask, 0);
	recordset_release(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept_once),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_to_json),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_from_foreign_json),
		cmocka_unit_test(test_from_nothing),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
