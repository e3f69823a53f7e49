/*
 * measure FILE COMMAND...: runs a command with its output thrown away and appends "SECONDS KILOBYTES" to FILE: wall time and
 * peak resident memory. The exit code is the command's.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void child(char **argv)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dup2(null, STDOUT_FILENO);
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	double start, seconds;
	int status;
	pid_t pid;
	FILE *out;

	if (argc < 3)
		return 2;
	start = now();
	pid = vfork();
	if (pid == 0)
		child(argv + 2);
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
		return 1;
	seconds = now() - start;
	out = fopen(argv[1], "a");
	if (!out || fprintf(out, "%.6f %ld\n", seconds, usage.ru_maxrss) < 0 || fclose(out))
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
