#include "store/api/image.h"

#include <string.h>

#include "base/text.h"
#include "did/e911.h"
#include "did/port.h"
#include "store/api/lines.h"

#define NO_EDIT API_OPERATIONS

const char *const row_part_names[ROW_PARTS] = {[PART_CNAM] = "cnam", [PART_E911] = "e911"};

const struct row_operations row_operations[ROW_KINDS] = {
	[ROW_NUMBER] = {API_LIST_NUMBERS, API_GET_NUMBER, API_ADD_NUMBER, API_DELETE_NUMBER,
			{API_EDIT_NUMBER, API_SET_CNAM, API_SET_E911}, {NO_EDIT, API_CLEAR_CNAM, API_CLEAR_E911}},
	[ROW_ORG] = {API_LIST_ORGS, API_GET_ORG, API_ADD_ORG, API_DELETE_ORG,
		     {API_EDIT_ORG, API_SET_DEFAULT_CNAM, NO_EDIT}, {NO_EDIT, API_CLEAR_DEFAULT_CNAM, NO_EDIT}},
	[ROW_USER] = {API_LIST_USERS, API_GET_USER, API_ADD_USER, API_DELETE_USER,
		      {API_EDIT_USER, NO_EDIT, NO_EDIT}, {NO_EDIT, NO_EDIT, NO_EDIT}},
	[ROW_LOCATION] = {API_LIST_LOCATIONS, API_GET_LOCATION, API_ADD_LOCATION, API_DELETE_LOCATION,
			  {API_EDIT_LOCATION, NO_EDIT, NO_EDIT}, {NO_EDIT, NO_EDIT, NO_EDIT}},
	[ROW_PORT] = {API_LIST_PORTS, API_GET_PORT, API_ADD_PORT, API_DELETE_PORT,
		      {API_EDIT_PORT, NO_EDIT, NO_EDIT}, {NO_EDIT, NO_EDIT, NO_EDIT}},
};

bool row_part_of(enum row_kind kind, enum api_operation operation, enum row_part *out)
{
	const struct row_operations *of = &row_operations[kind];

	for (*out = PART_OWN; *out < ROW_PARTS; (*out)++)
		if (of->edit[*out] == operation || of->clear[*out] == operation)
			return true;
	return false;
}

/* Of the kinds of rows that are objects. */
static const enum object_kind object_kinds[ROW_KINDS] = {[ROW_ORG] = OBJECT_ORG, [ROW_USER] = OBJECT_USER,
							[ROW_LOCATION] = OBJECT_LOCATION, [ROW_PORT] = OBJECT_PORT};

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
	{"pool_status", DID_POOL_STATUS, false, true, true, PART_OWN, NULL, NULL},
	{"status", DID_STATUS, false, true, true, PART_OWN, NULL, NULL},
	{"org_id", DID_ORG_ID, false, false, true, PART_OWN, NULL, NULL},
	{"is_default", DID_DEFAULT, true, false, true, PART_OWN, NULL, NULL},
	{"routing_type", DID_ROUTE_TYPE, false, false, true, PART_OWN, NULL, NULL},
	{"routing_destination", DID_ROUTE_DEST, false, false, true, PART_OWN, NULL, NULL},
	{"routing_environment", DID_ENV, false, true, false, PART_OWN, NULL, NULL},
	{"recording_enabled", DID_RECORDING, true, false, false, PART_OWN, NULL, NULL},
	{"trunk_id", DID_TRUNK_ID, false, true, false, PART_OWN, NULL, NULL},
	{"region", DID_REGION, false, true, false, PART_OWN, NULL, NULL},
	{"provider", DID_PROVIDER, false, true, false, PART_OWN, NULL, NULL},
	{"monthly_price", DID_PRICE, false, true, false, PART_OWN, NULL, NULL},
	{"cnam", DID_CNAM, false, false, true, PART_CNAM, "name", NULL},
	{"cnam_status", DID_CNAM_STATUS, false, false, true, PART_CNAM, "status", NULL},
	{"cnam_note", DID_CNAM_NOTE, false, false, true, PART_CNAM, "reason", NULL},
	{"cnam_since", DID_CNAM_SINCE, false, false, true, PART_CNAM, "updated_at", NULL},
	{"location", DID_LOCATION, false, false, true, PART_E911, "location_id", NULL},
	{"e911", DID_E911, false, false, true, PART_E911, "status", NULL},
	{"e911_note", DID_E911_NOTE, false, false, true, PART_E911, "text", NULL},
	{"e911_candidates", DID_E911_CANDIDATES, false, false, true, PART_E911, "candidates", NULL},
	{"e911_since", DID_E911_SINCE, false, false, true, PART_E911, "updated_at", NULL},
	{0},
};

static const struct api_field org_fields[] = {
	{"name", 0, false, true, false, PART_OWN, NULL, NULL},
	{"context_prefix", 1, false, true, false, PART_OWN, NULL, NULL},
	{"cnam", OBJECT_CNAM, false, false, false, PART_CNAM, "name", NULL},
	{0},
};

static const struct api_field user_fields[] = {
	{"name", 0, false, true, false, PART_OWN, NULL, NULL},
	{"org_id", 1, false, true, false, PART_OWN, NULL, NULL},
	{"outbound_did", 2, false, true, false, PART_OWN, NULL, NULL},
	{0},
};

static const struct api_field location_fields[] = {
	{"label", 0, false, true, false, PART_OWN, NULL, NULL},
	{"org_id", OBJECT_OWNER, false, true, false, PART_OWN, NULL, NULL},
	{"country", 2, false, true, false, PART_OWN, NULL, NULL},
	{"street", 3, false, true, false, PART_OWN, NULL, NULL},
	{"unit", 4, false, true, false, PART_OWN, NULL, NULL},
	{"building", 5, false, true, false, PART_OWN, NULL, NULL},
	{"floor", 6, false, true, false, PART_OWN, NULL, NULL},
	{"room", 7, false, true, false, PART_OWN, NULL, NULL},
	{"city", 8, false, true, false, PART_OWN, NULL, NULL},
	{"state_code", 9, false, true, false, PART_OWN, NULL, NULL},
	{"zip", 10, false, true, false, PART_OWN, NULL, NULL},
	{"contact", 11, false, true, false, PART_OWN, NULL, NULL},
	{"civic", 12, false, true, false, PART_OWN, NULL, NULL},
	{0},
};

/* The state and what goes with it are set by a transition, the rest by an edit; submitted_at is the API's own to say. */
static const struct api_field port_fields[] = {
	[IMAGE_PORT_STATE] = {"state", PORT_STATE, false, false, false, PART_OWN, NULL, NULL},
	{"org_id", PORT_ORG_ID, false, true, false, PART_OWN, NULL, NULL},
	{"losing_carrier", PORT_LOSING_CARRIER, false, true, false, PART_OWN, NULL, NULL},
	{"type", PORT_TYPE, false, true, false, PART_OWN, NULL, NULL},
	{"account", PORT_ACCOUNT, false, true, false, PART_OWN, NULL, NULL},
	[IMAGE_PORT_PIN] = {"pin_id", PORT_PIN, false, true, false, PART_OWN, NULL, NULL},
	{"btn", PORT_BTN, false, true, false, PART_OWN, NULL, NULL},
	{"authorised_name", PORT_AUTHORISED_NAME, false, true, false, PART_OWN, NULL, NULL},
	{"service_address", PORT_SERVICE_ADDRESS, false, true, false, PART_OWN, NULL, NULL},
	{"contact", PORT_CONTACT, false, true, false, PART_OWN, NULL, NULL},
	{"requested_foc", PORT_REQUESTED_FOC, false, true, false, PART_OWN, NULL, NULL},
	{"requested_time", PORT_REQUESTED_TIME, false, true, false, PART_OWN, NULL, NULL},
	{"requested_zone", PORT_REQUESTED_ZONE, false, true, false, PART_OWN, NULL, NULL},
	[IMAGE_PORT_FOC] = {"actual_foc", PORT_ACTUAL_FOC, false, false, false, PART_OWN, NULL, NULL},
	{"foc_time", PORT_FOC_TIME, false, false, false, PART_OWN, NULL, NULL},
	{"foc_zone", PORT_FOC_ZONE, false, false, false, PART_OWN, NULL, NULL},
	[IMAGE_PORT_CODE] = {"code", PORT_CODE, false, false, false, PART_OWN, NULL, NULL},
	{"reason", PORT_REASON, false, false, false, PART_OWN, NULL, NULL},
	{"env", PORT_ENV, false, true, false, PART_OWN, NULL, NULL},
	{"route", PORT_ROUTE, false, true, false, PART_OWN, NULL, NULL},
	{"cnam", PORT_CNAM, false, true, false, PART_OWN, NULL, NULL},
	{"location", PORT_LOCATION, false, true, false, PART_OWN, NULL, NULL},
	[IMAGE_PORT_NUMBERS] = {"numbers", PORT_NUMBERS, false, true, false, PART_OWN, NULL, &port_numbers_shape},
	[IMAGE_PORT_DOCUMENTS] = {"documents", PORT_DOCUMENTS, false, false, false, PART_OWN, NULL, &port_documents_shape},
	{0},
};


const struct api_field *const api_fields[ROW_KINDS] = {
	[ROW_NUMBER] = number_fields, [ROW_ORG] = org_fields, [ROW_USER] = user_fields,
	[ROW_LOCATION] = location_fields, [ROW_PORT] = port_fields,
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

static bool read_value(const char **out, const struct api_field *field, const struct json *member, struct arena *arena)
{
	const char *text = json_string(member);
	bool flag;

	if (!member || json_is_null(member))
		return true;
	if (field->shape)
		return field->shape->read(out, member, arena);
	if (field->field == DID_E911_CANDIDATES && field->part == PART_E911) {
		*out = e911_candidates(member, arena);
		return json_is_array(member);
	}
	if (field->is_bool) {
		*out = json_bool(member, &flag) ? (flag ? "1" : "0") : NULL;
		return *out != NULL;
	}
	*out = text ? arena_strdup(arena, text) : NULL;
	return text != NULL;
}

/* Of a name that counts and is not the number's own, only how far the provider has it is the number's. */
static bool is_inherited(const struct api_field *field, const struct json *part)
{
	const char *source = json_string(json_get(part, "source"));

	return field->part == PART_CNAM && strcmp(field->member, "name") == 0 && source && strcmp(source, "number") != 0;
}

/* An emergency address that there is none of. */
static bool is_not_set(const struct json *part)
{
	const char *status = json_string(json_get(part, "status"));

	return status && strcmp(status, "not-set") == 0;
}

bool image_read_field(const char **out, const struct api_field *field, const struct json *row, struct arena *arena)
{
	const struct json *part;

	*out = NULL;
	if (field->part == PART_OWN)
		return json_get(row, field->key) && read_value(out, field, json_get(row, field->key), arena);
	part = json_get(row, row_part_names[field->part]);
	if (!part || json_is_null(part) || is_inherited(field, part) || is_not_set(part))
		return true;
	return json_is_object(part) && read_value(out, field, json_get(part, field->member), arena);
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
	for (int i = 0; fields[i].key; i++)
		if (!image_read_field(&out->v[i], &fields[i], object, arena)) {
			*what = arena_printf(arena, "a row has no usable field '%s'", fields[i].key);
			return false;
		}
	return true;
}

void image_to_record(const struct image *image, struct recordset *records, struct record *out)
{
	*out = (struct record){{0}, false};
	for (int i = 0; number_fields[i].key; i++)
		out->v[number_fields[i].field] = recordset_intern(records, image->v[i]);
}

static void put_value(struct buf *out, const char *key, const char *value, bool is_bool)
{
	buf_printf(out, "\"%s\":", key);
	if (is_bool)
		buf_puts(out, value && strcmp(value, "1") == 0 ? "true" : "false");
	else if (value)
		text_json(out, value, strlen(value));
	else
		buf_puts(out, "null");
}

void image_put(struct buf *out, enum row_kind kind, const struct image *image, int i)
{
	const struct api_field *field = &api_fields[kind][i];

	if (!field->shape) {
		put_value(out, field->key, image->v[i], field->is_bool);
		return;
	}
	buf_printf(out, "\"%s\":", field->key);
	field->shape->put(out, image->v[i]);
}

bool image_has_part(enum row_kind kind, const struct image *image, enum row_part part)
{
	for (int i = 0; api_fields[kind][i].key; i++)
		if (api_fields[kind][i].part == part && image->v[i])
			return true;
	return false;
}

void image_put_part(struct buf *out, enum row_kind kind, const struct image *image, enum row_part part)
{
	const char *between = "{";

	for (int i = 0; api_fields[kind][i].key; i++) {
		const struct api_field *field = &api_fields[kind][i];

		if (field->part != part)
			continue;
		buf_puts(out, between);
		between = ",";
		if (field->field == DID_E911_CANDIDATES && part == PART_E911) /* they are JSON already */
			buf_printf(out, "\"%s\":%s", field->member, image->v[i] ? image->v[i] : "[]");
		else
			put_value(out, field->member, image->v[i], false);
	}
	buf_putc(out, '}');
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

void image_to_history(struct buf *out, enum row_kind kind, const struct image *image, uint64_t fields)
{
	const char *const *keys = object_keys[object_kind_of(kind)], *between = "";

	buf_puts(out, image->is_there ? "{" : "null");
	for (int i = 0; image->is_there && api_fields[kind][i].key; i++) {
		if (!(fields >> i & 1))
			continue;
		buf_printf(out, "%s\"%s\":", between, keys[api_fields[kind][i].field]);
		if (image->v[i])
			text_json(out, image->v[i], strlen(image->v[i]));
		else
			buf_puts(out, "null");
		between = ",";
	}
	if (image->is_there)
		buf_putc(out, '}');
}
