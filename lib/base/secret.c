#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/interrupt.h"
#include "base/mem.h"
#include "base/text.h"

/* What was read, with room to see that it is too long; wiped before it goes out of scope. */
struct raw {
	char data[SECRET_MAX + 2];
	size_t len;
};

/* Reads until the end, or until it is known to be too long. */
static int read_raw(int fd, struct raw *raw, struct err *err)
{
	while (raw->len < sizeof(raw->data)) {
		ssize_t n;

		if (!interrupt_await_input(fd))
			return err_set(err, ERR_INTERRUPTED, "was interrupted");
		n = read(fd, raw->data + raw->len, sizeof(raw->data) - raw->len);
		if (n == 0)
			return 0;
		if (n > 0)
			raw->len += (size_t)n;
		else if (errno != EINTR)
			return err_set(err, ERR_TARGET, "cannot be read: %s", strerror(errno));
	}
	return 0;
}

static int take(char **out, const struct raw *raw, struct err *err)
{
	size_t len = raw->len;

	if (len > 0 && raw->data[len - 1] == '\n')
		len--;
	if (len == 0)
		return err_set(err, ERR_TARGET, "gives an empty secret");
	if (len > SECRET_MAX)
		return err_set(err, ERR_TARGET, "gives more than %d bytes", SECRET_MAX);
	if (memchr(raw->data, '\n', len) || memchr(raw->data, '\r', len))
		return err_set(err, ERR_TARGET, "gives more than one line, or a carriage return");
	if (memchr(raw->data, '\0', len))
		return err_set(err, ERR_TARGET, "gives a NUL byte");
	*out = xstrndup(raw->data, len);
	return 0;
}

/* On the open descriptor, so that nothing can be put in its place between the look and the reading. */
static int check_file(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_TARGET, "cannot be looked at: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_TARGET, "is not a regular file");
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(err, ERR_TARGET, "belongs to another user (uid %lu)",
			       (unsigned long)st.st_uid);
	if (!(st.st_mode & (S_IRWXG | S_IRWXO)))
		return 0;
	err_set(err, ERR_TARGET, "is open to others (mode %04o)", (unsigned)(st.st_mode & 07777));
	err_hint(err, "chmod 600 '%s'", path);
	return ERR_TARGET;
}

static int read_secret_file(char **out, const char *path, const char *shown, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct raw raw = {.len = 0};
	int rc;

	if (fd < 0)
		return err_set(err, ERR_TARGET, "cannot be opened: %s", strerror(errno));
	rc = check_file(fd, shown, err);
	if (!rc)
		rc = read_raw(fd, &raw, err);
	if (!rc)
		rc = take(out, &raw, err);
	explicit_bzero(&raw, sizeof(raw));
	close(fd);
	return rc;
}

int secret_from_file(char **out, const char *path, const char *origin, struct err *err)
{
	struct buf shown = {0};
	int rc;

	text_escape(&shown, path, strlen(path), 0);
	rc = read_secret_file(out, path, buf_str(&shown), err);
	if (rc)
		err_prefix(err, "%s: the file '%s' ", origin, buf_str(&shown));
	buf_release(&shown);
	return rc;
}

/* Starts it with our stderr, but with nothing on stdin: that may hold the operands. */
static int start(const char *command, int out_fd, pid_t *pid)
{
	char sh[] = "sh", c[] = "-c";
	char *line = xstrdup(command);
	char *argv[] = {sh, c, line, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int failed;

	interrupt_ignored(&defaults); /* which would be inherited */
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	failed = posix_spawn(pid, "/bin/sh", &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	free(line);
	return failed;
}

static int finish(pid_t pid, struct err *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(err, ERR_TARGET, "cannot be waited for: %s", strerror(errno));
	if (WIFSIGNALED(status))
		return err_set(err, ERR_TARGET, "was ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(err, ERR_TARGET, "failed with exit code %d", WEXITSTATUS(status));
	return 0;
}

static int run(const char *command, struct raw *raw, struct err *err)
{
	int pipe_fds[2];
	int failed, rc, ended;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_set(err, ERR_FAILED, "cannot be started: %s", strerror(errno));
	failed = start(command, pipe_fds[1], &pid);
	close(pipe_fds[1]);
	if (failed) {
		close(pipe_fds[0]);
		return err_set(err, ERR_TARGET, "cannot be started: %s", strerror(failed));
	}
	rc = read_raw(pipe_fds[0], raw, err);
	close(pipe_fds[0]);
	if (rc ||
	    raw->len == sizeof(raw->data)) { /* nobody reads it any more: do not wait for it to find out */
		kill(pid, SIGTERM);
		finish(pid, NULL);
		return rc;
	}
	ended = finish(pid, err);
	return interrupt_pending() ? err_set(err, ERR_INTERRUPTED, "was interrupted") : ended;
}

int secret_from_command(char **out, const char *command, const char *origin, struct err *err)
{
	struct raw raw = {.len = 0};
	int rc = run(command, &raw, err);

	if (!rc)
		rc = take(out, &raw, err);
	explicit_bzero(&raw, sizeof(raw));
	if (rc)
		err_prefix(err, "%s: the password-command ", origin);
	return rc;
}

void secret_free(char *secret)
{
	if (!secret)
		return;
	explicit_bzero(secret, strlen(secret));
	free(secret);
}
