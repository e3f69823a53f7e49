/* Organisations and users written: guarded with their old values, like numbers. */
#include <string.h>

#include "store/sql/write.h"

/* The column of a field in the object's own table, or NULL: it has none here. */
static const char *own_column(const struct sql_store *s, const struct object *o, int f)
{
	if (o->kind == OBJECT_USER)
		return object_keys[o->kind][f];
	return f == 0 ? "name" : f == 1 ? s->prefix_column : NULL;
}

static const char *table_of(const struct object *o)
{
	return o->kind == OBJECT_ORG ? "organizations" : "users";
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
	buf_printf(&st->text, "INSERT INTO %s (id", table_of(o));
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

	buf_printf(&st->text, "UPDATE %s SET ", table_of(o));
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
		buf_printf(&st.text, "DELETE FROM %s", table_of(o));
		write_where(s, &st, o);
	}
	rc = has_work ? run_one(s, &st, err) : 0;
	statement_release(&st);
	return rc;
}

/* What didctl itself keeps of an organisation. */
static int write_settings(struct sql_store *s, const struct object *o, struct err *err)
{
	struct statement st = {0};
	int rc;

	if (o->kind != OBJECT_ORG || !object_differs(o, 2))
		return 0;
	if (!s->has_tables)
		return sql_lacks_tables(s, "--unrouted", err);
	buf_puts(&st.text, "DELETE FROM didctl_orgs WHERE org_id = ?");
	statement_param(&st, o->id);
	rc = sql_run(s, &st, NULL, err);
	if (rc == 0 && o->is && o->after[2]) {
		statement_reset(&st);
		buf_puts(&st.text, "INSERT INTO didctl_orgs (org_id, unrouted) VALUES (?, ?)");
		statement_param(&st, o->id);
		statement_param(&st, o->after[2]);
		rc = sql_run(s, &st, NULL, err);
	}
	statement_release(&st);
	return rc;
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
		rc = check_columns(s, &plan->objects[i], err);
		if (rc == 0)
			rc = write_own(s, &plan->objects[i], err);
		if (rc == 0)
			rc = write_settings(s, &plan->objects[i], err);
	}
	return rc;
}
