/* Selections: what is named, their canonical text, and the parts that SQL does not see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "did/selection.h"
#include "did/state.h"

#define ID_A "01890000-0000-7000-8000-00000000000a"
#define ID_B "01890000-0000-7000-8000-00000000000b"

static struct number number(const char *text)
{
	struct number n;

	assert_int_equal(number_parse(&n, text, strlen(text), country_find("US"), NULL), 0);
	return n;
}

static void add_numbers(struct selection *s, const char *text)
{
	struct interval in;

	assert_int_equal(interval_parse(&in, text, country_find("US"), NULL), 0);
	rangeset_add(&s->numbers, in);
	rangeset_normalise(&s->numbers);
}

static void add_pattern(struct selection *s, const char *text)
{
	struct pattern pattern;

	assert_int_equal(pattern_parse(&pattern, text, country_find("US"), NULL), 0);
	selection_add_pattern(s, pattern);
}

static void add_filter(struct selection *s, enum filter_kind kind, enum did_field field, const char *a,
		       const char *b)
{
	struct filter *filter = selection_add_filter(s, kind, field);

	if (a)
		filter_add_value(filter, a);
	if (b)
		filter_add_value(filter, b);
}

/* A selection is written here as a list of parts, so that the same parts can stand in another order. */
struct part {
	char kind; /* n numbers, i id, p pattern, f filter by provider, r by region, s state, d due; 0 ends */
	const char *a, *b;
};

static void add_part(struct selection *s, const struct part *part)
{
	struct filter *due;

	switch (part->kind) {
	case 'n': add_numbers(s, part->a); break;
	case 'i': selection_add_id(s, part->a); break;
	case 'p': add_pattern(s, part->a); break;
	case 'f': add_filter(s, FILTER_EQUAL, DID_PROVIDER, part->a, part->b); break;
	case 'r': add_filter(s, FILTER_EQUAL, DID_REGION, part->a, part->b); break;
	case 's':
		selection_add_filter(s, FILTER_STATE, DID_STATE)->states =
			STATE_BIT(state_find(part->a, NULL));
		break;
	default:
		due = selection_add_filter(s, FILTER_DUE, DID_STATE);
		filter_add_value(due, part->a);
		filter_add_value(due, part->b);
	}
}

#define PARTS_MAX 4

static const struct {
	struct part left[PARTS_MAX], right[PARTS_MAX];
	bool is_same;
} pairs[] = {
	{{{0}}, {{0}}, true},
	{{{'n', "111", 0}, {'n', "112", 0}}, {{'n', "111-112", 0}}, true},
	{{{'n', "8775551234", 0}}, {{'n', "+1 877 555-1234", 0}}, true},
	{{{'n', "8775551234", 0}, {'n', "18775551234", 0}}, {{'n', "8775551234", 0}}, true},
	{{{'i', ID_A, 0}, {'i', ID_B, 0}}, {{'i', ID_B, 0}, {'i', ID_A, 0}, {'i', ID_A, 0}}, true},
	{{{'i', ID_A, 0}}, {{'i', "01890000-0000-7000-8000-00000000000A", 0}}, true},
	{{{'p', "877-555-XXXX", 0}}, {{'p', "877.KKK.xxxx", 0}}, true},
	{{{'p', "877555XXXX", 0}, {'p', "212555XXXX", 0}},
	 {{'p', "212555XXXX", 0}, {'p', "877555XXXX", 0}},
	 true},
	{{{'f', "a", "b"}}, {{'f', "b", "a"}}, true},
	{{{'f', "a", 0}, {'r', "b", 0}}, {{'r', "b", 0}, {'f', "a", 0}}, true},
	{{{'d', "2026-01-01T00:00:00Z", 0}}, {{'d', "2026-01-02T00:00:00Z", 0}}, true},

	{{{'n', "111", 0}}, {{'n', "112", 0}}, false},
	{{{'n', "007", 0}}, {{'n', "0007", 0}}, false},
	{{{'n', "111", 0}}, {{'n', "111-112", 0}}, false},
	{{{'n', "111", 0}}, {{0}}, false},
	{{{'i', ID_A, 0}}, {{'i', ID_B, 0}}, false},
	{{{'p', "8XX5551234", 0}}, {{'p', "877555123X", 0}}, false},
	{{{'f', "a", 0}}, {{'r', "a", 0}}, false},
	{{{'f', "a", "b"}}, {{'f', "a,b", 0}}, false},
	{{{'f', "a", "b"}}, {{'f', "a", 0}, {'f', "b", 0}}, false},
	{{{'f', "a\n=1:b", 0}}, {{'f', "a", "b"}}, false},
	{{{'s', "available", 0}}, {{'s', "reserved", 0}}, false},
	{{{'d', "2026-01-01T00:00:00Z", 0}}, {{'d', "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"}}, false},
};

static void text_of(struct buf *out, const struct part *parts)
{
	struct selection s = {0};

	for (size_t i = 0; i < PARTS_MAX && parts[i].kind; i++)
		add_part(&s, &parts[i]);
	selection_to_text(out, &s);
	selection_release(&s);
}

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct buf left = {0}, right = {0};

		text_of(&left, pairs[i].left);
		text_of(&right, pairs[i].right);
		if (pairs[i].is_same)
			assert_string_equal(buf_str(&left), buf_str(&right));
		else
			assert_string_not_equal(buf_str(&left), buf_str(&right));
		buf_release(&left);
		buf_release(&right);
	}
}

static void test_text_of_flags(void **state)
{
	struct selection s = {0};
	struct buf texts[4] = {0};
	struct filter *filter = selection_add_filter(&s, FILTER_STATE, DID_STATE);

	(void)state;
	filter->states = STATE_BIT(STATE_AVAILABLE);
	selection_to_text(&texts[0], &s);
	filter->is_released = true;
	selection_to_text(&texts[1], &s);
	filter->kind = FILTER_MATCH;
	selection_to_text(&texts[2], &s);
	filter->has_pattern = true;
	filter->pattern = (struct pattern){.digit = {1, PATTERN_ANY, 3}, .width = 3};
	selection_to_text(&texts[3], &s);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(buf_str(&texts[i]), buf_str(&texts[k]));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		buf_release(&texts[i]);
	selection_release(&s);
}

static void test_what_is_named(void **state)
{
	static const struct {
		struct part part;
		bool is_all, has_operands;
	} cases[] = {
		{{0}, true, false},
		{{'n', "111", 0}, false, true},
		{{'i', ID_A, 0}, false, true},
		{{'p', "877555XXXX", 0}, false, true},
		{{'f', "a", 0}, false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct selection s = {0};

		if (cases[i].part.kind)
			add_part(&s, &cases[i].part);
		assert_int_equal(selection_is_all(&s), cases[i].is_all);
		assert_int_equal(selection_has_operands(&s), cases[i].has_operands);
		selection_release(&s);
		assert_true(selection_is_all(&s));
	}
}

static void test_many_parts(void **state)
{
	struct selection s = {0};

	(void)state;
	for (int i = 0; i < 100; i++) {
		selection_add_id(&s, ID_A);
		add_filter(&s, FILTER_EQUAL, DID_CITY, "Pune", "Goa");
	}
	for (int i = 0; i < 100; i++)
		filter_add_value(&s.filters[0], "Agra");
	assert_int_equal(s.nids, 100);
	assert_int_equal(s.nfilters, 100);
	assert_int_equal(s.filters[0].nvalues, 102);
	selection_release(&s);
}

static void test_which_filters_are_derived(void **state)
{
	(void)state;
	for (int f = 0; f < DID_FIELDS; f++) {
		struct filter filter = {.kind = FILTER_EQUAL, .field = (enum did_field)f};

		assert_int_equal(filter_is_derived(&filter),
				 f == DID_AREA_CODE || f == DID_NXX || f == DID_TOLL_FREE);
		filter.kind = FILTER_MATCH;
		assert_false(filter_is_derived(&filter));
	}
}

static const struct {
	enum did_field field;
	const char *a, *b, *number; /* number NULL: it cannot be read */
	bool passes;
} filtered[] = {
	{DID_AREA_CODE, "877", NULL, "8775551234", true},
	{DID_AREA_CODE, "212", "877", "8775551234", true},
	{DID_AREA_CODE, "212", NULL, "8775551234", false},
	{DID_AREA_CODE, "918", NULL, "+918065978002", false},
	{DID_AREA_CODE, "877", NULL, NULL, false},
	{DID_NXX, "555", NULL, "8775551234", true},
	{DID_NXX, "123", NULL, "8775551234", false},
	{DID_TOLL_FREE, "1", NULL, "8775551234", true},
	{DID_TOLL_FREE, "1", NULL, "2125551234", false},
	{DID_TOLL_FREE, "0", NULL, "2125551234", true},
	{DID_TOLL_FREE, "0", NULL, "+918065978002", true},
	{DID_TOLL_FREE, "0", NULL, NULL, false},
	{DID_PROVIDER, "tata", NULL, "2125551234", true}, /* SQL has looked */
	{DID_PROVIDER, "tata", NULL, NULL, true},
};

static void test_derived_filters(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(filtered); i++) {
		struct selection s = {0};
		struct number n = filtered[i].number ? number(filtered[i].number) : (struct number){0};

		add_filter(&s, FILTER_EQUAL, filtered[i].field, filtered[i].a, filtered[i].b);
		assert_int_equal(selection_match_derived(&s, filtered[i].number ? &n : NULL, NULL),
				 filtered[i].passes);
		selection_release(&s);
	}
}

static void test_patterns_unite(void **state)
{
	static const struct {
		const char *number, *id;
		bool passes;
	} cases[] = {
		{"8775550000", ID_B, true},  {"8775559999", NULL, true}, {"2125550000", ID_B, true},
		{"2125550001", ID_B, false}, {"2125550001", ID_A, true}, {NULL, ID_A, true},
		{NULL, ID_B, false},	     {NULL, NULL, false},
	};
	struct selection s = {0};

	(void)state;
	add_pattern(&s, "877-555-XXXX");
	add_numbers(&s, "2125550000");
	selection_add_id(&s, ID_A);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct number n = cases[i].number ? number(cases[i].number) : (struct number){0};

		assert_int_equal(selection_match_derived(&s, cases[i].number ? &n : NULL, cases[i].id),
				 cases[i].passes);
	}
	selection_release(&s);
}

/* ---- whole rows */

static struct whole_row whole_row(const struct number *key)
{
	struct whole_row row = {.key = key, .org_name = "Globex"};

	row.v[DID_ID] = value_str(ID_A);
	row.v[DID_NUMBER] = value_str("8775550000");
	row.v[DID_STATE] = value_str("on-hold");
	row.v[DID_POOL_STATUS] = value_str("pending");
	row.v[DID_ORG_ID] = value_str("o-glob");
	row.v[DID_PROVIDER] = value_str("Tata");
	row.v[DID_PRICE] = value_str("100.00");
	row.v[DID_TAGS] = value_str("vip,100%");
	row.v[DID_HOLD_UNTIL] = value_str("2026-11-20T00:00:00Z");
	row.v[DID_REQUESTED_AT] = value_str("2026-11-21T00:00:00Z");
	return row;
}

static const struct {
	enum filter_kind kind;
	enum did_field field;
	const char *values[2];
	unsigned states;
	bool is_released, passes;
} filters[] = {
	{FILTER_EQUAL, DID_PROVIDER, {"x", "tata"}, 0, false, true},
	{FILTER_EQUAL, DID_PROVIDER, {"tat"}, 0, false, false},
	{FILTER_EQUAL, DID_PRICE, {"100.00"}, 0, false, true},
	{FILTER_EQUAL, DID_PRICE, {"10.00"}, 0, false, false},
	{FILTER_EQUAL, DID_CITY, {"Pune"}, 0, false, false},
	{FILTER_STATE, DID_STATE, {NULL}, STATE_BIT(STATE_ON_HOLD), false, true},
	{FILTER_STATE, DID_STATE, {NULL}, STATE_BIT(STATE_PENDING) | STATE_BIT(STATE_BLOCKED), false, false},
	{FILTER_STATE, DID_STATE, {NULL}, STATE_BIT(STATE_ON_HOLD), true, false},
	{FILTER_ORG, DID_ORG, {"o-acme", "o-glob"}, 0, false, true},
	{FILTER_ORG, DID_ORG, {"Globex"}, 0, false, false},
	{FILTER_TAG, DID_TAGS, {"100%"}, 0, false, true},
	{FILTER_TAG, DID_TAGS, {"VIP"}, 0, false, true},
	{FILTER_TAG, DID_TAGS, {"vi"}, 0, false, false},
	{FILTER_TAG, DID_TAGS, {"vip,100%"}, 0, false, false},
	{FILTER_MATCH, DID_NUMBER, {"LOB"}, 0, false, true},
	{FILTER_MATCH, DID_NUMBER, {"5550"}, 0, false, true},
	{FILTER_MATCH, DID_NUMBER, {"glob"}, 0, false, true},
	{FILTER_MATCH, DID_NUMBER, {"o-g"}, 0, false, false},
	{FILTER_MATCH, DID_NUMBER, {"%"}, 0, false, false},
	{FILTER_DUE, DID_HOLD_UNTIL, {"2026-11-20T00:00:00Z", NULL}, 0, false, true},
	{FILTER_DUE, DID_HOLD_UNTIL, {"2026-11-19T00:00:00Z", NULL}, 0, false, false},
	{FILTER_DUE, DID_HOLD_UNTIL, {NULL, "2026-11-21T00:00:00Z"}, 0, false, true},
	{FILTER_DUE, DID_HOLD_UNTIL, {NULL, "2026-11-20T00:00:00Z"}, 0, false, false},
	{FILTER_DUE, DID_HOLD_UNTIL, {NULL, NULL}, 0, false, false},
};

static void test_whole_row(void **state)
{
	const struct number key = number("8775550000");
	const struct whole_row row = whole_row(&key);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct selection s = {0};
		struct filter *filter = selection_add_filter(&s, filters[i].kind, filters[i].field);

		filter->states = filters[i].states;
		filter->is_released = filters[i].is_released;
		for (int v = 0; v < 2; v++)
			if (filters[i].values[v] || filters[i].kind == FILTER_DUE)
				filter_add_value(filter, filters[i].values[v]);
		if (selection_match(&s, &row) != filters[i].passes)
			fail_msg("filter %zu", i);
		selection_release(&s);
	}
}

/* What a row lacks passes no filter that asks for it. */
static void test_bare_row(void **state)
{
	static const struct {
		enum filter_kind kind;
		const char *value;
		bool with_it; /* passes once the row has the field */
		enum did_field field;
		const char *text;
	} asked[] = {
		{FILTER_ORG, "o-glob", true, DID_ORG_ID, "O-GLOB"},
		{FILTER_TAG, "vip", true, DID_TAGS, "gold,VIP"},
		{FILTER_TAG, "vip", false, DID_TAGS, "vips"},
		{FILTER_EQUAL, "Pune", true, DID_CITY, "pune"},
		{FILTER_STATE, NULL, true, DID_PREVIOUS_ORG_ID, "o-glob"},
		{FILTER_MATCH, "877555", true, DID_NUMBER, "8775550000"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		struct whole_row row = {0};
		struct selection s = {0};
		struct filter *filter = selection_add_filter(&s, asked[i].kind, asked[i].field);

		row.v[DID_NUMBER] = value_str("2125550000");
		row.v[DID_STATE] = value_str("available");
		filter->states = STATE_BIT(STATE_AVAILABLE);
		filter->is_released = true;
		if (asked[i].value)
			filter_add_value(filter, asked[i].value);
		assert_false(selection_match(&s, &row));
		row.v[asked[i].field] = value_str(asked[i].text);
		if (selection_match(&s, &row) != asked[i].with_it)
			fail_msg("filter %zu", i);
		selection_release(&s);
	}
}

/* A request that is too old is due; nobody's, and one that was approved meanwhile, is not. */
static void test_due_request(void **state)
{
	struct whole_row row = {0};
	struct selection s = {0};
	struct filter *due = selection_add_filter(&s, FILTER_DUE, DID_HOLD_UNTIL);

	(void)state;
	filter_add_value(due, NULL);
	row.v[DID_STATE] = value_str("pending");
	row.v[DID_REQUESTED_AT] = value_str("2026-11-20T00:00:00Z");
	row.v[DID_POOL_STATUS] = value_str("pending");
	row.v[DID_ORG_ID] = value_str("o-glob");
	assert_false(selection_match(&s, &row)); /* holds alone are asked for */
	filter_add_value(due, "2026-11-21T00:00:00Z");
	assert_true(selection_match(&s, &row));
	row.v[DID_POOL_STATUS] = value_str("assigned");
	assert_false(selection_match(&s, &row));
	row.v[DID_POOL_STATUS] = (struct value){0};
	assert_false(selection_match(&s, &row));
	row.v[DID_POOL_STATUS] = value_str("pending");
	row.v[DID_ORG_ID] = (struct value){0};
	assert_false(selection_match(&s, &row));
	selection_release(&s);
}

/* Letters and X of a pattern beside the text of --match. */
static void test_match_by_pattern(void **state)
{
	const struct number key = number("8775550000");
	struct whole_row row = whole_row(&key);
	struct selection s = {0};
	struct filter *filter = selection_add_filter(&s, FILTER_MATCH, DID_NUMBER);

	(void)state;
	filter_add_value(filter, "877-KKK-XXXX");
	filter->has_pattern = true;
	assert_int_equal(pattern_parse(&filter->pattern, "877-KKK-XXXX", country_find("US"), NULL), 0);
	assert_true(selection_match(&s, &row));
	row.key = NULL;
	assert_false(selection_match(&s, &row));
	row.org_name = NULL;
	assert_false(selection_match(&s, &row));
	selection_release(&s);
}

/* Operands unite, filters narrow; without a key only an id is left. */
static void test_whole_row_operands(void **state)
{
	const struct number key = number("8775550000");
	struct whole_row row = whole_row(&key);
	struct selection s = {0};

	(void)state;
	assert_true(selection_match(&s, &row));
	add_numbers(&s, "2125550000-0009");
	assert_false(selection_match(&s, &row));
	add_pattern(&s, "877-555-XXXX");
	assert_true(selection_match(&s, &row));
	row.key = NULL;
	assert_false(selection_match(&s, &row));
	selection_add_id(&s, ID_A);
	assert_true(selection_match(&s, &row));
	filter_add_value(selection_add_filter(&s, FILTER_EQUAL, DID_PROVIDER), "Airtel");
	assert_false(selection_match(&s, &row));
	selection_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_of_flags),
		cmocka_unit_test(test_what_is_named),
		cmocka_unit_test(test_many_parts),
		cmocka_unit_test(test_derived_filters),
		cmocka_unit_test(test_which_filters_are_derived),
		cmocka_unit_test(test_patterns_unite),
		cmocka_unit_test(test_whole_row),
		cmocka_unit_test(test_whole_row_operands),
		cmocka_unit_test(test_bare_row),
		cmocka_unit_test(test_due_request),
		cmocka_unit_test(test_match_by_pattern),
	};

	return cmocka_run_group_tests_name("selection", tests, NULL, NULL);
}
