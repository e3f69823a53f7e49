/* The filters of listings, and --where KEY=VALUE[,VALUE] of commands that write. */
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "cmd/common.h"
#include "cmd/fields.h"
#include "did/state.h"

#define FILTER_OPTION(member, option, key) {offsetof(struct filter_options, member), option, key}
#define FILTER_FLAG(member, field) {offsetof(struct filter_options, member), field}

/* Options that are a column's key and a list of values. */
static const struct {
	size_t offset;
	const char *option, *key;
} value_options[] = {
	FILTER_OPTION(state, "--state", "state"),
	FILTER_OPTION(org, "--org", "org"),
	FILTER_OPTION(env, "--env", "env"),
	FILTER_OPTION(tag, "--tag", "tags"),
	FILTER_OPTION(provider, "--provider", "provider"),
	FILTER_OPTION(operator, "--operator", "operator"),
	FILTER_OPTION(region, "--region", "region"),
	FILTER_OPTION(city, "--city", "city"),
	FILTER_OPTION(rate_center, "--rate-center", "rate_center"),
	FILTER_OPTION(state_code, "--state-code", "state_code"),
	FILTER_OPTION(area_code, "--area-code", "area_code"),
	FILTER_OPTION(nxx, "--nxx", "nxx"),
	FILTER_OPTION(e911, "--e911", "e911"),
	FILTER_OPTION(cnam, "--cnam", "cnam_status"),
	FILTER_OPTION(package, "--package", "package"),
};

static const struct {
	size_t offset;
	enum did_field field;
} flag_options[] = {
	FILTER_FLAG(toll_free, DID_TOLL_FREE),
	FILTER_FLAG(is_default, DID_DEFAULT),
	FILTER_FLAG(locked, DID_LOCKED),
};

struct where {
	struct context *ctx;
	struct filter *filter;
	const char *name; /* for messages: the option, or the key of --where */
};

static int bad_value(const struct where *where, const char *value, const char *wanted)
{
	char shown[TEXT_SHOWN];

	return err_set(&where->ctx->err, ERR_USAGE, "bad value '%s' of '%s': %s",
		       text_show(shown, value, strlen(value)), where->name, wanted);
}

/* NY: of the country, and not how far a number is. */
static bool is_state_code(const char *value)
{
	return strlen(value) == 2 && strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2;
}

static int add_state(const struct where *where, const char *value)
{
	bool released = false;
	int state = state_find(value, &released);

	if (state < 0) {
		bad_value(where, value, "it is not a state; they are available, pending, assigned, "
					"blocked, on-hold, reserved, archived, ported and unknown");
		if (is_state_code(value))
			err_hint(&where->ctx->err, "did you mean --state-code %s?", value);
		return ERR_USAGE;
	}
	where->filter->states |= STATE_BIT(state);
	where->filter->is_released |= released;
	return 0;
}

static int add_org(const struct where *where, const char *value)
{
	struct context *ctx = where->ctx;
	struct org org;
	int rc = store_find_org(ctx->store, value, &org, &ctx->arena, &ctx->err);

	if (!rc)
		filter_add_value(where->filter, org.id);
	return rc;
}

static int add_bool(const struct where *where, const char *value)
{
	static const char *const words[] = {"no", "yes", "false", "true", "0", "1", "off", "on"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(value, words[i])) {
			filter_add_value(where->filter, i % 2 ? "1" : "0");
			return 0;
		}
	}
	return bad_value(where, value, "it is neither yes nor no");
}

/* A value in the one form that is stored; a slip is refused, since it would find nothing and look like good news. */
static int add_checked(const struct where *where, const char *value,
		       int (*check)(struct context *, const char *, const char *, const char **))
{
	const char *canonical;
	int rc = check(where->ctx, where->name, value, &canonical);

	if (!rc)
		filter_add_value(where->filter, canonical);
	return rc;
}

static int add_price(const struct where *where, const char *value)
{
	return add_checked(where, value, check_rate);
}

static int add_env(const struct where *where, const char *value)
{
	return add_checked(where, value, check_env);
}

static int add_e911(const struct where *where, const char *value)
{
	return add_checked(where, value, check_e911);
}

static int add_cnam_status(const struct where *where, const char *value)
{
	return add_checked(where, value, check_cnam_status);
}

static int add_text(const struct where *where, const char *value)
{
	filter_add_value(where->filter, value);
	return 0;
}

struct filter_form {
	enum filter_kind kind;
	int (*add)(const struct where *where, const char *value);
};

/* How a column's values are read. */
static struct filter_form form_of(enum did_field field)
{
	switch (field) {
	case DID_STATE:
		return (struct filter_form){FILTER_STATE, add_state};
	case DID_ORG:
		return (struct filter_form){FILTER_ORG, add_org};
	case DID_ENV:
		return (struct filter_form){FILTER_EQUAL, add_env};
	case DID_E911:
		return (struct filter_form){FILTER_EQUAL, add_e911};
	case DID_CNAM_STATUS:
		return (struct filter_form){FILTER_EQUAL, add_cnam_status};
	case DID_TAGS:
		return (struct filter_form){FILTER_TAG, add_text};
	default:
		break;
	}
	if (did_columns[field].type == COL_BOOL)
		return (struct filter_form){FILTER_EQUAL, add_bool};
	if (did_columns[field].type == COL_PRICE)
		return (struct filter_form){FILTER_EQUAL, add_price};
	return (struct filter_form){FILTER_EQUAL, add_text};
}

/* A name may have commas of its own ("Acme, Inc."): a text that is an organisation as it stands is no list. */
static bool add_whole_org(const struct where *where, const char *text)
{
	struct context *ctx = where->ctx;
	struct err none = {0};
	struct org org;

	if (store_find_org(ctx->store, text, &org, &ctx->arena, &none))
		return false;
	filter_add_value(where->filter, org.id);
	return true;
}

/* Each value of a comma list. An empty one is refused: it must never come to mean "any". */
static int add_values(const struct where *where, const char *list,
		      int (*add)(const struct where *where, const char *value))
{
	struct context *ctx = where->ctx;
	const char *end;
	int rc;

	if (add == add_org && strchr(list, ',') && add_whole_org(where, list))
		return 0;
	for (;; list = end + 1) {
		end = strchrnul(list, ',');
		if (end == list)
			return bad_value(where, list, "a value of a list is empty");
		rc = add(where, arena_strndup(&ctx->arena, list, (size_t)(end - list)));
		if (rc || !*end)
			return rc;
	}
}

static int add_filter(struct context *ctx, struct selection *out, const char *name, const char *key, const char *list)
{
	int field = column_find(did_columns, DID_FIELDS, key);
	struct where where = {.ctx = ctx, .name = name};
	struct filter_form form;
	char shown[TEXT_SHOWN];

	if (field < 0) {
		err_set(&ctx->err, ERR_USAGE, "there is no column '%s'", text_show(shown, key, strlen(key)));
		err_hint(&ctx->err, "'didctl pool list --list-columns' names them");
		return ERR_USAGE;
	}
	if (field == DID_NUMBER || field == DID_E164 || field == DID_NATIONAL)
		return err_set(&ctx->err, ERR_USAGE, "numbers are named as operands, not by '%s'", key);
	form = form_of((enum did_field)field);
	where.filter = selection_add_filter(out, form.kind, (enum did_field)field);
	return add_values(&where, list, form.add);
}

/* TEXT is a pattern where it can be read as one, and always a part of an organisation's name. */
static void add_match(struct context *ctx, struct selection *out, const char *text)
{
	struct filter *filter = selection_add_filter(out, FILTER_MATCH, DID_NUMBER);
	struct err ignored = {0};

	filter_add_value(filter, text);
	filter->has_pattern = !pattern_parse(&filter->pattern, text, ctx->country, &ignored);
}

static int add_where(struct context *ctx, struct selection *out, const char *text)
{
	const char *equals = strchr(text, '='), *key;
	char shown[TEXT_SHOWN];

	if (!equals || equals == text)
		return err_set(&ctx->err, ERR_USAGE, "'%s' is not KEY=VALUE",
			       text_show(shown, text, strlen(text)));
	key = arena_strndup(&ctx->arena, text, (size_t)(equals - text));
	return add_filter(ctx, out, key, key, equals + 1);
}

int select_filters(struct context *ctx, struct selection *out)
{
	const char *options = (const char *)&ctx->filter;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(value_options) && !rc; i++) {
		const char *list = *(const char *const *)(const void *)(options + value_options[i].offset);

		if (list)
			rc = add_filter(ctx, out, value_options[i].option, value_options[i].key, list);
	}
	for (size_t i = 0; i < ARRAY_SIZE(flag_options) && !rc; i++) {
		if (*(const bool *)(const void *)(options + flag_options[i].offset))
			filter_add_value(selection_add_filter(out, FILTER_EQUAL, flag_options[i].field), "1");
	}
	if (!rc && ctx->filter.match)
		add_match(ctx, out, ctx->filter.match);
	for (size_t i = 0; i < ctx->filter.where.n && !rc; i++)
		rc = add_where(ctx, out, ctx->filter.where.at[i]);
	return rc;
}
