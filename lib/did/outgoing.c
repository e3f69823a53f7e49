#include "did/outgoing.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"

const char *const outgoing_end_names[OUTGOING_END_COUNT] = {
	[OUTGOING_SENT] = "sent",     [OUTGOING_LATER] = "later",	    [OUTGOING_REFUSED] = "refused",
	[OUTGOING_STUCK] = "stuck", [OUTGOING_UNANSWERED] = "unanswered",
};

static bool has(const struct messages *messages, const char *address, size_t len, const char *subject, const char *body)
{
	for (size_t i = 0; i < messages->n; i++) {
		const struct message *m = &messages->at[i];

		if (strlen(m->recipient) == len && strncasecmp(m->recipient, address, len) == 0 &&
		    strcmp(m->subject, subject) == 0 && strcmp(m->body, body) == 0)
			return true;
	}
	return false;
}

void messages_add(struct messages *messages, struct arena *arena, const char *recipients, const char *subject,
		  const char *body)
{
	const char *address;
	size_t len;

	while ((address = address_next(&recipients, &len))) {
		if (has(messages, address, len, subject, body))
			continue;
		GROW(messages->at, messages->n, messages->cap);
		messages->at[messages->n++] = (struct message){arena_strndup(arena, address, len), subject, body};
	}
}

void messages_release(struct messages *messages)
{
	free(messages->at);
	*messages = (struct messages){0};
}

#define MINUTE 60
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

int64_t outgoing_retry(const struct outgoing *out, enum outgoing_end end, int64_t age_s)
{
	static const int64_t delays[] = {MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR};
	size_t attempt = out->attempts > 0 ? (size_t)out->attempts - 1 : 0;

	if (end == OUTGOING_SENT || end == OUTGOING_REFUSED)
		return -1;
	if ((end == OUTGOING_UNANSWERED && out->unanswered + 1 >= OUTGOING_UNANSWERED_MAX) ||
	    (end == OUTGOING_LATER && age_s >= 5 * DAY))
		return -1;
	if (end == OUTGOING_UNANSWERED)
		return HOUR;
	return delays[attempt < ARRAY_SIZE(delays) ? attempt : ARRAY_SIZE(delays) - 1];
}
