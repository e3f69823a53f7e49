/* Inside the REST store: all organisations, and what numbers they have. */
#ifndef DIDCTL_API_ORGS_H
#define DIDCTL_API_ORGS_H

#include "store/api/apistore.h"

struct api_org {
	const char *id, *name, *context_prefix, *cnam;
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

#endif
