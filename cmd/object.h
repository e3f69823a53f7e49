/* What organisations and users have in common: named, edited, and shown on a sheet. */
#ifndef DIDCTL_OBJECT_H
#define DIDCTL_OBJECT_H

#include "cmd/common.h"

/* A field that the change sets, by enum org_field or user_field; NULL clears it. */
void object_put(struct change *change, int field, const char *value);

/* A number that users show, in the one text of all its spellings: a replay of the change may use another one. */
int object_read_number(struct context *ctx, const char *text, const char **out);

/* ERR_USAGE unless the change sets a field. */
int object_check_edit(struct context *ctx, const struct change *change);

/* The row of a query whose first column is this id, in the arena. ERR_ABSENT if it has gone meanwhile. */
int object_load(struct context *ctx, const struct query *query, const char *id, struct value *out);

/* One object: in a table a line for each value that there is, else a row. */
int object_print(struct context *ctx, const struct column *const *columns, const struct value *values,
		 size_t n);
/* The same of several, one after the other; values: n of each. */
int objects_print(struct context *ctx, const struct column *const *columns, const struct value *values, size_t n,
		  size_t count);

#endif
