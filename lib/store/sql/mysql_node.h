/* What a server tells of itself before anything has begun, and how a session with it is set up. No library here. */
#ifndef DIDCTL_MYSQL_NODE_H
#define DIDCTL_MYSQL_NODE_H

#include "store/sql/driver.h"

#define NODE_CELLS 3
/* Runs a statement. 1: cells has its first row, as text or NULL, valid until the next; 0: it gave none; else minus the code. */
struct node_asker {
	int (*ask)(struct node_asker *asker, const char *text, const char *cells[NODE_CELLS]);
};

struct node {
	const char *version;   /* of the handshake; filled by the caller */
	bool is_read_only;
	const char *trouble;   /* why it cannot be worked with; NULL: nothing speaks against it */
	bool is_hopeless;      /* and another host would be no better */
};

/*
 * The question to a member of a replication group what it knows of the group: one row of NODE_CELLS, the first NULL where
 * the server is in none. node_group_trouble: why such a member cannot be worked with, or NULL.
 */
extern const char node_group_members[];
const char *node_group_trouble(const char *const cells[NODE_CELLS]);

/*
 * Asks a server what it is, and sets the session up. 0, with node->trouble when it cannot be worked with;
 * else minus the code of the statement that failed. Cluster: a Galera node outside a primary component lets simple
 * statements pass and refuses tables; a member of a replication group that has left it, or is on the side without a
 * majority, would take a change that nobody else gets, or never answer its COMMIT; of a sharded Vitess keyspace no
 * transaction is atomic.
 */
int node_begin(struct node *node, const struct sql_target *target, struct node_asker *asker);

#endif
