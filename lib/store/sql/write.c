/*
 * Carries a plan out: a statement for all numbers with the same step from one record to another. Every write has the
 * old values in WHERE and counts its rows, since the PBX writes these tables at the same time.
 */
#include "store/sql/write.h"

#include <stdlib.h>
#include <string.h>

/* The fields that decide whether a row may change: guarded in every write beside those that it changes. */
#define GUARDED                                                                                                        \
	(FIELD_BIT(DID_POOL_STATUS) | FIELD_BIT(DID_STATUS) | FIELD_BIT(DID_ORG_ID) | FIELD_BIT(DID_DEFAULT) |         \
	 FIELD_BIT(DID_LOCKED) | FIELD_BIT(DID_HOLD_UNTIL))

int write_raced(struct sql_store *s, struct err *err)
{
	s->has_raced = true;
	err_set(err, ERR_REFUSED, "somebody else is changing the same numbers");
	err_hint(err, "nothing was changed; look again with didctl pool list, then repeat the command");
	return ERR_REFUSED;
}

/* A step from one record to another, and the texts of all numbers that take it. */
struct step {
	uint32_t before, after;
	struct terms terms;
	uint64_t count;
};

/* A row that has other values in the mask by now is not found. */
static void expect_values(const struct sql_store *s, struct statement *st, const struct sql_column *columns,
			  const struct record *old, uint64_t mask)
{
	for (const struct sql_column *c = columns; c->name; c++) {
		if (!(mask & FIELD_BIT(c->field)) || (s->missing & FIELD_BIT(c->field)))
			continue;
		buf_puts(&st->text, " AND ");
		sql_quote_name(&st->text, c->name);
		if (old->v[c->field]) {
			buf_puts(&st->text, " = ?");
			statement_param(st, old->v[c->field]);
		} else {
			buf_puts(&st->text, " IS NULL");
		}
	}
}

static void write_sets(struct statement *st, const struct sql_column *columns, const struct record *new,
			 uint64_t mask)
{
	size_t done = 0;

	for (const struct sql_column *c = columns; c->name; c++) {
		if (!(mask & FIELD_BIT(c->field)))
			continue;
		buf_puts(&st->text, done++ ? ", " : "");
		sql_quote_name(&st->text, c->name);
		buf_puts(&st->text, " = ?");
		statement_param(st, new->v[c->field]);
	}
}

/* A statement over the rows of a step that have what they had. */
struct sweep {
	const struct step *step;
	struct statement head; /* up to its WHERE; its parameters outlive it */
	const struct sql_column *columns;
	const struct record *expected;
	uint64_t mask; /* of it: the fields in which they must have it */
	const char *doing;
};

static void put_head(struct statement *st, const struct statement *head)
{
	statement_reset(st);
	buf_puts(&st->text, head->text.data);
	for (size_t i = 0; i < head->n; i++)
		statement_param(st, head->params[i].s);
}

/* Batch by batch; all of them together must find exactly the step's rows. Releases the head. */
static int sweep_rows(struct sql_store *s, struct sweep *sweep, struct err *err)
{
	const struct step *step = sweep->step;
	struct statement st = {0};
	uint64_t found = 0;
	int rc = 0;

	for (size_t from = 0, n; rc == 0 && from < step->terms.n; from += n) {
		uint64_t affected = 0;

		n = terms_batch(&step->terms, from);
		put_head(&st, &sweep->head);
		buf_puts(&st.text, " WHERE ");
		sql_terms(s, &st, &step->terms, from, n, "number");
		expect_values(s, &st, sweep->columns, sweep->expected, sweep->mask);
		rc = sql_run(s, &st, &affected, err);
		found += affected;
		progress_step(s->progress, sweep->doing, found, step->count);
	}
	statement_release(&st);
	statement_release(&sweep->head);
	return rc == 0 && found != step->count ? write_raced(s, err) : rc;
}

static int update_table(struct sql_store *s, const struct step *step, const struct plan *plan, const char *table,
			const struct sql_column *columns, struct err *err)
{
	const struct record *old = &plan->records.at[step->before], *new = &plan->records.at[step->after];
	uint64_t mask = record_diff(old, new) & columns_mask(columns);
	struct sweep sweep = {.step = step, .columns = columns, .expected = old, .mask = mask | GUARDED, .doing = "writing"};

	if (!mask)
		return 0;
	buf_printf(&sweep.head.text, "UPDATE %s SET ", table);
	write_sets(&sweep.head, columns, new, mask);
	return sweep_rows(s, &sweep, err);
}

/*
 * Details that are not there yet: one row for each number, out of did_numbers as the change left it; a details row that is
 * there by now is a race.
 */
static int insert_details(struct sql_store *s, const struct step *step, const struct plan *plan, struct err *err)
{
	const struct record *new = &plan->records.at[step->after];
	struct sweep sweep = {.step = step, .columns = base_columns, .expected = new, .mask = GUARDED, .doing = "writing"};
	struct statement *head = &sweep.head;
	struct buf values = {0};
	int rc;

	buf_puts(&head->text, "INSERT INTO didctl_details (number");
	for (const struct sql_column *c = detail_columns; c->name; c++) {
		if (!new->v[c->field])
			continue;
		buf_puts(&head->text, ", ");
		sql_quote_name(&head->text, c->name);
		buf_puts(&values, ", ?");
		statement_param(head, new->v[c->field]);
	}
	buf_printf(&head->text, ") SELECT number%s FROM did_numbers", buf_str(&values));
	buf_release(&values);
	rc = sweep_rows(s, &sweep, err);
	return rc < 0 && s->failure == SQL_DUPLICATE ? write_raced(s, err) : rc;
}

static bool wants_details(const struct record *r)
{
	for (const struct sql_column *c = detail_columns; c->name; c++)
		if (r->v[c->field])
			return true;
	return false;
}

static int delete_rows(struct sql_store *s, const struct step *step, const struct plan *plan, const char *table,
		       const struct sql_column *columns, struct err *err)
{
	const struct record *old = &plan->records.at[step->before];
	uint64_t changes = step->after == RECORD_NONE ? 0 : record_diff(old, &plan->records.at[step->after]);
	struct sweep sweep = {
		.step = step, .columns = columns, .expected = old, .mask = GUARDED | changes, .doing = "deleting",
	};

	buf_printf(&sweep.head.text, "DELETE FROM %s", table);
	return sweep_rows(s, &sweep, err);
}

/* A details row without any detail goes, so that undo leaves the tables as they were. */
static int write_details(struct sql_store *s, const struct step *step, const struct plan *plan, struct err *err)
{
	const struct record *new = &plan->records.at[step->after];

	if (!s->has_tables)
		return 0;
	if (step->before != RECORD_NONE && plan->records.at[step->before].has_details)
		return wants_details(new) ? update_table(s, step, plan, "didctl_details", detail_columns, err) :
					    delete_rows(s, step, plan, "didctl_details", detail_columns, err);
	return wants_details(new) ? insert_details(s, step, plan, err) : 0;
}

static int write_delete(struct sql_store *s, const struct step *step, const struct plan *plan, struct err *err)
{
	int rc = 0;

	if (plan->records.at[step->before].has_details)
		rc = delete_rows(s, step, plan, "didctl_details", detail_columns, err);
	return rc < 0 ? rc : delete_rows(s, step, plan, "did_numbers", base_columns, err);
}

static int write_step(struct sql_store *s, const struct step *step, const struct plan *plan, struct err *err)
{
	int rc = 0;

	if (step->after == RECORD_NONE)
		return write_delete(s, step, plan, err);
	if (step->before != RECORD_NONE)
		rc = update_table(s, step, plan, "did_numbers", base_columns, err);
	return rc < 0 ? rc : write_details(s, step, plan, err);
}

static void step_add(struct step *step, const struct run *run, const struct country *country)
{
	step->count += run->count;
	if (run->kind == RUN_RESPELL) /* which has been done by now */
		terms_add_literal(&step->terms, run->respelled);
	else if (run->spelling == SPELLING_LITERAL)
		terms_add_literal(&step->terms, run->literal);
	else
		terms_add(&step->terms, run->first, run->count, run->spelling, country);
}

static uint32_t project(struct plan *plan, uint32_t index, uint64_t mask)
{
	struct record r = plan->records.at[index];

	for (int f = 0; f < DID_FIELDS; f++)
		if (!(mask & FIELD_BIT(f)))
			r.v[f] = NULL;
	return recordset_add(&plan->records, &r);
}

/* Rows that come or go are written whole. */
static struct run projected(struct plan *plan, const struct run *run)
{
	struct run out = *run;
	uint64_t mask;

	if (run->before == RECORD_NONE || run->after == RECORD_NONE)
		return out;
	mask = GUARDED | record_diff(&plan->records.at[run->before], &plan->records.at[run->after]);
	if (plan->records.at[run->before].has_details) /* all of them: whether the row goes depends on each */
		mask |= columns_mask(detail_columns);
	out.before = project(plan, run->before, mask);
	out.after = project(plan, run->after, mask);
	return out;
}

static bool continues(const struct run *last, const struct run *next)
{
	return last->kind == RUN_NUMBERS && next->kind == RUN_NUMBERS && last->before == next->before &&
	       last->after == next->after && last->spelling == next->spelling && last->spelling != SPELLING_LITERAL &&
	       last->first.width == next->first.width &&
	       last->first.value + last->count == next->first.value;
}

struct run *write_steps(struct plan *plan, const struct run *runs, size_t n, size_t *count)
{
	struct run *out = xcalloc(n, sizeof(*out));
	struct run last = {0}, step, alike = {0};

	*count = 0;
	for (size_t i = 0; i < n; i++) {
		if (runs[i].result != RESULT_CHANGED)
			continue;
		if (!last.count || runs[i].before != last.before || runs[i].after != last.after)
			alike = projected(plan, &runs[i]);
		step = last = runs[i];
		step.before = alike.before;
		step.after = alike.after;
		if (*count && continues(&out[*count - 1], &step))
			out[*count - 1].count += step.count;
		else
			out[(*count)++] = step;
	}
	return out;
}

static int by_step(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	if (x->before != y->before)
		return x->before < y->before ? -1 : 1;
	if (x->after != y->after)
		return x->after < y->after ? -1 : 1;
	return number_cmp(x->first, y->first);
}

/* A row that goes makes room for another one that takes its spelling; so both come before all the rest. */
enum phase { PHASE_DROP, PHASE_WRITE };

static size_t take_phase(struct run *steps, size_t n, enum phase phase)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if ((steps[i].kind == RUN_DROP) == (phase == PHASE_DROP))
			steps[kept++] = steps[i];
	return kept;
}

/* All runs that take the same step are written together, however many they are. */
static int write_runs(struct sql_store *s, struct plan *plan, const struct run *runs, size_t n, enum phase phase,
		      struct err *err)
{
	size_t count;
	struct run *steps = write_steps(plan, runs, n, &count);
	int rc = 0;

	count = take_phase(steps, count, phase);
	qsort(steps, count, sizeof(*steps), by_step);
	for (size_t i = 0; rc == 0 && i < count;) {
		struct step step = {.before = steps[i].before, .after = steps[i].after};

		for (; i < count && steps[i].before == step.before && steps[i].after == step.after; i++)
			step_add(&step, &steps[i], s->country);
		rc = write_step(s, &step, plan, err);
		terms_release(&step.terms);
	}
	free(steps);
	return rc;
}

static int respell_table(struct sql_store *s, const struct run *run, const char *table, const struct sql_column *columns,
			 const struct record *old, struct err *err)
{
	struct statement st = {0};
	char text[NUMBER_TEXT];
	uint64_t found = 0;
	int rc;

	buf_printf(&st.text, "UPDATE %s SET number = ? WHERE number = ?", table);
	statement_param(&st, run->respelled);
	statement_param(&st, run_number(run, 0, s->country, text));
	expect_values(s, &st, columns, old, GUARDED);
	rc = sql_run(s, &st, &found, err);
	statement_release(&st);
	if (rc < 0 && s->failure == SQL_DUPLICATE)
		return write_raced(s, err);
	return rc == 0 && found != 1 ? write_raced(s, err) : rc;
}

/* Before the fields of these rows are written, so that a row in the spelling that is given up may come back beside. */
static int write_respelled(struct sql_store *s, const struct plan *plan, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];
		const struct record *old;

		if (run->result != RESULT_CHANGED || run->kind != RUN_RESPELL)
			continue;
		old = &plan->records.at[run->before];
		rc = respell_table(s, run, "did_numbers", base_columns, old, err);
		if (rc == 0 && old->has_details)
			rc = respell_table(s, run, "didctl_details", detail_columns, old, err);
	}
	return rc;
}

/* The previous default goes first: the new one must never stand beside it. */
int write_plan(struct sql_store *s, struct plan *plan, const struct undo *undo, struct err *err)
{
	int rc = write_runs(s, plan, plan->extra, plan->nextra, PHASE_WRITE, err);

	if (rc == 0)
		rc = write_runs(s, plan, plan->runs, plan->nruns, PHASE_DROP, err);
	if (rc == 0)
		rc = write_respelled(s, plan, err);
	if (rc == 0)
		rc = insert_numbers(s, plan, undo, err);
	if (rc == 0)
		rc = write_runs(s, plan, plan->runs, plan->nruns, PHASE_WRITE, err);
	if (rc == 0)
		rc = write_objects(s, plan, err);
	return rc;
}

int write_members(struct sql_store *s, const struct run *run, struct number first, uint64_t n, struct buf *out,
		  struct err *err)
{
	struct statement st = {0};
	struct terms terms = {0};
	const struct value *row;
	int rc;

	if (run->spelling == SPELLING_LITERAL)
		terms_add_literal(&terms, run->literal);
	else
		terms_add(&terms, first, n, run->spelling, s->country);
	buf_puts(&st.text, "SELECT id, number FROM did_numbers WHERE ");
	sql_terms(s, &st, &terms, 0, terms.n, "number");
	buf_puts(&st.text, " ORDER BY number");
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		buf_printf(out, "%s\t%s\n", row[0].s ? row[0].s : "", row[1].s);
	s->driver->done(s->db);
	terms_release(&terms);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}
