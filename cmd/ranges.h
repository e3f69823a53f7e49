/* Settings that hold ranges of numbers. */
#ifndef DIDCTL_RANGES_H
#define DIDCTL_RANGES_H

#include "cmd/context.h"
#include "number/rangeset.h"

/* The ranges of a setting, normalised; none where it is not set. ERR_TARGET, naming it, for what is no range. */
int ranges_read(struct context *ctx, enum setting setting, struct rangeset *out);

#endif
