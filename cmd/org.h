/* The subcommand of org that is a file of its own. */
#ifndef DIDCTL_ORG_H
#define DIDCTL_ORG_H

#include "cli/command.h"

extern const struct command org_show;

#endif
