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

/* Notes the id under which a row that is not there is to come back. */
void api_facts_remember(struct api_facts *facts, const char *text, const char *id);
const struct seen *api_facts_seen(struct api_facts *facts, const char *text); /* NULL: it was not read */
/* The ids of a selection that no row has which was read. */
void api_facts_unseen(const struct api_facts *facts, const struct selection *selection, struct strlist *out);

/*
 * The rows of a selection's numbers and ids as far as they are available: all that an API shows which has only what the
 * system documents. Whether a number has a second row is not known then.
 */
int api_facts_read_available(struct api_facts *facts, const struct selection *selection, struct plan *out, struct err *err);

/* Whether this API can list all numbers; asked of it once. Without that it decides itself who gets a default. */
int api_facts_has_list(struct api_facts *facts, bool *out, struct err *err);

#endif
