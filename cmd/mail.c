#include "cmd/mail.h"

#include "base/interrupt.h"
#include "service/mailer.h"

/* A turn of sending: how it went, for one word to the operator. */
struct turn {
	struct mailer *mailer;
	unsigned sent;
	bool is_stuck; /* nothing more can be sent now */
};

/* A signal is heard once the message and what is written down about it agree. */
static int send_one(struct context *ctx, struct turn *turn, const struct outgoing *message)
{
	enum outgoing_end end = OUTGOING_STUCK;
	struct err why = {0};
	int rc = 0;

	interrupt_hold(true);
	if (!turn->mailer)
		rc = mailer_open(&turn->mailer, ctx->conf, &why);
	if (!rc)
		end = mailer_send(turn->mailer, message, &why);
	rc = store_outbox_settle(ctx->store, message, end, end == OUTGOING_SENT ? NULL : why.text, &ctx->err);
	interrupt_hold(false);
	turn->sent += end == OUTGOING_SENT;
	turn->is_stuck = end == OUTGOING_STUCK;
	if (end != OUTGOING_SENT && why.code != ERR_INTERRUPTED)
		note(ctx, "mail to '%s' %s: %s", message->message.recipient,
		     end == OUTGOING_UNANSWERED ? "may have been sent, and may be sent again" : "is not sent yet", why.text);
	return rc;
}

int mail_send_waiting(struct context *ctx, unsigned limit)
{
	struct turn turn = {0};
	int rc = 0;

	for (unsigned n = 0; rc == 0 && !turn.is_stuck && (n < limit || !limit); n++) {
		struct outgoing message;
		struct arena arena = {0};
		int claimed = store_outbox_claim(ctx->store, &message, &arena, &ctx->err);

		rc = claimed == 1 ? send_one(ctx, &turn, &message) : claimed;
		arena_release(&arena);
		if (claimed != 1)
			break;
	}
	mailer_close(turn.mailer);
	if (turn.sent)
		verbose(ctx, "sent %u message%s", turn.sent, turn.sent == 1 ? "" : "s");
	if (rc == 0 && interrupt_pending())
		rc = err_set(&ctx->err, ERR_INTERRUPTED, "interrupted");
	return rc;
}
