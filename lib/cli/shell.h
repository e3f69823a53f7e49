/*
 * Completion scripts: how a shell spells lists and cases. What is offered where is the same in all of them.
 */
#ifndef DIDCTL_SHELL_H
#define DIDCTL_SHELL_H

#include "base/buf.h"
#include "cli/command.h"

struct dialect {
	const char *local_list[2]; /* around the name of a local list: {"local ", "=("} */
	const char *list[2];	   /* the same for one that is there */
	const char *list_end;
	const char *group[2];	/* around the number of a group, to put its options into a list */
	const char *kind;	/* how kind is set, up to the value */
	const char *context;	/* how the list context gets the option and its value */
	const char *when[2];	/* around the patterns of a case */
	const char *when_end;
	const char *either;	/* between two patterns */
	const char *any;	/* a pattern that begins with anything, up to the quoted part */
	const char *quote;	/* how a single quote is written in single quotes */
	bool has_help;		/* a word of a list can be explained */
	const char *help;	/* from a word to its explanation, the quote open before and after */
	const char *const *script; /* its lines; @GROUPS, @TABLE, @VALUES, @CONTEXT: from the tables */
};

void shell_emit(struct buf *out, const struct command *root, const struct dialect *dialect);

#endif
