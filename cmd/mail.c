#include "cmd/mail.h"

#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "cmd/progress.h"
#include "service/mailer.h"

/* A command waits for so many messages and seconds; a sweep for all, and for each of them longer. */
#define AT_ONCE	  20
#define AT_ONCE_S 20
#define EACH_S	  120

/* A turn of sending: how it went, for one word to the operator. */
struct turn {
	struct mailer *mailer;
	unsigned most;	     /* messages; 0: all */
	int64_t deadline_ms; /* of the turn; 0: it has none */
	unsigned tried, sent;
	bool is_stuck; /* nothing more can be sent now */
	struct progress_line line;
};

static void tell(struct context *ctx, struct turn *turn, const struct outgoing *message, enum outgoing_end end,
		 const struct err *why)
{
	static const char *const words[OUTGOING_END_COUNT] = {
		[OUTGOING_LATER] = "is not sent yet",
		[OUTGOING_REFUSED] = "is refused and given up",
		[OUTGOING_STUCK] = "is not sent yet",
		[OUTGOING_UNANSWERED] = "may have been sent, and may be sent again",
	};

	if (!words[end] || why->code == ERR_INTERRUPTED)
		return;
	progress_end(&turn->line); /* or the words would stand behind it */
	note(ctx, "mail to '%s' %s: %s", message->message.recipient, words[end], why->text);
}

/* A signal is heard once the message and what is written down about it agree. */
static int send_one(struct context *ctx, struct turn *turn, const struct outgoing *message)
{
	int64_t deadline_ms = turn->deadline_ms ? turn->deadline_ms : clock_monotonic_ms() + EACH_S * INT64_C(1000);
	enum outgoing_end end = OUTGOING_STUCK;
	struct err why = {0};
	int rc = 0;

	interrupt_hold(true);
	if (!turn->mailer)
		rc = mailer_open(&turn->mailer, ctx->conf, &why);
	if (!rc)
		end = mailer_send(turn->mailer, message, deadline_ms, &why);
	rc = store_outbox_settle(ctx->store, message, end, end == OUTGOING_SENT ? NULL : why.text, &ctx->err);
	interrupt_hold(false);
	turn->tried++;
	turn->sent += end == OUTGOING_SENT;
	turn->is_stuck = end == OUTGOING_STUCK;
	tell(ctx, turn, message, end, &why);
	return rc;
}

static bool has_time(const struct turn *turn, unsigned n)
{
	return (!turn->most || n < turn->most) && (!turn->deadline_ms || clock_monotonic_ms() < turn->deadline_ms);
}

static int take_turn(struct context *ctx, struct turn *turn)
{
	struct progress *progress = progress_start(&turn->line, ctx);
	int rc = 0;

	for (unsigned n = 0; rc == 0 && !turn->is_stuck && has_time(turn, n); n++) {
		struct outgoing message;
		struct arena arena = {0};
		int claimed = store_outbox_claim(ctx->store, &message, &arena, &ctx->err);

		progress_step(progress, "sending mail", n, 0);
		rc = claimed == 1 ? send_one(ctx, turn, &message) : claimed;
		arena_release(&arena);
		if (claimed != 1)
			break;
	}
	progress_end(&turn->line);
	mailer_close(turn->mailer);
	if (turn->sent)
		verbose(ctx, "sent %u message%s", turn->sent, turn->sent == 1 ? "" : "s");
	if (rc == 0 && interrupt_pending())
		rc = err_set(&ctx->err, ERR_INTERRUPTED, "interrupted");
	return rc;
}

/* "mail: sent 14, 2 wait, next try at 2026-11-22T04:49:35Z": how a sweep left the outbox. */
static int say_left(struct context *ctx, unsigned sent)
{
	static const int column = PORT_MAIL_NEXT_ATTEMPT;
	const struct query query = {.listing = LIST_PORT_MAIL, .columns = &column, .ncolumns = 1};
	const char *next = NULL;
	const struct value *row;
	size_t waiting = 0;
	int rc = store_query(ctx->store, &query, &ctx->err);

	if (rc)
		return rc;
	while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1 && ++waiting)
		if (!next || strcmp(row[0].s, next) < 0)
			next = arena_strndup(&ctx->arena, row[0].s, row[0].len);
	store_done(ctx->store);
	if (!rc && waiting)
		note(ctx, "mail: sent %u, %zu wait%s, next try at %s", sent, waiting, waiting == 1 ? "s" : "", next);
	else if (!rc && sent)
		note(ctx, "mail: sent %u", sent);
	return rc;
}

int mail_send_waiting(struct context *ctx)
{
	struct turn turn = {0};
	int rc = take_turn(ctx, &turn);

	return rc || ctx->global.quiet ? rc : say_left(ctx, turn.sent);
}

void mail_send_after_change(struct context *ctx)
{
	struct turn turn = {.most = AT_ONCE, .deadline_ms = clock_monotonic_ms() + AT_ONCE_S * INT64_C(1000)};
	struct err of_change = ctx->err;

	if (take_turn(ctx, &turn) < 0)
		note(ctx, "mail is not sent yet: %s", ctx->err.text);
	else if (!turn.tried)
		note(ctx, "mail is not sent yet: older messages to the same address go first");
	ctx->err = of_change;
}
