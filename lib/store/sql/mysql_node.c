#include "store/sql/mysql_node.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/sql/mysql_rules.h"

#define CONNECT_TIMEOUT_S 10
#define UNKNOWN_VARIABLE 1193

static size_t count_hosts(const struct sql_target *target)
{
	size_t n = 0;

	while (!target->socket && target->hosts[n].name)
		n++;
	return n;
}

unsigned hosts_connect_timeout(const struct sql_target *target)
{
	unsigned all = target->timeout_s < CONNECT_TIMEOUT_S ? (unsigned)target->timeout_s : CONNECT_TIMEOUT_S;
	size_t n = count_hosts(target);

	return n < 2 ? all : n < all ? all / (unsigned)n : 1;
}

static void put_host(struct buf *out, const struct sql_host *host)
{
	buf_printf(out, strchr(host->name, ':') ? "[%s]:%u" : "%s:%u", host->name, host->port);
}

char *host_url(const struct sql_target *target, const struct sql_host *host)
{
	struct buf out = {0};

	buf_printf(&out, "mysql://%s%s", target->user ? target->user : "", target->user ? "@" : "");
	put_host(&out, host);
	buf_printf(&out, "/%s", target->database);
	return out.data;
}

/* What the driver told of one host, without that host's URL: the list has its name. */
static void add_reason(struct buf *out, const struct sql_target *target, const struct sql_host *host, const char *text)
{
	char *url = host_url(target, host);
	const char *at = strstr(text, url);

	buf_puts(out, out->len ? "; " : "");
	put_host(out, host);
	buf_printf(out, ": %s", at ? at + strlen(url) + strlen("': ") : text);
	free(url);
}

static int none_left(const struct sql_target *target, const struct buf *reasons, struct err *err)
{
	err_set(err, ERR_TARGET, "no host of '%s' can be used: %s", target->url, reasons->data);
	err_hint(err, "each was tried in turn; at least one must be up, ready and writable");
	return ERR_TARGET;
}

/* Takes the reasons over. */
static void tell_hosts(const struct sql_target *target, const struct sql_host *used, struct buf *reasons)
{
	struct buf name = {0};

	if (!target->seen)
		return;
	free(target->seen->used);
	free(target->seen->passed);
	if (used)
		put_host(&name, used);
	*target->seen = (struct sql_hosts){name.data, reasons->data};
	*reasons = (struct buf){0};
}

int hosts_open(const struct sql_target *target, struct host_opener *opener, struct err *err)
{
	static const struct sql_host local[] = {{"localhost", 0}, {NULL, 0}};
	const struct sql_host *hosts = target->socket ? local : target->hosts, *read_only = NULL, *host;
	bool is_one = target->socket || !hosts[1].name;
	struct buf reasons = {0};
	int rc = ERR_TARGET;

	for (host = hosts; host->name; host++) {
		struct err own = {0};

		rc = opener->open(opener, host, &own);
		if (err)
			*err = own;
		if (rc == 0 && (is_one || target->read_only || !opener->is_read_only))
			goto out;
		if (rc == 0)
			add_reason(&reasons, target, read_only = host, "it takes no writes");
		else if (is_one || rc != ERR_TARGET || (opener->class != SQL_NEVER_STARTED && opener->class != SQL_NODE))
			goto out;
		else
			add_reason(&reasons, target, host, own.text);
	}
	/* A user who may write there all the same knows; any other one is told by the first statement. */
	rc = read_only ? opener->open(opener, read_only, err) : none_left(target, &reasons, err);
	host = read_only;
out:
	if (!is_one)
		tell_hosts(target, rc == 0 ? host : NULL, &reasons);
	buf_release(&reasons);
	return rc;
}

/* ---- one server */

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

	if (target->read_only && count_hosts(target) < 2)
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

static int set_session(const struct sql_target *target, bool is_mariadb, bool is_galera, struct node_asker *asker)
{
	const char *cells[NODE_CELLS];
	char text[SESSION_TEXT];

	session_text(text, target->timeout_s, is_mariadb, is_galera);
	return asker->ask(asker, text, cells);
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
