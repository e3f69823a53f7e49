#include "service/provider.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"

#define SPARE_LINES 100	/* one after the other that are no answer and are passed over, before the program is taken for mad */
#define GRACE_MS 500	/* for the program to end by itself, and then when it was asked to */
#define WAIT_MS 10
#define CHUNK (16u << 10)
#define DRAIN_CHUNKS 16 /* at a time: a flood has no end */
#define NOT_EXECUTABLE 126 /* the exit codes by which a shell says so */
#define NOT_FOUND 127
#define SIGNALLED 128 /* and the number of the signal that has ended what it ran */

struct talk {
	const struct provider *provider;
	struct provider_client *client;
	size_t asked, answered, spare;
	size_t fresh;	   /* answers that are not stored yet */
	int64_t keep_at_ms; /* when they are to be */
	struct buf out, in; /* not written yet from `sent` on; not a whole line yet */
	size_t sent;
	int to, from; /* the program's standard input and output; -1: closed */
	pid_t pid;
	bool has_ended; /* by itself: it was reaped, and this is how */
	int status;
};

static int spawn(struct talk *t, int in_fd, int out_fd)
{
	char sh[] = "sh", c[] = "-c";
	char *line = xstrdup(t->provider->command);
	char *argv[] = {sh, c, line, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int failed;

	interrupt_ignored(&defaults); /* which would be inherited */
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	failed = posix_spawn(&t->pid, "/bin/sh", &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	free(line);
	return failed;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int start(struct talk *t, struct err *err)
{
	int in[2], out[2], failed;

	if (pipe2(in, O_CLOEXEC) < 0)
		return err_set(err, ERR_FAILED, "cannot be started: %s", strerror(errno));
	if (pipe2(out, O_CLOEXEC) < 0) {
		close(in[0]);
		close(in[1]);
		return err_set(err, ERR_FAILED, "cannot be started: %s", strerror(errno));
	}
	failed = spawn(t, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	t->to = in[1];
	t->from = out[0];
	fcntl(t->to, F_SETFL, O_NONBLOCK);
	fcntl(t->from, F_SETFL, O_NONBLOCK);
	if (!failed)
		return 0;
	shut(&t->to);
	shut(&t->from);
	return err_set(err, ERR_TARGET, "cannot be started: %s", strerror(failed));
}

static void take_line(struct talk *t, const char *line, size_t len)
{
	struct arena arena = {0};
	struct provider_answer answer;

	if (answer_read(&answer, line, len, t->provider->statuses, &arena) && t->client->take(t->client, &answer)) {
		if (!t->fresh++)
			t->keep_at_ms = clock_monotonic_ms() + PROVIDER_KEEP_MS;
		t->answered++;
		t->spare = 0;
	} else {
		t->spare++;
	}
	arena_release(&arena);
}

/* The whole lines of what was read. */
static void take_lines(struct talk *t)
{
	size_t from = 0;

	for (char *end; from < t->in.len && (end = memchr(t->in.data + from, '\n', t->in.len - from));
	     from = (size_t)(end - t->in.data) + 1)
		take_line(t, t->in.data + from, (size_t)(end - t->in.data) - from);
	if (from) {
		memmove(t->in.data, t->in.data + from, t->in.len - from);
		t->in.len -= from;
	}
}

/* Closes the descriptor at the end of the program's output. False: there was nothing to read. */
static bool read_some(struct talk *t)
{
	char chunk[CHUNK];
	ssize_t n = read(t->from, chunk, sizeof(chunk));

	if (n > 0) {
		buf_add(&t->in, chunk, (size_t)n);
		take_lines(t);
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		shut(&t->from);
		if (t->in.len)
			take_line(t, t->in.data, t->in.len);
		t->in.len = 0;
	}
	return n > 0;
}

/* The next requests, once those before are written. */
static int refill(struct talk *t, struct err *err)
{
	int rc = 0;

	if (t->to < 0 || t->sent < t->out.len)
		return 0;
	buf_reset(&t->out);
	t->sent = 0;
	while (rc == 0 && t->asked < t->client->n && t->out.len < CHUNK) {
		rc = t->client->put_request(t->client, t->asked++, &t->out, err);
		buf_putc(&t->out, '\n');
	}
	if (!t->out.len)
		shut(&t->to);
	return rc;
}

/* A program that does not read any more may still answer. */
static void write_some(struct talk *t)
{
	ssize_t n = write(t->to, t->out.data + t->sent, t->out.len - t->sent);

	if (n > 0)
		t->sent += (size_t)n;
	else if (n < 0 && errno != EINTR && errno != EAGAIN)
		shut(&t->to);
}

/* Waits until there is something to read or write, or the time is up. */
static void await(const struct talk *t, int64_t until_ms, short ready[2])
{
	struct pollfd fds[] = {{.fd = t->from, .events = POLLIN}, {.fd = t->to, .events = POLLOUT}};
	int64_t left = until_ms - clock_monotonic_ms();
	sigset_t all, before;
	struct timespec wait = {0};

	if (left > 0)
		wait = (struct timespec){.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before); /* a signal just before the wait ends it too */
	if (!interrupt_pending())
		ppoll(fds, 2, &wait, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	ready[0] = fds[0].revents;
	ready[1] = fds[1].revents;
}

static int keep(struct talk *t, struct err *err)
{
	size_t fresh = t->fresh;

	t->fresh = 0;
	return fresh ? t->client->keep(t->client, err) : 0;
}

static bool must_keep(const struct talk *t)
{
	return t->fresh >= PROVIDER_KEEP_MAX || (t->fresh && clock_monotonic_ms() >= t->keep_at_ms);
}

/* One turn: what can be written and read by then. */
static int exchange(struct talk *t, int64_t until_ms, struct err *err)
{
	short ready[2] = {0, 0};
	int rc = refill(t, err);

	if (rc < 0)
		return rc;
	await(t, t->fresh && t->keep_at_ms < until_ms ? t->keep_at_ms : until_ms, ready);
	if (interrupt_pending()) { /* what it has answered already is done */
		for (int i = 0; i < DRAIN_CHUNKS && t->from >= 0 && read_some(t); i++)
			;
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	}
	if (ready[0])
		read_some(t);
	if (ready[1])
		write_some(t);
	return 0;
}

/* Whether more answers can come; if not, err says why. */
static bool is_hopeless(const struct talk *t, int64_t deadline_ms, struct err *err)
{
	size_t n = t->client->n;

	if (t->from < 0)
		err_set(err, ERR_FAILED, "closed its output after %zu of %zu answers", t->answered, n);
	else if (t->in.len > ANSWER_LINE_MAX || t->spare > SPARE_LINES)
		err_set(err, ERR_FAILED, "gives what is no answer, after %zu of %zu", t->answered, n);
	else if (clock_monotonic_ms() >= deadline_ms)
		err_set(err, ERR_FAILED, "gave no answer for %d s, after %zu of %zu", t->provider->timeout_s, t->answered,
			n);
	return err->code != 0;
}

/* Until every number has its answer, or none will come; then broken says why. Errors of the client's are returned. */
static int converse(struct talk *t, struct err *broken, struct err *err)
{
	int64_t limit = t->provider->timeout_s * INT64_C(1000), deadline = clock_monotonic_ms() + limit;

	while (t->answered < t->client->n) {
		size_t before = t->answered;
		int rc = exchange(t, deadline, err);

		if (rc == 0 && must_keep(t))
			rc = keep(t, err);
		if (rc < 0)
			return rc;
		if (t->answered > before)
			deadline = clock_monotonic_ms() + limit;
		else if (is_hopeless(t, deadline, broken))
			return 0;
	}
	return 0;
}

/* What it goes on to say is thrown away, lest it ends because nobody listens. */
static void drain(struct talk *t)
{
	char chunk[CHUNK];

	for (int i = 0; t->from >= 0 && i < DRAIN_CHUNKS; i++) {
		ssize_t n = read(t->from, chunk, sizeof(chunk));

		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			shut(&t->from);
		if (n < 0)
			return;
	}
}

/* Whether it ends by itself in a while. It is not reaped, so that its group's id is taken. */
static bool awaits_end(struct talk *t)
{
	for (int waited = 0; waited < GRACE_MS; waited += WAIT_MS) {
		siginfo_t info = {0};

		drain(t);
		if (waitid(P_PID, (id_t)t->pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid)
			return true;
		clock_sleep_ms(WAIT_MS);
	}
	return false;
}

/* Ends it and what it has left behind in its group: nicely, then not. */
static void finish(struct talk *t, bool may_end)
{
	shut(&t->to);
	t->has_ended = may_end && awaits_end(t);
	kill(-t->pid, SIGTERM);
	shut(&t->from);
	if (!t->has_ended)
		awaits_end(t);
	kill(-t->pid, SIGKILL);
	while (waitpid(t->pid, &t->status, 0) < 0 && errno == EINTR)
		;
}

/* How a program ended that did not give every answer, where it says more than that it did. */
static int tell_end(const struct talk *t, struct err *err)
{
	int code = WIFEXITED(t->status) ? WEXITSTATUS(t->status) : 0;
	int sig = WIFSIGNALED(t->status) ? WTERMSIG(t->status) : code > SIGNALLED ? code - SIGNALLED : 0;

	if (!t->has_ended)
		return ERR_FAILED;
	if (!t->answered && (code == NOT_FOUND || code == NOT_EXECUTABLE))
		return err_set(err, ERR_TARGET, "cannot be run: %s (exit code %d)",
			       code == NOT_FOUND ? "there is no such program" : "it is no program, or may not be executed", code);
	if (sig)
		return err_set(err, ERR_FAILED, "was ended by signal %d (%s) after %zu of %zu answers", sig, strsignal(sig),
			       t->answered, t->client->n);
	return err_set(err, ERR_FAILED, "ended with exit code %d after %zu of %zu answers", code, t->answered, t->client->n);
}

int provider_ask(const struct provider *provider, struct provider_client *client, struct provider_end *end,
		 struct err *err)
{
	struct talk t = {.provider = provider, .client = client, .to = -1, .from = -1};
	struct err broken = {0}, failed = {0};
	int rc = start(&t, err), kept = 0;

	*end = (struct provider_end){0};
	if (!rc) {
		rc = converse(&t, &broken, err);
		finish(&t, rc == 0 && (!broken.code || t.from < 0));
		if (rc == 0 && broken.code)
			rc = tell_end(&t, &broken);
		else if (rc == 0 && t.has_ended && WIFEXITED(t.status))
			end->exit_code = WEXITSTATUS(t.status);
		if (broken.code)
			*err = broken;
		kept = keep(&t, &failed);
	}
	if (kept < 0) {
		*err = failed;
		rc = kept;
	}
	end->answered = t.answered;
	buf_release(&t.out);
	buf_release(&t.in);
	return rc;
}
