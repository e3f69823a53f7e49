/* The words of an @FILE or of standard input: one operand a line, '#' begins a comment. */
#ifndef DIDCTL_WORDS_H
#define DIDCTL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define WORD_LINE_MAX  4096	 /* bytes of a line; no operand is near it */
#define WORD_LINES_MAX 20000000 /* twice the numbers of one command: ends what never ends */

struct word_file {
	int fd;
	const char *name; /* for messages; the caller's */
	unsigned long line;
	struct buf text;
	bool has_ended;
	size_t at, end; /* of what is read ahead */
	char ahead[16384];
};

/* Opens a file, or standard input for "-". ERR_USAGE if it cannot be opened or is a directory. */
int word_file_open(struct word_file *file, const char *path, struct err *err);

/*
 * The next word, without white space around it: 1 and *word (valid until the next call), 0 at the end, or an
 * error whose text begins with FILE:LINE. Empty lines and comments are skipped; CRLF, a byte order mark and a
 * last line without an end are understood.
 */
int word_file_next(struct word_file *file, const char **word, struct err *err);

void word_file_close(struct word_file *file);

#endif
