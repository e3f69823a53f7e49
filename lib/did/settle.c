#include "did/settle.h"

#include <stdlib.h>
#include <string.h>

#define SAID_MAX 20 /* organisations of which it is said what they lose: without an index each is a scan */

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct org *)a)->id, ((const struct org *)b)->id);
}

static void add_owner(struct plan *plan, const char *id)
{
	GROW(plan->owners.at, plan->owners.n, plan->owners.cap);
	plan->owners.at[plan->owners.n++] = (struct org){.id = id};
}

/* Each owner once, sorted. */
static void collect_owners(struct plan *plan)
{
	size_t n = 0;

	plan->owners.n = 0;
	for (size_t i = 0; i < plan->records.n; i++)
		if (plan->records.at[i].v[DID_ORG_ID])
			add_owner(plan, plan->records.at[i].v[DID_ORG_ID]);
	if (plan->org.id)
		add_owner(plan, plan->org.id);
	if (!plan->owners.n)
		return;
	qsort(plan->owners.at, plan->owners.n, sizeof(*plan->owners.at), by_id);
	for (size_t i = 0; i < plan->owners.n; i++)
		if (!n || strcmp(plan->owners.at[n - 1].id, plan->owners.at[i].id) != 0)
			plan->owners.at[n++] = plan->owners.at[i];
	plan->owners.n = n;
}

int settle_load_owners(struct facts *facts, struct plan *plan, struct err *err)
{
	int rc = 0;

	collect_owners(plan);
	for (size_t i = 0; facts->has_orgs && rc == 0 && i < plan->owners.n; i++)
		rc = facts->ops->load_owner(facts, &plan->owners.at[i], &plan->arena, err);
	return rc;
}

static struct run *run_of(const struct plan *plan, struct number n)
{
	for (size_t i = 0; i < plan->nruns; i++) {
		struct run *run = &plan->runs[i];

		if (run->result != RESULT_REFUSED && run_covers(run, n))
			return run;
	}
	return NULL;
}

/* The run of this very row, where the plan changes it. */
static const struct run *run_of_row(const struct plan *plan, const char *stored, const struct country *country)
{
	char text[NUMBER_TEXT];
	struct number n;

	if (!number_parse_stored(&n, stored, strlen(stored), country))
		return NULL;
	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];

		if (run->result == RESULT_CHANGED && run_covers(run, n) &&
		    strcmp(run_number(run, n.value - run->first.value, country, text), stored) == 0)
			return run;
	}
	return NULL;
}

/* A default outside the selection loses its flag in the same change: a consequence, guarded and read like any row. */
static int move_default(struct facts *facts, struct plan *plan, const char *stored, struct err *err)
{
	struct plan old = {0};
	struct selection sel = {0};
	struct interval in = {.count = 1};
	struct run run;
	struct record r;
	int rc;

	if (!number_parse_stored(&in.first, stored, strlen(stored), facts->country) || run_of(plan, in.first))
		return 0;
	rangeset_add(&sel.numbers, in);
	rangeset_normalise(&sel.numbers);
	rc = facts_guard_numbers(facts, &sel.numbers, err);
	if (rc == 0)
		rc = facts->ops->read(facts, &sel, &old, err);
	if (rc == 0 && old.nruns == 1) {
		run = old.runs[0];
		r = old.records.at[run.before];
		for (int f = 0; f < DID_FIELDS; f++)
			r.v[f] = recordset_intern(&plan->records, r.v[f]);
		run.before = recordset_add(&plan->records, &r);
		r.v[DID_DEFAULT] = recordset_intern(&plan->records, "0");
		run.after = recordset_add(&plan->records, &r);
		run.result = RESULT_CHANGED;
		run.literal = run.literal ? arena_strdup(&plan->arena, run.literal) : NULL;
		GROW(plan->extra, plan->nextra, plan->extra_cap);
		plan->extra[plan->nextra++] = run;
		strlist_add(&plan->follows, arena_printf(&plan->arena, "%s is no longer the default caller ID of %s", stored,
							 plan_owner_name(plan, r.v[DID_ORG_ID])));
	}
	selection_release(&sel);
	plan_release(&old);
	return rc;
}

/* What undo or a repair would displace was chosen by somebody since; a default that shows nothing was not. */
static bool may_take_default(const struct change *c, const struct plan *plan, const struct run *old)
{
	if (c->verb == VERB_REPAIR)
		return record_state(&plan->records.at[old->before]) != STATE_ASSIGNED;
	return c->verb != VERB_UNDO;
}

static int drop_old_default(struct facts *facts, const struct change *c, struct plan *plan, const char *org_id,
			    struct err *err)
{
	struct strlist old = {0};
	int rc = facts->ops->defaults_of(facts, org_id, false, &old, &plan->arena, err);

	for (size_t i = 0; rc == 0 && i < old.n; i++) {
		size_t before = plan->nextra;

		rc = move_default(facts, plan, old.at[i], err);
		if (rc == 0 && plan->nextra > before && !may_take_default(c, plan, &plan->extra[before]))
			rc = err_set(err, ERR_REFUSED, "%s has another default caller ID by now: %s",
				     plan_owner_name(plan, org_id), old.at[i]);
	}
	strlist_release(&old);
	return rc;
}

static const char *first_gain(struct plan *plan, const char *org_id, const struct country *country)
{
	char text[NUMBER_TEXT];

	for (size_t i = 0; i < plan->nruns; i++)
		if (run_gains(plan, &plan->runs[i], org_id))
			return arena_strdup(&plan->arena, run_number(&plan->runs[i], 0, country, text));
	return NULL;
}

static int settle_gain(struct facts *facts, const struct change *c, struct plan *plan, const char *org_id,
		       struct err *err)
{
	const char *held = NULL;
	int rc = facts->ops->holds_any(facts, org_id, &held, &plan->arena, err);

	if (rc == 0 && facts->ops->keep_hint && facts->guards) {
		const char *hint = held ? held : first_gain(plan, org_id, facts->country);

		rc = hint ? facts->ops->keep_hint(facts, org_id, hint, err) : 0;
	}
	if (rc < 0 || (held && !c->make_default))
		return rc;
	plan_set_default(plan, org_id);
	strlist_add(&plan->follows, arena_printf(&plan->arena, "the lowest of these numbers is the default caller ID of %s",
						 plan_owner_name(plan, org_id)));
	return held ? drop_old_default(facts, c, plan, org_id, err) : 0;
}

/* The first number that an organisation gets becomes its default caller ID; --default and default set move it. */
static int settle_default(struct facts *facts, const struct change *c, struct plan *plan, const char *org_id,
			  struct err *err)
{
	bool makes = c->make_default && plan->org.id && strcmp(plan->org.id, org_id) == 0;

	if ((c->verb == VERB_ASSIGN || c->verb == VERB_APPROVE || c->verb == VERB_PORT_COMPLETE) && (makes || plan_gains(plan, org_id)))
		return settle_gain(facts, c, plan, org_id, err);
	if (plan_makes_default(plan, org_id) || (c->verb == VERB_DEFAULT_SET && plan_keeps_default(plan, org_id)))
		return drop_old_default(facts, c, plan, org_id, err);
	return 0;
}

struct next_caller {
	struct number_visitor visitor;
	struct plan *plan;
	const struct country *country;
	const char *found;
};

static int stays(struct number_visitor *visitor, const char *stored, struct err *err)
{
	struct next_caller *next = (struct next_caller *)visitor;
	const struct run *run = run_of_row(next->plan, stored, next->country);

	(void)err;
	if (run && run_leaves(next->plan, run))
		return 0;
	next->found = arena_strdup(&next->plan->arena, stored);
	return 1;
}

/* The caller ID that is left when the default goes: the first assigned number that stays, by the stored string. */
static int next_caller_id(struct facts *facts, struct plan *plan, const char *org_id, const char **out,
			  struct err *err)
{
	struct next_caller next = {.visitor = {stays}, .plan = plan, .country = facts->country};
	int rc = facts->ops->in_service(facts, org_id, &next.visitor, err);

	*out = next.found;
	return rc;
}

/* Of two default caller IDs one is left: nothing is lost. */
static int has_other_default(struct facts *facts, struct plan *plan, const char *org_id, bool *out, struct err *err)
{
	struct strlist flagged = {0};
	int rc = facts->ops->defaults_of(facts, org_id, true, &flagged, &plan->arena, err);

	*out = false;
	for (size_t i = 0; rc == 0 && i < flagged.n; i++)
		*out |= !run_of_row(plan, flagged.at[i], facts->country);
	strlist_release(&flagged);
	return rc;
}

static int say_losses(struct facts *facts, struct plan *plan, const char *org_id, size_t *said, struct err *err)
{
	const char *name = plan_owner_name(plan, org_id), *next = NULL;
	bool has_other;
	int rc;

	if (!plan_drops_default(plan, org_id))
		return 0;
	(*said)++;
	rc = has_other_default(facts, plan, org_id, &has_other, err);
	if (rc < 0 || has_other)
		return rc;
	rc = next_caller_id(facts, plan, org_id, &next, err);
	if (rc < 0)
		return rc;
	strlist_add(&plan->follows, arena_printf(&plan->arena, "%s loses its default caller ID: callers see %s from now on%s",
						 name, next ? next : facts->fallback,
						 next ? "" : " (the trunk's), no number in service is left to it"));
	return 0;
}

static bool has_user(const struct plan *plan, const char *id)
{
	for (size_t i = 0; i < plan->nobjects; i++)
		if (plan->objects[i].kind == OBJECT_USER && strcmp(plan->objects[i].id, id) == 0)
			return true;
	return false;
}

/* Whether the number leaves the user's organisation: it may stand in two rows, and one of them stays there. */
static bool user_loses(const struct plan *plan, struct number n, const char *org_id)
{
	bool leaves = false;

	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];
		const struct record *after = run->after == RECORD_NONE ? NULL : &plan->records.at[run->after];

		if (run->result == RESULT_REFUSED || !run_covers(run, n))
			continue;
		if (run->kind == RUN_KEEP && org_id && record_state(after) == STATE_ASSIGNED &&
		    record_is(after, DID_ORG_ID, org_id))
			return false;
		leaves |= run_leaves(plan, run);
	}
	return leaves;
}

struct losers {
	struct user_visitor visitor;
	struct plan *plan;
	const struct country *country;
};

static int clear_user(struct user_visitor *visitor, const struct user *user, struct err *err)
{
	const struct losers *losers = (const struct losers *)visitor;
	struct plan *plan = losers->plan;
	struct number n;

	(void)err;
	if (!number_parse_stored(&n, user->outbound_did, strlen(user->outbound_did), losers->country) ||
	    !user_loses(plan, n, user->org_id))
		return 0;
	if (!has_user(plan, user->id))
		plan_clear_outbound(plan, user);
	strlist_add(&plan->follows, arena_printf(&plan->arena, "user %s loses the outbound caller ID %s",
						 user->name ? user->name : user->id, user->outbound_did));
	return 0;
}

/* Users whose outbound caller ID names a number that leaves: else the old tenant goes on showing the new one's number. */
static int clear_users(struct facts *facts, struct plan *plan, struct err *err)
{
	struct losers losers = {.visitor = {clear_user}, .plan = plan, .country = facts->country};

	return facts->ops->callers(facts, &losers.visitor, err);
}

static bool any_leaves(const struct plan *plan)
{
	for (size_t i = 0; i < plan->nruns; i++)
		if (run_leaves(plan, &plan->runs[i]))
			return true;
	return false;
}

/* Behind the guards: who gets a number is still there. */
static int check_new_owners(const struct facts *facts, const struct plan *plan, struct err *err)
{
	for (size_t i = 0; facts->has_orgs && i < plan->owners.n; i++) {
		const struct org *org = &plan->owners.at[i];

		if (!org->name && plan_gains(plan, org->id))
			return err_set(err, ERR_REFUSED, "the organisation '%s' is not there any more", org->id);
	}
	return 0;
}

int settle(struct facts *facts, const struct change *c, struct plan *plan, struct err *err)
{
	size_t said = 0;
	int rc;

	collect_owners(plan);
	rc = facts_guard_orgs(facts, &plan->owners, err);
	if (rc == 0)
		rc = settle_load_owners(facts, plan, err);
	if (rc == 0 && !plan->restores_faults)
		rc = check_new_owners(facts, plan, err);
	for (size_t i = 0; rc == 0 && i < plan->owners.n; i++) {
		if (!plan->restores_faults)
			rc = settle_default(facts, c, plan, plan->owners.at[i].id, err);
		if (rc == 0 && said < SAID_MAX)
			rc = say_losses(facts, plan, plan->owners.at[i].id, &said, err);
	}
	if (rc == 0 && facts->has_users && any_leaves(plan) && !plan->restores_faults)
		rc = clear_users(facts, plan, err);
	if (rc == 0)
		plan_say(plan, c);
	if (rc == 0 && facts->has_locations)
		plan_say_services(plan, c);
	return rc;
}
