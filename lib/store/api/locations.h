/* Inside the REST store: dispatchable locations, and whether there are any such things. */
#ifndef DIDCTL_API_LOCATIONS_H
#define DIDCTL_API_LOCATIONS_H

#include "did/facts.h"
#include "store/api/apistore.h"

struct api_location {
	const char *id, *address; /* address: in a line */
	const char *v[OBJECT_FIELDS]; /* by object_keys */
	uint64_t numbers;	      /* where they are counted */
};

/* All of them, by id. Zero-initialise. */
struct api_locations {
	struct arena arena;
	struct api_location *at;
	size_t n, cap;
};

/* 0 where this API has names and emergency addresses; asked of it once. ERR_TARGET: it does not offer them. */
int api_need_services(struct api_store *s, struct err *err);

int api_locations_load(struct api_store *s, struct api_locations *locations, struct err *err);
/* Counts the numbers at each. */
int api_locations_count(struct api_store *s, struct api_locations *locations, struct err *err);
struct api_location *api_locations_find(const struct api_locations *locations, const char *id); /* NULL: none of them */
void api_locations_release(struct api_locations *locations);

/* Those of an organisation (NULL: all), as did/facts.h asks for them. */
int api_locations_of(struct api_store *s, const char *org_id, struct object_visitor *visitor, struct err *err);

#endif
