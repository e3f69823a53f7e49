/* Target URLs of the two databases, taken apart. */
#ifndef DIDCTL_TARGET_H
#define DIDCTL_TARGET_H

#include "base/mem.h"
#include "store/sql/driver.h"

/* Fill the fields of out that the URL decides; strings live in the arena or in url. ERR_TARGET for bad text. */
int target_parse_mysql(struct sql_target *out, const char *url, struct arena *arena, struct err *err);
int target_parse_sqlite(struct sql_target *out, const char *url, struct err *err);

#endif
