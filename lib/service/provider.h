/*
 * A provider of emergency addresses or caller names, reached through a program of the operator's, as git reaches a
 * credential helper: one JSON object a line in for each number, one out. What the program does not answer, or not in time,
 * was not asked: the number goes on waiting.
 */
#ifndef DIDCTL_PROVIDER_H
#define DIDCTL_PROVIDER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "service/answer.h"

#define PROVIDER_KEEP_MAX 500 /* answers that are not stored yet: so many at most are asked for again after a crash */
#define PROVIDER_KEEP_MS 1000 /* and none is older than this */

/* Who asks, and has the answers. The numbers are 0 to n - 1; memory is taken for a few of them at a time. */
struct provider_client {
	size_t n;
	/* Appends the JSON object about number i, without a newline. */
	int (*put_request)(struct provider_client *client, size_t i, struct buf *out, struct err *err);
	/* Copies what it wants of an answer. False: nobody asked about this number, or it has been answered. */
	bool (*take)(struct provider_client *client, const struct provider_answer *answer);
	/* Stores what was taken since the last time, also when the program has failed or a signal came. */
	int (*keep)(struct provider_client *client, struct err *err);
};

struct provider {
	const char *command;	     /* run by /bin/sh -c, in a process group of its own */
	const char *const *statuses; /* that it may answer; NULL at the end */
	int timeout_s;		     /* without any answer */
};

struct provider_end {
	size_t answered;
	int exit_code; /* of a program that gave every answer, if it ended by itself; else 0 */
};

/*
 * Asks, and stores the answers as they come. 0: the program gave every answer. ERR_FAILED: it did not, and err says why.
 * ERR_TARGET: it cannot be run. ERR_INTERRUPTED. What it did answer is stored in all these cases; else put_request or keep
 * has failed with this error. The program and all that it has started in its group have ended.
 */
int provider_ask(const struct provider *provider, struct provider_client *client, struct provider_end *end,
		 struct err *err);

#endif
