#include "service/sendmail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"

#define ANSWER_MS (600 * INT64_C(1000)) /* with the whole message it may be talking to a server: libcurl.h */
#define POLL_MS 50

/* A program that runs, and how far it is. */
struct child {
	pid_t pid;
	int in;
	int64_t deadline_ms;
	bool has_all; /* of the message: it may send it, whatever becomes of it now */
};

static bool is_over(const struct child *c)
{
	return clock_monotonic_ms() >= c->deadline_ms || (interrupt_arrived() && !c->has_all);
}

static int start(struct child *c, const char *program, const char *from, const char *to)
{
	char i[] = "-i", f[] = "-f", end[] = "--";
	char *path = xstrdup(program), *sender = xstrdup(from), *recipient = xstrdup(to);
	char *argv[] = {path, i, f, sender, end, recipient, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int fds[2], failed;

	interrupt_ignored(&defaults); /* which would be inherited */
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	failed = pipe2(fds, O_CLOEXEC) < 0 ? errno : 0;
	if (!failed) {
		posix_spawn_file_actions_adddup2(&actions, fds[0], STDIN_FILENO);
		posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
		failed = posix_spawn(&c->pid, program, &actions, &attributes, argv, environ);
		close(fds[0]);
		c->in = fds[1];
		if (failed)
			close(fds[1]);
		else
			fcntl(c->in, F_SETFL, O_NONBLOCK);
	}
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	free(path);
	free(sender);
	free(recipient);
	return failed;
}

/* A program that stops reading has decided already: its exit code says what. */
static void feed(struct child *c, const char *text, size_t len)
{
	struct pollfd fd = {.fd = c->in, .events = POLLOUT};

	while (len && !is_over(c)) {
		ssize_t n = write(c->in, text, len);

		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EPIPE) {
			break;
		} else {
			poll(&fd, 1, POLL_MS);
		}
	}
	c->has_all = len == 0;
	if (c->has_all)
		c->deadline_ms = clock_monotonic_ms() + ANSWER_MS;
	if (len && is_over(c))
		kill(c->pid, SIGKILL); /* before the pipe is closed, which would be the end of a shorter message */
	close(c->in);
}

/* Its status, or -1 where it had to be killed. */
static int wait_for(struct child *c)
{
	bool is_killed = false;
	int status = 0;
	pid_t ended;

	while ((ended = waitpid(c->pid, &status, WNOHANG)) != c->pid) {
		if (ended < 0 && errno != EINTR)
			return -1;
		if (!is_killed && is_over(c))
			is_killed = kill(c->pid, SIGKILL) == 0;
		clock_sleep_ms(POLL_MS / 5);
	}
	return is_killed ? -1 : status;
}

static enum outgoing_end end_of_code(int code)
{
	if (code == EX_OK)
		return OUTGOING_SENT;
	if (code == EX_NOUSER || code == EX_NOHOST || code == EX_DATAERR)
		return OUTGOING_REFUSED;
	return code == EX_TEMPFAIL ? OUTGOING_LATER : OUTGOING_STUCK;
}

static enum outgoing_end judge(const struct child *c, const char *program, int status, struct err *why)
{
	enum outgoing_end end;

	if (interrupt_arrived() && !c->has_all) {
		err_set(why, ERR_INTERRUPTED, "interrupted");
		return OUTGOING_STUCK;
	}
	if (status >= 0 && WIFEXITED(status)) {
		end = end_of_code(WEXITSTATUS(status));
		if (end == OUTGOING_SENT && !c->has_all)
			end = OUTGOING_STUCK; /* of what it did not read it can have sent nothing */
		if (end != OUTGOING_SENT)
			err_set(why, ERR_TARGET, "'%s' ended with exit code %d", program, WEXITSTATUS(status));
		return end;
	}
	err_set(why, ERR_TARGET, status < 0 ? "'%s' did not end in time" : "'%s' was ended by a signal", program);
	return c->has_all ? OUTGOING_UNANSWERED : OUTGOING_STUCK;
}

enum outgoing_end sendmail_run(const char *program, const char *from, const char *to, const struct buf *text,
			       int64_t deadline_ms, struct err *why)
{
	struct child c = {.deadline_ms = deadline_ms};
	int failed = start(&c, program, from, to);

	if (failed) {
		err_set(why, ERR_TARGET, "'%s' cannot be started: %s", program, strerror(failed));
		return OUTGOING_STUCK;
	}
	feed(&c, text->data, text->len);
	return judge(&c, program, wait_for(&c), why);
}
