/* What the target itself is like. Each part stands alone: one that cannot be looked at is a finding, and the next follows. */
#include "store/sql/survey.h"

#include <stdio.h>
#include <string.h>

int survey_tell(struct survey *v, enum check check, const char *fix, struct err *err, const char *detail, ...)
{
	char text[ERR_TEXT_MAX + 128];
	struct finding finding = {.check = check, .detail = text, .fix = fix};
	va_list args;
	int rc;

	va_start(args, detail);
	vsnprintf(text, sizeof(text), detail, args);
	va_end(args);
	rc = v->finder->found(v->finder, &finding, err);
	v->is_over |= rc < 0;
	return rc < 0 ? rc : 0;
}

int survey_layout(struct survey *v, struct err *err)
{
	int rc = 0;

	if (v->has_layout)
		return 0;
	layout_release(&v->layout);
	rc = layout_read_tables(v->s, &v->layout, err);
	if (rc == 0)
		rc = layout_read_columns(v->s, &v->layout, err);
	if (rc == 0)
		rc = layout_read_keys(v->s, &v->layout, err);
	v->has_layout = rc == 0;
	return rc;
}

const char *survey_quoted(struct survey *v, const char *path)
{
	struct buf out = {0};
	const char *quoted;

	buf_putc(&out, '\'');
	for (const char *p = path; *p; p++)
		*p == '\'' ? buf_puts(&out, "'\\''") : buf_putc(&out, *p);
	buf_putc(&out, '\'');
	quoted = arena_strdup(&v->arena, buf_str(&out));
	buf_release(&out);
	return quoted;
}

const char *survey_name(struct survey *v, const char *name)
{
	struct buf out = {0};
	const char *quoted;

	sql_quote_name(&out, name);
	quoted = arena_strdup(&v->arena, buf_str(&out));
	buf_release(&out);
	return quoted;
}

const char *survey_look(struct survey *v, const char *table)
{
	return sql_is_mysql(v->s) ? arena_printf(&v->arena, "SHOW CREATE TABLE %s;", survey_name(v, table))
				  : arena_printf(&v->arena, "sqlite3 %s '.schema %s'",
						 survey_quoted(v, v->s->target.path), table);
}

/* In the order of the checks. */
static const struct {
	enum check check;
	int (*look)(struct survey *v, struct err *err);
} parts[] = {
	{CHECK_TABLES, survey_tables}, {CHECK_COLUMNS, survey_columns}, {CHECK_INTEGRITY, survey_integrity},
	{CHECK_SETUP, survey_own},     {CHECK_SETUP, survey_words},	{CHECK_RIGHTS, survey_rights},
	{CHECK_SERVER, survey_server}, {CHECK_CHARSET, survey_charset},
	{CHECK_LIVE, survey_live},     {CHECK_MAIL, survey_mail},
};

/* The connection is gone, or somebody wants an end: nothing that follows could be looked at. */
static bool ends_survey(const struct survey *v, const struct err *err)
{
	enum sql_class failure = v->s->failure;

	if (v->is_over || err->code == ERR_INTERRUPTED)
		return true;
	return v->s->has_failed &&
	       (failure == SQL_LOST || failure == SQL_NODE || failure == SQL_NEVER_STARTED);
}

int sql_store_survey(struct store *store, uint64_t checks, struct finder *finder, struct err *err)
{
	struct survey v = {.s = (struct sql_store *)store, .finder = finder};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(parts); i++) {
		struct err failed = {0};
		const char *again;

		if (!(checks & CHECK_BIT(parts[i].check)))
			continue;
		v.s->has_failed = false;
		rc = parts[i].look(&v, &failed);
		if (rc == 0)
			continue;
		if (ends_survey(&v, &failed)) {
			if (err)
				*err = failed;
			break;
		}
		again = arena_printf(&v.arena, "didctl doctor %s", check_info[parts[i].check].name);
		rc = survey_tell(&v, parts[i].check, again, err, "cannot be looked at: %s", failed.text);
	}
	v.s->has_failed = false;
	layout_release(&v.layout);
	arena_release(&v.arena);
	return rc;
}
