/* What the error codes of MariaDB and MySQL, and of their libraries, allow; as data. */
#ifndef DIDCTL_MYSQL_CODES_H
#define DIDCTL_MYSQL_CODES_H

#include "store/sql/driver_shared.h"

const struct sql_code *mysql_code_find(unsigned code, const char *text); /* never NULL: what is not in the table is SQL_FATAL */
const char *mysql_code_hint(unsigned code); /* what to do next, or NULL */

#endif
