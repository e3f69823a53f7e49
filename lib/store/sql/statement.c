/* Statements with parameters, and the driver's calls, which remember that an error came from the database. */
#include <stdlib.h>
#include <string.h>

#include "store/sql/sqlstore.h"

void statement_param(struct statement *st, const char *s)
{
	GROW(st->params, st->n, st->cap);
	st->params[st->n++] = value_str(s);
}

void statement_copy(struct statement *st, const char *s, size_t len)
{
	statement_param(st, arena_strndup(&st->arena, s, len));
	st->params[st->n - 1].len = len; /* bytes of a document may be NUL */
}

void statement_like(struct statement *st, const char *before, const char *text, const char *after)
{
	struct buf b = {0};

	buf_puts(&b, before);
	for (; *text; text++) {
		if (strchr("%_|", *text))
			buf_putc(&b, '|');
		buf_putc(&b, *text);
	}
	buf_puts(&b, after);
	statement_copy(st, buf_str(&b), b.len);
	buf_release(&b);
}

void statement_reset(struct statement *st)
{
	buf_reset(&st->text);
	st->n = 0;
	arena_release(&st->arena);
}

void statement_release(struct statement *st)
{
	buf_release(&st->text);
	free(st->params);
	arena_release(&st->arena);
	*st = (struct statement){0};
}

static int noted(struct sql_store *s, int rc)
{
	if (rc < 0) {
		s->has_failed = true;
		s->failure = s->driver->error_class(s->db);
	}
	return rc;
}

/* Nothing to send to is left where an earlier attempt to connect again has failed, and whoever goes on tries it anew. */
static int connected(struct sql_store *s, struct err *err)
{
	return s->db ? 0 : sql_reconnect(s, err);
}

int sql_begin(struct sql_store *s, bool write, struct err *err)
{
	int rc = connected(s, err);

	return rc < 0 ? rc : noted(s, s->driver->begin(s->db, write, err));
}

int sql_commit(struct sql_store *s, struct err *err)
{
	return noted(s, s->driver->commit(s->db, err));
}

int sql_run(struct sql_store *s, struct statement *st, uint64_t *affected, struct err *err)
{
	int rc = connected(s, err);

	return rc < 0 ? rc : noted(s, s->driver->exec(s->db, buf_str(&st->text), st->params, st->n, affected, err));
}

int sql_text(struct sql_store *s, const char *text, struct err *err)
{
	int rc = connected(s, err);

	return rc < 0 ? rc : noted(s, s->driver->exec(s->db, text, NULL, 0, NULL, err));
}

int sql_open(struct sql_store *s, struct statement *st, struct err *err)
{
	int rc = connected(s, err);

	return rc < 0 ? rc : noted(s, s->driver->query(s->db, buf_str(&st->text), st->params, st->n, err));
}

int sql_fetch(struct sql_store *s, const struct value **row, struct err *err)
{
	return noted(s, s->driver->fetch(s->db, row, err));
}

int sql_finish(struct sql_store *s, struct statement *st, int rc)
{
	s->driver->done(s->db);
	statement_release(st);
	return rc < 0 ? rc : 0;
}

int sql_scalar(struct sql_store *s, struct statement *st, const char **out, struct arena *arena, struct err *err)
{
	const struct value *row;
	int rc = sql_open(s, st, err);

	*out = NULL;
	if (rc < 0)
		return rc;
	rc = sql_fetch(s, &row, err);
	if (rc == 1 && row[0].s)
		*out = arena_strndup(arena, row[0].s, row[0].len);
	s->driver->done(s->db);
	return rc < 0 ? rc : 0;
}

int sql_count(struct sql_store *s, struct statement *st, uint64_t *out, struct err *err)
{
	const char *n = NULL;
	int rc = sql_scalar(s, st, &n, &st->arena, err);

	*out = n ? strtoull(n, NULL, 10) : 0;
	statement_release(st);
	return rc;
}
