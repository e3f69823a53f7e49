/*
 * Lines of range expressions, as two sets: odd lines into one, even lines into the other. Every interval
 * keeps its promises, and so do union, difference and, as a less (a less b), intersection.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "number/rangeset.h"

#define CHECK(condition) ((condition) ? (void)0 : abort())

static const char *const codes[] = {"IN", "US", "ZZ", ""};

static void check_interval(const struct interval *in, const struct country *country)
{
	struct number last = interval_last(in), back;
	char text[NUMBER_TEXT];

	CHECK(in->count >= 1 && in->count <= RANGESET_MAX);
	CHECK(last.width == in->first.width && last.value <= number_max_value(last.width));
	for (unsigned k = 0; k < number_spellings(last, country); k++) {
		size_t len = number_spell(last, country, k, text);

		CHECK(number_parse_stored(&back, text, len, country) && number_eq(back, last));
	}
	CHECK(number_spellings(last, country) == number_spellings(in->first, country));
}

static void check_normal(const struct rangeset *set)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct interval *in = &set->at[i];

		CHECK(in->count >= 1);
		CHECK(rangeset_has(set, in->first) && rangeset_has(set, interval_last(in)));
		if (i && in[-1].first.width == in->first.width)
			CHECK(interval_last(&in[-1]).value + 1 < in->first.value);
		else if (i)
			CHECK(in[-1].first.width < in->first.width);
	}
}

static bool has_any(const struct rangeset *set, const struct rangeset *of)
{
	for (size_t i = 0; i < of->n; i++) {
		if (rangeset_has(set, of->at[i].first) || rangeset_has(set, interval_last(&of->at[i])))
			return true;
	}
	return false;
}

/* What the sets hold is counted in three ways. */
static void check_algebra(const struct rangeset *a, const struct rangeset *b)
{
	struct rangeset a_only = {0}, b_only = {0}, both = {0}, none = {0}, all = {0};

	rangeset_subtract(&a_only, a, b);
	rangeset_subtract(&b_only, b, a);
	rangeset_subtract(&both, a, &a_only);
	rangeset_subtract(&none, a, a);
	check_normal(&a_only);
	check_normal(&both);
	CHECK(!none.n && !has_any(&a_only, b) && !has_any(b, &a_only) && !has_any(&b_only, a));
	CHECK(rangeset_count(&a_only) + rangeset_count(&both) == rangeset_count(a));
	CHECK(rangeset_count(&b_only) + rangeset_count(&both) == rangeset_count(b));
	for (size_t i = 0; i < a->n; i++)
		rangeset_add(&all, a->at[i]);
	for (size_t i = 0; i < b->n; i++)
		rangeset_add(&all, b->at[i]);
	rangeset_normalise(&all);
	check_normal(&all);
	CHECK(all.overlaps == rangeset_count(&both));
	CHECK(rangeset_count(&all) + all.overlaps == rangeset_count(a) + rangeset_count(b));
	rangeset_release(&a_only);
	rangeset_release(&b_only);
	rangeset_release(&both);
	rangeset_release(&none);
	rangeset_release(&all);
}

static void read_lines(struct rangeset sets[2], char *text, const struct country *country)
{
	char *save = NULL;
	unsigned line = 0;

	for (char *at = strtok_r(text, "\n", &save); at; at = strtok_r(NULL, "\n", &save), line++) {
		struct interval in;
		struct err err = {0};

		if (interval_parse(&in, at, country, &err)) {
			CHECK(err.code == ERR_USAGE && *err.text);
			continue;
		}
		check_interval(&in, country);
		rangeset_add(&sets[line % 2], in);
	}
}

static void check_lines(const uint8_t *data, size_t size, const struct country *country)
{
	struct rangeset sets[2] = {{0}, {0}};
	char *text = malloc(size + 1);

	CHECK(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	read_lines(sets, text, country);
	for (int i = 0; i < 2; i++) {
		rangeset_normalise(&sets[i]);
		check_normal(&sets[i]);
	}
	check_algebra(&sets[0], &sets[1]);
	rangeset_release(&sets[0]);
	rangeset_release(&sets[1]);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		check_lines(data, size, country_find(codes[i]));
	return 0;
}
