#include "store/api/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/uuid.h"
#include "store/api/locations.h"
#include "store/api/objects.h"
#include "store/api/pages.h"
#include "store/api/ports.h"
#include "store/api/read.h"

static struct api_store *store_of(struct facts *facts)
{
	return ((struct api_facts *)facts)->s;
}

/* ---- rows */

static int raced(struct facts *facts, struct err *err)
{
	((struct api_facts *)facts)->has_raced = true;
	err_set(err, ERR_REFUSED, "somebody else is changing the same numbers");
	err_hint(err, "nothing was changed; look again with didctl pool list, then repeat the command");
	return ERR_REFUSED;
}

struct naming {
	struct row_visitor visitor;
	struct strlist rows; /* id, text, id, text ... */
	struct arena arena;
};

static int keep_row(struct row_visitor *visitor, const char *id, const char *stored, struct err *err)
{
	struct naming *naming = (struct naming *)visitor;

	(void)err;
	strlist_add(&naming->rows, arena_strdup(&naming->arena, id));
	strlist_add(&naming->rows, arena_strdup(&naming->arena, stored));
	return 0;
}

static const char *owner_of(struct facts *facts, const char *id, struct arena *arena)
{
	struct selection selection = {0};
	struct org org = {0};
	struct plan plan = {0};

	selection_add_id(&selection, id);
	if (api_read_rows(facts, &selection, &plan, NULL) == 0 && plan.nruns && plan.runs[0].before != RECORD_NONE &&
	    plan.records.at[plan.runs[0].before].v[DID_ORG_ID]) {
		org.id = arena_strdup(arena, plan.records.at[plan.runs[0].before].v[DID_ORG_ID]);
		facts->ops->load_owner(facts, &org, arena, NULL);
	}
	selection_release(&selection);
	plan_release(&plan);
	return org.name ? org.name : org.id ? org.id : "no organisation";
}

static int name_rows(struct facts *facts, struct number n, struct buf *out, struct err *err)
{
	struct naming naming = {.visitor = {keep_row}};
	struct rangeset one = {0};
	int rc;

	rangeset_add(&one, (struct interval){n, 1});
	rangeset_normalise(&one);
	rc = api_rows_by_number(facts, &one, &naming.visitor, err);
	for (size_t i = 0; i + 1 < naming.rows.n; i += 2)
		buf_printf(out, "%s%s (row %s, %s)", i ? " and " : "", naming.rows.at[i + 1], naming.rows.at[i],
			   owner_of(facts, naming.rows.at[i], &naming.arena));
	rangeset_release(&one);
	strlist_release(&naming.rows);
	arena_release(&naming.arena);
	return rc;
}

/* ---- organisations and their numbers */

static int load_owner(struct facts *facts, struct org *org, struct arena *arena, struct err *err)
{
	const char *fields[OBJECT_FIELDS] = {0};
	struct api_store *s = store_of(facts);
	char shown[TEXT_SHOWN];
	int rc = api_object_load(s, OBJECT_ORG, org->id, fields, arena, err);

	if (rc < 0 && s->offers[API_GET_ORG] == OFFER_NO) { /* it is taken to be there */
		org->name = org->id;
		return 0;
	}
	if (rc == 1) {
		org->name = arena_strdup(arena, text_show(shown, fields[0] ? fields[0] : "",
							  fields[0] ? strlen(fields[0]) : 0));
		org->context_prefix = fields[1];
		org->cnam = fields[OBJECT_CNAM];
	}
	return rc < 0 ? rc : 0;
}

/* The stored texts of an organisation's numbers, in their order; filters: "&is_default=true...". */
static int visit_numbers(struct facts *facts, const char *org_id, const char *filters, struct number_visitor *visitor,
			 struct err *err)
{
	struct api_pages pages = {0};
	const struct json *item;
	struct buf query = {0};
	int rc;

	api_query_add(&query, "org_id", org_id);
	buf_puts(&query, filters);
	rc = api_pages_open(&pages, store_of(facts), API_LIST_NUMBERS, query.data, 0, err);
	buf_release(&query);
	if (rc < 0)
		return rc;
	while (rc == 0 && (rc = api_pages_next(&pages, &item, err)) == 1) {
		const char *stored = json_string(json_get(item, "number"));

		rc = stored ? visitor->visit(visitor, stored, err) :
			      api_broken(store_of(facts), API_LIST_NUMBERS, "a row has no number", err);
	}
	api_pages_close(&pages);
	return rc < 0 ? rc : 0;
}

struct collector {
	struct number_visitor visitor;
	struct strlist *out;
	struct arena *arena;
	size_t wanted;
};

static int collect(struct number_visitor *visitor, const char *stored, struct err *err)
{
	struct collector *collector = (struct collector *)visitor;

	(void)err;
	strlist_add(collector->out, arena_strdup(collector->arena, stored));
	return --collector->wanted == 0;
}

#define FLAGGED_MAX 100 /* numbers of one organisation that may carry the default flag, which is one too many from two on */
#define ASSIGNED    "&pool_status=assigned"
#define IN_SERVICE  ASSIGNED "&status=active"

/* An API that does not list all numbers keeps its own counsel about defaults: nothing is known of them. */
static int defaults_of(struct facts *facts, const char *org_id, bool in_service, struct strlist *out,
		       struct arena *arena, struct err *err)
{
	struct collector collector = {.visitor = {collect}, .out = out, .arena = arena, .wanted = FLAGGED_MAX};
	bool has_list;
	int rc = api_facts_has_list((struct api_facts *)facts, &has_list, err);

	if (rc < 0 || !has_list)
		return rc;
	return visit_numbers(facts, org_id, in_service ? "&is_default=true" IN_SERVICE : "&is_default=true",
			     &collector.visitor, err);
}

static int holds_any(struct facts *facts, const char *org_id, const char **out, struct arena *arena, struct err *err)
{
	struct strlist held = {0};
	struct collector collector = {.visitor = {collect}, .out = &held, .arena = arena, .wanted = 1};
	bool has_list;
	int rc = api_facts_has_list((struct api_facts *)facts, &has_list, err);

	*out = "";
	if (rc < 0 || !has_list)
		return rc;
	rc = visit_numbers(facts, org_id, ASSIGNED, &collector.visitor, err);
	*out = held.n ? held.at[0] : NULL;
	strlist_release(&held);
	return rc;
}

static int in_service(struct facts *facts, const char *org_id, struct number_visitor *visitor, struct err *err)
{
	bool has_list;
	int rc = api_facts_has_list((struct api_facts *)facts, &has_list, err);

	return rc < 0 || !has_list ? rc : visit_numbers(facts, org_id, IN_SERVICE, visitor, err);
}

/* ---- organisations and users as objects */

struct caller_visitor {
	struct object_visitor visitor;
	struct user_visitor *next;
};

static int visit_caller(struct object_visitor *visitor, const char *id, const char *const fields[OBJECT_FIELDS],
			struct err *err)
{
	struct caller_visitor *callers = (struct caller_visitor *)visitor;

	if (!fields[2] || !*fields[2])
		return 0;
	return callers->next->visit(callers->next, &(struct user){id, fields[0], fields[1], fields[2]}, err);
}

static int callers(struct facts *facts, struct user_visitor *visitor, struct err *err)
{
	struct caller_visitor own = {.visitor = {visit_caller}, .next = visitor};
	struct api_store *s = store_of(facts);
	int rc = api_objects_list(s, OBJECT_USER, NULL, &own.visitor, err);

	return rc < 0 && s->offers[API_LIST_USERS] == OFFER_NO ? 0 : rc;
}

/*
 * Where organisations cannot be looked up, an id is taken as it is: the API refuses it if there is none. Where it has said so
 * already, to that id, only what looks like one is, as a row's owner may be that is gone; a name would be taken for deleted.
 */
static int find(struct facts *facts, enum object_kind kind, const char *text, struct object_visitor *visitor,
		struct err *err)
{
	static const char *const nothing[OBJECT_FIELDS];
	struct api_store *s = store_of(facts);
	int rc = api_objects_find(s, kind, text, visitor, err);

	if (rc < 0 && kind == OBJECT_ORG && s->offers[API_LIST_ORGS] == OFFER_NO && api_is_id(text) &&
	    (s->offers[API_GET_ORG] != OFFER_YES || uuid_is_valid(text)))
		return visitor->visit(visitor, text, nothing, err);
	return rc;
}

struct by_name {
	const char *id, *fields[OBJECT_FIELDS];
};

struct name_list {
	struct object_visitor visitor;
	struct arena arena;
	struct by_name *at;
	size_t n, cap;
};

static int keep_object(struct object_visitor *visitor, const char *id, const char *const fields[OBJECT_FIELDS],
		       struct err *err)
{
	struct name_list *list = (struct name_list *)visitor;
	struct by_name *kept;

	(void)err;
	GROW(list->at, list->n, list->cap);
	kept = &list->at[list->n++];
	*kept = (struct by_name){.id = arena_strdup(&list->arena, id)};
	for (int f = 0; f < OBJECT_FIELDS; f++)
		kept->fields[f] = fields[f] ? arena_strdup(&list->arena, fields[f]) : NULL;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	const char *x = ((const struct by_name *)a)->fields[0], *y = ((const struct by_name *)b)->fields[0];

	return strcmp(x ? x : "", y ? y : "");
}

static int list_by_name(struct facts *facts, enum object_kind kind, struct object_visitor *visitor, struct err *err)
{
	struct name_list list = {.visitor = {keep_object}};
	int rc = api_objects_list(store_of(facts), kind, NULL, &list.visitor, err);

	if (list.n)
		qsort(list.at, list.n, sizeof(*list.at), compare_names);
	for (size_t i = 0; rc == 0 && i < list.n; i++)
		rc = visitor->visit(visitor, list.at[i].id, list.at[i].fields, err);
	free(list.at);
	arena_release(&list.arena);
	return rc < 0 ? rc : 0;
}

static int load(struct facts *facts, enum object_kind kind, const char *id, const char *out[OBJECT_FIELDS],
		struct arena *arena, struct err *err)
{
	if (kind == OBJECT_PORT)
		return api_port_load(store_of(facts), id, out, arena, err);
	return api_object_load(store_of(facts), kind, id, out, arena, err);
}

/* Every row of a list counts; one of this id does not. */
static int count(struct facts *facts, enum org_count what, const char *value, const char *not_id, uint64_t *out,
		 struct err *err)
{
	static const struct {
		enum api_operation list;
		const char *parameter;
	} places[] = {
		[COUNT_NUMBERS] = {API_LIST_NUMBERS, "org_id"},
		[COUNT_USERS] = {API_LIST_USERS, "org_id"},
		[COUNT_SAME_NAME] = {API_LIST_ORGS, "name"},
		[COUNT_SAME_PREFIX] = {API_LIST_ORGS, "context_prefix"},
		[COUNT_LOCATIONS] = {API_LIST_LOCATIONS, "org_id"},
		[COUNT_AT_LOCATION] = {API_LIST_NUMBERS, "location_id"},
	};
	struct api_pages pages = {0};
	const struct json *item;
	struct buf query = {0};
	int rc;

	*out = 0;
	if (what == COUNT_PREPARED)
		return api_orders_with_location(store_of(facts), value, out, err);
	api_query_add(&query, places[what].parameter, value);
	rc = api_pages_open(&pages, store_of(facts), places[what].list, query.data, 0, err);
	buf_release(&query);
	if (rc < 0)
		return rc;
	while ((rc = api_pages_next(&pages, &item, err)) == 1) {
		const char *id = json_string(json_get(item, "id"));

		*out += !not_id || !id || strcmp(id, not_id) != 0;
	}
	api_pages_close(&pages);
	return rc;
}

static int near_locations(struct facts *facts, const char *const fields[OBJECT_FIELDS], struct object_visitor *visitor,
			  struct err *err)
{
	return api_locations_of(store_of(facts), fields[OBJECT_OWNER], visitor, err);
}

static const struct facts_ops api_facts_ops = {
	.read = api_read_rows,
	.rows_by_id = api_rows_by_id,
	.rows_by_number = api_rows_by_number,
	.raced = raced,
	.name_rows = name_rows,
	.load_owner = load_owner,
	.defaults_of = defaults_of,
	.holds_any = holds_any,
	.in_service = in_service,
	.callers = callers,
	.find = find,
	.list = list_by_name,
	.load = load,
	.near_locations = near_locations,
	.count = count,
	.open_orders = api_open_orders,
	.next_order = api_next_order,
};

int api_facts_has_list(struct api_facts *facts, bool *out, struct err *err)
{
	struct api_pages pages = {0};
	struct api_store *s = facts->s;
	int rc = 0;

	if (s->offers[API_LIST_NUMBERS] == OFFER_UNKNOWN) {
		rc = api_pages_open(&pages, s, API_LIST_NUMBERS, NULL, 1, err);
		api_pages_close(&pages);
	}
	*out = s->offers[API_LIST_NUMBERS] == OFFER_YES;
	return s->offers[API_LIST_NUMBERS] == OFFER_NO ? 0 : rc;
}

void api_facts_init(struct api_facts *facts, struct api_store *s)
{
	*facts = (struct api_facts){
		.facts = {
			.ops = &api_facts_ops,
			.country = s->country,
			.fallback = conf_get(s->conf, SET_FALLBACK_CALLER_ID, NULL),
			.target = s->origin,
			.has_orgs = true,
			.has_users = true,
			.has_prefixes = true,
		},
		.s = s,
	};
}

void api_facts_release(struct api_facts *facts)
{
	free(facts->seen);
	arena_release(&facts->arena);
	*facts = (struct api_facts){0};
}
