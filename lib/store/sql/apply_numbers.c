#include "store/sql/apply.h"

#include "did/objects.h"
#include "did/ports.h"
#include "did/runs.h"
#include "did/services.h"
#include "did/settle.h"
#include "store/sql/external.h"
#include "store/sql/guards.h"
#include "store/sql/write.h"

/* Which numbers a selection with filters or ids stands for at this moment. Rows that are no number are kept as refused. */
static int find_keys(struct attempt *a, const struct selection *sel, struct rangeset *out, struct err *err)
{
	struct plan found = {0};
	int rc = read_selection(a->s, sel, &found, err);

	runs_take_keys(a->plan, &found, out, &a->sel.texts);
	plan_release(&found);
	return rc;
}

/* Each row that is named by its id has to be there, whatever else is asked of it. */
static int refuse_absent_ids(struct attempt *a, struct err *err)
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
			runs_add_absent(a->plan, sel->ids[i]);
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
static void copy_numbers(struct attempt *a, struct rangeset *out)
{
	const struct selection *named = &a->c->selection;

	for (size_t i = 0; i < named->numbers.n; i++)
		rangeset_add(out, named->numbers.at[i]);
	rangeset_normalise(out);
	for (size_t i = 0; i < named->texts.n; i++)
		strlist_add(&a->sel.texts, named->texts.at[i]);
}

/* Those that the change to undo is about. */
static int find_undone(struct attempt *a, struct rangeset *out, struct err *err)
{
	int rc = undo_load(&a->facts, a->c, a->plan, &a->undo, err);

	undo_numbers(&a->undo, out);
	for (size_t i = 0; i < a->undo.texts.n; i++)
		strlist_add(&a->sel.texts, a->undo.texts.at[i]);
	return rc;
}

/* From here on the change is one with what was prepared for the order's numbers. */
static int find_ported(struct attempt *a, struct rangeset *out, struct err *err)
{
	a->own = *a->c;
	a->c = &a->own;
	return ports_begin(&a->facts.facts, &a->own, a->plan, out, err);
}

/* Without a filter a number that was named and is not there is one of them too: it is refused, not passed over. */
static int find_selected(struct attempt *a, struct rangeset *out, struct err *err)
{
	int rc = find_keys(a, &a->c->selection, out, err);

	if (rc == 0 && !a->c->selection.nfilters)
		copy_numbers(a, out);
	return rc;
}

static int find_numbers(struct attempt *a, struct rangeset *out, struct err *err)
{
	const struct change *c = a->c;

	if (c->verb == VERB_UNDO)
		return find_undone(a, out, err);
	if (c->verb == VERB_PORT_COMPLETE)
		return find_ported(a, out, err);
	if (rows_are_named(c))
		return rows_find(&a->facts.facts, c, a->plan, &a->rows, out, &a->sel.texts, err);
	if (c->verb == VERB_DEFAULT_CLEAR)
		return find_defaults(a, out, err);
	if (services_find_numbers(c))
		return find_dependent(a, out, err);
	if (needs_search(c))
		return find_selected(a, out, err);
	copy_numbers(a, out);
	return 0;
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

static int read_again(struct attempt *a, struct err *err)
{
	int rc = 0;

	if (selection_has_operands(&a->sel)) /* else nothing was found, and an empty selection reads as all rows */
		rc = read_selection(a->s, &a->sel, a->plan, err);
	if (rc == 0 && a->c->verb != VERB_EXTERNAL) /* which has those that the history names, too */
		rc = settle_load_owners(&a->facts.facts, a->plan, err);
	if (rc == 0)
		runs_refuse_twins(a->plan);
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

static int decide_verb(struct attempt *a, struct err *err)
{
	int rc;

	runs_add_missing(a->plan, &a->sel.numbers);
	rc = services_prepare(&a->facts.facts, a->c, a->plan, err);
	if (rc == 0)
		runs_decide(a->c, a->plan);
	return rc;
}

static int read_and_decide(struct attempt *a, struct err *err)
{
	int rc;

	if (rows_are_named(a->c))
		return rows_decide(&a->facts.facts, a->c, a->plan, &a->rows, &a->sel, err);
	rc = read_again(a, err);
	if (rc < 0)
		return rc;
	if (a->c->verb == VERB_EXTERNAL)
		rc = decide_external(a, err);
	else if (a->c->verb == VERB_UNDO)
		rc = decide_undone(a, err);
	else
		rc = decide_verb(a, err);
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

int attempt_decide_numbers(struct attempt *a, struct err *err)
{
	int rc;

	if (a->c->pick.count)
		return pick_numbers(a, err);
	rc = find_numbers(a, &a->sel.numbers, err);
	if (rc == 0 && a->is_recorded)
		rc = guard_numbers(a->s, &a->sel.numbers, err);
	if (rc == 0 && a->is_recorded && needs_search(a->c))
		rc = search_again(a, err);
	if (rc == 0 && !rows_are_named(a->c)) /* there an id may name more than one row, or the one that stays */
		rc = refuse_absent_ids(a, err);
	return rc < 0 ? rc : read_and_decide(a, err);
}
