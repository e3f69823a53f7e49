#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"

#define CHUNK_SIZE 16384

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	max_align_t data[];
};

static void *or_die(void *p)
{
	if (!p)
		_exit(interrupt_last_words("out of memory"));
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return or_die(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *old, size_t n, size_t size)
{
	return or_die(reallocarray(old, n ? n : 1, size ? size : 1));
}

char *xstrdup(const char *s)
{
	return or_die(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return or_die(strndup(s, n));
}

void *xgrow(void *array, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 16;
	return xrealloc(array, *cap, size);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk = arena->chunks;
	size_t align = sizeof(max_align_t);
	void *p;

	size = (size + align - 1) / align * align;
	if (!chunk || chunk->size - chunk->used < size) {
		size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;

		chunk = xcalloc(1, sizeof(*chunk) + room);
		chunk->size = room;
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	p = (char *)chunk->data + chunk->used;
	chunk->used += size;
	return p;
}

char *arena_strndup(struct arena *arena, const char *s, size_t n)
{
	char *copy = arena_alloc(arena, n + 1);

	memcpy(copy, s, n);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *s)
{
	return arena_strndup(arena, s, strlen(s));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap, again;
	char *out;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	out = arena_alloc(arena, (size_t)n + 1);
	vsnprintf(out, (size_t)n + 1, fmt, again);
	va_end(again);
	return out;
}

void arena_release(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *next = arena->chunks->next;

		free(arena->chunks);
		arena->chunks = next;
	}
}

static uint64_t hash_bytes(const char *s, size_t len)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 1099511628211u;
	return h;
}

static const char **intern_slot(const char **slots, size_t cap, const char *s, size_t len)
{
	size_t i = hash_bytes(s, len) & (cap - 1);

	while (slots[i] && (strncmp(slots[i], s, len) != 0 || slots[i][len]))
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

static void intern_rehash(struct intern *in)
{
	size_t cap = in->cap ? in->cap * 2 : 64;
	const char **slots = xcalloc(cap, sizeof(*slots));

	for (size_t i = 0; i < in->cap; i++)
		if (in->slots[i])
			*intern_slot(slots, cap, in->slots[i], strlen(in->slots[i])) = in->slots[i];
	free(in->slots);
	in->slots = slots;
	in->cap = cap;
}

const char *intern(struct intern *in, const char *s, size_t len)
{
	const char **slot;

	if (!s)
		return NULL;
	len = strnlen(s, len);
	if (in->n * 2 >= in->cap)
		intern_rehash(in);
	slot = intern_slot(in->slots, in->cap, s, len);
	if (!*slot) {
		*slot = arena_strndup(&in->arena, s, len);
		in->n++;
	}
	return *slot;
}

void intern_release(struct intern *in)
{
	arena_release(&in->arena);
	free(in->slots);
	*in = (struct intern){0};
}
