#include "base/strlist.h"

#include <stdlib.h>

#include "base/mem.h"

void strlist_add(struct strlist *list, const char *s)
{
	GROW(list->at, list->n, list->cap);
	list->at[list->n++] = s;
}

void strlist_release(struct strlist *list)
{
	free(list->at);
	*list = (struct strlist){0};
}
