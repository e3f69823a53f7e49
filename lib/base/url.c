#include "base/url.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

#define DIGITS	"0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define HEX	DIGITS "abcdefABCDEF"

static bool is_mail(const char *text)
{
	return strncmp(text, "smtp", strlen("smtp")) == 0;
}

#define MAIL_FORM "smtp://HOST[:PORT] or smtps://HOST[:PORT]"

/* Without what stands before an '@': that may be a secret. */
static int bad(const char *text, const char *what, struct err *err)
{
	const char *whole = text, *at = strrchr(text, '@');
	char shown[TEXT_SHOWN];

	text = at ? at + 1 : text;
	err_set(err, ERR_TARGET, "the address '%s%s' %s", at ? "***@" : "", text_show(shown, text, strlen(text)), what);
	err_hint(err, "%s", is_mail(whole) ? MAIL_FORM : "https://HOST[:PORT]/BASE, or http on loopback only");
	return ERR_TARGET;
}

static bool is_of(const char *s, size_t len, const char *set)
{
	for (size_t i = 0; i < len; i++)
		if (!s[i] || !strchr(set, s[i]))
			return false;
	return len > 0;
}

/* A last label of digits is an address to some readers (127.1, 0x7f.1): then it has to be a whole one. */
static bool is_name_or_ipv4(const char *host)
{
	const char *dot = strrchr(host, '.');
	const char *last = dot ? dot + 1 : host;
	struct in_addr address;

	if (strstr(host, "..") || *host == '.' || *host == '-' || !is_of(host, strlen(host), LETTERS DIGITS "-."))
		return false;
	return !strchr(DIGITS, *last) || inet_pton(AF_INET, host, &address) == 1;
}

static bool is_loopback(const char *host, bool is_ipv6)
{
	struct in6_addr six;
	struct in_addr four;

	if (is_ipv6)
		return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return strcmp(host, "localhost") == 0;
}

static int parse_host(struct url *out, const char *host, size_t len, bool is_ipv6, const char *text, struct err *err)
{
	struct in6_addr address;

	if (len == 0 || len > URL_HOST_MAX)
		return bad(text, "names no host", err);
	memcpy(out->host, host, len);
	out->host[len] = '\0';
	if (is_ipv6 ? !is_of(host, len, HEX ":.") || inet_pton(AF_INET6, out->host, &address) != 1 :
		      !is_name_or_ipv4(out->host))
		return bad(text, "names a host that is none", err);
	out->is_loopback = is_loopback(out->host, is_ipv6);
	return 0;
}

static int parse_port(struct url *out, const char *s, size_t len, const char *text, struct err *err)
{
	unsigned port = 0;

	for (size_t i = 0; i < len && i < 6; i++)
		port = port * 10 + (unsigned)(s[i] - '0');
	if (!is_of(s, len, DIGITS) || len > 5 || port == 0 || port > 65535)
		return bad(text, "has a port that is not a number from 1 to 65535", err);
	out->port = port;
	return 0;
}

/* HOST, HOST:PORT, [::1] or [::1]:PORT. */
static int parse_authority(struct url *out, const char *s, size_t len, const char *text, struct err *err)
{
	bool is_ipv6 = len && *s == '[';
	const char *end = memchr(s, is_ipv6 ? ']' : ':', len);
	size_t skip = is_ipv6;
	size_t host_len = end ? (size_t)(end - s) - skip : len;
	const char *rest;
	int rc;

	if (memchr(s, '@', len))
		return bad(text, is_mail(text) ?
			   "has a user or a password in it: smtp-user and smtp-password-file are for those" :
			   "has a user or a password in it: the key of an API comes from the file that api-key-file names",
			   err);
	if (is_ipv6 && !end)
		return bad(text, "names a host that is none", err);
	rc = parse_host(out, s + skip, host_len, is_ipv6, text, err);
	rest = s + host_len + 2 * skip;
	if (rc || rest == s + len)
		return rc;
	if (*rest != ':')
		return bad(text, "names a host that is none", err);
	return parse_port(out, rest + 1, (size_t)(s + len - rest) - 1, text, err);
}

static int parse_base(struct url *out, const char *base, const char *text, struct err *err)
{
	size_t len = strlen(base);

	if (len && !is_of(base, len, LETTERS DIGITS "-._~/"))
		return bad(text, "has a path of other characters than letters, digits and - . _ ~ /", err);
	if (strstr(base, "//") || strstr(base, "/./") || strstr(base, "/../"))
		return bad(text, "has a path with empty or dotted parts", err);
	while (len && base[len - 1] == '/')
		len--;
	if (len && base[len - 1] == '.')
		return bad(text, "has a path with empty or dotted parts", err);
	out->base = base;
	out->base_len = (int)len;
	return 0;
}

int url_parse(struct url *out, const char *text, struct err *err)
{
	static const char https[] = "https://", http[] = "http://";
	const char *authority;
	size_t len;
	int rc;

	*out = (struct url){.is_tls = strncmp(text, https, strlen(https)) == 0};
	if (!out->is_tls && strncmp(text, http, strlen(http)) != 0)
		return bad(text, "is neither https:// nor http://", err);
	authority = text + strlen(out->is_tls ? https : http);
	out->port = out->is_tls ? 443 : 80;
	len = strcspn(authority, "/?#\\");
	rc = parse_authority(out, authority, len, text, err);
	if (!rc)
		rc = parse_base(out, authority + len, text, err);
	if (!rc && !out->is_tls && !out->is_loopback)
		return bad(text, "is http on another machine: anyone on the way could read the key; use https", err);
	return rc;
}

int url_parse_smtp(struct url *out, const char *text, struct err *err)
{
	static const char smtps[] = "smtps://", smtp[] = "smtp://";
	const char *authority;
	int rc;

	*out = (struct url){.is_tls = strncmp(text, smtps, strlen(smtps)) == 0};
	if (!out->is_tls && strncmp(text, smtp, strlen(smtp)) != 0) {
		bad(text, "is neither smtp:// nor smtps://", err);
		err_hint(err, MAIL_FORM);
		return ERR_TARGET;
	}
	authority = text + strlen(out->is_tls ? smtps : smtp);
	out->port = out->is_tls ? 465 : 25;
	rc = parse_authority(out, authority, strcspn(authority, "/?#\\"), text, err);
	if (!rc && authority[strcspn(authority, "/?#\\")])
		return bad(text, "has more than a host and a port", err);
	return rc;
}
