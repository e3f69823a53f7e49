/* The subcommands of pool, for its table. */
#ifndef DIDCTL_POOL_H
#define DIDCTL_POOL_H

#include "cli/command.h"

extern const struct command pool_add, pool_approve, pool_delete, pool_edit, pool_list, pool_lock, pool_mark,
	pool_merge, pool_reject, pool_request, pool_requests, pool_show, pool_stats, pool_sweep, pool_unlock;

#endif
