#include "base/strlist.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void strlist_add(struct strlist *list, const char *s)
{
	GROW(list->at, list->n, list->cap);
	list->at[list->n++] = s;
}

bool strlist_has(const struct strlist *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->at[i], s) == 0)
			return true;
	return false;
}

void strlist_release(struct strlist *list)
{
	free(list->at);
	*list = (struct strlist){0};
}
