/*
 * What can be promised. A message is there exactly when its change is, since one transaction writes both. It is sent at
 * least once: it stays until an attempt is known to have succeeded, and an attempt is claimed before it begins by a guarded
 * UPDATE, so that of two processes one sends. It is sent exactly once unless the answer to an attempt is lost after the
 * message was sent whole, or the process dies there: then nobody can know (RFC 1047), and it is sent again with the same
 * Message-ID, OUTGOING_UNANSWERED_MAX times at most. The claim itself counts as such a loss until it is settled.
 */
#include "store/sql/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/sql/retry.h"
#include "store/sql/survey.h"

#define CLAIM_MS (30 * 60 * INT64_C(1000)) /* an attempt ends long before: libcurl.h */

void outbox_tell(const struct sql_store *s, struct plan *plan, const struct org *org, const char *subject,
		 const char *body)
{
	messages_add(&plan->messages, &plan->arena, org->mail, subject, body);
	messages_add(&plan->messages, &plan->arena, conf_get(s->conf, SET_MAIL_TO, NULL), subject, body);
}

int outbox_write(struct sql_store *s, const struct change *change, const struct plan *plan, struct err *err)
{
	char now[CLOCK_TEXT];
	int rc = 0;

	clock_format(change->now_ms, now);
	for (size_t i = 0; rc == 0 && i < plan->messages.n; i++) {
		const struct message *m = &plan->messages.at[i];
		struct statement st = {0};

		buf_puts(&st.text, "INSERT INTO didctl_outbox (change_id, recipient, subject, body, created, next_attempt)"
				   " VALUES (?, ?, ?, ?, ?, ?)");
		statement_param(&st, change->id);
		statement_param(&st, m->recipient);
		statement_param(&st, m->subject);
		statement_param(&st, m->body);
		statement_param(&st, now);
		statement_param(&st, now);
		rc = sql_run(s, &st, NULL, err);
		statement_release(&st);
	}
	return rc;
}

/*
 * The columns of a message that is due. It waits for an older one to the same address, not for one that was given up. Those
 * addresses are collected once: asked for each message, a thousand of them would take the square of that.
 */
static const char select_due[] =
	"SELECT o.id, o.change_id, o.created, o.recipient, o.subject, o.body, o.attempts, o.unanswered, o.next_attempt"
	" FROM didctl_outbox o LEFT JOIN (SELECT recipient, MIN(id) AS oldest FROM didctl_outbox WHERE next_attempt > ?"
	" AND unanswered < ? GROUP BY recipient) w ON w.recipient = o.recipient AND w.oldest < o.id"
	" WHERE o.next_attempt <= ? AND o.unanswered < ? AND w.recipient IS NULL ORDER BY o.id LIMIT 1";

enum due { ID, CHANGE, CREATED, RECIPIENT, SUBJECT, BODY, ATTEMPTS, UNANSWERED, NEXT, DUE_COLUMNS };

static int find_due(struct sql_store *s, const char *now, const char *due[DUE_COLUMNS], struct arena *arena,
		    struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	char most[12];
	int rc;

	snprintf(most, sizeof(most), "%d", OUTGOING_UNANSWERED_MAX);
	buf_puts(&st.text, select_due);
	statement_param(&st, now);
	statement_param(&st, most);
	statement_param(&st, now);
	statement_param(&st, most);
	rc = sql_open(s, &st, err);
	if (rc == 0)
		rc = sql_fetch(s, &row, err);
	for (int i = 0; rc == 1 && i < DUE_COLUMNS; i++)
		due[i] = arena_strndup(arena, row[i].s ? row[i].s : "", row[i].s ? row[i].len : 0);
	s->driver->done(s->db);
	statement_release(&st);
	return rc;
}

/* 1: it is ours; 0: somebody else was faster. */
static int claim(struct sql_store *s, const char *due[DUE_COLUMNS], const char *until, struct err *err)
{
	struct statement st = {0};
	uint64_t affected = 0;
	int rc;

	buf_puts(&st.text, "UPDATE didctl_outbox SET next_attempt = ?, attempts = attempts + 1, unanswered = unanswered + 1"
			   " WHERE id = ? AND next_attempt = ?");
	statement_param(&st, until);
	statement_param(&st, due[ID]);
	statement_param(&st, due[NEXT]);
	rc = sql_run(s, &st, &affected, err);
	statement_release(&st);
	return rc < 0 ? rc : affected == 1;
}

static void fill(struct outgoing *out, const char *const due[DUE_COLUMNS], const char *until, struct arena *arena)
{
	*out = (struct outgoing){
		.id = due[ID],
		.change_id = due[CHANGE],
		.created = due[CREATED],
		.message = {due[RECIPIENT], due[SUBJECT], due[BODY]},
		.claim = arena_strdup(arena, until),
		.attempts = strtol(due[ATTEMPTS], NULL, 10) + 1,
		.unanswered = strtol(due[UNANSWERED], NULL, 10),
	};
}

/* 1 claimed, 0 nothing is due. */
static int claim_one(struct sql_store *s, struct outgoing *out, struct arena *arena, struct err *err)
{
	const char *due[DUE_COLUMNS];
	char now[CLOCK_TEXT], until[CLOCK_TEXT];
	int rc, is_ours;

	do {
		clock_format(clock_now_ms(), now);
		clock_format(clock_now_ms() + CLAIM_MS, until);
		s->has_failed = false;
		rc = find_due(s, now, due, arena, err);
		if (rc != 1)
			return rc;
		is_ours = claim(s, due, until, err);
	} while (is_ours == 0);
	if (is_ours == 1)
		fill(out, due, until, arena);
	return is_ours;
}

/* Neither is part of a change, which only lends retry_next its name. */
static const struct change no_change = {.id = "outbox"};

int sql_store_outbox_claim(struct store *store, struct outgoing *out, struct arena *arena, struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	struct retry retry = {.deadline_ms = clock_monotonic_ms() + s->target.timeout_s * INT64_C(1000)};
	int rc;

	if (!s->has_tables)
		return 0;
	do {
		rc = claim_one(s, out, arena, err);
		if (rc >= 0)
			return rc;
		s->driver->rollback(s->db);
		rc = retry_next(&retry, s, &no_change, false, rc, err);
	} while (rc == 0);
	return rc;
}

/* That it has been sent is true whatever became of the claim. */
static void note_sent(struct statement *st, const struct outgoing *out, const char *now)
{
	char unanswered[24];

	snprintf(unanswered, sizeof(unanswered), "%ld", out->unanswered);
	buf_puts(&st->text, "UPDATE didctl_outbox SET sent_at = ?, next_attempt = NULL, unanswered = ?, last_end = ?,"
			    " last_error = NULL WHERE id = ?");
	statement_copy(st, now, strlen(now));
	statement_copy(st, unanswered, strlen(unanswered));
	statement_param(st, outgoing_end_names[OUTGOING_SENT]);
	statement_param(st, out->id);
}

static void note_unsent(struct statement *st, const struct outgoing *out, enum outgoing_end end, const char *error,
			int64_t now_ms)
{
	int64_t created_ms = now_ms, delay;
	char at[CLOCK_TEXT], unanswered[24];

	clock_parse(&created_ms, out->created, NULL);
	delay = outgoing_retry(out, end, (now_ms - created_ms) / 1000);
	snprintf(unanswered, sizeof(unanswered), "%ld", out->unanswered + (end == OUTGOING_UNANSWERED));
	clock_format(now_ms + delay * 1000, at);
	buf_puts(&st->text, "UPDATE didctl_outbox SET next_attempt = ?, unanswered = ?, last_end = ?, last_error = ?"
			    " WHERE id = ? AND next_attempt = ?");
	if (delay < 0)
		statement_param(st, NULL);
	else
		statement_copy(st, at, strlen(at));
	statement_copy(st, unanswered, strlen(unanswered));
	statement_param(st, outgoing_end_names[end]);
	statement_param(st, error);
	statement_param(st, out->id);
	statement_param(st, out->claim);
}

int sql_store_outbox_settle(struct store *store, const struct outgoing *out, enum outgoing_end end, const char *error,
			    struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	struct retry retry = {.deadline_ms = clock_monotonic_ms() + s->target.timeout_s * INT64_C(1000)};
	struct statement st = {0};
	char now[CLOCK_TEXT];
	int rc;

	if (end == OUTGOING_SENT)
		note_sent(&st, out, clock_format(clock_now_ms(), now));
	else
		note_unsent(&st, out, end, error, clock_now_ms());
	do {
		s->has_failed = s->has_raced = false;
		rc = sql_run(s, &st, NULL, err);
		if (rc == 0)
			break;
		s->driver->rollback(s->db);
		rc = retry_next(&retry, s, &no_change, false, rc, err);
	} while (rc == 0);
	statement_release(&st);
	return rc;
}

/* What was given up is due again, and may be sent as often as a new message. */
int sql_store_outbox_resend(struct store *store, uint64_t *n, struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	const int64_t day_ms = 24 * 3600 * INT64_C(1000);
	char now[CLOCK_TEXT], since[CLOCK_TEXT], most[12];
	struct statement st = {0};
	int rc;

	if (!s->has_tables)
		return 0;
	snprintf(most, sizeof(most), "%d", OUTGOING_UNANSWERED_MAX);
	buf_puts(&st.text, "UPDATE didctl_outbox SET next_attempt = ?, unanswered = 0 WHERE sent_at IS NULL AND created >= ?"
			   " AND (next_attempt IS NULL OR unanswered >= ? AND next_attempt <= ?)");
	statement_param(&st, clock_format(clock_now_ms(), now));
	statement_param(&st, clock_format(clock_now_ms() - OUTGOING_TOLD_DAYS * day_ms, since));
	statement_param(&st, most);
	statement_param(&st, now);
	rc = sql_run(s, &st, n, err);
	statement_release(&st);
	return rc;
}

/*
 * By address: what has waited for an hour, and for a month what was given up. A message that is just being tried again is
 * nobody's concern.
 */
static const char select_unsent[] =
	"SELECT recipient, COUNT(*), MIN(created), MAX(last_error),"
	" SUM(CASE WHEN next_attempt IS NULL OR unanswered >= ? THEN 1 ELSE 0 END) FROM didctl_outbox WHERE sent_at IS NULL"
	" AND (next_attempt IS NOT NULL AND created <= ? OR next_attempt IS NULL AND created >= ?)"
	" GROUP BY recipient ORDER BY MIN(created), recipient";

#define WHY_MAX 300 /* characters of a reason: a server's last ones often are what matters */

static int tell_unsent(struct survey *v, const struct value *row, struct err *err)
{
	unsigned long n = strtoul(row[1].s, NULL, 10), given_up = strtoul(row[4].s, NULL, 10);
	struct buf why = {0};
	char to[TEXT_SHOWN];
	int rc;

	if (row[3].s)
		text_escape(&why, row[3].s, row[3].len, WHY_MAX);
	rc = survey_tell(v, CHECK_MAIL, given_up ? "didctl port sweep --resend" : "didctl port sweep", err,
			   "%lu message%s to '%s', the oldest of %.20s, %s not sent%s: %s", n, n == 1 ? "" : "s",
			   text_show(to, row[0].s, row[0].len), row[2].s, n == 1 ? "is" : "are",
			   !given_up ? "" : given_up < n ? ", some given up" : " and given up",
			   row[3].s ? buf_str(&why) : "nobody has tried yet");
	buf_release(&why);
	return rc;
}

int survey_mail(struct survey *v, struct err *err)
{
	const int64_t hour_ms = 3600 * INT64_C(1000);
	struct sql_store *s = v->s;
	struct statement st = {0};
	const struct value *row;
	char most[12], hour[CLOCK_TEXT], month[CLOCK_TEXT];
	int rc;

	if (s->schema_version < 3)
		return 0;
	snprintf(most, sizeof(most), "%d", OUTGOING_UNANSWERED_MAX);
	buf_puts(&st.text, select_unsent);
	statement_param(&st, most);
	statement_param(&st, clock_format(clock_now_ms() - hour_ms, hour));
	statement_param(&st, clock_format(clock_now_ms() - OUTGOING_TOLD_DAYS * 24 * hour_ms, month));
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		rc = tell_unsent(v, row, err);
	return sql_finish(s, &st, rc);
}
