/*
 * New rows. A block of up to 1,000 new numbers is one statement that counts on the server: the ids are UUIDs of version
 * 7 whose 12 bits behind the version count the numbers of the block (RFC 9562, 6.2, method 1), so that the clustered
 * index grows at its end in the order of the numbers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sql/history.h"
#include "store/sql/write.h"

#define INSERT_ROWS 200 /* rows that are written out, in one INSERT */
#define COUNTED_MIN 20	/* fewer numbers of a block in a row are cheaper written out than counted */

#define DIGITS                                                                                                         \
	"(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL"         \
	" SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)"

/* k counts 0 to 999; three characters of it end the number, and in hex the id's counter. */
#define COUNTER                                                                                                        \
	"(SELECT x.d * 100 + y.d * 10 + z.d AS k FROM " DIGITS " x CROSS JOIN " DIGITS " y CROSS JOIN " DIGITS " z) c"

static const char k_mysql[] = "? || LPAD(LOWER(HEX(c.k)), 3, '0') || ?, ? || LPAD(c.k, 3, '0')";
static const char k_sqlite[] = "? || printf('%03x', c.k) || ?, ? || printf('%03d', c.k)";

static void column_names(const struct sql_store *s, struct buf *out, const struct record *r)
{
	buf_puts(out, "INSERT INTO did_numbers (id, number");
	for (const struct sql_column *c = base_columns; c->name; c++) {
		if (!r->v[c->field] || (s->missing & FIELD_BIT(c->field)))
			continue;
		buf_puts(out, ", ");
		sql_quote_name(out, c->name);
	}
	buf_puts(out, ")");
}

static void column_values(const struct sql_store *s, struct statement *st, const struct record *r)
{
	for (const struct sql_column *c = base_columns; c->name; c++) {
		if (!r->v[c->field] || (s->missing & FIELD_BIT(c->field)))
			continue;
		buf_puts(&st->text, ", ?");
		statement_param(st, r->v[c->field]);
	}
}

static int checked(struct sql_store *s, struct statement *st, uint64_t expected, struct err *err)
{
	uint64_t found = 0;
	int rc = sql_run(s, st, &found, err);

	if (rc < 0 && s->failure == SQL_DUPLICATE)
		return write_raced(s, err);
	return rc == 0 && found != expected ? write_raced(s, err) : rc;
}

/* n new numbers of one block, whose texts differ in their last three digits only. */
static int insert_block(struct sql_store *s, const struct run *run, struct number first, uint64_t n,
			const struct record *r, struct err *err)
{
	char id[UUID_TEXT], text[NUMBER_TEXT], lo[8], hi[8];
	size_t len = number_spell(first, s->country, run->spelling, text);
	struct statement st = {0};
	int rc = uuid_make(id, err);

	if (rc < 0)
		return rc;
	column_names(s, &st.text, r);
	buf_printf(&st.text, " SELECT %s", sql_is_mysql(s) ? k_mysql : k_sqlite);
	statement_copy(&st, id, 15); /* up to the version: "0193c2f0-1a2b-7" */
	statement_copy(&st, id + 18, strlen(id + 18));
	statement_copy(&st, text, len - 3);
	column_values(s, &st, r);
	buf_puts(&st.text, " FROM " COUNTER " WHERE c.k BETWEEN ? + 0 AND ? + 0 ORDER BY c.k");
	snprintf(lo, sizeof(lo), "%u", (unsigned)(first.value % BLOCK_SIZE));
	snprintf(hi, sizeof(hi), "%u", (unsigned)(first.value % BLOCK_SIZE + n - 1));
	statement_param(&st, lo);
	statement_param(&st, hi);
	rc = checked(s, &st, n, err);
	statement_release(&st);
	return rc;
}

/* Rows that are written out one by one: as many as are alike but for id and number go into one statement. */
struct inserter {
	struct sql_store *s;
	struct statement st;
	const struct record *record;
	uint64_t n;
	uint64_t done, all; /* numbers, for the progress */
};

static int flush(struct inserter *in, struct err *err)
{
	int rc = in->n ? checked(in->s, &in->st, in->n, err) : 0;

	statement_reset(&in->st);
	in->n = 0;
	return rc;
}

static int insert_row(struct inserter *in, const struct member *m, const struct record *r, struct err *err)
{
	int rc = in->record == r ? 0 : flush(in, err);

	if (rc < 0)
		return rc;
	if (in->n == 0)
		column_names(in->s, &in->st.text, r);
	in->record = r;
	buf_puts(&in->st.text, in->n++ ? ", (?, ?" : " VALUES (?, ?");
	statement_copy(&in->st, m->id, m->id_len);
	statement_copy(&in->st, m->number, m->number_len);
	column_values(in->s, &in->st, r);
	buf_putc(&in->st.text, ')');
	return in->n == INSERT_ROWS ? flush(in, err) : 0;
}

/* A few new numbers in a row. */
static int insert_few(struct inserter *in, const struct run *run, struct number first, uint64_t n,
		      const struct record *r, struct err *err)
{
	int rc = 0;

	for (uint64_t i = 0; rc == 0 && i < n; i++) {
		char id[UUID_TEXT], text[NUMBER_TEXT];
		struct member m = {.id = id, .id_len = UUID_TEXT - 1, .number = text};

		m.number_len = number_spell(number_add(first, i), in->s->country, run->spelling, text);
		rc = uuid_make(id, err);
		if (rc == 0)
			rc = insert_row(in, &m, r, err);
	}
	return rc;
}

static int insert_new(struct inserter *in, const struct run *run, const struct record *r, struct err *err)
{
	struct number first = run->first;
	uint64_t left = run->count;
	int rc = 0;

	while (rc == 0 && left) {
		uint64_t n = block_room(first, left);

		rc = n < COUNTED_MIN ? insert_few(in, run, first, n, r, err) :
				       insert_block(in->s, run, first, n, r, err);
		in->done += n;
		progress_step(in->s->progress, "adding numbers", in->done, in->all);
		left -= n;
		if (left)
			first = number_add(first, n);
	}
	return rc;
}

const char *member_next(const char *line, struct member *out)
{
	if (!line || !*line)
		return NULL;
	out->id = line;
	out->id_len = strcspn(line, "\t");
	out->number = line + out->id_len + 1;
	out->number_len = strcspn(out->number, "\n");
	return out->number + out->number_len + 1;
}

static bool run_has(const struct run *run, struct number n)
{
	return n.width == run->first.width && n.value >= run->first.value && n.value - run->first.value < run->count;
}

/* Rows that undo brings back, under their old ids and spellings: those of the item's members that the run holds. */
static int insert_members(struct inserter *in, const struct undo_item *item, const struct run *run,
			  const struct record *r, struct err *err)
{
	const char *line = item->members;
	struct member m;
	struct number key;
	int rc = 0;

	while (rc == 0 && (line = member_next(line, &m)))
		if (number_parse_stored(&key, m.number, m.number_len, in->s->country) && run_has(run, key))
			rc = insert_row(in, &m, r, err);
	return rc;
}

int insert_numbers(struct sql_store *s, struct plan *plan, const struct undo *undo, struct err *err)
{
	struct inserter in = {.s = s, .all = plan->changed};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->nruns; i++) {
		const struct run *run = &plan->runs[i];
		const struct undo_item *item;
		const struct record *r;

		if (run->result != RESULT_CHANGED || run->before != RECORD_NONE)
			continue;
		item = undo ? &undo->items[run->item] : NULL;
		r = &plan->records.at[run->after];
		if (undo)
			progress_step(s->progress, "bringing numbers back", in.done += run->count, in.all);
		if (item && item->members)
			rc = insert_members(&in, item, run, r, err);
		else /* also a row that others took away, id and all */
			rc = insert_new(&in, run, r, err);
	}
	if (rc == 0)
		rc = flush(&in, err);
	statement_release(&in.st);
	return rc;
}
