/*
 * Loaded before the libraries of a program, it makes the n-th allocation fail, whoever asks: the program, SQLite, the client
 * library or the C library itself. FAULT_ALLOC=n: that one; n+: that one and all after it, as where memory is really gone. It
 * counts from the program's umask(), its first act: what the loader does is not the program's. Spared is where a library is known
 * to crash: the C library at the first use of its name service, and MariaDB's while it connects. FAULT_MARK names a file:
 * "fired" is written there when it happened, else at the end how many there were.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	mode_t (*umask)(mode_t);
	void *(*connect)(void *, const char *, const char *, const char *, const char *, unsigned, const char *, unsigned long);
	unsigned long at;
	bool lasts, has_fired, is_counting;
	atomic_ulong n;
} self;

/* dlsym allocates while it looks for the allocator: from here, never given back. */
static char early[4096];
static size_t early_used;

static void *early_alloc(size_t size)
{
	void *p = early + early_used;

	size = (size + 15) & ~(size_t)15;
	if (size > sizeof(early) - early_used)
		return NULL;
	early_used += size;
	return p;
}

static void find(void)
{
	static bool is_finding;

	if (is_finding)
		return;
	is_finding = true;
	*(void **)&self.malloc = dlsym(RTLD_NEXT, "malloc");
	*(void **)&self.realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&self.umask = dlsym(RTLD_NEXT, "umask");
	*(void **)&self.connect = dlsym(RTLD_NEXT, "mysql_real_connect");
	*(void **)&self.calloc = dlsym(RTLD_NEXT, "calloc");
}

static void tell(const char *text)
{
	const char *path = getenv("FAULT_MARK");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

	if (fd < 0)
		return;
	(void)!write(fd, text, strlen(text));
	close(fd);
}

static bool fails(void)
{
	unsigned long n;

	if (!self.is_counting)
		return false;
	n = ++self.n;
	if (!self.at || n < self.at || (n > self.at && !self.lasts))
		return false;
	if (!self.has_fired) {
		self.has_fired = true;
		tell("fired\n");
	}
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	if (!self.malloc)
		find();
	if (!self.malloc)
		return early_alloc(size);
	return fails() ? NULL : self.malloc(size);
}

void *calloc(size_t n, size_t size)
{
	if (!self.calloc)
		find();
	if (!self.calloc)
		return early_alloc(n * size);
	return fails() ? NULL : self.calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	if (!self.realloc)
		find();
	return fails() ? NULL : self.realloc(old, size);
}

mode_t umask(mode_t mode)
{
	const char *at = getenv("FAULT_ALLOC"); /* the environment is not there yet when the first one is allocated */

	if (!self.umask)
		find();
	self.at = at ? strtoul(at, NULL, 10) : 0;
	self.lasts = at && strchr(at, '+');
	getservbyname("", NULL);
	self.is_counting = true;
	return self.umask(mode);
}

/* As mysql.h has it. */
void *mysql_real_connect(void *mysql, const char *host, const char *user, const char *password, const char *database,
			 unsigned port, const char *socket, unsigned long flags);

void *mysql_real_connect(void *mysql, const char *host, const char *user, const char *password, const char *database,
			 unsigned port, const char *socket, unsigned long flags)
{
	void *connected;

	self.is_counting = false;
	connected = self.connect(mysql, host, user, password, database, port, socket, flags);
	self.is_counting = true;
	return connected;
}

/* What the program has started does not count: its own allocations are not the program's. */
static void __attribute__((destructor)) count(void)
{
	char text[32];

	if (!self.is_counting)
		return;
	self.is_counting = false;
	snprintf(text, sizeof(text), "%lu\n", self.n);
	if (!self.has_fired)
		tell(text);
}
