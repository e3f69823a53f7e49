/* A store that tells what is asked of it, how long each answer took and how it ended: -v. It wraps any other. */
#ifndef DIDCTL_TRACE_H
#define DIDCTL_TRACE_H

#include "store/store.h"

struct tracer {
	void (*tell)(const struct tracer *tracer, const char *line); /* without a newline; free of secrets, hostile text escaped */
};

/* What wraps an open store: store_close closes both. Its answers are those of the store. */
struct store *store_trace(struct store *store, const struct tracer *tracer);

#endif
