#include "store/api/orgs.h"

#include <stdlib.h>
#include <string.h>

#include "store/api/objects.h"
#include "store/api/pages.h"

static int compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct api_org *)a)->id, ((const struct api_org *)b)->id);
}

struct org_loader {
	struct object_visitor visitor;
	struct api_orgs *orgs;
};

static int keep_org(struct object_visitor *visitor, const char *id, const char *const fields[OBJECT_FIELDS],
		    struct err *err)
{
	struct api_orgs *orgs = ((struct org_loader *)visitor)->orgs;
	struct arena *arena = &orgs->arena;

	(void)err;
	GROW(orgs->at, orgs->n, orgs->cap);
	orgs->at[orgs->n++] = (struct api_org){
		.id = arena_strdup(arena, id),
		.name = fields[0] ? arena_strdup(arena, fields[0]) : NULL,
		.context_prefix = fields[1] ? arena_strdup(arena, fields[1]) : NULL,
		.cnam = fields[OBJECT_CNAM] ? arena_strdup(arena, fields[OBJECT_CNAM]) : NULL,
	};
	return 0;
}

int api_orgs_load(struct api_store *s, struct api_orgs *orgs, struct err *err)
{
	struct org_loader loader = {.visitor = {keep_org}, .orgs = orgs};
	int rc = s->offers[API_LIST_ORGS] == OFFER_NO ? 0 : api_objects_list(s, OBJECT_ORG, NULL, &loader.visitor, err);

	if (rc && s->offers[API_LIST_ORGS] != OFFER_NO)
		return rc;
	if (orgs->n)
		qsort(orgs->at, orgs->n, sizeof(*orgs->at), compare_ids);
	return 0;
}

struct api_org *api_orgs_find(const struct api_orgs *orgs, const char *id)
{
	return orgs->n && id ?
		       bsearch(&(struct api_org){.id = id}, orgs->at, orgs->n, sizeof(*orgs->at), compare_ids) :
		       NULL;
}

void api_orgs_release(struct api_orgs *orgs)
{
	free(orgs->at);
	arena_release(&orgs->arena);
	*orgs = (struct api_orgs){0};
}

/* ---- their numbers */

static void count_assigned(struct api_orgs *orgs, struct api_org *org, const char *number)
{
	(void)orgs;
	(void)number;
	org->numbers++;
}

static void note_default(struct api_orgs *orgs, struct api_org *org, const char *number)
{
	if (!org->default_number || strcmp(number, org->default_number) < 0)
		org->default_number = arena_strdup(&orgs->arena, number);
}

/* What is counted, by a filter; a list without filters would have the whole inventory. */
static const struct count {
	const char *query, *key, *value; /* looked at again here: value NULL is true */
	void (*count)(struct api_orgs *orgs, struct api_org *org, const char *number);
} counts[] = {
	{"pool_status=assigned", "pool_status", "assigned", count_assigned},
	{"is_default=true", "is_default", NULL, note_default},
};

static void count_row(struct api_orgs *orgs, const struct count *count, const struct json *item)
{
	const struct json *member = json_get(item, count->key);
	const char *owner = json_string(json_get(item, "org_id")), *number = json_string(json_get(item, "number"));
	const char *text = json_string(member);
	struct api_org *org = api_orgs_find(orgs, owner);
	bool flag = false;

	if (org && number && (count->value ? text && !strcmp(text, count->value) : json_bool(member, &flag) && flag))
		count->count(orgs, org, number);
}

static int count_all(struct api_store *s, struct api_orgs *orgs, const struct count *count, struct err *err)
{
	struct api_pages pages;
	const struct json *item;
	int rc = api_pages_open(&pages, s, API_LIST_NUMBERS, count->query, 0, err);

	if (rc)
		return rc;
	while ((rc = api_pages_next(&pages, &item, err)) == 1)
		count_row(orgs, count, item);
	api_pages_close(&pages);
	return rc;
}

int api_orgs_count(struct api_store *s, struct api_orgs *orgs, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(counts); i++)
		rc = count_all(s, orgs, &counts[i], err);
	if (rc && s->offers[API_LIST_NUMBERS] == OFFER_NO)
		return 0;
	orgs->has_counts = !rc;
	return rc;
}
