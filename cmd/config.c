/* didctl config: every setting, its value and where that comes from. */
#include "cmd/commands.h"
#include "cmd/common.h"
#include "cmd/options.h"

enum { COLUMN_KEY, COLUMN_VALUE, COLUMN_ORIGIN, COLUMN_COUNT };

static const struct column columns[COLUMN_COUNT] = {
	[COLUMN_KEY] = {"key", "Setting", "the setting", COL_ID},
	[COLUMN_VALUE] = {"value", "Value", "its value, a secret as ***; absent if it is not set", COL_TEXT},
	[COLUMN_ORIGIN] = {"origin", "Origin",
			   "the option, variable, file and line it comes from, or default", COL_TEXT},
};

struct row {
	struct value cells[COLUMN_COUNT];
};

static struct row make_row(const char *key, const char *value, const char *origin)
{
	return (struct row){{
		[COLUMN_KEY] = value_str(key),
		[COLUMN_VALUE] = value_str(value),
		[COLUMN_ORIGIN] = value_str(*origin ? origin : NULL),
	}};
}

static struct row setting_row(struct context *ctx, enum setting key)
{
	struct buf shown = {0};
	const char *origin;
	const char *value = conf_get(ctx->conf, key, &origin);

	if (value) {
		setting_mask(&shown, key, value);
		value = arena_strdup(&ctx->arena, buf_str(&shown));
		buf_release(&shown);
	}
	return make_row(setting_info[key].key, value, origin);
}

static struct value cell(const void *of, size_t row, int column)
{
	return ((const struct row *)of)[row].cells[column];
}

static int run(struct context *ctx, void *args)
{
	struct row rows[SET_COUNT + 1];
	size_t n = 0;
	struct listing_plan plan;
	int rc = listing_choose(ctx, &plan);

	(void)args;
	if (rc)
		return rc;
	verbose(ctx, "configuration: %s", conf_files(ctx->conf));
	rows[n++] = make_row("profile", conf_profile(ctx->conf), conf_profile_origin(ctx->conf));
	while (n < ARRAY_SIZE(rows)) {
		rows[n] = setting_row(ctx, (enum setting)(n - 1));
		n++;
	}
	return list_kept(ctx, &plan, &(struct kept_rows){rows, n, cell});
}

static const struct example examples[] = {
	{"didctl config", "Prints every setting, its value and where that comes from."},
	{"didctl config -c key,origin -o tsv", "Only where the values come from, for a script."},
	{0},
};

const struct command cmd_config = {
	.name = "config",
	.summary = "print every setting with its value and origin",
	.about = "A value comes from an option, else a variable DIDCTL_*, else the profile, else the "
		 "user's file, else the system's file, else the default. Of secrets only *** is shown. "
		 "No connection is made.",
	.groups = groups_list,
	.columns = columns,
	.ncolumns = ARRAY_SIZE(columns),
	.default_columns = "key,value,origin",
	.flags = COMMAND_OFFLINE,
	.run = run,
	.examples = examples,
};
