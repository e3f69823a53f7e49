/* Base64 of RFC 4648, section 4: with padding, without line breaks. */
#ifndef DIDCTL_BASE64_H
#define DIDCTL_BASE64_H

#include <stdbool.h>

#include "base/buf.h"

void base64_encode(struct buf *out, const void *bytes, size_t len); /* appends */
/* Appends the bytes of a text; false where it is none: other characters, a wrong length, bits that say nothing. */
bool base64_decode(struct buf *out, const char *text, size_t len);

#endif
