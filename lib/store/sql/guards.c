#include "store/sql/guards.h"

#include <string.h>

#include "store/sql/history.h"

#define GUARD_BATCH 500

/* Written keys, in the order of their names so that two changes never wait for each other. */
static int write_guards(struct sql_store *s, struct statement *st, size_t *n, struct err *err)
{
	int rc = 0;

	if (*n) {
		buf_printf(&st->text, "%sseq = didctl_guards.seq + 1", s->driver->dialect->upsert);
		rc = sql_run(s, st, NULL, err);
	}
	statement_reset(st);
	*n = 0;
	return rc;
}

static void add_guard(struct statement *st, size_t *n, const char *kind, const char *name)
{
	struct buf key = {0};

	buf_puts(&st->text, (*n)++ ? ", (?, 1)" : "INSERT INTO didctl_guards (name, seq) VALUES (?, 1)");
	buf_printf(&key, "%s:%s", kind, name);
	statement_copy(st, key.data, key.len);
	buf_release(&key);
}

int guard_numbers(struct sql_store *s, const struct rangeset *numbers, struct err *err)
{
	struct statement st = {0};
	char block[BLOCK_TEXT], last[BLOCK_TEXT] = "none";
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < numbers->n; i++) {
		struct interval in = numbers->at[i];

		while (rc == 0 && in.count) {
			uint64_t room = block_room(in.first, in.count);

			block_of(in.first, block);
			if (strcmp(block, last) != 0)
				add_guard(&st, &n, "num", block);
			if (n == GUARD_BATCH)
				rc = write_guards(s, &st, &n, err);
			memcpy(last, block, sizeof(last));
			in.count -= room;
			if (in.count)
				in.first = number_add(in.first, room);
		}
	}
	if (rc == 0)
		rc = write_guards(s, &st, &n, err);
	statement_release(&st);
	return rc;
}

int guard_change(struct sql_store *s, const char *change_id, struct err *err)
{
	struct statement st = {0};
	size_t n = 0;
	int rc;

	add_guard(&st, &n, "change", change_id);
	rc = write_guards(s, &st, &n, err);
	statement_release(&st);
	return rc;
}

int guard_orgs(struct sql_store *s, const struct owners *owners, struct err *err)
{
	struct statement st = {0};
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < owners->n; i++) {
		add_guard(&st, &n, "org", owners->at[i].id);
		if (n == GUARD_BATCH)
			rc = write_guards(s, &st, &n, err);
	}
	if (rc == 0)
		rc = write_guards(s, &st, &n, err);
	statement_release(&st);
	return rc;
}
