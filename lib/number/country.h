/* Numbering plans as data: how a country writes its own numbers. Private to lib/number. */
#ifndef DIDCTL_COUNTRY_H
#define DIDCTL_COUNTRY_H

#include <stddef.h>
#include <stdint.h>

#include "number/number.h"

/* Why a text is no number; read_fault_text has the words. */
enum fault {
	FAULT_NONE,
	FAULT_EMPTY,
	FAULT_BYTE,
	FAULT_EXPONENT,
	FAULT_HEX,
	FAULT_DECIMAL,
	FAULT_PLUS,
	FAULT_NO_DIGITS,
	FAULT_SEPARATOR,
	FAULT_PARENTHESIS,
	FAULT_TRUNK_ZERO,
	FAULT_PARAMETER,
	FAULT_RANGE,
	FAULT_SPACED_HYPHEN,
	FAULT_SHORT,
	FAULT_LONG,
	FAULT_CODE_ZERO,
	FAULT_LENGTH,
	FAULT_NATIONAL_ZERO,
	FAULT_NPA,
	FAULT_EXCHANGE,
	FAULT_N11,
	FAULT_NO_RULE,
	FAULT_NO_COUNTRY,
	FAULTS
};

struct numbering_plan {
	const char *countries;	   /* for messages: "US or CA" */
	const char *calling_code;  /* "" for the open plan */
	const char *international; /* dialled in front of a calling code */
	uint8_t width;		   /* digits of a national significant number; 0: there is no national form */
	/* What may stand in front of those digits in place of the calling code, in the order of look-ups; NULL ends it. */
	const char *forms[3];
	const char *reads; /* for messages: the forms in words */
	enum fault (*check)(const char *national); /* of width digits */
};

struct country {
	const char *code; /* ISO 3166 */
	const struct numbering_plan *plan;
};

extern const struct numbering_plan plan_open; /* '+' or 00 only: of ZZ, and where no country is set */

/* Every plan that has national numbers; NULL past the last. */
const struct numbering_plan *plan_at(size_t i);

/* The plan whose calling code these E.164 digits start with; NULL if the table has none. */
const struct numbering_plan *plan_of(const char *digits, size_t n);

/*
 * What stands in front of the national digits if n bare digits have a form of the plan (its calling code
 * included): NULL if they have none. A national number starts with no 0, else "0" and "00" could not be told
 * apart.
 */
const char *plan_form(const struct numbering_plan *plan, const char *digits, size_t n);

/*
 * Whether E.164 digits can be a number: calling code, and length and national digits where the plan is
 * known.
 */
enum fault plan_check(const char *digits, size_t n);

#endif
