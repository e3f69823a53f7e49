/* Bytes on their way to a descriptor, in large pieces. A failure is kept until writer_finish tells it. */
#ifndef DIDCTL_WRITER_H
#define DIDCTL_WRITER_H

#include "base/buf.h"
#include "base/err.h"

struct writer {
	int fd;
	struct buf buf; /* add to it, then writer_spill */
	int failed;	/* errno of the first failure; nothing is written after it */
};

void writer_init(struct writer *w, int fd);
void writer_spill(struct writer *w); /* writes what has come together, once it is much */

/*
 * What has failed so far. name is for the message: "cannot write to NAME: ...".
 * ERR_FAILED, ERR_PIPE where the reader has gone, ERR_INTERRUPTED.
 */
int writer_check(const struct writer *w, const char *name, struct err *err);
/* Writes the rest, frees and tells as writer_check; to be called in any case. */
int writer_finish(struct writer *w, const char *name, struct err *err);

#endif
