/*
 * The outbox: a message is there exactly when its change is, is claimed by one sender at a time, in order, and is settled as
 * its attempt ended. Whatever fails in the database, a claimed message is neither lost nor free for somebody else.
 */
#include "store/sql/outbox.h"
#include "tests/store/faulty.h"

#define ANN "ann@acme.example"
#define BOB "bob@acme.example"
#define DAY_MS INT64_C(86400000)

/* A change's messages, as write_all has them written: a day ago, as what is old is given up. */
static void put(struct fixture *f, const char *recipients, const char *subject, bool commits)
{
	struct sql_store *s = (struct sql_store *)f->store;
	struct change c = change_of(f, VERB_LOCK, NULL, NULL);
	struct plan plan = {0};

	c.now_ms = clock_now_ms() - DAY_MS;
	messages_add(&plan.messages, &plan.arena, recipients, subject, "Body.\n");
	assert_int_equal(sql_begin(s, true, &f->err), 0);
	if (outbox_write(s, &c, &plan, &f->err))
		fail_msg("%s", f->err.text);
	if (commits)
		assert_int_equal(sql_commit(s, &f->err), 0);
	else
		s->driver->rollback(s->db);
	plan_release(&plan);
	change_release(&c);
}

/* "ann@acme.example one", or "-" when nothing is due. */
static const char *claimed(struct fixture *f, struct outgoing *out)
{
	int rc = store_outbox_claim(f->store, out, &f->arena, &f->err);

	if (rc < 0)
		fail_msg("%s", f->err.text);
	return rc ? arena_printf(&f->arena, "%s %s", out->message.recipient, out->message.subject) : "-";
}

static void settle(struct fixture *f, const struct outgoing *out, enum outgoing_end end)
{
	if (store_outbox_settle(f->store, out, end, end == OUTGOING_SENT ? NULL : "450 later", &f->err))
		fail_msg("%s", f->err.text);
}

static void test_written_with_the_change(void **state)
{
	struct fixture *f = *state;
	struct outgoing out;

	put(f, ANN, "lost with its change", false);
	assert_string_equal(ask(f, "SELECT COUNT(*) FROM didctl_outbox"), "0\n");
	assert_string_equal(claimed(f, &out), "-");
	put(f, ANN ", " BOB ",ANN@ACME.EXAMPLE", "one", true);
	assert_string_equal(ask(f, "SELECT recipient, subject, body, attempts, unanswered, sent_at FROM didctl_outbox ORDER BY id"),
			    ANN "|one|Body.\n|0|0|-\n" BOB "|one|Body.\n|0|0|-\n");
}

static void test_claimed_once(void **state)
{
	struct fixture *f = *state;
	struct outgoing out, again;

	put(f, ANN, "one", true);
	assert_string_equal(claimed(f, &out), ANN " one");
	assert_int_equal(out.attempts, 1);
	assert_int_equal(out.unanswered, 0);
	assert_string_equal(claimed(f, &again), "-");
	settle(f, &out, OUTGOING_SENT);
	assert_string_equal(ask(f, "SELECT next_attempt, last_end, sent_at IS NOT NULL FROM didctl_outbox"), "-|sent|1\n");
	pbx(f, "UPDATE didctl_outbox SET next_attempt = NULL");
	assert_string_equal(claimed(f, &again), "-");
}

/* A sender that died may have sent: its message is sent again when the claim has run out, and not for ever. */
static void test_sender_dies(void **state)
{
	struct fixture *f = *state;
	struct outgoing out;

	put(f, ANN, "one", true);
	for (int i = 0; i < OUTGOING_UNANSWERED_MAX; i++) {
		assert_string_equal(claimed(f, &out), ANN " one");
		assert_int_equal(out.unanswered, i);
		pbx(f, "UPDATE didctl_outbox SET next_attempt = '2020-01-01T00:00:00Z'");
	}
	assert_string_equal(claimed(f, &out), "-");
}

/* Somebody whose claim ran out knows nothing of the message any more, except that it has been sent. */
static void test_late_settlement(void **state)
{
	struct fixture *f = *state;
	struct outgoing late, out;

	put(f, ANN, "one", true);
	claimed(f, &late);
	pbx(f, "UPDATE didctl_outbox SET next_attempt = '2020-01-01T00:00:00Z'");
	assert_string_equal(claimed(f, &out), ANN " one");
	pbx(f, "UPDATE didctl_outbox SET next_attempt = '2099-01-01T00:00:00Z'"); /* two claims of one second look alike */
	settle(f, &late, OUTGOING_LATER);
	assert_string_equal(ask(f, "SELECT next_attempt FROM didctl_outbox"), "2099-01-01T00:00:00Z\n");
	settle(f, &late, OUTGOING_SENT);
	assert_string_equal(ask(f, "SELECT next_attempt, last_end FROM didctl_outbox"), "-|sent\n");
}

static void test_ends(void **state)
{
	static const struct {
		enum outgoing_end end;
		const char *row; /* unanswered, end, is tried again, error */
	} ends[] = {
		{OUTGOING_LATER, "0|later|1|450 later\n"},
		{OUTGOING_REFUSED, "0|refused|-|450 later\n"},
		{OUTGOING_STUCK, "0|stuck|1|450 later\n"},
		{OUTGOING_UNANSWERED, "1|unanswered|1|450 later\n"},
	};
	struct fixture *f = *state;
	struct outgoing out;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		put(f, ANN, "one", true);
		claimed(f, &out);
		settle(f, &out, ends[i].end);
		assert_string_equal(ask(f, "SELECT unanswered, last_end, next_attempt > '2020-01-02', last_error FROM didctl_outbox"),
				    ends[i].row);
		assert_string_equal(claimed(f, &out), "-");
		pbx(f, "DELETE FROM didctl_outbox");
	}
}

/* In order to one address, past those that wait for another, and past what the server will never take. */
static void test_order(void **state)
{
	struct fixture *f = *state;
	struct outgoing one, two;

	put(f, ANN "," BOB, "one", true);
	put(f, ANN, "two", true);
	assert_string_equal(claimed(f, &one), ANN " one");
	assert_string_equal(claimed(f, &two), BOB " one");
	assert_string_equal(claimed(f, &two), "-");
	settle(f, &one, OUTGOING_LATER);
	assert_string_equal(claimed(f, &two), "-");
	pbx(f, "UPDATE didctl_outbox SET next_attempt = '2020-01-01T00:00:00Z' WHERE recipient = '" ANN "'");
	assert_string_equal(claimed(f, &one), ANN " one");
	settle(f, &one, OUTGOING_REFUSED);
	assert_string_equal(claimed(f, &two), ANN " two");
}

static void steal(struct fixture *f)
{
	pbx(f, "UPDATE didctl_outbox SET next_attempt = '2099-01-01T00:00:00Z' WHERE recipient = '" ANN "'");
}

/* Another sender claims it between our look and our claim. */
static void test_two_senders(void **state)
{
	struct faults faults = {.hook_before = "UPDATE didctl_outbox", .hook = steal};
	struct fixture *f = *state;
	struct outgoing out;

	put(f, ANN "," BOB, "one", true);
	faults_install(&faults, f);
	assert_string_equal(claimed(f, &out), BOB " one");
	assert_string_equal(ask(f, "SELECT recipient, attempts FROM didctl_outbox ORDER BY id"), ANN "|0\n" BOB "|1\n");
	store_close(f->store);
	f->store = NULL;
}

/* What may be tried again is; at no call is the message sent by nobody for good, or twice. */
static void test_every_fault(void **state)
{
	static const enum sql_class classes[] = {SQL_ROLLED_BACK, SQL_STATEMENT, SQL_LOST, SQL_NODE};
	struct fixture *f = *state;
	struct outgoing out;

	for (size_t c = 0; c < ARRAY_SIZE(classes); c++) {
		bool fired = true;

		for (unsigned at = 1; fired; at++) {
			struct faults faults = {.class = classes[c]};

			assert_int_equal(open_store(f, STORE_WRITE), 0);
			pbx(f, "DELETE FROM didctl_outbox");
			put(f, ANN, "one", true);
			faults.at = at;
			faults_install(&faults, f);
			assert_string_equal(claimed(f, &out), ANN " one");
			settle(f, &out, OUTGOING_SENT);
			fired = faults.fired;
			assert_int_equal(faults.violations, 0);
			assert_string_equal(ask(f, "SELECT attempts, last_end FROM didctl_outbox"), "1|sent\n");
			store_close(f->store);
			f->store = NULL;
		}
	}
}

struct told {
	struct finder finder;
	struct buf text;
};

static int tell(struct finder *finder, const struct finding *finding, struct err *err)
{
	struct told *told = (struct told *)finder;

	(void)err;
	buf_printf(&told->text, "%s (%s)\n", finding->detail, finding->fix ? finding->fix : "-");
	return 0;
}

/* doctor mail: silent about what is sent or has only just failed; by address about the rest. */
static void test_doctor(void **state)
{
	struct fixture *f = *state;
	struct told told = {.finder = {tell}};
	struct outgoing out;

	put(f, ANN, "one", true);
	claimed(f, &out);
	settle(f, &out, OUTGOING_SENT);
	put(f, BOB, "fresh", true);
	pbx(f, "UPDATE didctl_outbox SET created = '2099-01-01T00:00:00Z', last_end = 'later' WHERE subject = 'fresh'");
	assert_int_equal(store_survey(f->store, CHECK_BIT(CHECK_MAIL), &told.finder, &f->err), 0);
	assert_string_equal(buf_str(&told.text), "");
	put(f, ANN, "two", true);
	put(f, ANN, "three", true);
	put(f, "eve@acme.example", "four", true);
	pbx(f, "UPDATE didctl_outbox SET created = '2020-01-01T00:00:00Z' WHERE subject = 'two'");
	pbx(f, "UPDATE didctl_outbox SET next_attempt = NULL, last_error = '550 no', created = '2098-01-01T00:00:00Z'"
	       " WHERE subject = 'four'");
	assert_int_equal(store_survey(f->store, CHECK_BIT(CHECK_MAIL), &told.finder, &f->err), 0);
	assert_string_equal(buf_str(&told.text),
			    "2 messages to 'ann@acme.example', the oldest of 2020-01-01T00:00:00Z, are not sent: nobody has tried yet"
			    " (didctl port sweep)\n"
			    "1 message to 'eve@acme.example', the oldest of 2098-01-01T00:00:00Z, is not sent and given up: 550 no"
			    " (didctl port sweep --resend)\n");
	buf_release(&told.text);
}

/* What was given up is due again once, by request; not what is sent, under way, or older than doctor tells of. */
static void test_resend(void **state)
{
	struct fixture *f = *state;
	struct outgoing out;
	uint64_t n;

	put(f, ANN, "refused", true);
	claimed(f, &out);
	settle(f, &out, OUTGOING_REFUSED);
	put(f, ANN, "sent", true);
	claimed(f, &out);
	settle(f, &out, OUTGOING_SENT);
	put(f, BOB, "old", true);
	put(f, "eve@acme.example", "three times", true);
	pbx(f, "UPDATE didctl_outbox SET created = '2099-01-01T00:00:00Z'");
	pbx(f, "UPDATE didctl_outbox SET next_attempt = NULL, created = '2020-01-01T00:00:00Z' WHERE subject = 'old'");
	pbx(f, "UPDATE didctl_outbox SET unanswered = %d WHERE subject = 'three times'", OUTGOING_UNANSWERED_MAX);
	assert_string_equal(claimed(f, &out), "-");
	assert_int_equal(store_outbox_resend(f->store, &n, &f->err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(claimed(f, &out), ANN " refused");
	assert_string_equal(claimed(f, &out), "eve@acme.example three times");
	assert_int_equal(store_outbox_resend(f->store, &n, &f->err), 0);
	assert_int_equal(n, 0);
}

static void test_without_tables(void **state)
{
	struct fixture *f = *state;
	struct outgoing out;

	assert_string_equal(claimed(f, &out), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_written_with_the_change), CASE(test_claimed_once), CASE(test_sender_dies),
		CASE(test_late_settlement),	     CASE(test_ends),	      CASE(test_order),
		CASE(test_two_senders),		     CASE(test_every_fault),  CASE(test_doctor),
		CASE(test_resend),		     CASE_PBX(test_without_tables),
	};

	return run_suites(tests, ARRAY_SIZE(tests));
}
