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

#include "base/buf.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/text.h"
#include "did/field.h"

#define SPARE_LINES 100	   /* that are no answer and are passed over, before the program is taken for mad */
#define CANDIDATES_MAX 20
#define GRACE_MS 500	   /* for the program to end by itself */
#define WAIT_MS 10
#define CHUNK (16u << 10)

struct talk {
	const struct provider *provider;
	const struct provider_request *requests;
	struct provider_answer *answers;
	size_t n, answered, spare;
	struct arena *arena;
	struct buf out, in; /* not written yet from `sent` on; not a whole line yet */
	size_t sent;
	int to, from; /* the program's standard input and output; -1: closed */
	pid_t pid;
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

	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE); /* we ignore it, and that would be inherited */
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

/* At most so many characters, whole ones. */
static const char *keep_text(struct arena *arena, const char *s)
{
	size_t len = 0, n = 0;

	if (!s || text_is_blank(s))
		return NULL;
	for (; s[len] && n < PROVIDER_TEXT_MAX; n++) {
		uint32_t c;
		size_t bytes = text_decode(s + len, strlen(s + len), &c);

		len += bytes ? bytes : 1;
	}
	return arena_strndup(arena, s, len);
}

/* What addresses are made of, and nothing else that the program may have put there. */
static void put_candidate(struct buf *out, const struct json *candidate)
{
	const char *between = "";

	buf_putc(out, '{');
	for (int f = LOCATION_COUNTRY; f < LOCATION_CONTACT; f++) {
		const char *text = json_string(json_get(candidate, location_columns[f].key));

		if (!text)
			continue;
		buf_printf(out, "%s\"%s\":", between, location_columns[f].key);
		text_json(out, text, strlen(text));
		between = ",";
	}
	buf_putc(out, '}');
}

static const char *keep_candidates(struct arena *arena, const struct json *list)
{
	struct buf out = {0};
	const char *text = NULL;
	int n = 0;

	if (!list || !json_is_array(list))
		return NULL;
	for (const struct json *c = json_first(list); c && n < CANDIDATES_MAX; c = json_next(c)) {
		if (!json_is_object(c))
			continue;
		buf_putc(&out, n++ ? ',' : '[');
		put_candidate(&out, c);
	}
	if (n) {
		buf_putc(&out, ']');
		text = arena_strdup(arena, out.data);
	}
	buf_release(&out);
	return text;
}

static const char *find_status(const struct provider *provider, const char *text)
{
	for (const char *const *s = provider->statuses; text && *s; s++)
		if (strcmp(*s, text) == 0)
			return *s;
	return NULL;
}

/* The request that a line answers; a second answer is none. */
static struct provider_answer *find_request(struct talk *t, const char *number)
{
	for (size_t i = 0; number && i < t->n; i++)
		if (strcmp(t->requests[i].number, number) == 0)
			return t->answers[i].status ? NULL : &t->answers[i];
	return NULL;
}

/* Whether it is an answer. */
static bool take_object(struct talk *t, const struct json *json)
{
	const char *status = find_status(t->provider, json_string(json_get(json, "status")));
	struct provider_answer *answer = status ? find_request(t, json_string(json_get(json, "number"))) : NULL;

	if (!answer)
		return false;
	answer->status = status;
	answer->text = keep_text(t->arena, json_string(json_get(json, "text")));
	answer->candidates = keep_candidates(t->arena, json_get(json, "candidates"));
	return true;
}

static void take_line(struct talk *t, const char *line, size_t len)
{
	struct json *json = NULL;
	struct err ignored = {0};
	bool is_answer = !json_parse(&json, line, len, &ignored) && json_is_object(json) && take_object(t, json);

	json_free(json);
	if (is_answer)
		t->answered++;
	else
		t->spare++;
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

/* Closes the descriptor at the end of the program's output. */
static void read_some(struct talk *t)
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
}

/* A program that does not read any more may still answer. */
static void write_some(struct talk *t)
{
	ssize_t n = write(t->to, t->out.data + t->sent, t->out.len - t->sent);

	if (n > 0)
		t->sent += (size_t)n;
	if ((n < 0 && errno != EINTR && errno != EAGAIN) || t->sent == t->out.len)
		shut(&t->to);
}

/* Waits until there is something to read or write: false when the time is up. */
static bool await(const struct talk *t, int64_t deadline, short ready[2])
{
	struct pollfd fds[] = {{.fd = t->from, .events = POLLIN}, {.fd = t->to, .events = POLLOUT}};
	int64_t left = deadline - clock_monotonic_ms();
	sigset_t all, before;
	struct timespec wait = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};

	if (left <= 0)
		return false;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before); /* a signal just before the wait ends it too */
	if (!interrupt_pending())
		ppoll(fds, 2, &wait, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	ready[0] = fds[0].revents;
	ready[1] = fds[1].revents;
	return true;
}

/* Until every number has its answer, or none will come. Says why in err where that is so. */
static int converse(struct talk *t, struct err *err)
{
	int64_t limit = t->provider->timeout_s * INT64_C(1000), deadline = clock_monotonic_ms() + limit;

	while (t->answered < t->n) {
		short ready[2] = {0, 0};
		size_t before = t->answered;

		if (t->from < 0)
			return err_set(err, ERR_FAILED, "ended after %zu of %zu answers", t->answered, t->n);
		if (!await(t, deadline, ready))
			return err_set(err, ERR_FAILED, "gave no answer for %d seconds, after %zu of %zu", t->provider->timeout_s,
				       t->answered, t->n);
		if (interrupt_pending())
			return err_set(err, ERR_INTERRUPTED, "interrupted");
		if (ready[0])
			read_some(t);
		if (ready[1])
			write_some(t);
		if (t->in.len > PROVIDER_LINE_MAX || t->spare > SPARE_LINES)
			return err_set(err, ERR_FAILED, "gives what is no answer, after %zu of %zu", t->answered, t->n);
		if (t->answered > before)
			deadline = clock_monotonic_ms() + limit;
	}
	return 0;
}

/* True once the program has been reaped. */
static bool is_reaped(pid_t pid, int flags)
{
	pid_t rc = waitpid(pid, NULL, flags);

	return rc == pid || (rc < 0 && errno == ECHILD);
}

/* Ends it and what it has left behind in its group: nicely, then not. The group's id is taken until it is reaped. */
static void finish(struct talk *t, bool is_done)
{
	siginfo_t info;

	shut(&t->to);
	shut(&t->from);
	for (int waited = 0; is_done && waited < GRACE_MS; waited += WAIT_MS) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)t->pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid)
			break;
		clock_sleep_ms(WAIT_MS);
	}
	kill(-t->pid, SIGTERM);
	for (int waited = 0; waited < GRACE_MS; waited += WAIT_MS) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)t->pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid)
			break;
		clock_sleep_ms(WAIT_MS);
	}
	kill(-t->pid, SIGKILL);
	while (!is_reaped(t->pid, 0))
		;
}

int provider_ask(const struct provider *provider, const struct provider_request *requests, size_t n,
		 struct provider_answer *answers, struct arena *arena, struct err *err)
{
	struct talk t = {.provider = provider, .requests = requests, .answers = answers, .n = n, .arena = arena,
			 .to = -1, .from = -1};
	int rc = start(&t, err);

	for (size_t i = 0; i < n; i++)
		buf_printf(&t.out, "%s\n", requests[i].line);
	if (!rc) {
		rc = converse(&t, err);
		finish(&t, !rc);
	}
	buf_release(&t.out);
	buf_release(&t.in);
	return rc;
}
