/*
 * Any bytes as the journal of a change through the API: read whole or refused, an op never needs one that is not there, and
 * what was read is written as lines that are read as the same.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "store/api/journal_text.h"
#include "fuzz.h"

/* One journal, read. */
struct reading {
	struct journal journal;
	struct journal_head head;
	struct ops ops;
	struct plan plan;
	struct arena arena;
};

static int read_bytes(struct reading *r, const void *data, size_t size, struct err *err)
{
	r->journal = (struct journal){.fd = memfd_create("journal", MFD_CLOEXEC), .path = strdup("fuzz")};
	must(r->journal.path && r->journal.fd >= 0 && write(r->journal.fd, data, size) == (ssize_t)size);
	return journal_load(&r->journal, country_find("IN"), &r->head, &r->ops, &r->plan, &r->arena, err);
}

static void release(struct reading *r)
{
	journal_close(&r->journal);
	ops_release(&r->ops);
	plan_release(&r->plan);
	arena_release(&r->arena);
}

static void write_ops(struct buf *out, const struct reading *r)
{
	for (size_t i = 0; i < r->ops.n; i++) {
		must(r->ops.at[i].needs <= r->ops.n && r->ops.at[i].wave < WAVES);
		journal_put_op(out, &r->ops.at[i], &r->plan);
	}
}

static void check_again(const struct reading *r)
{
	struct reading again = {0};
	struct buf lines = {0}, repeated = {0};

	write_ops(&lines, r);
	must(!read_bytes(&again, buf_str(&lines), lines.len, NULL) && again.ops.n == r->ops.n);
	write_ops(&repeated, &again);
	must(lines.len == repeated.len && memcmp(buf_str(&lines), buf_str(&repeated), lines.len) == 0);
	buf_release(&lines);
	buf_release(&repeated);
	release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading r = {0};
	struct err err = {0};
	int rc = read_bytes(&r, size ? (const char *)data : "", size, &err);

	if (rc)
		must_refuse(rc, &err);
	else
		check_again(&r);
	release(&r);
	return 0;
}
