#include "cmd/services.h"

int select_held(struct context *ctx, struct selection *out)
{
	int rc = select_operands(ctx, ctx->operands.at, ctx->operands.n, true, out);

	if (!rc)
		rc = select_filters(ctx, out);
	if (!rc && !ctx->operands.n && !ctx->filter.state)
		selection_add_filter(out, FILTER_STATE, DID_STATE)->states =
			STATE_BIT(STATE_ASSIGNED) | STATE_BIT(STATE_BLOCKED);
	return rc;
}

int need_services(struct context *ctx)
{
	static const int column = LOCATION_ID;
	const struct query query = {.listing = LIST_LOCATIONS, .columns = &column, .ncolumns = 1, .limit = 1};
	int rc = store_query(ctx->store, &query, &ctx->err);

	store_done(ctx->store);
	return rc;
}
