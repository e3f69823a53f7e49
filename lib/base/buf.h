/* A growing byte buffer, always NUL-terminated once something was added. Zero-initialise; buf_release frees. */
#ifndef DIDCTL_BUF_H
#define DIDCTL_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data;
	size_t len, cap;
};

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_puts(struct buf *buf, const char *s);
void buf_join(struct buf *buf, const char *s, ...) __attribute__((sentinel)); /* texts up to a NULL, where printf is slow */
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
void buf_reset(struct buf *buf);   /* empty, keeps the memory */
void buf_release(struct buf *buf); /* frees the memory */
const char *buf_str(const struct buf *buf); /* never NULL */

#endif
