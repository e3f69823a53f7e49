/*
 * A change, start to end (data.md, "A change"): its row, the guards, the rows read, the decision, the writes, the
 * history, COMMIT. Any error rolls back and either restarts all of it under the same change id, or stops.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "store/sql/changes.h"
#include "store/sql/effects.h"
#include "store/sql/history.h"
#include "store/sql/objects.h"
#include "store/sql/recheck.h"
#include "store/sql/retry.h"
#include "store/sql/rows.h"
#include "store/sql/twins.h"
#include "store/sql/write.h"

struct attempt {
	struct sql_store *s;
	const struct change *c;
	struct plan *plan;
	struct selection sel; /* by number: what is read again under the guards */
	struct undo undo;
	struct rows rows;     /* of a change that names rows */
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
	return verb >= VERB_ORG_ADD && verb <= VERB_USER_DELETE ? true : verb == VERB_DEFAULT_USER;
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

static bool needs_search(const struct change *c)
{
	return c->selection.nfilters || c->selection.nids || rows_are_named(c);
}

static int copy_numbers(struct rangeset *out, const struct rangeset *in)
{
	for (size_t i = 0; i < in->n; i++)
		rangeset_add(out, in->at[i]);
	rangeset_normalise(out);
	return 0;
}

static int find_numbers(struct attempt *a, struct rangeset *out, struct err *err)
{
	const struct change *c = a->c;
	int rc;

	if (c->verb == VERB_UNDO) {
		rc = undo_load(a->s, c, a->plan, &a->undo, err);
		undo_numbers(&a->undo, out);
		for (size_t i = 0; i < a->undo.texts.n; i++)
			strlist_add(&a->sel.texts, a->undo.texts.at[i]);
		return rc;
	}
	if (rows_are_named(c))
		return rows_find(a->s, c, a->plan, &a->rows, out, &a->sel.texts, err);
	if (c->verb == VERB_DEFAULT_CLEAR)
		return find_defaults(a, out, err);
	if (!needs_search(c))
		return copy_numbers(out, &c->selection.numbers);
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

/* Numbers that were named and have no row: refused as not found, or made by pool add. */
static void add_missing(struct attempt *a)
{
	struct rangeset found = {0}, missing = {0};

	for (size_t i = 0; i < a->plan->nruns; i++)
		if (a->plan->runs[i].first.width)
			rangeset_add(&found, (struct interval){a->plan->runs[i].first, a->plan->runs[i].count});
	rangeset_normalise(&found);
	rangeset_subtract(&missing, &a->sel.numbers, &found);
	for (size_t i = 0; i < missing.n; i++)
		plan_add_run(a->plan, &(struct run){.first = missing.at[i].first,
						    .count = missing.at[i].count,
						    .before = RECORD_NONE,
						    .after = RECORD_NONE});
	rangeset_release(&found);
	rangeset_release(&missing);
	plan_sort(a->plan);
}

/* Once per distinct record: a million numbers alike are one decision. */
static void decide_runs(struct attempt *a)
{
	struct plan *plan = a->plan;
	size_t n = plan->records.n + 1; /* the last one is for rows that are not there */
	struct decision *memo = xcalloc(n, sizeof(*memo));
	bool *known = xcalloc(n, sizeof(*known));

	for (size_t i = 0; i < plan->nruns; i++) {
		struct run *run = &plan->runs[i];
		size_t k = run->before == RECORD_NONE ? n - 1 : run->before;

		if (run->result == RESULT_REFUSED)
			continue;
		if (!known[k])
			memo[k] = decide(a->c, plan, run->before);
		known[k] = true;
		run->result = (uint8_t)memo[k].result;
		run->code = (uint8_t)memo[k].code;
		run->reason = memo[k].reason;
		run->after = memo[k].result == RESULT_CHANGED ? memo[k].after : run->before;
	}
	free(memo);
	free(known);
}

/* What others did, with the owners that the history names beside those of the rows. */
static int decide_external(struct attempt *a, struct err *err)
{
	int rc;

	add_missing(a);
	rc = external_decide(a->s, a->plan, &a->sel.numbers, err);
	return rc < 0 ? rc : effects_load_owners(a->s, a->plan, err);
}

static int read_and_decide(struct attempt *a, struct err *err)
{
	int rc = 0;

	if (rows_are_named(a->c))
		return rows_decide(a->s, a->c, a->plan, &a->rows, &a->sel, a->is_recorded, err);
	if (selection_has_operands(&a->sel)) /* else nothing was found, and an empty selection reads as all rows */
		rc = read_selection(a->s, &a->sel, a->plan, err);
	if (rc == 0 && a->c->verb != VERB_EXTERNAL)
		rc = effects_load_owners(a->s, a->plan, err);
	if (rc < 0)
		return rc;
	twins_refuse(a->plan);
	if (a->c->verb == VERB_EXTERNAL) {
		rc = decide_external(a, err);
	} else if (a->c->verb == VERB_UNDO) {
		undo_decide(a->s, &a->undo, a->plan);
		rc = objects_check_undo(a->s, a->plan, a->is_recorded, err);
	} else {
		add_missing(a);
		decide_runs(a);
	}
	plan_merge(a->plan);
	return rc < 0 ? rc : twins_name(a->s, a->plan, err);
}

/* A number that was picked and may not be taken (a race was lost, or it has a twin) is left out of the next pick. */
static bool exclude_refused(struct attempt *a, struct rangeset *exclude)
{
	bool any = false;

	for (size_t i = 0; i < a->plan->nruns; i++) {
		const struct run *run = &a->plan->runs[i];

		if (run->result == RESULT_CHANGED || !run->first.width)
			continue;
		rangeset_add(exclude, (struct interval){run->first, run->count});
		any = true;
	}
	rangeset_normalise(exclude);
	return any;
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
		if (rc < 0 || !exclude_refused(a, &exclude))
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

static int check_expect(const struct attempt *a, struct err *err)
{
	if (a->c->expect < 0 && a->plan->changed > CHANGE_EXPECT_ABOVE && !a->c->dry_run &&
	    !verb_info[a->c->verb].never_asks)
		return err_set(err, ERR_USAGE, "a change of %llu numbers, more than %d, needs --expect N",
			       (unsigned long long)a->plan->changed, CHANGE_EXPECT_ABOVE);
	if (a->c->expect < 0 || (uint64_t)a->c->expect == a->plan->changed)
		return 0;
	err_set(err, ERR_REFUSED, "%lld numbers were expected to change, %llu would", a->c->expect,
		(unsigned long long)a->plan->changed);
	err_hint(err, "nothing was changed; look with --dry-run");
	return ERR_REFUSED;
}

static int refused(const struct attempt *a, struct err *err)
{
	const struct plan *plan = a->plan;
	bool only_absent = true;

	if (!plan->refused || (a->c->partial && plan->changed + plan->unchanged))
		return 0;
	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].result == RESULT_REFUSED && plan->runs[i].code != REFUSAL_NOT_FOUND)
			only_absent = false;
	err_set(err, only_absent ? ERR_ABSENT : ERR_REFUSED, "%llu number%s may not change: nothing was changed",
		(unsigned long long)plan->refused, plan->refused == 1 ? "" : "s");
	if (plan->changed && !a->c->partial)
		err_hint(err, "--partial changes the other %llu", (unsigned long long)plan->changed);
	return err->code;
}

static int decide_all(struct attempt *a, struct err *err)
{
	int rc;

	if (is_object_verb(a->c->verb))
		return objects_decide(a->s, a->c, a->plan, a->is_recorded, err);
	rc = decide_numbers(a, err);
	if (rc < 0)
		return rc;
	plan_count(a->plan);
	rc = refused(a, err);
	if (rc == 0 && a->c->verb != VERB_EXTERNAL) /* what others did has had its effects */
		rc = effects_settle(a->s, a->c, a->plan, a->is_recorded, err);
	plan_count(a->plan);
	if (rc == 0)
		rc = check_expect(a, err);
	return rc < 0 ? rc : check_tables(a, err);
}

/* A change id that somebody chose counts once, also where there was nothing to do. */
static bool must_write(const struct attempt *a)
{
	return !a->c->dry_run && (plan_has_work(a->plan) || (a->is_recorded && a->c->id_given));
}

/* The numbers that the change touched, consequences included. */
static void changed_numbers(const struct plan *plan, struct rangeset *out)
{
	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].result == RESULT_CHANGED)
			rangeset_add(out, (struct interval){plan->runs[i].first, plan->runs[i].count});
	for (size_t i = 0; i < plan->nextra; i++)
		rangeset_add(out, (struct interval){plan->extra[i].first, plan->extra[i].count});
	rangeset_normalise(out);
}

static int record(struct attempt *a, struct err *err)
{
	struct rangeset numbers = {0};
	uint64_t n;
	int rc = a->c->verb == VERB_EXTERNAL ? history_record_external(a->s, a->plan, a->plan->change_id, a->plan->runs,
								      a->plan->nruns, err) :
					      history_record(a->s, a->plan, err);

	changed_numbers(a->plan, &numbers);
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
	return rc < 0 ? rc : write_plan(a->s, a->plan, a->c->verb == VERB_UNDO ? &a->undo : NULL, err);
}

static int commit(struct attempt *a, struct err *err)
{
	int rc;

	if (interrupt_pending())
		return err_set(err, ERR_INTERRUPTED, "interrupted: nothing was changed");
	a->is_committing = true;
	interrupt_commit(a->plan->change_id);
	rc = sql_commit(a->s, err);
	interrupt_commit(NULL);
	return rc;
}

static int resolve_org(struct attempt *a, struct err *err)
{
	if (!a->c->org_text || a->c->verb == VERB_ORG_EDIT || a->c->verb == VERB_ORG_DELETE)
		return 0;
	return orgs_resolve(a->s, a->c->org_text, &a->plan->org, &a->plan->arena, err);
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
	if (!c->partial || !plan->refused)
		return 0;
	if (!plan->changed && !plan->unchanged)
		return err_set(err, ERR_REFUSED, "every number was refused: nothing was changed");
	return err_set(err, ERR_PARTIAL, "%llu number%s refused", (unsigned long long)plan->refused,
		       plan->refused == 1 ? " was" : "s were");
}

int sql_store_apply(struct store *store, const struct change *c, struct plan *plan, struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	struct retry retry = {.deadline_ms = clock_monotonic_ms() + s->target.timeout_s * INT64_C(1000)};
	bool committing;
	int rc;

	s->progress = c->progress;
	do {
		committing = false;
		rc = apply_try(s, c, plan, &committing, err);
		if (rc == 0)
			return finish(s, c, plan, err);
		rc = retry_next(&retry, s, c, committing, rc, err);
	} while (rc == 0);
	return rc;
}
