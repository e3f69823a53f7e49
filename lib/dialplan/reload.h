/*
 * Makes the switch read its dialplan again, and proves that it runs what was written: Asterisk says
 * "Dialplan reloaded." whatever it made of the files (dialplan.md).
 */
#ifndef DIDCTL_RELOAD_H
#define DIDCTL_RELOAD_H

#include <stddef.h>
#include <stdint.h>

#include "dialplan/running.h"

/*
 * A context of a file, named without its directory. What other files add to the context is not counted. The file's own
 * marker tells it from one with as many lines; meta_context NULL: it is not asked for.
 */
struct written {
	const char *context, *file;
	uint64_t extensions, priorities;
	const char *meta_context;
	char generation[GENERATION_TEXT];
};

struct reload {
	const char *meta_context, *generation; /* of the dispatcher (running.h) */
	const struct written *written;
	size_t nwritten;
	int64_t limit_ms; /* for the reload, for the generation to come, and for each listing */
};

/*
 * Reloads, waits for the generation, and compares. ERR_TARGET: the switch could not be asked, or did not do
 * it. ERR_ABSENT: it does not run what was written; the text names what differs.
 */
int reload_and_prove(struct ami *ami, const struct reload *reload, struct err *err);

/* Only compares what runs now, without a reload and without waiting: for regen --check. */
int reload_prove(struct ami *ami, const struct reload *reload, struct err *err);

#endif
