/*
 * libcurl: the only file that knows it. It is loaded by the first libcurl_open, so that a command that needs no server does
 * not pay for it. HTTP goes through http.h, mail through service/mailer.h; both have their rules here.
 *
 * Whatever the environment or a file in somebody's home says: no proxy, no .netrc, no redirect is followed; a certificate
 * is verified, TLS is 1.2 or newer.
 */
#ifndef DIDCTL_LIBCURL_H
#define DIDCTL_LIBCURL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct libcurl;

/* ERR_TARGET: there is no libcurl, or it is too old. connections: at most, at once. */
int libcurl_open(struct libcurl **out, unsigned connections, struct err *err);
void libcurl_close(struct libcurl *curl); /* after its transfers; NULL is allowed */

/* ---- HTTP: several transfers at a time */

struct transfer_rules {
	bool is_tls;
	const char *ca_file; /* whom to trust in place of the system's authorities; NULL: those */
	size_t body_max;
};

struct transfer_request {
	const char *method, *url;
	const char *body;   /* or NULL */
	bool is_write;	    /* is sent at most once: a repetition by libcurl itself is stopped */
	int timeout_s, connect_s;
};

enum transfer_end {
	TRANSFER_ENDED,	  /* with a status and a whole body, unless headers_ended is false */
	TRANSFER_TIMED_OUT,
	TRANSFER_NO_ANSWER,	  /* the connection was closed, and the request is not sent again */
	TRANSFER_CUT,	  /* the connection broke in the middle */
	TRANSFER_TOO_LARGE,
	TRANSFER_NO_HOST, /* its name is not known; this and the next two: nothing was sent, why says more */
	TRANSFER_NO_CONNECTION,
	TRANSFER_UNTRUSTED, /* the certificate */
	TRANSFER_FAILED,	  /* else: why says it */
};

/* A place for one request at a time; its connection is libcurl's affair. */
struct transfer {
	struct libcurl *curl;
	void *easy, *arg;
	struct curl_slist *headers;
	size_t body_max, header_bytes;
	bool is_write;

	/* What has come of it. */
	enum transfer_end end;
	unsigned sent;	    /* how often libcurl began to send it */
	bool headers_ended; /* else the answer was cut among its headers, which libcurl takes for a short one */
	int status;
	struct buf body;
	char why[256];
};

/* arg: whose it is. Free with libcurl_drop. ERR_TARGET: this libcurl cannot keep the rules. */
int libcurl_add(struct libcurl *curl, struct transfer **out, const struct transfer_rules *rules, void *arg, struct err *err);
void libcurl_drop(struct transfer *t); /* not in flight, or NULL */

void libcurl_add_header(struct transfer *t, const char *line); /* of the next request; NULL adds none */
/* It leaves at once where a connection is open. */
int libcurl_start(struct transfer *t, const struct transfer_request *request, struct err *err);
void libcurl_abandon(struct transfer *t); /* breaks it off */
void libcurl_finish(struct transfer *t); /* wipes the headers, one of which may be a secret */

/* Goes on with all that are in flight: one that has ended, or *out is NULL. Without one it may wait for 0.1 s. */
int libcurl_run(struct libcurl *curl, struct transfer **out, struct err *err);

/* Of an answer: NULL where there is none, valid until the next request. */
const char *libcurl_header(const struct transfer *t, const char *name);
const char *libcurl_content_type(const struct transfer *t);
const char *libcurl_redirect(const struct transfer *t);
long long libcurl_retry_after_s(const struct transfer *t); /* 0: it does not say */

/* ---- mail: one message over a connection of its own */

struct mail_transfer {
	const char *url;      /* smtp://HOST:PORT or smtps://HOST:PORT */
	bool wants_starttls;  /* refuse to go on without */
	const char *ca_file;  /* as above */
	const char *user, *password; /* or NULL: nobody logs in */
	const char *from, *to;
	const char *text;     /* of the message, lines that end in CR LF */
	size_t len;
	int64_t deadline_ms;  /* by the monotonic clock: for all until the last byte of the message is out */
};

/*
 * After the end of the message, while the server may be making up its mind, it has this long, whatever the deadline:
 * giving up earlier than RFC 5321, 4.5.3.2.6 says is what makes messages arrive twice.
 */
#define MAIL_ANSWER_S 600

struct mail_end {
	bool is_taken;		/* 250 after the message */
	bool names_recipient;	/* the server was told whom it is for: what it answered is about this message */
	bool was_sent;		/* the last byte may have gone out */
	bool was_interrupted;	/* by a signal, before that */
	int status;		/* of the last whole reply; 0: there was none */
	char why[256];		/* that reply, or libcurl's words; from outside */
};

void libcurl_mail(struct libcurl *curl, const struct mail_transfer *mail, struct mail_end *end);

#endif
