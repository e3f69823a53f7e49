/* Numbers, since each library's headers know only its own. */
#include "store/sql/mysql_codes.h"

#include "base/mem.h"

/* A code that keeps its meaning at COMMIT, and one after which nobody knows whether the COMMIT went through. */
#define ALWAYS(class)	      NULL, class, class
#define OPEN_AT_COMMIT(class) NULL, class, SQL_LOST

static const struct sql_code codes[] = {
	{1040, ALWAYS(SQL_NEVER_STARTED)}, /* too many connections */
	{1203, ALWAYS(SQL_NEVER_STARTED)}, /* too many of this user */
	{2002, ALWAYS(SQL_NEVER_STARTED)}, /* no socket, or connection refused */
	{2003, ALWAYS(SQL_NEVER_STARTED)}, /* host not reached */
	{2005, ALWAYS(SQL_NEVER_STARTED)}, /* unknown host */

	{1213, ALWAYS(SQL_ROLLED_BACK)}, /* deadlock; on Galera also a lost certification */
	{1020, ALWAYS(SQL_ROLLED_BACK)}, /* the record has changed since it was read */
	{3101, ALWAYS(SQL_ROLLED_BACK)}, /* Group Replication: lost certification */
	{3100, OPEN_AT_COMMIT(SQL_FATAL)}, /* the same: a member that leaves may have sent what the others then commit */
	{1180, "error 149", SQL_ROLLED_BACK, SQL_ROLLED_BACK}, /* a deadlock, told during COMMIT */
	{1180, "wsrep_max_ws_rows", SQL_TOO_LARGE, SQL_TOO_LARGE}, /* Galera: told by a statement */
	{1180, "error 90", SQL_TOO_LARGE, SQL_TOO_LARGE},	   /* Galera: EMSGSIZE */
	{1180, OPEN_AT_COMMIT(SQL_FATAL)},

	{1205, ALWAYS(SQL_STATEMENT)},	       /* lock wait timeout */
	{3572, ALWAYS(SQL_STATEMENT)},	       /* NOWAIT, MySQL */
	{1969, ALWAYS(SQL_STATEMENT)},	       /* max_statement_time, MariaDB */
	{3024, ALWAYS(SQL_STATEMENT)},	       /* max_execution_time, MySQL */
	{1317, OPEN_AT_COMMIT(SQL_STATEMENT)}, /* KILL QUERY */

	{1047, OPEN_AT_COMMIT(SQL_NODE)}, /* a Galera node without a primary component */
	{1053, OPEN_AT_COMMIT(SQL_NODE)}, /* shutdown in progress */
	{3032, OPEN_AT_COMMIT(SQL_NODE)}, /* offline mode, as a member that had to leave its group is in */
	{3796, ALWAYS(SQL_NODE)},	  /* group_replication_consistency on a member that is not in its group */
	{3797, ALWAYS(SQL_NODE)},	  /* and on one that does not get what the others have */
	{3798, ALWAYS(SQL_NODE)},	  /* the same at BEGIN */
	{3799, ALWAYS(SQL_NODE)},	  /* a member that is leaving its group */
	{1290, ALWAYS(SQL_NODE)},	  /* --read-only */
	{1836, ALWAYS(SQL_NODE)},	  /* read-only mode */

	{2006, ALWAYS(SQL_LOST)},	   /* gone away */
	{2013, ALWAYS(SQL_LOST)},	   /* lost during a query, or our own time limit */
	{2055, ALWAYS(SQL_LOST)},	   /* lost, with the system's error */
	{2026, ALWAYS(SQL_LOST)},	   /* over TLS a lost connection reads so */
	{2008, ALWAYS(SQL_LOST)},	   /* the library had no memory for an answer: half of it is read */
	{2027, ALWAYS(SQL_LOST)},	   /* malformed packet: the stream is beyond use */
	{1927, ALWAYS(SQL_LOST)},	   /* KILL CONNECTION, MariaDB */
	{4031, ALWAYS(SQL_LOST)},	   /* closed for inactivity, MySQL */
	{1105, "writeset size exceeded", SQL_TOO_LARGE, SQL_TOO_LARGE}, /* Galera: wsrep_max_ws_size, told by COMMIT too */
	{1105, OPEN_AT_COMMIT(SQL_FATAL)}, /* unknown error */
	{1197, ALWAYS(SQL_TOO_LARGE)},	   /* max_binlog_cache_size */
	{3231, ALWAYS(SQL_TOO_LARGE)},	   /* Group Replication: group_replication_transaction_size_limit */
	{8004, ALWAYS(SQL_TOO_LARGE)},	   /* TiDB: the transaction */
	{8025, ALWAYS(SQL_TOO_LARGE)},	   /* TiDB: one entry of it */

	{1062, ALWAYS(SQL_DUPLICATE)},
	{1586, ALWAYS(SQL_DUPLICATE)}, /* the same with the key's name */

	{1267, ALWAYS(SQL_UNFIT)}, /* compared with it */
	{1271, ALWAYS(SQL_UNFIT)}, /* the same with several */
	{1366, "string value", SQL_UNFIT, SQL_UNFIT}, /* to be stored; the code is also one of bad numbers */

	{1048, ALWAYS(SQL_RULE)}, /* NOT NULL */
	{1364, ALWAYS(SQL_RULE)}, /* no value given, and no default */
	{1264, ALWAYS(SQL_RULE)}, /* out of range */
	{1265, ALWAYS(SQL_RULE)}, /* a word that an ENUM does not have */
	{1292, ALWAYS(SQL_RULE)}, /* a value of another type */
	{1366, ALWAYS(SQL_RULE)}, /* the same */
	{1406, ALWAYS(SQL_RULE)}, /* too long */
	{1451, ALWAYS(SQL_RULE)}, /* another row refers to this one */
	{1452, ALWAYS(SQL_RULE)}, /* refers to a row that is not there */
	{3819, ALWAYS(SQL_RULE)}, /* CHECK, MySQL */
	{4025, ALWAYS(SQL_RULE)}, /* CHECK, MariaDB */

	{1146, ALWAYS(SQL_NO_OBJECT)}, /* no such table */
	{1054, ALWAYS(SQL_NO_OBJECT)}, /* no such column */

	{1114, ALWAYS(SQL_FULL)}, /* the table, which on InnoDB is the disk */
	{1021, ALWAYS(SQL_FULL)},
	{1026, "28", SQL_FULL, SQL_FULL}, /* ENOSPC while writing a file */

	{1044, ALWAYS(SQL_DENIED)}, /* to the database */
	{1045, ALWAYS(SQL_DENIED)}, /* to the user */
	{1698, ALWAYS(SQL_DENIED)}, /* to the user, who sent no password */
	{1130, ALWAYS(SQL_DENIED)}, /* to this host */
	{1142, ALWAYS(SQL_DENIED)}, /* to the table */
	{1143, ALWAYS(SQL_DENIED)}, /* to the column */
	{1227, ALWAYS(SQL_DENIED)}, /* a privilege is needed */
	{1370, ALWAYS(SQL_DENIED)}, /* to the routine */
};

const struct sql_code *mysql_code_find(unsigned code, const char *text)
{
	static const struct sql_code rest = {0, NULL, SQL_FATAL, SQL_FATAL};
	const struct sql_code *found = code_find(codes, ARRAY_SIZE(codes), code, text);

	return found ? found : &rest;
}

const char *mysql_code_hint(unsigned code)
{
	static const char rights[] = "didctl doctor rights says which the user lacks, and the GRANT that gives them";
	static const struct {
		unsigned code;
		const char *hint;
	} hints[] = {
		{2002, "is the server running, and is this its socket or address?"},
		{2003, "is the server running, and is this its address?"},
		{2005, "check the host name in the URL"},
		{2013, "is the server up, and neither stopped nor overloaded? the time limit for each answer is --timeout"},
		{2026, "set ca-file to the certificate of the server's authority, or tls = insecure"},
		{1040, "the server has no connection left: try again later"},
		{1044, "is this its name? the user needs rights on this database"},
		{1142, rights}, {1143, rights}, {1227, rights}, {1370, rights},
		{1045, "check the user in the URL, and password-file or password-command of the profile"},
		{1698, "check the user in the URL, and password-file or password-command of the profile"},
		{1049, "check the database in the URL, or create it first"},
		{1267, "convert the table to utf8mb4, or keep to the characters of its own set"},
		{1366, "convert the table to utf8mb4, or keep to the characters of its own set"},
		{1047, "is this node of the cluster in its primary component? name the others too: mysql://a,b,c/db"},
		{1290, "name a server that may be written to"},
		{1836, "name a server that may be written to"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (hints[i].code == code)
			return hints[i].hint;
	return NULL;
}
