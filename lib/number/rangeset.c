#include "number/rangeset.h"

#include <stdlib.h>

#include "base/mem.h"

/*
 * Intervals are compared by width first, so that a set may hold short and long numbers; ends are exclusive
 * here.
 */
static uint64_t end_of(const struct interval *in)
{
	return in->first.value + in->count;
}

struct number interval_last(const struct interval *in)
{
	return number_add(in->first, in->count - 1);
}

void rangeset_add(struct rangeset *set, struct interval in)
{
	struct interval *last = set->n ? &set->at[set->n - 1] : NULL;

	/* A file of a million numbers in order stays one interval. */
	if (last && last->first.width == in.first.width && end_of(last) == in.first.value) {
		last->count += in.count;
		return;
	}
	GROW(set->at, set->n, set->cap);
	set->at[set->n++] = in;
}

static int cmp_first(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	return number_cmp(x->first, y->first);
}

/*
 * How many numbers of [from, to) were not counted as overlapping before; counted is where the counted ones
 * end.
 */
static uint64_t count_overlap(uint64_t *counted, uint64_t from, uint64_t to)
{
	if (from < *counted)
		from = *counted;
	if (from >= to)
		return 0;
	*counted = to;
	return to - from;
}

void rangeset_normalise(struct rangeset *set)
{
	uint64_t counted = 0, end, stop;
	struct interval *last;
	size_t kept = 1;

	if (!set->n)
		return;
	qsort(set->at, set->n, sizeof(*set->at), cmp_first);
	for (size_t i = 1; i < set->n; i++) {
		const struct interval in = set->at[i];

		last = &set->at[kept - 1];
		end = end_of(last);
		stop = end_of(&in);
		if (in.first.width != last->first.width || in.first.value > end) {
			set->at[kept++] = in;
			counted = 0;
			continue;
		}
		set->overlaps += count_overlap(&counted, in.first.value, stop < end ? stop : end);
		if (stop > end)
			last->count += stop - end;
	}
	set->n = kept;
}

uint64_t rangeset_count(const struct rangeset *set)
{
	uint64_t count = 0;

	for (size_t i = 0; i < set->n; i++)
		count += set->at[i].count;
	return count;
}

bool rangeset_has(const struct rangeset *set, struct number n)
{
	size_t low = 0, high = set->n;
	const struct interval *in;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (number_cmp(set->at[middle].first, n) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	in = &set->at[low - 1];
	return in->first.width == n.width && n.value < end_of(in);
}

/* Whether a lies wholly in front of b. */
static bool is_before(const struct interval *a, const struct interval *b)
{
	if (a->first.width != b->first.width)
		return a->first.width < b->first.width;
	return end_of(a) <= b->first.value;
}

/*
 * Cuts the part of rest that b covers and all in front of it, which goes to out; false if nothing is left of
 * rest.
 */
static bool cut(struct rangeset *out, struct interval *rest, const struct interval *b)
{
	uint64_t end = end_of(rest), gap_end = end_of(b);

	if (rest->first.value < b->first.value)
		rangeset_add(out, (struct interval){rest->first, b->first.value - rest->first.value});
	if (end <= gap_end)
		return false;
	rest->first.value = gap_end;
	rest->count = end - gap_end;
	return true;
}

void rangeset_subtract(struct rangeset *out, const struct rangeset *a, const struct rangeset *b)
{
	size_t k = 0;

	for (size_t i = 0; i < a->n; i++) {
		struct interval rest = a->at[i];
		bool is_left = true;

		while (k < b->n && is_before(&b->at[k], &rest))
			k++;
		while (is_left && k < b->n && !is_before(&rest, &b->at[k])) {
			is_left = cut(out, &rest, &b->at[k]);
			if (is_left)
				k++;
		}
		if (is_left)
			rangeset_add(out, rest);
	}
}

void rangeset_intersect(struct rangeset *out, const struct rangeset *a, const struct rangeset *b)
{
	struct rangeset only_a = {0};

	rangeset_subtract(&only_a, a, b);
	rangeset_subtract(out, a, &only_a);
	rangeset_release(&only_a);
}

void rangeset_release(struct rangeset *set)
{
	free(set->at);
	*set = (struct rangeset){0};
}
