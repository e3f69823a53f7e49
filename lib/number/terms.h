/* Sets of numbers as stored texts: each interval of keys in every spelling under which its numbers may be stored. */
#ifndef DIDCTL_TERMS_H
#define DIDCTL_TERMS_H

#include "number/rangeset.h"

struct term { /* an interval of stored texts of one length; lo equals hi for one number */
	char lo[NUMBER_TEXT], hi[NUMBER_TEXT];
	uint64_t count;
};

struct terms {
	struct term *at;
	size_t n, cap;
};

#define TERMS_AT_ONCE 20000
#define PIECE_OF_CHANGE 4000		  /* small enough to be looked up by the index, batch after batch */
#define PIECE_OF_LISTING UINT64_C(1000000000) /* one statement, so that the database sorts */

/* One spelling of an interval of keys, in pieces of PIECE_OF_CHANGE. */
void terms_add(struct terms *terms, struct number first, uint64_t count, unsigned spelling,
	       const struct country *country);

/*
 * All spellings of a set's numbers, in terms of at most `piece` numbers (which divides 10^9): of the intervals from `from`
 * on, until there are TERMS_AT_ONCE terms, since those of a million scattered numbers do not fit into memory. Returns the
 * next interval's index.
 */
size_t terms_add_some(struct terms *terms, const struct rangeset *set, size_t from, uint64_t piece,
		      const struct country *country);

void terms_add_literal(struct terms *terms, const char *text);
bool term_is_single(const struct term *term);
bool term_has(const struct term *term, const char *stored);
void terms_release(struct terms *terms);

#endif
