/*
 * Routes: what is dialled, and where that goes. A million numbers under three spellings are 36 MB, sorted in
 * place: regen has 64 MB for all that it does (speed.md).
 */
#ifndef DIDCTL_ROUTES_H
#define DIDCTL_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

/* Texts by number: two routes go the same way exactly when they have the same target. Zero-initialise. */
struct names {
	struct arena arena;
	const char **at;
	size_t n, cap;
	uint32_t *slots; /* hash table of positions in at, plus one; 0 is free */
	size_t slots_n;
};

uint32_t names_add(struct names *names,
		   const char *text); /* the position of text, which is added where it is new */
void names_release(struct names *names);

/*
 * What is dialled, up to 16 of [0-9+], as a number whose order is the order of strcmp: four bits a character,
 * from the left, 0 where the text has ended.
 */
#define ROUTE_KEY_MAX 16
#define ROUTE_TEXT    (ROUTE_KEY_MAX + 1)
bool route_key(uint64_t *key, const char *text, size_t len); /* false: other characters, none, or too many */
size_t route_key_text(uint64_t key, char out[ROUTE_TEXT]);

struct route {
	uint64_t key;
	uint32_t target; /* of a struct names */
} __attribute__((packed));

/* Zero-initialise. */
struct routes {
	struct route *at;
	size_t n, cap;
};

void routes_add(struct routes *routes, uint64_t key, uint32_t target);
void routes_sort(struct routes *routes); /* by key, descending; of one key in no order; needs no memory */
void routes_release(struct routes *routes);

/*
 * After sorting: drops every route that is there twice. Then tells how many keys have two targets or more: of
 * these the switch would take the first. routes_is_clash: whether route i is one of such a key.
 */
size_t routes_unite(struct routes *routes);
bool routes_is_clash(const struct routes *routes, size_t i);
void routes_drop_clashes(struct routes *routes);

#endif
