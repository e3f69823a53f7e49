#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "cli/emit.h"
#include "cli/walk.h"

/* Pages are committed and compared: their date must not depend on when they are made. */
#define MAN_DATE "November 21, 2026"

static const struct {
	int code;
	const char *meaning;
} exit_codes[] = {
	{0, "Done; that there was nothing to do is no failure."},
	{1, "Failed: input or output, memory, internal."},
	{2, "Wrong usage or bad input."},
	{3, "A check found something, or what was asked for is not there."},
	{4,
	 "Target: connection, authentication, TLS, configuration, or something it cannot do. Nothing changed."},
	{5, "Partly done."},
	{6,
	 "Refused: state, lock, confirmation, a lost race, a duplicate, an ambiguous name. Nothing changed."},
	{7, "The outcome of a change is not known."},
	{130, "Interrupted, rolled back."},
	{141, "The reader of standard output went away."},
};

void mdoc_chars(struct buf *out, const char *s, size_t len)
{
	for (; len; s++, len--) {
		if (*s == '\\')
			buf_puts(out, "\\e");
		else if (*s == '-')
			buf_puts(out, "\\-");
		else if (*s == '"')
			buf_puts(out, "\\(dq");
		else
			buf_putc(out, *s);
	}
}

void mdoc_line(struct buf *out, const char *line, size_t len)
{
	while (len) {
		const char *end = memmem(line, len, ". ", 2);
		size_t n = end ? (size_t)(end - line) + 1 : len, skip = end ? 1 : 0;

		if (*line == '.' || *line == '\'')
			buf_puts(out, "\\&");
		mdoc_chars(out, line, n);
		buf_putc(out, '\n');
		line += n + skip;
		len -= n + skip;
		for (; len && skip && *line == ' '; line++)
			len--;
	}
}

static void man_literal(struct buf *out, const char **text)
{
	buf_puts(out, ".Bd -literal -offset indent -compact\n");
	while (**text == ' ') {
		size_t len = strcspn(*text, "\n");

		mdoc_chars(out, *text, len);
		buf_putc(out, '\n');
		*text += len + ((*text)[len] == '\n');
	}
	buf_puts(out, ".Ed\n");
}

/* Paragraphs parted by empty lines; lines that begin with a space stand as they are. */
static void man_paragraphs(struct buf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (!len)
			buf_puts(out, ".Pp\n");
		if (*text == ' ') {
			man_literal(out, &text);
			continue;
		}
		mdoc_line(out, text, len);
		text += len + (text[len] == '\n');
	}
}

void mdoc_sentence(struct buf *out, const char *phrase)
{
	struct buf sentence = {0};

	buf_printf(&sentence, "%c%s.", toupper((unsigned char)*phrase), phrase + 1);
	mdoc_line(out, buf_str(&sentence), sentence.len);
	buf_release(&sentence);
}

/* MACRO and its argument on a line, ".Cm pool list". */
static void man_macro(struct buf *out, const char *macro, const char *text)
{
	buf_printf(out, "%s ", macro);
	mdoc_chars(out, text, strlen(text));
	buf_putc(out, '\n');
}

static void man_option(struct buf *out, const struct option *opt)
{
	struct buf text = {0};

	buf_puts(out, ".It");
	if (opt->short_name)
		buf_printf(out, " Fl %c ,", opt->short_name);
	buf_puts(out, " Fl \\-");
	mdoc_chars(out, opt->name, strlen(opt->name));
	if (opt->metavar) {
		buf_puts(out, " Ar ");
		mdoc_chars(out, opt->metavar, strlen(opt->metavar));
	}
	buf_putc(out, '\n');
	option_sentence(&text, opt);
	mdoc_sentence(out, buf_str(&text));
	buf_release(&text);
}

static void man_options(struct buf *out, const struct option *options, size_t n)
{
	if (!n)
		return;
	buf_puts(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < n; i++)
		man_option(out, &options[i]);
	buf_puts(out, ".El\n");
}

static void man_usage(struct buf *out, const struct command_path *path)
{
	const struct command *cmd = command_of(path);
	char name[COMMAND_NAME];

	buf_puts(out, ".Nm " TOOL_NAME "\n");
	if (path->n)
		man_macro(out, ".Cm", command_path_name(path, name));
	if (option_count(cmd))
		buf_puts(out, ".Op Ar OPTIONS\n");
	if (!path->n)
		buf_puts(out, ".Ar COMMAND\n.Op Ar ARGS\n");
	for (size_t i = 0; i < positional_count(cmd); i++)
		buf_printf(out, "%s %s%s\n", cmd->args[i].min ? ".Ar" : ".Op Ar", cmd->args[i].metavar,
			   cmd->args[i].max == 1 ? "" : " ...");
}

static bool is_shown(const struct command_path *path)
{
	for (size_t i = 0; i < path->n; i++)
		if (path->at[i]->flags & COMMAND_HIDDEN)
			return false;
	return true;
}

static void synopsis_of(void *to, const struct command_path *path)
{
	if (command_of(path)->run)
		man_usage(to, path);
}

static void man_items(struct buf *out, const struct command *cmd)
{
	if (positional_count(cmd)) {
		buf_puts(out, ".Bl -tag -width Ds\n");
		for (size_t i = 0; i < positional_count(cmd); i++) {
			buf_printf(out, ".It Ar %s\n", cmd->args[i].metavar);
			mdoc_sentence(out, cmd->args[i].help);
		}
		buf_puts(out, ".El\n");
	}
	man_options(out, cmd->options, cmd->noptions);
}

static void man_columns(struct buf *out, const struct command *cmd)
{
	if (!cmd->ncolumns)
		return;
	buf_puts(out, ".Pp\nColumns, of which\n");
	man_macro(out, ".Ql", cmd->default_columns);
	buf_puts(out, "are shown by default:\n.Bl -tag -width Ds -compact\n");
	for (size_t i = 0; i < cmd->ncolumns; i++) {
		buf_printf(out, ".It Cm %s\n", cmd->columns[i].key);
		mdoc_sentence(out, cmd->columns[i].help);
	}
	buf_puts(out, ".El\n");
}

/* What a subcommand is, has and lists. */
static void subcommand_section(void *to, const struct command_path *path)
{
	const struct command *cmd = command_of(path);
	char name[COMMAND_NAME];
	struct buf *out = to;

	if (path->n < 2)
		return;
	man_macro(out, ".Ss", command_path_name(path, name));
	mdoc_sentence(out, cmd->summary);
	if (cmd->about) {
		buf_puts(out, ".Pp\n");
		man_paragraphs(out, cmd->about);
	}
	man_items(out, cmd);
	man_columns(out, cmd);
}

/* Walks the commands of one page: path is moved below its top-level command. */
struct page {
	const struct command *top;
	void (*visit)(void *to, const struct command_path *path);
	void *to;
};

static void visit_of_page(void *to, const struct command_path *path)
{
	const struct page *page = to;

	if (path->n && path->at[0] == page->top && is_shown(path))
		page->visit(page->to, path);
}

static void page_walk(const struct command *root, const struct command *top,
		      void (*visit)(void *to, const struct command_path *path), void *to)
{
	struct page page = {top, visit, to};

	command_walk(root, visit_of_page, &page);
}

/* Which commands of a page understand a group, ", "-joined. */
struct group_users {
	const struct option_group *group;
	struct buf names;
	size_t n, of;
};

static void add_user(void *to, const struct command_path *path)
{
	struct group_users *users = to;
	char name[COMMAND_NAME];

	if (!command_of(path)->run)
		return;
	users->of++;
	if (!command_has_group(command_of(path), users->group))
		return;
	buf_printf(&users->names, "%s%s", users->n++ ? ", " : "", command_path_name(path, name));
}

static void man_group(struct buf *out, const struct command *root, const struct command *top,
		      const struct option_group *group)
{
	struct group_users users = {.group = group};

	page_walk(root, top, add_user, &users);
	if (users.n) {
		buf_printf(out, ".Ss %s\n", group->title);
		if (users.n < users.of)
			buf_printf(out, "Understood by %s.\n", buf_str(&users.names));
		man_options(out, group->options, group->n);
	}
	buf_release(&users.names);
}

static void man_exit_status(struct buf *out)
{
	buf_puts(out, ".Sh EXIT STATUS\n.Bl -tag -width 4n -compact\n");
	for (size_t i = 0; i < ARRAY_SIZE(exit_codes); i++) {
		buf_printf(out, ".It %d\n", exit_codes[i].code);
		mdoc_line(out, exit_codes[i].meaning, strlen(exit_codes[i].meaning));
	}
	buf_puts(out, ".El\n");
}

static void man_examples_of(void *to, const struct command_path *path)
{
	const struct example *example = command_of(path)->examples;
	struct buf *out = to;

	for (; example && example->line; example++) {
		buf_puts(out, ".Pp\n");
		mdoc_line(out, example->says, strlen(example->says));
		man_macro(out, ".Dl", example->line);
	}
}

/* The heading only where there is an example; ".Pp" after a heading would be void. */
static void man_examples(struct buf *out, const struct buf *examples)
{
	if (examples->len)
		buf_printf(out, ".Sh EXAMPLES\n%s", buf_str(examples) + strlen(".Pp\n"));
}

static void man_head(struct buf *out, const char *name, const char *summary)
{
	buf_puts(out, ".\\\" Made from the tables of commands: edit those, or the prose in man/*.in.\n");
	buf_printf(out, ".Dd %s\n.Dt ", MAN_DATE);
	for (const char *s = name; *s; s++)
		buf_putc(out, (char)toupper((unsigned char)*s));
	buf_printf(out, " 1\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n.Sh SYNOPSIS\n", name, summary);
}

static void man_prose(struct buf *out, const char *prose)
{
	if (!prose)
		return;
	buf_puts(out, prose);
	if (out->data[out->len - 1] != '\n')
		buf_putc(out, '\n');
}

static void command_page(struct buf *out, const struct command *root, const struct command *cmd,
			 const char *prose)
{
	const struct option_group *groups[OPTION_GROUPS_MAX * 2];
	size_t ngroups = command_groups(root, groups);
	struct buf name = {0}, examples = {0};

	buf_printf(&name, "%s-%s", TOOL_NAME, cmd->name);
	man_head(out, buf_str(&name), cmd->summary);
	page_walk(root, cmd, synopsis_of, out);
	buf_puts(out, ".Sh DESCRIPTION\n");
	if (cmd->about)
		man_paragraphs(out, cmd->about);
	else
		mdoc_sentence(out, cmd->summary);
	man_items(out, cmd);
	man_columns(out, cmd);
	if (cmd->subcommands) {
		buf_puts(out, ".Sh COMMANDS\n");
		page_walk(root, cmd, subcommand_section, out);
	}
	buf_puts(out, ".Sh COMMON OPTIONS\n");
	for (size_t i = 0; i < ngroups; i++)
		man_group(out, root, cmd, groups[i]);
	man_prose(out, prose);
	man_exit_status(out);
	page_walk(root, cmd, man_examples_of, &examples);
	man_examples(out, &examples);
	buf_puts(out, ".Sh SEE ALSO\n.Xr " TOOL_NAME " 1\n");
	buf_release(&name);
	buf_release(&examples);
}

static void tool_commands(struct buf *out, const struct command *root)
{
	buf_puts(out, ".Sh COMMANDS\n.Bl -tag -width Ds\n");
	for (size_t i = 0; root->subcommands[i]; i++) {
		const struct command *cmd = root->subcommands[i];

		if (cmd->flags & COMMAND_HIDDEN)
			continue;
		buf_printf(out, ".It Xr %s-%s 1\n", TOOL_NAME, cmd->name);
		mdoc_sentence(out, cmd->summary);
	}
	buf_puts(out, ".El\n");
}

static void tool_see_also(struct buf *out, const struct command *root)
{
	const char *separator = "";

	buf_puts(out, ".Sh SEE ALSO\n");
	for (size_t i = 0; root->subcommands[i]; i++) {
		if (root->subcommands[i]->flags & COMMAND_HIDDEN)
			continue;
		buf_printf(out, "%s.Xr %s-%s 1", separator, TOOL_NAME, root->subcommands[i]->name);
		separator = " ,\n";
	}
	buf_putc(out, '\n');
}

static void tool_page(struct buf *out, const struct command *root, const char *prose)
{
	const struct option_group *groups[OPTION_GROUPS_MAX * 2];
	size_t ngroups = command_groups(root, groups);
	struct command_path path;
	struct buf examples = {0};

	command_start(&path, root);
	man_head(out, TOOL_NAME, root->summary);
	man_usage(out, &path);
	buf_puts(out, ".Sh DESCRIPTION\n");
	man_paragraphs(out, root->about ? root->about : root->summary);
	tool_commands(out, root);
	buf_puts(out, ".Sh OPTIONS\n"
		      "Options may stand before the command or anywhere after it;\n.Fl \\-\nends them.\n"
		      "Each command understands those that make sense for it and refuses the others.\n");
	for (size_t i = 0; i < ngroups; i++) {
		buf_printf(out, ".Ss %s\n", groups[i]->title);
		man_options(out, groups[i]->options, groups[i]->n);
	}
	man_prose(out, prose);
	man_exit_status(out);
	man_examples_of(&examples, &path);
	man_examples(out, &examples);
	buf_release(&examples);
	tool_see_also(out, root);
}

void emit_man(struct buf *out, const struct command *root, const struct command *cmd, const char *prose)
{
	if (cmd == root)
		tool_page(out, root, prose);
	else
		command_page(out, root, cmd, prose);
}
