#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/words.h"

#define PATH "/tmp/words.XXXXXX"

static void make_file(char path[32], const char *text, size_t len)
{
	int fd;

	strcpy(path, PATH);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

/* Reads a file with these bytes; gives its words joined by '|', or the error's text after the file's name. */
static int read_all(const char *text, size_t len, char out[512])
{
	struct word_file file;
	struct err err = {0};
	const char *word;
	char path[32];
	int rc;

	make_file(path, text, len);
	out[0] = '\0';
	assert_int_equal(word_file_open(&file, path, &err), 0);
	while ((rc = word_file_next(&file, &word, &err)) == 1)
		snprintf(out + strlen(out), 512 - strlen(out), "%s%s", *out ? "|" : "", word);
	word_file_close(&file);
	unlink(path);
	if (rc)
		snprintf(out, 512, "%s", err.text + strlen(path));
	return rc;
}

static void reads_a_word_a_line(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"", ""},
		{"\n\n  \n# only a comment\n", ""},
		{"111\n222\n", "111|222"},
		{"111\n222", "111|222"},
		{"111\r\n222\r\n", "111|222"},
		{"\xef\xbb\xbf" "111\n", "111"},
		{"  111-222  # a range\n\t333\t\n", "111-222|333"},
		{"+91 80 6597 8002\n", "+91 80 6597 8002"},
	};
	char out[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(read_all(cases[i].text, strlen(cases[i].text), out), 0);
		assert_string_equal(out, cases[i].words);
	}
}

static void names_the_line_of_an_error(void **state)
{
	char text[WORD_LINE_MAX + 16], out[512];

	(void)state;
	assert_int_equal(read_all("111\n2\0" "2\n", 8, out), ERR_USAGE);
	assert_string_equal(out, ":2: the line has a NUL byte");
	memset(text, '1', sizeof(text));
	assert_int_equal(read_all(text, sizeof(text), out), ERR_USAGE);
	assert_string_equal(out, ":1: the line is too long");
}

static void refuses_what_is_no_file(void **state)
{
	struct word_file file;
	struct err err = {0};

	(void)state;
	assert_int_equal(word_file_open(&file, ".", &err), ERR_USAGE);
	assert_non_null(strstr(err.text, "is a directory"));
	assert_int_equal(word_file_open(&file, "there-is-no-such-file", &err), ERR_USAGE);
	assert_non_null(strstr(err.text, "cannot open"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_word_a_line),
		cmocka_unit_test(names_the_line_of_an_error),
		cmocka_unit_test(refuses_what_is_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
