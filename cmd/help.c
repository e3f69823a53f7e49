#include <stdio.h>
#include <string.h>

#include "cli/emit.h"
#include "cmd/commands.h"
#include "cmd/help.h"
#include "cmd/options.h"
#include "cmd/pages.h"

void help_print(FILE *out, const struct command_path *path)
{
	struct buf text = {0};

	emit_help(&text, path);
	fwrite(text.data, 1, text.len, out);
	buf_release(&text);
}

/* A word that is no command may be one of the pages that are about none: "troubleshooting" is "didctl-troubleshooting.7". */
static void hint_page(const char *word, struct err *err)
{
	char begins[64];
	int len = snprintf(begins, sizeof(begins), "didctl-%s.", word);

	for (const char *const *page = page_names; *page && (size_t)len < sizeof(begins); page++)
		if (strncmp(*page, begins, (size_t)len) == 0)
			err_hint(err, "it is a manual page: man %.*s", len - 1, *page);
}

static int run(struct context *ctx, void *args)
{
	struct command_path path;

	(void)args;
	command_start(&path, ctx->root);
	for (size_t i = 0; i < ctx->operands.n; i++) {
		int rc = command_descend(&path, ctx->operands.at[i], &ctx->err);

		if (rc < 0 && i == 0)
			hint_page(ctx->operands.at[0], &ctx->err);
		if (rc < 0)
			return rc;
		if (rc == 0)
			return err_set(&ctx->err, ERR_USAGE, "'%s' has no command '%s'",
				       command_of(&path)->name, ctx->operands.at[i]);
	}
	help_print(stdout, &path);
	return 0;
}

static const struct example examples[] = {
	{"didctl help", "Lists the commands."},
	{"didctl help completion", "Explains one of them."},
	{0},
};

const struct command cmd_help = {
	.name = "help",
	.summary = "explain a command",
	.args = {{.metavar = "COMMAND", .max = COMMAND_DEPTH_MAX, .complete = COMPLETE_COMMAND,
		  .help = "the command to explain, and its subcommand; without one all commands are listed"}},
	.groups = groups_offline,
	.flags = COMMAND_OFFLINE | COMMAND_NO_CONF,
	.run = run,
	.examples = examples,
};
