/* A line of a provider's program: what is an answer, what is none, and what is kept of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "did/cnam.h"
#include "did/e911.h"
#include "service/answer.h"

static bool read_line(const char *line, struct provider_answer *out, struct arena *arena)
{
	return answer_read(out, line, strlen(line), cnam_statuses, arena);
}

static void test_no_answers(void **state)
{
	static const char *const lines[] = {
		"",
		"working ...",
		"[]",
		"null",
		"{}",
		"{\"number\":\"1\"}",
		"{\"status\":\"synced\"}",
		"{\"number\":1,\"status\":\"synced\"}",
		"{\"number\":null,\"status\":\"synced\"}",
		"{\"number\":\"1\",\"status\":\"registered\"}",
		"{\"number\":\"1\",\"status\":\"Synced\"}",
		"{\"Number\":\"1\",\"status\":\"synced\"}",
		"{\"number\":\"1\",\"STATUS\":\"synced\"}",
		"{\"number\":\"1\",\"status\":\"synced\"",
		"{\"number\":\"1\",\"status\":\"synced\"} and more",
		"{\"number\":\"1\",\"status\":\"synced\",\"text\":\"caf\xe9\"}",
		"{\"number\":\"1\",\"status\":\"synced\",\"text\":\"a\\u0000b\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct provider_answer answer;
		struct arena arena = {0};

		if (read_line(lines[i], &answer, &arena))
			fail_msg("an answer: %s", lines[i]);
		arena_release(&arena);
	}
}

static void test_answer(void **state)
{
	struct provider_answer answer;
	struct arena arena = {0};

	(void)state;
	assert_true(read_line(" {\"status\":\"failed\",\"more\":{\"a\":[1]},\"text\":\"caf\\u00e9 \\ud83d\\ude00\",\"number\":\"1\"}\r",
			      &answer, &arena));
	assert_string_equal(answer.number, "1");
	assert_ptr_equal(answer.status, cnam_statuses[2]);
	assert_string_equal(answer.text, "caf\xc3\xa9 \xf0\x9f\x98\x80");
	assert_null(answer.candidates);
	assert_true(read_line("{\"number\":\"1\",\"status\":\"pending\",\"text\":\" \"}", &answer, &arena));
	assert_null(answer.text);
	assert_true(read_line("{\"number\":\"1\",\"status\":\"synced\",\"text\":7}", &answer, &arena));
	assert_null(answer.text);
	arena_release(&arena);
}

/* Cut between characters, not in one: 255 of them are what the column holds. */
static void test_long_text(void **state)
{
	struct provider_answer answer;
	struct arena arena = {0};
	struct buf line = {0};

	(void)state;
	buf_puts(&line, "{\"number\":\"1\",\"status\":\"failed\",\"text\":\"");
	for (int i = 0; i < 300; i++)
		buf_puts(&line, "\xf0\x9f\x98\x80");
	buf_puts(&line, "\"}");
	assert_true(read_line(line.data, &answer, &arena));
	assert_int_equal(strlen(answer.text), 4 * ANSWER_TEXT_MAX);
	buf_release(&line);
	arena_release(&arena);
}

static void test_candidates(void **state)
{
	struct provider_answer answer;
	struct arena arena = {0};
	struct buf line = {0};
	size_t n = 0;

	(void)state;
	assert_true(read_line("{\"number\":\"1\",\"status\":\"failed\",\"candidates\":[7,{\"street\":\"1 \\\"A\\\" St\",\"evil\":\"x\","
			      "\"zip\":10118,\"city\":\"NY\"},null]}",
			      &answer, &arena));
	assert_string_equal(answer.candidates, "[{\"street\":\"1 \\\"A\\\" St\",\"city\":\"NY\"}]");
	assert_true(read_line("{\"number\":\"1\",\"status\":\"failed\",\"candidates\":[]}", &answer, &arena));
	assert_null(answer.candidates);
	assert_true(read_line("{\"number\":\"1\",\"status\":\"failed\",\"candidates\":{}}", &answer, &arena));
	assert_null(answer.candidates);
	buf_puts(&line, "{\"number\":\"1\",\"status\":\"failed\",\"candidates\":[{}");
	for (int i = 0; i < 100; i++)
		buf_puts(&line, ",{}");
	buf_puts(&line, "]}");
	assert_true(read_line(line.data, &answer, &arena));
	for (const char *p = answer.candidates; (p = strchr(p, '{')); p++)
		n++;
	assert_int_equal(n, E911_CANDIDATES_MAX);
	buf_release(&line);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_answers),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_candidates),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
