#ifndef DIDCTL_CMD_RESOLVE_H
#define DIDCTL_CMD_RESOLVE_H

#include "cmd/common.h"

extern const struct command history_resolve;

/* Notes each change that is half done, and how to go on or back: somebody has to decide. */
int tell_half_done(struct context *ctx);

#endif
