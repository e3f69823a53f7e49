/* The help of a command, for `help`, --help and a group of commands that was given none. */
#ifndef DIDCTL_HELP_H
#define DIDCTL_HELP_H

#include "cmd/context.h"

void help_print(FILE *out, const struct command_path *path);

#endif
