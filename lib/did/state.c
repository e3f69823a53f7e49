#include "did/state.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

const struct state_info state_info[STATE_COUNT] = {
	[STATE_AVAILABLE] = {"available", "available", "active", .help = "in stock: may be assigned"},
	[STATE_PENDING] = {"pending", "pending", "active", .help = "requested, waits for approval"},
	[STATE_ASSIGNED] = {
		"assigned", "assigned", "active", .is_held = true, .help = "held by an organisation, in use",
	},
	[STATE_BLOCKED] = {
		"blocked", "assigned", "suspended", .is_held = true, .help = "held, without service for now",
	},
	[STATE_ON_HOLD] = {
		"on-hold", "reserved", "active", .has_hold = true, .help = "cooling down after a release",
	},
	[STATE_RESERVED] = {"reserved", "reserved", "active", .help = "ours, not for sale"},
	[STATE_ARCHIVED] = {"archived", "reserved", "inactive", .help = "ours, out of use"},
	[STATE_PORTED] = {"ported", "reserved", "ported", .help = "left to another carrier"},
	[STATE_UNKNOWN] = {"unknown", .help = "stored in a combination that no state has"},
};

const char *const state_names[] = {
	[STATE_AVAILABLE] = "available",
	[STATE_PENDING] = "pending",
	[STATE_ASSIGNED] = "assigned",
	[STATE_BLOCKED] = "blocked",
	[STATE_ON_HOLD] = "on-hold",
	[STATE_RESERVED] = "reserved",
	[STATE_ARCHIVED] = "archived",
	[STATE_PORTED] = "ported",
	[STATE_UNKNOWN] = "unknown",
	[STATE_COUNT] = NULL,
};

/* The words of the other systems (product.md). */
static const struct {
	const char *word;
	enum did_state state;
	bool is_released;
} state_words[] = {
	{"in stock", STATE_AVAILABLE, false},
	{"released", STATE_AVAILABLE, true},
	{"active", STATE_ASSIGNED, false},
	{"hold", STATE_ON_HOLD, false},
	{"block", STATE_BLOCKED, false},
	{"archive", STATE_ARCHIVED, false},
};

/*
 * In this order: a status that decides comes before the rest, whatever pool_status is, and on-hold, which
 * wants a date, before reserved, which is the same without.
 */
static const struct {
	enum did_state state;
	bool status_decides;
} readings[] = {
	{STATE_PORTED, true},
	{STATE_ARCHIVED, true},
	{STATE_AVAILABLE, false},
	{STATE_PENDING, false},
	{STATE_ASSIGNED, false},
	{STATE_BLOCKED, false},
	{STATE_ON_HOLD, false},
	{STATE_RESERVED, false},
};

static bool is_same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

enum did_state state_of(const char *pool_status, const char *status, const char *hold_until)
{
	bool has_hold = hold_until && *hold_until;

	for (size_t i = 0; i < ARRAY_SIZE(readings); i++) {
		const struct state_info *info = &state_info[readings[i].state];

		if (!is_same(status, info->status) || (info->has_hold && !has_hold))
			continue;
		if (readings[i].status_decides || is_same(pool_status, info->pool_status))
			return readings[i].state;
	}
	return STATE_UNKNOWN;
}

/* Not tolower: a Turkish locale has another small letter for I. */
static char fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '-' || c == '_' ? ' ' : c;
}

static bool is_word(const char *text, const char *word)
{
	while (*text && fold(*text) == fold(*word)) {
		text++;
		word++;
	}
	return !*text && !*word;
}

int state_find(const char *name, bool *released)
{
	if (released)
		*released = false;
	for (int s = 0; s < STATE_COUNT; s++)
		if (is_word(name, state_info[s].name))
			return s;
	for (size_t i = 0; i < ARRAY_SIZE(state_words); i++) {
		if (!is_word(name, state_words[i].word))
			continue;
		if (released)
			*released = state_words[i].is_released;
		return (int)state_words[i].state;
	}
	return -1;
}

bool state_can_be_added(enum did_state state)
{
	return state == STATE_AVAILABLE || state == STATE_RESERVED || state == STATE_ARCHIVED;
}

/* moves_calls: the switch sends calls by state, owner, environment, route and context, and sees no more. */
const struct verb_info verb_info[VERB_COUNT] = {
	[VERB_ADD] = {"pool add", "added", .infinitive = "add", .is_divisible = true},
	[VERB_EDIT] = {"pool edit", "edited", .infinitive = "edit", .moves_calls = true, .is_divisible = true},
	[VERB_DELETE] = {"pool delete", "deleted", .infinitive = "delete", .always_asks = true, .is_divisible = true},
	[VERB_MARK] = {"pool mark", "marked", .infinitive = "mark", .moves_calls = true, .always_asks = true, .is_divisible = true},
	[VERB_LOCK] = {"pool lock", "locked", .infinitive = "lock", .is_divisible = true},
	[VERB_UNLOCK] = {"pool unlock", "unlocked", .infinitive = "unlock", .is_divisible = true},
	[VERB_REQUEST] = {"pool request", "requested", .infinitive = "request", .is_divisible = true},
	[VERB_APPROVE] = {"pool approve", "approved", .infinitive = "approve", .moves_calls = true, .is_divisible = true},
	[VERB_REJECT] = {"pool reject", "rejected", .infinitive = "reject", .is_divisible = true},
	[VERB_SWEEP] = {"pool sweep", "swept", .infinitive = "sweep", .never_asks = true},
	[VERB_ASSIGN] = {"assign", "assigned", .infinitive = "assign", .moves_calls = true, .is_divisible = true},
	[VERB_RELEASE] = {
		"release", "released", .infinitive = "release", .moves_calls = true, .always_asks = true, .is_divisible = true,
	},
	[VERB_ENV_SET] = {"env set", "set", .infinitive = "set", .moves_calls = true, .is_divisible = true},
	[VERB_DEFAULT_SET] = {"default set", "set", .infinitive = "set"},
	[VERB_DEFAULT_CLEAR] = {"default clear", "cleared", .infinitive = "clear", .always_asks = true},
	[VERB_DEFAULT_USER] = {"default user", "set", .infinitive = "set", .is_of_objects = true},
	[VERB_UNDO] = {"undo", "undone", .infinitive = "undo", .moves_calls = true, .always_asks = true},
	[VERB_EXTERNAL] = {
		"external", "recorded", .infinitive = "record", .moves_calls = true, .always_asks = true,
	},
	[VERB_ORG_ADD] = {"org add", "added", .infinitive = "add", .never_asks = true, .is_of_objects = true},
	[VERB_ORG_EDIT] = {"org edit", "edited", .infinitive = "edit", .moves_calls = true, .is_of_objects = true},
	[VERB_ORG_DELETE] = {"org delete", "deleted", .infinitive = "delete", .always_asks = true, .is_of_objects = true},
	[VERB_USER_ADD] = {"user add", "added", .infinitive = "add", .is_of_objects = true},
	[VERB_USER_EDIT] = {"user edit", "edited", .infinitive = "edit", .is_of_objects = true},
	[VERB_USER_DELETE] = {"user delete", "deleted", .infinitive = "delete", .always_asks = true, .is_of_objects = true},
	[VERB_DEMO] = {"init", "added", .infinitive = "add", .moves_calls = true, .never_asks = true},
	[VERB_MERGE] = {"pool merge", "merged", .infinitive = "merge", .moves_calls = true, .always_asks = true},
	[VERB_REPAIR] = {"doctor", "mended", .infinitive = "mend", .moves_calls = true, .always_asks = true},
	[VERB_CNAM_SET] = {"cnam set", "set", .infinitive = "set", .is_service = true, .is_divisible = true},
	[VERB_CNAM_CLEAR] = {"cnam clear", "cleared", .infinitive = "clear", .always_asks = true, .is_service = true, .is_divisible = true},
	[VERB_CNAM_DEFAULT] = {"cnam default", "set", .infinitive = "set", .finds_numbers = true, .is_service = true},
	[VERB_CNAM_SYNC] = {"cnam sync", "synced", .infinitive = "sync", .never_asks = true, .is_service = true},
	[VERB_E911_SET] = {"e911 set", "set", .infinitive = "set", .finds_numbers = true, .is_service = true, .is_divisible = true},
	[VERB_E911_CLEAR] = {"e911 clear", "cleared", .infinitive = "clear", .always_asks = true, .is_service = true, .is_divisible = true},
	[VERB_E911_SYNC] = {"e911 sync", "synced", .infinitive = "sync", .never_asks = true, .is_service = true},
	[VERB_LOCATION_ADD] = {
		"e911 locations add", "added", .infinitive = "add", .never_asks = true, .is_service = true, .is_of_objects = true,
	},
	[VERB_LOCATION_EDIT] = {"e911 locations edit", "edited", .infinitive = "edit", .finds_numbers = true, .is_service = true},
	[VERB_LOCATION_DELETE] = {
		"e911 locations delete", "deleted", .infinitive = "delete", .always_asks = true, .is_service = true, .is_of_objects = true,
	},
	[VERB_PORT_NEW] = {"port new", "ordered", .infinitive = "order", .never_asks = true, .is_of_objects = true},
	[VERB_PORT_EDIT] = {"port edit", "edited", .infinitive = "edit", .never_asks = true, .is_of_objects = true},
	[VERB_PORT_ATTACH] = {"port attach", "attached", .infinitive = "attach", .never_asks = true, .is_of_objects = true},
	[VERB_PORT_DOCUMENT] = {"port document", "added", .infinitive = "add", .never_asks = true, .is_of_objects = true},
	[VERB_PORT_SUBMIT] = {"port submit", "submitted", .infinitive = "submit", .never_asks = true, .is_of_objects = true},
	[VERB_PORT_ACK] = {
		"port ack", "acknowledged", .infinitive = "acknowledge", .never_asks = true, .is_of_objects = true,
	},
	[VERB_PORT_FOC] = {"port foc", "set", .infinitive = "set", .never_asks = true, .is_of_objects = true},
	[VERB_PORT_REJECT] = {"port reject", "rejected", .infinitive = "reject", .never_asks = true, .is_of_objects = true},
	[VERB_PORT_CANCEL] = {
		"port cancel", "cancelled", .infinitive = "cancel", .always_asks = true, .is_of_objects = true,
	},
	[VERB_PORT_COMPLETE] = {
		"port complete", "completed", .infinitive = "complete", .moves_calls = true, .always_asks = true,
	},
};

int verb_find(const char *name)
{
	for (int v = 0; v < VERB_COUNT; v++)
		if (strcmp(verb_info[v].name, name) == 0)
			return v;
	return -1;
}

#define AVAILABLE STATE_BIT(STATE_AVAILABLE)
#define PENDING	  STATE_BIT(STATE_PENDING)
#define ASSIGNED  STATE_BIT(STATE_ASSIGNED)
#define BLOCKED	  STATE_BIT(STATE_BLOCKED)
#define ON_HOLD	  STATE_BIT(STATE_ON_HOLD)
#define RESERVED  STATE_BIT(STATE_RESERVED)
#define ARCHIVED  STATE_BIT(STATE_ARCHIVED)
#define PORTED	  STATE_BIT(STATE_PORTED)

/*
 * product.md, "Life of a number", row by row. A step to the state that a number is in has no row, but for a
 * transfer: the number is unchanged. Adding comes from no state (state_can_be_added); undo takes its steps
 * from the history.
 */
static const struct transition transitions[] = {
	{VERB_ASSIGN, AVAILABLE, ASSIGNED, NEED_NOTHING},
	{VERB_ASSIGN, RESERVED, ASSIGNED, NEED_ALLOW_RESERVED},
	{VERB_ASSIGN, ON_HOLD, ASSIGNED, NEED_OVERRIDE_HOLD}, /* the previous owner needs no override */
	{VERB_ASSIGN, ASSIGNED, ASSIGNED, NEED_TRANSFER},

	{VERB_RELEASE, ASSIGNED | BLOCKED, AVAILABLE | ON_HOLD | RESERVED | ARCHIVED, NEED_NOTHING},

	{VERB_MARK, ASSIGNED, BLOCKED, NEED_NOTHING},
	{VERB_MARK, BLOCKED, ASSIGNED, NEED_NOTHING},
	{VERB_MARK, AVAILABLE, RESERVED | ARCHIVED, NEED_NOTHING},
	{VERB_MARK, RESERVED, AVAILABLE | ARCHIVED, NEED_NOTHING},
	{VERB_MARK, ARCHIVED, AVAILABLE | RESERVED, NEED_NOTHING},
	{VERB_MARK, AVAILABLE | RESERVED, ON_HOLD, NEED_HOLD_DATE},
	{VERB_MARK, ON_HOLD, AVAILABLE | RESERVED | ARCHIVED, NEED_OVERRIDE_HOLD},
	{VERB_MARK, ASSIGNED | AVAILABLE | RESERVED | BLOCKED | ON_HOLD, PORTED, NEED_NOTHING},
	{VERB_MARK, PORTED, ARCHIVED, NEED_NOTHING},

	{VERB_REQUEST, AVAILABLE, PENDING, NEED_NOTHING},
	{VERB_APPROVE, PENDING, ASSIGNED, NEED_NOTHING},
	{VERB_REJECT, PENDING, AVAILABLE, NEED_NOTHING},

	{VERB_SWEEP, PENDING, AVAILABLE, NEED_DUE},
	{VERB_SWEEP, ON_HOLD, AVAILABLE | RESERVED | ARCHIVED, NEED_DUE},

	{VERB_PORT_COMPLETE, PORTED, ASSIGNED | AVAILABLE, NEED_NOTHING},
};

const struct transition *transition_find(enum verb verb, enum did_state from, enum did_state to)
{
	for (size_t i = 0; i < ARRAY_SIZE(transitions); i++) {
		const struct transition *t = &transitions[i];

		if (t->verb == verb && (t->from & STATE_BIT(from)) && (t->to & STATE_BIT(to)))
			return t;
	}
	return NULL;
}

void transition_verbs(struct buf *out, enum did_state from)
{
	uint64_t named = 0;
	const char *between = "";

	for (size_t i = 0; i < ARRAY_SIZE(transitions); i++) {
		const struct transition *t = &transitions[i];

		if (!(t->from & STATE_BIT(from)) || (named & UINT64_C(1) << t->verb))
			continue;
		named |= UINT64_C(1) << t->verb;
		buf_puts(out, between);
		buf_puts(out, verb_info[t->verb].name);
		between = ", ";
	}
}
