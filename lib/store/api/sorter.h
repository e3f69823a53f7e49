/* Rows that come in another order than is wanted: kept, sorted, given out. */
#ifndef DIDCTL_API_SORTER_H
#define DIDCTL_API_SORTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/value.h"

#define SORTER_BYTES (128u << 20) /* of all rows that are kept */

struct sorter_key {
	size_t cell; /* of the row */
	enum column_type type;
	bool is_descending;
};

struct sorted_row;

/* Zero-initialise, and set what is above the line. */
struct sorter {
	size_t ncells;
	const struct sorter_key *keys;
	size_t nkeys;
	uint64_t limit; /* only so many first rows are wanted; 0: all */
	/* ---- */
	struct sorted_row **at;
	size_t n, cap, bytes, next;
	uint64_t added;
};

/* Keeps a copy of a row. False: there is no room for more. */
bool sorter_add(struct sorter *sorter, const struct value *cells);
/* After the last sorter_add: the rows in their order, equal ones as they came; NULL at the end. */
const struct value *sorter_next(struct sorter *sorter);
void sorter_release(struct sorter *sorter);

#endif
