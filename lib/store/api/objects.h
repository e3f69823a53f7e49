/* Inside the REST store: organisations, users and locations, as did/facts.h asks for them. */
#ifndef DIDCTL_API_OBJECTS_H
#define DIDCTL_API_OBJECTS_H

#include "did/facts.h"
#include "store/api/apistore.h"

/*
 * Objects by object_keys. find: those with this id, name (label) or context prefix, and perhaps some that are only alike,
 * each once; list: all of them, in no order, filtered as the query says ("name_prefix=...", or NULL).
 */
int api_objects_find(struct api_store *s, enum object_kind kind, const char *text, struct object_visitor *visitor,
		     struct err *err);
int api_objects_list(struct api_store *s, enum object_kind kind, const char *query, struct object_visitor *visitor,
		     struct err *err);
/* 1 and the fields, 0 if there is no such object. */
int api_object_load(struct api_store *s, enum object_kind kind, const char *id, const char *out[OBJECT_FIELDS],
		    struct arena *arena, struct err *err);

#endif
