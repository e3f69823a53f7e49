/* Words that stand where numbers are wanted and mean something else. */
#ifndef DIDCTL_MISTAKEN_H
#define DIDCTL_MISTAKEN_H

#include "cmd/context.h"

/*
 * ERR_USAGE, with the way to say it, where a word without a digit is a status by which the command filters, an organisation
 * of the target, or letters alone: read as a pattern, it would find nothing and look like good news. 0: it is none of them.
 */
int mistaken_pattern(struct context *ctx, const char *word);

/* The error that is set says that the word is no number; where it is an organisation it says so, and what was meant. */
int mistaken_org(struct context *ctx, const char *word);

/* ERR_USAGE where the last operand, which is to be a NAME, is a number; else 0. */
int mistaken_name(struct context *ctx);

#endif
