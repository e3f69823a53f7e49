#include "cmd/columns.h"

#include <unistd.h>

#include "cmd/message.h"
#include "out/out.h"

static const struct column heads[] = {
	{"column", "COLUMN", "its key, for -c and -s", COL_ID},
	{"default", "DEFAULT", "whether it is shown without -c", COL_BOOL},
	{"description", "DESCRIPTION", "what it holds", COL_TEXT},
};

static bool is_in_list(const char *list, const char *key)
{
	size_t len = strlen(key), word;

	for (; *list; list += word + (list[word] == ',')) {
		word = strcspn(list, ",");
		if (word == len && memcmp(list, key, len) == 0)
			return true;
	}
	return false;
}

int columns_print(struct context *ctx)
{
	const struct command *cmd = command_of(&ctx->path);
	const struct column *const columns[] = {&heads[0], &heads[1], &heads[2]};
	const struct out_options options = {
		.format = (enum out_format)ctx->output.format,
		.no_header = ctx->output.no_header,
		.raw_csv = ctx->output.raw_csv,
		.colour = want_colour(ctx, STDOUT_FILENO),
		.width = terminal_width(STDOUT_FILENO),
	};
	struct sink *sink = NULL;
	int rc, closed;

	rc = sink_open(&sink, STDOUT_FILENO, &options, columns, ARRAY_SIZE(columns), &ctx->err);
	for (size_t i = 0; !rc && i < cmd->ncolumns; i++) {
		const struct value row[] = {
			value_str(cmd->columns[i].key),
			value_str(is_in_list(cmd->default_columns, cmd->columns[i].key) ? "1" : "0"),
			value_str(cmd->columns[i].help),
		};

		rc = sink_row(sink, row, &ctx->err);
	}
	closed = sink_close(sink, rc ? NULL : &ctx->err);
	return rc ? rc : closed;
}
