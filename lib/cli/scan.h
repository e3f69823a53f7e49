/* The command line taken apart: operands, options and their values. Nothing is judged here. */
#ifndef DIDCTL_SCAN_H
#define DIDCTL_SCAN_H

#include "cli/walk.h"

/* Zero but for path, argc, argv, and next at 1, to start. */
struct scan {
	const struct command_path *path;
	int argc, next;
	char **argv;
	const char *joined; /* what is left of -nq, or NULL */
	bool is_ended;	    /* "--" was seen */
};

struct word {
	const char *text;	     /* the word as it was typed */
	const struct option *option; /* NULL: an operand, or an unknown option */
	bool is_operand;
	bool is_foreign; /* an option of other commands only */
	unsigned group;
	size_t index;	   /* among the options of the command */
	const char *value; /* NULL: none was given */
	const char *next;  /* the word that stands where the value should, but is an option; else NULL */
};

/* The next operand or option; false at the end. */
bool scan_next(struct scan *s, struct word *w);

/* The option of that short name, or of the long one of len bytes if short_name is 0; it is then at it. */
const struct option *option_find(struct option_iter *it, const char *name, size_t len, char short_name);

#endif
