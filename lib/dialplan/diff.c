#include "dialplan/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "dialplan/gateway.h"

#define SHRINK_ROUTES	  100
#define SHRINK_ONE_OUT_OF 10

/* Old routes come in, one after the other; new ones are there. */
struct merge {
	struct diff *diff; /* to count in; NULL: only to tell */
	const struct routes *new;
	size_t at;
	struct diff_change pending; /* n is 0: none */
	int (*each)(void *ctx, const struct diff_change *change);
	void *ctx;
};

/* Keys of neighbours: the same text but for a last part that counts up by one. */
static bool is_next(uint64_t lower, uint64_t higher)
{
	char text[ROUTE_TEXT], wanted[ROUTE_TEXT];
	size_t len = route_key_text(lower, text), i = len;

	memcpy(wanted, text, len + 1);
	while (i > 0 && wanted[i - 1] == '9')
		wanted[--i] = '0';
	if (i == 0 || wanted[i - 1] == '+')
		return false;
	wanted[i - 1]++;
	route_key_text(higher, text);
	return !strcmp(text, wanted);
}

static int flush(struct merge *m)
{
	return m->pending.n > 0 && m->each ? m->each(m->ctx, &m->pending) : 0;
}

static bool joins(const struct diff_change *pending, const struct diff_change *change)
{
	return pending->n > 0 && pending->kind == change->kind && pending->from == change->from &&
	       pending->to == change->to && is_next(change->last, pending->first);
}

static struct diff_tally *tally_of(struct diff *d, uint32_t name)
{
	size_t had = d->tallies_n;

	if (name >= had) {
		d->tallies_n = ((size_t)name + 1) * 2;
		d->tallies = xrealloc(d->tallies, d->tallies_n, sizeof(*d->tallies));
		memset(d->tallies + had, 0, (d->tallies_n - had) * sizeof(*d->tallies));
	}
	return &d->tallies[name];
}

static void count(struct diff *d, const struct diff_change *change)
{
	switch (change->kind) {
	case ROUTE_GAINED:
		d->gained++;
		tally_of(d, change->to)->gained++;
		break;
	case ROUTE_LOST:
		d->lost++;
		tally_of(d, change->from)->lost++;
		break;
	case ROUTE_MOVED:
		d->moved++;
		tally_of(d, change->from)->moved_out++;
		tally_of(d, change->to)->moved_in++;
		break;
	}
}

static int add_change(struct merge *m, enum route_change kind, uint64_t key, uint32_t from, uint32_t to)
{
	const struct diff_change change = {
		.kind = kind, .first = key, .last = key, .n = 1, .from = from, .to = to};
	int rc;

	if (m->diff)
		count(m->diff, &change);
	if (joins(&m->pending, &change)) {
		m->pending.first = key;
		m->pending.n++;
		return 0;
	}
	rc = flush(m);
	m->pending = change;
	return rc;
}

/* The new routes above key are gained. */
static int gain_down_to(struct merge *m, uint64_t key)
{
	int rc = 0;

	for (; !rc && m->at < m->new->n && m->new->at[m->at].key > key; m->at++) {
		struct route gained = m->new->at[m->at];

		rc = add_change(m, ROUTE_GAINED, gained.key, gained.target, gained.target);
	}
	return rc;
}

static int merge_route(void *ctx, struct route old)
{
	struct merge *m = ctx;
	struct route now;
	int rc = gain_down_to(m, old.key);

	if (rc)
		return rc;
	if (m->diff)
		m->diff->before++;
	if (m->at == m->new->n || m->new->at[m->at].key != old.key)
		return add_change(m, ROUTE_LOST, old.key, old.target, old.target);
	now = m->new->at[m->at++];
	return now.target == old.target ? 0 : add_change(m, ROUTE_MOVED, old.key, old.target, now.target);
}

/*
 * Routes in any order: each with its place in the file, for of two with one extension the switch takes the
 * first.
 */
struct heap {
	struct routes routes; /* target: the place */
	uint32_t *targets;    /* by place */
	size_t cap;
};

static int keep_route(void *ctx, struct route route)
{
	struct heap *h = ctx;

	h->targets = xgrow(h->targets, h->routes.n, &h->cap, sizeof(*h->targets));
	h->targets[h->routes.n] = route.target;
	routes_add(&h->routes, route.key, (uint32_t)h->routes.n);
	return 0;
}

static int merge_heap(struct heap *h, struct merge *m)
{
	size_t next;
	int rc = 0;

	routes_sort(&h->routes);
	for (size_t i = 0; i < h->routes.n && !rc; i = next) {
		uint32_t first = h->routes.at[i].target;

		for (next = i + 1; next < h->routes.n && h->routes.at[next].key == h->routes.at[i].key;
		     next++)
			if (h->routes.at[next].target < first)
				first = h->routes.at[next].target;
		rc = merge_route(m, (struct route){h->routes.at[i].key, h->targets[first]});
	}
	return rc;
}

/* Reads the old file from its start; out says what stands in it. */
static int read_old(const struct diff *d, struct contents *out, const struct contents_events *events,
		    struct err *err)
{
	if (lseek(d->fd, 0, SEEK_SET) < 0)
		return err_set(err, ERR_FAILED, "cannot be read: %s", strerror(errno));
	return contents_read(out, d->fd, d->layout, d->names, events, err);
}

static int merge_unordered(const struct diff *d, struct merge *m, struct err *err)
{
	struct heap heap = {0};
	const struct contents_events events = {.route = keep_route, .ctx = &heap};
	struct contents old;
	int rc = read_old(d, &old, &events, err);

	if (!rc)
		rc = merge_heap(&heap, m);
	routes_release(&heap.routes);
	free(heap.targets);
	return rc;
}

static int merge_ordered(const struct diff *d, struct contents *old, struct merge *m, struct err *err)
{
	const struct contents_events events = {.route = merge_route, .ctx = m};

	return read_old(d, old, &events, err);
}

static int merge_rest(struct merge *m)
{
	int rc = gain_down_to(m, 0);

	return rc ? rc : flush(m);
}

static void forget_counts(struct diff *d)
{
	if (d->tallies)
		memset(d->tallies, 0, d->tallies_n * sizeof(*d->tallies));
	d->before = d->gained = d->lost = d->moved = 0;
}

int diff_count(struct diff *d, int fd, const struct layout *layout, struct names *names,
	       const struct routes *new, struct err *err)
{
	struct merge m = {.diff = d, .new = new};
	int rc = 0;

	*d = (struct diff){.fd = fd, .layout = layout, .names = names, .new = new, .after = new->n};
	if (fd >= 0)
		rc = merge_ordered(d, &d->old, &m, err);
	if (!rc && fd >= 0 && !d->old.is_descending) {
		m = (struct merge){.diff = d, .new = new};
		forget_counts(d);
		rc = merge_unordered(d, &m, err);
	}
	return rc ? rc : merge_rest(&m);
}

int diff_tell(const struct diff *d, int (*each)(void *ctx, const struct diff_change *change), void *ctx,
	      struct err *err)
{
	struct merge m = {.new = d->new, .each = each, .ctx = ctx};
	struct contents old;
	int rc = 0;

	if (d->fd >= 0)
		rc = d->old.is_descending ? merge_ordered(d, &old, &m, err) : merge_unordered(d, &m, err);
	return rc ? rc : merge_rest(&m);
}

void diff_release(struct diff *d)
{
	free(d->tallies);
	*d = (struct diff){0};
}

bool diff_shrinks(const struct diff *d)
{
	size_t fewer = d->before > d->after ? d->before - d->after : 0;

	return fewer > SHRINK_ROUTES || fewer * SHRINK_ONE_OUT_OF > d->before;
}

/* A tally with the text that it stands under. */
struct tally_line {
	char *text;
	const struct diff_tally *tally;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct tally_line *)a)->text, ((const struct tally_line *)b)->text);
}

static void put_tally(struct buf *out, const struct tally_line *line)
{
	const struct {
		size_t n;
		const char *what;
	} counts[] = {
		{line->tally->gained, "gained"},
		{line->tally->lost, "lost"},
		{line->tally->moved_in, "moved in"},
		{line->tally->moved_out, "moved out"},
	};
	const char *between = ": ";

	buf_puts(out, line->text);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		if (counts[i].n > 0) {
			buf_printf(out, "%s%zu %s", between, counts[i].n, counts[i].what);
			between = ", ";
		}
	buf_putc(out, '\n');
}

void diff_summary(struct buf *out, const struct diff *d, const struct names *names)
{
	static const struct diff_tally none;
	struct tally_line *lines = xcalloc(d->tallies_n, sizeof(*lines));
	size_t n = 0;

	buf_printf(out, "%zu routes, now %zu: %zu gained, %zu lost, %zu moved\n", d->before, d->after,
		   d->gained, d->lost, d->moved);
	for (size_t i = 0; i < d->tallies_n; i++) {
		struct buf text = {0};

		if (!memcmp(&d->tallies[i], &none, sizeof(none)))
			continue;
		gateway_target_text(&text, names->at[i]);
		lines[n++] = (struct tally_line){text.data, &d->tallies[i]};
	}
	qsort(lines, n, sizeof(*lines), by_text);
	for (size_t i = 0; i < n; i++) {
		put_tally(out, &lines[i]);
		free(lines[i].text);
	}
	free(lines);
}

void diff_change_text(struct buf *out, const struct diff_change *change, const struct names *names)
{
	static const char signs[] = {[ROUTE_GAINED] = '+', [ROUTE_LOST] = '-', [ROUTE_MOVED] = '~'};
	char first[ROUTE_TEXT], last[ROUTE_TEXT];

	route_key_text(change->first, first);
	route_key_text(change->last, last);
	buf_printf(out, "%c %s", signs[change->kind], first);
	if (change->n > 1)
		buf_printf(out, "-%s (%zu)", last, change->n);
	buf_puts(out, ": ");
	gateway_target_text(out, names->at[change->from]);
	if (change->kind == ROUTE_MOVED) {
		buf_puts(out, " -> ");
		gateway_target_text(out, names->at[change->to]);
	}
	buf_putc(out, '\n');
}
