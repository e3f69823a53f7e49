/*
 * From text to the digits of a key: what numbers, ranges and patterns have in common. Private to lib/number.
 */
#ifndef DIDCTL_READ_H
#define DIDCTL_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "number/country.h"

#define READ_MAX (NUMBER_MAX_DIGITS + 3) /* 011 and the longest E.164 number */
#define READ_ANY 'X'

/* A text taken apart, before any country's rules. */
struct reading {
	char digit[READ_MAX]; /* '0' to '9', in a pattern also READ_ANY */
	size_t n;	      /* how many the text has, which may be more than fit */
	bool plus;
	bool tel;	/* a tel: URI (RFC 3966) */
	bool separated; /* has . ( ) or a space inside */
	bool spaced;	/* a space beside a '-' */
	unsigned hyphens;
};

/* The digits of a key; READ_ANY among them in a pattern. Short numbers have fewer than NUMBER_MIN_DIGITS. */
struct key {
	char digit[NUMBER_MAX_DIGITS];
	size_t n;
};

/* Drops spaces at both ends, so that text and len are what counts. */
void read_trim(const char **text, size_t *len);

bool read_is_tel(const char *text, size_t len);

/* Takes a text apart. With letters, X is any digit and the others are the keypad's. */
enum fault read_text(struct reading *r, const char *text, size_t len, bool letters);

/*
 * Applies the plan's rules (NULL: no country is set) to get the key's digits; they are not checked against
 * any plan.
 */
enum fault read_key(struct key *key, const struct reading *r, const struct numbering_plan *plan);

/* The value of a key that has no READ_ANY, after plan_check. */
enum fault read_number(struct number *out, const struct key *key);

/* Fills err for a text that is no number (noun: "telephone number" or the like); r as far as it was read. */
int read_report(struct err *err, enum fault fault, const char *noun, const char *text, size_t len,
		const struct reading *r, const struct country *country);

#endif
