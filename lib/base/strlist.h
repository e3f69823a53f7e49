/* A list of strings that live elsewhere (argv, an arena). Zero-initialise; strlist_release frees the list only. */
#ifndef DIDCTL_STRLIST_H
#define DIDCTL_STRLIST_H

#include <stdbool.h>
#include <stddef.h>

struct strlist {
	const char **at;
	size_t n, cap;
};

void strlist_add(struct strlist *list, const char *s);
bool strlist_has(const struct strlist *list, const char *s);
void strlist_release(struct strlist *list);

#endif
