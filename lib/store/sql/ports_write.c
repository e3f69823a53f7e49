/* Port orders written: their rows guarded with their old values, and what is written beside them. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "did/objects.h"
#include "did/port_mail.h"
#include "store/sql/facts.h"
#include "store/sql/outbox.h"
#include "store/sql/ports.h"
#include "store/sql/write.h"

#define PART_SIZE (512u << 10) /* bytes of a document in one row: far under what a server takes in one packet */

static int run_one(struct sql_store *s, struct statement *st, struct err *err)
{
	uint64_t affected = 0;
	int rc = sql_run(s, st, &affected, err);

	if (rc < 0 && s->failure == SQL_DUPLICATE)
		return write_raced(s, err);
	return rc == 0 && affected != 1 ? write_raced(s, err) : rc;
}

static void put_insert(struct statement *st, const struct object *o)
{
	buf_puts(&st->text, "INSERT INTO didctl_ports (port");
	for (int f = 0; f < PORT_OWN_FIELDS; f++)
		buf_printf(&st->text, ", %s", port_columns[f].key);
	buf_puts(&st->text, ") VALUES (?");
	statement_param(st, o->id);
	for (int f = 0; f < PORT_OWN_FIELDS; f++) {
		buf_puts(&st->text, ", ?");
		statement_param(st, o->after[f]);
	}
	buf_putc(&st->text, ')');
}

static void put_where(struct statement *st, const struct object *o)
{
	buf_puts(&st->text, " WHERE port = ?");
	statement_param(st, o->id);
	for (int f = 0; f < PORT_OWN_FIELDS; f++) {
		if (o->is && !object_differs(o, f))
			continue;
		buf_printf(&st->text, " AND %s %s", port_columns[f].key, o->before[f] ? "= ?" : "IS NULL");
		if (o->before[f])
			statement_param(st, o->before[f]);
	}
}

/* False when only its numbers or documents differ. */
static bool put_update(struct statement *st, const struct object *o)
{
	size_t done = 0;

	buf_puts(&st->text, "UPDATE didctl_ports SET ");
	for (int f = 0; f < PORT_OWN_FIELDS; f++) {
		if (!object_differs(o, f))
			continue;
		buf_printf(&st->text, "%s%s = ?", done++ ? ", " : "", port_columns[f].key);
		statement_param(st, o->after[f]);
	}
	put_where(st, o);
	return done > 0;
}

static int write_own(struct sql_store *s, const struct object *o, struct err *err)
{
	struct statement st = {0};
	bool has_work = true;
	int rc;

	if (o->is && !o->was) {
		put_insert(&st, o);
	} else if (o->is) {
		has_work = put_update(&st, o);
	} else {
		buf_puts(&st.text, "DELETE FROM didctl_ports");
		put_where(&st, o);
	}
	rc = has_work ? run_one(s, &st, err) : 0;
	statement_release(&st);
	return rc;
}

/* Inserts a line's cells behind the order's serial; the empty ones as NULL. */
static int insert_line(struct sql_store *s, const char *insert, const char *serial, const char *line, size_t len,
		       struct err *err)
{
	struct statement st = {0};
	int rc;

	buf_puts(&st.text, insert);
	statement_param(&st, serial);
	for (const char *end = line + len; line <= end;) {
		size_t size = strcspn(line, "\t\n");

		if (size)
			statement_copy(&st, line, size);
		else
			statement_param(&st, NULL);
		line += size + 1;
	}
	rc = run_one(s, &st, err);
	statement_release(&st);
	return rc;
}

/* A table whose rows an object has as lines: all rows of the order anew, where a line differs. */
static const struct {
	enum port_field field;
	const char *clear, *insert;
} tables[] = {
	{PORT_NUMBERS, "DELETE FROM didctl_port_numbers WHERE port = ?",
	 "INSERT INTO didctl_port_numbers (port, first, last, status, reason) VALUES (?, ?, ?, ?, ?)"},
	{PORT_DOCUMENTS, "DELETE FROM didctl_port_documents WHERE port = ?",
	 "INSERT INTO didctl_port_documents (port, k, kind, name, type, size, sha256, at, id)"
	 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"},
};

static int write_lines(struct sql_store *s, const struct object *o, size_t table, struct err *err)
{
	const char *line = o->is ? o->after[tables[table].field] : NULL;
	struct statement st = {0};
	int rc;

	buf_puts(&st.text, tables[table].clear);
	statement_param(&st, o->id);
	rc = sql_run(s, &st, NULL, err);
	statement_release(&st);
	while (rc == 0 && line && *line) {
		size_t len = strcspn(line, "\n");

		rc = insert_line(s, tables[table].insert, o->id, line, len, err);
		line += len + (line[len] == '\n');
	}
	return rc;
}

int ports_write(struct sql_store *s, const struct object *o, struct err *err)
{
	int rc = write_own(s, o, err);

	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(tables); i++)
		if (o->was != o->is || object_differs(o, tables[i].field))
			rc = write_lines(s, o, i, err);
	return rc;
}

/* ---- what is never turned back */

static int write_event(struct sql_store *s, const struct change *c, struct plan *plan, const struct object *o,
		       struct err *err)
{
	struct statement st = {0};
	char at[CLOCK_STAMP];
	int rc;

	buf_puts(&st.text, "INSERT INTO didctl_port_events (port, at, actor, verb, from_state, to_state, note, is_public,"
			   " change_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
	statement_param(&st, o->id);
	statement_param(&st, clock_stamp(c->now_ms, at));
	statement_param(&st, c->actor);
	statement_param(&st, verb_info[c->verb].name);
	statement_param(&st, o->was ? o->before[PORT_STATE] : NULL);
	statement_param(&st, o->is ? o->after[PORT_STATE] : NULL);
	statement_param(&st, ports_note(c, o, &plan->arena));
	statement_param(&st, ports_note_is_public(c) ? "1" : "0");
	statement_param(&st, plan->change_id);
	rc = run_one(s, &st, err);
	statement_release(&st);
	return rc;
}

static int write_pin(struct sql_store *s, const struct change *c, const struct object *o, struct err *err)
{
	struct statement st = {0};
	int rc;

	buf_puts(&st.text, "INSERT INTO didctl_port_pins (id, port, pin) VALUES (?, ?, ?)");
	statement_param(&st, o->after[PORT_PIN]);
	statement_param(&st, o->id);
	statement_param(&st, c->port->pin);
	rc = run_one(s, &st, err);
	statement_release(&st);
	return rc;
}

/* The id of the document that the change has added: the last cell of the last line. */
static const char *last_id(const struct object *o, char out[UUID_TEXT])
{
	const char *lines = o->after[PORT_DOCUMENTS];
	size_t len = strlen(lines);

	snprintf(out, UUID_TEXT, "%s", lines + len - UUID_TEXT); /* before its newline */
	return out;
}

static int write_part(struct sql_store *s, const char *id, unsigned part, const char *bytes, size_t size,
		      struct err *err)
{
	struct statement st = {0};
	char number[16];
	int rc;

	snprintf(number, sizeof(number), "%u", part);
	buf_printf(&st.text, "INSERT INTO didctl_port_parts (document, part, bytes) VALUES (?, ?, %s)",
		   sql_is_mysql(s) ? "?" : "CAST(? AS BLOB)");
	statement_param(&st, id);
	statement_param(&st, number);
	statement_copy(&st, bytes, size);
	rc = run_one(s, &st, err);
	statement_release(&st);
	return rc;
}

static int write_bytes(struct sql_store *s, const struct change *c, const struct object *o, struct err *err)
{
	const struct port_document *d = c->port->document;
	char id[UUID_TEXT];
	unsigned part = 0;
	int rc = 0;

	last_id(o, id);
	for (size_t at = 0; rc == 0 && at < d->size; at += PART_SIZE) {
		size_t size = d->size - at < PART_SIZE ? d->size - at : PART_SIZE;

		rc = write_part(s, id, part++, d->bytes + at, size, err);
	}
	return rc;
}

int ports_record(struct sql_store *s, const struct change *c, struct plan *plan, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->nobjects; i++) {
		const struct object *o = &plan->objects[i];

		if (o->kind != OBJECT_PORT)
			continue;
		rc = write_event(s, c, plan, o, err);
		if (rc == 0 && c->port && c->port->pin && o->after[PORT_PIN])
			rc = write_pin(s, c, o, err);
		if (rc == 0 && c->port && c->port->document)
			rc = write_bytes(s, c, o, err);
	}
	return rc;
}

/* To the organisation and the operator; an organisation that has gone has nobody to be told. */
static int tell(struct sql_store *s, const struct change *c, struct plan *plan, const struct object *o, struct err *err)
{
	struct sql_facts facts = sql_facts(s, false);
	struct buf subject = {0}, body = {0};
	struct org org = {0};
	int rc = o->after[PORT_ORG_ID] ? org_resolve(&facts.facts, o->after[PORT_ORG_ID], &org, &plan->arena, err) : 0;

	if (rc == ERR_ABSENT)
		rc = 0;
	if (rc == 0) {
		port_mail(c, o, org.name, &subject, &body);
		outbox_tell(s, plan, &org, arena_strdup(&plan->arena, subject.data), arena_strdup(&plan->arena, body.data));
	}
	buf_release(&subject);
	buf_release(&body);
	return rc;
}

int ports_tell(struct sql_store *s, const struct change *c, struct plan *plan, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->nobjects; i++)
		if (port_is_news(&plan->objects[i]))
			rc = tell(s, c, plan, &plan->objects[i], err);
	return rc;
}
