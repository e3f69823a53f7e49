/* Which rows: intervals of stored texts, ids and filters as WHERE clauses. */
#include <string.h>

#include "store/sql/sqlstore.h"

/* SQLite's parser takes 1,000 levels of OR and 32,766 parameters; ranges are ORed, single numbers are one IN list. */
#define BATCH_RANGES 200
#define BATCH_SINGLES 3000
/* And no more numbers than an optimiser will look up by the index: beyond a few per cent of the table it scans it all. */
#define BATCH_NUMBERS 24000

size_t terms_batch(const struct terms *terms, size_t from)
{
	size_t singles = 0, ranges = 0, i;
	uint64_t numbers = 0;

	for (i = from; i < terms->n && singles < BATCH_SINGLES && ranges < BATCH_RANGES; i++) {
		const struct term *term = &terms->at[i];

		if (term->count <= PIECE_OF_CHANGE && numbers + term->count > BATCH_NUMBERS)
			break;
		if (term_is_single(term))
			singles++;
		else
			ranges++;
		if (term->count <= PIECE_OF_CHANGE)
			numbers += term->count;
	}
	return i - from;
}

static size_t sql_singles(struct statement *st, const struct terms *terms, size_t from, size_t n, const char *column)
{
	size_t done = 0;

	for (size_t i = from; i < from + n; i++) {
		if (!term_is_single(&terms->at[i]))
			continue;
		buf_printf(&st->text, done++ ? ", ?" : "%s IN (?", column);
		statement_param(st, terms->at[i].lo);
	}
	if (done)
		buf_putc(&st->text, ')');
	return done;
}

void sql_terms(const struct sql_store *s, struct statement *st, const struct terms *terms, size_t from, size_t n,
	       const char *column)
{
	size_t done;

	buf_putc(&st->text, '(');
	done = sql_singles(st, terms, from, n, column);
	for (size_t i = from; i < from + n; i++) {
		const struct term *term = &terms->at[i];

		if (term_is_single(term))
			continue;
		buf_printf(&st->text, "%s(%s BETWEEN ? AND ? AND %s(%s) = %zu)", done++ ? " OR " : "", column,
			   s->driver->dialect->length, column, strlen(term->lo));
		statement_param(st, term->lo);
		statement_param(st, term->hi);
	}
	if (!done)
		buf_puts(&st->text, "1 = 0");
	buf_putc(&st->text, ')');
}

static void sql_in(struct statement *st, const char **values, size_t n)
{
	buf_puts(&st->text, " IN (");
	for (size_t i = 0; i < n; i++) {
		buf_puts(&st->text, i ? ", ?" : "?");
		statement_param(st, values[i]);
	}
	buf_putc(&st->text, ')');
}

void sql_ids(struct statement *st, const struct selection *selection)
{
	if (!selection->nids)
		return;
	buf_puts(&st->text, " OR n.id");
	sql_in(st, selection->ids, selection->nids);
}

static unsigned filter_equal(const struct sql_store *s, struct statement *st, const struct filter *f)
{
	unsigned joins = sql_field(s, &st->text, f->field);

	sql_in(st, f->values, f->nvalues);
	return joins;
}

/* By id, whatever the field: the values are ids. */
static unsigned filter_org(const struct sql_store *s, struct statement *st, const struct filter *f)
{
	unsigned joins = sql_field(s, &st->text, DID_ORG_ID);

	sql_in(st, f->values, f->nvalues);
	return joins;
}

static unsigned filter_state(const struct sql_store *s, struct statement *st, const struct filter *f)
{
	size_t done = 0;

	sql_field(s, &st->text, DID_STATE);
	buf_puts(&st->text, " IN (");
	for (int i = 0; i < STATE_COUNT; i++)
		if (f->states & STATE_BIT(i))
			buf_printf(&st->text, "%s'%s'", done++ ? ", " : "", state_info[i].name);
	buf_puts(&st->text, ")");
	if (!f->is_released)
		return 0;
	buf_puts(&st->text, " AND ");
	sql_field(s, &st->text, DID_PREVIOUS_ORG_ID);
	buf_puts(&st->text, " IS NOT NULL");
	return s->has_tables ? JOIN_DETAILS : 0;
}

static unsigned filter_tag(const struct sql_store *s, struct statement *st, const struct filter *f)
{
	for (size_t i = 0; i < f->nvalues; i++) {
		buf_puts(&st->text, i ? " OR ',' || " : "',' || ");
		sql_field(s, &st->text, DID_TAGS);
		buf_puts(&st->text, " || ',' LIKE ? ESCAPE '|'");
		statement_like(st, "%,", f->values[i], ",%");
	}
	return s->has_tables ? JOIN_DETAILS : 0;
}

/* Part of an organisation's name, part of a number as stored, or a whole number's pattern. */
static unsigned filter_match(const struct sql_store *s, struct statement *st, const struct filter *f)
{
	if (f->has_pattern) {
		if (f->pattern.toll_free_only) {
			sql_field(s, &st->text, DID_TOLL_FREE);
			buf_puts(&st->text, " AND ");
		}
		sql_field(s, &st->text, DID_E164);
		buf_puts(&st->text, " LIKE '");
		for (unsigned i = 0; i < f->pattern.width; i++)
			buf_putc(&st->text, f->pattern.digit[i] == PATTERN_ANY ? '_' : (char)('0' + f->pattern.digit[i]));
		buf_puts(&st->text, "' OR ");
	}
	buf_puts(&st->text, "n.number LIKE ? ESCAPE '|'");
	statement_like(st, "%", f->values[0], "%");
	if (!sql_has_owners(s))
		return 0;
	buf_puts(&st->text, " OR o.name LIKE ? ESCAPE '|'");
	statement_like(st, "%", f->values[0], "%");
	return JOIN_ORGS;
}

static unsigned filter_due(const struct sql_store *s, struct statement *st, const struct filter *f)
{
	sql_field(s, &st->text, DID_STATE);
	buf_printf(&st->text, " = '%s' AND d.hold_until <= ?", state_info[STATE_ON_HOLD].name);
	statement_param(st, f->values[0]);
	if (f->nvalues > 1 && f->values[1]) {
		buf_printf(&st->text, " OR n.pool_status = '%s' AND n.org_id IS NOT NULL AND d.requested_at <= ?",
			   state_info[STATE_PENDING].pool_status);
		statement_param(st, f->values[1]);
	}
	return JOIN_DETAILS;
}

unsigned sql_filters(const struct sql_store *s, struct statement *st, const struct selection *selection)
{
	static unsigned (*const write[])(const struct sql_store *, struct statement *, const struct filter *) = {
		[FILTER_EQUAL] = filter_equal, [FILTER_STATE] = filter_state, [FILTER_ORG] = filter_org,
		[FILTER_TAG] = filter_tag,     [FILTER_MATCH] = filter_match, [FILTER_DUE] = filter_due,
	};
	unsigned joins = 0;

	for (size_t i = 0; i < selection->nfilters; i++) {
		const struct filter *f = &selection->filters[i];

		if (filter_is_derived(f))
			continue; /* the reader looks at these, row by row */
		buf_puts(&st->text, " AND (");
		joins |= write[f->kind](s, st, f);
		buf_putc(&st->text, ')');
	}
	return joins;
}
