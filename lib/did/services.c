#include "did/services.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "did/decide.h"
#include "did/e911.h"
#include "did/labels.h"
#include "did/objects.h"
#include "did/ports.h"

#define FIELD(f) ((f) - LOCATION_LABEL) /* the place of a location's column among the fields of its object */

/* Guarded like organisations: a written key each, so that none goes while a number gets it. */
static int guard_location(struct facts *facts, struct plan *plan, const char *id, struct err *err)
{
	return object_guard(facts, arena_printf(&plan->arena, "location:%s", id), err);
}

int services_missing(const struct facts *facts, struct err *err)
{
	err_set(err, ERR_TARGET, "'%s' has no place for emergency addresses and names: that needs didctl's own tables of version 3",
		facts->target);
	err_hint(err, "didctl init makes or upgrades them; the PBX's tables are not altered");
	return ERR_TARGET;
}

/* What people call it; without a label the street tells it from others. */
static const char *location_name(const char *const fields[OBJECT_FIELDS])
{
	const char *label = fields[FIELD(LOCATION_LABEL)];

	return label ? label : fields[FIELD(LOCATION_STREET)];
}

/* The location that the change names; what it is, in values. */
static int find_location(struct facts *facts, const struct change *c, struct plan *plan, const char *values[OBJECT_FIELDS],
			 struct err *err)
{
	struct object_match m;
	int rc = object_resolve(facts, OBJECT_LOCATION, c->location_text, &m, &plan->arena, err);

	if (rc < 0)
		return rc;
	memcpy(values, m.values, sizeof(m.values));
	plan->location = m.id;
	plan->location_org = m.values[OBJECT_OWNER];
	plan->location_name = location_name(m.values);
	return guard_location(facts, plan, m.id, err);
}

bool services_find_numbers(const struct change *c)
{
	return verb_info[c->verb].finds_numbers && selection_is_all(&c->selection);
}

static void add_held(struct selection *selection, const char *org_id)
{
	filter_add_value(selection_add_filter(selection, FILTER_EQUAL, DID_ORG_ID), org_id);
	filter_add_value(selection_add_filter(selection, FILTER_EQUAL, DID_POOL_STATUS), "assigned");
}

int services_select(struct facts *facts, const struct change *c, struct plan *plan, struct selection *out,
		    struct err *err)
{
	const char *values[OBJECT_FIELDS];
	int rc;

	if (c->verb == VERB_LOCATION_EDIT) {
		rc = find_location(facts, c, plan, values, err);
		if (rc == 0)
			filter_add_value(selection_add_filter(out, FILTER_EQUAL, DID_LOCATION), plan->location);
		return rc;
	}
	rc = object_guard(facts, plan->org.id, err);
	if (rc == 0)
		add_held(out, plan->org.id);
	return rc;
}

bool services_select_heirs(struct plan *plan, const struct object *o, struct selection *out, const char **guard)
{
	if (!o->was || !o->is)
		return false;
	if (o->kind == OBJECT_LOCATION && location_is_elsewhere(o)) {
		filter_add_value(selection_add_filter(out, FILTER_EQUAL, DID_LOCATION), o->id);
		*guard = arena_printf(&plan->arena, "location:%s", o->id);
		return true;
	}
	if (o->kind != OBJECT_ORG || !object_differs(o, OBJECT_CNAM))
		return false;
	filter_add_value(selection_add_filter(out, FILTER_EQUAL, DID_ORG_ID), o->id);
	filter_add_value(selection_add_filter(out, FILTER_EQUAL, DID_POOL_STATUS), "assigned");
	*guard = o->id;
	return true;
}

static bool has_difference(const struct object *o)
{
	for (int f = 0; f < OBJECT_FIELDS; f++)
		if (object_differs(o, f))
			return true;
	return false;
}

static void drop_unless_changed(struct plan *plan)
{
	if (!has_difference(&plan->objects[plan->nobjects - 1]))
		plan->nobjects--;
}

static int prepare_default(struct facts *facts, const struct change *c, struct plan *plan, struct err *err)
{
	struct object *o = object_add(plan, OBJECT_ORG, plan->org.id, plan->org.name);
	int rc = facts->ops->load(facts, OBJECT_ORG, plan->org.id, o->before, &plan->arena, err);

	if (rc < 0)
		return rc;
	memcpy(o->after, o->before, sizeof(o->after));
	o->after[OBJECT_CNAM] = c->object_value[ORG_CNAM];
	plan->org.cnam = o->before[OBJECT_CNAM]; /* behind the guard */
	drop_unless_changed(plan);
	return 0;
}

/* The fields that the change names, over those that the object has. */
static void set_fields(const struct change *c, struct object *o)
{
	for (int f = LOCATION_LABEL; f < LOCATION_STORED; f++)
		if (c->object_is_set[f])
			o->after[FIELD(f)] = c->object_value[f];
	o->name = location_name(o->after);
}

static int check_fields(const struct object *o, struct err *err)
{
	const char *v[LOCATION_STORED] = {0};

	memcpy(&v[LOCATION_LABEL], o->after, sizeof(*v) * FIELD(LOCATION_STORED));
	return location_check(v, err);
}

static int prepare_edit(struct facts *facts, const struct change *c, struct plan *plan, struct err *err)
{
	struct object *o = object_add(plan, OBJECT_LOCATION, plan->location, NULL);
	int rc = facts->ops->load(facts, OBJECT_LOCATION, plan->location, o->before, &plan->arena, err);

	if (rc < 0)
		return rc;
	memcpy(o->after, o->before, sizeof(o->after));
	set_fields(c, o);
	rc = check_fields(o, err);
	if (rc == 0 && object_differs(o, FIELD(LOCATION_LABEL)))
		rc = location_claim_label(facts, plan, o, false, err);
	drop_unless_changed(plan);
	return rc;
}

/* Whose the numbers are that get a new location: it is of one organisation, as they have to be. */
static int find_owner(struct plan *plan, const char **out, struct err *err)
{
	*out = NULL;
	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];
		const char *owner = run->before == RECORD_NONE ? NULL : plan->records.at[run->before].v[DID_ORG_ID];

		if (!owner || run->result == RESULT_REFUSED)
			continue;
		if (*out && strcmp(*out, owner) != 0) {
			err_set(err, ERR_REFUSED, "the numbers are of several organisations, such as %s and %s",
				plan_owner_name(plan, *out), plan_owner_name(plan, owner));
			err_hint(err, "an address is of one organisation: set it for the numbers of each");
			return ERR_REFUSED;
		}
		*out = owner;
	}
	return 0;
}

/* The location where an address is already, whatever it is called: of several the one with this label, else the oldest. */
struct same_place {
	struct object_visitor visitor;
	const char *const *fields;
	struct arena *arena;
	const char *id, *label;
};

static int visit_same(struct object_visitor *visitor, const char *id, const char *const fields[OBJECT_FIELDS], struct err *err)
{
	struct same_place *same = (struct same_place *)visitor;
	const char *label = fields[FIELD(LOCATION_LABEL)], *wanted = same->fields[FIELD(LOCATION_LABEL)];
	bool is_called_so = wanted && label && strcmp(label, wanted) == 0;

	(void)err;
	for (int f = LOCATION_LABEL + 1; f < LOCATION_STORED; f++)
		if (!location_is_alike(fields[FIELD(f)], same->fields[FIELD(f)]))
			return 0;
	if (!same->id || is_called_so) {
		same->id = arena_strdup(same->arena, id);
		same->label = label ? arena_strdup(same->arena, label) : NULL;
	}
	return is_called_so;
}

static void warn_of_label(struct plan *plan, const struct same_place *same)
{
	const char *wanted = same->fields[FIELD(LOCATION_LABEL)];
	char shown[TEXT_SHOWN];

	if (!wanted || (same->label && strcmp(same->label, wanted) == 0))
		return;
	strlist_add(&plan->warnings,
		    arena_printf(&plan->arena, "the address is there already, %s%s: didctl e911 locations edit %s --label LABEL "
					       "gives it another one", same->label ? "labelled " : "without a label",
				 same->label ? text_show(shown, same->label, strlen(same->label)) : "", same->id));
}

/* A location with the fields of the change, for an organisation (NULL: nobody's). */
static int add_location(struct facts *facts, const struct change *c, struct plan *plan, const char *org_id, struct err *err)
{
	char id[UUID_TEXT];
	struct same_place same = {.visitor = {visit_same}, .arena = &plan->arena};
	struct object *o;
	int rc = uuid_make(id, err);

	if (rc < 0)
		return rc;
	o = object_add(plan, OBJECT_LOCATION, arena_strdup(&plan->arena, id), NULL);
	o->was = false;
	set_fields(c, o);
	o->after[OBJECT_OWNER] = org_id;
	same.fields = o->after;
	rc = check_fields(o, err);
	if (rc == 0) /* two at once would make it twice */
		rc = object_guard(facts, org_id ? org_id : "none", err);
	if (rc == 0)
		rc = facts->ops->near_locations(facts, o->after, &same.visitor, err);
	plan->location = same.id ? same.id : o->id;
	plan->location_org = org_id;
	plan->location_name = !same.id ? o->name : same.label ? same.label : o->after[FIELD(LOCATION_STREET)];
	if (rc < 0 || !same.id)
		return rc < 0 ? rc : location_claim_label(facts, plan, o, c->verb == VERB_E911_SET, err);
	warn_of_label(plan, &same);
	plan->nobjects--;
	return guard_location(facts, plan, same.id, err);
}

static int prepare_set(struct facts *facts, const struct change *c, struct plan *plan, struct err *err)
{
	const char *values[OBJECT_FIELDS], *owner = NULL;
	int rc;

	if (c->location_text)
		return find_location(facts, c, plan, values, err);
	rc = find_owner(plan, &owner, err);
	return rc < 0 || !owner ? rc : add_location(facts, c, plan, owner, err);
}

int services_prepare(struct facts *facts, const struct change *c, struct plan *plan, struct err *err)
{
	if (verb_info[c->verb].is_service && !facts->has_locations)
		return services_missing(facts, err);
	switch (c->verb) {
	case VERB_CNAM_DEFAULT:
		return prepare_default(facts, c, plan, err);
	case VERB_LOCATION_EDIT:
		return prepare_edit(facts, c, plan, err);
	case VERB_E911_SET:
		return prepare_set(facts, c, plan, err);
	default:
		return 0;
	}
}

/* How many of the plan's numbers leave the location. */
static uint64_t count_leaving(const struct plan *plan, const char *location)
{
	uint64_t n = 0;

	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];
		bool had = run->before != RECORD_NONE && record_is(&plan->records.at[run->before], DID_LOCATION, location);
		bool has = run->after != RECORD_NONE && record_is(&plan->records.at[run->after], DID_LOCATION, location);

		n += run->result == RESULT_CHANGED && had && !has ? run->count : 0;
	}
	return n;
}

/* Every edit of an order writes the guard of all orders, so that none gets the location meanwhile. */
static int refuse_prepared(struct facts *facts, const struct object *o, struct err *err)
{
	uint64_t n = 0;
	int rc = ports_guard(facts, err);

	if (rc == 0)
		rc = facts->ops->count(facts, COUNT_PREPARED, o->id, NULL, &n, err);
	if (rc < 0 || !n)
		return rc;
	err_set(err, ERR_REFUSED, "location '%s' is prepared for the numbers of %" PRIu64 " port order%s",
		o->name ? o->name : o->id, n, n == 1 ? "" : "s");
	err_hint(err, "give those another one first: didctl port list -c port,state,location");
	return ERR_REFUSED;
}

int services_refuse_location(struct facts *facts, struct plan *plan, const struct object *o, struct err *err)
{
	uint64_t n;
	int rc = guard_location(facts, plan, o->id, err);

	if (rc == 0 && facts->ops->open_orders)
		rc = refuse_prepared(facts, o, err);

	if (rc == 0)
		rc = facts->ops->count(facts, COUNT_AT_LOCATION, o->id, NULL, &n, err);
	if (rc < 0 || n <= count_leaving(plan, o->id))
		return rc;
	err_set(err, ERR_REFUSED, "location '%s' is the emergency address of %" PRIu64 " number%s", o->name ? o->name : o->id, n,
		n == 1 ? "" : "s");
	err_hint(err, "give them another one first: didctl e911 list -c number,location shows which they are");
	return ERR_REFUSED;
}

int services_refuse_org(struct facts *facts, const struct object *o, struct err *err)
{
	uint64_t n = 0;
	int rc = facts->has_locations ? facts->ops->count(facts, COUNT_LOCATIONS, o->id, NULL, &n, err) : 0;

	if (rc < 0 || !n)
		return rc;
	err_set(err, ERR_REFUSED, "organisation '%s' still has %" PRIu64 " emergency address%s", o->name, n, n == 1 ? "" : "es");
	err_hint(err, "delete them first: didctl e911 locations list --org ORG");
	return ERR_REFUSED;
}

int services_decide_location(struct facts *facts, const struct change *c, struct plan *plan, struct err *err)
{
	struct object *o;
	int rc;

	if (!facts->has_locations)
		return services_missing(facts, err);
	if (c->verb == VERB_LOCATION_ADD) {
		rc = add_location(facts, c, plan, plan->org.id, err);
		if (rc == 0 && !plan->nobjects) /* it is there already: named, and nothing is done */
			object_add(plan, OBJECT_LOCATION, plan->location, NULL);
		return rc;
	}
	o = object_add(plan, OBJECT_LOCATION, NULL, NULL);
	rc = find_location(facts, c, plan, o->before, err);
	o->id = plan->location;
	o->name = o->before[FIELD(LOCATION_LABEL)] ? o->before[FIELD(LOCATION_LABEL)] : o->before[FIELD(LOCATION_STREET)];
	o->is = false;
	return rc < 0 ? rc : services_refuse_location(facts, plan, o, err);
}
