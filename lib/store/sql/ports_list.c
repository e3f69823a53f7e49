/* Listings of port orders, and of what belongs to one. */
#include "did/outgoing.h"
#include "did/port.h"
#include "store/sql/listing.h"

static void port_column(const struct sql_store *s, struct buf *out, int field)
{
	static const char *const columns[PORT_FIELDS] = {
		[PORT_PIN] = "CASE WHEN p.pin IS NULL THEN NULL ELSE '***' END", /* that there is one, and no more */
		[PORT_SERIAL] = "p.port",
		[PORT_ORG] = "COALESCE(o.name, p.org_id)",
		[PORT_COUNT] = "(SELECT SUM(n.last - n.first + 1) FROM didctl_port_numbers n WHERE n.port = p.port)",
		[PORT_CREATED_AT] = "(SELECT MIN(e.at) FROM didctl_port_events e WHERE e.port = p.port)",
		[PORT_UPDATED_AT] = "(SELECT MAX(e.at) FROM didctl_port_events e WHERE e.port = p.port)",
	};

	if (field == PORT_COUNT && sql_is_mysql(s))
		buf_puts(out, "(SELECT SUM(CAST(n.last AS UNSIGNED) - CAST(n.first AS UNSIGNED) + 1) FROM didctl_port_numbers n"
			      " WHERE n.port = p.port)");
	else if (columns[field])
		buf_puts(out, columns[field]);
	else
		buf_printf(out, "p.%s", port_columns[field].key);
}

static void and_equal(struct statement *st, const char *column, const char *value)
{
	if (!value)
		return;
	buf_printf(&st->text, " AND %s = ?", column);
	statement_param(st, value);
}

static void and_states(struct statement *st, unsigned states)
{
	const char *before = " AND p.state IN (?";

	for (int state = 0; state < PORT_STATES; state++) {
		if (!(states & PORT_BIT(state)))
			continue;
		buf_puts(&st->text, before);
		statement_param(st, port_state_names[state]);
		before = ", ?";
	}
	buf_puts(&st->text, states ? ")" : "");
}

/* Keys of one length sort as they count. */
static void and_number(const struct sql_store *s, struct statement *st, const char *number)
{
	const char *length = s->driver->dialect->length;

	if (!number)
		return;
	buf_printf(&st->text, " AND EXISTS (SELECT 1 FROM didctl_port_numbers n WHERE n.port = p.port AND n.first <= ?"
			      " AND n.last >= ? AND %s(n.first) = %s(?))", length, length);
	for (int i = 0; i < 3; i++)
		statement_param(st, number);
}

static void port_from(struct sql_store *s, const struct query *q, struct statement *st)
{
	buf_puts(&st->text, " FROM didctl_ports p");
	buf_puts(&st->text, s->has_orgs ? " LEFT JOIN organizations o ON o.id = p.org_id" :
					  " LEFT JOIN (SELECT NULL AS id, NULL AS name) o ON o.id = p.org_id");
	buf_puts(&st->text, " WHERE 1 = 1");
	and_equal(st, "p.port", q->port);
	and_equal(st, "p.org_id", q->org);
	and_states(st, q->port_states);
	and_number(s, st, q->number);
}

static void number_column(const struct sql_store *s, struct buf *out, int field)
{
	static const char *const columns[PORT_NUMBER_FIELDS] = {
		[PORT_NUMBER_FIRST] = "n.first",
		[PORT_NUMBER_LAST] = "n.last",
		[PORT_NUMBER_COUNT] = "n.last - n.first + 1",
		[PORT_NUMBER_STATUS] = "n.status",
		[PORT_NUMBER_REASON] = "n.reason",
	};

	if (field == PORT_NUMBER_COUNT && sql_is_mysql(s))
		buf_puts(out, "CAST(n.last AS UNSIGNED) - CAST(n.first AS UNSIGNED) + 1");
	else
		buf_puts(out, columns[field]);
}

static void number_from(struct sql_store *s, const struct query *q, struct statement *st)
{
	(void)s;
	buf_puts(&st->text, " FROM didctl_port_numbers n WHERE 1 = 1");
	and_equal(st, "n.port", q->port);
}

static void document_column(const struct sql_store *s, struct buf *out, int field)
{
	(void)s;
	buf_printf(out, "d.%s", field == PORT_DOCUMENT_K ? "k" : port_document_columns[field].key);
}

static void document_from(struct sql_store *s, const struct query *q, struct statement *st)
{
	(void)s;
	buf_puts(&st->text, " FROM didctl_port_documents d WHERE 1 = 1");
	and_equal(st, "d.port", q->port);
}

static void event_column(const struct sql_store *s, struct buf *out, int field)
{
	static const char *const columns[PORT_EVENT_FIELDS] = {
		[PORT_EVENT_AT] = "e.at",
		[PORT_EVENT_ACTOR] = "e.actor",
		[PORT_EVENT_VERB] = "e.verb",
		[PORT_EVENT_FROM] = "e.from_state",
		[PORT_EVENT_TO] = "e.to_state",
		[PORT_EVENT_NOTE] = "e.note",
		[PORT_EVENT_PUBLIC] = "e.is_public",
		[PORT_EVENT_CHANGE_ID] = "e.change_id",
		[PORT_EVENT_SERIAL] = "e.port",
	};

	(void)s;
	buf_puts(out, columns[field]);
}

static void event_from(struct sql_store *s, const struct query *q, struct statement *st)
{
	(void)s;
	buf_puts(&st->text, " FROM didctl_port_events e WHERE 1 = 1");
	and_equal(st, "e.port", q->port);
}

/* As doctor counts: three answers that were lost are the end, too. */
static void mail_column(const struct sql_store *s, struct buf *out, int field)
{
	static const char *const columns[PORT_MAIL_FIELDS] = {
		[PORT_MAIL_RECIPIENT] = "b.recipient",
		[PORT_MAIL_SUBJECT] = "b.subject",
		[PORT_MAIL_AT] = "b.created",
		[PORT_MAIL_SENT_AT] = "b.sent_at",
		[PORT_MAIL_NEXT_ATTEMPT] = "b.next_attempt",
		[PORT_MAIL_ATTEMPTS] = "b.attempts",
		[PORT_MAIL_REASON] = "b.last_error",
	};

	(void)s;
	if (columns[field])
		buf_puts(out, columns[field]);
	else
		buf_printf(out, "CASE WHEN b.sent_at IS NOT NULL THEN 'sent' WHEN b.next_attempt IS NULL OR"
				" b.unanswered >= %d THEN 'failed' ELSE 'waiting' END", OUTGOING_UNANSWERED_MAX);
}

static void mail_from(struct sql_store *s, const struct query *q, struct statement *st)
{
	(void)s;
	buf_puts(&st->text, " FROM didctl_outbox b");
	if (!q->port) /* what waits, of all orders */
		buf_printf(&st->text, " WHERE b.next_attempt IS NOT NULL AND b.sent_at IS NULL AND b.unanswered < %d",
			   OUTGOING_UNANSWERED_MAX);
	else
		buf_puts(&st->text, " WHERE b.change_id IN (SELECT e.change_id FROM didctl_port_events e WHERE e.port = ?)");
	if (q->port)
		statement_param(st, q->port);
}

static void part_column(const struct sql_store *s, struct buf *out, int field)
{
	(void)s;
	(void)field;
	buf_puts(out, "x.bytes");
}

static void part_from(struct sql_store *s, const struct query *q, struct statement *st)
{
	(void)s;
	buf_puts(&st->text, " FROM didctl_port_parts x WHERE x.document = ?");
	statement_param(st, q->document);
}

#define AT(listing) [(listing)-LIST_PORTS]

const struct listing_kind port_listings[] = {
	AT(LIST_PORTS) = {port_column, port_from, "p.port"},
	AT(LIST_PORT_NUMBERS) = {number_column, number_from, "n.seq"},
	AT(LIST_PORT_DOCUMENTS) = {document_column, document_from, "d.port, d.k"},
	AT(LIST_PORT_EVENTS) = {event_column, event_from, "e.seq"},
	AT(LIST_PORT_MAIL) = {mail_column, mail_from, "b.id"},
	AT(LIST_PORT_PARTS) = {part_column, part_from, "x.part"},
};
