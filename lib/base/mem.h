/*
 * Memory. Exhaustion ends the process with exit code 1 (as git's xmalloc does): a change that is open is then rolled back by
 * its server; from its COMMIT on one line says what is known of it, with 7 where nothing is. Everything else in lib/ reports
 * errors and never exits.
 */
#ifndef DIDCTL_MEM_H
#define DIDCTL_MEM_H

#include <stdarg.h>
#include <stddef.h>

void *xcalloc(size_t n, size_t size);		/* zeroed; n * size is checked */
void *xrealloc(void *old, size_t n, size_t size); /* grows or shrinks an array; n * size is checked */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);

/* Makes room for one more element in a growing array: doubles *cap when n has reached it. */
void *xgrow(void *array, size_t n, size_t *cap, size_t size);
#define GROW(array, n, cap) ((array) = xgrow((array), (n), &(cap), sizeof(*(array))))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Strings and small objects that live as long as their arena. Zero-initialise; arena_release frees all. */
struct arena {
	struct arena_chunk *chunks;
};

void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for any type */
char *arena_strdup(struct arena *arena, const char *s);
char *arena_strndup(struct arena *arena, const char *s, size_t n);
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_release(struct arena *arena);

/* Each distinct string once: two interned strings are equal exactly when their pointers are. Zero-initialise. */
struct intern {
	struct arena arena;
	const char **slots;
	size_t n, cap;
};

const char *intern(struct intern *in, const char *s, size_t len); /* s == NULL gives NULL */
void intern_release(struct intern *in);

#endif
