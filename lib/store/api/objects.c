#include "store/api/objects.h"

#include <stdio.h>
#include <string.h>

#include "store/api/image.h"
#include "store/api/pages.h"

static enum api_operation list_of(enum object_kind kind)
{
	return row_operations[row_kind_of(kind)].list;
}

static enum api_operation get_of(enum object_kind kind)
{
	return row_operations[row_kind_of(kind)].get;
}

/* ---- one object of an answer */

/* Where a field stands: in the row itself, or in one of its parts; NULL where that is not there. */
static const struct json *holder_of(const struct api_field *field, const struct json *item)
{
	const struct json *part = field->part == PART_OWN ? item : json_get(item, row_part_names[field->part]);

	return part && json_is_object(part) ? part : NULL;
}

/* A member that is a text or null; absent where an API does not have it. */
static int read_text(struct api_store *s, enum api_operation operation, const struct json *item, const char *key,
		     const char **out, struct err *err)
{
	const struct json *member = item ? json_get(item, key) : NULL;
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

	memset(fields, 0, OBJECT_FIELDS * sizeof(*fields));
	if (!json_is_object(item))
		return api_broken(s, list_of(kind), "a row is no object", err);
	rc = read_text(s, list_of(kind), item, "id", id, err);
	if (!rc && (!*id || !**id))
		rc = api_broken(s, list_of(kind), "a row has no id", err);
	for (const struct api_field *f = api_fields[row_kind_of(kind)]; !rc && f->key; f++)
		rc = read_text(s, list_of(kind), holder_of(f, item), f->member ? f->member : f->key,
			       &fields[f->field], err);
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
	int rc = api_is_id(id) ? api_call(s, &(struct api_request){.operation = get_of(kind), .id = id}, answer, err) :
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
	int rc = api_pages_open(&pages, s, list_of(kind), query, 0, err);

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
	return rc < 0 && s->offers[get_of(kind)] == OFFER_NO ? 0 : rc;
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
	const char *name = api_fields[row_kind_of(kind)][0].key;
	int rc = strlen(text) <= NAME_MAX_LEN ? find_by(s, kind, name, text, visitor, err) : 0;

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
		rc = s->offers[get_of(kind)] == OFFER_NO ? visit_list(s, kind, NULL, &once.visitor, err) :
							   find_by_texts(s, kind, text, &once.visitor, err);
	/* Who is known by the id needs no look-up by name. */
	if (rc < 0 && once.seen.n && s->offers[list_of(kind)] == OFFER_NO)
		rc = 0;
	intern_release(&once.seen);
	return rc < 0 ? rc : 0;
}
