/*
 * The memory that a row of a prepared statement's result is fetched into, as far as that can be said without the library:
 * what a column has at first, how it grows with its values, and how it is read.
 */
#ifndef DIDCTL_MYSQL_CELLS_H
#define DIDCTL_MYSQL_CELLS_H

#include <stdbool.h>

#include "base/value.h"

struct cell {
	char *data;
	unsigned long cap; /* of data; one byte is kept for a final NUL */
	unsigned long len; /* of the value, as the library found it: more than there is room for, where it was cut */
	bool is_null;
};

/* One per column; zero-initialise. */
struct cells {
	struct cell *at;
	unsigned n;
};

void cells_make(struct cells *cells, unsigned n); /* at least n of them; those that are there stay as they are */
void cells_release(struct cells *cells);

/* False: the value fits. Else there is room for it now and for larger ones to come, and data is another. */
bool cell_grow(struct cell *cell);

/* The first n cells as values, valid until the next row; each ends with a NUL. */
void cells_read(const struct cells *cells, struct value *row, unsigned n);

#endif
