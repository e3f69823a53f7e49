/* Tab-separated values as mysql --batch writes them: \t \n \r \\ escaped, \N for absent. */
#include "out/format.h"

static void put_escaped(struct buf *out, struct value cell)
{
	static const char letter[256] = {['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r', ['\\'] = '\\'};
	size_t from = 0;

	for (size_t i = 0; i < cell.len; i++) {
		char escape[2] = {'\\', letter[(unsigned char)cell.s[i]]};

		if (!escape[1])
			continue;
		put(out, cell.s + from, i - from);
		put(out, escape, 2);
		from = i + 1;
	}
	put(out, cell.s + from, cell.len - from);
}

static void tsv_open(struct sink *sink)
{
	if (sink->options.no_header)
		return;
	for (size_t i = 0; i < sink->ncolumns; i++) {
		put(&sink->writer.buf, "\t", i > 0);
		put_escaped(&sink->writer.buf, value_str(sink->columns[i]->key));
	}
	put(&sink->writer.buf, "\n", 1);
}

static void tsv_row(struct sink *sink, const struct value *values)
{
	for (size_t i = 0; i < sink->ncolumns; i++) {
		put(&sink->writer.buf, "\t", i > 0);
		if (values[i].s)
			put_escaped(&sink->writer.buf, shown(sink->columns[i], values[i]));
		else
			put(&sink->writer.buf, "\\N", 2);
	}
	put(&sink->writer.buf, "\n", 1);
}

static void tsv_close(struct sink *sink)
{
	(void)sink;
}

const struct format tsv_format = {.open = tsv_open, .row = tsv_row, .close = tsv_close};
