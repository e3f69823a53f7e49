/* Target URLs: sqlite:PATH, mysql://[USER@]HOST[:PORT][,HOST[:PORT]...]/DB, mysql://[USER@]/DB?socket=PATH. */
#include "store/sql/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/text.h"

#define DEFAULT_PORT 3306

static int bad(const char *url, struct err *err, const char *what)
{
	struct buf masked = {0};
	char shown[TEXT_SHOWN];

	setting_mask(&masked, SET_TARGET, url);
	err_set(err, ERR_TARGET, "target '%s': %s", text_show(shown, masked.data, masked.len), what);
	err_hint(err, "mysql://[USER@]HOST[:PORT][,HOST...]/DB or mysql://[USER@]/DB?socket=PATH");
	buf_release(&masked);
	return ERR_TARGET;
}

static int parse_port(const char *text, unsigned *port)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || *text < '0' || *text > '9' || n == 0 || n > 65535)
		return -1;
	*port = (unsigned)n;
	return 0;
}

/* HOST[:PORT]; a colon inside [::1] belongs to the address. Port 0: none is named. */
static int parse_host(struct sql_host *out, char *text, const char *url, struct err *err)
{
	char *end = *text == '[' ? strchr(text, ']') : text + strcspn(text, ":");

	if (!end || (*text == '[' && end[1] && end[1] != ':'))
		return bad(url, err, "an address in brackets does not end");
	if (*text == '[') {
		text++;
		*end++ = '\0';
	}
	if (*end && strchr(end + 1, ':'))
		return bad(url, err, "an address with colons wants brackets, as in [::1]:3306");
	if (*end && parse_port(end + 1, &out->port) < 0)
		return bad(url, err, "the port is not a number from 1 to 65535");
	*end = '\0';
	out->name = text;
	if (strpbrk(text, "[]"))
		return bad(url, err, "a bracket stands where no address begins or ends");
	return *text ? 0 : bad(url, err, "the name of a host is missing");
}

/* A port behind the last host is that of all who name none. */
static int parse_hosts(struct sql_target *out, char *text, const char *url, struct arena *arena, struct err *err)
{
	struct sql_host *hosts;
	size_t n = 1;

	for (const char *p = text; *p; p++)
		n += *p == ',';
	hosts = arena_alloc(arena, (n + 1) * sizeof(*hosts));
	memset(hosts, 0, (n + 1) * sizeof(*hosts));
	for (size_t i = 0; i < n; i++)
		if (parse_host(&hosts[i], strsep(&text, ","), url, err) < 0)
			return ERR_TARGET;
	for (size_t i = 0; i < n; i++)
		if (!hosts[i].port)
			hosts[i].port = hosts[n - 1].port ? hosts[n - 1].port : DEFAULT_PORT;
	out->hosts = hosts;
	return 0;
}

/* [USER@]HOST[:PORT][,HOST[:PORT]...], or the user alone. */
static int parse_authority(struct sql_target *out, char *text, const char *url, struct arena *arena, struct err *err)
{
	char *at = strrchr(text, '@');

	if (at) {
		*at = '\0';
		if (strchr(text, ':'))
			return bad(url, err, "no password in a URL: use password-file in the configuration");
		if (*text)
			out->user = text;
		text = at + 1;
	}
	return *text ? parse_hosts(out, text, url, arena, err) : 0;
}

static int parse_query(struct sql_target *out, char *query, const char *url, struct err *err)
{
	if (strncmp(query, "socket=", 7) != 0 || !query[7])
		return bad(url, err, "after '?' only socket=PATH is known");
	if (out->hosts)
		return bad(url, err, "a host and a socket exclude each other");
	out->socket = query + 7;
	return 0;
}

int target_parse_mysql(struct sql_target *out, const char *url, struct arena *arena, struct err *err)
{
	char *text = arena_strdup(arena, url + strlen("mysql://"));
	char *slash = strchr(text, '/');
	char *query;
	int rc;

	if (!slash)
		return bad(url, err, "the name of the database is missing");
	*slash = '\0';
	query = strchr(slash + 1, '?');
	if (query)
		*query++ = '\0';
	out->database = slash + 1;
	if (!*out->database)
		return bad(url, err, "the name of the database is missing");
	rc = parse_authority(out, text, url, arena, err);
	if (rc == 0 && query)
		rc = parse_query(out, query, url, err);
	if (rc == 0 && !out->hosts && !out->socket)
		return bad(url, err, "neither a host nor a socket is named");
	return rc;
}

int target_parse_sqlite(struct sql_target *out, const char *url, struct err *err)
{
	out->path = url + strlen("sqlite:");
	if (!*out->path) {
		err_set(err, ERR_TARGET, "target 'sqlite:' names no file");
		err_hint(err, "sqlite:PATH, such as sqlite:/var/lib/didctl/numbers.db");
		return ERR_TARGET;
	}
	return 0;
}
