#include "store/api/rows.h"

#include <stdio.h>
#include <string.h>

#include "did/state.h"
#include "store/api/image.h"

/* A member that is a text or a boolean, or null. */
static int read_member(struct api_store *s, struct value *out, const char *key, bool is_bool, const struct json *item,
		       struct err *err)
{
	const struct json *member = json_get(item, key);
	char what[64];
	bool flag;

	*out = value_str(NULL);
	if (!member || json_is_null(member))
		return 0;
	if (is_bool && json_bool(member, &flag))
		*out = value_str(flag ? "1" : "0");
	else if (!is_bool)
		*out = value_str(json_string(member));
	if (out->s)
		return 0;
	snprintf(what, sizeof(what), "'%s' of a number is %s", key, is_bool ? "no boolean" : "no text");
	return api_broken(s, API_LIST_NUMBERS, what, err);
}

static const char *text_of(struct value v)
{
	return v.s ? v.s : "";
}

static void derive_number(struct api_store *s, struct api_row *row)
{
	struct value *v = row->whole.v;
	struct number *key = &row->key;

	row->whole.key = NULL;
	if (!number_parse_stored(key, v[DID_NUMBER].s, v[DID_NUMBER].len, s->country))
		return;
	row->whole.key = key;
	number_format(*key, row->e164);
	number_national(*key, s->country, row->national);
	v[DID_E164] = value_str(row->e164);
	v[DID_NATIONAL] = value_str(row->national);
	if (number_area_code(*key, row->area_code))
		v[DID_AREA_CODE] = value_str(row->area_code);
	if (number_nxx(*key, row->nxx))
		v[DID_NXX] = value_str(row->nxx);
	v[DID_TOLL_FREE] = value_str(number_is_toll_free(*key) ? "1" : "0");
}

/* The parts of a row, as far as this API has them; a name that counts may be the organisation's. */
static int read_parts(struct api_store *s, struct api_row *row, const struct json *item, struct err *err)
{
	struct value *v = row->whole.v;
	const struct json *cnam = json_get(item, row_part_names[PART_CNAM]);
	const char *text, *name = cnam ? json_string(json_get(cnam, "name")) : NULL;

	for (const struct api_field *f = api_fields[ROW_NUMBER]; f->key; f++) {
		if (f->part == PART_OWN)
			continue;
		if (!image_read_field(&text, f, item, &row->arena))
			return api_broken(s, API_LIST_NUMBERS,
					  arena_printf(&row->arena, "'%s' of a number cannot be read", f->key), err);
		v[f->field] = value_str(text);
	}
	s->has_services |= json_get(item, row_part_names[PART_E911]) != NULL;
	row->own_cnam = v[DID_CNAM].s;
	v[DID_CNAM] = value_str(name);
	v[DID_CNAM_SOURCE] = value_str(row->own_cnam ? "number" : name ? "org" : NULL);
	if (!v[DID_E911].s)
		v[DID_E911] = value_str("not-set");
	return 0;
}

/* As a database gives them that has no more of didctl's own tables than names and addresses. */
static void derive(struct api_store *s, struct api_row *row, const struct api_orgs *orgs,
		   const struct api_locations *locations)
{
	struct value *v = row->whole.v;
	const struct api_org *org = orgs ? api_orgs_find(orgs, v[DID_ORG_ID].s) : NULL;
	const struct api_location *location = locations ? api_locations_find(locations, v[DID_LOCATION].s) : NULL;

	v[DID_STATE] = value_str(state_info[state_of(v[DID_POOL_STATUS].s, v[DID_STATUS].s, NULL)].name);
	row->whole.org_name = org ? org->name : NULL;
	v[DID_ORG] = row->whole.org_name ? value_str(row->whole.org_name) : v[DID_ORG_ID];
	if (v[DID_ROUTE_TYPE].s) {
		buf_reset(&row->route);
		buf_printf(&row->route, "%s:%s", v[DID_ROUTE_TYPE].s, text_of(v[DID_ROUTE_DEST]));
		v[DID_ROUTE] = value_str(row->route.data);
	}
	v[DID_LOCKED] = value_str("0");
	v[DID_ADDRESS] = value_str(location ? location->address : NULL);
	derive_number(s, row);
}

int api_row_read(struct api_store *s, struct api_row *row, const struct json *item, const struct api_orgs *orgs,
		 const struct api_locations *locations, struct err *err)
{
	struct value *v = row->whole.v;
	int rc = json_is_object(item) ? 0 : api_broken(s, API_LIST_NUMBERS, "a row is no object", err);

	memset(v, 0, sizeof(row->whole.v));
	arena_release(&row->arena);
	if (!rc)
		rc = read_member(s, &v[DID_ID], "id", false, item, err);
	if (!rc)
		rc = read_member(s, &v[DID_NUMBER], "number", false, item, err);
	for (const struct api_field *f = api_fields[ROW_NUMBER]; !rc && f->key; f++)
		if (f->part == PART_OWN)
			rc = read_member(s, &v[f->field], f->key, f->is_bool, item, err);
	if (!rc)
		rc = read_parts(s, row, item, err);
	if (!rc && (!*text_of(v[DID_ID]) || !v[DID_NUMBER].s))
		rc = api_broken(s, API_LIST_NUMBERS, "a row has no 'id' or no 'number'", err);
	if (rc)
		return rc;
	row->etag = json_string(json_get(item, "etag"));
	derive(s, row, orgs, locations);
	return 0;
}

void api_row_release(struct api_row *row)
{
	buf_release(&row->route);
	arena_release(&row->arena);
	*row = (struct api_row){0};
}
