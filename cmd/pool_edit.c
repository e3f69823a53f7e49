/* pool add, edit, delete, lock and unlock: what is known about a number. */
#include "cmd/common.h"
#include "cmd/fields.h"
#include "cmd/options.h"
#include "cmd/pool.h"

/* Texts, so that an empty one can clear a field. */
struct edit_args {
	const char *provider, *operator, * region, *city, *state_code, *rate_center, *price, *setup_fee,
		*minute_rate;
	const char *env, *note, *after_hold, *hold_days, *route, *record;
	struct strlist tags;
	int state;
	bool state_given, if_absent;
};

#define FIELD(member, name, field, check) {offsetof(struct edit_args, member), "--" name, field, check}

static const struct field_option fields[] = {
	FIELD(provider, "provider", DID_PROVIDER, check_text),
	FIELD(operator, "operator", DID_OPERATOR, check_text),
	FIELD(region, "region", DID_REGION, check_text),
	FIELD(city, "city", DID_CITY, check_text),
	FIELD(state_code, "state-code", DID_STATE_CODE, check_state_code),
	FIELD(rate_center, "rate-center", DID_RATE_CENTER, check_text),
	FIELD(price, "price", DID_PRICE, check_price),
	FIELD(setup_fee, "setup-fee", DID_SETUP_FEE, check_price),
	FIELD(minute_rate, "minute-rate", DID_MINUTE_RATE, check_rate),
	FIELD(env, "env", DID_ENV, check_env),
	FIELD(note, "note", DID_NOTES, check_notes),
	FIELD(after_hold, "after-hold", DID_AFTER_HOLD, check_rest_state),
	FIELD(hold_days, "hold-days", DID_HOLD_DAYS, check_days),
	FIELD(record, "record", DID_RECORDING, check_record),
};

static int set_all(struct context *ctx, struct change *change, const struct edit_args *args, bool is_edit)
{
	int rc = fields_set(ctx, change, args, fields, ARRAY_SIZE(fields), is_edit);

	if (!rc)
		rc = fields_set_route(ctx, change, args->route, is_edit);
	return rc ? rc : fields_set_tags(ctx, change, &args->tags, is_edit);
}

static int run_add(struct context *ctx, void *args)
{
	static const enum did_state states[] = {STATE_AVAILABLE, STATE_RESERVED, STATE_ARCHIVED};
	const struct edit_args *own = args;
	struct change change;
	int rc = change_begin(ctx, &change, VERB_ADD);

	change.to = states[own->state];
	change.if_absent = own->if_absent;
	if (!rc)
		rc = change_select(ctx, &change, ctx->operands.at, ctx->operands.n);
	if (!rc && change.selection.nids)
		rc = err_set(&ctx->err, ERR_USAGE, "'pool add' takes numbers; id:UUID is a row that is there "
						   "already");
	if (!rc)
		rc = set_all(ctx, &change, own, false);
	return change_end(ctx, &change, rc);
}

static bool sets_something(const struct change *change)
{
	for (int field = 0; field < DID_FIELDS; field++)
		if (change->is_set[field])
			return true;
	return change->tags_add.n || change->tags_remove.n;
}

static int run_edit(struct context *ctx, void *args)
{
	struct change change;
	int rc = change_begin(ctx, &change, VERB_EDIT);

	if (!rc)
		rc = set_all(ctx, &change, args, true);
	if (!rc && !sets_something(&change)) {
		rc = err_set(&ctx->err, ERR_USAGE, "'pool edit' names no field to change");
		err_hint(&ctx->err, "'didctl help pool edit' lists them");
	}
	if (!rc)
		rc = change_select(ctx, &change, ctx->operands.at, ctx->operands.n);
	return change_end(ctx, &change, rc);
}

static int run_delete(struct context *ctx, void *args)
{
	(void)args;
	return change_numbers(ctx, VERB_DELETE);
}

static int run_lock(struct context *ctx, void *args)
{
	(void)args;
	return change_numbers(ctx, VERB_LOCK);
}

static int run_unlock(struct context *ctx, void *args)
{
	(void)args;
	return change_numbers(ctx, VERB_UNLOCK);
}

#define TEXT_OPTION(member, word, meta, says, clears) \
	{.name = (word), OPT_STRING(struct edit_args, member), .metavar = (meta), .help = (says), \
	 .may_be_empty = (clears)}

/* What add and edit have in common; clears: an empty value is no slip but clears the field. */
#define COMMON_OPTIONS(clears) \
	TEXT_OPTION(provider, "provider", "NAME", "who the number was bought from", clears), \
	TEXT_OPTION(operator, "operator", "NAME", "operator that it belongs to", clears), \
	TEXT_OPTION(region, "region", "NAME", "region that it is sold in", clears), \
	TEXT_OPTION(city, "city", "NAME", "city that it is sold in", clears), \
	TEXT_OPTION(state_code, "state-code", "CC", "state or province, two upper-case letters", clears), \
	TEXT_OPTION(rate_center, "rate-center", "NAME", "rate centre, North America", clears), \
	TEXT_OPTION(price, "price", "AMOUNT", "price for a month, such as 2499 or 2499.00", clears), \
	TEXT_OPTION(setup_fee, "setup-fee", "AMOUNT", "price that is paid once", clears), \
	TEXT_OPTION(minute_rate, "minute-rate", "AMOUNT", "price for a minute, up to 6 decimals", clears), \
	TEXT_OPTION(note, "note", "TEXT", "free text of up to 2,000 characters", clears), \
	{.name = "after-hold", OPT_STRING(struct edit_args, after_hold), .metavar = "STATE", \
	 .choices = rest_state_names, .complete = COMPLETE_CHOICES, .may_be_empty = (clears), \
	 .help = "the state that it takes after cooling down"}

static const struct option add_options[] = {
	COMMON_OPTIONS(false),
	{.name = "env", OPT_STRING(struct edit_args, env), .metavar = "ENV", .choices = env_names,
	 .complete = COMPLETE_CHOICES, .help = "the environment that answers its calls: prod (unless "
					       "given), staging or oss"},
	{.name = "tag", OPT_LIST(struct edit_args, tags), .metavar = "TAG",
	 .help = "a word to find it by; repeatable, or joined by commas"},
	{.name = "state", OPT_CHOICE(struct edit_args, state, rest_state_names), .metavar = "STATE",
	 .complete = COMPLETE_CHOICES, .help = "the state that it begins in; available unless given"},
	{.name = "if-absent", OPT_FLAG(struct edit_args, if_absent),
	 .help = "leave numbers that are there already as they are, instead of refusing all"},
};

static const struct option edit_options[] = {
	COMMON_OPTIONS(true),
	{.name = "tag", OPT_LIST(struct edit_args, tags), .metavar = "[+|-]TAG", .complete = COMPLETE_TAG,
	 .may_be_empty = true, .help = "+x adds a tag, -x takes one away, x alone is all tags from now on; "
	 	 "repeatable"},
	{.name = "route", OPT_STRING(struct edit_args, route), .metavar = "TYPE:DEST", .may_be_empty = true,
	 .help = "where inbound calls go, such as extension:1000 or queue:sales"},
	{.name = "record", OPT_STRING(struct edit_args, record), .metavar = "on|off", .choices = on_off_names,
	 .complete = COMPLETE_CHOICES, .may_be_empty = true, .help = "whether inbound calls are recorded"},
	{.name = "hold-days", OPT_STRING(struct edit_args, hold_days), .metavar = "DAYS",
	 .may_be_empty = true, .help = "how many days, 0 to 3650, it cools down after a release"},
};

static const struct example add_examples[] = {
	{"didctl pool add 918065978030-8039 --provider Tata --price 2499 --yes", "Adds ten numbers."},
	{"didctl pool add @batch.txt --if-absent --tag batch-7 -n", "Shows what a list would add."},
	{0},
};

const struct command pool_add = {
	.name = "add",
	.summary = "add numbers to the inventory",
	.about = "Adds all the numbers, or none if one of them is there already under any spelling. They "
		 "are stored as E.164 digits without '+'.",
	.args = {{.metavar = "NUMBERS", .help = "numbers, ranges, @FILE or '-'", .min = 1}},
	.options = add_options,
	.noptions = ARRAY_SIZE(add_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct edit_args),
	.run = run_add,
	.examples = add_examples,
};

static const struct example edit_examples[] = {
	{"didctl pool edit 918065978002 --route queue:sales", "Sends a number's calls to a queue."},
	{"didctl pool edit 918065978000-8009 --price 2999 --tag +2027 --yes", "Edits ten numbers without a "
									      "question."},
	{"didctl pool edit 918065978002 --note ''", "Clears a note."},
	{0},
};

const struct command pool_edit = {
	.name = "edit",
	.summary = "change what is known about numbers",
	.about = "Changes only the fields that are named; an empty value clears one. The destination of a "
		 "route is 1 to 64 letters, digits, '_', '.' or '-'; its types are the setting "
		 "routing-types.",
	.args = {NUMBERS_TO_CHANGE},
	.options = edit_options,
	.noptions = ARRAY_SIZE(edit_options),
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct edit_args),
	.run = run_edit,
	.examples = edit_examples,
};

static const struct example delete_examples[] = {
	{"didctl pool delete 918065978029 --yes --expect 1", "Deletes a number."},
	{0},
};

const struct command pool_delete = {
	.name = "delete",
	.summary = "delete numbers from the inventory",
	.about = "Only available, reserved and archived numbers can be deleted; 'undo' brings them back. "
		 "Where nobody can be asked it takes --yes and --expect. To take a number back from its organisation is "
		 "'release'; to give it back to the carrier is between you and the carrier.",
	.args = {NUMBERS_TO_CHANGE},
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.run = run_delete,
	.examples = delete_examples,
};

static const struct example lock_examples[] = {
	{"didctl pool lock 918065978001 --reason 'fallback caller ID'", "Protects a number."},
	{0},
};

const struct command pool_lock = {
	.name = "lock",
	.summary = "protect numbers from release, deletion, porting and re-assignment",
	.args = {NUMBERS_TO_CHANGE},
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.run = run_lock,
	.examples = lock_examples,
};

static const struct example unlock_examples[] = {
	{"didctl pool unlock 918065978001", "Ends a number's protection."},
	{0},
};

const struct command pool_unlock = {
	.name = "unlock",
	.summary = "end the protection of numbers",
	.args = {NUMBERS_TO_CHANGE},
	.groups = groups_write_numbers,
	.flags = COMMAND_WRITES,
	.run = run_unlock,
	.examples = unlock_examples,
};
