/*
 * A PDF of text and rules, as small as a form needs: US letter pages, the fonts that every reader has (Helvetica-Bold and
 * Courier), WinAnsi characters (ISO 32000-1, 9.6.2.2 and annex D). The same text gives the same bytes.
 */
#ifndef DIDCTL_PDF_H
#define DIDCTL_PDF_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/mem.h"

enum pdf_font { PDF_BOLD, PDF_MONO };

#define PDF_WIDTH  612 /* points, of 1/72 inch */
#define PDF_HEIGHT 792
#define PDF_MARGIN 54

struct pdf {
	struct buf *pages; /* contents */
	size_t n, cap;
	double y; /* where the next line stands, from the bottom of the page */
};

/* Whether a UTF-8 text can be written. If not, *bad gets its first character that cannot. */
bool pdf_can_write(const char *text, char bad[8]);

/* Moves down by so many points, to a new page where less than that is left. */
void pdf_down(struct pdf *pdf, double points);

/* Writes UTF-8 text at x on the current line. What pdf_can_write refuses must not come here. */
void pdf_text(struct pdf *pdf, enum pdf_font font, double size, double x, const char *text);

/*
 * Writes text in Courier from x on, in as many lines as it takes, each `leading` below the one before: broken at blanks,
 * or in a word that is longer than a line. Line feeds begin a new line.
 */
void pdf_wrapped(struct pdf *pdf, double size, double x, double leading, const char *text);

void pdf_rule(struct pdf *pdf, double x, double width); /* a line to write on */

/* Puts the file together. title: for the reader's window. */
void pdf_finish(const struct pdf *pdf, const char *title, struct buf *out);
void pdf_release(struct pdf *pdf);

#endif
