#include "cmd/mistaken.h"

#include <string.h>

#include "base/text.h"
#include "cli/walk.h"
#include "cmd/common.h"
#include "cmd/fields.h"
#include "did/env.h"
#include "did/state.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool has_option(const struct context *ctx, const char *name)
{
	struct option_iter it = {.cmd = current_command(ctx)};
	const struct option *option;

	while ((option = option_next(&it)))
		if (strcmp(option->name, name) == 0)
			return true;
	return false;
}

static bool is_org(struct context *ctx, const char *word)
{
	struct err none = {0};
	struct org org;

	return ctx->store && store_find_org(ctx->store, word, &org, &ctx->arena, &none) == 0;
}

static const char *as_word(struct context *ctx, const char *word)
{
	struct buf text = {0};
	const char *kept;

	text_shell(&text, word);
	kept = arena_strdup(&ctx->arena, buf_str(&text));
	buf_release(&text);
	return kept;
}

/* Where the command has a place for the organisation: "NUMBERS ORG", as its operands stand; else NULL. */
static const char *order_of(struct context *ctx)
{
	const struct command *cmd = current_command(ctx);
	const char *order = "";
	bool has_org = false;

	for (size_t i = 0; i < POSITIONALS_MAX && cmd->args[i].metavar; i++) {
		has_org |= cmd->args[i].complete == COMPLETE_ORG;
		order = arena_printf(&ctx->arena, "%s %s", order, cmd->args[i].metavar);
	}
	return has_org ? order : NULL;
}

static int refuse_org(struct context *ctx, const char *word)
{
	char shown[TEXT_SHOWN], path[COMMAND_NAME];
	const char *order = order_of(ctx), *org = as_word(ctx, word);
	struct err *err = &ctx->err;

	command_path_name(&ctx->path, path);
	err_set(err, ERR_USAGE, "'%s' is an organisation, where numbers are wanted", text_show(shown, word, strlen(word)));
	if (order)
		err_hint(err, "the operands stand in this order: didctl %s%s", path, order);
	else if (has_option(ctx, "org"))
		err_hint(err, "did you mean --org %s?", org);
	else if (has_option(ctx, "where"))
		err_hint(err, "for all of its numbers: --where org=%s --expect N", org);
	else
		err_hint(err, "its numbers are listed by: didctl pool list --org %s", org);
	return ERR_USAGE;
}

static bool is_one_of(const char *word, const char *const *words)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words;
}

/* The filter that finds rows by this word; several have pending and failed, of which the command's own goes first. */
static const char *filter_of(const struct context *ctx, const char *word)
{
	const struct {
		const char *option;
		bool has_word;
	} filters[] = {
		{"e911", is_one_of(word, e911_names)},
		{"cnam", is_one_of(word, cnam_status_names)},
		{"state", state_find(word, NULL) >= 0},
		{"env", is_one_of(word, env_names)},
	};
	const char *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		if (!filters[i].has_word)
			continue;
		if (strcmp(ctx->path.at[0]->name, filters[i].option) == 0)
			return filters[i].option;
		if (!found || strcmp(filters[i].option, "state") == 0)
			found = filters[i].option;
	}
	return found && has_option(ctx, found) ? found : NULL;
}

/* A pattern of a number's letters alone would find short numbers at most: it is a word such as "yes" behind a filter. */
static int refuse_letters(struct context *ctx, const char *word)
{
	char shown[TEXT_SHOWN];

	if (strpbrk(word, "Xx") || word[strspn(word, LETTERS " -.")])
		return 0;
	err_set(&ctx->err, ERR_USAGE, "'%s' is neither a number nor a pattern: it has no digit and no X",
		text_show(shown, word, strlen(word)));
	if (has_option(ctx, "match"))
		err_hint(&ctx->err, "part of an organisation's name is found by: --match %s", as_word(ctx, word));
	return ERR_USAGE;
}

int mistaken_pattern(struct context *ctx, const char *word)
{
	const char *filter;

	if (strpbrk(word, "0123456789"))
		return 0;
	filter = filter_of(ctx, word);
	if (!filter)
		return is_org(ctx, word) ? refuse_org(ctx, word) : refuse_letters(ctx, word);
	err_set(&ctx->err, ERR_USAGE, "'%s' is a word of --%s, where numbers are wanted", word, filter);
	err_hint(&ctx->err, "did you mean --%s %s?", filter, word);
	return ERR_USAGE;
}

int mistaken_org(struct context *ctx, const char *word)
{
	return is_org(ctx, word) ? refuse_org(ctx, word) : ctx->err.code;
}

int mistaken_name(struct context *ctx)
{
	const char *last = ctx->operands.at[ctx->operands.n - 1];
	char shown[TEXT_SHOWN], path[COMMAND_NAME];
	struct err none = {0};
	struct interval in;

	if (interval_parse(&in, last, ctx->country, &none) || in.first.width < 7) /* a short one is perhaps a name */
		return 0;
	err_set(&ctx->err, ERR_USAGE, "NAME is missing: '%s' is a number", text_show(shown, last, strlen(last)));
	err_hint(&ctx->err, "numbers come first, and the name last: didctl %s NUMBERS NAME", command_path_name(&ctx->path, path));
	return ERR_USAGE;
}
