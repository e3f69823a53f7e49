#include "store/api/image.h"

#include <string.h>

#include "base/text.h"

const struct row_operations row_operations[ROW_KINDS] = {
	[ROW_NUMBER] = {API_LIST_NUMBERS, API_GET_NUMBER, API_ADD_NUMBER, API_EDIT_NUMBER, API_DELETE_NUMBER},
	[ROW_ORG] = {API_LIST_ORGS, API_GET_ORG, API_ADD_ORG, API_EDIT_ORG, API_DELETE_ORG},
	[ROW_USER] = {API_LIST_USERS, API_GET_USER, API_ADD_USER, API_EDIT_USER, API_DELETE_USER},
};

/* Of the kinds of rows that are objects. */
static const enum object_kind object_kinds[ROW_KINDS] = {[ROW_ORG] = OBJECT_ORG, [ROW_USER] = OBJECT_USER};

enum row_kind row_kind_of(enum object_kind kind)
{
	enum row_kind row = ROW_NUMBER + 1;

	while (object_kinds[row] != kind)
		row++;
	return row;
}

enum object_kind object_kind_of(enum row_kind kind)
{
	return object_kinds[kind];
}

const char *row_kind_name(enum row_kind kind)
{
	return kind == ROW_NUMBER ? "number" : object_names[object_kinds[kind]];
}

static const struct api_field number_fields[] = {
	{"pool_status", DID_POOL_STATUS, false, true, true},
	{"status", DID_STATUS, false, true, true},
	{"org_id", DID_ORG_ID, false, false, true},
	{"is_default", DID_DEFAULT, true, false, true},
	{"routing_type", DID_ROUTE_TYPE, false, false, true},
	{"routing_destination", DID_ROUTE_DEST, false, false, true},
	{"routing_environment", DID_ENV, false, true, false},
	{"recording_enabled", DID_RECORDING, true, false, false},
	{"trunk_id", DID_TRUNK_ID, false, true, false},
	{"region", DID_REGION, false, true, false},
	{"provider", DID_PROVIDER, false, true, false},
	{"monthly_price", DID_PRICE, false, true, false},
	{NULL, 0, false, false, false},
};

static const struct api_field org_fields[] = {
	{"name", 0, false, true, false},
	{"context_prefix", 1, false, true, false},
	{NULL, 0, false, false, false},
};

static const struct api_field user_fields[] = {
	{"name", 0, false, true, false},
	{"org_id", 1, false, true, false},
	{"outbound_did", 2, false, true, false},
	{NULL, 0, false, false, false},
};

const struct api_field *const api_fields[ROW_KINDS] = {
	[ROW_NUMBER] = number_fields, [ROW_ORG] = org_fields, [ROW_USER] = user_fields,
};

uint64_t image_number_fields(void)
{
	uint64_t mask = 0;

	for (const struct api_field *f = number_fields; f->key; f++)
		mask |= FIELD_BIT(f->field);
	return mask;
}

struct image image_of_record(const struct record *record)
{
	struct image image = {.is_there = record != NULL};

	for (int i = 0; record && number_fields[i].key; i++)
		image.v[i] = record->v[number_fields[i].field];
	return image;
}

struct image image_of_object(const struct object *object, bool after)
{
	const struct api_field *fields = api_fields[row_kind_of(object->kind)];
	struct image image = {.is_there = after ? object->is : object->was, .id = object->id};

	for (int i = 0; image.is_there && fields[i].key; i++)
		image.v[i] = (after ? object->after : object->before)[fields[i].field];
	return image;
}

bool image_same(enum row_kind kind, const struct image *a, const struct image *b, int i)
{
	const char *absent = api_fields[kind][i].is_bool ? "0" : NULL;
	const char *x = a->v[i] ? a->v[i] : absent, *y = b->v[i] ? b->v[i] : absent;

	return x == y || (x && y && strcmp(x, y) == 0);
}

static bool read_field(const char **out, const struct api_field *field, const struct json *member, struct arena *arena)
{
	const char *text = json_string(member);
	bool flag;

	*out = NULL;
	if (json_is_null(member))
		return true;
	if (field->is_bool) {
		*out = json_bool(member, &flag) ? (flag ? "1" : "0") : NULL;
		return *out != NULL;
	}
	*out = text ? arena_strdup(arena, text) : NULL;
	return text != NULL;
}

static const char *read_text(const struct json *object, const char *key, struct arena *arena)
{
	const char *text = json_string(json_get(object, key));

	return text && *text ? arena_strdup(arena, text) : NULL;
}

bool image_read(struct image *out, enum row_kind kind, const struct json *object, struct arena *arena,
		const char **what)
{
	const struct api_field *fields = api_fields[kind];

	*out = (struct image){.is_there = true};
	*what = "it is not an object";
	if (!json_is_object(object))
		return false;
	out->id = read_text(object, "id", arena);
	out->etag = read_text(object, "etag", arena);
	out->number = kind == ROW_NUMBER ? read_text(object, "number", arena) : NULL;
	*what = "a row has no id";
	if (!out->id || !api_is_id(out->id))
		return false;
	*what = "a row has no number";
	if (kind == ROW_NUMBER && !out->number)
		return false;
	for (int i = 0; fields[i].key; i++) {
		const struct json *member = json_get(object, fields[i].key);

		*what = fields[i].key;
		if (!member || !read_field(&out->v[i], &fields[i], member, arena)) {
			*what = arena_printf(arena, "a row has no usable field '%s'", fields[i].key);
			return false;
		}
	}
	return true;
}

void image_to_record(const struct image *image, struct recordset *records, struct record *out)
{
	*out = (struct record){{0}, false};
	for (int i = 0; number_fields[i].key; i++)
		out->v[number_fields[i].field] = recordset_intern(records, image->v[i]);
}

void image_put(struct buf *out, enum row_kind kind, const struct image *image, int i)
{
	const struct api_field *field = &api_fields[kind][i];
	const char *value = image->v[i];

	buf_printf(out, "\"%s\":", field->key);
	if (field->is_bool)
		buf_puts(out, value && strcmp(value, "1") == 0 ? "true" : "false");
	else if (value)
		text_json(out, value, strlen(value));
	else
		buf_puts(out, "null");
}

void image_to_json(struct buf *out, enum row_kind kind, const struct image *image, uint64_t fields)
{
	const char *between = "";

	buf_puts(out, image->is_there ? "{" : "null");
	for (int i = 0; image->is_there && api_fields[kind][i].key; i++) {
		if (!(fields >> i & 1))
			continue;
		buf_puts(out, between);
		image_put(out, kind, image, i);
		between = ",";
	}
	if (image->is_there)
		buf_putc(out, '}');
}
