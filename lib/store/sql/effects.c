#include "store/sql/effects.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/sql/history.h"
#include "store/sql/objects.h"

#define GUARD_BATCH 500
#define SAID_MAX 20 /* organisations of which it is said what they lose: without an index each is a scan */

/* Written keys, in the order of their names so that two changes never wait for each other. */
static int write_guards(struct sql_store *s, struct statement *st, size_t *n, struct err *err)
{
	int rc = 0;

	if (*n) {
		buf_printf(&st->text, "%sseq = didctl_guards.seq + 1", s->driver->dialect->upsert);
		rc = sql_run(s, st, NULL, err);
	}
	statement_reset(st);
	*n = 0;
	return rc;
}

static int guard(struct sql_store *s, struct statement *st, size_t *n, const char *kind, const char *name,
		 struct err *err)
{
	struct buf key = {0};

	buf_puts(&st->text, *n ? ", (?, 1)" : "INSERT INTO didctl_guards (name, seq) VALUES (?, 1)");
	buf_printf(&key, "%s:%s", kind, name);
	statement_copy(st, key.data, key.len);
	buf_release(&key);
	return ++*n == GUARD_BATCH ? write_guards(s, st, n, err) : 0;
}

int guard_numbers(struct sql_store *s, const struct rangeset *numbers, struct err *err)
{
	struct statement st = {0};
	char block[BLOCK_TEXT], last[BLOCK_TEXT] = "none";
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < numbers->n; i++) {
		struct interval in = numbers->at[i];

		while (rc == 0 && in.count) {
			uint64_t room = block_room(in.first, in.count);

			block_of(in.first, block);
			if (strcmp(block, last) != 0)
				rc = guard(s, &st, &n, "num", block, err);
			memcpy(last, block, sizeof(last));
			in.count -= room;
			if (in.count)
				in.first = number_add(in.first, room);
		}
	}
	if (rc == 0)
		rc = write_guards(s, &st, &n, err);
	statement_release(&st);
	return rc;
}

int guard_org(struct sql_store *s, const char *name, struct err *err)
{
	struct statement st = {0};
	size_t n = 0;
	int rc = guard(s, &st, &n, "org", name, err);

	if (rc == 0)
		rc = write_guards(s, &st, &n, err);
	statement_release(&st);
	return rc;
}

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

static int load_owner(struct sql_store *s, struct plan *plan, struct org *org, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, "SELECT o.name, ");
	if (s->prefix_column) {
		buf_puts(&st.text, "o.");
		sql_quote_name(&st.text, s->prefix_column);
	} else {
		buf_puts(&st.text, "NULL");
	}
	buf_puts(&st.text, " FROM organizations o WHERE o.id = ?");
	statement_param(&st, org->id);
	rc = sql_open(s, &st, err);
	if (rc == 0)
		rc = sql_fetch(s, &row, err);
	if (rc == 1) {
		char shown[TEXT_SHOWN];

		org->name = arena_strdup(&plan->arena, text_show(shown, row[0].s ? row[0].s : "", row[0].len));
		org->context_prefix = row[1].s ? arena_strndup(&plan->arena, row[1].s, row[1].len) : NULL;
	}
	s->driver->done(s->db);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

int effects_load_owners(struct sql_store *s, struct plan *plan, struct err *err)
{
	int rc = 0;

	collect_owners(plan);
	for (size_t i = 0; s->has_orgs && rc == 0 && i < plan->owners.n; i++)
		rc = load_owner(s, plan, &plan->owners.at[i], err);
	return rc;
}

static int guard_orgs(struct sql_store *s, struct plan *plan, struct err *err)
{
	struct statement st = {0};
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->owners.n; i++)
		rc = guard(s, &st, &n, "org", plan->owners.at[i].id, err);
	if (rc == 0)
		rc = write_guards(s, &st, &n, err);
	statement_release(&st);
	return rc;
}

#define FLAGGED_MAX 100 /* numbers of one organisation that may carry the default flag, which is one too many from two on */

/* The stored texts of an organisation's numbers that hold for a condition, the first ones. */
static int numbers_of(struct sql_store *s, const char *org_id, const char *condition, struct strlist *out,
		      struct arena *arena, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_printf(&st.text, "SELECT n.number FROM did_numbers n WHERE n.org_id = ? AND %s LIMIT %d",
		   condition, FLAGGED_MAX);
	statement_param(&st, org_id);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		strlist_add(out, arena_strndup(arena, row[0].s, row[0].len));
	s->driver->done(s->db);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

static struct run *run_of(const struct plan *plan, struct number n)
{
	for (size_t i = 0; i < plan->nruns; i++) {
		struct run *run = &plan->runs[i];

		if (run->result != RESULT_REFUSED && run->first.width == n.width && n.value >= run->first.value &&
		    n.value - run->first.value < run->count)
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

		if (run->result == RESULT_CHANGED && run->first.width == n.width && n.value >= run->first.value &&
		    n.value - run->first.value < run->count &&
		    strcmp(run_number(run, n.value - run->first.value, country, text), stored) == 0)
			return run;
	}
	return NULL;
}

int effects_defaults(struct sql_store *s, const char *org_id, struct strlist *out, struct arena *arena, struct err *err)
{
	if (s->missing & FIELD_BIT(DID_DEFAULT))
		return 0;
	return numbers_of(s, org_id, "n.is_default = 1 AND n.pool_status = 'assigned' AND n.status = 'active'", out, arena,
			  err);
}

/* A default outside the selection loses its flag in the same change: a consequence, read like any row. */
static int move_default(struct sql_store *s, struct plan *plan, const char *stored, struct err *err)
{
	struct plan old = {0};
	struct selection sel = {0};
	struct interval in = {.count = 1};
	struct run run;
	struct record r;
	int rc;

	if (!number_parse_stored(&in.first, stored, strlen(stored), s->country) || run_of(plan, in.first))
		return 0;
	rangeset_add(&sel.numbers, in);
	rangeset_normalise(&sel.numbers);
	rc = read_selection(s, &sel, &old, err);
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

static int drop_old_default(struct sql_store *s, const struct change *c, struct plan *plan, const char *org_id,
			    struct err *err)
{
	struct strlist old = {0};
	int rc = s->missing & FIELD_BIT(DID_DEFAULT) ?
			 0 :
			 numbers_of(s, org_id, "n.is_default = 1", &old, &plan->arena, err);

	for (size_t i = 0; rc == 0 && i < old.n; i++) {
		size_t before = plan->nextra;

		rc = move_default(s, plan, old.at[i], err);
		if (rc == 0 && plan->nextra > before && !may_take_default(c, plan, &plan->extra[before]))
			rc = err_set(err, ERR_REFUSED, "%s has another default caller ID by now: %s",
				     plan_owner_name(plan, org_id), old.at[i]);
	}
	strlist_release(&old);
	return rc;
}

/*
 * Any number that the organisation holds. The PBX's table may have no index by owner, so the guard row keeps a hint: a
 * number that was the organisation's, looked at first and believed only when its row still says so.
 */
static int holds_any(struct sql_store *s, const char *org_id, struct plan *plan, const char **out, struct err *err)
{
	struct statement st = {0};
	struct strlist held = {0};
	const char *name = arena_printf(&plan->arena, "org:%s", org_id);
	int rc = 0;

	*out = NULL;
	if (s->has_tables) {
		buf_puts(&st.text, "SELECT n.number FROM didctl_guards g JOIN did_numbers n ON n.number = g.hint"
				   " WHERE g.name = ? AND n.org_id = ? AND n.pool_status = 'assigned'");
		statement_param(&st, name);
		statement_param(&st, org_id);
		rc = sql_scalar(s, &st, out, &plan->arena, err);
		statement_release(&st);
	}
	if (rc == 0 && !*out) {
		rc = numbers_of(s, org_id, "n.pool_status = 'assigned'", &held, &plan->arena, err);
		*out = held.n ? held.at[0] : NULL;
		strlist_release(&held);
	}
	return rc;
}

static int keep_hint(struct sql_store *s, const char *org_id, struct plan *plan, const char *number, struct err *err)
{
	struct statement st = {0};
	int rc;

	buf_puts(&st.text, "UPDATE didctl_guards SET hint = ? WHERE name = ?");
	statement_param(&st, number);
	statement_param(&st, arena_printf(&plan->arena, "org:%s", org_id));
	rc = sql_run(s, &st, NULL, err);
	statement_release(&st);
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

static int settle_gain(struct sql_store *s, const struct change *c, struct plan *plan, const char *org_id,
		       bool has_guards, struct err *err)
{
	const char *held = NULL;
	int rc = holds_any(s, org_id, plan, &held, err);

	if (rc == 0 && has_guards && (held || plan_gains(plan, org_id)))
		rc = keep_hint(s, org_id, plan, held ? held : first_gain(plan, org_id, s->country), err);
	if (rc < 0 || (held && !c->make_default))
		return rc;
	plan_set_default(plan, org_id);
	strlist_add(&plan->follows, arena_printf(&plan->arena, "the lowest of these numbers is the default caller ID of %s",
						 plan_owner_name(plan, org_id)));
	return held ? drop_old_default(s, c, plan, org_id, err) : 0;
}

/* The first number that an organisation gets becomes its default caller ID; --default and default set move it. */
static int settle_default(struct sql_store *s, const struct change *c, struct plan *plan, const char *org_id,
			  bool has_guards, struct err *err)
{
	bool makes = c->make_default && plan->org.id && strcmp(plan->org.id, org_id) == 0;

	if ((c->verb == VERB_ASSIGN || c->verb == VERB_APPROVE) && (makes || plan_gains(plan, org_id)))
		return settle_gain(s, c, plan, org_id, has_guards, err);
	if (plan_makes_default(plan, org_id) || (c->verb == VERB_DEFAULT_SET && plan_keeps_default(plan, org_id)))
		return drop_old_default(s, c, plan, org_id, err);
	return 0;
}

/* The caller ID that is left when the default goes: the first assigned number that stays, by the stored string. */
static int next_caller_id(struct sql_store *s, struct plan *plan, const char *org_id, const char **out,
			  struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	*out = NULL;
	buf_puts(&st.text, "SELECT n.number FROM did_numbers n WHERE n.org_id = ? AND n.pool_status = 'assigned'"
			   " AND n.status = 'active' ORDER BY n.number");
	statement_param(&st, org_id);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1) {
		const struct run *run = run_of_row(plan, row[0].s, s->country);

		if (run && run_leaves(plan, run))
			continue;
		*out = arena_strndup(&plan->arena, row[0].s, row[0].len);
		break;
	}
	s->driver->done(s->db);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

/* Of two default caller IDs one is left: nothing is lost. */
static int has_other_default(struct sql_store *s, struct plan *plan, const char *org_id, bool *out, struct err *err)
{
	struct strlist flagged = {0};
	int rc = effects_defaults(s, org_id, &flagged, &plan->arena, err);

	*out = false;
	for (size_t i = 0; rc == 0 && i < flagged.n; i++)
		*out |= !run_of_row(plan, flagged.at[i], s->country);
	strlist_release(&flagged);
	return rc;
}

static int say_losses(struct sql_store *s, struct plan *plan, const char *org_id, size_t *said, struct err *err)
{
	const char *fallback = conf_get(s->conf, SET_FALLBACK_CALLER_ID, NULL);
	const char *name = plan_owner_name(plan, org_id), *next = NULL;
	bool has_other;
	int rc;

	if (!plan_drops_default(plan, org_id))
		return 0;
	(*said)++;
	rc = has_other_default(s, plan, org_id, &has_other, err);
	if (rc < 0 || has_other)
		return rc;
	rc = next_caller_id(s, plan, org_id, &next, err);
	if (rc < 0)
		return rc;
	strlist_add(&plan->follows, arena_printf(&plan->arena, "%s loses its default caller ID: callers see %s from now on%s",
						 name, next ? next : fallback,
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

		if (run->result == RESULT_REFUSED || run->first.width != n.width || n.value < run->first.value ||
		    n.value - run->first.value >= run->count)
			continue;
		if (run->kind == RUN_KEEP && org_id && record_state(after) == STATE_ASSIGNED &&
		    record_is(after, DID_ORG_ID, org_id))
			return false;
		leaves |= run_leaves(plan, run);
	}
	return leaves;
}

/* Users whose outbound caller ID names a number that leaves: else the old tenant goes on showing the new one's number. */
static int clear_users(struct sql_store *s, struct plan *plan, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	struct number n;
	int rc;

	buf_puts(&st.text, "SELECT id, name, org_id, outbound_did FROM users WHERE outbound_did IS NOT NULL"
			   " AND outbound_did <> ''");
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1) {
		struct user user = {.org_id = row[2].s ? arena_strndup(&plan->arena, row[2].s, row[2].len) : NULL};

		if (!number_parse_stored(&n, row[3].s, row[3].len, s->country) || !user_loses(plan, n, user.org_id))
			continue;
		user.id = arena_strndup(&plan->arena, row[0].s, row[0].len);
		user.name = row[1].s ? arena_strndup(&plan->arena, row[1].s, row[1].len) : NULL;
		user.outbound_did = arena_strndup(&plan->arena, row[3].s, row[3].len);
		if (!has_user(plan, user.id))
			object_clear_outbound(plan, &user);
		strlist_add(&plan->follows, arena_printf(&plan->arena, "user %s loses the outbound caller ID %s",
							 user.name ? user.name : user.id, user.outbound_did));
	}
	s->driver->done(s->db);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

static bool any_leaves(const struct plan *plan)
{
	for (size_t i = 0; i < plan->nruns; i++)
		if (run_leaves(plan, &plan->runs[i]))
			return true;
	return false;
}

/* Behind the guards: who gets a number is still there. */
static int check_new_owners(const struct sql_store *s, const struct plan *plan, struct err *err)
{
	for (size_t i = 0; s->has_orgs && i < plan->owners.n; i++) {
		const struct org *org = &plan->owners.at[i];

		if (!org->name && plan_gains(plan, org->id))
			return err_set(err, ERR_REFUSED, "the organisation '%s' is not there any more", org->id);
	}
	return 0;
}

int effects_settle(struct sql_store *s, const struct change *c, struct plan *plan, bool has_guards, struct err *err)
{
	size_t said = 0;
	int rc = 0;

	collect_owners(plan);
	if (has_guards)
		rc = guard_orgs(s, plan, err);
	if (rc == 0)
		rc = effects_load_owners(s, plan, err);
	if (rc == 0 && !plan->restores_faults)
		rc = check_new_owners(s, plan, err);
	for (size_t i = 0; rc == 0 && i < plan->owners.n; i++) {
		if (!plan->restores_faults)
			rc = settle_default(s, c, plan, plan->owners.at[i].id, has_guards, err);
		if (rc == 0 && said < SAID_MAX)
			rc = say_losses(s, plan, plan->owners.at[i].id, &said, err);
	}
	if (rc == 0 && s->has_users && any_leaves(plan) && !plan->restores_faults)
		rc = clear_users(s, plan, err);
	if (rc == 0)
		plan_say(plan, c);
	return rc;
}
