/*
 * Sealing the history (doctor history --seal): the committed changes that are under no seal get one, in batches, and each
 * seal's hash covers that of the seal before. Writers never meet on it: a change is inserted without a seal, and the number
 * of a seal is a key that is written, on which two sealers collide and one tries again.
 */
#include "store/sql/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "store/sql/changes.h"
#include "store/sql/retry.h"

#define SEAL_CHANGES 10000 /* under one seal */
#define UPDATE_CHANGES 1000 /* in one statement */

struct sealing {
	struct sql_store *s;
	struct arena arena;
	struct seal seal;
	struct value *ids; /* of the changes, SEAL_CHANGES at most */
};

void seal_begin(const struct seal *seal, SHA2_CTX *sha)
{
	char number[24], n[24];

	snprintf(number, sizeof(number), "%llu", (unsigned long long)seal->number);
	snprintf(n, sizeof(n), "%llu", (unsigned long long)seal->n);
	SHA256Init(sha);
	digest_cells(sha, (const struct value[]){value_str(seal->previous), value_str(number), value_str(seal->at),
						 value_str(n)}, 4);
}

/* The number and the hash of the last seal: what the next one follows. */
static int load_last(struct sql_store *s, struct seal *seal, struct arena *arena, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	*seal = (struct seal){0};
	buf_puts(&st.text, "SELECT seal, hash FROM didctl_seals ORDER BY seal DESC LIMIT 1");
	rc = sql_open(s, &st, err);
	if (rc == 0)
		rc = sql_fetch(s, &row, err);
	if (rc == 1) {
		seal->number = strtoull(row[0].s, NULL, 10);
		seal->previous = arena_strndup(arena, row[1].s, row[1].len);
	}
	return sql_finish(s, &st, rc);
}

/* The changes without a seal, in order of id. Their ids and hashes are kept: how many there are comes before them. */
static int load_changes(struct sealing *sg, struct value *hashes, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	sg->seal.n = 0;
	buf_printf(&st.text, "SELECT id, hash FROM didctl_changes WHERE seal IS NULL ORDER BY id LIMIT %d", SEAL_CHANGES);
	rc = sql_open(sg->s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(sg->s, &row, err)) == 1) {
		struct value *to[] = {&sg->ids[sg->seal.n], &hashes[sg->seal.n]};

		for (int i = 0; i < 2; i++)
			*to[i] = (struct value){row[i].s ? arena_strndup(&sg->arena, row[i].s, row[i].len) : NULL,
						row[i].len};
		sg->seal.n++;
	}
	sg->s->driver->done(sg->s->db);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

/* Reads what is to be sealed, and what the seal is. */
static int make_seal(struct sealing *sg, struct err *err)
{
	struct value *hashes = xcalloc(SEAL_CHANGES, sizeof(*hashes));
	SHA2_CTX sha;
	int rc = load_last(sg->s, &sg->seal, &sg->arena, err);

	if (rc == 0)
		rc = load_changes(sg, hashes, err);
	sg->seal.number++;
	clock_stamp(clock_now_ms(), sg->seal.at_text);
	sg->seal.at = sg->seal.at_text;
	seal_begin(&sg->seal, &sha);
	for (uint64_t i = 0; i < sg->seal.n; i++)
		digest_cells(&sha, (const struct value[]){sg->ids[i], hashes[i]}, 2);
	SHA256End(&sha, sg->seal.hash);
	free(hashes);
	return rc;
}

static int insert_seal(struct sealing *sg, struct err *err)
{
	struct statement st = {0};
	char number[24], n[24];
	int rc;

	snprintf(number, sizeof(number), "%llu", (unsigned long long)sg->seal.number);
	snprintf(n, sizeof(n), "%llu", (unsigned long long)sg->seal.n);
	buf_puts(&st.text, "INSERT INTO didctl_seals (seal, at, n, previous, hash) VALUES (?, ?, ?, ?, ?)");
	statement_param(&st, number);
	statement_param(&st, sg->seal.at);
	statement_param(&st, n);
	statement_param(&st, sg->seal.previous);
	statement_param(&st, sg->seal.hash);
	rc = sql_run(sg->s, &st, NULL, err);
	statement_release(&st);
	return rc;
}

static int raced(struct sql_store *s, struct err *err)
{
	s->has_raced = true;
	err_set(err, ERR_REFUSED, "somebody else is sealing the history");
	err_hint(err, "nothing is lost: what is not sealed now is sealed by the next didctl doctor history --seal");
	return ERR_REFUSED;
}

/* By their ids alone: a condition that the index of seals could serve would meet the writers' new rows there. */
static int update_changes(struct sealing *sg, struct err *err)
{
	char number[24];
	uint64_t found = 0;
	int rc = 0;

	snprintf(number, sizeof(number), "%llu", (unsigned long long)sg->seal.number);
	for (uint64_t i = 0; rc == 0 && i < sg->seal.n;) {
		struct statement st = {0};
		uint64_t affected = 0, end = i + UPDATE_CHANGES < sg->seal.n ? i + UPDATE_CHANGES : sg->seal.n;

		buf_puts(&st.text, "UPDATE didctl_changes SET seal = ? WHERE COALESCE(seal, 0) = 0 AND id IN (");
		statement_param(&st, number);
		for (uint64_t k = i; k < end; k++) {
			buf_puts(&st.text, k > i ? ", ?" : "?");
			statement_param(&st, sg->ids[k].s);
		}
		buf_putc(&st.text, ')');
		rc = sql_run(sg->s, &st, &affected, err);
		found += affected;
		i = end;
		statement_release(&st);
	}
	return rc == 0 && found != sg->seal.n ? raced(sg->s, err) : rc;
}

/* One seal, one transaction. */
static int seal_once(struct sealing *sg, struct err *err)
{
	struct sql_store *s = sg->s;
	int rc = sql_begin(s, true, err);

	if (rc == 0)
		rc = make_seal(sg, err);
	if (rc == 0 && sg->seal.n) {
		rc = insert_seal(sg, err);
		if (rc < 0 && s->failure == SQL_DUPLICATE)
			rc = raced(s, err);
		if (rc == 0)
			rc = update_changes(sg, err);
		if (rc == 0 && interrupt_pending())
			rc = err_set(err, ERR_INTERRUPTED, "interrupted: what was sealed before stays sealed");
		if (rc == 0)
			return sql_commit(s, err);
	}
	s->driver->rollback(s->db);
	return rc;
}

/*
 * Sealing may always be tried again: when the answer to COMMIT was lost and it had been made, there is nothing more to seal
 * under it.
 */
static int seal_batch(struct sealing *sg, struct err *err)
{
	struct sql_store *s = sg->s;
	struct retry retry = {.deadline_ms = clock_monotonic_ms() + s->target.timeout_s * INT64_C(1000)};
	int rc;

	do {
		arena_release(&sg->arena);
		s->has_failed = s->has_raced = false;
		rc = seal_once(sg, err);
		if (rc == 0)
			return 0;
		s->driver->rollback(s->db);
		rc = retry_next(&retry, s, NULL, false, rc, err);
	} while (rc == 0);
	return rc;
}

static int count_unsealed(struct sql_store *s, uint64_t *out, struct err *err)
{
	struct statement st = {0};

	buf_puts(&st.text, "SELECT COUNT(*) FROM didctl_changes WHERE seal IS NULL");
	return sql_count(s, &st, out, err);
}

static int report_seals(struct sealing *sg, struct seal_report *report, struct err *err)
{
	int rc = load_last(sg->s, &sg->seal, &sg->arena, err);

	report->seals = sg->seal.number;
	snprintf(report->head, sizeof(report->head), "%s", sg->seal.previous ? sg->seal.previous : "");
	return rc;
}

int sql_store_seal(struct store *store, struct seal_report *report, struct progress *progress, struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	struct sealing sg = {.s = s};
	uint64_t all;
	int rc;

	*report = (struct seal_report){0};
	if (!s->has_tables || s->schema_version < SCHEMA_VERSION)
		return sql_lacks_tables(s, "a seal", err);
	sg.ids = xcalloc(SEAL_CHANGES, sizeof(*sg.ids));
	rc = count_unsealed(s, &all, err);
	do {
		if (rc == 0)
			rc = seal_batch(&sg, err);
		report->changes += rc == 0 ? sg.seal.n : 0;
		progress_step(progress, "sealing the history", report->changes, all);
	} while (rc == 0 && sg.seal.n == SEAL_CHANGES);
	if (rc == 0)
		rc = report_seals(&sg, report, err);
	arena_release(&sg.arena);
	free(sg.ids);
	return rc;
}
