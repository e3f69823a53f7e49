/* Any bytes as the line of a provider's program: what is kept of it is short, known, and JSON of our own making. */
#include "base/json.h"
#include "did/e911.h"
#include "service/answer.h"
#include "fuzz.h"

static const char *const statuses[] = {"pending", "registered", "failed", NULL};

static bool is_status(const char *status)
{
	for (size_t i = 0; statuses[i]; i++)
		if (statuses[i] == status)
			return true;
	return false;
}

static void check_candidate(const struct json *candidate)
{
	must(json_is_object(candidate));
	for (const struct json *m = json_first(candidate); m; m = json_next(m)) {
		int field = column_find(location_columns, LOCATION_FIELDS, json_key(m));

		must(field >= LOCATION_COUNTRY && field < LOCATION_CONTACT && json_string(m));
	}
}

static void check_candidates(const char *text)
{
	struct json *list;
	int n = 0;

	must_show(text);
	must(!json_parse(&list, text, strlen(text), NULL) && json_is_array(list));
	for (const struct json *c = json_first(list); c; c = json_next(c), n++)
		check_candidate(c);
	must(n >= 1 && n <= E911_CANDIDATES_MAX);
	json_free(list);
}

static size_t count_characters(const char *text)
{
	size_t n = 0, len = strlen(text), bytes;
	uint32_t c;

	for (; len && (bytes = text_decode(text, len, &c)); text += bytes, len -= bytes)
		n++;
	must(!len);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct provider_answer answer;
	bool is_answer = answer_read(&answer, (const char *)data, size, statuses, &arena);

	must(is_answer == (answer.number && answer.status));
	must(!answer.status || is_status(answer.status));
	if (answer.text)
		must(!text_is_blank(answer.text) && count_characters(answer.text) <= ANSWER_TEXT_MAX);
	if (answer.candidates)
		check_candidates(answer.candidates);
	arena_release(&arena);
	return 0;
}
