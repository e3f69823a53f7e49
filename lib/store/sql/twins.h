/* Inside the SQL store: two rows of one physical number. */
#ifndef DIDCTL_TWINS_H
#define DIDCTL_TWINS_H

#include "store/sql/sqlstore.h"

/* Refuses every number of the plan that stands in more than one row. The runs are sorted. */
void twins_refuse(struct plan *plan);

/* Names the rows and owners behind refusals as twin or duplicate, the first ones number by number. */
int twins_name(struct sql_store *s, struct plan *plan, struct err *err);

#endif
