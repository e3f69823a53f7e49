/*
 * HTTP to one API, over kept-alive connections, several requests at a time, by libcurl (libcurl.h), which the first
 * http_open loads.
 *
 * The rules: redirects are never followed; https with a verified certificate (TLS 1.2 or newer), or http on loopback;
 * no proxy, no .netrc, no cookies; an answer has at most HTTP_BODY_MAX bytes and comes within the time limit; the key
 * is in no message. A write is sent at most once: libcurl's own silent repetition on a connection that died is stopped.
 */
#ifndef DIDCTL_HTTP_H
#define DIDCTL_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define HTTP_BODY_MAX (64u << 20)
#define HTTP_JOBS_MAX 64
#define HTTP_QUOTED   200 /* bytes of a server's words in a message */

struct http_client;

struct http_config {
	const char *base;    /* see url.h */
	const char *key;     /* the value of X-Internal-Key; NULL sends none */
	const char *ca_file; /* whom to trust in place of the system's authorities; NULL: those */
	int timeout_s;	     /* for each whole answer; 0: 10. For connecting: the same, at most 10 */
	unsigned jobs;	     /* requests in flight at once, 1 to HTTP_JOBS_MAX; 0: 8 */
};

struct http_request {
	const char *method;	     /* "GET", "POST", "PUT", "PATCH" or "DELETE" */
	const char *path;	     /* what follows the base, escaped as it has to be: "/users?limit=1000" */
	const char *body;	     /* JSON, or NULL */
	const char *idempotency_key; /* or NULL */
	const char *etag;	     /* for If-Match, without the quotes; or NULL */
	size_t index;		     /* comes back with the answer */
};

/* What is known about a request once it has ended. */
enum http_fate {
	HTTP_ANSWERED,	 /* with the status and the whole body */
	HTTP_REDIRECTED, /* to elsewhere, where nobody went: nothing was done */
	HTTP_NOT_SENT,	 /* not one byte of it left: nothing was done */
	HTTP_LOST,	 /* sent, in whole or in part, and the answer is not whole: it may have been done */
};

struct http_answer {
	size_t index;
	enum http_fate fate;
	int status;		     /* 200 to 599 when ANSWERED or REDIRECTED */
	bool was_cut;		     /* LOST because the connection ended, not for time or size */
	bool is_json;		     /* Content-Type is application/json */
	bool was_replayed;	     /* Idempotency-Replayed: the work was done by an earlier request */
	long long retry_after_s;     /* 0: the server does not say */
	const char *body;	     /* NUL-terminated; "" when there is none */
	size_t len;
	struct err err;		     /* unless ANSWERED. ERR_UNKNOWN for a write that is LOST, else ERR_TARGET */
};

/*
 * Loads libcurl and prepares the connections; does not connect. The strings of config may go afterwards. ERR_TARGET: an
 * address that is refused, a key that cannot be a header's value, no libcurl.
 */
int http_open(struct http_client **out, const struct http_config *config, struct err *err);
void http_close(struct http_client *client); /* requests in flight are broken off; NULL is allowed */

void http_set_timeout(struct http_client *client, int timeout_s); /* for the requests to come */

/*
 * Many at once: send as long as there is room, take the next answer, and so on until http_next gives 0.
 *
 *	while (more || http_in_flight(client)) {
 *		while (more && http_has_room(client))
 *			rc = http_send(client, &request, err);
 *		rc = http_next(client, &answer, err);
 *	}
 */
bool http_has_room(const struct http_client *client);
size_t http_in_flight(const struct http_client *client);
/* Only if there is room. Leaves at once where a connection is open. ERR_FAILED: it was not sent, and no answer comes. */
int http_send(struct http_client *client, const struct http_request *request, struct err *err);

/*
 * 1: *out is the answer that came next, whatever the order of sending, valid until the following http_next, http_call
 * or http_close. 0: nothing is in flight. ERR_INTERRUPTED: a signal came, and no write is in flight (one that is, is
 * waited for first: what counts is its answer); ERR_FAILED.
 */
int http_next(struct http_client *client, const struct http_answer **out, struct err *err);

/* Breaks off the reads in flight, whose answers nobody wants any more. Not while a write is in flight. */
void http_abandon(struct http_client *client);

/* One request and its answer. Only when nothing is in flight. Fails as http_next does; any fate is an answer. */
int http_call(struct http_client *client, const struct http_request *request, const struct http_answer **out,
	      struct err *err);

/* Appends a value for a path or a query: all but unreserved characters as %XX. */
void http_escape(struct buf *out, const char *s);

/* Appends a server's words as a message may have them: escaped, cut off, and without the key, which a page for debugging tells. */
void http_quote(const struct http_client *client, struct buf *out, const char *words);

#endif
