/*
 * JSON in, through cJSON, with the checks that cJSON lacks (safety.md). The only place that includes
 * cJSON.h.
 */
#ifndef DIDCTL_JSON_H
#define DIDCTL_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define JSON_MAX_BYTES	(64u << 20)
#define JSON_MAX_DEPTH	32
#define JSON_MAX_VALUES (4u << 20) /* a tree takes up to a hundred times its text: "[0,0,0..." */

struct json; /* a node of a parsed document, owned by its root */

/*
 * Parses a whole document. Checked before cJSON sees it: size, UTF-8, the grammar of RFC 8259 to the letter,
 * depth, no \u0000, no lone surrogates, nothing after the value; and after it: no number out of range
 * (1e400), no key twice in an object. ERR_FAILED with the byte offset where it can be told. json_free(NULL)
 * is allowed.
 */
int json_parse(struct json **out, const char *text, size_t len, struct err *err);
void json_free(struct json *root);

bool json_is_object(const struct json *node);
bool json_is_array(const struct json *node);
bool json_is_null(const struct json *node);
const struct json *json_get(const struct json *object, const char *key); /* exact case; NULL if absent */
const char *json_string(const struct json *node);			 /* NULL unless it is a string */
bool json_bool(const struct json *node, bool *out);			 /* false unless it is a boolean */
bool json_count(const struct json *node, unsigned long long *out); /* a non-negative integer below 2^53 */
const struct json *json_first(const struct json *node);		   /* first child of an object or array */
const struct json *json_next(const struct json *node);
const char *json_key(const struct json *node); /* the name of a member */

#endif
