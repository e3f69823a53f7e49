/* All rows of one physical number: two or more where it is stored under two spellings. */
#ifndef DIDCTL_NUMBER_ROWS_H
#define DIDCTL_NUMBER_ROWS_H

#include "cmd/common.h"

struct number_row {
	struct value v[DID_FIELDS]; /* in the arena of the context */
};

struct number_rows {
	struct number_row *at; /* sorted by stored text, as a generator of the switch's files reads them */
	size_t n, cap;
};

/*
 * The rows of the number that a word names, in any spelling or as id:UUID of one of them. ERR_USAGE for a word that is
 * none; ERR_ABSENT where there is no row.
 */
int number_rows_find(struct context *ctx, const char *word, struct number_rows *out);

/* The rows of a number, which may be none. */
int number_rows_load(struct context *ctx, struct number number, struct number_rows *out);
void number_rows_release(struct number_rows *rows);

/* The selection of a key as the store gives it; false if it gives none. */
bool number_rows_select(struct selection *selection, struct value e164);

#endif
