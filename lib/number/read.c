#include "number/read.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"
#include "number/pattern.h"

void read_trim(const char **text, size_t *len)
{
	while (*len && **text == ' ') {
		(*text)++;
		(*len)--;
	}
	while (*len && (*text)[*len - 1] == ' ')
		(*len)--;
}

bool read_is_tel(const char *text, size_t len)
{
	return len >= 4 && !strncasecmp(text, "tel:", 4);
}

/* Where a scan is: what the next byte may be depends on it. */
struct scan {
	struct reading *r;
	bool letters;
	bool open;	/* inside ( ) */
	size_t open_at; /* digits in front of the '(' */
	char pending;	/* a '-' or '.' that waits for its digit */
	char last;
};

static enum fault scan_digit(struct scan *s, char digit)
{
	if (s->r->n < READ_MAX)
		s->r->digit[s->r->n] = digit;
	s->r->n++;
	s->pending = '\0';
	return FAULT_NONE;
}

static enum fault scan_plus(struct scan *s)
{
	if (s->r->n || s->r->plus)
		return FAULT_PLUS;
	s->r->plus = true;
	return FAULT_NONE;
}

static enum fault scan_separator(struct scan *s, char c)
{
	if (!s->r->n || s->pending || s->open)
		return FAULT_SEPARATOR;
	s->pending = c;
	if (c == '.')
		s->r->separated = true;
	else
		s->r->hyphens++;
	if (c == '-' && s->last == ' ')
		s->r->spaced = true;
	return FAULT_NONE;
}

static enum fault scan_space(struct scan *s)
{
	if (s->r->tel)
		return FAULT_BYTE;
	s->r->separated = true;
	if (s->last == '-')
		s->r->spaced = true;
	return FAULT_NONE;
}

static enum fault scan_open(struct scan *s)
{
	if (s->open)
		return FAULT_PARENTHESIS;
	s->r->separated = true;
	s->open = true;
	s->open_at = s->r->n;
	s->pending = '\0';
	return FAULT_NONE;
}

/* "+44 (0)20" has two readings, with and without the 0: only the writer knows. */
static enum fault scan_close(struct scan *s)
{
	const struct reading *r = s->r;

	if (!s->open || r->n == s->open_at)
		return FAULT_PARENTHESIS;
	s->open = false;
	if (r->plus && r->n == s->open_at + 1 && s->last == '0')
		return FAULT_TRUNK_ZERO;
	return FAULT_NONE;
}

static enum fault scan_byte(struct scan *s, char c)
{
	char key;

	switch (c) {
	case '+': return scan_plus(s);
	case '-':
	case '.': return scan_separator(s, c);
	case ' ': return scan_space(s);
	case '(': return scan_open(s);
	case ')': return scan_close(s);
	case ';': return s->r->tel ? FAULT_PARAMETER : FAULT_BYTE;
	}
	if (c >= '0' && c <= '9')
		return scan_digit(s, c);
	if (s->letters && (c == 'X' || c == 'x'))
		return scan_digit(s, READ_ANY);
	key = s->letters ? keypad_digit(c) : '\0';
	return key ? scan_digit(s, key) : FAULT_BYTE;
}

static enum fault scan_end(const struct scan *s, const char *text, size_t len)
{
	if (s->open)
		return FAULT_PARENTHESIS;
	if (s->pending)
		return FAULT_SEPARATOR;
	if (!s->r->n)
		return s->r->plus ? FAULT_NO_DIGITS : FAULT_EMPTY;
	/* A spreadsheet's 111.0 must not become 1110. */
	return len > 2 && text[len - 2] == '.' ? FAULT_DECIMAL : FAULT_NONE;
}

static size_t span_digits(const char *text, size_t len, size_t at)
{
	while (at < len && ((text[at] >= '0' && text[at] <= '9') || text[at] == '.'))
		at++;
	return at;
}

/* 9.18E+11: what a spreadsheet leaves of a number. Never letters of the keypad. */
static bool is_exponent(const char *text, size_t len)
{
	size_t at = span_digits(text, len, 0), start;

	if (!at || at == len || (text[at] != 'e' && text[at] != 'E'))
		return false;
	at++;
	if (at < len && (text[at] == '+' || text[at] == '-'))
		at++;
	start = at;
	return start < len && span_digits(text, len, at) == len;
}

static bool is_hex(const char *text, size_t len)
{
	if (len < 3 || text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
		return false;
	for (size_t i = 2; i < len; i++) {
		if (!isxdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

enum fault read_text(struct reading *r, const char *text, size_t len, bool letters)
{
	struct scan s = {.r = r, .letters = letters};
	enum fault fault;

	*r = (struct reading){.tel = read_is_tel(text, len)};
	if (is_exponent(text, len))
		return FAULT_EXPONENT;
	if (is_hex(text, len))
		return FAULT_HEX;
	for (size_t i = r->tel ? 4 : 0; i < len; i++) {
		fault = scan_byte(&s, text[i]);
		if (fault)
			return fault;
		s.last = text[i];
	}
	return scan_end(&s, text, len);
}

static enum fault key_set(struct key *key, const char *code, const char *rest, size_t n)
{
	size_t len = strlen(code);

	if (len + n < NUMBER_MIN_DIGITS)
		return FAULT_SHORT;
	if (len + n > NUMBER_MAX_DIGITS)
		return FAULT_LONG;
	memcpy(key->digit, code, len);
	memcpy(key->digit + len, rest, n);
	key->n = len + n;
	return FAULT_NONE;
}

static enum fault key_set_short(struct key *key, const struct reading *r)
{
	if (r->n < NUMBER_MIN_SHORT)
		return FAULT_SHORT;
	memcpy(key->digit, r->digit, r->n);
	key->n = r->n;
	return FAULT_NONE;
}

enum fault read_key(struct key *key, const struct reading *r, const struct numbering_plan *plan)
{
	const char *form;
	size_t skip;

	if (r->n > READ_MAX)
		return FAULT_LONG;
	if (r->plus)
		return key_set(key, "", r->digit, r->n);
	if (r->n <= NUMBER_MAX_SHORT)
		return key_set_short(key, r);
	if (!plan)
		return FAULT_NO_COUNTRY;
	form = plan_form(plan, r->digit, r->n);
	if (form)
		return key_set(key, plan->calling_code, r->digit + strlen(form), plan->width);
	skip = strlen(plan->international);
	if (memcmp(r->digit, plan->international, skip) != 0)
		return FAULT_NO_RULE;
	return key_set(key, "", r->digit + skip, r->n - skip);
}

enum fault read_number(struct number *out, const struct key *key)
{
	enum fault fault = key->n > NUMBER_MAX_SHORT ? plan_check(key->digit, key->n) : FAULT_NONE;

	if (fault)
		return fault;
	out->value = 0;
	out->width = (uint8_t)key->n;
	for (size_t i = 0; i < key->n; i++)
		out->value = out->value * 10 + (uint64_t)(key->digit[i] - '0');
	return FAULT_NONE;
}

static const char *const fault_text[FAULTS] = {
	[FAULT_EMPTY] = "it is empty",
	[FAULT_BYTE] = "only digits, one '+' in front, and - . ( ) or spaces between digits may stand in it",
	[FAULT_EXPONENT] =
		"it is a spreadsheet's exponent form, which has lost digits: format that column as text",
	[FAULT_HEX] = "it is hexadecimal: write decimal digits",
	[FAULT_DECIMAL] = "it ends like a decimal fraction: write the digits only",
	[FAULT_PLUS] = "'+' may stand once, in front of the first digit",
	[FAULT_NO_DIGITS] = "no digit follows the '+'",
	[FAULT_SEPARATOR] = "a '-' or '.' stands without a digit on either side: write the digits only",
	[FAULT_PARENTHESIS] = "its parentheses do not match or hold no digit: write the digits only",
	[FAULT_TRUNK_ZERO] = "(0) after a country code is read in two ways: leave the 0 out",
	[FAULT_PARAMETER] = "parameters of a tel: URI are not read: write '+' and the digits only",
	[FAULT_RANGE] = "one '-' makes it a range, and one number is wanted here: write the digits only",
	[FAULT_SPACED_HYPHEN] =
		"it could be a range or one number: leave out the spaces for a range, the '-' for a number",
	[FAULT_SHORT] =
		"it has too few digits: a short number has 3 to 6, any other 7 to 15 with the country code",
	[FAULT_LONG] = "it has too many digits: at most 15 with the country code",
	[FAULT_CODE_ZERO] =
		"no country code starts with 0: write '+', the country code and the number without its 0",
	[FAULT_LENGTH] = "its length does not suit its country code: after +91 and after +1 come 10 digits",
	[FAULT_NATIONAL_ZERO] = "no number of IN has a 0 after the country code: leave the 0 out",
	[FAULT_NPA] = "a US or CA area code starts with 2 to 9",
	[FAULT_EXCHANGE] = "a US or CA exchange (the digits after the area code) starts with 2 to 9",
	[FAULT_N11] = "a US or CA exchange (the digits after the area code) is never N11, such as 211 or 911",
};

static void add_candidate(struct buf *list, const struct reading *r, const struct numbering_plan *plan,
			  const char *label)
{
	struct key key;
	struct number n;
	char text[NUMBER_TEXT + 1] = "+";

	if (read_key(&key, r, plan) || memchr(key.digit, READ_ANY, key.n) || read_number(&n, &key))
		return;
	number_format(n, text + 1);
	if (!strstr(buf_str(list), text))
		buf_printf(list, "%s%s%s", list->len ? " or " : "", text, label);
}

/* A number of each country whose rules fit it. */
static void add_national(struct buf *list, const struct reading *r)
{
	const struct numbering_plan *plan;
	char label[32];

	for (size_t i = 0; (plan = plan_at(i)); i++) {
		snprintf(label, sizeof(label), " (%s)", plan->countries);
		if (plan_form(plan, r->digit, r->n))
			add_candidate(list, r, plan, label);
	}
}

/* An international number behind some country's prefix, else one that only lacks its '+'. */
static void add_international(struct buf *list, const struct reading *r)
{
	struct reading with_plus = *r;
	const struct numbering_plan *plan;

	for (size_t i = 0; (plan = plan_at(i)); i++)
		add_candidate(list, r, plan, "");
	with_plus.plus = true;
	add_candidate(list, &with_plus, &plan_open, "");
}

static int report_no_country(struct err *err, const char *shown, const struct reading *r)
{
	struct buf list = {0};
	const char *what = "is a national number";

	add_national(&list, r);
	if (!list.len) {
		what = "has no '+'";
		add_international(&list, r);
	}
	if (!list.len)
		buf_puts(&list, "'+', the country code and the number");
	err_set(err, ERR_USAGE,
		"'%s' %s and no country is set: write %s, or set one with 'didctl init --country CC'", shown,
		what, buf_str(&list));
	buf_release(&list);
	return ERR_USAGE;
}

static int report_no_rule(struct err *err, const char *shown, const struct reading *r,
			  const struct country *country)
{
	return err_set(
		err, ERR_USAGE,
		"'%s' has %zu digits, which is no number in %s (%s): write '+' or %s, the country code "
		"and the number",
		shown, r->n, country->code, country->plan->reads, country->plan->international);
}

int read_report(struct err *err, enum fault fault, const char *noun, const char *text, size_t len,
		const struct reading *r, const struct country *country)
{
	char shown[TEXT_SHOWN];

	text_show(shown, text, len);
	if (fault == FAULT_NO_COUNTRY)
		return report_no_country(err, shown, r);
	if (fault == FAULT_NO_RULE)
		return report_no_rule(err, shown, r, country);
	return err_set(err, ERR_USAGE, "'%s' is not a %s: %s", shown, noun, fault_text[fault]);
}
