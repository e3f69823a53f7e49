/* Which rows a change means that names rows and not numbers, and the other rows of their numbers. */
#include "store/sql/rows.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define IDS_AT_ONCE 1000

bool rows_are_named(const struct change *c)
{
	const struct selection *sel = &c->selection;

	if (c->verb == VERB_MERGE || c->verb == VERB_REPAIR)
		return true;
	return c->verb == VERB_DELETE && sel->nids && !sel->numbers.n && !sel->nfilters;
}

void rows_release(struct rows *rows)
{
	free(rows->at);
	free(rows->by_id);
	*rows = (struct rows){0};
}

static int compare_ids(const void *a, const void *b)
{
	return strcasecmp((*(const struct row *const *)a)->id, (*(const struct row *const *)b)->id);
}

static int compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	int order = number_cmp(a->key, b->key);

	if (!order)
		order = strcmp(a->text, b->text);
	return order ? order : strcmp(a->id, b->id);
}

struct row *rows_by_id(const struct rows *rows, const char *id)
{
	const struct row wanted = {.id = id}, *key = &wanted;
	const struct row **found = id && rows->n ? bsearch(&key, rows->by_id, rows->n, sizeof(key), compare_ids) : NULL;

	return found ? &rows->at[*found - rows->at] : NULL;
}

/* Sorts, leaves out what was found twice, and makes the rows findable by id. */
static void index_rows(struct rows *rows)
{
	size_t n = 0;

	if (rows->n)
		qsort(rows->at, rows->n, sizeof(*rows->at), compare_rows);
	for (size_t i = 0; i < rows->n; i++)
		if (n == 0 || compare_rows(&rows->at[n - 1], &rows->at[i]) != 0)
			rows->at[n++] = rows->at[i];
	rows->n = n;
	free(rows->by_id);
	rows->by_id = xcalloc(n + 1, sizeof(*rows->by_id));
	for (size_t i = 0; i < n; i++)
		rows->by_id[i] = &rows->at[i];
	qsort(rows->by_id, n, sizeof(*rows->by_id), compare_ids);
}

/* st: SELECT id, number ... */
static int load_rows(struct sql_store *s, struct statement *st, struct rows *rows, struct err *err)
{
	const struct value *row;
	int rc = sql_open(s, st, err);

	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1) {
		struct row r = {.record = RECORD_NONE};

		r.id = row[0].s ? arena_strndup(rows->arena, row[0].s, row[0].len) : "";
		r.text = arena_strndup(rows->arena, row[1].s, row[1].len);
		if (!number_parse_stored(&r.key, r.text, row[1].len, s->country))
			r.key = (struct number){0, 0};
		r.spelling = r.key.width ? read_spelling(s, r.key, r.text, 0) : SPELLING_LITERAL;
		GROW(rows->at, rows->n, rows->cap);
		rows->at[rows->n++] = r;
	}
	s->driver->done(s->db);
	return rc < 0 ? rc : 0;
}

static int load_by_ids(struct sql_store *s, const char *const *ids, size_t n, struct rows *rows, struct err *err)
{
	int rc = 0;

	for (size_t from = 0; rc == 0 && from < n; from += IDS_AT_ONCE) {
		struct statement st = {0};

		buf_puts(&st.text, "SELECT id, number FROM did_numbers WHERE id IN (");
		for (size_t i = from; i < n && i < from + IDS_AT_ONCE; i++) {
			buf_puts(&st.text, i > from ? ", ?" : "?");
			statement_param(&st, ids[i]);
		}
		buf_putc(&st.text, ')');
		rc = load_rows(s, &st, rows, err);
		statement_release(&st);
	}
	return rc;
}

static int load_by_terms(struct sql_store *s, const struct terms *terms, struct rows *rows, struct err *err)
{
	int rc = 0;

	for (size_t from = 0, n; rc == 0 && from < terms->n; from += n) {
		struct statement st = {0};

		n = terms_batch(terms, from);
		buf_puts(&st.text, "SELECT id, number FROM did_numbers WHERE ");
		sql_terms(s, &st, terms, from, n, "number");
		rc = load_rows(s, &st, rows, err);
		statement_release(&st);
	}
	return rc;
}

static int load_by_numbers(struct sql_store *s, const struct rangeset *numbers, struct rows *rows, struct err *err)
{
	struct terms terms = {0};
	int rc = 0;

	for (size_t next = 0; rc == 0 && next < numbers->n; terms.n = 0) {
		next = terms_add_some(&terms, numbers, next, PIECE_OF_CHANGE, s->country);
		rc = load_by_terms(s, &terms, rows, err);
	}
	terms_release(&terms);
	return rc;
}

/* The ids that the change names, those of rows that are to stay included. */
static void named_ids(const struct change *c, struct strlist *out)
{
	for (size_t i = 0; i < c->selection.nids; i++)
		strlist_add(out, c->selection.ids[i]);
	if (c->keep_id)
		strlist_add(out, c->keep_id);
	for (size_t i = 0; i < c->repairs.n; i++) {
		if (c->repairs.at[i].check == CHECK_OUTBOUND)
			continue;
		strlist_add(out, c->repairs.at[i].id);
		if (c->repairs.at[i].keep)
			strlist_add(out, c->repairs.at[i].keep);
	}
}

static int check_ids(const struct rows *rows, const struct change *c, struct err *err)
{
	for (size_t i = 0; i < c->selection.nids; i++)
		if (!rows_by_id(rows, c->selection.ids[i]))
			return err_set(err, ERR_ABSENT, "there is no row with the id '%s'", c->selection.ids[i]);
	return 0;
}

/* Whether the number of this row is one that the change is about: pool merge names a foreign row in vain. */
static bool is_meant(const struct rows *rows, const struct change *c, const struct row *row)
{
	if (!row->key.width)
		return false;
	return c->verb != VERB_MERGE || (c->selection.nids && rows_by_id(rows, c->selection.ids[0]) == row);
}

static void collect_numbers(const struct rows *rows, const struct change *c, struct rangeset *out)
{
	for (size_t i = 0; i < c->selection.numbers.n; i++)
		rangeset_add(out, c->selection.numbers.at[i]);
	for (size_t i = 0; i < rows->n; i++)
		if (is_meant(rows, c, &rows->at[i]))
			rangeset_add(out, (struct interval){rows->at[i].key, 1});
	rangeset_normalise(out);
}

static void collect_texts(const struct rows *rows, struct strlist *out)
{
	for (size_t i = 0; i < rows->n; i++)
		if (rows->at[i].key.width && rows->at[i].spelling == SPELLING_LITERAL)
			strlist_add(out, rows->at[i].text);
}

int rows_find(struct sql_store *s, const struct change *c, struct plan *plan, struct rows *rows,
	      struct rangeset *numbers, struct strlist *texts, struct err *err)
{
	struct strlist ids = {0};
	int rc;

	rows_release(rows);
	rows->arena = &plan->arena;
	named_ids(c, &ids);
	rc = load_by_ids(s, ids.at, ids.n, rows, err);
	strlist_release(&ids);
	index_rows(rows);
	if (rc == 0)
		rc = check_ids(rows, c, err);
	collect_numbers(rows, c, numbers);
	if (rc == 0)
		rc = load_by_numbers(s, numbers, rows, err);
	index_rows(rows);
	collect_texts(rows, texts);
	return rc;
}

struct row *rows_by_text(const struct rows *rows, struct number key, const char *text)
{
	const struct row wanted = {.key = key, .text = text, .id = ""};
	size_t lo = 0, hi = rows->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare_rows(&rows->at[mid], &wanted) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == rows->n || !number_eq(rows->at[lo].key, key) || strcmp(rows->at[lo].text, text) != 0)
		return NULL;
	return &rows->at[lo];
}
