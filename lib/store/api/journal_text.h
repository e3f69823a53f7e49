/* Inside the REST store: the lines of a journal, one JSON object each. */
#ifndef DIDCTL_API_JOURNAL_TEXT_H
#define DIDCTL_API_JOURNAL_TEXT_H

#include "store/api/journal.h"

void journal_put_head(struct buf *out, const struct change *change, const struct plan *plan);
void journal_put_op(struct buf *out, const struct op *op, const struct plan *plan);
void journal_put_amended(struct buf *out, size_t index, const struct op *op, const struct plan *plan); /* of an object */
void journal_put_planned(struct buf *out, const struct plan *plan, size_t ops);
void journal_put_end(struct buf *out, const struct plan *plan);

struct journal_reader {
	struct journal_head *head;
	struct ops *ops; /* or NULL: the head alone is wanted */
	struct plan *plan;
	struct arena *arena;
	const struct country *country;
};

/* ERR_FAILED for a line that is none of these. */
int journal_read_line(struct journal_reader *reader, const struct json *line, struct err *err);

#endif
