#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/walk.h"

struct checker {
	const struct command *root;
	const struct command_path *path;
	void (*say)(const char *line);
	unsigned faults;
};

static void fault(struct checker *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void fault(struct checker *c, const char *fmt, ...)
{
	struct buf line = {0};
	char name[COMMAND_NAME], text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_printf(&line, "%s%s%s: %s", TOOL_NAME, c->path->n ? " " : "", command_path_name(c->path, name),
		   text);
	c->say(buf_str(&line));
	buf_release(&line);
	c->faults++;
}

/* One sentence without its full stop. */
static void check_sentence(struct checker *c, const char *subject, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (!len)
		fault(c, "%s says nothing", subject);
	else if (text[len - 1] == '.')
		fault(c, "%s ends with a full stop", subject);
	else if (strpbrk(text, "\n\t"))
		fault(c, "%s is more than one line", subject);
}

/* The same in lower case, unless it begins with a term ("E.164", "CNAM"). */
static void check_phrase(struct checker *c, const char *subject, const char *text)
{
	check_sentence(c, subject, text);
	if (text && isupper((unsigned char)text[0]) && islower((unsigned char)text[1]))
		fault(c, "%s begins with a capital", subject);
}

static bool wants_choices(enum complete kind)
{
	return kind == COMPLETE_CHOICES || kind == COMPLETE_LIST || kind == COMPLETE_STATE;
}

static bool wants_columns(enum complete kind)
{
	return kind == COMPLETE_COLUMN || kind == COMPLETE_SORT;
}

static bool has_option(const struct command *cmd, const char *name, size_t len)
{
	struct option_iter it = {.cmd = cmd};
	const struct option *opt;

	while ((opt = option_next(&it)))
		if (strncmp(opt->name, name, len) == 0 && !opt->name[len])
			return true;
	return false;
}

static void check_exclusion(struct checker *c, const struct command *cmd, const struct option *opt)
{
	for (const char *name = opt->excludes; name && *name;) {
		size_t len = strcspn(name, ",");

		if (!has_option(cmd, name, len))
			fault(c, "--%s excludes '%.*s', which is no option here", opt->name, (int)len, name);
		name += len + (name[len] == ',');
	}
}

static void check_option(struct checker *c, const struct command *cmd, const struct option *opt)
{
	char subject[64];

	snprintf(subject, sizeof(subject), "--%s", opt->name);
	check_phrase(c, subject, opt->help);
	if (option_takes_value(opt) != (opt->metavar != NULL))
		fault(c, "%s: a metavar goes with a value, and only there", subject);
	if ((opt->type == OPTION_CHOICE || wants_choices(opt->complete)) && !opt->choices)
		fault(c, "%s has no choices", subject);
	if (wants_columns(opt->complete) && cmd->run && !cmd->ncolumns)
		fault(c, "%s, but no columns", subject);
	if (opt->type == OPTION_COUNT && opt->min > opt->max)
		fault(c, "%s: no number is allowed", subject);
	check_exclusion(c, cmd, opt);
}

static void check_pair(struct checker *c, const struct option *a, const struct option *b)
{
	if (strcmp(a->name, b->name) == 0)
		fault(c, "--%s is there twice", a->name);
	else if (a->short_name && a->short_name == b->short_name)
		fault(c, "-%c is --%s and --%s", a->short_name, a->name, b->name);
}

static void check_options(struct checker *c, const struct command *cmd)
{
	struct option_iter it = {.cmd = cmd};
	const struct option *opt, *other;

	if (cmd->noptions && !cmd->args_size)
		fault(c, "options, but no struct for them");
	for (size_t i = 0; cmd->groups && cmd->groups[i]; i++)
		if (!cmd->groups[i]->id || cmd->groups[i]->id >= OPTION_GROUPS_MAX)
			fault(c, "group '%s' has no place among the bases", cmd->groups[i]->title);
	while ((opt = option_next(&it))) {
		struct option_iter rest = it;

		check_option(c, cmd, opt);
		while ((other = option_next(&rest)))
			check_pair(c, opt, other);
	}
}

/* The scanner must know whether a value follows before it knows the command. */
static void check_same_arity(struct checker *c, const struct option *opt, const struct command *below)
{
	struct option_iter it = {.cmd = below};
	const struct option *other;

	while ((other = option_next(&it)))
		if (strcmp(opt->name, other->name) == 0 &&
		    option_takes_value(opt) != option_takes_value(other))
			fault(c, "--%s takes a value here but not with '%s', or the other way round",
			      opt->name, below->name);
	for (size_t i = 0; below->subcommands && below->subcommands[i]; i++)
		check_same_arity(c, opt, below->subcommands[i]);
}

static void check_arity(struct checker *c, const struct command *cmd)
{
	for (size_t i = 0; i < cmd->noptions; i++)
		check_same_arity(c, &cmd->options[i], c->root);
}

static void check_synonyms(struct checker *c, const struct command *cmd)
{
	for (const struct synonym *s = cmd->synonyms; s && s->said; s++)
		if (has_option(cmd, s->said, strlen(s->said)) || !has_option(cmd, s->meant, strlen(s->meant)))
			fault(c, "--%s is said for --%s, and one of them is no such thing", s->said, s->meant);
}

static const struct command *subcommand(const struct command *cmd, const char *name, size_t len)
{
	for (size_t i = 0; cmd->subcommands && cmd->subcommands[i]; i++)
		if (strncmp(cmd->subcommands[i]->name, name, len) == 0 && !cmd->subcommands[i]->name[len])
			return cmd->subcommands[i];
	return NULL;
}

/* Whether a line such as "didctl org list" is a command that can be run. */
static bool is_command(const struct command *root, const char *line)
{
	const struct command *cmd = strncmp(line, TOOL_NAME " ", strlen(TOOL_NAME " ")) == 0 ? root : NULL;

	for (line += strcspn(line, " "); cmd && *line; line += strcspn(line, " ")) {
		line++;
		cmd = subcommand(cmd, line, strcspn(line, " "));
	}
	return cmd && cmd->run;
}

static void check_positionals(struct checker *c, const struct command *cmd)
{
	unsigned open_ended = 0;

	for (size_t i = 0; i < positional_count(cmd); i++) {
		const struct positional *arg = &cmd->args[i];

		check_phrase(c, arg->metavar, arg->help);
		open_ended += arg->max == 0;
		if (arg->max && arg->max < arg->min)
			fault(c, "%s: at most %u, at least %u", arg->metavar, arg->max, arg->min);
		if (wants_choices(arg->complete) && !arg->choices)
			fault(c, "%s has no choices", arg->metavar);
		if (arg->listed_by && !is_command(c->root, arg->listed_by))
			fault(c, "%s is listed by '%s', which is no command", arg->metavar, arg->listed_by);
	}
	if (open_ended > 1)
		fault(c, "two operands of any number of words");
}

static bool has_column(const struct command *cmd, const char *key, size_t len)
{
	for (size_t i = 0; i < cmd->ncolumns; i++)
		if (strncmp(cmd->columns[i].key, key, len) == 0 && !cmd->columns[i].key[len])
			return true;
	return false;
}

static void check_columns(struct checker *c, const struct command *cmd)
{
	const char *key = cmd->default_columns;

	if ((key != NULL) != (cmd->ncolumns > 0))
		fault(c, "columns and default columns go together");
	if (cmd->ncolumns && !has_option(cmd, "list-columns", strlen("list-columns")))
		fault(c, "columns, but no --list-columns that names them");
	for (size_t i = 0; i < cmd->ncolumns; i++) {
		check_sentence(c, cmd->columns[i].key, cmd->columns[i].help);
		for (size_t k = i + 1; k < cmd->ncolumns; k++)
			if (strcmp(cmd->columns[i].key, cmd->columns[k].key) == 0)
				fault(c, "column '%s' is there twice", cmd->columns[i].key);
	}
	while (key && *key) {
		size_t len = strcspn(key, ",");

		if (!has_column(cmd, key, len))
			fault(c, "default column '%.*s' is no column", (int)len, key);
		key += len + (key[len] == ',');
	}
}

static void check_examples(struct checker *c, const struct command *cmd)
{
	char name[COMMAND_NAME];

	command_path_name(c->path, name);
	for (size_t i = 0; cmd->examples && cmd->examples[i].line; i++) {
		if (!strstr(cmd->examples[i].line, TOOL_NAME " ") || !strstr(cmd->examples[i].line, name))
			fault(c, "the example '%s' does not name the command", cmd->examples[i].line);
		if (!cmd->examples[i].says || !*cmd->examples[i].says)
			fault(c, "the example '%s' is not explained", cmd->examples[i].line);
	}
}

static void check_below(struct checker *c, const struct command *cmd)
{
	for (size_t i = 0; cmd->subcommands[i] && cmd->subcommands[i + 1]; i++)
		if (strcmp(cmd->subcommands[i]->name, cmd->subcommands[i + 1]->name) >= 0)
			fault(c, "'%s' and '%s' are out of order", cmd->subcommands[i]->name,
			      cmd->subcommands[i + 1]->name);
}

static void check_command(void *to, const struct command_path *path)
{
	const struct command *cmd = command_of(path);
	struct checker *c = to;

	c->path = path;
	check_phrase(c, "the summary", cmd->summary);
	if (!cmd->run && !cmd->subcommands)
		fault(c, "neither runs nor has subcommands");
	if (cmd->run && !(cmd->flags & (COMMAND_READS | COMMAND_WRITES | COMMAND_OFFLINE)))
		fault(c, "does not say what it opens");
	check_options(c, cmd);
	check_arity(c, cmd);
	check_synonyms(c, cmd);
	check_positionals(c, cmd);
	check_columns(c, cmd);
	check_examples(c, cmd);
	if (cmd->subcommands)
		check_below(c, cmd);
}

unsigned command_check(const struct command *root, void (*say)(const char *line))
{
	struct checker c = {.root = root, .say = say};

	command_walk(root, check_command, &c);
	return c.faults;
}
