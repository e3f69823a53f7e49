/* --list-columns */
#ifndef DIDCTL_COLUMNS_H
#define DIDCTL_COLUMNS_H

#include "cmd/context.h"

/* Prints the columns of the command that was called, with a sentence each, in the format of -o. */
int columns_print(struct context *ctx);

#endif
