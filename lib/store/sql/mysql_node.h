/*
 * Which server to work with, as far as that can be said without the library: the hosts of a target in their order, and
 * what a server tells of itself before anything has begun.
 */
#ifndef DIDCTL_MYSQL_NODE_H
#define DIDCTL_MYSQL_NODE_H

#include "store/sql/driver_shared.h"

/* What a driver does for the hosts of a target. open leaves one that is open; class and is_read_only tell how that went. */
struct host_opener {
	int (*open)(struct host_opener *opener, const struct sql_host *host, struct err *err);
	enum sql_class class;
	bool is_read_only; /* the server takes no writes */
};

/*
 * Opens the first host that works, and that takes writes if they are wanted and any does. A host that refuses, is gone or
 * is a node that is not ready is passed over; any other error (a password, a certificate, a database that is not there)
 * is an answer and ends it. ERR_TARGET names each host that was tried, and why it was not taken.
 */
int hosts_open(const struct sql_target *target, struct host_opener *opener, struct err *err);

/* How long connecting to one of the hosts may take, in seconds: all of them together as long as one alone may. */
unsigned hosts_connect_timeout(const struct sql_target *target);

/* The target with this host alone, for messages. Allocated. */
char *host_url(const struct sql_target *target, const struct sql_host *host);

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
