/* didctl pool: the numbers that there are. */
#include "cmd/pool.h"

#include "cmd/commands.h"
#include "cmd/options.h"

static const struct command *const subcommands[] = {
	&pool_add,     &pool_approve,  &pool_delete, &pool_edit,  &pool_list,	&pool_lock,   &pool_mark,
	&pool_merge,   &pool_reject,  &pool_request, &pool_requests, &pool_show, &pool_stats, &pool_sweep,
	&pool_unlock,
	NULL,
};

const struct command cmd_pool = {
	.name = "pool",
	.summary = "list, add, edit and mark the numbers that there are",
	.about = "The pool is every number of the inventory, whoever holds it. Each is in one state: "
		 "available, pending, assigned, blocked, on-hold, reserved, archived or ported. These "
		 "commands move a number between the states that have no verb of their own; 'assign' and "
		 "'release' do the rest.",
	.groups = groups_offline,
	.subcommands = subcommands,
};
