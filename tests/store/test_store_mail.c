/*
 * From the outbox to a real mail server and back: every way in which a server may answer, refuse, be slow or die, with and
 * without TLS and a log-in. What is promised: nothing is lost, and nothing arrives twice, except where the answer to a
 * whole message is lost; then it arrives again as the same message, byte for byte.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cmd/mail.h"
#include "service/mailer.h"
#include "store/sql/outbox.h"
#include "tests/store/fixture.h"

#define ANN  "ann@acme.example"
#define BOB  "bob@acme.example"
#define FROM "ports@operator.example"

/* The process that all servers are in (tests/lib/smtp), and a directory for what they need and take. */
static struct {
	char dir[32];
	FILE *control;
	pid_t pid;
	int servers;
} host = {.dir = "/tmp/test-mail-XXXXXX"};

/* A server, in a directory of its own. */
struct server {
	char dir[64];
	long port;
};

static int open_host(void)
{
	char program[] = "tests/lib/smtp", line[160];
	char *argv[] = {program, NULL};
	posix_spawn_file_actions_t actions;
	int fds[2], failed;

	if (!mkdtemp(host.dir) || pipe2(fds, O_CLOEXEC))
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[0], STDIN_FILENO);
	failed = posix_spawn(&host.pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[0]);
	host.control = fdopen(fds[1], "w");
	snprintf(line, sizeof(line), "tests/lib/certificates %s && (umask 077 && echo secret >%s/password)", host.dir,
		 host.dir);
	return failed || !host.control || system(line) ? -1 : 0;
}

static int close_host(void)
{
	char line[64];
	int status;

	if (host.control)
		fclose(host.control);
	while (host.pid && waitpid(host.pid, &status, 0) < 0)
		;
	snprintf(line, sizeof(line), "rm -rf '%s'", host.dir);
	return system(line);
}

static void make_dir(struct server *server)
{
	snprintf(server->dir, sizeof(server->dir), "%s/%d", host.dir, ++host.servers);
	assert_int_equal(mkdir(server->dir, 0700), 0);
}

static void start(struct server *server, const char *options)
{
	char path[96], port[16] = "";

	snprintf(path, sizeof(path), "%s/port", server->dir);
	unlink(path);
	assert_true(fprintf(host.control, "%s %s\n", server->dir, options) > 0);
	assert_int_equal(fflush(host.control), 0);
	for (int tries = 0; tries < 12000 && !*port; tries++) {
		int fd = open(path, O_RDONLY);

		if (fd < 0)
			clock_sleep_ms(10);
		else if (read(fd, port, sizeof(port) - 1) < 0)
			fail();
		if (fd >= 0)
			close(fd);
	}
	server->port = strtol(port, NULL, 10);
	assert_true(server->port > 0);
}

/* How many messages it has taken. */
static int taken(const struct server *server)
{
	char path[96];
	int n = 0;

	do
		snprintf(path, sizeof(path), "%s/%d", server->dir, ++n);
	while (access(path, F_OK) == 0);
	return n - 1;
}

static const char *message(struct fixture *f, const struct server *server, const char *name)
{
	char *text = arena_alloc(&f->arena, 8192);
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", server->dir, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_true(read(fd, text, 8191) > 0);
	close(fd);
	return text;
}

static void put(struct fixture *f, const char *recipients, const char *subject)
{
	struct sql_store *s = (struct sql_store *)f->store;
	struct change c = change_of(f, VERB_LOCK, NULL, NULL);
	struct plan plan = {0};

	c.now_ms = clock_now_ms(); /* what is old is given up */
	messages_add(&plan.messages, &plan.arena, recipients, subject, "Hello.\n.a dot first\n");
	assert_int_equal(sql_begin(s, true, &f->err), 0);
	assert_int_equal(outbox_write(s, &c, &plan, &f->err), 0);
	assert_int_equal(sql_commit(s, &f->err), 0);
	plan_release(&plan);
	change_release(&c);
}

/* port sweep with these settings; "scheme" is smtp or smtps. */
static void send_all(struct fixture *f, const struct server *server, const char *scheme)
{
	struct context ctx = {.store = f->store, .conf = f->conf, .global.quiet = true};

	conf_override(f->conf, SET_SMTP, arena_printf(&f->arena, "%s://localhost:%ld", scheme, server->port), "test");
	conf_override(f->conf, SET_MAIL_FROM, FROM, "test");
	if (mail_send_waiting(&ctx))
		fail_msg("%s", ctx.err.text);
	arena_release(&ctx.arena);
}

/* As time does: what waits is due again. */
static void pass_time(struct fixture *f)
{
	pbx(f, "UPDATE didctl_outbox SET next_attempt = '2020-01-01T00:00:00Z' WHERE next_attempt IS NOT NULL");
}

static const char *ends(struct fixture *f)
{
	return ask(f, "SELECT last_end, sent_at IS NOT NULL, unanswered FROM didctl_outbox ORDER BY id");
}

static int set_up_mail(void **state)
{
	static const enum setting settings[] = {SET_SMTP, SET_SMTP_TLS, SET_SMTP_USER, SET_SMTP_PASSWORD_FILE,
						SET_SMTP_CA_FILE, SET_SENDMAIL, SET_MAIL_FROM};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		conf_override(f->conf, settings[i], NULL, "test");
	return set_up(state);
}

/* In order, each to its own, with the headers and the dots that it was written with. */
static void test_sent_in_order(void **state)
{
	struct fixture *f = *state;
	struct server server;
	const char *text;

	make_dir(&server);
	start(&server, "");
	put(f, ANN "," BOB, "one");
	put(f, ANN, "two");
	send_all(f, &server, "smtp");
	assert_int_equal(taken(&server), 3);
	assert_string_equal(message(f, &server, "1.to"), ANN "\n");
	assert_string_equal(message(f, &server, "2.to"), BOB "\n");
	assert_non_null(strstr(message(f, &server, "3"), "Subject: two\r\n"));
	text = message(f, &server, "1");
	assert_non_null(strstr(text, "\r\nFrom: <" FROM ">\r\nTo: <" ANN ">\r\nSubject: one\r\n"));
	assert_non_null(strstr(text, "\r\n\r\nHello.\r\n.a dot first\r\n"));
	assert_string_equal(ends(f), "sent|1|0\nsent|1|0\nsent|1|0\n");
}

/* Dead at each of its replies: greeting, EHLO, MAIL, RCPT, the go-ahead for the text, and the answer to it. */
static void test_server_dies(void **state)
{
	static const struct {
		const char *options, *ends;
		int copies; /* in the end */
	} deaths[] = {
		{"--die 1", "stuck|0|0\n", 1}, {"--die 2", "stuck|0|0\n", 1},	  {"--die 3", "stuck|0|0\n", 1},
		{"--die 4", "stuck|0|0\n", 1}, {"--die 5", "stuck|0|0\n", 1},
		{"--die 6 --forget", "unanswered|0|1\n", 1}, {"--die 6", "unanswered|0|1\n", 2},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(deaths); i++) {
		struct server server;

		make_dir(&server);
		start(&server, deaths[i].options);
		put(f, ANN, "one");
		send_all(f, &server, "smtp");
		send_all(f, &server, "smtp"); /* not due yet */
		if (strcmp(ends(f), deaths[i].ends) != 0)
			fail_msg("%s: %s", deaths[i].options, ends(f));
		start(&server, "");
		pass_time(f);
		send_all(f, &server, "smtp");
		pass_time(f);
		send_all(f, &server, "smtp");
		assert_int_equal(taken(&server), deaths[i].copies);
		if (deaths[i].copies == 2)
			assert_string_equal(message(f, &server, "1"), message(f, &server, "2"));
		assert_int_equal(strncmp(ends(f), "sent|1", 6), 0);
		pbx(f, "DELETE FROM didctl_outbox");
	}
}

/* A server that never lives to give its answer sends no flood. */
static void test_answer_lost_for_ever(void **state)
{
	struct fixture *f = *state;
	struct server server;

	make_dir(&server);
	start(&server, "--die 6");
	put(f, ANN, "one");
	for (int i = 0; i < 6; i++) {
		send_all(f, &server, "smtp");
		pass_time(f);
		start(&server, "--die 6");
	}
	assert_int_equal(taken(&server), OUTGOING_UNANSWERED_MAX);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *answer, *end;
	} answers[] = {
		{"--answer 'RCPT=450 4.2.0 grey'", "later|0|0|450 4.2.0 grey"},
		{"--answer 'RCPT=550 5.1.1 nobody'", "refused|0|0|550 5.1.1 nobody"},
		{"--answer 'DATA=451 4.3.0 try'", "later|0|0|451 4.3.0 try"},
		{"--answer 'DATA=554 5.6.0 spam'", "refused|0|0|554 5.6.0 spam"},
		{"--answer 'RCPT=421 4.3.2 closing'", "stuck|0|0|421 4.3.2 closing"},
		{"--answer 'MAIL=550 5.7.1 not you'", "stuck|0|0|550 5.7.1 not you"},
		{"--auth ann:secret", "stuck|0|0|530 5.7.0 Authentication required"},
	};
	struct fixture *f = *state;

	if (is_mysql(f)) /* what a mail server does is the same for both */
		return;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct server server;
		const char *row;

		make_dir(&server);
		start(&server, answers[i].answer);
		put(f, ANN, "one");
		send_all(f, &server, "smtp");
		assert_int_equal(taken(&server), 0);
		row = ask(f, "SELECT last_end, sent_at IS NOT NULL, unanswered, SUBSTR(last_error, 26) FROM didctl_outbox");
		if (strncmp(row, answers[i].end, strlen(answers[i].end)) != 0)
			fail_msg("%s: %s", answers[i].answer, row);
		pbx(f, "DELETE FROM didctl_outbox");
	}
}

/* A server that is down: the first message finds out, the others are not tried, and nothing is given up. */
static void test_server_down(void **state)
{
	struct fixture *f = *state;
	struct server server;

	make_dir(&server);
	server.port = 1;
	put(f, ANN, "one");
	put(f, BOB, "two");
	pbx(f, "UPDATE didctl_outbox SET created = '2020-01-01T00:00:00Z'");
	send_all(f, &server, "smtp");
	assert_string_equal(ask(f, "SELECT attempts, last_end, next_attempt IS NOT NULL FROM didctl_outbox ORDER BY id"),
			    "1|stuck|1\n0|-|1\n");
	start(&server, "");
	pass_time(f);
	send_all(f, &server, "smtp");
	assert_int_equal(taken(&server), 2);
}

/* Longer than any limit on an answer before: giving up early is what makes a message arrive twice. */
static void test_slow_answer(void **state)
{
	struct fixture *f = *state;
	struct server server;

	if (is_mysql(f)) /* what a mail server does is the same for both */
		return;
	make_dir(&server);
	start(&server, "--slow DATA=1.5");
	put(f, ANN, "one");
	send_all(f, &server, "smtp");
	assert_string_equal(ends(f), "sent|1|0\n");
}

/* says: why it is not sent; NULL: it is. */
static void test_tls(void **state)
{
	static const struct {
		const char *title, *options, *certificate, *scheme, *tls;
		bool trusts, logs_in;
		const char *says;
	} rows[] = {
		{"starttls", "--starttls", "good", "smtp", "starttls", true, false, NULL},
		{"smtps", "--smtps", "good", "smtps", NULL, true, false, NULL},
		{"log-in", "--starttls --auth ann:secret", "good", "smtp", "starttls", true, true, NULL},
		{"wrong password", "--starttls --auth ann:other", "good", "smtp", "starttls", true, true, "535"},
		{"starttls is not offered", "", "good", "smtp", "starttls", true, false, "STARTTLS"},
		{"but a log-in is", "--auth ann:secret", "good", "smtp", "starttls", true, true, "STARTTLS"},
		{"unknown authority", "--starttls", "good", "smtp", "starttls", false, false, "self-signed"},
		{"wrong host", "--starttls", "elsewhere", "smtp", "starttls", true, false, "no alternative certificate subject"},
		{"wrong host, smtps", "--smtps", "elsewhere", "smtps", NULL, true, false, "no alternative certificate subject"},
		{"expired", "--starttls", "expired", "smtp", "starttls", true, false, "expired"},
		{"expired, smtps", "--smtps", "expired", "smtps", NULL, true, false, "expired"},
	};
	struct fixture *f = *state;

	if (is_mysql(f)) /* what a mail server does is the same for both */
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *certificate = arena_printf(&f->arena, "%s/%s", host.dir, rows[i].certificate), *row;
		struct server server;

		make_dir(&server);
		start(&server, arena_printf(&f->arena, "%s --cert %s", rows[i].options, certificate));
		conf_override(f->conf, SET_SMTP_TLS, rows[i].tls, "test");
		conf_override(f->conf, SET_SMTP_CA_FILE,
			      rows[i].trusts ? arena_printf(&f->arena, "%s.pem", certificate) : NULL, "test");
		conf_override(f->conf, SET_SMTP_USER, rows[i].logs_in ? "ann" : NULL, "test");
		conf_override(f->conf, SET_SMTP_PASSWORD_FILE,
			      rows[i].logs_in ? arena_printf(&f->arena, "%s/password", host.dir) : NULL, "test");
		put(f, ANN, "one");
		send_all(f, &server, rows[i].scheme);
		row = ask(f, "SELECT last_end, last_error FROM didctl_outbox");
		if (strncmp(row, rows[i].says ? "stuck" : "sent|-", 5) != 0 || (rows[i].says && !strstr(row, rows[i].says)))
			fail_msg("%s: %s", rows[i].title, row);
		assert_int_equal(taken(&server), !rows[i].says);
		assert_null(strstr(row, "secret"));
		pbx(f, "DELETE FROM didctl_outbox");
	}
}

/* A server that has stopped talking keeps a command only as long as that has time; nothing is lost. */
static void test_deadline(void **state)
{
	struct fixture *f = *state;
	struct outgoing message = {
		.id = "1", .change_id = "x", .created = "2026-11-21T10:00:00Z", .message = {ANN, "one", "text\n"}};
	struct mailer *mailer;
	struct server server;

	if (is_mysql(f)) /* what a mail server does is the same for both */
		return;
	make_dir(&server);
	start(&server, "--slow RCPT=60");
	conf_override(f->conf, SET_SMTP, arena_printf(&f->arena, "smtp://localhost:%ld", server.port), "test");
	conf_override(f->conf, SET_MAIL_FROM, FROM, "test");
	assert_int_equal(mailer_open(&mailer, f->conf, &f->err), 0);
	assert_int_equal(mailer_send(mailer, &message, clock_monotonic_ms() + 200, &f->err), OUTGOING_STUCK);
	assert_non_null(strstr(f->err.text, "it took too long"));
	mailer_close(mailer);
	assert_int_equal(taken(&server), 0);
}

/* What cannot work is said, and the message stays. */
static void test_settings(void **state)
{
	static const struct {
		const char *smtp, *tls, *user, *from, *sendmail, *says;
	} rows[] = {
		{NULL, NULL, NULL, FROM, NULL, "neither smtp nor sendmail is set"},
		{"smtp://localhost", NULL, NULL, NULL, NULL, "mail-from is not set"},
		{"smtp://localhost", NULL, NULL, FROM, "/bin/true", "both smtp and sendmail are set"},
		{"smtp://localhost", NULL, "ann", FROM, NULL, "go together"},
		{"smtps://localhost", "starttls", NULL, FROM, NULL, "smtp-tls is for smtp://"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct context ctx = {.store = f->store, .conf = f->conf, .global.quiet = true};

		conf_override(f->conf, SET_SMTP, rows[i].smtp, "test");
		conf_override(f->conf, SET_SMTP_TLS, rows[i].tls, "test");
		conf_override(f->conf, SET_SMTP_USER, rows[i].user, "test");
		conf_override(f->conf, SET_MAIL_FROM, rows[i].from, "test");
		conf_override(f->conf, SET_SENDMAIL, rows[i].sendmail, "test");
		put(f, ANN, "one");
		assert_int_equal(mail_send_waiting(&ctx), 0);
		if (!strstr(ask(f, "SELECT last_error FROM didctl_outbox"), rows[i].says))
			fail_msg("%s: %s", rows[i].says, ask(f, "SELECT last_error FROM didctl_outbox"));
		assert_string_equal(ends(f), "stuck|0|0\n");
		pbx(f, "DELETE FROM didctl_outbox");
	}
}

static void test_sendmail(void **state)
{
	static const struct {
		const char *script, *end;
	} rows[] = {
		{"cat >\"$0.out\"; echo \"$@\" >\"$0.args\"", "sent|1|0\n"},
		{"cat >/dev/null; exit 75", "later|0|0\n"},
		{"cat >/dev/null; exit 67", "refused|0|0\n"},
		{"cat >/dev/null; exit 78", "stuck|0|0\n"},
		{"cat >/dev/null; kill -9 $$", "unanswered|0|1\n"},
	};
	struct fixture *f = *state;
	struct context ctx = {.store = f->store, .conf = f->conf, .global.quiet = true};
	struct server server;

	make_dir(&server);
	conf_override(f->conf, SET_MAIL_FROM, FROM, "test");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *path = arena_printf(&f->arena, "%s/sendmail%zu", server.dir, i);
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fprintf(file, "#!/bin/sh\n%s\n", rows[i].script);
		assert_int_equal(fchmod(fileno(file), 0700) | fclose(file), 0);
		conf_override(f->conf, SET_SENDMAIL, path, "test");
		put(f, ANN, "one");
		assert_int_equal(mail_send_waiting(&ctx), 0);
		if (strcmp(ends(f), rows[i].end) != 0)
			fail_msg("%s: %s", rows[i].script, ends(f));
		pbx(f, "DELETE FROM didctl_outbox");
	}
	assert_string_equal(message(f, &server, "sendmail0.args"), "-i -f " FROM " -- " ANN "\n");
	assert_non_null(strstr(message(f, &server, "sendmail0.out"), "\n\nHello.\n.a dot first\n"));
	assert_null(strchr(message(f, &server, "sendmail0.out"), '\r'));
}

#define MAIL(test) \
	{ \
#test, test, set_up_mail, tear_down, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MAIL(test_sent_in_order), MAIL(test_server_dies), MAIL(test_answer_lost_for_ever), MAIL(test_refusals),
		MAIL(test_server_down),	  MAIL(test_slow_answer), MAIL(test_tls),		   MAIL(test_deadline),
		MAIL(test_settings),	  MAIL(test_sendmail),
	};

	int failed = open_host() || run_suites(tests, ARRAY_SIZE(tests));

	return close_host() || failed;
}
