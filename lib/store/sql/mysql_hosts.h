/* The hosts of a target: in which order they are tried, which is taken, and what is said of the others. No library here. */
#ifndef DIDCTL_MYSQL_HOSTS_H
#define DIDCTL_MYSQL_HOSTS_H

#include "store/sql/driver_shared.h"

/* What a driver does for the hosts of a target. open leaves one that is open; class and is_read_only tell how that went. */
struct host_opener {
	int (*open)(struct host_opener *opener, const struct sql_host *host, struct err *err);
	enum sql_class class;
	bool is_read_only; /* the server takes no writes */
};

/*
 * Opens the first host that works, and that takes writes if they are wanted and any does. A host that refuses, is gone or
 * is a node that is not ready is passed over, and one that is doubted (target->seen) is tried last; any other error (a password, a certificate, a database that is not there)
 * is an answer and ends it. ERR_TARGET names each host that was tried, and why it was not taken.
 */
int hosts_open(const struct sql_target *target, struct host_opener *opener, struct err *err);

/* How long connecting to one of the hosts may take, in seconds: all of them together as long as one alone may. */
unsigned hosts_connect_timeout(const struct sql_target *target);

/* How many there are to choose from; of a socket none. */
size_t hosts_count(const struct sql_target *target);

/* The target with this host alone, for messages. Allocated. */
char *host_url(const struct sql_target *target, const struct sql_host *host);

#endif
