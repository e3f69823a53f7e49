/* Inside lib/out only: what a format is, and the sink it fills. */
#ifndef DIDCTL_FORMAT_H
#define DIDCTL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/value.h"
#include "base/writer.h"
#include "out/out.h"

struct sink {
	const struct format *format;
	struct out_options options;
	const struct column *const *columns;
	size_t ncolumns;
	struct writer writer; /* to standard output */
	void *state;	      /* the format's own: made by open, freed by close */
};

/* A format only appends to sink->writer.buf, so it cannot fail; out.c writes the buffer out after each call. */
struct format {
	void (*open)(struct sink *sink);
	void (*row)(struct sink *sink, const struct value *values);
	void (*close)(struct sink *sink);
};

extern const struct format table_format, tsv_format, csv_format, json_format, ndjson_format;

/* buf_add for the millions of short cells of a long listing, without a call. */
static inline void put(struct buf *out, const char *s, size_t len)
{
	if (out->cap - out->len <= len) {
		buf_add(out, s, len);
		return;
	}
	memcpy(out->data + out->len, s, len);
	out->len += len;
	out->data[out->len] = '\0';
}

static inline bool is_true(struct value cell)
{
	return cell.len && cell.s[0] != '0';
}

/* A cell as everything but JSON shows it. */
static inline struct value shown(const struct column *column, struct value cell)
{
	if (column->type != COL_BOOL || !cell.s)
		return cell;
	return is_true(cell) ? (struct value){"yes", 3} : (struct value){"no", 2};
}

#endif
