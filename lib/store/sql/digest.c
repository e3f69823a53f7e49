#include "store/sql/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* c.runs comes last and by itself: it may be long, and is read once. */
#define CHANGE_CELLS                                                                                                   \
	"c.id, c.at, c.actor, c.host, c.verb, c.target, c.reason, c.undo_of, c.request_hash, c.org_id, c.org_text,"    \
	" c.n, c.changed, c.unchanged, c.refused, c.moves_calls, c.numbers"
#define NCHANGE 18
#define NPIECE 2 /* the columns of a change in pieces, which count only where there is something in them */
#define HISTORY_CELLS "h.seq, h.change_id, h.block, h.first, h.last, h.n, h.`before`, h.`after`, h.members"
#define NHISTORY 9
enum { CELL_ID = 0, CELL_N = 11 };			     /* of a change */
enum { CELL_SEQ = 0, CELL_CHANGE = 1, CELL_BLOCK = 2, CELL_COUNT = 5 }; /* of a history row */

#define WALK_BATCH 500 /* changes that are hashed side by side */

void digest_cells(SHA2_CTX *sha, const struct value *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char length[24];
		int len = cells[i].s ? snprintf(length, sizeof(length), "%zu:", cells[i].len) :
				       snprintf(length, sizeof(length), "-");

		SHA256Update(sha, (const uint8_t *)length, (size_t)len);
		if (cells[i].s)
			SHA256Update(sha, (const uint8_t *)cells[i].s, cells[i].len);
	}
}

/* Tables of an older version have no such columns. */
static const char *piece_cells(const struct sql_store *s)
{
	return s->schema_version >= 4 ? "c.part_of, c.total" : "NULL, NULL";
}

/* A change that is no piece and has none hashes as it did before there were any. */
static void digest_change_cells(SHA2_CTX *sha, const struct value *row)
{
	digest_cells(sha, row, NCHANGE);
	if (row[NCHANGE].s || row[NCHANGE + 1].s)
		digest_cells(sha, row + NCHANGE, NPIECE);
}

/* The index is named, since the rows of a change that made most of the table would otherwise be sorted, long texts and all. */
static const char *by_change(const struct sql_store *s)
{
	return sql_is_mysql(s) ? " FORCE INDEX (didctl_history_change)" : "";
}

/* Adds what a statement about one change gives: its row once, and the history row in each. How many rows there were. */
static int digest_rows(struct sql_store *s, struct statement *st, SHA2_CTX *sha, struct err *err)
{
	const struct value *row;
	bool is_first = true;
	int rc = sql_open(s, st, err);

	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1) {
		if (is_first)
			digest_change_cells(sha, row);
		is_first = false;
		if (row[NCHANGE + NPIECE + CELL_SEQ].s)
			digest_cells(sha, row + NCHANGE + NPIECE, NHISTORY);
	}
	s->driver->done(s->db);
	return rc < 0 ? rc : !is_first;
}

/*
 * One change in one statement, its long column in the first row only. Inner, since a LEFT JOIN is sorted by the server; so
 * a change without any history, whose id somebody chose, takes another one.
 */
static int digest_change(struct sql_store *s, const char *change_id, char out[DIGEST_TEXT], struct err *err)
{
	struct statement st = {0};
	SHA2_CTX sha;
	int rc;

	buf_printf(&st.text, "SELECT " CHANGE_CELLS ", CASE WHEN h.seq ="
			     " (SELECT MIN(m.seq) FROM didctl_history m WHERE m.change_id = ?) THEN c.runs END, %s,"
			     " " HISTORY_CELLS " FROM didctl_history h%s JOIN didctl_changes c ON c.id = h.change_id"
			     " WHERE h.change_id = ? ORDER BY h.seq", piece_cells(s), by_change(s));
	statement_param(&st, change_id);
	statement_param(&st, change_id);
	SHA256Init(&sha);
	rc = digest_rows(s, &st, &sha, err);
	if (rc == 0) {
		statement_reset(&st);
		buf_printf(&st.text, "SELECT " CHANGE_CELLS ", c.runs, %s, NULL FROM didctl_changes c WHERE c.id = ?",
			   piece_cells(s));
		statement_param(&st, change_id);
		rc = digest_rows(s, &st, &sha, err);
	}
	statement_release(&st);
	SHA256End(&sha, out);
	return rc < 0 ? rc : 0;
}

static int write_hash(struct sql_store *s, const char *change_id, const char *hash, struct err *err)
{
	struct statement st = {0};
	int rc;

	buf_puts(&st.text, "UPDATE didctl_changes SET hash = ? WHERE id = ?");
	statement_param(&st, hash);
	statement_param(&st, change_id);
	rc = sql_run(s, &st, NULL, err);
	statement_release(&st);
	return rc;
}

int digest_write(struct sql_store *s, const char *change_id, struct err *err)
{
	char hash[DIGEST_TEXT];
	int rc = digest_change(s, change_id, hash, err);

	return rc < 0 ? rc : write_hash(s, change_id, hash, err);
}

/* ---- all changes, a batch at a time: the changes of a batch, then their history in the same order */

struct walked {
	struct digested change;
	SHA2_CTX sha;
};

struct batch {
	struct sql_store *s;
	struct arena arena; /* ids and stored hashes */
	struct walked at[WALK_BATCH];
	size_t n, current; /* whose history is being read */
	const char *from;  /* the last id of the batch before, or NULL */
	uint64_t done, all; /* history rows, for the progress */
};

static uint64_t count_of(struct value v)
{
	return v.s ? strtoull(v.s, NULL, 10) : 0;
}

static void add_change(struct batch *b, const struct value *row)
{
	struct walked *w = &b->at[b->n++];

	*w = (struct walked){.change = {.id = arena_strdup(&b->arena, row[CELL_ID].s ? row[CELL_ID].s : ""),
					.n = count_of(row[CELL_N])}};
	if (row[NCHANGE + NPIECE].s)
		w->change.stored = arena_strndup(&b->arena, row[NCHANGE + NPIECE].s, row[NCHANGE + NPIECE].len);
	SHA256Init(&w->sha);
	digest_change_cells(&w->sha, row);
}

static int load_changes(struct batch *b, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_printf(&st.text, "SELECT " CHANGE_CELLS ", c.runs, %s, c.hash FROM didctl_changes c%s ORDER BY c.id LIMIT %d",
		   piece_cells(b->s), b->from ? " WHERE c.id > ?" : "", WALK_BATCH);
	if (b->from)
		statement_param(&st, b->from);
	rc = sql_open(b->s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(b->s, &row, err)) == 1)
		add_change(b, row);
	b->s->driver->done(b->s->db);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

/*
 * The change that a history row belongs to: mostly that of the row before, or the next. As the database compares them,
 * which may not look at case. NULL: there is none.
 */
static struct walked *owner_of(struct batch *b, struct value id)
{
	for (size_t i = 0; id.s && i < b->n; i++) {
		struct walked *w = &b->at[(b->current + i) % b->n];

		if (strcasecmp(w->change.id, id.s) != 0)
			continue;
		b->current = (b->current + i) % b->n;
		return w;
	}
	return NULL;
}

static void add_history(struct batch *b, const struct value *row)
{
	struct walked *w = owner_of(b, row[CELL_CHANGE]);

	if (!w)
		return;
	digest_cells(&w->sha, row, NHISTORY);
	if (row[CELL_BLOCK].s && strchr(row[CELL_BLOCK].s, ':'))
		w->change.objects += count_of(row[CELL_COUNT]);
	else
		w->change.numbers += count_of(row[CELL_COUNT]);
}

static int load_history(struct batch *b, struct progress *progress, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_printf(&st.text, "SELECT " HISTORY_CELLS " FROM didctl_history h%s WHERE h.change_id <= ?%s"
			     " ORDER BY h.change_id, h.seq",
		   by_change(b->s), b->from ? " AND h.change_id > ?" : "");
	statement_param(&st, b->at[b->n - 1].change.id);
	if (b->from)
		statement_param(&st, b->from);
	rc = sql_open(b->s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(b->s, &row, err)) == 1) {
		add_history(b, row);
		if (++b->done % 1024 == 0)
			progress_step(progress, "verifying the history", b->done, b->all);
	}
	b->s->driver->done(b->s->db);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

static int tell(struct batch *b, struct digest_walk *walk, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < b->n; i++) {
		SHA256End(&b->at[i].sha, b->at[i].change.hash);
		rc = walk->found(walk, &b->at[i].change, err);
	}
	return rc;
}

/* 1: there may be more. */
static int walk_batch(struct batch *b, struct digest_walk *walk, struct err *err)
{
	struct arena before = b->arena;
	int rc;

	b->arena = (struct arena){0};
	b->n = b->current = 0;
	rc = load_changes(b, err);
	if (rc == 0 && b->n)
		rc = load_history(b, walk->progress, err);
	if (rc == 0)
		rc = tell(b, walk, err);
	b->from = b->n ? b->at[b->n - 1].change.id : NULL;
	arena_release(&before);
	progress_step(walk->progress, "verifying the history", b->done, b->all);
	return rc < 0 ? rc : b->n == WALK_BATCH;
}

static int count_history(struct sql_store *s, uint64_t *out, struct err *err)
{
	struct statement st = {0};

	buf_puts(&st.text, "SELECT COUNT(*) FROM didctl_history");
	return sql_count(s, &st, out, err);
}

int digest_walk(struct digest_walk *walk, struct err *err)
{
	struct batch *b = xcalloc(1, sizeof(*b));
	int rc;

	b->s = walk->s;
	rc = count_history(b->s, &b->all, err);
	while (rc >= 0 && (rc = walk_batch(b, walk, err)) == 1)
		;
	arena_release(&b->arena);
	free(b);
	return rc;
}

static int fill_one(struct digest_walk *walk, const struct digested *change, struct err *err)
{
	return change->stored ? 0 : write_hash(walk->s, change->id, change->hash, err);
}

int digest_fill(struct sql_store *s, struct err *err)
{
	struct digest_walk walk = {.s = s, .found = fill_one};
	int rc = sql_begin(s, true, err);

	if (rc < 0)
		return rc;
	rc = digest_walk(&walk, err);
	if (rc == 0)
		return sql_commit(s, err);
	s->driver->rollback(s->db);
	return rc;
}
