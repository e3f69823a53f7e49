/* Progress: told, while something takes long, how much of it is done. */
#ifndef DIDCTL_PROGRESS_H
#define DIDCTL_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

/* doing: "writing the history"; done of all, in whatever is counted; all 0: not known, then done counts rows. */
struct progress {
	void (*step)(struct progress *progress, const char *doing, uint64_t done, uint64_t all);
};

/* Cheap enough for every statement, not for every row. progress may be NULL. */
static inline void progress_step(struct progress *progress, const char *doing, uint64_t done, uint64_t all)
{
	if (progress)
		progress->step(progress, doing, done, all);
}

#endif
