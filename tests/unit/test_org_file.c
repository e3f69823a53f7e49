#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "dialplan/org_file.h"
#include "rendered.h"

struct row {
	const char *number;
	struct org_route route;
};

static const struct row acme[] = {
	{"918065978000", {true, "queue", "support"}},
	{"918065978002", {false, NULL, NULL}},
	{"918065978001", {false, "ai_agent", "a-1.B"}},
	{"111", {true, NULL, NULL}},
};

static void start(struct org_file *f, const struct org_template *templates, size_t n)
{
	struct err err;

	assert_int_equal(org_file_init(f, &seed_dispatcher, country_find("IN"), templates, n, "org_x", &err),
			 0);
}

static void push_all(struct org_file *f, const struct row *rows, size_t n)
{
	struct err err;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(org_file_push(f, number_of(rows[i].number), &rows[i].route, &err), 0);
}

static int render(const struct org_file *f, const struct mark *mark)
{
	int fd = memory_file("", 0);
	struct writer w;
	struct err err;

	writer_init(&w, fd);
	org_file_render(f, mark, &w);
	assert_int_equal(writer_finish(&w, "it", &err), 0);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void assert_renders(struct org_file *f, const char *rest)
{
	struct mark mark = org_file_mark(f, 7);
	int fd = render(f, &mark);
	char *text = read_all(fd), marker[MARK_EXTEN];
	struct buf want = {0};
	struct err err = {0};

	mark_head(&want, &mark);
	buf_printf(&want, "%s[didctl-meta-org_x]\nexten => %s,1,NoOp()\n", rest, mark_exten(&mark, marker));
	assert_string_equal(text, buf_str(&want));
	if (org_file_check(f, &mark, fd, &err))
		fail_msg("%s", err.text);
	buf_release(&want);
	free(text);
	close(fd);
}

#define ACME \
	"; numbers: 4\n" \
	"[org_x__incoming]\n" \
	"exten => 918065978002,1,Gosub(did_918065978002,s,1)\n" \
	"exten => 918065978001,1,Gosub(did_918065978001,s,1)\n" \
	"exten => 918065978000,1,Gosub(did_918065978000,s,1)\n" \
	"exten => 111,1,Gosub(did_111,s,1)\n" \
	"exten => 08065978002,1,Gosub(did_918065978002,s,1)\n" \
	"exten => 08065978001,1,Gosub(did_918065978001,s,1)\n" \
	"exten => 08065978000,1,Gosub(did_918065978000,s,1)\n" \
	"[did_918065978002]\n" \
	"exten => s,1,NoOp(recording off)\n" \
	"exten => s,n,StackPop()\n" \
	"exten => s,n,Hangup(1)\n" \
	"[did_918065978001]\n" \
	"exten => s,1,NoOp(recording off)\n" \
	"exten => s,n,StackPop()\n" \
	"exten => s,n,Goto(org_x__ai_agent,a-1.B,1)\n" \
	"[did_918065978000]\n" \
	"exten => s,1,MixMonitor(918065978000-${UNIQUEID}.wav)\n" \
	"exten => s,n,StackPop()\n"

static void renders_an_organisation(void **state)
{
	struct org_file f = {0};
	struct buf clashes = {0}, name = {0};

	(void)state;
	start(&f, NULL, 0);
	push_all(&f, acme, ARRAY_SIZE(acme));
	assert_int_equal(org_file_settle(&f, &clashes), 0);
	assert_renders(&f, ACME "exten => s,n,Goto(org_x__queue,support,1)\n"
				"[did_111]\n"
				"exten => s,1,MixMonitor(111-${UNIQUEID}.wav)\n"
				"exten => s,n,StackPop()\n"
				"exten => s,n,Hangup(1)\n");
	org_file_name(&name, f.prefix);
	assert_string_equal(buf_str(&name), "ext_org_x.conf");
	buf_release(&name);
	org_file_release(&f);
}

static void takes_contexts_from_templates(void **state)
{
	static const struct org_template templates[] = {{"queue", "from-queues"}, {"ai_agent", "__ai_agent"}};
	struct org_file f = {0};
	struct buf clashes = {0};

	(void)state;
	start(&f, templates, ARRAY_SIZE(templates));
	push_all(&f, acme, 3);
	push_all(&f, &(struct row){"111", {true, NULL, NULL}}, 1);
	org_file_settle(&f, &clashes);
	assert_renders(&f, ACME "exten => s,n,Goto(from-queues,support,1)\n"
				"[did_111]\n"
				"exten => s,1,MixMonitor(111-${UNIQUEID}.wav)\n"
				"exten => s,n,StackPop()\n"
				"exten => s,n,Hangup(1)\n");
	org_file_release(&f);
}

static void leaves_out_what_leads_two_ways(void **state)
{
	static const struct row rows[] = {
		{"918065978000", {true, "queue", "support"}},
		{"918065978000", {true, "queue", "sales"}},
		{"918065978001", {true, "queue", "support"}},
		{"918065978001", {true, "queue", "support"}},
	};
	struct org_file f = {0};
	struct buf clashes = {0};

	(void)state;
	start(&f, NULL, 0);
	push_all(&f, rows, ARRAY_SIZE(rows));
	assert_int_equal(org_file_settle(&f, &clashes), 1);
	assert_string_equal(buf_str(&clashes), "918065978000\n");
	assert_int_equal(f.routes.n, 1);
	assert_int_equal(f.entrances.n, 2);
	buf_release(&clashes);
	org_file_release(&f);
}

static void refuses_what_may_not_stand_there(void **state)
{
	static const struct org_route routes[] = {
		{false, "queue", NULL},
		{false, "queue", ""},
		{false, "", "support"},
		{false, "queue", "1000,1,n,System(rm)"},
		{false, "queue", "500&PJSIP/itsp/1"},
		{false, "queue", "#exec x"},
		{false, "queue", "a;b"},
		{false, "queue", "${SHELL(id)}"},
		{false, "queue", "a\nb"},
		{false, "queue", "a)"},
		{false, "Queue", "support"},
		{false, "queue,x", "support"},
		{false, "queue\n[globals]", "support"},
		{false, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "support"},
	};
	static const struct org_template bad[] = {
		{"queue", "a b"}, {"queue", ""}, {"queue", "a]"}, {"queue", "A"}};
	struct org_file f = {0};
	struct buf clashes = {0};
	struct err err = {0};

	(void)state;
	start(&f, NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
		assert_int_equal(org_file_push(&f, number_of("918065978000"), &routes[i], &err), ERR_REFUSED);
		assert_null(strchr(err.text, '\n'));
	}
	assert_int_equal(org_file_push(&f, (struct number){1, 17}, &acme[0].route, &err), ERR_REFUSED);
	org_file_settle(&f, &clashes);
	assert_renders(&f, "; numbers: 0\n[org_x__incoming]\n");
	org_file_release(&f);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(org_file_init(&f, &seed_dispatcher, NULL, &bad[i], 1, "org_x", &err),
				 ERR_TARGET);
		org_file_release(&f);
	}
	assert_int_equal(org_file_init(&f, &seed_dispatcher, NULL, NULL, 0, "Org", &err), ERR_REFUSED);
	org_file_release(&f);
}

static void sees_every_alteration(void **state)
{
	struct org_file f = {0};
	struct buf clashes = {0};
	struct layout layout;
	struct mark mark;
	char *text;
	int fd;

	(void)state;
	start(&f, NULL, 0);
	push_all(&f, acme, ARRAY_SIZE(acme));
	org_file_settle(&f, &clashes);
	layout = org_file_layout(&f);
	mark = org_file_mark(&f, 7);
	fd = render(&f, &mark);
	text = read_all(fd);
	for (size_t i = (size_t)(strchr(text, '[') - text); text[i + 1]; i++) {
		struct names names = {0};
		struct contents contents;
		struct err err;
		int altered;
		char was = text[i];

		text[i] = was == '7' ? '8' : '7';
		altered = memory_file(text, strlen(text));
		text[i] = was;
		assert_int_equal(contents_read(&contents, altered, &layout, &names, NULL, &err), 0);
		assert_int_equal(contents.origin, CONTENTS_ALTERED);
		names_release(&names);
		close(altered);
	}
	free(text);
	close(fd);
	org_file_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renders_an_organisation),
		cmocka_unit_test(takes_contexts_from_templates),
		cmocka_unit_test(leaves_out_what_leads_two_ways),
		cmocka_unit_test(refuses_what_may_not_stand_there),
		cmocka_unit_test(sees_every_alteration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
