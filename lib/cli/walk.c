#include "cli/walk.h"

#include <string.h>

#include "cli/emit.h"

bool option_takes_value(const struct option *opt)
{
	return opt->type != OPTION_FLAG && opt->type != OPTION_NEGATE;
}

const struct option *option_next(struct option_iter *it)
{
	for (;;) {
		const struct option *options = it->group ? it->group->options : it->cmd->options;
		size_t n = it->group ? it->group->n : it->cmd->noptions;

		if (it->next < n) {
			it->index += it->is_started;
			it->is_started = true;
			return &options[it->next++];
		}
		if (!it->cmd->groups || !it->cmd->groups[it->next_group])
			return NULL;
		it->group = it->cmd->groups[it->next_group++];
		it->next = 0;
	}
}

size_t option_count(const struct command *cmd)
{
	struct option_iter it = {.cmd = cmd};
	size_t n = 0;

	while (option_next(&it))
		n++;
	return n;
}

static void walk_below(const struct command_path *path,
		       void (*visit)(void *to, const struct command_path *path), void *to)
{
	const struct command *cmd = command_of(path);

	visit(to, path);
	if (path->n == COMMAND_DEPTH_MAX || !cmd->subcommands)
		return;
	for (size_t i = 0; cmd->subcommands[i]; i++) {
		struct command_path below = *path;

		below.at[below.n++] = cmd->subcommands[i];
		walk_below(&below, visit, to);
	}
}

void command_walk(const struct command *root, void (*visit)(void *to, const struct command_path *path),
		  void *to)
{
	struct command_path path;

	command_start(&path, root);
	walk_below(&path, visit, to);
}

bool command_has_group(const struct command *cmd, const struct option_group *group)
{
	for (size_t i = 0; cmd->groups && cmd->groups[i]; i++)
		if (cmd->groups[i] == group)
			return true;
	return false;
}

struct group_set {
	const struct option_group **at;
	size_t n;
};

static void add_groups(void *to, const struct command_path *path)
{
	const struct command *cmd = command_of(path);
	struct group_set *set = to;

	for (size_t i = 0; cmd->groups && cmd->groups[i]; i++) {
		size_t k = 0;

		while (k < set->n && set->at[k] != cmd->groups[i])
			k++;
		if (k == set->n && set->n < OPTION_GROUPS_MAX * 2)
			set->at[set->n++] = cmd->groups[i];
	}
}

size_t command_groups(const struct command *root, const struct option_group *out[OPTION_GROUPS_MAX * 2])
{
	struct group_set set = {.at = out};

	command_walk(root, add_groups, &set);
	return set.n;
}

void option_usage(struct buf *out, const struct option *opt, bool align)
{
	if (opt->short_name)
		buf_printf(out, "-%c, ", opt->short_name);
	else if (align)
		buf_puts(out, "    ");
	buf_printf(out, "--%s", opt->name);
	if (option_takes_value(opt))
		buf_printf(out, " %s", opt->metavar);
}

void option_sentence(struct buf *out, const struct option *opt)
{
	buf_puts(out, opt->help);
	if (opt->type != OPTION_CHOICE)
		return;
	for (size_t i = 0; opt->choices[i]; i++) {
		buf_puts(out, !i ? ": " : opt->choices[i + 1] ? ", " : " or ");
		buf_puts(out, opt->choices[i]);
	}
}

void positional_usage(struct buf *out, const struct positional *arg)
{
	buf_printf(out, arg->min ? "%s%s" : "[%s%s]", arg->metavar, arg->max == 1 ? "" : "...");
}

size_t positional_count(const struct command *cmd)
{
	size_t n = 0;

	while (n < POSITIONALS_MAX && cmd->args[n].metavar)
		n++;
	return n;
}

void emit_synopsis(struct buf *out, const struct command_path *path)
{
	const struct command *cmd = command_of(path);
	char name[COMMAND_NAME];

	buf_printf(out, "%s%s%s", TOOL_NAME, path->n ? " " : "", command_path_name(path, name));
	if (option_count(cmd))
		buf_puts(out, " [OPTIONS]");
	if (cmd->subcommands && !cmd->run)
		buf_puts(out, " COMMAND [ARGS]");
	for (size_t i = 0; i < positional_count(cmd); i++) {
		buf_putc(out, ' ');
		positional_usage(out, &cmd->args[i]);
	}
}
