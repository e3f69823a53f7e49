/*
 * * The tables that the command line is made of. Dispatch, help, man pages and completions are all derived
 * from them, so that nothing is written twice. lib/cli knows no verb: the tables are in cmd/.
 */
#ifndef DIDCTL_COMMAND_H
#define DIDCTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/strlist.h"
#include "base/value.h"

/* What a shell may offer for a word. Live kinds ask the target through `didctl __complete KIND PREFIX`. */
enum complete {
	COMPLETE_NONE,
	COMPLETE_FILE,
	COMPLETE_CHOICES, /* the option's choices */
	COMPLETE_COMMAND, /* command names */
	COMPLETE_COLUMN,  /* column keys of the command, comma list */
	COMPLETE_SORT,	  /* the same, each with an optional '-' */
	COMPLETE_NUMBER,  /* live: numbers of the inventory */
	COMPLETE_ORG,	  /* live */
	COMPLETE_USER,	  /* live */
	COMPLETE_CHANGE,  /* live: recent change ids */
	COMPLETE_PROFILE, /* from the configuration */
	COMPLETE_STATE,	  /* states of a number: the choices, for an option as a comma list */
	COMPLETE_TAG,	  /* live */
	COMPLETE_PORT,	  /* live: serial numbers of port orders */
	COMPLETE_LOCATION, /* live: labels of dispatchable locations */
	COMPLETE_LIST,	  /* the choices, as a comma list */
	COMPLETE_ZONE,	  /* time zones, as this machine's database names them */
};

enum option_type {
	OPTION_FLAG,   /* bool: set to true */
	OPTION_NEGATE, /* bool: set to false; help shows it beside its positive */
	OPTION_STRING, /* const char *: as given, refused when empty unless may_be_empty */
	OPTION_COUNT,  /* long long: decimal within [min, max] */
	OPTION_CHOICE, /* int: index in choices */
	OPTION_LIST,   /* struct strlist: repeatable, each value kept as given */
};

struct option {
	const char *name;      /* long name without "--" */
	char short_name;       /* or 0 */
	enum option_type type;
	size_t offset;	       /* in its group's struct: use the OPT_ macros, they check the type */
	const char *metavar;   /* "NUMBERS"; NULL for flags */
	const char *help;      /* one sentence, lower case, no full stop */
	const char *const *choices; /* NULL-terminated; OPTION_CHOICE refuses others, with "did you mean" */
	long long min, max;
	enum complete complete;
	bool may_be_empty;     /* an empty value clears a field */
	size_t given_offset;   /* a bool in the same struct that says it was given; 0: none */
	const char *excludes;  /* "until,by": options that may not stand beside it, or NULL; one of a pair says it */
	bool is_context;       /* a shell hands it on from the line being completed to `didctl __complete` */
};

#define OPT_CHECKED(S, member, T) (offsetof(S, member) + 0 * sizeof(_Generic(&((S *)0)->member, T *: 1)))
#define OPT_FLAG(S, member) .type = OPTION_FLAG, .offset = OPT_CHECKED(S, member, bool)
#define OPT_NEGATE(S, member) .type = OPTION_NEGATE, .offset = OPT_CHECKED(S, member, bool)
#define OPT_STRING(S, member) .type = OPTION_STRING, .offset = OPT_CHECKED(S, member, const char *)
#define OPT_COUNT(S, member, lo, hi) \
	.type = OPTION_COUNT, .offset = OPT_CHECKED(S, member, long long), .min = (lo), .max = (hi)
#define OPT_CHOICE(S, member, list) \
	.type = OPTION_CHOICE, .offset = OPT_CHECKED(S, member, int), .choices = (list)
#define OPT_LIST(S, member) .type = OPTION_LIST, .offset = OPT_CHECKED(S, member, struct strlist)
#define OPT_GIVEN(S, member) .given_offset = OPT_CHECKED(S, member, bool)

/* Options shared by many commands; values go to the struct that the caller gives for this group's id. */
struct option_group {
	const char *title; /* heading in help and man pages */
	unsigned id;	   /* index in the parser's array of bases; 0 is the command's own args struct */
	const struct option *options;
	size_t n;
};

#define OPTION_GROUPS_MAX 8

struct positional {
	const char *metavar; /* "NUMBERS", "ORG" */
	const char *help;    /* what it is, in a sentence */
	unsigned min, max;   /* how many words; max 0: any number */
	enum complete complete;
	const char *const *choices; /* fixed words for completion and checking, or NULL */
	const char *listed_by;	    /* "didctl org list": where it is found by who does not know it, or NULL */
};

#define POSITIONALS_MAX 3

enum command_flag {
	COMMAND_READS = 1,    /* opens the store for reading */
	COMMAND_WRITES = 2,   /* opens the store for writing; understands the write options */
	COMMAND_OFFLINE = 4,  /* needs no target */
	COMMAND_HIDDEN = 8,   /* not in help; for programs, so an operand may be empty (__complete) */
	COMMAND_NO_CONF = 16, /* does not even read the configuration (help, version, completion) */
	COMMAND_CREATES = 32, /* takes a target that is no inventory yet: makes it if it writes, looks if it reads */
	COMMAND_SURVEYS = 64, /* reads a target that is there, be it an inventory or not */
};

struct context; /* didctl.c's; commands get it, lib/cli only passes it on */

struct example {
	const char *line;   /* "didctl pool list --state available -o csv", run by the tests as it stands */
	const char *says;   /* what it does, a sentence */
};

/* An option that people look for at a command, and the one that it has for it. */
struct synonym {
	const char *said, *meant;
};

struct command {
	const char *name;
	const char *summary;			     /* one line, lower case, no full stop */
	const char *about;			     /* paragraphs for help and the man page; may be NULL */
	struct positional args[POSITIONALS_MAX];
	const struct option *options;		     /* its own */
	size_t noptions;
	const struct option_group *const *groups;    /* NULL-terminated */
	const struct column *columns;		     /* what it lists, or NULL */
	size_t ncolumns;
	const char *default_columns;		     /* "number,state,org" */
	/* NULL-terminated, alphabetical. With run too, a word that is none of them is an operand. */
	const struct command *const *subcommands;
	unsigned flags;
	size_t args_size;			     /* of its args struct; zeroed and passed to run */
	int (*run)(struct context *ctx, void *args);
	/* The command as which it acts this time, for its columns, flags and run; NULL: always itself. */
	const struct command *(*view)(const struct context *ctx, const void *args);
	const struct example *examples;		     /* ended by a NULL line */
	const struct synonym *synonyms;		     /* ended by a NULL word: "did you mean" knows them, and only it */
};

#endif
