/* Laying out paragraphs for a terminal of 80 columns. */
#ifndef DIDCTL_WRAP_H
#define DIDCTL_WRAP_H

#include "base/buf.h"

#define WRAP_WIDTH 80

/*
 * * Appends text, words filled up to WRAP_WIDTH, every line after the first indented; the cursor stands at
 * column `at`. A newline in text starts a new line, and a line of it that begins with a space is kept as it
 * is. Ends with a newline.
 */
void wrap_text(struct buf *out, const char *text, size_t at, size_t indent);

/*
 * "  LEFT      text": a line of a list; text starts at column `column`, on the next line when left is too
 * long.
 */
void wrap_item(struct buf *out, const char *left, const char *text, size_t column);

#endif
