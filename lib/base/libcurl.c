#include "base/libcurl.h"

#include <bsd/string.h>
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/mem.h"

#define LIBCURL "libcurl.so.4"
#define HEADERS_MAX (256u << 10)
#define POLL_MS 100 /* how late a signal may be noticed */
#define READ_TRIES 3

/* What is used of libcurl, looked up when it is loaded. */
#define FUNCTIONS(X)                                                                                          \
	X(global_init) X(global_cleanup) X(easy_init) X(easy_cleanup) X(easy_setopt) X(easy_getinfo)          \
	X(easy_perform) X(easy_strerror) X(easy_header) X(multi_init) X(multi_cleanup) X(multi_setopt)        \
	X(multi_add_handle) X(multi_remove_handle) X(multi_perform) X(multi_poll) X(multi_info_read)          \
	X(multi_strerror) X(slist_append) X(slist_free_all)

struct libcurl {
	void *library;
	CURLM *multi;
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

static int load(struct libcurl *curl, struct err *err)
{
	/* It stays loaded: TLS libraries leave exit handlers behind. */
	curl->library = dlopen(LIBCURL, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!curl->library) {
		err_set(err, ERR_TARGET, "libcurl, which is needed here, cannot be loaded: %s", dlerror());
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

int libcurl_open(struct libcurl **out, unsigned connections, struct err *err)
{
	struct libcurl *curl = xcalloc(1, sizeof(*curl));
	int rc = load(curl, err);

	if (!rc) {
		curl->multi = curl->multi_init();
		if (!curl->multi)
			rc = err_set(err, ERR_FAILED, "libcurl cannot be initialised");
	}
	*out = rc ? NULL : curl;
	if (rc) {
		libcurl_close(curl);
		return rc;
	}
	curl->multi_setopt(curl->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)connections);
	curl->multi_setopt(curl->multi, CURLMOPT_MAXCONNECTS, (long)connections);
	return 0;
}

void libcurl_close(struct libcurl *curl)
{
	if (!curl)
		return;
	if (curl->multi)
		curl->multi_cleanup(curl->multi);
	unload(curl);
	free(curl);
}

/* What libcurl calls as the answer comes; size is always 1. */

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	(void)size;
	if (n > t->body_max - t->body.len) {
		t->end = TRANSFER_TOO_LARGE;
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
		t->end = TRANSFER_TOO_LARGE;
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

#define SET(option, value)                                                                                    \
	do {                                                                                                  \
		CURLcode code = curl->easy_setopt(easy, option, value);                                       \
		if (code != CURLE_OK)                                                                         \
			return code;                                                                          \
	} while (0)

/* What holds for every server. Returns the first fault. */
static CURLcode set_safety(const struct libcurl *curl, CURL *easy, const char *protocol, const char *ca_file)
{
	SET(CURLOPT_PROTOCOLS_STR, protocol);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (ca_file) {
		SET(CURLOPT_CAINFO, ca_file);
		SET(CURLOPT_CAPATH, NULL); /* else the system's authorities would still be trusted beside it */
	}
	return CURLE_OK;
}

/* What never changes from one request to the next. */
static CURLcode set_rules(struct transfer *t, const struct libcurl *curl)
{
	CURL *easy = t->easy;

	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->body_max);
	SET(CURLOPT_PRIVATE, t);
	SET(CURLOPT_ERRORBUFFER, t->why);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_PREREQFUNCTION, on_sending);
	SET(CURLOPT_PREREQDATA, t);
	return CURLE_OK;
}

static CURLcode set_request(struct transfer *t, const struct libcurl *curl, const struct transfer_request *request)
{
	CURL *easy = t->easy;
	/* A POST without a body says so (Content-Length: 0); GET and DELETE say nothing. */
	bool has_length = request->body || *request->method == 'P';

	SET(CURLOPT_URL, request->url);
	SET(CURLOPT_HTTPGET, 1L);
	if (has_length) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(request->body ? strlen(request->body) : 0));
		SET(CURLOPT_COPYPOSTFIELDS, request->body ? request->body : "");
	}
	SET(CURLOPT_CUSTOMREQUEST, request->method);
	SET(CURLOPT_HTTPHEADER, t->headers);
	SET(CURLOPT_TIMEOUT_MS, request->timeout_s * 1000L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, request->connect_s * 1000L);
	return CURLE_OK;
}

int libcurl_add(struct libcurl *curl, struct transfer **out, const struct transfer_rules *rules, void *arg, struct err *err)
{
	struct transfer *t = xcalloc(1, sizeof(*t));
	CURLcode code;

	*out = t;
	*t = (struct transfer){.curl = curl, .easy = curl->easy_init(), .arg = arg, .body_max = rules->body_max};
	if (!t->easy)
		return err_set(err, ERR_FAILED, "libcurl cannot be initialised");
	code = set_safety(curl, t->easy, rules->is_tls ? "https" : "http", rules->ca_file);
	if (code == CURLE_OK)
		code = set_rules(t, curl);
	if (code != CURLE_OK)
		return err_set(err, ERR_TARGET, "libcurl lacks what a safe connection needs: %s", curl->easy_strerror(code));
	return 0;
}

void libcurl_drop(struct transfer *t)
{
	if (!t)
		return;
	if (t->easy)
		t->curl->easy_cleanup(t->easy);
	libcurl_finish(t);
	buf_release(&t->body);
	free(t);
}

void libcurl_add_header(struct transfer *t, const char *line)
{
	struct curl_slist *list = line ? t->curl->slist_append(t->headers, line) : NULL;

	if (list)
		t->headers = list;
}

void libcurl_finish(struct transfer *t)
{
	for (struct curl_slist *at = t->headers; at; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	if (t->headers)
		t->curl->slist_free_all(t->headers);
	t->headers = NULL;
	/* One that was large is not kept for good. */
	if (t->body.cap > 1u << 20)
		buf_release(&t->body);
}

void libcurl_abandon(struct transfer *t)
{
	t->curl->multi_remove_handle(t->curl->multi, t->easy);
	libcurl_finish(t);
}

int libcurl_start(struct transfer *t, const struct transfer_request *request, struct err *err)
{
	struct libcurl *curl = t->curl;
	CURLcode code;
	int running;

	buf_reset(&t->body);
	t->is_write = request->is_write;
	t->sent = 0;
	t->header_bytes = 0;
	t->headers_ended = false;
	t->end = TRANSFER_ENDED;
	*t->why = '\0';
	code = set_request(t, curl, request);
	if (code == CURLE_OK && curl->multi_add_handle(curl->multi, t->easy) == CURLM_OK) {
		curl->multi_perform(curl->multi, &running); /* what it has to say, libcurl_run is told too */
		return 0;
	}
	libcurl_finish(t);
	return err_set(err, ERR_FAILED, "libcurl cannot prepare a request: %s", curl->easy_strerror(code));
}

static enum transfer_end end_of(CURLcode code)
{
	static const struct {
		CURLcode code;
		enum transfer_end end;
	} ends[] = {
		{CURLE_OK, TRANSFER_ENDED},		      {CURLE_OPERATION_TIMEDOUT, TRANSFER_TIMED_OUT},
		{CURLE_FILESIZE_EXCEEDED, TRANSFER_TOO_LARGE}, {CURLE_ABORTED_BY_CALLBACK, TRANSFER_NO_ANSWER},
		{CURLE_GOT_NOTHING, TRANSFER_CUT},	      {CURLE_PARTIAL_FILE, TRANSFER_CUT},
		{CURLE_RECV_ERROR, TRANSFER_CUT},	      {CURLE_SEND_ERROR, TRANSFER_CUT},
		{CURLE_COULDNT_RESOLVE_HOST, TRANSFER_NO_HOST}, {CURLE_COULDNT_CONNECT, TRANSFER_NO_CONNECTION},
		{CURLE_PEER_FAILED_VERIFICATION, TRANSFER_UNTRUSTED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends[i].code == code)
			return ends[i].end;
	return TRANSFER_FAILED;
}

static void conclude(struct transfer *t, CURLcode code)
{
	long status = 0;

	t->curl->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	t->status = (int)status;
	if (t->end != TRANSFER_TOO_LARGE) /* which our callback found, and libcurl calls a write error */
		t->end = end_of(code);
	if (!*t->why)
		strlcpy(t->why, t->curl->easy_strerror(code), sizeof(t->why));
}

static struct transfer *take_ended(struct libcurl *curl)
{
	struct transfer *t = NULL;
	CURLMsg *message;
	CURLcode code;
	int left;

	do {
		message = curl->multi_info_read(curl->multi, &left);
		if (!message)
			return NULL;
	} while (message->msg != CURLMSG_DONE);
	code = message->data.result; /* gone with the handle's removal */
	curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
	curl->multi_remove_handle(curl->multi, t->easy);
	conclude(t, code);
	return t;
}

int libcurl_run(struct libcurl *curl, struct transfer **out, struct err *err)
{
	int running;
	CURLMcode code = curl->multi_perform(curl->multi, &running);

	*out = take_ended(curl); /* also where that failed */
	if (*out)
		return 0;
	if (code == CURLM_OK)
		code = curl->multi_poll(curl->multi, NULL, 0, POLL_MS, NULL);
	return code == CURLM_OK ? 0 : err_set(err, ERR_FAILED, "libcurl failed: %s", curl->multi_strerror(code));
}

const char *libcurl_header(const struct transfer *t, const char *name)
{
	struct curl_header *header;

	return t->curl->easy_header(t->easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : NULL;
}

const char *libcurl_content_type(const struct transfer *t)
{
	const char *type = NULL;

	t->curl->easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	return type;
}

const char *libcurl_redirect(const struct transfer *t)
{
	const char *to = NULL;

	t->curl->easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to);
	return to;
}

long long libcurl_retry_after_s(const struct transfer *t)
{
	curl_off_t seconds = 0;

	t->curl->easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &seconds);
	return seconds > 0 ? seconds : 0; /* a date that is over comes out negative */
}

/* ---- mail */

/* One message on its way, told by what libcurl shows of the dialogue: which command went out, what was answered. */
struct letter {
	const struct mail_transfer *mail;
	struct mail_end *end;
	size_t at;
	int64_t deadline_ms;
	bool is_over; /* what follows is a farewell */
};

static size_t on_text(char *out, size_t size, size_t n, void *arg)
{
	struct letter *l = arg;
	size_t left = l->mail->len - l->at, len = size * n < left ? size * n : left;

	memcpy(out, l->mail->text + l->at, len);
	l->at += len;
	if (len == 0 && !l->end->was_sent) { /* what follows is the dot */
		l->end->was_sent = true;
		l->deadline_ms = clock_monotonic_ms() + MAIL_ANSWER_S * INT64_C(1000);
	}
	return len;
}

/* "250 text": the last line of a reply. */
static void note_reply(struct mail_end *end, const char *line, size_t len)
{
	if (len < 3 || strspn(line, "0123456789") < 3 || (len > 3 && line[3] == '-'))
		return;
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	end->status = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
	len = len < sizeof(end->why) ? len : sizeof(end->why) - 1;
	memcpy(end->why, line, len);
	end->why[len] = '\0';
}

/* Nothing of this is ever shown: what goes out has the password in it. */
static int on_dialogue(CURL *easy, curl_infotype type, char *data, size_t len, void *arg)
{
	struct letter *l = arg;

	(void)easy;
	if (type == CURLINFO_HEADER_OUT && len >= 4 && memcmp(data, "QUIT", 4) == 0)
		l->is_over = true;
	if (l->is_over)
		return 0;
	if (type == CURLINFO_HEADER_IN)
		note_reply(l->end, data, len);
	if (type == CURLINFO_HEADER_OUT)
		l->end->status = 0;
	if (type == CURLINFO_HEADER_OUT && len >= 8 && memcmp(data, "RCPT TO:", 8) == 0)
		l->end->names_recipient = true;
	return 0;
}

/* Called all the time, at least once a second. Once the end may have gone out, its answer is waited for. */
static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct letter *l = arg;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	if (interrupt_arrived() && !l->end->was_sent)
		l->end->was_interrupted = true;
	return l->end->was_interrupted || clock_monotonic_ms() > l->deadline_ms;
}

static CURLcode set_server(const struct libcurl *curl, CURL *easy, const struct mail_transfer *mail)
{
	SET(CURLOPT_URL, mail->url);
	SET(CURLOPT_USE_SSL, (long)(mail->wants_starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
	SET(CURLOPT_CONNECTTIMEOUT_MS, 10000L);
	SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, 2L * MAIL_ANSWER_S); /* on_progress ends it before */
	if (mail->user) {
		SET(CURLOPT_USERNAME, mail->user);
		SET(CURLOPT_PASSWORD, mail->password);
	}
	return CURLE_OK;
}

static CURLcode set_letter(const struct libcurl *curl, CURL *easy, struct letter *l, struct curl_slist *to, char *why)
{
	SET(CURLOPT_MAIL_FROM, l->mail->from);
	SET(CURLOPT_MAIL_RCPT, to);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, on_text);
	SET(CURLOPT_READDATA, l);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, l);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_DEBUGFUNCTION, on_dialogue);
	SET(CURLOPT_DEBUGDATA, l);
	SET(CURLOPT_VERBOSE, 1L);
	SET(CURLOPT_ERRORBUFFER, why);
	return CURLE_OK;
}
#undef SET

void libcurl_mail(struct libcurl *curl, const struct mail_transfer *mail, struct mail_end *end)
{
	struct letter l = {.mail = mail, .end = end, .deadline_ms = mail->deadline_ms};
	struct curl_slist *to = curl->slist_append(NULL, mail->to);
	CURL *easy = curl->easy_init();
	char why[CURL_ERROR_SIZE] = "";
	CURLcode code = easy && to ? CURLE_OK : CURLE_OUT_OF_MEMORY;

	*end = (struct mail_end){0};
	if (code == CURLE_OK)
		code = set_safety(curl, easy, strncmp(mail->url, "smtps:", 6) == 0 ? "smtps" : "smtp", mail->ca_file);
	if (code == CURLE_OK)
		code = set_server(curl, easy, mail);
	if (code == CURLE_OK)
		code = set_letter(curl, easy, &l, to, why);
	if (code == CURLE_OK)
		code = curl->easy_perform(easy);
	end->is_taken = code == CURLE_OK;
	if (code != CURLE_OK && end->status < 400) {
		end->status = 0;
		strlcpy(end->why, end->was_interrupted ? "interrupted" :
			code == CURLE_ABORTED_BY_CALLBACK ? "it took too long" : *why ? why : curl->easy_strerror(code),
			sizeof(end->why));
	}
	if (easy)
		curl->easy_cleanup(easy);
	curl->slist_free_all(to);
}
