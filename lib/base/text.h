/* Text that came from outside: checked, and escaped before a person's terminal sees it. */
#ifndef DIDCTL_TEXT_H
#define DIDCTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

/*
 * Appends s for a terminal: C0 and C1 controls, DEL, bidirectional controls (U+200E, 200F, 202A-202E, 2066-2069),
 * zero-width characters (U+200B-200D, 2060, FEFF) and broken UTF-8 become \n \t \\ \xHH or \u{HHHH}. max > 0 cuts
 * after so many characters of output and adds "...".
 */
void text_escape(struct buf *out, const char *s, size_t len, size_t max);

/* The same for a message: escaped and cut to 64 characters into a caller's array of TEXT_SHOWN bytes; returns it. */
#define TEXT_SHOWN 320
char *text_show(char out[TEXT_SHOWN], const char *s, size_t len);

/*
 * Appends s as one word of a POSIX shell's command line. Never with a backslash: a table would show that as two, and
 * what is copied from it would end the word.
 */
void text_shell(struct buf *out, const char *s);

bool text_is_utf8(const char *s, size_t len);  /* well-formed: no overlong forms, no surrogates, no more than U+10FFFF */
size_t text_columns(const char *s, size_t len); /* how many terminal columns an escaped text takes */
size_t text_width(uint32_t c);			 /* of one character: 0, 1 or 2; in any locale the same */

/* Reads the character at s; returns its 1 to 4 bytes, or 0 (*c untouched) for broken UTF-8 and for len 0. */
size_t text_decode(const char *s, size_t len, uint32_t *c);

bool text_is_blank(const char *s);		/* empty or white space only */

/* Of ASCII, and not toupper: a Turkish locale has another capital letter for i. */
static inline char text_capital(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* The same text, or none of both. */
static inline bool text_is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/*
 * Appends s as a JSON string with its quotes, in well-formed UTF-8. Broken UTF-8 becomes U+FFFD; what text_escape
 * hides becomes \uXXXX: a JSON reader gets the same text, and a terminal is safe from it.
 */
void text_json(struct buf *out, const char *s, size_t len);

/*
 * Appends s as the text of an XML 1.0 element or attribute, in well-formed UTF-8. What text_escape hides becomes a
 * character reference; what XML has no way to say (broken UTF-8, most of C0, U+FFFE, U+FFFF) becomes U+FFFD.
 */
void text_xml(struct buf *out, const char *s, size_t len);

#endif
