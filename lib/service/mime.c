#include "service/mime.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define LINE_MAX_LEN 76 /* of quoted-printable and of encoded words, without CR LF */
#define WORD_BEGIN   "=?UTF-8?Q?"
#define WORD_END     "?="

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* "Sat, 21 Nov 2026 10:00:00 +0000" of an RFC 3339 time. */
static void add_date(struct buf *out, const char *created)
{
	static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char text[CLOCK_TEXT];
	int64_t ms = 0;

	clock_parse(&ms, created, NULL);
	clock_format(ms, text);
	buf_printf(out, "Date: %.3s, %.2s %.3s %.4s %.8s +0000\r\n", days + ms / 86400000 % 7 * 3, text + 8,
		   months + (strtol(text + 5, NULL, 10) - 1) * 3, text, text + 11);
}

static bool is_plain(const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++)
		if (s[i] < ' ' || s[i] > '~')
			return false;
	return len <= LINE_MAX_LEN - strlen("Subject: ") && !strstr(s, "=?") && (!len || s[len - 1] != ' ');
}

/* The character at *s, as it may stand in a subject; moves on. Returns its bytes. */
static size_t next_character(const char **s, const char **out)
{
	uint32_t c = 0;
	size_t len = text_decode(*s, strlen(*s), &c);

	*out = len ? *s : replacement;
	*s += len ? len : 1;
	if (!len)
		return strlen(replacement);
	if (c < ' ' || (c >= 0x7f && c < 0xa0))
		*out = " ", len = 1;
	return len;
}

/* RFC 2047, 4.2 and 5: what may stand in an encoded word as it is, everywhere in a header. */
static bool is_word_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Words of whole characters, each on a line of its own. */
static void add_encoded(struct buf *out, const char *s)
{
	size_t room = 0;
	const char *from;

	while (*s) {
		size_t len = next_character(&s, &from), width = len == 1 && is_word_character(*from) ? 1 : 3 * len;

		if (width > room) {
			buf_puts(out, room ? WORD_END "\r\n " WORD_BEGIN : WORD_BEGIN);
			room = LINE_MAX_LEN - strlen("Subject: " WORD_BEGIN WORD_END);
		}
		for (size_t i = 0; i < len; i++)
			if (len == 1 && is_word_character(from[i]))
				buf_putc(out, from[i]);
			else
				buf_printf(out, "=%02X", (unsigned char)from[i]);
		room -= width;
	}
	buf_puts(out, WORD_END);
}

static void add_subject(struct buf *out, const char *subject)
{
	buf_puts(out, "Subject: ");
	if (is_plain(subject))
		buf_puts(out, subject);
	else
		add_encoded(out, subject);
	buf_puts(out, "\r\n");
}

/* One line of the text, broken softly where it is long; a blank at its end would be lost on the way. */
static void add_line(struct buf *out, const char *s, size_t len)
{
	size_t column = 0;

	for (size_t i = 0; i < len; i++) {
		bool is_blank = s[i] == ' ' || s[i] == '\t';
		bool is_itself = is_blank ? i + 1 < len : s[i] > ' ' && s[i] <= '~' && s[i] != '=';
		size_t width = is_itself ? 1 : 3;

		if (column + width > LINE_MAX_LEN - 1) {
			buf_puts(out, "=\r\n");
			column = 0;
		}
		if (is_itself)
			buf_putc(out, s[i]);
		else
			buf_printf(out, "=%02X", (unsigned char)s[i]);
		column += width;
	}
	buf_puts(out, "\r\n");
}

static void add_text(struct buf *out, const char *s)
{
	while (*s) {
		size_t len = strcspn(s, "\n");

		add_line(out, s, len && s[len] && s[len - 1] == '\r' ? len - 1 : len);
		s += len + (s[len] == '\n');
	}
}

void mime_render(struct buf *out, const struct outgoing *message, const char *from)
{
	add_date(out, message->created);
	buf_printf(out, "From: <%s>\r\nTo: <%s>\r\n", from, message->message.recipient);
	add_subject(out, message->message.subject);
	buf_printf(out, "Message-ID: <%s.%s%s>\r\n", message->id, message->change_id, strrchr(from, '@'));
	buf_puts(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
		      "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	add_text(out, message->message.body);
}
