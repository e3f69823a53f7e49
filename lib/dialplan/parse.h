/*
 * A dialplan file as Asterisk's pbx_config reads it, one line after the other: what it makes of each, and
 * where it makes something else of a line than whoever wrote it can have meant. The switch tells nobody: every
 * mistake below ends in "Dialplan reloaded." (dialplan.md, tried on 16 and 22).
 */
#ifndef DIDCTL_DIALPLAN_PARSE_H
#define DIDCTL_DIALPLAN_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define DIALPLAN_LINE_MAX 8190 /* bytes; the switch leaves out what is longer */
#define DIALPLAN_NAME_MAX 79   /* bytes of a context or an extension; the switch cuts off what is longer */

enum dialplan_fault {
	DIALPLAN_LONG_LINE,	/* left out */
	DIALPLAN_NUL,		/* the rest of the line is left out */
	DIALPLAN_BLOCK_COMMENT, /* ";--": what follows, in other lines too, is left out up to "--;" */
	DIALPLAN_CLOSED_COMMENT, /* "--;" without it: the rest is left out, of this file and of those after it */
	DIALPLAN_OPEN_COMMENT, /* no "--;" up to the end of the file */
	DIALPLAN_OPEN_CONTEXT, /* "[ctx" without "]": the rest of the file is left out */
	DIALPLAN_NO_CONTEXT,   /* a line before the first context: the rest of the file is left out */
	DIALPLAN_TEMPLATE,     /* "[ctx](...)" */
	DIALPLAN_DIRECTIVE,    /* #include, #exec and other lines that start '#' */
	DIALPLAN_NO_VALUE,     /* a line without '=' */
	DIALPLAN_OTHER_KEY, /* neither exten nor same: include, switch, ignorepat ..., or a slip of the pen */
	DIALPLAN_NO_EXTEN,  /* "same" where there is none before it, or an empty one */
	DIALPLAN_LONG_NAME, /* a context or extension that is cut off */
	DIALPLAN_EXTEN,	    /* an extension that the switch takes apart: ${...}, '/', blanks, '"' */
	DIALPLAN_PRIORITY,  /* neither a number from 1, nor n, s or hint: left out */
	DIALPLAN_FIRST_PRIORITY, /* n as an extension's first priority: it counts from the one before */
	DIALPLAN_OPEN_ARGUMENTS, /* "Goto(a,b,1" without ")" */
	DIALPLAN_FAULTS,
};

extern const char *const dialplan_fault_text[DIALPLAN_FAULTS]; /* "a context without ']': the rest of ..." */

struct dialplan_line {
	unsigned long number; /* from 1 */
	const char *text;     /* as it stands there, without its newline; not NUL-terminated */
	size_t len;
};

struct dialplan_entry {
	const char *context, *exten; /* as the switch keeps them */
	const char *application, *data;
	const char *priority_text; /* "1" or "n", as it stands there */
	int priority;		   /* 1 and up; 0 for hint */
	bool is_plain; /* to the byte "exten => EXTEN,PRIORITY,APPLICATION(DATA)", as our renderers write it */
};

/*
 * What is told of each line; a function that is NULL is not asked, and one that returns other than 0 ends the
 * reading with that code. A line may be told as a fault and as what is left of it then.
 */
struct dialplan_events {
	int (*context)(void *ctx, const struct dialplan_line *line, const char *name);
	int (*entry)(void *ctx, const struct dialplan_line *line, const struct dialplan_entry *entry);
	int (*empty)(void *ctx, const struct dialplan_line *line); /* nothing but blanks and comments */
	int (*fault)(void *ctx, const struct dialplan_line *line, enum dialplan_fault fault);
};

/*
 * Reads from where fd stands to its end, in memory that does not grow. ERR_FAILED where it cannot be read, or
 * ERR_INTERRUPTED.
 */
int dialplan_read(int fd, const struct dialplan_events *events, void *ctx, struct err *err);
/* The same of bytes in memory. */
int dialplan_read_text(const char *text, size_t len, const struct dialplan_events *events, void *ctx);

#endif
