/* Any bytes as JSON: what is taken can be walked, and its keys are unique; what is refused says why. */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct json *node, bool in_object)
{
	for (const struct json *child = json_first(node); child; child = json_next(child)) {
		unsigned long long count;
		bool is_set;

		if (in_object != (json_key(child) != NULL))
			abort();
		if (in_object && json_get(node, json_key(child)) != child)
			abort();
		if (json_count(child, &count) + json_bool(child, &is_set) + (json_string(child) != NULL) > 1)
			abort();
		walk(child, json_is_object(child));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct json *root;
	int rc = json_parse(&root, (const char *)data, size, &err);

	if (rc ? rc != ERR_FAILED || root || !err.text[0] : !root)
		abort();
	walk(root, json_is_object(root));
	json_free(root);
	return 0;
}
