#include "base/value.h"

static size_t whole_digits(const char *amount)
{
	return strcspn(amount, ".");
}

/* Decimals without leading zeros and of equally many places, as databases and didctl write them. */
static int compare_amounts(const char *a, const char *b)
{
	bool is_negative = *a == '-';

	if (is_negative != (*b == '-'))
		return is_negative ? -1 : 1;
	if (whole_digits(a) != whole_digits(b))
		return (whole_digits(a) < whole_digits(b)) != is_negative ? -1 : 1;
	return is_negative ? strcmp(b, a) : strcmp(a, b);
}

int value_compare(struct value a, struct value b, enum column_type type)
{
	if (!a.s || !b.s)
		return (a.s != NULL) - (b.s != NULL);
	return type == COL_COUNT || type == COL_PRICE ? compare_amounts(a.s, b.s) : strcmp(a.s, b.s);
}
