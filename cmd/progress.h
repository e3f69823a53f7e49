/* The line on a terminal that says how far something is that takes more than a second. */
#ifndef DIDCTL_CMD_PROGRESS_H
#define DIDCTL_CMD_PROGRESS_H

#include <stdbool.h>

#include "base/progress.h"
#include "cmd/context.h"

struct change;
struct plan;

struct progress_line {
	struct progress progress;
	int64_t next_ms; /* when it is written again, by the monotonic clock */
	bool is_shown;
};

/* NULL where no line is wanted: standard error is no terminal that can erase it, -q, --no-progress. */
struct progress *progress_start(struct progress_line *line, const struct context *ctx);
void progress_end(struct progress_line *line); /* erases it */

/* store_apply() under such a line. */
int apply_with_progress(struct context *ctx, const struct change *change, struct plan *plan);

#endif
