/* What a connection to MariaDB or MySQL must be like, as far as that can be said without the library. */
#ifndef DIDCTL_MYSQL_RULES_H
#define DIDCTL_MYSQL_RULES_H

#include <stdbool.h>

#include "store/sql/driver.h"
#include "store/sql/libmysql.h"

/* Verified, unless the settings say tls = insecure, or it stays on this machine and they say nothing. */
enum tls tls_wanted(const struct sql_target *target, const char *host);

/*
 * Opens the option file: a descriptor, or ERR_TARGET if it is not a readable regular file. is_private: nobody but its
 * owner, who is this user or root, may read it.
 */
int option_file_open(const char *path, bool *is_private, struct err *err);

#endif
