/*
 * E911: what a dispatchable location is made of (RAY BAUM's Act section 506: the address and what else leads to the
 * caller, such as floor and room) and which numbers carry one. Pure rules; the tables are in e911.c.
 */
#ifndef DIDCTL_E911_H
#define DIDCTL_E911_H

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "did/field.h"
#include "number/number.h"

#define E911_PENDING_MAX_MS (INT64_C(3600) * 1000) /* longer than this is a finding of doctor's */

#define E911_CANDIDATES_MAX 20 /* of what a provider offers so many are kept */

/* What a provider may answer for a number that it was asked about. */
extern const char *const e911_statuses[]; /* pending, registered, failed; NULL at the end */

/*
 * Reads the text of one field of a location into the form that is stored: capital letters for country, state and
 * postal code, the blank in a Canadian one. country is that of the location ("US", "CA"), or NULL where it is not
 * known yet: then what depends on it is read when the whole is checked. ERR_USAGE names the option.
 */
int location_read(enum location_field field, const char *text, const char *country, struct arena *arena,
		  const char **out, struct err *err);

/* Whether a whole location has all that its country wants, each in its form: ERR_USAGE with the first fault. */
int location_check(const char *const v[LOCATION_STORED], struct err *err);

/* "350 Fifth Ave, FL 21, New York, NY 10118": in a line, what there is of it. */
void location_line(struct buf *out, const char *const v[LOCATION_STORED]);

/* Whether two texts of an address are one: "350 FIFTH AVE" is where "350 Fifth Ave" is. Either may be NULL. */
bool location_is_alike(const char *a, const char *b);

/* "--street" and so on: the option that sets a field; NULL: none does. */
const char *location_option(enum location_field field);

/*
 * The addresses that a provider offers, as they are stored: a JSON array of objects with location_columns' keys, of a
 * location's fields those that lead somewhere. NULL where it offers none.
 */
const char *e911_candidates(const struct json *list, struct arena *arena);

/* The civic address elements of RFC 4119, 5139 and 6848 beside those that the other fields are. */
struct civic_element {
	const char *name; /* "PRD" */
	const char *help;
};
extern const struct civic_element civic_elements[]; /* in the order of the schema; a NULL name at the end */
/* Adds "NAME=VALUE" to a civic field, "A2=Kings;PRD=N", in the order of civic_elements. ERR_USAGE: no such element. */
int civic_add(struct buf *elements, const char *pair, struct err *err);
/* The value of an element of a civic field, *len bytes, or NULL. */
const char *civic_get(const char *elements, const char *name, size_t *len);

/* Whether a number has to have a dispatchable location. */
enum e911_need {
	E911_NEEDED,	/* a number of the United States or Canada */
	E911_TOLL_FREE, /* carries none */
	E911_ELSEWHERE, /* of a country where 911 is answered otherwise, or a short number */
};
enum e911_need e911_need(struct number n);
/* How many numbers from n on, of count, have the same need: it hangs on the area code. */
uint64_t e911_alike(struct number n, uint64_t count);

#endif
