#include "base/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/interrupt.h"
#include "base/libcurl.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/url.h"

#define CONNECT_MAX_S 10
#define DEFAULT_TIMEOUT_S 10
#define DEFAULT_JOBS 8

/* A place for one request. */
struct place {
	struct http_client *client;
	struct transfer *transfer;
	bool is_busy, is_write;
	struct http_answer answer;
};

struct http_client {
	struct libcurl *curl;
	struct url url;
	char *base, *ca_file;
	char *key_header;
	const char *key; /* in it, or NULL */
	struct place *places; /* jobs and one more: the answer that was given out last */
	unsigned jobs;
	size_t in_flight;
	struct place *given;
	int timeout_s;
};

static void add_field(struct place *p, const char *name, const char *quote, const char *value)
{
	struct buf text = {0};

	if (!value)
		return;
	buf_printf(&text, "%s: %s%s%s", name, quote, value, quote);
	libcurl_add_header(p->transfer, buf_str(&text));
	buf_release(&text);
}

static void set_headers(struct place *p, const struct http_request *request)
{
	libcurl_add_header(p->transfer, p->client->key_header);
	libcurl_add_header(p->transfer, "Accept: application/json");
	libcurl_add_header(p->transfer, "User-Agent: didctl");
	libcurl_add_header(p->transfer, "Expect:");
	libcurl_add_header(p->transfer, request->body ? "Content-Type: application/json" : "Content-Type:");
	add_field(p, "Idempotency-Key", "", request->idempotency_key);
	add_field(p, "If-Match", "\"", request->etag);
}

static void give_back(struct place *p)
{
	if (!p)
		return;
	libcurl_finish(p->transfer);
	p->is_busy = false;
}

static int prepare(struct http_client *client, struct err *err)
{
	struct transfer_rules rules = {client->url.is_tls, client->ca_file, HTTP_BODY_MAX};
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i <= client->jobs; i++) {
		client->places[i].client = client;
		rc = libcurl_add(client->curl, &client->places[i].transfer, &rules, &client->places[i], err);
	}
	return rc;
}

/* One line of visible characters, or it would begin another header. Never shown. */
static int set_key(struct http_client *client, const char *key, struct err *err)
{
	struct buf header = {0};

	if (!key)
		return 0;
	if (!*key)
		return err_set(err, ERR_TARGET, "the API key is empty");
	for (const char *p = key; *p; p++)
		if (*p <= ' ' || *p > '~')
			return err_set(err, ERR_TARGET,
				       "the API key has a character that cannot be sent: only visible ASCII can");
	buf_printf(&header, "X-Internal-Key: %s", key);
	client->key_header = header.data;
	client->key = strchr(client->key_header, ' ') + 1;
	return 0;
}

static int set_up(struct http_client *client, const struct http_config *config, struct err *err)
{
	int rc = url_parse(&client->url, client->base, err);

	if (!rc)
		rc = set_key(client, config->key, err);
	if (!rc)
		rc = libcurl_open(&client->curl, client->jobs, err);
	return rc ? rc : prepare(client, err);
}

int http_open(struct http_client **out, const struct http_config *config, struct err *err)
{
	struct http_client *client = xcalloc(1, sizeof(*client));
	int rc;

	client->base = xstrdup(config->base);
	client->ca_file = config->ca_file ? xstrdup(config->ca_file) : NULL;
	client->jobs = config->jobs ? config->jobs : DEFAULT_JOBS;
	if (client->jobs > HTTP_JOBS_MAX)
		client->jobs = HTTP_JOBS_MAX;
	client->places = xcalloc(client->jobs + 1, sizeof(*client->places));
	http_set_timeout(client, config->timeout_s);
	rc = set_up(client, config, err);
	*out = rc ? NULL : client;
	if (rc)
		http_close(client);
	return rc;
}

void http_close(struct http_client *client)
{
	if (!client)
		return;
	http_abandon(client);
	for (unsigned i = 0; i <= client->jobs; i++)
		libcurl_drop(client->places[i].transfer);
	libcurl_close(client->curl);
	if (client->key_header)
		explicit_bzero(client->key_header, strlen(client->key_header));
	free(client->key_header);
	free(client->places);
	free(client->base);
	free(client->ca_file);
	free(client);
}

void http_set_timeout(struct http_client *client, int timeout_s)
{
	client->timeout_s = timeout_s > 0 ? timeout_s : DEFAULT_TIMEOUT_S;
}

bool http_has_room(const struct http_client *client)
{
	return client->in_flight < client->jobs;
}

size_t http_in_flight(const struct http_client *client)
{
	return client->in_flight;
}

static struct place *free_place(struct http_client *client)
{
	struct place *p = client->places;

	while (p->is_busy)
		p++;
	return p;
}

/* How much of the base names scheme, host and port. */
static int origin_len(const struct http_client *client)
{
	return (int)(client->url.base - client->base);
}

int http_send(struct http_client *client, const struct http_request *request, struct err *err)
{
	struct place *p = free_place(client);
	struct buf url = {0};
	struct transfer_request sent = {.method = request->method, .body = request->body};
	int rc;

	p->is_write = sent.is_write = strcmp(request->method, "GET") != 0;
	p->answer = (struct http_answer){.index = request->index};
	sent.timeout_s = client->timeout_s;
	sent.connect_s = client->timeout_s < CONNECT_MAX_S ? client->timeout_s : CONNECT_MAX_S;
	buf_printf(&url, "%.*s%s", origin_len(client) + client->url.base_len, client->base, request->path);
	sent.url = buf_str(&url);
	set_headers(p, request);
	rc = libcurl_start(p->transfer, &sent, err);
	buf_release(&url);
	p->is_busy = !rc;
	client->in_flight += !rc;
	return rc;
}

/* What went wrong, in the words of libcurl, of which a part may be the server's. */
static const char *reason(const struct transfer *t, struct buf *shown)
{
	static const char *const reasons[] = {
		[TRANSFER_ENDED] = "the answer ends among its headers",
		[TRANSFER_TIMED_OUT] = "it took too long",
		[TRANSFER_NO_ANSWER] = "the connection was closed without an answer",
		[TRANSFER_TOO_LARGE] = "the answer is longer than didctl takes",
		[TRANSFER_FAILED] = NULL,
	};

	if (reasons[t->end])
		return reasons[t->end];
	text_escape(shown, t->why, strlen(t->why), 0);
	return buf_str(shown);
}

static void hint_lost(const struct http_client *client, enum transfer_end end, struct err *err)
{
	static const char *const hints[] = {
		[TRANSFER_NO_HOST] = "check the name of the host in the target",
		[TRANSFER_NO_CONNECTION] = "is the API running, and is this its host and port?",
		[TRANSFER_UNTRUSTED] = "the target must name the host as its certificate does, ca-file the authority that signed it;"
				       " one that has expired is renewed on that host",
		[TRANSFER_FAILED] = NULL,
	};

	if (end == TRANSFER_TIMED_OUT)
		err_hint(err, "--timeout SECONDS, now %d", client->timeout_s);
	else if (hints[end])
		err_hint(err, "%s", hints[end]);
}

static void set_lost(struct place *p)
{
	const struct transfer *t = p->transfer;
	struct http_answer *a = &p->answer;
	int origin = origin_len(p->client);
	const char *base = p->client->base;
	struct buf shown = {0};
	const char *why = reason(t, &shown);

	a->fate = t->sent ? HTTP_LOST : HTTP_NOT_SENT;
	a->status = 0;
	a->was_cut = t->sent && (t->end == TRANSFER_ENDED || t->end == TRANSFER_CUT || t->end == TRANSFER_NO_ANSWER);
	if (!t->sent)
		err_set(&a->err, ERR_TARGET, "the API at '%.*s' cannot be reached: %s", origin, base, why);
	else if (!p->is_write)
		err_set(&a->err, ERR_TARGET, "the API at '%.*s' gave no whole answer: %s", origin, base, why);
	else
		err_set(&a->err, ERR_UNKNOWN, "the API at '%.*s' gave no whole answer to a change: %s", origin, base,
			why);
	hint_lost(p->client, t->end, &a->err);
	buf_release(&shown);
}

static void set_redirected(struct place *p)
{
	const char *to = libcurl_redirect(p->transfer);
	struct buf quoted = {0};

	p->answer.fate = HTTP_REDIRECTED;
	if (to && *to) {
		buf_puts(&quoted, "to '");
		http_quote(p->client, &quoted, to);
		buf_puts(&quoted, "': the key does not go there");
	} else { /* as 304 and 300 may */
		buf_puts(&quoted, "and does not say where to");
	}
	err_set(&p->answer.err, ERR_TARGET, "the API at '%.*s' redirects (%d) %s", origin_len(p->client), p->client->base,
		p->answer.status, buf_str(&quoted));
	err_hint(&p->answer.err, "check the host and the path of the target");
	buf_release(&quoted);
}

static void set_answered(struct place *p)
{
	static const char json[] = "application/json";
	const char *type = libcurl_content_type(p->transfer);
	const char *replayed = libcurl_header(p->transfer, "Idempotency-Replayed");
	struct http_answer *a = &p->answer;

	a->is_json = type && strncasecmp(type, json, strlen(json)) == 0 && strchr("; \t", type[strlen(json)]);
	a->retry_after_s = libcurl_retry_after_s(p->transfer);
	a->was_replayed = replayed && strcmp(replayed, "true") == 0;
	a->fate = HTTP_ANSWERED;
}

static void conclude(struct place *p)
{
	const struct transfer *t = p->transfer;
	struct http_answer *a = &p->answer;

	a->status = t->status;
	a->body = buf_str(&t->body);
	a->len = t->body.len;
	if (t->sent && t->headers_ended && t->status >= 300 && t->status < 400)
		set_redirected(p);
	else if (t->end != TRANSFER_ENDED || !t->headers_ended || t->status < 200 || t->status > 599)
		set_lost(p);
	else
		set_answered(p);
}

static bool is_writing(const struct http_client *client)
{
	for (unsigned i = 0; i <= client->jobs; i++)
		if (client->places[i].is_busy && client->places[i].is_write)
			return true;
	return false;
}

int http_next(struct http_client *client, const struct http_answer **out, struct err *err)
{
	struct transfer *ended;
	int rc;

	give_back(client->given);
	client->given = NULL;
	*out = NULL;
	while (client->in_flight) {
		if (interrupt_pending() && !is_writing(client))
			return err_set(err, ERR_INTERRUPTED, "interrupted");
		rc = libcurl_run(client->curl, &ended, err);
		if (rc < 0)
			return rc;
		if (!ended)
			continue;
		client->in_flight--;
		client->given = ended->arg;
		conclude(client->given);
		*out = &client->given->answer;
		return 1;
	}
	return 0;
}

void http_abandon(struct http_client *client)
{
	for (unsigned i = 0; i <= client->jobs; i++) {
		struct place *p = &client->places[i];

		if (!p->is_busy || p == client->given)
			continue;
		libcurl_abandon(p->transfer);
		p->is_busy = false;
	}
	client->in_flight = 0;
}

int http_call(struct http_client *client, const struct http_request *request, const struct http_answer **out,
	      struct err *err)
{
	int rc = http_send(client, request, err);

	if (!rc)
		rc = http_next(client, out, err);
	return rc < 0 ? rc : 0;
}

void http_escape(struct buf *out, const char *s)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *s; s++) {
		if (strchr(unreserved, *s))
			buf_putc(out, *s);
		else
			buf_printf(out, "%%%02X", (unsigned char)*s);
	}
}

void http_quote(const struct http_client *client, struct buf *out, const char *words)
{
	size_t len = client->key ? strlen(client->key) : 0;
	char *copy = xstrndup(words, strnlen(words, HTTP_QUOTED + len)); /* a key that begins in time is in it whole */

	for (char *at = copy; client->key && (at = strstr(at, client->key)); at += len)
		memset(at, '*', len);
	text_escape(out, copy, strlen(copy), HTTP_QUOTED);
	free(copy);
}
