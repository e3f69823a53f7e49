#include "cmd/message.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "cmd/options.h"

/*
 * A message may quote what came from outside, escaped already or not: controls are escaped here, and
 * backslashes stay as they are, so that nothing is escaped twice.
 */
static void add_safe(struct buf *out, const char *text)
{
	for (;;) {
		size_t len = strcspn(text, "\\");

		text_escape(out, text, len, 0);
		if (!text[len])
			return;
		buf_putc(out, '\\');
		text += len + 1;
	}
}

/* One write for the whole line, so that lines of several processes do not mix. */
static void print_line(const char *prefix, const char *text)
{
	struct buf line = {0};

	buf_puts(&line, prefix);
	add_safe(&line, text);
	buf_putc(&line, '\n');
	fflush(stdout);
	(void)!write(STDERR_FILENO, line.data, line.len);
	buf_release(&line);
}

static void print_message(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

static void print_message(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	print_line("didctl: ", text);
	free(text);
}

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_message(fmt, ap);
	va_end(ap);
}

void note(const struct context *ctx, const char *fmt, ...)
{
	va_list ap;

	if (ctx->global.quiet)
		return;
	va_start(ap, fmt);
	print_message(fmt, ap);
	va_end(ap);
}

void verbose(const struct context *ctx, const char *fmt, ...)
{
	va_list ap;

	if (!ctx->global.verbose)
		return;
	va_start(ap, fmt);
	print_message(fmt, ap);
	va_end(ap);
}

void say_error(const struct err *err)
{
	if (err->text[0])
		print_line("didctl: ", err->text);
	if (err->text[0] && err->hint[0])
		print_line("hint: ", err->hint);
}

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

bool want_colour(const struct context *ctx, int fd)
{
	if (ctx->global.color != COLOR_AUTO)
		return ctx->global.color == COLOR_ALWAYS;
	return isatty(fd) && !is_set("NO_COLOR") && is_set("TERM") && strcmp(getenv("TERM"), "dumb") != 0;
}

int terminal_width(int fd)
{
	struct winsize size;

	return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
