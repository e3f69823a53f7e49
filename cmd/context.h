/* What every command gets: the settings that apply, the store, where its output goes. Filled by didctl.c. */
#ifndef DIDCTL_CONTEXT_H
#define DIDCTL_CONTEXT_H

#include <stdio.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/parse.h"

struct store;

/* Option groups and their structs; ids are indices in the parser's array of bases. */
enum option_group_id { GROUP_OWN, GROUP_GLOBAL, GROUP_TARGET, GROUP_OUTPUT, GROUP_LISTING, GROUP_WRITE, GROUP_FILTER };

struct global_options {	/* understood by every command */
	bool quiet, verbose, help, version, no_progress;
	int color; /* 0 auto, 1 always, 2 never */
	const char *config;
};

struct target_options {	/* by every command that opens a target or shows the configuration */
	const char *target, *profile;
	long long timeout;
	bool timeout_given;
};

struct output_options { /* by every command that prints rows */
	int format; /* enum out_format */
	bool format_given;
	bool raw_csv;
	bool no_header;
};

struct listing_options { /* by every command that lists */
	const char *columns, *sort;
	bool list_columns;
	long long limit;
	bool limit_given;
};

struct write_options { /* by every command that writes */
	bool dry_run, yes, partial, expect_given;
	bool regen, no_regen, jobs_given;
	long long expect, jobs, chunk;
	const char *reason, *change_id;
};

struct filter_options { /* by listings of numbers, and --where by commands that write numbers */
	struct strlist where;
	const char *state, *org, *env, *tag, *provider, *operator, *region, *city, *rate_center, *state_code;
	const char *area_code, *nxx, *e911, *cnam, *package, *match;
	bool toll_free, is_default, locked;
};

struct context {
	const struct command *root;
	struct command_path path;
	struct global_options global;
	struct target_options target;
	struct output_options output;
	struct listing_options listing;
	struct write_options write;
	struct filter_options filter;
	struct strlist operands;
	struct conf *conf;
	struct store *store;	     /* open as the command declared; NULL for an offline one */
	const struct country *country; /* of the inventory, else of the profile; NULL if neither is set */
	struct arena arena;	     /* lives as long as the command */
	bool has_written_files;	     /* of the switch: they stay, whatever fails afterwards */
	struct err err;		     /* run() returns a negative code after filling this */
};

/* Messages on stderr: "didctl: ..." lines. note() is silent with -q, verbose() speaks only with -v. */
void note(const struct context *ctx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void verbose(const struct context *ctx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
