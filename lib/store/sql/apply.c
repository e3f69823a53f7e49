/*
 * A change, start to end (data.md, "A change"): its row, the guards, the rows read, the decision, the writes, the
 * history, COMMIT. Any error rolls back and either restarts all of it under the same change id, or stops.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "did/objects.h"
#include "did/ports.h"
#include "did/rows.h"
#include "did/runs.h"
#include "did/services.h"
#include "did/settle.h"
#include "store/sql/changes.h"
#include "store/sql/facts.h"
#include "store/sql/guards.h"
#include "store/sql/history.h"
#include "store/sql/ports.h"
#include "store/sql/outbox.h"
#include "store/sql/pieces.h"
#include "store/sql/recheck.h"
#include "store/sql/retry.h"
#include "store/sql/write.h"

struct attempt {
	struct sql_store *s;
	const struct change *c;
	struct plan *plan;
	struct selection sel; /* by number: what is read again under the guards */
	struct undo undo;
	struct rows rows;     /* of a change that names rows */
	struct change own;    /* of a port order that is completed: c, with what was prepared for its numbers */
	struct sql_facts facts;
	bool is_recorded;     /* didctl's tables are there and it is no dry run */
	bool is_committing;
};

static void attempt_release(struct attempt *a)
{
	selection_release(&a->sel);
	undo_release(&a->undo);
	rows_release(&a->rows);
}

static bool is_object_verb(enum verb verb)
{
	return (verb >= VERB_ORG_ADD && verb <= VERB_USER_DELETE) || verb == VERB_DEFAULT_USER ||
	       verb == VERB_LOCATION_ADD || verb == VERB_LOCATION_DELETE || is_port_verb(verb);
}

/* Which numbers a selection with filters or ids stands for at this moment. Rows that are no number are kept as refused. */
static int find_keys(struct attempt *a, const struct selection *sel, struct rangeset *out, struct err *err)
{
	struct plan found = {0};
	int rc = read_selection(a->s, sel, &found, err);

	for (size_t i = 0; i < found.nruns; i++) {
		struct run run = found.runs[i];

		if (run.first.width)
			rangeset_add(out, (struct interval){run.first, run.count});
		if (run.spelling != SPELLING_LITERAL)
			continue;
		run.literal = arena_strdup(&a->plan->arena, run.literal);
		if (run.first.width) {
			strlist_add(&a->sel.texts, run.literal);
		} else {
			run.before = run.after = RECORD_NONE;
			plan_add_run(a->plan, &run);
		}
	}
	rangeset_normalise(out);
	plan_release(&found);
	return rc;
}

static int check_ids(struct attempt *a, struct err *err)
{
	const struct selection *sel = &a->c->selection;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sel->nids; i++) {
		struct statement st = {0};
		const char *number;

		buf_puts(&st.text, "SELECT number FROM did_numbers WHERE id = ?");
		statement_param(&st, sel->ids[i]);
		rc = sql_scalar(a->s, &st, &number, &a->plan->arena, err);
		statement_release(&st);
		if (rc == 0 && !number)
			rc = err_set(err, ERR_ABSENT, "there is no row with the id '%s'", sel->ids[i]);
	}
	return rc;
}

/* default clear ORG: whatever is flagged as the organisation's default. */
static int find_defaults(struct attempt *a, struct rangeset *out, struct err *err)
{
	struct selection sel = {0};
	int rc;

	filter_add_value(selection_add_filter(&sel, FILTER_EQUAL, DID_ORG_ID), a->plan->org.id);
	filter_add_value(selection_add_filter(&sel, FILTER_EQUAL, DID_DEFAULT), "1");
	rc = find_keys(a, &sel, out, err);
	selection_release(&sel);
	return rc;
}

/* Those that hang on the organisation or location that the change names. */
static int find_dependent(struct attempt *a, struct rangeset *out, struct err *err)
{
	struct selection sel = {0};
	int rc = services_select(&a->facts.facts, a->c, a->plan, &sel, err);

	if (rc == 0)
		rc = find_keys(a, &sel, out, err);
	selection_release(&sel);
	return rc;
}

static bool needs_search(const struct change *c)
{
	return c->selection.nfilters || c->selection.nids || rows_are_named(c) || services_find_numbers(c);
}

/* Numbers as they were named; pieces of a change also name stored texts. */
static int copy_numbers(struct attempt *a, struct rangeset *out)
{
	const struct selection *named = &a->c->selection;

	for (size_t i = 0; i < named->numbers.n; i++)
		rangeset_add(out, named->numbers.at[i]);
	rangeset_normalise(out);
	for (size_t i = 0; i < named->texts.n; i++)
		strlist_add(&a->sel.texts, named->texts.at[i]);
	return 0;
}

static int find_numbers(struct attempt *a, struct rangeset *out, struct err *err)
{
	const struct change *c = a->c;
	int rc;

	if (c->verb == VERB_UNDO) {
		rc = undo_load(&a->facts, c, a->plan, &a->undo, err);
		undo_numbers(&a->undo, out);
		for (size_t i = 0; i < a->undo.texts.n; i++)
			strlist_add(&a->sel.texts, a->undo.texts.at[i]);
		return rc;
	}
	if (c->verb == VERB_PORT_COMPLETE) {
		a->own = *c;
		a->c = &a->own;
		return ports_begin(&a->facts.facts, &a->own, a->plan, out, err);
	}
	if (rows_are_named(c))
		return rows_find(&a->facts.facts, c, a->plan, &a->rows, out, &a->sel.texts, err);
	if (c->verb == VERB_DEFAULT_CLEAR)
		return find_defaults(a, out, err);
	if (services_find_numbers(c))
		return find_dependent(a, out, err);
	if (!needs_search(c))
		return copy_numbers(a, out);
	rc = check_ids(a, err);
	return rc < 0 ? rc : find_keys(a, &c->selection, out, err);
}

/* What was found before the guards were written must still be there behind them. */
static int search_again(struct attempt *a, struct err *err)
{
	struct rangeset now = {0}, lost = {0}, gained = {0};
	int rc = find_numbers(a, &now, err);

	if (rc == 0) {
		rangeset_subtract(&lost, &a->sel.numbers, &now);
		rangeset_subtract(&gained, &now, &a->sel.numbers);
		if (lost.n || gained.n)
			rc = write_raced(a->s, err);
	}
	rangeset_release(&now);
	rangeset_release(&lost);
	rangeset_release(&gained);
	return rc;
}

/* What others did, with the owners that the history names beside those of the rows. */
static int decide_external(struct attempt *a, struct err *err)
{
	int rc;

	runs_add_missing(a->plan, &a->sel.numbers);
	rc = external_decide(a->s, a->plan, &a->sel.numbers, err);
	return rc < 0 ? rc : settle_load_owners(&a->facts.facts, a->plan, err);
}

static int decide_undone(struct attempt *a, struct err *err)
{
	int rc = undo_decide(a->s, a->c, &a->undo, a->plan, err);

	if (rc == 0)
		rc = objects_check_undo(&a->facts.facts, a->plan, err);
	return rc == ERR_REFUSED ? undo_name_object(a->s, a->c, a->plan, err) : rc;
}

static int read_and_decide(struct attempt *a, struct err *err)
{
	int rc = 0;

	if (rows_are_named(a->c))
		return rows_decide(&a->facts.facts, a->c, a->plan, &a->rows, &a->sel, err);
	if (selection_has_operands(&a->sel)) /* else nothing was found, and an empty selection reads as all rows */
		rc = read_selection(a->s, &a->sel, a->plan, err);
	if (rc == 0 && a->c->verb != VERB_EXTERNAL)
		rc = settle_load_owners(&a->facts.facts, a->plan, err);
	if (rc < 0)
		return rc;
	runs_refuse_twins(a->plan);
	if (a->c->verb == VERB_EXTERNAL) {
		rc = decide_external(a, err);
	} else if (a->c->verb == VERB_UNDO) {
		rc = decide_undone(a, err);
	} else {
		runs_add_missing(a->plan, &a->sel.numbers);
		rc = services_prepare(&a->facts.facts, a->c, a->plan, err);
		if (rc < 0)
			return rc;
		runs_decide(a->c, a->plan);
	}
	plan_merge(a->plan);
	return rc < 0 ? rc : runs_name_twins(&a->facts.facts, a->plan, err);
}

/* Picks, guards, and looks again, until what was picked is still free behind its guards. */
static int pick_numbers(struct attempt *a, struct err *err)
{
	struct rangeset exclude = {0};
	int rc;

	for (;;) {
		a->sel.numbers.n = 0;
		a->plan->nruns = 0;
		rc = read_pick(a->s, a->c, &exclude, &a->sel.numbers, err);
		if (rc == 0 && a->is_recorded)
			rc = guard_numbers(a->s, &a->sel.numbers, err);
		if (rc == 0)
			rc = read_and_decide(a, err);
		if (rc < 0 || !runs_exclude_refused(a->plan, &exclude))
			break;
	}
	rangeset_release(&exclude);
	return rc;
}

static int decide_numbers(struct attempt *a, struct err *err)
{
	int rc;

	if (a->c->pick.count)
		return pick_numbers(a, err);
	rc = find_numbers(a, &a->sel.numbers, err);
	if (rc == 0 && a->is_recorded)
		rc = guard_numbers(a->s, &a->sel.numbers, err);
	if (rc == 0 && a->is_recorded && needs_search(a->c))
		rc = search_again(a, err);
	return rc < 0 ? rc : read_and_decide(a, err);
}

/* A change of a column that is not there, or in which the value would be lost. */
static int refuse_column(const struct sql_store *s, uint64_t mask, struct err *err)
{
	const struct sql_column *c = base_columns;
	bool is_missing = mask & s->missing;

	while (!(mask & (is_missing ? s->missing : s->unfit) & FIELD_BIT(c->field)))
		c++;
	err_set(err, ERR_TARGET, "table did_numbers of '%s' %s: %s", s->target.url,
		is_missing ? "lacks a column that this needs" : "has a column of a type that loses this", c->name);
	err_hint(err, "didctl doctor columns");
	return ERR_TARGET;
}

/* What only didctl's tables can hold must not be lost silently on a database without them. */
static int check_tables(struct attempt *a, struct err *err)
{
	const uint64_t dropped = FIELD_BIT(DID_PREVIOUS_ORG_ID) | FIELD_BIT(DID_REQUESTED_AT);
	uint64_t base = 0, mask;

	for (const struct sql_column *c = base_columns; c->name; c++)
		base |= FIELD_BIT(c->field);
	for (size_t i = 0; i < a->plan->nruns; i++) {
		const struct run *run = &a->plan->runs[i];

		if (run->result != RESULT_CHANGED || run->after == RECORD_NONE)
			continue;
		mask = record_diff(run->before == RECORD_NONE ? NULL : &a->plan->records.at[run->before],
				   &a->plan->records.at[run->after]);
		if (run->before == RECORD_NONE) /* their defaults do no harm where the column is not there */
			mask &= ~(FIELD_BIT(DID_ENV) | FIELD_BIT(DID_DEFAULT)) |
				(a->c->is_set[DID_ENV] ? FIELD_BIT(DID_ENV) : 0);
		if (mask & (a->s->missing | a->s->unfit))
			return refuse_column(a->s, mask, err);
		if (!a->s->has_tables && (mask & ~base & ~dropped))
			return sql_lacks_tables(a->s, "a hold, lock, note, tag or market field", err);
	}
	return 0;
}

static int decide_all(struct attempt *a, struct err *err)
{
	int rc;

	if (is_port_verb(a->c->verb))
		return ports_decide(&a->facts.facts, a->c, a->plan, err);
	if (is_object_verb(a->c->verb))
		return objects_decide(&a->facts.facts, a->c, a->plan, err);
	rc = decide_numbers(a, err);
	if (rc < 0)
		return rc;
	plan_count(a->plan);
	rc = runs_check_refused(a->c, a->plan, err);
	if (rc == 0 && a->c->verb != VERB_EXTERNAL) /* what others did has had its effects */
		rc = settle(&a->facts.facts, a->c, a->plan, err);
	if (rc == 0 && a->c->verb == VERB_PORT_COMPLETE)
		rc = ports_complete(&a->facts.facts, a->c, a->plan, err);
	plan_count(a->plan);
	if (rc == 0)
		rc = runs_check_expect(a->c, a->plan, err);
	return rc < 0 ? rc : check_tables(a, err);
}

/* A change id that somebody chose counts once, also where there was nothing to do. */
static bool must_write(const struct attempt *a)
{
	return !a->c->dry_run && (plan_has_work(a->plan) || (a->is_recorded && a->c->id_given));
}

static int record(struct attempt *a, struct err *err)
{
	struct rangeset numbers = {0};
	uint64_t n;
	int rc = a->c->verb == VERB_EXTERNAL ? history_record_external(a->s, a->plan, a->plan->change_id, a->plan->runs,
								      a->plan->nruns, err) :
					      history_record(a->s, a->plan, err);

	runs_changed(a->plan, &numbers);
	n = rangeset_count(&numbers) + numbers.overlaps; /* two rows of one number are two rows of the history */
	if (rc == 0)
		rc = change_finish(a->s, a->plan->change_id, n ? n : a->plan->nobjects, a->plan, &numbers, err);
	a->plan->is_recorded = rc == 0;
	rangeset_release(&numbers);
	return rc;
}

/* What is compared with the history: all numbers that were read, or of named rows those of the rows that were decided. */
static int record_external(struct attempt *a, struct err *err)
{
	struct rangeset named = {0};
	int rc;

	for (size_t i = 0; rows_are_named(a->c) && i < a->plan->nruns; i++)
		if (a->plan->runs[i].first.width)
			rangeset_add(&named, (struct interval){a->plan->runs[i].first, a->plan->runs[i].count});
	rangeset_normalise(&named);
	rc = external_record(a->s, a->c, a->plan, rows_are_named(a->c) ? &named : &a->sel.numbers, err);
	rangeset_release(&named);
	return rc;
}

/* Rows that go are written down before they go: history comes before the writes. Of what others did there is nothing else. */
static int write_all(struct attempt *a, struct err *err)
{
	int rc = 0;

	if (a->c->verb == VERB_EXTERNAL)
		return record(a, err);
	if (is_object_verb(a->c->verb))
		a->plan->changed = a->plan->nobjects;
	if (a->is_recorded)
		rc = record_external(a, err);
	if (rc == 0 && a->is_recorded)
		rc = record(a, err);
	if (rc == 0 && a->is_recorded)
		rc = ports_tell(a->s, a->c, a->plan, err);
	if (rc == 0 && a->is_recorded)
		rc = outbox_write(a->s, a->c, a->plan, err);
	if (rc == 0)
		rc = write_plan(a->s, a->plan, a->c->verb == VERB_UNDO ? &a->undo : NULL, err);
	return rc < 0 ? rc : ports_record(a->s, a->c, a->plan, err);
}

static int commit(struct attempt *a, struct err *err)
{
	int rc;

	if (interrupt_pending())
		return runs_interrupted(err);
	a->is_committing = true;
	interrupt_commit(a->plan->change_id);
	rc = sql_commit(a->s, err);
	interrupt_commit_ended(rc == 0);
	return rc;
}

static int resolve_org(struct attempt *a, struct err *err)
{
	if (!a->c->org_text || a->c->verb == VERB_ORG_EDIT || a->c->verb == VERB_ORG_DELETE)
		return 0;
	return org_resolve(&a->facts.facts, a->c->org_text, &a->plan->org, &a->plan->arena, err);
}

/* The change row first: its primary key makes a change id count once, whoever repeats it. 1: it had been done. */
static int claim(struct attempt *a, struct err *err)
{
	struct err org_err = {0};
	int org_rc, rc;

	if (a->c->id_given && !a->s->has_tables)
		return sql_lacks_tables(a->s, "--change-id", err);
	if (a->c->dry_run || !a->is_recorded) {
		rc = a->c->id_given ? change_replay(a->s, a->c, a->plan, err) : 0;
		return rc ? rc : resolve_org(a, err);
	}
	org_rc = resolve_org(a, &org_err);
	if (org_rc < 0 && a->s->has_failed)
		return *err = org_err, org_rc;
	rc = change_insert(a->s, a->c, a->plan->org.id ? &a->plan->org : NULL, err);
	if (rc < 0 && a->s->failure == SQL_DUPLICATE) {
		a->s->driver->rollback(a->s->db);
		a->s->has_failed = false;
		rc = sql_begin(a->s, false, err);
		if (rc == 0)
			rc = change_replay(a->s, a->c, a->plan, err);
		return rc ? rc : write_raced(a->s, err);
	}
	if (rc == 0 && org_rc < 0)
		return *err = org_err, org_rc;
	return rc;
}

static int attempt_once(struct attempt *a, struct err *err)
{
	int rc = sql_begin(a->s, !a->c->dry_run, err);

	if (rc == 0)
		rc = claim(a, err);
	if (rc == 0 && a->is_recorded)
		rc = pieces_admit(a->s, a->c, err);
	if (rc == 0) {
		rc = decide_all(a, err);
		if (rc == 0 && must_write(a))
			rc = write_all(a, err);
		if (rc == 0 && must_write(a))
			rc = commit(a, err);
		else
			a->s->driver->rollback(a->s->db);
	}
	if (rc != 0)
		a->s->driver->rollback(a->s->db);
	return rc < 0 ? rc : 0;
}

static int apply_try(struct sql_store *s, const struct change *c, struct plan *plan, bool *committing,
		     struct err *err)
{
	struct attempt a = {.s = s, .c = c, .plan = plan};
	int rc;

	plan_reset(plan);
	memcpy(plan->change_id, c->id, sizeof(plan->change_id));
	s->has_failed = s->has_raced = false;
	a.is_recorded = s->has_tables && !c->dry_run;
	a.facts = sql_facts(s, a.is_recorded);
	rc = attempt_once(&a, err);
	if (rc == 0 && is_object_verb(c->verb) && !plan->is_replay)
		plan->changed = plan->nobjects;
	*committing = a.is_committing;
	attempt_release(&a);
	return rc;
}

/* What is said once it is done: what others did meanwhile, that no history is kept, how much was refused. */
static int finish(struct sql_store *s, const struct change *c, struct plan *plan, struct err *err)
{
	if (!c->dry_run && !plan->is_replay && plan_has_work(plan)) {
		recheck(s, plan);
		if (!s->has_tables)
			strlist_add(&plan->warnings, "no history is kept here: didctl init makes the tables for it");
	}
	return runs_finish(c, plan, err);
}

int apply_whole(struct sql_store *s, const struct change *c, struct plan *plan, struct err *err)
{
	struct retry retry = {.deadline_ms = clock_monotonic_ms() + s->target.timeout_s * INT64_C(1000)};
	bool committing;
	int rc;

	s->progress = c->progress;
	do {
		committing = false;
		rc = apply_try(s, c, plan, &committing, err);
		if (rc == 0 && retry.is_torn)
			strlist_add(&plan->warnings, "the disk failed at the end of COMMIT: the change is there, and may not survive a"
						     " power cut; look at the disk");
		if (rc == 0)
			return finish(s, c, plan, err);
		rc = retry_next(&retry, s, c, committing, rc, err);
	} while (rc == 0);
	return rc;
}
