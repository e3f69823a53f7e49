#include "store/sql/mysql_hosts.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define CONNECT_TIMEOUT_S 10

size_t hosts_count(const struct sql_target *target)
{
	size_t n = 0;

	while (!target->socket && target->hosts[n].name)
		n++;
	return n;
}

unsigned hosts_connect_timeout(const struct sql_target *target)
{
	unsigned all = target->timeout_s < CONNECT_TIMEOUT_S ? (unsigned)target->timeout_s : CONNECT_TIMEOUT_S;
	size_t n = hosts_count(target);

	return n < 2 ? all : n < all ? all / (unsigned)n : 1;
}

static void put_host(struct buf *out, const struct sql_host *host)
{
	buf_printf(out, strchr(host->name, ':') ? "[%s]:%u" : "%s:%u", host->name, host->port);
}

char *host_url(const struct sql_target *target, const struct sql_host *host)
{
	struct buf out = {0};

	buf_printf(&out, "mysql://%s%s", target->user ? target->user : "", target->user ? "@" : "");
	put_host(&out, host);
	buf_printf(&out, "/%s", target->database);
	return out.data;
}

/* What the driver told of one host, without that host's URL: the list has its name. */
static void add_reason(struct buf *out, const struct sql_target *target, const struct sql_host *host, const char *text)
{
	char *url = host_url(target, host);
	const char *at = strstr(text, url);

	buf_puts(out, out->len ? "; " : "");
	put_host(out, host);
	buf_printf(out, ": %s", at ? at + strlen(url) + strlen("': ") : text);
	free(url);
}

static int none_left(const struct sql_target *target, const struct buf *reasons, struct err *err)
{
	err_set(err, ERR_TARGET, "no host of '%s' can be used: %s", target->url, reasons->data);
	err_hint(err, "each was tried in turn; at least one must be up, ready and writable");
	return ERR_TARGET;
}

/* Takes the reasons over. */
static void tell_hosts(const struct sql_target *target, const struct sql_host *used, struct buf *reasons)
{
	struct buf name = {0};

	if (!target->seen)
		return;
	free(target->seen->used);
	free(target->seen->passed);
	if (used)
		put_host(&name, used);
	target->seen->used = name.data;
	target->seen->passed = reasons->data;
	target->seen->at = used ? (size_t)(used - target->hosts) : 0;
	*reasons = (struct buf){0};
}

static bool is_doubted(const struct sql_target *target, size_t i)
{
	return target->seen && i < HOSTS_DOUBTED && (target->seen->doubted >> i & 1);
}

/* The i-th to try: those that are doubted come after all others. NULL: that was the last. */
static const struct sql_host *host_to_try(const struct sql_target *target, const struct sql_host *hosts, size_t i)
{
	for (int doubted = 0; doubted < 2; doubted++)
		for (size_t k = 0; hosts[k].name; k++)
			if (is_doubted(target, k) == doubted && i-- == 0)
				return &hosts[k];
	return NULL;
}

/* Those that did not have to be tried again. */
static void add_doubted(struct buf *reasons, const struct sql_target *target, const struct sql_host *used)
{
	if (target->socket || is_doubted(target, (size_t)(used - target->hosts)))
		return;
	for (size_t i = 0; target->hosts[i].name; i++)
		if (is_doubted(target, i))
			add_reason(reasons, target, &target->hosts[i], "let in, and then refused");
}

int hosts_open(const struct sql_target *target, struct host_opener *opener, struct err *err)
{
	static const struct sql_host local[] = {{"localhost", 0}, {NULL, 0}};
	const struct sql_host *hosts = target->socket ? local : target->hosts, *read_only = NULL, *host;
	bool is_one = target->socket || !hosts[1].name;
	struct buf reasons = {0};
	int rc = ERR_TARGET;

	for (size_t i = 0; (host = host_to_try(target, hosts, i)); i++) {
		struct err own = {0};

		rc = opener->open(opener, host, &own);
		if (err)
			*err = own;
		if (rc == 0 && (is_one || target->read_only || !opener->is_read_only)) {
			add_doubted(&reasons, target, host);
			goto out;
		}
		if (rc == 0)
			add_reason(&reasons, target, read_only = host, "it takes no writes");
		else if (is_one || rc != ERR_TARGET || (opener->class != SQL_NEVER_STARTED && opener->class != SQL_NODE))
			goto out;
		else
			add_reason(&reasons, target, host, own.text);
	}
	/* A user who may write there all the same knows; any other one is told by the first statement. */
	rc = read_only ? opener->open(opener, read_only, err) : none_left(target, &reasons, err);
	host = read_only;
out:
	if (!is_one)
		tell_hosts(target, rc == 0 ? host : NULL, &reasons);
	buf_release(&reasons);
	return rc;
}
