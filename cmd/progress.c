#include "cmd/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/store.h"

#define FIRST_MS 1000 /* what takes less needs no line */
#define AGAIN_MS 100
#define LINE_MAX 128
#define ERASE "\r\033[K"

static void step(struct progress *progress, const char *doing, uint64_t done, uint64_t all)
{
	struct progress_line *line = (struct progress_line *)progress;
	int64_t now = clock_monotonic_ms();
	char text[LINE_MAX];
	int len;

	if (now < line->next_ms)
		return;
	if (all)
		len = snprintf(text, sizeof(text), ERASE "%s: %.0f %%", doing, (double)done * 100 / (double)all);
	else
		len = snprintf(text, sizeof(text), ERASE "%s: %" PRIu64, doing, done);
	(void)!write(STDERR_FILENO, text, (size_t)len);
	line->next_ms = now + AGAIN_MS;
	line->is_shown = true;
}

static bool can_erase(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

struct progress *progress_start(struct progress_line *line, const struct context *ctx)
{
	*line = (struct progress_line){.progress = {step}, .next_ms = clock_monotonic_ms() + FIRST_MS};
	return ctx->global.quiet || ctx->global.no_progress || !can_erase() ? NULL : &line->progress;
}

void progress_end(struct progress_line *line)
{
	if (line->is_shown)
		(void)!write(STDERR_FILENO, ERASE, strlen(ERASE));
	line->is_shown = false;
}

int apply_with_progress(struct context *ctx, const struct change *change, struct plan *plan)
{
	struct change watched = *change;
	struct progress_line line;
	int rc;

	watched.progress = progress_start(&line, ctx);
	rc = store_apply(ctx->store, &watched, plan, &ctx->err);
	progress_end(&line);
	return rc;
}
