/* cnam sync and e911 sync, start to end: who waits, the program that is asked, and what is said of its answers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "cmd/message.h"
#include "cmd/services.h"
#include "cmd/sync.h"

#define TIMEOUT_S 30

static const char *keep_text(struct sync *sync, struct value v)
{
	return intern(&sync->texts, v.s, v.len);
}

static int compare_items(const void *left, const void *right)
{
	const struct sync_item *a = left, *b = right;

	return strcmp(a->number, b->number);
}

/* All that wait, in the order of their numbers. */
static int load(struct sync *sync)
{
	const int columns[] = {DID_NUMBER, DID_E164, DID_ORG, (int)sync->kind->subject, (int)sync->kind->since};
	struct context *ctx = sync->ctx;
	struct selection waiting = {0};
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = columns, .ncolumns = ARRAY_SIZE(columns), .selection = &waiting,
	};
	const struct value *row;
	int rc;

	filter_add_value(selection_add_filter(&waiting, FILTER_EQUAL, sync->kind->status), "pending");
	rc = store_query(ctx->store, &query, &ctx->err);
	while (!rc && (rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		rc = 0;
		if (!row[3].s) /* no name any more: there is nothing to ask about */
			continue;
		GROW(sync->items, sync->n, sync->cap);
		sync->items[sync->n++] = (struct sync_item){
			.number = keep_text(sync, row[0]), .e164 = keep_text(sync, row[1]), .org = keep_text(sync, row[2]),
			.subject = keep_text(sync, row[3]), .since = keep_text(sync, row[4]),
		};
	}
	store_done(ctx->store);
	selection_release(&waiting);
	if (sync->n)
		qsort(sync->items, sync->n, sizeof(*sync->items), compare_items);
	return rc;
}

/* The answers as rows. */
static int print_answers(const struct sync *sync)
{
	static const struct column columns[] = {
		{"number", "Number", "the number as it is stored", COL_NUMBER},
		{"status", "Status", "what the provider answered", COL_ID},
		{"text", "Text", "what it said", COL_TEXT},
	};
	const struct column *const chosen[] = {&columns[0], &columns[1], &columns[2]};
	struct sink *sink = NULL;
	int rc = rows_open(sync->ctx, chosen, ARRAY_SIZE(chosen), &sink);

	for (size_t i = 0; i < sync->n && !rc; i++) {
		const struct sync_item *item = &sync->items[i];
		const struct value row[] = {value_str(item->number), value_str(item->status), value_str(item->text)};

		rc = sink_row(sink, row, &sync->ctx->err);
	}
	return rows_close(sync->ctx, sink, rc);
}

static void say_counts(const struct sync *sync)
{
	struct buf text = {0};
	size_t overtaken = 0;

	if (sync->ctx->write.dry_run) {
		note(sync->ctx, "would ask about %zu", sync->n);
		note(sync->ctx, "dry run: nobody was asked, and nothing was written");
		return;
	}
	buf_printf(&text, "asked about %zu", sync->n);
	for (const char *const *word = sync->kind->statuses; *word; word++) {
		size_t n = 0;

		for (size_t i = 0; i < sync->n; i++)
			n += sync->items[i].state == SYNC_STORED && strcmp(sync->items[i].status, *word) == 0;
		buf_printf(&text, ", %s %zu", *word, n);
	}
	for (size_t i = 0; i < sync->n; i++)
		overtaken += sync->items[i].state == SYNC_OVERTAKEN;
	note(sync->ctx, "%s, without an answer %zu", buf_str(&text), sync->n - sync->answered);
	if (overtaken)
		note(sync->ctx, "of %zu the answer was overtaken: they had changed, or another sync had stored one", overtaken);
	buf_release(&text);
}

static int check_words(const struct sync *sync)
{
	struct context *ctx = sync->ctx;

	if (ctx->write.change_id)
		return err_set(&ctx->err, ERR_USAGE, "'--change-id' names one change, and a sync makes one for each answer");
	if (ctx->write.partial)
		return err_set(&ctx->err, ERR_USAGE, "'--partial' makes no sense here: each answer counts by itself");
	return 0;
}

/* Where nothing waits, nobody is missed. */
static int check_provider(const struct sync *sync)
{
	struct context *ctx = sync->ctx;

	if (!sync->n || ctx->write.dry_run || conf_get(ctx->conf, sync->kind->command, NULL))
		return 0;
	err_set(&ctx->err, ERR_TARGET, "no provider is set: the %zu number%s that wait%s go%s on waiting", sync->n,
		sync->n == 1 ? "" : "s", sync->n == 1 ? "s" : "", sync->n == 1 ? "es" : "");
	err_hint(&ctx->err, "set '%s' in the profile to a program that asks it", setting_info[sync->kind->command].key);
	return ERR_TARGET;
}

static int check_expect(const struct sync *sync)
{
	const struct write_options *write = &sync->ctx->write;

	if (!write->expect_given || (uint64_t)write->expect == sync->n)
		return 0;
	return err_set(&sync->ctx->err, ERR_REFUSED, "%lld numbers were expected to wait, %zu do", write->expect, sync->n);
}

/* What was stored stays: from there on it is partly done, but for an outcome that is unknown, and a signal. */
static int judge(const struct sync *sync, int rc)
{
	struct err *err = &sync->ctx->err;

	if (rc == ERR_INTERRUPTED) {
		err_set(err, rc, "interrupted: %zu of %zu answers are stored, the other numbers go on waiting", sync->stored,
			sync->n);
		return rc;
	}
	if (rc == ERR_UNKNOWN)
		return rc;
	if (!sync->is_broken) {
		const char *key = setting_info[sync->kind->command].key;

		err_prefix(err, "the %s ", key);
		if (rc == ERR_TARGET)
			err_hint(err, "'%s' in the profile is a command line for /bin/sh", key);
		else
			err_hint(err, "the numbers without an answer go on waiting: the next sync asks again");
	}
	err->code = sync->stored ? ERR_PARTIAL : rc;
	return err->code;
}

/* For cron: the provider answered, and its answers did not get where they belong. */
static int check_refused(const struct sync *sync)
{
	struct err *err = &sync->ctx->err;

	if (!sync->refused)
		return 0;
	err_set(err, sync->stored ? ERR_PARTIAL : ERR_REFUSED, "%zu of %zu answers could not be stored", sync->refused,
		sync->answered);
	err_hint(err, "their numbers go on waiting: the next sync asks again");
	return err->code;
}

static int ask(struct sync *sync)
{
	struct context *ctx = sync->ctx;
	const struct provider provider = {
		.command = conf_get(ctx->conf, sync->kind->command, NULL), .statuses = sync->kind->statuses,
		.timeout_s = ctx->target.timeout_given ? (int)ctx->target.timeout : TIMEOUT_S,
	};
	struct provider_end end;
	int rc;

	sync->client = (struct provider_client){sync->n, sync_put_request, sync_take, sync_keep};
	rc = provider_ask(&provider, &sync->client, &end, &ctx->err);
	if (rc < 0)
		return judge(sync, rc);
	if (end.exit_code)
		note(ctx, "warning: the %s gave every answer, and ended with exit code %d",
		     setting_info[sync->kind->command].key, end.exit_code);
	return check_refused(sync);
}

/* Also of a sync that did not get to its end; a second signal ends it. */
static int report(struct sync *sync, int rc)
{
	struct context *ctx = sync->ctx;
	struct err kept = ctx->err;
	int printed;

	interrupt_hold(true);
	say_counts(sync);
	printed = print_answers(sync);
	if (rc)
		ctx->err = kept;
	return rc ? rc : printed;
}

static int run(struct context *ctx, const struct sync_kind *kind)
{
	struct sync sync = {.ctx = ctx, .kind = kind};
	bool is_begun = false;
	int rc = check_words(&sync);

	if (!rc)
		rc = need_services(ctx);
	if (!rc)
		rc = load(&sync);
	if (!rc)
		rc = check_provider(&sync);
	if (!rc)
		rc = check_expect(&sync);
	if (!rc) {
		is_begun = true;
		rc = sync.n && !ctx->write.dry_run ? ask(&sync) : 0;
	}
	if (is_begun && (rc != ERR_TARGET || sync.answered))
		rc = report(&sync, rc);
	free(sync.items);
	free(sync.fresh);
	intern_release(&sync.texts);
	arena_release(&sync.fresh_arena);
	buf_release(&sync.description);
	return rc;
}

int run_cnam_sync(struct context *ctx, void *args)
{
	(void)args;
	return run(ctx, &sync_names);
}

int run_e911_sync(struct context *ctx, void *args)
{
	(void)args;
	return run(ctx, &sync_addresses);
}
