#include "base/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a signal handler may look at has to be static. */
static volatile sig_atomic_t pending, held;
static volatile sig_atomic_t watched = -1;
static volatile sig_atomic_t committing, is_done;
static char change[64]; /* whose COMMIT has begun */

static void say(const char *s)
{
	(void)!write(STDERR_FILENO, s, strlen(s));
}

static void on_signal(int sig)
{
	(void)sig;
	if (pending && committing)
		_exit(interrupt_last_words("interrupted during COMMIT"));
	if (pending && held)
		_exit(130);
	pending = 1;
	if (!committing && !held && watched >= 0)
		shutdown(watched, SHUT_RDWR);
}

int interrupt_last_words(const char *why)
{
	say("didctl: ");
	say(why);
	if (*change) {
		say(is_done ? ", after the change was made: didctl history resolve " :
			      ": the outcome is unknown: didctl history resolve ");
		say(change);
	}
	say("\n");
	return *change && !is_done ? 7 : 1;
}

void interrupt_install(void)
{
	struct sigaction act = {.sa_handler = on_signal};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigemptyset(&act.sa_mask);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
}

void interrupt_ignored(sigset_t *out)
{
	sigemptyset(out);
	sigaddset(out, SIGPIPE);
	sigaddset(out, SIGXFSZ);
}

bool interrupt_pending(void)
{
	return pending && !held;
}

/* read() alone would miss a signal between the look and the call, and then wait for ever. */
bool interrupt_await_input(int fd)
{
	struct pollfd input = {.fd = fd, .events = POLLIN};
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	if (!interrupt_pending())
		ppoll(&input, 1, NULL, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return !interrupt_pending();
}

bool interrupt_arrived(void)
{
	return pending;
}

void interrupt_hold(bool holds)
{
	held = holds;
}

void interrupt_watch(int fd)
{
	watched = fd;
}

void interrupt_commit(const char *change_id)
{
	is_done = false;
	snprintf(change, sizeof(change), "%s", change_id);
	committing = true;
}

void interrupt_commit_ended(bool done)
{
	is_done = done;
	committing = false;
}

const char *interrupt_change_done(void)
{
	return is_done ? change : NULL;
}
