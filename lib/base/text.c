#include "base/text.h"

#include <string.h>

#include "base/mem.h"

#define MAX_SHOWN 64

size_t text_decode(const char *s, size_t len, uint32_t *c)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* anything less is overlong */
	const unsigned char *p = (const unsigned char *)s;
	uint32_t value;
	size_t n;

	if (!len)
		return 0;
	if (p[0] < 0x80) {
		*c = p[0];
		return 1;
	}
	n = p[0] >= 0xf8 ? 0 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 0;
	if (!n || n > len)
		return 0;
	value = p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (p[i] & 0x3f);
	}
	if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*c = value;
	return n;
}

bool text_is_utf8(const char *s, size_t len)
{
	uint32_t c;

	for (size_t i = 0, n; i < len; i += n) {
		n = text_decode(s + i, len - i, &c);
		if (!n)
			return false;
	}
	return true;
}

/* What moves, hides or reorders what stands around it on a terminal, and the line itself. */
static bool is_hostile(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} hostile[] = {
		{0x00, 0x1f},	  /* C0 */
		{0x7f, 0x9f},	  /* DEL and C1 */
		{0x200b, 0x200f}, /* zero width, left-to-right and right-to-left mark */
		{0x202a, 0x202e}, /* bidirectional embeddings and overrides */
		{0x2060, 0x2060}, /* word joiner */
		{0x2066, 0x2069}, /* bidirectional isolates */
		{0xfeff, 0xfeff}, /* zero width no-break space */
	};

	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++)
		if (c >= hostile[i].first && c <= hostile[i].last)
			return true;
	return false;
}

/* How many bytes from the start are printable ASCII without backslash and quote: nearly always all. */
static size_t plain_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= ' ' && s[n] <= '~' && s[n] != '\\' && s[n] != '"')
		n++;
	return n;
}

/* Appends the character (n bytes) or broken byte (n == 0) at s; returns the characters of output it took. */
static size_t escape_one(struct buf *out, const char *s, size_t n, uint32_t c)
{
	static const char name[] = "\n\t\\", letter[] = "nt\\";
	const char *known = n == 1 && c ? strchr(name, (int)c) : NULL;
	size_t before = out->len;

	if (known)
		buf_printf(out, "\\%c", letter[known - name]);
	else if (!n || (n == 1 && is_hostile(c)))
		buf_printf(out, "\\x%02X", (unsigned char)*s);
	else if (is_hostile(c))
		buf_printf(out, "\\u{%04X}", (unsigned)c);
	else {
		buf_add(out, s, n);
		return 1;
	}
	return out->len - before;
}

void text_escape(struct buf *out, const char *s, size_t len, size_t max)
{
	size_t left = max ? max : SIZE_MAX;

	while (len) {
		size_t before = out->len, taken = plain_run(s, len < left ? len : left), width = taken;

		if (taken) {
			buf_add(out, s, taken);
		} else {
			uint32_t c = 0;

			taken = text_decode(s, len, &c);
			width = escape_one(out, s, taken, c);
			taken += !taken;
		}
		if (width > left) { /* an escape is never cut in two */
			out->len = before;
			buf_puts(out, "...");
			return;
		}
		left -= width;
		s += taken;
		len -= taken;
	}
}

char *text_show(char out[TEXT_SHOWN], const char *s, size_t len)
{
	struct buf buf = {0};

	text_escape(&buf, s, len, MAX_SHOWN);
	memcpy(out, buf_str(&buf), buf.len + 1);
	buf_release(&buf);
	return out;
}

#define SHELL_PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+./:,@%"

void text_shell(struct buf *out, const char *s)
{
	if (*s && !s[strspn(s, SHELL_PLAIN)]) {
		buf_puts(out, s);
		return;
	}
	buf_putc(out, '\'');
	for (;; s++) {
		size_t len = strcspn(s, "'");

		buf_add(out, s, len);
		s += len;
		if (!*s)
			break;
		buf_puts(out, "'\"'\"'");
	}
	buf_putc(out, '\'');
}

bool text_is_blank(const char *s)
{
	return s[strspn(s, " \t\n\v\f\r")] == '\0';
}

static void json_one(struct buf *out, const char *s, size_t n, uint32_t c)
{
	static const char name[] = "\n\t\r\b\f\"\\", letter[] = "ntrbf\"\\";
	const char *known = n == 1 && c ? strchr(name, (int)c) : NULL;

	if (!n)
		buf_puts(out, "\xef\xbf\xbd"); /* U+FFFD */
	else if (known)
		buf_printf(out, "\\%c", letter[known - name]);
	else if (is_hostile(c))
		buf_printf(out, "\\u%04x", (unsigned)c);
	else
		buf_add(out, s, n);
}

void text_json(struct buf *out, const char *s, size_t len)
{
	buf_putc(out, '"');
	while (len) {
		size_t taken = plain_run(s, len);

		if (taken) {
			buf_add(out, s, taken);
		} else {
			uint32_t c = 0;

			taken = text_decode(s, len, &c);
			json_one(out, s, taken, c);
			taken += !taken;
		}
		s += taken;
		len -= taken;
	}
	buf_putc(out, '"');
}

/* The production Char of XML 1.0; surrogates do not come out of text_decode. */
static bool is_xml(uint32_t c)
{
	return c >= 0x20 ? c != 0xfffe && c != 0xffff : c == '\t' || c == '\n' || c == '\r';
}

static void xml_one(struct buf *out, const char *s, size_t n, uint32_t c)
{
	static const char name[] = "&<>\"'";
	static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
	const char *known = n == 1 && c ? strchr(name, (int)c) : NULL;

	if (!n || !is_xml(c))
		buf_puts(out, "\xef\xbf\xbd"); /* U+FFFD */
	else if (known)
		buf_puts(out, entities[known - name]);
	else if (is_hostile(c))
		buf_printf(out, "&#x%X;", (unsigned)c);
	else
		buf_add(out, s, n);
}

void text_xml(struct buf *out, const char *s, size_t len)
{
	while (len) {
		uint32_t c = 0;
		size_t n = text_decode(s, len, &c), taken = n ? n : 1;

		xml_one(out, s, n, c);
		s += taken;
		len -= taken;
	}
}
