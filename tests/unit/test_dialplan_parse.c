#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialplan/parse.h"

/*
 * What was told, as text: "[ctx]", "exten,1,App(data)" with '=' before it where it is plain, "!3:fault", ".".
 */
static int tell_context(void *ctx, const struct dialplan_line *line, const char *name)
{
	(void)line;
	buf_printf(ctx, "[%s] ", name);
	return 0;
}

static int tell_entry(void *ctx, const struct dialplan_line *line, const struct dialplan_entry *entry)
{
	(void)line;
	buf_printf(ctx, "%s%s,%d,%s(%s) ", entry->is_plain ? "=" : "", entry->exten, entry->priority,
		   entry->application, entry->data);
	return 0;
}

static int tell_empty(void *ctx, const struct dialplan_line *line)
{
	(void)line;
	buf_puts(ctx, ". ");
	return 0;
}

static int tell_fault(void *ctx, const struct dialplan_line *line, enum dialplan_fault fault)
{
	assert_non_null(dialplan_fault_text[fault]);
	buf_printf(ctx, "!%lu:%d ", line->number, fault);
	return 0;
}

static const struct dialplan_events tell = {tell_context, tell_entry, tell_empty, tell_fault};

static void assert_read(const char *text, size_t len, const char *told)
{
	struct buf out = {0};
	int fd = memfd_create("dialplan", MFD_CLOEXEC);
	struct err err;

	assert_int_equal(dialplan_read_text(text, len, &tell, &out), 0);
	assert_string_equal(buf_str(&out), told);
	buf_reset(&out);
	assert_int_equal(write(fd, text, len), len);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(dialplan_read(fd, &tell, &out, &err), 0);
	assert_string_equal(buf_str(&out), told);
	buf_release(&out);
	close(fd);
}

#define FAULT "\x01" /* the fault of a reading, told as "!LINE:NUMBER " */

struct reading {
	const char *text, *told;
	unsigned long line;
	int fault;
};

static void assert_readings(const struct reading *readings, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf told = {0};

		for (const char *at = readings[i].told; *at; at++)
			if (*at == *FAULT)
				buf_printf(&told, "!%lu:%d ", readings[i].line, readings[i].fault);
			else
				buf_putc(&told, *at);
		assert_read(readings[i].text, strlen(readings[i].text), buf_str(&told));
		buf_release(&told);
	}
}

static void reads_what_the_switch_reads(void **state)
{
	static const struct reading readings[] = {
		{"", "", 0, -1},
		{"[a]\nexten => 1,1,NoOp()\n", "[a] =1,1,NoOp() ", 0, -1},
		{"[a]\nexten => 1,1,NoOp()", "[a] =1,1,NoOp() ", 0, -1},
		{"[a]\r\nexten => 1,1,NoOp()\r\n", "[a] 1,1,NoOp() ", 0, -1},
		{"  [ a ]\n\tEXTEN = 08 , 1 , Goto(b,1,1) ; c\n", "[ a ] 08,1,Goto(b,1,1) ", 0, -1},
		{"[a]\nexten=>_[1,2]X,1,Answer\n", "[a] _[1,2]X,1,Answer() ", 0, -1},
		{"[a]\nexten => 1,1,NoOp(a(b)c)\nsame => n(x),Hangup()\nsame => 7,Wait(1)\nsame => s,Wait(2)\n",
		 "[a] =1,1,NoOp(a(b)c) 1,2,Hangup() 1,7,Wait(1) 1,7,Wait(2) ", 0, -1},
		{"[a]\nexten => 1,1,NoOp(1)\nexten => 1,n,NoOp(2)\n", "[a] =1,1,NoOp(1) =1,2,NoOp(2) ", 0,
		 -1},
		{"[a]\nexten => 1,1,NoOp(a) x\n", "[a] 1,1,NoOp(a) ", 0, -1},
		{"[a]\nexten => 1,hint,SIP/1\n", "[a] 1,0,SIP/1() ", 0, -1},
		{"; one\n\n  ; two\n[a] ; three\n", ". . . [a] ", 0, -1},
		{"[a]\nexten => 1,1,NoOp(a\\;b)\n", "[a] 1,1,NoOp(a;b) ", 0, -1},
		{";---- a rule\n[a]\n", ". [a] ", 0, -1},
		{"[a](!)\nexten => 1,1,NoOp()\n[b]\nexten => 2,1,NoOp()\n", FAULT "[a] [b] =2,1,NoOp() ", 1,
		 DIALPLAN_TEMPLATE},
	};

	(void)state;
	assert_readings(readings, ARRAY_SIZE(readings));
}

static void finds_every_trap(void **state)
{
	static const struct reading readings[] = {
		{"[a]\n;-- x\nexten => 1,1,NoOp()\n--;\nexten => 2,1,NoOp()\n",
		 "[a] " FAULT ". . . =2,1,NoOp() ", 2, DIALPLAN_BLOCK_COMMENT},
		{"[a]\nexten => 1,1,NoOp() ;-- x --; \n", "[a] " FAULT "1,1,NoOp() ", 2,
		 DIALPLAN_BLOCK_COMMENT},
		{"[a]\n;-- ;-- x\n--; y\n--;\nexten => 1,1,NoOp()\n", "[a] " FAULT FAULT ". . . =1,1,NoOp() ",
		 2, DIALPLAN_BLOCK_COMMENT},
		{"[a]\nexten => 1,1,NoOp()\n[b\n[c]\nexten => 2,1,NoOp()\n", "[a] =1,1,NoOp() " FAULT, 3,
		 DIALPLAN_OPEN_CONTEXT},
		{"exten => 1,1,NoOp()\n[c]\nexten => 2,1,NoOp()\n", FAULT, 1, DIALPLAN_NO_CONTEXT},
		{"[a]\n#include x.conf\n", "[a] " FAULT, 2, DIALPLAN_DIRECTIVE},
		{"[a]\n #exec rm\n", "[a] " FAULT, 2, DIALPLAN_DIRECTIVE},
		{"[a]\nexten 1,1,NoOp()\n", "[a] " FAULT, 2, DIALPLAN_NO_VALUE},
		{"[a]\ninclude => b\n", "[a] " FAULT, 2, DIALPLAN_OTHER_KEY},
		{"[a]\nextem => 1,1,NoOp()\n", "[a] " FAULT, 2, DIALPLAN_OTHER_KEY},
		{"[a]\nsame => n,NoOp()\n", "[a] " FAULT, 2, DIALPLAN_NO_EXTEN},
		{"[a]\nexten => ,1,NoOp()\n", "[a] " FAULT, 2, DIALPLAN_NO_EXTEN},
		{"[a]\nexten => 1,1,NoOp()\n[b]\nsame => n,NoOp()\n", "[a] =1,1,NoOp() [b] " FAULT, 4,
		 DIALPLAN_NO_EXTEN},
		{"[a]\nexten => ${SHELL(id)},1,NoOp()\n", "[a] " FAULT "${SHELL(id)},1,NoOp() ", 2,
		 DIALPLAN_EXTEN},
		{"[a]\nexten => 1/2,1,NoOp()\n", "[a] " FAULT "1/2,1,NoOp() ", 2, DIALPLAN_EXTEN},
		{"[a]\nexten => 1 2,1,NoOp()\n", "[a] " FAULT "1 2,1,NoOp() ", 2, DIALPLAN_EXTEN},
		{"[a]\nexten => 1,0,NoOp()\n", "[a] " FAULT, 2, DIALPLAN_PRIORITY},
		{"[a]\nexten => 1,x,NoOp()\n", "[a] " FAULT, 2, DIALPLAN_PRIORITY},
		{"[a]\nexten => 1\n", "[a] " FAULT, 2, DIALPLAN_PRIORITY},
		{"[a]\nexten => 1,s,NoOp()\n", "[a] " FAULT, 2, DIALPLAN_PRIORITY},
		{"[a]\nexten => 1,n,NoOp()\n", "[a] " FAULT, 2, DIALPLAN_FIRST_PRIORITY},
		{"[a]\nexten => 1,1,NoOp()\nexten => 2,n,NoOp()\n", "[a] =1,1,NoOp() " FAULT "=2,2,NoOp() ",
		 3, DIALPLAN_FIRST_PRIORITY},
		{"[a]\nexten => 1,1,Goto(b,1,1\n", "[a] " FAULT "1,1,Goto(b,1,1) ", 2,
		 DIALPLAN_OPEN_ARGUMENTS},
	};

	(void)state;
	assert_readings(readings, ARRAY_SIZE(readings));
}

static void knows_comments_that_do_not_close(void **state)
{
	static const char open[] = "[a]\n;-- x\nexten => 1,1,NoOp()\n",
			  close[] = "[a]\nexten => 1,1,NoOp(a) --; x\nexten => 2,1,NoOp()\n";
	char told[64];

	(void)state;
	snprintf(told, sizeof(told), "[a] !2:%d . . !3:%d ", DIALPLAN_BLOCK_COMMENT, DIALPLAN_OPEN_COMMENT);
	assert_read(open, sizeof(open) - 1, told);
	snprintf(told, sizeof(told), "[a] !2:%d 1,1,NoOp(a) ", DIALPLAN_CLOSED_COMMENT);
	assert_read(close, sizeof(close) - 1, told);
}

static void cuts_names_where_the_switch_does(void **state)
{
	char name[82], text[256], told[512];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[79] = '\0';
	snprintf(text, sizeof(text), "[%s]\nexten => %s,1,NoOp()\n", name, name);
	snprintf(told, sizeof(told), "[%s] =%s,1,NoOp() ", name, name);
	assert_read(text, strlen(text), told);
	name[79] = 'b';
	name[80] = '\0';
	snprintf(text, sizeof(text), "[%s]\nexten => %s,1,NoOp()\n", name, name);
	snprintf(told, sizeof(told), "!1:%d [%.79s] !2:%d %.79s,1,NoOp() ", DIALPLAN_LONG_NAME, name,
		 DIALPLAN_LONG_NAME, name);
	assert_read(text, strlen(text), told);
}

static void leaves_out_long_lines(void **state)
{
	static const size_t lengths[] = {
		DIALPLAN_LINE_MAX, DIALPLAN_LINE_MAX + 1, 65535, 65536, 65537, 200000};
	char told[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct buf text = {0};

		buf_puts(&text, "[a]\n");
		for (size_t j = 0; j < lengths[i]; j++)
			buf_putc(&text, j ? 'x' : ';');
		buf_puts(&text, "\nexten => 1,1,NoOp()\n");
		if (lengths[i] <= DIALPLAN_LINE_MAX)
			snprintf(told, sizeof(told), "[a] . =1,1,NoOp() ");
		else
			snprintf(told, sizeof(told), "[a] !2:%d =1,1,NoOp() ", DIALPLAN_LONG_LINE);
		assert_read(text.data, text.len, told);
		buf_release(&text);
	}
}

static void ends_a_line_at_a_nul(void **state)
{
	static const char text[] = "[a]\nexten => 1,1,NoOp()\0)\n";
	char told[64];

	(void)state;
	snprintf(told, sizeof(told), "[a] !2:%d =1,1,NoOp() ", DIALPLAN_NUL);
	assert_read(text, sizeof(text) - 1, told);
}

static int refuse(void *ctx, const struct dialplan_line *line, const char *name)
{
	(void)ctx, (void)line, (void)name;
	return ERR_REFUSED;
}

static void ends_when_told(void **state)
{
	const struct dialplan_events events = {.context = refuse};

	(void)state;
	assert_int_equal(dialplan_read_text("[a]\n[b]\n", 8, &events, NULL), ERR_REFUSED);
}

static void says_what_cannot_be_read(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(dialplan_read(-1, &tell, NULL, &err), ERR_FAILED);
	assert_string_equal(err.text, "cannot be read: Bad file descriptor");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_the_switch_reads),
		cmocka_unit_test(finds_every_trap),
		cmocka_unit_test(knows_comments_that_do_not_close),
		cmocka_unit_test(cuts_names_where_the_switch_does),
		cmocka_unit_test(leaves_out_long_lines),
		cmocka_unit_test(ends_a_line_at_a_nul),
		cmocka_unit_test(ends_when_told),
		cmocka_unit_test(says_what_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
