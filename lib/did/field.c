#include "did/field.h"

#include <bsd/string.h>
#include <ctype.h>
#include <string.h>

const struct column did_columns[DID_FIELDS] = {
	[DID_ID] = {"id", "ID", "Identifier of the row", COL_ID},
	[DID_NUMBER] = {"number", "Number", "The number as it is stored", COL_NUMBER},
	[DID_E164] = {"e164", "E.164", "The key: E.164 digits without +", COL_NUMBER},
	[DID_NATIONAL] = {"national", "National", "The number as written inside its country", COL_NUMBER},
	[DID_STATE] = {"state", "State", "Where the number is in its life", COL_ID},
	[DID_POOL_STATUS] = {"pool_status", "Pool status", "The PBX's own column pool_status", COL_ID},
	[DID_STATUS] = {"status", "Status", "The PBX's own column status", COL_ID},
	[DID_ORG] = {"org", "Organisation", "Name of who holds it or asks for it", COL_TEXT},
	[DID_ORG_ID] = {"org_id", "Organisation ID", "Identifier of that organisation", COL_ID},
	[DID_PREVIOUS_ORG] = {"previous_org", "Previous org", "Name of the last owner", COL_TEXT},
	[DID_ENV] = {"env", "Env", "What routes it: prod, staging or oss", COL_ID},
	[DID_DEFAULT] = {"default", "Default", "Whether it is the default caller ID", COL_BOOL},
	[DID_ROUTE_TYPE] = {"route_type", "Route type", "Kind of destination of inbound calls", COL_TEXT},
	[DID_ROUTE_DEST] = {"route_dest", "Route destination", "Which destination of that kind", COL_TEXT},
	[DID_ROUTE] = {"route", "Route", "Destination of inbound calls as TYPE:DEST", COL_TEXT},
	[DID_RECORDING] = {"recording", "Recording", "Whether inbound calls are recorded", COL_BOOL},
	[DID_TRUNK_ID] = {"trunk_id", "Trunk ID", "Identifier of the trunk that it comes in on", COL_ID},
	[DID_PROVIDER] = {"provider", "Provider", "Who the number was bought from", COL_TEXT},
	[DID_OPERATOR] = {"operator", "Operator", "Operator that the number belongs to", COL_TEXT},
	[DID_CARRIER] = {"carrier", "Carrier", "Carrier of its outbound calls", COL_TEXT},
	[DID_REGION] = {"region", "Region", "Region that the number is sold in", COL_TEXT},
	[DID_CITY] = {"city", "City", "City that the number is sold in", COL_TEXT},
	[DID_STATE_CODE] = {"state_code", "State code", "State or province, two letters", COL_TEXT},
	[DID_RATE_CENTER] = {"rate_center", "Rate centre", "Rate centre, North America", COL_TEXT},
	[DID_AREA_CODE] = {"area_code", "Area code", "NPA of a North American number", COL_ID},
	[DID_NXX] = {"nxx", "NXX", "Exchange of a North American number", COL_ID},
	[DID_TOLL_FREE] = {"toll_free", "Toll-free", "Whether calls to it are free", COL_BOOL},
	[DID_PRICE] = {"price", "Price", "Price for a month", COL_PRICE},
	[DID_SETUP_FEE] = {"setup_fee", "Setup fee", "Price that is paid once", COL_PRICE},
	[DID_MINUTE_RATE] = {"minute_rate", "Minute rate", "Price for a minute", COL_PRICE},
	[DID_PACKAGE] = {"package", "Package", "Package that the number is held under", COL_TEXT},
	[DID_CNAM] = {"cnam", "CNAM", "Name that the called party sees", COL_TEXT},
	[DID_CNAM_SOURCE] = {"cnam_source", "CNAM source", "Where that name comes from", COL_ID},
	[DID_CNAM_STATUS] = {"cnam_status", "CNAM status", "How far the provider has taken it up", COL_ID},
	[DID_E911] = {"e911", "E911", "How far its emergency address is registered", COL_ID},
	[DID_LOCATION] = {"location", "Location", "Dispatchable location behind the number", COL_TEXT},
	[DID_TAGS] = {"tags", "Tags", "Words that the number was marked with", COL_LIST},
	[DID_NOTES] = {"notes", "Notes", "Free text about the number", COL_TEXT},
	[DID_LOCKED] = {"locked", "Locked", "Whether it refuses to be released or deleted", COL_BOOL},
	[DID_HOLD_UNTIL] = {"hold_until", "Hold until", "When the number's cooling down ends", COL_TIME},
	[DID_AFTER_HOLD] = {"after_hold", "After hold", "State that it takes after cooling down", COL_ID},
	[DID_REQUESTED_AT] = {"requested_at", "Requested", "When the organisation asked for it", COL_TIME},
	[DID_UPDATED_AT] = {"updated_at", "Updated", "When didctl last changed it", COL_TIME},
	[DID_HOLD_DAYS] = {"hold_days", "Hold days", "Days that it cools down after a release", COL_COUNT},
	[DID_PREVIOUS_ORG_ID] = {"previous_org_id", "Previous org ID", "Identifier of that owner", COL_ID},
	[DID_CNAM_SINCE] = {"cnam_since", "CNAM since", "Since when the CNAM has the status that it has", COL_TIME},
	[DID_CNAM_NOTE] = {"cnam_note", "CNAM note", "What the CNAM provider said", COL_TEXT},
	[DID_E911_SINCE] = {"e911_since", "E911 since", "Since when the emergency address has its status", COL_TIME},
	[DID_E911_NOTE] = {"e911_note", "E911 note", "What the E911 provider said", COL_TEXT},
	[DID_E911_CANDIDATES] = {"e911_candidates", "E911 candidates",
				 "Addresses that the E911 provider offers instead", COL_TEXT},
	[DID_ADDRESS] = {"address", "Address", "The dispatchable location in a line", COL_TEXT},
};

const enum field_home did_field_home[DID_FIELDS] = {
	[DID_ID] = HOME_KEY,
	[DID_NUMBER] = HOME_KEY,

	[DID_POOL_STATUS] = HOME_BASE,
	[DID_STATUS] = HOME_BASE,
	[DID_ORG_ID] = HOME_BASE,
	[DID_ENV] = HOME_BASE,
	[DID_DEFAULT] = HOME_BASE,
	[DID_ROUTE_TYPE] = HOME_BASE,
	[DID_ROUTE_DEST] = HOME_BASE,
	[DID_RECORDING] = HOME_BASE,
	[DID_TRUNK_ID] = HOME_BASE,
	[DID_PROVIDER] = HOME_BASE,
	[DID_REGION] = HOME_BASE,
	[DID_PRICE] = HOME_BASE,

	[DID_OPERATOR] = HOME_DETAIL,
	[DID_CARRIER] = HOME_DETAIL,
	[DID_CITY] = HOME_DETAIL,
	[DID_STATE_CODE] = HOME_DETAIL,
	[DID_RATE_CENTER] = HOME_DETAIL,
	[DID_SETUP_FEE] = HOME_DETAIL,
	[DID_MINUTE_RATE] = HOME_DETAIL,
	[DID_PACKAGE] = HOME_DETAIL,
	[DID_CNAM] = HOME_DETAIL,
	[DID_CNAM_STATUS] = HOME_DETAIL,
	[DID_E911] = HOME_DETAIL,
	[DID_LOCATION] = HOME_DETAIL,
	[DID_TAGS] = HOME_DETAIL,
	[DID_NOTES] = HOME_DETAIL,
	[DID_LOCKED] = HOME_DETAIL,
	[DID_HOLD_UNTIL] = HOME_DETAIL,
	[DID_AFTER_HOLD] = HOME_DETAIL,
	[DID_REQUESTED_AT] = HOME_DETAIL,
	[DID_HOLD_DAYS] = HOME_DETAIL,
	[DID_PREVIOUS_ORG_ID] = HOME_DETAIL,
	[DID_CNAM_SINCE] = HOME_DETAIL,
	[DID_CNAM_NOTE] = HOME_DETAIL,
	[DID_E911_SINCE] = HOME_DETAIL,
	[DID_E911_NOTE] = HOME_DETAIL,
	[DID_E911_CANDIDATES] = HOME_DETAIL,

	[DID_E164] = HOME_DERIVED,
	[DID_NATIONAL] = HOME_DERIVED,
	[DID_STATE] = HOME_DERIVED,
	[DID_ORG] = HOME_DERIVED,
	[DID_PREVIOUS_ORG] = HOME_DERIVED,
	[DID_ROUTE] = HOME_DERIVED,
	[DID_AREA_CODE] = HOME_DERIVED,
	[DID_NXX] = HOME_DERIVED,
	[DID_TOLL_FREE] = HOME_DERIVED,
	[DID_CNAM_SOURCE] = HOME_DERIVED,
	[DID_UPDATED_AT] = HOME_DERIVED,
	[DID_ADDRESS] = HOME_DERIVED,
};

const struct column org_columns[ORG_FIELDS] = {
	[ORG_ID] = {"id", "ID", "Identifier of the organisation", COL_ID},
	[ORG_NAME] = {"name", "Name", "Name of the organisation", COL_TEXT},
	[ORG_CONTEXT_PREFIX] = {"context_prefix", "Context prefix", "Start of its contexts' names", COL_TEXT},
	[ORG_UNROUTED] = {"unrouted", "Unrouted", "What calls to its numbers without a route get", COL_TEXT},
	[ORG_MAIL] = {"mail", "Mail", "Addresses that are told what becomes of its ports", COL_TEXT},
	[ORG_NUMBERS] = {"numbers", "Numbers", "How many numbers it holds", COL_COUNT},
	[ORG_DEFAULT] = {"default", "Default caller ID", "Number that its calls show", COL_NUMBER},
	[ORG_CNAM] = {"cnam", "CNAM", "Name that its calls show where a number has none of its own", COL_TEXT},
};

const struct column user_columns[USER_FIELDS] = {
	[USER_ID] = {"id", "ID", "Identifier of the user", COL_ID},
	[USER_NAME] = {"name", "Name", "Name of the user", COL_TEXT},
	[USER_ORG] = {"org", "Organisation", "Name of the user's organisation", COL_TEXT},
	[USER_ORG_ID] = {"org_id", "Organisation ID", "Identifier of that organisation", COL_ID},
	[USER_OUTBOUND_DID] = {"outbound_did", "Outbound number", "Number that calls show", COL_NUMBER},
};

const struct column location_columns[LOCATION_FIELDS] = {
	[LOCATION_ID] = {"id", "ID", "Identifier of the location", COL_ID},
	[LOCATION_LABEL] = {"label", "Label", "What people call it", COL_TEXT},
	[LOCATION_ORG_ID] = {"org_id", "Organisation ID", "Identifier of the organisation that it is of", COL_ID},
	[LOCATION_COUNTRY] = {"country", "Country", "US or CA", COL_ID},
	[LOCATION_STREET] = {"street", "Street", "House number and street", COL_TEXT},
	[LOCATION_UNIT] = {"unit", "Unit", "Suite, apartment or other unit", COL_TEXT},
	[LOCATION_BUILDING] = {"building", "Building", "Which of several buildings", COL_TEXT},
	[LOCATION_FLOOR] = {"floor", "Floor", "Floor or storey", COL_TEXT},
	[LOCATION_ROOM] = {"room", "Room", "Room on that floor", COL_TEXT},
	[LOCATION_CITY] = {"city", "City", "City or community", COL_TEXT},
	[LOCATION_STATE_CODE] = {"state_code", "State code", "State or province, two letters", COL_ID},
	[LOCATION_ZIP] = {"zip", "ZIP", "ZIP or postal code", COL_TEXT},
	[LOCATION_CONTACT] = {"contact", "Contact", "Who lets the responders in", COL_TEXT},
	[LOCATION_CIVIC] = {"civic", "Civic elements", "Elements of RFC 5139 beside these, joined by semicolons", COL_TEXT},
	[LOCATION_ORG] = {"org", "Organisation", "Name of the organisation that it is of", COL_TEXT},
	[LOCATION_ADDRESS] = {"address", "Address", "All of it in a line", COL_TEXT},
	[LOCATION_NUMBERS] = {"numbers", "Numbers", "How many numbers are registered or to be registered there", COL_COUNT},
};

const struct column change_columns[CHANGE_FIELDS] = {
	[CHANGE_ID] = {"change_id", "Change", "Identifier of the change", COL_ID},
	[CHANGE_AT] = {"at", "At", "When it was made", COL_TIME},
	[CHANGE_ACTOR] = {"actor", "Actor", "Who made it", COL_TEXT},
	[CHANGE_VERB] = {"verb", "Verb", "What was done", COL_TEXT},
	[CHANGE_COUNT] = {"count", "Count", "How many numbers it changed", COL_COUNT},
	[CHANGE_NUMBERS] = {"numbers", "Numbers", "Which numbers it changed", COL_NUMBER},
	[CHANGE_REASON] = {"reason", "Reason", "Why, in the words of who made it", COL_TEXT},
	[CHANGE_UNDO_OF] = {"undo_of", "Undo of", "Change that this one took back", COL_ID},
	[CHANGE_HOST] = {"host", "Host", "Machine that it was made on", COL_TEXT},
	[CHANGE_PROGRESS] = {"progress", "Progress", "Of a change in pieces, or broken off through an API: how many of its numbers are done", COL_TEXT},
	[CHANGE_PORT] = {"port", "Port", "Port order that it is about", COL_ID},
};

const struct column event_columns[EVENT_FIELDS] = {
	[EVENT_NUMBER] = {"number", "Number", "The number as it was stored", COL_NUMBER},
	[EVENT_AT] = {"at", "At", "When it was changed", COL_TIME},
	[EVENT_ACTOR] = {"actor", "Actor", "Who changed it", COL_TEXT},
	[EVENT_VERB] = {"verb", "Verb", "What was done", COL_TEXT},
	[EVENT_BEFORE] = {"before", "Before", "Columns that changed, with what they held", COL_OBJECT},
	[EVENT_AFTER] = {"after", "After", "Columns that changed, with what they hold since", COL_OBJECT},
	[EVENT_CHANGE_ID] = {"change_id", "Change", "Change that did it", COL_ID},
};

int column_find(const struct column *columns, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(columns[i].key, key) == 0)
			return (int)i;
	return -1;
}

const char *column_phrase(const struct column *column, char out[COLUMN_PHRASE])
{
	strlcpy(out, column->heading, COLUMN_PHRASE);
	if (islower((unsigned char)out[1]))
		out[0] = (char)tolower((unsigned char)out[0]);
	return out;
}
