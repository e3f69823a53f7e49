/* didctl undo: the exact inverse of a change, itself a change. */
#include "cmd/commands.h"
#include "cmd/common.h"
#include "cmd/options.h"

static int run_undo(struct context *ctx, void *args)
{
	struct change change;
	int rc = change_begin(ctx, &change, VERB_UNDO);

	(void)args;
	if (!rc)
		rc = change_read_id(ctx, ctx->operands.at[0], &change.undo_of);
	return change_end(ctx, &change, rc);
}

static const struct example examples[] = {
	{"didctl undo 019aa7c2-5b1e-7c3d-9e4f-2a6b8c0d1e2f --yes", "Takes a change back."},
	{0},
};

const struct command cmd_undo = {
	.name = "undo",
	.summary = "take a change back",
	.about = "Puts every number of a change back to what it was before. Where one is no longer what "
		 "the change left, nothing is undone and those numbers are listed; with --partial the "
		 "others are undone. An undo is a change and can be undone. 'didctl history' lists the "
		 "changes.",
	.args = {{.metavar = "CHANGE-ID", .help = "the id of the change, as 'didctl history' shows it",
		  .listed_by = "didctl history", .min = 1, .max = 1, .complete = COMPLETE_CHANGE}},
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.run = run_undo,
	.examples = examples,
};
