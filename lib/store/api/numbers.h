/* Inside the REST store: the rows of a selection. */
#ifndef DIDCTL_API_NUMBERS_H
#define DIDCTL_API_NUMBERS_H

#include "number/terms.h"
#include "store/api/pages.h"
#include "store/api/rows.h"

/*
 * The rows of a selection, each once: of its ids by one request each, of its numbers by their spellings, a hundred a
 * list, else of all rows. What the contract has a filter for is passed on; everything is looked at here as well.
 */
struct api_numbers {
	struct api_store *s;
	const struct selection *selection;
	const struct api_orgs *orgs;
	const struct api_locations *locations;
	uint64_t wanted; /* rows, if no more are; 0: all */
	struct terms terms;
	size_t next_id, next_interval, term, nterms; /* terms: of the list that is open */
	struct json *single; /* the row of an id */
	struct api_pages pages;
	bool is_open, is_listed; /* is_listed: no further list is to be opened */
	bool is_scan;		 /* of all rows, where operands are looked at here */
	const char *environment; /* the only one whose numbers the list has: of /did-pool/available */
	uint64_t rows;
	struct api_row row;
};

/*
 * The first rows are here when it returns 0. ERR_TARGET: this API has no list of all numbers, and those that it has of one
 * environment are not all that was asked for. selection, orgs and
 * locations outlive it; the last two may be NULL.
 */
int api_numbers_open(struct api_numbers *numbers, struct api_store *s, const struct selection *selection,
		     const struct api_orgs *orgs, const struct api_locations *locations, uint64_t wanted,
		     struct err *err);
/* 1: *row is valid until the next call; 0: the end. */
int api_numbers_next(struct api_numbers *numbers, const struct api_row **row, struct err *err);
void api_numbers_close(struct api_numbers *numbers);

#endif
