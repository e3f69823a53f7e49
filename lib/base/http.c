#include "base/http.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/interrupt.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/url.h"

#define LIBCURL "libcurl.so.4"
#define CONNECT_MAX_S 10
#define DEFAULT_TIMEOUT_S 10
#define DEFAULT_JOBS 8
#define HEADERS_MAX (256u << 10)
#define POLL_MS 100 /* how late a signal may be noticed */
#define READ_TRIES 3

/* What is used of libcurl, looked up when it is loaded. */
#define FUNCTIONS(X)                                                                                          \
	X(global_init) X(global_cleanup) X(easy_init) X(easy_cleanup) X(easy_setopt) X(easy_getinfo)          \
	X(easy_strerror) X(easy_header) X(multi_init) X(multi_cleanup) X(multi_setopt) X(multi_add_handle)    \
	X(multi_remove_handle) X(multi_perform) X(multi_poll) X(multi_info_read) X(multi_strerror)            \
	X(slist_append) X(slist_free_all)

struct libcurl {
	void *library;
#define MEMBER(name) __typeof__(curl_##name) *name;
	FUNCTIONS(MEMBER)
#undef MEMBER
};

static const struct {
	const char *name;
	size_t offset;
} symbols[] = {
#define SYMBOL(name) {"curl_" #name, offsetof(struct libcurl, name)},
	FUNCTIONS(SYMBOL)
#undef SYMBOL
};

/* A place for one request; its connection is libcurl's affair. */
struct transfer {
	CURL *easy;
	struct http_client *client;
	struct curl_slist *headers;
	bool is_busy, is_write;
	unsigned sent;	    /* how often libcurl began to send it */
	size_t header_bytes;
	bool headers_ended; /* else the answer was cut among its headers, which libcurl takes for a short one */
	bool is_too_large;
	struct buf body;
	char error[CURL_ERROR_SIZE];
	struct http_answer answer;
};

struct http_client {
	struct libcurl curl;
	CURLM *multi;
	struct url url;
	char *base, *ca_file;
	char *key_header;
	struct transfer *transfers; /* jobs and one more: the answer that was given out last */
	unsigned jobs;
	size_t in_flight;
	struct transfer *given;
	int timeout_s;
};

static int load(struct libcurl *curl, struct err *err)
{
	/* It stays loaded: TLS libraries leave exit handlers behind. */
	curl->library = dlopen(LIBCURL, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!curl->library) {
		err_set(err, ERR_TARGET, "an API is reached through libcurl, which cannot be loaded: %s", dlerror());
		err_hint(err, "apt-get install libcurl4");
		return ERR_TARGET;
	}
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		void *function = dlsym(curl->library, symbols[i].name);

		if (!function)
			return err_set(err, ERR_TARGET, "libcurl is too old: it has no %s", symbols[i].name);
		memcpy((char *)curl + symbols[i].offset, &function, sizeof(function));
	}
	if (curl->global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		return 0;
	curl->global_init = NULL;
	return err_set(err, ERR_FAILED, "libcurl cannot be initialised");
}

static void unload(struct libcurl *curl)
{
	if (curl->global_init && curl->global_cleanup)
		curl->global_cleanup();
	if (curl->library)
		dlclose(curl->library);
}

/* What libcurl calls as the answer comes; size is always 1. */

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	(void)size;
	if (n > HTTP_BODY_MAX - t->body.len) {
		t->is_too_large = true;
		return 0;
	}
	buf_add(&t->body, data, n);
	return n;
}

/* Line by line; an empty one ends them, and an interim answer (1xx) has its own. */
static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	(void)size;
	t->header_bytes += n;
	if (t->header_bytes > HEADERS_MAX) {
		t->is_too_large = true;
		return 0;
	}
	if (n >= 5 && memcmp(data, "HTTP/", 5) == 0)
		t->headers_ended = false;
	else if (*data == '\r' || *data == '\n')
		t->headers_ended = true;
	return n;
}

/*
 * Connected, and nothing of the request sent so far. libcurl sends again by itself when a kept-alive connection dies
 * before the answer begins; the first one may have been obeyed, so for a write that is the caller's to decide.
 */
static int on_sending(void *arg, char *to, char *from, int to_port, int from_port)
{
	struct transfer *t = arg;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	return t->sent++ < (t->is_write ? 1 : READ_TRIES) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* What never changes from one request to the next. Returns the first fault. */
#define SET(option, value)                                                                                    \
	do {                                                                                                  \
		CURLcode code = curl->easy_setopt(t->easy, option, value);                                    \
		if (code != CURLE_OK)                                                                         \
			return code;                                                                          \
	} while (0)

static CURLcode set_rules(struct transfer *t, const struct libcurl *curl, const struct http_client *client)
{
	SET(CURLOPT_PROTOCOLS_STR, client->url.is_tls ? "https" : "http");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (client->ca_file) {
		SET(CURLOPT_CAINFO, client->ca_file);
		SET(CURLOPT_CAPATH, NULL); /* else the system's authorities would still be trusted beside it */
	}
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)HTTP_BODY_MAX);
	return CURLE_OK;
}

static CURLcode set_callbacks(struct transfer *t, const struct libcurl *curl)
{
	SET(CURLOPT_PRIVATE, t);
	SET(CURLOPT_ERRORBUFFER, t->error);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_PREREQFUNCTION, on_sending);
	SET(CURLOPT_PREREQDATA, t);
	return CURLE_OK;
}

static void add_header(struct transfer *t, const char *text)
{
	struct curl_slist *list = t->client->curl.slist_append(t->headers, text);

	if (list)
		t->headers = list;
}

static void add_field(struct transfer *t, const char *name, const char *quote, const char *value)
{
	struct buf text = {0};

	if (!value)
		return;
	buf_printf(&text, "%s: %s%s%s", name, quote, value, quote);
	add_header(t, buf_str(&text));
	buf_release(&text);
}

static void set_headers(struct transfer *t, const struct http_request *request)
{
	if (t->client->key_header)
		add_header(t, t->client->key_header);
	add_header(t, "Accept: application/json");
	add_header(t, "User-Agent: didctl");
	add_header(t, "Expect:");
	add_header(t, request->body ? "Content-Type: application/json" : "Content-Type:");
	add_field(t, "Idempotency-Key", "", request->idempotency_key);
	add_field(t, "If-Match", "\"", request->etag);
}

static CURLcode set_request(struct transfer *t, const struct libcurl *curl, const struct http_request *request,
			    const char *url)
{
	long timeout = t->client->timeout_s;
	/* A POST without a body says so (Content-Length: 0); GET and DELETE say nothing. */
	bool has_length = request->body || *request->method == 'P';

	set_headers(t, request);
	SET(CURLOPT_URL, url);
	SET(CURLOPT_HTTPGET, 1L);
	if (has_length) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(request->body ? strlen(request->body) : 0));
		SET(CURLOPT_COPYPOSTFIELDS, request->body ? request->body : "");
	}
	SET(CURLOPT_CUSTOMREQUEST, request->method);
	SET(CURLOPT_HTTPHEADER, t->headers);
	SET(CURLOPT_TIMEOUT_MS, timeout * 1000);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (timeout < CONNECT_MAX_S ? timeout : CONNECT_MAX_S) * 1000);
	return CURLE_OK;
}
#undef SET

/* The key is in one of them. */
static void wipe_headers(struct transfer *t)
{
	for (struct curl_slist *at = t->headers; at; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	if (t->headers)
		t->client->curl.slist_free_all(t->headers);
	t->headers = NULL;
}

static void give_back(struct transfer *t)
{
	if (!t)
		return;
	wipe_headers(t);
	/* One that was large is not kept for good. */
	if (t->body.cap > 1u << 20)
		buf_release(&t->body);
	t->is_busy = false;
}

static int prepare(struct http_client *client, struct err *err)
{
	for (unsigned i = 0; i <= client->jobs; i++) {
		struct transfer *t = &client->transfers[i];
		CURLcode code;

		t->client = client;
		t->easy = client->curl.easy_init();
		if (!t->easy)
			return err_set(err, ERR_FAILED, "libcurl cannot be initialised");
		code = set_rules(t, &client->curl, client);
		if (code == CURLE_OK)
			code = set_callbacks(t, &client->curl);
		if (code != CURLE_OK)
			return err_set(err, ERR_TARGET, "libcurl lacks what a safe connection needs: %s",
				       client->curl.easy_strerror(code));
	}
	return 0;
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
	return 0;
}

static int set_up(struct http_client *client, const struct http_config *config, struct err *err)
{
	int rc = url_parse(&client->url, client->base, err);

	if (!rc)
		rc = set_key(client, config->key, err);
	if (!rc)
		rc = load(&client->curl, err);
	if (rc)
		return rc;
	client->multi = client->curl.multi_init();
	if (!client->multi)
		return err_set(err, ERR_FAILED, "libcurl cannot be initialised");
	client->curl.multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)client->jobs);
	client->curl.multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)client->jobs);
	return prepare(client, err);
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
	client->transfers = xcalloc(client->jobs + 1, sizeof(*client->transfers));
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
	for (unsigned i = 0; i <= client->jobs; i++) {
		struct transfer *t = &client->transfers[i];

		if (t->is_busy && t != client->given)
			client->curl.multi_remove_handle(client->multi, t->easy);
		if (t->easy)
			client->curl.easy_cleanup(t->easy);
		wipe_headers(t);
		buf_release(&t->body);
	}
	if (client->multi)
		client->curl.multi_cleanup(client->multi);
	unload(&client->curl);
	if (client->key_header)
		explicit_bzero(client->key_header, strlen(client->key_header));
	free(client->key_header);
	free(client->transfers);
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

static struct transfer *free_transfer(struct http_client *client)
{
	struct transfer *t = client->transfers;

	while (t->is_busy)
		t++;
	return t;
}

/* How much of the base names scheme, host and port. */
static int origin_len(const struct http_client *client)
{
	return (int)(client->url.base - client->base);
}

static void start_afresh(struct transfer *t, const struct http_request *request)
{
	buf_reset(&t->body);
	t->is_write = strcmp(request->method, "GET") != 0;
	t->sent = 0;
	t->header_bytes = 0;
	t->headers_ended = t->is_too_large = false;
	*t->error = '\0';
	t->answer = (struct http_answer){.index = request->index};
}

int http_send(struct http_client *client, const struct http_request *request, struct err *err)
{
	struct transfer *t = free_transfer(client);
	struct buf url = {0};
	CURLcode code;

	start_afresh(t, request);
	buf_printf(&url, "%.*s%s", origin_len(client) + client->url.base_len, client->base, request->path);
	code = set_request(t, &client->curl, request, buf_str(&url));
	buf_release(&url);
	if (code != CURLE_OK || client->curl.multi_add_handle(client->multi, t->easy) != CURLM_OK) {
		wipe_headers(t);
		return err_set(err, ERR_FAILED, "libcurl cannot prepare a request: %s",
			       client->curl.easy_strerror(code));
	}
	t->is_busy = true;
	client->in_flight++;
	return 0;
}

/* What went wrong, in the words of libcurl, of which a part may be the server's. */
static const char *reason(const struct transfer *t, CURLcode code, char shown[TEXT_SHOWN])
{
	const char *text = *t->error ? t->error : t->client->curl.easy_strerror(code);

	if (t->is_too_large || code == CURLE_FILESIZE_EXCEEDED)
		return "the answer is longer than didctl takes";
	if (code == CURLE_OK)
		return "the answer ends among its headers";
	if (code == CURLE_OPERATION_TIMEDOUT)
		return "it took too long";
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return "the connection was closed without an answer";
	return text_show(shown, text, strlen(text));
}

static void set_lost(struct transfer *t, CURLcode code)
{
	struct http_answer *a = &t->answer;
	int origin = origin_len(t->client);
	const char *base = t->client->base;
	char shown[TEXT_SHOWN];
	const char *why = reason(t, code, shown);

	a->fate = t->sent ? HTTP_LOST : HTTP_NOT_SENT;
	a->status = 0;
	if (!t->sent)
		err_set(&a->err, ERR_TARGET, "the API at '%.*s' cannot be reached: %s", origin, base, why);
	else if (!t->is_write)
		err_set(&a->err, ERR_TARGET, "the API at '%.*s' gave no whole answer: %s", origin, base, why);
	else
		err_set(&a->err, ERR_UNKNOWN, "the API at '%.*s' gave no whole answer to a change: %s", origin, base,
			why);
	if (code == CURLE_OPERATION_TIMEDOUT)
		err_hint(&a->err, "--timeout SECONDS, now %d", t->client->timeout_s);
}

static void set_redirected(struct transfer *t)
{
	const char *to = NULL;
	char shown[TEXT_SHOWN];

	t->client->curl.easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to);
	t->answer.fate = HTTP_REDIRECTED;
	text_show(shown, to ? to : "", to ? strlen(to) : 0);
	err_set(&t->answer.err, ERR_TARGET, "the API at '%.*s' redirects (%d) to '%s': the key does not go there",
		origin_len(t->client), t->client->base, t->answer.status, shown);
	err_hint(&t->answer.err, "check the host and the path of the target");
}

static void set_answered(struct transfer *t)
{
	const struct libcurl *curl = &t->client->curl;
	struct http_answer *a = &t->answer;
	static const char json[] = "application/json";
	const char *type = NULL;
	curl_off_t retry_after = 0;
	struct curl_header *header;

	curl->easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	curl->easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after);
	a->is_json = type && strncasecmp(type, json, strlen(json)) == 0 && strchr("; \t", type[strlen(json)]);
	a->retry_after_s = retry_after;
	a->was_replayed = curl->easy_header(t->easy, "Idempotency-Replayed", 0, CURLH_HEADER, -1, &header) == CURLHE_OK &&
			  strcmp(header->value, "true") == 0;
	a->fate = HTTP_ANSWERED;
}

static void conclude(struct transfer *t, CURLcode code)
{
	struct http_answer *a = &t->answer;
	long status = 0;

	t->client->curl.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	a->status = (int)status;
	a->body = buf_str(&t->body);
	a->len = t->body.len;
	if (t->sent && t->headers_ended && status >= 300 && status < 400)
		set_redirected(t);
	else if (code != CURLE_OK || !t->headers_ended || status < 200 || status > 599)
		set_lost(t, code);
	else
		set_answered(t);
}

/* One that has ended, concluded; NULL if none has. */
static struct transfer *take_ended(struct http_client *client)
{
	const struct libcurl *curl = &client->curl;
	struct transfer *t = NULL;
	CURLMsg *message;
	CURLcode code;
	int left;

	do {
		message = curl->multi_info_read(client->multi, &left);
		if (!message)
			return NULL;
	} while (message->msg != CURLMSG_DONE);
	code = message->data.result; /* gone with the handle's removal */
	curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
	curl->multi_remove_handle(client->multi, t->easy);
	conclude(t, code);
	client->in_flight--;
	return t;
}

static bool is_writing(const struct http_client *client)
{
	for (unsigned i = 0; i <= client->jobs; i++)
		if (client->transfers[i].is_busy && client->transfers[i].is_write)
			return true;
	return false;
}

int http_next(struct http_client *client, const struct http_answer **out, struct err *err)
{
	const struct libcurl *curl = &client->curl;
	CURLMcode code = CURLM_OK;
	int running;

	give_back(client->given);
	client->given = NULL;
	*out = NULL;
	while (client->in_flight) {
		if (interrupt_pending() && !is_writing(client))
			return err_set(err, ERR_INTERRUPTED, "interrupted");
		if (code == CURLM_OK)
			code = curl->multi_perform(client->multi, &running);
		client->given = take_ended(client);
		if (client->given) {
			*out = &client->given->answer;
			return 1;
		}
		if (code == CURLM_OK)
			code = curl->multi_poll(client->multi, NULL, 0, POLL_MS, NULL);
		if (code != CURLM_OK)
			return err_set(err, ERR_FAILED, "libcurl failed: %s", curl->multi_strerror(code));
	}
	return 0;
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
