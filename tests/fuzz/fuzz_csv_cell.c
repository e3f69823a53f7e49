/* A cell written as csv reads back the same, but for the ' that keeps a spreadsheet from running it. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "out/out.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Reads one cell that ends with end; the text after it, or NULL if there is none. */
static const char *read_cell(struct buf *cell, const char *p, const char *last, const char *end)
{
	bool is_quoted = p < last && *p == '"';

	buf_reset(cell);
	for (p += is_quoted; p < last; p++) {
		if (is_quoted && *p == '"' && (p + 1 == last || *++p != '"'))
			break;
		if (!is_quoted && (size_t)(last - p) >= strlen(end) && memcmp(p, end, strlen(end)) == 0)
			break;
		must(is_quoted || !memchr("\",\r\n", *p, 4));
		buf_putc(cell, *p);
	}
	must((size_t)(last - p) >= strlen(end) && memcmp(p, end, strlen(end)) == 0);
	return p + strlen(end);
}

static void check_same(const struct buf *cell, const char *s, size_t len, bool can_guard)
{
	const char *read = buf_str(cell);
	size_t n = cell->len, i = 0;

	while (i < len && s[i] == ' ')
		i++;
	if (can_guard && i < len && strchr("=+-@\t\r", s[i]) && s[i]) {
		must(n == len + 1 && *read == '\'');
		read++;
		n--;
	}
	must(n == len && memcmp(read, s, n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct column text = {"text", "TEXT", "", COL_TEXT}, id = {"id", "ID", "", COL_ID};
	static const struct column *const columns[] = {&text, &id};
	const struct out_options options = {.format = OUT_CSV, .no_header = true};
	const char *s = size ? (const char *)data : "";
	const struct value values[] = {{s, size}, {s, size}};
	size_t room = 4 * size + 16;
	char *written = malloc(room);
	int fd = memfd_create("csv", MFD_CLOEXEC);
	struct buf cell = {0};
	struct sink *sink;
	const char *rest;
	ssize_t n;

	must(written && fd >= 0);
	must(!sink_open(&sink, fd, &options, columns, 2, NULL));
	must(!sink_row(sink, values, NULL) && !sink_close(sink, NULL));
	n = pread(fd, written, room, 0);
	must(n > 0 && (size_t)n <= 4 * size + 8);
	rest = read_cell(&cell, written, written + n, ",");
	check_same(&cell, s, size, true);
	must(read_cell(&cell, rest, written + n, "\r\n") == written + n);
	check_same(&cell, s, size, false);
	buf_release(&cell);
	free(written);
	close(fd);
	return 0;
}
