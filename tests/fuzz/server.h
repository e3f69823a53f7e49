/*
 * A server on loopback for fuzzers of clients: it answers each connection with bytes, and then reads what it is sent until the
 * client goes: closing with something unread would take back what was written.
 */
#ifndef DIDCTL_FUZZ_SERVER_H
#define DIDCTL_FUZZ_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "fuzz.h"

struct server {
	int fd;
	unsigned port;
	/* Answers one connection. */
	void (*answer)(struct server *server, int fd);
	const uint8_t *data; /* set before a client comes, left alone until the server has settled */
	size_t size;
};

static inline void send_all(int fd, const void *data, size_t size)
{
	const char *at = data;
	ssize_t n;

	while (size > 0 && (n = send(fd, at, size, MSG_NOSIGNAL)) > 0) {
		at += n;
		size -= (size_t)n;
	}
}

static inline void *serve(void *arg)
{
	struct server *server = arg;
	char sink[4096];

	for (;;) {
		int fd = accept(server->fd, NULL, NULL);

		server->answer(server, fd);
		shutdown(fd, SHUT_WR);
		while (read(fd, sink, sizeof(sink)) > 0)
			;
		close(fd);
	}
	return NULL;
}

static inline void server_start(struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	pthread_t thread;

	server->fd = socket(AF_INET, SOCK_STREAM, 0);
	must(!bind(server->fd, (struct sockaddr *)&address, len) && !listen(server->fd, 16));
	must(!getsockname(server->fd, (struct sockaddr *)&address, &len));
	must(!pthread_create(&thread, NULL, serve, server));
	server->port = ntohs(address.sin_port);
}

/* Waits until all who came have been seen off, also one that broke off: they are served one after the other. */
static inline void server_settle(const struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				      .sin_port = htons((uint16_t)server->port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char sink[4096];

	must(!connect(fd, (struct sockaddr *)&address, sizeof(address)) && !shutdown(fd, SHUT_WR));
	while (read(fd, sink, sizeof(sink)) > 0)
		;
	close(fd);
}

#endif
