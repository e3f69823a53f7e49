/* Which shells there are scripts for. */
#ifndef DIDCTL_COMPLETION_H
#define DIDCTL_COMPLETION_H

#include "cli/emit.h"

extern const char *const shell_names[]; /* "bash", "zsh", "fish", NULL */

/* Appends the script for a shell; false if there is none for it. */
bool completion_emit(struct buf *out, const struct command *root, const char *shell);

#endif
