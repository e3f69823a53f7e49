/* didctl port new, edit, attach: what an order says. */
#include <string.h>

#include <bsd/readpassphrase.h>

#include "base/secret.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cmd/fields.h"
#include "cmd/options.h"
#include "cmd/port.h"
#include "did/cnam.h"

#define PIN_MAX 64

struct order_args {
	const char *losing_carrier, *account, *btn, *authorised_name, *service_address, *contact, *type;
	const char *requested_foc, *requested_time, *requested_zone;
	const char *env, *route, *cnam, *location, *pin_file, *note;
	bool ask_pin, no_pin, is_public;
};

/* ---- fields */

static int refuse(struct context *ctx, const char *option, const char *text, const char *wanted)
{
	char shown[TEXT_SHOWN];

	return err_set(&ctx->err, ERR_USAGE, "bad value '%s' of '%s': %s", text_show(shown, text, strlen(text)), option,
		       wanted);
}

static int check_btn(struct context *ctx, const char *option, const char *text, const char **out)
{
	char digits[NUMBER_TEXT];
	struct number number;
	int rc = number_parse(&number, text, strlen(text), ctx->country, &ctx->err);

	if (rc)
		return err_prefix(&ctx->err, "%s: ", option);
	number_format(number, digits);
	*out = arena_strdup(&ctx->arena, digits);
	return 0;
}

static int check_type(struct context *ctx, const char *option, const char *text, const char **out)
{
	for (size_t i = 0; port_types[i]; i++)
		if (strcmp(port_types[i], text) == 0) {
			*out = port_types[i];
			return 0;
		}
	return refuse(ctx, option, text, "it is none of wireline, wireless, toll-free");
}

static int check_order_route(struct context *ctx, const char *option, const char *text, const char **out)
{
	const char *type, *dest;

	*out = text;
	return check_route(ctx, option, text, &type, &dest);
}

static int check_location(struct context *ctx, const char *option, const char *text, const char **out)
{
	int rc = check_text(ctx, option, text, out);

	if (!rc && uuid_is_valid(text))
		*out = uuid_key(ctx, text);
	return rc;
}

static int check_caller_name(struct context *ctx, const char *option, const char *text, const char **out)
{
	const char *fault = cnam_fault(text);
	char name[CNAM_MAX + 1];

	if (fault)
		return refuse(ctx, option, text, fault);
	cnam_fold(text, name);
	*out = arena_strdup(&ctx->arena, name);
	return 0;
}

#define FIELD(member) offsetof(struct order_args, member)

static const struct {
	size_t offset;
	const char *option;
	enum port_field field;
	int (*check)(struct context *ctx, const char *option, const char *text, const char **out);
} fields[] = {
	{FIELD(losing_carrier), "--losing-carrier", PORT_LOSING_CARRIER, check_text},
	{FIELD(account), "--account", PORT_ACCOUNT, check_text},
	{FIELD(btn), "--btn", PORT_BTN, check_btn},
	{FIELD(authorised_name), "--authorised-name", PORT_AUTHORISED_NAME, check_text},
	{FIELD(service_address), "--service-address", PORT_SERVICE_ADDRESS, check_text},
	{FIELD(contact), "--contact", PORT_CONTACT, check_text},
	{FIELD(type), "--type", PORT_TYPE, check_type},
	{FIELD(env), "--env", PORT_ENV, check_env},
	{FIELD(route), "--route", PORT_ROUTE, check_order_route},
	{FIELD(cnam), "--cnam", PORT_CNAM, check_caller_name},
	{FIELD(location), "--location", PORT_LOCATION, check_location},
};

static int read_fields(struct context *ctx, struct port_request *request, const struct order_args *args)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const char *text = *(const char *const *)(const void *)((const char *)args + fields[i].offset);
		const char *value = NULL;
		int rc = text && *text ? fields[i].check(ctx, fields[i].option, text, &value) : 0;

		if (rc)
			return rc;
		if (text)
			port_put(request, fields[i].field, value);
	}
	return 0;
}

/* A date stands with its time and zone, and is given with them: none of the three is left from another commitment. */
static int read_requested(struct context *ctx, struct port_request *request, const struct order_args *args)
{
	const char *date = args->requested_foc && *args->requested_foc ? args->requested_foc : NULL;
	struct port_time when = {date, args->requested_time, args->requested_zone,
				 "--requested-foc", "--requested-time", "--requested-zone"};

	if (!date && (args->requested_time || args->requested_zone))
		return err_set(&ctx->err, ERR_USAGE, "--requested-time and --requested-zone need --requested-foc DATE");
	if (!args->requested_foc)
		return 0;
	port_put(request, PORT_REQUESTED_FOC, date);
	port_put(request, PORT_REQUESTED_TIME, args->requested_time);
	port_put(request, PORT_REQUESTED_ZONE, args->requested_zone);
	return date ? port_check_time(ctx, &when) : 0;
}

/* On the terminal, without an echo. */
static int ask_pin(struct context *ctx, char **out)
{
	char pin[PIN_MAX + 2];

	if (!readpassphrase("PIN of the account: ", pin, sizeof(pin), RPP_REQUIRE_TTY))
		return err_set(&ctx->err, ERR_REFUSED, "there is no terminal to ask for the PIN on");
	if (strlen(pin) > 0 && strlen(pin) <= PIN_MAX)
		*out = xstrdup(pin);
	explicit_bzero(pin, sizeof(pin));
	return *out ? 0 : err_set(&ctx->err, ERR_USAGE, "a PIN has 1 to %d characters", PIN_MAX);
}

static int read_pin(struct context *ctx, struct port_request *request, const struct order_args *args, char **pin)
{
	int rc = 0;

	if (args->pin_file)
		rc = secret_from_file(pin, args->pin_file, "--pin-file", &ctx->err);
	else if (args->ask_pin)
		rc = ask_pin(ctx, pin);
	if (!rc && *pin && strlen(*pin) > PIN_MAX)
		rc = err_set(&ctx->err, ERR_USAGE, "a PIN has 1 to %d characters", PIN_MAX);
	request->pin = *pin;
	request->is_set[PORT_PIN] = *pin || args->no_pin;
	return rc;
}

static int select_numbers(struct context *ctx, struct change *change, size_t from)
{
	int rc = select_operands(ctx, ctx->operands.at + from, ctx->operands.n - from, false, &change->selection);

	if (!rc && change->selection.nids)
		rc = err_set(&ctx->err, ERR_USAGE, "the numbers of an order are named by themselves, not by rows");
	return rc;
}

static int run_new(struct context *ctx, void *args)
{
	const struct order_args *own = args;
	struct port_request request = {.serial = NULL};
	struct change change;
	char *pin = NULL;
	int rc = change_begin(ctx, &change, VERB_PORT_NEW);

	change.port = &request;
	change.org_text = ctx->operands.at[0];
	if (!rc)
		rc = select_numbers(ctx, &change, 1);
	if (!rc)
		rc = read_fields(ctx, &request, own);
	if (!rc)
		rc = read_requested(ctx, &request, own);
	if (!rc)
		rc = port_read_note(ctx, &request, own->note, own->is_public);
	if (!rc)
		rc = read_pin(ctx, &request, own, &pin);
	rc = change_end(ctx, &change, rc);
	secret_free(pin);
	return rc;
}

static bool sets_anything(const struct port_request *request)
{
	for (int f = 0; f < PORT_OWN_FIELDS; f++)
		if (request->is_set[f])
			return true;
	return false;
}

static int run_edit(struct context *ctx, void *args)
{
	const struct order_args *own = args;
	struct port_request request;
	struct change change;
	char *pin = NULL;
	int rc = port_begin(ctx, &change, &request, VERB_PORT_EDIT);

	if (!rc)
		rc = read_fields(ctx, &request, own);
	if (!rc)
		rc = read_requested(ctx, &request, own);
	if (!rc)
		rc = port_read_note(ctx, &request, own->note, own->is_public);
	if (!rc)
		rc = read_pin(ctx, &request, own, &pin);
	if (!rc && !sets_anything(&request)) {
		rc = err_set(&ctx->err, ERR_USAGE, "'port edit' names no field to change");
		err_hint(&ctx->err, "'didctl help port edit' lists them");
	}
	rc = change_end(ctx, &change, rc);
	secret_free(pin);
	return rc;
}

#define TEXT(option, member, meta, says, clears)                                                                       \
	{.name = option, OPT_STRING(struct order_args, member), .metavar = meta, .may_be_empty = clears, .help = says}

#define FIELD_OPTIONS(clears)                                                                                          \
	TEXT("losing-carrier", losing_carrier, "NAME", "the carrier that the numbers leave", clears),                  \
	TEXT("account", account, "TEXT", "the account number there", clears),                                          \
	TEXT("btn", btn, "NUMBER", "the billing telephone number of the account", clears),                             \
	TEXT("authorised-name", authorised_name, "NAME", "who may sign for the account", clears),                      \
	TEXT("service-address", service_address, "TEXT", "the address that the losing carrier serves", clears),        \
	TEXT("contact", contact, "TEXT", "whom to ask about the order", clears),                                       \
	{.name = "type", OPT_STRING(struct order_args, type), .metavar = "TYPE", .choices = port_types,                \
	 .complete = COMPLETE_CHOICES, .help = "what kind of numbers they are; wireline unless given"},                \
	TEXT("requested-foc", requested_foc, "DATE", "the day that is asked for", clears),                             \
	TEXT("requested-time", requested_time, "HH:MM", "the time of that day; given with the day", false),            \
	{.name = "requested-zone", OPT_STRING(struct order_args, requested_zone), .metavar = "ZONE",                   \
	 .complete = COMPLETE_ZONE,                                                                                    \
	 .help = "the time zone of day and time, such as America/New_York; unless given, UTC"},                        \
	{.name = "env", OPT_STRING(struct order_args, env), .metavar = "ENV", .choices = env_names,                    \
	 .complete = COMPLETE_CHOICES, .may_be_empty = clears, .help = "the environment that the numbers get"},        \
	TEXT("route", route, "TYPE:DEST", "the route that the numbers get", clears),                                   \
	TEXT("cnam", cnam, "NAME", "the caller name that the numbers get", clears),                                    \
	{.name = "location", OPT_STRING(struct order_args, location), .metavar = "LOCATION",                           \
	 .complete = COMPLETE_LOCATION, .may_be_empty = clears,                                                        \
	 .help = "the emergency location that the numbers get, by its id or label"},                                   \
	{.name = "pin-file", OPT_STRING(struct order_args, pin_file), .metavar = "FILE", .complete = COMPLETE_FILE,    \
	 .excludes = "ask-pin", .help = "a file of mode 0600 with the account's PIN"},                                 \
	{.name = "ask-pin", OPT_FLAG(struct order_args, ask_pin), .help = "ask for the account's PIN on the terminal"}, \
	NOTE_OPTIONS(order_args)

static const struct option new_options[] = {FIELD_OPTIONS(false)};

static const struct option edit_options[] = {
	FIELD_OPTIONS(true),
	{.name = "no-pin", OPT_FLAG(struct order_args, no_pin), .excludes = "pin-file,ask-pin",
	 .help = "the account has no PIN, or not the one that is kept"},
};

static const struct example new_examples[] = {
	{"didctl port new ACME +442079460100-0111 --losing-carrier 'Old Telecom' --account 55-1234",
	 "Begins an order of twelve numbers."},
	{0},
};

const struct command port_new = {
	.name = "new",
	.summary = "begin an order",
	.about = "The order is a draft, named by the next serial number, which -o json prints as \"port\". A number that is in the "
		 "inventory, unless it was ported away, or on an open order is refused.",
	.args = {ONE_ORG, {.metavar = "NUMBERS", .help = "numbers, ranges, @FILE or '-'", .min = 1}},
	.options = new_options,
	.noptions = ARRAY_SIZE(new_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct order_args),
	.run = run_new,
	.examples = new_examples,
};

static const struct example edit_examples[] = {
	{"didctl port edit 1 --route queue:sales --env prod", "Prepares what the numbers get on the day."},
	{0},
};

const struct command port_edit = {
	.name = "edit",
	.summary = "change what an order says, or what its numbers get",
	.about = "Changes only the fields that are named; an empty value clears. What the losing carrier is told (carrier, type, "
		 "account, PIN, BTN, name, address, contact, requested date) changes in a draft and in an exception only; what the "
		 "numbers get (--env, --route, --cnam, --location) until they are in. The PIN is kept apart, shown to "
		 "nobody, and not in the history.",
	.args = {ONE_PORT},
	.options = edit_options,
	.noptions = ARRAY_SIZE(edit_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct order_args),
	.run = run_edit,
	.examples = edit_examples,
};

/* ---- attach */

struct attach_args {
	const char *note;
	bool removes, is_public;
};

static int run_attach(struct context *ctx, void *args)
{
	const struct attach_args *own = args;
	struct port_request request;
	struct change change;
	int rc = port_begin(ctx, &change, &request, VERB_PORT_ATTACH);

	request.removes = own->removes;
	if (!rc)
		rc = select_numbers(ctx, &change, 1);
	if (!rc)
		rc = port_read_note(ctx, &request, own->note, own->is_public);
	return change_end(ctx, &change, rc);
}

static const struct option attach_options[] = {
	{.name = "remove", OPT_FLAG(struct attach_args, removes), .help = "take the numbers off the order"},
	NOTE_OPTIONS(attach_args),
};

static const struct example attach_examples[] = {
	{"didctl port attach 1 +442079460112", "Puts another number on an order."},
	{"didctl port attach 1 +442079460112 --remove", "Takes it off again."},
	{0},
};

const struct command port_attach = {
	.name = "attach",
	.summary = "put numbers on an order, or take them off",
	.about = "Numbers are added to a draft and in an exception; taken off, if they are not in yet, until the order is "
		 "over. The last number stays: port cancel ends an order.",
	.args = {ONE_PORT, {.metavar = "NUMBERS", .help = "numbers, ranges, @FILE or '-'", .min = 1}},
	.options = attach_options,
	.noptions = ARRAY_SIZE(attach_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct attach_args),
	.run = run_attach,
	.examples = attach_examples,
};
