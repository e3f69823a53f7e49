/*
 * How far the inventory is, and how far the switch: a number out of the order in which the history was written. Nothing
 * is counted when calls move, so that writers do not meet on a row.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sql/survey.h"

#define LIVE "live" /* in didctl_meta: the generation that regen has brought to the switch */
#define MOVED                                                                                              \
	"FROM didctl_history h JOIN didctl_changes c ON c.id = h.change_id WHERE COALESCE(c.moves_calls, 1) = 1"

/* Tables of an older version do not say which changes moved calls, and no regen has noted anything in them. */
static bool is_kept(const struct sql_store *s)
{
	return s->has_tables && s->schema_version == SCHEMA_VERSION;
}

static uint64_t to_number(const char *text)
{
	return text ? strtoull(text, NULL, 10) : 0;
}

static int ask(struct sql_store *s, const char *text, const char **out, struct arena *arena, struct err *err)
{
	struct statement st = {0};
	int rc;

	buf_puts(&st.text, text);
	rc = sql_scalar(s, &st, out, arena, err);
	statement_release(&st);
	return rc;
}

/* NULL: regen has brought nothing to a switch yet. */
static int read_live(struct sql_store *s, const char **out, struct arena *arena, struct err *err)
{
	*out = NULL;
	return is_kept(s) ? ask(s, "SELECT value FROM didctl_meta WHERE name = '" LIVE "'", out, arena, err) : 0;
}

/* Backwards from the end: what moves calls is common, so it is found within a few rows. */
int sql_store_generation(struct store *store, uint64_t *out, struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	struct arena arena = {0};
	const char *text = NULL;
	int rc = is_kept(s) ? ask(s, "SELECT h.seq " MOVED " ORDER BY h.seq DESC LIMIT 1", &text, &arena, err) : 0;

	*out = to_number(text);
	arena_release(&arena);
	return rc;
}

int sql_store_live(struct store *store, uint64_t *out, struct err *err)
{
	struct arena arena = {0};
	const char *text;
	int rc = read_live((struct sql_store *)store, &text, &arena, err);

	*out = to_number(text);
	arena_release(&arena);
	return rc;
}

int sql_store_set_live(struct store *store, uint64_t generation, struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	char text[24];

	if (!s->has_tables)
		return sql_lacks_tables(s, "what the switch runs", err);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)generation);
	return sql_set_meta(s, LIVE, text, err);
}

/*
 * The check live. Where regen has brought nothing to a switch yet, somebody else makes its files, and is not reminded. A
 * change that was under way during regen, and got its place in the history before, is not seen here but by regen --check,
 * which compares routes.
 */
int survey_live(struct survey *v, struct err *err)
{
	struct sql_store *s = v->s;
	struct statement st = {0};
	const struct value *row;
	const char *live = NULL, *since = NULL;
	unsigned long long n = 0;
	int rc = read_live(s, &live, &v->arena, err);

	if (rc < 0 || !live)
		return rc;
	buf_printf(&st.text, "SELECT COUNT(DISTINCT c.id), MIN(c.at) " MOVED " AND h.seq > %" PRIu64, to_number(live));
	rc = sql_open(s, &st, err);
	if (rc == 0 && (rc = sql_fetch(s, &row, err)) == 1) {
		n = to_number(row[0].s);
		since = row[1].s ? arena_strdup(&v->arena, row[1].s) : "-";
	}
	s->driver->done(s->db);
	statement_release(&st);
	if (rc < 0 || !n)
		return rc < 0 ? rc : 0;
	return survey_tell(v, CHECK_LIVE, "didctl regen", err, "%llu change%s since %.40s moved calls and %s not live", n,
			   n == 1 ? "" : "s", since, n == 1 ? "is" : "are");
}
