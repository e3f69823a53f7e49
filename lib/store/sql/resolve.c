/* What became of a change whose outcome nobody was told. */
#include <stdlib.h>
#include <string.h>

#include "store/sql/changes.h"

/*
 * The row of a change, written and taken away again in one transaction. On one server a change in flight holds its row, so
 * that this waits for it. Another node of a cluster does not see that: there two transactions that write one key do not both
 * get through their COMMIT, and once this one has, the one in flight never will.
 */
static int write_and_remove(struct sql_store *s, const char *change_id, struct err *err)
{
	struct change c = {.verb = VERB_EXTERNAL};
	struct statement st = {0};
	int rc;

	memcpy(c.id, change_id, sizeof(c.id));
	buf_puts(&st.text, "DELETE FROM didctl_changes WHERE id = ?");
	statement_param(&st, change_id);
	rc = sql_begin(s, true, err);
	if (rc == 0)
		rc = change_insert(s, &c, NULL, err);
	if (rc == 0)
		rc = sql_run(s, &st, NULL, err);
	if (rc == 0)
		rc = sql_commit(s, err);
	statement_release(&st);
	return rc;
}

/* What a failure tells of the change. Where no answer comes in time, none has come to the change either: it is open. */
static bool tells(enum sql_class failure, enum outcome *out)
{
	switch (failure) {
	case SQL_DUPLICATE:
		*out = OUTCOME_COMMITTED;
		return true;
	case SQL_ROLLED_BACK:
	case SQL_STATEMENT:
	case SQL_LOST:
		*out = OUTCOME_OPEN;
		return true;
	default:
		return false;
	}
}

/* For a change of which no row tells. */
static int probe(struct sql_store *s, const char *change_id, enum outcome *out, struct err *err)
{
	int rc;

	*out = OUTCOME_NOT_THERE;
	s->has_failed = false;
	rc = write_and_remove(s, change_id, err);
	if (rc == 0)
		return 0;
	s->driver->rollback(s->db); /* after any error: the next BEGIN would commit what is open */
	return s->has_failed && tells(s->failure, out) ? 0 : rc;
}

/* For a change that has no row at all. Who may only read is told what that means, and what it does not. */
static int find_out(struct sql_store *s, const char *change_id, enum outcome *out, struct err *err)
{
	int rc = probe(s, change_id, out, err);

	if (rc < 0 && s->has_failed && (s->failure == SQL_DENIED || s->failure == SQL_NODE))
		err_hint(err, "it is not in the history so far; that it will not come any more is known only by writing its id: ask a"
			      " server, and as a user, where changes may be made");
	return rc;
}

/* Of a change in pieces, which is begun: the next one may be on its way, and without the last one it is not done. */
static int resolve_pieces(struct sql_store *s, const char *change_id, enum outcome *out, struct err *err)
{
	struct statement st = {0};
	struct arena arena = {0};
	char next[UUID_TEXT];
	const char *made;
	int rc;

	buf_puts(&st.text, "SELECT COUNT(*) FROM didctl_changes p JOIN didctl_changes c ON c.id = p.part_of WHERE c.id = ?"
			   " HAVING COUNT(p.total) = 0");
	statement_param(&st, change_id);
	rc = sql_scalar(s, &st, &made, &arena, err);
	*out = made ? OUTCOME_PARTLY : OUTCOME_COMMITTED;
	if (rc == 0 && made) {
		change_part_id(change_id, strtoull(made, NULL, 10), next);
		rc = probe(s, next, out, err);
		*out = *out == OUTCOME_OPEN ? OUTCOME_OPEN : OUTCOME_PARTLY;
	}
	statement_release(&st);
	arena_release(&arena);
	return rc;
}

int sql_store_resolve(struct store *store, const char *change_id, enum outcome *out, struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	struct statement st = {0};
	struct arena arena = {0};
	const char *found;
	int rc;

	if (!s->has_tables)
		return sql_lacks_tables(s, "the history", err);
	buf_printf(&st.text, "SELECT %s FROM didctl_changes WHERE id = ?",
		   sql_has_pieces(s) ? "CASE WHEN part_of IS NULL AND total IS NOT NULL THEN 'pieces' ELSE 'whole' END" : "'whole'");
	statement_param(&st, change_id);
	rc = sql_scalar(s, &st, &found, &arena, err);
	statement_release(&st);
	if (rc == 0 && found && strcmp(found, "pieces") == 0)
		rc = resolve_pieces(s, change_id, out, err);
	else if (rc == 0 && found)
		*out = OUTCOME_COMMITTED;
	else if (rc == 0)
		rc = find_out(s, change_id, out, err);
	arena_release(&arena);
	return rc;
}
