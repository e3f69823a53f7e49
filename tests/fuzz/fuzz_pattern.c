/*
 * Any text as a pattern: its digits are digits, it matches itself with any digits for X, it does not match a
 * number that differs in one definite digit, and without letters it is the number that the same text is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "number/pattern.h"

#define CHECK(condition) ((condition) ? (void)0 : abort())

static const char *const codes[] = {"IN", "US", "ZZ", ""};

static struct number fill(const struct pattern *p, uint8_t any)
{
	struct number n = {0, p->width};

	for (size_t i = 0; i < p->width; i++)
		n.value = n.value * 10 + (p->digit[i] == PATTERN_ANY ? any : p->digit[i]);
	return n;
}

static void check_other(const struct pattern *p)
{
	struct pattern other = *p;

	for (size_t i = 0; i < p->width; i++) {
		if (p->digit[i] == PATTERN_ANY)
			continue;
		other.digit[i] = (uint8_t)((p->digit[i] + 1) % 10);
		CHECK(!pattern_match(p, fill(&other, 8)));
		other.digit[i] = p->digit[i];
	}
}

static void check_pattern(const struct pattern *p)
{
	struct number wider = fill(p, 8);

	CHECK(p->width >= NUMBER_MIN_SHORT && p->width <= NUMBER_MAX_DIGITS);
	for (size_t i = 0; i < p->width; i++)
		CHECK(p->digit[i] <= PATTERN_ANY);
	for (uint8_t any = 0; any < 10; any++) {
		struct number n = fill(p, any);

		CHECK(pattern_match(p, n) == (!p->toll_free_only || number_is_toll_free(n)));
	}
	wider.width++;
	CHECK(!pattern_match(p, wider));
	check_other(p);
}

static void check_text(const char *text, const struct country *country)
{
	struct err err = {0};
	struct pattern p;
	struct number n;
	int rc = pattern_parse(&p, text, country, &err);

	if (rc)
		CHECK(rc == ERR_USAGE && err.code == rc && *err.text);
	else
		check_pattern(&p);
	if (!number_parse(&n, text, strlen(text), country, NULL))
		CHECK(!rc && number_eq(fill(&p, 0), n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	CHECK(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	(void)pattern_looks_like(text);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		check_text(text, country_find(codes[i]));
	free(text);
	return 0;
}
