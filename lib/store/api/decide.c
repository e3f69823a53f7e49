#include "store/api/decide.h"

#include <string.h>

#include "did/objects.h"
#include "did/ports.h"
#include "did/rows.h"
#include "did/runs.h"
#include "did/services.h"
#include "did/settle.h"
#include "store/api/image.h"
#include "store/api/lacking.h"
#include "store/api/locations.h"
#include "store/api/pages.h"
#include "store/api/read.h"

struct deciding {
	struct api_facts *facts;
	const struct change *c;
	struct change own; /* of a port's completion: with the fields that were prepared */
	struct plan *plan;
	struct selection sel; /* by number and stored text */
	struct rows rows;     /* of a change that names rows */
};

/* ---- which numbers */

/* Without a list of all numbers there are the rows of ids, and those that are available. */
static int read_unlisted(struct deciding *d, const struct selection *wanted, struct plan *out, struct err *err)
{
	struct api_store *s = d->facts->s;
	int rc = d->facts->facts.ops->read(&d->facts->facts, wanted, out, err);

	if (rc == 0 || (s->offers[API_GET_NUMBER] != OFFER_NO && !d->c->pick.count))
		return rc;
	rc = api_facts_read_available(d->facts, wanted, out, err);
	if (rc == 0 && !out->nruns)
		rc = api_not_offered(s, API_GET_NUMBER, err);
	return rc;
}

/* Each row that is named by its id has to be there; one that was not found may be so for a filter. */
static int refuse_absent_ids(struct deciding *d, const struct selection *selection, struct err *err)
{
	struct strlist unseen = {0};
	int rc = 0;

	api_facts_unseen(d->facts, selection, &unseen);
	for (size_t i = 0; rc == 0 && i < unseen.n; i++) {
		struct api_answer answer = {0};

		rc = ERR_ABSENT;
		if (selection->nfilters)
			rc = api_call(d->facts->s, &(struct api_request){.operation = API_GET_NUMBER, .id = unseen.at[i]},
				      &answer, err);
		json_free(answer.body);
		if (rc == ERR_ABSENT) {
			runs_add_absent(d->plan, unseen.at[i]);
			rc = 0;
		}
	}
	strlist_release(&unseen);
	return rc;
}

static bool names_ids_only(const struct selection *selection)
{
	return selection->nids && !selection->numbers.n && !selection->nfilters;
}

static int search(struct deciding *d, const struct selection *selection, struct err *err)
{
	struct plan found = {0};
	bool has_list = true;
	int rc = names_ids_only(selection) ? api_facts_has_list(d->facts, &has_list, err) : 0;

	if (rc == 0 && !has_list)
		rc = read_unlisted(d, selection, &found, err);
	else if (rc == 0)
		rc = d->facts->facts.ops->read(&d->facts->facts, selection, &found, err);
	if (rc == 0)
		rc = refuse_absent_ids(d, selection, err);
	if (rc == 0)
		runs_take_keys(d->plan, &found, &d->sel.numbers, &d->sel.texts);
	plan_release(&found);
	return rc;
}

/* default clear ORG: whatever is flagged as the organisation's default. */
static int search_defaults(struct deciding *d, struct err *err)
{
	struct selection sel = {0};
	int rc;

	filter_add_value(selection_add_filter(&sel, FILTER_EQUAL, DID_ORG_ID), d->plan->org.id);
	filter_add_value(selection_add_filter(&sel, FILTER_EQUAL, DID_DEFAULT), "1");
	rc = search(d, &sel, err);
	selection_release(&sel);
	return rc;
}

/* The numbers that hang on what the change names: of an organisation, or at a location. */
static int search_dependent(struct deciding *d, struct err *err)
{
	struct selection sel = {0};
	int rc = services_select(&d->facts->facts, d->c, d->plan, &sel, err);

	if (rc == 0)
		rc = search(d, &sel, err);
	selection_release(&sel);
	return rc;
}

static int find_numbers(struct deciding *d, struct err *err)
{
	const struct selection *named = &d->c->selection;
	int rc = 0;

	if (d->c->verb == VERB_PORT_COMPLETE) {
		d->own = *d->c;
		d->c = &d->own;
		return ports_begin(&d->facts->facts, &d->own, d->plan, &d->sel.numbers, err);
	}
	if (rows_are_named(d->c))
		return rows_find(&d->facts->facts, d->c, d->plan, &d->rows, &d->sel.numbers, &d->sel.texts, err);
	if (d->c->verb == VERB_DEFAULT_CLEAR)
		return search_defaults(d, err);
	if (services_find_numbers(d->c))
		return search_dependent(d, err);
	if (named->nfilters || named->nids)
		rc = search(d, named, err);
	/* Without a filter a number that is not there is one of them too: it is refused, not passed over. */
	for (size_t i = 0; !named->nfilters && i < named->numbers.n; i++)
		rangeset_add(&d->sel.numbers, named->numbers.at[i]);
	rangeset_normalise(&d->sel.numbers);
	return rc;
}

/* ---- what becomes of them */

static int read_numbers(struct deciding *d, struct err *err)
{
	const struct selection *named = &d->c->selection;
	bool has_list;
	int rc = api_facts_has_list(d->facts, &has_list, err);

	if (rc < 0 || !selection_has_operands(&d->sel))
		return rc;
	if (!has_list && names_ids_only(named))
		return read_unlisted(d, named, d->plan, err);
	if (!has_list && d->c->pick.count)
		return read_unlisted(d, &d->sel, d->plan, err);
	return d->facts->facts.ops->read(&d->facts->facts, &d->sel, d->plan, err);
}

static int read_and_decide(struct deciding *d, struct err *err)
{
	struct facts *facts = &d->facts->facts;
	int rc;

	if (rows_are_named(d->c))
		return rows_decide(facts, d->c, d->plan, &d->rows, &d->sel, err);
	rc = read_numbers(d, err);
	if (rc == 0)
		rc = settle_load_owners(facts, d->plan, err);
	if (rc < 0)
		return rc;
	runs_refuse_twins(d->plan);
	runs_add_missing(d->plan, &d->sel.numbers);
	rc = services_prepare(facts, d->c, d->plan, err);
	if (rc < 0)
		return rc;
	runs_decide(d->c, d->plan);
	plan_merge(d->plan);
	return runs_name_twins(facts, d->plan, err);
}

/* ---- assign --count */

struct choosing {
	struct picker picker;
	const char *environment;
	struct api_facts *facts;
	bool has_others; /* the API showed numbers of other environments */
};

static int offer(struct choosing *choosing, const struct image *image)
{
	struct number n;

	if (!number_parse_stored(&n, image->number, strlen(image->number), choosing->facts->facts.country))
		return 0;
	return picker_offer(&choosing->picker, n);
}

static int choose(struct choosing *choosing, enum api_operation list, const char *query, struct err *err)
{
	struct api_pages pages = {0};
	struct arena arena = {0};
	const struct json *item;
	const char *what;
	struct image image;
	int rc = api_pages_open(&pages, choosing->facts->s, list, query, 0, err);

	while (rc == 0 && (rc = api_pages_next(&pages, &item, err)) == 1) {
		rc = 0;
		if (!image_read(&image, ROW_NUMBER, item, &arena, &what))
			rc = api_broken(choosing->facts->s, list, what, err);
		else if (!image.v[IMAGE_ENV] || strcmp(image.v[IMAGE_ENV], choosing->environment) != 0)
			choosing->has_others = true;
		else if (!image.v[IMAGE_ORG])
			rc = offer(choosing, &image);
		arena_release(&arena);
	}
	api_pages_close(&pages);
	return rc < 0 ? rc : 0;
}

/* The list of available numbers is that of the API's own environment, and says nothing about any other. */
static int choose_available(struct choosing *choosing, struct err *err)
{
	int rc = choose(choosing, API_LIST_AVAILABLE, NULL, err);

	if (rc == 0 && choosing->has_others && !choosing->picker.out->n)
		rc = api_not_offered(choosing->facts->s, API_LIST_NUMBERS, err);
	return rc;
}

static int choose_numbers(struct deciding *d, const struct rangeset *exclude, struct err *err)
{
	struct choosing choosing = {
		.picker = {.change = d->c, .exclude = exclude, .out = &d->sel.numbers},
		.environment = d->c->is_set[DID_ENV] ? d->c->value[DID_ENV] : "prod",
		.facts = d->facts,
	};
	struct buf query = {0};
	bool has_list;
	int rc = api_facts_has_list(d->facts, &has_list, err);

	buf_puts(&query, "pool_status=available&status=active");
	api_query_add(&query, "routing_environment", choosing.environment);
	if (rc == 0)
		rc = has_list ? choose(&choosing, API_LIST_NUMBERS, query.data, err) : choose_available(&choosing, err);
	buf_release(&query);
	return rc < 0 ? rc : picker_finish(&choosing.picker, err);
}

/* Picks, and looks again, until what was picked is free. */
static int pick_numbers(struct deciding *d, struct err *err)
{
	struct rangeset exclude = {0};
	int rc;

	do {
		d->sel.numbers.n = 0;
		d->plan->nruns = 0;
		rc = choose_numbers(d, &exclude, err);
		if (rc == 0)
			rc = read_and_decide(d, err);
	} while (rc == 0 && runs_exclude_refused(d->plan, &exclude));
	rangeset_release(&exclude);
	return rc;
}

/* ---- what the API has no field for, or takes of no row */

static const struct record *record_at(const struct plan *plan, uint32_t index)
{
	return index == RECORD_NONE ? NULL : &plan->records.at[index];
}

/* As the contract has it of what a PUT leaves: only a number in use has an owner, and only a number in service is a default. */
static bool is_sound(const struct record *r)
{
	enum did_state state = record_state(r);
	bool may_be_owned = state_info[state].is_held || state == STATE_PENDING;

	return state != STATE_UNKNOWN && !decide_broken_rule(r) && (may_be_owned || !r->v[DID_ORG_ID]);
}

/* An owner that is not there, or that has another default: the flag would be taken from that. */
static int check_owner(struct deciding *d, const struct record *before, const struct record *after, bool *is_fault,
		       struct err *err)
{
	const struct facts_ops *ops = d->facts->facts.ops;
	struct org org = {.id = after->v[DID_ORG_ID]};
	bool gets_owner = org.id && !(before && record_is(before, DID_ORG_ID, org.id));
	bool gets_flag = record_flag(after, DID_DEFAULT) && !(before && record_flag(before, DID_DEFAULT));
	struct strlist defaults = {0};
	int rc = gets_owner ? ops->load_owner(&d->facts->facts, &org, &d->plan->arena, err) : 0;

	if (rc == 0 && gets_flag)
		rc = ops->defaults_of(&d->facts->facts, org.id, false, &defaults, &d->plan->arena, err);
	*is_fault = (gets_owner && !org.name) || defaults.n > 0;
	strlist_release(&defaults);
	return rc;
}

/* Undo of what was mended brings faults back, which is more than an API allows. */
static int check_fault(struct deciding *d, const struct record *before, const struct record *after, struct err *err)
{
	bool is_fault = !is_sound(after);
	int rc = is_fault ? 0 : check_owner(d, before, after, &is_fault, err);

	return rc == 0 && is_fault ? api_lacks(d->facts->s, LACK_FAULT, err) : rc;
}

/* The number that a user's calls show is digits at least, as the contract has it. */
static int check_outbound(struct deciding *d, const struct object *object, struct err *err)
{
	enum { OUTBOUND = 2 };
	const char *text = object->kind == OBJECT_USER && object->is ? object->after[OUTBOUND] : NULL;
	size_t n;

	if (!text)
		return 0;
	text += *text == '+';
	n = strspn(text, "0123456789");
	return n < 3 || n > 19 || text[n] ? api_lacks(d->facts->s, LACK_FAULT, err) : 0;
}

static int check_run(struct deciding *d, const struct run *run, struct err *err)
{
	const struct record *after = record_at(d->plan, run->after), *before = record_at(d->plan, run->before);
	enum api_lack lack;

	if (run->kind == RUN_RESPELL || (!before && after && run->spelling == SPELLING_LITERAL))
		return api_lacks(d->facts->s, LACK_SPELLING, err);
	if (!after)
		return 0;
	lack = api_lack_of_fields(record_diff(before, after));
	if (lack != LACK_NOTHING)
		return api_lacks(d->facts->s, lack, err);
	return d->plan->restores_faults ? check_fault(d, before, after, err) : 0;
}

static int check_plan(struct deciding *d, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < d->plan->nruns; i++)
		if (d->plan->runs[i].result == RESULT_CHANGED)
			rc = check_run(d, &d->plan->runs[i], err);
	for (size_t i = 0; rc == 0 && d->plan->restores_faults && i < d->plan->nobjects; i++)
		rc = check_outbound(d, &d->plan->objects[i], err);
	return rc;
}

static int decide_numbers(struct deciding *d, struct err *err)
{
	int rc;

	if (d->c->verb == VERB_UNDO)
		return api_decide_undo(d->facts, d->c, d->plan, err);
	if (d->c->pick.count)
		return pick_numbers(d, err);
	rc = find_numbers(d, err);
	return rc < 0 ? rc : read_and_decide(d, err);
}

/*
 * Asked of the API where the change is about them, or may leave them behind. For all others it is enough what the rows
 * say once they are read.
 */
static int ask_services(struct deciding *d, struct err *err)
{
	const struct port_request *order = d->c->port;
	struct api_store *s = d->facts->s;
	bool must = verb_info[d->c->verb].is_service || (order && (order->value[PORT_CNAM] || order->value[PORT_LOCATION]));
	bool may = d->c->verb == VERB_ORG_DELETE || d->c->verb == VERB_UNDO || d->c->verb == VERB_PORT_COMPLETE;
	int rc = must || may ? api_need_services(s, err) : 0;

	d->facts->facts.has_locations = s->offers[API_LIST_LOCATIONS] == OFFER_YES;
	return may && s->offers[API_LIST_LOCATIONS] == OFFER_NO ? 0 : rc;
}

static int decide_all(struct deciding *d, struct err *err)
{
	enum api_lack lack = api_lack_of_change(d->c);
	struct facts *facts = &d->facts->facts;
	int rc;

	if (lack != LACK_NOTHING)
		return api_lacks(d->facts->s, lack, err);
	rc = ask_services(d, err);
	if (rc < 0)
		return rc;
	if (verb_info[d->c->verb].is_of_objects) {
		rc = is_port_verb(d->c->verb) ? ports_decide(facts, d->c, d->plan, err) :
						objects_decide(facts, d->c, d->plan, err);
		if (rc == 0)
			d->plan->changed = d->plan->nobjects;
		return rc;
	}
	rc = decide_numbers(d, err);
	if (rc < 0)
		return rc;
	facts->has_locations |= d->facts->s->has_services;
	plan_count(d->plan);
	rc = runs_check_refused(d->c, d->plan, err);
	if (rc == 0)
		rc = settle(facts, d->c, d->plan, err);
	if (rc == 0 && d->c->verb == VERB_PORT_COMPLETE)
		rc = ports_complete(facts, d->c, d->plan, err);
	plan_count(d->plan);
	if (rc == 0)
		rc = runs_check_expect(d->c, d->plan, err);
	if (rc == 0)
		rc = check_plan(d, err);
	return rc;
}

int api_decide(struct api_facts *facts, const struct change *change, struct plan *plan, struct err *err)
{
	struct deciding d = {.facts = facts, .c = change, .plan = plan};
	int rc = decide_all(&d, err);

	selection_release(&d.sel);
	rows_release(&d.rows);
	return rc;
}
