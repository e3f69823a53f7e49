#include "cli/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cli/scan.h"
#include "cli/walk.h"

/* Commands */

const struct command *command_of(const struct command_path *path)
{
	return path->n ? path->at[path->n - 1] : path->root;
}

void command_start(struct command_path *path, const struct command *root)
{
	*path = (struct command_path){.root = root, .at = {root}};
}

char *command_path_name(const struct command_path *path, char out[COMMAND_NAME])
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < path->n && len < COMMAND_NAME; i++)
		len += (size_t)snprintf(out + len, COMMAND_NAME - len, "%s%s", i ? " " : "",
					path->at[i]->name);
	return out;
}

/* "didctl pool list", as a person types it. */
static const char *full_name(const struct command_path *path, char out[COMMAND_NAME + sizeof(TOOL_NAME)])
{
	char name[COMMAND_NAME];

	snprintf(out, COMMAND_NAME + sizeof(TOOL_NAME), "%s%s%s", TOOL_NAME, path->n ? " " : "",
		 command_path_name(path, name));
	return out;
}

/*
 * What someone may have meant: the one name that begins so (abbreviations are refused, not ignored), else the
 * nearest.
 */
static const char *suggest(const char *word, const struct strlist *names)
{
	const char *found = NULL;
	size_t len = strlen(word), n = 0;

	for (size_t i = 0; i < names->n && len > 1; i++) {
		if (strncmp(names->at[i], word, len) == 0) {
			found = names->at[i];
			n++;
		}
	}
	return n == 1 ? found : nearest_word(word, names->at, names->n);
}

/*
 * "there is 'cnam list', 'pool list'" for a subcommand that was named without its command; false if there is
 * none.
 */
static bool hint_elsewhere(const struct command *root, const char *word, struct err *err)
{
	struct buf hint = {0};
	bool found;

	for (size_t i = 0; root->subcommands[i]; i++) {
		const struct command *const *subs = root->subcommands[i]->subcommands;

		for (size_t k = 0; subs && subs[k]; k++)
			if (strcmp(subs[k]->name, word) == 0)
				buf_printf(&hint, "%s'%s %s'", hint.len ? ", " : "",
					   root->subcommands[i]->name, word);
	}
	found = hint.len;
	if (found)
		err_hint(err, "there is %s", buf_str(&hint));
	buf_release(&hint);
	return found;
}

static int no_such_command(const struct command_path *path, const char *word, struct err *err)
{
	const struct command *const *subs = command_of(path)->subcommands;
	char name[COMMAND_NAME + sizeof(TOOL_NAME)], shown[TEXT_SHOWN];
	struct strlist names = {0};
	const char *near;

	for (size_t i = 0; subs[i]; i++)
		if (!(subs[i]->flags & COMMAND_HIDDEN))
			strlist_add(&names, subs[i]->name);
	near = suggest(word, &names);
	strlist_release(&names);
	err_set(err, ERR_USAGE, "'%s' is not a command of '%s'", text_show(shown, word, strlen(word)),
		full_name(path, name));
	if (near)
		err_hint(err, "did you mean '%s'?", near);
	else if (path->n || !hint_elsewhere(path->root, word, err))
		err_hint(err, "'%s --help' lists the commands", name);
	return ERR_USAGE;
}

int command_descend(struct command_path *path, const char *word, struct err *err)
{
	const struct command *cmd = command_of(path);

	if (!cmd->subcommands || path->n == COMMAND_DEPTH_MAX)
		return 0;
	for (size_t i = 0; cmd->subcommands[i]; i++) {
		if (strcmp(cmd->subcommands[i]->name, word) == 0) {
			path->at[path->n++] = cmd->subcommands[i];
			return 1;
		}
	}
	return cmd->run && cmd->args[0].metavar ? 0 : no_such_command(path, word, err);
}

int parse_command(struct command_path *path, const struct command *root, int argc, char **argv,
		  struct err *err)
{
	struct scan s = {.path = path, .argc = argc, .argv = argv, .next = 1};
	struct word w;
	int rc = 1;

	command_start(path, root);
	while (rc == 1 && scan_next(&s, &w)) {
		if (!w.is_operand)
			continue;
		if (s.is_ended && command_of(path)->run)
			break;
		rc = command_descend(path, w.text, err);
	}
	return rc < 0 ? rc : 0;
}

/* Values */

struct parser {
	struct parsed *out;
	const struct command_path *path;
	void *const *bases;
	const char **given; /* by option: the value it had, "" for a flag */
	size_t to_skip;	    /* of the command's own words */
	struct err *err;
};

/* Adds to an error that is set what to do next. near: the option that may have been meant, or NULL. */
static int usage(const struct parser *p, const char *near)
{
	char name[COMMAND_NAME + sizeof(TOOL_NAME)];

	full_name(p->path, name);
	if (near)
		err_hint(p->err, "did you mean '--%s'? '%s --help' lists the options", near, name);
	else
		err_hint(p->err, "see '%s --help'", name);
	return ERR_USAGE;
}

/* The option of the command that was perhaps meant. */
static const char *suggest_option(const struct parser *p, const char *name)
{
	struct option_iter it = {.cmd = command_of(p->path)};
	const struct synonym *synonym = it.cmd->synonyms;
	struct strlist names = {0};
	const struct option *opt;
	const char *near;

	for (; synonym && synonym->said; synonym++)
		if (strcmp(synonym->said, name) == 0)
			return synonym->meant;
	while ((opt = option_next(&it)))
		strlist_add(&names, opt->name);
	near = suggest(name, &names);
	strlist_release(&names);
	return near;
}

static int unknown_option(const struct parser *p, const struct word *w)
{
	const char *name = w->text + strspn(w->text, "-");
	size_t len = strcspn(w->text, "=");
	char shown[TEXT_SHOWN], *word = xstrndup(name, strcspn(name, "="));
	const char *near = suggest_option(p, word);

	free(word);
	err_set(p->err, ERR_USAGE, "unknown option '%s'", text_show(shown, w->text, len));
	if (w->text[1] == '-' || near)
		return usage(p, near);
	err_hint(p->err, "operands that begin with '-' go after '--'");
	return ERR_USAGE;
}

/* A forgotten value: what was swallowed would have been --dry-run, and the change a real one. */
static int forgotten_value(const struct parser *p, const struct word *w)
{
	char shown[TEXT_SHOWN];

	text_show(shown, w->next, strlen(w->next));
	err_set(p->err, ERR_USAGE, "'--%s' needs a value, and '%s' behind it is an option", w->option->name, shown);
	err_hint(p->err, "if that is the value: '--%s=%s'", w->option->name, shown);
	return ERR_USAGE;
}

static int foreign_option(const struct parser *p, const struct word *w)
{
	char name[COMMAND_NAME + sizeof(TOOL_NAME)];

	err_set(p->err, ERR_USAGE, "'--%s' makes no sense with '%s'", w->option->name,
		full_name(p->path, name));
	return usage(p, suggest_option(p, w->option->name));
}

static int bad_value(const struct parser *p, const struct option *opt, const char *value, const char *near)
{
	char shown[TEXT_SHOWN];
	struct buf wanted = {0};

	text_show(shown, value, strlen(value));
	if (opt->type == OPTION_COUNT) {
		buf_printf(&wanted, "a number from %lld", opt->min);
		if (opt->max < 1000000000000)
			buf_printf(&wanted, " to %lld", opt->max);
	} else {
		for (size_t i = 0; opt->choices[i]; i++)
			buf_printf(&wanted, "%s%s",
				   !i			 ? ""
				   : opt->choices[i + 1] ? ", "
							 : " or ",
				   opt->choices[i]);
	}
	err_set(p->err, ERR_USAGE, "'--%s' takes %s, not '%s'", opt->name, buf_str(&wanted), shown);
	buf_release(&wanted);
	if (!near)
		return usage(p, NULL);
	err_hint(p->err, "did you mean '%s'?", near);
	return ERR_USAGE;
}

static bool parse_count(long long *out, const char *value, long long min, long long max)
{
	long long n = 0;

	if (!*value)
		return false;
	for (; *value; value++) {
		if (*value < '0' || *value > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, *value - '0', &n))
			return false;
	}
	*out = n;
	return n >= min && n <= max;
}

static int choice_index(const char *const *choices, const char *value)
{
	for (int i = 0; choices[i]; i++)
		if (strcmp(choices[i], value) == 0)
			return i;
	return -1;
}

static const char *nearest_choice(const char *const *choices, const char *value)
{
	struct strlist names = {0};
	const char *near;

	for (size_t i = 0; choices[i]; i++)
		strlist_add(&names, choices[i]);
	near = suggest(value, &names);
	strlist_release(&names);
	return near;
}

static int store_value(const struct parser *p, const struct option *opt, void *field, const char *value)
{
	switch (opt->type) {
	case OPTION_FLAG:
	case OPTION_NEGATE: *(bool *)field = opt->type == OPTION_FLAG; return 0;
	case OPTION_STRING: *(const char **)field = value; return 0;
	case OPTION_LIST: strlist_add(field, value); return 0;
	case OPTION_COUNT:
		return parse_count(field, value, opt->min, opt->max) ? 0 : bad_value(p, opt, value, NULL);
	case OPTION_CHOICE:
		*(int *)field = choice_index(opt->choices, value);
		return *(int *)field >= 0 ? 0 : bad_value(p, opt, value, nearest_choice(opt->choices, value));
	}
	return 0;
}

/* Whether the word has a value exactly when its option takes one, and not an empty one. */
static int check_value(const struct parser *p, const struct word *w)
{
	const struct option *opt = w->option;
	const char *wrong = NULL;

	if (!option_takes_value(opt))
		wrong = w->value ? "takes no value" : NULL;
	else if (!w->value)
		wrong = "needs a value";
	else if (!*w->value && !opt->may_be_empty)
		wrong = "may not be empty";
	if (!wrong)
		return 0;
	err_set(p->err, ERR_USAGE, "'--%s' %s", opt->name, wrong);
	return usage(p, NULL);
}

static int take_option(struct parser *p, const struct word *w)
{
	const struct option *opt = w->option;
	const char *value = w->value ? w->value : "", *before;
	char *base;
	int rc;

	if (!opt)
		return unknown_option(p, w);
	if (w->is_foreign)
		return foreign_option(p, w);
	if (w->next)
		return forgotten_value(p, w);
	rc = check_value(p, w);
	if (rc)
		return rc;
	before = p->given[w->index];
	if (before && opt->type != OPTION_LIST && strcmp(before, value) != 0) {
		err_set(p->err, ERR_USAGE, "'--%s' was given twice with different values", opt->name);
		return usage(p, NULL);
	}
	p->given[w->index] = value;
	base = p->bases[w->group];
	if (opt->given_offset)
		*(bool *)(base + opt->given_offset) = true;
	return store_value(p, opt, base + opt->offset, value);
}

static int take_operand(struct parser *p, const char *word)
{
	if (p->to_skip) {
		p->to_skip--;
		return 0;
	}
	strlist_add(&p->out->operands, word);
	return 0;
}

/* Options that win over every error that stands beside them. */
static void note_winners(struct parsed *out, const struct option *opt)
{
	out->help |= strcmp(opt->name, "help") == 0;
	out->version |= strcmp(opt->name, "version") == 0;
	out->list_columns |= strcmp(opt->name, "list-columns") == 0;
}

static bool was_given(const struct parser *p, const char *name, size_t len)
{
	struct option_iter it = {.cmd = command_of(p->path)};

	return option_find(&it, name, len, 0) && p->given[it.index];
}

static int check_exclusions(const struct parser *p)
{
	struct option_iter it = {.cmd = command_of(p->path)};
	const struct option *opt;

	while ((opt = option_next(&it))) {
		const char *other = p->given[it.index] ? opt->excludes : NULL;

		for (size_t len; other && *other; other += len + (other[len] == ',')) {
			len = strcspn(other, ",");
			if (!was_given(p, other, len))
				continue;
			err_set(p->err, ERR_USAGE, "'--%s' and '--%.*s' exclude each other", opt->name,
				(int)len, other);
			return usage(p, NULL);
		}
	}
	return 0;
}

static int check_operand(const struct parser *p, const struct positional *arg, size_t k)
{
	const char *word = p->out->operands.at[k], *near;
	char shown[TEXT_SHOWN];

	if (!*word && !(command_of(p->path)->flags & COMMAND_HIDDEN)) {
		err_set(p->err, ERR_USAGE, "operand %zu (%s) is empty", k + 1, arg->metavar);
		return usage(p, NULL);
	}
	if (!arg->choices || choice_index(arg->choices, word) >= 0)
		return 0;
	near = nearest_choice(arg->choices, word);
	err_set(p->err, ERR_USAGE, "operand %zu: '%s' is no %s", k + 1, text_show(shown, word, strlen(word)),
		arg->metavar);
	if (!near)
		return usage(p, NULL);
	err_hint(p->err, "did you mean '%s'?", near);
	return ERR_USAGE;
}

/* Who has left it out may not know it: where it stands comes before how the command is called. */
static int missing(const struct parser *p, const struct positional *arg)
{
	char name[COMMAND_NAME + sizeof(TOOL_NAME)];

	err_set(p->err, ERR_USAGE, "%s is missing%s%s%s", arg->metavar, arg->help ? " (" : "", arg->help ? arg->help : "",
		arg->help ? ")" : "");
	if (!arg->listed_by)
		return usage(p, NULL);
	err_hint(p->err, "'%s' lists them; see '%s --help'", arg->listed_by, full_name(p->path, name));
	return ERR_USAGE;
}

/* Names the first positional that the words do not reach. */
static int check_enough(const struct parser *p, const struct positional *args, size_t nargs)
{
	size_t least = 0;

	for (size_t i = 0; i < nargs; i++) {
		least += args[i].min;
		if (least > p->out->operands.n)
			return missing(p, &args[i]);
	}
	return 0;
}

/*
 * How many of the words that are left a positional takes: what it may, leaving what the later ones must have.
 */
static size_t share(const struct positional *arg, size_t nlater, size_t left)
{
	size_t later = 0;

	for (size_t i = 1; i <= nlater; i++)
		later += arg[i].min;
	left = left > later ? left - later : 0;
	return arg->max && left > arg->max ? arg->max : left;
}

static int check_operands(const struct parser *p)
{
	const struct positional *args = command_of(p->path)->args;
	const struct strlist *words = &p->out->operands;
	size_t nargs = positional_count(command_of(p->path)), k = 0;
	char shown[TEXT_SHOWN];
	int rc = p->out->list_columns ? 0 : check_enough(p, args, nargs);

	for (size_t i = 0; !rc && i < nargs; i++)
		for (size_t end = k + share(&args[i], nargs - i - 1, words->n - k); !rc && k < end; k++)
			rc = check_operand(p, &args[i], k);
	if (rc || k == words->n)
		return rc;
	err_set(p->err, ERR_USAGE, "one operand too many: '%s'",
		text_show(shown, words->at[k], strlen(words->at[k])));
	return usage(p, NULL);
}

int parse_options(struct parsed *out, const struct command_path *path, int argc, char **argv,
		  void *const bases[OPTION_GROUPS_MAX], struct err *err)
{
	struct scan s = {.path = path, .argc = argc, .argv = argv, .next = 1};
	struct parser p = {.out = out, .path = path, .bases = bases, .to_skip = path->n, .err = err};
	struct word w;
	int rc = 0;

	p.given = xcalloc(option_count(command_of(path)), sizeof(*p.given));
	while (scan_next(&s, &w)) {
		if (w.option)
			note_winners(out, w.option);
		if (!rc)
			rc = w.is_operand ? take_operand(&p, w.text) : take_option(&p, &w);
	}
	if (!rc)
		rc = check_exclusions(&p);
	if (!rc && command_of(path)->run)
		rc = check_operands(&p);
	free(p.given);
	return out->help || out->version ? 0 : rc;
}

void parse_release(struct parsed *out, const struct command *cmd, void *const bases[OPTION_GROUPS_MAX])
{
	struct option_iter it = {.cmd = cmd};
	const struct option *opt;

	strlist_release(&out->operands);
	while ((opt = option_next(&it)))
		if (opt->type == OPTION_LIST)
			strlist_release((void *)((char *)bases[it.group ? it.group->id : 0] + opt->offset));
}
