#include "store/api/rows.h"

#include <stdio.h>
#include <string.h>

#include "did/state.h"

/* The members of the contract's Number, and the columns that they are. */
static const struct member {
	const char *key;
	enum did_field field;
	bool is_bool; /* else a text; either may be null */
} members[] = {
	{"id", DID_ID, false},
	{"number", DID_NUMBER, false},
	{"org_id", DID_ORG_ID, false},
	{"trunk_id", DID_TRUNK_ID, false},
	{"pool_status", DID_POOL_STATUS, false},
	{"routing_environment", DID_ENV, false},
	{"is_default", DID_DEFAULT, true},
	{"routing_type", DID_ROUTE_TYPE, false},
	{"routing_destination", DID_ROUTE_DEST, false},
	{"recording_enabled", DID_RECORDING, true},
	{"status", DID_STATUS, false},
	{"region", DID_REGION, false},
	{"provider", DID_PROVIDER, false},
	{"monthly_price", DID_PRICE, false},
};

static int read_member(struct api_store *s, struct value *out, const struct member *m, const struct json *item,
		       struct err *err)
{
	const struct json *node = json_get(item, m->key);
	char what[64];
	bool flag;

	*out = value_str(NULL);
	if (!node || json_is_null(node))
		return 0;
	if (m->is_bool && json_bool(node, &flag))
		*out = value_str(flag ? "1" : "0");
	else if (!m->is_bool)
		*out = value_str(json_string(node));
	if (out->s)
		return 0;
	snprintf(what, sizeof(what), "'%s' of a number is %s", m->key, m->is_bool ? "no boolean" : "no text");
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

/* As a database gives them that has none of didctl's own tables. */
static void derive(struct api_store *s, struct api_row *row, const struct api_orgs *orgs)
{
	struct value *v = row->whole.v;
	const struct api_org *org = orgs ? api_orgs_find(orgs, v[DID_ORG_ID].s) : NULL;

	v[DID_STATE] = value_str(state_info[state_of(v[DID_POOL_STATUS].s, v[DID_STATUS].s, NULL)].name);
	row->whole.org_name = org ? org->name : NULL;
	v[DID_ORG] = row->whole.org_name ? value_str(row->whole.org_name) : v[DID_ORG_ID];
	if (v[DID_ROUTE_TYPE].s) {
		buf_reset(&row->route);
		buf_printf(&row->route, "%s:%s", v[DID_ROUTE_TYPE].s, text_of(v[DID_ROUTE_DEST]));
		v[DID_ROUTE] = value_str(row->route.data);
	}
	v[DID_LOCKED] = value_str("0");
	v[DID_E911] = value_str("not-set");
	derive_number(s, row);
}

int api_row_read(struct api_store *s, struct api_row *row, const struct json *item, const struct api_orgs *orgs,
		 struct err *err)
{
	struct value *v = row->whole.v;
	int rc = json_is_object(item) ? 0 : api_broken(s, API_LIST_NUMBERS, "a row is no object", err);

	memset(v, 0, sizeof(row->whole.v));
	for (size_t i = 0; !rc && i < ARRAY_SIZE(members); i++)
		rc = read_member(s, &v[members[i].field], &members[i], item, err);
	if (!rc && (!*text_of(v[DID_ID]) || !v[DID_NUMBER].s))
		rc = api_broken(s, API_LIST_NUMBERS, "a row has no 'id' or no 'number'", err);
	if (rc)
		return rc;
	row->etag = json_string(json_get(item, "etag"));
	derive(s, row, orgs);
	return 0;
}

void api_row_release(struct api_row *row)
{
	buf_release(&row->route);
	*row = (struct api_row){0};
}
