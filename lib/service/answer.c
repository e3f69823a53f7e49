#include "service/answer.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "did/e911.h"

/* At most so many characters, whole ones. */
static const char *keep_text(struct arena *arena, const char *s)
{
	size_t len = 0;

	if (!s || text_is_blank(s))
		return NULL;
	for (size_t n = 0; s[len] && n < ANSWER_TEXT_MAX; n++) {
		uint32_t c;
		size_t bytes = text_decode(s + len, strlen(s + len), &c);

		len += bytes ? bytes : 1;
	}
	return arena_strndup(arena, s, len);
}

static const char *find_status(const char *const *statuses, const char *text)
{
	for (; text && *statuses; statuses++)
		if (strcmp(*statuses, text) == 0)
			return *statuses;
	return NULL;
}

bool answer_read(struct provider_answer *out, const char *line, size_t len, const char *const *statuses,
		 struct arena *arena)
{
	const char *number;
	struct json *json = NULL;
	struct err ignored = {0};

	*out = (struct provider_answer){0};
	if (json_parse(&json, line, len, &ignored) < 0)
		return false;
	if (json_is_object(json)) {
		number = json_string(json_get(json, "number"));
		out->status = find_status(statuses, json_string(json_get(json, "status")));
		out->number = number ? arena_strdup(arena, number) : NULL;
		out->text = keep_text(arena, json_string(json_get(json, "text")));
		out->candidates = e911_candidates(json_get(json, "candidates"), arena);
	}
	json_free(json);
	return out->number && out->status;
}
