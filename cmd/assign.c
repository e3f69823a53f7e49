/* didctl assign: numbers to an organisation, named or picked from the pool. */
#include "cmd/commands.h"
#include "cmd/common.h"
#include "cmd/fields.h"
#include "cmd/options.h"

struct assign_args {
	const char *env, *route, *record, *match;
	long long count;
	bool count_given, contiguous, prefer_aged;
	bool make_default, transfer, allow_reserved, override_hold;
};

static const struct field_option fields[] = {
	{offsetof(struct assign_args, env), "--env", DID_ENV, check_env},
	{offsetof(struct assign_args, record), "--record", DID_RECORDING, check_record},
};

/* --count takes from the pool: what only makes sense for a number that was named is refused beside it. */
static int check_pick(struct context *ctx, const struct assign_args *args)
{
	if (ctx->operands.n > 1 || ctx->filter.where.n)
		return err_set(&ctx->err, ERR_USAGE, "--count picks the numbers: name none beside it");
	if (args->transfer || args->allow_reserved || args->override_hold)
		return err_set(&ctx->err, ERR_USAGE, "--count takes available numbers only: --transfer, "
						     "--allow-reserved and --override-hold make no sense "
						     "with it");
	return 0;
}

/* In a pick the environment says where to take from: prod unless given. */
static int set_pick(struct context *ctx, const struct assign_args *args, struct change *change)
{
	int rc = check_pick(ctx, args);

	if (rc)
		return rc;
	change->pick = (struct pick){
		.count = (uint64_t)args->count,
		.is_contiguous = args->contiguous,
		.prefer_aged = args->prefer_aged,
	};
	if (!args->env)
		fields_put(change, DID_ENV, env_names[0]);
	if (args->match) {
		struct pattern *pattern = arena_alloc(&ctx->arena, sizeof(*pattern));

		rc = pattern_parse(pattern, args->match, ctx->country, &ctx->err);
		change->pick.pattern = pattern;
	}
	return rc;
}

static int set_named(struct context *ctx, const struct assign_args *args, struct change *change)
{
	if (args->match || args->contiguous || args->prefer_aged)
		return err_set(&ctx->err, ERR_USAGE, "--match, --contiguous and --prefer-aged go with "
						     "--count");
	if (args->override_hold && !change->reason)
		return err_set(&ctx->err, ERR_USAGE, "--override-hold needs --reason TEXT");
	return change_select(ctx, change, ctx->operands.at, ctx->operands.n - 1);
}

static int run_assign(struct context *ctx, void *args)
{
	const struct assign_args *own = args;
	struct change change;
	int rc = change_begin(ctx, &change, VERB_ASSIGN);

	change.org_text = ctx->operands.at[ctx->operands.n - 1];
	change.make_default = own->make_default;
	change.is_transfer = own->transfer;
	change.allow_reserved = own->allow_reserved;
	change.override_hold = own->override_hold;
	if (!rc)
		rc = fields_set(ctx, &change, own, fields, ARRAY_SIZE(fields), false);
	if (!rc)
		rc = fields_set_route(ctx, &change, own->route, false);
	if (!rc)
		rc = own->count_given ? set_pick(ctx, own, &change) : set_named(ctx, own, &change);
	return change_end(ctx, &change, rc);
}

static const struct option options[] = {
	{.name = "env", OPT_STRING(struct assign_args, env), .metavar = "ENV", .choices = env_names,
	 .complete = COMPLETE_CHOICES, .help = "the environment that answers their calls: prod, staging "
					       "or oss; with --count, the one to take from"},
	{.name = "route", OPT_STRING(struct assign_args, route), .metavar = "TYPE:DEST",
	 .help = "where inbound calls go, such as extension:1000 or queue:sales"},
	{.name = "record", OPT_STRING(struct assign_args, record), .metavar = "on|off",
	 .choices = on_off_names, .complete = COMPLETE_CHOICES, .help = "whether inbound calls are recorded"},
	{.name = "default", OPT_FLAG(struct assign_args, make_default),
	 .help = "make it the organisation's default caller ID; of several numbers, the lowest"},
	{.name = "transfer", OPT_FLAG(struct assign_args, transfer),
	 .help = "take numbers from the organisations that hold them"},
	{.name = "allow-reserved", OPT_FLAG(struct assign_args, allow_reserved),
	 .help = "assign reserved numbers too"},
	{.name = "override-hold", OPT_FLAG(struct assign_args, override_hold),
	 .help = "assign numbers on hold to others than their previous owner too; needs --reason"},
	{.name = "count", OPT_COUNT(struct assign_args, count, 1, (long long)RANGESET_MAX), .metavar = "N",
	 OPT_GIVEN(struct assign_args, count_given), .help = "pick so many available numbers from the "
							     "pool: all of them or none"},
	{.name = "match", OPT_STRING(struct assign_args, match), .metavar = "PATTERN",
	 .help = "with --count: only numbers like 877-555-XXXX"},
	{.name = "contiguous", OPT_FLAG(struct assign_args, contiguous), .help = "with --count: one range "
										 "without a gap"},
	{.name = "prefer-aged", OPT_FLAG(struct assign_args, prefer_aged),
	 .help = "with --count: take first those that have been free for longest"},
};

static const struct example examples[] = {
	{"didctl assign 918065978010 ACME --route extension:1000 --default", "Assigns a number and routes "
									     "it."},
	{"didctl assign 918065978010-8019 ACME --yes", "Assigns ten numbers without a question."},
	{"didctl assign --count 3 ACME --contiguous --yes", "Assigns three neighbours and prints them."},
	{0},
};

const struct command cmd_assign = {
	.name = "assign",
	.summary = "assign numbers to an organisation",
	.about = "Assigns the numbers named, or with --count numbers picked from the pool, which are "
		 "printed. The first number that an organisation gets becomes its default caller ID. The "
		 "destination of a route is 1 to 64 letters, digits, '_', '.' or '-'.",
	.args = {{.metavar = "NUMBERS", .help = "numbers, ranges, id:UUID, @FILE or '-'; none with --count",
		  .complete = COMPLETE_NUMBER},
		 ONE_ORG},
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct assign_args),
	.run = run_assign,
	.examples = examples,
};
