/*
 * Whether this user may do what changes do. On MariaDB and MySQL EXPLAIN needs the rights of the statement that it explains,
 * and runs nothing; what is denied there would be denied in the middle of a change.
 */
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sql/survey.h"

static bool is_written(const struct survey *v, const struct layout_column *c)
{
	if (layout_is_own(c->table))
		return true;
	for (const struct column_need *need = column_needs; need->table; need++)
		if (strcmp(need->table, c->table) == 0 && strcasecmp(need->name, c->name) == 0)
			return true;
	return v->s->prefix_column && strcmp(c->table, "organizations") == 0 &&
	       strcasecmp(c->name, v->s->prefix_column) == 0;
}

/* "`id`, `number`" of a table, with is_set "`id` = `id`, ...": every column that a change may write. */
static void written_columns(const struct survey *v, struct buf *out, const char *table, bool is_set)
{
	size_t n = 0;

	for (size_t i = 0; i < v->layout.ncolumns; i++) {
		const struct layout_column *c = &v->layout.columns[i];

		if (strcmp(c->table, table) != 0 || !is_written(v, c))
			continue;
		buf_puts(out, n++ ? ", " : "");
		sql_quote_name(out, c->name);
		buf_puts(out, is_set ? " = " : "");
		if (is_set)
			sql_quote_name(out, c->name);
	}
}

static void probe_insert(const struct survey *v, struct buf *out, const char *table)
{
	buf_printf(out, "EXPLAIN INSERT INTO %s (", table);
	written_columns(v, out, table, false);
	buf_puts(out, ") SELECT ");
	written_columns(v, out, table, false);
	buf_printf(out, " FROM %s WHERE 1 = 0", table);
}

static void probe_update(const struct survey *v, struct buf *out, const char *table)
{
	buf_printf(out, "EXPLAIN UPDATE %s SET ", table);
	written_columns(v, out, table, true);
	buf_puts(out, " WHERE 1 = 0");
}

static void probe_delete(const struct survey *v, struct buf *out, const char *table)
{
	(void)v;
	buf_printf(out, "EXPLAIN DELETE FROM %s WHERE 1 = 0", table);
}

static const struct {
	const char *name;
	void (*probe)(const struct survey *v, struct buf *out, const char *table);
} rights[] = {{"INSERT", probe_insert}, {"UPDATE", probe_update}, {"DELETE", probe_delete}};

/*
 * Appends the rights that the user lacks. A probe that fails in another way says nothing about rights: the table may be a
 * view, the server may take no writes, and other checks tell that.
 */
static int find_lacking(struct survey *v, const char *table, struct buf *lacking, struct err *err)
{
	struct sql_store *s = v->s;
	struct statement st = {0};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(rights); i++) {
		statement_reset(&st);
		rights[i].probe(v, &st.text, table);
		rc = sql_run(s, &st, NULL, err);
		if (rc == 0 || rc == ERR_INTERRUPTED || s->failure == SQL_LOST)
			continue;
		if (s->failure == SQL_DENIED)
			buf_printf(lacking, "%s%s", lacking->len ? ", " : "", rights[i].name);
		s->has_failed = false;
		rc = 0;
	}
	statement_release(&st);
	return rc;
}

static void quote_text(struct buf *out, const char *s, size_t len)
{
	buf_putc(out, '\'');
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\'' || s[i] == '\\')
			buf_putc(out, s[i]);
		buf_putc(out, s[i]);
	}
	buf_putc(out, '\'');
}

/* "user@host", where the user may hold an @ too, as 'user'@'host'. */
static void quote_account(struct buf *out, const char *account)
{
	const char *at = strrchr(account, '@');
	size_t len = at ? (size_t)(at - account) : strlen(account);

	quote_text(out, account, len);
	if (!at)
		return;
	buf_putc(out, '@');
	quote_text(out, at + 1, strlen(at + 1));
}

static int read_text(struct survey *v, const char *text, const char **out, struct err *err)
{
	struct statement st = {0};
	int rc;

	buf_puts(&st.text, text);
	rc = sql_scalar(v->s, &st, out, &v->arena, err);
	statement_release(&st);
	return rc;
}

/* database NULL: the one that is worked with. */
static int tell_lacking(struct survey *v, const char *database, const char *table, const char *lacking, struct err *err)
{
	const char *account = "";
	struct buf fix = {0};
	int rc = read_text(v, "SELECT CURRENT_USER()", &account, err);

	if (rc == 0 && !database)
		rc = read_text(v, "SELECT DATABASE()", &database, err);
	if (rc == 0) {
		buf_printf(&fix, "GRANT %s ON %s.%s TO ", lacking, survey_name(v, database),
			   survey_name(v, table));
		quote_account(&fix, account);
		buf_putc(&fix, ';');
		rc = survey_tell(v, CHECK_RIGHTS, fix.data, err, "%.200s lacks %s on %s", account, lacking,
				 table);
	}
	buf_release(&fix);
	return rc;
}

/* Without this right a member that has lost its group looks like any server. */
static int rights_group(struct survey *v, struct err *err)
{
	const char *group = NULL, *n;
	int rc = read_text(v, "SHOW VARIABLES WHERE variable_name = 'group_replication_group_name' AND value <> ''", &group, err);

	if (rc < 0 || !group || read_text(v, "SELECT COUNT(*) FROM performance_schema.replication_group_members", &n, err) == 0)
		return rc;
	if (!v->s->has_failed || v->s->failure != SQL_DENIED)
		return err->code;
	v->s->has_failed = false;
	return tell_lacking(v, "performance_schema", "replication_group_members", "SELECT", err);
}

static int rights_mysql(struct survey *v, struct err *err)
{
	int rc = survey_layout(v, err);

	for (size_t i = 0; rc == 0 && i < v->layout.ntables; i++) {
		const char *table = v->layout.tables[i].name;
		struct buf lacking = {0};

		rc = find_lacking(v, table, &lacking, err);
		if (rc == 0 && lacking.len)
			rc = tell_lacking(v, NULL, table, lacking.data, err);
		buf_release(&lacking);
	}
	return rc < 0 ? rc : rights_group(v, err);
}

/* The journal is made beside the file, so that the directory counts too. */
static int rights_sqlite(struct survey *v, struct err *err)
{
	const char *file = v->s->target.path;
	const struct {
		const char *path, *what, *chmod;
		int mode;
	} places[] = {
		{file, "file", "u+w", W_OK},
		{dirname(arena_strdup(&v->arena, file)), "directory", "u+wx", W_OK | X_OK},
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(places); i++) {
		const char *path = survey_quoted(v, places[i].path);
		struct stat st;

		if (faccessat(AT_FDCWD, places[i].path, places[i].mode, AT_EACCESS) == 0)
			continue;
		rc = survey_tell(v, CHECK_RIGHTS,
				 stat(places[i].path, &st) == 0 && st.st_uid == geteuid()
					 ? arena_printf(&v->arena, "chmod %s %s", places[i].chmod, path)
					 : arena_printf(&v->arena, "sudo chown \"$(id -un)\" %s", path),
				 err,
				 "the database's %s may not be written to: reading works, changes do not",
				 places[i].what);
	}
	return rc;
}

int survey_rights(struct survey *v, struct err *err)
{
	return sql_is_mysql(v->s) ? rights_mysql(v, err) : rights_sqlite(v, err);
}
