/* Target URLs: sqlite:PATH, mysql://[USER@]HOST[,HOST...][:PORT]/DB, mysql://[USER@]/DB?socket=PATH. */
#include "store/sql/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/text.h"

static int bad(const char *url, struct err *err, const char *what)
{
	struct buf masked = {0};
	char shown[TEXT_SHOWN];

	setting_mask(&masked, SET_TARGET, url);
	err_set(err, ERR_TARGET, "target '%s': %s", text_show(shown, masked.data, masked.len), what);
	err_hint(err, "mysql://[USER@]HOST[,HOST...][:PORT]/DB or mysql://[USER@]/DB?socket=PATH");
	buf_release(&masked);
	return ERR_TARGET;
}

/* "a,b,[::1]" into a NULL-terminated list. */
static const char *const *split_hosts(char *hosts, struct arena *arena)
{
	size_t n = 1;
	const char **list;

	for (const char *p = hosts; *p; p++)
		n += *p == ',';
	list = arena_alloc(arena, (n + 1) * sizeof(*list));
	n = 0;
	for (char *save = NULL, *p = strtok_r(hosts, ",", &save); p; p = strtok_r(NULL, ",", &save)) {
		size_t len = strlen(p);

		if (*p == '[' && p[len - 1] == ']') {
			p[len - 1] = '\0';
			p++;
		}
		list[n++] = p;
	}
	return n ? list : NULL;
}

static int parse_port(const char *text, unsigned *port)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || !*text || n == 0 || n > 65535)
		return -1;
	*port = (unsigned)n;
	return 0;
}

/* HOST[,HOST...][:PORT]; a colon inside [::1] belongs to the address. */
static int parse_authority(struct sql_target *out, char *text, const char *url, struct arena *arena, struct err *err)
{
	char *at = strrchr(text, '@');
	char *colon;

	if (at) {
		*at = '\0';
		if (strchr(text, ':'))
			return bad(url, err, "no password in a URL: use password-file in the configuration");
		if (*text)
			out->user = text;
		text = at + 1;
	}
	colon = strrchr(text, ':');
	if (colon && !strchr(colon, ']')) {
		*colon = '\0';
		if (parse_port(colon + 1, &out->port) < 0)
			return bad(url, err, "the port is not a number from 1 to 65535");
	}
	out->hosts = split_hosts(text, arena);
	return 0;
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
