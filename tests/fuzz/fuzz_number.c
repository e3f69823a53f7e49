/*
 * Any bytes as a number, in every country: what is read is written, spelt and read back as the same number.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "number/number.h"

#define CHECK(condition) ((condition) ? (void)0 : abort())

static const char *const codes[] = {"IN", "US", "CA", "ZZ", ""};

static void check_spellings(struct number n, const struct country *country)
{
	unsigned count = number_spellings(n, country);
	char text[NUMBER_TEXT];
	struct number back;

	CHECK(count >= 1 && count <= NUMBER_SPELLINGS_MAX);
	for (unsigned k = 0; k < count; k++) {
		size_t len = number_spell(n, country, k, text);

		CHECK(len == strlen(text) && len <= 20);
		CHECK(number_parse_stored(&back, text, len, country) && number_eq(back, n));
		CHECK(number_parse(&back, text, len, country, NULL) || number_eq(back, n));
	}
}

static void check_number(struct number n, const struct country *country)
{
	char text[NUMBER_TEXT + 1] = "+", *digits = text + 1;
	size_t len = number_format(n, digits);
	struct number back;

	CHECK(len == n.width && len >= NUMBER_MIN_SHORT && len <= NUMBER_MAX_DIGITS);
	CHECK(strspn(digits, "0123456789") == len && n.value <= number_max_value(n.width));
	if (len <= NUMBER_MAX_SHORT)
		CHECK(!number_parse(&back, digits, len, country, NULL) && number_eq(back, n));
	else
		CHECK(!number_parse(&back, text, len + 1, country, NULL) && number_eq(back, n));
	CHECK(number_national(n, country, text) <= len);
	check_spellings(n, country);
}

static void check_refusal(const struct err *err)
{
	CHECK(err->code == ERR_USAGE && *err->text);
	for (const char *c = err->text; *c; c++)
		CHECK((unsigned char)*c >= ' ' && *c != 127);
}

static void check_text(const char *text, size_t len, const struct country *country)
{
	struct err err = {0};
	struct number n, stored;
	int rc = number_parse(&n, text, len, country, &err);

	if (rc)
		check_refusal(&err);
	else
		check_number(n, country);
	if (number_parse_stored(&stored, text, len, country))
		check_number(stored, country);
	else
		CHECK(rc);
	CHECK(rc || number_eq(n, stored));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		check_text((const char *)data, size, country_find(codes[i]));
	return 0;
}
