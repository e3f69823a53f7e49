#include "did/plan.h"

#include <stdlib.h>
#include <string.h>

const char *const result_names[] = {
	[RESULT_CHANGED] = "changed",
	[RESULT_UNCHANGED] = "unchanged",
	[RESULT_REFUSED] = "refused",
};

const char *const refusal_names[] = {
	[REFUSAL_NONE] = "",
	[REFUSAL_NOT_FOUND] = "not-found",
	[REFUSAL_STATE] = "state",
	[REFUSAL_LOCKED] = "locked",
	[REFUSAL_DUPLICATE] = "duplicate",
	[REFUSAL_TWIN] = "twin",
	[REFUSAL_OWNER] = "owner",
	[REFUSAL_HOLD] = "hold",
	[REFUSAL_RACE] = "race",
	[REFUSAL_RULE] = "rule",
};

const char *const object_names[OBJECT_KINDS] = {
	[OBJECT_ORG] = "org",
	[OBJECT_USER] = "user",
	[OBJECT_PORT] = "port",
	[OBJECT_LOCATION] = "location",
};

/*
 * Of a port order by enum port_field, its numbers and documents are rows of tables of their own; of a location in the order
 * of enum location_field.
 */
const char *const object_keys[OBJECT_KINDS][OBJECT_FIELDS] = {
	[OBJECT_ORG] = {"name", "context_prefix", "unrouted", "mail", "cnam"},
	[OBJECT_USER] = {"name", "org_id", "outbound_did"},
	[OBJECT_PORT] = {
		[PORT_STATE] = "state", [PORT_ORG_ID] = "org_id", [PORT_LOSING_CARRIER] = "losing_carrier",
		[PORT_TYPE] = "type", [PORT_ACCOUNT] = "account", [PORT_PIN] = "pin", [PORT_BTN] = "btn",
		[PORT_AUTHORISED_NAME] = "authorised_name", [PORT_SERVICE_ADDRESS] = "service_address",
		[PORT_CONTACT] = "contact", [PORT_REQUESTED_FOC] = "requested_foc",
		[PORT_REQUESTED_TIME] = "requested_time", [PORT_REQUESTED_ZONE] = "requested_zone",
		[PORT_ACTUAL_FOC] = "actual_foc", [PORT_FOC_TIME] = "foc_time", [PORT_FOC_ZONE] = "foc_zone",
		[PORT_CODE] = "code", [PORT_REASON] = "reason", [PORT_ENV] = "env", [PORT_ROUTE] = "route",
		[PORT_CNAM] = "cnam", [PORT_LOCATION] = "location", [PORT_SUBMITTED_AT] = "submitted_at",
		[PORT_NUMBERS] = "numbers", [PORT_DOCUMENTS] = "documents",
	},
	[OBJECT_LOCATION] = {"label", "org_id", "country", "street", "unit", "building", "floor", "room", "city", "state_code",
			     "zip", "contact", "civic"},
};

void plan_add_run(struct plan *plan, const struct run *run)
{
	GROW(plan->runs, plan->nruns, plan->runs_cap);
	plan->runs[plan->nruns++] = *run;
}

static int compare_texts(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

/* Twins share a key and may share a spelling: what follows only makes a plan print the same way each time. */
static int compare_runs(const void *left, const void *right)
{
	const struct run *a = left, *b = right;
	int order = number_cmp(a->first, b->first);

	if (!order)
		order = ORDER(a->spelling, b->spelling);
	if (!order)
		order = compare_texts(a->literal, b->literal);
	if (!order)
		order = ORDER(a->item, b->item);
	if (!order)
		order = ORDER(a->count, b->count);
	return order;
}

void plan_sort(struct plan *plan)
{
	if (plan->nruns)
		qsort(plan->runs, plan->nruns, sizeof(*plan->runs), compare_runs);
}

bool run_is_next(const struct run *a, const struct run *b)
{
	return a->kind == RUN_NUMBERS && b->kind == RUN_NUMBERS && a->first.width == b->first.width &&
	       b->first.value - a->first.value == a->count && a->spelling == b->spelling && a->spelling != SPELLING_LITERAL;
}

static bool is_alike(const struct run *a, const struct run *b)
{
	return a->before == b->before && a->after == b->after && a->item == b->item && a->result == b->result &&
	       a->code == b->code && compare_texts(a->reason, b->reason) == 0;
}

/* A row that is no number is found by every search for it, and is said once: its stored text is its own. */
static bool is_repeated(const struct run *a, const struct run *b)
{
	return !a->first.width && !b->first.width && a->literal && compare_texts(a->literal, b->literal) == 0;
}

void plan_merge(struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->nruns; i++) {
		struct run *last = n ? &plan->runs[n - 1] : NULL;

		if (last && is_repeated(last, &plan->runs[i]))
			continue;
		if (last && run_is_next(last, &plan->runs[i]) && is_alike(last, &plan->runs[i]))
			last->count += plan->runs[i].count;
		else
			plan->runs[n++] = plan->runs[i];
	}
	plan->nruns = n;
}

void plan_count(struct plan *plan)
{
	uint64_t counts[] = {[RESULT_CHANGED] = 0, [RESULT_UNCHANGED] = 0, [RESULT_REFUSED] = 0};

	for (size_t i = 0; i < plan->nruns; i++)
		counts[plan->runs[i].result] += plan->runs[i].count;
	plan->changed = counts[RESULT_CHANGED];
	plan->unchanged = counts[RESULT_UNCHANGED];
	plan->refused = counts[RESULT_REFUSED];
}

bool plan_has_work(const struct plan *plan)
{
	return plan->changed || plan->nextra || plan->nobjects;
}

void plan_reset(struct plan *plan)
{
	char change_id[UUID_TEXT];

	memcpy(change_id, plan->change_id, sizeof(change_id));
	plan_release(plan);
	memcpy(plan->change_id, change_id, sizeof(change_id));
}

void plan_release(struct plan *plan)
{
	recordset_release(&plan->records);
	strlist_release(&plan->follows);
	strlist_release(&plan->warnings);
	arena_release(&plan->arena);
	free(plan->runs);
	free(plan->extra);
	free(plan->objects);
	free(plan->owners.at);
	messages_release(&plan->messages);
	*plan = (struct plan){0};
}

bool run_covers(const struct run *run, struct number n)
{
	return run->first.width == n.width && n.value >= run->first.value && n.value - run->first.value < run->count;
}

const char *run_number(const struct run *run, uint64_t i, const struct country *country,
		       char out[NUMBER_TEXT])
{
	if (run->spelling == SPELLING_LITERAL)
		return run->literal;
	number_spell(number_add(run->first, i), country, run->spelling, out);
	return out;
}
