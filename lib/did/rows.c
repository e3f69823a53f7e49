/* Which rows a change means that names rows and not numbers, and the other rows of their numbers. */
#include "did/rows.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

struct finding_rows {
	struct row_visitor visitor;
	struct rows *rows;
	const struct country *country;
};

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

static int add_row(struct row_visitor *visitor, const char *id, const char *text, struct err *err)
{
	struct finding_rows *finding = (struct finding_rows *)visitor;
	struct rows *rows = finding->rows;
	struct row r = {.id = arena_strdup(rows->arena, id), .text = arena_strdup(rows->arena, text), .record = RECORD_NONE};

	(void)err;
	if (!number_parse_stored(&r.key, r.text, strlen(r.text), finding->country))
		r.key = (struct number){0, 0};
	r.spelling = r.key.width ? number_spelling(r.key, finding->country, r.text, 0) : SPELLING_LITERAL;
	GROW(rows->at, rows->n, rows->cap);
	rows->at[rows->n++] = r;
	return 0;
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

int rows_find(struct facts *facts, const struct change *c, struct plan *plan, struct rows *rows,
	      struct rangeset *numbers, struct strlist *texts, struct err *err)
{
	struct finding_rows finding = {.visitor = {add_row}, .rows = rows, .country = facts->country};
	struct strlist ids = {0};
	int rc;

	rows_release(rows);
	rows->arena = &plan->arena;
	named_ids(c, &ids);
	rc = facts->ops->rows_by_id(facts, ids.at, ids.n, &finding.visitor, err);
	strlist_release(&ids);
	index_rows(rows);
	if (rc == 0)
		rc = check_ids(rows, c, err);
	collect_numbers(rows, c, numbers);
	if (rc == 0)
		rc = facts->ops->rows_by_number(facts, numbers, &finding.visitor, err);
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
