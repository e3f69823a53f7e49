#include "store/sql/mysql_node.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/sql/mysql_hosts.h"

#define UNKNOWN_VARIABLE 1193
#define LOCK_WAIT_S	 10

static bool is_switch_on(const char *value)
{
	return value && strcmp(value, "0") != 0 && strcmp(value, "OFF") != 0;
}

/* *is_galera: the server takes part in a cluster; not every build knows the variable. */
static int look_at_mariadb(struct node *node, bool *is_galera, struct node_asker *asker)
{
	const char *cells[NODE_CELLS];
	int rc = asker->ask(asker, "SELECT @@global.read_only, @@wsrep_on", cells);

	if (rc == -UNKNOWN_VARIABLE)
		rc = asker->ask(asker, "SELECT @@global.read_only, 0", cells);
	if (rc < 1)
		return rc;
	node->is_read_only = is_switch_on(cells[0]);
	*is_galera = is_switch_on(cells[1]);
	return 0;
}

/* Only a cluster of the other line that MySQL's servers come in knows wsrep at all. */
static int look_at_mysql(struct node *node, bool *is_galera, struct node_asker *asker)
{
	const char *cells[NODE_CELLS];
	int rc = asker->ask(asker, "SELECT @@global.read_only, @@version_comment", cells);

	if (rc < 1)
		return rc;
	node->is_read_only = is_switch_on(cells[0]);
	*is_galera = cells[1] && strstr(cells[1], "XtraDB Cluster");
	return 0;
}

/* The administrator may have closed a node that is ready. Session variables and SHOW work all the same. */
static int look_at_galera(struct node *node, struct node_asker *asker)
{
	const char *cells[NODE_CELLS];
	int rc = asker->ask(asker, "SHOW STATUS LIKE 'wsrep_ready'", cells);

	if (rc == 1 && !is_switch_on(cells[1]))
		node->trouble = "this node of the cluster is not ready: wsrep_ready is OFF";
	if (rc < 0 || node->trouble)
		return rc < 0 ? rc : 0;
	rc = asker->ask(asker, "SHOW VARIABLES LIKE 'wsrep_reject_queries'", cells);
	if (rc == 1 && cells[1] && strcmp(cells[1], "NONE") != 0)
		node->trouble = "this node of the cluster takes no statements: wsrep_reject_queries is not NONE";
	return rc < 0 ? rc : 0;
}

const char node_group_members[] = "SELECT MAX(CASE WHEN member_id IN (@@server_uuid, '') THEN member_state END), COUNT(*),"
				  " SUM(CASE WHEN member_state = 'UNREACHABLE' THEN 1 ELSE 0 END)"
				  " FROM performance_schema.replication_group_members";

const char *node_group_trouble(const char *const cells[NODE_CELLS])
{
	if (!cells[0])
		return NULL;
	if (strcmp(cells[0], "ONLINE") != 0)
		return "this member of the replication group is not online in it";
	if (cells[1] && cells[2] && strtoul(cells[2], NULL, 10) * 2 >= strtoul(cells[1], NULL, 10))
		return "this member of the replication group does not reach a majority of it";
	return NULL;
}

/*
 * Who has no right to read the table, or a server that has none, tells nothing: then read_only has to do. What the only
 * host knows may be read whatever it takes part in.
 */
static void look_at_group(struct node *node, const struct sql_target *target, struct node_asker *asker)
{
	const char *cells[NODE_CELLS];

	if (target->read_only && hosts_count(target) < 2)
		return;
	if (asker->ask(asker, node_group_members, cells) == 1)
		node->trouble = node_group_trouble(cells);
}

/* "KEYSPACE/0" and "KEYSPACE/-" are a keyspace's only shard. */
static bool is_whole(const char *shard)
{
	size_t len = strlen(shard);

	return len > 2 && (strcmp(shard + len - 2, "/0") == 0 || strcmp(shard + len - 2, "/-") == 0);
}

/* Only whole keyspaces on one shard commit as one; to read is harmless. A row a shard, "KEYSPACE/SHARD". */
static void look_at_vitess(struct node *node, const struct sql_target *target, struct node_asker *asker)
{
	const char *cells[NODE_CELLS], *rest = target->database + strcspn(target->database, ":@");
	struct buf text = {0};
	int rc;

	if (target->read_only)
		return;
	buf_puts(&text, "SHOW VITESS_SHARDS LIKE '");
	for (const char *p = target->database; p < rest; p++)
		buf_printf(&text, strchr("'\\%_", *p) ? "\\%c" : "%c", *p);
	buf_puts(&text, "/%'");
	rc = asker->ask(asker, text.data, cells);
	buf_release(&text);
	if (rc != 1 || !cells[0] || !is_whole(cells[0]))
		node->trouble = "it is a sharded Vitess keyspace, or one that does not say that it is not: what a change "
				"writes on several shards is not committed as one, so that didctl only reads there";
	node->is_hopeless = node->trouble;
}

/* One statement for all, NAMES included: an option of the server may have ignored what the handshake asked for. */
static int set_session(const struct sql_target *target, bool is_mariadb, bool is_galera, struct node_asker *asker)
{
	int timeout_s = target->timeout_s;
	/* The server is to say that the lock was not had before we hang up on it. */
	int lock_wait_s = timeout_s > LOCK_WAIT_S ? LOCK_WAIT_S : timeout_s > 1 ? timeout_s - 1 : 1;
	const char *cells[NODE_CELLS];
	struct buf text = {0};
	int rc;

	buf_printf(&text, "SET NAMES utf8mb4, time_zone = '+00:00', autocommit = 1, innodb_lock_wait_timeout = %d,"
		   " sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
		   "NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT', %s = 'READ-COMMITTED'%s",
		   lock_wait_s, is_mariadb ? "tx_isolation" : "transaction_isolation",
		   is_galera ? ", wsrep_sync_wait = 1" : ""); /* which not every build knows */
	rc = asker->ask(asker, text.data, cells);
	buf_release(&text);
	return rc;
}

int node_begin(struct node *node, const struct sql_target *target, struct node_asker *asker)
{
	bool is_mariadb = strstr(node->version, "MariaDB"), is_galera = false;
	int rc = is_mariadb ? look_at_mariadb(node, &is_galera, asker) : look_at_mysql(node, &is_galera, asker);

	if (rc == 0 && is_galera)
		rc = look_at_galera(node, asker);
	if (rc == 0 && !is_mariadb && strcasestr(node->version, "vitess"))
		look_at_vitess(node, target, asker);
	else if (rc == 0 && !is_mariadb && !is_galera)
		look_at_group(node, target, asker);
	return rc || node->trouble ? rc : set_session(target, is_mariadb, is_galera, asker);
}
