/* Commands for the build: they make what is committed in man/ and completions/, and check the tables. */
#include <string.h>

#include "cli/emit.h"
#include "cmd/commands.h"
#include "cmd/completion.h"
#include "cmd/message.h"
#include "cmd/options.h"
#include "cmd/pages.h"

/* A page that is about no command has its section in its name. */
static bool is_page(const char *name)
{
	size_t i = 0;

	while (page_names[i] && strcmp(page_names[i], name) != 0)
		i++;
	return page_names[i] != NULL;
}

/* "didctl", or "didctl-pool" for a command. */
static const struct command *find_page(const struct command *root, const char *name)
{
	size_t len = strlen(root->name);

	if (strcmp(name, root->name) == 0)
		return root;
	if (strncmp(name, root->name, len) != 0 || name[len] != '-')
		return NULL;
	for (size_t i = 0; root->subcommands[i]; i++)
		if (strcmp(root->subcommands[i]->name, name + len + 1) == 0)
			return root->subcommands[i];
	return NULL;
}

/* The prose of a page: man/NAME.in under the working directory, if there is one. */
static void read_prose(struct buf *out, const char *name)
{
	struct buf path = {0};
	char piece[4096];
	FILE *file;
	size_t n;

	buf_printf(&path, "man/%s.in", name);
	file = fopen(buf_str(&path), "re");
	while (file && (n = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_add(out, piece, n);
	if (file)
		fclose(file);
	buf_release(&path);
}

static int make_page(struct context *ctx, struct buf *out)
{
	const char *name = ctx->operands.n > 1 ? ctx->operands.at[1] : ctx->root->name;
	const struct command *cmd = find_page(ctx->root, name);
	struct buf source = {0}, prose = {0};

	if (!cmd && !is_page(name))
		return err_set(&ctx->err, ERR_USAGE, "no page '%s'", name);
	read_prose(&source, name);
	page_emit(&prose, buf_str(&source));
	if (cmd)
		emit_man(out, ctx->root, cmd, prose.data);
	else
		buf_puts(out, buf_str(&prose));
	buf_release(&source);
	buf_release(&prose);
	return 0;
}

/* The names that `man` knows, one a line; those outside section 1 have their section. */
static int make_page_list(struct context *ctx, struct buf *out)
{
	buf_printf(out, "%s\n", ctx->root->name);
	for (size_t i = 0; ctx->root->subcommands[i]; i++)
		if (!(ctx->root->subcommands[i]->flags & COMMAND_HIDDEN))
			buf_printf(out, "%s-%s\n", ctx->root->name, ctx->root->subcommands[i]->name);
	for (size_t i = 0; page_names[i]; i++)
		buf_printf(out, "%s\n", page_names[i]);
	return 0;
}

static void add_examples(struct buf *out, const struct command *cmd)
{
	for (const struct example *example = cmd->examples; example && example->line; example++)
		buf_printf(out, "%s\n", example->line);
	for (size_t i = 0; cmd->subcommands && cmd->subcommands[i]; i++)
		add_examples(out, cmd->subcommands[i]);
}

static int make_examples(struct context *ctx, struct buf *out)
{
	add_examples(out, ctx->root);
	return 0;
}

static int make_script(struct context *ctx, struct buf *out)
{
	completion_emit(out, ctx->root, ctx->operands.at[0]);
	return 0;
}

static const char *const product_names[] = {"man", "pages", "examples", "bash", "zsh", "fish", NULL};

static int run_emit(struct context *ctx, void *args)
{
	static int (*const make[])(struct context *, struct buf *) = {
		make_page, make_page_list, make_examples, make_script, make_script, make_script,
	};
	struct buf out = {0};
	size_t i = 0;
	int rc;

	(void)args;
	while (strcmp(product_names[i], ctx->operands.at[0]) != 0) /* the parser has checked the name */
		i++;
	rc = make[i](ctx, &out);
	if (!rc)
		fwrite(out.data, 1, out.len, stdout);
	buf_release(&out);
	return rc;
}

static void say_fault(const char *line)
{
	say("%s", line);
}

static int run_check(struct context *ctx, void *args)
{
	unsigned faults = command_check(ctx->root, say_fault);

	(void)args;
	return faults ? err_set(&ctx->err, ERR_ABSENT, "%u faults in the tables of commands", faults) : 0;
}

const struct command cmd_check_tables = {
	.name = "__check-tables",
	.summary = "look the tables of commands over",
	.groups = groups_offline,
	.flags = COMMAND_OFFLINE | COMMAND_NO_CONF | COMMAND_HIDDEN,
	.run = run_check,
};

const struct command cmd_emit = {
	.name = "__emit",
	.summary = "print a man page or a completion script for the tree",
	.args = {{.metavar = "WHAT", .help = "man, pages, examples or a shell", .min = 1, .max = 1,
		  .complete = COMPLETE_CHOICES, .choices = product_names},
		 {.metavar = "NAME", .help = "of the page", .max = 1}},
	.groups = groups_offline,
	.flags = COMMAND_OFFLINE | COMMAND_NO_CONF | COMMAND_HIDDEN,
	.run = run_emit,
};
