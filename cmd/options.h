/* The option groups that commands share; each writes to its struct in the context (cmd/context.h). */
#ifndef DIDCTL_OPTIONS_H
#define DIDCTL_OPTIONS_H

#include "cmd/context.h"

extern const struct option_group group_global;	/* every command */
extern const struct option_group group_target;	/* commands that open a target, and `config` */
extern const struct option_group group_output;	/* commands that print rows */
extern const struct option_group group_listing; /* commands that list columns of a table */
extern const struct option_group group_write;	/* commands that write */
extern const struct option_group group_where;	/* commands that change numbers: --where, into ctx->filter */
extern const struct option_group group_filter;	/* listings of numbers */

enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* The lists that most commands want, for struct command's groups. All NULL-terminated. */
extern const struct option_group *const groups_offline[];      /* GLOBAL */
extern const struct option_group *const groups_show[];	       /* GLOBAL TARGET OUTPUT */
extern const struct option_group *const groups_list[];	       /* GLOBAL TARGET OUTPUT LISTING */
extern const struct option_group *const groups_list_numbers[]; /* the same and FILTER */
extern const struct option_group *const groups_write[];	       /* GLOBAL TARGET OUTPUT WRITE */
extern const struct option_group *const groups_write_numbers[]; /* the same and WHERE */

/* The parser's bases for a context; own: the command's args struct. */
void option_bases(struct context *ctx, void *own, void *bases[OPTION_GROUPS_MAX]);

#endif
