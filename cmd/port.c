/* didctl port: orders that bring numbers in from another carrier, led from state to state. */
#include "cmd/port.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/commands.h"
#include "cmd/fields.h"
#include "cmd/options.h"

#define SERIAL_DIGITS 18
#define SERIAL_HINT   6 /* what is longer is meant as a telephone number */

int port_read_serial(struct context *ctx, const char *word, const char **out)
{
	size_t len = strlen(word), zeros = strspn(word, "0");
	char shown[TEXT_SHOWN];

	*out = word + zeros;
	if (len && len <= SERIAL_DIGITS && strspn(word, "0123456789") == len && zeros < len)
		return 0;
	err_set(&ctx->err, ERR_USAGE, "'%s' is no serial number of a port order", text_show(shown, word, len));
	err_hint(&ctx->err, strspn(word, "+0123456789 ()-") == len && len > SERIAL_HINT ?
				    "an order is named by its serial number: didctl port list --number NUMBER finds it" :
				    "an order is named by its serial number: didctl port list shows them");
	return ERR_USAGE;
}

int port_read_note(struct context *ctx, struct port_request *request, const char *note, bool is_public)
{
	if (is_public && !note)
		return err_set(&ctx->err, ERR_USAGE, "--public needs --note TEXT: what is to be told");
	request->is_public = is_public;
	return note ? check_notes(ctx, "--note", note, &request->note) : 0;
}

int port_begin(struct context *ctx, struct change *change, struct port_request *request, enum verb verb)
{
	int rc = change_begin(ctx, change, verb);

	*request = (struct port_request){.serial = NULL};
	change->port = request;
	return rc ? rc : port_read_serial(ctx, ctx->operands.at[0], &request->serial);
}

void port_put(struct port_request *request, enum port_field field, const char *value)
{
	request->value[field] = value;
	request->is_set[field] = true;
}

/* ---- from state to state */

struct step_args {
	const char *note, *time, *zone, *code;
	struct strlist numbers;
	bool is_public, force;
};

static int run_step(struct context *ctx, const struct step_args *own, enum verb verb)
{
	struct port_request request;
	struct change change;
	int rc = port_begin(ctx, &change, &request, verb);

	if (!rc)
		rc = port_read_note(ctx, &request, own->note, own->is_public);
	request.force = own->force;
	return change_end(ctx, &change, rc);
}

static int run_submit(struct context *ctx, void *args)
{
	return run_step(ctx, args, VERB_PORT_SUBMIT);
}

static int run_ack(struct context *ctx, void *args)
{
	return run_step(ctx, args, VERB_PORT_ACK);
}

static int run_cancel(struct context *ctx, void *args)
{
	return run_step(ctx, args, VERB_PORT_CANCEL);
}

static int run_complete(struct context *ctx, void *args)
{
	return run_step(ctx, args, VERB_PORT_COMPLETE);
}

int port_check_time(struct context *ctx, const struct port_time *when)
{
	bool is_time = when->time && port_parse_time(when->time) < 0;
	int64_t ms;
	int rc = clock_parse_date(&ms, when->date, &ctx->err);

	if (rc)
		return err_prefix(&ctx->err, "%s: ", when->date_name);
	rc = port_foc_ms(&ms, when->date, when->time, when->zone, &ctx->err);
	return rc ? err_prefix(&ctx->err, "%s: ", is_time ? when->time_name : when->zone_name) : 0;
}

static const char *given(const char *text)
{
	return text && *text ? text : NULL;
}

static int run_foc(struct context *ctx, void *args)
{
	const struct step_args *own = args;
	const char *date = ctx->operands.at[1];
	struct port_request request;
	struct change change;
	/* Whether it is past is decided with the order: a replay is answered before. */
	struct port_time when = {date, given(own->time), given(own->zone), "DATE", "--time", "--zone"};
	int rc = port_begin(ctx, &change, &request, VERB_PORT_FOC);

	if (!rc)
		rc = port_check_time(ctx, &when);
	if (!rc)
		rc = port_read_note(ctx, &request, own->note, own->is_public);
	port_put(&request, PORT_ACTUAL_FOC, date);
	if (own->time)
		port_put(&request, PORT_FOC_TIME, given(own->time));
	if (own->zone)
		port_put(&request, PORT_FOC_ZONE, given(own->zone));
	return change_end(ctx, &change, rc);
}

#define CODE_MAX   32
#define CODE_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"

static int check_code(struct context *ctx, const char *code)
{
	char shown[TEXT_SHOWN];

	if (!code || !ctx->write.reason)
		return err_set(&ctx->err, ERR_USAGE, "'port reject' needs --code CODE and --reason TEXT: what the losing"
						     " carrier says is wrong");
	if (strlen(code) <= CODE_MAX && !code[strspn(code, CODE_CHARS)])
		return 0;
	return err_set(&ctx->err, ERR_USAGE, "bad value '%s' of '--code': it is not 1 to %d letters, digits, '_', '.' or '-'",
		       text_show(shown, code, strlen(code)), CODE_MAX);
}

static int run_reject(struct context *ctx, void *args)
{
	const struct step_args *own = args;
	struct port_request request;
	struct change change;
	int rc = port_begin(ctx, &change, &request, VERB_PORT_REJECT);

	if (!rc)
		rc = check_code(ctx, own->code);
	if (!rc)
		rc = port_read_note(ctx, &request, own->note, own->is_public);
	if (!rc && own->numbers.n)
		rc = select_operands(ctx, own->numbers.at, own->numbers.n, false, &change.selection);
	if (!rc && change.selection.nids)
		rc = err_set(&ctx->err, ERR_USAGE, "the numbers of an order are named by themselves, not by rows");
	port_put(&request, PORT_CODE, own->code);
	port_put(&request, PORT_REASON, ctx->write.reason);
	return change_end(ctx, &change, rc);
}

static const struct option note_options[] = {NOTE_OPTIONS(step_args)};

static const struct option foc_options[] = {
	{.name = "time", OPT_STRING(struct step_args, time), .metavar = "HH:MM", .may_be_empty = true,
	 .help = "the time of that day; unless given, the one it has, else 00:00; '' takes it away"},
	{.name = "zone", OPT_STRING(struct step_args, zone), .metavar = "ZONE", .may_be_empty = true, .complete = COMPLETE_ZONE,
	 .help = "the time zone of day and time, such as America/New_York; unless given, the one it has, else UTC; '' takes it "
		 "away"},
	NOTE_OPTIONS(step_args),
};

static const struct option reject_options[] = {
	{.name = "code", OPT_STRING(struct step_args, code), .metavar = "CODE",
	 .help = "the losing carrier's code for it; needed, as is --reason"},
	{.name = "numbers", OPT_LIST(struct step_args, numbers), .metavar = "NUMBERS",
	 .help = "the numbers of the order that it is about; repeatable"},
	NOTE_OPTIONS(step_args),
};

static const struct option cancel_options[] = {
	{.name = "force", OPT_FLAG(struct step_args, force),
	 .help = "within 48 hours of the FOC too; then --reason is needed"},
	NOTE_OPTIONS(step_args),
};

static const struct example submit_examples[] = {
	{"didctl port submit 1 --dry-run", "Says what an order still lacks."},
	{0},
};

const struct command port_submit = {
	.name = "submit",
	.summary = "note that an order has gone to the losing carrier",
	.about = "Says all that is missing, and then refuses: the signed letter of authorisation, account number, billing "
		 "telephone number, authorised name, service address, losing carrier. An order that came back with an "
		 "exception is submitted again in the same way.",
	.args = {ONE_PORT},
	.options = note_options,
	.noptions = ARRAY_SIZE(note_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct step_args),
	.run = run_submit,
	.examples = submit_examples,
};

static const struct example ack_examples[] = {
	{"didctl port ack 3 --note 'their order 7781'", "The losing carrier has the order."},
	{0},
};

const struct command port_ack = {
	.name = "ack",
	.summary = "note that the losing carrier has acknowledged an order",
	.about = "It is due three business days after submission: didctl port due. Business days are Monday to Friday but for "
		 "the dates of the setting port-holidays, counted in UTC.",
	.args = {ONE_PORT},
	.options = note_options,
	.noptions = ARRAY_SIZE(note_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct step_args),
	.run = run_ack,
	.examples = ack_examples,
};

static const struct example foc_examples[] = {
	{"didctl port foc 4 2099-06-15 --time 10:30 --zone America/New_York",
	 "The numbers move on that day, at half past ten in New York."},
	{0},
};

const struct command port_foc = {
	.name = "foc",
	.summary = "note the date that the losing carrier has committed to",
	.about = "The firm order commitment: a date of the calendar in a time zone, never shifted into another. Said again "
		 "it replaces the first, and keeps its time and zone unless they are given too. The moment when it is due is "
		 "told in UTC.",
	.args = {ONE_PORT,
		 {.metavar = "DATE", .help = "the day, as 2026-12-01; not past", .min = 1, .max = 1}},
	.options = foc_options,
	.noptions = ARRAY_SIZE(foc_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct step_args),
	.run = run_foc,
	.examples = foc_examples,
};

static const struct example reject_examples[] = {
	{"didctl port reject 3 --code account-mismatch --reason 'the account number is another'",
	 "The order came back: it can be edited and submitted again."},
	{0},
};

const struct command port_reject = {
	.name = "reject",
	.summary = "note that the losing carrier has sent an order back",
	.about = "The order is in exception then: what was wrong is edited, and it is submitted again. A date that was "
		 "committed to is void.",
	.args = {ONE_PORT},
	.options = reject_options,
	.noptions = ARRAY_SIZE(reject_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct step_args),
	.run = run_reject,
	.examples = reject_examples,
};

static const struct example cancel_examples[] = {
	{"didctl port cancel 2 --yes --reason 'the customer stays'", "Gives an order up."},
	{0},
};

const struct command port_cancel = {
	.name = "cancel",
	.summary = "give an order up",
	.about = "Not undone: what others were told stays told, and another order takes its place. Within 48 hours of the FOC "
		 "it needs --force and --reason.",
	.args = {ONE_PORT},
	.options = cancel_options,
	.noptions = ARRAY_SIZE(cancel_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct step_args),
	.run = run_cancel,
	.examples = cancel_examples,
};

static const struct example complete_examples[] = {
	{"didctl port complete 4 --dry-run", "Shows what the numbers of an order would get."},
	{0},
};

const struct command port_complete = {
	.name = "complete",
	.summary = "bring the numbers of an order in",
	.about = "All numbers of the order in one change: into the inventory, or back from ported, assigned to the organisation "
		 "with the environment, route, caller name, location and package that were prepared. One that the organisation "
		 "has in service already stays as it is. With --partial what can come in does; the order waits for the rest. "
		 "'didctl undo' takes it back as long as nothing has changed since.",
	.args = {ONE_PORT},
	.options = note_options,
	.noptions = ARRAY_SIZE(note_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct step_args),
	.run = run_complete,
	.examples = complete_examples,
};

static const struct command *const subcommands[] = {
	&port_ack, &port_attach, &port_cancel, &port_complete, &port_document, &port_due, &port_edit, &port_foc,
	&port_list, &port_loa, &port_new, &port_reject, &port_show, &port_submit, &port_sweep, NULL,
};

const struct command cmd_port = {
	.name = "port",
	.summary = "bring numbers in from another carrier",
	.about = "A port order has one organisation, one losing carrier and many numbers, and is named by a serial number.",
	.groups = groups_offline,
	.subcommands = subcommands,
};
