#include "did/caller_id.h"

#include <string.h>

#include "base/mem.h"

const char *const caller_source_names[] = {
	[CALLER_CALL] = "call",
	[CALLER_USER] = "user",
	[CALLER_DEFAULT] = "default",
	[CALLER_FIRST] = "first",
};

#define DIGITS "0123456789"
#define LOCAL_DIGITS 11 /* 0 and a national number of India */

bool caller_trunk_number(const char *text, struct number *out)
{
	const char *front = "";
	size_t len;

	text += *text == '+';
	len = strlen(text);
	if (len == LOCAL_DIGITS && *text == '0') {
		front = "91";
		text++;
	}
	len = strlen(front) + strlen(text);
	if (!*text || text[strspn(text, DIGITS)] || len > NUMBER_MAX_DIGITS)
		return false;
	*out = (struct number){.width = (uint8_t)len};
	for (; *front; front++)
		out->value = out->value * 10 + (uint64_t)(*front - '0');
	for (; *text; text++)
		out->value = out->value * 10 + (uint64_t)(*text - '0');
	return true;
}

static bool passes(const struct caller_chain *chain, const char *text)
{
	struct number number;

	if (!chain->trunk || !chain->trunk->n)
		return true;
	return caller_trunk_number(text, &number) && rangeset_has(chain->trunk, number);
}

static bool reads(const char *text, struct number *out, const struct country *country)
{
	return number_parse_stored(out, text, strlen(text), country);
}

static unsigned find_faults(const struct caller_chain *chain, const struct caller_candidate *candidate,
			    const struct country *country)
{
	struct number number;
	unsigned faults = 0;

	if (!passes(chain, candidate->number))
		faults |= CALLER_OUTSIDE;
	if (!reads(candidate->number, &number, country))
		return faults | CALLER_UNREADABLE;
	if (!candidate->has_row)
		return faults | CALLER_UNKNOWN;
	if (!chain->org_id || !candidate->owner_id || strcmp(chain->org_id, candidate->owner_id) != 0)
		faults |= CALLER_NOT_OWNED;
	if (candidate->state != STATE_ASSIGNED)
		faults |= CALLER_NOT_ASSIGNED;
	return faults;
}

void caller_chain_decide(struct caller_chain *chain, const struct country *country)
{
	const char *shown;
	struct number number;

	chain->winner = -1;
	for (int i = CALLER_SOURCES - 1; i >= 0; i--) {
		struct caller_candidate *candidate = &chain->at[i];

		candidate->faults = candidate->number ? find_faults(chain, candidate, country) : 0;
		if (candidate->number)
			chain->winner = i;
	}
	chain->is_replaced = chain->winner < 0 || chain->at[chain->winner].faults & CALLER_OUTSIDE;
	shown = chain->is_replaced ? chain->fallback : chain->at[chain->winner].number;
	chain->shown[0] = '\0';
	if (reads(shown, &number, country))
		number_format(number, chain->shown);
}
