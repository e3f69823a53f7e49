/* One line that a provider's program writes. Nothing that stands in it is trusted, and only what is known is kept. */
#ifndef DIDCTL_ANSWER_H
#define DIDCTL_ANSWER_H

#include <stdbool.h>

#include "base/mem.h"

#define ANSWER_LINE_MAX (64u << 10) /* bytes */
#define ANSWER_TEXT_MAX 255	    /* characters that are kept of what it says */

struct provider_answer {
	const char *number;	/* as it was asked about */
	const char *status;	/* one of the statuses */
	const char *text;	/* or NULL */
	const char *candidates; /* a JSON array of objects with location_columns' keys, or NULL */
};

/*
 * Reads {"number":...,"status":...,"text":...,"candidates":[...]}; keys and statuses count as they are written in
 * didctl-cnam(1) and didctl-e911(1). False: it is no answer. statuses end with NULL, and *out points to one of them; the
 * rest is in the arena.
 */
bool answer_read(struct provider_answer *out, const char *line, size_t len, const char *const *statuses,
		 struct arena *arena);

#endif
