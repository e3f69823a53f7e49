/* RFC 4180: CRLF, quotes where they are needed; an absent cell is empty, an empty string is "". */
#include "out/format.h"

/* Whether the cell has to stand in quotes; an empty one has to, for it would read as absent. */
static bool needs_quotes(struct value cell)
{
	static const bool special[256] = {['"'] = true, [','] = true, ['\r'] = true, ['\n'] = true};

	for (size_t i = 0; i < cell.len; i++)
		if (special[(unsigned char)cell.s[i]])
			return true;
	return cell.len == 0;
}

/* Whether a spreadsheet would run the cell: CWE-1236. Leading blanks do not stop it. */
static bool is_formula(struct value cell)
{
	size_t i = 0;

	while (i < cell.len && cell.s[i] == ' ')
		i++;
	return i < cell.len && memchr("=+-@\t\r", cell.s[i], 6);
}

static bool is_free_text(enum column_type type)
{
	return type == COL_TEXT || type == COL_LIST || type == COL_OBJECT;
}

static void put_quoted(struct buf *out, struct value cell, bool guard)
{
	const char *quote;

	put(out, "\"'", guard ? 2 : 1);
	while (cell.len && (quote = memchr(cell.s, '"', cell.len))) {
		size_t n = (size_t)(quote - cell.s) + 1;

		put(out, cell.s, n);
		put(out, "\"", 1);
		cell.s += n;
		cell.len -= n;
	}
	put(out, cell.s, cell.len);
	put(out, "\"", 1);
}

static void put_cell(struct buf *out, struct value cell, bool guard)
{
	if (needs_quotes(cell)) {
		put_quoted(out, cell, guard);
		return;
	}
	put(out, "'", guard);
	put(out, cell.s, cell.len);
}

static void csv_open(struct sink *sink)
{
	if (sink->options.no_header)
		return;
	for (size_t i = 0; i < sink->ncolumns; i++) {
		put(&sink->writer.buf, ",", i > 0);
		put_cell(&sink->writer.buf, value_str(sink->columns[i]->key), false);
	}
	put(&sink->writer.buf, "\r\n", 2);
}

static void csv_row(struct sink *sink, const struct value *values)
{
	for (size_t i = 0; i < sink->ncolumns; i++) {
		const struct column *column = sink->columns[i];
		bool guard = !sink->options.raw_csv && is_free_text(column->type) && is_formula(values[i]);

		put(&sink->writer.buf, ",", i > 0);
		if (values[i].s)
			put_cell(&sink->writer.buf, shown(column, values[i]), guard);
	}
	put(&sink->writer.buf, "\r\n", 2);
}

static void csv_close(struct sink *sink)
{
	(void)sink;
}

const struct format csv_format = {.open = csv_open, .row = csv_row, .close = csv_close};
