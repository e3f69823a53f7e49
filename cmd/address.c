#include "cmd/address.h"

#include <string.h>

#include "base/text.h"
#include "cmd/object.h"
#include "did/e911.h"

static const struct {
	enum location_field field;
	size_t offset;
} fields[] = {
	{LOCATION_LABEL, offsetof(struct address_args, label)},
	{LOCATION_COUNTRY, offsetof(struct address_args, country)},
	{LOCATION_STREET, offsetof(struct address_args, street)},
	{LOCATION_UNIT, offsetof(struct address_args, unit)},
	{LOCATION_BUILDING, offsetof(struct address_args, building)},
	{LOCATION_FLOOR, offsetof(struct address_args, floor)},
	{LOCATION_ROOM, offsetof(struct address_args, room)},
	{LOCATION_CITY, offsetof(struct address_args, city)},
	{LOCATION_STATE_CODE, offsetof(struct address_args, state_code)},
	{LOCATION_ZIP, offsetof(struct address_args, zip)},
	{LOCATION_CONTACT, offsetof(struct address_args, contact)},
};

static const char *text_at(const struct address_args *args, size_t i)
{
	return *(const char *const *)(const void *)((const char *)args + fields[i].offset);
}

bool address_is_given(const struct address_args *args)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (text_at(args, i))
			return true;
	return args->civic.n > 0;
}

const char *address_country(const struct context *ctx)
{
	return strcmp(country_code(ctx->country), "CA") == 0 ? "CA" : "US";
}

/* In the order of the schema, whatever order they were given in: the same address is the same text. */
static int put_civic(struct context *ctx, struct change *change, const struct strlist *civic)
{
	struct buf elements = {0};
	int rc = 0;

	for (size_t i = 0; i < civic->n && !rc; i++)
		rc = civic_add(&elements, civic->at[i], &ctx->err);
	if (!rc && civic->n)
		object_put(change, LOCATION_CIVIC, arena_strdup(&ctx->arena, buf_str(&elements)));
	buf_release(&elements);
	return rc;
}

int address_put(struct context *ctx, struct change *change, const struct address_args *args, const char *country)
{
	const char *stored = country;
	int rc = 0;

	if (args->country)
		rc = location_read(LOCATION_COUNTRY, args->country, NULL, &ctx->arena, &stored, &ctx->err);
	country = stored;
	for (size_t i = 0; i < ARRAY_SIZE(fields) && !rc; i++) {
		const char *text = text_at(args, i);

		stored = NULL;
		if (fields[i].field == LOCATION_COUNTRY)
			text = country;
		if (!text)
			continue;
		if (*text)
			rc = location_read(fields[i].field, text, country, &ctx->arena, &stored, &ctx->err);
		object_put(change, (int)fields[i].field, stored);
	}
	return rc ? rc : put_civic(ctx, change, &args->civic);
}

/* A database's collation takes case lightly; here a label is named as it is. */
static bool is_named(const struct value *row, const char *text)
{
	return (row[LOCATION_ID].s && strcmp(row[LOCATION_ID].s, text) == 0) ||
	       (row[LOCATION_LABEL].s && strcmp(row[LOCATION_LABEL].s, text) == 0);
}

int address_load(struct context *ctx, const char *text, struct value out[LOCATION_FIELDS])
{
	int columns[LOCATION_FIELDS];
	const struct query query = {
		.listing = LIST_LOCATIONS, .columns = columns, .ncolumns = LOCATION_FIELDS, .name = text,
	};
	const struct value *row;
	char shown[TEXT_SHOWN];
	size_t n = 0;
	int rc;

	for (int f = 0; f < LOCATION_FIELDS; f++)
		columns[f] = f;
	rc = store_query(ctx->store, &query, &ctx->err);
	while (!rc && (rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		rc = 0;
		if (!is_named(row, text) || n++)
			continue;
		for (int f = 0; f < LOCATION_FIELDS; f++)
			out[f] = value_str(row[f].s ? arena_strdup(&ctx->arena, row[f].s) : NULL);
	}
	store_done(ctx->store);
	if (rc || n == 1)
		return rc;
	text_show(shown, text, strlen(text));
	if (n)
		err_set(&ctx->err, ERR_REFUSED, "'%s' names %zu locations", shown, n);
	else
		err_set(&ctx->err, ERR_ABSENT, "there is no location '%s'", shown);
	err_hint(&ctx->err, "name one by its id: didctl e911 locations list");
	return ctx->err.code;
}
