/* cnam sync and e911 sync: the answers as they come, and the changes that are made of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "cmd/fields.h"
#include "cmd/message.h"
#include "cmd/progress.h"
#include "cmd/report.h"
#include "cmd/sync.h"

static int compare_number(const void *key, const void *item)
{
	return strcmp(key, ((const struct sync_item *)item)->number);
}

bool sync_take(struct provider_client *client, const struct provider_answer *answer)
{
	struct sync *sync = (struct sync *)client;
	struct sync_item *item = bsearch(answer->number, sync->items, sync->n, sizeof(*sync->items), compare_number);

	if (!item || item->state != SYNC_OPEN)
		return false;
	item->state = SYNC_FRESH;
	item->status = answer->status;
	item->text = intern(&sync->texts, answer->text, answer->text ? strlen(answer->text) : 0);
	item->candidates = answer->candidates ? arena_strdup(&sync->fresh_arena, answer->candidates) : NULL;
	GROW(sync->fresh, sync->nfresh, sync->fresh_cap);
	sync->fresh[sync->nfresh++] = item;
	sync->answered++;
	return true;
}

static int compare_texts(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

/* Alike are those that one change can be made of: asked about the same, and answered the same. */
static int compare_answers(const void *left, const void *right)
{
	const struct sync_item *a = *(struct sync_item *const *)left, *b = *(struct sync_item *const *)right;
	int order = compare_texts(a->status, b->status);

	order = order ? order : compare_texts(a->text, b->text);
	order = order ? order : compare_texts(a->candidates, b->candidates);
	order = order ? order : compare_texts(a->subject, b->subject);
	return order ? order : compare_texts(a->since, b->since);
}

/* Of the provider's own answers; who asked stands before it. */
static void set_answer(const struct sync *sync, struct change *change, const struct sync_item *item)
{
	struct context *ctx = sync->ctx;

	change->actor = arena_printf(&ctx->arena, "%s (%s)", change->actor, verb_info[sync->kind->verb].name);
	if (!change->reason)
		change->reason = arena_printf(&ctx->arena, "the answer of %s", setting_info[sync->kind->command].key);
	fields_put(change, sync->kind->status, item->status);
	fields_put(change, sync->kind->note, item->text);
	if (sync->kind->verb == VERB_E911_SYNC) {
		fields_put(change, DID_E911_CANDIDATES, item->candidates);
		change->seen_location = item->subject;
	} else {
		change->seen_name = item->subject;
	}
	change->seen_since = item->since;
	change->expect = -1; /* of all that wait, not of those that are answered alike */
	change->partial = true; /* what cannot take its answer goes on waiting, and keeps nobody else from it */
}

static bool key_of(const struct context *ctx, const struct sync_item *item, struct number *out, bool *is_odd)
{
	uint64_t faults = check_number(out, value_str(item->number), ctx->country);

	*is_odd = faults == CHECK_BIT(CHECK_SPELLING);
	return out->width;
}

/* By their numbers, and by their texts where those are no spelling by which they would be found. */
static void select_items(const struct context *ctx, struct sync_item *const *items, size_t n, struct selection *out)
{
	struct interval in = {.count = 1};
	bool is_odd;

	for (size_t i = 0; i < n; i++) {
		bool has_key = key_of(ctx, items[i], &in.first, &is_odd);

		if (is_odd)
			strlist_add(&out->texts, items[i]->number);
		if (has_key)
			rangeset_add(&out->numbers, in);
	}
	rangeset_normalise(&out->numbers);
}

static bool has_become(const struct plan *plan, enum result result, struct number n)
{
	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].result == result && run_covers(&plan->runs[i], n))
			return true;
	return false;
}

/*
 * What the answer changed nothing of is not any more what was asked about, unless it goes on waiting as it did. Of a change that
 * an API broke off, nobody knows about those that were not sent.
 */
static void note_stored(struct sync *sync, const struct plan *plan, struct sync_item *const *items, size_t n, bool is_broken_off)
{
	for (size_t i = 0; i < n; i++) {
		bool waits = strcmp(items[i]->status, "pending") == 0, is_odd;
		struct number key = {0};

		key_of(sync->ctx, items[i], &key, &is_odd);
		if (has_become(plan, RESULT_CHANGED, key))
			items[i]->state = SYNC_STORED;
		else if (is_broken_off || has_become(plan, RESULT_REFUSED, key))
			items[i]->state = SYNC_REFUSED;
		else
			items[i]->state = waits ? SYNC_STORED : SYNC_OVERTAKEN;
		sync->stored += items[i]->state == SYNC_STORED;
		sync->refused += items[i]->state == SYNC_REFUSED;
	}
}

/* What is refused, or broken off by an API, is told here, and keeps no other answer from being stored. */
static int apply(struct sync *sync, struct sync_item *const *items, size_t n)
{
	struct context *ctx = sync->ctx;
	struct plan plan = {0};
	struct change change;
	bool is_broken_off = false;
	int rc = change_begin(ctx, &change, sync->kind->verb);

	set_answer(sync, &change, items[0]);
	select_items(ctx, items, n, &change.selection);
	if (!rc) {
		fprintf(stderr, "change-id: %s\n", change.id);
		rc = apply_with_progress(ctx, &change, &plan);
	}
	if (rc == ERR_PARTIAL || rc == ERR_REFUSED) {
		plan_show_refused(ctx, &plan);
		say_error(&ctx->err);
		ctx->err = (struct err){0};
		is_broken_off = !plan.refused;
		rc = 0;
	}
	if (!rc)
		note_stored(sync, &plan, items, n, is_broken_off);
	plan_release(&plan);
	change_release(&change);
	return rc;
}

/* A signal waits until they are stored: the provider has done them. */
int sync_keep(struct provider_client *client, struct err *err)
{
	struct sync *sync = (struct sync *)client;
	int rc = 0;

	interrupt_hold(true);
	qsort(sync->fresh, sync->nfresh, sizeof(*sync->fresh), compare_answers);
	for (size_t from = 0, to; from < sync->nfresh && !rc; from = to) {
		for (to = from + 1; to < sync->nfresh && compare_answers(&sync->fresh[from], &sync->fresh[to]) == 0;)
			to++;
		rc = apply(sync, &sync->fresh[from], to - from);
	}
	interrupt_hold(false);
	for (size_t i = 0; i < sync->nfresh; i++)
		sync->fresh[i]->candidates = NULL;
	sync->nfresh = 0;
	arena_release(&sync->fresh_arena);
	if (rc < 0) {
		sync->is_broken = true;
		*err = sync->ctx->err;
	}
	return rc;
}
