/*
 * Any bytes as the answer of an API to a read or a write: answered whole or lost, never both, and a write that went out
 * without a whole answer is never told as one that was not done.
 */
#include <stdio.h>

#include "base/http.h"
#include "server.h"

/* Not before the client has asked: what comes early is no answer. */
static void answer(struct server *server, int fd)
{
	char request[4096];

	if (read(fd, request, sizeof(request)) > 0)
		send_all(fd, server->data, server->size);
}

static struct http_client *connect_client(unsigned port)
{
	struct http_client *client;
	char base[64];

	snprintf(base, sizeof(base), "http://127.0.0.1:%u/api", port);
	must(!http_open(&client, &(struct http_config){.base = base, .key = "secret-key", .jobs = 1, .timeout_s = 5}, NULL));
	return client;
}

static void check_answered(const struct http_answer *a)
{
	must(a->status >= 200 && a->status <= 599 && !a->err.code);
	must(a->len <= HTTP_BODY_MAX && a->body && a->body[a->len] == '\0');
	must(a->retry_after_s >= 0);
}

static void check_answer(const struct http_answer *a, bool is_write)
{
	must(a->fate != HTTP_NOT_SENT);
	if (a->fate == HTTP_ANSWERED) {
		check_answered(a);
		return;
	}
	must_refuse(a->err.code, &a->err);
	must(!strstr(a->err.text, "secret-key"));
	must(a->err.code == (a->fate == HTTP_LOST && is_write ? ERR_UNKNOWN : ERR_TARGET));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct server server = {.answer = answer};
	const struct http_request reading = {.method = "GET", .path = "/numbers"};
	const struct http_request writing = {.method = "PATCH", .path = "/numbers/1", .body = "{}", .etag = "1"};
	const struct http_answer *got;
	struct http_client *client;
	bool is_write = size && data[0] % 2;

	if (!server.port)
		server_start(&server);
	if (size == 0)
		return 0;
	server.data = data + 1;
	server.size = size - 1;
	client = connect_client(server.port);
	must(!http_call(client, is_write ? &writing : &reading, &got, NULL));
	check_answer(got, is_write);
	http_close(client);
	server_settle(&server);
	return 0;
}
