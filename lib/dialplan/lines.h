/*
 * What a file of the switch says about one number, read as the switch reads it (dialplan/parse.h): of two lines of one
 * extension the first is obeyed. Patterns and what #include brings in are not looked into.
 */
#ifndef DIDCTL_LINES_H
#define DIDCTL_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "number/number.h"

struct number_line {
	unsigned long line; /* in the file, from 1 */
	size_t spelling;    /* which of the texts that were asked for */
	const char *text;   /* as it stands there */
	const char *action; /* what is done: "Goto(acme__incoming,08065978002,1)" */
	bool is_obeyed;	    /* the first of its extension */
};

#define NUMBER_LINES_MAX 32 /* that are kept: more of one number say nothing new */

struct number_lines {
	struct number_line at[NUMBER_LINES_MAX];
	size_t n;
};

/*
 * The lines of a context where calls to these extensions begin, in the order of the file. Texts live in the arena.
 * ERR_ABSENT: there is no such file; ERR_FAILED: it cannot be read, or is no regular file; ERR_INTERRUPTED.
 */
int lines_find(struct number_lines *out, const char *path, const char *context,
	       const char (*spelled)[NUMBER_TEXT], size_t n, struct arena *arena, struct err *err);

#endif
