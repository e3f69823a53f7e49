#include "base/process.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/*
 * * Else the next file that is opened would be standard output. Opened the wrong way round on purpose:
 * reading a closed standard input or writing to a closed standard output has to fail, not to succeed on
 * nothing.
 */
static void open_standard_files(void)
{
	static const int flags[] = {O_WRONLY, O_RDONLY, O_RDWR};

	for (int fd = 0; fd < (int)ARRAY_SIZE(flags); fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) != fd)
			_exit(1);
}

static int is_dangerous(const char *name, size_t len)
{
	static const char *const variables[] = {
		"MYSQL_PWD", "MYSQL_HOME", "MARIADB_HOME", "MARIADB_PLUGIN_DIR", "LIBMYSQL_PLUGINS",
		"LIBMYSQL_PLUGIN_DIR", "MARIADB_TLS_DISABLE_PEER_VERIFICATION", "SSLKEYLOGFILE",
	};

	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		if (strlen(variables[i]) == len && memcmp(variables[i], name, len) == 0)
			return 1;
	return len > 6 && strncasecmp(name + len - 6, "_proxy", 6) == 0;
}

static void clean_environment(void)
{
	char name[64];

	for (size_t i = 0; environ && environ[i];) {
		size_t len = strcspn(environ[i], "=");

		if (len < sizeof(name) && is_dangerous(environ[i], len)) {
			memcpy(name, environ[i], len);
			name[len] = '\0';
			unsetenv(name); /* the next one is now at i */
		} else {
			i++;
		}
	}
}

void process_start(void)
{
	const struct rlimit none = {0, 0};

	open_standard_files();
	umask(077);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	clean_environment();
}
