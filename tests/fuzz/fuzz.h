/* What the fuzzers share: promises that end the run when they are broken, and bytes as text. */
#ifndef DIDCTL_FUZZ_H
#define DIDCTL_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool ok)
{
	if (!ok)
		abort();
}

/* The bytes up to the first NUL, for free(): a copy of its own, so that reading past its end is seen. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = strndup(size ? (const char *)data : "", size);

	must(text);
	return text;
}

/* Nothing that a terminal would obey. */
static inline void must_show(const char *text)
{
	must(text_is_utf8(text, strlen(text)));
	for (const char *p = text; *p; p++)
		must((unsigned char)*p >= 0x20 && *p != 0x7f);
}

/* A refusal has its code, and a message and a hint that can be shown. */
static inline void must_refuse(int rc, const struct err *err)
{
	must(rc < 0 && err->code == rc && *err->text);
	must_show(err->text);
	must_show(err->hint);
}

#endif
