/* didctl port loa: the letter of authorisation of an order, ready to sign, as a PDF. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/options.h"
#include "cmd/port.h"
#include "service/pdf.h"

#define LABEL_X	 PDF_MARGIN
#define VALUE_X	 (PDF_MARGIN + 170)
#define LEADING	 14
#define BODY_SIZE 10

static const struct {
	enum port_field field;
	const char *label;
} lines[] = {
	{PORT_AUTHORISED_NAME, "Authorised name"},
	{PORT_SERVICE_ADDRESS, "Service address"},
	{PORT_LOSING_CARRIER, "Current carrier"},
	{PORT_ACCOUNT, "Account number"},
	{PORT_BTN, "Billing telephone number"},
	{PORT_TYPE, "Type of service"},
	{PORT_CONTACT, "Contact"},
};

static const char authorisation[] =
	"The undersigned is, or acts for, the customer of record of the telephone numbers below and authorises the transfer"
	" of these numbers from the current carrier to the service of the organisation that is named above. The undersigned"
	" has the authority to do so, asks the current carrier to release the numbers and the customer service record that"
	" belongs to them, and knows that charges or terms of the current carrier may apply.";

/* Nothing is cut or replaced in what somebody signs: a letter with another name is no authorisation. */
static int check_value(struct context *ctx, const char *label, struct value value)
{
	char bad[8], shown[TEXT_SHOWN];

	if (!value.s || pdf_can_write(value.s, bad))
		return 0;
	err_set(&ctx->err, ERR_REFUSED, "the letter cannot be written: '%s' has the character '%s'", label,
		text_show(shown, bad, strlen(bad)));
	err_hint(&ctx->err, "the letter has the letters of Western European languages only: edit the order, or have the"
			    " carrier's own form filled in");
	return ERR_REFUSED;
}

static int check_sheet(struct context *ctx, const struct port_sheet *sheet)
{
	const struct value *v = sheet->order.at[0].v;
	int rc = check_value(ctx, "Organisation", v[PORT_ORG]);

	for (size_t i = 0; i < ARRAY_SIZE(lines) && !rc; i++)
		rc = check_value(ctx, lines[i].label, v[lines[i].field]);
	return rc;
}

static void put_field(struct pdf *pdf, const char *label, const char *value)
{
	pdf_down(pdf, LEADING + 4);
	pdf_text(pdf, PDF_BOLD, BODY_SIZE, LABEL_X, label);
	if (value)
		pdf_wrapped(pdf, BODY_SIZE, VALUE_X, LEADING, value);
	else
		pdf_rule(pdf, VALUE_X, PDF_WIDTH - PDF_MARGIN - VALUE_X);
}

/* "2026-12-01 10:30 America/New_York" */
static void put_requested(struct pdf *pdf, const struct value *v)
{
	struct buf line = {0};

	buf_puts(&line, v[PORT_REQUESTED_FOC].s ? v[PORT_REQUESTED_FOC].s : "");
	for (int f = PORT_REQUESTED_TIME; f <= PORT_REQUESTED_ZONE; f++)
		if (v[f].s)
			buf_printf(&line, " %s", v[f].s);
	put_field(pdf, "Requested date", line.len ? line.data : NULL);
	buf_release(&line);
}

/* "+918065978000 to +918065978011 (12)" */
static void put_numbers(struct pdf *pdf, const struct port_sheet *sheet)
{
	pdf_down(pdf, 2 * LEADING);
	pdf_text(pdf, PDF_BOLD, BODY_SIZE, LABEL_X, "Telephone numbers");
	for (size_t i = 0; i < sheet->nnumbers; i++) {
		const struct value *v = sheet->numbers[i];
		struct buf line = {0};

		buf_printf(&line, "+%s", v[PORT_NUMBER_FIRST].s);
		if (strcmp(v[PORT_NUMBER_FIRST].s, v[PORT_NUMBER_LAST].s) != 0)
			buf_printf(&line, " to +%s (%s numbers)", v[PORT_NUMBER_LAST].s, v[PORT_NUMBER_COUNT].s);
		if (i)
			pdf_down(pdf, LEADING);
		pdf_wrapped(pdf, BODY_SIZE, VALUE_X, LEADING, line.data);
		buf_release(&line);
	}
}

static void put_signature(struct pdf *pdf)
{
	static const char *const labels[] = {"Signature", "Name in print", "Title", "Date"};

	pdf_down(pdf, 2 * LEADING);
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		pdf_down(pdf, 2 * LEADING);
		pdf_text(pdf, PDF_BOLD, BODY_SIZE, LABEL_X, labels[i]);
		pdf_rule(pdf, VALUE_X, PDF_WIDTH - PDF_MARGIN - VALUE_X);
	}
}

static void write_letter(const struct port_sheet *sheet, struct buf *out)
{
	const struct value *v = sheet->order.at[0].v;
	struct pdf pdf = {0};
	struct buf title = {0};

	buf_printf(&title, "Letter of Authorization, port order %s", v[PORT_SERIAL].s);
	pdf_down(&pdf, 0);
	pdf_text(&pdf, PDF_BOLD, 18, LABEL_X, "Letter of Authorization");
	pdf_down(&pdf, LEADING);
	put_field(&pdf, "Port order", v[PORT_SERIAL].s);
	put_field(&pdf, "Organisation", v[PORT_ORG].s);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		put_field(&pdf, lines[i].label, v[lines[i].field].s);
	put_requested(&pdf, v);
	put_numbers(&pdf, sheet);
	pdf_down(&pdf, 2 * LEADING);
	pdf_wrapped(&pdf, BODY_SIZE, LABEL_X, LEADING, authorisation);
	put_signature(&pdf);
	pdf_finish(&pdf, title.data, out);
	pdf_release(&pdf);
	buf_release(&title);
}

static int run_loa(struct context *ctx, void *args)
{
	struct port_sheet sheet = {0};
	struct buf out = {0};
	const char *serial;
	int rc = port_read_serial(ctx, ctx->operands.at[0], &serial);

	(void)args;
	if (!rc && isatty(STDOUT_FILENO)) {
		rc = err_set(&ctx->err, ERR_USAGE, "a PDF is not for a terminal");
		err_hint(&ctx->err, "didctl port loa %s >loa-%s.pdf", serial, serial);
	}
	if (!rc)
		rc = port_sheet_load(ctx, serial, &sheet);
	if (!rc)
		rc = check_sheet(ctx, &sheet);
	if (!rc) {
		write_letter(&sheet, &out);
		fwrite(out.data, 1, out.len, stdout); /* whether it could be written is looked at when the command ends */
	}
	buf_release(&out);
	port_sheet_release(&sheet);
	return rc;
}

static const struct option_group *const groups[] = {&group_target, &group_global, NULL};

static const struct example loa_examples[] = {
	{"didctl port loa 1 >loa.pdf", "Writes the letter for the customer to sign."},
	{0},
};

const struct command port_loa = {
	.name = "loa",
	.summary = "write an order's letter of authorisation, ready to sign",
	.about = "A PDF on standard output, with all that the order says and a line to write on for what it does not; never the PIN. "
		 "A name with characters outside the Western European ones is refused, not replaced: what is signed has to be "
		 "the name.",
	.args = {ONE_PORT},
	.groups = groups,
	.flags = COMMAND_READS,
	.run = run_loa,
	.examples = loa_examples,
};
