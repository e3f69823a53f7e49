/* The rules of names that called parties see (services.md, safety.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "did/cnam.h"

static void test_faults(void **state)
{
	static const struct {
		const char *text, *fault; /* a part of it; NULL: none */
	} names[] = {
		{"A", NULL},
		{"ACME CORP", NULL},
		{"Acme Corp", NULL},
		{"O'NEIL & CO., 1-2", "15 characters"},
		{"O'NEIL&CO.,1-2X", NULL},
		{"123456789012345", "no letter"},
		{"12345678901234A", NULL},
		{"123456789012345A", "15 characters"},
		{"1234", "no letter"},
		{"- & .", "no letter"},
		{"", "blank"},
		{"   ", "blank"},
		{" ACME", "blank"},
		{"ACME ", "blank"},
		{"ACME/CO", "may have"},
		{"ACME\nCO", "may have"},
		{"ACME\t", "may have"},
		{"CAF\xc3\x89", "may have"},
		{"HI \xf0\x9f\x98\x80", "may have"},
		{"A_B", "may have"},
		{"A;B", "may have"},
		{"' OR 1=1 --", "may have"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *fault = cnam_fault(names[i].text);

		if (!names[i].fault != !fault || (fault && !strstr(fault, names[i].fault)))
			fail_msg("'%s': %s", names[i].text, fault ? fault : "no fault");
	}
}

static void test_fold(void **state)
{
	char out[CNAM_MAX + 1];

	(void)state;
	cnam_fold("O'Neil & co. 1i", out);
	assert_string_equal(out, "O'NEIL & CO. 1I");
	cnam_fold("[{acme}] international", out); /* as another program stored it: cut, and nothing but letters folded */
	assert_string_equal(out, "[{ACME}] INTERN");
}

static void test_unshown(void **state)
{
	(void)state;
	assert_null(cnam_unshown((struct number){14155550100, 11}));
	assert_string_equal(cnam_unshown((struct number){18005550100, 11}), "toll-free");
	assert_string_equal(cnam_unshown((struct number){18885550100, 11}), "toll-free");
	assert_string_equal(cnam_unshown((struct number){918065978000, 12}), "outside North America");
	assert_string_equal(cnam_unshown((struct number){111, 3}), "outside North America");
	assert_string_equal(cnam_unshown((struct number){44207946000, 11}), "outside North America"); /* of the same length */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_unshown),
	};

	return cmocka_run_group_tests_name("cnam", tests, NULL, NULL);
}
