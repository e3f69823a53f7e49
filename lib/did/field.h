/* The columns of every listing, as tables: did_columns for numbers, and one for each other kind of object. */
#ifndef DIDCTL_FIELD_H
#define DIDCTL_FIELD_H

#include <stdbool.h>

#include "base/value.h"

/* Columns of a number: the contract's keys (cli.md), in its order, then ours. */
enum did_field {
	DID_ID, DID_NUMBER, DID_E164, DID_NATIONAL, DID_STATE, DID_POOL_STATUS, DID_STATUS, DID_ORG,
	DID_ORG_ID, DID_PREVIOUS_ORG, DID_ENV, DID_DEFAULT, DID_ROUTE_TYPE, DID_ROUTE_DEST, DID_ROUTE,
	DID_RECORDING, DID_TRUNK_ID, DID_PROVIDER, DID_OPERATOR, DID_CARRIER, DID_REGION, DID_CITY,
	DID_STATE_CODE, DID_RATE_CENTER, DID_AREA_CODE, DID_NXX, DID_TOLL_FREE, DID_PRICE, DID_SETUP_FEE,
	DID_MINUTE_RATE, DID_PACKAGE, DID_CNAM, DID_CNAM_SOURCE, DID_CNAM_STATUS, DID_E911, DID_LOCATION,
	DID_TAGS, DID_NOTES, DID_LOCKED, DID_HOLD_UNTIL, DID_AFTER_HOLD, DID_REQUESTED_AT, DID_UPDATED_AT,
	DID_HOLD_DAYS, DID_PREVIOUS_ORG_ID, DID_CNAM_SINCE, DID_CNAM_NOTE, DID_E911_SINCE, DID_E911_NOTE,
	DID_E911_CANDIDATES, DID_ADDRESS,
	DID_FIELDS,
};

/* Where a column's value comes from. */
enum field_home {
	HOME_BASE,    /* a column of did_numbers that a change may write */
	HOME_DETAIL,  /* a column of didctl_details that a change may write */
	HOME_KEY,     /* id and number: written only when a row is made */
	HOME_DERIVED, /* computed from the others */
};

extern const struct column did_columns[DID_FIELDS];
extern const enum field_home did_field_home[DID_FIELDS];
#define DID_DEFAULT_COLUMNS "number,state,org,env,default,route,provider,region,price"

enum org_field {
	ORG_ID, ORG_NAME, ORG_CONTEXT_PREFIX, ORG_UNROUTED, ORG_MAIL, ORG_NUMBERS, ORG_DEFAULT, ORG_CNAM,
	ORG_FIELDS,
};
extern const struct column org_columns[ORG_FIELDS];

enum user_field { USER_ID, USER_NAME, USER_ORG, USER_ORG_ID, USER_OUTBOUND_DID, USER_FIELDS };
extern const struct column user_columns[USER_FIELDS];

/* A dispatchable location: what is stored, in the order of object_keys[OBJECT_LOCATION], then what is derived. */
enum location_field {
	LOCATION_ID, LOCATION_LABEL, LOCATION_ORG_ID, LOCATION_COUNTRY, LOCATION_STREET, LOCATION_UNIT, LOCATION_BUILDING,
	LOCATION_FLOOR, LOCATION_ROOM, LOCATION_CITY, LOCATION_STATE_CODE, LOCATION_ZIP, LOCATION_CONTACT, LOCATION_CIVIC,
	LOCATION_ORG, LOCATION_ADDRESS, LOCATION_NUMBERS,
	LOCATION_FIELDS,
};
#define LOCATION_STORED LOCATION_ORG /* so many are stored */
extern const struct column location_columns[LOCATION_FIELDS];

enum change_field {
	CHANGE_ID, CHANGE_AT, CHANGE_ACTOR, CHANGE_VERB, CHANGE_COUNT, CHANGE_NUMBERS, CHANGE_REASON,
	CHANGE_UNDO_OF, CHANGE_HOST, CHANGE_PROGRESS, CHANGE_PORT,
	CHANGE_FIELDS,
};
extern const struct column change_columns[CHANGE_FIELDS];

enum event_field {
	EVENT_NUMBER, EVENT_AT, EVENT_ACTOR, EVENT_VERB, EVENT_BEFORE, EVENT_AFTER, EVENT_CHANGE_ID,
	EVENT_FIELDS,
};
extern const struct column event_columns[EVENT_FIELDS];

/* The column with this key, or -1. */
int column_find(const struct column *columns, size_t n, const char *key);

/* What a sentence calls a column: its heading, small where it is no abbreviation: "requested FOC", "BTN". */
#define COLUMN_PHRASE 32
const char *column_phrase(const struct column *column, char out[COLUMN_PHRASE]);

#endif
