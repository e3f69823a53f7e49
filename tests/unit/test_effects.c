/* What a change of numbers means beyond them: default caller IDs, charges, routes, names and emergency addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/records.h"

#define ACME [DID_ORG_ID] = "acme"

static void expect_texts(const struct strlist *texts, const char *const *wanted)
{
	size_t n = 0;

	while (wanted[n])
		n++;
	for (size_t i = 0; i < texts->n && i < n; i++)
		assert_string_equal(texts->at[i], wanted[i]);
	assert_int_equal(texts->n, n);
}

static void test_owners(void **state)
{
	struct plan plan = {0};

	(void)state;
	assert_string_equal(plan_owner_name(&plan, NULL), "no organisation");
	assert_string_equal(plan_owner_name(&plan, "acme"), "acme"); /* none was read */
	assert_null(plan_owner_cnam(&plan, "acme"));
	add_owner(&plan, "acme", "ACME", "ACME CORP");
	add_owner(&plan, "gone", NULL, NULL);
	assert_string_equal(plan_owner_name(&plan, "acme"), "ACME");
	assert_string_equal(plan_owner_name(&plan, "gone"), "gone");
	assert_string_equal(plan_owner_name(&plan, "globex"), "globex");
	assert_string_equal(plan_owner_cnam(&plan, "acme"), "ACME CORP");
	assert_null(plan_owner_cnam(&plan, NULL));
	assert_true(plan_knows_owner(&plan, "acme"));
	assert_false(plan_knows_owner(&plan, "gone"));
	assert_false(plan_knows_owner(&plan, "globex"));
	plan_release(&plan);
}

/* The lowest number that the organisation holds afterwards, whatever order the runs have, and not one that was refused. */
static void test_lowest_becomes_the_default(void **state)
{
	struct plan plan = {0};
	uint32_t stock = record_in(&plan, STATE_AVAILABLE, FIELDS(NULL));
	uint32_t held = record_in(&plan, STATE_ASSIGNED, FIELDS(ACME));
	uint32_t blocked = record_in(&plan, STATE_BLOCKED, FIELDS([DID_ORG_ID] = "globex"));

	(void)state;
	plan_set_default(&plan, "acme"); /* it gets nothing */
	add_run(&plan, 10, 5, stock, held);
	add_run(&plan, 20, 5, stock, held);
	add_run(&plan, 5, 2, stock, held);
	add_run(&plan, 2, 1, stock, blocked);
	add_run(&plan, 0, 1, held, held)->result = RESULT_REFUSED;
	assert_true(plan_holds(&plan, (struct number){FIRST + 24, 12}, "acme"));
	assert_false(plan_holds(&plan, (struct number){FIRST + 25, 12}, "acme"));
	assert_false(plan_holds(&plan, (struct number){FIRST + 4, 12}, "acme"));
	assert_false(plan_holds(&plan, (struct number){FIRST + 5, 13}, "acme"));
	assert_false(plan_holds(&plan, (struct number){FIRST + 2, 12}, "acme"));
	assert_false(plan_holds(&plan, (struct number){FIRST + 5, 12}, NULL));
	assert_false(plan_makes_default(&plan, "acme"));
	plan_set_default(&plan, "acme");
	assert_true(plan_makes_default(&plan, "acme"));
	assert_false(plan_makes_default(&plan, "globex"));
	assert_int_equal(plan.nruns, 6);
	assert_int_equal(plan.runs[2].first.value, FIRST + 5);
	assert_int_equal(plan.runs[2].count, 1);
	assert_true(record_flag(&plan.records.at[plan.runs[2].after], DID_DEFAULT));
	assert_int_equal(plan.runs[3].count, 1);
	assert_false(record_flag(&plan.records.at[plan.runs[3].after], DID_DEFAULT));
	plan_release(&plan);
}

/* Of numbers that it held all the time, one that has the flag already is none that changes. */
static void test_default_that_is_one(void **state)
{
	struct plan plan = {0};
	uint32_t held = record_in(&plan, STATE_ASSIGNED, FIELDS(ACME));
	uint32_t flagged = record_in(&plan, STATE_ASSIGNED, FIELDS(ACME, [DID_DEFAULT] = "1"));

	(void)state;
	add_run(&plan, 0, 1, flagged, flagged);
	add_run(&plan, 1, 1, held, held);
	assert_true(plan_keeps_default(&plan, "acme"));
	assert_false(plan_keeps_default(&plan, "globex"));
	assert_false(plan_drops_default(&plan, "acme"));
	plan_set_default(&plan, "acme");
	assert_int_equal(plan.runs[0].result, RESULT_UNCHANGED);
	plan.runs[0].result = RESULT_REFUSED;
	assert_false(plan_keeps_default(&plan, "acme"));
	plan_set_default(&plan, "acme");
	assert_int_equal(plan.runs[1].result, RESULT_CHANGED);
	plan_release(&plan);
}

static const struct {
	uint64_t count;
	enum did_state from; /* STATE_UNKNOWN: the number is new */
	const char *v[DID_FIELDS];
	enum did_state to;
	const char *after[DID_FIELDS];
	const char *follows[3];
	bool moves_calls;
} said[] = {
	{3, STATE_ASSIGNED, {ACME, [DID_PRICE] = "24.50"}, STATE_AVAILABLE, {[DID_PRICE] = "24.50"},
	 {"monthly charges that stop: 73.50"}, true},
	{3, STATE_ASSIGNED, {ACME, [DID_PRICE] = "99999999.999"}, STATE_RESERVED, {NULL},
	 {"monthly charges that stop: 299999999.97"}, true},
	{3, STATE_ASSIGNED, {ACME, [DID_PRICE] = "-24.50"}, STATE_AVAILABLE, {NULL}, {NULL}, true}, /* a credit */
	{3, STATE_ASSIGNED, {ACME, [DID_PRICE] = "18446744073709551616.00"}, STATE_AVAILABLE, {NULL}, {NULL}, true},
	{3, STATE_ASSIGNED, {ACME, [DID_PRICE] = "free.00"}, STATE_AVAILABLE, {NULL}, {NULL}, true},
	{3, STATE_ASSIGNED, {ACME, [DID_PRICE] = "24.5x"}, STATE_AVAILABLE, {NULL}, {NULL}, true},
	{3, STATE_ASSIGNED, {ACME}, STATE_AVAILABLE, {NULL}, {NULL}, true},
	{3, STATE_ASSIGNED, {ACME, [DID_PRICE] = "24.50"}, STATE_BLOCKED, {ACME}, {NULL}, true},
	{3, STATE_ASSIGNED, {ACME, [DID_PRICE] = "24.50"}, STATE_ASSIGNED, {[DID_ORG_ID] = "globex"}, {NULL}, true},
	{1, STATE_AVAILABLE, {[DID_ROUTE_TYPE] = "ivr", [DID_ROUTE_DEST] = "7"}, STATE_ASSIGNED,
	 {ACME, [DID_ROUTE_TYPE] = "ivr", [DID_ROUTE_DEST] = "7"},
	 {"1 number from 918065978000 on keeps the route ivr:7 that was set before"}, true},
	{2, STATE_AVAILABLE, {[DID_ROUTE_TYPE] = "ivr"}, STATE_ASSIGNED, {ACME, [DID_ROUTE_TYPE] = "ivr"},
	 {"2 numbers from 918065978000 on keep the route ivr: that was set before"}, true},
	{2, STATE_AVAILABLE, {NULL}, STATE_ASSIGNED, {ACME}, {NULL}, true},
	{2, STATE_AVAILABLE, {NULL}, STATE_RESERVED, {NULL}, {NULL}, false},
	{2, STATE_AVAILABLE, {[DID_ENV] = "staging"}, STATE_RESERVED, {[DID_ENV] = "staging"}, {NULL}, true},
	{2, STATE_ASSIGNED, {ACME}, STATE_ASSIGNED, {ACME, [DID_NOTES] = "x"}, {NULL}, false},
	{1, STATE_AVAILABLE, {NULL}, STATE_AVAILABLE, {[DID_ENV] = "oss"},
	 {"1 number of environment oss is not wired by the prod dispatcher: once assigned, the OSS host needs the lines that"
	  " 'didctl regen --for oss' prints"}, false},
	{2, STATE_UNKNOWN, {NULL}, STATE_AVAILABLE, {[DID_ENV] = "oss"},
	 {"2 numbers of environment oss are not wired by the prod dispatcher: once assigned, the OSS host needs the lines that"
	  " 'didctl regen --for oss' prints"}, false},
	{2, STATE_AVAILABLE, {[DID_ENV] = "oss"}, STATE_RESERVED, {[DID_ENV] = "oss"}, {NULL}, false},
};

static void test_what_is_said(void **state)
{
	const struct change change = {.verb = VERB_EDIT};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		struct plan plan = {0};
		uint32_t before = said[i].from == STATE_UNKNOWN ? RECORD_NONE : record_in(&plan, said[i].from, said[i].v);

		add_run(&plan, 0, said[i].count, before, record_in(&plan, said[i].to, said[i].after));
		plan_say(&plan, &change);
		expect_texts(&plan.follows, said[i].follows);
		if (plan.moves_calls != said[i].moves_calls)
			fail_msg("case %zu", i);
		plan_release(&plan);
	}
}

/* ---- names and emergency addresses */

static void add_us(struct plan *plan, uint64_t first, uint64_t count, uint32_t before, uint32_t after)
{
	plan_add_run(plan, &(struct run){.first = {first, 11}, .count = count, .before = before, .after = after});
}

static void test_missing_addresses(void **state)
{
	static const char *const wanted[] = {"13 numbers from 14155550100 on without an emergency address: didctl e911 set", NULL};
	const struct change change = {.verb = VERB_ASSIGN}, undo = {.verb = VERB_UNDO};
	struct plan plan = {0};
	uint32_t stock = record_in(&plan, STATE_AVAILABLE, FIELDS(NULL));
	uint32_t held = record_in(&plan, STATE_ASSIGNED, FIELDS(ACME));
	uint32_t at_home = record_in(&plan, STATE_ASSIGNED, FIELDS(ACME, [DID_LOCATION] = "here"));

	(void)state;
	add_us(&plan, 14165550100, 2, stock, held);
	add_us(&plan, 14155550100, 10, stock, held);
	add_us(&plan, 18009999999, 2, stock, held); /* toll-free, and the first of an area code that is not */
	add_us(&plan, 12125550100, 5, stock, at_home);
	add_us(&plan, 12135550100, 5, held, stock);
	plan_say_services(&plan, &undo);
	assert_int_equal(plan.warnings.n, 0);
	plan_say_services(&plan, &change);
	expect_texts(&plan.warnings, wanted);
	plan_release(&plan);
}

/* Calls from these show no name, and 911 is answered elsewhere: said of those that get one, the lowest first. */
static void test_unshown(void **state)
{
	static const char *const names[] = {"2 numbers from 18005550100 on: toll-free, so that carriers will not show a name",
					    "918065978000: outside North America, so that carriers will not show a name", NULL};
	static const char *const places[] = {
		"918065978000: no number of the United States or Canada, where 911 is answered", NULL};
	const struct change name = {.verb = VERB_CNAM_SET}, place = {.verb = VERB_E911_SET};
	struct plan plan = {0};
	uint32_t held = record_in(&plan, STATE_ASSIGNED, FIELDS(ACME));
	uint32_t named = record_in(&plan, STATE_ASSIGNED, FIELDS(ACME, [DID_CNAM_STATUS] = "pending"));

	(void)state;
	add_us(&plan, 18775550100, 1, held, named);
	add_us(&plan, 18005550100, 1, held, named);
	add_us(&plan, 14155550100, 1, held, named);
	add_run(&plan, 0, 1, held, named);
	add_run(&plan, 5, 1, named, held)->result = RESULT_REFUSED;
	plan_say_services(&plan, &name);
	expect_texts(&plan.warnings, names);
	plan.warnings.n = 0;
	plan_say_services(&plan, &place);
	expect_texts(&plan.warnings, places);
	plan_release(&plan);
}

/* An order that comes in with a name and an address: what it has is said, and no more. */
static void test_numbers_that_come_in(void **state)
{
	static const char *const place[] = {"18005550100: toll-free, and so without the emergency address", NULL};
	static const char *const name[] = {"18005550100: toll-free, so that carriers will not show a name", NULL};
	static const char *const none[] = {NULL};
	struct plan plan = {0};
	uint32_t named = record_in(&plan, STATE_ASSIGNED, FIELDS(ACME, [DID_CNAM_STATUS] = "pending"));

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct change change = {.verb = VERB_PORT_COMPLETE};

		change.is_set[DID_LOCATION] = i == 0;
		change.is_set[DID_CNAM] = i == 1;
		add_us(&plan, 18005550100, 1, RECORD_NONE, named);
		plan_say_services(&plan, &change);
		expect_texts(&plan.warnings, i == 0 ? place : i == 1 ? name : none);
		plan.nruns = plan.warnings.n = 0;
	}
	plan_release(&plan);
}

/* A run over the border of a toll-free area code: that part is refused, or left as it is, and the rest gets its address. */
static void test_toll_free_is_spared(void **state)
{
	(void)state;
	for (int is_named = 0; is_named < 2; is_named++) {
		struct plan plan = {0};
		uint32_t held = record_in(&plan, STATE_ASSIGNED, FIELDS(ACME));
		uint32_t placed = record_in(&plan, STATE_ASSIGNED, FIELDS(ACME, [DID_LOCATION] = "here"));

		add_us(&plan, 18009999998, 5, held, placed);
		add_us(&plan, 18005550100, 1, held, held);
		plan.runs[1].result = RESULT_UNCHANGED;
		plan_spare_toll_free(&plan, is_named);
		assert_int_equal(plan.nruns, 3);
		assert_int_equal(plan.runs[0].result, RESULT_UNCHANGED); /* it was before */
		assert_int_equal(plan.runs[1].count, 2);
		assert_int_equal(plan.runs[1].result, is_named ? RESULT_REFUSED : RESULT_UNCHANGED);
		assert_int_equal(plan.runs[1].code, is_named ? REFUSAL_RULE : REFUSAL_NONE);
		assert_int_equal(plan.runs[1].after, held);
		if (is_named)
			assert_string_equal(plan.runs[1].reason, "is toll-free: it carries no emergency address");
		assert_int_equal(plan.runs[2].result, RESULT_CHANGED);
		assert_int_equal(plan.runs[2].after, placed);
		plan_release(&plan);
	}
}

/* Of new numbers only, each code once, also one that a run reaches at its end. */
static void test_unknown_areas(void **state)
{
	static const char *const one[] = {"area code 211: not known to be in use", NULL};
	static const char *const two[] = {"area codes 211, 299: not known to be in use", NULL};
	static const char *const none[] = {NULL};
	const struct change add = {.verb = VERB_ADD}, undo = {.verb = VERB_UNDO};
	struct plan plan = {0};
	uint32_t stock = record_in(&plan, STATE_AVAILABLE, FIELDS(NULL));

	(void)state;
	add_us(&plan, 12125550100, 1, RECORD_NONE, stock);
	add_us(&plan, 12995550100, 1, stock, stock);
	plan_say(&plan, &add);
	expect_texts(&plan.warnings, none);
	add_us(&plan, 12109999999, 2, RECORD_NONE, stock);
	plan_say(&plan, &add);
	expect_texts(&plan.warnings, one);
	plan.warnings.n = 0;
	add_us(&plan, 12995550101, 2, RECORD_NONE, stock);
	add_us(&plan, 12995550201, 2, RECORD_NONE, stock);
	plan_say(&plan, &add);
	expect_texts(&plan.warnings, two);
	plan.warnings.n = 0;
	plan_say(&plan, &undo);
	expect_texts(&plan.warnings, none);
	plan_release(&plan);
}

/* They come in all the same: with the address that the row had, or without one. */
static void test_toll_free_comes_in(void **state)
{
	struct plan plan = {0};
	uint32_t back = record_in(&plan, STATE_PORTED, FIELDS([DID_LOCATION] = "old", [DID_E911] = "registered"));
	uint32_t placed = record_in(&plan, STATE_ASSIGNED, FIELDS(ACME, [DID_LOCATION] = "here", [DID_E911] = "pending"));

	(void)state;
	add_us(&plan, 18005550100, 1, RECORD_NONE, placed);
	add_us(&plan, 18005550101, 1, back, placed);
	add_us(&plan, 18009999999, 2, RECORD_NONE, placed);
	add_us(&plan, 18885550100, 1, placed, placed);
	plan.runs[3].result = RESULT_REFUSED;
	plan_strip_toll_free(&plan);
	assert_int_equal(plan.nruns, 5);
	assert_null(plan.records.at[plan.runs[0].after].v[DID_LOCATION]);
	assert_null(plan.records.at[plan.runs[0].after].v[DID_E911]);
	assert_string_equal(plan.records.at[plan.runs[1].after].v[DID_LOCATION], "old");
	assert_string_equal(plan.records.at[plan.runs[1].after].v[DID_E911], "registered");
	assert_null(plan.records.at[plan.runs[2].after].v[DID_LOCATION]);
	assert_int_equal(plan.runs[3].first.value, 18010000000);
	assert_int_equal(plan.runs[3].after, placed);
	assert_int_equal(plan.runs[4].after, placed);
	plan_release(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owners),		     cmocka_unit_test(test_lowest_becomes_the_default),
		cmocka_unit_test(test_default_that_is_one),  cmocka_unit_test(test_what_is_said),
		cmocka_unit_test(test_missing_addresses),    cmocka_unit_test(test_unshown),
		cmocka_unit_test(test_numbers_that_come_in), cmocka_unit_test(test_toll_free_is_spared),
		cmocka_unit_test(test_toll_free_comes_in),   cmocka_unit_test(test_unknown_areas),
	};

	return cmocka_run_group_tests_name("effects", tests, NULL, NULL);
}
