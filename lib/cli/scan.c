#include "cli/scan.h"

#include <string.h>

#include "cli/walk.h"

const struct option *option_find(struct option_iter *it, const char *name, size_t len, char short_name)
{
	const struct option *opt;

	while ((opt = option_next(it)))
		if (short_name ? opt->short_name == short_name
			       : strncmp(opt->name, name, len) == 0 && !opt->name[len])
			return opt;
	return NULL;
}

/* An option of any command: whether it takes a value has to be known even where it makes no sense. */
static const struct option *find_anywhere(const struct command *cmd, const char *name, size_t len,
					  char short_name)
{
	struct option_iter it = {.cmd = cmd};
	const struct option *opt = option_find(&it, name, len, short_name);

	for (size_t i = 0; !opt && cmd->subcommands && cmd->subcommands[i]; i++)
		opt = find_anywhere(cmd->subcommands[i], name, len, short_name);
	return opt;
}

static void scan_find(const struct scan *s, struct word *w, const char *name, size_t len, char short_name)
{
	struct option_iter it = {.cmd = command_of(s->path)};

	w->option = option_find(&it, name, len, short_name);
	if (w->option) {
		w->group = it.group ? it.group->id : 0;
		w->index = it.index;
		return;
	}
	w->option = find_anywhere(s->path->root, name, len, short_name);
	w->is_foreign = w->option;
}

/* Of "-nq" each letter has to be a flag: behind the "-o" of "-org", which sorts, anything could be its value. */
static bool are_flags(const struct command *cmd, const char *letters)
{
	const struct option *opt;

	for (size_t i = 0; letters[i]; i++) {
		struct option_iter it = {.cmd = cmd};

		opt = option_find(&it, NULL, 0, letters[i]);
		if (!opt || (letters[1] && option_takes_value(opt)))
			return false;
	}
	return letters[0];
}

static bool is_option(const struct command *cmd, const char *word)
{
	struct option_iter it = {.cmd = cmd};

	if (word[0] != '-')
		return false;
	if (word[1] != '-')
		return are_flags(cmd, word + 1);
	return option_find(&it, word + 2, strcspn(word + 2, "="), 0);
}

/* The next word, unless it is an option of the command: then the value was forgotten, and that word is still read. */
static void scan_value(struct scan *s, struct word *w)
{
	const char *word = s->next < s->argc ? s->argv[s->next] : NULL;

	if (word && is_option(command_of(s->path), word))
		w->next = word;
	else if (word)
		w->value = s->argv[s->next++];
}

static void scan_long(struct scan *s, struct word *w)
{
	const char *name = w->text + 2;
	size_t len = strcspn(name, "=");

	scan_find(s, w, name, len, 0);
	if (name[len])
		w->value = name + len + 1;
	else if (w->option && option_takes_value(w->option))
		scan_value(s, w);
}

/* One letter of "-nq" or "-ofile". After an unknown one nothing can be said of the rest. */
static void scan_short(struct scan *s, struct word *w)
{
	const char *letter = s->joined;

	s->joined = letter[1] ? letter + 1 : NULL;
	scan_find(s, w, NULL, 0, *letter);
	if (w->option && option_takes_value(w->option)) {
		if (s->joined)
			w->value = s->joined;
		else
			scan_value(s, w);
	}
	if (!w->option || option_takes_value(w->option))
		s->joined = NULL;
}

bool scan_next(struct scan *s, struct word *w)
{
	*w = (struct word){0};
	if (s->joined) {
		w->text = s->argv[s->next - 1];
		scan_short(s, w);
		return true;
	}
	if (s->next < s->argc && !s->is_ended && strcmp(s->argv[s->next], "--") == 0) {
		s->is_ended = true;
		s->next++;
	}
	if (s->next >= s->argc)
		return false;
	w->text = s->argv[s->next++];
	w->is_operand = s->is_ended || w->text[0] != '-' || !w->text[1];
	if (w->is_operand)
		return true;
	s->joined = w->text[1] == '-' ? NULL : w->text + 1;
	if (s->joined)
		scan_short(s, w);
	else
		scan_long(s, w);
	return true;
}
