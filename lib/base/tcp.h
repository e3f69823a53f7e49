/*
 * A TCP connection to a server that speaks in lines. Nothing waits past its deadline, which is a point of
 * clock_monotonic_ms(), and a signal ends any wait with ERR_INTERRUPTED. Errors are ERR_TARGET and begin
 * with a verb ("cannot be reached: ..."): who calls knows the subject and puts it in front.
 */
#ifndef DIDCTL_TCP_H
#define DIDCTL_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define TCP_LINE_MAX 16384 /* with its line end */

struct tcp {
	int fd; /* -1: not connected */
	size_t at, len;
	char data[TCP_LINE_MAX];
};

/*
 * Tries each address of host, a name or an IPv4 or IPv6 address without brackets, and gives each a share of
 * the time. Only the resolver of names keeps its own limits (resolv.conf).
 */
int tcp_open(struct tcp *tcp, const char *host, const char *port, int64_t deadline_ms, struct err *err);
void tcp_close(struct tcp *tcp);

/* Whether the other end is on this machine; what it is called does not count. */
bool tcp_is_loopback(const struct tcp *tcp);

int tcp_write(struct tcp *tcp, const void *data, size_t len, int64_t deadline_ms, struct err *err);

/*
 * The next line without its LF or CR LF, NUL-terminated and valid until the next call; it may have NULs of
 * its own. An end of the stream before a line's end is an error.
 */
int tcp_line(struct tcp *tcp, char **line, size_t *len, int64_t deadline_ms, struct err *err);

#endif
