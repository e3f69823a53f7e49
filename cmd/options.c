#include "cmd/options.h"

#include <limits.h>

#include "cmd/fields.h"
#include "did/state.h"
#include "out/out.h"

static const char *const color_modes[] = {"auto", "always", "never", NULL};

static const struct option global_options[] = {
	{.name = "quiet", .short_name = 'q', OPT_FLAG(struct global_options, quiet), .excludes = "verbose",
	 .help = "say nothing but errors, questions and change ids"},
	{.name = "verbose", .short_name = 'v', OPT_FLAG(struct global_options, verbose),
	 .help = "say what is done on the way: what the store is asked, and how long each answer takes"},
	{.name = "color", OPT_CHOICE(struct global_options, color, color_modes), .metavar = "WHEN",
	 .complete = COMPLETE_CHOICES,
	 .help = "colour on a terminal that shows it unless NO_COLOR is set, or as told"},
	{.name = "no-progress", OPT_FLAG(struct global_options, no_progress),
	 .help = "no progress on standard error while something takes long"},
	{.name = "config", OPT_STRING(struct global_options, config), .metavar = "FILE",
	 .complete = COMPLETE_FILE, .is_context = true,
	 .help = "read this instead of $XDG_CONFIG_HOME/didctl/config and /etc/didctl/config"},
	{.name = "help", .short_name = 'h', OPT_FLAG(struct global_options, help),
	 .help = "explain the command"},
	{.name = "version", .short_name = 'V', OPT_FLAG(struct global_options, version),
	 .help = "print the version"},
};

static const struct option target_options[] = {
	{.name = "target", .short_name = 't', OPT_STRING(struct target_options, target), .metavar = "URL",
	 .is_context = true,
	 .help = "the inventory: sqlite:PATH, mysql://[USER@]HOST[:PORT][,HOST...]/DB, "
		 "mysql://[USER@]/DB?socket=PATH or https://HOST[:PORT]/BASE"},
	{.name = "profile", .short_name = 'p', OPT_STRING(struct target_options, profile), .metavar = "NAME",
	 .complete = COMPLETE_PROFILE, .is_context = true,
	 .help = "a section of the configuration"},
	{.name = "timeout", OPT_COUNT(struct target_options, timeout, 1, 86400), .metavar = "SECONDS",
	 OPT_GIVEN(struct target_options, timeout_given),
	 .help = "how many seconds to wait for each answer; unless given, 10, and 300 for the statements "
		 "of a change"},
};

static const struct option output_options[] = {
	{.name = "output", .short_name = 'o', OPT_CHOICE(struct output_options, format, out_format_names),
	 OPT_GIVEN(struct output_options, format_given), .metavar = "FORMAT", .complete = COMPLETE_CHOICES,
	 .help = "how rows are written"},
	{.name = "no-header", .short_name = 'H', OPT_FLAG(struct output_options, no_header),
	 .help = "no heading line (table, tsv, csv)"},
	{.name = "raw-csv", OPT_FLAG(struct output_options, raw_csv),
	 .help = "no ' in front of csv text that a spreadsheet would run"},
};

static const struct option listing_options[] = {
	{.name = "columns", .short_name = 'c', OPT_STRING(struct listing_options, columns), .metavar = "LIST",
	 .complete = COMPLETE_COLUMN,
	 .help = "the columns to print: a,b chooses, +a adds to the default, all takes all"},
	{.name = "list-columns", OPT_FLAG(struct listing_options, list_columns),
	 .help = "print the columns of this listing, with a sentence each"},
	{.name = "sort", .short_name = 's', OPT_STRING(struct listing_options, sort), .metavar = "KEYS",
	 .complete = COMPLETE_SORT,
	 .help = "sort by these columns: KEY,-KEY; '-' turns the order round; 'none' takes rows as they come, the fastest"},
	{.name = "limit", OPT_COUNT(struct listing_options, limit, 1, LLONG_MAX), .metavar = "N",
	 OPT_GIVEN(struct listing_options, limit_given),
	 .help = "at most so many rows; there is no limit otherwise"},
};

static const struct option write_options[] = {
	{.name = "dry-run", .short_name = 'n', OPT_FLAG(struct write_options, dry_run),
	 .help = "the same plan and the same checks, but nothing is written"},
	{.name = "yes", .short_name = 'y', OPT_FLAG(struct write_options, yes),
	 .help = "do not ask"},
	{.name = "expect", OPT_COUNT(struct write_options, expect, 0, LLONG_MAX), .metavar = "N",
	 OPT_GIVEN(struct write_options, expect_given),
	 .help = "refuse unless exactly so many would change; needed above 10,000 numbers, and with --where"},
	{.name = "partial", OPT_FLAG(struct write_options, partial),
	 .help = "change what can be changed and list the rest; exit 5 if some were refused, 6 if all"},
	{.name = "chunk", OPT_COUNT(struct write_options, chunk, 1, LLONG_MAX), .metavar = "N",
	 .help = "make a change of more than N numbers in pieces of N, each a transaction: what an interruption leaves half "
		 "done (exit 5) the same command with the same --change-id finishes; see didctl-cluster(7)"},
	{.name = "reason", OPT_STRING(struct write_options, reason), .metavar = "TEXT",
	 .help = "why, kept in the history"},
	{.name = "change-id", OPT_STRING(struct write_options, change_id), .metavar = "UUID",
	 .help = "idempotency key of the change; made and printed on standard error if absent"},
	{.name = "jobs", OPT_COUNT(struct write_options, jobs, 1, 64), .metavar = "N",
	 OPT_GIVEN(struct write_options, jobs_given),
	 .help = "how many requests an API is sent at once; unless given, as 'jobs' is set, or 8"},
	{.name = "regen", OPT_FLAG(struct write_options, regen), .excludes = "no-regen",
	 .help = "regenerate the switch's files once, after the last write, when the change moves calls"},
	{.name = "no-regen", OPT_FLAG(struct write_options, no_regen),
	 .help = "leave the switch's files alone; what is not live yet is said"},
};

static const struct option where_options[] = {
	{.name = "where", OPT_LIST(struct filter_options, where), .metavar = "KEY=VALUE[,VALUE]",
	 .help = "the numbers whose column has one of the values; repeatable: all must hold; wants --expect"},
};

/* A comma is "or", different filters are "and". */
#define FILTER_STRING(member) OPT_STRING(struct filter_options, member)

static const struct option filter_options[] = {
	{.name = "state", FILTER_STRING(state), .metavar = "STATE", .choices = state_names,
	 .complete = COMPLETE_STATE, .help = "in one of these states"},
	{.name = "org", FILTER_STRING(org), .metavar = "ORG", .complete = COMPLETE_ORG,
	 .help = "held or requested by the organisation: an id, a name or a context prefix, in whole"},
	{.name = "env", FILTER_STRING(env), .metavar = "ENV", .choices = env_names,
	 .complete = COMPLETE_LIST, .help = "of these environments"},
	{.name = "tag", FILTER_STRING(tag), .metavar = "TAG", .complete = COMPLETE_TAG,
	 .help = "with one of these tags"},
	{.name = "provider", FILTER_STRING(provider), .metavar = "NAME", .help = "of this provider"},
	{.name = "operator", FILTER_STRING(operator), .metavar = "NAME", .help = "of this operator"},
	{.name = "region", FILTER_STRING(region), .metavar = "NAME", .help = "in this region"},
	{.name = "city", FILTER_STRING(city), .metavar = "NAME", .help = "in this city"},
	{.name = "rate-center", FILTER_STRING(rate_center), .metavar = "NAME", .help = "of this rate centre"},
	{.name = "state-code", FILTER_STRING(state_code), .metavar = "CODE",
	 .help = "in this state of the country"},
	{.name = "area-code", FILTER_STRING(area_code), .metavar = "NPA", .help = "with this area code"},
	{.name = "nxx", FILTER_STRING(nxx), .metavar = "NXX", .help = "with this exchange"},
	{.name = "toll-free", OPT_FLAG(struct filter_options, toll_free), .help = "toll-free numbers"},
	{.name = "e911", FILTER_STRING(e911), .metavar = "STATUS", .choices = e911_names,
	 .complete = COMPLETE_LIST,
	 .help = "whose emergency address is not-set, pending, registered or failed"},
	{.name = "cnam", FILTER_STRING(cnam), .metavar = "STATUS", .choices = cnam_status_names,
	 .complete = COMPLETE_LIST, .help = "whose caller name is pending, synced or failed"},
	{.name = "default", OPT_FLAG(struct filter_options, is_default), .help = "default caller IDs"},
	{.name = "locked", OPT_FLAG(struct filter_options, locked), .help = "locked numbers"},
	{.name = "package", FILTER_STRING(package), .metavar = "NAME", .help = "of this package"},
	{.name = "match", FILTER_STRING(match), .metavar = "TEXT",
	 .help = "a pattern of the number (877-555-XXXX), or part of the organisation's name"},
};

#define GROUP(name, number, heading) \
	const struct option_group group_##name = { \
		.title = (heading), .id = (number), .options = name##_options, \
		.n = ARRAY_SIZE(name##_options), \
	}

GROUP(global, GROUP_GLOBAL, "Global options");
GROUP(target, GROUP_TARGET, "Target options");
GROUP(output, GROUP_OUTPUT, "Output options");
GROUP(listing, GROUP_LISTING, "Listing options");
GROUP(write, GROUP_WRITE, "Change options");
GROUP(where, GROUP_FILTER, "Selection options");
GROUP(filter, GROUP_FILTER, "Filters (a comma is or, different filters are and)");

#define READING &group_target, &group_output, &group_global

const struct option_group *const groups_offline[] = {&group_global, NULL};
const struct option_group *const groups_show[] = {READING, NULL};
const struct option_group *const groups_list[] = {&group_listing, READING, NULL};
const struct option_group *const groups_list_numbers[] = {&group_filter, &group_listing, READING, NULL};
const struct option_group *const groups_write[] = {&group_write, READING, NULL};
const struct option_group *const groups_write_numbers[] = {&group_where, &group_write, READING, NULL};

void option_bases(struct context *ctx, void *own, void *bases[OPTION_GROUPS_MAX])
{
	bases[GROUP_OWN] = own;
	bases[GROUP_GLOBAL] = &ctx->global;
	bases[GROUP_TARGET] = &ctx->target;
	bases[GROUP_OUTPUT] = &ctx->output;
	bases[GROUP_LISTING] = &ctx->listing;
	bases[GROUP_WRITE] = &ctx->write;
	bases[GROUP_FILTER] = &ctx->filter;
}
