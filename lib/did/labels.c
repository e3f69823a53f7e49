#include "did/labels.h"

#include <string.h>

#include "base/text.h"
#include "did/objects.h"

#define LABEL 0 /* the field of a location's object */

/* Another location that is called so, and stays it. */
struct labelled {
	struct object_visitor visitor;
	const struct plan *plan;
	const struct object *own;
	struct arena *arena;
	const char *id;
};

/* The plan takes it away, or its label. */
static bool gives_up(const struct plan *plan, const char *id)
{
	for (size_t i = 0; i < plan->nobjects; i++) {
		const struct object *o = &plan->objects[i];

		if (o->kind == OBJECT_LOCATION && strcmp(o->id, id) == 0)
			return !o->is || object_differs(o, LABEL);
	}
	return false;
}

static int visit(struct object_visitor *visitor, const char *id, const char *const fields[OBJECT_FIELDS], struct err *err)
{
	struct labelled *other = (struct labelled *)visitor;

	(void)err;
	if (strcmp(id, other->own->id) == 0 || !text_is_same(fields[LABEL], other->own->after[LABEL]) ||
	    !text_is_same(fields[OBJECT_OWNER], other->own->after[OBJECT_OWNER]) || gives_up(other->plan, id))
		return 0;
	other->id = arena_strdup(other->arena, id);
	return 1;
}

/* Of the plan's numbers: all that are not refused get another location. */
static uint64_t count_moving(const struct plan *plan, const char *location)
{
	uint64_t n = 0;

	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];

		if (run->result != RESULT_REFUSED && run->before != RECORD_NONE &&
		    record_is(&plan->records.at[run->before], DID_LOCATION, location))
			n += run->count;
	}
	return n;
}

static int hand_over(struct facts *facts, struct plan *plan, const char *id, struct err *err)
{
	struct object *o = object_add(plan, OBJECT_LOCATION, id, NULL);
	int rc = facts->ops->load(facts, OBJECT_LOCATION, id, o->before, &plan->arena, err);

	if (rc < 0)
		return rc;
	memcpy(o->after, o->before, sizeof(o->after));
	o->name = o->before[LABEL];
	o->after[LABEL] = NULL;
	return 0;
}

int location_claim_label(struct facts *facts, struct plan *plan, const struct object *o, bool may_take,
			 struct err *err)
{
	struct labelled other = {.visitor = {visit}, .plan = plan, .own = o, .arena = &plan->arena};
	const char *label = o->after[LABEL];
	char shown[TEXT_SHOWN];
	uint64_t n = 0;
	int rc = label ? facts->ops->find(facts, OBJECT_LOCATION, label, &other.visitor, err) : 0;

	if (rc < 0 || !other.id)
		return rc;
	rc = facts->ops->count(facts, COUNT_AT_LOCATION, other.id, NULL, &n, err);
	if (rc < 0)
		return rc;
	if (may_take && n > 0 && n <= count_moving(plan, other.id))
		return hand_over(facts, plan, other.id, err);
	err_set(err, ERR_REFUSED, "another location of the organisation is labelled '%s': %s",
		text_show(shown, label, strlen(label)), other.id);
	err_hint(err, "take another label, or change that one: didctl e911 locations edit %s", other.id);
	return ERR_REFUSED;
}
