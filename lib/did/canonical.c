#include "did/canonical.h"

#include <stdlib.h>
#include <string.h>

void canonical_text(struct buf *out, const char *name, const char *value)
{
	if (value)
		buf_printf(out, "%s=%zu:%s\n", name, strlen(value), value);
	else
		buf_printf(out, "%s\n", name);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void canonical_set(struct buf *out, const char *name, struct strlist *texts)
{
	if (texts->n)
		qsort(texts->at, texts->n, sizeof(*texts->at), compare);
	buf_printf(out, "%s{\n", name);
	for (size_t i = 0; i < texts->n; i++)
		if (i == 0 || strcmp(texts->at[i], texts->at[i - 1]) != 0)
			canonical_text(out, "", texts->at[i]);
	buf_puts(out, "}\n");
}
