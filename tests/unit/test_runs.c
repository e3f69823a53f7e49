/* Runs as the text that a change keeps of them: the same comes back, and what is no such text is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "did/runs.h"

static void same_runs(const struct plan *a, const struct plan *b)
{
	assert_int_equal(a->nruns, b->nruns);
	for (size_t i = 0; i < a->nruns; i++) {
		const struct run *was = &a->runs[i], *is = &b->runs[i];

		assert_true(number_eq(was->first, is->first));
		assert_int_equal(was->count, is->count);
		assert_int_equal(was->spelling, is->spelling);
		assert_int_equal(was->result, is->result);
		assert_int_equal(was->code, is->code);
		assert_string_equal(was->literal ? was->literal : "-", is->literal ? is->literal : "-");
		assert_string_equal(was->reason ? was->reason : "-", is->reason ? is->reason : "-");
		assert_int_equal(is->before, RECORD_NONE);
		assert_int_equal(is->after, RECORD_NONE);
	}
}

static void come_back(void **state)
{
	static const struct run runs[] = {
		{.first = {UINT64_C(918065978000), 12}, .count = 10},
		{.first = {UINT64_C(918065978020), 12}, .count = 10}, /* alike: it shares the line */
		{.first = {UINT64_C(918065978040), 12}, .count = 10},
		{.first = {UINT64_C(918065978030), 12}, .count = 10}, /* but it comes before: it does not */
		{.first = {UINT64_C(918065978050), 12}, .count = 1, .spelling = 2, .result = RESULT_UNCHANGED},
		{.first = {UINT64_C(999999999999999), 15}, .count = 1},
		{.first = {7, 3}, .count = 1, .result = RESULT_REFUSED, .code = REFUSAL_RULE, .reason = "it is held"},
		{.first = {UINT64_C(918065978060), 12}, .count = 1, .spelling = SPELLING_LITERAL, .literal = "080-65978060"},
		{.first = {0, 0}, .count = 1, .spelling = SPELLING_LITERAL, .literal = "a\tb\nc\\d", .result = RESULT_REFUSED},
		{.first = {0, 0}, .count = 1, .spelling = SPELLING_LITERAL, .literal = ""},
	};
	struct plan plan = {0}, again = {0};
	struct buf text = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++)
		plan_add_run(&plan, &runs[i]);
	runs_to_text(&text, &plan);
	assert_true(runs_from_text(&again, text.data));
	same_runs(&plan, &again);
	plan_release(&plan);
	plan_release(&again);
	buf_release(&text);
}

/* A reason is a sentence for people: a blank does for a tab there. Another backslash than ours stands for itself. */
static void reads_what_was_kept_before(void **state)
{
	const struct run run = {.first = {911, 3}, .count = 1, .reason = "a\tb\nc"};
	char text[] = "911\t1\t255\t0\t0\ta\\x\\\t\n";
	struct plan plan = {0}, again = {0};
	struct buf out = {0};

	(void)state;
	plan_add_run(&plan, &run);
	runs_to_text(&out, &plan);
	assert_string_equal(out.data, "911\t1\t0\t0\t0\t\ta b c\n");
	assert_true(runs_from_text(&again, text));
	assert_string_equal(again.runs[0].literal, "a\\x\\");
	plan_release(&plan);
	plan_release(&again);
	buf_release(&out);
}

/* Others can write where it is kept: each of these once hung, wrote past an array, or showed what is no number. */
static void refuses_the_rest(void **state)
{
	static const char *const texts[] = {
		"9999999999999999\t1\t0\t0\t0\t\t",	    /* more digits than numbers have */
		"91806597x000\t1\t0\t0\t0\t\t",		    /* no digits */
		"+91806597800\t1\t0\t0\t0\t\t",
		"918065978000\t0\t0\t0\t0\t\t",		    /* nothing */
		"918065978000\t-1\t0\t0\t0\t\t",
		"999999999990\t11\t0\t0\t0\t\t",	    /* past the last number of its width */
		"918065978000\t18446744073709551617\t0\t0\t0\t\t",
		"918065978000\t1\t256\t0\t0\t\t",	    /* no spelling, result or code */
		"918065978000\t1\t0\t3\t0\t\t",
		"918065978000\t1\t0\t0\t10\t\t",
		"918065978000\t2\t255\t0\t0\tx\t",	    /* one text of two numbers */
		"\t1\t0\t0\t0\t\t",			    /* neither a number nor a text */
		"918065978000\t1\t0\t0",		    /* cut off */
		"918065978000\t1\t0\t0\t0\t\t\t5 x",	    /* distances that are none, or lead too far */
		"918065978000\t1\t0\t0\t0\t\t\t5,6",
		"918065978000\t1\t0\t0\t0\t\t\t999999999999",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct plan plan = {0};

		if (runs_from_text(&plan, arena_strdup(&plan.arena, texts[i])))
			fail_msg("taken: %s", texts[i]);
		plan_release(&plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(come_back),
		cmocka_unit_test(reads_what_was_kept_before),
		cmocka_unit_test(refuses_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
