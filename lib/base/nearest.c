#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t nearest_distance(const char *a, const char *b)
{
	size_t rows[3][NEAREST_MAX + 2];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];
	size_t alen = strlen(a), blen = strlen(b);

	if (alen > NEAREST_MAX || blen > NEAREST_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= blen; j++)
		row[j] = j;
	for (size_t i = 1; i <= alen; i++) {
		size_t *spare = before;

		before = above;
		above = row;
		row = spare;
		row[0] = i;
		for (size_t j = 1; j <= blen; j++) {
			row[j] = min(above[j - 1] + (a[i - 1] != b[j - 1]), min(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = min(row[j], before[j - 2] + 1);
		}
	}
	return row[blen];
}

const char *nearest_word(const char *word, const char *const *candidates, size_t n)
{
	size_t len = strlen(word);
	size_t best = len < 6 ? 2 : len / 3 + 1; /* what is not below this is not near */
	const char *found = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t distance = nearest_distance(word, candidates[i]);

		if (distance < best) {
			best = distance;
			found = candidates[i];
		}
	}
	return found;
}
