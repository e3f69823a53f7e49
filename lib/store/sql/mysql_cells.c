#include "store/sql/mysql_cells.h"

#include <stdlib.h>

#include "base/mem.h"

#define CELL_SIZE 256 /* what a column gets at first: nearly every value fits */

void cells_make(struct cells *cells, unsigned n)
{
	if (n <= cells->n)
		return;
	cells->at = xrealloc(cells->at, n, sizeof(*cells->at));
	for (; cells->n < n; cells->n++)
		cells->at[cells->n] = (struct cell){.data = xcalloc(1, CELL_SIZE), .cap = CELL_SIZE};
}

void cells_release(struct cells *cells)
{
	for (unsigned i = 0; i < cells->n; i++)
		free(cells->at[i].data);
	free(cells->at);
	*cells = (struct cells){0};
}

bool cell_grow(struct cell *cell)
{
	if (cell->is_null || cell->len < cell->cap)
		return false;
	cell->cap = cell->len + cell->len / 2 + 1;
	cell->data = xrealloc(cell->data, cell->cap, 1);
	return true;
}

void cells_read(const struct cells *cells, struct value *row, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct cell *cell = &cells->at[i];

		if (!cell->is_null)
			cell->data[cell->len] = '\0';
		row[i] = cell->is_null ? (struct value){0} : (struct value){cell->data, cell->len};
	}
}
