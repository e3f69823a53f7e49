/* What an order may not have, whoever asks: the verbs, undo, and who deletes its organisation. */
#include <string.h>

#include "base/text.h"
#include "did/objects.h"
#include "did/port_mail.h"
#include "did/port_numbers.h"
#include "did/ports.h"

int ports_guard(struct facts *facts, struct err *err)
{
	struct org all = {.id = "ports"};

	if (facts->ops->open_orders)
		return facts_guard_orgs(facts, &(struct owners){&all, 1, 1}, err);
	return err_set(err, ERR_TARGET, "'%s' keeps no port orders", facts->target);
}

enum port_state port_state_of(const char *const *value)
{
	int state = value[PORT_STATE] ? port_state_find(value[PORT_STATE]) : -1;

	return state < 0 ? PORT_CANCELLED : (enum port_state)state; /* a word that is none: nothing may be done with it */
}

int ports_refuse_over(const char *const *value, enum port_field date, int64_t now_ms, struct err *err)
{
	const char *const *foc = &value[date];
	int64_t end_ms;
	int rc = foc[0] ? port_foc_end_ms(&end_ms, foc[0], foc[1], foc[2], err) : 0;

	if (rc == 0 && foc[0] && end_ms <= now_ms)
		rc = err_set(err, ERR_USAGE, "the %s '%s%s%s' is past", port_columns[date].heading, foc[0], foc[1] ? " " : "",
			     foc[1] ? foc[1] : "");
	return rc;
}

#define LAST_ZONE_MS (INT64_C(12) * 60 * 60 * 1000) /* a day that is over in UTC is so everywhere, this much later */

/* A commitment that names no zone may keep one: what is past in all of them is so whatever the order says. */
int ports_refuse_past(const struct change *c, struct err *err)
{
	const struct port_request *port = c->port;
	int64_t slack = port->is_set[PORT_FOC_ZONE] ? 0 : LAST_ZONE_MS;
	int rc = port->is_set[PORT_REQUESTED_FOC] ? ports_refuse_over(port->value, PORT_REQUESTED_FOC, c->now_ms, err) : 0;

	if (rc == 0 && port->is_set[PORT_ACTUAL_FOC])
		rc = ports_refuse_over(port->value, PORT_ACTUAL_FOC, c->now_ms - slack, err);
	return rc;
}

int ports_check_location(struct facts *facts, struct plan *plan, const char *const *order, struct err *err)
{
	enum { OWNER = LOCATION_ORG_ID - LOCATION_LABEL }; /* an object has no field for its id */
	const char *location[OBJECT_FIELDS] = {0}, *id = order[PORT_LOCATION];
	int found;

	if (!id)
		return 0;
	found = facts->has_locations ? facts->ops->load(facts, OBJECT_LOCATION, id, location, &plan->arena, err) : 0;
	if (found < 0)
		return found;
	if (!found)
		return err_set(err, ERR_ABSENT, "there is no location '%s'", id);
	if (!location[OWNER] || strcmp(location[OWNER], order[PORT_ORG_ID]) == 0)
		return 0;
	return err_set(err, ERR_REFUSED, "location '%s' is another organisation's", id);
}

/* The refused number as a run of the plan: an order changes no number, so only these are told. */
static void refuse_numbers(struct plan *plan, struct interval in, enum refusal code, const char *reason)
{
	plan_add_run(plan, &(struct run){.first = in.first, .count = in.count, .before = RECORD_NONE, .after = RECORD_NONE,
					 .result = RESULT_REFUSED, .code = (uint8_t)code, .reason = reason});
}

/* All that are in the inventory; one that has been ported away may come back. */
static int refuse_held(struct facts *facts, struct plan *plan, const struct rangeset *numbers, struct rangeset *refused,
		       struct err *err)
{
	struct selection sel = {.numbers = *numbers};
	struct plan found = {0};
	int rc = facts->ops->read(facts, &sel, &found, err);

	for (size_t i = 0; rc == 0 && i < found.nruns; i++) {
		const struct run *run = &found.runs[i];
		enum did_state state = record_state(&found.records.at[run->before]);
		const struct interval in = {run->first, run->count};

		if (state == STATE_PORTED || !run->first.width)
			continue;
		refuse_numbers(plan, in, REFUSAL_DUPLICATE,
			       arena_printf(&plan->arena, "is in the inventory already: it is %s", state_info[state].name));
		rangeset_add(refused, in);
	}
	plan_release(&found);
	return rc;
}

void ports_put_numbers(struct plan *plan, struct object *o, const struct port_numbers *numbers)
{
	struct buf text = {0};

	port_numbers_text(&text, numbers);
	o->after[PORT_NUMBERS] = text.len ? arena_strdup(&plan->arena, text.data) : NULL;
	buf_release(&text);
}

struct order_search {
	struct order_visitor visitor;
	struct plan *plan;
	const char *serial; /* whose own numbers are no obstacle */
	const struct rangeset *numbers;
	struct rangeset *refused;
};

/* What of an order's interval is among the numbers. */
static int refuse_ordered(struct order_visitor *visitor, const char *serial, const char *state, struct interval in,
			  struct err *err)
{
	struct order_search *search = (struct order_search *)visitor;
	struct rangeset theirs = {0}, both = {0};
	struct plan *plan = search->plan;

	(void)err;
	if (strcmp(serial, search->serial) == 0)
		return 0;
	rangeset_add(&theirs, in);
	rangeset_normalise(&theirs);
	rangeset_intersect(&both, search->numbers, &theirs);
	for (size_t i = 0; i < both.n; i++) {
		refuse_numbers(plan, both.at[i], REFUSAL_DUPLICATE,
			       arena_printf(&plan->arena, "is on port order %s, which is %s", serial, state));
		rangeset_add(search->refused, both.at[i]);
	}
	rangeset_release(&theirs);
	rangeset_release(&both);
	return 0;
}

static int refuse_on_order(struct facts *facts, struct plan *plan, const char *serial, const struct rangeset *numbers,
			   struct rangeset *refused, struct err *err)
{
	struct order_search search = {{refuse_ordered}, plan, serial, numbers, refused};

	return facts->ops->open_orders(facts, NULL, &search.visitor, err);
}

static void subtract(struct rangeset *from, struct rangeset *what)
{
	struct rangeset left = {0};

	rangeset_normalise(what);
	rangeset_subtract(&left, from, what);
	rangeset_release(from);
	*from = left;
}

int ports_check_numbers(struct facts *facts, const struct change *c, struct plan *plan, const char *serial,
			 struct rangeset *numbers, struct err *err)
{
	struct rangeset refused = {0};
	int rc = refuse_held(facts, plan, numbers, &refused, err);

	if (rc == 0)
		rc = refuse_on_order(facts, plan, serial, numbers, &refused, err);
	if (rc == 0 && refused.n) {
		plan_sort(plan);
		plan_count(plan);
		subtract(numbers, &refused);
		if (!c->partial || !numbers->n)
			rc = err_set(err, ERR_REFUSED, "%llu number%s cannot be ordered: nothing was changed",
				     (unsigned long long)plan->refused, plan->refused == 1 ? "" : "s");
	}
	rangeset_release(&refused);
	return rc;
}

/* ---- the numbers of an order as they were and as they are */

int order_numbers_read(struct order_numbers *out, const struct object *o, struct err *err)
{
	int rc = port_numbers_read(&out->was, o->before[PORT_NUMBERS], err);

	return rc < 0 ? rc : port_numbers_read(&out->is, o->after[PORT_NUMBERS], err);
}

void order_numbers_release(struct order_numbers *numbers)
{
	port_numbers_release(&numbers->was);
	port_numbers_release(&numbers->is);
}

static void without(const struct port_numbers *numbers, const struct port_numbers *others, unsigned statuses,
		    struct rangeset *out)
{
	struct rangeset all = {0}, taken = {0};

	port_numbers_of(numbers, statuses, &all);
	port_numbers_of(others, statuses, &taken);
	rangeset_subtract(out, &all, &taken);
	rangeset_release(&all);
	rangeset_release(&taken);
}

void order_numbers_gone(const struct order_numbers *numbers, unsigned statuses, struct rangeset *out)
{
	without(&numbers->was, &numbers->is, statuses, out);
}

void order_numbers_new(const struct order_numbers *numbers, unsigned statuses, struct rangeset *out)
{
	without(&numbers->is, &numbers->was, statuses, out);
}

/* ---- undo */

/* The numbers that an order gets back must be free for it, as if it were made anew. */
static int check_undone_numbers(struct facts *facts, struct plan *plan, const struct object *o,
				const struct order_numbers *numbers, struct err *err)
{
	const struct change whole = {.verb = VERB_UNDO};
	struct rangeset back = {0};
	int rc = 0;

	order_numbers_new(numbers, PORT_NUMBER_ANY, &back);
	if (back.n)
		rc = ports_check_numbers(facts, &whole, plan, o->id, &back, err);
	rangeset_release(&back);
	return rc;
}

static void add_refused(const struct plan *plan, struct rangeset *out)
{
	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].result == RESULT_REFUSED)
			rangeset_add(out, (struct interval){plan->runs[i].first, plan->runs[i].count});
	rangeset_normalise(out);
}

/*
 * Numbers that a partial undo leaves as they are stay what they were on the order too: one that is in, however the order
 * goes back, and one that is not, so that an order is never completed without it.
 */
static void keep_refused(struct plan *plan, struct object *o, struct order_numbers *numbers)
{
	struct rangeset refused = {0}, left = {0};

	add_refused(plan, &refused);
	port_numbers_keep(&numbers->is, &numbers->was, &refused);
	port_numbers_of(&numbers->is, PORT_NUMBER_ANY & ~(1u << PORT_NUMBER_COMPLETED), &left);
	if (left.n && port_state_of(o->after) == PORT_COMPLETED)
		o->after[PORT_STATE] = o->before[PORT_STATE];
	if (refused.n)
		ports_put_numbers(plan, o, &numbers->is);
	rangeset_release(&refused);
	rangeset_release(&left);
}

static int refuse_told(const struct object *o, enum port_state from, enum port_state to, struct err *err)
{
	struct buf verbs = {0};

	if (!port_may_undo(from, to)) {
		port_transition_verbs(&verbs, from);
		err_set(err, ERR_REFUSED, "port order %s is %s, and others were told: it does not go back to %s; legal now: %s",
			o->id, port_state_names[from], port_state_names[to], verbs.len ? verbs.data : "nothing");
		buf_release(&verbs);
		return ERR_REFUSED;
	}
	if (!port_is_moved(o))
		return 0;
	return err_set(err, ERR_REFUSED, "the FOC of port order %s is %s, and others were told: it does not go back; didctl port"
					 " foc %s DATE sets another", o->id, o->before[PORT_ACTUAL_FOC], o->id);
}

/*
 * The inverse of a completion would be due again at once, and done again by the next sweep: a code keeps it from that until
 * a commitment is said.
 */
static void hold_back(struct plan *plan, struct object *o, const struct order_numbers *numbers)
{
	struct rangeset undone = {0};

	order_numbers_gone(numbers, 1u << PORT_NUMBER_COMPLETED, &undone);
	if (undone.n) {
		o->after[PORT_CODE] = PORT_UNDONE;
		o->after[PORT_REASON] = "its completion was undone";
		strlist_add(&plan->follows, arena_printf(&plan->arena, "port sweep leaves port order %s alone until its day is said"
								       " again: didctl port foc %s DATE", o->id, o->id));
	}
	rangeset_release(&undone);
}

static int undo_numbers(struct facts *facts, struct plan *plan, struct object *o, struct err *err)
{
	struct order_numbers numbers = {0};
	int rc = order_numbers_read(&numbers, o, err);

	if (rc == 0)
		rc = check_undone_numbers(facts, plan, o, &numbers, err);
	if (rc == 0 && o->was) {
		keep_refused(plan, o, &numbers);
		hold_back(plan, o, &numbers);
	}
	order_numbers_release(&numbers);
	return rc;
}

int ports_check_undo(struct facts *facts, struct plan *plan, struct object *o, struct err *err)
{
	int rc = ports_guard(facts, err);

	if (rc == 0 && o->was && o->is)
		rc = refuse_told(o, port_state_of(o->before), port_state_of(o->after), err);
	return rc == 0 && o->is ? undo_numbers(facts, plan, o, err) : rc;
}

/* ---- an organisation that goes */

static int refuse_owner(struct order_visitor *visitor, const char *serial, const char *state, struct interval in,
			struct err *err)
{
	(void)visitor;
	(void)in;
	err_set(err, ERR_REFUSED, "it still has port order %s, which is %s", serial, state);
	err_hint(err, "didctl port cancel %s, or complete it", serial);
	return ERR_REFUSED;
}

int ports_check_owner(struct facts *facts, const char *org_id, const char *name, struct err *err)
{
	struct order_visitor visitor = {refuse_owner};
	char shown[TEXT_SHOWN];
	int rc;

	if (!facts->ops->open_orders)
		return 0;
	rc = facts->ops->open_orders(facts, org_id, &visitor, err);
	if (rc == ERR_REFUSED)
		err_prefix(err, "organisation '%s' cannot go: ", text_show(shown, name, strlen(name)));
	return rc;
}
