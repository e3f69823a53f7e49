/* UUID version 7 (RFC 9562): time-ordered keys keep a clustered index append-only. */
#ifndef DIDCTL_UUID_H
#define DIDCTL_UUID_H

#include <stdbool.h>

#include "base/err.h"

#define UUID_TEXT 37

int uuid_make(char out[UUID_TEXT], struct err *err); /* ERR_FAILED if the kernel gives no random bytes */
bool uuid_is_valid(const char *s);	   /* 36 characters 8-4-4-4-12, hex in either case, any version */

#endif
