/* Inside the REST store: rows of the inventory as the contract has them, to fields. */
#ifndef DIDCTL_API_ROWS_H
#define DIDCTL_API_ROWS_H

#include "did/selection.h"
#include "number/terms.h"
#include "store/api/orgs.h"
#include "store/api/pages.h"

/* One row with all its columns; the values live as long as its JSON and this struct. Zero-initialise. */
struct api_row {
	struct whole_row whole; /* v has every column: what an API has no data for is absent */
	struct number key;	/* whole.key points here where the stored number can be read */
	const char *etag;	/* or NULL */
	char e164[NUMBER_TEXT], national[NUMBER_TEXT], area_code[NUMBER_TEXT], nxx[NUMBER_TEXT];
	struct buf route;
};

/* orgs may be NULL: the organisation's name is then its id. ERR_TARGET for what is no row of the contract. */
int api_row_read(struct api_store *s, struct api_row *row, const struct json *item, const struct api_orgs *orgs,
		 struct err *err);
void api_row_release(struct api_row *row);

/*
 * The rows of a selection, each once: of its ids by one request each, of its numbers by their spellings, a hundred a
 * list, else of all rows. What the contract has a filter for is passed on; everything is looked at here as well.
 */
struct api_numbers {
	struct api_store *s;
	const struct selection *selection;
	const struct api_orgs *orgs;
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
 * environment are not all that was asked for. selection and orgs outlive it.
 */
int api_numbers_open(struct api_numbers *numbers, struct api_store *s, const struct selection *selection,
		     const struct api_orgs *orgs, uint64_t wanted, struct err *err);
/* 1: *row is valid until the next call; 0: the end. */
int api_numbers_next(struct api_numbers *numbers, const struct api_row **row, struct err *err);
void api_numbers_close(struct api_numbers *numbers);

#endif
