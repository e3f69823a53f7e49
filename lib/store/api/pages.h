/* Inside the REST store: a list of the API, page after page to its end. */
#ifndef DIDCTL_API_PAGES_H
#define DIDCTL_API_PAGES_H

#include "store/api/apistore.h"

#define API_CURSOR_MAX 201 /* with its NUL; the contract's Cursor */

/* While one page is read, the next is on its way: no other request until the end or api_pages_close. */
struct api_pages {
	struct api_store *s;
	enum api_operation operation;
	struct buf filters; /* of the query, escaped */
	uint64_t wanted;    /* rows, if no more are; 0: all */
	struct json *page;
	const struct json *item;    /* of the page; NULL: none are left */
	char after[API_CURSOR_MAX]; /* of the page that is on its way, or empty */
	char mark[API_CURSOR_MAX];  /* of one that came before it */
	uint64_t turned;	    /* pages */
	bool is_asked, is_last;
};

/*
 * Asks for the first page and waits for it, so that what this API does not offer is known now. filters may be NULL. On
 * an error there is nothing to close.
 */
int api_pages_open(struct api_pages *pages, struct api_store *s, enum api_operation operation, const char *filters,
		   uint64_t wanted, struct err *err);
/* 1 and a row, an object that is valid until the next call; 0 at the end. */
int api_pages_next(struct api_pages *pages, const struct json **item, struct err *err);
void api_pages_close(struct api_pages *pages); /* also when it was never opened */

#endif
