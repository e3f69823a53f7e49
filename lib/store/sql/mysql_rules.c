#include "store/sql/mysql_rules.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#ifdef __GLIBC__
#include <nss.h>
#endif
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_WAIT_S 10

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

bool lookup_quietly(void)
{
#ifdef __GLIBC__
	return __nss_configure_lookup("services", "files") == 0;
#else
	return true;
#endif
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

/* One statement for all, NAMES included: an option of the server may have ignored what the handshake asked for. */
void session_text(char out[SESSION_TEXT], int timeout_s, bool is_mariadb, bool wsrep)
{
	/* The server is to say that the lock was not had before we hang up on it. */
	int lock_wait_s = timeout_s > LOCK_WAIT_S ? LOCK_WAIT_S : timeout_s > 1 ? timeout_s - 1 : 1;

	snprintf(out, SESSION_TEXT,
		 "SET NAMES utf8mb4, time_zone = '+00:00', autocommit = 1, innodb_lock_wait_timeout = %d,"
		 " sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
		 "NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT', %s = 'READ-COMMITTED'%s",
		 lock_wait_s, is_mariadb ? "tx_isolation" : "transaction_isolation",
		 wsrep ? ", wsrep_sync_wait = 1" : "");
}

int infile_refuse(void **state, const char *name, void *data)
{
	(void)name, (void)data;
	*state = NULL;
	return 1;
}

int infile_read(void *state, char *out, unsigned len)
{
	(void)state, (void)out, (void)len;
	return -1;
}

void infile_end(void *state)
{
	(void)state;
}

int infile_error(void *state, char *text, unsigned len)
{
	(void)state;
	if (len)
		*text = '\0';
	return 1;
}
