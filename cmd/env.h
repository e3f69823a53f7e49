/* The subcommand of env that is a file of its own. */
#ifndef DIDCTL_ENV_H
#define DIDCTL_ENV_H

#include "cli/command.h"

extern const struct command env_check;

#endif
