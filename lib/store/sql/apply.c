/*
 * A change, start to end (data.md, "A change"): its row, the guards, the rows read, the decision, the writes, the
 * history, COMMIT. Any error rolls back and either restarts all of it under the same change id, or stops.
 */
#include "store/sql/apply.h"

#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "did/objects.h"
#include "did/ports.h"
#include "did/runs.h"
#include "did/settle.h"
#include "store/sql/changes.h"
#include "store/sql/external.h"
#include "store/sql/history.h"
#include "store/sql/outbox.h"
#include "store/sql/pieces.h"
#include "store/sql/ports.h"
#include "store/sql/recheck.h"
#include "store/sql/retry.h"
#include "store/sql/write.h"

static void attempt_release(struct attempt *a)
{
	selection_release(&a->sel);
	undo_release(&a->undo);
	rows_release(&a->rows);
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

static int decide_objects(struct attempt *a, struct err *err)
{
	struct facts *facts = &a->facts.facts;
	int rc = is_port_verb(a->c->verb) ? ports_decide(facts, a->c, a->plan, err) : objects_decide(facts, a->c, a->plan, err);

	if (rc == 0)
		a->plan->changed = a->plan->nobjects;
	return rc;
}

static int decide_all(struct attempt *a, struct err *err)
{
	int rc;

	if (verb_info[a->c->verb].is_of_objects)
		return decide_objects(a, err);
	rc = attempt_decide_numbers(a, err);
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

/* There is a change with this id: 1 and what it did, if this is a repetition of it. */
static int replay(struct attempt *a, struct err *err)
{
	int rc;

	a->s->driver->rollback(a->s->db);
	a->s->has_failed = false;
	rc = sql_begin(a->s, false, err);
	if (rc == 0)
		rc = change_replay(a->s, a->c, a->plan, err);
	return rc ? rc : write_raced(a->s, err); /* somebody was at it, and has given it up since */
}

/*
 * The change row first: its primary key makes a change id count once, whoever repeats it. 1: it had been done. Whether the
 * organisation is there is told only of a change that was not made: after one that was it may be gone.
 */
static int claim(struct attempt *a, struct err *err)
{
	struct err org_err = {0};
	int org_rc, rc;

	if (a->c->id_given && !a->s->has_tables)
		return sql_lacks_tables(a->s, "--change-id", err);
	if (!a->is_recorded) {
		rc = a->c->id_given ? change_replay(a->s, a->c, a->plan, err) : 0;
		return rc ? rc : resolve_org(a, err);
	}
	org_rc = resolve_org(a, &org_err);
	rc = 0;
	if (org_rc == 0 || !a->s->has_failed)
		rc = change_insert(a->s, a->c, a->plan->org.id ? &a->plan->org : NULL, err);
	if (rc < 0)
		return a->s->failure == SQL_DUPLICATE ? replay(a, err) : rc;
	if (org_rc < 0)
		*err = org_err;
	return org_rc;
}

static int attempt_once(struct attempt *a, struct err *err)
{
	int rc = sql_begin(a->s, !a->c->dry_run, err);
	bool is_made = false;

	if (rc == 0)
		rc = claim(a, err);
	if (rc == 0 && a->is_recorded)
		rc = pieces_admit(a->s, a->c, err);
	if (rc == 0)
		rc = decide_all(a, err);
	if (rc == 0 && must_write(a)) {
		rc = write_all(a, err);
		if (rc == 0)
			rc = commit(a, err);
		is_made = rc == 0;
	}
	if (!is_made)
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
