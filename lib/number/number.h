/* Telephone numbers: parse, compare, spell. The key of a number is its digits as in ITU-T E.164, no '+'. */
#ifndef DIDCTL_NUMBER_H
#define DIDCTL_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define NUMBER_MIN_SHORT 3   /* digits of the shortest legal number, such as 111 */
#define NUMBER_MAX_SHORT 6   /* up to here a number is kept as it is, in every country */
#define NUMBER_MIN_DIGITS 7  /* of an international number, without '+' */
#define NUMBER_MAX_DIGITS 15 /* E.164 */
#define NUMBER_TEXT 24	     /* room for any spelling and its NUL: did_numbers.number holds 20 */

/*
 * The digits as a value, and how many there are: leading zeros count ("007" is {7, 3}). Ordered by width,
 * then value.
 */
struct number {
	uint64_t value;
	uint8_t width;
};

/*
 * Dialling rules of one country. The row "ZZ" has no national form: there every number needs '+' or the
 * international prefix. A country that is not known at all is a NULL pointer: national numbers are then
 * refused with the candidates.
 */
struct country;

/* The country for an ISO 3166 code ("IN", "US", "CA", or "ZZ": no national rules); NULL if there is none. */
const struct country *country_find(const char *code);
const char *country_code(const struct country *country); /* "IN"; "" for NULL */
const char *country_list(void);				 /* "IN, US, CA, ZZ", for messages */

/*
 * Reads one number of len bytes in any spelling that the country allows: digits, '+', the international
 * prefix, a tel: URI (RFC 3966, without parameters), with visual separators - . ( ) and spaces. A lone '-'
 * makes a range, which is refused. Everything else is ERR_USAGE with a message that shows the input escaped
 * and cut to 64 characters. With no country set only '+' and short numbers are read; the message lists what
 * the text would be in each country.
 */
int number_parse(struct number *out, const char *text, size_t len, const struct country *country,
		 struct err *err);

/*
 * Reads a number as some program stored it: as number_parse, but quiet; a '-' is never a range here; and
 * plain digits that no rule of the country reads (all of them where none is known) are taken as E.164 digits.
 * What number_parse reads is read as the same number. Fast for E.164 digits of the country. False if it
 * cannot be read.
 */
bool number_parse_stored(struct number *out, const char *text, size_t len, const struct country *country);

int number_cmp(struct number a, struct number b);
bool number_eq(struct number a, struct number b);
struct number number_add(struct number n, uint64_t offset); /* the caller keeps it within the width */
uint64_t number_max_value(unsigned width);		    /* 10^width - 1 */

/* Writes the key's digits and a NUL; returns the length. */
size_t number_format(struct number n, char out[NUMBER_TEXT]);

/*
 * Spellings: the finite list under which a number is looked up. Number 0 is what a new row is stored under:
 * the E.164 digits. Then comes '+' and the digits, then the country's own (IN: 0N, N, 091N, 0091N; NANP: N,
 * 011 and the digits; ZZ, none, and numbers of another country: the international prefix and the digits). A
 * spelling is a text put in front of the key's last digits, so that an interval of keys is one interval of
 * stored strings of one length.
 *
 * Every spelling is read back as its own number by number_parse_stored, and no two numbers share one. Hence
 * one exception: digits of another country that are a national form here (in IN and NANP: any ten, such as
 * 6580659780 of Singapore) are read as national, so the list of such a number starts with '+' and the digits.
 */
#define NUMBER_SPELLINGS_MAX 8
/* How many; 1 for a short number. */
unsigned number_spellings(struct number n, const struct country *country);
/*
 * Writes spelling k and a NUL; returns the length. A k that the list does not have, kept by a change when the inventory had
 * another country, is written as the digits.
 */
size_t number_spell(struct number n, const struct country *country, unsigned k, char out[NUMBER_TEXT]);

/* Which spelling of n the stored text is, looked for from guess on; SPELLING_LITERAL if it is none in the list. */
#define SPELLING_LITERAL 255
uint8_t number_spelling(struct number n, const struct country *country, const char *stored, uint8_t guess);

/*
 * National significant number as people of the country write it (IN: 8065978002; NANP: 8775551234); the E.164
 * digits for a number of another country; returns the length.
 */
size_t number_national(struct number n, const struct country *country, char out[NUMBER_TEXT]);

bool number_is_nanp(struct number n);	   /* 11 digits, country code 1 */
bool number_is_toll_free(struct number n); /* NANP 800 833 844 855 866 877 888 */
/* NPA (area code) and NXX of a NANP number as three digits; false for any other. */
bool number_area_code(struct number n, char out[4]);
bool number_nxx(struct number n, char out[4]);
/* False for a NANP number whose area code nobody has been given, as far as this program knows: new ones come every year. */
bool number_area_is_known(struct number n);

#endif
