/* What the dispatcher does with a number, against product.md "Environment" and dialplan.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "dialplan/dispatch.h"

static int set_up(void **state)
{
	struct conf *conf;
	struct err err = {0};

	assert_int_equal(conf_load_paths(&conf, NULL, NULL, false, NULL, &err), 0);
	*state = conf;
	return 0;
}

static int tear_down(void **state)
{
	conf_free(*state);
	return 0;
}

static struct number number(const char *text)
{
	struct number n;
	struct err err = {0};

	assert_int_equal(number_parse(&n, text, strlen(text), country_find("IN"), &err), 0);
	return n;
}

static void test_defaults(void **state)
{
	struct dispatcher d;

	dispatcher_load(&d, *state);
	assert_string_equal(d.dir, "/etc/asterisk");
	assert_string_equal(d.file, "ext_tata_gateway.conf");
	assert_string_equal(d.context, "from-tata");
	assert_string_equal(d.oss_context, "oss-did-route");
	assert_string_equal(d.staging_endpoint, "cloud-endpoint-stage");
	assert_int_equal(d.forms, FORM_NATIONAL | FORM_INTERNATIONAL);
}

static void test_way(void **state)
{
	/* One letter a state, in their order: Org, Staging, oss (H), not. */
	static const struct {
		const char *env, *ways;
	} rows[] = {
		{"prod", "--O------"}, {"staging", "SSS-SS--S"}, {"oss", "--H------"},
		{"moon", "---------"}, {"Prod", "---------"},	 {"", "---------"},
		{NULL, "---------"},
	};
	static const char letters[] = {
		[DISPATCH_ORG] = 'O', [DISPATCH_STAGING] = 'S', [DISPATCH_OSS] = 'H', [DISPATCH_NOT] = '-'};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (int s = 0; s < STATE_COUNT; s++)
			if (letters[dispatch_of((enum did_state)s, rows[i].env)] != rows[i].ways[s])
				fail_msg("%s %s", rows[i].env ? rows[i].env : "NULL", state_info[s].name);
}

static void test_spellings(void **state)
{
	static const struct {
		const char *setting, *country, *number, *spelled; /* in the order of the file */
	} rows[] = {
		{"national,international", "IN", "+918065978002", "918065978002 08065978002"},
		{"international,national", "IN", "+918065978002", "918065978002 08065978002"},
		{"plus,national,international", "IN", "+918065978002", "918065978002 08065978002 +918065978002"},
		{"plus", "IN", "+918065978002", "+918065978002"},
		{"national", "IN", "+918065978002", "08065978002"},
		{"national,international", "US", "+18775551234", "8775551234 18775551234"},
		{"national,international", "IN", "+442079460000", "442079460000"},
		{"national", "IN", "+442079460000", ""},
		{"national,international", "ZZ", "+918065978002", "918065978002"},
		{"national,international", NULL, "+918065978002", "918065978002"},
		/* Of Singapore, but ten digits: their national reading in IN is another number. */
		{"national,international", "IN", "+6580659780", "6580659780"},
		{"national,plus", "IN", "111", "111"},
		{"national,international,plus", "IN", "111", "111"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char out[FORMS_MAX][NUMBER_TEXT], got[FORMS_MAX * NUMBER_TEXT] = "";
		const struct country *country = rows[i].country ? country_find(rows[i].country) : NULL;
		struct dispatcher d;
		size_t n;

		conf_override(*state, SET_SPELLINGS, rows[i].setting, "--spellings");
		dispatcher_load(&d, *state);
		n = dispatch_spell(&d, number(rows[i].number), country, out);
		for (size_t k = 0; k < n; k++) {
			strcat(got, k ? " " : "");
			strcat(got, out[k]);
		}
		assert_string_equal(got, rows[i].spelled);
	}
}

static void test_lines(void **state)
{
	static const struct {
		enum dispatch way;
		const char *prefix, *line;
	} rows[] = {
		{DISPATCH_ORG, "org_mnd5khym", "exten => 08065978002,1,Goto(org_mnd5khym__incoming,08065978002,1)"},
		{DISPATCH_OSS, "acme", "exten => 08065978002,1,Goto(acme__incoming,08065978002,1)"},
		{DISPATCH_STAGING, NULL, "exten => 08065978002,1,Dial(PJSIP/${EXTEN}@cloud-endpoint-stage)"},
		{DISPATCH_NOT, NULL, ""},
	};
	struct dispatcher d;

	dispatcher_load(&d, *state);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf out = {0};

		dispatch_line(&out, &d, rows[i].way, "08065978002", rows[i].prefix);
		assert_string_equal(buf_str(&out), rows[i].line);
		buf_release(&out);
	}
}

static void test_numbers(void **state)
{
	static const char *const good[] = {"111", "08065978002", "+918065978002", "12345678901234567890"};
	static const char *const bad[] = {
		NULL, "", "1", "11", "+", "++91806597", "91+80", "_91X", "91806597800a", "918065978002,1", "918;-",
		"${SHELL(id)}", "918065978002\n", "91 8065978002", "123456789012345678901", "\xef\xbc\x98\xef\xbc\x98",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (!dispatch_is_number(good[i]))
			fail_msg("'%s' is refused", good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (dispatch_is_number(bad[i]))
			fail_msg("'%s' is taken", bad[i]);
}

/* n times x */
static const char *row_of(char *out, size_t n)
{
	memset(out, 'x', n);
	out[n] = '\0';
	return out;
}

static void test_prefixes(void **state)
{
	static const char *const bad[] = {NULL,	 "",	   "Acme", "a.b",      "a-b",	 "a b", "]\n[globals]",
					  "a,b", "${X}", "a;--", "acme\n", "\xc3\xa9"};
	char text[100], context[200];

	(void)state;
	assert_true(dispatch_is_prefix("org_mnd5khym"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (dispatch_is_prefix(bad[i]))
			fail_msg("'%s' is taken", bad[i]);
	assert_true(dispatch_is_prefix(row_of(text, DISPATCH_PREFIX_MAX)));
	snprintf(context, sizeof(context), "%s" DISPATCH_INCOMING, text);
	assert_int_equal(strlen(context), DISPATCH_SLUG_MAX);
	assert_false(dispatch_is_prefix(row_of(text, DISPATCH_PREFIX_MAX + 1)));
}

static void test_destinations(void **state)
{
	static const char *const bad[] = {NULL, "", "1000,1,n,System(rm)", "500&PJSIP/itsp/1", "#exec x", "a b", "${X}",
					  "a)", "a\n", "a;b", "a/b", "*97"};
	char text[100];

	(void)state;
	assert_true(dispatch_is_destination("extension", "1001"));
	assert_true(dispatch_is_destination("queue", "Sales-2_a.b"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (dispatch_is_destination("queue", bad[i]))
			fail_msg("'%s' is taken", bad[i]);
	assert_true(dispatch_is_destination("queue", row_of(text, DISPATCH_DEST_MAX)));
	assert_false(dispatch_is_destination("queue", row_of(text, DISPATCH_DEST_MAX + 1)));
	assert_false(dispatch_is_destination(NULL, "1001"));
	assert_false(dispatch_is_destination("", "1001"));
	assert_false(dispatch_is_destination("que,ue", "1001"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_defaults, set_up, tear_down),
		cmocka_unit_test(test_way),
		cmocka_unit_test_setup_teardown(test_spellings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lines, set_up, tear_down),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_destinations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
