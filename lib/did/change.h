/* A change is a value: what is to be done to which numbers. A store applies it, prints it, or undoes it. */
#ifndef DIDCTL_CHANGE_H
#define DIDCTL_CHANGE_H

#include <stdint.h>

#include "base/progress.h"
#include "base/strlist.h"
#include "base/uuid.h"
#include "did/port.h"
#include "did/record.h"
#include "did/repair.h"
#include "did/selection.h"

#define CHANGE_EXPECT_ABOVE 10000 /* a change of more numbers needs to be told how many (cli.md) */

struct org {
	const char *id, *name, *context_prefix; /* prefix may be NULL */
	const char *unrouted;			/* what calls without a route get; NULL: hangup */
	const char *mail;			/* its addresses, joined by commas; or NULL */
	const char *cnam;			/* the name its numbers show that have none of their own; NULL: none */
};

struct user {
	const char *id, *name, *org_id, *outbound_did; /* the last two may be NULL */
};

/* release --keep */
enum keep { KEEP_CNAM = 1, KEEP_E911 = 2, KEEP_ROUTE = 4 };

/* assign --count: which numbers to take. */
struct pick {
	uint64_t count; /* 0: the numbers are named */
	const struct pattern *pattern; /* NULL: any */
	bool is_contiguous, prefer_aged;
};

struct change {
	enum verb verb;
	char id[UUID_TEXT];
	bool id_given;		/* by --change-id: a replay is looked for first */
	bool is_idle;		/* a look has found nothing to do: its id is told only if there was something after all */
	const char *reason, *actor, *host, *target;

	struct selection selection;
	struct pick pick;
	const char *org_text;	/* ORG as typed, or NULL; the store resolves it */
	const char *user_text;	/* USER as typed (default user, user edit/delete) */
	const char *undo_of;	/* VERB_UNDO: the change to undo */
	const char *keep_id;	/* VERB_MERGE: the row that stays */
	struct repairs repairs; /* VERB_REPAIR: which rows, and what is wrong with each */
	uint64_t checks; /* doctor --fix: CHECK_BITs that were asked for; then they are the request, not the rows found */

	/* New values by field; only those with is_set count; NULL clears. */
	const char *value[DID_FIELDS];
	bool is_set[DID_FIELDS];
	struct strlist tags_add, tags_remove; /* --tag +x, --tag -x */

	enum did_state to;	 /* add --state, mark; release --then (STATE_UNKNOWN: the number's own) */
	long long hold_days;	 /* release --hold, or -1: the number's own, else default_hold_days */
	long long default_hold_days;
	const char *hold_until;	 /* pool mark --for/--until, or NULL: RFC 3339 */
	const char *hold_text;	 /* --for, --until or --pending-days as typed: a replay repeats it */
	unsigned keep;		 /* enum keep bits */
	bool is_transfer, allow_reserved, override_hold, make_default, if_absent;
	const char *pending_before; /* sweep: requests older than this go back; NULL: none */

	/* Objects: org, user and location verbs, and what e911 set makes. Fields by enum org_field / user_field / location_field. */
	const char *object_value[LOCATION_STORED];
	bool object_is_set[LOCATION_STORED];
	const char *location_text; /* LOCATION as typed: an id or a label */
	/* sync: what the provider was asked about; a number that is something else by now stays as it is. */
	const char *seen_name, *seen_location, *seen_since;
	const char *outbound;	 /* default user: the number's operand, or NULL: none */
	const struct port_request *port; /* the port verbs: which order, and what of it; NULL for the others */

	bool dry_run, partial;
	bool never_asks;	 /* a sweep's: large changes need no --expect, nobody is there to give one */
	long long expect;	 /* -1: not given */
	uint64_t chunk;		 /* more numbers than so many are changed in pieces, each a transaction; 0: always one */
	const struct change *part_of; /* this is a piece of that one, and is repeated by repeating it */
	bool is_last;		 /* of the pieces */
	int64_t now_ms;
	struct progress *progress; /* is told how far the store is; NULL: nobody listens */
};

/*
 * SHA-256 (hex, 65 bytes with NUL) over verb, set of numbers and fields: what a replay of a change id
 * must repeat. The organisation is compared by itself, since it may be named by id, name or prefix.
 */
void change_request_hash(const struct change *change, char out[65]);

/* The id of the k-th piece of a change: the same whoever makes it, so that it is made once. */
void change_part_id(const char *id, uint64_t k, char out[UUID_TEXT]);

/*
 * Whether a change that was kept (its hash, and the organisation's id and text, which may be NULL) is the same request.
 * The organisation may be named by its id, its name or its prefix; org is what the text means now, or NULL.
 */
bool change_is_same(const struct change *change, const struct org *org, const char *hash, const char *org_id,
		    const char *org_text);
int change_refuse_other(const struct change *change, struct err *err); /* ERR_REFUSED: the id was another request's */

void change_release(struct change *change);

#endif
