/* cnam sync and e911 sync: what waits is put to the provider, and its answers become changes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/address.h"
#include "cmd/fields.h"
#include "cmd/progress.h"
#include "cmd/services.h"
#include "did/cnam.h"
#include "did/e911.h"
#include "service/provider.h"

#define AT_ONCE 500 /* numbers that one run of the program is asked about: so many answers at most are lost with us */
#define TIMEOUT_S 30

/* A number that waits: what the provider is asked about, and what it has said. */
struct item {
	const char *number, *e164, *org, *subject, *since;
	struct provider_answer answer;
};

struct sync {
	struct context *ctx;
	const struct sync_kind *kind;
	struct item *items;
	size_t n, cap;
	size_t answered, open;
};

struct sync_kind {
	enum verb verb;
	enum setting command;
	const char *const *statuses;
	enum did_field subject; /* which may not have become another one meanwhile */
	enum did_field status, since, note;
	const char *const *words; /* the statuses, for a count of each */
	/* Appends the members that tell what is to be registered. */
	int (*describe)(struct sync *sync, const struct item *item, struct buf *out);
};

static void put_member(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, ",\"%s\":", key);
	if (value)
		text_json(out, value, strlen(value));
	else
		buf_puts(out, "null");
}

static int describe_name(struct sync *sync, const struct item *item, struct buf *out)
{
	(void)sync;
	put_member(out, "cnam", item->subject);
	return 0;
}

static int describe_address(struct sync *sync, const struct item *item, struct buf *out)
{
	struct value v[LOCATION_FIELDS];
	int rc = address_load(sync->ctx, item->subject, v);

	if (rc)
		return rc;
	buf_puts(out, ",\"location\":{\"id\":");
	text_json(out, item->subject, strlen(item->subject));
	for (int f = LOCATION_LABEL; f < LOCATION_STORED; f++)
		if (f != LOCATION_ORG_ID)
			put_member(out, location_columns[f].key, v[f].s);
	buf_putc(out, '}');
	return 0;
}

static const struct sync_kind name_kind = {
	VERB_CNAM_SYNC, SET_CNAM_COMMAND, cnam_statuses, DID_CNAM, DID_CNAM_STATUS, DID_CNAM_SINCE, DID_CNAM_NOTE, cnam_statuses,
	describe_name,
};

static const struct sync_kind address_kind = {
	VERB_E911_SYNC, SET_E911_COMMAND, e911_statuses, DID_LOCATION, DID_E911, DID_E911_SINCE, DID_E911_NOTE, e911_statuses,
	describe_address,
};

static const char *keep(struct context *ctx, struct value v)
{
	return v.s ? arena_strndup(&ctx->arena, v.s, v.len) : NULL;
}

/* All that wait, in the order of their numbers. */
static int load(struct sync *sync)
{
	const int columns[] = {DID_NUMBER, DID_E164, DID_ORG, (int)sync->kind->subject, (int)sync->kind->since};
	static const struct sort_key by_number = {DID_NUMBER, false};
	struct context *ctx = sync->ctx;
	struct selection waiting = {0};
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = columns, .ncolumns = ARRAY_SIZE(columns), .selection = &waiting,
		.sort = &by_number, .nsort = 1,
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
		sync->items[sync->n++] = (struct item){.number = keep(ctx, row[0]), .e164 = keep(ctx, row[1]),
						       .org = keep(ctx, row[2]), .subject = keep(ctx, row[3]),
						       .since = keep(ctx, row[4])};
	}
	store_done(ctx->store);
	selection_release(&waiting);
	return rc;
}

static int make_line(struct sync *sync, const struct item *item, const char **out)
{
	struct buf line = {0};
	int rc;

	buf_puts(&line, "{\"number\":");
	text_json(&line, item->number, strlen(item->number));
	put_member(&line, "e164", item->e164);
	put_member(&line, "org", item->org);
	rc = sync->kind->describe(sync, item, &line);
	buf_putc(&line, '}');
	*out = arena_strdup(&sync->ctx->arena, buf_str(&line));
	buf_release(&line);
	return rc;
}

/* A program that failed is told of by the end; its other numbers wait for the next time. */
static int ask(struct sync *sync, struct item *items, size_t n, int *failed)
{
	struct context *ctx = sync->ctx;
	const struct provider provider = {
		.command = conf_get(ctx->conf, sync->kind->command, NULL), .statuses = sync->kind->statuses,
		.timeout_s = ctx->target.timeout_given ? (int)ctx->target.timeout : TIMEOUT_S,
	};
	struct provider_request *requests = xcalloc(n, sizeof(*requests));
	struct provider_answer *answers = xcalloc(n, sizeof(*answers));
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		requests[i].number = items[i].number;
		rc = make_line(sync, &items[i], &requests[i].line);
	}
	if (!rc) {
		rc = provider_ask(&provider, requests, n, answers, &ctx->arena, &ctx->err);
		if (rc)
			err_prefix(&ctx->err, "the %s ", setting_info[sync->kind->command].key);
		*failed = rc;
		rc = rc == ERR_FAILED ? 0 : rc;
	}
	for (size_t i = 0; i < n; i++) {
		items[i].answer = answers[i];
		sync->answered += answers[i].status != NULL;
	}
	free(requests);
	free(answers);
	return rc;
}

static int compare_texts(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

/* Alike are those that one change can be made of: asked about the same, and answered the same. */
static int compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int order = compare_texts(a->answer.status, b->answer.status);

	order = order ? order : compare_texts(a->answer.text, b->answer.text);
	order = order ? order : compare_texts(a->answer.candidates, b->answer.candidates);
	order = order ? order : compare_texts(a->subject, b->subject);
	return order ? order : compare_texts(a->since, b->since);
}

/* Of the provider's own answers; who asked stands before it. */
static void set_answer(struct sync *sync, struct change *change, const struct item *item)
{
	struct context *ctx = sync->ctx;

	change->actor = arena_printf(&ctx->arena, "%s (%s)", change->actor, verb_info[sync->kind->verb].name);
	if (!change->reason)
		change->reason = arena_printf(&ctx->arena, "the answer of %s", setting_info[sync->kind->command].key);
	fields_put(change, sync->kind->status, item->answer.status);
	fields_put(change, sync->kind->note, item->answer.text);
	if (sync->kind->verb == VERB_E911_SYNC) {
		fields_put(change, DID_E911_CANDIDATES, item->answer.candidates);
		change->seen_location = item->subject;
	} else {
		change->seen_name = item->subject;
	}
	change->seen_since = item->since;
}

/* By their numbers, and by their texts where those are no spelling by which they would be found. */
static void select_items(struct context *ctx, const struct item *items, size_t n, struct selection *out)
{
	struct interval in = {.count = 1};

	for (size_t i = 0; i < n; i++) {
		const struct value stored = value_str(items[i].number);

		if (check_number(&in.first, stored, ctx->country) == CHECK_BIT(CHECK_SPELLING))
			strlist_add(&out->texts, items[i].number);
		if (in.first.width)
			rangeset_add(&out->numbers, in);
	}
	rangeset_normalise(&out->numbers);
}

static int apply(struct sync *sync, const struct item *items, size_t n)
{
	struct context *ctx = sync->ctx;
	struct plan plan = {0};
	struct change change;
	int rc = change_begin(ctx, &change, sync->kind->verb);

	change.expect = -1; /* of all that wait, not of those that are answered alike */
	set_answer(sync, &change, &items[0]);
	select_items(ctx, items, n, &change.selection);
	if (!rc) {
		fprintf(stderr, "change-id: %s\n", change.id);
		rc = apply_with_progress(ctx, &change, &plan);
	}
	plan_release(&plan);
	change_release(&change);
	return rc;
}

static int apply_all(struct sync *sync, struct item *items, size_t n)
{
	int rc = 0;

	qsort(items, n, sizeof(*items), compare_items);
	for (size_t from = 0, to; from < n && !rc; from = to) {
		for (to = from + 1; to < n && compare_items(&items[from], &items[to]) == 0;)
			to++;
		if (items[from].answer.status)
			rc = apply(sync, &items[from], to - from);
	}
	return rc;
}

/* The answers as rows; in a table only what is not as it should be, since the rest is counted. */
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
		const struct item *item = &sync->items[i];
		const struct value row[] = {value_str(item->number), value_str(item->answer.status),
					    value_str(item->answer.text)};

		rc = sink_row(sink, row, &sync->ctx->err);
	}
	return rows_close(sync->ctx, sink, rc);
}

static void say_counts(const struct sync *sync)
{
	struct buf text = {0};

	buf_printf(&text, "asked about %zu", sync->n);
	for (const char *const *word = sync->kind->words; *word; word++) {
		size_t n = 0;

		for (size_t i = 0; i < sync->n; i++)
			n += sync->items[i].answer.status && strcmp(sync->items[i].answer.status, *word) == 0;
		buf_printf(&text, ", %s %zu", *word, n);
	}
	if (!sync->ctx->global.quiet)
		fprintf(stderr, "%s, without an answer %zu\n", buf_str(&text), sync->n - sync->answered);
	buf_release(&text);
}

static int check_words(const struct sync *sync)
{
	struct context *ctx = sync->ctx;
	const char *key = setting_info[sync->kind->command].key;

	if (ctx->write.change_id)
		return err_set(&ctx->err, ERR_USAGE, "'--change-id' names one change, and a sync makes one for each answer");
	if (ctx->write.partial)
		return err_set(&ctx->err, ERR_USAGE, "'--partial' makes no sense here: each answer counts by itself");
	if (ctx->write.dry_run || conf_get(ctx->conf, sync->kind->command, NULL))
		return 0;
	err_set(&ctx->err, ERR_TARGET, "no provider is set: what waits goes on waiting");
	err_hint(&ctx->err, "set '%s' in the profile to a program that asks it", key);
	return ERR_TARGET;
}

static int check_expect(const struct sync *sync)
{
	const struct write_options *write = &sync->ctx->write;

	if (!write->expect_given || (uint64_t)write->expect == sync->n)
		return 0;
	return err_set(&sync->ctx->err, ERR_REFUSED, "%lld numbers were expected to wait, %zu do", write->expect, sync->n);
}

/* In pieces: what was answered is kept before more is asked. */
static int sync_all(struct sync *sync)
{
	struct context *ctx = sync->ctx;
	int rc = 0, failed = 0;

	for (size_t from = 0; from < sync->n && !rc && !failed; from += AT_ONCE) {
		size_t n = sync->n - from < AT_ONCE ? sync->n - from : AT_ONCE;
		struct err why;

		rc = ask(sync, sync->items + from, n, &failed);
		why = ctx->err;
		if (!rc)
			rc = apply_all(sync, sync->items + from, n);
		if (!rc && failed)
			ctx->err = why;
	}
	if (rc || !failed)
		return rc;
	ctx->err.code = sync->answered ? ERR_PARTIAL : ERR_FAILED;
	err_hint(&ctx->err, "the numbers without an answer go on waiting: the next sync asks again");
	return ctx->err.code;
}

static int run(struct context *ctx, const struct sync_kind *kind)
{
	struct sync sync = {.ctx = ctx, .kind = kind};
	int rc = check_words(&sync), printed;
	struct err kept;

	if (!rc)
		rc = load(&sync);
	if (!rc)
		rc = check_expect(&sync);
	if (!rc && !ctx->write.dry_run)
		rc = sync_all(&sync);
	if (!rc || rc == ERR_PARTIAL || rc == ERR_FAILED) {
		kept = ctx->err;
		say_counts(&sync);
		printed = print_answers(&sync);
		if (rc)
			ctx->err = kept;
		rc = rc ? rc : printed;
	}
	free(sync.items);
	return rc;
}

int run_cnam_sync(struct context *ctx, void *args)
{
	(void)args;
	return run(ctx, &name_kind);
}

int run_e911_sync(struct context *ctx, void *args)
{
	(void)args;
	return run(ctx, &address_kind);
}
