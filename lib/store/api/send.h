/* Inside the REST store: ops on their way to the API, --jobs requests at a time. */
#ifndef DIDCTL_API_SEND_H
#define DIDCTL_API_SEND_H

#include "store/api/journal.h"

struct sending {
	struct api_store *s;
	const struct change *change;
	struct plan *plan;
	struct ops *ops;
	struct journal *journal;

	/* How it ended. */
	struct err why;	  /* the first thing that stopped it; code 0: nothing did */
	uint64_t done;	  /* ops, those of an earlier attempt included */
	uint64_t unknown; /* ops whose outcome is not known */
	bool is_halfway;  /* of an op that failed one request was done */
};

/*
 * Sends what is still to be done, wave after wave, and notes the end of each op in the op and in the journal. Stops at the
 * first failure; with change->partial an op that is refused is no failure. Every request that was sent has been waited
 * for when it returns. ERR_FAILED: the journal could not be kept; all else is in *sending.
 */
int sending_run(struct sending *sending, struct err *err);

#endif
