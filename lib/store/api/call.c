/* One request to the API: its path, its answer, and what an answer that is none comes to. */
#include <bsd/stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "store/api/apistore.h"

#define PATIENCE_S 10		/* in which 429 and 503 are asked again, where no --timeout is given */
#define FIRST_PAUSE_MS 250	/* where they do not say how long */
#define LAST_PAUSE_MS 4000
#define CUT_TRIES 3
#define ID_MAX 36

/* The contract's operations: the path is before, the row's id, and after. */
static const struct operation {
	const char *method, *before, *after; /* after: NULL where the path has no id */
	bool is_documented;
	const char *what; /* "does not offer ..." */
} operations[API_OPERATIONS] = {
	[API_LIST_AVAILABLE] = {"GET", "/did-pool/available", NULL, true, "the list of available numbers"},
	[API_LIST_NUMBERS] = {"GET", "/did-pool/admin", NULL, false, "the list of all numbers"},
	[API_GET_NUMBER] = {"GET", "/did-pool/admin/", "", false, "a number by its id"},
	[API_ADD_NUMBER] = {"POST", "/did-pool/admin", NULL, false, "to add a number"},
	[API_EDIT_NUMBER] = {"PUT", "/did-pool/admin/", "", true, "to edit a number"},
	[API_DELETE_NUMBER] = {"DELETE", "/did-pool/admin/", "", false, "to delete a number"},
	[API_REQUEST_NUMBER] = {"POST", "/did-pool/", "/request", true, "to request a number"},
	[API_APPROVE_NUMBER] = {"POST", "/did-pool/admin/", "/approve", true, "to approve a request"},
	[API_REJECT_NUMBER] = {"POST", "/did-pool/admin/", "/reject", true, "to reject a request"},
	[API_ASSIGN_NUMBER] = {"POST", "/did-pool/admin/", "/assign", true, "to assign a number"},
	[API_RELEASE_NUMBER] = {"POST", "/did-pool/admin/", "/release", true, "to release a number"},
	[API_REGENERATE] = {"POST", "/admin/regenerate-gateway", NULL, true, "to regenerate the gateway"},
	[API_LIST_ORGS] = {"GET", "/organizations", NULL, false, "the list of organisations"},
	[API_GET_ORG] = {"GET", "/organizations/", "", false, "an organisation by its id"},
	[API_ADD_ORG] = {"POST", "/organizations", NULL, false, "to add an organisation"},
	[API_EDIT_ORG] = {"PUT", "/organizations/", "", false, "to edit an organisation"},
	[API_DELETE_ORG] = {"DELETE", "/organizations/", "", false, "to delete an organisation"},
	[API_LIST_USERS] = {"GET", "/users", NULL, false, "the list of users"},
	[API_GET_USER] = {"GET", "/users/", "", false, "a user by its id"},
	[API_ADD_USER] = {"POST", "/users", NULL, false, "to add a user"},
	[API_EDIT_USER] = {"PUT", "/users/", "", false, "to edit a user"},
	[API_DELETE_USER] = {"DELETE", "/users/", "", false, "to delete a user"},
	[API_LIST_LOCATIONS] = {"GET", "/e911/locations", NULL, false, "emergency addresses and caller names"},
	[API_GET_LOCATION] = {"GET", "/e911/locations/", "", false, "a location by its id"},
	[API_ADD_LOCATION] = {"POST", "/e911/locations", NULL, false, "to add a location"},
	[API_EDIT_LOCATION] = {"PUT", "/e911/locations/", "", false, "to edit a location"},
	[API_DELETE_LOCATION] = {"DELETE", "/e911/locations/", "", false, "to delete a location"},
	[API_SET_E911] = {"PUT", "/did-pool/admin/", "/e911", false, "to set an emergency address"},
	[API_CLEAR_E911] = {"DELETE", "/did-pool/admin/", "/e911", false, "to clear an emergency address"},
	[API_SET_CNAM] = {"PUT", "/did-pool/admin/", "/cnam", false, "to set a number's caller name"},
	[API_CLEAR_CNAM] = {"DELETE", "/did-pool/admin/", "/cnam", false, "to clear a number's caller name"},
	[API_SET_DEFAULT_CNAM] = {"PUT", "/organizations/", "/cnam", false, "to set an organisation's caller name"},
	[API_CLEAR_DEFAULT_CNAM] = {"DELETE", "/organizations/", "/cnam", false, "to clear an organisation's caller name"},
	[API_LIST_PORTS] = {"GET", "/ports", NULL, false, "the list of port orders"},
	[API_GET_PORT] = {"GET", "/ports/", "", false, "a port order by its number"},
	[API_ADD_PORT] = {"POST", "/ports", NULL, false, "to make a port order"},
	[API_EDIT_PORT] = {"PUT", "/ports/", "", false, "to edit a port order"},
	[API_DELETE_PORT] = {"DELETE", "/ports/", "", false, "to take back a port order"},
	[API_MOVE_PORT] = {"POST", "/ports/", "/transitions", false, "to move a port order to another state"},
	[API_ADD_PORT_DOCUMENT] = {"POST", "/ports/", "/documents", false, "to keep a document with a port order"},
	[API_GET_PORT_DOCUMENT] = {"GET", "/port-documents/", "", false, "the bytes of a document"},
};

static bool is_write(enum api_operation operation)
{
	return *operations[operation].method != 'G';
}

/* "." and ".." would be other paths, escaped or not. */
bool api_is_id(const char *text)
{
	static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-";
	size_t len = strlen(text);

	return len && len <= ID_MAX && strspn(text, allowed) == len && strspn(text, ".") != len;
}

void api_query_add(struct buf *query, const char *name, const char *value)
{
	buf_printf(query, "%s%s=", query->len ? "&" : "", name);
	http_escape(query, value);
}

/* ---- what a message says */

int api_not_offered(const struct api_store *s, enum api_operation operation, struct err *err)
{
	const struct operation *op = &operations[operation];

	err_set(err, ERR_TARGET, "the API at '%s' does not offer %s (%s %s%s%s)", s->origin, op->what, op->method,
		op->before, op->after ? "ID" : "", op->after ? op->after : "");
	err_hint(err, "use the database itself: --target mysql://...");
	return ERR_TARGET;
}

int api_broken(const struct api_store *s, enum api_operation operation, const char *what, struct err *err)
{
	const struct operation *op = &operations[operation];

	return err_set(err, is_write(operation) ? ERR_UNKNOWN : ERR_TARGET,
		       "the API at '%s' gave an answer that didctl does not understand (%s %s%s%s): %s", s->origin,
		       op->method, op->before, op->after ? "ID" : "", op->after ? op->after : "", what);
}

/* {"error":{"code","message"}}, or what other frameworks make of it. */
static const char *words_of(const struct json *body)
{
	const struct json *error = json_is_object(body) ? json_get(body, "error") : NULL;
	const char *words = NULL;

	if (error)
		words = json_is_object(error) ? json_string(json_get(error, "message")) : json_string(error);
	if (!words && json_is_object(body))
		words = json_string(json_get(body, "message"));
	return words;
}

static void copy_code(char out[API_CODE_MAX], const struct json *body)
{
	const struct json *error = json_is_object(body) ? json_get(body, "error") : NULL;
	const char *code = json_is_object(error) ? json_string(json_get(error, "code")) : NULL;

	if (code)
		snprintf(out, API_CODE_MAX, "%s", code);
}

/* Appends ": 'WORDS'": the server's, or the beginning of what is no JSON. */
static void put_words(const struct api_store *s, struct buf *out, const struct json *body, const struct http_answer *answer)
{
	const char *words = body ? words_of(body) : answer->body;

	if (!words || !*words)
		return;
	buf_puts(out, ": '");
	http_quote(s->http, out, words);
	buf_putc(out, '\'');
}

static int refused_key(const struct api_store *s, const struct http_answer *answer, const char *words, struct err *err)
{
	const char *file = conf_get(s->conf, SET_API_KEY_FILE, NULL);
	char shown[TEXT_SHOWN];

	err_set(err, ERR_TARGET, "the API at '%s' %s (%d)%s", s->origin,
		answer->status == 401 ? "does not accept the key" : "does not allow this with the key", answer->status,
		words);
	if (file)
		err_hint(err, "the key is that of api-key-file, '%s'%s", text_show(shown, file, strlen(file)),
			 answer->status == 401 ? ": put a new one there if it has expired" : "");
	else
		err_hint(err, "no key was sent: set api-key-file in the profile");
	return ERR_TARGET;
}

/* ---- what an answer comes to */

/*
 * A 404 without the contract's word may be a row that is not there, or the framework's way to say that there is no such
 * path: what the system's documents name is taken to be there, if JSON says so.
 */
static bool is_absent_row(const struct operation *op, const struct http_answer *answer, const char *code)
{
	if (answer->status != 404 || !op->after || !strcmp(code, "not_offered"))
		return false;
	return !strcmp(code, "not_found") || (op->is_documented && answer->is_json);
}

static int judge_absent(const struct api_store *s, enum api_operation operation, const struct http_answer *answer,
			const char *code, const char *words, struct err *err)
{
	const struct operation *op = &operations[operation];

	if (is_absent_row(op, answer, code))
		return err_set(err, ERR_ABSENT, "the API at '%s' has no such row%s", s->origin, words);
	if (!op->is_documented && s->offers[operation] != OFFER_YES)
		return api_not_offered(s, operation, err);
	err_set(err, ERR_TARGET, "there is no API at '%s' (%d to %s %s)%s", s->origin, answer->status, op->method,
		op->before, words);
	err_hint(err, "check the path of the target: https://HOST[:PORT]/BASE");
	return ERR_TARGET;
}

static int judge_failure(const struct api_store *s, enum api_operation operation, const struct http_answer *answer,
			 const char *code, const char *words, struct err *err)
{
	int status = answer->status;
	bool is_unknown = is_write(operation) && status >= 500 && status != 501 && status != 503;

	switch (status) {
	case 401:
	case 403:
		return refused_key(s, answer, words, err);
	case 404:
	case 405:
	case 501:
		return judge_absent(s, operation, answer, code, words, err);
	case 409:
	case 412:
	case 422:
		return err_set(err, ERR_REFUSED, "the API at '%s' refuses%s (%d)", s->origin, words, status);
	case 429:
	case 503:
		err_set(err, ERR_TARGET, "the API at '%s' is %s (%d)%s", s->origin,
			status == 429 ? "asked too often" : "not available at present", status, words);
		if (answer->retry_after_s)
			err_hint(err, "it asks to wait for %lld s; --timeout SECONDS says how long didctl does",
				 answer->retry_after_s);
		return ERR_TARGET;
	default:
		err_set(err, is_unknown ? ERR_UNKNOWN : ERR_TARGET, "the API at '%s' failed (%d)%s", s->origin, status, words);
		if (status >= 500)
			err_hint(err, "%sthe log of the API, or of the proxy before it, says why; repeat the command when that is mended",
				 is_unknown ? "it may be done all the same: " : "");
		return err->code;
	}
}

static int judge_json(struct api_store *s, enum api_operation operation, const struct http_answer *answer,
		      struct api_answer *out, struct err *err)
{
	struct err why = {0};
	struct buf what = {0};
	int rc;

	if (!answer->len && *operations[operation].method == 'D')
		return 0;
	if (answer->is_json && json_parse(&out->body, answer->body, answer->len, &why) == 0)
		return 0;
	buf_puts(&what, !answer->len ? "it is empty" : answer->is_json ? why.text : "it is not JSON, but begins '");
	if (answer->len && !answer->is_json) {
		http_quote(s->http, &what, answer->body);
		buf_putc(&what, '\'');
	}
	rc = api_broken(s, operation, what.data, err);
	if (answer->len && !answer->is_json)
		err_hint(err, "does the target name the API itself? a proxy, a login page or another site answers so");
	buf_release(&what);
	return rc;
}

static void remember_offer(struct api_store *s, enum api_operation operation, const struct http_answer *answer, int rc)
{
	if (answer->fate != HTTP_ANSWERED)
		return;
	if (rc == 0 || rc == ERR_ABSENT)
		s->offers[operation] = OFFER_YES;
	else if (s->offers[operation] == OFFER_UNKNOWN && (answer->status == 404 || answer->status == 405 || answer->status == 501))
		s->offers[operation] = OFFER_NO;
}

int api_judge(struct api_store *s, enum api_operation operation, const struct http_answer *answer,
	      struct api_answer *out, struct err *err)
{
	struct json *body = NULL;
	struct buf words = {0};
	int rc;

	*out = (struct api_answer){.status = answer->status, .was_replayed = answer->was_replayed};
	if (answer->fate != HTTP_ANSWERED) {
		*err = answer->err;
		return err->code;
	}
	if (answer->status < 300) {
		rc = judge_json(s, operation, answer, out, err);
	} else {
		if (answer->is_json && json_parse(&body, answer->body, answer->len, NULL) == 0)
			copy_code(out->code, body);
		put_words(s, &words, body, answer);
		rc = judge_failure(s, operation, answer, out->code, buf_str(&words), err);
	}
	remember_offer(s, operation, answer, rc);
	json_free(body);
	buf_release(&words);
	return rc;
}

/* ---- sending */

int api_send(struct api_store *s, const struct api_request *request, size_t index, struct err *err)
{
	const struct operation *op = &operations[request->operation];
	struct buf path = {0};
	int rc;

	buf_puts(&path, op->before);
	if (op->after) {
		http_escape(&path, request->id);
		buf_puts(&path, op->after);
	}
	if (request->query)
		buf_printf(&path, "?%s", request->query);
	rc = http_send(s->http,
		       &(struct http_request){.method = op->method, .path = buf_str(&path), .body = request->body,
					      .idempotency_key = request->idempotency_key, .etag = request->etag,
					      .index = index},
		       err);
	buf_release(&path);
	return rc;
}

/* Longer and longer, and never all clients at one time. */
static int64_t next_pause(unsigned tries)
{
	int64_t pause = tries < 4 ? (int64_t)FIRST_PAUSE_MS << tries : LAST_PAUSE_MS;

	return pause / 2 + arc4random_uniform((uint32_t)(pause / 2 + 1));
}

bool api_may_wait(const struct api_store *s, struct api_patience *patience, long long asked_s, int64_t *wait_ms)
{
	int64_t limit_ms = (s->timeout_s ? s->timeout_s : PATIENCE_S) * INT64_C(1000);

	*wait_ms = next_pause(patience->tries);
	if (asked_s > 0)
		*wait_ms = asked_s <= limit_ms / 1000 ? asked_s * 1000 : limit_ms + 1;
	if (patience->waited_ms + *wait_ms > limit_ms)
		return false;
	patience->tries++;
	patience->waited_ms += *wait_ms;
	return true;
}

bool api_is_put_off(const struct api_store *s, const struct http_answer *answer, struct api_patience *patience,
		    int64_t *wait_ms)
{
	return answer->fate == HTTP_ANSWERED && (answer->status == 429 || answer->status == 503) &&
	       api_may_wait(s, patience, answer->retry_after_s, wait_ms);
}

/* Takes the answer; true if the same is to be sent again, once the pause that it asks for is over. */
static bool is_to_repeat(struct api_store *s, const struct api_request *request, const struct http_answer *answer,
			 struct api_patience *patience, unsigned *cuts)
{
	int64_t wait_ms;

	if (answer->was_cut && !is_write(request->operation))
		return ++*cuts < CUT_TRIES;
	if (!api_is_put_off(s, answer, patience, &wait_ms))
		return false;
	clock_sleep_ms(wait_ms);
	return true;
}

int api_await(struct api_store *s, const struct api_request *request, struct api_answer *out, struct err *err)
{
	const struct http_answer *answer;
	struct api_patience patience = {0};
	unsigned cuts = 0;
	int rc = http_next(s->http, &answer, err);

	while (rc == 1 && is_to_repeat(s, request, answer, &patience, &cuts)) {
		if (interrupt_pending())
			return err_set(err, ERR_INTERRUPTED, "interrupted");
		rc = api_send(s, request, 0, err);
		if (!rc)
			rc = http_next(s->http, &answer, err);
	}
	return rc < 0 ? rc : api_judge(s, request->operation, answer, out, err);
}

int api_call(struct api_store *s, const struct api_request *request, struct api_answer *out, struct err *err)
{
	struct api_answer unwanted;
	int rc = api_send(s, request, 0, err);

	if (!rc)
		rc = api_await(s, request, out ? out : &unwanted, err);
	if (!rc && !out)
		json_free(unwanted.body);
	return rc;
}
