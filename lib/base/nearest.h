/* "did you mean": the nearest of some words by edit distance. */
#ifndef DIDCTL_NEAREST_H
#define DIDCTL_NEAREST_H

#include <stddef.h>

#define NEAREST_MAX 63 /* longer words have no neighbours */

/*
 * How many insertions, deletions, replacements and swaps of neighbouring characters make one word the other
 * (optimal string alignment); more than any limit when a word is longer than NEAREST_MAX.
 */
size_t nearest_distance(const char *a, const char *b);

/* The first of the nearest candidates within a third of the word's length (at least 1), or NULL. */
const char *nearest_word(const char *word, const char *const *candidates, size_t n);

#endif
