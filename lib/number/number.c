#include "number/number.h"

#include <string.h>

#include "base/mem.h"
#include "number/country.h"
#include "number/read.h"

static const struct numbering_plan *plan_for(const struct country *country)
{
	return country ? country->plan : &plan_open;
}

/*
 * One '-' between two digit strings is a range, whatever else it could be; other separators make it visual.
 */
static enum fault check_single(const struct reading *r)
{
	if (r->hyphens != 1 || r->tel)
		return FAULT_NONE;
	if (!r->separated)
		return FAULT_RANGE;
	return r->spaced ? FAULT_SPACED_HYPHEN : FAULT_NONE;
}

static enum fault read_operand(struct number *out, struct reading *r, const char *text, size_t len,
			       const struct country *country)
{
	struct key key;
	enum fault fault = read_text(r, text, len, false);

	if (!fault)
		fault = check_single(r);
	if (!fault)
		fault = read_key(&key, r, country ? country->plan : NULL);
	return fault ? fault : read_number(out, &key);
}

int number_parse(struct number *out, const char *text, size_t len, const struct country *country,
		 struct err *err)
{
	struct reading r;
	enum fault fault;

	read_trim(&text, &len);
	fault = read_operand(out, &r, text, len, country);
	return fault ? read_report(err, fault, "telephone number", text, len, &r, country) : 0;
}

/* The common case, without taking the text apart: E.164 digits of the plan's own country. */
static bool read_own(struct number *out, const char *text, size_t len, const struct numbering_plan *plan)
{
	size_t code = strlen(plan->calling_code);
	uint64_t value = 0;

	if (!plan->width || len != code + plan->width || memcmp(text, plan->calling_code, code) != 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(text[i] - '0');
	}
	if (plan->check(text + code))
		return false;
	*out = (struct number){value, (uint8_t)len};
	return true;
}

bool number_parse_stored(struct number *out, const char *text, size_t len, const struct country *country)
{
	const struct numbering_plan *plan = plan_for(country);
	struct reading r;
	struct key key;
	enum fault fault;

	if (read_own(out, text, len, plan))
		return true;
	read_trim(&text, &len);
	if (read_text(&r, text, len, false))
		return false;
	fault = read_key(&key, &r, plan);
	if (fault == FAULT_NO_RULE) {
		r.plus = true;
		fault = read_key(&key, &r, plan);
	}
	return !fault && !read_number(out, &key);
}

int number_cmp(struct number a, struct number b)
{
	if (a.width != b.width)
		return a.width < b.width ? -1 : 1;
	return (a.value > b.value) - (a.value < b.value);
}

bool number_eq(struct number a, struct number b)
{
	return a.value == b.value && a.width == b.width;
}

struct number number_add(struct number n, uint64_t offset)
{
	n.value += offset;
	return n;
}

uint64_t number_max_value(unsigned width)
{
	uint64_t max = 0;

	while (width--)
		max = max * 10 + 9;
	return max;
}

size_t number_format(struct number n, char out[NUMBER_TEXT])
{
	for (size_t i = n.width; i-- > 0; n.value /= 10)
		out[i] = (char)('0' + n.value % 10);
	out[n.width] = '\0';
	return n.width;
}

static bool is_short(struct number n)
{
	return n.width <= NUMBER_MAX_SHORT;
}

/* A spelling is a prefix and the digits of the key from skip on. */
struct spelling {
	const char *prefix;
	size_t skip;
};

/* The spellings of a key in the order of look-ups. */
static unsigned list_spellings(struct spelling list[NUMBER_SPELLINGS_MAX], const char *digits, size_t n,
			       const struct numbering_plan *plan)
{
	bool is_own = plan->width && plan_of(digits, n) == plan;
	unsigned count = 0;

	/* Another country's digits that read as a national number here are that number: these need a '+'. */
	if (is_own || !plan_form(plan, digits, n))
		list[count++] = (struct spelling){"", 0};
	list[count++] = (struct spelling){"+", 0};
	for (size_t i = 0; is_own && i < ARRAY_SIZE(plan->forms) && plan->forms[i]; i++)
		list[count++] = (struct spelling){plan->forms[i], strlen(plan->calling_code)};
	list[count++] = (struct spelling){plan->international, 0};
	return count;
}

unsigned number_spellings(struct number n, const struct country *country)
{
	struct spelling list[NUMBER_SPELLINGS_MAX];
	char digits[NUMBER_TEXT];

	if (is_short(n))
		return 1;
	return list_spellings(list, digits, number_format(n, digits), plan_for(country));
}

size_t number_spell(struct number n, const struct country *country, unsigned k, char out[NUMBER_TEXT])
{
	struct spelling list[NUMBER_SPELLINGS_MAX];
	char digits[NUMBER_TEXT];
	size_t len = number_format(n, digits), front, tail;

	if (is_short(n) || k >= list_spellings(list, digits, len, plan_for(country)))
		return number_format(n, out);
	front = strlen(list[k].prefix);
	tail = len - list[k].skip;
	memcpy(out, list[k].prefix, front);
	memcpy(out + front, digits + list[k].skip, tail + 1);
	return front + tail;
}

size_t number_national(struct number n, const struct country *country, char out[NUMBER_TEXT])
{
	const struct numbering_plan *plan = plan_for(country);
	char digits[NUMBER_TEXT];
	size_t len = number_format(n, digits);
	size_t skip = 0;

	if (!is_short(n) && plan->width && plan_of(digits, len) == plan)
		skip = strlen(plan->calling_code);
	memcpy(out, digits + skip, len - skip + 1);
	return len - skip;
}

bool number_is_nanp(struct number n)
{
	return n.width == 11 && n.value / UINT64_C(10000000000) == 1;
}

static void put_three(char out[4], uint64_t value)
{
	out[0] = (char)('0' + value / 100 % 10);
	out[1] = (char)('0' + value / 10 % 10);
	out[2] = (char)('0' + value % 10);
	out[3] = '\0';
}

bool number_area_code(struct number n, char out[4])
{
	if (!number_is_nanp(n))
		return false;
	put_three(out, n.value / 10000000);
	return true;
}

bool number_nxx(struct number n, char out[4])
{
	if (!number_is_nanp(n))
		return false;
	put_three(out, n.value / 10000);
	return true;
}

bool number_is_toll_free(struct number n)
{
	static const char *const codes[] = {"800", "833", "844", "855", "866", "877", "888"};
	char npa[4];

	if (!number_area_code(n, npa))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		if (!strcmp(npa, codes[i]))
			return true;
	}
	return false;
}

uint8_t number_spelling(struct number n, const struct country *country, const char *stored, uint8_t guess)
{
	unsigned count = number_spellings(n, country);
	char text[NUMBER_TEXT];

	for (unsigned i = 0; i < count; i++) {
		unsigned k = (i + (guess < count ? guess : 0)) % count;

		number_spell(n, country, k, text);
		if (strcmp(text, stored) == 0)
			return (uint8_t)k;
	}
	return SPELLING_LITERAL;
}
