/* didctl regen through an API: it writes the dispatcher and reloads the switch itself. */
#include <inttypes.h>
#include <string.h>

#include "cmd/regen.h"

/* What needs the files or the switch at hand. */
static const char *asked_too_much(const struct context *ctx, const struct regen_args *args)
{
	const struct {
		bool is_given;
		const char *option;
	} options[] = {
		{args->to_stdout, "--stdout"}, {args->check, "--check"},	   {args->diff, "--diff"},
		{args->dir != NULL, "--dir"},  {args->for_given, "--for"},	   {args->dry_run, "--dry-run"},
		{args->no_reload, "--no-reload"}, {args->adopt, "--adopt"},	   {args->force, "--force"},
		{args->partial, "--partial"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].is_given)
			return options[i].option;
	for (size_t i = 0; i < ctx->operands.n; i++)
		if (strcmp(ctx->operands.at[i], "gateway") != 0)
			return ctx->operands.at[i];
	return NULL;
}

int regen_through_api(struct context *ctx, const struct regen_args *args)
{
	const char *option = asked_too_much(ctx, args);
	uint64_t routes;
	int rc;

	if (option) {
		err_set(&ctx->err, ERR_TARGET, "an API writes the dispatcher itself: 'regen' has no '%s' through it", option);
		err_hint(&ctx->err, "use the database itself: --target mysql://...");
		return ERR_TARGET;
	}
	rc = store_regenerate(ctx->store, &routes, &ctx->err);
	ctx->has_written_files = !rc;
	if (!rc)
		note(ctx, "the API has written the dispatcher, %" PRIu64 " route%s, and the switch runs it", routes,
		     routes == 1 ? "" : "s");
	return rc;
}
