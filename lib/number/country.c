#include "number/country.h"

#include <string.h>

#include "base/mem.h"

static enum fault check_in(const char *national)
{
	return national[0] == '0' ? FAULT_NATIONAL_ZERO : FAULT_NONE;
}

/*
 * NPA-NXX-XXXX: area code and exchange start with 2 to 9, and no exchange is N11 (those are service codes).
 */
static enum fault check_nanp(const char *national)
{
	const char *nxx = national + 3;

	if (national[0] < '2')
		return FAULT_NPA;
	if (nxx[0] < '2')
		return FAULT_EXCHANGE;
	return nxx[1] == '1' && nxx[2] == '1' ? FAULT_N11 : FAULT_NONE;
}

static const struct numbering_plan plan_in = {
	.countries = "IN",
	.calling_code = "91",
	.international = "00",
	.width = 10,
	.forms = {"0", "", "091"},
	.reads = "10 digits, with 0, 91, 091 or 0091 in front",
	.check = check_in,
};

static const struct numbering_plan plan_nanp = {
	.countries = "US or CA",
	.calling_code = "1",
	.international = "011",
	.width = 10,
	.forms = {""},
	.reads = "10 digits, with 1 in front",
	.check = check_nanp,
};

const struct numbering_plan plan_open = {
	.countries = "any country",
	.calling_code = "",
	.international = "00",
	.reads = "no national numbers",
};

static const struct numbering_plan *const plans[] = {&plan_in, &plan_nanp};

static const struct country countries[] = {
	{"IN", &plan_in},
	{"US", &plan_nanp},
	{"CA", &plan_nanp},
	{"ZZ", &plan_open},
};

const struct country *country_find(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(countries); i++) {
		if (!strcmp(countries[i].code, code))
			return &countries[i];
	}
	return NULL;
}

const char *country_code(const struct country *country)
{
	return country ? country->code : "";
}

const char *country_list(void)
{
	return "IN, US, CA, ZZ";
}

const struct numbering_plan *plan_at(size_t i)
{
	return i < ARRAY_SIZE(plans) ? plans[i] : NULL;
}

static bool starts_with(const char *digits, size_t n, const char *prefix)
{
	size_t len = strlen(prefix);

	return n >= len && !memcmp(digits, prefix, len);
}

const struct numbering_plan *plan_of(const char *digits, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(plans); i++) {
		if (starts_with(digits, n, plans[i]->calling_code))
			return plans[i];
	}
	return NULL;
}

static bool has_form(const struct numbering_plan *plan, const char *form, const char *digits, size_t n)
{
	size_t len = strlen(form);

	return n == len + plan->width && starts_with(digits, n, form) && digits[len] != '0';
}

const char *plan_form(const struct numbering_plan *plan, const char *digits, size_t n)
{
	if (!plan->width)
		return NULL;
	if (has_form(plan, plan->calling_code, digits, n))
		return plan->calling_code;
	for (size_t i = 0; i < ARRAY_SIZE(plan->forms) && plan->forms[i]; i++) {
		if (has_form(plan, plan->forms[i], digits, n))
			return plan->forms[i];
	}
	return NULL;
}

enum fault plan_check(const char *digits, size_t n)
{
	const struct numbering_plan *plan = plan_of(digits, n);
	size_t code;

	if (digits[0] == '0')
		return FAULT_CODE_ZERO;
	if (!plan)
		return FAULT_NONE;
	code = strlen(plan->calling_code);
	return n == code + plan->width ? plan->check(digits + code) : FAULT_LENGTH;
}
