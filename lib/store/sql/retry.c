#include "store/sql/retry.h"

#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/interrupt.h"

#define TRIES 10
#define FIRST_MS 20
#define CAP_MS 2000

/*
 * By class: whether another attempt may help, whether it needs a new connection, what it means at COMMIT, and what to do where
 * the others won each time.
 */
static const struct {
	bool retries, reconnects, unknown_at_commit;
	const char *when_lost;
} actions[] = {
	[SQL_FATAL] = {0},
	[SQL_NEVER_STARTED] = {.retries = true, .reconnects = true},
	[SQL_ROLLED_BACK] = {.retries = true, .when_lost = "others change the same numbers all the time; repeat the command"},
	[SQL_STATEMENT] = {.retries = true, .unknown_at_commit = true,
			   .when_lost = "where it waited for a lock, SHOW FULL PROCESSLIST tells whose"},
	[SQL_NODE] = {.retries = true, .reconnects = true, .unknown_at_commit = true},
	[SQL_LOST] = {.retries = true, .reconnects = true, .unknown_at_commit = true},
	[SQL_DUPLICATE] = {0}, [SQL_NO_OBJECT] = {0}, [SQL_UNFIT] = {0}, [SQL_RULE] = {0}, [SQL_TOO_LARGE] = {0},
	[SQL_FULL] = {0}, [SQL_DENIED] = {0}, [SQL_STORAGE] = {0}, [SQL_TORN] = {0}, /* ask_file() sees to that */
};

/* Full jitter: processes that collided do not meet again at the same moment. */
static void back_off(unsigned tries)
{
	int64_t ceiling = tries > 6 ? CAP_MS : (int64_t)FIRST_MS << tries;
	uint16_t random = 0;

	(void)!getrandom(&random, sizeof(random), GRND_NONBLOCK);
	clock_sleep_ms(1 + random % (ceiling > CAP_MS ? CAP_MS : ceiling));
}

static int unknown(const struct retry *r, const struct sql_store *s, const struct change *c, struct err *err)
{
	const char *id = c->part_of ? c->part_of->id : c->id;

	if (r->is_torn) {
		err_set(err, ERR_UNKNOWN, "the storage of '%s' failed during COMMIT: the outcome of change %s is unknown",
			s->target.url, id);
		err_hint(err, "see to its disk first: the system's log, its room; then didctl history resolve %s", id);
		return ERR_UNKNOWN;
	}
	err_set(err, ERR_UNKNOWN, "the connection was lost during COMMIT: the outcome of change %s is unknown", id);
	err_hint(err, "didctl history resolve %s", id);
	return ERR_UNKNOWN;
}

static int interrupted(const struct retry *r, const struct sql_store *s, const struct change *c, struct err *err)
{
	return r->is_unknown ? unknown(r, s, c, err) : err_set(err, ERR_INTERRUPTED, "interrupted: nothing was changed");
}

/* Whoever loses to others every time is told what a lost race is, and not that something is broken. */
static int gave_up(const struct retry *r, const struct sql_store *s, const struct change *c, int rc, struct err *err)
{
	if (r->is_unknown)
		return unknown(r, s, c, err);
	if (s->has_raced || !actions[s->failure].when_lost)
		return rc;
	err->code = ERR_REFUSED;
	err_hint(err, NOTHING_CHANGED ": %s", actions[s->failure].when_lost);
	return ERR_REFUSED;
}

/* The transaction never ended: whoever is not told what to do, or by the exit code, is told that. */
static int not_made(int rc, struct err *err)
{
	char hint[ERR_HINT_MAX];

	memcpy(hint, err->hint, sizeof(hint));
	if (!*hint)
		err_hint(err, NOTHING_CHANGED);
	else if (rc == ERR_FAILED)
		err_hint(err, NOTHING_CHANGED ": %s", hint);
	return rc;
}

static bool is_over(const struct retry *r)
{
	if (clock_monotonic_ms() >= r->deadline_ms)
		return true;
	return r->tries >= TRIES && !r->is_unknown;
}

/* A new connection, tried until the time is over. */
static int connect_again(struct retry *r, struct sql_store *s, struct err *err)
{
	int rc = sql_reconnect(s, err);

	while (rc < 0 && !is_over(r) && !interrupt_pending()) {
		back_off(r->tries++);
		rc = sql_reconnect(s, err);
	}
	return rc;
}

static int look_for(struct sql_store *s, const char *id, uint64_t *found, struct err *err)
{
	struct statement st = {0};
	int rc = sql_reconnect(s, err);

	if (rc < 0)
		return rc;
	buf_puts(&st.text, "SELECT COUNT(*) FROM didctl_changes WHERE id = ?");
	statement_param(&st, id);
	return sql_count(s, &st, found, err);
}

/*
 * What is in the file decides, and nothing is on its way to it any more: either the journal has gone, or whoever opens the file
 * again takes back what it holds. What is not there is not tried again: a disk that failed is not trusted with another COMMIT.
 */
static int ask_file(struct retry *r, struct sql_store *s, const struct change *c, int rc, struct err *err)
{
	struct err fault = *err;
	uint64_t found = 0;

	r->is_unknown = r->is_torn = true;
	if (!s->has_tables || look_for(s, c->id, &found, err) < 0)
		return unknown(r, s, c, err);
	if (found) /* the same change once more is answered with what it did */
		return 0;
	*err = fault;
	return not_made(rc, err);
}

int retry_next(struct retry *r, struct sql_store *s, const struct change *c, bool was_committing, int rc,
	       struct err *err)
{
	bool reconnects = s->has_failed && actions[s->failure].reconnects;

	if (!s->has_failed && !s->has_raced)
		return rc;
	if (s->has_failed && was_committing && s->failure == SQL_TORN)
		return ask_file(r, s, c, rc, err);
	if (s->has_failed && was_committing && actions[s->failure].unknown_at_commit)
		r->is_unknown = true;
	if (interrupt_pending())
		return interrupted(r, s, c, err);
	if (r->is_unknown && !s->has_tables)
		return unknown(r, s, c, err);
	if (!s->has_raced && s->failure == SQL_TORN) /* of what is no change: nobody asks whether it was made */
		return rc;
	if (!s->has_raced && !actions[s->failure].retries)
		return r->is_unknown ? unknown(r, s, c, err) : not_made(rc, err);
	if (is_over(r))
		return gave_up(r, s, c, rc, err);
	back_off(r->tries++);
	if ((reconnects || r->is_unknown) && (rc = connect_again(r, s, err)) < 0)
		return interrupt_pending() ? interrupted(r, s, c, err) : r->is_unknown ? unknown(r, s, c, err) : rc;
	return 0;
}
