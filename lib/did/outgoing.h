/*
 * Mail that a change causes. It is part of the plan: written in the change's own transaction, into the outbox, and sent
 * after COMMIT (cmd/mail.h).
 */
#ifndef DIDCTL_OUTGOING_H
#define DIDCTL_OUTGOING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct message {
	const char *recipient, *subject, *body; /* one address; one line; lines that end in '\n'; all UTF-8 */
};

struct messages {
	struct message *at;
	size_t n, cap;
};

/*
 * Adds a message for each address of a list that address_check takes; NULL adds none. An address that has the
 * same message already, in any case, gets no second one. subject and body are not copied, and outlive the list.
 */
void messages_add(struct messages *messages, struct arena *arena, const char *recipients, const char *subject,
		  const char *body);
void messages_release(struct messages *messages);

/* One row of the outbox, claimed to be sent now: nobody else sends it before the claim runs out. */
struct outgoing {
	const char *id;		/* of the row: with the change's id it makes the Message-ID, the same at each attempt */
	const char *change_id, *created;
	struct message message;
	const char *claim;	/* until when it is ours */
	long attempts;		/* this one included */
	long unanswered;	/* how many of those before may have delivered it: their answer was lost */
};

/* How an attempt ended. */
enum outgoing_end {
	OUTGOING_SENT,	     /* somebody else has taken the responsibility for it */
	OUTGOING_LATER,	     /* this message not now: 4xx */
	OUTGOING_REFUSED,    /* this message never: 5xx; it is given up */
	OUTGOING_STUCK,	     /* no message at all: no connection, no such user, a server that does not want us */
	OUTGOING_UNANSWERED, /* sent in whole, and the answer was lost: it may have been taken */
	OUTGOING_END_COUNT,
};

extern const char *const outgoing_end_names[OUTGOING_END_COUNT];

/* For so long after it was written, doctor tells of a message that was given up, and it can be sent after all. */
#define OUTGOING_TOLD_DAYS 30

/* How often a message is sent whole for one answer: each time it may arrive once more, with the same Message-ID. */
#define OUTGOING_UNANSWERED_MAX 3

/*
 * When it is tried again, in seconds from now; -1: not any more, it has been given up. age_s: since it was written. What a
 * server puts off is tried for five days (RFC 5321, 4.5.4.1), what it refuses never again by itself (4.2.1); what no server
 * can be asked about, for ever.
 */
int64_t outgoing_retry(const struct outgoing *out, enum outgoing_end end, int64_t age_s);

#endif
