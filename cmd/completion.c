#include "cmd/completion.h"

#include <string.h>

#include "cmd/commands.h"
#include "cmd/options.h"

const char *const shell_names[] = {"bash", "zsh", "fish", NULL};

bool completion_emit(struct buf *out, const struct command *root, const char *shell)
{
	static void (*const emit[])(struct buf *, const struct command *) = {emit_bash, emit_zsh, emit_fish};

	for (size_t i = 0; shell_names[i]; i++) {
		if (strcmp(shell_names[i], shell) == 0) {
			emit[i](out, root);
			return true;
		}
	}
	return false;
}

static int run(struct context *ctx, void *args)
{
	struct buf script = {0};

	(void)args;
	completion_emit(&script, ctx->root, ctx->operands.at[0]); /* the parser has checked the name */
	fwrite(script.data, 1, script.len, stdout);
	buf_release(&script);
	return 0;
}

static const struct example examples[] = {
	{"didctl completion bash", "For bash: put `source <(didctl completion bash)` into ~/.bashrc."},
	{"didctl completion zsh", "For zsh: write it to a file _didctl in a directory of $fpath."},
	{"didctl completion fish", "For fish: write it to ~/.config/fish/completions/didctl.fish."},
	{0},
};

const struct command cmd_completion = {
	.name = "completion",
	.summary = "print the completion script for a shell",
	.about = "Commands, options, choices and columns are in the script. Numbers, organisations, users, "
		 "tags, recent changes and profiles are asked for as you type, at the target that the line names.",
	.args = {{.metavar = "SHELL", .help = "the shell: bash, zsh or fish", .min = 1, .max = 1,
		  .complete = COMPLETE_CHOICES, .choices = shell_names}},
	.groups = groups_offline,
	.flags = COMMAND_OFFLINE | COMMAND_NO_CONF,
	.run = run,
	.examples = examples,
};
