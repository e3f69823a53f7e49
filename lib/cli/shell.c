#include "cli/shell.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/walk.h"

struct writer {
	struct buf *out;
	const struct dialect *dialect;
	const struct command *root;
	const struct option_group *groups[OPTION_GROUPS_MAX * 2];
	size_t ngroups;
};

/* Names of what is asked of the running program, or made by the script itself; the others are written out. */
static const char *const kind_names[] = {
	[COMPLETE_FILE] = "file", [COMPLETE_COMMAND] = "command", [COMPLETE_COLUMN] = "columns",
	[COMPLETE_SORT] = "sort", [COMPLETE_NUMBER] = "number",	  [COMPLETE_ORG] = "org",
	[COMPLETE_USER] = "user", [COMPLETE_CHANGE] = "change",	  [COMPLETE_PROFILE] = "profile",
	[COMPLETE_TAG] = "tag",	  [COMPLETE_PORT] = "port",	  [COMPLETE_LOCATION] = "location",
	[COMPLETE_ZONE] = "zone",
};

static void quoted(struct writer *w, const char *s)
{
	for (; *s; s++) {
		if (*s == '\'')
			buf_puts(w->out, w->dialect->quote);
		else
			buf_putc(w->out, *s);
	}
}

/* A word of a list: 'word', with its explanation where the shell shows one. */
static void item(struct writer *w, const char *dashes, const char *word, const char *help)
{
	buf_printf(w->out, " '%s%s", dashes, word);
	if (help && w->dialect->has_help) {
		buf_puts(w->out, w->dialect->help);
		quoted(w, help);
	}
	buf_putc(w->out, '\'');
}

static void list_begin(struct writer *w, const char *name)
{
	buf_printf(w->out, "\t\t%s%s%s", w->dialect->list[0], name, w->dialect->list[1]);
}

static void list_end(struct writer *w)
{
	buf_printf(w->out, "%s\n", w->dialect->list_end);
}

static void option_items(struct writer *w, const struct option *options, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char letter[2] = {options[i].short_name};

		if (*letter)
			item(w, "-", letter, options[i].help);
		item(w, "--", options[i].name, options[i].help);
	}
}

static void write_groups(struct writer *w)
{
	const struct dialect *d = w->dialect;

	for (size_t i = 0; i < w->ngroups; i++) {
		buf_printf(w->out, "\t%sg%zu%s", d->local_list[0], i, d->local_list[1]);
		option_items(w, w->groups[i]->options, w->groups[i]->n);
		list_end(w);
	}
}

/* "number", "=one,of,these", "+list,of,these", or "-" for a value of which nothing is known. */
static void kind_text(struct writer *w, enum complete kind, const char *const *choices, bool is_option)
{
	bool is_list = kind == COMPLETE_LIST || (kind == COMPLETE_STATE && is_option);

	if (kind < ARRAY_SIZE(kind_names) && kind_names[kind]) {
		buf_puts(w->out, kind_names[kind]);
		return;
	}
	buf_putc(w->out, !choices ? '-' : is_list ? '+' : '=');
	for (size_t i = 0; choices && choices[i]; i++)
		buf_printf(w->out, "%s%s", i ? "," : "", choices[i]);
}

static void write_subcommands(struct writer *w, const struct command *cmd)
{
	if (!cmd->subcommands)
		return;
	list_begin(w, "subs");
	for (size_t i = 0; cmd->subcommands[i]; i++)
		if (!(cmd->subcommands[i]->flags & COMMAND_HIDDEN))
			item(w, "", cmd->subcommands[i]->name, cmd->subcommands[i]->summary);
	list_end(w);
}

static void write_options(struct writer *w, const struct command *cmd)
{
	list_begin(w, "opts");
	option_items(w, cmd->options, cmd->noptions);
	for (size_t i = 0; i < w->ngroups; i++)
		if (command_has_group(cmd, w->groups[i]))
			buf_printf(w->out, "%s%zu%s", w->dialect->group[0], i, w->dialect->group[1]);
	list_end(w);
}

static void write_operands(struct writer *w, const struct command *cmd)
{
	if (!positional_count(cmd))
		return;
	list_begin(w, "operands");
	for (size_t i = 0; i < positional_count(cmd); i++) {
		buf_puts(w->out, " '");
		kind_text(w, cmd->args[i].complete, cmd->args[i].choices, false);
		buf_puts(w->out, cmd->args[i].max == 1 ? "'" : "...'");
	}
	list_end(w);
}

static void write_columns(struct writer *w, const struct command *cmd)
{
	if (!cmd->ncolumns)
		return;
	list_begin(w, "columns");
	for (size_t i = 0; i < cmd->ncolumns; i++)
		item(w, "", cmd->columns[i].key, cmd->columns[i].help);
	list_end(w);
}

static bool is_hidden(const struct command_path *path)
{
	for (size_t i = 0; i < path->n; i++)
		if (path->at[i]->flags & COMMAND_HIDDEN)
			return true;
	return false;
}

static void table_case(void *to, const struct command_path *path)
{
	const struct command *cmd = command_of(path);
	struct writer *w = to;
	char name[COMMAND_NAME];

	if (is_hidden(path))
		return;
	buf_printf(w->out, "\t%s'%s'%s\n", w->dialect->when[0], command_path_name(path, name),
		   w->dialect->when[1]);
	write_subcommands(w, cmd);
	write_options(w, cmd);
	write_operands(w, cmd);
	write_columns(w, cmd);
	if (*w->dialect->when_end)
		buf_printf(w->out, "\t\t%s\n", w->dialect->when_end);
}

/* One case for an option with a value. pattern: what stands before the option, its quote still open. */
static void value_case(struct writer *w, const char *pattern, const struct option *opt)
{
	const struct dialect *d = w->dialect;

	buf_printf(w->out, "\t%s%s --%s'", d->when[0], pattern, opt->name);
	if (opt->short_name)
		buf_printf(w->out, "%s%s -%c'", d->either, pattern, opt->short_name);
	buf_printf(w->out, "%s\n\t\t%s'", d->when[1], d->kind);
	kind_text(w, opt->complete, opt->choices, true);
	buf_puts(w->out, "'\n");
	if (*d->when_end)
		buf_printf(w->out, "\t\t%s\n", d->when_end);
}

static void own_values(void *to, const struct command_path *path)
{
	const struct command *cmd = command_of(path);
	struct writer *w = to;
	char name[COMMAND_NAME], pattern[COMMAND_NAME + 1];

	if (is_hidden(path))
		return;
	snprintf(pattern, sizeof(pattern), "'%s", command_path_name(path, name));
	for (size_t i = 0; i < cmd->noptions; i++)
		if (option_takes_value(&cmd->options[i]))
			value_case(w, pattern, &cmd->options[i]);
}

/* A command's own options first: one of them may have the name of a shared one. */
static void write_values(struct writer *w)
{
	command_walk(w->root, own_values, w);
	for (size_t i = 0; i < w->ngroups; i++)
		for (size_t k = 0; k < w->groups[i]->n; k++)
			if (option_takes_value(&w->groups[i]->options[k]))
				value_case(w, w->dialect->any, &w->groups[i]->options[k]);
}

static void add_context_patterns(struct writer *w, const struct option_group *group, const char **separator)
{
	for (size_t i = 0; i < group->n; i++) {
		const struct option *opt = &group->options[i];

		if (!opt->is_context)
			continue;
		buf_printf(w->out, "%s--%s", *separator, opt->name);
		*separator = w->dialect->either;
		if (opt->short_name)
			buf_printf(w->out, "%s-%c", *separator, opt->short_name);
	}
}

static void write_context(struct writer *w)
{
	const struct dialect *d = w->dialect;
	const char *separator = "";

	buf_printf(w->out, "\t%s", d->when[0]);
	for (size_t i = 0; i < w->ngroups; i++)
		add_context_patterns(w, w->groups[i], &separator);
	buf_printf(w->out, "%s\n\t\t%s\n", d->when[1], d->context);
	if (*d->when_end)
		buf_printf(w->out, "\t\t%s\n", d->when_end);
}

static void write_table(struct writer *w)
{
	command_walk(w->root, table_case, w);
}

void shell_emit(struct buf *out, const struct command *root, const struct dialect *dialect)
{
	static const struct {
		const char *mark;
		void (*write)(struct writer *w);
	} parts[] = {
		{"@GROUPS", write_groups},
		{"@TABLE", write_table},
		{"@VALUES", write_values},
		{"@CONTEXT", write_context},
	};
	struct writer w = {.out = out, .dialect = dialect, .root = root};

	w.ngroups = command_groups(root, w.groups);
	for (const char *const *line = dialect->script; *line; line++) {
		size_t i = 0;

		while (i < ARRAY_SIZE(parts) && strcmp(parts[i].mark, *line) != 0)
			i++;
		if (i < ARRAY_SIZE(parts))
			parts[i].write(&w);
		else
			buf_printf(out, "%s\n", *line);
	}
}
