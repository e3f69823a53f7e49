/*
 * Inside the REST store: what an object holds as lines of cells (did/port.h: an order's numbers, its documents) is an array
 * of objects in the contract.
 */
#ifndef DIDCTL_API_LINES_H
#define DIDCTL_API_LINES_H

#include "store/api/image.h"

extern const struct api_shape port_numbers_shape, port_documents_shape;

/* The next line of *text, at most n cells of it, the empty ones NULL, in the arena; false at the end. */
bool lines_next(const char **text, const char **cells, size_t n, struct arena *arena);

#endif
