#include "store/api/read.h"

#include <string.h>
#include <strings.h>

#include <bsd/stdlib.h>

#include "store/api/image.h"
#include "store/api/numbers.h"

/* ---- what was read is remembered */

static void add_seen(struct api_facts *facts, const char *text, const char *id, const char *etag, uint32_t record)
{
	struct seen seen = {arena_strdup(&facts->arena, text), arena_strdup(&facts->arena, id),
			    etag ? arena_strdup(&facts->arena, etag) : NULL, record};

	GROW(facts->seen, facts->n, facts->cap);
	facts->seen[facts->n++] = seen;
	facts->is_sorted = false;
}

static void remember(struct api_facts *facts, const struct api_row *row, uint32_t record)
{
	add_seen(facts, row->whole.v[DID_NUMBER].s, row->whole.v[DID_ID].s, row->etag, record);
}

void api_facts_remember(struct api_facts *facts, const char *text, const char *id)
{
	add_seen(facts, text, id, NULL, RECORD_NONE);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct seen *)a)->text, ((const struct seen *)b)->text);
}

/* What was read last counts; the reading that found the rows is forgotten by then. */
static void sort_seen(struct api_facts *facts)
{
	size_t n = 0;

	if (facts->n)
		mergesort(facts->seen, facts->n, sizeof(*facts->seen), by_text);
	for (size_t i = 0; i < facts->n; i++) {
		if (n && strcmp(facts->seen[n - 1].text, facts->seen[i].text) == 0)
			n--;
		facts->seen[n++] = facts->seen[i];
	}
	facts->n = n;
	facts->is_sorted = true;
}

const struct seen *api_facts_seen(struct api_facts *facts, const char *text)
{
	const struct seen wanted = {.text = text};

	if (!facts->n)
		return NULL;
	if (!facts->is_sorted)
		sort_seen(facts);
	return bsearch(&wanted, facts->seen, facts->n, sizeof(wanted), by_text);
}

static int by_id(const void *a, const void *b)
{
	return strcasecmp((*(const struct seen *const *)a)->id, (*(const struct seen *const *)b)->id);
}

void api_facts_unseen(const struct api_facts *facts, const struct selection *selection, struct strlist *out)
{
	const struct seen **seen = xcalloc(facts->n + 1, sizeof(*seen)), *key;

	for (size_t i = 0; i < facts->n; i++)
		seen[i] = &facts->seen[i];
	qsort(seen, facts->n, sizeof(*seen), by_id);
	for (size_t i = 0; i < selection->nids; i++) {
		key = &(const struct seen){.id = selection->ids[i]};
		if (!bsearch(&key, seen, facts->n, sizeof(*seen), by_id))
			strlist_add(out, selection->ids[i]);
	}
	free(seen);
}

/* ---- rows of a list, as runs of a plan */

static uint32_t record_of(const struct api_row *row, struct recordset *records)
{
	struct record r = {{0}, false};

	for (const struct api_field *f = api_fields[ROW_NUMBER]; f->key; f++)
		r.v[f->field] = recordset_intern(records, row->whole.v[f->field].s);
	r.v[DID_CNAM] = recordset_intern(records, row->own_cnam);
	if (!r.v[DID_LOCATION])
		r.v[DID_E911] = NULL; /* "not-set" is a word for the listing */
	return recordset_add(records, &r);
}

static void add_run(struct api_facts *facts, const struct api_row *row, struct plan *plan)
{
	const char *text = row->whole.v[DID_NUMBER].s;
	struct run run = {.count = 1, .spelling = SPELLING_LITERAL};

	run.before = run.after = row->whole.key ? record_of(row, &plan->records) : RECORD_NONE;
	remember(facts, row, run.before);
	if (row->whole.key) {
		run.first = row->key;
		run.spelling = number_spelling(row->key, facts->facts.country, text, 0);
	} else {
		run.result = RESULT_REFUSED;
		run.code = REFUSAL_RULE;
		run.reason = "is no telephone number: mend the row first";
	}
	if (run.spelling == SPELLING_LITERAL)
		run.literal = arena_strdup(&plan->arena, text);
	plan_add_run(plan, &run);
}

static bool is_selected(const struct selection *selection, const struct image *image, struct number key)
{
	for (size_t i = 0; i < selection->nids; i++)
		if (strcmp(selection->ids[i], image->id) == 0)
			return true;
	return rangeset_has(&selection->numbers, key);
}

static void add_available(struct api_facts *facts, const struct selection *selection, const struct image *image,
			  struct plan *plan)
{
	struct run run = {.count = 1};
	struct record r;

	if (!number_parse_stored(&run.first, image->number, strlen(image->number), facts->facts.country) ||
	    !is_selected(selection, image, run.first))
		return;
	image_to_record(image, &plan->records, &r);
	run.before = run.after = recordset_add(&plan->records, &r);
	run.spelling = number_spelling(run.first, facts->facts.country, image->number, 0);
	run.literal = run.spelling == SPELLING_LITERAL ? arena_strdup(&plan->arena, image->number) : NULL;
	add_seen(facts, image->number, image->id, image->etag, run.before);
	plan_add_run(plan, &run);
}

int api_facts_read_available(struct api_facts *facts, const struct selection *selection, struct plan *out, struct err *err)
{
	struct api_pages pages = {0};
	struct arena arena = {0};
	const struct json *item;
	struct image image;
	const char *what;
	int rc = api_pages_open(&pages, facts->s, API_LIST_AVAILABLE, NULL, 0, err);

	while (rc == 0 && (rc = api_pages_next(&pages, &item, err)) == 1) {
		rc = 0;
		if (image_read(&image, ROW_NUMBER, item, &arena, &what))
			add_available(facts, selection, &image, out);
		else
			rc = api_broken(facts->s, API_LIST_AVAILABLE, what, err);
		arena_release(&arena);
	}
	api_pages_close(&pages);
	plan_sort(out);
	return rc;
}

/* The ids of a selection, and of its texts, which no list can be asked for: their rows have been seen before. */
static void named_ids(struct api_facts *facts, const struct selection *selection, struct strlist *out)
{
	for (size_t i = 0; i < selection->nids; i++)
		strlist_add(out, selection->ids[i]);
	for (size_t i = 0; i < selection->texts.n; i++) {
		const struct seen *seen = api_facts_seen(facts, selection->texts.at[i]);

		if (seen)
			strlist_add(out, arena_strdup(&facts->arena, seen->id));
	}
}

int api_read_rows(struct facts *facts, const struct selection *selection, struct plan *out, struct err *err)
{
	struct api_facts *own = (struct api_facts *)facts;
	struct selection wanted = *selection;
	struct api_numbers numbers = {0};
	const struct api_row *row;
	struct strlist ids = {0};
	int rc;

	named_ids(own, selection, &ids);
	wanted.ids = ids.at;
	wanted.nids = ids.n;
	wanted.texts = (struct strlist){0};
	rc = api_numbers_open(&numbers, own->s, &wanted, NULL, NULL, 0, err);
	while (rc == 0 && (rc = api_numbers_next(&numbers, &row, err)) == 1) {
		add_run(own, row, out);
		rc = 0;
	}
	api_numbers_close(&numbers);
	strlist_release(&ids);
	plan_sort(out);
	plan_merge(out);
	return rc;
}

/* ---- rows one by one */

static int visit_rows(struct facts *facts, const struct selection *selection, struct row_visitor *visitor,
		      struct err *err)
{
	struct api_facts *own = (struct api_facts *)facts;
	struct api_numbers numbers = {0};
	const struct api_row *row;
	int rc = api_numbers_open(&numbers, own->s, selection, NULL, NULL, 0, err);

	if (rc < 0)
		return rc;
	while (rc == 0 && (rc = api_numbers_next(&numbers, &row, err)) == 1) {
		remember(own, row, RECORD_NONE);
		rc = visitor->visit(visitor, row->whole.v[DID_ID].s, row->whole.v[DID_NUMBER].s, err);
	}
	api_numbers_close(&numbers);
	return rc < 0 ? rc : 0;
}

int api_rows_by_id(struct facts *facts, const char *const *ids, size_t n, struct row_visitor *visitor,
		      struct err *err)
{
	struct selection selection = {0};
	int rc;

	for (size_t i = 0; i < n; i++)
		selection_add_id(&selection, ids[i]);
	rc = n ? visit_rows(facts, &selection, visitor, err) : 0;
	selection_release(&selection);
	return rc;
}

int api_rows_by_number(struct facts *facts, const struct rangeset *numbers, struct row_visitor *visitor,
			  struct err *err)
{
	const struct selection selection = {.numbers = *numbers};

	return numbers->n ? visit_rows(facts, &selection, visitor, err) : 0;
}
