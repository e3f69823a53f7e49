/* What the escapers write is safe to show, well-formed, and JSON; text_is_utf8 against another decoder. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Table 3-7 of the Unicode standard, row by row; returns the bytes of the sequence at s or 0. */
static size_t sequence(const uint8_t *s, size_t len)
{
	static const struct {
		uint8_t lead[2], second[2];
		size_t n;
	} rows[] = {
		{{0x00, 0x7f}, {0x00, 0x00}, 1}, {{0xc2, 0xdf}, {0x80, 0xbf}, 2},
		{{0xe0, 0xe0}, {0xa0, 0xbf}, 3}, {{0xe1, 0xec}, {0x80, 0xbf}, 3},
		{{0xed, 0xed}, {0x80, 0x9f}, 3}, {{0xee, 0xef}, {0x80, 0xbf}, 3},
		{{0xf0, 0xf0}, {0x90, 0xbf}, 4}, {{0xf1, 0xf3}, {0x80, 0xbf}, 4},
		{{0xf4, 0xf4}, {0x80, 0x8f}, 4},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = rows[i].n;

		if (s[0] < rows[i].lead[0] || s[0] > rows[i].lead[1])
			continue;
		if (n > len || (n > 1 && (s[1] < rows[i].second[0] || s[1] > rows[i].second[1])))
			return 0;
		for (size_t k = 2; k < n; k++)
			if (s[k] < 0x80 || s[k] > 0xbf)
				return 0;
		return n;
	}
	return 0;
}

static bool is_utf8(const uint8_t *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = sequence(s + i, len - i);
		if (!n)
			return false;
	}
	return true;
}

static bool contains(const char *text, size_t len, const char *what)
{
	return memmem(text, len, what, strlen(what)) != NULL;
}

static void check_shown(const char *text, size_t len)
{
	static const char *const hidden[] = {
		"\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c",
		"\u202d", "\u202e", "\u2060", "\u2066", "\u2067", "\u2068", "\u2069", "\ufeff",
	};

	must(is_utf8((const uint8_t *)text, len));
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		must(c >= 0x20 && c != 0x7f);
		must(c != 0xc2 || (unsigned char)text[i + 1] >= 0xa0); /* C1 */
	}
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		must(!contains(text, len, hidden[i]));
}

/* Whether a JSON string fills the text (RFC 8259, 7). */
static bool is_json_string(const char *s, size_t len)
{
	size_t i = 1;

	if (len < 2 || s[0] != '"')
		return false;
	while (i < len && s[i] != '"') {
		if ((unsigned char)s[i] < 0x20)
			return false;
		if (s[i++] != '\\')
			continue;
		if (s[i] == 'u' && strspn(s + i + 1, "0123456789abcdef") >= 4)
			i += 5;
		else if (s[i] && strchr("\"\\/bfnrt", s[i]))
			i++;
		else
			return false;
	}
	return i + 1 == len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	char show[TEXT_SHOWN];
	struct buf out = {0};

	must(text_is_utf8(s, size) == is_utf8(data, size));
	text_escape(&out, s, size, 0);
	check_shown(buf_str(&out), out.len);
	must(text_columns(buf_str(&out), out.len) <= 2 * out.len);

	text_show(show, s, size);
	must(strlen(show) < sizeof(show));
	check_shown(show, strlen(show));

	buf_reset(&out);
	text_json(&out, s, size);
	check_shown(buf_str(&out), out.len);
	must(is_json_string(buf_str(&out), out.len));
	buf_release(&out);
	return 0;
}
