/* Inside the REST store: a row of the inventory as the contract has it, with all columns of a listing. */
#ifndef DIDCTL_API_ROWS_H
#define DIDCTL_API_ROWS_H

#include "did/selection.h"
#include "store/api/locations.h"
#include "store/api/orgs.h"

/* One row with all its columns; the values live as long as its JSON and this struct. Zero-initialise. */
struct api_row {
	struct whole_row whole; /* v has every column: what an API has no data for is absent */
	struct number key;	/* whole.key points here where the stored number can be read */
	const char *etag;	/* or NULL */
	const char *own_cnam;	/* the number's own name, where v has the one that counts; or NULL */
	struct arena arena;	/* of what is not in its JSON */
	char e164[NUMBER_TEXT], national[NUMBER_TEXT], area_code[NUMBER_TEXT], nxx[NUMBER_TEXT];
	struct buf route;
};

/* orgs and locations may be NULL: the organisation's name is then its id, and there is no address. ERR_TARGET for what is no row of the contract. */
int api_row_read(struct api_store *s, struct api_row *row, const struct json *item, const struct api_orgs *orgs,
		 const struct api_locations *locations, struct err *err);
void api_row_release(struct api_row *row);

#endif
