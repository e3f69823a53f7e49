/* The manual pages that are about no single command: prose with tables of the program put in. */
#ifndef DIDCTL_PAGES_H
#define DIDCTL_PAGES_H

#include "base/buf.h"

extern const char *const page_names[]; /* "didctl-config.5", ...; NULL-terminated */

/* The page made of its prose: a line "@settings", "@states" or "@transitions" becomes that table. */
void page_emit(struct buf *out, const char *prose);

#endif
