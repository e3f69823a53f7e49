/* Port orders: decided and undone. One guard for all of them: an order asks what the others have. */
#include "did/ports.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "did/objects.h"
#include "did/runs.h"

static struct object *add_object(struct plan *plan, const char *serial)
{
	const struct object o = {.kind = OBJECT_PORT, .id = serial, .name = serial, .was = true, .is = true};

	GROW(plan->objects, plan->nobjects, plan->objects_cap);
	plan->objects[plan->nobjects++] = o;
	return &plan->objects[plan->nobjects - 1];
}

#define NUMBER_DIGITS 7 /* no serial number gets there; a telephone number has as many */

int ports_absent(const char *serial, struct err *err)
{
	char shown[TEXT_SHOWN];

	err_set(err, ERR_ABSENT, "there is no port order '%s'", text_show(shown, serial, strlen(serial)));
	if (strlen(serial) < NUMBER_DIGITS)
		err_hint(err, "didctl port list shows them");
	else
		err_hint(err, "an order is named by its serial number: didctl port list --number %s finds it", shown);
	return ERR_ABSENT;
}

/* "port order 17 is draft: port foc cannot be done; legal now: port edit, port submit" */
static int wrong_state(const char *serial, enum verb verb, enum port_state state, struct err *err)
{
	struct buf verbs = {0};

	port_transition_verbs(&verbs, state);
	err_set(err, ERR_REFUSED, "port order %s is %s: %s cannot be done; legal now: %s", serial, port_state_names[state],
		verb_info[verb].name, verbs.len ? verbs.data : "nothing");
	buf_release(&verbs);
	return ERR_REFUSED;
}

/* ---- what each verb does */

static void copy_set(struct rangeset *out, const struct rangeset *in)
{
	for (size_t i = 0; i < in->n; i++)
		rangeset_add(out, in->at[i]);
	rangeset_normalise(out);
}

/* A PIN is named in the history and nowhere told: by the id of the row that holds it. */
static int set_fields(const struct change *c, struct plan *plan, struct object *o, struct err *err)
{
	char id[UUID_TEXT];
	int rc = 0;

	for (int f = 0; f < PORT_OWN_FIELDS; f++)
		if (c->port->is_set[f] && f != PORT_PIN)
			o->after[f] = c->port->value[f];
	if (!c->port->is_set[PORT_PIN])
		return 0;
	o->after[PORT_PIN] = NULL;
	if (c->port->pin && (rc = uuid_make(id, err)) == 0)
		o->after[PORT_PIN] = arena_strdup(&plan->arena, id);
	return rc;
}

static int decide_new(struct facts *facts, const struct change *c, struct plan *plan, struct err *err)
{
	struct port_numbers numbers = {0};
	struct rangeset wanted = {0};
	const char *serial;
	struct object *o;
	int rc = facts->ops->next_order(facts, &serial, &plan->arena, err);

	if (rc < 0)
		return rc;
	o = add_object(plan, serial);
	o->was = false;
	o->after[PORT_STATE] = port_state_names[PORT_DRAFT];
	o->after[PORT_ORG_ID] = plan->org.id;
	o->after[PORT_TYPE] = port_types[0];
	rc = set_fields(c, plan, o, err);
	copy_set(&wanted, &c->selection.numbers);
	if (rc == 0)
		rc = ports_check_numbers(facts, c, plan, serial, &wanted, err);
	port_numbers_add(&numbers, &wanted);
	ports_put_numbers(plan, o, &numbers);
	port_numbers_release(&numbers);
	rangeset_release(&wanted);
	return rc;
}

/* What the losing carrier has been told stays as it is until the order comes back. */
static int decide_edit(struct facts *facts, const struct change *c, struct plan *plan, struct object *o, struct err *err)
{
	enum port_state state = port_state_of(o->before);
	char word[COLUMN_PHRASE];

	(void)facts;
	for (int f = 0; f < PORT_OWN_FIELDS && state != PORT_DRAFT && state != PORT_EXCEPTION; f++)
		if (c->port->is_set[f] && port_is_told((enum port_field)f))
			return err_set(err, ERR_REFUSED,
				       "port order %s is %s: the losing carrier was told its %s; what can still be edited is what"
				       " the numbers get",
				       o->id, port_state_names[state], column_phrase(&port_columns[f], word));
	return set_fields(c, plan, o, err);
}

static int missing_number(const struct object *o, const struct rangeset *missing, struct err *err)
{
	char text[NUMBER_TEXT];

	number_format(missing->at[0].first, text);
	return err_set(err, ERR_ABSENT, "'%s' is not on port order %s", text, o->id);
}

/* The numbers that were named are all on the order, with one of the statuses. */
static int check_on_order(const struct change *c, const struct object *o, const struct port_numbers *numbers,
			  unsigned statuses, struct err *err)
{
	struct rangeset there = {0}, missing = {0};
	int rc = 0;

	port_numbers_of(numbers, statuses, &there);
	rangeset_subtract(&missing, &c->selection.numbers, &there);
	if (missing.n)
		rc = missing_number(o, &missing, err);
	rangeset_release(&there);
	rangeset_release(&missing);
	return rc;
}

#define NOT_COMPLETED (PORT_NUMBER_ANY & ~(1u << PORT_NUMBER_COMPLETED))

static int remove_numbers(const struct change *c, const struct object *o, struct port_numbers *numbers, struct err *err)
{
	int rc = check_on_order(c, o, numbers, NOT_COMPLETED, err);

	if (rc < 0)
		return rc;
	port_numbers_remove(numbers, &c->selection.numbers);
	if (!numbers->n)
		rc = err_set(err, ERR_REFUSED, "port order %s would have no number left: port cancel ends it", o->id);
	return rc;
}

static int decide_attach(struct facts *facts, const struct change *c, struct plan *plan, struct object *o,
			 struct err *err)
{
	enum port_state state = port_state_of(o->before);
	struct port_numbers numbers = {0};
	struct rangeset wanted = {0};
	int rc = port_numbers_read(&numbers, o->before[PORT_NUMBERS], err);

	if (rc == 0 && c->port->removes) {
		rc = remove_numbers(c, o, &numbers, err);
	} else if (rc == 0 && state != PORT_DRAFT && state != PORT_EXCEPTION) {
		rc = err_set(err, ERR_REFUSED, "port order %s is %s: the losing carrier was told its numbers; another order"
					       " brings in more", o->id, port_state_names[state]);
	} else if (rc == 0) {
		copy_set(&wanted, &c->selection.numbers);
		rc = ports_check_numbers(facts, c, plan, o->id, &wanted, err);
		port_numbers_add(&numbers, &wanted);
	}
	ports_put_numbers(plan, o, &numbers);
	port_numbers_release(&numbers);
	rangeset_release(&wanted);
	return rc;
}

/* The number of the last document, and whether one of them has this hash. */
static unsigned last_document(const char *documents, const char *sha256, bool *is_there)
{
	unsigned last = 0;

	*is_there = false;
	for (const char *line = documents; line && *line;) {
		size_t len = strcspn(line, "\n");
		const char *hash = memmem(line, len, sha256, strlen(sha256));

		last = (unsigned)strtoul(line, NULL, 10);
		*is_there |= hash && hash > line && hash[-1] == '\t';
		line += len + (line[len] == '\n');
	}
	return last;
}

static int decide_document(struct facts *facts, const struct change *c, struct plan *plan, struct object *o,
			   struct err *err)
{
	const struct port_document *d = c->port->document;
	const char *old = o->before[PORT_DOCUMENTS] ? o->before[PORT_DOCUMENTS] : "";
	char id[UUID_TEXT], at[CLOCK_TEXT];
	bool is_there;
	unsigned last = last_document(old, d->sha256, &is_there);
	int rc = uuid_make(id, err);

	(void)facts;
	if (rc < 0 || is_there)
		return rc;
	o->after[PORT_DOCUMENTS] = arena_printf(&plan->arena, "%s%u\t%s\t%s\t%s\t%zu\t%s\t%s\t%s\n", old, last + 1, d->kind,
						d->name, d->type, d->size, d->sha256, clock_format(c->now_ms, at), id);
	return 0;
}

static int check_complete(const struct object *o, struct err *err)
{
	struct strlist missing = {0};
	struct buf text = {0};
	int rc = 0;

	port_missing(&missing, o->after, o->after[PORT_DOCUMENTS]);
	for (size_t i = 0; i < missing.n; i++)
		buf_printf(&text, "%s%s", i ? ", " : "", missing.at[i]);
	if (missing.n) {
		rc = err_set(err, ERR_REFUSED, "port order %s cannot be submitted, it lacks %s", o->id, text.data);
		err_hint(err, "didctl port edit %s adds what is a field of it", o->id);
	}
	strlist_release(&missing);
	buf_release(&text);
	return rc;
}

/* All numbers wait again, whatever came of them the last time. */
static int reset_numbers(struct plan *plan, struct object *o, struct err *err)
{
	struct port_numbers numbers = {0};
	struct rangeset again = {0};
	int rc = port_numbers_read(&numbers, o->before[PORT_NUMBERS], err);

	port_numbers_of(&numbers, NOT_COMPLETED, &again);
	port_numbers_mark(&numbers, &again, PORT_NUMBER_PENDING, NULL);
	ports_put_numbers(plan, o, &numbers);
	rangeset_release(&again);
	port_numbers_release(&numbers);
	return rc;
}

static int decide_submit(struct facts *facts, const struct change *c, struct plan *plan, struct object *o,
			 struct err *err)
{
	char at[CLOCK_TEXT];
	int rc = check_complete(o, err);

	(void)facts;
	o->after[PORT_SUBMITTED_AT] = arena_strdup(&plan->arena, clock_format(c->now_ms, at));
	o->after[PORT_CODE] = o->after[PORT_REASON] = NULL;
	return rc < 0 ? rc : reset_numbers(plan, o, err);
}

static int decide_fields(struct facts *facts, const struct change *c, struct plan *plan, struct object *o,
			 struct err *err)
{
	(void)facts;
	return set_fields(c, plan, o, err);
}

/* Time and zone of the commitment before it count on: a carrier moves the day, and the switch stays where it is. */
static int decide_foc(struct facts *facts, const struct change *c, struct plan *plan, struct object *o, struct err *err)
{
	const char *const *foc = &o->after[PORT_ACTUAL_FOC];
	char due[CLOCK_TEXT];
	int64_t foc_ms;
	int rc = set_fields(c, plan, o, err);

	(void)facts;
	o->after[PORT_CODE] = o->after[PORT_REASON] = NULL;
	if (rc == 0)
		rc = ports_refuse_over(o->after, PORT_ACTUAL_FOC, c->now_ms, err);
	if (rc == 0)
		rc = port_foc_ms(&foc_ms, foc[0], foc[1], foc[2], err);
	if (rc == 0)
		strlist_add(&plan->follows, arena_printf(&plan->arena, "port order %s is due at %s (%s%s%s %s)", o->id,
							 clock_format(foc_ms, due), foc[0], foc[1] ? " " : "",
							 foc[1] ? foc[1] : "", foc[2] ? foc[2] : "UTC"));
	return rc;
}

/* The carrier has to commit to another day. Numbers that were named are those that it is about. */
static int decide_reject(struct facts *facts, const struct change *c, struct plan *plan, struct object *o,
			 struct err *err)
{
	struct port_numbers numbers = {0};
	int rc = set_fields(c, plan, o, err);

	(void)facts;
	o->after[PORT_ACTUAL_FOC] = o->after[PORT_FOC_TIME] = o->after[PORT_FOC_ZONE] = NULL;
	if (rc == 0)
		rc = port_numbers_read(&numbers, o->before[PORT_NUMBERS], err);
	if (rc == 0 && c->selection.numbers.n)
		rc = check_on_order(c, o, &numbers, NOT_COMPLETED, err);
	if (rc == 0)
		port_numbers_mark(&numbers, &c->selection.numbers, PORT_NUMBER_REJECTED, o->after[PORT_REASON]);
	ports_put_numbers(plan, o, &numbers);
	port_numbers_release(&numbers);
	return rc;
}

static int decide_cancel(struct facts *facts, const struct change *c, struct plan *plan, struct object *o,
			 struct err *err)
{
	int64_t foc_ms;

	(void)facts;
	(void)plan;
	if (!o->before[PORT_ACTUAL_FOC] ||
	    port_foc_ms(&foc_ms, o->before[PORT_ACTUAL_FOC], o->before[PORT_FOC_TIME], o->before[PORT_FOC_ZONE], NULL) < 0 ||
	    !port_is_near(foc_ms, c->now_ms) || (c->port->force && c->reason && *c->reason))
		return 0;
	err_set(err, ERR_REFUSED, "port order %s is within 48 hours of its FOC %s: the numbers are about to move", o->id,
		o->before[PORT_ACTUAL_FOC]);
	err_hint(err, "--force with --reason TEXT cancels it all the same; the losing carrier has to agree");
	return ERR_REFUSED;
}

static const struct {
	enum verb verb;
	int (*decide)(struct facts *, const struct change *, struct plan *, struct object *, struct err *);
} deciders[] = {
	{VERB_PORT_EDIT, decide_edit},	   {VERB_PORT_ATTACH, decide_attach}, {VERB_PORT_DOCUMENT, decide_document},
	{VERB_PORT_SUBMIT, decide_submit}, {VERB_PORT_ACK, decide_fields},    {VERB_PORT_FOC, decide_foc},
	{VERB_PORT_REJECT, decide_reject}, {VERB_PORT_CANCEL, decide_cancel},
};

/* The order that the change names, as it is, and in the state that the verb leads to. */
static int find_order(struct facts *facts, const struct change *c, struct plan *plan, struct object **out,
		      struct err *err)
{
	const char *serial = c->port->serial, *now[OBJECT_FIELDS] = {0};
	const struct port_transition *t;
	enum port_state state;
	struct object *o;
	int rc = facts->ops->load(facts, OBJECT_PORT, serial, now, &plan->arena, err);

	if (rc != 1)
		return rc < 0 ? rc : ports_absent(serial, err);
	state = port_state_of(now);
	t = port_transition_find(c->verb, state);
	if (!t)
		return wrong_state(serial, c->verb, state, err);
	o = add_object(plan, serial);
	memcpy(o->before, now, sizeof(now));
	memcpy(o->after, now, sizeof(now));
	if (t->to != PORT_STAYS)
		o->after[PORT_STATE] = port_state_names[t->to];
	*out = o;
	return 0;
}

static int decide_verb(struct facts *facts, const struct change *c, struct plan *plan, struct err *err)
{
	struct object *o;
	int rc = find_order(facts, c, plan, &o, err);

	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(deciders); i++)
		if (deciders[i].verb == c->verb)
			return deciders[i].decide(facts, c, plan, o, err);
	return rc;
}

static bool differs(const struct object *o)
{
	for (int f = 0; f < OBJECT_FIELDS; f++)
		if (object_differs(o, f))
			return true;
	return o->was != o->is;
}

/* How many numbers are put on an order or taken off it: that is what --expect is about, since none of the inventory changes. */
static int count_numbers(const struct object *o, uint64_t *n, struct err *err)
{
	struct order_numbers numbers = {0};
	struct rangeset gone = {0}, new = {0};
	int rc = order_numbers_read(&numbers, o, err);

	order_numbers_gone(&numbers, PORT_NUMBER_ANY, &gone);
	order_numbers_new(&numbers, PORT_NUMBER_ANY, &new);
	*n = rangeset_count(&gone) + rangeset_count(&new);
	order_numbers_release(&numbers);
	rangeset_release(&gone);
	rangeset_release(&new);
	return rc;
}

/* The location that was named, by its id or its label. */
static int find_location(struct facts *facts, struct plan *plan, struct object *o, struct err *err)
{
	struct object_match m;
	int rc = object_resolve(facts, OBJECT_LOCATION, o->after[PORT_LOCATION], &m, &plan->arena, err);

	if (rc == 0)
		o->after[PORT_LOCATION] = m.id;
	return rc;
}

int ports_decide(struct facts *facts, const struct change *c, struct plan *plan, struct err *err)
{
	int rc = ports_refuse_past(c, err);
	uint64_t n;

	if (rc == 0)
		rc = ports_guard(facts, err);
	if (rc == 0 && plan->org.id) /* it must not go meanwhile */
		rc = facts_guard_orgs(facts, &(struct owners){&plan->org, 1, 1}, err);
	if (rc == 0)
		rc = c->verb == VERB_PORT_NEW ? decide_new(facts, c, plan, err) : decide_verb(facts, c, plan, err);
	if (rc == 0 && c->port->is_set[PORT_LOCATION] && c->port->value[PORT_LOCATION])
		rc = find_location(facts, plan, &plan->objects[0], err);
	if (rc == 0 && object_differs(&plan->objects[0], PORT_LOCATION))
		rc = ports_check_location(facts, plan, plan->objects[0].after, err);
	if (rc == 0)
		rc = count_numbers(&plan->objects[0], &n, err);
	if (rc == 0)
		rc = runs_check_count(c, n, "numbers", err);
	if (rc < 0) {
		plan->nobjects = 0;
		return rc;
	}
	if (!differs(&plan->objects[0])) {
		plan->nobjects = 0;
		plan->unchanged = 1;
	}
	return 0;
}

/* ---- the time line */

const char *ports_note(const struct change *c, const struct object *o, struct arena *arena)
{
	const char *note = c->port ? c->port->note : NULL;

	if (c->verb == VERB_PORT_REJECT)
		return arena_printf(arena, "%s: %s%s%s", o->after[PORT_CODE], o->after[PORT_REASON], note ? "; " : "",
				    note ? note : "");
	if (!c->reason || !*c->reason)
		return note;
	return note ? arena_printf(arena, "%s; %s", c->reason, note) : c->reason;
}

/* A reason is ours, and only a note that stands by itself is said to be for others. */
bool ports_note_is_public(const struct change *c)
{
	return c->port && (c->verb == VERB_PORT_REJECT || (c->port->is_public && (!c->reason || !*c->reason)));
}

/* ---- completion */

static void put_field(struct change *own, enum did_field field, const char *value)
{
	own->value[field] = value;
	own->is_set[field] = true;
}

/* What was prepared, as assign would be told it. */
static void put_prepared(struct change *own, struct plan *plan, const char *const *order)
{
	const char *route = order[PORT_ROUTE], *colon = route ? strchr(route, ':') : NULL;

	if (order[PORT_ENV])
		put_field(own, DID_ENV, order[PORT_ENV]);
	if (colon) {
		put_field(own, DID_ROUTE_TYPE, arena_strndup(&plan->arena, route, (size_t)(colon - route)));
		put_field(own, DID_ROUTE_DEST, colon + 1);
	}
	if (order[PORT_CNAM])
		put_field(own, DID_CNAM, order[PORT_CNAM]);
	if (order[PORT_LOCATION])
		put_field(own, DID_LOCATION, order[PORT_LOCATION]);
}

/* Before its day a completion is somebody's decision: told, not refused, since carriers flip early. */
static void warn_if_early(const struct change *c, struct plan *plan, const char *const *order)
{
	int64_t foc_ms;

	if (order[PORT_ACTUAL_FOC] &&
	    port_foc_ms(&foc_ms, order[PORT_ACTUAL_FOC], order[PORT_FOC_TIME], order[PORT_FOC_ZONE], NULL) == 0 &&
	    foc_ms > c->now_ms)
		strlist_add(&plan->warnings, arena_printf(&plan->arena, "the FOC of port order %s is %s: that has not come yet",
							  c->port->serial, order[PORT_ACTUAL_FOC]));
}

int ports_begin(struct facts *facts, struct change *own, struct plan *plan, struct rangeset *out, struct err *err)
{
	struct port_numbers numbers = {0};
	struct object *o = NULL;
	int rc = ports_guard(facts, err);

	if (rc == 0)
		rc = find_order(facts, own, plan, &o, err);
	if (rc < 0)
		return rc;
	plan->nobjects = 0; /* it comes back when its numbers are decided */
	rc = org_resolve(facts, o->before[PORT_ORG_ID], &plan->org, &plan->arena, err);
	if (rc == 0)
		rc = ports_check_location(facts, plan, o->before, err); /* it may have gone since */
	if (rc == 0)
		rc = port_numbers_read(&numbers, o->before[PORT_NUMBERS], err);
	port_numbers_of(&numbers, NOT_COMPLETED, out);
	port_numbers_release(&numbers);
	if (rc == 0) {
		put_prepared(own, plan, o->before);
		warn_if_early(own, plan, o->before);
	}
	return rc;
}

static void mark_runs(const struct plan *plan, struct port_numbers *numbers)
{
	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];
		struct rangeset which = {0};

		rangeset_add(&which, (struct interval){run->first, run->count});
		rangeset_normalise(&which);
		if (run->result == RESULT_REFUSED)
			port_numbers_mark(numbers, &which, PORT_NUMBER_FAILED, run->reason);
		else
			port_numbers_mark(numbers, &which, PORT_NUMBER_COMPLETED, NULL);
		rangeset_release(&which);
	}
}

int ports_complete(struct facts *facts, const struct change *c, struct plan *plan, struct err *err)
{
	struct port_numbers numbers = {0};
	struct rangeset left = {0};
	struct object *o = NULL;
	int rc = find_order(facts, c, plan, &o, err);

	if (rc == 0)
		rc = port_numbers_read(&numbers, o->before[PORT_NUMBERS], err);
	if (rc == 0) {
		mark_runs(plan, &numbers);
		ports_put_numbers(plan, o, &numbers);
		port_numbers_of(&numbers, NOT_COMPLETED, &left);
		if (!left.n)
			o->after[PORT_CODE] = o->after[PORT_REASON] = NULL; /* of a completion that was undone */
		if (left.n) {
			o->after[PORT_STATE] = o->before[PORT_STATE];
			strlist_add(&plan->follows, arena_printf(&plan->arena, "port order %s stays foc-set until its other numbers"
									       " are in or taken off it", o->id));
		}
	}
	port_numbers_release(&numbers);
	rangeset_release(&left);
	return rc;
}
