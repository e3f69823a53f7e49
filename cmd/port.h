/* didctl port: its commands, and what they share. */
#ifndef DIDCTL_CMD_PORT_H
#define DIDCTL_CMD_PORT_H

#include "cmd/common.h"
#include "did/port.h"

extern const struct command port_ack, port_attach, port_cancel, port_complete, port_document, port_due, port_edit,
	port_foc, port_list, port_loa, port_new, port_reject, port_show, port_submit, port_sweep;

#define ONE_PORT                                                                                                       \
	{.metavar = "N", .help = "the order: its serial number", .min = 1, .max = 1, .complete = COMPLETE_PORT,        \
	 .listed_by = "didctl port list"}

#define NOTE_OPTIONS(S)                                                                                                \
	{.name = "note", OPT_STRING(struct S, note), .metavar = "TEXT", .help = "a note for the time line"},           \
	{.name = "public", OPT_FLAG(struct S, is_public),                                                              \
	 .help = "the note is for others too: mail to the organisation has it"}

/* Reads N, a serial number, into one text of all its spellings. ERR_USAGE. */
int port_read_serial(struct context *ctx, const char *word, const char **out);

/* Reads --note, and refuses --public without one. */
int port_read_note(struct context *ctx, struct port_request *request, const char *note, bool is_public);

/* A request about the order that the first operand names, and its change, which points at it. */
int port_begin(struct context *ctx, struct change *change, struct port_request *request, enum verb verb);

/* A point in time as it was written, and the names of the three arguments that it is made of; time, zone may be NULL. */
struct port_time {
	const char *date, *time, *zone;
	const char *date_name, *time_name, *zone_name;
};

/* Whether there is such a point in time. ERR_USAGE, with the name of the argument that is wrong. */
int port_check_time(struct context *ctx, const struct port_time *when);

void port_put(struct port_request *request, enum port_field field, const char *value);

/* Orders as rows: the values by enum port_field, in the arena. */
struct port_row {
	struct value v[PORT_FIELDS];
};
struct port_rows {
	struct port_row *at;
	size_t n, cap;
};
int port_load_rows(struct context *ctx, struct query *query, struct port_rows *out); /* fills listing and columns */
void port_rows_release(struct port_rows *rows);

/* What waits for somebody in an order now: nothing, an acknowledgement that is late, or a commitment that is due. */
enum port_due { PORT_DUE_NOTHING, PORT_DUE_ACK, PORT_DUE_FOC };
enum port_due port_due_of(const struct port_row *row, const char *holidays, int64_t now_ms, int64_t *due_ms);

/* The one order that the word names, with its numbers, documents, events and mail. ERR_ABSENT. */
struct port_sheet {
	struct port_rows order; /* one row */
	struct value (*numbers)[PORT_NUMBER_FIELDS], (*documents)[PORT_DOCUMENT_FIELDS], (*events)[PORT_EVENT_FIELDS],
		(*mail)[PORT_MAIL_FIELDS];
	size_t nnumbers, numbers_cap, ndocuments, documents_cap, nevents, events_cap, nmail, mail_cap;
};
int port_sheet_load(struct context *ctx, const char *serial, struct port_sheet *out);
void port_sheet_release(struct port_sheet *sheet);

/*
 * The events of all orders that a number is or was on (pool show); none where the target keeps no orders. e164: digits of
 * its key, or NULL. Then as a table behind an empty line, and as a JSON array.
 */
int port_events_load(struct context *ctx, const char *e164, struct port_sheet *out);
int port_events_print(struct context *ctx, const struct port_sheet *sheet);
struct value port_events_json(struct context *ctx, const struct port_sheet *sheet);

#endif
