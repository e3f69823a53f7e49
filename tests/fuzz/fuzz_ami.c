/* Any bytes as the answer of a switch: understood or refused, and nothing that a terminal would obey is said. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dialplan/running.h"

#define WELCOME \
	"Asterisk Call Manager/11.0.0\r\n" \
	"Response: Success\r\nActionID: didctl-1\r\nMessage: Authentication accepted\r\n\r\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct server {
	int fd;
	char where[64];
	sem_t left;	     /* one more client was seen off */
	const uint8_t *data; /* set before a client comes */
	size_t size;
};

static void send_all(int fd, const void *data, size_t size)
{
	const char *at = data;
	ssize_t n;

	while (size > 0 && (n = send(fd, at, size, MSG_NOSIGNAL)) > 0) {
		at += n;
		size -= (size_t)n;
	}
}

/* Reads what it is sent until the client goes: closing with something unread takes back what was written. */
static void *serve(void *arg)
{
	struct server *server = arg;
	char sink[4096];

	for (;;) {
		int fd = accept(server->fd, NULL, NULL);

		send_all(fd, WELCOME, strlen(WELCOME));
		send_all(fd, server->data, server->size);
		shutdown(fd, SHUT_WR);
		while (read(fd, sink, sizeof(sink)) > 0)
			;
		close(fd);
		sem_post(&server->left);
	}
	return NULL;
}

static struct server *start(void)
{
	static struct server server;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	pthread_t thread;

	server.fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(server.fd, (struct sockaddr *)&address, len) || listen(server.fd, 16) ||
	    getsockname(server.fd, (struct sockaddr *)&address, &len) || sem_init(&server.left, 0, 0) ||
	    pthread_create(&thread, NULL, serve, &server))
		abort();
	snprintf(server.where, sizeof(server.where), "u@127.0.0.1:%d", ntohs(address.sin_port));
	return &server;
}

static int ask(struct ami *ami, uint8_t question, struct err *err)
{
	char generation[GENERATION_TEXT] = "";
	struct running_count count;
	enum endpoint_state endpoint;
	bool has;
	int rc;

	switch (question % 5) {
	case 0: return running_count(ami, "from-tata", "a.conf", 0, &count, err);
	case 1: return running_endpoint(ami, "cloud-endpoint-stage", &endpoint, err);
	case 2: return running_has_fast_match(ami, &has, err);
	case 3: return running_has_generation(ami, "didctl-meta", "0123456789abcdef", &has, err);
	default:
		rc = running_generation(ami, "didctl-meta", generation, err);
		if (!rc && strspn(generation, "0123456789abcdef") != GENERATION_TEXT - 1)
			abort();
		return rc;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct server *server;
	struct err err = {0};
	struct ami *ami;
	int rc;

	if (!server)
		server = start();
	if (size == 0)
		return 0;
	server->data = data + 1;
	server->size = size - 1;
	if (ami_open(&ami, &(struct ami_login){.where = server->where, .secret = "x"}, &err))
		abort();
	rc = ask(ami, data[0], &err);
	if (rc && rc != ERR_TARGET && rc != ERR_ABSENT)
		abort();
	for (const char *s = err.text; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			abort();
	ami_close(ami);
	sem_wait(&server->left); /* it may still be sending what is data's */
	return 0;
}
