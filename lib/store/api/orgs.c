#include "store/api/orgs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/api/pages.h"

static const enum api_operation list_of[] = {[OBJECT_ORG] = API_LIST_ORGS, [OBJECT_USER] = API_LIST_USERS};
static const enum api_operation get_of[] = {[OBJECT_ORG] = API_GET_ORG, [OBJECT_USER] = API_GET_USER};

/* ---- one object of an answer */

/* A member that is a text or null; absent where an API does not have it, such as an organisation's 'unrouted'. */
static int read_text(struct api_store *s, enum api_operation operation, const struct json *item, const char *key,
		     const char **out, struct err *err)
{
	const struct json *member = json_get(item, key);
	char what[64];

	*out = json_string(member);
	if (*out || !member || json_is_null(member))
		return 0;
	snprintf(what, sizeof(what), "'%s' is no text", key);
	return api_broken(s, operation, what, err);
}

static int read_object(struct api_store *s, enum object_kind kind, const struct json *item, const char **id,
		       const char *fields[OBJECT_FIELDS], struct err *err)
{
	int rc;

	if (!json_is_object(item))
		return api_broken(s, list_of[kind], "a row is no object", err);
	rc = read_text(s, list_of[kind], item, "id", id, err);
	if (!rc && (!*id || !**id))
		rc = api_broken(s, list_of[kind], "a row has no id", err);
	for (int f = 0; !rc && f < OBJECT_FIELDS; f++) {
		fields[f] = NULL;
		if (object_keys[kind][f])
			rc = read_text(s, list_of[kind], item, object_keys[kind][f], &fields[f], err);
	}
	return rc;
}

static int visit(struct api_store *s, enum object_kind kind, const struct json *item, struct object_visitor *visitor,
		 struct err *err)
{
	const char *id, *fields[OBJECT_FIELDS];
	int rc = read_object(s, kind, item, &id, fields, err);

	return rc ? rc : visitor->visit(visitor, id, fields, err);
}

/* 1 and the answer, 0 if there is no such object. */
static int get_object(struct api_store *s, enum object_kind kind, const char *id, struct api_answer *answer,
		      struct err *err)
{
	int rc = api_is_id(id) ? api_call(s, &(struct api_request){.operation = get_of[kind], .id = id}, answer, err) :
				 ERR_ABSENT;

	return rc == ERR_ABSENT ? 0 : rc ? rc : 1;
}

int api_object_load(struct api_store *s, enum object_kind kind, const char *id, const char *out[OBJECT_FIELDS],
		    struct arena *arena, struct err *err)
{
	struct api_answer answer = {0};
	const char *read_id;
	int rc = get_object(s, kind, id, &answer, err);

	if (rc != 1)
		return rc;
	rc = read_object(s, kind, answer.body, &read_id, out, err);
	for (int f = 0; !rc && f < OBJECT_FIELDS; f++)
		out[f] = out[f] ? arena_strdup(arena, out[f]) : NULL;
	json_free(answer.body);
	return rc ? rc : 1;
}

/* ---- many */

/* 1 where the visitor wanted no more. */
static int visit_list(struct api_store *s, enum object_kind kind, const char *query, struct object_visitor *visitor,
		      struct err *err)
{
	struct api_pages pages;
	const struct json *item;
	int rc = api_pages_open(&pages, s, list_of[kind], query, 0, err);

	if (rc)
		return rc;
	while ((rc = api_pages_next(&pages, &item, err)) == 1) {
		rc = visit(s, kind, item, visitor, err);
		if (rc)
			break;
	}
	api_pages_close(&pages);
	return rc;
}

int api_objects_list(struct api_store *s, enum object_kind kind, const char *query, struct object_visitor *visitor,
		     struct err *err)
{
	int rc = visit_list(s, kind, query, visitor, err);

	return rc < 0 ? rc : 0;
}

/* Hands on each object once, though it came by its name and by its prefix. */
struct once {
	struct object_visitor visitor, *next;
	struct intern seen;
};

static int visit_once(struct object_visitor *visitor, const char *id, const char *const fields[OBJECT_FIELDS],
		      struct err *err)
{
	struct once *once = (struct once *)visitor;
	size_t before = once->seen.n;

	intern(&once->seen, id, strlen(id));
	return once->seen.n > before ? once->next->visit(once->next, id, fields, err) : 0;
}

static int find_by_id(struct api_store *s, enum object_kind kind, const char *id, struct object_visitor *visitor,
		      struct err *err)
{
	struct api_answer answer = {0};
	int rc = get_object(s, kind, id, &answer, err);

	if (rc == 1)
		rc = visit(s, kind, answer.body, visitor, err);
	json_free(answer.body);
	return rc < 0 && s->offers[get_of[kind]] == OFFER_NO ? 0 : rc;
}

static int find_by(struct api_store *s, enum object_kind kind, const char *key, const char *text,
		   struct object_visitor *visitor, struct err *err)
{
	struct buf query = {0};
	int rc;

	api_query_add(&query, key, text);
	rc = visit_list(s, kind, buf_str(&query), visitor, err);
	buf_release(&query);
	return rc;
}

#define PREFIX_MAX 64 /* the contract's; a longer text can be no prefix */
#define NAME_MAX_LEN 255

static int find_by_texts(struct api_store *s, enum object_kind kind, const char *text, struct object_visitor *visitor,
			 struct err *err)
{
	int rc = strlen(text) <= NAME_MAX_LEN ? find_by(s, kind, "name", text, visitor, err) : 0;

	if (!rc && kind == OBJECT_ORG && strlen(text) <= PREFIX_MAX)
		rc = find_by(s, kind, "context_prefix", text, visitor, err);
	return rc;
}

int api_objects_find(struct api_store *s, enum object_kind kind, const char *text, struct object_visitor *visitor,
		     struct err *err)
{
	struct once once = {.visitor = {visit_once}, .next = visitor};
	int rc = find_by_id(s, kind, text, &once.visitor, err);

	/* Where none can be had by its id, an id is looked for among all. */
	if (!rc)
		rc = s->offers[get_of[kind]] == OFFER_NO ? visit_list(s, kind, NULL, &once.visitor, err) :
							   find_by_texts(s, kind, text, &once.visitor, err);
	intern_release(&once.seen);
	return rc < 0 ? rc : 0;
}

/* ---- all organisations */

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
	};
	return 0;
}

int api_orgs_load(struct api_store *s, struct api_orgs *orgs, struct err *err)
{
	struct org_loader loader = {.visitor = {keep_org}, .orgs = orgs};
	int rc = s->offers[API_LIST_ORGS] == OFFER_NO ?
			 0 :
			 api_objects_list(s, OBJECT_ORG, NULL, &loader.visitor, err);

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
