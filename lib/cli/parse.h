/* The command line's parser: finds the command, then reads options anywhere and operands between them. */
#ifndef DIDCTL_PARSE_H
#define DIDCTL_PARSE_H

#include "cli/command.h"

#define COMMAND_DEPTH_MAX 4

/* The path of commands from the root to the one that was named: {"pool", "list"}. */
struct command_path {
	const struct command *root;
	const struct command *at[COMMAND_DEPTH_MAX]; /* at[0] is the root while n is 0 */
	size_t n;
};

/* The command that the path ends at; the root for an empty path. */
const struct command *command_of(const struct command_path *path);

/* "pool list" into out; "" for an empty path. */
#define COMMAND_NAME 64
char *command_path_name(const struct command_path *path, char out[COMMAND_NAME]);

/* Starts a path at the root. */
void command_start(struct command_path *path, const struct command *root);

/*
 * * Goes one command down. 1: path is longer now; 0: word is an operand of the command the path ends at;
 * ERR_USAGE with "did you mean" if a command had to stand here.
 */
int command_descend(struct command_path *path, const char *word, struct err *err);

/*
 * * Finds the command: the first operand(s) of argv. Options of any command in the tree may stand before it;
 * an unknown one is left for parse_options to report. A typo is ERR_USAGE with "did you mean". Without a
 * command path->n is 0.
 */
int parse_command(struct command_path *path, const struct command *root, int argc, char **argv,
		  struct err *err);

struct parsed {
	struct strlist operands; /* without the command's own words */
	bool help;		 /* -h or --help was seen: nothing else was checked */
	bool version;		 /* the same for -V */
	bool list_columns;	 /* --list-columns was seen: operands may be missing */
};

/*
 * * Reads argv[1..] for the command found. bases[0] is the command's args struct, bases[g->id] each group's
 * struct. "--" ends options; "-" and words such as "-5" after "--" are operands; --name=VALUE, --name VALUE,
 * -nVALUE, -n VALUE and joined flags (-nq) are understood; no abbreviations. ERR_USAGE, naming the option and
 * the command to ask for help: unknown option (with "did you mean"), one that belongs to another command ("'
 * --limit' makes no sense with 'didctl pool lock'"), missing, empty or bad value, an option given twice with
 * different values (lists may repeat), two that exclude each other, too many or too few operands, one that is
 * empty or none of the choices.
 */
int parse_options(struct parsed *out, const struct command_path *path, int argc, char **argv,
		  void *const bases[OPTION_GROUPS_MAX], struct err *err);

/* Frees the operands and every OPTION_LIST of the command. */
void parse_release(struct parsed *out, const struct command *cmd, void *const bases[OPTION_GROUPS_MAX]);

/*
 * * Looks all tables of a root over: names sorted and unique, no option twice in a command, one-sentence
 * help, choices where the type wants them, default columns that exist, metavar where there is a value, an
 * option of one name always or never with a value, examples that name the command. Returns the number of
 * faults, each told to say(). Run by `make check` through a hidden command.
 */
unsigned command_check(const struct command *root, void (*say)(const char *line));

#endif
