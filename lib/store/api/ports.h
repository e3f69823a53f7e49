/* Inside the REST store: port orders, of which an API tells all that a decision and a listing ask. */
#ifndef DIDCTL_API_PORTS_H
#define DIDCTL_API_PORTS_H

#include "did/facts.h"
#include "store/api/pages.h"

/* The first page of the orders that a filter leaves is here when it returns 0; any of these may be absent. */
struct api_port_filter {
	const char *org_id, *number;
	unsigned states; /* PORT_BITs; 0: any */
};
int api_ports_open(struct api_pages *pages, struct api_store *s, const struct api_port_filter *filter, struct err *err);

/* An order of an answer: its fields, as an object's, in the arena. ERR_TARGET for what is none of the contract. */
int api_port_read(struct api_store *s, const struct json *item, const char **serial, const char *out[OBJECT_FIELDS],
		  struct arena *arena, struct err *err);
/* 1 and the answer (for json_free), with its events; 0 if there is no such order. */
int api_port_get(struct api_store *s, const char *serial, struct json **out, struct err *err);

/* What did/facts.h asks for: load of an order, open_orders, next_order. */
int api_port_load(struct api_store *s, const char *serial, const char *out[OBJECT_FIELDS], struct arena *arena,
		  struct err *err);
int api_open_orders(struct facts *facts, const char *org_id, struct order_visitor *visitor, struct err *err);
/* How many of the orders that are open have prepared this emergency location for their numbers. */
int api_orders_with_location(struct api_store *s, const char *location, uint64_t *out, struct err *err);
int api_next_order(struct facts *facts, const char **out, struct arena *arena, struct err *err);

#endif
