/* Listings: rows as they come, where that is the order that is wanted, else sorted here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "did/port.h"
#include "store/api/history.h"
#include "store/api/lacking.h"
#include "store/api/numbers.h"
#include "store/api/objects.h"
#include "store/api/ports_list.h"
#include "store/api/sorter.h"

#define CELLS_MAX 96 /* columns and sort keys */
#define KEYS_MAX 20

struct api_cursor {
	const struct query *query;
	struct api_orgs orgs;
	struct api_locations locations;
	struct api_numbers numbers;
	bool is_sorted; /* all rows are in the sorter */
	struct sorter sorter;
	struct sorter_key keys[KEYS_MAX];
	int columns[CELLS_MAX]; /* of the listing's table: those of the query, then those of the keys */
	size_t ncolumns;
	uint64_t rows;
	struct value cells[CELLS_MAX];
	char text[24];
};

static const struct column *table_of(const struct query *query)
{
	static const struct column *const tables[] = {
		[LIST_NUMBERS] = did_columns, [LIST_ORGS] = org_columns, [LIST_USERS] = user_columns,
		[LIST_CHANGES] = change_columns, [LIST_EVENTS] = event_columns, [LIST_LOCATIONS] = location_columns,
		[LIST_PORTS] = port_columns,
	};

	return tables[query->listing];
}

/* ---- the order */

static void add_key(struct api_cursor *c, struct sort_key key)
{
	if (c->sorter.nkeys == KEYS_MAX || c->ncolumns == CELLS_MAX)
		return;
	c->keys[c->sorter.nkeys++] = (struct sorter_key){c->ncolumns, table_of(c->query)[key.column].type,
							 key.is_descending};
	c->columns[c->ncolumns++] = key.column;
}

/* What decides where the keys are equal, as on a database. */
static void add_last_keys(struct api_cursor *c)
{
	static const struct sort_key org[] = {{ORG_NAME, false}, {ORG_ID, false}},
				     user[] = {{USER_NAME, false}, {USER_ID, false}}, number[] = {{DID_NUMBER, false}},
				     location[] = {{LOCATION_ORG_ID, false}, {LOCATION_LABEL, false},
						   {LOCATION_STREET, false}, {LOCATION_ID, false}};
	static const struct {
		const struct sort_key *at;
		size_t n;
	} last[] = {
		[LIST_NUMBERS] = {number, ARRAY_SIZE(number)}, [LIST_ORGS] = {org, ARRAY_SIZE(org)},
		[LIST_USERS] = {user, ARRAY_SIZE(user)}, [LIST_CHANGES] = {NULL, 0}, [LIST_EVENTS] = {NULL, 0},
		[LIST_LOCATIONS] = {location, ARRAY_SIZE(location)},
	};

	for (size_t i = 0; c->query->listing < ARRAY_SIZE(last) && i < last[c->query->listing].n; i++)
		add_key(c, last[c->query->listing].at[i]);
}

/* The order of the contract: of numbers by their stored text, unless some come by their ids; of objects by their ids. */
static bool comes_sorted(const struct query *q)
{
	if (q->listing != LIST_NUMBERS)
		return false;
	return !q->nsort || (q->nsort == 1 && q->sort[0].column == DID_NUMBER && !q->sort[0].is_descending &&
			     (!q->selection->nids || q->selection->npatterns));
}

static void start(struct api_cursor *c, const struct query *q)
{
	c->query = q;
	for (size_t i = 0; i < q->ncolumns; i++)
		c->columns[c->ncolumns++] = q->columns[i];
	c->is_sorted = !comes_sorted(q);
	for (size_t i = 0; c->is_sorted && i < q->nsort; i++)
		add_key(c, q->sort[i]);
	if (c->is_sorted && (q->listing == LIST_CHANGES || q->listing == LIST_EVENTS) && (q->newest_first || !q->nsort))
		add_key(c, (struct sort_key){q->listing == LIST_CHANGES ? CHANGE_AT : EVENT_AT, q->newest_first});
	if (c->is_sorted)
		add_last_keys(c);
	c->sorter.ncells = c->ncolumns;
	c->sorter.keys = c->keys;
	c->sorter.limit = q->limit;
}

static int keep_row(struct api_store *s, struct api_cursor *c, struct err *err)
{
	if (sorter_add(&c->sorter, c->cells))
		return 0;
	err_set(err, ERR_TARGET, "the rows that the API at '%s' gives are more than %u MiB, which is too much to sort here",
		s->origin, SORTER_BYTES >> 20);
	err_hint(err, "%snarrow them down with filters; --limit N keeps the first ones only",
		 c->query->listing == LIST_NUMBERS ? "leave --sort out, or -s none; " : "");
	return ERR_TARGET;
}

static bool has_column(const struct api_cursor *c, int from, int to)
{
	for (size_t i = 0; i < c->ncolumns; i++)
		if (c->columns[i] >= from && c->columns[i] <= to)
			return true;
	return false;
}

/* ---- numbers */

static bool wants_names(const struct api_cursor *c)
{
	const struct selection *selection = c->query->selection;

	for (size_t i = 0; i < selection->nfilters; i++)
		if (selection->filters[i].kind == FILTER_MATCH)
			return true;
	return has_column(c, DID_ORG, DID_ORG);
}

static int next_number(struct api_cursor *c, struct err *err)
{
	const struct api_row *row;
	int rc = api_numbers_next(&c->numbers, &row, err);

	for (size_t i = 0; rc == 1 && i < c->ncolumns; i++)
		c->cells[i] = row->whole.v[c->columns[i]];
	return rc;
}

/* Where there are no emergency addresses, no number has one. */
static int load_addresses(struct api_store *s, struct api_cursor *c, struct err *err)
{
	int rc = api_locations_load(s, &c->locations, err);

	return rc && s->offers[API_LIST_LOCATIONS] == OFFER_NO ? 0 : rc;
}

static int list_numbers(struct api_store *s, struct api_cursor *c, struct err *err)
{
	const struct query *q = c->query;
	int rc = wants_names(c) ? api_orgs_load(s, &c->orgs, err) : 0;

	if (!rc && has_column(c, DID_ADDRESS, DID_ADDRESS))
		rc = load_addresses(s, c, err);
	if (!rc)
		rc = api_numbers_open(&c->numbers, s, q->selection, &c->orgs, &c->locations, c->is_sorted ? 0 : q->limit, err);
	while (!rc && c->is_sorted && (rc = next_number(c, err)) == 1)
		rc = keep_row(s, c, err);
	return rc;
}

/* ---- organisations */

static bool begins_so(const struct query *q, const char *name)
{
	return !q->prefix_of || (name && !strncasecmp(name, q->prefix_of, strlen(q->prefix_of)));
}

static bool is_named(const struct query *q, const char *a, const char *b, const char *c)
{
	const char *const texts[] = {a, b, c};

	for (size_t i = 0; q->name && i < ARRAY_SIZE(texts); i++)
		if (texts[i] && !strcmp(texts[i], q->name))
			return true;
	return !q->name;
}

static struct value org_cell(struct api_cursor *c, const struct api_org *org, int field)
{
	switch (field) {
	case ORG_ID:
		return value_str(org->id);
	case ORG_NAME:
		return value_str(org->name);
	case ORG_CONTEXT_PREFIX:
		return value_str(org->context_prefix);
	case ORG_UNROUTED:
		return value_str("hangup");
	case ORG_NUMBERS:
		snprintf(c->text, sizeof(c->text), "%llu", (unsigned long long)org->numbers);
		return value_str(c->orgs.has_counts ? c->text : NULL);
	case ORG_DEFAULT:
		return value_str(c->orgs.has_counts ? org->default_number : NULL);
	case ORG_CNAM:
		return value_str(org->cnam);
	default: /* a setting of didctl's own */
		return value_str(NULL);
	}
}

static int list_orgs(struct api_store *s, struct api_cursor *c, struct err *err)
{
	int rc = api_orgs_load(s, &c->orgs, err);

	if (!rc && s->offers[API_LIST_ORGS] == OFFER_NO)
		return api_not_offered(s, API_LIST_ORGS, err);
	if (!rc && has_column(c, ORG_NUMBERS, ORG_DEFAULT))
		rc = api_orgs_count(s, &c->orgs, err);
	for (size_t i = 0; !rc && i < c->orgs.n; i++) {
		const struct api_org *org = &c->orgs.at[i];

		if (!is_named(c->query, org->id, org->name, org->context_prefix) || !begins_so(c->query, org->name))
			continue;
		for (size_t k = 0; k < c->ncolumns; k++)
			c->cells[k] = org_cell(c, org, c->columns[k]);
		rc = keep_row(s, c, err);
	}
	return rc;
}

/* ---- users */

struct user_keeper {
	struct object_visitor visitor;
	struct api_store *s;
	struct api_cursor *cursor;
};

static struct value user_cell(const struct api_cursor *c, const char *id, const char *const fields[OBJECT_FIELDS],
			      int field)
{
	const struct api_org *org;

	switch (field) {
	case USER_ID:
		return value_str(id);
	case USER_NAME:
		return value_str(fields[0]);
	case USER_ORG:
		org = api_orgs_find(&c->orgs, fields[1]);
		return value_str(org && org->name ? org->name : fields[1]);
	case USER_ORG_ID:
		return value_str(fields[1]);
	default:
		return value_str(fields[2]);
	}
}

static int keep_user(struct object_visitor *visitor, const char *id, const char *const fields[OBJECT_FIELDS],
		     struct err *err)
{
	struct user_keeper *keeper = (struct user_keeper *)visitor;
	struct api_cursor *c = keeper->cursor;
	const struct query *q = c->query;

	if (!is_named(q, id, fields[0], NULL) || !begins_so(q, fields[0]) ||
	    (q->org && (!fields[1] || strcmp(fields[1], q->org) != 0)))
		return 0;
	for (size_t i = 0; i < c->ncolumns; i++)
		c->cells[i] = user_cell(c, id, fields, c->columns[i]);
	return keep_row(keeper->s, c, err);
}

static int list_users(struct api_store *s, struct api_cursor *c, struct err *err)
{
	struct user_keeper keeper = {.visitor = {keep_user}, .s = s, .cursor = c};
	const struct query *q = c->query;
	struct buf query = {0};
	int rc = has_column(c, USER_ORG, USER_ORG) ? api_orgs_load(s, &c->orgs, err) : 0;

	if (q->org && api_is_id(q->org))
		api_query_add(&query, "org_id", q->org);
	if (q->prefix_of)
		api_query_add(&query, "name_prefix", q->prefix_of);
	if (!rc && q->name)
		rc = api_objects_find(s, OBJECT_USER, q->name, &keeper.visitor, err);
	else if (!rc)
		rc = api_objects_list(s, OBJECT_USER, buf_str(&query), &keeper.visitor, err);
	buf_release(&query);
	return rc;
}

/* ---- locations */

static struct value location_cell(struct api_cursor *c, const struct api_location *at, int field)
{
	const struct api_org *org;

	switch (field) {
	case LOCATION_ID:
		return value_str(at->id);
	case LOCATION_ORG:
		org = api_orgs_find(&c->orgs, at->v[OBJECT_OWNER]);
		return value_str(org && org->name ? org->name : at->v[OBJECT_OWNER]);
	case LOCATION_ADDRESS:
		return value_str(at->address);
	case LOCATION_NUMBERS:
		snprintf(c->text, sizeof(c->text), "%llu", (unsigned long long)at->numbers);
		return value_str(c->text);
	default:
		return value_str(at->v[field - LOCATION_LABEL]);
	}
}

static bool is_location_wanted(const struct query *q, const struct api_location *at)
{
	const char *owner = at->v[OBJECT_OWNER], *label = at->v[0];

	return is_named(q, at->id, label, NULL) && begins_so(q, label) && (!q->org || (owner && strcmp(owner, q->org) == 0));
}

static int list_locations(struct api_store *s, struct api_cursor *c, struct err *err)
{
	int rc = api_locations_load(s, &c->locations, err);

	if (!rc && has_column(c, LOCATION_ORG, LOCATION_ORG))
		rc = api_orgs_load(s, &c->orgs, err);
	if (!rc && has_column(c, LOCATION_NUMBERS, LOCATION_NUMBERS))
		rc = api_locations_count(s, &c->locations, err);
	for (size_t i = 0; !rc && i < c->locations.n; i++) {
		if (!is_location_wanted(c->query, &c->locations.at[i]))
			continue;
		for (size_t k = 0; k < c->ncolumns; k++)
			c->cells[k] = location_cell(c, &c->locations.at[i], c->columns[k]);
		rc = keep_row(s, c, err);
	}
	return rc;
}

/* ---- what was changed from here */

struct change_keeper {
	struct history_keeper keeper;
	struct api_store *s;
	struct api_cursor *cursor;
};

static int keep_change(struct history_keeper *keeper, const struct value *values, struct err *err)
{
	struct change_keeper *own = (struct change_keeper *)keeper;

	for (size_t i = 0; i < own->cursor->ncolumns; i++)
		own->cursor->cells[i] = values[own->cursor->columns[i]];
	return keep_row(own->s, own->cursor, err);
}

static int list_history(struct api_store *s, struct api_cursor *c, struct err *err)
{
	struct change_keeper keeper = {.keeper = {keep_change}, .s = s, .cursor = c};

	if (c->query->listing == LIST_CHANGES)
		return history_changes(s, c->query, &keeper.keeper, err);
	return history_events(s, c->query, &keeper.keeper, err);
}

/* ---- port orders, which come in the order of their serials */

struct order_keeper {
	struct port_keeper keeper;
	struct api_store *s;
	struct api_cursor *cursor;
};

static int keep_order(struct port_keeper *keeper, const struct value *values, struct err *err)
{
	struct order_keeper *own = (struct order_keeper *)keeper;

	for (size_t i = 0; i < own->cursor->ncolumns; i++)
		own->cursor->cells[i] = values[own->cursor->columns[i]];
	return keep_row(own->s, own->cursor, err);
}

static int list_ports(struct api_store *s, struct api_cursor *c, struct err *err)
{
	struct order_keeper keeper = {.keeper = {keep_order}, .s = s, .cursor = c};
	bool has_names = c->query->listing == LIST_PORTS && has_column(c, PORT_ORG, PORT_ORG);
	int rc = has_names ? api_orgs_load(s, &c->orgs, err) : 0;

	return rc ? rc : api_ports_list(s, c->query, &c->orgs, &keeper.keeper, err);
}

/* ---- any of them */

int api_store_query(struct store *store, const struct query *query, struct err *err)
{
	static int (*const list[])(struct api_store *, struct api_cursor *, struct err *) = {
		[LIST_NUMBERS] = list_numbers, [LIST_ORGS] = list_orgs, [LIST_USERS] = list_users,
		[LIST_CHANGES] = list_history, [LIST_EVENTS] = list_history, [LIST_LOCATIONS] = list_locations,
		[LIST_PORTS] = list_ports,
		[LIST_PORT_NUMBERS] = list_ports, [LIST_PORT_DOCUMENTS] = list_ports, [LIST_PORT_EVENTS] = list_ports,
		[LIST_PORT_MAIL] = list_ports, [LIST_PORT_PARTS] = list_ports,
	};
	struct api_store *s = (struct api_store *)store;
	int rc;

	s->cursor = xcalloc(1, sizeof(*s->cursor));
	start(s->cursor, query);
	rc = list[query->listing](s, s->cursor, err);
	if (rc)
		api_store_done(store);
	return rc;
}

int api_store_next(struct store *store, const struct value **row, struct err *err)
{
	struct api_cursor *c = ((struct api_store *)store)->cursor;
	int rc;

	if (c->query->limit && c->rows >= c->query->limit)
		return 0;
	if (c->is_sorted) {
		*row = sorter_next(&c->sorter);
		rc = *row != NULL;
	} else {
		rc = next_number(c, err);
		*row = c->cells;
	}
	c->rows += rc == 1;
	return rc;
}

void api_store_done(struct store *store)
{
	struct api_store *s = (struct api_store *)store;
	struct api_cursor *c = s->cursor;

	if (!c)
		return;
	api_numbers_close(&c->numbers);
	api_orgs_release(&c->orgs);
	api_locations_release(&c->locations);
	sorter_release(&c->sorter);
	free(c);
	s->cursor = NULL;
}
