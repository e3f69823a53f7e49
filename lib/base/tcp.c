#include "base/tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"

/* A signal that comes between the look and poll() does not end it: so it never waits longer than this. */
#define SLICE_MS 200

static int timed_out(struct err *err)
{
	return err_set(err, ERR_TARGET, "does not answer in time");
}

static int failed(struct err *err, int code)
{
	return err_set(err, ERR_TARGET, "fails: %s", strerror(code));
}

/* Until the descriptor is ready for events, or has an error, which the next call on it will tell. */
static int wait_for(int fd, short events, int64_t deadline_ms, struct err *err)
{
	struct pollfd poll_fd = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = deadline_ms - clock_monotonic_ms();
		int ready;

		if (interrupt_pending())
			return err_set(err, ERR_INTERRUPTED, "was interrupted");
		if (left <= 0)
			return timed_out(err);
		ready = poll(&poll_fd, 1, (int)(left < SLICE_MS ? left : SLICE_MS));
		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return failed(err, errno);
	}
}

static int unreachable(struct err *err, int code)
{
	return err_set(err, ERR_TARGET, "cannot be reached: %s", strerror(code));
}

static int finish_connect(int fd, int64_t deadline_ms, struct err *err)
{
	int code = 0;
	socklen_t size = sizeof(code);
	int rc = wait_for(fd, POLLOUT, deadline_ms, err);

	if (rc)
		return rc;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
		code = errno;
	return code ? unreachable(err, code) : 0;
}

/* Returns the descriptor. EINTR leaves the connecting under way, just as EINPROGRESS. */
static int connect_to(const struct addrinfo *address, int64_t deadline_ms, struct err *err)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = 0;

	if (fd < 0)
		return unreachable(err, errno);
	if (connect(fd, address->ai_addr, address->ai_addrlen) < 0)
		rc = errno == EINPROGRESS || errno == EINTR ? finish_connect(fd, deadline_ms, err)
							    : unreachable(err, errno);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

static int64_t share(const struct addrinfo *address, int64_t deadline_ms)
{
	int64_t now = clock_monotonic_ms();
	int n = 0;

	for (; address; address = address->ai_next)
		n++;
	return now + (deadline_ms - now) / n;
}

int tcp_open(struct tcp *tcp, const char *host, const char *port, int64_t deadline_ms, struct err *err)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	int code = getaddrinfo(host, port, &hints, &list);
	int fd = ERR_TARGET;

	*tcp = (struct tcp){.fd = -1};
	if (code)
		return err_set(err, ERR_TARGET, "cannot be found: %s",
			       code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
	for (const struct addrinfo *a = list; a && fd < 0 && fd != ERR_INTERRUPTED; a = a->ai_next)
		fd = connect_to(a, share(a, deadline_ms), err);
	freeaddrinfo(list);
	if (fd < 0)
		return fd;
	tcp->fd = fd;
	return 0;
}

void tcp_close(struct tcp *tcp)
{
	if (tcp->fd >= 0)
		close(tcp->fd);
	tcp->fd = -1;
}

bool tcp_is_loopback(const struct tcp *tcp)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_storage space;
	} peer;
	socklen_t size = sizeof(peer);

	if (getpeername(tcp->fd, &peer.any, &size) < 0)
		return false;
	if (peer.any.sa_family == AF_INET)
		return ntohl(peer.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	if (IN6_IS_ADDR_V4MAPPED(&peer.v6.sin6_addr))
		return peer.v6.sin6_addr.s6_addr[12] == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&peer.v6.sin6_addr);
}

/* Whether a call that returned -1 is to be made again, once the descriptor is ready. */
static bool is_passing(int code)
{
	return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

int tcp_write(struct tcp *tcp, const void *data, size_t len, int64_t deadline_ms, struct err *err)
{
	const char *at = data;

	while (len > 0) {
		int rc = wait_for(tcp->fd, POLLOUT, deadline_ms, err);
		ssize_t n;

		if (rc)
			return rc;
		n = send(tcp->fd, at, len, MSG_NOSIGNAL);
		if (n < 0 && !is_passing(errno))
			return failed(err, errno);
		at += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* More of the stream behind what is there already. */
static int fill(struct tcp *tcp, int64_t deadline_ms, struct err *err)
{
	int rc = wait_for(tcp->fd, POLLIN, deadline_ms, err);
	ssize_t n;

	if (rc)
		return rc;
	n = recv(tcp->fd, tcp->data + tcp->len, sizeof(tcp->data) - tcp->len, 0);
	if (n == 0)
		return err_set(err, ERR_TARGET, "closed the connection");
	if (n < 0 && !is_passing(errno))
		return failed(err, errno);
	tcp->len += n > 0 ? (size_t)n : 0;
	return 0;
}

static void take_line(struct tcp *tcp, size_t end, char **line, size_t *len)
{
	*line = tcp->data + tcp->at;
	*len = end - tcp->at;
	if (*len > 0 && (*line)[*len - 1] == '\r')
		--*len;
	(*line)[*len] = '\0';
	tcp->at = end + 1;
}

int tcp_line(struct tcp *tcp, char **line, size_t *len, int64_t deadline_ms, struct err *err)
{
	size_t seen = tcp->at; /* up to here there is no LF */

	for (;;) {
		const char *lf = memchr(tcp->data + seen, '\n', tcp->len - seen);
		int rc;

		if (lf) {
			take_line(tcp, (size_t)(lf - tcp->data), line, len);
			return 0;
		}
		tcp->len -= tcp->at;
		memmove(tcp->data, tcp->data + tcp->at, tcp->len);
		tcp->at = 0;
		seen = tcp->len;
		if (tcp->len == sizeof(tcp->data))
			return err_set(err, ERR_TARGET, "sent a line of over %d bytes", TCP_LINE_MAX);
		rc = fill(tcp, deadline_ms, err);
		if (rc)
			return rc;
	}
}
