/* Text that is compared, never read again: equal for equal things, and never equal for different ones. */
#ifndef DIDCTL_CANONICAL_H
#define DIDCTL_CANONICAL_H

#include "base/buf.h"
#include "base/strlist.h"

/*
 * Appends a named value; the length before the text keeps it from passing for anything else. NULL
 * differs from "".
 */
void canonical_text(struct buf *out, const char *name, const char *value);

/* Appends a named set: the texts in byte order, each once. Sorts the list. */
void canonical_set(struct buf *out, const char *name, struct strlist *texts);

#endif
