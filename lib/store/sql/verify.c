/*
 * Whether the history is what was written (doctor history): the hash of every change, rows of history whose change is gone,
 * the counts, and the chain of the seals. Everything is read in one snapshot and told as it is found.
 */
#include "store/sql/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/sql/seal.h"

#define BACKUP "compare with a backup"

static int find(struct finder *finder, const char *detail, const char *fix, struct err *err)
{
	const struct finding finding = {.check = CHECK_HISTORY, .detail = detail, .fix = fix};

	return finder->found(finder, &finding, err);
}

/* ---- changes */

struct history_check {
	struct digest_walk walk;
	struct finder *finder;
};

static int find_change(struct finder *finder, const char *id, const char *what, struct err *err)
{
	char detail[TEXT_SHOWN + 256], fix[TEXT_SHOWN + 64], shown[TEXT_SHOWN];

	text_show(shown, id, strlen(id));
	snprintf(detail, sizeof(detail), "change %s: %s", shown, what);
	snprintf(fix, sizeof(fix), "didctl history --change %s; " BACKUP, shown);
	return find(finder, detail, fix, err);
}

static int check_change(struct digest_walk *walk, const struct digested *change, struct err *err)
{
	struct finder *finder = ((struct history_check *)walk)->finder;
	uint64_t held = change->numbers ? change->numbers : change->objects;
	char text[160];
	int rc = 0;

	if (!change->stored)
		rc = find_change(finder, change->id, "it has no hash", err);
	else if (strcmp(change->stored, change->hash) != 0)
		rc = find_change(finder, change->id, "its row or its history is not what was written: the hash differs", err);
	if (rc < 0 || held == change->n)
		return rc;
	snprintf(text, sizeof(text), "it says that %" PRIu64 " changed, its history holds %" PRIu64, change->n, held);
	return find_change(finder, change->id, text, err);
}

/* Rows of a statement, each told by a function of its own. */
static int for_rows(struct sql_store *s, const char *text, int (*tell)(void *, const struct value *, struct err *),
		    void *data, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, text);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		rc = tell(data, row, err);
	return sql_finish(s, &st, rc);
}

static int tell_orphan(void *finder, const struct value *row, struct err *err)
{
	char detail[TEXT_SHOWN + 256], shown[TEXT_SHOWN];

	snprintf(detail, sizeof(detail), "change %s is gone, %s of its history rows are there, the first with seq %s",
		 text_show(shown, row[0].s ? row[0].s : "", row[0].len), row[1].s, row[2].s);
	return find(finder, detail, "restore its row of didctl_changes from a backup", err);
}

static int check_changes(struct sql_store *s, struct finder *finder, struct progress *progress, struct err *err)
{
	struct history_check check = {.walk = {.s = s, .progress = progress, .found = check_change}, .finder = finder};
	int rc = digest_walk(&check.walk, err);

	if (rc < 0)
		return rc;
	return for_rows(s, "SELECT h.change_id, COUNT(*), MIN(h.seq) FROM didctl_history h WHERE NOT EXISTS"
			   " (SELECT 1 FROM didctl_changes c WHERE c.id = h.change_id) GROUP BY h.change_id",
			tell_orphan, finder, err);
}

/* ---- seals */

enum { SEAL_NUMBER, SEAL_AT, SEAL_N, SEAL_PREVIOUS, SEAL_HASH, SEAL_CHANGE, SEAL_CHANGE_HASH };

struct seal_check {
	struct finder *finder;
	struct arena arena, last; /* of the seal at hand and the one before */
	struct seal seal;
	const char *stored; /* its hash */
	SHA2_CTX sha;
	uint64_t there;	       /* changes under it */
	uint64_t before;       /* number of the seal before */
	const char *head;      /* its hash */
	bool has_seal;
};

static int find_seal(struct seal_check *c, uint64_t number, const char *what, struct err *err)
{
	char detail[256];

	snprintf(detail, sizeof(detail), "seal %" PRIu64 " %s", number, what);
	return find(c->finder, detail, BACKUP ": didctl_seals and didctl_changes", err);
}

/* The chain: one after the other, each with the hash of the one before. */
static int check_link(struct seal_check *c, struct err *err)
{
	char text[96];

	if (c->seal.number == c->before + 1)
		return text_is_same(c->seal.previous, c->head) ?
			       0 :
			       find_seal(c, c->seal.number, "does not follow the seal before it: another hash is noted there", err);
	snprintf(text, sizeof(text), "is gone: the next one is %" PRIu64, c->seal.number);
	return find_seal(c, c->before + 1, text, err);
}

static int finish_seal(struct seal_check *c, struct err *err)
{
	char hash[DIGEST_TEXT], text[160];
	int rc;

	if (!c->has_seal)
		return 0;
	rc = check_link(c, err);
	SHA256End(&c->sha, hash);
	if (rc == 0 && c->there != c->seal.n) {
		snprintf(text, sizeof(text), "was put on %" PRIu64 " changes, %" PRIu64 " are there", c->seal.n, c->there);
		rc = find_seal(c, c->seal.number, text, err);
	} else if (rc == 0 && !text_is_same(c->stored, hash)) {
		rc = find_seal(c, c->seal.number, "does not hold: it, or the hash of a change under it, is not what was written",
			       err);
	}
	c->before = c->seal.number;
	c->head = c->stored;
	return rc;
}

static const char *kept(struct arena *arena, struct value v)
{
	return v.s ? arena_strndup(arena, v.s, v.len) : NULL;
}

static void start_seal(struct seal_check *c, const struct value *row)
{
	arena_release(&c->last);
	c->last = c->arena;
	c->arena = (struct arena){0};
	c->seal = (struct seal){.number = strtoull(row[SEAL_NUMBER].s, NULL, 10),
				.n = row[SEAL_N].s ? strtoull(row[SEAL_N].s, NULL, 10) : 0,
				.at = kept(&c->arena, row[SEAL_AT]),
				.previous = kept(&c->arena, row[SEAL_PREVIOUS])};
	c->stored = kept(&c->arena, row[SEAL_HASH]);
	c->there = 0;
	c->has_seal = true;
	seal_begin(&c->seal, &c->sha);
}

static int take_sealed(void *data, const struct value *row, struct err *err)
{
	struct seal_check *c = data;
	int rc = 0;

	if (!c->has_seal || c->seal.number != strtoull(row[SEAL_NUMBER].s, NULL, 10)) {
		rc = finish_seal(c, err);
		start_seal(c, row);
	}
	if (!row[SEAL_CHANGE].s)
		return rc;
	c->there++;
	digest_cells(&c->sha, &row[SEAL_CHANGE], 2);
	return rc;
}

static int tell_unknown_seal(void *finder, const struct value *row, struct err *err)
{
	char detail[TEXT_SHOWN + 128], shown[TEXT_SHOWN];

	snprintf(detail, sizeof(detail), "change %s is under seal %s, which is gone",
		 text_show(shown, row[0].s ? row[0].s : "", row[0].len), row[1].s);
	return find(finder, detail, "restore didctl_seals from a backup", err);
}

static int check_seals(struct sql_store *s, struct finder *finder, struct err *err)
{
	struct seal_check check = {.finder = finder};
	int rc = for_rows(s, "SELECT s.seal, s.at, s.n, s.previous, s.hash, c.id, c.hash FROM didctl_seals s"
			     " LEFT JOIN didctl_changes c ON c.seal = s.seal ORDER BY s.seal, c.id",
			  take_sealed, &check, err);

	if (rc == 0)
		rc = finish_seal(&check, err);
	arena_release(&check.arena);
	arena_release(&check.last);
	if (rc < 0)
		return rc;
	return for_rows(s, "SELECT c.id, c.seal FROM didctl_changes c WHERE c.seal IS NOT NULL AND NOT EXISTS"
			   " (SELECT 1 FROM didctl_seals s WHERE s.seal = c.seal) ORDER BY c.seal, c.id",
			tell_unknown_seal, finder, err);
}

/* ---- both checks */

/* Writers go on meanwhile: what they commit is not half seen. SQLite's transactions are snapshots anyway. */
static int begin_snapshot(struct sql_store *s, struct err *err)
{
	int rc = 0;

	if (sql_is_mysql(s))
		rc = sql_text(s, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", err);
	return rc < 0 ? rc : sql_begin(s, false, err);
}

int sql_store_verify(struct store *store, uint64_t checks, struct finder *finder, struct progress *progress,
		     struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	int rc;

	if (!(checks & (CHECK_BIT(CHECK_HISTORY) | CHECK_BIT(CHECK_REPLAY))))
		return 0;
	if (!s->has_tables || s->schema_version < SCHEMA_VERSION)
		return sql_lacks_tables(s, "a check of the history", err);
	s->progress = NULL; /* a slice that is read is no step of its own */
	rc = begin_snapshot(s, err);
	if (rc < 0)
		return rc;
	if (checks & CHECK_BIT(CHECK_HISTORY)) {
		rc = check_changes(s, finder, progress, err);
		if (rc == 0)
			rc = check_seals(s, finder, err);
	}
	if (rc == 0 && checks & CHECK_BIT(CHECK_REPLAY))
		rc = verify_replay(s, finder, progress, err);
	s->driver->rollback(s->db);
	return rc;
}
