/* A file of the switch, read as dialplan.md saw the switch read it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dialplan/lines.h"

static const char spelled[2][NUMBER_TEXT] = {"918065978002", "08065978002"};

/* What is found in a file with this text: "line:spelling:action" of each, '*' where it is obeyed. */
static void found_in(const char *text, size_t len, char out[2000])
{
	char path[] = "/tmp/test_lines.XXXXXX";
	struct number_lines lines;
	struct arena arena = {0};
	struct err err = {0};
	int fd = mkstemp(path);
	size_t used = 0;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
	assert_int_equal(lines_find(&lines, path, "from-tata", spelled, 2, &arena, &err), 0);
	unlink(path);
	out[0] = '\0';
	for (size_t i = 0; i < lines.n; i++)
		used += (size_t)snprintf(out + used, 2000 - used, "%s%lu:%zu:%s%s", i ? " " : "", lines.at[i].line,
					 lines.at[i].spelling, lines.at[i].action, lines.at[i].is_obeyed ? "*" : "");
	arena_release(&arena);
}

#define C "[from-tata]\n"

static void test_lines(void **state)
{
	static const struct {
		const char *text, *found;
	} rows[] = {
		{"", ""},
		{C "exten => 918065978002,1,Goto(a)\nexten => 08065978002,1,Goto(b)\n", "2:0:Goto(a)* 3:1:Goto(b)*"},
		{C "exten => 918065978002,1,Goto(a)\nexten => 918065978002,1,Goto(b)", "2:0:Goto(a)* 3:0:Goto(b)"},
		{C "  exten=918065978002 , 1 , Goto(a)  \r\n", "2:0:Goto(a)*"},
		{C "EXTEN => 91-8065 978002,1(label),Goto(a)\n", "2:0:Goto(a)*"},
		/* Not this context, not a call's first priority, not this number, not a line at all. */
		{"exten => 918065978002,1,Goto(a)\n", ""},
		{"[from-tata2]\nexten => 918065978002,1,Goto(a)\n", ""},
		{C "[x]\nexten => 918065978002,1,Goto(a)\n" C "exten => 918065978002,1,Goto(b)\n", "5:0:Goto(b)*"},
		{"[from-tata](+)\nexten => 918065978002,1,Goto(a)\n", "2:0:Goto(a)*"},
		{C "exten => 918065978002,n,Goto(a)\nexten => 918065978002,2,Goto(a)\nexten => 918065978002,10,Goto(a)\n", ""},
		{C "exten => 9180659780021,1,Goto(a)\nexten => 91806597800,1,Goto(a)\nexten => _918065978002,1,Goto(a)\n", ""},
		{C "same => 1,Goto(a)\nexten 918065978002,1,Goto(a)\nextension => 918065978002,1,Goto(a)\n"
		   "exten => 918065978002\nexten =>\nexten\n[\n", ""},
		{C "exten => 918065978002,1\n", "2:0:()*"}, /* is there, and does nothing */
		/* Comments: to the end of the line, over lines, and what only looks like one. */
		{C ";exten => 918065978002,1,Goto(a)\nexten => 918065978002,1,Goto(b) ; c\n", "3:0:Goto(b)*"},
		{C ";-- x\nexten => 918065978002,1,Goto(a)\n--; \nexten => 918065978002,1,Goto(b)\n", "5:0:Goto(b)*"},
		{C "exten => 918065978002,1,Goto(a) ;-- to the end\nexten => 08065978002,1,Goto(b)\n", "2:0:Goto(a)*"},
		{C ";--- one line\nexten => 918065978002,1,Goto(a)\n", "3:0:Goto(a)*"},
		{C "exten => 918065978002,1,Set(a\\;b)\n", "2:0:Set(a;b)*"},
		{C "exten => ;-- x --;918065978002,1,Goto(a)\n", "2:0:Goto(a)*"},
	};
	char got[2000];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		found_in(rows[i].text, strlen(rows[i].text), got);
		if (strcmp(got, rows[i].found) != 0)
			fail_msg("row %zu: '%s', not '%s'", i, got, rows[i].found);
	}
}

/* A line of so many bytes in all, newline not counted, and one behind it. */
static void test_long_line(void **state)
{
	static const struct {
		size_t len;
		const char *found;
	} rows[] = {
		{8190, "2:0:()* 3:1:Goto(b)*"}, {8191, "3:1:Goto(b)*"}, {8192, "3:1:Goto(b)*"}, {100000, "3:1:Goto(b)*"},
	};
	static const char front[] = C "exten => 918065978002,1,", back[] = "\nexten => 08065978002,1,Goto(b)\n";
	char got[2000];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t pad = rows[i].len - strlen(front) + strlen(C), len = strlen(front) + pad + strlen(back);
		char *text = malloc(len + 1);

		assert_non_null(text);
		snprintf(text, len + 1, "%s%*s%s", front, (int)pad, "", back);
		found_in(text, len, got);
		free(text);
		assert_string_equal(got, rows[i].found);
	}
}

static void test_many_and_hostile(void **state)
{
	char got[2000], text[40 * NUMBER_LINES_MAX * 2] = C;

	(void)state;
	for (int i = 0; i < 2 * NUMBER_LINES_MAX; i++)
		strcat(text, "exten => 918065978002,1,Goto(a)\n");
	found_in(text, strlen(text), got);
	assert_null(strstr(got, ":0:Goto(a)* 3:0:Goto(a)*"));
	found_in(C "\0\0[\n" "\0exten => 918065978002,1,Goto(a)\n\xff\xfe\n", 50, got);
	assert_string_equal(got, "");
}

static void test_not_there(void **state)
{
	static const struct {
		const char *path;
		int code;
	} rows[] = {{"/tmp/no/such/file", ERR_ABSENT}, {"/dev/null/x", ERR_ABSENT}, {"/tmp", ERR_FAILED},
		    {"/dev/zero", ERR_FAILED}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct number_lines lines;
		struct arena arena = {0};
		struct err err = {0};

		assert_int_equal(lines_find(&lines, rows[i].path, "c", spelled, 2, &arena, &err), rows[i].code);
		assert_non_null(strstr(err.text, rows[i].path));
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_many_and_hostile),
		cmocka_unit_test(test_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
