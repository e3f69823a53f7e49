/* Port orders read: as objects of a change, and what the others have of its numbers. */
#include "store/sql/ports.h"

#include <stdlib.h>

#define SERIAL_META "port-serial" /* the last serial number that was given away: an undone order's is not given again */

static bool has_ports(const struct sql_store *s)
{
	return s->has_tables && s->schema_version == SCHEMA_VERSION;
}

static const char *keep(struct arena *arena, struct value v)
{
	return v.s ? arena_strndup(arena, v.s, v.len) : NULL;
}

static int load_own(struct sql_store *s, const char *serial, const char *out[OBJECT_FIELDS], struct arena *arena,
		    struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	for (int f = 0; f < PORT_OWN_FIELDS; f++)
		buf_printf(&st.text, "%s%s", f ? ", " : "SELECT ", port_columns[f].key);
	buf_puts(&st.text, " FROM didctl_ports WHERE port = ?");
	statement_param(&st, serial);
	rc = sql_open(s, &st, err);
	if (rc == 0)
		rc = sql_fetch(s, &row, err);
	for (int f = 0; rc == 1 && f < PORT_OWN_FIELDS; f++)
		out[f] = keep(arena, row[f]);
	s->driver->done(s->db);
	statement_release(&st);
	return rc;
}

/* Rows as lines of cells: the text that an object has instead of a table. */
static int load_lines(struct sql_store *s, const char *select, const char *serial, size_t cells, const char **out,
		      struct arena *arena, struct err *err)
{
	struct statement st = {0};
	struct buf text = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, select);
	statement_param(&st, serial);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1) {
		for (size_t i = 0; i < cells; i++) {
			buf_add(&text, row[i].s ? row[i].s : "", row[i].len);
			buf_putc(&text, i + 1 < cells ? '\t' : '\n');
		}
	}
	s->driver->done(s->db);
	statement_release(&st);
	*out = text.len ? arena_strndup(arena, text.data, text.len) : NULL;
	buf_release(&text);
	return rc < 0 ? rc : 0;
}

int ports_load(struct sql_store *s, const char *serial, const char *out[OBJECT_FIELDS], struct arena *arena,
	       struct err *err)
{
	int found = has_ports(s) ? load_own(s, serial, out, arena, err) : sql_lacks_tables(s, "porting", err);
	int rc;

	if (found != 1)
		return found;
	rc = load_lines(s, "SELECT first, last, status, reason FROM didctl_port_numbers WHERE port = ? ORDER BY seq", serial,
			4, &out[PORT_NUMBERS], arena, err);
	if (rc == 0)
		rc = load_lines(s, "SELECT k, kind, name, type, size, sha256, at, id FROM didctl_port_documents WHERE port = ?"
				   " ORDER BY k", serial, 8, &out[PORT_DOCUMENTS], arena, err);
	return rc < 0 ? rc : 1;
}

/* row: port, first, last, state. */
static int visit(struct order_visitor *visitor, const struct value *row, struct err *err)
{
	struct number first, last;

	if (!number_parse_stored(&first, row[1].s, row[1].len, NULL) ||
	    !number_parse_stored(&last, row[2].s, row[2].len, NULL))
		return err_set(err, ERR_FAILED, "port order %s has numbers that cannot be read", row[0].s);
	return visitor->visit(visitor, row[0].s, row[3].s, (struct interval){first, last.value - first.value + 1}, err);
}

int ports_open(struct sql_store *s, const char *org_id, struct order_visitor *visitor, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	if (!has_ports(s))
		return 0;
	buf_puts(&st.text, "SELECT p.port, n.first, n.last, p.state FROM didctl_ports p JOIN didctl_port_numbers n"
			   " ON n.port = p.port WHERE p.state NOT IN (?, ?)");
	statement_param(&st, port_state_names[PORT_COMPLETED]);
	statement_param(&st, port_state_names[PORT_CANCELLED]);
	if (org_id) {
		buf_puts(&st.text, " AND p.org_id = ?");
		statement_param(&st, org_id);
	}
	buf_puts(&st.text, " ORDER BY n.seq");
	rc = sql_open(s, &st, err);
	while (rc == 0 && (rc = sql_fetch(s, &row, err)) == 1)
		rc = visit(visitor, row, err);
	return sql_finish(s, &st, rc);
}

int ports_next_serial(struct sql_store *s, bool give_away, const char **out, struct arena *arena, struct err *err)
{
	struct statement st = {0};
	const char *last;
	int rc;

	if (!has_ports(s))
		return sql_lacks_tables(s, "porting", err);
	buf_puts(&st.text, "SELECT value FROM didctl_meta WHERE name = '" SERIAL_META "'");
	rc = sql_scalar(s, &st, &last, arena, err);
	statement_release(&st);
	if (rc < 0)
		return rc;
	*out = arena_printf(arena, "%llu", (last ? strtoull(last, NULL, 10) : 0) + 1);
	return give_away ? sql_set_meta(s, SERIAL_META, *out, err) : 0;
}
