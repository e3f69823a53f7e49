/*
 * Any JSON as the rows of an API: the first byte is what is asked, and each line of the rest is an answer, a letter for its
 * status and the body. What comes is a row with its values, or one error in words of ours.
 */
#include <stdio.h>
#include <unistd.h>

#include "did/change.h"
#include "store/store.h"
#include "server.h"

static void send_answer(int fd, int status, const char *body, size_t len)
{
	struct buf out = {0};

	buf_printf(&out, "HTTP/1.1 %d Said\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n", status, len);
	buf_puts(&out, "Connection: close\r\n\r\n");
	buf_add(&out, body, len);
	send_all(fd, out.data, out.len);
	buf_release(&out);
}

/* The next line; behind the last one the server fails, or a list of pages could go on for ever. */
static void answer(struct server *server, int fd)
{
	static const int statuses[] = {200, 201, 204, 400, 404, 409, 412, 422, 500};
	const char *line = (const char *)server->data;
	const char *end = server->size ? memchr(line, '\n', server->size) : NULL;
	size_t len = end ? (size_t)(end - line) : server->size;
	char request[8192];

	if (read(fd, request, sizeof(request)) <= 0)
		return;
	server->data += len + (end != NULL);
	server->size -= len + (end != NULL);
	if (len)
		send_answer(fd, statuses[(uint8_t)line[0] % ARRAY_SIZE(statuses)], line + 1, len - 1);
	else
		send_answer(fd, 500, "", 0);
}

static void check_row(const struct value *row, size_t n)
{
	for (size_t i = 0; i < n; i++)
		must(!row[i].s || row[i].s[row[i].len] == '\0');
}

static int list(struct store *store, enum listing listing, size_t n, struct err *err)
{
	int columns[DID_FIELDS > USER_FIELDS ? DID_FIELDS : USER_FIELDS];
	struct selection all = {0};
	struct query query = {.listing = listing, .columns = columns, .ncolumns = n, .selection = &all};
	const struct value *row;
	int rc;

	for (size_t i = 0; i < n; i++)
		columns[i] = (int)i;
	rc = store_query(store, &query, err);
	if (rc)
		return rc;
	while ((rc = store_next(store, &row, err)) == 1)
		check_row(row, n);
	store_done(store);
	return rc;
}

static int find(struct store *store, bool is_org, struct err *err)
{
	struct arena arena = {0};
	struct user user = {0};
	struct org org = {0};
	int rc = is_org ? store_find_org(store, "Acme", &org, &arena, err) : store_find_user(store, "amy", &user, &arena, err);

	must(rc || (is_org ? org.id && org.name : user.id && user.name));
	arena_release(&arena);
	return rc;
}

/* Nothing is written, so nothing may be left open. */
static int decide(struct store *store, enum verb verb, struct err *err)
{
	struct change change = {.verb = verb, .id = "01930000-0000-7000-8000-000000000001", .actor = "amy", .host = "here",
				.target = "fuzz", .org_text = verb == VERB_ASSIGN ? "Acme" : NULL, .hold_days = -1,
				.expect = -1, .to = STATE_UNKNOWN, .dry_run = true};
	struct plan plan = {0};
	int rc;

	rangeset_add(&change.selection.numbers, (struct interval){{UINT64_C(918065978000), 12}, 3});
	rc = store_apply(store, &change, &plan, err);
	must(rc != ERR_UNKNOWN);
	plan_release(&plan);
	selection_release(&change.selection);
	return rc;
}

static int ask(struct store *store, uint8_t question, struct err *err)
{
	switch (question % 8) {
	case 0: return list(store, LIST_NUMBERS, DID_FIELDS, err);
	case 1: return list(store, LIST_ORGS, ORG_FIELDS, err);
	case 2: return list(store, LIST_USERS, USER_FIELDS, err);
	case 3: return find(store, true, err);
	case 4: return find(store, false, err);
	case 5: return decide(store, VERB_ASSIGN, err);
	case 6: return decide(store, VERB_RELEASE, err);
	default: return store_regenerate(store, &(uint64_t){0}, err);
	}
}

static struct conf *make_conf(unsigned port)
{
	char url[64];
	struct conf *conf;

	must(!setenv("XDG_STATE_HOME", "/nonexistent", 1));
	must(!conf_load_paths(&conf, NULL, NULL, false, NULL, NULL));
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/api", port);
	conf_override(conf, SET_TARGET, xstrdup(url), "--target");
	conf_override(conf, SET_COUNTRY, "IN", "--country");
	return conf;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct server server = {.answer = answer};
	static struct conf *conf;
	struct store *store;
	struct err err = {0};
	int rc;

	if (!conf) {
		server_start(&server);
		conf = make_conf(server.port);
	}
	if (size == 0)
		return 0;
	server.data = data + 1;
	server.size = size - 1;
	must(!store_open(&store, conf, STORE_WRITE, 5, NULL));
	rc = ask(store, data[0], &err);
	if (rc)
		must_refuse(rc, &err);
	store_close(store);
	server_settle(&server);
	return 0;
}
