/* How long ago something was, for listings. */
#ifndef DIDCTL_AGE_H
#define DIDCTL_AGE_H

#include "cmd/common.h"

/* "3d 4h", "4h 20m", "20m" since an RFC 3339 time; a derived column (struct column_source). Absent for none. */
struct value age_of(const struct context *ctx, struct value since, char out[DERIVED_TEXT]);

#endif
