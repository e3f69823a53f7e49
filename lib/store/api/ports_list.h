/* Inside the REST store: listings of port orders, and of what belongs to one. */
#ifndef DIDCTL_API_PORTS_LIST_H
#define DIDCTL_API_PORTS_LIST_H

#include "store/api/orgs.h"
#include "store/store.h"

/* Is told each row: values by the listing's table of columns, valid until it returns. */
struct port_keeper {
	int (*keep)(struct port_keeper *keeper, const struct value *values, struct err *err);
};

/* Any listing from LIST_PORTS on; what belongs to orders, of one. orgs: for the organisations' names, or empty. */
int api_ports_list(struct api_store *s, const struct query *query, const struct api_orgs *orgs, struct port_keeper *keeper,
		   struct err *err);

#endif
