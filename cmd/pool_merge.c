/* pool merge: two rows of one physical number into one. */
#include <string.h>

#include "base/text.h"
#include "base/uuid.h"
#include "cmd/common.h"
#include "cmd/options.h"
#include "cmd/pool.h"

struct merge_args {
	const char *keep;
};

/* The id of a row, as messages and listings show it, or as the operand id:UUID. */
static int read_row(struct context *ctx, const char *word, const char **out)
{
	const char *id = strncmp(word, "id:", 3) ? word : word + 3;
	char shown[TEXT_SHOWN];

	if (!uuid_is_valid(id))
		return err_set(&ctx->err, ERR_USAGE, "--keep: '%s' is not the id of a row",
			       text_show(shown, word, strlen(word)));
	*out = uuid_key(ctx, id);
	return 0;
}

static int run_merge(struct context *ctx, void *args)
{
	const struct merge_args *own = args;
	struct change change;
	int rc = change_begin(ctx, &change, VERB_MERGE);

	if (!rc && !own->keep) {
		rc = err_set(&ctx->err, ERR_USAGE, "'pool merge' needs --keep ROW-ID: which row stays");
		err_hint(&ctx->err, "'didctl pool show %s' shows the rows", ctx->operands.at[0]);
	}
	if (!rc)
		rc = read_row(ctx, own->keep, &change.keep_id);
	if (!rc)
		rc = select_one(ctx, ctx->operands.at[0], &change.selection);
	return change_end(ctx, &change, rc);
}

static const struct option options[] = {
	{.name = "keep", OPT_STRING(struct merge_args, keep), .metavar = "ROW-ID",
	 .help = "the id of the row that stays as it is, with its owner and its spelling"},
};

static const struct example examples[] = {
	{"didctl pool merge 08065978019 --keep 01a20000-0000-7000-8000-000000000001 --yes",
	 "Keeps one of them and drops the others."},
	{0},
};

const struct command pool_merge = {
	.name = "merge",
	.summary = "make the rows of one physical number into one",
	.about = "For a number that is stored under two spellings, so that it has two rows and perhaps two "
		 "owners. The row of --keep stays exactly as it is; the others go, as deleted rows do, whoever "
		 "held them: a default caller ID of theirs is cleared, and so is what users of another owner show. "
		 "A locked row cannot go. A row in a spelling that no look-up finds is named by its id. 'undo' "
		 "brings the dropped rows back.",
	.args = {{.metavar = "NUMBER", .help = "the number in any spelling, or id:UUID of one of its rows",
		  .min = 1, .max = 1, .complete = COMPLETE_NUMBER}},
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct merge_args),
	.run = run_merge,
	.examples = examples,
};
