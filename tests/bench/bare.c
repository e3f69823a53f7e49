/*
 * bare SOCKET DATABASE: the least that a program on libmariadb can do to list three columns of all numbers as tsv. The
 * yardstick of didctl's listing, so it has no feature at all.
 */
#include <mysql.h>
#include <stdio.h>

static int list(MYSQL *db)
{
	MYSQL_RES *res;
	MYSQL_ROW row;

	if (mysql_query(db, "SELECT number, pool_status, routing_environment FROM did_numbers"))
		return -1;
	res = mysql_use_result(db);
	if (!res)
		return -1;
	while ((row = mysql_fetch_row(res)))
		printf("%s\t%s\t%s\n", row[0], row[1], row[2]);
	mysql_free_result(res);
	return mysql_errno(db) ? -1 : 0;
}

int main(int argc, char **argv)
{
	MYSQL *db = mysql_init(NULL);
	int failed;

	if (argc != 3 || !db)
		return 2;
	failed = !mysql_real_connect(db, NULL, "root", NULL, argv[2], 0, argv[1], 0) || list(db);
	if (failed)
		fprintf(stderr, "bare: %s\n", mysql_error(db));
	mysql_close(db);
	return failed || fflush(stdout);
}
