/* didctl port show: everything about one order, its time line included; and the documents that came with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/options.h"
#include "cmd/port.h"
#include "did/ports.h"

static struct value keep(struct context *ctx, struct value v)
{
	return v.s ? (struct value){arena_strndup(&ctx->arena, v.s, v.len), v.len} : (struct value){0};
}

/* What belongs to an order, a listing each. */
struct part {
	enum listing listing;
	int fields;
	struct value *(*add)(struct port_sheet *sheet); /* the next row */
};

static struct value *add_number(struct port_sheet *sheet)
{
	GROW(sheet->numbers, sheet->nnumbers, sheet->numbers_cap);
	return sheet->numbers[sheet->nnumbers++];
}

static struct value *add_document(struct port_sheet *sheet)
{
	GROW(sheet->documents, sheet->ndocuments, sheet->documents_cap);
	return sheet->documents[sheet->ndocuments++];
}

static struct value *add_event(struct port_sheet *sheet)
{
	GROW(sheet->events, sheet->nevents, sheet->events_cap);
	return sheet->events[sheet->nevents++];
}

static struct value *add_mail(struct port_sheet *sheet)
{
	GROW(sheet->mail, sheet->nmail, sheet->mail_cap);
	return sheet->mail[sheet->nmail++];
}

static const struct part parts[] = {
	{LIST_PORT_NUMBERS, PORT_NUMBER_FIELDS, add_number},
	{LIST_PORT_DOCUMENTS, PORT_DOCUMENT_FIELDS, add_document},
	{LIST_PORT_MAIL, PORT_MAIL_FIELDS, add_mail},
	{LIST_PORT_EVENTS, PORT_EVENT_FIELDS, add_event},
};
static const struct part *const events = &parts[ARRAY_SIZE(parts) - 1];

static int load_part(struct context *ctx, const char *serial, const struct part *part, struct port_sheet *out)
{
	int columns[PORT_FIELDS];
	const struct query query = {
		.listing = part->listing, .columns = columns, .ncolumns = (size_t)part->fields, .port = serial,
	};
	const struct value *row;
	int rc;

	for (int i = 0; i < part->fields; i++)
		columns[i] = i;
	rc = store_query(ctx->store, &query, &ctx->err);
	if (rc)
		return rc;
	while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		struct value *to = part->add(out);

		for (int i = 0; i < part->fields; i++)
			to[i] = keep(ctx, row[i]);
	}
	store_done(ctx->store);
	return rc;
}

int port_sheet_load(struct context *ctx, const char *serial, struct port_sheet *out)
{
	struct query query = {.port = serial};
	int rc = port_load_rows(ctx, &query, &out->order);

	if (!rc && !out->order.n)
		rc = ports_absent(serial, &ctx->err);
	for (size_t i = 0; i < ARRAY_SIZE(parts) && !rc; i++)
		rc = load_part(ctx, serial, &parts[i], out);
	return rc;
}

void port_sheet_release(struct port_sheet *sheet)
{
	port_rows_release(&sheet->order);
	free(sheet->numbers);
	free(sheet->documents);
	free(sheet->events);
	free(sheet->mail);
}

/* ---- as rows for a script */

static void put_cell(struct buf *out, const struct column *column, struct value value)
{
	if (!value.s)
		buf_puts(out, "null");
	else if (column->type == COL_COUNT)
		buf_add(out, value.s, value.len);
	else if (column->type == COL_BOOL)
		buf_puts(out, strcmp(value.s, "1") == 0 ? "true" : "false");
	else
		text_json(out, value.s, value.len);
}

/* [{"first":...},...] */
static struct value rows_json(struct context *ctx, const struct column *columns, int fields, const struct value *rows,
			      size_t n)
{
	struct buf out = {0};
	const char *text;

	buf_putc(&out, '[');
	for (size_t i = 0; i < n; i++) {
		for (int f = 0; f < fields; f++) {
			buf_printf(&out, "%s\"%s\":", f ? "," : i ? ",{" : "{", columns[f].key);
			put_cell(&out, &columns[f], rows[i * (size_t)fields + (size_t)f]);
		}
		buf_putc(&out, '}');
	}
	buf_putc(&out, ']');
	text = arena_strdup(&ctx->arena, buf_str(&out));
	buf_release(&out);
	return value_str(text);
}

struct value port_events_json(struct context *ctx, const struct port_sheet *sheet)
{
	return rows_json(ctx, port_event_columns, PORT_EVENT_FIELDS, (const struct value *)sheet->events, sheet->nevents);
}

static const struct column part_columns[] = {
	{"numbers", "Numbers", "its numbers, in ranges, with the status of each", COL_OBJECT},
	{"documents", "Documents", "what was kept with it", COL_OBJECT},
	{"events", "Events", "its time line", COL_OBJECT},
	{"mail", "Mail", "what was written about it, sent or not", COL_OBJECT},
};

#define SHEET_COLUMNS (PORT_FIELDS + ARRAY_SIZE(part_columns))

static int print_row(struct context *ctx, const struct port_sheet *sheet)
{
	bool has_parts = ctx->output.format == OUT_JSON || ctx->output.format == OUT_NDJSON;
	const struct column *columns[SHEET_COLUMNS];
	struct value values[SHEET_COLUMNS];
	struct sink *sink = NULL;
	size_t n = PORT_FIELDS;
	int rc;

	for (int f = 0; f < PORT_FIELDS; f++)
		columns[f] = &port_columns[f];
	memcpy(values, sheet->order.at[0].v, sizeof(sheet->order.at[0].v));
	for (size_t i = 0; i < ARRAY_SIZE(part_columns); i++)
		columns[PORT_FIELDS + i] = &part_columns[i];
	if (has_parts) {
		values[n++] = rows_json(ctx, port_number_columns, PORT_NUMBER_FIELDS, sheet->numbers[0], sheet->nnumbers);
		values[n++] = rows_json(ctx, port_document_columns, PORT_DOCUMENT_FIELDS, (const struct value *)sheet->documents,
					sheet->ndocuments);
		values[n++] = port_events_json(ctx, sheet);
		values[n++] = rows_json(ctx, port_mail_columns, PORT_MAIL_FIELDS, (const struct value *)sheet->mail,
					sheet->nmail);
	}
	rc = rows_open(ctx, columns, n, &sink);
	if (!rc)
		rc = sink_row(sink, values, &ctx->err);
	return rows_close(ctx, sink, rc);
}

/* ---- as a sheet for a person */

static int print_fields(struct context *ctx, const struct port_sheet *sheet)
{
	static const struct column label = {"field", "Field", "what", COL_ID}, text = {"value", "Value", "its value", COL_TEXT};
	static const enum port_field first[] = {PORT_SERIAL, PORT_STATE, PORT_ORG};
	const struct column *const pair[] = {&label, &text};
	const struct value *v = sheet->order.at[0].v;
	struct sink *sink = NULL;
	int rc = rows_open(ctx, pair, ARRAY_SIZE(pair), &sink);

	for (size_t i = 0; i < ARRAY_SIZE(first) && !rc; i++)
		rc = sink_row(sink, (struct value[]){value_str(port_columns[first[i]].heading), v[first[i]]}, &ctx->err);
	for (int f = PORT_ORG_ID; f < PORT_FIELDS && !rc; f++)
		if (v[f].s && f != PORT_SERIAL && f != PORT_ORG)
			rc = sink_row(sink, (struct value[]){value_str(port_columns[f].heading), v[f]}, &ctx->err);
	return rows_close(ctx, sink, rc);
}

static int print_table(struct context *ctx, const struct column *columns, const int *fields, size_t nfields,
		       const struct value *rows, size_t width, size_t n)
{
	const struct column *chosen[PORT_FIELDS];
	struct value cells[PORT_FIELDS];
	struct sink *sink = NULL;
	int rc;

	if (!n)
		return 0;
	for (size_t f = 0; f < nfields; f++)
		chosen[f] = &columns[fields[f]];
	putchar('\n');
	fflush(stdout); /* what follows is written past it */
	rc = rows_open(ctx, chosen, nfields, &sink);
	for (size_t i = 0; i < n && !rc; i++) {
		for (size_t f = 0; f < nfields; f++)
			cells[f] = rows[i * width + (size_t)fields[f]];
		rc = sink_row(sink, cells, &ctx->err);
	}
	return rows_close(ctx, sink, rc);
}

int port_events_print(struct context *ctx, const struct port_sheet *sheet)
{
	static const int fields[] = {PORT_EVENT_SERIAL, PORT_EVENT_AT, PORT_EVENT_ACTOR, PORT_EVENT_VERB,
				     PORT_EVENT_TO, PORT_EVENT_NOTE, PORT_EVENT_PUBLIC};

	return print_table(ctx, port_event_columns, fields, ARRAY_SIZE(fields), (const struct value *)sheet->events,
			   PORT_EVENT_FIELDS, sheet->nevents);
}

int port_events_load(struct context *ctx, const char *e164, struct port_sheet *out)
{
	struct query query = {.number = e164};
	int rc;

	if (!e164)
		return 0;
	if (!store_can(ctx->store, CAN_KEEP_PORTS)) {
		if (!store_can(ctx->store, CAN_ROLL_BACK)) /* the platform may have orders all the same */
			note(ctx, "port orders are left out: this API does not offer them");
		return 0;
	}
	rc = port_load_rows(ctx, &query, &out->order);
	for (size_t i = 0; i < out->order.n && !rc; i++)
		rc = load_part(ctx, out->order.at[i].v[PORT_SERIAL].s, events, out);
	return rc;
}

static int print_sheet(struct context *ctx, const struct port_sheet *sheet)
{
	static const int numbers[] = {PORT_NUMBER_FIRST, PORT_NUMBER_LAST, PORT_NUMBER_COUNT, PORT_NUMBER_STATUS,
				      PORT_NUMBER_REASON};
	static const int documents[] = {PORT_DOCUMENT_K, PORT_DOCUMENT_KIND, PORT_DOCUMENT_NAME, PORT_DOCUMENT_TYPE,
					PORT_DOCUMENT_SIZE, PORT_DOCUMENT_AT};
	static const int mail[] = {PORT_MAIL_RECIPIENT, PORT_MAIL_SUBJECT, PORT_MAIL_STATE, PORT_MAIL_SENT_AT,
				   PORT_MAIL_REASON};
	int rc = print_fields(ctx, sheet);

	if (!rc)
		rc = print_table(ctx, port_number_columns, numbers, ARRAY_SIZE(numbers), sheet->numbers[0],
				 PORT_NUMBER_FIELDS, sheet->nnumbers);
	if (!rc)
		rc = print_table(ctx, port_document_columns, documents, ARRAY_SIZE(documents),
				 (const struct value *)sheet->documents, PORT_DOCUMENT_FIELDS, sheet->ndocuments);
	if (!rc)
		rc = port_events_print(ctx, sheet);
	if (!rc)
		rc = print_table(ctx, port_mail_columns, mail, ARRAY_SIZE(mail), (const struct value *)sheet->mail,
				 PORT_MAIL_FIELDS, sheet->nmail);
	return rc;
}

/* ---- a document's bytes */

static int write_bytes(struct context *ctx, const char *id)
{
	static const int column = 0;
	const struct query query = {
		.listing = LIST_PORT_PARTS, .columns = &column, .ncolumns = 1, .document = id,
	};
	const struct value *row;
	int rc = store_query(ctx->store, &query, &ctx->err);

	if (rc)
		return rc;
	while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1 && fwrite(row[0].s, 1, row[0].len, stdout) == row[0].len)
		;
	store_done(ctx->store);
	return rc < 0 ? rc : 0; /* whether all could be written is looked at when the command ends */
}

static int print_document(struct context *ctx, const struct port_sheet *sheet, long long k)
{
	char wanted[24];

	snprintf(wanted, sizeof(wanted), "%lld", k);
	if (isatty(STDOUT_FILENO)) {
		err_set(&ctx->err, ERR_USAGE, "a document is not for a terminal");
		err_hint(&ctx->err, "didctl port show %s --document %lld >FILE", sheet->order.at[0].v[PORT_SERIAL].s, k);
		return ERR_USAGE;
	}
	for (size_t i = 0; i < sheet->ndocuments; i++)
		if (strcmp(sheet->documents[i][PORT_DOCUMENT_K].s, wanted) == 0)
			return write_bytes(ctx, sheet->documents[i][PORT_DOCUMENT_ID].s);
	return err_set(&ctx->err, ERR_ABSENT, "port order %s has no document %lld", sheet->order.at[0].v[PORT_SERIAL].s, k);
}

struct show_args {
	long long document;
	bool document_given;
};

static int run_show(struct context *ctx, void *args)
{
	const struct show_args *own = args;
	struct port_sheet sheet = {0};
	const char *serial;
	int rc = port_read_serial(ctx, ctx->operands.at[0], &serial);

	if (!rc && own->document_given && ctx->output.format_given)
		rc = err_set(&ctx->err, ERR_USAGE, "--document writes the bytes as they are: no --output beside it");
	if (!rc)
		rc = port_sheet_load(ctx, serial, &sheet);
	if (!rc && own->document_given)
		rc = print_document(ctx, &sheet, own->document);
	else if (!rc)
		rc = ctx->output.format == OUT_TABLE ? print_sheet(ctx, &sheet) : print_row(ctx, &sheet);
	port_sheet_release(&sheet);
	return rc;
}

static const struct option show_options[] = {
	{.name = "document", OPT_COUNT(struct show_args, document, 1, 1000000), .metavar = "K",
	 OPT_GIVEN(struct show_args, document_given), .help = "write the bytes of its K-th document to standard output"},
};

static const struct example show_examples[] = {
	{"didctl port show 3", "Shows an order, its numbers, its documents and its time line."},
	{0},
};

const struct command port_show = {
	.name = "show",
	.summary = "show everything about one order",
	.about = "The PIN is never shown, only that there is one.",
	.args = {ONE_PORT},
	.options = show_options,
	.noptions = ARRAY_SIZE(show_options),
	.groups = groups_show,
	.flags = COMMAND_READS,
	.args_size = sizeof(struct show_args),
	.run = run_show,
	.examples = show_examples,
};
