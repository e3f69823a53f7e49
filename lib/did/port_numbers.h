/*
 * The numbers of a port order with the status of each: intervals, and their text, which is what the order's object in a
 * plan and its history hold. One line an interval: "FIRST TAB LAST TAB STATUS TAB REASON", the reason empty if none.
 */
#ifndef DIDCTL_PORT_NUMBERS_H
#define DIDCTL_PORT_NUMBERS_H

#include "base/mem.h"
#include "did/port.h"
#include "number/rangeset.h"

struct port_interval {
	struct interval in;
	int status;	    /* enum port_number_status */
	const char *reason; /* or NULL; in the arena */
};

/* Sorted and disjoint. Zero-initialise. */
struct port_numbers {
	struct port_interval *at;
	size_t n, cap;
	struct arena arena;
};

int port_numbers_read(struct port_numbers *out, const char *text, struct err *err); /* ERR_FAILED: it is no such text */
void port_numbers_text(struct buf *out, const struct port_numbers *numbers);
void port_numbers_release(struct port_numbers *numbers);

/* Normalised sets; what of them the order does not have is passed over by mark and remove, what it has by add. */
void port_numbers_add(struct port_numbers *numbers, const struct rangeset *which); /* as pending */
void port_numbers_remove(struct port_numbers *numbers, const struct rangeset *which);
void port_numbers_mark(struct port_numbers *numbers, const struct rangeset *which, enum port_number_status status,
		       const char *reason);

/* What of the set both have gets its status and reason from the other. */
void port_numbers_keep(struct port_numbers *numbers, const struct port_numbers *from, const struct rangeset *which);

#define PORT_NUMBER_ANY 0xfu
/* Those of a mask of 1 << status, normalised. */
void port_numbers_of(const struct port_numbers *numbers, unsigned statuses, struct rangeset *out);

#endif
