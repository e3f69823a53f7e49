#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void buf_reserve(struct buf *buf, size_t more)
{
	size_t need = buf->len + more + 1;

	if (need <= buf->cap)
		return;
	buf->cap = buf->cap * 2 > need ? buf->cap * 2 : need;
	buf->data = xrealloc(buf->data, buf->cap, 1);
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	buf_reserve(buf, len);
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_puts(struct buf *buf, const char *s)
{
	buf_add(buf, s, strlen(s));
}

void buf_join(struct buf *buf, const char *s, ...)
{
	va_list ap;

	va_start(ap, s);
	for (; s; s = va_arg(ap, const char *))
		buf_puts(buf, s);
	va_end(ap);
}

void buf_putc(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_vprintf(struct buf *buf, const char *fmt, va_list ap)
{
	va_list again;
	size_t room;
	int n;

	buf_reserve(buf, 0);
	room = buf->cap - buf->len;
	va_copy(again, ap);
	n = vsnprintf(buf->data + buf->len, room, fmt, ap);
	if ((size_t)n >= room) {
		buf_reserve(buf, (size_t)n);
		vsnprintf(buf->data + buf->len, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	buf->len += (size_t)n;
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(buf, fmt, ap);
	va_end(ap);
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

void buf_release(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}

const char *buf_str(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}
