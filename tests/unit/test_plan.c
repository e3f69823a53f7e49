/* Plans: runs sorted, joined and counted, and the numbers that they stand for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "did/plan.h"

#define FIRST 918065978000

static struct run run_of(uint64_t value, uint64_t count)
{
	return (struct run){.first = {value, 12}, .count = count, .before = 0, .after = 1};
}

static void test_names(void **state)
{
	static const char *const results[] = {"changed", "unchanged", "refused"};
	static const char *const codes[] = {"",	    "not-found", "state", "locked", "duplicate",
					    "twin", "owner",	 "hold",  "race",   "rule"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(results); i++)
		assert_string_equal(result_names[i], results[i]);
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		assert_string_equal(refusal_names[i], codes[i]);
	assert_string_equal(object_keys[OBJECT_ORG][1], "context_prefix");
	assert_string_equal(object_keys[OBJECT_USER][2], "outbound_did");
	assert_null(object_keys[OBJECT_ORG][OBJECT_FIELDS - 1]);
}

/* Spelling and literal of runs in the order in which they have to come out. */
static void test_sort(void **state)
{
	static const struct run sorted[] = {
		{.first = {999, 3}, .count = 1},
		{.first = {111, 4}, .count = 1},
		{.first = {111, 4}, .count = 1, .spelling = 3},
		{.first = {111, 4}, .count = 1, .spelling = SPELLING_LITERAL, .literal = "1-11"},
		{.first = {111, 4}, .count = 1, .spelling = SPELLING_LITERAL, .literal = "11-1"},
		{.first = {112, 4}, .count = 1, .item = 1},
		{.first = {112, 4}, .count = 1, .item = 2},
		{.first = {112, 4}, .count = 9, .item = 2},
	};
	static const size_t order[ARRAY_SIZE(sorted)] = {5, 2, 7, 0, 4, 6, 1, 3};
	struct plan plan = {0};

	(void)state;
	plan_sort(&plan);
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++)
		plan_add_run(&plan, &sorted[order[i]]);
	plan_sort(&plan);
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++) {
		assert_true(number_eq(plan.runs[i].first, sorted[i].first));
		assert_int_equal(plan.runs[i].spelling, sorted[i].spelling);
		assert_ptr_equal(plan.runs[i].literal, sorted[i].literal);
		assert_int_equal(plan.runs[i].item, sorted[i].item);
		assert_int_equal(plan.runs[i].count, sorted[i].count);
	}
	plan_release(&plan);
}

static const char no_reason[] = "is locked";

/* The second run, after {FIRST, 10}: joined or not. */
static const struct {
	struct run next;
	bool is_joined;
} neighbours[] = {
	{{.first = {FIRST + 10, 12}, .count = 5, .after = 1, .reason = no_reason}, true},
	{{.first = {FIRST + 10, 12}, .count = 5, .after = 1, .reason = (const char[]){"is locked"}}, true},
	{{.first = {FIRST + 10, 12}, .count = 5, .after = 1, .reason = "is not"}, false},
	{{.first = {FIRST + 10, 12}, .count = 5, .after = 1}, false},
	{{.first = {FIRST + 11, 12}, .count = 5, .after = 1, .reason = no_reason}, false},
	{{.first = {FIRST + 9, 12}, .count = 5, .after = 1, .reason = no_reason}, false},
	{{.first = {FIRST, 12}, .count = 5, .after = 1, .reason = no_reason}, false},
	{{.first = {FIRST + 10, 13}, .count = 5, .after = 1, .reason = no_reason}, false},
	{{.first = {FIRST + 10, 12}, .count = 5, .after = 2, .reason = no_reason}, false},
	{{.first = {FIRST + 10, 12}, .count = 5, .before = 1, .after = 1, .reason = no_reason}, false},
	{{.first = {FIRST + 10, 12}, .count = 5, .after = 1, .item = 1, .reason = no_reason}, false},
	{{.first = {FIRST + 10, 12}, .count = 5, .after = 1, .spelling = 1, .reason = no_reason}, false},
	{{.first = {FIRST + 10, 12}, .count = 5, .after = 1, .code = REFUSAL_HOLD, .reason = no_reason},
	 false},
	{{.first = {FIRST + 10, 12}, .count = 5, .after = 1, .result = RESULT_REFUSED, .reason = no_reason},
	 false},
};

static void test_merge(void **state)
{
	struct plan plan = {0};
	struct run first = run_of(FIRST, 10);

	(void)state;
	first.reason = no_reason;
	for (size_t i = 0; i < ARRAY_SIZE(neighbours); i++) {
		plan_add_run(&plan, &first);
		plan_add_run(&plan, &neighbours[i].next);
		plan_merge(&plan);
		assert_int_equal(plan.nruns, neighbours[i].is_joined ? 1 : 2);
		assert_int_equal(plan.runs[0].count, neighbours[i].is_joined ? 15 : 10);
		plan_reset(&plan);
	}
}

static void test_literals_stay_apart(void **state)
{
	struct plan plan = {0};
	struct run run = run_of(FIRST, 1);

	(void)state;
	run.spelling = SPELLING_LITERAL;
	run.literal = "+91 8065978000";
	plan_add_run(&plan, &run);
	run.first.value++;
	plan_add_run(&plan, &run);
	plan_merge(&plan);
	assert_int_equal(plan.nruns, 2);
	plan_release(&plan);
}

static void test_a_million_is_one(void **state)
{
	struct plan plan = {0};

	(void)state;
	plan_merge(&plan);
	assert_int_equal(plan.nruns, 0);
	for (uint64_t i = 0; i < 1000; i++) {
		struct run run = run_of(FIRST + (999 - i) * 1000, 1000);

		plan_add_run(&plan, &run);
	}
	plan_sort(&plan);
	plan_merge(&plan);
	assert_int_equal(plan.nruns, 1);
	assert_int_equal(plan.runs[0].first.value, FIRST);
	assert_int_equal(plan.runs[0].count, 1000000);
	plan_release(&plan);
}

static void test_count(void **state)
{
	static const enum result results[] = {RESULT_REFUSED, RESULT_CHANGED, RESULT_UNCHANGED,
					      RESULT_CHANGED};
	struct plan plan = {.changed = 99};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
		struct run run = run_of(FIRST + i * 100, i + 1);

		run.result = (uint8_t)results[i];
		plan_add_run(&plan, &run);
	}
	plan_count(&plan);
	assert_int_equal(plan.changed, 6);
	assert_int_equal(plan.unchanged, 3);
	assert_int_equal(plan.refused, 1);
	plan_release(&plan);
	plan_count(&plan);
	assert_int_equal(plan.changed + plan.unchanged + plan.refused, 0);
}

static void test_reset(void **state)
{
	struct plan plan = {
		.change_id = "01890000-0000-7000-8000-00000000000a", .is_replay = true, .refused = 3};
	struct run run = run_of(FIRST, 1);
	struct record record = {0};

	(void)state;
	plan_add_run(&plan, &run);
	recordset_add(&plan.records, &record);
	strlist_add(&plan.warnings, arena_strdup(&plan.arena, "careful"));
	plan_reset(&plan);
	assert_int_equal(plan.nruns + plan.records.n + plan.warnings.n + plan.refused, 0);
	assert_false(plan.is_replay);
	assert_string_equal(plan.change_id, "01890000-0000-7000-8000-00000000000a");
	plan_release(&plan);
	assert_string_equal(plan.change_id, "");
}

static void test_numbers(void **state)
{
	const struct country *country = country_find("IN");
	struct run run = run_of(918065978008, 10);
	struct run odd = {.first = {918065978008, 12},
			  .count = 1,
			  .spelling = SPELLING_LITERAL,
			  .literal = "91-8065978008"};
	struct run wide = {.first = {7, 3}, .count = 10};
	char out[NUMBER_TEXT];

	(void)state;
	assert_string_equal(run_number(&run, 0, country, out), "918065978008");
	assert_string_equal(run_number(&run, 9, country, out), "918065978017");
	run.spelling = 1;
	assert_string_equal(run_number(&run, 2, country, out), "+918065978010");
	run.spelling = 2;
	assert_string_equal(run_number(&run, 2, country, out), "08065978010");
	assert_string_equal(run_number(&wide, 5, NULL, out), "012");
	assert_ptr_equal(run_number(&odd, 0, country, out), odd.literal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names), cmocka_unit_test(test_sort),
		cmocka_unit_test(test_merge), cmocka_unit_test(test_literals_stay_apart),
		cmocka_unit_test(test_count), cmocka_unit_test(test_a_million_is_one),
		cmocka_unit_test(test_reset), cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
