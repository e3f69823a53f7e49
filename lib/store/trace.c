#include "store/trace.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"

struct traced {
	struct store store;
	struct store *inner;
	const struct tracer *tracer;
	int64_t began; /* of the query that is open, whose rows are counted */
	enum listing listing;
	uint64_t rows;
	bool is_open;
};

static const char *const listing_names[] = {
	[LIST_NUMBERS] = "numbers",
	[LIST_ORGS] = "organisations",
	[LIST_USERS] = "users",
	[LIST_CHANGES] = "changes",
	[LIST_EVENTS] = "events",
	[LIST_LOCATIONS] = "locations",
	[LIST_PORTS] = "port orders",
	[LIST_PORT_NUMBERS] = "numbers of port orders",
	[LIST_PORT_DOCUMENTS] = "documents of port orders",
	[LIST_PORT_EVENTS] = "events of port orders",
	[LIST_PORT_MAIL] = "mail of port orders",
	[LIST_PORT_PARTS] = "parts of a document",
};

static struct traced *of(struct store *store)
{
	return (struct traced *)store;
}

static void tell(struct traced *t, int64_t began, int rc, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void tell(struct traced *t, int64_t began, int rc, const char *fmt, ...)
{
	struct buf line = {0};
	va_list ap;

	buf_puts(&line, "store: ");
	va_start(ap, fmt);
	buf_vprintf(&line, fmt, ap);
	va_end(ap);
	buf_printf(&line, ", %" PRId64 " ms%s", clock_monotonic_ms() - began, rc < 0 ? ", failed" : "");
	t->tracer->tell(t->tracer, buf_str(&line));
	buf_release(&line);
}

static void close_both(struct store *store)
{
	store_close(of(store)->inner);
	free(store);
}

static const char *host(const struct store *store, const char **passed)
{
	return store_host(((const struct traced *)store)->inner, passed);
}

static const struct country *country(const struct store *store)
{
	return store_country(((const struct traced *)store)->inner);
}

static unsigned capabilities(struct store *store, unsigned asked)
{
	struct store *inner = of(store)->inner;

	return inner->ops->capabilities(inner, asked);
}

static int query(struct store *store, const struct query *query, struct err *err)
{
	struct traced *t = of(store);
	int rc;

	t->began = clock_monotonic_ms();
	t->listing = query->listing;
	t->rows = 0;
	rc = store_query(t->inner, query, err);
	t->is_open = rc >= 0;
	if (rc < 0)
		tell(t, t->began, rc, "%s", listing_names[t->listing]);
	return rc;
}

static int next(struct store *store, const struct value **row, struct err *err)
{
	int rc = store_next(of(store)->inner, row, err);

	of(store)->rows += rc == 1;
	return rc;
}

static void done(struct store *store)
{
	struct traced *t = of(store);

	store_done(t->inner);
	if (t->is_open)
		tell(t, t->began, 0, "%s: %" PRIu64 " row%s", listing_names[t->listing], t->rows, t->rows == 1 ? "" : "s");
	t->is_open = false;
}

static int begin_snapshot(struct store *store, struct err *err)
{
	return store_begin_snapshot(of(store)->inner, err);
}

static void end_snapshot(struct store *store)
{
	store_end_snapshot(of(store)->inner);
}

static int generation(struct store *store, uint64_t *out, struct err *err)
{
	int64_t began = clock_monotonic_ms();
	int rc = store_generation(of(store)->inner, out, err);

	tell(of(store), began, rc, "generation of the inventory");
	return rc;
}

static int live(struct store *store, uint64_t *out, struct err *err)
{
	int64_t began = clock_monotonic_ms();
	int rc = store_live(of(store)->inner, out, err);

	tell(of(store), began, rc, "generation that is live");
	return rc;
}

static int set_live(struct store *store, uint64_t generation, struct err *err)
{
	int64_t began = clock_monotonic_ms();
	int rc = store_set_live(of(store)->inner, generation, err);

	tell(of(store), began, rc, "generation %" PRIu64 " noted as live", generation);
	return rc;
}

static int regenerate(struct store *store, uint64_t *routes, struct err *err)
{
	int64_t began = clock_monotonic_ms();
	int rc = store_regenerate(of(store)->inner, routes, err);

	tell(of(store), began, rc, "regenerate");
	return rc;
}

static void tell_search(struct store *store, int64_t began, int rc, const char *what, const char *text)
{
	char shown[TEXT_SHOWN];

	tell(of(store), began, rc, "%s '%s'", what, text_show(shown, text, strlen(text)));
}

static int find_org(struct store *store, const char *text, struct org *out, struct arena *arena, struct err *err)
{
	int64_t began = clock_monotonic_ms();
	int rc = store_find_org(of(store)->inner, text, out, arena, err);

	tell_search(store, began, rc, "organisation", text);
	return rc;
}

static int find_user(struct store *store, const char *text, struct user *out, struct arena *arena, struct err *err)
{
	int64_t began = clock_monotonic_ms();
	int rc = store_find_user(of(store)->inner, text, out, arena, err);

	tell_search(store, began, rc, "user", text);
	return rc;
}

static int apply(struct store *store, const struct change *change, struct plan *plan, struct err *err)
{
	int64_t began = clock_monotonic_ms();
	int rc = store_apply(of(store)->inner, change, plan, err);

	tell(of(store), began, rc, "%s%s, change %s: %" PRIu64 " changed, %" PRIu64 " unchanged, %" PRIu64 " refused",
	     verb_info[change->verb].name, change->dry_run ? " (dry run)" : "", change->id, plan->changed, plan->unchanged,
	     plan->refused);
	return rc;
}

static int outbox_claim(struct store *store, struct outgoing *out, struct arena *arena, struct err *err)
{
	return store_outbox_claim(of(store)->inner, out, arena, err);
}

static int outbox_settle(struct store *store, const struct outgoing *out, enum outgoing_end end, const char *error,
			 struct err *err)
{
	return store_outbox_settle(of(store)->inner, out, end, error, err);
}

static int outbox_resend(struct store *store, uint64_t *n, struct err *err)
{
	return store_outbox_resend(of(store)->inner, n, err);
}

static int broken_off(struct store *store, const struct change *change, char id[UUID_TEXT], struct err *err)
{
	return store_broken_off(of(store)->inner, change, id, err);
}

static int resolve(struct store *store, const char *change_id, enum outcome *out, struct err *err)
{
	int64_t began = clock_monotonic_ms();
	int rc = store_resolve(of(store)->inner, change_id, out, err);

	tell(of(store), began, rc, "outcome of change %s", change_id);
	return rc;
}

static int init(struct store *store, const struct init_options *options, struct init_report *report, struct err *err)
{
	int64_t began = clock_monotonic_ms();
	int rc = store_init(of(store)->inner, options, report, err);

	tell(of(store), began, rc, "init");
	return rc;
}

static int at(struct store *store, const struct selection *selection, const char *time, struct value row[DID_FIELDS],
	      struct arena *arena, struct err *err)
{
	int64_t began = clock_monotonic_ms();
	int rc = store_at(of(store)->inner, selection, time, row, arena, err);

	tell(of(store), began, rc, "row at %s", time);
	return rc;
}

static int survey(struct store *store, uint64_t checks, struct finder *finder, struct err *err)
{
	int64_t began = clock_monotonic_ms();
	int rc = store_survey(of(store)->inner, checks, finder, err);

	tell(of(store), began, rc, "survey of the target");
	return rc;
}

static int verify(struct store *store, uint64_t checks, struct finder *finder, struct progress *progress, struct err *err)
{
	int64_t began = clock_monotonic_ms();
	int rc = store_verify(of(store)->inner, checks, finder, progress, err);

	tell(of(store), began, rc, "verification of the history");
	return rc;
}

static int seal(struct store *store, struct seal_report *report, struct progress *progress, struct err *err)
{
	int64_t began = clock_monotonic_ms();
	int rc = store_seal(of(store)->inner, report, progress, err);

	tell(of(store), began, rc, "sealing of the history");
	return rc;
}

static const struct store_ops traced_ops = {
	.close = close_both,
	.country = country,
	.host = host,
	.capabilities = capabilities,
	.query = query,
	.next = next,
	.done = done,
	.begin_snapshot = begin_snapshot,
	.end_snapshot = end_snapshot,
	.generation = generation,
	.live = live,
	.set_live = set_live,
	.regenerate = regenerate,
	.find_org = find_org,
	.find_user = find_user,
	.apply = apply,
	.outbox_claim = outbox_claim,
	.outbox_settle = outbox_settle,
	.outbox_resend = outbox_resend,
	.resolve = resolve,
	.broken_off = broken_off,
	.init = init,
	.at = at,
	.survey = survey,
	.verify = verify,
	.seal = seal,
};

/* Which host it is; of several nobody knows otherwise. */
static void tell_host(const struct traced *t)
{
	const char *passed, *used = store_host(t->inner, &passed);
	struct buf line = {0};

	if (!used)
		return;
	buf_printf(&line, "store: works with host %s", used);
	if (passed)
		buf_puts(&line, "; passed over ");
	if (passed)
		text_escape(&line, passed, strlen(passed), 0);
	t->tracer->tell(t->tracer, buf_str(&line));
	buf_release(&line);
}

struct store *store_trace(struct store *store, const struct tracer *tracer)
{
	struct traced *t = xcalloc(1, sizeof(*t));

	t->store.ops = &traced_ops;
	t->inner = store;
	t->tracer = tracer;
	tell_host(t);
	return &t->store;
}
