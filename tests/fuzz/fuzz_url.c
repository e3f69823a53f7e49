/*
 * Any text as the address of an API: what is taken is made of safe characters, names one host with one port, goes in clear
 * text to loopback only, and put together again from its parts it is taken as the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/url.h"

#define CHECK(condition) ((condition) ? (void)0 : abort())

static void check_again(const struct url *url)
{
	struct err err = {0};
	struct url again;
	char text[8192];

	if (url->base_len > 4096)
		return;
	snprintf(text, sizeof(text), "http%s://%s%s%s:%u%.*s", url->is_tls ? "s" : "", strchr(url->host, ':') ? "[" : "",
		 url->host, strchr(url->host, ':') ? "]" : "", url->port, url->base_len, url->base);
	CHECK(url_parse(&again, text, &err) == 0);
	CHECK(again.is_tls == url->is_tls && again.is_loopback == url->is_loopback && again.port == url->port);
	CHECK(strcmp(again.host, url->host) == 0 && again.base_len == url->base_len);
	CHECK(memcmp(again.base, url->base, (size_t)url->base_len) == 0);
}

static void check_url(const struct url *url, const char *text)
{
	CHECK(url->is_tls || url->is_loopback);
	CHECK(url->port >= 1 && url->port <= 65535 && *url->host);
	for (const char *p = text; *p; p++)
		CHECK(*p > ' ' && *p < 0x7f && !strchr("@?#%\\\"'<>", *p));
	CHECK(url->base >= text && url->base_len >= 0 && (size_t)url->base_len <= strlen(url->base));
	check_again(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct err err = {0};
	struct url url;
	int rc;

	CHECK(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	rc = url_parse(&url, text, &err);
	if (rc)
		CHECK(rc == ERR_TARGET && err.code == rc && *err.text);
	else
		check_url(&url, text);
	free(text);
	return 0;
}
