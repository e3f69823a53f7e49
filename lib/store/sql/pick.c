/* assign --count: which of the free numbers to take. */
#include "did/runs.h"
#include "store/sql/sqlstore.h"

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
		if (number_parse_stored(&n, row[0].s, row[0].len, s->country) && picker_offer(p, n))
			break;
	return sql_finish(s, &st, rc);
}

int read_pick(struct sql_store *s, const struct change *change, const struct rangeset *exclude, struct rangeset *out,
	      struct err *err)
{
	struct picker p = {.change = change, .exclude = exclude, .out = out};
	int rc = scan_free(s, &p, err);

	return rc < 0 ? rc : picker_finish(&p, err);
}
