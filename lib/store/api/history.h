/* Inside the REST store: the changes that were made from this machine, from their journals. */
#ifndef DIDCTL_API_HISTORY_H
#define DIDCTL_API_HISTORY_H

#include "store/api/journal.h"

/* Is told each row: values by change_field or event_field, which live until it returns. */
struct history_keeper {
	int (*keep)(struct history_keeper *keeper, const struct value *values, struct err *err);
};

/*
 * LIST_CHANGES and LIST_EVENTS of the store's target, the oldest first, as far as the query's filters let pass. Half done
 * are those that were broken off, by their journals: what of them is done besides, the rows tell (resolve.h).
 */
int history_changes(struct api_store *s, const struct query *query, struct history_keeper *keeper, struct err *err);
int history_events(struct api_store *s, const struct query *query, struct history_keeper *keeper, struct err *err);

/* 1: a change made from this machine has taken that one back, or begun to. */
int history_is_undone(struct api_store *s, const char *id, struct err *err);

/*
 * The default name that an organisation had at a time (RFC 3339): what the first of these changes since then began with.
 * Without any *name stays as it is.
 */
int history_default_name(struct api_store *s, const char *at, const char *org_id, const char **name, struct arena *arena,
			 struct err *err);

#endif
