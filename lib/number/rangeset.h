/*
 * Sets of numbers as sorted, disjoint intervals: a million numbers in a row are one interval, never a million objects.
 * Also reads range expressions: "111-222", "918065978000-8029", "08065978000-08065978009".
 */
#ifndef DIDCTL_RANGESET_H
#define DIDCTL_RANGESET_H

#include "number/number.h"

#define RANGESET_MAX UINT64_C(10000000) /* more numbers in one command are refused (product.md) */

struct interval {
	struct number first; /* first.width is the width of all */
	uint64_t count;	     /* at least 1 */
};

struct rangeset {
	struct interval *at; /* sorted and disjoint after rangeset_normalise; adjacent ones are joined */
	size_t n, cap;
	uint64_t overlaps; /* how many numbers were named more than once, counted by rangeset_normalise */
};

/*
 * Reads one operand, a number or a range, as product.md says: one '-' between two digit strings is always a range, two
 * or more '-' or other separators beside it are visual; a shorter right side replaces the last digits; both sides may
 * be national. ERR_USAGE for bad text, unequal width, a reversed range (the message suggests the swap) and one with
 * more than RANGESET_MAX numbers.
 */
int interval_parse(struct interval *out, const char *text, const struct country *country, struct err *err);

struct number interval_last(const struct interval *in);

void rangeset_add(struct rangeset *set, struct interval in); /* appends; call rangeset_normalise before reading */
void rangeset_normalise(struct rangeset *set);		     /* sorts, unites overlaps, joins neighbours */
uint64_t rangeset_count(const struct rangeset *set);	     /* numbers in a normalised set */
bool rangeset_has(const struct rangeset *set, struct number n); /* binary search in a normalised set */
/* out = a without b; all three normalised; out must be empty before. */
void rangeset_subtract(struct rangeset *out, const struct rangeset *a, const struct rangeset *b);
void rangeset_intersect(struct rangeset *out, const struct rangeset *a, const struct rangeset *b); /* likewise */
void rangeset_release(struct rangeset *set);

#endif
