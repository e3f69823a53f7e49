/*
 * CNAM: the name that the called party sees. Its rules are those of the databases that North American carriers look
 * names up in: 15 characters at most, capital letters.
 */
#ifndef DIDCTL_CNAM_H
#define DIDCTL_CNAM_H

#include "number/number.h"

#define CNAM_MAX 15 /* characters; all of them are ASCII */
#define CNAM_PENDING_MAX_MS (INT64_C(48) * 3600 * 1000) /* longer than this is a finding of doctor's */

/* Why a text is no CNAM, as the end of a sentence ("it has more than 15 characters"); NULL: it is one. */
const char *cnam_fault(const char *text);

/* The name as it is stored: upper case. text is one without a fault. */
void cnam_fold(const char *text, char out[CNAM_MAX + 1]);

/* Why carriers will not show a name for calls from this number, as the end of "is ...", or NULL. */
const char *cnam_unshown(struct number n);

/* What a provider may answer for a number that it was asked about. */
extern const char *const cnam_statuses[]; /* pending, synced, failed; NULL at the end */

#endif
