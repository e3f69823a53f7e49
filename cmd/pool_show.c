/* pool show: everything about one number. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/number_rows.h"
#include "cmd/options.h"
#include "cmd/pool.h"
#include "cmd/port.h"

#define EVENTS_SHOWN 10
#define SHOW_COLUMNS (DID_FIELDS + 2)

struct event_row {
	struct value v[EVENT_FIELDS];
};

struct sheet {
	struct context *ctx;
	struct number_rows rows;
	struct event_row *events;
	size_t nevents, events_cap;
	struct port_sheet ports; /* the orders that it was on, with their events */
};

static const struct column history_column = {"history", "History", "the last changes, the newest first",
					     COL_OBJECT};
static const struct column ports_column = {"ports", "Ports", "the time line of its port orders", COL_OBJECT};

static void keep_values(struct context *ctx, struct value *to, const struct value *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[i].s ? (struct value){arena_strndup(&ctx->arena, from[i].s, from[i].len),
						   from[i].len}
				  : (struct value){0};
}

static void count_up(int *columns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		columns[i] = (int)i;
}

static int load_events(struct sheet *sheet)
{
	struct context *ctx = sheet->ctx;
	struct selection selection = {0};
	int columns[EVENT_FIELDS];
	const struct query query = {
		.listing = LIST_EVENTS, .columns = columns, .ncolumns = EVENT_FIELDS, .selection = &selection,
		.limit = EVENTS_SHOWN, .newest_first = true,
	};
	const struct value *row;
	int rc;

	if (!store_can(ctx->store, CAN_KEEP_HISTORY) ||
	    !number_rows_select(&selection, sheet->rows.at[0].v[DID_E164]))
		return 0;
	count_up(columns, EVENT_FIELDS);
	rc = store_query(ctx->store, &query, &ctx->err);
	if (!rc) {
		while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
			GROW(sheet->events, sheet->nevents, sheet->events_cap);
			keep_values(ctx, sheet->events[sheet->nevents++].v, row, EVENT_FIELDS);
		}
		store_done(ctx->store);
	}
	selection_release(&selection);
	return rc;
}

static void add_json(struct buf *out, enum event_field field, struct value value)
{
	if (!value.s)
		buf_puts(out, "null");
	else if (event_columns[field].type == COL_OBJECT)
		buf_add(out, value.s, value.len);
	else
		text_json(out, value.s, value.len);
}

/* The changes of the number, under whatever spelling: where it stands in two rows, those of both. */
static struct value history_json(const struct sheet *sheet)
{
	static const enum event_field fields[] = {EVENT_AT,	EVENT_ACTOR, EVENT_VERB,
						  EVENT_BEFORE, EVENT_AFTER, EVENT_CHANGE_ID};
	struct buf out = {0};
	const char *text;

	buf_putc(&out, '[');
	for (size_t i = 0; i < sheet->nevents; i++) {
		const struct value *event = sheet->events[i].v;

		buf_puts(&out, out.len > 1 ? ",{" : "{");
		for (size_t k = 0; k < ARRAY_SIZE(fields); k++) {
			buf_printf(&out, "%s\"%s\":", k ? "," : "", event_columns[fields[k]].key);
			add_json(&out, fields[k], event[fields[k]]);
		}
		buf_putc(&out, '}');
	}
	buf_putc(&out, ']');
	text = arena_strdup(&sheet->ctx->arena, buf_str(&out));
	buf_release(&out);
	return value_str(text);
}

/* tsv, csv, json and ndjson: a row with every column; JSON has the history too. */
static int print_rows(struct sheet *sheet)
{
	struct context *ctx = sheet->ctx;
	bool has_history = ctx->output.format == OUT_JSON || ctx->output.format == OUT_NDJSON;
	const struct column *columns[SHOW_COLUMNS];
	struct sink *sink = NULL;
	int rc;

	for (size_t i = 0; i < DID_FIELDS; i++)
		columns[i] = &did_columns[i];
	columns[DID_FIELDS] = &history_column;
	columns[DID_FIELDS + 1] = &ports_column;
	rc = rows_open(ctx, columns, has_history ? SHOW_COLUMNS : DID_FIELDS, &sink);
	for (size_t i = 0; i < sheet->rows.n && !rc; i++) {
		struct value row[SHOW_COLUMNS];

		memcpy(row, sheet->rows.at[i].v, sizeof(sheet->rows.at[i].v));
		row[DID_FIELDS] = has_history ? history_json(sheet) : value_str(NULL);
		row[DID_FIELDS + 1] = has_history ? port_events_json(ctx, &sheet->ports) : value_str(NULL);
		rc = sink_row(sink, row, &ctx->err);
	}
	return rows_close(ctx, sink, rc);
}

/* A line for each column that has a value. */
static int print_values(struct context *ctx, const struct number_row *row)
{
	static const struct column label = {"column", "Column", "what", COL_ID},
				   text = {"value", "Value", "its value", COL_TEXT};
	const struct column *const columns[] = {&label, &text};
	struct sink *sink = NULL;
	int rc = rows_open(ctx, columns, ARRAY_SIZE(columns), &sink);

	for (size_t i = 0; i < DID_FIELDS && !rc; i++) {
		struct value cells[] = {value_str(did_columns[i].heading), row->v[i]};

		if (!cells[1].s)
			continue;
		if (did_columns[i].type == COL_BOOL)
			cells[1] = value_str(strcmp(cells[1].s, "1") ? "no" : "yes");
		rc = sink_row(sink, cells, &ctx->err);
	}
	return rows_close(ctx, sink, rc);
}

static int print_events(const struct sheet *sheet)
{
	struct context *ctx = sheet->ctx;
	const struct column *columns[EVENT_FIELDS];
	struct sink *sink = NULL;
	int rc;

	if (!sheet->nevents)
		return 0;
	for (size_t i = 0; i < EVENT_FIELDS; i++)
		columns[i] = &event_columns[i];
	rc = rows_open(ctx, columns, EVENT_FIELDS, &sink);
	for (size_t i = 0; i < sheet->nevents && !rc; i++)
		rc = sink_row(sink, sheet->events[i].v, &ctx->err);
	return rows_close(ctx, sink, rc);
}

static int print_sheet(struct sheet *sheet)
{
	int rc = 0;

	for (size_t i = 0; i < sheet->rows.n && !rc; i++)
		rc = print_values(sheet->ctx, &sheet->rows.at[i]);
	if (!rc)
		rc = print_events(sheet);
	return rc ? rc : port_events_print(sheet->ctx, &sheet->ports);
}

static void warn_of_twins(const struct sheet *sheet)
{
	struct buf text = {0};

	if (sheet->rows.n < 2)
		return;
	for (size_t i = 0; i < sheet->rows.n; i++) {
		const struct value *v = sheet->rows.at[i].v;

		buf_printf(&text, "%s'%s' of %s (id:%s)", i ? ", " : "", v[DID_NUMBER].s,
			   v[DID_ORG].s ? v[DID_ORG].s : "nobody", v[DID_ID].s);
	}
	note(sheet->ctx, "warning: one physical number is stored %zu times: %s", sheet->rows.n,
	     buf_str(&text));
	buf_release(&text);
}

static int run_show(struct context *ctx, void *args)
{
	struct sheet sheet = {.ctx = ctx};
	int rc = number_rows_find(ctx, ctx->operands.at[0], &sheet.rows);

	(void)args;
	if (!rc)
		rc = load_events(&sheet);
	if (!rc)
		rc = port_events_load(ctx, sheet.rows.at[0].v[DID_E164].s, &sheet.ports);
	if (!rc) {
		warn_of_twins(&sheet);
		rc = ctx->output.format == OUT_TABLE ? print_sheet(&sheet) : print_rows(&sheet);
	}
	number_rows_release(&sheet.rows);
	free(sheet.events);
	port_sheet_release(&sheet.ports);
	return rc;
}

static const struct example show_examples[] = {
	{"didctl pool show 08065978002", "Shows everything about a number, whichever way it is spelt."},
	{"didctl pool show 08065978002 -o json", "The same for a script, with its last changes as an array."},
	{0},
};

const struct command pool_show = {
	.name = "show",
	.summary = "show everything about one number",
	.about = "Shows what is stored and derived, and the last 10 changes. Where one physical number is "
		 "stored under two spellings, both rows are shown, with a warning.",
	.args = {ONE_NUMBER},
	.groups = groups_show,
	.flags = COMMAND_READS,
	.run = run_show,
	.examples = show_examples,
};
