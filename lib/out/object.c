#include "out/object.h"

#include <string.h>

#include "base/text.h"

/* Behind an opening bracket or a key there is no comma. */
static void begin(struct buf *out, const char *key)
{
	if (out->len && !strchr("{[", out->data[out->len - 1]))
		buf_putc(out, ',');
	if (!key)
		return;
	text_json(out, key, strlen(key));
	buf_putc(out, ':');
}

void object_text(struct buf *out, const char *key, const char *text)
{
	begin(out, key);
	if (text)
		text_json(out, text, strlen(text));
	else
		buf_puts(out, "null");
}

void object_flag(struct buf *out, const char *key, bool flag)
{
	begin(out, key);
	buf_puts(out, flag ? "true" : "false");
}

void object_open(struct buf *out, const char *key, char bracket)
{
	begin(out, key);
	buf_putc(out, bracket);
}

void object_close(struct buf *out, char bracket)
{
	buf_putc(out, bracket);
}
