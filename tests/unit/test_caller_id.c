/* The caller-ID chain of product.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "did/caller_id.h"

#define FALLBACK "+918065978001"

/* The trunk of the seed: 918065978000 to 8029. */
static struct rangeset seed_trunk(void)
{
	struct rangeset trunk = {0};

	rangeset_add(&trunk, (struct interval){{918065978000, 12}, 30});
	rangeset_normalise(&trunk);
	return trunk;
}

static struct caller_candidate held(const char *number)
{
	return (struct caller_candidate){.number = number, .has_row = true, .owner_id = "o1", .state = STATE_ASSIGNED};
}

static void test_first_that_is_set_wins(void **state)
{
	(void)state;
	/* Each bit a candidate that is set. */
	for (unsigned set = 0; set < 1u << CALLER_SOURCES; set++) {
		struct caller_chain chain = {.org_id = "o1", .fallback = FALLBACK};
		int wanted = -1;

		for (int source = CALLER_SOURCES - 1; source >= 0; source--) {
			if (!(set & 1u << source))
				continue;
			chain.at[source] = held("918065978002");
			wanted = source;
		}
		caller_chain_decide(&chain, country_find("IN"));
		assert_int_equal(chain.winner, wanted);
		assert_int_equal(chain.is_replaced, wanted < 0);
		assert_string_equal(chain.shown, wanted < 0 ? "918065978001" : "918065978002");
	}
}

/* A winner that is wrong wins all the same. */
static void test_faults(void **state)
{
	static const struct {
		const char *number, *owner;
		bool has_row;
		enum did_state state;
		unsigned faults;
		const char *shown;
	} rows[] = {
		{"918065978002", "o1", true, STATE_ASSIGNED, 0, "918065978002"},
		{"08065978002", "o1", true, STATE_ASSIGNED, 0, "918065978002"},
		{"918065978002", "o2", true, STATE_ASSIGNED, CALLER_NOT_OWNED, "918065978002"},
		{"918065978002", NULL, true, STATE_AVAILABLE, CALLER_NOT_OWNED | CALLER_NOT_ASSIGNED, "918065978002"},
		{"918065978002", "o1", true, STATE_BLOCKED, CALLER_NOT_ASSIGNED, "918065978002"},
		{"918065978002", NULL, false, STATE_AVAILABLE, CALLER_UNKNOWN, "918065978002"},
		{"918065978030", "o1", true, STATE_ASSIGNED, CALLER_OUTSIDE, "918065978001"},
		{"8065978002", "o1", true, STATE_ASSIGNED, CALLER_OUTSIDE, "918065978001"},
		{"front desk", NULL, false, STATE_AVAILABLE, CALLER_OUTSIDE | CALLER_UNREADABLE, "918065978001"},
	};
	struct rangeset trunk = seed_trunk();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct caller_chain chain = {.org_id = "o1", .fallback = FALLBACK, .trunk = &trunk};

		chain.at[CALLER_USER] = (struct caller_candidate){.number = rows[i].number, .owner_id = rows[i].owner,
								  .has_row = rows[i].has_row, .state = rows[i].state};
		chain.at[CALLER_FIRST] = held("918065978009");
		caller_chain_decide(&chain, country_find("IN"));
		assert_int_equal(chain.winner, CALLER_USER);
		assert_int_equal(chain.at[CALLER_USER].faults, rows[i].faults);
		assert_int_equal(chain.at[CALLER_FIRST].faults, 0);
		assert_string_equal(chain.shown, rows[i].shown);
	}
	rangeset_release(&trunk);
}

static void test_nothing_to_go_by(void **state)
{
	struct caller_chain chain = {.fallback = "nonsense"};
	const struct rangeset empty = {0};

	(void)state;
	caller_chain_decide(&chain, NULL);
	assert_int_equal(chain.winner, -1);
	assert_string_equal(chain.shown, "");
	/* Without a range the trunk is taken to let everything pass. */
	for (int i = 0; i < 2; i++) {
		chain.trunk = i ? &empty : NULL;
		chain.at[CALLER_CALL].number = "front desk";
		caller_chain_decide(&chain, NULL);
		assert_false(chain.is_replaced);
		assert_int_equal(chain.at[CALLER_CALL].faults, CALLER_UNREADABLE);
		assert_string_equal(chain.shown, "");
	}
	/* Somebody of no organisation owns no number. */
	chain.at[CALLER_CALL] = held("+918065978002");
	caller_chain_decide(&chain, NULL);
	assert_int_equal(chain.at[CALLER_CALL].faults, CALLER_NOT_OWNED);
}

static void test_trunk_number(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
		unsigned width; /* 0: it is none */
	} rows[] = {
		{"918065978002", 918065978002, 12}, {"08065978002", 918065978002, 12}, {"+918065978002", 918065978002, 12},
		{"8065978002", 8065978002, 10}, {"14155550100", 14155550100, 11},	    {"00918065978002", 918065978002, 14}, {"111", 111, 3},
		{"0", 0, 1},			    {"", 0, 0}, {"+", 0, 0}, {"++9", 0, 0}, {"91 80", 0, 0}, {"918065978002x", 0, 0},
		{"9999999999999999", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct number number = {0};

		assert_int_equal(caller_trunk_number(rows[i].text, &number), rows[i].width > 0);
		assert_int_equal(number.value, rows[i].value);
		assert_int_equal(number.width, rows[i].width);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_that_is_set_wins),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_nothing_to_go_by),
		cmocka_unit_test(test_trunk_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
