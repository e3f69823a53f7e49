#include "store/sql/mysql_rules.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return !strcasecmp(host, "localhost") ||
	       (inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6));
}

enum tls tls_wanted(const struct sql_target *target, const char *host)
{
	const char *origin = "", *tls = conf_get(target->conf, SET_TLS, &origin);

	if (target->socket)
		return TLS_NONE;
	if (tls && !strcmp(tls, "insecure"))
		return TLS_UNVERIFIED;
	if (tls && strcmp(origin, "default"))
		return TLS_VERIFIED;
	return is_loopback(host) ? TLS_NONE : TLS_VERIFIED;
}

int option_file_open(const char *path, bool *is_private, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st)) {
		err_set(err, ERR_TARGET, "cannot read the option file '%s': %s", path, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		err_set(err, ERR_TARGET, "the option file '%s' is not a regular file", path);
	} else {
		*is_private = !(st.st_mode & 077) && (st.st_uid == geteuid() || !st.st_uid);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return ERR_TARGET;
}
