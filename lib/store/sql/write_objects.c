/* Organisations, users and locations written: guarded with their old values, like numbers. */
#include <string.h>

#include "did/objects.h"
#include "store/sql/ports.h"
#include "store/sql/write.h"

/* The column of a field in the object's own table, or NULL: it has none here. */
static const char *own_column(const struct sql_store *s, const struct object *o, int f)
{
	if (o->kind != OBJECT_ORG)
		return object_keys[o->kind][f];
	return f == 0 ? "name" : f == 1 ? s->prefix_column : NULL;
}

static int run_one(struct sql_store *s, struct statement *st, struct err *err)
{
	uint64_t affected = 0;
	int rc = sql_run(s, st, &affected, err);

	if (rc < 0 && s->failure == SQL_DUPLICATE)
		return write_raced(s, err);
	return rc == 0 && affected != 1 ? write_raced(s, err) : rc;
}

static void write_insert(struct sql_store *s, struct statement *st, const struct object *o)
{
	buf_printf(&st->text, "INSERT INTO %s (id", object_tables[o->kind]);
	for (int f = 0; f < OBJECT_FIELDS; f++) {
		if (!o->after[f] || !own_column(s, o, f))
			continue;
		buf_puts(&st->text, ", ");
		sql_quote_name(&st->text, own_column(s, o, f));
	}
	buf_puts(&st->text, ") VALUES (?");
	statement_param(st, o->id);
	for (int f = 0; f < OBJECT_FIELDS; f++) {
		if (!o->after[f] || !own_column(s, o, f))
			continue;
		buf_puts(&st->text, ", ?");
		statement_param(st, o->after[f]);
	}
	buf_putc(&st->text, ')');
}

static void write_where(struct sql_store *s, struct statement *st, const struct object *o)
{
	buf_puts(&st->text, " WHERE id = ?");
	statement_param(st, o->id);
	for (int f = 0; f < OBJECT_FIELDS; f++) {
		const char *column = own_column(s, o, f);

		if (!column || (o->is && !object_differs(o, f)))
			continue;
		buf_puts(&st->text, " AND ");
		sql_quote_name(&st->text, column);
		buf_puts(&st->text, o->before[f] ? " = ?" : " IS NULL");
		if (o->before[f])
			statement_param(st, o->before[f]);
	}
}

/* False when no column of the object's own table differs. */
static bool write_update(struct sql_store *s, struct statement *st, const struct object *o)
{
	size_t done = 0;

	buf_printf(&st->text, "UPDATE %s SET ", object_tables[o->kind]);
	for (int f = 0; f < OBJECT_FIELDS; f++) {
		if (!own_column(s, o, f) || !object_differs(o, f))
			continue;
		buf_puts(&st->text, done++ ? ", " : "");
		sql_quote_name(&st->text, own_column(s, o, f));
		buf_puts(&st->text, " = ?");
		statement_param(st, o->after[f]);
	}
	write_where(s, st, o);
	return done > 0;
}

static int write_own(struct sql_store *s, const struct object *o, struct err *err)
{
	struct statement st = {0};
	bool has_work = true;
	int rc;

	if (o->is && !o->was) {
		write_insert(s, &st, o);
	} else if (o->is) {
		has_work = write_update(s, &st, o);
	} else {
		buf_printf(&st.text, "DELETE FROM %s", object_tables[o->kind]);
		write_where(s, &st, o);
	}
	rc = has_work ? run_one(s, &st, err) : 0;
	statement_release(&st);
	return rc;
}

/* The settings of an organisation that didctl itself keeps: object_keys from here on, columns of didctl_orgs. */
#define SETTINGS_FROM 2

static int insert_settings(struct sql_store *s, const struct object *o, struct err *err)
{
	struct statement st = {0};
	size_t n = 0;
	int rc;

	buf_puts(&st.text, "INSERT INTO didctl_orgs (org_id");
	statement_param(&st, o->id);
	for (int f = SETTINGS_FROM; f < OBJECT_FIELDS && object_keys[o->kind][f]; f++) {
		if (!o->after[f])
			continue;
		buf_printf(&st.text, ", %s", object_keys[o->kind][f]);
		statement_param(&st, o->after[f]);
		n++;
	}
	buf_puts(&st.text, ") VALUES (?");
	for (size_t i = 0; i < n; i++)
		buf_puts(&st.text, ", ?");
	buf_putc(&st.text, ')');
	rc = n ? sql_run(s, &st, NULL, err) : 0;
	statement_release(&st);
	return rc;
}

static int write_settings(struct sql_store *s, const struct object *o, struct err *err)
{
	struct statement st = {0};
	bool differs = false;
	int rc;

	for (int f = SETTINGS_FROM; o->kind == OBJECT_ORG && f < OBJECT_FIELDS; f++)
		differs |= object_differs(o, f);
	if (!differs)
		return 0;
	if (!s->has_tables)
		return sql_lacks_tables(s, "a setting of an organisation", err);
	buf_puts(&st.text, "DELETE FROM didctl_orgs WHERE org_id = ?");
	statement_param(&st, o->id);
	rc = sql_run(s, &st, NULL, err);
	statement_release(&st);
	return rc == 0 && o->is ? insert_settings(s, o, err) : rc;
}

/* A prefix that the table has no column for cannot be kept. */
static int check_columns(struct sql_store *s, const struct object *o, struct err *err)
{
	if (o->kind == OBJECT_ORG && o->was && !s->prefix_column && object_differs(o, 1)) {
		err_set(err, ERR_TARGET, "table organizations has no column for the context prefix");
		err_hint(err, "name it with context-prefix-column in the configuration");
		return ERR_TARGET;
	}
	return 0;
}

int write_objects(struct sql_store *s, struct plan *plan, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->nobjects; i++) {
		if (plan->objects[i].kind == OBJECT_PORT) {
			rc = ports_write(s, &plan->objects[i], err);
			continue;
		}
		rc = check_columns(s, &plan->objects[i], err);
		if (rc == 0)
			rc = write_own(s, &plan->objects[i], err);
		if (rc == 0)
			rc = write_settings(s, &plan->objects[i], err);
	}
	return rc;
}
