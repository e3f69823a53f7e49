/* What becomes of each row that a change names, and of the other rows of its number. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "did/rows.h"
#include "did/runs.h"
#include "did/settle.h"

/* The rows of one number, or one row that is no number. */
struct group {
	struct row *at;
	size_t n;
};

static struct decision refuse(enum refusal code, const char *reason)
{
	return (struct decision){RESULT_REFUSED, RECORD_NONE, code, reason};
}

static struct decision make(const struct row *row, uint32_t after, bool is_changed)
{
	if (is_changed || after != row->record)
		return (struct decision){RESULT_CHANGED, after, REFUSAL_NONE, NULL};
	return (struct decision){RESULT_UNCHANGED, row->record, REFUSAL_NONE, NULL};
}

static struct group group_at(const struct rows *rows, size_t i)
{
	struct group g = {&rows->at[i], 1};

	while (g.at->key.width && i + g.n < rows->n && number_eq(g.at[g.n].key, g.at->key))
		g.n++;
	return g;
}

static bool is_in(const struct group *g, const struct row *row)
{
	return row && row >= g->at && row < g->at + g->n;
}

/* How many rows the number has when all is done. */
static size_t count_staying(const struct group *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		n += !g->at[i].is_dropped;
	return n;
}

/* ---- the records of the rows, as they are behind the guards */

static void take_record(const struct rows *rows, const struct run *run, const struct country *country)
{
	char text[NUMBER_TEXT];

	for (uint64_t i = 0; i < run->count; i++) {
		struct row *row = rows_by_text(rows, number_add(run->first, i), run_number(run, i, country, text));

		if (row)
			row->record = run->before;
	}
}

static int read_records(struct facts *facts, struct plan *plan, struct rows *rows, const struct selection *sel,
			struct err *err)
{
	int rc = selection_has_operands(sel) ? facts->ops->read(facts, sel, plan, err) : 0;

	for (size_t i = 0; rc == 0 && i < plan->nruns; i++)
		take_record(rows, &plan->runs[i], facts->country);
	plan->nruns = 0;
	for (size_t i = 0; rc == 0 && i < rows->n; i++)
		if (rows->at[i].record == RECORD_NONE && rows->at[i].key.width && rangeset_has(&sel->numbers, rows->at[i].key))
			rc = facts->ops->raced(facts, err);
	return rc;
}

/* ---- which rows are meant */

static void name_repairs(const struct change *c, struct plan *plan, struct rows *rows)
{
	for (size_t i = 0; i < c->repairs.n; i++) {
		const struct repair *repair = &c->repairs.at[i];
		struct row *row = repair->check == CHECK_OUTBOUND ? NULL : rows_by_id(rows, repair->id);

		if (!row && repair->check != CHECK_OUTBOUND)
			strlist_add(&plan->warnings,
				    arena_printf(&plan->arena, "the row %s is not there any more", repair->id));
		if (!row)
			continue;
		row->is_named = true;
		row->checks |= CHECK_BIT(repair->check);
		row->is_dropped |= repair->check == CHECK_TWIN;
		if (repair->check == CHECK_TWIN)
			row->keep_row = repair->keep;
		if (repair->check == CHECK_TWO_DEFAULTS)
			row->keep_default = repair->keep;
	}
}

/* A row is dropped where another row of its number stays; else it is the number that is deleted. */
static void name_deleted(const struct change *c, struct rows *rows)
{
	for (size_t i = 0; i < c->selection.nids; i++)
		rows_by_id(rows, c->selection.ids[i])->is_named = true;
	for (size_t i = 0; i < rows->n;) {
		struct group g = group_at(rows, i);

		for (size_t k = 0; g.n > 1 && k < g.n; k++)
			g.at[k].is_dropped = g.at[k].is_named;
		i += g.n;
	}
}

static void name_merged(const struct change *c, struct rows *rows, const struct selection *sel)
{
	const struct row *keep = rows_by_id(rows, c->keep_id);

	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->at[i];

		row->is_named = row->key.width ? rangeset_has(&sel->numbers, row->key) : row != keep;
		row->is_dropped = row->is_named && row->key.width && row != keep;
		row->keep_row = c->keep_id;
	}
}

static void name_rows(const struct change *c, struct plan *plan, struct rows *rows, const struct selection *sel)
{
	if (c->verb == VERB_REPAIR)
		name_repairs(c, plan, rows);
	else if (c->verb == VERB_DELETE)
		name_deleted(c, rows);
	else
		name_merged(c, rows, sel);
}

/* ---- what becomes of them */

static const struct record *record_of(const struct plan *plan, uint32_t index)
{
	return index == RECORD_NONE ? NULL : &plan->records.at[index];
}

/* As it is when all is done; NULL: it has gone. */
static const struct record *outcome(const struct plan *plan, const struct row *row)
{
	return record_of(plan, row->decision.result == RESULT_CHANGED ? row->decision.after : row->record);
}

static bool is_locked(const struct plan *plan, const struct row *row)
{
	const struct record *r = record_of(plan, row->record);

	return r && record_flag(r, DID_LOCKED);
}

/*
 * Why a locked row does not go: what was locked is the number, which is to stay locked. Where all of its rows are, and
 * none can be unlocked while there are two, a person has to say which one stays. NULL: it can.
 */
static const char *lock_lost(const struct plan *plan, const struct group *g, const struct row *row, enum verb verb)
{
	bool stays_locked = false;

	if (!is_locked(plan, row))
		return NULL;
	for (size_t i = 0; i < g->n; i++)
		stays_locked |= !g->at[i].is_dropped && is_locked(plan, &g->at[i]);
	if (!stays_locked)
		return "is locked: a locked row is the one to keep";
	return verb == VERB_MERGE ? NULL : "is locked, and so is the row that would stay: pool merge --keep ROW says which one it is";
}

static struct decision decide_drop(const struct change *c, const struct plan *plan, const struct rows *rows,
				   const struct group *g, const struct row *row)
{
	const struct row *keep = rows_by_id(rows, row->keep_row);
	const char *locked = lock_lost(plan, g, row, c->verb);

	if (count_staying(g) == 0)
		return refuse(REFUSAL_TWIN, "all of its rows are named, and one has to stay");
	if (row->keep_row && (!is_in(g, keep) || keep->is_dropped))
		return refuse(REFUSAL_RACE, arena_printf(rows->arena, "the row %s, which was to stay, is none of its rows any"
								      " more: look again",
							 row->keep_row));
	if (locked)
		return refuse(REFUSAL_LOCKED, locked);
	return make(row, RECORD_NONE, true);
}

/* Why the row cannot lose the flag: the other default of its organisation is none any more. NULL: it can. */
static const char *default_lost(const struct plan *plan, const struct rows *rows, const struct row *row)
{
	const struct row *keep = rows_by_id(rows, row->keep_default);
	const struct record *mine = &plan->records.at[row->record], *other;

	if (!(row->checks & CHECK_BIT(CHECK_TWO_DEFAULTS)) || !record_flag(mine, DID_DEFAULT))
		return NULL;
	other = keep ? record_of(plan, keep->record) : NULL;
	if (other && !(keep->checks & CHECK_BIT(CHECK_TWO_DEFAULTS)) &&
	    record_flag(other, DID_DEFAULT) && record_state(other) == STATE_ASSIGNED &&
	    record_is(other, DID_ORG_ID, mine->v[DID_ORG_ID]))
		return NULL;
	return "the default caller ID that was to stay is none any more: look again";
}

/*
 * Whether the record alone answers it here: an owner cannot be missed where no organisations are kept, and of two
 * defaults one is left where the other one's row goes.
 */
static bool is_asked(const struct facts *facts, const struct rows *rows, const struct row *row, enum check check)
{
	const struct row *keep = rows_by_id(rows, row->keep_default);

	if ((check == CHECK_OWNER_MISSING && !facts->has_orgs) || (check == CHECK_TWO_DEFAULTS && keep && keep->is_dropped))
		return false;
	return check != CHECK_NO_DEFAULT && (row->checks & CHECK_BIT(check));
}

static struct decision decide_mend(const struct facts *facts, struct plan *plan, const struct rows *rows,
				   const struct group *g, struct row *row)
{
	struct record r = plan->records.at[row->record];
	const char *lost = default_lost(plan, rows, row);
	char text[NUMBER_TEXT];

	number_spell(row->key, facts->country, 0, text);
	if ((row->checks & CHECK_BIT(CHECK_SPELLING)) && strcmp(text, row->text) != 0)
		row->respelled = arena_strdup(&plan->arena, text);
	if (count_staying(g) > 1) /* the history is kept by number: it could not tell of which row it is */
		return refuse(row->checks == CHECK_BIT(CHECK_SPELLING) ? REFUSAL_DUPLICATE : REFUSAL_TWIN,
			      "stands in two rows");
	if (lost)
		return refuse(REFUSAL_RACE, lost);
	for (enum check check = 0; check < CHECK_COUNT; check++)
		if (is_asked(facts, rows, row, check))
			repair_record(check, plan, &r);
	return make(row, recordset_add(&plan->records, &r), row->respelled != NULL);
}

static void decide_group(const struct facts *facts, const struct change *c, struct plan *plan, const struct rows *rows,
			 const struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		struct row *row = &g->at[i];

		row->decision = make(row, row->record, false);
		if (!row->is_named)
			continue;
		if (!row->key.width)
			row->decision = refuse(REFUSAL_RULE, "is no telephone number: mend the row first");
		else if (row->is_dropped)
			row->decision = decide_drop(c, plan, rows, g, row);
		else if (c->verb == VERB_DELETE)
			row->decision = decide(c, plan, row->record);
		else if (c->verb == VERB_REPAIR)
			row->decision = decide_mend(facts, plan, rows, g, row);
	}
}

/* ---- defaults: an organisation gets one where it still has none when the rest is done */

static bool is_default_of(const struct record *r, const char *org_id)
{
	return r && record_flag(r, DID_DEFAULT) && record_state(r) == STATE_ASSIGNED && record_is(r, DID_ORG_ID, org_id);
}

static int has_default(struct facts *facts, const struct plan *plan, const struct rows *rows, const char *org_id,
		       bool *out, struct err *err)
{
	struct strlist flagged = {0};
	int rc = facts->ops->defaults_of(facts, org_id, true, &flagged, rows->arena, err);

	*out = false;
	for (size_t i = 0; rc == 0 && i < flagged.n && !*out; i++) {
		struct number n;
		const struct row *row = NULL;

		if (number_parse_stored(&n, flagged.at[i], strlen(flagged.at[i]), facts->country))
			row = rows_by_text(rows, n, flagged.at[i]);
		*out = !row || is_default_of(outcome(plan, row), org_id);
	}
	for (size_t i = 0; rc == 0 && i < rows->n && !*out; i++)
		*out = is_default_of(outcome(plan, &rows->at[i]), org_id);
	strlist_release(&flagged);
	return rc;
}

static int decide_default(struct facts *facts, struct plan *plan, const struct rows *rows, struct row *row,
			  struct err *err)
{
	const struct record *now = outcome(plan, row);
	struct record r;
	bool has = true;
	int rc = 0;

	if (!(row->checks & CHECK_BIT(CHECK_NO_DEFAULT)) || row->decision.result == RESULT_REFUSED || !now)
		return 0;
	if (now->v[DID_ORG_ID])
		rc = has_default(facts, plan, rows, now->v[DID_ORG_ID], &has, err);
	if (rc < 0 || has)
		return rc;
	r = *now;
	repair_record(CHECK_NO_DEFAULT, plan, &r);
	row->decision = make(row, recordset_add(&plan->records, &r), row->respelled != NULL);
	return 0;
}

/* ---- users */

/* Whether one of the number's rows is assigned to the organisation when all is done. */
static int is_held_by(struct facts *facts, struct plan *plan, const struct rows *rows, struct number n,
		      const char *org_id, bool *out, struct err *err)
{
	struct selection sel = {0};
	struct plan found = {0};
	int rc;

	rangeset_add(&sel.numbers, (struct interval){n, 1});
	rangeset_normalise(&sel.numbers);
	rc = facts_guard_numbers(facts, &sel.numbers, err); /* else it could be assigned meanwhile */
	if (rc == 0)
		rc = facts->ops->read(facts, &sel, &found, err);
	*out = false;
	for (size_t i = 0; rc == 0 && i < found.nruns; i++) {
		char text[NUMBER_TEXT];
		const struct row *row = rows_by_text(rows, n, run_number(&found.runs[i], 0, facts->country, text));
		const struct record *r = row ? outcome(plan, row) : &found.records.at[found.runs[i].before];

		*out |= r && org_id && record_state(r) == STATE_ASSIGNED && record_is(r, DID_ORG_ID, org_id);
	}
	selection_release(&sel);
	plan_release(&found);
	return rc;
}

static int mend_user(struct facts *facts, struct plan *plan, const struct rows *rows, const char *id, struct err *err)
{
	const char *fields[OBJECT_FIELDS] = {0};
	struct user user = {.id = id};
	struct number n;
	bool is_held = false;
	int rc = facts->ops->load(facts, OBJECT_USER, id, fields, &plan->arena, err);

	if (rc < 0 || !fields[2] || !*fields[2])
		return rc < 0 ? rc : 0;
	user.name = fields[0];
	user.org_id = fields[1];
	user.outbound_did = fields[2];
	rc = 0;
	if (number_parse_stored(&n, user.outbound_did, strlen(user.outbound_did), facts->country))
		rc = is_held_by(facts, plan, rows, n, user.org_id, &is_held, err);
	if (rc == 0 && !is_held)
		plan_clear_outbound(plan, &user);
	return rc;
}

static int mend_users(struct facts *facts, const struct change *c, struct plan *plan, const struct rows *rows,
		      struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->repairs.n; i++)
		if (c->repairs.at[i].check == CHECK_OUTBOUND)
			rc = mend_user(facts, plan, rows, c->repairs.at[i].id, err);
	return rc;
}

/* ---- the plan */

static bool any_goes(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->at[i].is_dropped && g->at[i].decision.result == RESULT_CHANGED)
			return true;
	return false;
}

static struct run run_of(const struct row *row)
{
	return (struct run){
		.first = row->key,
		.count = 1,
		.before = row->record,
		.after = row->decision.result == RESULT_CHANGED ? row->decision.after : row->record,
		.spelling = row->spelling,
		.literal = row->spelling == SPELLING_LITERAL ? row->text : NULL,
		.result = (uint8_t)row->decision.result,
		.code = (uint8_t)row->decision.code,
		.reason = row->decision.reason,
	};
}

static void add_runs(struct plan *plan, const struct group *g)
{
	bool goes = any_goes(g);

	for (size_t i = 0; i < g->n; i++) {
		const struct row *row = &g->at[i];
		struct run run = run_of(row);

		if (!row->is_named && !goes)
			continue;
		if (row->is_dropped) {
			run.kind = RUN_DROP;
			run.row_id = row->id;
		} else if (row->respelled && run.result == RESULT_CHANGED) {
			run.kind = RUN_RESPELL;
			run.respelled = row->respelled;
		} else if (goes && run.result == RESULT_UNCHANGED) {
			run.kind = RUN_KEEP;
		}
		plan_add_run(plan, &run);
	}
}

/* "08065978002 (row ID, ACME) and 918065978002 (row ID, no organisation)" */
static void name_group(struct buf *out, const struct plan *plan, const struct group *g)
{
	char text[TEXT_SHOWN];

	for (size_t i = 0; i < g->n; i++)
		buf_printf(out, "%s%s (row %s, %s)", i ? " and " : "", text_show(text, g->at[i].text, strlen(g->at[i].text)),
			   g->at[i].id, plan_owner_name(plan, plan->records.at[g->at[i].record].v[DID_ORG_ID]));
}

/* pool merge of a number that has no second row, or not the one that was named. */
static void refuse_merge(const struct change *c, struct plan *plan, struct number n, const struct group *g)
{
	struct run run = {.first = n, .count = 1, .before = RECORD_NONE, .after = RECORD_NONE,
			  .result = RESULT_REFUSED, .code = REFUSAL_NOT_FOUND, .reason = "is not in the inventory"};
	struct buf names = {0};

	if (g->n) {
		run = run_of(g->at);
		name_group(&names, plan, g);
		run.result = RESULT_REFUSED;
		run.code = g->n == 1 ? REFUSAL_RULE : REFUSAL_NOT_FOUND;
		run.reason = g->n == 1 ? arena_printf(&plan->arena, "has no second row, only %s: there is nothing to merge",
						      names.data) :
					 arena_printf(&plan->arena, "has no row %s to keep; its rows are %s", c->keep_id,
						      names.data);
	}
	plan_add_run(plan, &run);
	buf_release(&names);
}

static void add_merge(const struct change *c, struct plan *plan, const struct rows *rows, const struct selection *sel)
{
	struct number n = sel->numbers.n ? sel->numbers.at[0].first : (struct number){0, 0};
	struct group g = {rows->at, 0};

	for (size_t i = 0; i < rows->n && !g.n; i++)
		if (n.width ? number_eq(rows->at[i].key, n) : rows_by_id(rows, c->selection.ids[0]) == &rows->at[i])
			g = group_at(rows, i);
	if (g.n && (!n.width || is_in(&g, rows_by_id(rows, c->keep_id))))
		add_runs(plan, &g);
	else
		refuse_merge(c, plan, n, &g);
}

static void fill_plan(const struct change *c, struct plan *plan, const struct rows *rows, const struct selection *sel)
{
	if (c->verb == VERB_MERGE) {
		add_merge(c, plan, rows, sel);
	} else {
		for (size_t i = 0; i < rows->n;) {
			struct group g = group_at(rows, i);

			add_runs(plan, &g);
			i += g.n;
		}
	}
	plan_sort(plan);
}

int rows_decide(struct facts *facts, const struct change *c, struct plan *plan, struct rows *rows,
		const struct selection *sel, struct err *err)
{
	int rc = read_records(facts, plan, rows, sel, err);

	if (rc == 0)
		rc = settle_load_owners(facts, plan, err);
	if (rc < 0)
		return rc;
	name_rows(c, plan, rows, sel);
	for (size_t i = 0; i < rows->n;) {
		struct group g = group_at(rows, i);

		decide_group(facts, c, plan, rows, &g);
		i += g.n;
	}
	for (size_t i = 0; rc == 0 && i < rows->n; i++)
		rc = decide_default(facts, plan, rows, &rows->at[i], err);
	if (rc == 0)
		rc = mend_users(facts, c, plan, rows, err);
	fill_plan(c, plan, rows, sel);
	return rc < 0 ? rc : runs_name_twins(facts, plan, err);
}
