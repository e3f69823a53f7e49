/* Which rows: intervals of stored texts, ids and filters as WHERE clauses. */
#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

#include "store/sql/sqlstore.h"

/* SQLite's parser takes 1,000 levels of OR and 32,766 parameters; ranges are ORed, single numbers are one IN list. */
#define BATCH_RANGES 200
#define BATCH_SINGLES 3000
/* And no more numbers than an optimiser will look up by the index: beyond a few per cent of the table it scans it all. */
#define BATCH_NUMBERS 24000

static void term_push(struct terms *terms, const struct term *term)
{
	GROW(terms->at, terms->n, terms->cap);
	terms->at[terms->n++] = *term;
}

void terms_add(struct terms *terms, struct number first, uint64_t count, unsigned spelling,
	       const struct country *country)
{
	struct term term = {{0}, {0}, 0};

	while (count) {
		uint64_t n = count < PIECE_OF_CHANGE ? count : PIECE_OF_CHANGE;

		number_spell(first, country, spelling, term.lo);
		number_spell(number_add(first, n - 1), country, spelling, term.hi);
		term.count = n;
		term_push(terms, &term);
		count -= n;
		if (count)
			first = number_add(first, n);
	}
}

/*
 * An interval is spelled as one interval only while all its numbers have the same spellings, which the leading digits
 * decide: pieces never cross a border of 10^9.
 */
static void add_interval(struct terms *terms, struct interval in, uint64_t piece, const struct country *country)
{
	while (in.count) {
		uint64_t room = piece - in.first.value % piece;
		uint64_t n = in.count < room ? in.count : room;
		unsigned spellings = number_spellings(in.first, country);

		for (unsigned k = 0; k < spellings; k++) {
			struct term term = {.count = n};

			number_spell(in.first, country, k, term.lo);
			number_spell(number_add(in.first, n - 1), country, k, term.hi);
			term_push(terms, &term);
		}
		in.count -= n;
		if (in.count)
			in.first = number_add(in.first, n);
	}
}

size_t terms_add_some(struct terms *terms, const struct rangeset *set, size_t from, uint64_t piece,
		      const struct country *country)
{
	while (from < set->n && terms->n < TERMS_AT_ONCE)
		add_interval(terms, set->at[from++], piece, country);
	return from;
}

void terms_add_literal(struct terms *terms, const char *text)
{
	struct term term = {.count = 1};

	strlcpy(term.lo, text, sizeof(term.lo));
	strlcpy(term.hi, text, sizeof(term.hi));
	term_push(terms, &term);
}

void terms_release(struct terms *terms)
{
	free(terms->at);
	*terms = (struct terms){0};
}

static bool is_single(const struct term *term)
{
	return strcmp(term->lo, term->hi) == 0;
}

size_t terms_batch(const struct terms *terms, size_t from)
{
	size_t singles = 0, ranges = 0, i;
	uint64_t numbers = 0;

	for (i = from; i < terms->n && singles < BATCH_SINGLES && ranges < BATCH_RANGES; i++) {
		const struct term *term = &terms->at[i];

		if (term->count <= PIECE_OF_CHANGE && numbers + term->count > BATCH_NUMBERS)
			break;
		if (is_single(term))
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
		if (!is_single(&terms->at[i]))
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

		if (is_single(term))
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
