/*
 * Number patterns: "877-555-XXXX", "8XX-OUR-FOOD", "91806597800X". X is any digit; other letters are the keypad's
 * (ITU-T E.161: ABC 2, DEF 3, GHI 4, JKL 5, MNO 6, PQRS 7, TUV 8, WXYZ 9); separators - . ( ) and spaces are dropped.
 */
#ifndef DIDCTL_PATTERN_H
#define DIDCTL_PATTERN_H

#include "number/number.h"

#define PATTERN_ANY 10

struct pattern {
	uint8_t digit[NUMBER_MAX_DIGITS]; /* 0 to 9, or PATTERN_ANY; aligned with the key's digits */
	uint8_t width;			  /* as many as the key has */
	bool toll_free_only;		  /* written 8XX...: only toll-free codes match */
};

/* Whether an operand is a pattern rather than a number or a range: it has a letter and is no tel: URI and no id:. */
bool pattern_looks_like(const char *text);

/* Reads a pattern. National forms get the country's code in front, as numbers do. ERR_USAGE for bad text. */
int pattern_parse(struct pattern *out, const char *text, const struct country *country, struct err *err);

bool pattern_match(const struct pattern *pattern, struct number n);

/* The keypad digit of a letter in either case, '0' to '9' unchanged, 0 for any other byte. With vanity X is 9. */
char keypad_digit(char c);

#endif
