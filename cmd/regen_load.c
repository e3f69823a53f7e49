/* regen: from the rows of the inventory to routes. They are read once, in no order: sorting a million takes longer. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/regen.h"

#define ROWS_A_LOOK 4096 /* rows between two looks at the clock */

enum { ROW_NUMBER, ROW_STATE, ROW_ENV, ROW_ORG_ID, ROW_TYPE, ROW_DEST, ROW_RECORDING, ROW_FIELDS };

/* One row, as far as a file needs it. */
struct row {
	const char *stored;
	struct number number;
	bool is_readable;
	enum did_state state;
	enum dispatch way;
	struct regen_org *org; /* NULL: no owner, or none that there is */
	struct org_route route;
};

static struct row read_row(const struct regen *r, const struct value *v)
{
	struct row row = {.stored = v[ROW_NUMBER].s ? v[ROW_NUMBER].s : ""};
	int state = v[ROW_STATE].s ? state_find(v[ROW_STATE].s, NULL) : -1;
	bool has_route = v[ROW_TYPE].s && *v[ROW_TYPE].s;

	row.is_readable = number_parse_stored(&row.number, row.stored, strlen(row.stored), r->ctx->country);
	row.state = state < 0 ? STATE_UNKNOWN : (enum did_state)state;
	row.way = dispatch_of(row.state, v[ROW_ENV].s);
	row.org = regen_find_org(r, v[ROW_ORG_ID].s);
	row.route.is_recorded = v[ROW_RECORDING].s && *v[ROW_RECORDING].s == '1';
	row.route.type = has_route ? v[ROW_TYPE].s : row.org ? row.org->route_type : NULL;
	row.route.dest = has_route ? v[ROW_DEST].s : row.org ? row.org->route_dest : NULL;
	return row;
}

/* What is said of a row is escaped; with --partial it is left out. */
static void refuse_row(struct regen *r, const struct row *row, const char *why)
{
	char shown[TEXT_SHOWN];

	regen_refuse_number(r, text_show(shown, row->stored, strlen(row->stored)), why);
}

/* Why the number of an organisation cannot be dispatched, beyond what its text allows; NULL: it can. */
static const char *owner_fault(const struct row *row)
{
	if (!row->org)
		return "has an owner that is no organisation: didctl doctor owner-missing";
	switch (row->org->fault) {
	case ORG_PREFIX_BAD:
		return "has an owner without a context prefix that a file may hold: "
		       "didctl org edit ORG --context-prefix PREFIX";
	case ORG_PREFIX_SHARED:
		return "has an owner whose context prefix is another organisation's, too: "
		       "didctl org edit ORG --context-prefix PREFIX";
	case ORG_PREFIX_TAKEN:
		return "has an owner whose file would have the name of the dispatcher's: "
		       "didctl org edit ORG --context-prefix PREFIX";
	default: return NULL;
	}
}

static const char *route_fault(const struct row *row)
{
	const struct org_route *route = &row->route;

	if (!route->type)
		return NULL;
	if (dispatch_is_destination(route->type, route->dest) &&
	    strlen(row->org->prefix) + strlen("__") + strlen(route->type) <= DISPATCH_SLUG_MAX)
		return NULL;
	return "has a route that a file may not hold: didctl pool edit NUMBER --route TYPE:DEST";
}

/* Only what is on its way into a file of ours is judged. */
static const char *row_fault(const struct regen *r, const struct row *row)
{
	const char *fault;

	if (row->way == DISPATCH_NOT || (row->way == DISPATCH_OSS) != r->gateway.for_oss)
		return NULL;
	if (!row->is_readable)
		return "is no telephone number: mend the row, or didctl pool delete it";
	if (row->way == DISPATCH_STAGING)
		return NULL;
	fault = owner_fault(row);
	return fault || !r->wants_orgs ? fault : route_fault(row);
}

/* "1queue:sales", or "0" for a number without a route: one text for all that go the same way. */
static uint32_t add_way(struct regen *r, const struct org_route *route)
{
	struct buf *text = &r->way;

	buf_reset(text);
	buf_putc(text, route->is_recorded ? '1' : '0');
	if (route->type)
		buf_join(text, route->type, ":", route->dest, NULL);
	return names_add(&r->ways, buf_str(text));
}

static void take_row(struct regen *r, const struct row *row)
{
	struct gateway *g = &r->gateway;
	struct err err = {0};
	const char *fault = row_fault(r, row);

	if (fault) {
		refuse_row(r, row, fault);
	} else if (!row->is_readable) {
		g->ways[DISPATCH_NOT]++;
		g->states[row->state]++;
	} else if (gateway_push(g, row->number, row->state, row->way, row->org ? row->org->prefix : NULL, &err)) {
		refuse_row(r, row, err.text);
	} else if (row->way == DISPATCH_ORG && r->wants_orgs) {
		GROW(r->inbound, r->ninbound, r->inbound_cap);
		r->inbound[r->ninbound++] = (struct regen_inbound){
			.value = row->number.value, .width = row->number.width,
			.org = (uint32_t)(row->org - r->orgs), .way = add_way(r, &row->route),
		};
	}
}

static int read_rows(struct regen *r)
{
	static const int columns[ROW_FIELDS] = {DID_NUMBER,	DID_STATE,	DID_ENV, DID_ORG_ID,
						DID_ROUTE_TYPE, DID_ROUTE_DEST, DID_RECORDING};
	const struct selection all = {0};
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = columns, .ncolumns = ROW_FIELDS, .selection = &all,
	};
	struct progress_line line;
	struct progress *progress = progress_start(&line, r->ctx);
	struct context *ctx = r->ctx;
	const struct value *values;
	uint64_t done = 0;
	int rc = store_query(ctx->store, &query, &ctx->err);

	if (rc)
		return rc;
	while (!rc && (rc = store_next(ctx->store, &values, &ctx->err)) == 1) {
		struct row row = read_row(r, values);

		take_row(r, &row);
		if (++done % ROWS_A_LOOK == 0)
			progress_step(progress, "reading the inventory", done, 0);
		rc = check_interrupt(ctx);
	}
	store_done(ctx->store);
	progress_end(&line);
	return rc;
}

/* Said of each number once: under the first of its spellings. */
static bool is_first_spelling(const struct regen *r, const char *spelled, struct number *n)
{
	char all[FORMS_MAX][NUMBER_TEXT];

	return number_parse_stored(n, spelled, strlen(spelled), r->ctx->country) &&
	       dispatch_spell(&r->dispatcher, *n, r->ctx->country, all) > 0 && !strcmp(all[0], spelled);
}

/* Two rows of one number with two owners: of equal lines the switch takes the first, which nobody has chosen. */
static void refuse_clashes(struct regen *r)
{
	struct gateway_clash clash = {{0}, {0}};
	struct number n;

	for (size_t at = 0; gateway_clash(&r->gateway, &at, &clash); buf_release(&clash.targets)) {
		struct buf why = {0};

		if (!is_first_spelling(r, clash.spelled, &n))
			continue;
		rangeset_add(&r->clashing, (struct interval){n, 1});
		buf_printf(&why, "leads two ways, %s: didctl explain %s", buf_str(&clash.targets), clash.spelled);
		regen_refuse_number(r, clash.spelled, buf_str(&why));
		buf_release(&why);
	}
	rangeset_normalise(&r->clashing);
	gateway_drop_clashes(&r->gateway);
}

int regen_load(struct regen *r)
{
	struct context *ctx = r->ctx;
	int rc = store_begin_snapshot(ctx->store, &ctx->err);

	if (rc)
		return rc;
	rc = store_generation(ctx->store, &r->generation, &ctx->err);
	if (!rc)
		rc = regen_load_orgs(r);
	if (!rc)
		rc = read_rows(r);
	store_end_snapshot(ctx->store);
	if (!rc && gateway_settle(&r->gateway))
		refuse_clashes(r);
	return rc;
}
