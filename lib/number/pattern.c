#include "number/pattern.h"

#include <string.h>
#include <strings.h>

#include "number/read.h"

/* ITU-T E.161, figure 1 and its letters: index is the letter's place in the alphabet. */
static const char keypad[] = "22233344455566677778889999";

char keypad_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c;
	if (c >= 'a' && c <= 'z')
		return keypad[c - 'a'];
	if (c >= 'A' && c <= 'Z')
		return keypad[c - 'A'];
	return '\0';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool pattern_looks_like(const char *text)
{
	if (!strncasecmp(text, "tel:", 4) || !strncasecmp(text, "id:", 3))
		return false;
	while (*text && !is_letter(*text))
		text++;
	return *text != '\0';
}

/* 8XX is the trade's name for the toll-free codes; in other plans the same digits are nothing special. */
static bool is_toll_free_wish(const struct key *key)
{
	static const char wish[] = {'1', '8', READ_ANY, READ_ANY};

	return key->n == 11 && !memcmp(key->digit, wish, sizeof(wish));
}

static void set_digits(struct pattern *out, const struct key *key)
{
	*out = (struct pattern){.width = (uint8_t)key->n, .toll_free_only = is_toll_free_wish(key)};
	for (size_t i = 0; i < key->n; i++)
		out->digit[i] = key->digit[i] == READ_ANY ? PATTERN_ANY : (uint8_t)(key->digit[i] - '0');
}

int pattern_parse(struct pattern *out, const char *text, const struct country *country, struct err *err)
{
	size_t len = strlen(text);
	struct reading r;
	struct key key;
	enum fault fault;

	read_trim(&text, &len);
	fault = read_text(&r, text, len, true);
	if (!fault)
		fault = read_key(&key, &r, country ? country->plan : NULL);
	if (fault)
		return read_report(err, fault, "number pattern", text, len, &r, country);
	set_digits(out, &key);
	return 0;
}

bool pattern_match(const struct pattern *pattern, struct number n)
{
	uint64_t value = n.value;

	if (n.width != pattern->width || (pattern->toll_free_only && !number_is_toll_free(n)))
		return false;
	for (size_t i = pattern->width; i-- > 0; value /= 10) {
		if (pattern->digit[i] != PATTERN_ANY && pattern->digit[i] != value % 10)
			return false;
	}
	return true;
}
