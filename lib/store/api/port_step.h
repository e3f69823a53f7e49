/* Inside the REST store: which request of the contract brings a port order nearer to what it shall be. */
#ifndef DIDCTL_API_PORT_STEP_H
#define DIDCTL_API_PORT_STEP_H

#include "store/api/op_step.h"

/* Of an order that is there and stays; due: its fields, by their place, that are another yet. */
void port_step(const struct ops *ops, const struct op *op, const struct plan *plan, uint64_t due, const struct image *after,
	       struct step *out);

/* The fields that a request should have set: what of them is due after it was ignored. */
uint64_t port_step_fields(enum api_operation operation);

/* Appends what an order's new row or edit has beside its fields: the PIN itself, and what the time line says. */
void port_put_beside(const struct ops *ops, const struct op *op, const struct plan *plan, bool has_pin, struct buf *body);

/*
 * Once all numbers of a completion are done or refused: the order, as it is to be, says so of each; where one was refused it
 * waits for it, in the state that it has. *settled: the op, counted from 1, whose order is now another than was planned; 0.
 */
int port_settle(const struct ops *ops, struct plan *plan, size_t *settled, struct err *err);

#endif
