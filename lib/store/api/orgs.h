/* Inside the REST store: organisations and users. */
#ifndef DIDCTL_API_ORGS_H
#define DIDCTL_API_ORGS_H

#include "did/facts.h"
#include "store/api/apistore.h"

struct api_org {
	const char *id, *name, *context_prefix;
	uint64_t numbers;	    /* assigned to it */
	const char *default_number; /* the first by its stored text, or NULL */
};

/* All organisations, by id. Zero-initialise. */
struct api_orgs {
	struct arena arena;
	struct api_org *at;
	size_t n, cap;
	bool has_counts;
};

/* Empty where this API does not offer their list: an organisation's name is then its id. */
int api_orgs_load(struct api_store *s, struct api_orgs *orgs, struct err *err);
/* Counts their numbers and finds their defaults; leaves has_counts false where this API has no list of all numbers. */
int api_orgs_count(struct api_store *s, struct api_orgs *orgs, struct err *err);
struct api_org *api_orgs_find(const struct api_orgs *orgs, const char *id); /* NULL if it is none of them */
void api_orgs_release(struct api_orgs *orgs);

/*
 * Objects by object_keys, as did/facts.h asks for them. find: those with this id, name or context prefix, and perhaps some
 * that are only alike, each once; list: all of them, in no order, filtered as the query says ("name_prefix=...", or NULL).
 */
int api_objects_find(struct api_store *s, enum object_kind kind, const char *text, struct object_visitor *visitor,
		     struct err *err);
int api_objects_list(struct api_store *s, enum object_kind kind, const char *query, struct object_visitor *visitor,
		     struct err *err);
/* 1 and the fields, 0 if there is no such object. */
int api_object_load(struct api_store *s, enum object_kind kind, const char *id, const char *out[OBJECT_FIELDS],
		    struct arena *arena, struct err *err);

#endif
