/*
 * Inside the REST store: what no API has data for. It is refused before anything is written; didctl-api(7) lists exactly
 * this, by these words (tests/store/test_store_lacking.c).
 */
#ifndef DIDCTL_API_LACKING_H
#define DIDCTL_API_LACKING_H

#include "store/api/apistore.h"
#include "store/api/image.h"

enum api_lack {
	LACK_TABLES, LACK_PAST, LACK_HISTORY, LACK_SURVEY, LACK_SNAPSHOT, LACK_DETAILS, LACK_DUE, LACK_AGE,
	LACK_ORG, LACK_SPELLING, LACK_FAULT,
	LACK_NOTHING,
	API_LACKS = LACK_NOTHING,
};

extern const char *const api_lack_text[API_LACKS]; /* "port orders" */

/* ERR_TARGET: it cannot be had through this API, and where it can. */
int api_lacks(const struct api_store *s, enum api_lack lack, struct err *err);

/* What a change asks for that is not to be had, whatever the rows say; LACK_NOTHING. */
enum api_lack api_lack_of_change(const struct change *change);
/* The same of FIELD_BITs that it would write. */
enum api_lack api_lack_of_fields(uint64_t fields);

#endif
