#include "did/check.h"

#include <string.h>

#include "did/env.h"

const char *const severity_names[] = {[SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning"};

#define E SEVERITY_ERROR
#define W SEVERITY_WARNING
const struct check_info check_info[CHECK_COUNT] = {
	[CHECK_TABLES] = {"tables", E, SCOPE_TARGET, false,
			  "a table of the PBX is missing, is a view, or takes no part in transactions"},
	[CHECK_COLUMNS] = {"columns", E, SCOPE_TARGET, false,
			   "a column or a unique key is missing, or a column is of another type"},
	[CHECK_INTEGRITY] = {"integrity", E, SCOPE_TARGET, false, "the database file is damaged"},
	[CHECK_HISTORY] = {"history", E, SCOPE_HISTORY, false, "the history was altered behind didctl's back"},
	[CHECK_NUMBER] = {"number", E, SCOPE_ROWS, false, "what is stored as a number is no telephone number"},
	[CHECK_TWIN] = {"twin", E, SCOPE_ROWS, true, "one telephone number stands in more than one row"},
	[CHECK_STATE] = {"state", E, SCOPE_ROWS, true, "pool_status and status are a combination that no state has"},
	[CHECK_OWNER] = {"owner", E, SCOPE_ROWS, true, "a number in use has no owner, or one out of use has"},
	[CHECK_OWNER_MISSING] = {"owner-missing", E, SCOPE_ROWS, true,
				 "the owner of a number is no organisation that there is"},
	[CHECK_DEFAULT_STATE] = {"default-state", E, SCOPE_ROWS, true, "a default caller ID is not an assigned number"},
	[CHECK_TWO_DEFAULTS] = {"two-defaults", E, SCOPE_ROWS, true,
				"an organisation has more than one default caller ID"},
	[CHECK_OUTBOUND] = {"outbound", E, SCOPE_ROWS, true,
			    "a user's calls show a number that the user's organisation does not have in use"},
	[CHECK_SETUP] = {"setup", W, SCOPE_TARGET, false, "didctl's own tables are missing or of another version"},
	[CHECK_RIGHTS] = {"rights", W, SCOPE_TARGET, false, "the database user may not do all that a change needs"},
	[CHECK_SERVER] = {"server", W, SCOPE_TARGET, false, "a setting of the server breaks what a change promises"},
	[CHECK_CHARSET] = {"charset", W, SCOPE_TARGET, false, "a column cannot hold every name"},
	[CHECK_REPLAY] = {"replay", W, SCOPE_HISTORY, true,
			  "a number was changed outside didctl since its last change"},
	[CHECK_SPELLING] = {"spelling", W, SCOPE_ROWS, true,
			    "a number is stored in a spelling under which look-ups do not find it"},
	[CHECK_NO_DEFAULT] = {"no-default", W, SCOPE_ROWS, true,
			      "an organisation has numbers in use and no default caller ID"},
	[CHECK_CONTEXT] = {"context", W, SCOPE_ROWS, false,
			   "an organisation has numbers in use and no usable context prefix of its own"},
	[CHECK_ENV] = {"env", W, SCOPE_ROWS, false, "a number is of no environment that is known"},
	[CHECK_ENV_RANGE] = {"env-range", W, SCOPE_ROWS, false,
			     "a number is outside the range of its environment in the configuration"},
	[CHECK_ENV_OSS] = {"env-oss", W, SCOPE_ROWS, false,
			   "a number of environment oss is not wired by the prod dispatcher"},
	[CHECK_ROUTE] = {"route", W, SCOPE_ROWS, false, "the route of an assigned number leads nowhere"},
	[CHECK_LIVE] = {"live", W, SCOPE_TARGET, false, "calls were moved since regen last brought them to the switch"},
	[CHECK_PENDING] = {"pending", W, SCOPE_ROWS, false, "a request has waited too long for an answer"},
	[CHECK_HOLD] = {"hold", W, SCOPE_ROWS, false, "a hold is past its day"},
	[CHECK_PORT_LATE] = {"port-late", W, SCOPE_ROWS, false,
			     "the losing carrier has not acknowledged a port order in three business days"},
	[CHECK_PORT_DUE] = {"port-due", W, SCOPE_ROWS, false, "the FOC of a port order has come, and its numbers are not in"},
	[CHECK_E911] = {"e911", W, SCOPE_ROWS, false,
			"a number in use has no emergency address, or one that was refused or has waited for over an hour"},
	[CHECK_CNAM] = {"cnam", W, SCOPE_ROWS, false, "a CNAM was refused, or has waited for over 48 hours"},
	[CHECK_MAIL] = {"mail", W, SCOPE_TARGET, false, "mail waits in the outbox, or was given up"},
};

const char *const check_names[] = {
	[CHECK_TABLES] = "tables",
	[CHECK_COLUMNS] = "columns",
	[CHECK_INTEGRITY] = "integrity",
	[CHECK_HISTORY] = "history",
	[CHECK_NUMBER] = "number",
	[CHECK_TWIN] = "twin",
	[CHECK_STATE] = "state",
	[CHECK_OWNER] = "owner",
	[CHECK_OWNER_MISSING] = "owner-missing",
	[CHECK_DEFAULT_STATE] = "default-state",
	[CHECK_TWO_DEFAULTS] = "two-defaults",
	[CHECK_OUTBOUND] = "outbound",
	[CHECK_SETUP] = "setup",
	[CHECK_RIGHTS] = "rights",
	[CHECK_SERVER] = "server",
	[CHECK_CHARSET] = "charset",
	[CHECK_REPLAY] = "replay",
	[CHECK_SPELLING] = "spelling",
	[CHECK_NO_DEFAULT] = "no-default",
	[CHECK_CONTEXT] = "context",
	[CHECK_ENV] = "env",
	[CHECK_ENV_RANGE] = "env-range",
	[CHECK_ENV_OSS] = "env-oss",
	[CHECK_ROUTE] = "route",
	[CHECK_LIVE] = "live",
	[CHECK_PENDING] = "pending",
	[CHECK_HOLD] = "hold",
	[CHECK_PORT_LATE] = "port-late",
	[CHECK_PORT_DUE] = "port-due",
	[CHECK_MAIL] = "mail",
	[CHECK_E911] = "e911",
	[CHECK_CNAM] = "cnam",
	[CHECK_COUNT] = NULL,
};

int check_find(const char *name)
{
	for (int c = 0; c < CHECK_COUNT; c++)
		if (strcmp(check_names[c], name) == 0)
			return c;
	return -1;
}

uint64_t check_scope_mask(enum check_scope scope)
{
	uint64_t mask = 0;

	for (int c = 0; c < CHECK_COUNT; c++)
		if (check_info[c].scope == scope)
			mask |= CHECK_BIT(c);
	return mask;
}

/* In these a number is nobody's. */
static bool is_unowned(enum did_state state)
{
	return state == STATE_AVAILABLE || state == STATE_ARCHIVED || state == STATE_PORTED;
}

uint64_t check_broken(const struct record *r)
{
	enum did_state state = record_state(r);
	bool has_owner = r->v[DID_ORG_ID] != NULL;
	uint64_t broken = 0;

	if (state == STATE_UNKNOWN)
		broken |= CHECK_BIT(CHECK_STATE);
	if (state_info[state].is_held ? !has_owner : has_owner && is_unowned(state))
		broken |= CHECK_BIT(CHECK_OWNER);
	if (record_flag(r, DID_DEFAULT) && (state != STATE_ASSIGNED || !has_owner))
		broken |= CHECK_BIT(CHECK_DEFAULT_STATE);
	if (env_find(r->v[DID_ENV]) < 0)
		broken |= CHECK_BIT(CHECK_ENV);
	return broken;
}

static void say_value(struct buf *out, const char *value)
{
	if (value)
		buf_printf(out, "'%s'", value);
	else
		buf_puts(out, "empty");
}

void check_say(struct buf *out, enum check check, const struct record *r)
{
	const char *state = state_info[record_state(r)].name;

	switch (check) {
	case CHECK_STATE:
		buf_puts(out, "pool_status is ");
		say_value(out, r->v[DID_POOL_STATUS]);
		buf_puts(out, " and status ");
		say_value(out, r->v[DID_STATUS]);
		buf_puts(out, ", which no state has");
		break;
	case CHECK_OWNER:
		buf_printf(out, r->v[DID_ORG_ID] ? "is %s and has an owner" : "is %s and has no owner", state);
		break;
	case CHECK_DEFAULT_STATE:
		buf_printf(out, "is a default caller ID and %s%s", state, r->v[DID_ORG_ID] ? "" : " without an owner");
		break;
	default:
		buf_puts(out, "the environment is ");
		say_value(out, r->v[DID_ENV]);
		buf_puts(out, ", which is none of prod, staging and oss");
	}
}

uint64_t check_number(struct number *out, struct value stored, const struct country *country)
{
	char text[NUMBER_TEXT];

	if (!stored.s || !number_parse_stored(out, stored.s, stored.len, country))
		return CHECK_BIT(CHECK_NUMBER);
	for (unsigned k = 0; k < number_spellings(*out, country); k++)
		if (number_spell(*out, country, k, text) == stored.len && memcmp(text, stored.s, stored.len) == 0)
			return 0;
	return CHECK_BIT(CHECK_SPELLING);
}
