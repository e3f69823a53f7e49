#include "base/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a signal handler may look at has to be static. */
static volatile sig_atomic_t pending, held;
static volatile sig_atomic_t watched = -1;
static const char *volatile committing;

static void say(const char *s)
{
	(void)!write(STDERR_FILENO, s, strlen(s));
}

static void on_signal(int sig)
{
	(void)sig;
	if (pending && committing) {
		say("didctl: interrupted during COMMIT: the outcome is unknown: didctl history resolve ");
		say(committing);
		say("\n");
		_exit(7);
	}
	if (pending && held)
		_exit(130);
	pending = 1;
	if (!committing && !held && watched >= 0)
		shutdown(watched, SHUT_RDWR);
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
}

bool interrupt_pending(void)
{
	return pending && !held;
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
	committing = change_id;
}
