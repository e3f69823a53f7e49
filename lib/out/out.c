#include "out/out.h"

#include <stdlib.h>

#include "base/mem.h"
#include "out/format.h"

#define STANDARD_OUTPUT "standard output"

static const struct format *const formats[] = {
	[OUT_TABLE] = &table_format, [OUT_TSV] = &tsv_format,	    [OUT_CSV] = &csv_format,
	[OUT_JSON] = &json_format,   [OUT_NDJSON] = &ndjson_format,
};

const char *const out_format_names[] = {
	[OUT_TABLE] = "table", [OUT_TSV] = "tsv",	[OUT_CSV] = "csv",
	[OUT_JSON] = "json",   [OUT_NDJSON] = "ndjson", [OUT_NDJSON + 1] = NULL,
};

static int check(const struct sink *sink, struct err *err)
{
	return writer_check(&sink->writer, STANDARD_OUTPUT, err);
}

int sink_open(struct sink **out, int fd, const struct out_options *options,
	      const struct column *const *columns, size_t ncolumns, struct err *err)
{
	struct sink *sink = xcalloc(1, sizeof(*sink));

	sink->format = formats[options->format];
	sink->options = *options;
	sink->columns = columns;
	sink->ncolumns = ncolumns;
	writer_init(&sink->writer, fd);
	sink->format->open(sink);
	*out = sink;
	return check(sink, err);
}

int sink_row(struct sink *sink, const struct value *values, struct err *err)
{
	sink->format->row(sink, values);
	writer_spill(&sink->writer);
	return check(sink, err);
}

int sink_close(struct sink *sink, struct err *err)
{
	int rc;

	if (!sink)
		return 0;
	sink->format->close(sink);
	rc = writer_finish(&sink->writer, STANDARD_OUTPUT, err);
	free(sink);
	return rc;
}
