/* Inside the SQL store: what decisions ask of it (did/facts.h). */
#ifndef DIDCTL_SQL_FACTS_H
#define DIDCTL_SQL_FACTS_H

#include "did/facts.h"
#include "store/sql/sqlstore.h"

struct sql_facts {
	struct facts facts; /* the first member */
	struct sql_store *s;
};

/* guards: they are written, since what is decided is going to be recorded. */
struct sql_facts sql_facts(struct sql_store *s, bool guards);

#endif
