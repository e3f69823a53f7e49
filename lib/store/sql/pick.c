/* assign --count: which of the free numbers to take. */
#include <stdlib.h>
#include <string.h>

#include "store/sql/sqlstore.h"

/* Free numbers as they come by, and the first answer that is long enough. */
struct picker {
	const struct change *change;
	const struct country *country;
	const struct rangeset *exclude;
	struct rangeset *out;
	struct number last; /* --contiguous: the row of neighbours that is growing ends here */
	uint64_t in_row;
	uint64_t taken;
};

/* Returns whether that is enough. A number that stands in two rows comes by twice, and is one. */
static bool take(struct picker *p, struct number first, uint64_t count)
{
	rangeset_add(p->out, (struct interval){first, count});
	p->taken += count;
	if (p->taken < p->change->pick.count)
		return false;
	rangeset_normalise(p->out);
	p->taken = rangeset_count(p->out);
	return p->taken >= p->change->pick.count;
}

/* Returns whether the pick is complete. */
static bool offer(struct picker *p, struct number n)
{
	const struct pick *pick = &p->change->pick;

	if ((pick->pattern && !pattern_match(pick->pattern, n)) || rangeset_has(p->exclude, n))
		return false;
	if (!pick->is_contiguous)
		return take(p, n, 1);
	if (p->in_row && n.width == p->last.width && n.value == p->last.value + 1)
		p->in_row++;
	else
		p->in_row = 1;
	p->last = n;
	if (p->in_row < pick->count)
		return false;
	n.value -= pick->count - 1;
	return take(p, n, pick->count);
}

/* --prefer-aged: those that have rested longest come first: never held, then by the day of their last change. */
static void select_free(struct sql_store *s, struct statement *st, const struct change *c)
{
	bool aged = c->pick.prefer_aged && !c->pick.is_contiguous && s->has_tables;

	buf_puts(&st->text, "SELECT n.number");
	sql_from(&st->text, aged ? JOIN_DETAILS : 0, NULL);
	buf_printf(&st->text, " WHERE n.pool_status = '%s' AND n.status = '%s' AND n.org_id IS NULL",
		   state_info[STATE_AVAILABLE].pool_status, state_info[STATE_AVAILABLE].status);
	if (!(s->missing & FIELD_BIT(DID_ENV))) {
		buf_puts(&st->text, " AND n.routing_environment = ?");
		statement_param(st, c->is_set[DID_ENV] ? c->value[DID_ENV] : "prod");
	}
	buf_puts(&st->text, " ORDER BY ");
	if (aged) {
		buf_puts(&st->text, "d.previous_org_id IS NOT NULL, ");
		sql_field(s, &st->text, DID_UPDATED_AT);
		buf_puts(&st->text, ", ");
	}
	buf_puts(&st->text, "n.number");
}

/* The whole table is read at worst, a row at a time; twins come to light when the rows are read again. */
static int scan_free(struct sql_store *s, struct picker *p, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	struct number n;
	int rc;

	select_free(s, &st, p->change);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		if (number_parse_stored(&n, row[0].s, row[0].len, s->country) && offer(p, n))
			break;
	s->driver->done(s->db);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

int read_pick(struct sql_store *s, const struct change *change, const struct rangeset *exclude, struct rangeset *out,
	      struct err *err)
{
	struct picker p = {.change = change, .country = s->country, .exclude = exclude, .out = out};
	int rc = scan_free(s, &p, err);

	rangeset_normalise(out);
	if (rc < 0)
		return rc;
	if (rangeset_count(out) >= change->pick.count)
		return 0;
	if (change->pick.is_contiguous)
		err_set(err, ERR_REFUSED, "the pool has no %llu free numbers in a row of environment '%s'",
			(unsigned long long)change->pick.count, change->is_set[DID_ENV] ? change->value[DID_ENV] : "prod");
	else
		err_set(err, ERR_REFUSED, "the pool has only %llu free numbers of environment '%s'%s, %llu are wanted",
			(unsigned long long)rangeset_count(out), change->is_set[DID_ENV] ? change->value[DID_ENV] : "prod",
			change->pick.pattern ? " that match" : "", (unsigned long long)change->pick.count);
	return ERR_REFUSED;
}
