/* The client of the manager interface, against a peer that behaves in every way the real one might not. */
#include "tests/unit/peer_fixture.h"

#include <sys/stat.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/interrupt.h"


struct failing {
	const char *behaviour, *text;
};

/* One process for all, as starting it takes the most time. */
static void start_all(struct fixture *f, const struct failing *cases, size_t n)
{
	const char *args[PEER_MAX + 1] = {NULL};

	for (size_t i = 0; i < n; i++)
		args[i] = cases[i].behaviour;
	peer_start(&f->peer, args, n);
}

/* At the port of the peer's i-th behaviour. */
static int open_at(struct fixture *f, size_t i, const char *secret, int64_t timeout_ms)
{
	const struct ami_login login = {
		.where = f->peer.where[i], .secret = secret, .timeout_ms = timeout_ms};

	ami_close(f->ami);
	memset(&f->err, 0, sizeof(f->err));
	return ami_open(&f->ami, &login, &f->err);
}

static int open_as(struct fixture *f, const char *secret)
{
	return open_at(f, 0, secret, 0);
}

static void start_open(struct fixture *f, const char *behaviour)
{
	begin(f, behaviour);
	assert_int_equal(open_as(f, PEER_SECRET), 0);
}

/* What the peer was sent so far. */
static void take(void *data, const char *key, const char *value, size_t len)
{
	struct fixture *f = data;

	assert_int_equal(strlen(value), len);
	buf_printf(&f->seen, "%s=%s|", key, value);
}

static int run(struct fixture *f, const char *command, struct ami_answer *answer)
{
	const struct ami_expect expect = {.timeout_ms = PATIENT_MS, .line = take, .data = f};

	buf_reset(&f->seen);
	return ami_command(f->ami, command, &expect, answer, &f->err);
}

static void usual(void **state)
{
	struct fixture *f = *state;
	struct ami_answer answer;
	char log[4096];

	start_open(f, "normal");
	assert_int_equal(run(f, "dialplan reload", &answer), 0);
	assert_true(answer.is_success);
	assert_string_equal(answer.message, "Command output follows");
	assert_string_equal(buf_str(&f->seen), "Output=Dialplan reloaded.|");
	assert_int_equal(run(f, "dialplan show nope", &answer), 0);
	assert_false(answer.is_success);
	assert_has(buf_str(&f->seen), "There is no existence of 'nope' context");
	read_log(f, log);
	assert_string_equal(log,
			    "Action: Login\r\nActionID: didctl-1\r\nUsername: didctl\r\nSecret: " PEER_SECRET
			    "\r\nEvents: off\r\n\r\n"
			    "Action: Command\r\nActionID: didctl-2\r\nCommand: dialplan reload\r\n\r\n"
			    "Action: Command\r\nActionID: didctl-3\r\nCommand: dialplan show nope\r\n\r\n");
}

/* Odd, but allowed: nothing of it may confuse the client. */
static void oddities(void **state)
{
	static const struct failing cases[] = {
		{"bytewise", NULL},	  {"events-first", NULL}, {"bytewise:1", NULL},
		{"events-first:1", NULL}, {"crlf:1", NULL},
	};
	const size_t n = ARRAY_SIZE(cases) - 1;
	struct fixture *f = *state;
	struct ami_answer answer;

	start_all(f, cases, ARRAY_SIZE(cases));
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(open_at(f, i, PEER_SECRET, 0), 0);
		assert_int_equal(run(f, "dialplan reload", &answer), 0);
		assert_string_equal(buf_str(&f->seen), "Output=Dialplan reloaded.|");
	}
	assert_int_equal(open_at(f, n, PEER_SECRET, 0), 0);
	assert_int_equal(run(f, "x", &answer), 0);
	assert_true(answer.is_success);
	assert_string_equal(buf_str(&f->seen),
			    "Output=a\rResponse: Error|Output=Response: Error|Output=ActionID: x|");
}

static void assert_failed(const struct fixture *f, int rc, const struct failing *c, int64_t began)
{
	if (rc != ERR_TARGET)
		fail_msg("%s: code %d, not %d: %s", c->behaviour, rc, ERR_TARGET, f->err.text);
	assert_has(f->err.text, c->text);
	assert_has(f->err.text, "at '127.0.0.1:");
	assert_null(strstr(f->err.text, PEER_SECRET));
	for (const char *s = f->err.text; *s; s++)
		assert_true((unsigned char)*s >= 0x20);
	/* Far from the 600 s for which a peer hangs, on a machine that has much to do. */
	assert_in_range(clock_monotonic_ms() - began, 0, 2 * PATIENT_MS);
}

/* Only who says nothing is not waited for. */
static int64_t patience(const struct failing *c)
{
	return strstr(c->text, "in time") ? QUICK_MS : PATIENT_MS;
}

static void login_fails(void **state)
{
	static const struct failing cases[] = {
		{"no-banner", "does not answer in time"},
		{"drip", "does not answer in time"},
		{"close-at-once", "closed the connection"},
		{"not-ami", "is not one: it begins with: 'SSH-2.0-OpenSSH_9.2'"},
		{"hostile-banner", "is not one: it begins with: '\\x1B]52"},
		{"endless-banner", "sent a line of over 16384 bytes"},
		{"hang", "does not answer in time"},
		{"close", "closed the connection"},
		{"cut", "closed the connection"},
		{"garbage", "sent what is no line of its protocol"},
		{"wrong-id", "answers another action: 'didctl-99'"},
		{"no-id", "without a response or an ActionID"},
		{"no-response", "does not begin its answer with a response: 'Message'"},
		{"empty", "without a response or an ActionID"},
		{"follows", "is of an Asterisk before 14"},
		{"denied", "refuses the login of 'didctl': Permission denied"},
		{"hostile", "refuses the login of 'didctl': \\x1B[2Jgone"},
		{"endless-line", "sent a line of over 16384 bytes"},
		{"endless-answer", "does not end its answer"},
		{"endless-events", "does not end its answer"},
	};
	struct fixture *f = *state;

	start_all(f, cases, ARRAY_SIZE(cases));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t began = clock_monotonic_ms();

		assert_failed(f, open_at(f, i, PEER_SECRET, patience(&cases[i])), &cases[i], began);
		assert_null(f->ami);
	}
}

static void command_fails(void **state)
{
	static const struct failing cases[] = {
		{"hang:1", "does not answer in time"},
		{"close:1", "closed the connection"},
		{"cut:1", "closed the connection"},
		{"garbage:1", "sent what is no line of its protocol: '\\x00\\xFF no protocol at all'"},
		{"wrong-id:1", "answers another action"},
		{"follows:1", "is of an Asterisk before 14"},
		{"endless-line:1", "sent a line of over"},
		{"endless-answer:1", "does not end its answer"},
		{"endless-events:1", "does not end its answer"},
	};
	struct fixture *f = *state;
	struct ami_answer answer;

	start_all(f, cases, ARRAY_SIZE(cases));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct ami_expect expect = {.timeout_ms = patience(&cases[i])};
		int64_t began;

		assert_int_equal(open_at(f, i, PEER_SECRET, 0), 0);
		began = clock_monotonic_ms();
		assert_failed(f, ami_command(f->ami, "x", &expect, &answer, &f->err), &cases[i], began);
		/* Late words of the first answer must not be taken for the second. */
		assert_int_equal(run(f, "x", &answer), ERR_TARGET);
		assert_has(f->err.text, "is not connected any more");
	}
}

static void command_denied(void **state)
{
	struct fixture *f = *state;
	struct ami_answer answer;

	start_open(f, "denied:1");
	assert_int_equal(run(f, "dialplan reload", &answer), ERR_TARGET);
	assert_has(f->err.text, "did not run 'dialplan reload': Permission denied");
	assert_has(f->err.hint, "the user 'didctl' needs command in 'write'");
}

static void wrong_secret(void **state)
{
	struct fixture *f = *state;

	begin(f, "normal");
	assert_int_equal(open_as(f, "geheim"), ERR_TARGET);
	assert_has(f->err.text, "refuses the login of 'didctl': Authentication failed");
	assert_has(f->err.hint, "ami-secret-file");
	assert_null(strstr(f->err.text, "geheim"));
	assert_null(f->ami);
}

/* The answers come well within their own time, but there is a time for all together. */
static void time_for_all(void **state)
{
	static const struct failing cases[] = {{"drip", NULL}, {"hang:1", NULL}};
	struct fixture *f = *state;
	struct ami_login login = {.secret = PEER_SECRET, .timeout_ms = 2 * PATIENT_MS, .total_ms = QUICK_MS};
	const struct ami_expect expect = {.timeout_ms = 2 * PATIENT_MS};
	struct ami_answer answer;
	int64_t began;

	start_all(f, cases, ARRAY_SIZE(cases));
	began = clock_monotonic_ms();
	login.where = f->peer.where[0];
	assert_int_equal(ami_open(&f->ami, &login, &f->err), ERR_TARGET);
	assert_has(f->err.text, "does not answer in time");
	login.where = f->peer.where[1];
	login.total_ms = 3000; /* of which the login takes a part, and the command what is left */
	assert_int_equal(ami_open(&f->ami, &login, &f->err), 0);
	assert_int_equal(ami_command(f->ami, "x", &expect, &answer, &f->err), ERR_TARGET);
	assert_in_range(clock_monotonic_ms() - began, QUICK_MS, PATIENT_MS);
}

/* A value with a line's end would be an action of its own. */
static void values_refused(void **state)
{
	static const char *const bad[] = {"core show uptime\r\nAction: Originate", "a\nb", "a\r"};
	struct fixture *f = *state;
	struct ami_answer answer;
	char before[4096], after[4096], value[AMI_VALUE_MAX + 2];

	start_open(f, "normal");
	read_log(f, before);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(run(f, bad[i], &answer), ERR_TARGET);
		assert_has(f->err.text, "'Command' for the switch has a line's end in it");
	}
	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	assert_int_equal(run(f, value, &answer), ERR_TARGET);
	assert_has(f->err.text, "more than 900 bytes");
	/* The connection is as good as before. */
	value[AMI_VALUE_MAX] = '\0';
	assert_int_equal(run(f, value, &answer), 0);
	read_log(f, after);
	assert_memory_equal(before, after, strlen(before));
	assert_null(strstr(after, "Originate"));
	assert_int_equal(open_as(f, "a\r\nAction: Originate"), ERR_TARGET);
	assert_null(strstr(f->err.text, "Originate"));
	read_log(f, after);
	assert_null(strstr(after, "Originate"));
}

static void ignore_signal(int sig)
{
	(void)sig;
}

/* Each wait and each call is interrupted again and again by a signal that means nothing to us. */
static void other_signals(void **state)
{
	static const struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
	const struct sigaction act = {.sa_handler = ignore_signal};
	struct fixture *f = *state;
	struct ami_answer answer;

	begin(f, "bytewise");
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	assert_int_equal(open_as(f, PEER_SECRET), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(run(f, "dialplan reload", &answer), 0);
	setitimer(ITIMER_REAL, &never, NULL);
}

/* In a child, as an interrupt cannot be taken back. */
static void interrupted(void **state)
{
	static const struct itimerval soon = {{0, 0}, {0, 100000}};
	struct fixture *f = *state;
	int status;
	pid_t pid;

	begin(f, "hang:1");
	pid = fork();
	if (pid == 0) {
		const struct ami_expect expect = {.timeout_ms = PATIENT_MS};
		const struct sigaction act = {.sa_handler = ignore_signal};
		struct ami_answer answer;

		interrupt_install();
		sigaction(SIGALRM, &act, NULL);
		if (open_as(f, PEER_SECRET))
			_exit(2);
		setitimer(ITIMER_REAL, &soon, NULL);
		kill(getpid(), SIGTERM);
		if (ami_command(f->ami, "x", &expect, &answer, &f->err) != ERR_INTERRUPTED)
			_exit(3);
		_exit(strstr(f->err.text, "interrupted while waiting for the switch") ? 0 : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static struct conf *load(const struct fixture *f, const char *text)
{
	struct conf *conf;
	struct err err;
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), "%s/config", f->dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	if (conf_load_paths(&conf, path, NULL, true, NULL, &err))
		fail_msg("%s", err.text);
	return conf;
}

static int open_configured(struct fixture *f, const char *text)
{
	struct conf *conf = load(f, text);
	int rc;

	ami_close(f->ami);
	rc = ami_open_configured(&f->ami, conf, 0, 0, &f->err);
	conf_free(conf);
	return rc;
}

static void configured(void **state)
{
	struct fixture *f = *state;
	char path[96], text[512];
	FILE *file;

	begin(f, "normal");
	assert_int_equal(open_configured(f, ""), ERR_TARGET);
	assert_has(f->err.text, "setting 'ami' is not set");
	snprintf(text, sizeof(text), "ami = %s\n", f->peer.where[0]);
	assert_int_equal(open_configured(f, text), ERR_TARGET);
	assert_has(f->err.text, "ami-secret-file is not");
	snprintf(path, sizeof(path), "%s/secret", f->dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(PEER_SECRET "\n", file);
	fclose(file);
	snprintf(text, sizeof(text), "ami = %s\nami-secret-file = %s\n", f->peer.where[0], path);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(open_configured(f, text), ERR_TARGET);
	assert_has(f->err.text, "is open to others (mode 0640)");
	assert_has(f->err.hint, "chmod 600");
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(open_configured(f, text), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(usual),
		TEST(oddities),
		TEST(login_fails),
		TEST(command_fails),
		TEST(command_denied),
		TEST(wrong_secret),
		TEST(time_for_all),
		TEST(values_refused),
		TEST(other_signals),
		TEST(interrupted),
		TEST(configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
