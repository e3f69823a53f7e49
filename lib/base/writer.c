#include "base/writer.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"

#define SPILL_BYTES ((size_t)128 << 10)

void writer_init(struct writer *w, int fd)
{
	*w = (struct writer){.fd = fd};
}

/* Whether a failed write can be tried again: a stdout that some parent made non-blocking is waited for. */
static bool can_retry(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};

	if (errno == EAGAIN && poll(&ready, 1, -1) >= 0)
		return true;
	return errno == EINTR && !interrupt_pending();
}

static void flush(struct writer *w)
{
	for (size_t done = 0; done < w->buf.len && !w->failed;) {
		ssize_t n = write(w->fd, w->buf.data + done, w->buf.len - done);

		if (n >= 0)
			done += (size_t)n;
		else if (!can_retry(w->fd))
			w->failed = errno;
	}
	buf_reset(&w->buf);
}

void writer_spill(struct writer *w)
{
	if (w->buf.len >= SPILL_BYTES)
		flush(w);
}

int writer_check(const struct writer *w, const char *name, struct err *err)
{
	if (!w->failed)
		return 0;
	if (w->failed == EINTR)
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	return err_set(err, w->failed == EPIPE ? ERR_PIPE : ERR_FAILED, "cannot write to %s: %s", name,
		       strerror(w->failed));
}

int writer_finish(struct writer *w, const char *name, struct err *err)
{
	flush(w);
	buf_release(&w->buf);
	return writer_check(w, name, err);
}
