#include "dialplan/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define DIGITS "0123456789"
#define SLUG_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"
#define DEST_CHARS SLUG_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-"
#define NUMBER_LEN_MIN 3
#define NUMBER_LEN_MAX 20
#define PLUS_SPELLING 1	 /* number_spell: with no country, after the E.164 digits */
#define LOCAL_SPELLING 2 /* number_spell: after the E.164 digits and "+" come the own forms of the country */

/* "national,plus", which setting_check has seen: the words as bits. */
static unsigned read_forms(const char *list)
{
	static const struct {
		const char *word;
		enum form form;
	} words[] = {
		{"national", FORM_NATIONAL}, {"international", FORM_INTERNATIONAL}, {"plus", FORM_PLUS},
	};
	unsigned forms = 0;
	size_t len;

	for (const char *at = list; *at; at += len + (at[len] == ',')) {
		len = strcspn(at, ",");
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (strlen(words[i].word) == len && strncmp(words[i].word, at, len) == 0)
				forms |= words[i].form;
	}
	return forms;
}

void dispatcher_load(struct dispatcher *out, const struct conf *conf)
{
	*out = (struct dispatcher){
		.dir = conf_get(conf, SET_ASTERISK_DIR, NULL),
		.file = conf_get(conf, SET_GATEWAY_FILE, NULL),
		.context = conf_get(conf, SET_GATEWAY_CONTEXT, NULL),
		.oss_context = conf_get(conf, SET_OSS_CONTEXT, NULL),
		.staging_endpoint = conf_get(conf, SET_STAGING_ENDPOINT, NULL),
		.forms = read_forms(conf_get(conf, SET_SPELLINGS, NULL)),
	};
}

enum dispatch dispatch_of(enum did_state state, const char *env)
{
	static const struct {
		enum dispatch way;
		unsigned states; /* in which it goes that way */
	} ways[ENV_COUNT] = {
		[ENV_PROD] = {DISPATCH_ORG, STATE_BIT(STATE_ASSIGNED)},
		[ENV_STAGING] = {DISPATCH_STAGING, ~(STATE_BIT(STATE_BLOCKED) | STATE_BIT(STATE_ARCHIVED) |
						     STATE_BIT(STATE_PORTED))},
		[ENV_OSS] = {DISPATCH_OSS, STATE_BIT(STATE_ASSIGNED)},
	};
	int e = env_find(env);

	return e >= 0 && ways[e].states & STATE_BIT(state) ? ways[e].way : DISPATCH_NOT;
}

/* Only numbers of the country itself have a form of its own. */
static bool has_national(struct number n, const struct country *country)
{
	char national[NUMBER_TEXT];

	return number_national(n, country, national) < n.width;
}

static int descending(const void *a, const void *b)
{
	return strcmp(b, a);
}

size_t dispatch_spell(const struct dispatcher *d, struct number n, const struct country *country,
		      char out[FORMS_MAX][NUMBER_TEXT])
{
	size_t count = 0;

	/* A short number is dialled one way only, so no choice of forms may leave it out. */
	if (d->forms & FORM_INTERNATIONAL || n.width <= NUMBER_MAX_SHORT)
		number_format(n, out[count++]);
	if (d->forms & FORM_NATIONAL && has_national(n, country))
		number_spell(n, country, LOCAL_SPELLING, out[count++]);
	if (d->forms & FORM_PLUS && n.width > NUMBER_MAX_SHORT) {
		number_spell(n, NULL, PLUS_SPELLING, out[count++]);
	}
	qsort(out, count, sizeof(out[0]), descending);
	return count;
}

void dispatch_line(struct buf *out, const struct dispatcher *d, enum dispatch way, const char *spelled, const char *prefix)
{
	if (way == DISPATCH_STAGING)
		buf_join(out, "exten => ", spelled, ",1,Dial(PJSIP/${EXTEN}@", d->staging_endpoint, ")", NULL);
	else if (way != DISPATCH_NOT)
		buf_join(out, "exten => ", spelled, ",1,Goto(", prefix, DISPATCH_INCOMING ",", spelled, ",1)", NULL);
}

static bool is_made_of(const char *text, const char *chars, size_t max)
{
	size_t len = text ? strlen(text) : 0;

	return len > 0 && len <= max && strspn(text, chars) == len;
}

bool dispatch_is_number(const char *text)
{
	size_t len = text ? strlen(text) : 0;

	return len >= NUMBER_LEN_MIN && len <= NUMBER_LEN_MAX &&
	       is_made_of(text + (*text == '+'), DIGITS, NUMBER_LEN_MAX);
}

bool dispatch_is_prefix(const char *text)
{
	return is_made_of(text, SLUG_CHARS, DISPATCH_PREFIX_MAX);
}

bool dispatch_is_destination(const char *type, const char *dest)
{
	return is_made_of(type, SLUG_CHARS, DISPATCH_SLUG_MAX) && is_made_of(dest, DEST_CHARS, DISPATCH_DEST_MAX);
}
