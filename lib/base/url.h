/* Addresses of servers: an API's, "https://HOST[:PORT][/BASE]" or http on loopback, and a mail server's. */
#ifndef DIDCTL_URL_H
#define DIDCTL_URL_H

#include <stdbool.h>

#include "base/err.h"

#define URL_HOST_MAX 253 /* a name of RFC 1035, without the root's dot */

struct url {
	bool is_tls;
	bool is_loopback;	     /* 127.0.0.0/8, ::1 or localhost, literally */
	char host[URL_HOST_MAX + 1]; /* without the brackets of an IPv6 address */
	unsigned port;		     /* 443 or 80 where the text has none */
	const char *base;	     /* in the text: "/api/v1", or "" */
	int base_len;		     /* without slashes at the end */
};

/*
 * Takes only what every reader of URLs reads alike: no user, password, query, fragment, escapes, dots as directories,
 * or number in place of an address, so that the host that is checked here is the host that is asked. ERR_TARGET; base
 * points into text.
 */
int url_parse(struct url *out, const char *text, struct err *err);

/* The same of "smtp://HOST[:PORT]" (25) or "smtps://HOST[:PORT]" (465): only what comes before base is set. */
int url_parse_smtp(struct url *out, const char *text, struct err *err);

#endif
