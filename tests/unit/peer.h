/* A scripted manager interface (tests/lib/ami-peer) as a child of the test. */
#ifndef DIDCTL_TESTS_PEER_H
#define DIDCTL_TESTS_PEER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PEER_SECRET "s3cret"
#define PEER_MAX    32

struct peer {
	pid_t pid;
	char where[PEER_MAX][64]; /* "didctl@127.0.0.1:PORT" for each behaviour */
};

/* args: as of the program, up to a NULL, for n behaviours. */
static inline void peer_start(struct peer *peer, const char *const *args, size_t n)
{
	const char *argv[PEER_MAX + 16] = {"ami-peer"};
	char line[64];
	FILE *file;
	int out[2];

	for (size_t i = 0; args[i]; i++)
		argv[i + 1] = args[i];
	assert_int_equal(pipe(out), 0);
	peer->pid = fork();
	assert_true(peer->pid >= 0);
	if (peer->pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		close(out[1]);
		execv("tests/lib/ami-peer", (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(out[1]);
	file = fdopen(out[0], "r");
	for (size_t i = 0; i < n; i++) {
		assert_non_null(fgets(line, sizeof(line), file));
		line[strcspn(line, "\n")] = '\0';
		snprintf(peer->where[i], sizeof(peer->where[i]), "didctl@%.50s", line);
	}
	fclose(file);
}

static inline void peer_stop(struct peer *peer)
{
	if (peer->pid <= 0)
		return;
	kill(peer->pid, SIGKILL);
	waitpid(peer->pid, NULL, 0);
	peer->pid = 0;
}

#endif
