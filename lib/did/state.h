/*
 * The life of a number (product.md): its states, how they are stored, and which verb leads from which to
 * which. All of it is data in state.c; nothing else knows a transition.
 */
#ifndef DIDCTL_STATE_H
#define DIDCTL_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum did_state {
	STATE_AVAILABLE, STATE_PENDING, STATE_ASSIGNED, STATE_BLOCKED, STATE_ON_HOLD, STATE_RESERVED,
	STATE_ARCHIVED, STATE_PORTED, STATE_UNKNOWN,
	STATE_COUNT,
};

#define STATE_BIT(s) (1u << (s))

struct state_info {
	const char *name;
	const char *pool_status, *status; /* how it is stored in did_numbers; NULL for unknown */
	bool has_hold;			  /* hold_until is set */
	bool is_held;			  /* an organisation holds it: without org_id it is broken */
	const char *help;
};

extern const struct state_info state_info[STATE_COUNT];
extern const char *const state_names[]; /* NULL-terminated, for choices */

/*
 * The state of a row. Any argument may be NULL. status decides first (ported, then inactive); a
 * combination that the table does not have is STATE_UNKNOWN.
 */
enum did_state state_of(const char *pool_status, const char *status, const char *hold_until);

/*
 * A state by name, in didctl's words or the other systems' (in-stock, active, hold, on hold, block,
 * archive, RELEASED, ACTIVE, PENDING; any case, '-', '_' and ' ' alike). -1 if there is none. *released,
 * if not NULL, is set for RELEASED: available with a previous owner.
 */
int state_find(const char *name, bool *released);

bool state_can_be_added(enum did_state state); /* pool add --state: available, reserved, archived */

enum verb {
	VERB_ADD, VERB_EDIT, VERB_DELETE, VERB_MARK, VERB_LOCK, VERB_UNLOCK, VERB_REQUEST, VERB_APPROVE,
	VERB_REJECT, VERB_SWEEP, VERB_ASSIGN, VERB_RELEASE, VERB_ENV_SET, VERB_DEFAULT_SET,
	VERB_DEFAULT_CLEAR, VERB_DEFAULT_USER, VERB_UNDO, VERB_EXTERNAL, VERB_ORG_ADD, VERB_ORG_EDIT,
	VERB_ORG_DELETE, VERB_USER_ADD, VERB_USER_EDIT, VERB_USER_DELETE, VERB_DEMO, VERB_MERGE, VERB_REPAIR,
	VERB_CNAM_SET, VERB_CNAM_CLEAR, VERB_CNAM_DEFAULT, VERB_CNAM_SYNC, VERB_E911_SET, VERB_E911_CLEAR, VERB_E911_SYNC,
	VERB_LOCATION_ADD, VERB_LOCATION_EDIT, VERB_LOCATION_DELETE,
	VERB_PORT_NEW, VERB_PORT_EDIT, VERB_PORT_ATTACH, VERB_PORT_DOCUMENT, VERB_PORT_SUBMIT, VERB_PORT_ACK,
	VERB_PORT_FOC, VERB_PORT_REJECT, VERB_PORT_CANCEL, VERB_PORT_COMPLETE,
	VERB_COUNT,
};

struct verb_info {
	const char *name;    /* as typed and as kept in the history: "pool add" */
	const char *past;    /* "added", for the closing line */
	const char *infinitive; /* "add", for the question */
	bool moves_calls;    /* the switch's files may differ after it */
	bool always_asks;    /* needs a yes for a single number too (cli.md, "Asking") */
	bool never_asks;     /* sweep, org add ... */
	bool is_service;     /* of CNAM or E911: wants didctl's own tables */
	bool is_divisible;   /* what it does to a number depends on no other one: large changes may be made in pieces */
	bool finds_numbers;  /* it may name none, and change those that hang on what it names */
	bool is_of_objects;  /* of organisations, users, locations or port orders alone: it changes no number */
};

extern const struct verb_info verb_info[VERB_COUNT];
int verb_find(const char *name); /* -1 if there is none */

/* What a transition wants besides its verb. */
enum transition_need {
	NEED_NOTHING, NEED_TRANSFER, NEED_ALLOW_RESERVED, NEED_OVERRIDE_HOLD, NEED_HOLD_DATE, NEED_DUE,
};

struct transition {
	enum verb verb;
	unsigned from; /* STATE_BITs */
	unsigned to;
	enum transition_need need;
};

/* The table's row for this verb and this step, or NULL: refused. */
const struct transition *transition_find(enum verb verb, enum did_state from, enum did_state to);

/* "assign, pool mark, pool request": the verbs that are legal from a state, for messages. */
void transition_verbs(struct buf *out, enum did_state from);

#endif
