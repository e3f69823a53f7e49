/* The HTTP client against the tests' server and everything that it can do wrong. Run by tests/lib/with-api. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http.h"
#include "base/interrupt.h"
#include "base/mem.h"
#include "base/text.h"

struct fixture {
	const char *dir;
	char key[128], base[128], ca_file[256];
	struct http_client *client;
	const struct http_answer *answer;
	struct err err;
};

/* What a shell command prints, without its last newline. */
__attribute__((format(printf, 2, 3))) static char *output(struct buf *out, const char *fmt, ...)
{
	char command[2048];
	char chunk[4096];
	va_list args;
	FILE *pipe;
	size_t n;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	buf_reset(out);
	while ((n = fread(chunk, 1, sizeof(chunk), pipe)) > 0)
		buf_add(out, chunk, n);
	if (pclose(pipe) != 0)
		fail_msg("failed: %s", command);
	if (out->len && out->data[out->len - 1] == '\n')
		out->data[--out->len] = '\0';
	return out->data;
}

__attribute__((format(printf, 1, 2))) static void shell(const char *fmt, ...)
{
	char command[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

static void switch_on(const struct fixture *f, const char *json)
{
	shell("tests/lib/api switch %s '%s'", f->dir, json);
}

/* How many lines of a log jq selects. */
static long count(const struct fixture *f, const char *log, const char *condition)
{
	struct buf out = {0};
	long n;

	output(&out, "tests/lib/api %s %s | jq -s '[.[] | select(%s)] | length'", log, f->dir, condition);
	n = strtol(out.data, NULL, 10);
	buf_release(&out);
	return n;
}

static void sql(const char *text)
{
	shell("tests/lib/mariadb sql \"$TEST_SERVER\" \"$DIDCTL_TEST_DATABASE\" -e \"%s\"", text);
}

static void find_base(struct fixture *f, const char *listener)
{
	struct buf out = {0};

	snprintf(f->base, sizeof(f->base), "%s", output(&out, "tests/lib/api url %s %s", f->dir, listener));
	buf_release(&out);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct buf out = {0};

	f->dir = getenv("DIDCTL_TEST_API");
	assert_non_null(f->dir);
	snprintf(f->key, sizeof(f->key), "%s", output(&out, "cat %s/key", f->dir));
	snprintf(f->ca_file, sizeof(f->ca_file), "%s/tls/ca.pem", f->dir);
	buf_release(&out);
	find_base(f, "http");
	switch_on(f, "{}");
	shell("tests/lib/api forget %s", f->dir);
	sql("DELETE FROM did_numbers; DELETE FROM organizations;"
	    "INSERT INTO organizations VALUES ('org-a', 'Acme', 'org_acme');"
	    "INSERT INTO did_numbers (id, number) SELECT CONCAT('n', seq), 918065978000 + seq FROM seq_0_to_299");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	http_close(f->client);
	free(f);
	return 0;
}

static void open_with(struct fixture *f, struct http_config config)
{
	config.base = config.base ? config.base : f->base;
	config.key = config.key ? config.key : f->key;
	http_close(f->client);
	f->err = (struct err){0};
	if (http_open(&f->client, &config, &f->err))
		fail_msg("%s", f->err.text);
}

#define OPEN(f, ...) open_with((f), (struct http_config){__VA_ARGS__})

/* One request; what became of it. */
static enum http_fate call(struct fixture *f, const char *method, const char *path, const char *body)
{
	const struct http_request request = {.method = method, .path = path, .body = body, .index = 7};

	if (http_call(f->client, &request, &f->answer, &f->err))
		fail_msg("%s", f->err.text);
	assert_int_equal(f->answer->index, 7);
	assert_int_equal(f->answer->fate == HTTP_ANSWERED, f->answer->err.code == 0);
	assert_null(strstr(f->answer->err.text, f->key));
	return f->answer->fate;
}

static enum http_fate get(struct fixture *f, const char *path)
{
	return call(f, "GET", path, NULL);
}

static void says(const struct fixture *f, int code, const char *text)
{
	if (!strstr(f->answer->err.text, text))
		fail_msg("'%s' is not in: %s", text, f->answer->err.text);
	assert_int_equal(f->answer->err.code, code);
}

static void test_read_and_write(void **state)
{
	struct fixture *f = *state;
	struct buf out = {0};
	static const char assign[] = "{\"org_id\":\"org-a\"}";

	OPEN(f, .jobs = 1);
	assert_int_equal(get(f, "/did-pool/admin/n0"), HTTP_ANSWERED);
	assert_int_equal(f->answer->status, 200);
	assert_true(f->answer->is_json);
	assert_non_null(strstr(f->answer->body, "\"number\":\"918065978000\""));
	assert_int_equal(strlen(f->answer->body), f->answer->len);
	assert_int_equal(call(f, "POST", "/did-pool/admin/n0/assign", assign), HTTP_ANSWERED);
	assert_non_null(strstr(f->answer->body, "\"org_id\":\"org-a\""));
	assert_int_equal(call(f, "PUT", "/did-pool/admin/n0", "{\"region\":\"Goa\"}"), HTTP_ANSWERED);
	assert_int_equal(f->answer->status, 200);
	assert_int_equal(call(f, "POST", "/did-pool/admin/n0/release", NULL), HTTP_ANSWERED);
	assert_int_equal(f->answer->status, 200);
	assert_int_equal(call(f, "DELETE", "/did-pool/admin/n0", NULL), HTTP_ANSWERED);
	assert_int_equal(f->answer->status, 204);
	assert_string_equal(f->answer->body, "");
	assert_int_equal(get(f, "/did-pool/admin/n0"), HTTP_ANSWERED);
	assert_int_equal(f->answer->status, 404);
	/* all on one connection */
	assert_int_equal(count(f, "log", "true"), 6);
	output(&out, "tests/lib/api log %s | jq -r .connection | sort -u | wc -l", f->dir);
	assert_string_equal(out.data, "1");
	buf_release(&out);
}

static void test_idempotency_key_and_etag(void **state)
{
	struct fixture *f = *state;
	struct http_request request = {.method = "POST", .path = "/did-pool/admin/n1/assign",
				       .body = "{\"org_id\":\"org-a\"}", .idempotency_key = "change/1"};

	OPEN(f, .jobs = 0);
	assert_int_equal(http_call(f->client, &request, &f->answer, &f->err), 0);
	assert_int_equal(f->answer->status, 200);
	assert_false(f->answer->was_replayed);
	assert_int_equal(http_call(f->client, &request, &f->answer, &f->err), 0);
	assert_int_equal(f->answer->status, 200);
	assert_true(f->answer->was_replayed);
	request = (struct http_request){.method = "PUT", .path = "/did-pool/admin/n1",
					.body = "{\"region\":\"Goa\"}", .etag = "stale"};
	assert_int_equal(http_call(f->client, &request, &f->answer, &f->err), 0);
	assert_int_equal(f->answer->status, 412);
	assert_int_equal(count(f, "log", ".key == \"change/1\" and .worked"), 1);
}

/* Sends n requests, and marks whose answer came; returns the index that came last. One that is held goes on when it is alone. */
static size_t send_many(struct fixture *f, size_t n, bool *came)
{
	char path[64];
	struct http_request request = {.method = "GET", .path = path};
	size_t last = n, left = n;
	int rc = 1;

	while (rc > 0) {
		for (; request.index < n && http_has_room(f->client); request.index++) {
			snprintf(path, sizeof(path), "/did-pool/admin/n%zu", request.index);
			assert_int_equal(http_send(f->client, &request, &f->err), 0);
		}
		rc = http_next(f->client, &f->answer, &f->err);
		if (rc <= 0)
			break;
		snprintf(path, sizeof(path), "\"id\":\"n%zu\"", f->answer->index);
		assert_int_equal(f->answer->status, 200);
		assert_non_null(strstr(f->answer->body, path));
		last = f->answer->index;
		assert_false(came[last]);
		came[last] = true;
		if (--left == 1)
			switch_on(f, "{}");
	}
	assert_int_equal(rc, 0);
	assert_int_equal(http_in_flight(f->client), 0);
	return last;
}

static void test_many_at_once(void **state)
{
	struct fixture *f = *state;
	struct buf out = {0};
	bool came[300] = {0};

	switch_on(f, "{\"rules\":[{\"path\":\"/n0$\",\"hold\":true}]}");
	OPEN(f, .jobs = 8);
	assert_int_equal(send_many(f, 300, came), 0); /* the first sent comes last: the others did not wait for it */
	for (size_t i = 0; i < 300; i++)
		assert_true(came[i]);
	output(&out, "tests/lib/api log %s | jq -r .connection | sort -u | wc -l", f->dir);
	assert_in_range(strtol(out.data, NULL, 10), 2, 8);
	buf_release(&out);
}

static void test_redirects(void **state)
{
	static const char *const hosts[] = {"127.0.0.1", "127.0.0.2", "localhost", "[::1]", "user@127.0.0.2", "127.1"};
	static const int codes[] = {301, 302, 303, 307, 308};
	struct fixture *f = *state;
	struct buf port = {0};
	char json[256];

	OPEN(f, .jobs = 0);
	output(&port, "cat %s/ports/trap", f->dir);
	for (size_t i = 0; i < ARRAY_SIZE(codes) * ARRAY_SIZE(hosts); i++) {
		snprintf(json, sizeof(json), "{\"rules\":[{\"status\":%d,\"location\":\"http://%s:%s/x\"}]}",
			 codes[i % ARRAY_SIZE(codes)], hosts[i / ARRAY_SIZE(codes)], port.data);
		switch_on(f, json);
		assert_int_equal(i % 2 ? call(f, "POST", "/did-pool/admin/n0/release", NULL) : get(f, "/users"), HTTP_REDIRECTED);
		assert_int_equal(f->answer->status, codes[i % ARRAY_SIZE(codes)]);
		says(f, ERR_TARGET, "redirects");
	}
	assert_int_equal(count(f, "strangers", "true"), 0);
	buf_release(&port);
}

/* An answer may end at any byte of it, with FIN or RST: never is a part taken for the whole. */
static void test_cut_anywhere(void **state)
{
	static const char *const ends[] = {"", ",\"reset\":true"};
	struct fixture *f = *state;
	char json[64];

	OPEN(f, .jobs = 0);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		int at = 0;

		snprintf(json, sizeof(json), "{\"rules\":[{\"cut\":0,\"cut_step\":1%s}]}", ends[i]);
		switch_on(f, json);
		for (; get(f, "/users") == HTTP_LOST; at++)
			says(f, ERR_TARGET, "no whole answer");
		assert_in_range(at, 140, 420);
		assert_string_equal(f->answer->body, "{\"items\":[],\"next\":null}");
	}
}

/* The trap of kept-alive connections: libcurl would send such a write again by itself. */
static void test_lost_write_is_sent_once(void **state)
{
	struct fixture *f = *state;

	OPEN(f, .jobs = 1);
	switch_on(f, "{\"rules\":[{\"method\":\"POST\",\"cut\":0}]}");
	assert_int_equal(get(f, "/users"), HTTP_ANSWERED);
	assert_int_equal(call(f, "POST", "/did-pool/admin/n2/assign", "{\"org_id\":\"org-a\"}"), HTTP_LOST);
	says(f, ERR_UNKNOWN, "no whole answer to a change");
	assert_int_equal(get(f, "/users"), HTTP_ANSWERED);
	assert_int_equal(call(f, "POST", "/did-pool/admin/n2/release", NULL), HTTP_LOST);
	assert_int_equal(get(f, "/did-pool/admin/n2"), HTTP_ANSWERED);
	assert_non_null(strstr(f->answer->body, "\"pool_status\":\"available\""));
	assert_int_equal(count(f, "log", ".method == \"POST\""), 2);
	assert_int_equal(count(f, "log", ".method == \"POST\" and .worked"), 2);
}

/* A read is nobody's loss: it may be sent again on a new connection. */
static void test_lost_read_is_sent_again(void **state)
{
	struct fixture *f = *state;

	OPEN(f, .jobs = 1);
	switch_on(f, "{\"rules\":[{\"skip\":1,\"times\":1,\"drop\":true}]}");
	assert_int_equal(get(f, "/users"), HTTP_ANSWERED);
	assert_int_equal(get(f, "/users"), HTTP_ANSWERED);
	assert_int_equal(count(f, "log", "true"), 3);
}

static void test_never_sent(void **state)
{
	struct fixture *f = *state;

	OPEN(f, .base = "http://127.0.0.1:9/api/v1");
	assert_int_equal(call(f, "POST", "/did-pool/admin/n2/release", NULL), HTTP_NOT_SENT);
	says(f, ERR_TARGET, "'http://127.0.0.1:9' cannot be reached");
	OPEN(f, .base = "https://nowhere.invalid/api/v1");
	assert_int_equal(call(f, "POST", "/did-pool/admin/n2/release", NULL), HTTP_NOT_SENT);
	says(f, ERR_TARGET, "cannot be reached");
	/* a server that speaks no TLS */
	f->base[0] = '\0';
	find_base(f, "http");
	memmove(f->base + 5, f->base + 4, strlen(f->base + 4) + 1);
	f->base[4] = 's';
	OPEN(f, .jobs = 0);
	assert_int_equal(call(f, "POST", "/did-pool/admin/n2/release", NULL), HTTP_NOT_SENT);
	assert_int_equal(count(f, "log", "true"), 0);
}

static void test_certificates(void **state)
{
	static const char *const bad[] = {"expired", "self-signed", "other-host", "good"};
	static const char *const reasons[] = {"expired", "self-signed", "no alternative certificate subject name matches",
					      "certificate"};
	struct fixture *f = *state;

	find_base(f, "good");
	OPEN(f, .ca_file = f->ca_file);
	assert_int_equal(get(f, "/users"), HTTP_ANSWERED);
	assert_int_equal(count(f, "log", "true"), 1);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		find_base(f, bad[i]);
		OPEN(f, .ca_file = i < 3 ? f->ca_file : NULL); /* the last one: good, but by an authority nobody knows */
		assert_int_equal(call(f, "POST", "/did-pool/admin/n2/release", NULL), HTTP_NOT_SENT);
		says(f, ERR_TARGET, reasons[i]);
	}
	OPEN(f, .ca_file = "/nowhere/ca.pem");
	assert_int_equal(get(f, "/users"), HTTP_NOT_SENT);
	says(f, ERR_TARGET, "/nowhere/ca.pem");
	assert_int_equal(count(f, "log", "true"), 1);
}

static void test_too_much_and_too_slow(void **state)
{
	static const char *const slow[] = {"\"delay_ms\":60000", "\"after_ms\":60000",
					   "\"drip\":{\"bytes\":1,\"every_ms\":50}"};
	struct fixture *f = *state;
	char json[128];

	OPEN(f, .timeout_s = 60);
	switch_on(f, "{\"rules\":[{\"text\":\"endless\"}]}");
	assert_int_equal(get(f, "/users"), HTTP_LOST);
	says(f, ERR_TARGET, "longer than didctl takes");
	OPEN(f, .timeout_s = 2); /* in which it has to get the request, too */
	for (size_t i = 0; i < ARRAY_SIZE(slow); i++) {
		int64_t began;

		snprintf(json, sizeof(json), "{\"rules\":[{%s}]}", slow[i]);
		switch_on(f, json);
		began = clock_monotonic_ms();
		assert_int_equal(call(f, "POST", "/admin/regenerate-gateway", NULL), HTTP_LOST);
		assert_true(clock_monotonic_ms() - began < 30000);
		says(f, ERR_UNKNOWN, "it took too long");
		assert_non_null(strstr(f->answer->err.hint, "--timeout"));
	}
}

static void test_lengths(void **state)
{
	struct fixture *f = *state;

	OPEN(f, .jobs = 0);
	switch_on(f, "{\"rules\":[{\"length\":10}]}");
	assert_int_equal(call(f, "POST", "/admin/regenerate-gateway", NULL), HTTP_LOST);
	switch_on(f, "{\"rules\":[{\"length\":-10}]}");
	assert_int_equal(get(f, "/users"), HTTP_ANSWERED); /* whole as the server counts; JSON says that it is not */
	assert_int_equal(f->answer->len, 14);
	switch_on(f, "{}");
	assert_int_equal(get(f, "/users"), HTTP_ANSWERED); /* what was left over is not taken for an answer */
	assert_int_equal(f->answer->len, 24);
}

static void test_retry_after(void **state)
{
	struct fixture *f = *state;

	OPEN(f, .jobs = 0);
	switch_on(f, "{\"rules\":[{\"status\":503,\"retry_after\":3,\"times\":1},{\"status\":429,\"body\":\"html\"}]}");
	assert_int_equal(get(f, "/users"), HTTP_ANSWERED);
	assert_int_equal(f->answer->status, 503);
	assert_int_equal(f->answer->retry_after_s, 3);
	assert_true(f->answer->is_json);
	assert_int_equal(get(f, "/users"), HTTP_ANSWERED);
	assert_int_equal(f->answer->status, 429);
	assert_int_equal(f->answer->retry_after_s, 0);
	assert_false(f->answer->is_json);
}

/* Nothing of the environment decides where a request goes, or what goes with it. */
static void test_environment(void **state)
{
	struct fixture *f = *state;
	struct buf trap = {0};
	char base[64], proxy[64];

	output(&trap, "cat %s/ports/trap", f->dir);
	snprintf(proxy, sizeof(proxy), "http://127.0.0.2:%s", trap.data);
	setenv("http_proxy", proxy, 1);
	setenv("ALL_PROXY", proxy, 1);
	shell("echo 'default login user password geheim' >%s/.netrc && chmod 600 %s/.netrc", f->dir, f->dir);
	setenv("HOME", f->dir, 1);
	OPEN(f, .jobs = 0);
	assert_int_equal(get(f, "/users"), HTTP_ANSWERED);
	assert_int_equal(count(f, "strangers", "true"), 0);
	snprintf(base, sizeof(base), "http://127.0.0.1:%s/x", trap.data);
	OPEN(f, .base = base);
	assert_int_equal(get(f, "/users?limit=2"), HTTP_ANSWERED);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	assert_int_equal(count(f, "strangers", ".path == \"/x/users?limit=2\""), 1);
	assert_int_equal(count(f, "strangers", "(.headers | keys | join(\" \")) == \"accept host user-agent x-internal-key\""), 1);
	buf_release(&trap);
}

static void test_bad_keys_and_addresses(void **state)
{
	static const char *const keys[] = {"", "geheim\r\nX-Evil: 1", "geheim\n", "ge heim", "geheim\x7f", "gehe\xc3\xafm"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct http_config config = {.base = f->base, .key = keys[i]};

		assert_int_equal(http_open(&f->client, &config, &f->err), ERR_TARGET);
		assert_null(f->client);
		assert_null(strstr(f->err.text, "geheim"));
	}
	assert_int_equal(http_open(&f->client, &(struct http_config){.base = "http://192.0.2.1/"}, &f->err), ERR_TARGET);
}

/* In a child, because a signal that has come stays: a read is broken off, a write is waited for. */
static int interrupted(struct fixture *f, const char *method, const char *path)
{
	const struct http_request request = {.method = method, .path = path};
	int rc;

	interrupt_install();
	OPEN(f, .jobs = 0);
	raise(SIGTERM);
	rc = http_call(f->client, &request, &f->answer, &f->err);
	if (!rc && f->answer->status != 200)
		rc = ERR_FAILED;
	return -rc;
}

static void test_signals(void **state)
{
	static const char *const methods[] = {"GET", "POST"};
	static const char *const paths[] = {"/users", "/admin/regenerate-gateway"};
	static const int codes[] = {-ERR_INTERRUPTED, 0};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0)
			_exit(interrupted(f, methods[i], paths[i]));
		waitpid(pid, &status, 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), codes[i]);
	}
}

static void test_escape(void **state)
{
	struct buf out = {0};

	(void)state;
	http_escape(&out, "a-b_c.d~9+ /&=%\xc3\xa9\n");
	assert_string_equal(out.data, "a-b_c.d~9%2B%20%2F%26%3D%25%C3%A9%0A");
	buf_release(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_read_and_write),
		TEST(test_idempotency_key_and_etag),
		TEST(test_many_at_once),
		TEST(test_redirects),
		TEST(test_cut_anywhere),
		TEST(test_lost_write_is_sent_once),
		TEST(test_lost_read_is_sent_again),
		TEST(test_never_sent),
		TEST(test_certificates),
		TEST(test_too_much_and_too_slow),
		TEST(test_lengths),
		TEST(test_retry_after),
		TEST(test_environment),
		TEST(test_bad_keys_and_addresses),
		TEST(test_signals),
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
