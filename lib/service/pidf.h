/*
 * PIDF-LO: where telephone numbers are, as a presence document (RFC 3863) with a location object in each tuple's status
 * (RFC 4119) and a civic address in that (RFC 5139), which NENA's CLDXF profiles for the United States. One document, a
 * tuple a number. The same facts give the same bytes.
 */
#ifndef DIDCTL_PIDF_H
#define DIDCTL_PIDF_H

#include "base/buf.h"
#include "did/field.h"

struct pidf_tuple {
	const char *e164;  /* digits: the tuple is known by them, so each number comes once */
	const char *since; /* RFC 3339: since when the number is there; or NULL */
	const char *location[LOCATION_STORED]; /* one that location_check takes */
};

/*
 * The beginning of a document. Its presentity is the telephone number where there is just one, "tel:+14155550100",
 * else the organisation whose numbers they are: the tuples are how it can be reached.
 */
void pidf_open(struct buf *out, const char *entity);
void pidf_add(struct buf *out, const struct pidf_tuple *tuple);
void pidf_close(struct buf *out);

#endif
