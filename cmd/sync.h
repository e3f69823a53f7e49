/* Inside cnam sync and e911 sync: what waits is put to the provider's program, and its answers become changes. */
#ifndef DIDCTL_SYNC_H
#define DIDCTL_SYNC_H

#include "cmd/common.h"
#include "service/provider.h"

/* A number that waits: what the provider is asked about, and what it has said. Texts are interned, numbers in the arena. */
struct sync_item {
	const char *number, *e164, *org, *subject, *since;
	const char *status, *text; /* the answer; status NULL: none yet */
	const char *candidates;	   /* until it is stored */
	enum { SYNC_OPEN, SYNC_FRESH, SYNC_STORED, SYNC_OVERTAKEN, SYNC_REFUSED } state;
};

struct sync {
	struct provider_client client; /* the first member */
	struct context *ctx;
	const struct sync_kind *kind;
	struct sync_item *items; /* in the order of their numbers' texts: an answer is looked up in it */
	size_t n, cap;
	struct sync_item **fresh; /* answers that are not stored yet: PROVIDER_KEEP_MAX at most, and those of one read */
	size_t nfresh, fresh_cap;
	struct intern texts;
	struct arena fresh_arena; /* of their candidates */
	const char *described;	  /* the address that `description` is about: neighbours often share one */
	struct buf description;
	size_t answered, stored, refused;
	bool is_broken; /* an answer could not be stored: that is the error, not what the program did */
};

struct sync_kind {
	enum verb verb;
	enum setting command;
	const char *const *statuses; /* that the program may answer */
	enum did_field subject;	     /* which may not have become another one meanwhile */
	enum did_field status, since, note;
	/* Appends the members that tell what is to be registered. */
	int (*describe)(struct sync *sync, const struct sync_item *item, struct buf *out, struct err *err);
};

extern const struct sync_kind sync_names, sync_addresses; /* sync_request.c */

/* struct provider_client's, which a struct sync is. */
int sync_put_request(struct provider_client *client, size_t i, struct buf *out, struct err *err);
bool sync_take(struct provider_client *client, const struct provider_answer *answer); /* sync_keep.c */
int sync_keep(struct provider_client *client, struct err *err);

#endif
