#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "dialplan/diff.h"
#include "rendered.h"

/* A gateway of international spellings only: "918065978000 org_x", or "918065978000" alone for staging. */
static void fill(struct gateway *g, const struct dispatcher *d, const char *const *lines)
{
	struct err err;

	assert_int_equal(gateway_init(g, d, NULL, false, &err), 0);
	for (; *lines; lines++) {
		char *line = xstrdup(*lines), *prefix = strchr(line, ' ');

		if (prefix)
			*prefix++ = '\0';
		assert_int_equal(gateway_push(g, number_of(line), STATE_ASSIGNED,
					      prefix ? DISPATCH_ORG : DISPATCH_STAGING, prefix, &err),
				 0);
		free(line);
	}
	gateway_settle(g);
}

struct telling {
	struct buf *out;
	const struct names *names;
};

static int tell(void *ctx, const struct diff_change *change)
{
	struct telling *t = ctx;

	diff_change_text(t->out, change, t->names);
	return 0;
}

static const struct dispatcher *international(void)
{
	static const struct dispatcher d = {
		.context = "from-tata",
		.oss_context = "oss",
		.staging_endpoint = "stage",
		.forms = FORM_INTERNATIONAL,
	};

	return &d;
}

/* The difference between a file (its text; NULL: none) and new lines, as it is shown. */
static void assert_diff(const char *old, const char *const *new, const char *want)
{
	struct gateway g = {0};
	struct buf out = {0};
	struct diff d = {0};
	struct layout layout;
	struct err err;
	int fd = old ? memory_file(old, strlen(old)) : -1;

	fill(&g, international(), new);
	layout = gateway_layout(&g);
	assert_int_equal(diff_count(&d, fd, &layout, &g.names, &g.routes, &err), 0);
	diff_summary(&out, &d, &g.names);
	assert_int_equal(diff_tell(&d, tell, &(struct telling){&out, &g.names}, &err), 0);
	assert_string_equal(buf_str(&out), want);
	assert_int_equal(d.before + d.gained - d.lost, d.after);
	diff_release(&d);
	buf_release(&out);
	gateway_release(&g);
	if (fd >= 0)
		close(fd);
}

static const char *const numbers[] = {
	"918065978000 org_a", "918065978001 org_a", "918065978002 org_a", "918065978009 org_b",
	"918065978010 org_b", "918065978021",	    "111 org_b",	  NULL,
};

/*
 * What a program that knows nothing of order would write; of two with one extension the switch takes the
 * first.
 */
static const char foreign[] = "; generated\n"
			      "[general]\n"
			      "[from-tata]\n"
			      "exten => 918065978000,1,Goto(org_a__incoming,${EXTEN},1)\n"
			      "exten = 918065978001,1,Goto(org_b__incoming,918065978001,1)\n"
			      "exten => 918065978001,1,Goto(org_a__incoming,918065978001,1)\n"
			      "exten => 918065978021,1,Goto(to-staging,918065978021,1)\n"
			      "exten => 918065978020,1,Goto(org_b__incoming,918065978020,1)\n"
			      "exten => 918065978019,1,Goto(org_b__incoming,918065978019,1)\n"
			      "exten => _X.,1,NoOp(UNROUTED ${EXTEN})\n"
			      " same => n,Hangup(1)\n"
			      "[other]\n"
			      "exten => 918065978002,1,Goto(org_b__incoming,918065978002,1)\n";

static void shows_a_first_file(void **state)
{
	(void)state;
	assert_diff(NULL, numbers,
		    "0 routes, now 7: 7 gained, 0 lost, 0 moved\n"
		    "org_a: 3 gained\n"
		    "org_b: 3 gained\n"
		    "stage: 1 gained\n"
		    "+ 918065978021: stage\n"
		    "+ 918065978009-918065978010 (2): org_b\n"
		    "+ 918065978000-918065978002 (3): org_a\n"
		    "+ 111: org_b\n");
}

static void shows_a_foreign_file(void **state)
{
	(void)state;
	assert_diff(foreign, numbers,
		    "5 routes, now 7: 4 gained, 2 lost, 2 moved\n"
		    "Goto(to-staging,${EXTEN},1): 1 moved out\n"
		    "org_a: 1 gained, 1 moved in\n"
		    "org_b: 3 gained, 2 lost, 1 moved out\n"
		    "stage: 1 moved in\n"
		    "~ 918065978021: Goto(to-staging,${EXTEN},1) -> stage\n"
		    "- 918065978019-918065978020 (2): org_b\n"
		    "+ 918065978009-918065978010 (2): org_b\n"
		    "+ 918065978002: org_a\n"
		    "~ 918065978001: org_b -> org_a\n"
		    "+ 111: org_b\n");
}

static void shows_what_is_lost(void **state)
{
	static const char *const none[] = {NULL};

	(void)state;
	assert_diff(foreign, none,
		    "5 routes, now 0: 0 gained, 5 lost, 0 moved\n"
		    "Goto(to-staging,${EXTEN},1): 1 lost\n"
		    "org_a: 1 lost\n"
		    "org_b: 3 lost\n"
		    "- 918065978021: Goto(to-staging,${EXTEN},1)\n"
		    "- 918065978019-918065978020 (2): org_b\n"
		    "- 918065978001: org_b\n"
		    "- 918065978000: org_a\n");
}

/* Of a file of ours: read as a stream, and nothing differs. */
static void shows_nothing_of_the_same(void **state)
{
	struct gateway g = {0};
	struct mark mark;
	char *text;
	int fd;

	(void)state;
	fill(&g, international(), numbers);
	mark = gateway_mark(&g, 1);
	fd = gateway_file(&g, &mark);
	text = read_all(fd);
	assert_diff(text, numbers, "7 routes, now 7: 0 gained, 0 lost, 0 moved\n");
	assert_diff(text, numbers + 1,
		    "7 routes, now 6: 0 gained, 1 lost, 0 moved\norg_a: 1 lost\n- 918065978000: org_a\n");
	free(text);
	close(fd);
	gateway_release(&g);
}

/* The rest of the file is not live: the switch stops reading. */
static void ends_where_the_switch_does(void **state)
{
	static const char cut[] = "[from-tata]\n"
				  "exten => 918065978021,1,Dial(PJSIP/${EXTEN}@stage)\n"
				  "[from-tata\n"
				  "exten => 918065978000,1,Goto(org_a__incoming,918065978000,1)\n";
	static const char *const two[] = {"918065978021", "918065978000 org_a", NULL};

	(void)state;
	assert_diff(cut, two,
		    "1 routes, now 2: 1 gained, 0 lost, 0 moved\norg_a: 1 gained\n+ 918065978000: org_a\n");
}

/* So many that sorting does not leave them in the order of the file. */
static void takes_the_first_of_two(void **state)
{
	static const char *const none[] = {NULL};
	struct buf file = {0};

	(void)state;
	buf_puts(&file, "[from-tata]\n");
	for (int i = 0; i < 200; i++)
		buf_printf(&file, "exten => %d,1,Goto(org_%c__incoming,%d,1)\n", 1000 + i % 100,
			   i < 100 ? 'a' : 'b', 1000 + i % 100);
	assert_diff(
		buf_str(&file), none,
		"100 routes, now 0: 0 gained, 100 lost, 0 moved\norg_a: 100 lost\n- 1000-1099 (100): org_a\n");
	buf_release(&file);
}

static void tells_where_each_comes_from(void **state)
{
	static const char old[] = "[from-tata]\n"
				  "exten => 1001,1,Goto(org_b__incoming,1001,1)\n"
				  "exten => 1000,1,Goto(org_a__incoming,1000,1)\n";
	static const char *const new[] = {"1000 org_c", "1001 org_c", NULL};

	(void)state;
	assert_diff(old, new,
		    "2 routes, now 2: 0 gained, 0 lost, 2 moved\n"
		    "org_a: 1 moved out\norg_b: 1 moved out\norg_c: 2 moved in\n"
		    "~ 1001: org_b -> org_c\n~ 1000: org_a -> org_c\n");
}

static void joins_no_more_than_neighbours(void **state)
{
	static const char *const new[] = {"0999 a", "1000 a", "1001 a",	 "999 a",
					  "1003 a", "1004 b", "+1005 a", NULL};
	struct routes routes = {0};
	struct names names = {0};
	struct buf out = {0};
	struct layout layout = {.context = "x", .marker = "y"};
	struct diff d = {0};
	struct err err;

	(void)state;
	for (size_t i = 0; new[i]; i++) {
		const char *target = strchr(new[i], ' ') + 1;
		uint64_t key;

		assert_true(route_key(&key, new[i], (size_t)(target - new[i]) - 1));
		routes_add(&routes, key, names_add(&names, target));
	}
	routes_sort(&routes);
	assert_int_equal(diff_count(&d, -1, &layout, &names, &routes, &err), 0);
	assert_int_equal(diff_tell(&d, tell, &(struct telling){&out, &names}, &err), 0);
	assert_string_equal(buf_str(&out),
			    "+ 999: a\n+ 1004: b\n+ 1003: a\n+ 0999-1001 (3): a\n+ +1005: a\n");
	routes_release(&routes);
	names_release(&names);
	buf_release(&out);
	diff_release(&d);
}

static int stop(void *ctx, const struct diff_change *change)
{
	(void)ctx, (void)change;
	return ERR_PIPE;
}

static void ends_when_told(void **state)
{
	struct gateway g = {0};
	struct diff d = {0};
	struct layout layout;
	struct err err;

	(void)state;
	fill(&g, international(), numbers);
	layout = gateway_layout(&g);
	assert_int_equal(diff_count(&d, -1, &layout, &g.names, &g.routes, &err), 0);
	assert_int_equal(diff_tell(&d, stop, NULL, &err), ERR_PIPE);
	diff_release(&d);
	gateway_release(&g);
}

static void knows_when_to_ask(void **state)
{
	static const struct {
		size_t before, after;
		bool shrinks;
	} cases[] = {
		{0, 0, false},		{0, 5, false},	       {10, 9, false},	   {10, 8, true},
		{60, 54, false},	{60, 53, true},	       {1000, 900, false}, {1001, 900, true},
		{100000, 99900, false}, {100000, 99899, true}, {5, 0, true},	   {1, 0, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(
			diff_shrinks(&(struct diff){.before = cases[i].before, .after = cases[i].after}),
			cases[i].shrinks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_a_first_file),
		cmocka_unit_test(shows_a_foreign_file),
		cmocka_unit_test(shows_what_is_lost),
		cmocka_unit_test(shows_nothing_of_the_same),
		cmocka_unit_test(ends_where_the_switch_does),
		cmocka_unit_test(joins_no_more_than_neighbours),
		cmocka_unit_test(takes_the_first_of_two),
		cmocka_unit_test(tells_where_each_comes_from),
		cmocka_unit_test(ends_when_told),
		cmocka_unit_test(knows_when_to_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
