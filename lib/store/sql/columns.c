/* Fields to SQL: the columns of did_numbers (alias n), didctl_details (d) and organizations (o). */
#include <string.h>

#include "store/sql/sqlstore.h"

const struct sql_column base_columns[] = {
	{DID_POOL_STATUS, "pool_status"},
	{DID_STATUS, "status"},
	{DID_ORG_ID, "org_id"},
	{DID_ENV, "routing_environment"},
	{DID_DEFAULT, "is_default"},
	{DID_ROUTE_TYPE, "routing_type"},
	{DID_ROUTE_DEST, "routing_destination"},
	{DID_RECORDING, "recording_enabled"},
	{DID_TRUNK_ID, "trunk_id"},
	{DID_PROVIDER, "provider"},
	{DID_REGION, "region"},
	{DID_PRICE, "monthly_price"},
	{0, NULL},
};

const struct sql_column detail_columns[] = {
	{DID_OPERATOR, "operator"},
	{DID_CARRIER, "carrier"},
	{DID_CITY, "city"},
	{DID_STATE_CODE, "state_code"},
	{DID_RATE_CENTER, "rate_center"},
	{DID_SETUP_FEE, "setup_fee"},
	{DID_MINUTE_RATE, "minute_rate"},
	{DID_PACKAGE, "package"},
	{DID_CNAM, "cnam"},
	{DID_CNAM_STATUS, "cnam_status"},
	{DID_E911, "e911"},
	{DID_LOCATION, "location"},
	{DID_TAGS, "tags"},
	{DID_NOTES, "notes"},
	{DID_LOCKED, "locked"},
	{DID_HOLD_UNTIL, "hold_until"},
	{DID_AFTER_HOLD, "after_hold"},
	{DID_REQUESTED_AT, "requested_at"},
	{DID_HOLD_DAYS, "hold_days"},
	{DID_PREVIOUS_ORG_ID, "previous_org_id"},
	{DID_CNAM_SINCE, "cnam_since"},
	{DID_CNAM_NOTE, "cnam_note"},
	{DID_E911_SINCE, "e911_since"},
	{DID_E911_NOTE, "e911_note"},
	{DID_E911_CANDIDATES, "e911_candidates"},
	{0, NULL},
};

uint64_t columns_mask(const struct sql_column *columns)
{
	uint64_t mask = 0;

	for (const struct sql_column *c = columns; c->name; c++)
		mask |= FIELD_BIT(c->field);
	return mask;
}

uint64_t stored_fields(void)
{
	return columns_mask(base_columns) | columns_mask(detail_columns);
}

const char *sql_column_name(enum did_field field)
{
	const struct sql_column *lists[] = {base_columns, detail_columns};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (const struct sql_column *c = lists[i]; c->name; c++)
			if (c->field == field)
				return c->name;
	return NULL;
}

/* Those that an older version of didctl_details lacks, which is read all the same. */
#define FIELDS_OF_VERSION_3                                                                                            \
	(FIELD_BIT(DID_CNAM_SINCE) | FIELD_BIT(DID_CNAM_NOTE) | FIELD_BIT(DID_E911_SINCE) | FIELD_BIT(DID_E911_NOTE) |  \
	 FIELD_BIT(DID_E911_CANDIDATES))

bool sql_has_column(const struct sql_store *s, enum did_field field)
{
	return sql_has_services(s) || !(FIELDS_OF_VERSION_3 & FIELD_BIT(field));
}

/* As location_line() writes it. */
void sql_address(struct buf *out, const char *alias)
{
	static const char *const parts[][2] = {{", bldg ", "building"}, {", floor ", "floor"}, {", unit ", "unit"},
					       {", room ", "room"},	 {", ", "city"},	{", ", "state_code"},
					       {" ", "zip"},		 {", ", "country"}};

	buf_printf(out, "%s.street", alias);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		buf_printf(out, " || COALESCE('%s' || %s.%s, '')", parts[i][0], alias, parts[i][1]);
}

void sql_quote_name(struct buf *out, const char *name)
{
	buf_putc(out, '`');
	for (; *name; name++) {
		if (*name == '`')
			buf_putc(out, '`');
		buf_putc(out, *name);
	}
	buf_putc(out, '`');
}

/*
 * The hold date through a subquery that only reserved rows run: most listings then need no join at all.
 */
static void hold_until(const struct sql_store *s, struct buf *out)
{
	buf_puts(out, s->has_tables ? "(SELECT h.hold_until FROM didctl_details h WHERE h.number = n.number)" : "NULL");
}

/* The derived state, as state_of() has it; the table of states is the one source of both. */
static void state(const struct sql_store *s, struct buf *out)
{
	if (s->missing & (FIELD_BIT(DID_POOL_STATUS) | FIELD_BIT(DID_STATUS))) {
		buf_printf(out, "'%s'", state_info[STATE_UNKNOWN].name);
		return;
	}
	buf_printf(out, "CASE WHEN n.status = '%s' THEN '%s' WHEN n.status = '%s' THEN '%s'",
		   state_info[STATE_PORTED].status, state_info[STATE_PORTED].name, state_info[STATE_ARCHIVED].status,
		   state_info[STATE_ARCHIVED].name);
	for (int i = 0; i < STATE_UNKNOWN; i++) {
		const struct state_info *info = &state_info[i];

		if (i == STATE_PORTED || i == STATE_ARCHIVED)
			continue;
		buf_printf(out, " WHEN n.pool_status = '%s' AND n.status = '%s'", info->pool_status, info->status);
		if (info->has_hold) {
			buf_puts(out, " AND ");
			hold_until(s, out);
			buf_puts(out, " IS NOT NULL");
		}
		buf_printf(out, " THEN '%s'", info->name);
	}
	buf_printf(out, " ELSE '%s' END", state_info[STATE_UNKNOWN].name);
}

/* Ten digits that are a national number wherever there is a national form. */
#define NATIONAL_SAMPLE "2015550123"

/*
 * The key (E.164 digits) of n.number, out of every spelling in the country's list; any other text as it is. Each WHEN is
 * read off a sample number's spelling: what stands before the digits that it shares with the key.
 */
static void key(const struct sql_store *s, struct buf *out)
{
	struct number sample;
	char digits[NUMBER_TEXT], spelled[NUMBER_TEXT];
	size_t width, len, shared;

	buf_puts(out, "CASE WHEN n.number LIKE '+%' THEN SUBSTR(n.number, 2)");
	if (number_parse(&sample, NATIONAL_SAMPLE, strlen(NATIONAL_SAMPLE), s->country, NULL) == 0) {
		width = number_format(sample, digits);
		for (unsigned k = 2; k < number_spellings(sample, s->country); k++) {
			len = number_spell(sample, s->country, k, spelled);
			for (shared = 0; shared < len && shared < width; shared++)
				if (spelled[len - 1 - shared] != digits[width - 1 - shared])
					break;
			buf_printf(out, " WHEN %s(n.number) = %zu AND n.number LIKE '%.*s%%' THEN '%.*s' || SUBSTR(n.number, %zu)",
				   s->driver->dialect->length, len, (int)(len - shared), spelled, (int)(width - shared),
				   digits, len - shared + 1);
		}
	}
	buf_puts(out, " ELSE n.number END");
}

/* When a change of didctl's last touched the number: looked up in the history, by its block. */
static void updated_at(const struct sql_store *s, struct buf *out)
{
	struct buf k = {0};

	key(s, &k);
	buf_printf(out,
		   "(SELECT MAX(c.at) FROM didctl_history h JOIN didctl_changes c ON c.id = h.change_id"
		   " WHERE h.block = SUBSTR(%s, 1, %s(%s) - 3) AND h.first <= %s AND h.last >= %s)",
		   k.data, s->driver->dialect->length, k.data, k.data, k.data);
	buf_release(&k);
}

/* Parts of the number for sorting: the reader computes what is shown from the number itself. */
static void number_part(const struct sql_store *s, struct buf *out, enum did_field field)
{
	struct buf k = {0};

	key(s, &k);
	if (field == DID_AREA_CODE || field == DID_NXX)
		buf_printf(out, "CASE WHEN %s LIKE '1__________' THEN SUBSTR(%s, %d, 3) END", k.data, k.data,
			   field == DID_NXX ? 5 : 2);
	else if (field == DID_TOLL_FREE)
		buf_printf(out,
			   "%s LIKE '1__________' AND SUBSTR(%s, 2, 3) IN"
			   " ('800', '833', '844', '855', '866', '877', '888')",
			   k.data, k.data);
	else
		buf_puts(out, k.data);
	buf_release(&k);
}

/* The default name of the organisation that holds the number. */
static void inherited_name(const struct sql_store *s, struct buf *out)
{
	bool can_tell = sql_has_services(s) && !(s->missing & (FIELD_BIT(DID_ORG_ID) | FIELD_BIT(DID_POOL_STATUS)));

	buf_puts(out, can_tell ? "(SELECT x.cnam FROM didctl_orgs x WHERE x.org_id = n.org_id AND n.pool_status = 'assigned')" :
				 "NULL");
}

static void cnam_source(const struct sql_store *s, struct buf *out)
{
	buf_puts(out, "CASE WHEN d.cnam IS NOT NULL THEN 'number' WHEN ");
	inherited_name(s, out);
	buf_puts(out, " IS NOT NULL THEN 'org' END");
}

static unsigned derived(const struct sql_store *s, struct buf *out, enum did_field field)
{
	switch (field) {
	case DID_STATE:
		state(s, out);
		return 0;
	case DID_ORG:
		if (!sql_has_owners(s))
			return sql_field(s, out, DID_ORG_ID);
		buf_puts(out, "COALESCE(o.name, n.org_id)");
		return JOIN_ORGS;
	case DID_PREVIOUS_ORG:
		if (!s->has_tables)
			break;
		buf_puts(out, s->has_orgs ? "COALESCE((SELECT p.name FROM organizations p WHERE p.id = d.previous_org_id),"
					    " d.previous_org_id)" :
					    "d.previous_org_id");
		return JOIN_DETAILS;
	case DID_ROUTE:
		if (s->missing & (FIELD_BIT(DID_ROUTE_TYPE) | FIELD_BIT(DID_ROUTE_DEST)))
			break;
		buf_puts(out, "n.routing_type || ':' || COALESCE(n.routing_destination, '')");
		return 0;
	case DID_CNAM_SOURCE:
		if (!s->has_tables)
			break;
		cnam_source(s, out);
		return JOIN_DETAILS;
	case DID_ADDRESS:
		if (!sql_has_services(s))
			break;
		buf_puts(out, "(SELECT ");
		sql_address(out, "l");
		buf_puts(out, " FROM didctl_locations l WHERE l.id = d.location)");
		return JOIN_DETAILS;
	case DID_UPDATED_AT:
		if (!s->has_tables)
			break;
		updated_at(s, out);
		return 0;
	default:
		number_part(s, out, field);
		return 0;
	}
	buf_puts(out, "NULL");
	return 0;
}

/*
 * A number without a details row is not locked and has no emergency address set. As text, since filters compare with
 * text: on SQLite an expression, which has no affinity, is never equal to a value of another type.
 */
static void detail(const struct sql_store *s, struct buf *out, enum did_field field)
{
	if (field == DID_E911)
		buf_puts(out, "COALESCE(d.e911, 'not-set')");
	else if (field == DID_LOCKED)
		buf_puts(out, "CASE WHEN d.locked = 1 THEN '1' ELSE '0' END");
	else if (field == DID_CNAM) {
		buf_puts(out, "COALESCE(d.cnam, ");
		inherited_name(s, out);
		buf_putc(out, ')');
	} else {
		buf_puts(out, "d.");
		sql_quote_name(out, sql_column_name(field));
	}
}

unsigned sql_field(const struct sql_store *s, struct buf *out, enum did_field field)
{
	switch (did_field_home[field]) {
	case HOME_KEY:
		buf_puts(out, field == DID_ID ? "n.id" : "n.number");
		return 0;
	case HOME_BASE:
		if (s->missing & FIELD_BIT(field)) {
			buf_puts(out, "NULL");
			return 0;
		}
		buf_puts(out, "n.");
		sql_quote_name(out, sql_column_name(field));
		return 0;
	case HOME_DETAIL:
		if (!s->has_tables || !sql_has_column(s, field)) {
			buf_puts(out, field == DID_E911 ? "'not-set'" : field == DID_LOCKED ? "'0'" : "NULL");
			return 0;
		}
		detail(s, out, field);
		return JOIN_DETAILS;
	case HOME_DERIVED:
		break;
	}
	return derived(s, out, field);
}

void sql_from(struct buf *out, unsigned joins, const char *index)
{
	buf_puts(out, " FROM did_numbers n");
	if (index) {
		buf_puts(out, " FORCE INDEX (");
		sql_quote_name(out, index);
		buf_putc(out, ')');
	}
	if (joins & JOIN_DETAILS)
		buf_puts(out, " LEFT JOIN didctl_details d ON d.number = n.number");
	if (joins & JOIN_ORGS)
		buf_puts(out, " LEFT JOIN organizations o ON o.id = n.org_id");
}
