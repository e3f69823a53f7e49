/* Inside the REST store: the rows that a change is decided on, and where each of them is. */
#ifndef DIDCTL_API_READ_H
#define DIDCTL_API_READ_H

#include "store/api/facts.h"

/* What did/facts.h asks for: read, rows_by_id, rows_by_number. */
int api_read_rows(struct facts *facts, const struct selection *selection, struct plan *out, struct err *err);
int api_rows_by_id(struct facts *facts, const char *const *ids, size_t n, struct row_visitor *visitor, struct err *err);
int api_rows_by_number(struct facts *facts, const struct rangeset *numbers, struct row_visitor *visitor,
		       struct err *err);

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

#endif
