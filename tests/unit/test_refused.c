/* What speaks against a change once its numbers are decided, numbers that stand in two rows, and picks from the pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "did/runs.h"
#include "tests/unit/records.h"

static struct run *add_result(struct plan *plan, uint64_t at, uint64_t count, enum result result, enum refusal code)
{
	struct run *run = add_run(plan, at, count, RECORD_NONE, RECORD_NONE);

	run->result = (uint8_t)result;
	run->code = (uint8_t)code;
	return run;
}

/* So many changed, unchanged, refused otherwise than as absent, and absent numbers. */
static const struct {
	uint64_t changed, unchanged, refused, absent;
	bool partial, is_piece;
	int rc; /* of the check */
	const char *text, *hint;
	int end; /* of a change that was done */
	const char *end_text;
} refusals[] = {
	{2, 0, 0, 0, false, false, 0, NULL, NULL, 0, NULL},
	{2, 0, 0, 0, true, false, 0, NULL, NULL, 0, NULL},
	{2, 0, 1, 0, false, false, ERR_REFUSED, "1 number may not change: nothing was changed", "--partial changes the other 2", 0, NULL},
	{2, 0, 0, 2, false, false, ERR_ABSENT, "2 numbers may not change: nothing was changed", "--partial changes the other 2", 0,
	 NULL},
	{0, 2, 1, 1, false, false, ERR_REFUSED, "2 numbers may not change: nothing was changed", NULL, 0, NULL},
	{2, 0, 1, 0, true, false, 0, NULL, NULL, ERR_PARTIAL, "1 number was refused"},
	{0, 2, 2, 0, true, false, 0, NULL, NULL, ERR_PARTIAL, "2 numbers were refused"},
	{0, 0, 2, 0, true, false, ERR_REFUSED, "2 numbers may not change: nothing was changed", NULL, ERR_REFUSED,
	 "every number was refused: nothing was changed"},
	{0, 0, 2, 0, true, true, 0, NULL, NULL, 0, NULL}, /* other pieces may have some */
	{2, 0, 2, 0, false, true, ERR_REFUSED, "2 numbers may not change: nothing was changed", "--partial changes the other 2", 0,
	 NULL},
};

static void test_refused(void **state)
{
	const struct change whole = {.verb = VERB_EDIT};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct change change = {.verb = VERB_EDIT, .partial = refusals[i].partial,
					.part_of = refusals[i].is_piece ? &whole : NULL};
		struct plan plan = {0};
		struct err err = {0};
		int rc;

		add_result(&plan, 0, refusals[i].changed, RESULT_CHANGED, 0);
		add_result(&plan, 10, refusals[i].unchanged, RESULT_UNCHANGED, 0);
		add_result(&plan, 20, refusals[i].absent, RESULT_REFUSED, REFUSAL_NOT_FOUND);
		if (refusals[i].refused)
			add_result(&plan, 30, refusals[i].refused, RESULT_REFUSED, REFUSAL_LOCKED);
		plan_count(&plan);
		rc = runs_check_refused(&change, &plan, &err);
		if (rc != refusals[i].rc || strcmp(err.text, rc ? refusals[i].text : "") != 0 ||
		    strcmp(err.hint, refusals[i].hint ? refusals[i].hint : "") != 0)
			fail_msg("refusal %zu: %d, %s, %s", i, rc, err.text, err.hint);
		err = (struct err){0};
		rc = runs_finish(&change, &plan, &err);
		if (rc != refusals[i].end || strcmp(err.text, rc ? refusals[i].end_text : "") != 0)
			fail_msg("end %zu: %d, %s", i, rc, err.text);
		plan_release(&plan);
	}
}

static const struct {
	struct change change;
	uint64_t n;
	int rc;
	const char *text;
} expected[] = {
	{{.verb = VERB_EDIT, .expect = -1}, 10000, 0, ""},
	{{.verb = VERB_EDIT, .expect = -1}, 10001, ERR_USAGE, "a change of 10001 numbers, more than 10000, needs --expect N"},
	{{.verb = VERB_EDIT, .expect = -1, .dry_run = true}, 10001, 0, ""},
	{{.verb = VERB_EDIT, .expect = -1, .never_asks = true}, 10001, 0, ""},
	{{.verb = VERB_SWEEP, .expect = -1}, 10001, 0, ""},
	{{.verb = VERB_EDIT, .expect = 10001}, 10001, 0, ""},
	{{.verb = VERB_EDIT, .expect = 10000}, 10001, ERR_REFUSED, "10000 numbers were expected to change, 10001 would"},
	{{.verb = VERB_EDIT, .expect = 0}, 1, ERR_REFUSED, "0 numbers were expected to change, 1 would"},
	{{.verb = VERB_EDIT, .expect = -1, .part_of = &expected[0].change}, 10001, 0, ""}, /* of the whole it was asked */
};

static void test_expected(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		const struct plan plan = {.changed = expected[i].n};
		struct err err = {0};
		int rc = runs_check_expect(&expected[i].change, &plan, &err);

		if (rc != expected[i].rc || strcmp(err.text, expected[i].text) != 0)
			fail_msg("expected %zu: %d, %s", i, rc, err.text);
	}
}

/* A pick leaves out what it could not take the last time; a row that is no number was none of it. */
static void test_excluded(void **state)
{
	struct plan plan = {0};
	struct rangeset exclude = {0};

	(void)state;
	add_result(&plan, 0, 5, RESULT_CHANGED, 0);
	plan_add_run(&plan, &(struct run){.count = 1, .result = RESULT_REFUSED, .spelling = SPELLING_LITERAL, .literal = "x"});
	assert_false(runs_exclude_refused(&plan, &exclude));
	add_result(&plan, 10, 3, RESULT_REFUSED, REFUSAL_HOLD);
	assert_true(runs_exclude_refused(&plan, &exclude));
	assert_int_equal(rangeset_count(&exclude), 3);
	rangeset_release(&exclude);
	plan_release(&plan);
}

/* ---- numbers in two rows */

static void test_twins(void **state)
{
	static const struct {
		uint64_t at, count;
		bool is_refused;
	} wanted[] = {{0, 2, false}, {2, 3, true}, {5, 2, false}, {7, 1, true}, {8, 2, false}, {12, 2, true}, {14, 6, false}, {30, 1, false}};
	struct plan plan = {0};

	(void)state;
	add_result(&plan, 0, 10, RESULT_CHANGED, 0);
	add_result(&plan, 2, 3, RESULT_CHANGED, 0)->spelling = 1;
	add_result(&plan, 7, 1, RESULT_CHANGED, 0)->spelling = 2; /* beside the first run still */
	add_result(&plan, 12, 1, RESULT_CHANGED, 0)->spelling = 2;
	add_result(&plan, 12, 8, RESULT_CHANGED, 0);
	add_result(&plan, 12, 2, RESULT_CHANGED, 0)->spelling = 1; /* one of them stands in three */
	add_result(&plan, 30, 1, RESULT_CHANGED, 0);
	plan_add_run(&plan, &(struct run){.first = {FIRST + 30, 13}, .count = 1}); /* another width is another number */
	plan_sort(&plan);
	runs_refuse_twins(&plan);
	for (size_t i = 0, k = 0; i < plan.nruns - 1; k++) {
		const struct run *run = &plan.runs[i];
		uint64_t count = 0;

		assert_true(k < ARRAY_SIZE(wanted));
		assert_int_equal(run->first.value - FIRST, wanted[k].at);
		for (; i < plan.nruns - 1 && count < wanted[k].count; i++) {
			assert_int_equal(plan.runs[i].code == REFUSAL_TWIN, wanted[k].is_refused);
			count += plan.runs[i].count;
		}
		assert_int_equal(count, wanted[k].count);
	}
	assert_int_equal(plan.runs[plan.nruns - 1].first.width, 13);
	assert_int_equal(plan.runs[plan.nruns - 1].result, RESULT_CHANGED);
	plan_release(&plan);
}

/* A row that is no number comes by with every search for it, and is told once. */
static void test_no_numbers_are_told_once(void **state)
{
	static const struct run first = {.count = 1, .spelling = SPELLING_LITERAL, .literal = "x"},
				second = {.count = 1, .spelling = SPELLING_LITERAL, .literal = "y"};
	struct plan plan = {0};

	(void)state;
	plan_add_run(&plan, &first);
	plan_add_run(&plan, &(struct run){.count = 1, .spelling = SPELLING_LITERAL, .literal = (const char[]){"x"}});
	plan_add_run(&plan, &second);
	plan_merge(&plan);
	assert_int_equal(plan.nruns, 2);
	plan_release(&plan);
}

/* A row that goes or comes back is one of a number's rows, and never joined with its neighbour. */
static void test_rows_are_not_joined(void **state)
{
	static const enum run_kind kinds[] = {RUN_NUMBERS, RUN_DROP, RUN_KEEP, RUN_RESTORE, RUN_RESPELL};

	(void)state;
	for (size_t a = 0; a < ARRAY_SIZE(kinds); a++)
		for (size_t b = 0; b < ARRAY_SIZE(kinds); b++) {
			struct plan plan = {0};

			add_run(&plan, 0, 1, 0, 1)->kind = (uint8_t)kinds[a];
			add_run(&plan, 1, 1, 0, 1)->kind = (uint8_t)kinds[b];
			plan_merge(&plan);
			assert_int_equal(plan.nruns, a == 0 && b == 0 ? 1 : 2);
			plan_release(&plan);
		}
}

/* ---- assign --count */

static const struct {
	struct pick pick;
	const char *env;	  /* NULL: none was named */
	struct number offered[4];
	uint64_t taken, first;	  /* how many are wanted and there, and the lowest; 0: it is too few */
	const char *text;
} picks[] = {
	{{.count = 2}, NULL, {{FIRST + 5, 12}, {FIRST + 1, 12}}, 2, FIRST + 1, ""},
	{{.count = 2}, NULL, {{FIRST + 5, 12}, {FIRST + 5, 12}, {FIRST + 7, 12}}, 2, FIRST + 5, ""}, /* it stands twice */
	{{.count = 2}, NULL, {{FIRST + 5, 12}}, 0, 0, "the pool has only 1 free numbers of environment 'prod', 2 are wanted"},
	{{.count = 2}, "oss", {{FIRST + 5, 12}}, 0, 0, "the pool has only 1 free numbers of environment 'oss', 2 are wanted"},
	{{.count = 2, .is_contiguous = true}, NULL, {{FIRST, 12}, {FIRST + 2, 12}, {FIRST + 3, 12}}, 2, FIRST + 2, ""},
	{{.count = 2, .is_contiguous = true}, NULL, {{FIRST, 12}, {FIRST + 1, 13}, {FIRST + 3, 13}}, 0, 0,
	 "the pool has no 2 free numbers in a row of environment 'prod'"},
	{{.count = 2, .is_contiguous = true}, "staging", {{FIRST, 12}, {FIRST + 9, 12}, {FIRST + 10, 12}}, 0, 0,
	 "the pool has no 2 free numbers in a row of environment 'staging'"},
	{{.count = 1, .pattern = &(const struct pattern){.digit = {9, 1, PATTERN_ANY}, .width = 3}}, NULL, {{FIRST, 12}}, 0, 0,
	 "the pool has only 0 free numbers of environment 'prod' that match, 1 are wanted"},
	{{.count = 1, .pattern = &(const struct pattern){.digit = {9, 1, PATTERN_ANY}, .width = 3}}, NULL, {{918, 3}}, 1, 918, ""},
};

static void test_picks(void **state)
{
	struct rangeset exclude = {0};

	(void)state;
	rangeset_add(&exclude, (struct interval){{FIRST + 10, 12}, 1});
	rangeset_normalise(&exclude);
	for (size_t i = 0; i < ARRAY_SIZE(picks); i++) {
		struct change change = {.verb = VERB_ASSIGN, .pick = picks[i].pick, .value = {[DID_ENV] = picks[i].env},
					.is_set = {[DID_ENV] = picks[i].env != NULL}};
		struct rangeset out = {0};
		struct picker picker = {.change = &change, .exclude = &exclude, .out = &out};
		struct err err = {0};
		bool is_enough = false;
		int rc;

		for (size_t k = 0; k < ARRAY_SIZE(picks[i].offered) && picks[i].offered[k].width && !is_enough; k++)
			is_enough = picker_offer(&picker, picks[i].offered[k]);
		rc = picker_finish(&picker, &err);
		if (rc != (picks[i].taken ? 0 : ERR_REFUSED) || strcmp(err.text, picks[i].text) != 0)
			fail_msg("pick %zu: %d, %s", i, rc, err.text);
		assert_int_equal(is_enough, picks[i].taken > 0);
		if (is_enough) {
			assert_int_equal(rangeset_count(&out), picks[i].taken);
			assert_int_equal(out.at[0].first.value, picks[i].first);
		}
		rangeset_release(&out);
	}
	rangeset_release(&exclude);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),	 cmocka_unit_test(test_expected),
		cmocka_unit_test(test_excluded), cmocka_unit_test(test_twins),
		cmocka_unit_test(test_no_numbers_are_told_once), cmocka_unit_test(test_rows_are_not_joined),
		cmocka_unit_test(test_picks),
	};

	return cmocka_run_group_tests_name("refused", tests, NULL, NULL);
}
