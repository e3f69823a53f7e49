/* didctl release: numbers back from their organisations. */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/common.h"
#include "cmd/fields.h"
#include "cmd/options.h"

struct release_args {
	long long hold_days;
	const char *then, *keep;
	bool hold_given;
};

static const char *const keep_names[] = {"cnam", "e911", "route", NULL}; /* by bit of enum keep */

static int set_keep(struct context *ctx, const char *list, unsigned *keep)
{
	const char *end;

	for (; list; list = *end ? end + 1 : NULL) {
		unsigned bit = 0;

		end = strchrnul(list, ',');
		for (unsigned i = 0; keep_names[i]; i++)
			if (strlen(keep_names[i]) == (size_t)(end - list) &&
			    !strncmp(keep_names[i], list, (size_t)(end - list)))
				bit = 1u << i;
		if (!bit)
			return err_set(&ctx->err, ERR_USAGE, "--keep takes a list of cnam, e911 and route");
		*keep |= bit;
	}
	return 0;
}

static int set_then(struct context *ctx, const char *text, struct change *change)
{
	const char *state;
	int rc;

	if (!text)
		return 0;
	rc = check_rest_state(ctx, "--then", text, &state);
	if (!rc)
		change->to = (enum did_state)state_find(state, NULL);
	return rc;
}

static int run_release(struct context *ctx, void *args)
{
	const struct release_args *own = args;
	struct change change;
	int rc = change_begin(ctx, &change, VERB_RELEASE);

	if (own->hold_given)
		change.hold_days = own->hold_days;
	if (!rc)
		rc = set_then(ctx, own->then, &change);
	if (!rc)
		rc = set_keep(ctx, own->keep, &change.keep);
	if (!rc)
		rc = change_select(ctx, &change, ctx->operands.at, ctx->operands.n);
	return change_end(ctx, &change, rc);
}

static const struct option options[] = {
	{.name = "hold", OPT_COUNT(struct release_args, hold_days, 0, DAYS_MAX), .metavar = "DAYS",
	 OPT_GIVEN(struct release_args, hold_given),
	 .help = "how many days they cool down; unless given, the number's own days, else the setting "
		 "hold-days"},
	{.name = "then", OPT_STRING(struct release_args, then), .metavar = "STATE",
	 .choices = rest_state_names, .complete = COMPLETE_CHOICES,
	 .help = "the state after that; available unless given or said for the number"},
	{.name = "keep", OPT_STRING(struct release_args, keep), .metavar = "LIST", .choices = keep_names,
	 .complete = COMPLETE_LIST, .help = "what is not cleared: any of cnam, e911 and route"},
};

static const struct example examples[] = {
	{"didctl release 918065978002 --hold 30 --yes", "Takes a number back, to cool down for 30 days."},
	{"didctl release --where org=ACME --expect 8 --yes --reason 'contract ended'",
	 "Takes back all that an organisation holds, if they are eight."},
	{0},
};

const struct command cmd_release = {
	.name = "release",
	.summary = "take numbers back from their organisations",
	.about = "Clears owner, default flag, route, caller name and E911 link, remembers the previous "
		 "owner, and clears the numbers from users that show them as caller ID. The number stays "
		 "in the inventory ('pool delete' removes it); giving it back to the carrier is between "
		 "you and the carrier.",
	.args = {NUMBERS_TO_CHANGE},
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct release_args),
	.run = run_release,
	.examples = examples,
};
