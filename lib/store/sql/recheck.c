#include "store/sql/recheck.h"

#include "base/text.h"

/* Rows of the new numbers under any other spelling than the one that was written. */
static void other_spellings(struct sql_store *s, struct terms *terms, const struct run *run)
{
	for (unsigned k = 0; k < number_spellings(run->first, s->country); k++)
		if (k != run->spelling)
			terms_add(terms, run->first, run->count, k, s->country);
}

/* The change is made: a look that fails is no failure of it, but nothing of it may be left before a next piece. */
static void warn_rows(struct sql_store *s, struct plan *plan, struct statement *st, const char *what)
{
	const struct value *row;
	char shown[TEXT_SHOWN];
	int rc = sql_open(s, st, NULL);

	while (rc >= 0 && (rc = sql_fetch(s, &row, NULL)) == 1)
		strlist_add(&plan->warnings,
			    arena_printf(&plan->arena, "%s: %s", what, text_show(shown, row[0].s, row[0].len)));
	s->driver->done(s->db);
	if (rc < 0)
		s->driver->rollback(s->db);
}

static void warn_twins(struct sql_store *s, struct plan *plan, struct terms *terms)
{
	for (size_t from = 0, n; from < terms->n; from += n) {
		struct statement st = {0};

		n = terms_batch(terms, from);
		buf_puts(&st.text, "SELECT number FROM did_numbers WHERE ");
		sql_terms(s, &st, terms, from, n, "number");
		warn_rows(s, plan, &st, "another program has added the same number under another spelling");
		statement_release(&st);
	}
	terms->n = 0;
}

static void recheck_twins(struct sql_store *s, struct plan *plan)
{
	struct terms terms = {0};

	for (size_t i = 0; i < plan->nruns; i++) {
		if (plan->runs[i].result == RESULT_CHANGED && plan->runs[i].before == RECORD_NONE &&
		    plan->runs[i].kind == RUN_NUMBERS)
			other_spellings(s, &terms, &plan->runs[i]);
		progress_step(s->progress, "looking again", i, plan->nruns);
		if (terms.n >= TERMS_AT_ONCE)
			warn_twins(s, plan, &terms);
	}
	warn_twins(s, plan, &terms);
	terms_release(&terms);
}

static void recheck_defaults(struct sql_store *s, struct plan *plan, const char *org_id)
{
	struct statement st = {0};

	buf_puts(&st.text, "SELECT MIN(number) FROM did_numbers WHERE org_id = ? AND is_default = 1 HAVING COUNT(*) > 1");
	statement_param(&st, org_id);
	warn_rows(s, plan, &st,
		  arena_printf(&plan->arena, "another program has set a second default caller ID for %s, beside",
			       plan_owner_name(plan, org_id)));
	statement_release(&st);
}

void recheck(struct sql_store *s, struct plan *plan)
{
	if (plan->restores_faults)
		return;
	recheck_twins(s, plan);
	for (size_t i = 0; i < plan->owners.n; i++)
		if (plan_makes_default(plan, plan->owners.at[i].id))
			recheck_defaults(s, plan, plan->owners.at[i].id);
}
