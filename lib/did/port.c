#include "did/port.h"

#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/zone.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

const char *const port_state_names[] = {
	[PORT_DRAFT] = "draft",		[PORT_SUBMITTED] = "submitted", [PORT_ACKNOWLEDGED] = "acknowledged",
	[PORT_FOC_SET] = "foc-set",	[PORT_EXCEPTION] = "exception", [PORT_COMPLETED] = "completed",
	[PORT_CANCELLED] = "cancelled", [PORT_STATES] = NULL,
};

const char *const port_number_names[] = {
	[PORT_NUMBER_PENDING] = "pending",
	[PORT_NUMBER_REJECTED] = "rejected",
	[PORT_NUMBER_FAILED] = "failed",
	[PORT_NUMBER_COMPLETED] = "completed",
	NULL,
};

const char *const port_types[] = {"wireline", "wireless", "toll-free", NULL};
const char *const port_document_kinds[] = {"loa", "bill", "csr", NULL};

const struct column port_columns[PORT_FIELDS] = {
	[PORT_STATE] = {"state", "State", "How far the order is", COL_ID},
	[PORT_ORG_ID] = {"org_id", "Organisation ID", "Identifier of who the numbers are for", COL_ID},
	[PORT_LOSING_CARRIER] = {"losing_carrier", "Losing carrier", "Carrier that the numbers leave", COL_TEXT},
	[PORT_TYPE] = {"type", "Type", "Kind of the numbers: wireline, wireless or toll-free", COL_ID},
	[PORT_ACCOUNT] = {"account", "Account", "Account number at the losing carrier", COL_ID},
	[PORT_PIN] = {"pin", "PIN", "Whether the account's PIN is known; never the PIN itself", COL_TEXT},
	[PORT_BTN] = {"btn", "BTN", "Billing telephone number of the account", COL_NUMBER},
	[PORT_AUTHORISED_NAME] = {"authorised_name", "Authorised name", "Who may sign for the account", COL_TEXT},
	[PORT_SERVICE_ADDRESS] = {"service_address", "Service address", "Where the losing carrier serves it", COL_TEXT},
	[PORT_CONTACT] = {"contact", "Contact", "Whom to ask about the order", COL_TEXT},
	[PORT_REQUESTED_FOC] = {"requested_foc", "Requested FOC", "Date that was asked for", COL_DATE},
	[PORT_REQUESTED_TIME] = {"requested_time", "Requested time", "Time of that day, in the requested zone", COL_ID},
	[PORT_REQUESTED_ZONE] = {"requested_zone", "Requested zone", "Time zone of that day; UTC where none is named",
				 COL_ID},
	[PORT_ACTUAL_FOC] = {"actual_foc", "Actual FOC", "Date that the losing carrier has committed to", COL_DATE},
	[PORT_FOC_TIME] = {"foc_time", "FOC time", "Time of that day, in the FOC zone", COL_ID},
	[PORT_FOC_ZONE] = {"foc_zone", "FOC zone", "Time zone of that day; UTC where none is named", COL_ID},
	[PORT_CODE] = {"code", "Code", "Code of the last exception, or undone where a completion was", COL_ID},
	[PORT_REASON] = {"reason", "Reason", "Reason of that", COL_TEXT},
	[PORT_ENV] = {"env", "Env", "Environment that the numbers get", COL_ID},
	[PORT_ROUTE] = {"route", "Route", "Route that the numbers get", COL_TEXT},
	[PORT_CNAM] = {"cnam", "CNAM", "Caller name that the numbers get", COL_TEXT},
	[PORT_LOCATION] = {"location", "Location", "Emergency location that the numbers get", COL_ID},
	[PORT_SUBMITTED_AT] = {"submitted_at", "Submitted", "When it was last submitted", COL_TIME},
	[PORT_SERIAL] = {"port", "Port", "Name of the order: its serial number", COL_ID},
	[PORT_ORG] = {"org", "Organisation", "Name of who the numbers are for", COL_TEXT},
	[PORT_COUNT] = {"count", "Count", "How many numbers it has", COL_COUNT},
	[PORT_CREATED_AT] = {"created_at", "Created", "When it was made", COL_TIME},
	[PORT_UPDATED_AT] = {"updated_at", "Updated", "When something last happened to it", COL_TIME},
};

const struct column port_number_columns[PORT_NUMBER_FIELDS] = {
	[PORT_NUMBER_FIRST] = {"first", "First", "First number of a range", COL_NUMBER},
	[PORT_NUMBER_LAST] = {"last", "Last", "Last number of the range", COL_NUMBER},
	[PORT_NUMBER_COUNT] = {"count", "Count", "How many numbers it has", COL_COUNT},
	[PORT_NUMBER_STATUS] = {"status", "Status", "pending, rejected, failed or completed", COL_ID},
	[PORT_NUMBER_REASON] = {"reason", "Reason", "Why it was rejected or failed", COL_TEXT},
};

const struct column port_document_columns[PORT_DOCUMENT_FIELDS] = {
	[PORT_DOCUMENT_K] = {"document", "Document", "Its number within the order", COL_ID},
	[PORT_DOCUMENT_KIND] = {"kind", "Kind", "loa, bill or csr", COL_ID},
	[PORT_DOCUMENT_NAME] = {"name", "Name", "Name of its file", COL_TEXT},
	[PORT_DOCUMENT_TYPE] = {"type", "Type", "What its content is", COL_ID},
	[PORT_DOCUMENT_SIZE] = {"size", "Size", "Bytes", COL_COUNT},
	[PORT_DOCUMENT_SHA256] = {"sha256", "SHA-256", "Hash of its bytes", COL_ID},
	[PORT_DOCUMENT_AT] = {"at", "At", "When it was added", COL_TIME},
	[PORT_DOCUMENT_ID] = {"id", "ID", "Identifier of its bytes", COL_ID},
};

const struct column port_event_columns[PORT_EVENT_FIELDS] = {
	[PORT_EVENT_AT] = {"at", "At", "When it happened", COL_TIME},
	[PORT_EVENT_ACTOR] = {"actor", "Actor", "Who did it", COL_TEXT},
	[PORT_EVENT_VERB] = {"verb", "Verb", "What was done", COL_TEXT},
	[PORT_EVENT_FROM] = {"from", "From", "State before", COL_ID},
	[PORT_EVENT_TO] = {"to", "To", "State after", COL_ID},
	[PORT_EVENT_NOTE] = {"note", "Note", "What was said about it", COL_TEXT},
	[PORT_EVENT_PUBLIC] = {"public", "Public", "Whether others may be told the note", COL_BOOL},
	[PORT_EVENT_CHANGE_ID] = {"change_id", "Change", "Change that did it", COL_ID},
	[PORT_EVENT_SERIAL] = {"port", "Port", "Name of the order", COL_ID},
};

const struct column port_mail_columns[PORT_MAIL_FIELDS] = {
	[PORT_MAIL_RECIPIENT] = {"to", "Mail to", "Address that is told", COL_TEXT},
	[PORT_MAIL_SUBJECT] = {"subject", "Subject", "Subject of the message", COL_TEXT},
	[PORT_MAIL_STATE] = {"state", "State", "sent, waiting or failed", COL_ID},
	[PORT_MAIL_AT] = {"at", "At", "When it was written", COL_TIME},
	[PORT_MAIL_SENT_AT] = {"sent_at", "Sent at", "When a server took it", COL_TIME},
	[PORT_MAIL_NEXT_ATTEMPT] = {"next_attempt", "Next attempt", "When it is tried again", COL_TIME},
	[PORT_MAIL_ATTEMPTS] = {"attempts", "Attempts", "How often it was tried", COL_COUNT},
	[PORT_MAIL_REASON] = {"reason", "Reason", "Why it is not sent", COL_TEXT},
};

static int find(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

int port_state_find(const char *name)
{
	return find(port_state_names, name);
}

bool port_is_told(enum port_field field)
{
	return field >= PORT_LOSING_CARRIER && field <= PORT_REQUESTED_ZONE;
}

#define DRAFT	     PORT_BIT(PORT_DRAFT)
#define SUBMITTED    PORT_BIT(PORT_SUBMITTED)
#define ACKNOWLEDGED PORT_BIT(PORT_ACKNOWLEDGED)
#define FOC_SET	     PORT_BIT(PORT_FOC_SET)
#define EXCEPTION    PORT_BIT(PORT_EXCEPTION)

static const struct port_transition transitions[] = {
	{VERB_PORT_EDIT, PORT_OPEN, PORT_STAYS},
	{VERB_PORT_ATTACH, PORT_OPEN, PORT_STAYS},
	{VERB_PORT_DOCUMENT, PORT_OPEN, PORT_STAYS},
	{VERB_PORT_SUBMIT, DRAFT | EXCEPTION, PORT_SUBMITTED},
	{VERB_PORT_ACK, SUBMITTED, PORT_ACKNOWLEDGED},
	{VERB_PORT_FOC, ACKNOWLEDGED | FOC_SET, PORT_FOC_SET},
	{VERB_PORT_REJECT, SUBMITTED | ACKNOWLEDGED | FOC_SET, PORT_EXCEPTION},
	{VERB_PORT_COMPLETE, FOC_SET, PORT_COMPLETED},
	{VERB_PORT_CANCEL, PORT_OPEN, PORT_CANCELLED},
};

const struct port_transition *port_transition_find(enum verb verb, enum port_state from)
{
	for (size_t i = 0; i < ARRAY_SIZE(transitions); i++)
		if (transitions[i].verb == verb && (transitions[i].from & PORT_BIT(from)))
			return &transitions[i];
	return NULL;
}

void port_transition_verbs(struct buf *out, enum port_state from)
{
	const char *between = "";

	for (size_t i = 0; i < ARRAY_SIZE(transitions); i++) {
		if (!(transitions[i].from & PORT_BIT(from)))
			continue;
		buf_printf(out, "%s%s", between, verb_info[transitions[i].verb].name);
		between = ", ";
	}
}

bool port_may_undo(enum port_state from, enum port_state to)
{
	return from == to || from == PORT_COMPLETED || to == PORT_COMPLETED;
}

/* ---- completeness */

static const struct {
	enum port_field field;
	const char *what;
} wanted[] = {
	{PORT_LOSING_CARRIER, "losing carrier (--losing-carrier)"},
	{PORT_ACCOUNT, "account number (--account)"},
	{PORT_BTN, "billing telephone number (--btn)"},
	{PORT_AUTHORISED_NAME, "authorised name (--authorised-name)"},
	{PORT_SERVICE_ADDRESS, "service address (--service-address)"},
	{PORT_TYPE, "type (--type)"},
};

static bool has_document(const char *documents, const char *kind)
{
	size_t len = strlen(kind);

	for (const char *line = documents; line && *line; line = *line ? line + 1 : line) {
		const char *word = line + strcspn(line, "\t\n");

		if (*word == '\t' && strncmp(word + 1, kind, len) == 0 && word[1 + len] == '\t')
			return true;
		line += strcspn(line, "\n");
	}
	return false;
}

void port_missing(struct strlist *out, const char *const value[PORT_OWN_FIELDS], const char *documents)
{
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!value[wanted[i].field])
			strlist_add(out, wanted[i].what);
	if (!has_document(documents, "loa"))
		strlist_add(out, "signed letter of authorisation (didctl port document N FILE --kind loa)");
}

/* ---- days and times */

static bool is_holiday(int64_t day, const char *holidays)
{
	char date[CLOCK_TEXT];

	clock_format(day * DAY_MS, date);
	for (const char *at = holidays; at && *at; at += *at == ',') {
		size_t len = strcspn(at, ",");

		if (len == 10 && memcmp(at, date, len) == 0)
			return true;
		at += len;
	}
	return false;
}

/* 1970-01-01 was a Thursday. */
static bool is_business_day(int64_t day, const char *holidays)
{
	int weekday = (int)((day + 4) % 7);

	return weekday != 0 && weekday != 6 && !is_holiday(day, holidays);
}

int64_t port_ack_due_ms(int64_t submitted_ms, const char *holidays)
{
	int64_t day = submitted_ms / DAY_MS;

	for (int left = PORT_ACK_DAYS; left > 0;)
		left -= is_business_day(++day, holidays);
	return (day + 1) * DAY_MS;
}

int port_parse_time(const char *text)
{
	int hour, minute;

	if (strlen(text) != 5 || text[2] != ':' || !isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]) ||
	    !isdigit((unsigned char)text[3]) || !isdigit((unsigned char)text[4]))
		return -1;
	hour = (text[0] - '0') * 10 + text[1] - '0';
	minute = (text[3] - '0') * 10 + text[4] - '0';
	return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

static int foc_at(int64_t *ms, const char *date, int minute, const char *zone, struct err *err)
{
	int64_t day;
	int rc = clock_parse_date(&day, date, err);

	return rc ? rc : zone_to_utc(ms, day, minute, zone ? zone : "UTC", err);
}

static int bad_time(const char *time, struct err *err)
{
	char shown[TEXT_SHOWN];

	return err_set(err, ERR_USAGE, "'%s' is no time of day such as 09:30", text_show(shown, time, strlen(time)));
}

int port_foc_ms(int64_t *ms, const char *date, const char *time, const char *zone, struct err *err)
{
	int minute = time ? port_parse_time(time) : 0;

	return minute < 0 ? bad_time(time, err) : foc_at(ms, date, minute, zone, err);
}

int port_foc_end_ms(int64_t *ms, const char *date, const char *time, const char *zone, struct err *err)
{
	return time ? port_foc_ms(ms, date, time, zone, err) : foc_at(ms, date, 24 * 60, zone, err);
}

bool port_is_near(int64_t foc_ms, int64_t now_ms)
{
	return foc_ms - now_ms < PORT_NEAR_MS;
}

/* ---- documents */

const char *port_document_type(const unsigned char *bytes, size_t len)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *type;
	} types[] = {
		{"%PDF-", 5, "application/pdf"},   {"\x89PNG\r\n\x1a\n", 8, "image/png"}, {"\xff\xd8\xff", 3, "image/jpeg"},
		{"II*\0", 4, "image/tiff"},	   {"MM\0*", 4, "image/tiff"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (len >= types[i].len && memcmp(bytes, types[i].magic, types[i].len) == 0)
			return types[i].type;
	return NULL;
}
