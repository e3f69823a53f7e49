/* One JSON object, member by member, for what is no row; commas are put where they belong. */
#ifndef DIDCTL_OBJECT_OUT_H
#define DIDCTL_OBJECT_OUT_H

#include <stdbool.h>

#include "base/buf.h"

/* key: NULL in an array. */
void object_text(struct buf *out, const char *key, const char *text); /* NULL is null */
void object_flag(struct buf *out, const char *key, bool flag);
void object_open(struct buf *out, const char *key, char bracket); /* '{' or '[' */
void object_close(struct buf *out, char bracket);

#endif
