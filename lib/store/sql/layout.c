#include "store/sql/layout.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const pbx_table_names[] = {"did_numbers", "organizations", "users", NULL};

#define LONGEST_NUMBER 16 /* E.164 with its + */
#define NUMBERS	       "did_numbers"
#define ORGS	       "organizations"
#define USERS	       "users"
#define ID	       "CHAR(36)"

const struct column_need column_needs[] = {
	{NUMBERS, "id", COLUMN_TEXT, 36, true, true, COLUMN_VITAL, ID, "no row can be told from another"},
	{NUMBERS, "number", COLUMN_TEXT, LONGEST_NUMBER, true, true, COLUMN_VITAL, "VARCHAR(20)",
	 "there is no inventory"},
	{NUMBERS, "org_id", COLUMN_TEXT, 36, false, false, COLUMN_VITAL, ID,
	 "no number has an owner, and none can be assigned"},
	{NUMBERS, "trunk_id", COLUMN_TEXT, 0, false, false, COLUMN_EXTRA, ID,
	 "the trunk of a number is not shown"},
	{NUMBERS, "pool_status", COLUMN_WORD, 0, true, false, COLUMN_VITAL,
	 "ENUM('available','pending','assigned','reserved') DEFAULT 'available'",
	 "no number's state is known, and none may change"},
	{NUMBERS, "routing_environment", COLUMN_WORD, 0, true, false, COLUMN_EXTRA,
	 "ENUM('prod','staging','oss') DEFAULT 'prod'", "env set, env show and --env fall away"},
	{NUMBERS, "is_default", COLUMN_FLAG, 0, true, false, COLUMN_GUARD, "BOOLEAN DEFAULT 0",
	 "no organisation has a default caller ID"},
	{NUMBERS, "routing_type", COLUMN_TEXT, 9, false, false, COLUMN_EXTRA, "VARCHAR(20)",
	 "--route falls away"},
	{NUMBERS, "routing_destination", COLUMN_TEXT, 0, false, false, COLUMN_EXTRA, "VARCHAR(255)",
	 "--route falls away"},
	{NUMBERS, "recording_enabled", COLUMN_FLAG, 0, false, false, COLUMN_EXTRA, "BOOLEAN",
	 "--record falls away"},
	{NUMBERS, "status", COLUMN_WORD, 0, true, false, COLUMN_VITAL,
	 "ENUM('active','inactive','ported','suspended') DEFAULT 'active'",
	 "no number's state is known, and none may change"},
	{NUMBERS, "region", COLUMN_TEXT, 0, false, false, COLUMN_EXTRA, "VARCHAR(255)",
	 "--region falls away"},
	{NUMBERS, "provider", COLUMN_TEXT, 0, false, false, COLUMN_EXTRA, "VARCHAR(255)",
	 "--provider falls away"},
	{NUMBERS, "monthly_price", COLUMN_PRICE, 0, false, false, COLUMN_EXTRA, "DECIMAL(10,2)",
	 "--price falls away"},
	{ORGS, "id", COLUMN_TEXT, 36, true, true, COLUMN_EXTRA, ID,
	 "no organisation can be told from another"},
	{ORGS, "name", COLUMN_TEXT, 0, true, false, COLUMN_EXTRA, "VARCHAR(255)",
	 "organisations have no names"},
	{USERS, "id", COLUMN_TEXT, 36, true, true, COLUMN_EXTRA, ID, "no user can be told from another"},
	{USERS, "org_id", COLUMN_TEXT, 36, true, false, COLUMN_EXTRA, ID,
	 "no user belongs to an organisation"},
	{USERS, "name", COLUMN_TEXT, 0, true, false, COLUMN_EXTRA, "VARCHAR(255)", "users have no names"},
	{USERS, "outbound_did", COLUMN_TEXT, LONGEST_NUMBER, false, false, COLUMN_EXTRA, "VARCHAR(20)",
	 "no user shows a number of its own"},
	{.table = NULL},
};

/* ---- reading */

static const char tables_mysql[] =
	"SELECT t.table_name, t.table_type, t.engine, e.transactions FROM information_schema.tables t"
	" LEFT JOIN information_schema.engines e ON e.engine = t.engine WHERE t.table_schema = DATABASE()"
	" AND (t.table_name IN ('did_numbers', 'organizations', 'users') OR t.table_name LIKE 'didctl|_%' ESCAPE '|')"
	" ORDER BY 1";

static const char tables_sqlite[] =
	"SELECT name, CASE type WHEN 'view' THEN 'VIEW' ELSE 'BASE TABLE' END, NULL, 'YES'"
	" FROM sqlite_master WHERE type IN ('table', 'view') AND (name IN ('did_numbers',"
	" 'organizations', 'users') OR name LIKE 'didctl|_%' ESCAPE '|') ORDER BY 1";

static const char columns_mysql[] =
	"SELECT table_name, column_name, column_type, is_nullable, column_default, extra, character_set_name"
	" FROM information_schema.columns WHERE table_schema = DATABASE() AND (table_name IN ('did_numbers', 'organizations',"
	" 'users') OR table_name LIKE 'didctl|_%' ESCAPE '|') ORDER BY table_name, ordinal_position";

/* The statement that made the table comes last: a CHECK in it is SQLite's enumeration. A primary key makes its own value. */
static const char columns_sqlite[] =
	"SELECT m.name, p.name, p.type, CASE WHEN p.\"notnull\" THEN 'NO' ELSE 'YES' END, p.dflt_value,"
	" CASE WHEN p.pk AND upper(p.type) = 'INTEGER' THEN 'auto_increment' ELSE '' END, NULL, m.sql"
	" FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type IN ('table', 'view') AND (m.name IN"
	" ('did_numbers', 'organizations', 'users') OR m.name LIKE 'didctl|_%' ESCAPE '|') ORDER BY m.name, p.cid";

/* Of each index of one column, table and column. */
static const char keys_mysql[] =
	"SELECT table_name, MIN(column_name) FROM information_schema.statistics WHERE table_schema = DATABASE()"
	" AND table_name IN ('did_numbers', 'organizations', 'users') AND non_unique = 0"
	" GROUP BY table_name, index_name HAVING COUNT(*) = 1 AND MIN(sub_part) IS NULL";

static const char keys_sqlite[] =
	"SELECT m.name, MIN(c.name) FROM sqlite_master m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c"
	" WHERE m.type = 'table' AND m.name IN ('did_numbers', 'organizations', 'users') AND i.\"unique\" AND NOT i.partial"
	" GROUP BY m.name, i.name HAVING COUNT(*) = 1"
	" UNION SELECT m.name, MIN(p.name) FROM sqlite_master m JOIN pragma_table_info(m.name) p"
	" WHERE m.type = 'table' AND m.name IN ('did_numbers', 'organizations', 'users') AND p.pk"
	" GROUP BY m.name HAVING COUNT(*) = 1";

static bool is_text(struct value v, const char *text)
{
	return v.s && strcasecmp(v.s, text) == 0;
}

static const char *kept(struct layout *layout, struct value v)
{
	return v.s ? arena_strndup(&layout->arena, v.s, v.len) : NULL;
}

static void add_table(struct layout *layout, const struct value *row)
{
	GROW(layout->tables, layout->ntables, layout->tables_cap);
	layout->tables[layout->ntables++] = (struct layout_table){
		.name = kept(layout, row[0]),
		.is_view = is_text(row[1], "VIEW"),
		.engine = kept(layout, row[2]),
		.has_transactions = is_text(row[3], "YES"),
	};
}

/* "CHECK (pool_status IN ('a', 'b'))" of a CREATE TABLE as the type "enum('a', 'b')"; NULL if there is none. */
static const char *check_type(struct layout *layout, const char *sql, const char *column)
{
	const char *in = arena_printf(&layout->arena, "CHECK (%s IN (", column);
	const char *list = sql ? strcasestr(sql, in) : NULL;

	if (!list)
		return NULL;
	list += strlen(in);
	return arena_printf(&layout->arena, "enum(%.*s)", (int)strcspn(list, ")"), list);
}

static void add_column(struct layout *layout, const struct value *row, bool has_sql)
{
	struct layout_column *c;
	const char *enumerated;

	GROW(layout->columns, layout->ncolumns, layout->columns_cap);
	c = &layout->columns[layout->ncolumns++];
	*c = (struct layout_column){
		.table = kept(layout, row[0]),
		.name = kept(layout, row[1]),
		.type = row[2].s ? kept(layout, row[2]) : "",
		.is_nullable = is_text(row[3], "YES"),
		.has_default = row[4].s || (row[5].s && (strcasestr(row[5].s, "auto_increment") ||
							 strcasestr(row[5].s, "generated"))),
		.charset = kept(layout, row[6]),
	};
	enumerated = has_sql ? check_type(layout, row[7].s, c->name) : NULL;
	if (enumerated)
		c->type = enumerated;
}

static struct layout_column *column_of(const struct layout *layout, const char *table, const char *name)
{
	for (size_t i = 0; i < layout->ncolumns; i++)
		if (strcmp(layout->columns[i].table, table) == 0 &&
		    strcasecmp(layout->columns[i].name, name) == 0)
			return &layout->columns[i];
	return NULL;
}

int layout_read_tables(struct sql_store *s, struct layout *layout, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, sql_is_mysql(s) ? tables_mysql : tables_sqlite);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		add_table(layout, row);
	return sql_finish(s, &st, rc);
}

int layout_read_columns(struct sql_store *s, struct layout *layout, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, sql_is_mysql(s) ? columns_mysql : columns_sqlite);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		add_column(layout, row, !sql_is_mysql(s));
	return sql_finish(s, &st, rc);
}

int layout_read_keys(struct sql_store *s, struct layout *layout, struct err *err)
{
	struct statement st = {0};
	struct layout_column *c;
	const struct value *row;
	int rc;

	buf_puts(&st.text, sql_is_mysql(s) ? keys_mysql : keys_sqlite);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		if (row[1].s &&
		    (c = column_of(layout, row[0].s, row[1].s))) /* an index may be of an expression */
			c->is_unique = true;
	return sql_finish(s, &st, rc);
}

bool layout_is_own(const char *table)
{
	return strncmp(table, "didctl_", strlen("didctl_")) == 0;
}

const struct layout_table *layout_table(const struct layout *layout, const char *name)
{
	for (size_t i = 0; i < layout->ntables; i++)
		if (strcmp(layout->tables[i].name, name) == 0)
			return &layout->tables[i];
	return NULL;
}

const struct layout_column *layout_column(const struct layout *layout, const char *table, const char *name)
{
	return column_of(layout, table, name);
}

void layout_release(struct layout *layout)
{
	free(layout->tables);
	free(layout->columns);
	arena_release(&layout->arena);
	*layout = (struct layout){0};
}

/* ---- words */

const char *column_word(const struct column_need *need, size_t i)
{
	static const char *const envs[] = {"prod", "staging", "oss"};

	if (strcmp(need->name, "routing_environment") == 0)
		return i < ARRAY_SIZE(envs) ? envs[i] : NULL;
	if (i >= STATE_UNKNOWN)
		return NULL;
	return strcmp(need->name, "status") == 0 ? state_info[i].status : state_info[i].pool_status;
}

void column_each_word(const struct layout_column *column,
		      void (*told)(void *arg, const char *word, size_t len), void *arg)
{
	const char *p = strncasecmp(column->type, "enum(", 5) == 0 ? column->type + 5 : "";

	while ((p = strchr(p, '\''))) {
		size_t len = 0;

		for (p++; p[len] && (p[len] != '\'' || p[len + 1] == '\''); len++)
			len += p[len] == '\''; /* a quote in a word is two */
		told(arg, p, len);
		p += len + (p[len] == '\'');
	}
}

struct wanted_word {
	const char *word;
	bool is_found;
};

static void compare_word(void *arg, const char *word, size_t len)
{
	struct wanted_word *wanted = arg;

	wanted->is_found |= strlen(wanted->word) == len && memcmp(wanted->word, word, len) == 0;
}

bool column_has_word(const struct layout_column *column, const char *word)
{
	struct wanted_word wanted = {word, strncasecmp(column->type, "enum(", 5) != 0};

	column_each_word(column, compare_word, &wanted);
	return wanted.is_found;
}

/* ---- types */

enum type_class {
	TYPE_TEXT = 1,
	TYPE_ENUM = 2,
	TYPE_WHOLE = 4,
	TYPE_EXACT = 8,
	TYPE_REAL = 16,
	TYPE_OTHER = 32
};

/* Part of a type's name, and what it makes of the type; the first line that fits counts. */
struct type_rule {
	const char *part;
	enum type_class class;
};

static const struct type_rule types_mysql[] = {
	{"enum(", TYPE_ENUM}, {"set(", TYPE_OTHER},  {"point", TYPE_OTHER},    {"int", TYPE_WHOLE},
	{"char", TYPE_TEXT},  {"text", TYPE_TEXT},   {"varbinary", TYPE_TEXT}, {"decimal(", TYPE_EXACT},
	{"float", TYPE_REAL}, {"double", TYPE_REAL}, {NULL, TYPE_OTHER},
};

/* SQLite's own rules of affinity, in its order; a column without one keeps text as text and whole numbers as such. */
static const struct type_rule types_sqlite[] = {
	{"enum(", TYPE_ENUM}, {"int", TYPE_WHOLE}, {"char", TYPE_TEXT}, {"clob", TYPE_TEXT},
	{"text", TYPE_TEXT},  {"blob", TYPE_TEXT}, {"real", TYPE_REAL}, {"floa", TYPE_REAL},
	{"doub", TYPE_REAL},  {NULL, TYPE_EXACT},
};

#define ANY_NUMBER (TYPE_WHOLE | TYPE_EXACT | TYPE_REAL)

/* SQLite keeps a word in a column of any type, and a price in each that is not text. */
static const struct {
	unsigned mysql, sqlite;
	const char *loss;
} kinds[] = {
	[COLUMN_TEXT] = {TYPE_TEXT, TYPE_TEXT | TYPE_ENUM, "which loses leading zeros, + and letters"},
	[COLUMN_WORD] = {TYPE_TEXT | TYPE_ENUM, TYPE_TEXT | TYPE_ENUM | ANY_NUMBER, "which holds no words"},
	[COLUMN_FLAG] = {TYPE_WHOLE | TYPE_EXACT, ANY_NUMBER, "which may hold other values than 0 and 1"},
	[COLUMN_PRICE] = {TYPE_EXACT, ANY_NUMBER, "which does not keep a price exactly"},
};

static enum type_class class_of(bool is_mysql, const char *type)
{
	const struct type_rule *rule = is_mysql ? types_mysql : types_sqlite;

	if (!is_mysql && !*type)
		return TYPE_TEXT;
	while (rule->part && !strcasestr(type, rule->part))
		rule++;
	return rule->class;
}

/* The first or the second number of "decimal(10,2)"; 0 if there is none. */
static unsigned long type_size(const char *type, char before)
{
	const char *p = strchr(type, before);

	return p ? strtoul(p + 1, NULL, 10) : 0;
}

static size_t longest_word(const struct column_need *need)
{
	const char *word;
	size_t longest = 0;

	for (size_t i = 0; (word = column_word(need, i)); i++)
		if (strlen(word) > longest)
			longest = strlen(word);
	return longest;
}

const char *column_misfit(const struct sql_store *s, const struct column_need *need,
			  const struct layout_column *column)
{
	bool is_mysql = sql_is_mysql(s);
	unsigned fits = is_mysql ? kinds[need->kind].mysql : kinds[need->kind].sqlite;
	enum type_class class = class_of(is_mysql, column->type);
	size_t length = need->kind == COLUMN_WORD ? longest_word(need) : need->length,
	       size = type_size(column->type, '(');

	if (!(class & fits))
		return kinds[need->kind].loss;
	if (!is_mysql) /* lengths and places are a comment there */
		return NULL;
	if (class == TYPE_TEXT && size && size < length)
		return "which is too short";
	if (need->kind == COLUMN_PRICE && type_size(column->type, ',') < 2)
		return kinds[need->kind].loss;
	return NULL;
}

/* ---- before a change */

static int admit_tables(struct sql_store *s, const struct layout *layout, struct err *err)
{
	for (size_t i = 0; i < layout->ntables; i++) {
		const struct layout_table *t = &layout->tables[i];

		if (t->is_view)
			err_set(err, ERR_TARGET, "%s is a view in '%s': changes are made to tables only",
				t->name, s->target.url);
		else if (!t->has_transactions)
			err_set(err, ERR_TARGET,
				"table %s of '%s' keeps no transactions: a change could stay half done",
				t->name, s->target.url);
		else
			continue;
		err_hint(err, "didctl doctor tables");
		return ERR_TARGET;
	}
	return 0;
}

static void note_unfit(struct sql_store *s, const char *name)
{
	for (const struct sql_column *c = base_columns; c->name; c++)
		if (strcmp(c->name, name) == 0)
			s->unfit |= FIELD_BIT(c->field);
}

static int refuse_column(const struct sql_store *s, const struct column_need *need,
			 const struct layout_column *c, const char *misfit, struct err *err)
{
	if (c)
		err_set(err, ERR_TARGET,
			"column %s of did_numbers in '%s' is %.64s, %s: nothing can be changed", need->name,
			s->target.url, c->type, misfit);
	else
		err_set(err, ERR_TARGET, "did_numbers of '%s' has no column %s: nothing can be changed",
			s->target.url, need->name);
	err_hint(err, "didctl doctor columns");
	return ERR_TARGET;
}

static int admit_columns(struct sql_store *s, const struct layout *layout, struct err *err)
{
	for (const struct column_need *need = column_needs; need->table; need++) {
		const struct layout_column *c = column_of(layout, need->table, need->name);
		const char *misfit = c ? column_misfit(s, need, c) : NULL;

		if (strcmp(need->table, NUMBERS) != 0)
			continue;
		if ((!c && need->weight == COLUMN_VITAL) || (misfit && need->weight != COLUMN_EXTRA))
			return refuse_column(s, need, c, misfit, err);
		if (misfit)
			note_unfit(s, need->name);
	}
	return 0;
}

int layout_admit(struct sql_store *s, struct err *err)
{
	struct layout layout = {0};
	int rc = layout_read_tables(s, &layout, err);

	s->unfit = 0;
	if (rc == 0)
		rc = admit_tables(s, &layout, err);
	if (rc == 0)
		rc = layout_read_columns(s, &layout, err);
	if (rc == 0)
		rc = admit_columns(s, &layout, err);
	layout_release(&layout);
	return rc;
}
