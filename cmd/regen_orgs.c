/* regen: the organisations, and which numbers are each one's. */
#include <stdlib.h>
#include <string.h>

#include "cmd/regen.h"

static int compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct regen_org *)a)->id, ((const struct regen_org *)b)->id);
}

struct regen_org *regen_find_org(const struct regen *r, const char *id)
{
	const struct regen_org key = {.id = id};

	return id && r->norgs ? bsearch(&key, r->orgs, r->norgs, sizeof(key), compare_ids) : NULL;
}

static int compare_prefixes(const void *a, const void *b)
{
	return strcmp((*(struct regen_org *const *)a)->prefix, (*(struct regen_org *const *)b)->prefix);
}

static bool is_gateway_name(const struct regen *r, const char *prefix)
{
	struct buf name = {0};
	bool is_same;

	org_file_name(&name, prefix);
	is_same = !strcmp(buf_str(&name), r->dispatcher.file);
	buf_release(&name);
	return is_same;
}

/* A prefix makes a file and contexts: each must be one organisation's alone. */
static void find_faults(struct regen *r)
{
	struct regen_org **sorted = xcalloc(r->norgs + 1, sizeof(*sorted));
	size_t n = 0;

	for (size_t i = 0; i < r->norgs; i++) {
		struct regen_org *org = &r->orgs[i];

		if (!dispatch_is_prefix(org->prefix))
			org->fault = ORG_PREFIX_BAD;
		else if (is_gateway_name(r, org->prefix))
			org->fault = ORG_PREFIX_TAKEN;
		else
			sorted[n++] = org;
	}
	if (n > 0)
		qsort(sorted, n, sizeof(struct regen_org *), compare_prefixes);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(sorted[i - 1]->prefix, sorted[i]->prefix))
			sorted[i - 1]->fault = sorted[i]->fault = ORG_PREFIX_SHARED;
	free(sorted);
}

/* "queue:sales", or "hangup" */
static void set_unrouted(struct arena *arena, struct regen_org *org, const char *unrouted)
{
	const char *colon = unrouted ? strchr(unrouted, ':') : NULL;

	if (!colon)
		return;
	org->route_type = arena_strndup(arena, unrouted, (size_t)(colon - unrouted));
	org->route_dest = arena_strdup(arena, colon + 1);
}

int regen_load_orgs(struct regen *r)
{
	static const int columns[] = {ORG_ID, ORG_CONTEXT_PREFIX, ORG_UNROUTED};
	const struct query query = {.listing = LIST_ORGS, .columns = columns, .ncolumns = ARRAY_SIZE(columns)};
	struct context *ctx = r->ctx;
	const struct value *row;
	int rc = store_query(ctx->store, &query, &ctx->err);

	if (rc)
		return rc;
	while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		struct regen_org *org;

		if (!row[0].s)
			continue;
		GROW(r->orgs, r->norgs, r->orgs_cap);
		org = &r->orgs[r->norgs++];
		*org = (struct regen_org){.id = arena_strdup(&ctx->arena, row[0].s)};
		org->prefix = row[1].s ? arena_strdup(&ctx->arena, row[1].s) : NULL;
		set_unrouted(&ctx->arena, org, row[2].s);
	}
	store_done(ctx->store);
	if (r->norgs)
		qsort(r->orgs, r->norgs, sizeof(*r->orgs), compare_ids);
	find_faults(r);
	return rc;
}

static struct number number_of(const struct regen_inbound *in)
{
	return (struct number){in->value, in->width};
}

/* By organisation; the numbers of each as its file has them, the highest first, and rows of one number side by side. */
static int compare_inbound(const void *a, const void *b)
{
	const struct regen_inbound *x = a, *y = b;

	if (x->org != y->org)
		return x->org < y->org ? -1 : 1;
	return number_cmp(number_of(y), number_of(x));
}

static bool is_clash(const struct regen_inbound *a, const struct regen_inbound *b)
{
	return a->org == b->org && number_eq(number_of(a), number_of(b)) && a->way != b->way;
}

/* Two rows of one number with one owner: the dispatcher knows where to, but the organisation's file not how to go on. */
static void refuse_clashes(struct regen *r)
{
	char digits[NUMBER_TEXT];

	for (size_t i = 1; i < r->ninbound; i++) {
		const struct regen_inbound *in = &r->inbound[i];

		if (!is_clash(&in[-1], in) || (i > 1 && is_clash(&in[-2], in)))
			continue;
		number_format(number_of(in), digits);
		regen_refuse_number(r, digits, "has two rows with two routes: didctl pool merge it");
	}
}

void regen_sort_inbound(struct regen *r)
{
	if (!r->ninbound)
		return;
	qsort(r->inbound, r->ninbound, sizeof(*r->inbound), compare_inbound);
	refuse_clashes(r);
	for (size_t i = 0; i < r->ninbound; i++) {
		struct regen_org *org = &r->orgs[r->inbound[i].org];

		if (!org->n++)
			org->first = i;
	}
}

/* What add_way put together; type is room for the part before the colon. */
static struct org_route read_way(const char *way, char type[DISPATCH_SLUG_MAX + 1])
{
	const char *colon = strchr(way, ':');
	struct org_route route = {.is_recorded = *way++ == '1'};

	if (!colon)
		return route;
	memcpy(type, way, (size_t)(colon - way));
	type[colon - way] = '\0';
	route.type = type;
	route.dest = colon + 1;
	return route;
}

int regen_build_org(const struct regen *r, const struct regen_org *org, struct org_file *out)
{
	struct context *ctx = r->ctx;
	char type[DISPATCH_SLUG_MAX + 1];
	struct buf clashes = {0};
	int rc = org_file_init(out, &r->dispatcher, ctx->country, NULL, 0, org->prefix, &ctx->err);

	for (size_t i = org->first; !rc && i < org->first + org->n; i++) {
		const struct regen_inbound *in = &r->inbound[i];
		struct org_route route = read_way(r->ways.at[in->way], type);

		if (!rangeset_has(&r->clashing, number_of(in)))
			rc = org_file_push(out, number_of(in), &route, &ctx->err);
	}
	org_file_settle(out, &clashes); /* its clashes were said when the inventory was read */
	buf_release(&clashes);
	return rc;
}
