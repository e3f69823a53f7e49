/* The client and the proof of a reload, on the real switch: tests/lib/with-switch starts it in $TEST_SWITCH. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "dialplan/reload.h"
#include "dialplan/running.h"

#define META	   "didctl-meta"
#define GENERATION "0123456789abcdef"
#define NUMBERS	   30 /* of the seed: 8065978001 to 8065978030 */
#define LIMIT_MS   60000
#define SHORT_MS   400 /* for a generation that will not come */

struct fixture {
	char dir[256], where[128];
	struct ami *ami;
	struct err err;
};

static void write_file(const struct fixture *f, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/etc/%s", f->dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void read_line(const struct fixture *f, const char *name, char out[100])
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(out, 100, file));
	out[strcspn(out, "\n")] = '\0';
	fclose(file);
}

/* As one of the users of its manager.conf. */
static int log_in(struct fixture *f, const char *user, const char *secret)
{
	char host[100];
	const struct ami_login login = {.where = f->where, .secret = secret};

	read_line(f, "ami", host);
	snprintf(f->where, sizeof(f->where), "%s@%s", user, host);
	ami_close(f->ami);
	return ami_open(&f->ami, &login, &f->err);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	char secret[100];

	snprintf(f->dir, sizeof(f->dir), "%s", getenv("TEST_SWITCH"));
	read_line(f, "secret", secret);
	if (log_in(f, "didctl", secret))
		fail_msg("%s (%s)", f->err.text, f->err.hint);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ami_close(f->ami);
	free(f);
	return 0;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in '%s'", part, text);
}

/* n numbers under both spellings, in the order that the switch loads fast; then the marker. */
static void add_dispatcher(struct buf *out, int n)
{
	static const char *const spellings[] = {"91", "0"};

	buf_puts(out, "; written by a test\n[from-tata]\n");
	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
		for (int j = n; j >= 1; j--)
			buf_printf(out, "exten => %s806%07d,1,Goto(org_x__incoming,%s806%07d,1)\n",
				   spellings[i], 5978000 + j, spellings[i], 5978000 + j);
	buf_puts(out, "[" META "]\nexten => gen-" GENERATION ",1,NoOp()\n");
}

static void write_dispatcher(const struct fixture *f, int n)
{
	struct buf text = {0};

	add_dispatcher(&text, n);
	write_file(f, "didctl/gateway.conf", buf_str(&text));
	buf_release(&text);
}

static void write_org(const struct fixture *f)
{
	write_file(f, "didctl/org.conf",
		   "[org_x__incoming]\n"
		   "exten => _X.,1,Set(GLOBAL(landed)=${EXTEN} in ${CONTEXT})\n"
		   " same => n,Answer()\n same => n,Wait(5)\n");
}

static int prove_within(struct fixture *f, int n, int64_t limit_ms)
{
	const uint64_t lines = 2 * (uint64_t)n;
	const struct written written[] = {
		{"from-tata", "gateway.conf", lines, lines, NULL, ""},
		{"org_x__incoming", "org.conf", 1, 3, NULL, ""},
		{META, "gateway.conf", 1, 1, NULL, ""},
	};
	const struct reload reload = {META, GENERATION, written, ARRAY_SIZE(written), limit_ms};

	return reload_and_prove(f->ami, &reload, &f->err);
}

static int prove(struct fixture *f, int n)
{
	return prove_within(f, n, LIMIT_MS);
}

static void assert_proved(struct fixture *f, int n)
{
	char running[GENERATION_TEXT];

	if (prove(f, n))
		fail_msg("%s", f->err.text);
	assert_int_equal(running_generation(f->ami, META, running, &f->err), 0);
	assert_string_equal(running, GENERATION);
}

static void take(void *data, const char *key, const char *value, size_t len)
{
	(void)len;
	buf_printf(data, "%s %s\n", key, value);
}

static void run(struct fixture *f, const char *command, struct buf *output)
{
	const struct ami_expect expect = {.line = take, .data = output};
	struct ami_answer answer;

	buf_reset(output);
	if (ami_command(f->ami, command, &expect, &answer, &f->err))
		fail_msg("%s", f->err.text);
}

static void thirty_numbers(void **state)
{
	struct fixture *f = *state;
	struct buf output = {0};

	write_org(f);
	write_dispatcher(f, NUMBERS);
	assert_proved(f, NUMBERS);
	run(f, "dialplan show 08065978030@from-tata", &output);
	assert_has(buf_str(&output), "1. Goto(org_x__incoming,08065978030,1)");
	buf_release(&output);
}

static void many_numbers(void **state)
{
	struct fixture *f = *state;

	write_org(f);
	write_dispatcher(f, 100000);
	assert_proved(f, 100000);
	write_dispatcher(f, NUMBERS);
	assert_proved(f, NUMBERS);
}

/* The switch says "Dialplan reloaded." to each of these; none is taken for what was written. */
static void mistakes(void **state)
{
	static const struct {
		const char *find, *put;
	} cases[] = {
		{"exten => 9180659780", NULL},				/* cut off in the middle */
		{"[from-tata]", "[from-tata"},				/* all behind it is dropped */
		{"exten => 918065978007,", "exten => 918065978007"},	/* a comma lost */
		{"exten => 918065978007", "exten => 918065978008"},	/* a duplicate */
		{"exten => 918065978007,1", "exten => 918065978007,n"}, /* no first priority */
		{"exten => 918065978007", ";-- exten => 918065978007"}, /* the rest is a comment */
		{"exten => 918065978007", "#include gone.conf\nexten => 918065978007"},
		{"exten => 918065978007", "[other]\nexten => 918065978007"},
		{"exten => gen-", "exten => gen_"},
	};
	struct fixture *f = *state;

	write_org(f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buf good = {0}, bad = {0};
		const char *at;
		int rc;

		add_dispatcher(&good, NUMBERS);
		at = strstr(good.data, cases[i].find);
		assert_non_null(at);
		buf_add(&bad, good.data, (size_t)(at - good.data));
		if (cases[i].put)
			buf_printf(&bad, "%s%s", cases[i].put, at + strlen(cases[i].find));
		/* Each time out of a good one, or a mistake that changes nothing would hide the next. */
		write_dispatcher(f, 1);
		assert_int_equal(prove(f, 1), 0);
		write_file(f, "didctl/gateway.conf", buf_str(&bad));
		rc = prove_within(f, NUMBERS, SHORT_MS);
		if (rc != ERR_ABSENT)
			fail_msg("mistake %zu: code %d: %s", i, rc, rc ? f->err.text : "taken for proved");
		buf_release(&good);
		buf_release(&bad);
	}
	write_dispatcher(f, NUMBERS);
	assert_proved(f, NUMBERS);
}

static void call_lands(struct fixture *f, const char *number)
{
	struct buf output = {0}, command = {0};
	char landed[128];
	int64_t end = clock_monotonic_ms() + LIMIT_MS;

	snprintf(landed, sizeof(landed), "landed=%s in org_x__incoming", number);
	buf_printf(&command, "channel originate Local/%s@from-tata application Wait 1", number);
	run(f, buf_str(&command), &output);
	do {
		clock_sleep_ms(20);
		run(f, "dialplan show globals", &output);
	} while (!strstr(buf_str(&output), landed) && clock_monotonic_ms() < end);
	assert_has(buf_str(&output), landed);
	run(f, "channel request hangup all", &output);
	buf_release(&output);
	buf_release(&command);
}

static void calls(void **state)
{
	struct fixture *f = *state;

	write_org(f);
	write_dispatcher(f, NUMBERS);
	assert_proved(f, NUMBERS);
	call_lands(f, "08065978002");
	call_lands(f, "918065978002");
}

static void other_files(void **state)
{
	struct fixture *f = *state;
	struct running_count count;

	write_org(f);
	write_dispatcher(f, NUMBERS);
	write_file(f, "didctl/own.conf",
		   "[from-tata]\nexten => _X.,1,NoOp(own)\n same => n(out),Hangup(1)\n"
		   "exten => 5,hint,PJSIP/nowhere\ninclude => org_x__incoming\nignorepat => 9\n");
	assert_proved(f, NUMBERS);
	assert_int_equal(running_count(f->ami, "from-tata", "gateway.conf", 0, &count, &f->err), 0);
	assert_int_equal(count.extensions, 2 * NUMBERS);
	assert_int_equal(count.foreign_extensions, 2);
	assert_int_equal(count.foreign_priorities, 3);
	write_file(f, "didctl/own.conf", "");
	assert_proved(f, NUMBERS);
	assert_int_equal(running_count(f->ami, "nowhere", NULL, 0, &count, &f->err), 0);
	assert_false(count.is_there);
}

static void endpoints(void **state)
{
	static const struct {
		const char *name;
		enum endpoint_state state;
	} cases[] = {
		{"cloud-endpoint-stage", ENDPOINT_UNQUALIFIED},
		{"nowhere", ENDPOINT_NO_CONTACT},
		{"unknown", ENDPOINT_ABSENT},
	};
	struct fixture *f = *state;
	enum endpoint_state endpoint;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (running_endpoint(f->ami, cases[i].name, &endpoint, &f->err))
			fail_msg("%s", f->err.text);
		assert_int_equal(endpoint, cases[i].state);
	}
}

static void fast_match(void **state)
{
#define INCLUDE "[globals]\n#include \"didctl/*.conf\"\n"
	struct fixture *f = *state;
	bool has;

	assert_int_equal(running_has_fast_match(f->ami, &has, &f->err), 0);
	assert_false(has);
	write_file(f, "extensions.conf", "[general]\nExtenPatternMatchNew = Yes ; fast\n" INCLUDE);
	assert_int_equal(running_has_fast_match(f->ami, &has, &f->err), 0);
	assert_true(has);
	write_file(f, "extensions.conf",
		   "[general]\nextenpatternmatchnew = yes\nextenpatternmatchnew = no\n" INCLUDE);
	assert_int_equal(running_has_fast_match(f->ami, &has, &f->err), 0);
	assert_false(has);
	write_file(f, "extensions.conf", INCLUDE);
	assert_int_equal(running_has_fast_match(f->ami, &has, &f->err), 0);
	assert_false(has);
	write_file(f, "extensions.conf", "[general]\nstatic = yes\n" INCLUDE);
}

static void refused(void **state)
{
	struct fixture *f = *state;
	struct ami_answer answer;
	char secret[100];
	bool has;

	read_line(f, "secret", secret);
	assert_int_equal(log_in(f, "didctl", "geheim"), ERR_TARGET);
	assert_has(f->err.text, "refuses the login of 'didctl': Authentication failed");
	assert_int_equal(log_in(f, "nobody", secret), ERR_TARGET);
	assert_int_equal(log_in(f, "reader", secret), 0);
	assert_int_equal(ami_command(f->ami, "dialplan reload", NULL, &answer, &f->err), ERR_TARGET);
	assert_has(f->err.text, "did not run 'dialplan reload': Permission denied");
	assert_int_equal(running_has_fast_match(f->ami, &has, &f->err), ERR_TARGET);
	assert_has(f->err.hint, "'write'");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(thirty_numbers), TEST(mistakes),	TEST(calls),	    TEST(other_files),
		TEST(endpoints),      TEST(fast_match), TEST(many_numbers), TEST(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
