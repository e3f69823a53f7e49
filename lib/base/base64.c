#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *out, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	for (size_t left = len; left; at += left < 3 ? left : 3, left -= left < 3 ? left : 3) {
		uint32_t group = (uint32_t)at[0] << 16 | (left > 1 ? (uint32_t)at[1] << 8 : 0) | (left > 2 ? at[2] : 0);
		char text[4] = {digits[group >> 18], digits[group >> 12 & 63], '=', '='};

		if (left > 1)
			text[2] = digits[group >> 6 & 63];
		if (left > 2)
			text[3] = digits[group & 63];
		buf_add(out, text, sizeof(text));
	}
}

static int value_of(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Four characters, the last two of which may be padding at the end. */
static bool decode_group(struct buf *out, const char *text, bool is_last)
{
	size_t n = !is_last || text[3] != '=' ? 3 : text[2] != '=' ? 2 : 1;
	uint32_t group = 0;
	char bytes[3];

	for (size_t i = 0; i < 4; i++) {
		int value = i <= n ? value_of(text[i]) : 0;

		if (value < 0)
			return false;
		group = group << 6 | (uint32_t)value;
	}
	if (group & ((1u << 8 * (3 - n)) - 1))
		return false;
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(group >> (16 - 8 * i));
	buf_add(out, bytes, n);
	return true;
}

bool base64_decode(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i + 4 <= len; i += 4)
		if (!decode_group(out, text + i, i + 4 == len))
			return false;
	return len % 4 == 0;
}
