/*
 * An inventory in memory that answers what a decision asks of a store (did/facts.h), so that what no database would let
 * happen can be asked about as well.
 */
#ifndef DIDCTL_TEST_INVENTORY_H
#define DIDCTL_TEST_INVENTORY_H

#include <strings.h>

#include "base/text.h"
#include "did/facts.h"
#include "did/port_numbers.h"
#include "tests/unit/records.h"

/* In the order of their stored texts. A number that cannot be read is none; the state is as records.h has it. */
struct inventory_row {
	const char *id, *stored;
	enum did_state state;
	const char *v[DID_FIELDS];
};

/* Fields by object_keys. */
struct inventory_object {
	enum object_kind kind;
	const char *id, *v[OBJECT_FIELDS];
};

struct inventory {
	struct facts facts; /* first */
	const struct inventory_row *rows;
	size_t nrows;
	const struct inventory_object *objects;
	size_t nobjects;
	const struct inventory_row *late; /* is read, but was not there when rows were looked for */
	struct buf guarded;		  /* "acme names ": what was guarded, in order */
};

static inline const struct inventory *inventory_of(struct facts *facts)
{
	return (const struct inventory *)facts;
}

static inline struct number inventory_key(const struct facts *facts, const char *stored)
{
	struct number n;

	return number_parse_stored(&n, stored, strlen(stored), facts->country) ? n : (struct number){0, 0};
}

static inline const char *inventory_field(const struct inventory_row *row, enum did_field field)
{
	return row->v[field] ? row->v[field] : field == DID_POOL_STATUS ? state_info[row->state].pool_status : NULL;
}

static inline bool inventory_is(const struct inventory_row *row, enum did_field field, const char *value)
{
	return inventory_field(row, field) && strcmp(inventory_field(row, field), value) == 0;
}

static inline int inventory_guard_orgs(struct facts *facts, const struct owners *owners, struct err *err)
{
	(void)err;
	for (size_t i = 0; i < owners->n; i++)
		buf_printf(&((struct inventory *)facts)->guarded, "%s ", owners->at[i].id);
	return 0;
}

static inline int inventory_guard_numbers(struct facts *facts, const struct rangeset *numbers, struct err *err)
{
	(void)err;
	buf_printf(&((struct inventory *)facts)->guarded, "%llu numbers ", (unsigned long long)rangeset_count(numbers));
	return 0;
}

static inline bool inventory_has(const struct facts *facts, const struct selection *sel, const struct inventory_row *row)
{
	for (size_t i = 0; i < sel->nfilters; i++)
		if (!inventory_is(row, sel->filters[i].field, sel->filters[i].values[0]))
			return false;
	return sel->nfilters || rangeset_has(&sel->numbers, inventory_key(facts, row->stored));
}

static inline void inventory_add_run(struct facts *facts, struct plan *out, const struct inventory_row *row)
{
	struct run run = {.first = inventory_key(facts, row->stored), .count = 1, .spelling = SPELLING_LITERAL};

	if (run.first.width)
		run.spelling = number_spelling(run.first, facts->country, row->stored, 0);
	if (run.spelling == SPELLING_LITERAL)
		run.literal = arena_strdup(&out->arena, row->stored);
	run.before = run.after = record_in(out, row->state, row->v);
	plan_add_run(out, &run);
}

static inline int inventory_read(struct facts *facts, const struct selection *sel, struct plan *out, struct err *err)
{
	const struct inventory *inventory = inventory_of(facts);

	(void)err;
	for (size_t i = 0; i < inventory->nrows; i++)
		if (inventory_has(facts, sel, &inventory->rows[i]))
			inventory_add_run(facts, out, &inventory->rows[i]);
	if (inventory->late)
		inventory_add_run(facts, out, inventory->late);
	return 0;
}

static inline int inventory_rows_by_id(struct facts *facts, const char *const *ids, size_t n, struct row_visitor *visitor,
				       struct err *err)
{
	const struct inventory *inventory = inventory_of(facts);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		for (size_t k = 0; rc == 0 && k < inventory->nrows; k++)
			if (strcasecmp(inventory->rows[k].id, ids[i]) == 0)
				rc = visitor->visit(visitor, inventory->rows[k].id, inventory->rows[k].stored, err);
	return rc;
}

static inline int inventory_rows_by_number(struct facts *facts, const struct rangeset *numbers, struct row_visitor *visitor,
					   struct err *err)
{
	const struct inventory *inventory = inventory_of(facts);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < inventory->nrows; i++)
		if (rangeset_has(numbers, inventory_key(facts, inventory->rows[i].stored)))
			rc = visitor->visit(visitor, inventory->rows[i].id, inventory->rows[i].stored, err);
	return rc;
}

static inline int inventory_raced(struct facts *facts, struct err *err)
{
	(void)facts;
	return err_set(err, ERR_REFUSED, "the rows are other ones by now");
}

static inline int inventory_name_rows(struct facts *facts, struct number n, struct buf *out, struct err *err)
{
	(void)facts;
	(void)err;
	buf_printf(out, "rows of %llu", (unsigned long long)n.value);
	return 0;
}

static inline const struct inventory_object *inventory_find_id(struct facts *facts, enum object_kind kind, const char *id)
{
	const struct inventory *inventory = inventory_of(facts);

	for (size_t i = 0; i < inventory->nobjects; i++)
		if (inventory->objects[i].kind == kind && strcmp(inventory->objects[i].id, id) == 0)
			return &inventory->objects[i];
	return NULL;
}

static inline int inventory_load_owner(struct facts *facts, struct org *org, struct arena *arena, struct err *err)
{
	const struct inventory_object *o = inventory_find_id(facts, OBJECT_ORG, org->id);

	(void)arena;
	(void)err;
	if (o)
		*org = (struct org){.id = org->id, .name = o->v[0], .context_prefix = o->v[1], .cnam = o->v[OBJECT_CNAM]};
	return 0;
}

static inline int inventory_defaults_of(struct facts *facts, const char *org_id, bool in_service, struct strlist *out,
					struct arena *arena, struct err *err)
{
	const struct inventory *inventory = inventory_of(facts);

	(void)arena;
	(void)err;
	for (size_t i = 0; i < inventory->nrows; i++)
		if (inventory_is(&inventory->rows[i], DID_ORG_ID, org_id) &&
		    inventory_is(&inventory->rows[i], DID_DEFAULT, "1") &&
		    (!in_service || inventory->rows[i].state == STATE_ASSIGNED))
			strlist_add(out, inventory->rows[i].stored);
	return 0;
}

static inline int inventory_in_service(struct facts *facts, const char *org_id, struct number_visitor *visitor,
				       struct err *err)
{
	const struct inventory *inventory = inventory_of(facts);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < inventory->nrows; i++)
		if (inventory->rows[i].state == STATE_ASSIGNED && inventory_is(&inventory->rows[i], DID_ORG_ID, org_id))
			rc = visitor->visit(visitor, inventory->rows[i].stored, err);
	return rc < 0 ? rc : 0;
}

static inline int inventory_holds_any(struct facts *facts, const char *org_id, const char **out, struct arena *arena,
				      struct err *err)
{
	const struct inventory *inventory = inventory_of(facts);

	(void)arena;
	(void)err;
	*out = NULL;
	for (size_t i = 0; i < inventory->nrows && !*out; i++)
		if (inventory->rows[i].state == STATE_ASSIGNED && inventory_is(&inventory->rows[i], DID_ORG_ID, org_id))
			*out = inventory->rows[i].stored;
	return 0;
}

static inline int inventory_callers(struct facts *facts, struct user_visitor *visitor, struct err *err)
{
	const struct inventory *inventory = inventory_of(facts);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < inventory->nobjects; i++) {
		const struct inventory_object *o = &inventory->objects[i];

		if (o->kind == OBJECT_USER && o->v[2])
			rc = visitor->visit(visitor, &(struct user){o->id, o->v[0], o->v[1], o->v[2]}, err);
	}
	return rc;
}

static inline int inventory_list(struct facts *facts, enum object_kind kind, struct object_visitor *visitor, struct err *err)
{
	const struct inventory *inventory = inventory_of(facts);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < inventory->nobjects; i++)
		if (inventory->objects[i].kind == kind)
			rc = visitor->visit(visitor, inventory->objects[i].id, inventory->objects[i].v, err);
	return rc < 0 ? rc : 0;
}

static inline int inventory_find(struct facts *facts, enum object_kind kind, const char *text,
				 struct object_visitor *visitor, struct err *err)
{
	(void)text; /* all are alike */
	return inventory_list(facts, kind, visitor, err);
}

static inline int inventory_load(struct facts *facts, enum object_kind kind, const char *id, const char *out[OBJECT_FIELDS],
				 struct arena *arena, struct err *err)
{
	const struct inventory_object *o = inventory_find_id(facts, kind, id);

	(void)arena;
	(void)err;
	if (o)
		memcpy(out, o->v, sizeof(o->v));
	return o != NULL;
}

static inline int inventory_near_locations(struct facts *facts, const char *const fields[OBJECT_FIELDS],
					   struct object_visitor *visitor, struct err *err)
{
	(void)fields;
	return inventory_list(facts, OBJECT_LOCATION, visitor, err);
}

static inline bool inventory_is_counted(const struct inventory_object *o, enum org_count what, const char *value)
{
	static const struct {
		enum object_kind kind;
		int field;
	} counted[] = {
		[COUNT_USERS] = {OBJECT_USER, OBJECT_OWNER},	     [COUNT_SAME_NAME] = {OBJECT_ORG, 0},
		[COUNT_SAME_PREFIX] = {OBJECT_ORG, 1},		     [COUNT_LOCATIONS] = {OBJECT_LOCATION, OBJECT_OWNER},
		[COUNT_PREPARED] = {OBJECT_PORT, PORT_LOCATION},
	};

	return o->kind == counted[what].kind && text_is_same(o->v[counted[what].field], value);
}

static inline int inventory_count(struct facts *facts, enum org_count what, const char *value, const char *not_id,
				  uint64_t *out, struct err *err)
{
	const struct inventory *inventory = inventory_of(facts);
	bool of_rows = what == COUNT_NUMBERS || what == COUNT_AT_LOCATION;

	(void)err;
	*out = 0;
	for (size_t i = 0; of_rows && i < inventory->nrows; i++)
		*out += inventory_is(&inventory->rows[i], what == COUNT_NUMBERS ? DID_ORG_ID : DID_LOCATION, value);
	for (size_t i = 0; !of_rows && i < inventory->nobjects; i++)
		*out += inventory_is_counted(&inventory->objects[i], what, value) &&
			!text_is_same(inventory->objects[i].id, not_id);
	return 0;
}

static inline int inventory_visit_order(const struct inventory_object *o, struct order_visitor *visitor, struct err *err)
{
	struct port_numbers numbers = {0};
	int rc = 0;

	if (port_numbers_read(&numbers, o->v[PORT_NUMBERS], NULL) < 0) /* a store keeps them as rows */
		numbers.n = 0;
	for (size_t i = 0; rc == 0 && i < numbers.n; i++)
		rc = visitor->visit(visitor, o->id, o->v[PORT_STATE], numbers.at[i].in, err);
	port_numbers_release(&numbers);
	return rc;
}

static inline bool inventory_is_open(const char *text)
{
	int state = text ? port_state_find(text) : -1;

	return state >= 0 && PORT_OPEN & PORT_BIT(state);
}

static inline int inventory_open_orders(struct facts *facts, const char *org_id, struct order_visitor *visitor,
					struct err *err)
{
	const struct inventory *inventory = inventory_of(facts);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < inventory->nobjects; i++) {
		const struct inventory_object *o = &inventory->objects[i];

		if (o->kind == OBJECT_PORT && inventory_is_open(o->v[PORT_STATE]) &&
		    (!org_id || text_is_same(o->v[PORT_ORG_ID], org_id)))
			rc = inventory_visit_order(o, visitor, err);
	}
	return rc;
}

static inline int inventory_next_order(struct facts *facts, const char **out, struct arena *arena, struct err *err)
{
	(void)facts;
	(void)arena;
	(void)err;
	*out = "99";
	return 0;
}

static const struct facts_ops inventory_ops = {
	.guard_orgs = inventory_guard_orgs,	    .guard_numbers = inventory_guard_numbers,
	.read = inventory_read,			    .rows_by_id = inventory_rows_by_id,
	.rows_by_number = inventory_rows_by_number, .raced = inventory_raced,
	.name_rows = inventory_name_rows,	    .load_owner = inventory_load_owner,
	.defaults_of = inventory_defaults_of,	    .holds_any = inventory_holds_any,
	.in_service = inventory_in_service,	    .callers = inventory_callers,
	.find = inventory_find,			    .list = inventory_list,
	.load = inventory_load,			    .near_locations = inventory_near_locations,
	.count = inventory_count,		    .open_orders = inventory_open_orders,
	.next_order = inventory_next_order,
};

/* With all that a store may have; guards are written. */
#define INVENTORY(row_array, object_array)                                                                             \
	{                                                                                                              \
		.facts = {.ops = &inventory_ops, .country = country_find("IN"), .fallback = "918065978001",            \
			  .target = "sqlite:test", .has_orgs = true, .has_users = true, .has_prefixes = true,          \
			  .has_locations = true, .guards = true},                                                      \
		.rows = (row_array), .nrows = ARRAY_SIZE(row_array), .objects = (object_array),                        \
		.nobjects = ARRAY_SIZE(object_array),                                                                  \
	}

/* What one case is decided on, and what came of it. */
struct decided {
	struct inventory inventory;
	struct plan plan;
	struct err err;
};

static inline void decided_reset(struct decided *scene, struct inventory inventory)
{
	plan_release(&scene->plan);
	buf_release(&scene->inventory.guarded);
	*scene = (struct decided){.inventory = inventory};
}

#endif
