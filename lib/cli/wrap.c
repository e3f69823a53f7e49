#include "cli/wrap.h"

#include <stdbool.h>
#include <string.h>

static void pad(struct buf *out, size_t n)
{
	while (n--)
		buf_putc(out, ' ');
}

/* Lays out one line of the text, len bytes. */
static void wrap_line(struct buf *out, const char *line, size_t len, size_t at, size_t indent)
{
	if (len && *line == ' ') {
		buf_add(out, line, len);
		buf_putc(out, '\n');
		return;
	}
	for (bool is_first = true; len; is_first = false) {
		size_t word = strcspn(line, " \n");

		word = word < len ? word : len;
		if (!is_first && at + 1 + word > WRAP_WIDTH) {
			buf_putc(out, '\n');
			pad(out, indent);
			at = indent;
		} else if (!is_first) {
			buf_putc(out, ' ');
			at++;
		}
		buf_add(out, line, word);
		at += word;
		line += word;
		len -= word;
		for (; len && *line == ' '; line++)
			len--;
	}
	buf_putc(out, '\n');
}

void wrap_text(struct buf *out, const char *text, size_t at, size_t indent)
{
	for (;;) {
		size_t len = strcspn(text, "\n");

		wrap_line(out, text, len, at, indent);
		if (!text[len] || !text[len + 1])
			return;
		text += len + 1;
		if (*text != '\n')
			pad(out, indent);
		at = indent;
	}
}

void wrap_item(struct buf *out, const char *left, const char *text, size_t column)
{
	size_t at = 2 + strlen(left);

	buf_printf(out, "  %s", left);
	if (at + 2 > column) {
		buf_putc(out, '\n');
		at = 0;
	}
	pad(out, column - at);
	wrap_text(out, text, column, column);
}
