/* assign --count: which of the free numbers to take. */
#include "did/runs.h"

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

bool picker_offer(struct picker *p, struct number n)
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

int picker_finish(struct picker *p, struct err *err)
{
	rangeset_normalise(p->out);
	if (rangeset_count(p->out) >= p->change->pick.count)
		return 0;
	if (p->change->pick.is_contiguous)
		err_set(err, ERR_REFUSED, "the pool has no %llu free numbers in a row of environment '%s'",
			(unsigned long long)p->change->pick.count, p->change->is_set[DID_ENV] ? p->change->value[DID_ENV] : "prod");
	else
		err_set(err, ERR_REFUSED, "the pool has only %llu free numbers of environment '%s'%s, %llu are wanted",
			(unsigned long long)rangeset_count(p->out), p->change->is_set[DID_ENV] ? p->change->value[DID_ENV] : "prod",
			p->change->pick.pattern ? " that match" : "", (unsigned long long)p->change->pick.count);
	return ERR_REFUSED;
}
