#include "out/out.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/mem.h"
#include "out/format.h"

#define SPILL_BYTES ((size_t)128 << 10)

static const struct format *const formats[] = {
	[OUT_TABLE] = &table_format, [OUT_TSV] = &tsv_format,	    [OUT_CSV] = &csv_format,
	[OUT_JSON] = &json_format,   [OUT_NDJSON] = &ndjson_format,
};

const char *const out_format_names[] = {
	[OUT_TABLE] = "table", [OUT_TSV] = "tsv",	[OUT_CSV] = "csv",
	[OUT_JSON] = "json",   [OUT_NDJSON] = "ndjson", [OUT_NDJSON + 1] = NULL,
};

/* Whether a failed write can be tried again: a stdout that some parent made non-blocking is waited for. */
static bool can_retry(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};

	if (errno == EAGAIN && poll(&ready, 1, -1) >= 0)
		return true;
	return errno == EINTR && !interrupt_pending();
}

static void flush(struct sink *sink)
{
	for (size_t done = 0; done < sink->buf.len && !sink->failed;) {
		ssize_t n = write(sink->fd, sink->buf.data + done, sink->buf.len - done);

		if (n >= 0)
			done += (size_t)n;
		else if (!can_retry(sink->fd))
			sink->failed = errno;
	}
	buf_reset(&sink->buf);
}

void sink_spill(struct sink *sink)
{
	if (sink->buf.len >= SPILL_BYTES)
		flush(sink);
}

static int check(const struct sink *sink, struct err *err)
{
	switch (sink->failed) {
	case 0: return 0;
	case EINTR: return err_set(err, ERR_INTERRUPTED, "interrupted");
	default:
		return err_set(err, sink->failed == EPIPE ? ERR_PIPE : ERR_FAILED,
			       "cannot write to standard output: %s", strerror(sink->failed));
	}
}

int sink_open(struct sink **out, int fd, const struct out_options *options,
	      const struct column *const *columns, size_t ncolumns, struct err *err)
{
	struct sink *sink = xcalloc(1, sizeof(*sink));

	sink->format = formats[options->format];
	sink->options = *options;
	sink->columns = columns;
	sink->ncolumns = ncolumns;
	sink->fd = fd;
	sink->format->open(sink);
	*out = sink;
	return check(sink, err);
}

int sink_row(struct sink *sink, const struct value *values, struct err *err)
{
	sink->format->row(sink, values);
	sink_spill(sink);
	return check(sink, err);
}

int sink_close(struct sink *sink, struct err *err)
{
	int rc;

	if (!sink)
		return 0;
	sink->format->close(sink);
	flush(sink);
	rc = check(sink, err);
	buf_release(&sink->buf);
	free(sink);
	return rc;
}
