/* A row that another program changed: a dry run of what would record it tells what that was. */
#include "cmd/explain.h"

static const char *describe(struct explanation *e, const struct plan *plan)
{
	struct buf text = {0};
	const char *kept;

	for (size_t i = 0; i < plan->nruns && !text.len; i++) {
		const struct run *run = &plan->runs[i];

		if (run->result != RESULT_CHANGED || run->after == RECORD_NONE)
			continue;
		if (run->before == RECORD_NONE) {
			buf_puts(&text, "it was deleted, and its row was made again");
			continue;
		}
		record_put_changes(&text, &plan->records.at[run->before], &plan->records.at[run->after],
				   record_diff(&plan->records.at[run->before], &plan->records.at[run->after]));
	}
	kept = text.len ? arena_strdup(&e->ctx->arena, text.data) : NULL;
	buf_release(&text);
	return kept;
}

int explain_outside(struct explanation *e)
{
	struct context *ctx = e->ctx;
	struct plan plan = {0};
	struct change change;
	int rc;

	if (e->rows.n != 1 || !e->has_key || !store_can(ctx->store, CAN_VERIFY_HISTORY))
		return 0;
	rc = change_begin(ctx, &change, VERB_EXTERNAL);
	change.dry_run = true;
	rangeset_add(&change.selection.numbers, (struct interval){e->in[0].key, 1});
	rangeset_normalise(&change.selection.numbers);
	if (!rc)
		rc = store_apply(ctx->store, &change, &plan, &ctx->err);
	if (!rc)
		e->outside = describe(e, &plan);
	plan_release(&plan);
	change_release(&change);
	return rc;
}
