/*
 * cJSON takes numbers such as 01, raw control characters, broken UTF-8 and garbage after the end, and cuts
 * strings at \u0000. So a strict scanner reads every text first, and cJSON only builds the tree of what it
 * let pass.
 */
#include "base/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define NUMBER_MAX 63 /* cJSON reads no more of a number */

struct scanner {
	const char *text, *at, *end;
	unsigned depth, values;
	struct err *err;
};

static int fail(struct scanner *s, const char *what)
{
	return err_set(s->err, ERR_FAILED, "bad JSON at byte %zu: %s", (size_t)(s->at - s->text), what);
}

/* The next byte, or -1 at the end: a NUL byte is like any other that does not belong there. */
static int peek(const struct scanner *s)
{
	return s->at < s->end ? (unsigned char)*s->at : -1;
}

static bool skip(struct scanner *s, char c)
{
	if (peek(s) != c)
		return false;
	s->at++;
	return true;
}

static void skip_blanks(struct scanner *s)
{
	while (skip(s, ' ') || skip(s, '\t') || skip(s, '\n') || skip(s, '\r'))
		;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool skip_digits(struct scanner *s)
{
	const char *from = s->at;

	while (is_digit(peek(s)))
		s->at++;
	return s->at > from;
}

static int scan_number(struct scanner *s)
{
	const char *from = s->at;
	bool is_good;

	skip(s, '-');
	is_good = skip(s, '0') || skip_digits(s);
	if (is_good && skip(s, '.'))
		is_good = skip_digits(s);
	if (is_good && (skip(s, 'e') || skip(s, 'E'))) {
		if (!skip(s, '+'))
			skip(s, '-');
		is_good = skip_digits(s);
	}
	if (!is_good)
		return fail(s, "a digit is missing");
	if (s->at - from > NUMBER_MAX)
		return fail(s, "the number is too long");
	return 0;
}

static int hex_digit(int c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of a \uXXXX, or -1. */
static int scan_unit(struct scanner *s)
{
	int unit = 0;

	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(peek(s));

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
		s->at++;
	}
	return unit;
}

static bool is_surrogate(int unit, int first)
{
	return unit >= first && unit < first + 0x400;
}

/* After "\u". */
static int scan_unicode(struct scanner *s)
{
	int unit = scan_unit(s);

	if (unit < 0)
		return fail(s, "four hexadecimal digits belong after \\u");
	if (unit == 0)
		return fail(s, "\\u0000 in a string");
	if (is_surrogate(unit, 0xdc00))
		return fail(s, "a lone surrogate");
	if (!is_surrogate(unit, 0xd800))
		return 0;
	if (!skip(s, '\\') || !skip(s, 'u') || !is_surrogate(scan_unit(s), 0xdc00))
		return fail(s, "a lone surrogate");
	return 0;
}

static int scan_escape(struct scanner *s)
{
	int c = peek(s);

	if (skip(s, 'u'))
		return scan_unicode(s);
	if (c <= 0 || !strchr("\"\\/bfnrt", c))
		return fail(s, "unknown escape");
	s->at++;
	return 0;
}

/* After the opening quote. */
static int scan_string(struct scanner *s)
{
	int rc = 0;

	while (!rc) {
		int c = peek(s);

		if (c < 0)
			return fail(s, "the string does not end");
		if (c < 0x20)
			return fail(s, "a control character in a string");
		s->at++;
		if (c == '"')
			return 0;
		if (c == '\\')
			rc = scan_escape(s);
	}
	return rc;
}

static int scan_value(struct scanner *s);

static int scan_member(struct scanner *s)
{
	int rc;

	skip_blanks(s);
	if (!skip(s, '"'))
		return fail(s, "a key in double quotes is missing");
	rc = scan_string(s);
	if (rc)
		return rc;
	skip_blanks(s);
	if (!skip(s, ':'))
		return fail(s, "':' is missing");
	return scan_value(s);
}

/* After the opening bracket: items separated by commas. */
static int scan_items(struct scanner *s, char close, int (*scan_item)(struct scanner *))
{
	if (++s->depth > JSON_MAX_DEPTH)
		return fail(s, "nested too deep");
	skip_blanks(s);
	if (!skip(s, close)) {
		do {
			int rc = scan_item(s);

			if (rc)
				return rc;
		} while (skip(s, ','));
		if (!skip(s, close))
			return fail(s, close == '}' ? "',' or '}' is missing" : "',' or ']' is missing");
	}
	s->depth--;
	return 0;
}

static int scan_word(struct scanner *s)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t len = strlen(words[i]);

		if ((size_t)(s->end - s->at) >= len && !memcmp(s->at, words[i], len)) {
			s->at += len;
			return 0;
		}
	}
	return fail(s, s->at == s->end ? "the text ends too early" : "no value begins like this");
}

/* A value with the blanks around it. The recursion ends at JSON_MAX_DEPTH. */
static int scan_value(struct scanner *s)
{
	int rc;

	skip_blanks(s);
	if (++s->values > JSON_MAX_VALUES)
		return fail(s, "too many values");
	if (skip(s, '{'))
		rc = scan_items(s, '}', scan_member);
	else if (skip(s, '['))
		rc = scan_items(s, ']', scan_value);
	else if (skip(s, '"'))
		rc = scan_string(s);
	else if (peek(s) == '-' || is_digit(peek(s)))
		rc = scan_number(s);
	else
		rc = scan_word(s);
	if (!rc)
		skip_blanks(s);
	return rc;
}

static int scan(const char *text, size_t len, struct err *err)
{
	struct scanner s = {.text = text, .at = text, .end = text + len, .err = err};
	int rc;

	if (len > JSON_MAX_BYTES)
		return err_set(err, ERR_FAILED, "bad JSON: more than %u MiB", JSON_MAX_BYTES >> 20);
	if (!text_is_utf8(text, len))
		return err_set(err, ERR_FAILED, "bad JSON: not UTF-8");
	rc = scan_value(&s);
	if (!rc && s.at < s.end)
		rc = fail(&s, "something follows the value");
	return rc;
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, because an object of a hostile server may have a million members. */
static int check_keys(const cJSON *object, struct err *err)
{
	size_t n = 0;
	const char **keys;
	const char *twice = NULL;
	char shown[TEXT_SHOWN];

	for (const cJSON *child = object->child; child; child = child->next)
		n++;
	keys = xcalloc(n, sizeof(*keys));
	n = 0;
	for (const cJSON *child = object->child; child; child = child->next)
		keys[n++] = child->string;
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < n && !twice; i++)
		if (!strcmp(keys[i - 1], keys[i]))
			twice = keys[i];
	free(keys);
	if (!twice)
		return 0;
	return err_set(err, ERR_FAILED, "bad JSON: the key '%s' stands twice in an object",
		       text_show(shown, twice, strlen(twice)));
}

static int check_tree(const cJSON *node, struct err *err)
{
	int rc = 0;

	if (cJSON_IsNumber(node) && !isfinite(node->valuedouble))
		return err_set(err, ERR_FAILED, "bad JSON: a number is out of range");
	if (cJSON_IsObject(node))
		rc = check_keys(node, err);
	for (const cJSON *child = node->child; child && !rc; child = child->next)
		rc = check_tree(child, err);
	return rc;
}

/* Half a tree would read as a row without its fields: out of memory ends the process, here as everywhere. */
static void *take(size_t size)
{
	return xrealloc(NULL, 1, size);
}

int json_parse(struct json **out, const char *text, size_t len, struct err *err)
{
	cJSON_Hooks or_die = {take, free};
	cJSON *tree;
	int rc;

	*out = NULL;
	rc = scan(text, len, err);
	if (rc)
		return rc;
	cJSON_InitHooks(&or_die);
	tree = cJSON_ParseWithLength(text, len);
	if (!tree)
		return err_set(err, ERR_FAILED, "bad JSON");
	rc = check_tree(tree, err);
	if (rc)
		cJSON_Delete(tree);
	else
		*out = (struct json *)tree;
	return rc;
}

void json_free(struct json *root)
{
	cJSON_Delete((cJSON *)root);
}

static const cJSON *node_of(const struct json *node)
{
	return (const cJSON *)node;
}

bool json_is_object(const struct json *node)
{
	return cJSON_IsObject(node_of(node));
}

bool json_is_array(const struct json *node)
{
	return cJSON_IsArray(node_of(node));
}

bool json_is_null(const struct json *node)
{
	return cJSON_IsNull(node_of(node));
}

const struct json *json_get(const struct json *object, const char *key)
{
	return (const struct json *)cJSON_GetObjectItemCaseSensitive(node_of(object), key);
}

const char *json_string(const struct json *node)
{
	return cJSON_IsString(node_of(node)) ? node_of(node)->valuestring : NULL;
}

bool json_bool(const struct json *node, bool *out)
{
	if (!cJSON_IsBool(node_of(node)))
		return false;
	*out = cJSON_IsTrue(node_of(node));
	return true;
}

bool json_count(const struct json *node, unsigned long long *out)
{
	const cJSON *number = node_of(node);

	/* From 2^53 on a double no longer tells neighbours apart. */
	if (!cJSON_IsNumber(number) || !(number->valuedouble >= 0 && number->valuedouble < 0x1p53) ||
	    floor(number->valuedouble) < number->valuedouble)
		return false;
	*out = (unsigned long long)number->valuedouble;
	return true;
}

const struct json *json_first(const struct json *node)
{
	return node ? (const struct json *)node_of(node)->child : NULL;
}

const struct json *json_next(const struct json *node)
{
	return node ? (const struct json *)node_of(node)->next : NULL;
}

const char *json_key(const struct json *node)
{
	return node ? node_of(node)->string : NULL;
}
