#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "rendered.h"

struct row {
	const char *number, *prefix;
	enum did_state state;
	enum dispatch way;
};

static const struct row seed[] = {
	{"918065978002", "org_mnd5khym", STATE_ASSIGNED, DISPATCH_ORG},
	{"918065978000", "org_mnd5khym", STATE_ASSIGNED, DISPATCH_ORG},
	{"918065978010", "org_x", STATE_ASSIGNED, DISPATCH_ORG},
	{"918065978001", "org_mnd5khym", STATE_ASSIGNED, DISPATCH_ORG},
	{"918065978021", NULL, STATE_AVAILABLE, DISPATCH_STAGING},
	{"918065978025", "org_x", STATE_ASSIGNED, DISPATCH_OSS},
	{"918065978011", "org_x", STATE_BLOCKED, DISPATCH_NOT},
	{"918065978012", NULL, STATE_AVAILABLE, DISPATCH_NOT},
	{"918065978013", NULL, STATE_ON_HOLD, DISPATCH_NOT},
	{"918065978014", NULL, STATE_ON_HOLD, DISPATCH_NOT},
};

static void push_all(struct gateway *g, const struct row *rows, size_t n)
{
	struct err err;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(gateway_push(g, number_of(rows[i].number), rows[i].state, rows[i].way,
					      rows[i].prefix, &err),
				 0);
}

static void start(struct gateway *g, const struct dispatcher *dispatcher, const char *country, bool for_oss)
{
	struct err err;

	assert_int_equal(gateway_init(g, dispatcher, country_find(country), for_oss, &err), 0);
}

/* Renders, checks what was rendered, and compares it; its hash is that of the first line. */
static void assert_renders(struct gateway *g, const char *rest)
{
	struct mark mark = gateway_mark(g, 42), read;
	int fd = gateway_file(g, &mark);
	char *text = read_all(fd), *end = strchr(text, '\n'), marker[MARK_EXTEN];
	struct buf want = {0};
	struct err err = {0};

	assert_true(mark_read(&read, text, (size_t)(end - text)));
	assert_int_equal(read.generation, 42);
	assert_string_equal(read.sha256, mark.sha256);
	buf_printf(&want, "%s[didctl-meta]\nexten => %s,1,NoOp()\n", rest, mark_exten(&mark, marker));
	assert_string_equal(end + 1, buf_str(&want));
	if (gateway_check(g, &mark, fd, &err))
		fail_msg("%s", err.text);
	buf_release(&want);
	free(text);
	close(fd);
}

static void renders_the_seed(void **state)
{
	struct gateway g = {0};

	(void)state;
	start(&g, &seed_dispatcher, "IN", false);
	push_all(&g, seed, ARRAY_SIZE(seed));
	assert_int_equal(gateway_settle(&g), 0);
	assert_renders(
		&g,
		"; numbers: 4 to their organisations, 1 to staging, 1 on the OSS host; not routed: 1 available, 1 blocked, "
		"2 on-hold\n"
		"[from-tata]\n"
		"; == STAGING\n"
		"exten => 918065978021,1,Dial(PJSIP/${EXTEN}@cloud-endpoint-stage)\n"
		"; == PROD org_x\n"
		"exten => 918065978010,1,Goto(org_x__incoming,918065978010,1)\n"
		"; == PROD org_mnd5khym\n"
		"exten => 918065978002,1,Goto(org_mnd5khym__incoming,918065978002,1)\n"
		"exten => 918065978001,1,Goto(org_mnd5khym__incoming,918065978001,1)\n"
		"exten => 918065978000,1,Goto(org_mnd5khym__incoming,918065978000,1)\n"
		"; == STAGING\n"
		"exten => 08065978021,1,Dial(PJSIP/${EXTEN}@cloud-endpoint-stage)\n"
		"; == PROD org_x\n"
		"exten => 08065978010,1,Goto(org_x__incoming,08065978010,1)\n"
		"; == PROD org_mnd5khym\n"
		"exten => 08065978002,1,Goto(org_mnd5khym__incoming,08065978002,1)\n"
		"exten => 08065978001,1,Goto(org_mnd5khym__incoming,08065978001,1)\n"
		"exten => 08065978000,1,Goto(org_mnd5khym__incoming,08065978000,1)\n"
		"; == OSS (not dispatched here): 1\n");
	gateway_release(&g);
}

static void renders_the_other_host(void **state)
{
	struct gateway g = {0};

	(void)state;
	start(&g, &seed_dispatcher, "IN", true);
	push_all(&g, seed, ARRAY_SIZE(seed));
	gateway_settle(&g);
	assert_renders(
		&g,
		"; numbers: 4 to their organisations, 1 to staging, 1 on the OSS host; not routed: 1 available, 1 blocked, "
		"2 on-hold\n"
		"[oss-did-route]\n"
		"; == OSS org_x\n"
		"exten => 918065978025,1,Goto(org_x__incoming,918065978025,1)\n"
		"exten => 08065978025,1,Goto(org_x__incoming,08065978025,1)\n");
	gateway_release(&g);
}

static void renders_nothing(void **state)
{
	struct gateway g = {0};

	(void)state;
	start(&g, &seed_dispatcher, "IN", false);
	gateway_settle(&g);
	assert_renders(&g,
		       "; numbers: 0 to their organisations, 0 to staging, 0 on the OSS host\n[from-tata]\n");
	gateway_release(&g);
}

/* '+' sorts below the digits; what is longer above its beginning; a foreign number has no national form. */
static void descends_over_all_spellings(void **state)
{
	static const struct row rows[] = {
		{"111", "a", STATE_ASSIGNED, DISPATCH_ORG},
		{"1112", "a", STATE_ASSIGNED, DISPATCH_ORG},
		{"6565551234", "a", STATE_ASSIGNED, DISPATCH_ORG},
		{"918065978000", "a", STATE_ASSIGNED, DISPATCH_ORG},
	};
	static const char *const want[] = {"918065978000", "6565551234",    "1112",	  "111",
					   "08065978000",  "+918065978000", "+6565551234"};
	struct dispatcher all = seed_dispatcher;
	struct gateway g = {0};

	(void)state;
	all.forms |= FORM_PLUS;
	start(&g, &all, "IN", false);
	push_all(&g, rows, ARRAY_SIZE(rows));
	assert_int_equal(gateway_settle(&g), 0);
	assert_int_equal(g.routes.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < g.routes.n; i++) {
		char text[ROUTE_TEXT];

		route_key_text(g.routes.at[i].key, text);
		assert_string_equal(text, want[i]);
		assert_true(i == 0 || strcmp(text, want[i - 1]) < 0);
	}
	gateway_release(&g);
}

static void hash_of(char out[MARK_SHA256], const struct row *rows, size_t n,
		    const struct dispatcher *dispatcher)
{
	struct gateway g = {0};

	start(&g, dispatcher, "IN", false);
	push_all(&g, rows, n);
	gateway_settle(&g);
	memcpy(out, gateway_mark(&g, 1).sha256, MARK_SHA256);
	gateway_release(&g);
}

static void hashes_routes_whatever_their_order(void **state)
{
	struct row rows[ARRAY_SIZE(seed)];
	struct dispatcher other = seed_dispatcher;
	char want[MARK_SHA256], got[MARK_SHA256];

	(void)state;
	hash_of(want, seed, ARRAY_SIZE(seed), &seed_dispatcher);
	for (size_t i = 0; i < ARRAY_SIZE(seed); i++)
		rows[i] = seed[ARRAY_SIZE(seed) - 1 - i];
	hash_of(got, rows, ARRAY_SIZE(rows), &seed_dispatcher);
	assert_string_equal(got, want);
	hash_of(got, seed + 1, ARRAY_SIZE(seed) - 1, &seed_dispatcher);
	assert_string_not_equal(got, want);
	rows[ARRAY_SIZE(seed) - 1].prefix = "org_x";
	hash_of(got, rows, ARRAY_SIZE(rows), &seed_dispatcher);
	assert_string_not_equal(got, want);
	other.context = "from-airtel";
	hash_of(got, seed, ARRAY_SIZE(seed), &other);
	assert_string_not_equal(got, want);
	other = seed_dispatcher;
	other.staging_endpoint = "stage2";
	hash_of(got, seed, ARRAY_SIZE(seed), &other);
	assert_string_not_equal(got, want);
}

static void finds_clashes(void **state)
{
	static const struct row rows[] = {
		{"918065978000", "org_b", STATE_ASSIGNED, DISPATCH_ORG},
		{"918065978001", "org_a", STATE_ASSIGNED, DISPATCH_ORG},
		{"918065978000", "org_a", STATE_ASSIGNED, DISPATCH_ORG},
		{"918065978001", "org_a", STATE_ASSIGNED, DISPATCH_ORG},
	};
	struct gateway g = {0};
	struct gateway_clash clash;
	size_t at = 0;

	(void)state;
	start(&g, &seed_dispatcher, "IN", false);
	push_all(&g, rows, ARRAY_SIZE(rows));
	assert_int_equal(gateway_settle(&g), 2);
	assert_int_equal(g.routes.n, 6);
	assert_true(gateway_clash(&g, &at, &clash));
	assert_string_equal(clash.spelled, "918065978000");
	assert_true(!strcmp(buf_str(&clash.targets), "org_b, org_a") ||
		    !strcmp(buf_str(&clash.targets), "org_a, org_b"));
	buf_release(&clash.targets);
	assert_true(gateway_clash(&g, &at, &clash));
	assert_string_equal(clash.spelled, "08065978000");
	buf_release(&clash.targets);
	assert_false(gateway_clash(&g, &at, &clash));
	gateway_drop_clashes(&g);
	assert_renders(&g,
		       "; numbers: 4 to their organisations, 0 to staging, 0 on the OSS host\n[from-tata]\n"
		       "; == PROD org_a\n"
		       "exten => 918065978001,1,Goto(org_a__incoming,918065978001,1)\n"
		       "exten => 08065978001,1,Goto(org_a__incoming,08065978001,1)\n");
	gateway_release(&g);
}

static void refuses_what_may_not_stand_there(void **state)
{
	static const char *const prefixes[] = {
		NULL,
		"",
		"Acme",
		"--acme",
		"a.b",
		"a b",
		"a,1",
		"a;--",
		"a\n[globals]",
		"]",
		"${SHELL(id)}",
		"a)",
		"#exec x",
		"\xc3\xbc",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	static const struct number bad[] = {{1, 1}, {11, 2}, {91806597800200000, 17}, {1, 20}};
	struct gateway g = {0};
	struct err err = {0};

	(void)state;
	start(&g, &seed_dispatcher, "IN", false);
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		assert_int_equal(gateway_push(&g, number_of("918065978000"), STATE_ASSIGNED, DISPATCH_ORG,
					      prefixes[i], &err),
				 ERR_REFUSED);
		assert_non_null(strstr(err.text, "918065978000"));
		assert_null(strchr(err.text, '\n'));
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(gateway_push(&g, bad[i], STATE_ASSIGNED, DISPATCH_ORG, "org_x", &err),
				 ERR_REFUSED);
	assert_int_equal(gateway_settle(&g), 0);
	assert_renders(&g,
		       "; numbers: 0 to their organisations, 0 to staging, 0 on the OSS host\n[from-tata]\n");
	gateway_release(&g);
}

static void refuses_bad_names_of_the_dispatcher(void **state)
{
	static const char *const names[] = {NULL, "", "a b", "a]", "a\nb", "a;b", "${A}", "a/b"};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct dispatcher bad = seed_dispatcher;
		struct gateway g = {0};

		bad.context = names[i];
		assert_int_equal(gateway_init(&g, &bad, NULL, false, &err), ERR_TARGET);
		bad = seed_dispatcher;
		bad.staging_endpoint = names[i];
		assert_int_equal(gateway_init(&g, &bad, NULL, false, &err), ERR_TARGET);
		assert_int_equal(gateway_init(&g, &bad, NULL, true, &err), 0);
		bad.oss_context = names[i];
		assert_int_equal(gateway_init(&g, &bad, NULL, true, &err), ERR_TARGET);
	}
}

static enum contents_origin origin_of(const struct gateway *g, const char *text, size_t len,
				      unsigned long *line)
{
	struct layout layout = gateway_layout(g);
	struct names names = {0};
	struct contents contents;
	struct err err;
	int fd = memory_file(text, len);

	assert_int_equal(contents_read(&contents, fd, &layout, &names, NULL, &err), 0);
	assert_true((contents.origin == CONTENTS_OURS) == !contents.fault);
	*line = contents.fault_line;
	names_release(&names);
	close(fd);
	return contents.origin;
}

/* Whatever byte is changed, taken out or put in: it is not what we wrote. */
static void sees_every_alteration(void **state)
{
	struct gateway g = {0};
	struct mark mark;
	unsigned long line;
	char *text;
	size_t len;
	int fd;

	(void)state;
	start(&g, &seed_dispatcher, "IN", false);
	push_all(&g, seed, ARRAY_SIZE(seed));
	gateway_settle(&g);
	mark = gateway_mark(&g, 42);
	fd = gateway_file(&g, &mark);
	text = read_all(fd);
	len = strlen(text);
	assert_int_equal(origin_of(&g, text, len, &line), CONTENTS_OURS);
	for (size_t i = 0; i + 1 < len; i++) {
		size_t start = i;
		char was = text[i];

		while (start > 0 && text[start - 1] != '\n')
			start--;
		text[i] = was == '7' ? '8' : '7';
		/* Of comments only the form is ours; the generation is not part of the hash. */
		if (text[start] != ';' && was != ';')
			assert_int_equal(origin_of(&g, text, len, &line), CONTENTS_ALTERED);
		text[i] = '\n';
		if (text[start] != ';' && was != '\n')
			assert_int_not_equal(origin_of(&g, text, len, &line), CONTENTS_OURS);
		text[i] = was;
		assert_int_not_equal(origin_of(&g, text, i, &line), CONTENTS_OURS);
	}
	free(text);
	close(fd);
	gateway_release(&g);
}

static void sees_lines_that_are_not_ours(void **state)
{
	static const char *const lines[] = {
		"\n",
		"; ask bob",
		";ask bob\n",
		"; f\xc3\xbcr\n",
		"exten => 1,1,NoOp()\n",
		"#include x\n",
		"[b]\n",
		" \n",
		"exten => 918065978999,1,Goto(org_x__incoming,918065978999,1)\n",
		";-- x\n",
	};
	struct gateway g = {0};
	struct mark mark;
	unsigned long line;
	char *text;
	int fd;

	(void)state;
	start(&g, &seed_dispatcher, "IN", false);
	push_all(&g, seed, ARRAY_SIZE(seed));
	gateway_settle(&g);
	mark = gateway_mark(&g, 42);
	fd = gateway_file(&g, &mark);
	text = read_all(fd);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const char *third = strchr(strchr(text, '\n') + 1, '\n') + 1;
		struct buf more = {0};

		buf_printf(&more, "%s%s", text, lines[i]);
		assert_int_equal(origin_of(&g, more.data, more.len, &line), CONTENTS_ALTERED);
		buf_reset(&more);
		buf_add(&more, text, (size_t)(third - text));
		buf_printf(&more, "%s%s", lines[i], third);
		if (i != 1) { /* a comment in the middle reads as one of ours */
			assert_int_equal(origin_of(&g, more.data, more.len, &line), CONTENTS_ALTERED);
			assert_true(line >= 3);
		}
		buf_release(&more);
	}
	free(text);
	close(fd);
	gateway_release(&g);
}

/* What a check is for: of a file that is another one than was to be written it says so. */
static void check_finds_another_file(void **state)
{
	struct gateway g = {0}, other = {0};
	struct mark mark, wrong;
	struct err err = {0};
	int fd;

	(void)state;
	start(&g, &seed_dispatcher, "IN", false);
	start(&other, &seed_dispatcher, "IN", false);
	push_all(&g, seed, ARRAY_SIZE(seed));
	push_all(&other, seed + 1, ARRAY_SIZE(seed) - 1);
	gateway_settle(&g);
	gateway_settle(&other);
	mark = gateway_mark(&g, 42);
	fd = gateway_file(&other, &mark);
	assert_int_equal(gateway_check(&g, &mark, fd, &err), ERR_FAILED);
	close(fd);
	wrong = mark;
	wrong.sha256[0] = wrong.sha256[0] == '0' ? '1' : '0';
	fd = gateway_file(&g, &wrong);
	assert_int_equal(gateway_check(&g, &wrong, fd, &err), ERR_FAILED);
	assert_non_null(strstr(err.text, "its routes are not those of its first line"));
	close(fd);
	fd = gateway_file(&g, &mark);
	wrong = mark;
	wrong.generation++;
	assert_int_equal(gateway_check(&g, &wrong, fd, &err), ERR_FAILED);
	close(fd);
	gateway_release(&g);
	gateway_release(&other);
}

static void reads_its_first_line_to_the_letter(void **state)
{
	struct mark mark = {.generation = 18446744073709551u}, read = {0};
	struct buf line = {0};

	(void)state;
	memset(mark.sha256, 'a', MARK_SHA256 - 1);
	mark_head(&line, &mark);
	assert_true(mark_read(&read, line.data, line.len - 1));
	assert_int_equal(read.generation, mark.generation);
	for (size_t i = 0; i < line.len - 1; i++) {
		assert_false(mark_read(&read, line.data, i));
		line.data[i]++;
		if (line.data[i] != 'b')
			assert_true(!mark_read(&read, line.data, line.len - 1) ||
				    read.generation != mark.generation);
		line.data[i]--;
	}
	buf_release(&line);
}

static void sorts_and_packs(void **state)
{
	static const size_t sizes[] = {0, 1, 2, 23, 24, 25, 1000, 70000};
	uint64_t key, seed_value = 1;
	char text[ROUTE_TEXT];

	(void)state;
	assert_true(route_key(&key, "+918065978002123", 16));
	assert_int_equal(route_key_text(key, text), 16);
	assert_string_equal(text, "+918065978002123");
	assert_false(route_key(&key, "", 0));
	assert_false(route_key(&key, "12345678901234567", 17));
	assert_false(route_key(&key, "12a", 3));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct routes routes = {0};
		uint64_t sum = 0;

		for (size_t j = 0; j < sizes[i]; j++) {
			seed_value = seed_value * 6364136223846793005u + 1442695040888963407u;
			key = seed_value >> (j % 7 * 8);
			sum += key;
			routes_add(&routes, key, (uint32_t)j);
		}
		routes_sort(&routes);
		for (size_t j = 0; j < routes.n; j++) {
			sum -= routes.at[j].key;
			assert_true(j == 0 || routes.at[j - 1].key >= routes.at[j].key);
		}
		assert_int_equal(sum, 0);
		routes_release(&routes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renders_the_seed),
		cmocka_unit_test(renders_the_other_host),
		cmocka_unit_test(renders_nothing),
		cmocka_unit_test(descends_over_all_spellings),
		cmocka_unit_test(hashes_routes_whatever_their_order),
		cmocka_unit_test(finds_clashes),
		cmocka_unit_test(refuses_what_may_not_stand_there),
		cmocka_unit_test(refuses_bad_names_of_the_dispatcher),
		cmocka_unit_test(sees_every_alteration),
		cmocka_unit_test(sees_lines_that_are_not_ours),
		cmocka_unit_test(check_finds_another_file),
		cmocka_unit_test(reads_its_first_line_to_the_letter),
		cmocka_unit_test(sorts_and_packs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
