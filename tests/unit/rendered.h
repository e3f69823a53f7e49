/* What renderers of the switch's files make, in memory, for the tests that look at it. */
#ifndef DIDCTL_TESTS_RENDERED_H
#define DIDCTL_TESTS_RENDERED_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dialplan/gateway.h"

static const struct dispatcher seed_dispatcher = {
	.dir = "/etc/asterisk",
	.file = "ext_tata_gateway.conf",
	.context = "from-tata",
	.oss_context = "oss-did-route",
	.staging_endpoint = "cloud-endpoint-stage",
	.forms = FORM_NATIONAL | FORM_INTERNATIONAL,
};

static inline int memory_file(const char *text, size_t len)
{
	int fd = memfd_create("dialplan", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* A number as a value: digits of it. */
static inline struct number number_of(const char *digits)
{
	struct number n = {0};

	assert_true(number_parse_stored(&n, digits, strlen(digits), NULL));
	return n;
}

/* The whole text of a file; the caller frees. */
static inline char *read_all(int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *text = xcalloc((size_t)len + 1, 1);

	assert_int_equal(pread(fd, text, (size_t)len, 0), len);
	lseek(fd, 0, SEEK_SET);
	return text;
}

static inline int gateway_file(const struct gateway *g, const struct mark *mark)
{
	int fd = memory_file("", 0);
	struct writer w;
	struct err err;

	writer_init(&w, fd);
	gateway_render(g, mark, &w);
	assert_int_equal(writer_finish(&w, "it", &err), 0);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

#endif
