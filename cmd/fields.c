#include "cmd/fields.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "dialplan/dispatch.h"

#define PRICE_DIGITS 8 /* DECIMAL(10,2) */
#define TAG_MAX 32
#define TAG_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_.:-"
#define DIGITS "0123456789"

const char *const e911_names[] = {"not-set", "pending", "registered", "failed", NULL};
const char *const cnam_status_names[] = {"pending", "synced", "failed", NULL};
const char *const rest_state_names[] = {"available", "reserved", "archived", NULL};
const char *const on_off_names[] = {"off", "on", NULL};

static int refuse(struct context *ctx, const char *option, const char *text, const char *wanted)
{
	char shown[TEXT_SHOWN];

	return err_set(&ctx->err, ERR_USAGE, "bad value '%s' of '%s': %s",
		       text_show(shown, text, strlen(text)), option, wanted);
}

static size_t count_characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static int check_length(struct context *ctx, const char *option, const char *text, size_t max,
			const char **out)
{
	if (!text_is_utf8(text, strlen(text)))
		return refuse(ctx, option, text, "it is not UTF-8");
	if (text_is_blank(text))
		return refuse(ctx, option, text, "it is blank");
	if (count_characters(text) > max)
		return refuse(ctx, option, text,
			      arena_printf(&ctx->arena, "it has more than %zu characters", max));
	*out = text;
	return 0;
}

int check_text(struct context *ctx, const char *option, const char *text, const char **out)
{
	return check_length(ctx, option, text, TEXT_MAX, out);
}

int check_notes(struct context *ctx, const char *option, const char *text, const char **out)
{
	return check_length(ctx, option, text, NOTES_MAX, out);
}

int check_state_code(struct context *ctx, const char *option, const char *text, const char **out)
{
	if (strlen(text) != 2 || strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
		return refuse(ctx, option, text, "it is not two upper-case letters such as CA");
	*out = text;
	return 0;
}

/* A decimal without sign; out has at least two places, and no zero in front that says nothing. */
static int check_decimal(struct context *ctx, const char *option, const char *text, size_t places,
			 const char **out)
{
	size_t zeros = strspn(text, "0");
	size_t whole = strspn(text, DIGITS);
	bool has_point = text[whole] == '.';
	const char *fraction = has_point ? text + whole + 1 : "";
	size_t n = strspn(fraction, DIGITS);

	if (whole == 0 || (!has_point && text[whole]) || fraction[n] || (has_point && n == 0))
		return refuse(ctx, option, text, "it is not a decimal such as 2499 or 2499.00");
	if (whole - zeros > PRICE_DIGITS || n > places)
		return refuse(ctx, option, text,
			      arena_printf(&ctx->arena, "it has more than %d digits before or %zu after the "
							"point",
					   PRICE_DIGITS, places));
	if (zeros == whole)
		zeros--;
	*out = arena_printf(&ctx->arena, "%.*s.%s%.*s", (int)(whole - zeros), text + zeros, fraction,
			    n < 2 ? (int)(2 - n) : 0, "00");
	return 0;
}

int check_price(struct context *ctx, const char *option, const char *text, const char **out)
{
	return check_decimal(ctx, option, text, 2, out);
}

int check_rate(struct context *ctx, const char *option, const char *text, const char **out)
{
	return check_decimal(ctx, option, text, 6, out);
}

static int check_word(struct context *ctx, const char *option, const char *text, const char *const *words,
		      const char **out)
{
	const char *list = words[0];

	for (size_t i = 0; words[i]; i++) {
		if (!strcmp(text, words[i])) {
			*out = words[i];
			return 0;
		}
		if (i > 0)
			list = arena_printf(&ctx->arena, "%s, %s", list, words[i]);
	}
	return refuse(ctx, option, text, arena_printf(&ctx->arena, "it is none of %s", list));
}

int check_env(struct context *ctx, const char *option, const char *text, const char **out)
{
	return check_word(ctx, option, text, env_names, out);
}

int check_e911(struct context *ctx, const char *option, const char *text, const char **out)
{
	return check_word(ctx, option, text, e911_names, out);
}

int check_cnam_status(struct context *ctx, const char *option, const char *text, const char **out)
{
	return check_word(ctx, option, text, cnam_status_names, out);
}

/* Every vocabulary that a state may be named in is understood; one name is kept. */
int check_rest_state(struct context *ctx, const char *option, const char *text, const char **out)
{
	bool released = false;
	int state = state_find(text, &released);

	return check_word(ctx, option, state < 0 || released ? text : state_info[state].name,
			  rest_state_names, out);
}

int days_parse(const char *text)
{
	size_t len = strlen(text);
	int days = 0;

	if (len == 0 || len > 4 || strspn(text, DIGITS) != len)
		return -1;
	while (*text)
		days = 10 * days + (*text++ - '0');
	return days <= DAYS_MAX ? days : -1;
}

int check_days(struct context *ctx, const char *option, const char *text, const char **out)
{
	int days = days_parse(text);

	if (days < 0)
		return refuse(ctx, option, text,
			      arena_printf(&ctx->arena, "it is not a number of days from 0 to %d", DAYS_MAX));
	*out = arena_printf(&ctx->arena, "%d", days);
	return 0;
}

int check_record(struct context *ctx, const char *option, const char *text, const char **out)
{
	const char *word;
	int rc = check_word(ctx, option, text, on_off_names, &word);

	if (!rc)
		*out = word == on_off_names[1] ? "1" : "0";
	return rc;
}

void fields_put(struct change *change, enum did_field field, const char *value)
{
	change->value[field] = value;
	change->is_set[field] = true;
}

int fields_set(struct context *ctx, struct change *change, const void *args,
	       const struct field_option *options, size_t n, bool may_clear)
{
	for (size_t i = 0; i < n; i++) {
		const struct field_option *option = &options[i];
		const char *text = *(const char *const *)(const void *)((const char *)args + option->offset);
		const char *value = NULL;
		int rc = 0;

		if (!text)
			continue;
		if (*text || !may_clear)
			rc = option->check(ctx, option->option, text, &value);
		if (rc)
			return rc;
		fields_put(change, option->field, value);
	}
	return 0;
}

static bool is_route_type(const char *types, const char *type)
{
	size_t len = strlen(type);
	const char *end;

	for (const char *at = types; at; at = *end ? end + 1 : NULL) {
		end = strchrnul(at, ',');
		if ((size_t)(end - at) == len && !strncmp(at, type, len))
			return true;
	}
	return false;
}

/* A destination becomes part of the switch's configuration: nothing that means something there may be in it.
 */
int check_route(struct context *ctx, const char *option, const char *text, const char **type,
		const char **dest)
{
	const char *types = conf_get(ctx->conf, SET_ROUTING_TYPES, NULL);
	const char *colon = strchr(text, ':');

	if (!colon)
		return refuse(ctx, option, text, "it is not TYPE:DEST, such as queue:sales");
	*type = arena_strndup(&ctx->arena, text, (size_t)(colon - text));
	*dest = colon + 1;
	if (!is_route_type(types, *type))
		return refuse(ctx, option, text,
			      arena_printf(&ctx->arena, "its type is none of %s", types ? types : ""));
	if (!dispatch_is_destination(*type, *dest))
		return refuse(ctx, option, text,
			      arena_printf(&ctx->arena, "a destination is 1 to %d letters, digits, '_', '.' "
							"or '-'",
					   DISPATCH_DEST_MAX));
	return 0;
}

int fields_set_route(struct context *ctx, struct change *change, const char *text, bool may_clear)
{
	const char *type = NULL, *dest = NULL;
	int rc = 0;

	if (!text)
		return 0;
	if (*text || !may_clear)
		rc = check_route(ctx, "--route", text, &type, &dest);
	if (rc)
		return rc;
	fields_put(change, DID_ROUTE_TYPE, type);
	fields_put(change, DID_ROUTE_DEST, dest);
	return 0;
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts the words and drops repeated ones. */
static void unique(struct strlist *list)
{
	size_t kept = 0;

	if (list->n > 1)
		qsort(list->at, list->n, sizeof(*list->at), compare_words);
	for (size_t i = 0; i < list->n; i++)
		if (kept == 0 || strcmp(list->at[kept - 1], list->at[i]) != 0)
			list->at[kept++] = list->at[i];
	list->n = kept;
}

static int add_tag(struct context *ctx, const char *tag, struct strlist *to)
{
	size_t len = strlen(tag);

	if (len == 0 || len > TAG_MAX || strspn(tag, TAG_CHARS) != len)
		return refuse(ctx, "--tag", tag,
			      arena_printf(&ctx->arena, "a tag is 1 to %d of a-z, 0-9, '_', '.', ':' and '-'",
					   TAG_MAX));
	strlist_add(to, tag);
	return 0;
}

/* One value of --tag, a comma list, each of them "+x", "-x" or "x". */
static int add_tags(struct context *ctx, struct change *change, const char *list, bool may_edit,
		    struct strlist *whole)
{
	const char *end;
	int rc;

	for (;; list = end + 1) {
		const char *tag;

		end = strchrnul(list, ',');
		tag = arena_strndup(&ctx->arena, list, (size_t)(end - list));
		if (may_edit && *tag == '+')
			rc = add_tag(ctx, tag + 1, &change->tags_add);
		else if (may_edit && *tag == '-')
			rc = add_tag(ctx, tag + 1, &change->tags_remove);
		else
			rc = add_tag(ctx, tag, whole);
		if (rc || !*end)
			return rc;
	}
}

static const char *join(struct context *ctx, const struct strlist *list)
{
	const char *text = list->n ? list->at[0] : NULL;

	for (size_t i = 1; i < list->n; i++)
		text = arena_printf(&ctx->arena, "%s,%s", text, list->at[i]);
	return text;
}

int fields_set_tags(struct context *ctx, struct change *change, const struct strlist *tags, bool may_edit)
{
	struct strlist whole = {0};
	bool clears = false;
	int rc = 0;

	for (size_t i = 0; i < tags->n && !rc; i++) {
		if (may_edit && !*tags->at[i])
			clears = true;
		else
			rc = add_tags(ctx, change, tags->at[i], may_edit, &whole);
	}
	unique(&whole);
	unique(&change->tags_add);
	unique(&change->tags_remove);
	if (!rc && (whole.n || clears)) {
		fields_put(change, DID_TAGS, join(ctx, &whole));
		if (change->tags_add.n || change->tags_remove.n || (clears && whole.n))
			rc = err_set(&ctx->err, ERR_USAGE,
				     "--tag sets all tags, or with '+x' and '-x' changes some: not both at "
				     "once");
	}
	strlist_release(&whole);
	return rc;
}

const char *time_text(struct context *ctx, int64_t ms)
{
	char text[CLOCK_TEXT];

	return arena_strdup(&ctx->arena, clock_format(ms, text));
}
