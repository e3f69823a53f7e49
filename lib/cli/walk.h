/*
 * Walking over the tables, for the parts of lib/cli: options of a command, commands of a tree, texts that all
 * emit.
 */
#ifndef DIDCTL_WALK_H
#define DIDCTL_WALK_H

#include "base/buf.h"
#include "cli/parse.h"

#define TOOL_NAME "didctl"

bool option_takes_value(const struct option *opt);

/*
 * All options that a command understands: its own (group NULL), then its groups'. Zero but for cmd to start.
 */
struct option_iter {
	const struct command *cmd;
	const struct option_group *group;
	size_t next_group, next, index; /* index: of the option that was returned, from 0 */
	bool is_started;
};

const struct option *option_next(struct option_iter *it);
size_t option_count(const struct command *cmd);

/* Calls visit for the root (an empty path) and every command below it, parents first, hidden ones too. */
void command_walk(const struct command *root, void (*visit)(void *to, const struct command_path *path),
		  void *to);

/* The option groups of a whole tree, each once, in the order they are met; returns how many. */
size_t command_groups(const struct command *root, const struct option_group *out[OPTION_GROUPS_MAX * 2]);

bool command_has_group(const struct command *cmd, const struct option_group *group);

/* "-t, --target URL"; with align, room is left for the short name that a long one has not. */
void option_usage(struct buf *out, const struct option *opt, bool align);

/* The help sentence, with the choices of an OPTION_CHOICE: "how rows are written: table, tsv or csv". */
void option_sentence(struct buf *out, const struct option *opt);

/* "[NUMBERS...]" */
void positional_usage(struct buf *out, const struct positional *arg);
size_t positional_count(const struct command *cmd);

#endif
