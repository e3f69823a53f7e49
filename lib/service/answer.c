#include "service/answer.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "did/field.h"

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

/* What addresses are made of, and nothing else that the program may have put there. */
static void put_candidate(struct buf *out, const struct json *candidate)
{
	const char *between = "";

	buf_putc(out, '{');
	for (int f = LOCATION_COUNTRY; f < LOCATION_CONTACT; f++) {
		const char *text = json_string(json_get(candidate, location_columns[f].key));

		if (!text)
			continue;
		buf_printf(out, "%s\"%s\":", between, location_columns[f].key);
		text_json(out, text, strlen(text));
		between = ",";
	}
	buf_putc(out, '}');
}

static const char *keep_candidates(struct arena *arena, const struct json *list)
{
	struct buf out = {0};
	const char *text = NULL;
	int n = 0;

	if (!list || !json_is_array(list))
		return NULL;
	for (const struct json *c = json_first(list); c && n < ANSWER_CANDIDATES_MAX; c = json_next(c)) {
		if (!json_is_object(c))
			continue;
		buf_putc(&out, n++ ? ',' : '[');
		put_candidate(&out, c);
	}
	if (n) {
		buf_putc(&out, ']');
		text = arena_strdup(arena, out.data);
	}
	buf_release(&out);
	return text;
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
		out->candidates = keep_candidates(arena, json_get(json, "candidates"));
	}
	json_free(json);
	return out->number && out->status;
}
