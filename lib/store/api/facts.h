/* Inside the REST store: what decisions ask of it (did/facts.h), and the rows that they were made of. */
#ifndef DIDCTL_API_FACTS_H
#define DIDCTL_API_FACTS_H

#include "did/facts.h"
#include "store/api/apistore.h"

/* A row of a number that was read: by its stored text its id and tag are found again when it is written. */
struct seen {
	const char *text, *id, *etag; /* etag may be NULL */
	uint32_t record; /* of the plan that was read into last; RECORD_NONE: it was looked up only */
};

struct api_facts {
	struct facts facts; /* the first member */
	struct api_store *s;
	struct arena arena;
	struct seen *seen;
	size_t n, cap;
	bool is_sorted;
	bool has_raced;
};

void api_facts_init(struct api_facts *facts, struct api_store *s);
void api_facts_release(struct api_facts *facts);

/* Whether this API can list all numbers; asked of it once. Without that it decides itself who gets a default. */
int api_facts_has_list(struct api_facts *facts, bool *out, struct err *err);

#endif
