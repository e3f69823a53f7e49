/*
 * Orders that bring numbers in from another carrier (services.md, "Port-in"): their states, which verb leads from which
 * to which, what an order must say before the losing carrier gets it, and when something is due. All
 * of it is data in port.c; nothing else knows a transition.
 */
#ifndef DIDCTL_PORT_H
#define DIDCTL_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strlist.h"
#include "base/value.h"
#include "did/state.h"

enum port_state {
	PORT_DRAFT, PORT_SUBMITTED, PORT_ACKNOWLEDGED, PORT_FOC_SET, PORT_EXCEPTION, PORT_COMPLETED, PORT_CANCELLED,
	PORT_STATES,
};

#define PORT_BIT(s) (1u << (s))
#define PORT_OPEN                                                                                                      \
	(PORT_BIT(PORT_DRAFT) | PORT_BIT(PORT_SUBMITTED) | PORT_BIT(PORT_ACKNOWLEDGED) | PORT_BIT(PORT_FOC_SET) |      \
	 PORT_BIT(PORT_EXCEPTION))

extern const char *const port_state_names[]; /* NULL-terminated, for choices */
int port_state_find(const char *name);	     /* -1 if there is none */

/* What is known of an order: first what its own row stores, in the order of port_columns. */
enum port_field { /* a date, its time and its zone stand in a row */
	PORT_STATE, PORT_ORG_ID, PORT_LOSING_CARRIER, PORT_TYPE, PORT_ACCOUNT, PORT_PIN, PORT_BTN, PORT_AUTHORISED_NAME,
	PORT_SERVICE_ADDRESS, PORT_CONTACT, PORT_REQUESTED_FOC, PORT_REQUESTED_TIME, PORT_REQUESTED_ZONE, PORT_ACTUAL_FOC,
	PORT_FOC_TIME, PORT_FOC_ZONE, PORT_CODE, PORT_REASON, PORT_ENV, PORT_ROUTE, PORT_CNAM, PORT_LOCATION,
	PORT_SUBMITTED_AT,
	PORT_OWN_FIELDS,
	/* in a listing: derived */
	PORT_SERIAL = PORT_OWN_FIELDS, PORT_ORG, PORT_COUNT, PORT_CREATED_AT, PORT_UPDATED_AT,
	PORT_FIELDS,
	/* as an object of a change: kept in tables of their own, one line each interval or document */
	PORT_NUMBERS = PORT_OWN_FIELDS, PORT_DOCUMENTS,
	PORT_STORED_FIELDS,
};
extern const struct column port_columns[PORT_FIELDS];

/* The numbers of an order, in intervals; its documents; its events; the mail about it, sent or not. */
enum port_number_field { PORT_NUMBER_FIRST, PORT_NUMBER_LAST, PORT_NUMBER_COUNT, PORT_NUMBER_STATUS, PORT_NUMBER_REASON,
			 PORT_NUMBER_FIELDS };
enum port_document_field { PORT_DOCUMENT_K, PORT_DOCUMENT_KIND, PORT_DOCUMENT_NAME, PORT_DOCUMENT_TYPE,
			   PORT_DOCUMENT_SIZE, PORT_DOCUMENT_SHA256, PORT_DOCUMENT_AT, PORT_DOCUMENT_ID,
			   PORT_DOCUMENT_FIELDS };
enum port_event_field { PORT_EVENT_AT, PORT_EVENT_ACTOR, PORT_EVENT_VERB, PORT_EVENT_FROM, PORT_EVENT_TO,
			PORT_EVENT_NOTE, PORT_EVENT_PUBLIC, PORT_EVENT_CHANGE_ID, PORT_EVENT_SERIAL,
			PORT_EVENT_FIELDS };
enum port_mail_field { PORT_MAIL_RECIPIENT, PORT_MAIL_SUBJECT, PORT_MAIL_STATE, PORT_MAIL_AT, PORT_MAIL_SENT_AT,
		       PORT_MAIL_NEXT_ATTEMPT, PORT_MAIL_ATTEMPTS, PORT_MAIL_REASON, PORT_MAIL_FIELDS };
extern const struct column port_number_columns[PORT_NUMBER_FIELDS];
extern const struct column port_document_columns[PORT_DOCUMENT_FIELDS];
extern const struct column port_event_columns[PORT_EVENT_FIELDS];
extern const struct column port_mail_columns[PORT_MAIL_FIELDS];

/* The state of one number of an order. */
enum port_number_status { PORT_NUMBER_PENDING, PORT_NUMBER_REJECTED, PORT_NUMBER_FAILED, PORT_NUMBER_COMPLETED };
extern const char *const port_number_names[];

/* The code of an order whose completion was undone: its day has come, and port sweep leaves it until a day is said again. */
#define PORT_UNDONE "undone"

extern const char *const port_types[];		/* wireline, wireless, toll-free */
extern const char *const port_document_kinds[]; /* loa, bill, csr */

/* Whether a field is what the losing carrier is told: then it is fixed from submission on, unless it comes back. */
bool port_is_told(enum port_field field);

struct port_transition {
	enum verb verb;
	unsigned from; /* PORT_BITs */
	int to;	       /* enum port_state, or PORT_STAYS */
};
#define PORT_STAYS (-1)

/* The table's row for this verb and this state, or NULL: refused. */
const struct port_transition *port_transition_find(enum verb verb, enum port_state from);
/* "port submit, port cancel": the verbs that are legal from a state, for messages. */
void port_transition_verbs(struct buf *out, enum port_state from);

/*
 * Whether a change from one state to the other may be undone: a completion, as long as nothing has changed since, and
 * what nobody else has been told of. What a carrier was told stays told.
 */
bool port_may_undo(enum port_state from, enum port_state to);

/*
 * What an order lacks to be submitted, each as a person reads it: "account number (--account)". value: its own fields;
 * documents: as PORT_DOCUMENTS. The texts are constants.
 */
void port_missing(struct strlist *out, const char *const value[PORT_OWN_FIELDS], const char *documents);

/*
 * When the acknowledgement is due: the end, in UTC, of the third business day after the day of submission. Business days
 * are Monday to Friday without the dates of `holidays` ("2026-11-26,2026-12-25", or NULL): which days a carrier does not
 * work on is the carrier's own to say, so there is no list of them here.
 */
#define PORT_ACK_DAYS 3
int64_t port_ack_due_ms(int64_t submitted_ms, const char *holidays);

/* A time of day, "09:30": its minutes after midnight, or -1. */
int port_parse_time(const char *text);

/*
 * When a firm order commitment falls due: its date (00:00 unless a time is given) in its zone, UTC where none is named.
 * The texts as they are stored. ERR_USAGE for a date, time or zone that is none.
 */
int port_foc_ms(int64_t *ms, const char *date, const char *time, const char *zone, struct err *err);
/* From when on it is past: its time, or without one the end of its day. */
int port_foc_end_ms(int64_t *ms, const char *date, const char *time, const char *zone, struct err *err);

/* Within 48 hours of its commitment an order can be stopped only by force: the switch at the other carrier is under way. */
#define PORT_NEAR_MS (INT64_C(48) * 60 * 60 * 1000)
bool port_is_near(int64_t foc_ms, int64_t now_ms);

/* The content type of a document by its first bytes: "application/pdf", ... or NULL for none of pdf, png, jpeg, tiff. */
const char *port_document_type(const unsigned char *bytes, size_t len);
#define PORT_DOCUMENT_MAX (25u << 20) /* bytes */

/*
 * A document that a change adds. k counts the documents of an order from 1; bytes live as long as the change. Of it the
 * history keeps one line: port_document_line.
 */
struct port_document {
	const char *kind, *name, *type, *sha256;
	const char *bytes;
	size_t size;
};

/* What a change does to an order, beside the numbers that it names (struct change.port). */
struct port_request {
	const char *serial; /* NULL: a new one */
	const char *value[PORT_OWN_FIELDS];
	bool is_set[PORT_OWN_FIELDS];
	const char *pin; /* the secret itself: never hashed, never in the history; NULL with is_set: cleared */
	const struct port_document *document;
	const char *note;
	bool is_public; /* whether the note may be told to others */
	bool force;	/* --force */
	bool removes;	/* port attach --remove */
};

#endif
