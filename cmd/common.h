/* What the commands share: from words to a selection, from a query to rows, from a change to its report. */
#ifndef DIDCTL_COMMON_H
#define DIDCTL_COMMON_H

#include "cmd/context.h"
#include "out/out.h"
#include "store/store.h"


/* Positionals that many commands have. */
#define NUMBERS_TO_CHANGE                                                                                    \
	{.metavar = "NUMBERS", .help = "numbers, ranges, id:UUID, @FILE or '-'", .complete = COMPLETE_NUMBER}
#define NUMBERS_TO_LIST                                                                                      \
	{.metavar = "NUMBERS", .help = "the numbers to list; all that are held without any",                 \
	 .complete = COMPLETE_NUMBER}
#define ONE_NUMBER                                                                                           \
	{.metavar = "NUMBER", .help = "the number in any spelling, or id:UUID of its row", .min = 1, .max = 1, \
	 .complete = COMPLETE_NUMBER, .listed_by = "didctl pool list"}
#define ONE_ORG                                                                                              \
	{.metavar = "ORG", .help = "the organisation: its id, name or context prefix", .min = 1, .max = 1,   \
	 .complete = COMPLETE_ORG, .listed_by = "didctl org list"}

/*
 * Reads operands into a selection: numbers, ranges, id:UUID, @FILE (one operand a line, '#' comments), '-'
 * (standard input, once), and where patterns are allowed, patterns. Errors name the operand and, for files,
 * FILE:LINE. An empty FILE or '-' is ERR_USAGE; no words at all leave the selection as it is. A number named
 * twice, in any spelling, counts once, with a notice.
 */
int select_operands(struct context *ctx, const char *const *words, size_t n, bool patterns_allowed,
		    struct selection *out);

/* One operand that is exactly one number or row. */
int select_one(struct context *ctx, const char *word, struct selection *out);

/* Adds the filter options (listings) or --where (commands that write) to a selection; organisations are
 * looked up. */
int select_filters(struct context *ctx, struct selection *out);

/* The command that was named: the last of the path. */
const struct command *current_command(const struct context *ctx);

/*
 * Runs a listing with the -c, -s, --limit and -o that apply and prints it. query: what to ask, without
 * columns, sort and limit. columns of the command's table (path's last command). May be called for any
 * listing kind.
 */
int list_rows(struct context *ctx, struct query *query);

/* Where a column of the command comes from, where its table is not the listing's own. */
#define DERIVED_TEXT 64
struct column_source {
	int column;	  /* of the listing */
	bool is_reversed; /* sorting by it is sorting by the source the other way round */
	/* Makes the value, in out if need be; NULL: the source's value as it is. */
	struct value (*derive)(const struct context *ctx, struct value value, char out[DERIVED_TEXT]);
};

/* The same with one source for each column of the command's table. */
int list_rows_from(struct context *ctx, struct query *query, const struct column_source *sources);
/* And tells how many rows were printed. */
int list_rows_counted(struct context *ctx, struct query *query, const struct column_source *sources,
		      uint64_t *printed);

/* The parts of it, for commands that have their rows from elsewhere (history --at, config, doctor). */
#define LISTING_COLUMNS_MAX 64
#define LISTING_SORT_MAX 16
struct listing_plan {
	int columns[LISTING_COLUMNS_MAX]; /* indices in the command's column table */
	size_t ncolumns;
	struct sort_key sort[LISTING_SORT_MAX];
	size_t nsort;
	bool is_unsorted; /* -s none: as the store gives them, which is the fastest */
};
int listing_choose(struct context *ctx, struct listing_plan *out); /* -c and -s against the command's table */
int listing_open(struct context *ctx, const struct listing_plan *plan,
		 struct sink **out); /* on stdout, with -o -H ... */

/* Rows that are all in memory, as they come. */
struct kept_rows {
	const void *of;
	size_t n;
	/* column: of the command's table. The value lives as long as what it is of. */
	struct value (*cell)(const void *of, size_t row, int column);
};

/* Prints them in the order of the plan, which is the last thing that can be wrong about -c and -s, up to --limit. */
int list_kept(struct context *ctx, const struct listing_plan *plan, const struct kept_rows *rows);

/* A sink on stdout for any columns, with the -o, -H, --color that apply. columns outlive the sink. */
int rows_open(struct context *ctx, const struct column *const *columns, size_t n, struct sink **out);

/* Closes a sink after rc: the first error counts. */
int rows_close(struct context *ctx, struct sink *sink, int rc);

/* Looks out for a signal between rows: ERR_INTERRUPTED. */
int check_interrupt(struct context *ctx);

/* Counts the numbers of a selection by the values of some columns of did_columns; prints them and the count,
 * sorted. */
int list_groups(struct context *ctx, const struct selection *selection, const int *keys, size_t nkeys);

/* A change with the write options filled in: id (made, or --change-id), reason, actor, host, dry run, expect. */
int change_begin(struct context *ctx, struct change *change, enum verb verb);

/* A UUID in the one spelling that is a key, lower case, in the arena. */
const char *uuid_key(struct context *ctx, const char *uuid);

/* The same of a word that has to be the id of a change. */
int change_read_id(struct context *ctx, const char *word, const char **out);

/*
 * Names the numbers of a change: operands and --where. ERR_USAGE for none at all, and without --expect where
 * cli.md wants it.
 */
int change_select(struct context *ctx, struct change *change, const char *const *words, size_t n);

/*
 * The one way a change is carried out: refuses without --expect where cli.md wants it; says the change id;
 * shows the plan and asks where a yes is needed (on a terminal), or refuses at once off one without --yes;
 * applies; reports in the format of -o; says what is not live yet. Returns the command's result. Releases the
 * change.
 */
int change_run(struct context *ctx, struct change *change);

/* Whether changes that move calls are brought to the switch at once: --regen, --no-regen, else the profile's regen. */
bool wants_regen(const struct context *ctx);

/*
 * Brings what a change of so many numbers moved to the switch, as didctl regen does; what it tells goes to standard
 * error. That these numbers lose their routes needs no further word.
 */
int regen_after_change(struct context *ctx, uint64_t numbers);
/* The same after a change that ended with rc, the result; ERR_PARTIAL where the switch was not changed, and so told. */
int change_regen(struct context *ctx, uint64_t numbers, int rc);

/* Runs a change that was put together without an error (rc 0), else releases it and returns rc. */
int change_end(struct context *ctx, struct change *change, int rc);

/* The whole of a command that takes nothing but the numbers among its operands. */
int change_numbers(struct context *ctx, enum verb verb);

#endif
