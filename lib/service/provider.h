/*
 * A provider of emergency addresses or caller names, reached through a program of the operator's, as git reaches a
 * credential helper: one JSON object a line in for each number, one out. What the program does not answer, or not in time,
 * was not asked: the number goes on waiting.
 */
#ifndef DIDCTL_PROVIDER_H
#define DIDCTL_PROVIDER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

#define PROVIDER_LINE_MAX (64u << 10) /* bytes of an answer */
#define PROVIDER_TEXT_MAX 255	      /* characters that are kept of what it says */

struct provider_request {
	const char *number; /* the answer names it the same way */
	const char *line;   /* the JSON object, without a newline */
};

struct provider_answer {
	const char *status;	/* one of the statuses, NULL: there was no answer */
	const char *text;	/* or NULL */
	const char *candidates; /* a JSON array of objects with location_columns' keys, or NULL */
};

struct provider {
	const char *command;	     /* run by /bin/sh -c, in a process group of its own */
	const char *const *statuses; /* that it may answer; NULL at the end */
	int timeout_s;		     /* without any answer */
};

/*
 * Asks about n numbers. answers: n of them, zeroed, which are filled in as they come; texts are copied into the arena.
 * 0: the program gave every answer. ERR_FAILED: it did not, and err says why; what it did answer counts all the same.
 * ERR_TARGET: it could not be started. ERR_INTERRUPTED. The program and all that it has started in its group have ended.
 */
int provider_ask(const struct provider *provider, const struct provider_request *requests, size_t n,
		 struct provider_answer *answers, struct arena *arena, struct err *err);

#endif
