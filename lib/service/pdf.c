#include "service/pdf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define COURIER_WIDTH 0.6 /* of a character, in its size */

/* WinAnsi's 0x80 to 0x9f; the rest of it is Latin-1. */
static const uint16_t win_ansi[32] = {
	0x20ac, 0,	0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
	0,	0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e,
	0x0178,
};

/* The byte of a character, or 0. */
static unsigned char encode(uint32_t c)
{
	if (c == '\n' || (c >= 0x20 && c < 0x7f) || (c >= 0xa0 && c <= 0xff))
		return (unsigned char)c;
	for (size_t i = 0; c >= 0x80 && i < ARRAY_SIZE(win_ansi); i++)
		if (win_ansi[i] == c)
			return (unsigned char)(0x80 + i);
	return 0;
}

bool pdf_can_write(const char *text, char bad[8])
{
	for (size_t left = strlen(text); left > 0;) {
		uint32_t c = 0;
		size_t len = text_decode(text, left, &c);

		if (!len || !encode(c)) {
			len = len ? len : 1;
			memcpy(bad, text, len);
			bad[len] = '\0';
			return false;
		}
		text += len;
		left -= len;
	}
	return true;
}

static struct buf *page(struct pdf *pdf)
{
	if (!pdf->n)
		pdf_down(pdf, 0);
	return &pdf->pages[pdf->n - 1];
}

void pdf_down(struct pdf *pdf, double points)
{
	pdf->y -= points;
	if (pdf->n && pdf->y >= PDF_MARGIN)
		return;
	GROW(pdf->pages, pdf->n, pdf->cap);
	pdf->pages[pdf->n++] = (struct buf){0};
	pdf->y = PDF_HEIGHT - PDF_MARGIN;
}

/* A literal string; bytes outside ASCII as octal, so that the file is a text. */
static void put_string(struct buf *out, const unsigned char *bytes, size_t len)
{
	buf_putc(out, '(');
	for (size_t i = 0; i < len; i++) {
		if (strchr("()\\", bytes[i]))
			buf_putc(out, '\\');
		if (bytes[i] < 0x80)
			buf_putc(out, (char)bytes[i]);
		else
			buf_printf(out, "\\%03o", bytes[i]);
	}
	buf_putc(out, ')');
}

/* Hundredths of a point: printf of a double would ask the locale for its decimal sign. */
static void put_number(struct buf *out, double value)
{
	long hundredths = (long)(value * 100 + 0.5);

	buf_printf(out, "%ld.%02ld ", hundredths / 100, hundredths % 100);
}

static void put_line(struct pdf *pdf, enum pdf_font font, double size, double x, const unsigned char *bytes, size_t len)
{
	struct buf *out = page(pdf);

	buf_printf(out, "BT /F%d ", font + 1);
	put_number(out, size);
	buf_puts(out, "Tf ");
	put_number(out, x);
	put_number(out, pdf->y);
	buf_puts(out, "Td ");
	put_string(out, bytes, len);
	buf_puts(out, " Tj ET\n");
}

static unsigned char *encode_text(const char *text, size_t *len)
{
	size_t left = strlen(text);
	unsigned char *out = xcalloc(left + 1, 1);

	*len = 0;
	while (left > 0) {
		uint32_t c = 0;
		size_t n = text_decode(text, left, &c);
		unsigned char byte = n ? encode(c) : 0;

		out[(*len)++] = byte ? byte : '?';
		n = n ? n : 1;
		text += n;
		left -= n;
	}
	return out;
}

void pdf_text(struct pdf *pdf, enum pdf_font font, double size, double x, const char *text)
{
	size_t len;
	unsigned char *bytes = encode_text(text, &len);

	put_line(pdf, font, size, x, bytes, len);
	free(bytes);
}

/* How much of the text goes into a line of so many characters. */
static size_t fit(const unsigned char *bytes, size_t len, size_t room)
{
	const unsigned char *end = memchr(bytes, '\n', len);
	size_t whole = end ? (size_t)(end - bytes) : len;

	if (whole <= room)
		return whole;
	for (size_t n = room; n > 0; n--)
		if (bytes[n] == ' ')
			return n;
	return room;
}

void pdf_wrapped(struct pdf *pdf, double size, double x, double leading, const char *text)
{
	size_t room = (size_t)((PDF_WIDTH - PDF_MARGIN - x) / (size * COURIER_WIDTH));
	size_t left;
	unsigned char *bytes = encode_text(text, &left), *at = bytes;

	for (bool is_first = true; left > 0; is_first = false) {
		size_t n = fit(at, left, room);

		if (!is_first)
			pdf_down(pdf, leading);
		put_line(pdf, PDF_MONO, size, x, at, n);
		n += n < left && (at[n] == ' ' || at[n] == '\n');
		at += n;
		left -= n;
	}
	free(bytes);
}

void pdf_rule(struct pdf *pdf, double x, double width)
{
	struct buf *out = page(pdf);

	buf_puts(out, "0.5 w ");
	put_number(out, x);
	put_number(out, pdf->y);
	buf_puts(out, "m ");
	put_number(out, x + width);
	put_number(out, pdf->y);
	buf_puts(out, "l S\n");
}

/* ---- the file: objects 1 to 5 are catalogue, page tree, two fonts, information; then a page and its contents each */

#define FIRST_PAGE 6

struct writer {
	struct buf *out;
	size_t *offsets;
	size_t n;
};

static void begin(struct writer *w)
{
	w->offsets[w->n] = w->out->len;
	buf_printf(w->out, "%zu 0 obj\n", ++w->n);
}

static void put_fixed(struct writer *w, const struct pdf *pdf, const char *title)
{
	static const char *const fonts[] = {[PDF_BOLD] = "Helvetica-Bold", [PDF_MONO] = "Courier"};
	size_t len;
	unsigned char *bytes = encode_text(title, &len);

	begin(w);
	buf_puts(w->out, "<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
	begin(w);
	buf_puts(w->out, "<< /Type /Pages /Kids [");
	for (size_t i = 0; i < pdf->n; i++)
		buf_printf(w->out, " %zu 0 R", FIRST_PAGE + 2 * i);
	buf_printf(w->out, " ] /Count %zu >>\nendobj\n", pdf->n);
	for (size_t i = 0; i < ARRAY_SIZE(fonts); i++) {
		begin(w);
		buf_printf(w->out, "<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>\nendobj\n",
			   fonts[i]);
	}
	begin(w);
	buf_puts(w->out, "<< /Producer (didctl) /Title ");
	put_string(w->out, bytes, len);
	buf_puts(w->out, " >>\nendobj\n");
	free(bytes);
}

static void put_pages(struct writer *w, const struct pdf *pdf)
{
	for (size_t i = 0; i < pdf->n; i++) {
		begin(w);
		buf_printf(w->out, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %zu 0 R"
				   " /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>\nendobj\n",
			   PDF_WIDTH, PDF_HEIGHT, FIRST_PAGE + 2 * i + 1);
		begin(w);
		buf_printf(w->out, "<< /Length %zu >>\nstream\n", pdf->pages[i].len);
		buf_add(w->out, pdf->pages[i].data, pdf->pages[i].len);
		buf_puts(w->out, "endstream\nendobj\n");
	}
}

void pdf_finish(const struct pdf *pdf, const char *title, struct buf *out)
{
	struct writer w = {.out = out, .offsets = xcalloc(FIRST_PAGE + 2 * pdf->n, sizeof(*w.offsets))};
	size_t table;

	buf_puts(out, "%PDF-1.4\n");
	put_fixed(&w, pdf, title);
	put_pages(&w, pdf);
	table = out->len;
	buf_printf(out, "xref\n0 %zu\n0000000000 65535 f \n", w.n + 1);
	for (size_t i = 0; i < w.n; i++)
		buf_printf(out, "%010zu 00000 n \n", w.offsets[i]);
	buf_printf(out, "trailer\n<< /Size %zu /Root 1 0 R /Info 5 0 R >>\nstartxref\n%zu\n%%%%EOF\n", w.n + 1, table);
	free(w.offsets);
}

void pdf_release(struct pdf *pdf)
{
	for (size_t i = 0; i < pdf->n; i++)
		buf_release(&pdf->pages[i]);
	free(pdf->pages);
	*pdf = (struct pdf){0};
}
