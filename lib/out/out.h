/* Rows to a stream in one of five formats. Formats x columns, never formats x commands. */
#ifndef DIDCTL_OUT_H
#define DIDCTL_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/value.h"

enum out_format { OUT_TABLE, OUT_TSV, OUT_CSV, OUT_JSON, OUT_NDJSON };

extern const char *const out_format_names[]; /* "table", "tsv", "csv", "json", "ndjson", NULL */

struct out_options {
	enum out_format format;
	bool no_header; /* table, tsv, csv */
	bool raw_csv;	/* no ' in front of cells that a spreadsheet would run */
	bool colour;	/* tables: headings bold, states coloured */
	int width;	/* of the terminal in columns; 0: no limit */
};

struct sink;

/*
 * Opens a sink on a file descriptor (normally 1), which stays open afterwards. columns: ncolumns pointers that
 * outlive the sink. Tables learn their widths from up to 1,000 rows that they hold, then stream, so memory is
 * bounded; on a terminal free text is wrapped, and nothing is ever cut. sink_row's values are copied or written at
 * once. sink_close writes what is left (an empty JSON array "[]", a table's heading only when it has rows), frees,
 * and returns what sink_row may return too: ERR_PIPE for EPIPE, ERR_INTERRUPTED for a write that a signal ended,
 * ERR_FAILED for any other write error ("cannot write to standard output: ..."). sink_close(NULL) is 0.
 */
int sink_open(struct sink **out, int fd, const struct out_options *options,
	      const struct column *const *columns, size_t ncolumns, struct err *err);
int sink_row(struct sink *sink, const struct value *values, struct err *err);
int sink_close(struct sink *sink, struct err *err);

#endif
