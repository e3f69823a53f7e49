#include "number/terms.h"

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void term_push(struct terms *terms, const struct term *term)
{
	GROW(terms->at, terms->n, terms->cap);
	terms->at[terms->n++] = *term;
}

void terms_add(struct terms *terms, struct number first, uint64_t count, unsigned spelling,
	       const struct country *country)
{
	struct term term = {{0}, {0}, 0};

	while (count) {
		uint64_t n = count < PIECE_OF_CHANGE ? count : PIECE_OF_CHANGE;

		number_spell(first, country, spelling, term.lo);
		number_spell(number_add(first, n - 1), country, spelling, term.hi);
		term.count = n;
		term_push(terms, &term);
		count -= n;
		if (count)
			first = number_add(first, n);
	}
}

/*
 * An interval is spelled as one interval only while all its numbers have the same spellings, which the leading digits
 * decide: pieces never cross a border of 10^9.
 */
static void add_interval(struct terms *terms, struct interval in, uint64_t piece, const struct country *country)
{
	while (in.count) {
		uint64_t room = piece - in.first.value % piece;
		uint64_t n = in.count < room ? in.count : room;
		unsigned spellings = number_spellings(in.first, country);

		for (unsigned k = 0; k < spellings; k++) {
			struct term term = {.count = n};

			number_spell(in.first, country, k, term.lo);
			number_spell(number_add(in.first, n - 1), country, k, term.hi);
			term_push(terms, &term);
		}
		in.count -= n;
		if (in.count)
			in.first = number_add(in.first, n);
	}
}

size_t terms_add_some(struct terms *terms, const struct rangeset *set, size_t from, uint64_t piece,
		      const struct country *country)
{
	while (from < set->n && terms->n < TERMS_AT_ONCE)
		add_interval(terms, set->at[from++], piece, country);
	return from;
}

void terms_add_literal(struct terms *terms, const char *text)
{
	struct term term = {.count = 1};

	strlcpy(term.lo, text, sizeof(term.lo));
	strlcpy(term.hi, text, sizeof(term.hi));
	term_push(terms, &term);
}

void terms_release(struct terms *terms)
{
	free(terms->at);
	*terms = (struct terms){0};
}

bool term_is_single(const struct term *term)
{
	return strcmp(term->lo, term->hi) == 0;
}

bool term_has(const struct term *term, const char *stored)
{
	return strlen(stored) == strlen(term->lo) && strcmp(stored, term->lo) >= 0 && strcmp(stored, term->hi) <= 0;
}
