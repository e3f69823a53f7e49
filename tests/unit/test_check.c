/* The table of checks, and what each finds in one row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "did/check.h"

static void test_names(void **state)
{
	(void)state;
	for (int c = 0; c < CHECK_COUNT; c++) {
		assert_non_null(check_info[c].name);
		assert_string_equal(check_names[c], check_info[c].name);
		assert_int_equal(check_find(check_names[c]), c);
		assert_non_null(check_info[c].help);
		assert_true(c == 0 || check_info[c].severity >= check_info[c - 1].severity); /* errors first */
	}
	assert_null(check_names[CHECK_COUNT]);
	assert_int_equal(check_find("twins"), -1);
}

static void test_scopes(void **state)
{
	uint64_t all = 0;

	(void)state;
	for (int scope = 0; scope < SCOPE_COUNT; scope++) {
		assert_int_equal(all & check_scope_mask((enum check_scope)scope), 0);
		all |= check_scope_mask((enum check_scope)scope);
	}
	assert_int_equal(all, CHECK_BIT(CHECK_COUNT) - 1);
	assert_int_equal(check_scope_mask(SCOPE_HISTORY), CHECK_BIT(CHECK_HISTORY) | CHECK_BIT(CHECK_REPLAY));
}

#define STATE CHECK_BIT(CHECK_STATE)
#define OWNER CHECK_BIT(CHECK_OWNER)
#define DEFAULT CHECK_BIT(CHECK_DEFAULT_STATE)
#define ENV CHECK_BIT(CHECK_ENV)

static const struct {
	const char *pool_status, *status, *hold, *org, *flag, *env;
	uint64_t broken;
	enum check check; /* one of them, and what it says */
	const char *says;
} rows[] = {
	{"available", "active", NULL, NULL, "0", "prod", 0, 0, NULL},
	{"pending", "active", NULL, NULL, "0", "prod", 0, 0, NULL}, /* bought, not yet provisioned */
	{"pending", "active", NULL, "o", "0", "oss", 0, 0, NULL},
	{"assigned", "active", NULL, "o", "1", "staging", 0, 0, NULL},
	{"reserved", "active", "2027-01-01T00:00:00Z", NULL, NULL, "prod", 0, 0, NULL},
	{"reserved", "active", NULL, "o", NULL, "prod", 0, 0, NULL}, /* kept for somebody */
	{"available", "active", NULL, "o", "0", "prod", OWNER, CHECK_OWNER, "is available and has an owner"},
	{"assigned", "inactive", NULL, "o", "0", "prod", OWNER, CHECK_OWNER, "is archived and has an owner"},
	{"reserved", "ported", NULL, "o", "0", "prod", OWNER, CHECK_OWNER, "is ported and has an owner"},
	{"assigned", "active", NULL, NULL, "0", "prod", OWNER, CHECK_OWNER, "is assigned and has no owner"},
	{"assigned", "suspended", NULL, NULL, "0", "prod", OWNER, CHECK_OWNER, "is blocked and has no owner"},
	{"assigned", "suspended", NULL, "o", "1", "prod", DEFAULT, CHECK_DEFAULT_STATE, "is a default caller ID and blocked"},
	{"available", "active", NULL, NULL, "1", "prod", DEFAULT, CHECK_DEFAULT_STATE,
	 "is a default caller ID and available without an owner"},
	{"available", "suspended", NULL, NULL, "0", "prod", STATE, CHECK_STATE,
	 "pool_status is 'available' and status 'suspended', which no state has"},
	{NULL, "active", NULL, "o", "1", "prod", STATE | DEFAULT, CHECK_STATE,
	 "pool_status is empty and status 'active', which no state has"},
	{"available", "active", NULL, NULL, "0", "moon", ENV, CHECK_ENV,
	 "the environment is 'moon', which is none of prod, staging and oss"},
	{"available", "active", NULL, NULL, "0", NULL, ENV, CHECK_ENV,
	 "the environment is empty, which is none of prod, staging and oss"},
};

static void test_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct record r = {0};
		struct buf said = {0};

		r.v[DID_POOL_STATUS] = rows[i].pool_status;
		r.v[DID_STATUS] = rows[i].status;
		r.v[DID_HOLD_UNTIL] = rows[i].hold;
		r.v[DID_ORG_ID] = rows[i].org;
		r.v[DID_DEFAULT] = rows[i].flag;
		r.v[DID_ENV] = rows[i].env;
		assert_int_equal(check_broken(&r), rows[i].broken);
		if (!rows[i].says)
			continue;
		check_say(&said, rows[i].check, &r);
		assert_string_equal(said.data, rows[i].says);
		buf_release(&said);
	}
}

static void test_number(void **state)
{
	static const struct {
		const char *text;
		unsigned broken;
	} numbers[] = {
		{"918065978002", 0}, {"+918065978002", 0}, {"08065978002", 0}, {"8065978002", 0}, {"0918065978002", 0},
		{"00918065978002", 0}, {"111", 0}, {"+6580659780", 0},
		{"+91 80-6597 8002", CHECK_BIT(CHECK_SPELLING)}, {"tel:+918065978002", CHECK_BIT(CHECK_SPELLING)},
		{" 918065978002", CHECK_BIT(CHECK_SPELLING)},
		{"${SHELL(id)}", CHECK_BIT(CHECK_NUMBER)}, {"", CHECK_BIT(CHECK_NUMBER)}, {"12", CHECK_BIT(CHECK_NUMBER)},
		{NULL, CHECK_BIT(CHECK_NUMBER)}, {"918065978002;System(x)", CHECK_BIT(CHECK_NUMBER)},
	};
	const struct country *india = country_find("IN");
	struct number n;
	char digits[NUMBER_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		assert_int_equal(check_number(&n, value_str(numbers[i].text), india), numbers[i].broken);
	assert_int_equal(check_number(&n, value_str("+91 80-6597 8002"), india), CHECK_BIT(CHECK_SPELLING));
	number_format(n, digits);
	assert_string_equal(digits, "918065978002");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names), cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_broken), cmocka_unit_test(test_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
