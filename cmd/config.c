/* didctl config: every setting, its value and where that comes from. */
#include <stdlib.h>
#include <string.h>

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

static int compare_cells(const struct value *a, const struct value *b)
{
	if (!a->s || !b->s)
		return (a->s != NULL) - (b->s != NULL);
	return strcmp(a->s, b->s);
}

static int compare_rows(const void *a, const void *b, void *data)
{
	const struct row *x = a, *y = b;
	const struct listing_plan *plan = data;

	for (size_t i = 0; i < plan->nsort; i++) {
		const struct sort_key *key = &plan->sort[i];
		int order = compare_cells(&x->cells[key->column], &y->cells[key->column]);

		if (order)
			return key->is_descending ? -order : order;
	}
	return compare_cells(&x->cells[COLUMN_KEY], &y->cells[COLUMN_KEY]); /* qsort_r is not stable */
}

static int put_rows(struct context *ctx, const struct listing_plan *plan, const struct row *rows, size_t n)
{
	struct sink *sink = NULL;
	int rc = listing_open(ctx, plan, &sink);

	for (size_t i = 0; i < n && !rc; i++) {
		struct value values[LISTING_COLUMNS_MAX];

		for (size_t j = 0; j < plan->ncolumns; j++)
			values[j] = rows[i].cells[plan->columns[j]];
		rc = sink_row(sink, values, &ctx->err);
	}
	return rows_close(ctx, sink, rc);
}

static int run(struct context *ctx, void *args)
{
	struct row rows[SET_COUNT + 1];
	size_t n = 0, limit = ARRAY_SIZE(rows);
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
	if (plan.nsort)
		qsort_r(rows, n, sizeof(*rows), compare_rows, &plan);
	if (ctx->listing.limit_given && (size_t)ctx->listing.limit < limit) {
		limit = (size_t)ctx->listing.limit;
		note(ctx, "more rows: --limit %zu reached", limit);
	}
	return put_rows(ctx, &plan, rows, limit);
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
