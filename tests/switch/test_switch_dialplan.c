/*
 * What our parser makes of a file, and what the real switch makes of it, are the same: of the files that we
 * render, and of every mistake that dialplan.md lists. tests/lib/with-switch starts the switch in $TEST_SWITCH.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/rendered.h"
#include "base/clock.h"
#include "dialplan/ami.h"
#include "dialplan/org_file.h"
#include "dialplan/parse.h"

#define LINES_MAX 512
#define PATIENCE  2400 /* times 25 ms: what a reload may take */

struct fixture {
	const char *dir;
	struct ami *ami;
	struct err err;
};

/* Entries as "EXTEN PRIORITY APPLICATION(DATA)", sorted. */
struct entries {
	const char *context; /* the one that is looked at */
	char *at[LINES_MAX];
	size_t n;
	char exten[128]; /* of the last line of the switch's listing */
};

static void add_entry(struct entries *e, const char *exten, int priority, const char *rest)
{
	struct buf line = {0};

	buf_printf(&line, "%s %d ", exten, priority);
	/* Of two the switch takes the first. */
	for (size_t i = 0; i < e->n; i++)
		if (!strncmp(e->at[i], line.data, line.len)) {
			buf_release(&line);
			return;
		}
	buf_puts(&line, rest);
	assert_true(e->n < LINES_MAX);
	e->at[e->n++] = line.data;
}

static int take_ours(void *ctx, const struct dialplan_line *line, const struct dialplan_entry *entry)
{
	struct entries *e = ctx;
	struct buf rest = {0};

	(void)line;
	buf_printf(&rest, "%s(%s)", entry->application, entry->data);
	if (!strcmp(entry->context, e->context))
		add_entry(e, entry->exten, entry->priority, rest.data);
	buf_release(&rest);
	return 0;
}

/* "  'EXTEN' =>   1. App(data)    [file:line]", and for the priorities after it the same without extension. */
static void take_theirs(void *ctx, const char *key, const char *value, size_t len)
{
	struct entries *e = ctx;
	const char *arrow = strstr(value, "' =>"), *file = strrchr(value, '[');
	const char *at = arrow ? arrow + strlen("' =>") : value;
	char *end, *rest;
	long priority;

	(void)len;
	if (strcmp(key, "Output") != 0 || strncmp(value, "  ", 2) != 0 || !file)
		return;
	if (arrow)
		snprintf(e->exten, sizeof(e->exten), "%.*s", (int)(arrow - value - 3), value + 3);
	priority = strtol(at, &end, 10);
	if (end == at || strncmp(end, ". ", 2) != 0)
		return;
	end += 2;
	while (file > end && file[-1] == ' ')
		file--;
	rest = xstrndup(end, (size_t)(file - end));
	add_entry(e, e->exten, (int)priority, rest);
	free(rest);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One line each; empties the entries. */
static void take_text(struct buf *out, struct entries *e)
{
	buf_reset(out);
	qsort(e->at, e->n, sizeof(e->at[0]), by_text);
	for (size_t i = 0; i < e->n; i++) {
		buf_printf(out, "%s\n", e->at[i]);
		free(e->at[i]);
	}
	e->n = 0;
}

static void command(struct fixture *f, const char *text, struct entries *e)
{
	const struct ami_expect expect = {.line = take_theirs, .data = e};
	struct ami_answer answer;

	if (ami_command(f->ami, text, &expect, &answer, &f->err))
		fail_msg("%s", f->err.text);
}

static void write_file(const struct fixture *f, const char *text, size_t len)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/etc/didctl/zz_test.conf", f->dir);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* Gives the switch a file, and waits until it has of a context what the parser reads in it. */
static void assert_same(struct fixture *f, const char *text, size_t len, const char *context)
{
	static const struct dialplan_events events = {.entry = take_ours};
	struct entries e = {.context = context};
	struct buf want = {0}, got = {0};
	char show[256];

	dialplan_read_text(text, len, &events, &e);
	take_text(&want, &e);
	write_file(f, text, len);
	command(f, "dialplan reload", &e);
	snprintf(show, sizeof(show), "dialplan show %s", context);
	for (int i = 0; i < PATIENCE; i++) {
		command(f, show, &e);
		take_text(&got, &e);
		if (!strcmp(buf_str(&got), buf_str(&want)))
			break;
		clock_sleep_ms(25);
	}
	assert_string_equal(buf_str(&got), buf_str(&want));
	buf_release(&want);
	buf_release(&got);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	char path[512], host[128], where[256];
	FILE *file;

	f->dir = getenv("TEST_SWITCH");
	snprintf(path, sizeof(path), "%s/ami", f->dir);
	file = fopen(path, "r");
	if (!file || !fgets(host, sizeof(host), file))
		return -1;
	fclose(file);
	host[strcspn(host, "\n")] = '\0';
	snprintf(where, sizeof(where), "didctl@%s", host);
	*state = f;
	return ami_open(&f->ami, &(struct ami_login){.where = where, .secret = "s3cret"}, &f->err);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ami_close(f->ami);
	free(f);
	return 0;
}

static void reads_mistakes_as_the_switch_does(void **state)
{
	/* Each starts with an entry of its own, so that one cannot be taken for another. */
	static const char *const texts[] = {
		"exten => 1,1,NoOp(a) --; x\nexten => 2,1,NoOp()\n",
		"exten => 2,1,NoOp()\n--;\nexten => 3,1,NoOp()\n",
		"exten => 3,1,NoOp() ;--; x\nexten => 2,1,NoOp()\n--; y\nexten => 4,1,NoOp()\n",
		"exten => 4,1,NoOp() ;-- a ;-- b\n--; c\nexten => 2,1,NoOp()\n--;\nexten => 5,1,NoOp()\n",
		"exten => 5,n,NoOp()\nexten => 6,1,NoOp()\nexten => 7,n,NoOp()\nexten => 8,s,NoOp()\n",
		"exten => 6,1,NoOp(a\\;b)\nexten => 7,1,Goto(a,b,1\nexten => 8,1,NoOp(a) x\n;--- x\n"
		"exten => 9,1,NoOp()\n",
		"exten => 7,1,NoOp(first)\nexten => 7,1,NoOp(second)\nexten = 7 , 2 , Wait(1) ; c\n same => n,Hangup\n",
		"exten => 8,1,NoOp()\n[open\nexten => 9,1,NoOp()\n",
		"exten => 9,1,NoOp()\nexten 10,1,NoOp()\nextem => 11,1,NoOp()\nexten => 12,x,NoOp()\n"
		"exten => 13,0,NoOp()\nexten => 14\nexten => ,1,NoOp()\n",
		"exten => 10,1,NoOp()\n[other]\nexten => 11,1,NoOp()\n[traps]\nexten => 12,1,NoOp()\n",
		"exten => 11,1,NoOp()\n;-- never closed\nexten => 12,1,NoOp()\n",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct buf text = {0};

		buf_printf(&text, "[traps]\n%s", texts[i]);
		assert_same(f, text.data, text.len, "traps");
		buf_release(&text);
	}
}

static void leaves_out_the_lines_that_the_switch_leaves_out(void **state)
{
	struct buf text = {0};

	buf_puts(&text, "[traps]\n");
	for (int len = DIALPLAN_LINE_MAX - 1; len <= DIALPLAN_LINE_MAX + 2; len++)
		buf_printf(&text, "exten => %d,1,NoOp(a);%*s\nexten => %d,1,NoOp(%d)\n", 100 + len % 100,
			   len - (int)strlen("exten => 100,1,NoOp(a);"), "x", 300 + len % 100, len);
	assert_same(*state, text.data, text.len, "traps");
	buf_release(&text);
}

/* Of an extension it keeps more, but no call can ask for it. */
static void cuts_contexts_where_the_switch_does(void **state)
{
	char name[82], context[80], text[256];

	memset(name, '1', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(context, sizeof(context), "t%.78s", name);
	snprintf(text, sizeof(text), "[t%s]\nexten => 1,1,NoOp()\n", name);
	assert_same(*state, text, strlen(text), context);
}

static void assert_file(struct fixture *f, int fd, const char *const *contexts)
{
	char *text = read_all(fd);

	for (; *contexts; contexts++)
		assert_same(f, text, strlen(text), *contexts);
	free(text);
	close(fd);
}

static void loads_what_we_render(void **state)
{
	static const char *const contexts[] = {"from-tata", "didctl-meta", NULL};
	static const char *const own[] = {"org_x__incoming", "did_918065978003", "did_918065978029",
					  "didctl-meta-org_x", NULL};
	static const struct org_route routes[] = {{true, "queue", "support"}, {false, NULL, NULL}};
	struct dispatcher all = seed_dispatcher;
	struct gateway g = {0};
	struct org_file file = {0};
	struct buf clashes = {0};
	struct fixture *f = *state;
	struct writer w;
	struct mark mark;
	int fd = memory_file("", 0);

	all.forms |= FORM_PLUS;
	assert_int_equal(gateway_init(&g, &all, country_find("IN"), false, &f->err), 0);
	assert_int_equal(org_file_init(&file, &all, country_find("IN"), NULL, 0, "org_x", &f->err), 0);
	for (unsigned i = 0; i < 30; i++) { /* of the seed */
		struct number n = {918065978000 + i, 12};

		assert_int_equal(gateway_push(&g, n, STATE_ASSIGNED, i > 20 ? DISPATCH_STAGING : DISPATCH_ORG,
					      "org_x", &f->err),
				 0);
		assert_int_equal(org_file_push(&file, n, &routes[i % 2], &f->err), 0);
	}
	assert_int_equal(gateway_settle(&g), 0);
	assert_int_equal(org_file_settle(&file, &clashes), 0);
	mark = gateway_mark(&g, 42);
	assert_file(f, gateway_file(&g, &mark), contexts);
	mark = org_file_mark(&file, 42);
	writer_init(&w, fd);
	org_file_render(&file, &mark, &w);
	assert_int_equal(writer_finish(&w, "it", &f->err), 0);
	assert_file(f, fd, own);
	gateway_release(&g);
	org_file_release(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_what_we_render),
		cmocka_unit_test(reads_mistakes_as_the_switch_does),
		cmocka_unit_test(leaves_out_the_lines_that_the_switch_leaves_out),
		cmocka_unit_test(cuts_contexts_where_the_switch_does),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
