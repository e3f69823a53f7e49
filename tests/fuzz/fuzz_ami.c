/* Any bytes as the answer of a switch: understood or refused, and nothing that a terminal would obey is said. */
#include <stdio.h>

#include "dialplan/running.h"
#include "server.h"

#define WELCOME \
	"Asterisk Call Manager/11.0.0\r\n" \
	"Response: Success\r\nActionID: didctl-1\r\nMessage: Authentication accepted\r\n\r\n"

static void answer(struct server *server, int fd)
{
	send_all(fd, WELCOME, strlen(WELCOME));
	send_all(fd, server->data, server->size);
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
		must(rc || strspn(generation, "0123456789abcdef") == GENERATION_TEXT - 1);
		return rc;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct server server = {.answer = answer};
	static char where[64];
	struct err err = {0};
	struct ami *ami;
	int rc;

	if (!*where) {
		server_start(&server);
		snprintf(where, sizeof(where), "u@127.0.0.1:%u", server.port);
	}
	if (size == 0)
		return 0;
	server.data = data + 1;
	server.size = size - 1;
	must(!ami_open(&ami, &(struct ami_login){.where = where, .secret = "x"}, &err));
	rc = ask(ami, data[0], &err);
	must(!rc || rc == ERR_TARGET || rc == ERR_ABSENT);
	if (rc)
		must_refuse(rc, &err);
	ami_close(ami);
	server_settle(&server);
	return 0;
}
