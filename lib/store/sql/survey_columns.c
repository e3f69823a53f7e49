/* The PBX's tables against what didctl needs of them, and the SQL by which their owner mends them. */
#include <string.h>
#include <strings.h>

#include "store/sql/survey.h"

/* ---- tables */

/* CREATE TABLE as the PBX's own schema has it. */
static const char *create_table(struct survey *v, const char *table)
{
	struct buf out = {0};
	const char *text;
	size_t n = 0;

	buf_printf(&out, "CREATE TABLE %s (", table);
	for (const struct column_need *need = column_needs; need->table; need++) {
		if (strcmp(need->table, table) != 0)
			continue;
		buf_printf(&out, "%s%s %s", n ? ", " : "", need->name, need->type);
		buf_puts(&out, n == 0 ? " PRIMARY KEY" : need->is_key ? " NOT NULL UNIQUE" : "");
		n++;
	}
	if (strcmp(table, "organizations") == 0)
		buf_puts(&out, ", context_prefix VARCHAR(64)");
	buf_puts(&out, ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;");
	text = arena_strdup(&v->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static const char *const lost_without[] = {"there is no inventory", "numbers have no owners",
					   "users have no caller IDs"};

static int missing_tables(struct survey *v, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && pbx_table_names[i]; i++) {
		const char *name = pbx_table_names[i];

		if (layout_table(&v->layout, name))
			continue;
		rc = survey_tell(v, CHECK_TABLES, sql_is_mysql(v->s) ? create_table(v, name) : "didctl init",
				 err, "table %s is missing%s: %s", name,
				 sql_is_mysql(v->s) ? ", or this user has no right to see it" : "",
				 lost_without[i]);
	}
	return rc;
}

static const char *view_fix(struct survey *v, const char *view)
{
	return sql_is_mysql(v->s) ? arena_printf(&v->arena, "SHOW CREATE VIEW %s;", survey_name(v, view))
				  : survey_look(v, view);
}

int survey_tables(struct survey *v, struct err *err)
{
	int rc = survey_layout(v, err);

	if (rc == 0)
		rc = missing_tables(v, err);
	for (size_t i = 0; rc == 0 && i < v->layout.ntables; i++) {
		const struct layout_table *t = &v->layout.tables[i];

		if (t->is_view)
			rc = survey_tell(
				v, CHECK_TABLES, view_fix(v, t->name), err,
				"%s is a view: didctl changes tables only; name the database of the table behind it",
				t->name);
		else if (!t->has_transactions)
			rc = survey_tell(
				v, CHECK_TABLES,
				arena_printf(&v->arena, "ALTER TABLE %s ENGINE=InnoDB;", t->name), err,
				"table %s has the engine %s, without transactions: changes are refused, since one"
				" could stay half done",
				t->name, t->engine ? t->engine : "of no name");
	}
	return rc;
}

/* ---- columns */

static const char *retype(struct survey *v, const struct column_need *need, const char *type)
{
	if (!sql_is_mysql(v->s)) /* it has no statement for that */
		return survey_look(v, need->table);
	return arena_printf(&v->arena, "ALTER TABLE %s MODIFY %s %s%s;", need->table, need->name, type,
			    need->is_key ? " NOT NULL" : "");
}

/* The enumeration with the words that it lacks behind its own. */
static const char *lacking_words(struct survey *v, const struct column_need *need,
				 const struct layout_column *c, const char **fix)
{
	struct buf lacking = {0}, type = {0};
	const char *word, *list = NULL;

	buf_add(&type, c->type, strcspn(c->type, ")"));
	for (size_t i = 0; (word = column_word(need, i)); i++) {
		if (column_has_word(c, word) || (lacking.len && strstr(lacking.data, word)))
			continue;
		buf_printf(&lacking, "%s%s", lacking.len ? ", " : "", word);
		buf_printf(&type, ",'%s'", word);
	}
	buf_putc(&type, ')');
	if (lacking.len) {
		list = arena_strdup(&v->arena, lacking.data);
		*fix = retype(v, need, buf_str(&type));
	}
	buf_release(&lacking);
	buf_release(&type);
	return list;
}

static int look_at_type(struct survey *v, const struct column_need *need, const struct layout_column *c,
			struct err *err)
{
	const char *misfit = column_misfit(v->s, need, c), *fix, *words;

	if (misfit)
		return survey_tell(v, CHECK_COLUMNS, retype(v, need, need->type), err,
				   "column %s of %s is %.200s, %s", need->name, need->table,
				   *c->type ? c->type : "of no type", misfit);
	words = need->kind == COLUMN_WORD ? lacking_words(v, need, c, &fix) : NULL;
	return words ? survey_tell(v, CHECK_COLUMNS, fix, err, "column %s of %s does not take %s", need->name,
				   need->table, words)
		     : 0;
}

static int look_at_need(struct survey *v, const struct column_need *need, struct err *err)
{
	const struct layout_column *c = layout_column(&v->layout, need->table, need->name);
	const char *fix;
	int rc;

	if (!c) {
		fix = arena_printf(&v->arena, "ALTER TABLE %s ADD COLUMN %s %s;", need->table, need->name,
				   sql_is_mysql(v->s) || need->kind != COLUMN_WORD ? need->type
										   : "VARCHAR(20)");
		return survey_tell(v, CHECK_COLUMNS, fix, err, "column %s of %s is missing: %s", need->name,
				   need->table, need->without);
	}
	rc = look_at_type(v, need, c, err);
	if (rc < 0 || !need->is_key || c->is_unique || layout_table(&v->layout, need->table)->is_view)
		return rc;
	fix = arena_printf(&v->arena, "CREATE UNIQUE INDEX %s_%s ON %s (%s);", need->table, need->name,
			   need->table, need->name);
	return survey_tell(v, CHECK_COLUMNS, fix, err,
			   "column %s of %s has no unique key: two rows can have the same", need->name,
			   need->table);
}

static bool is_given(const struct layout_column *c)
{
	for (const struct column_need *need = column_needs; need->table; need++)
		if (need->is_given && strcmp(need->table, c->table) == 0 &&
		    strcasecmp(need->name, c->name) == 0)
			return true;
	return false;
}

/* A column that a new row of didctl's would leave out, and may not. */
static int look_at_default(struct survey *v, const struct layout_column *c, struct err *err)
{
	static const char *const adding[] = {"pool add", "org add", "user add"};
	const char *fix, *verb = "";

	if (layout_is_own(c->table) || c->is_nullable || c->has_default || is_given(c) ||
	    layout_table(&v->layout, c->table)->is_view)
		return 0;
	if (v->s->prefix_column && strcmp(c->table, "organizations") == 0 &&
	    strcmp(c->name, v->s->prefix_column) == 0)
		return 0;
	for (size_t i = 0; pbx_table_names[i]; i++)
		if (strcmp(c->table, pbx_table_names[i]) == 0)
			verb = adding[i];
	fix = sql_is_mysql(v->s) ? arena_printf(&v->arena, "ALTER TABLE %s MODIFY %s %s NULL;", c->table,
						survey_name(v, c->name), c->type)
				 : survey_look(v, c->table);
	return survey_tell(v, CHECK_COLUMNS, fix, err,
			   "column %.64s of %s wants a value and has no default: %s fails", c->name, c->table,
			   verb);
}

int survey_columns(struct survey *v, struct err *err)
{
	int rc = survey_layout(v, err);

	for (const struct column_need *need = column_needs; rc == 0 && need->table; need++)
		if (layout_table(&v->layout, need->table))
			rc = look_at_need(v, need, err);
	for (size_t i = 0; rc == 0 && i < v->layout.ncolumns; i++)
		rc = look_at_default(v, &v->layout.columns[i], err);
	return rc;
}

/* ---- words that only the PBX knows */

struct extra_words {
	const struct column_need *need;
	struct buf words; /* 'quarantine', 'sold' */
};

static void extra_word(void *arg, const char *word, size_t len)
{
	struct extra_words *extra = arg;
	const char *known;

	for (size_t i = 0; (known = column_word(extra->need, i)); i++)
		if (strlen(known) == len && memcmp(known, word, len) == 0)
			return;
	buf_printf(&extra->words, "%s'%.*s'", extra->words.len ? ", " : "", (int)len, word);
}

int survey_words(struct survey *v, struct err *err)
{
	int rc = survey_layout(v, err);

	for (const struct column_need *need = column_needs; rc == 0 && need->table; need++) {
		const struct layout_column *c = layout_column(&v->layout, need->table, need->name);
		struct extra_words extra = {.need = need};

		if (need->kind != COLUMN_WORD || !c)
			continue;
		column_each_word(c, extra_word, &extra);
		if (extra.words.len)
			rc = survey_tell(
				v, CHECK_SETUP,
				arena_printf(&v->arena, "SELECT number, %s FROM %s WHERE %s IN (%s);",
					     need->name, need->table, need->name, extra.words.data),
				err,
				"column %s of %s also takes %.300s, which didctl does not know: it leaves such rows"
				" alone",
				need->name, need->table, extra.words.data);
		buf_release(&extra.words);
	}
	return rc;
}

/* ---- charset */

static bool holds_free_text(const struct layout_column *c)
{
	for (const struct column_need *need = column_needs; need->table; need++)
		if (strcmp(need->table, c->table) == 0 && strcasecmp(need->name, c->name) == 0)
			return need->kind == COLUMN_TEXT && need->length == 0;
	return false;
}

static int connection_charset(struct survey *v, struct err *err)
{
	struct statement st = {0};
	const char *charset;
	int rc;

	/* NULL for results: text comes as each column has it. */
	buf_puts(&st.text,
		 "SELECT CASE WHEN @@character_set_client <> 'utf8mb4' THEN @@character_set_client"
		 " WHEN COALESCE(@@character_set_results, '') <> 'utf8mb4'"
		 " THEN COALESCE(@@character_set_results, 'binary') ELSE @@character_set_connection END");
	rc = sql_scalar(v->s, &st, &charset, &v->arena, err);
	statement_release(&st);
	if (rc < 0 || (charset && strcmp(charset, "utf8mb4") == 0))
		return rc;
	return survey_tell(
		v, CHECK_CHARSET, "SHOW VARIABLES LIKE 'character_set%';", err,
		"the connection has the character set %s although didctl asked for utf8mb4: something between"
		" didctl and the server changes it",
		charset ? charset : "of no name");
}

int survey_charset(struct survey *v, struct err *err)
{
	int rc = sql_is_mysql(v->s) ? survey_layout(v, err) : 0;

	if (rc < 0 || !sql_is_mysql(v->s)) /* SQLite stores Unicode only */
		return rc;
	for (size_t i = 0; rc == 0 && pbx_table_names[i]; i++) {
		const char *table = pbx_table_names[i], *charset = NULL;
		struct buf columns = {0};

		for (size_t k = 0; k < v->layout.ncolumns; k++) {
			const struct layout_column *c = &v->layout.columns[k];

			if (strcmp(c->table, table) != 0 || !c->charset ||
			    strcmp(c->charset, "utf8mb4") == 0 || !holds_free_text(c))
				continue;
			charset = c->charset;
			buf_printf(&columns, "%s%s", columns.len ? ", " : "", c->name);
		}
		if (charset)
			rc = survey_tell(v, CHECK_CHARSET,
					 arena_printf(&v->arena,
						      "ALTER TABLE %s CONVERT TO CHARACTER SET utf8mb4;",
						      table),
					 err, "%s of %s cannot hold every name: character set %s",
					 columns.data, table, charset);
		buf_release(&columns);
	}
	return rc < 0 ? rc : connection_charset(v, err);
}
