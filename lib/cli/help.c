#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/emit.h"
#include "cli/walk.h"
#include "cli/wrap.h"

#define OPTION_COLUMN	28 /* where what an option does begins */
#define WORD_COLUMN_MAX 24 /* the same for commands, operands, columns: as narrow as the words allow */

static size_t word_column(size_t longest)
{
	return 2 + longest + 2 < WORD_COLUMN_MAX ? 2 + longest + 2 : WORD_COLUMN_MAX;
}

static void help_usage(struct buf *out, const struct command_path *path)
{
	buf_puts(out, "Usage: ");
	emit_synopsis(out, path);
	buf_putc(out, '\n');
}

/* A sentence of the tables with a capital and its full stop. */
static void help_sentence(struct buf *out, const char *text)
{
	size_t start = out->len;

	buf_puts(out, text);
	out->data[start] = text_capital(out->data[start]);
	buf_puts(out, ".");
}

static void help_about(struct buf *out, const struct command *cmd)
{
	struct buf sentence = {0};

	help_sentence(&sentence, cmd->summary);
	buf_putc(out, '\n');
	wrap_text(out, buf_str(&sentence), 0, 0);
	buf_release(&sentence);
	if (cmd->about) {
		buf_putc(out, '\n');
		wrap_text(out, cmd->about, 0, 0);
	}
}

static void help_commands(struct buf *out, const struct command *cmd)
{
	size_t longest = 0;

	if (!cmd->subcommands)
		return;
	buf_puts(out, "\nCommands:\n");
	for (size_t i = 0; cmd->subcommands[i]; i++)
		if (!(cmd->subcommands[i]->flags & COMMAND_HIDDEN) &&
		    strlen(cmd->subcommands[i]->name) > longest)
			longest = strlen(cmd->subcommands[i]->name);
	for (size_t i = 0; cmd->subcommands[i]; i++)
		if (!(cmd->subcommands[i]->flags & COMMAND_HIDDEN))
			wrap_item(out, cmd->subcommands[i]->name, cmd->subcommands[i]->summary,
				  word_column(longest));
}

static void help_arguments(struct buf *out, const struct command *cmd)
{
	size_t n = positional_count(cmd), longest = 0;

	if (!n)
		return;
	buf_puts(out, "\nArguments:\n");
	for (size_t i = 0; i < n; i++)
		if (strlen(cmd->args[i].metavar) > longest)
			longest = strlen(cmd->args[i].metavar);
	for (size_t i = 0; i < n; i++)
		wrap_item(out, cmd->args[i].metavar, cmd->args[i].help, word_column(longest));
}

/* "--[no-]regen" of a pair in one table: the negative one is not listed again. */
static bool is_negative_of_pair(const struct option *options, size_t n, const struct option *opt)
{
	for (size_t i = 0; opt->type == OPTION_NEGATE && i < n; i++)
		if (strncmp(opt->name, "no-", 3) == 0 && strcmp(options[i].name, opt->name + 3) == 0)
			return true;
	return false;
}

static const struct option *negative_of(const struct option *options, size_t n, const struct option *opt)
{
	for (size_t i = 0; i < n; i++)
		if (is_negative_of_pair(options, n, &options[i]) &&
		    strcmp(options[i].name + 3, opt->name) == 0)
			return &options[i];
	return NULL;
}

static void help_options(struct buf *out, const char *title, const struct option *options, size_t n)
{
	struct buf left = {0}, text = {0};

	if (n)
		buf_printf(out, "\n%s:\n", title);
	for (size_t i = 0; i < n; i++) {
		const struct option *negative = negative_of(options, n, &options[i]);

		if (is_negative_of_pair(options, n, &options[i]))
			continue;
		buf_reset(&left);
		buf_reset(&text);
		option_usage(&left, &options[i], true);
		if (negative)
			buf_printf(&left, ", --%s", negative->name);
		option_sentence(&text, &options[i]);
		wrap_item(out, buf_str(&left), buf_str(&text), OPTION_COLUMN);
	}
	buf_release(&left);
	buf_release(&text);
}

static void help_columns(struct buf *out, const struct command *cmd)
{
	size_t longest = 0;

	if (!cmd->ncolumns)
		return;
	for (size_t i = 0; i < cmd->ncolumns; i++)
		if (strlen(cmd->columns[i].key) > longest)
			longest = strlen(cmd->columns[i].key);
	buf_puts(out, "\nColumns:\n");
	for (size_t i = 0; i < cmd->ncolumns; i++)
		wrap_item(out, cmd->columns[i].key, cmd->columns[i].help, word_column(longest));
	buf_puts(out, "\nColumns shown unless -c says otherwise:\n  ");
	wrap_text(out, cmd->default_columns, 2, 2);
}

static void help_examples(struct buf *out, const struct command *cmd)
{
	if (!cmd->examples)
		return;
	buf_puts(out, "\nExamples:\n");
	for (size_t i = 0; cmd->examples[i].line; i++) {
		buf_printf(out, "%s  %s\n      ", i ? "\n" : "", cmd->examples[i].line);
		wrap_text(out, cmd->examples[i].says, 6, 6);
	}
}

static void help_closing(struct buf *out, const struct command_path *path)
{
	char name[COMMAND_NAME];

	if (!path->n)
		buf_printf(out, "\n'%s COMMAND --help' explains a command; so does '%s help COMMAND'.\n",
			   TOOL_NAME, TOOL_NAME);
	else if (command_of(path)->subcommands)
		buf_printf(out, "\n'%s %s COMMAND --help' explains a command.\n", TOOL_NAME,
			   command_path_name(path, name));
}

void emit_help(struct buf *out, const struct command_path *path)
{
	const struct command *cmd = command_of(path);

	help_usage(out, path);
	help_about(out, cmd);
	help_commands(out, cmd);
	help_arguments(out, cmd);
	help_options(out, "Options", cmd->options, cmd->noptions);
	for (size_t i = 0; cmd->groups && cmd->groups[i]; i++)
		help_options(out, cmd->groups[i]->title, cmd->groups[i]->options, cmd->groups[i]->n);
	help_columns(out, cmd);
	help_examples(out, cmd);
	help_closing(out, path);
}
