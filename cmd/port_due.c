/* didctl port due and sweep: what waits for somebody in the orders, and what need not wait. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "cmd/mail.h"
#include "cmd/options.h"
#include "cmd/port.h"
#include "cmd/progress.h"
#include "cmd/report.h"

enum port_due port_due_of(const struct port_row *row, const char *holidays, int64_t now_ms, int64_t *due_ms)
{
	const struct value *v = row->v;
	int64_t submitted_ms;
	int state = v[PORT_STATE].s ? port_state_find(v[PORT_STATE].s) : -1;

	if (state == PORT_SUBMITTED && v[PORT_SUBMITTED_AT].s && !clock_parse(&submitted_ms, v[PORT_SUBMITTED_AT].s, NULL)) {
		*due_ms = port_ack_due_ms(submitted_ms, holidays);
		return now_ms >= *due_ms ? PORT_DUE_ACK : PORT_DUE_NOTHING;
	}
	if (state == PORT_FOC_SET && v[PORT_ACTUAL_FOC].s &&
	    !port_foc_ms(due_ms, v[PORT_ACTUAL_FOC].s, v[PORT_FOC_TIME].s, v[PORT_FOC_ZONE].s, NULL))
		return now_ms >= *due_ms ? PORT_DUE_FOC : PORT_DUE_NOTHING;
	return PORT_DUE_NOTHING;
}

static const char *const due_names[] = {[PORT_DUE_ACK] = "acknowledgement late", [PORT_DUE_FOC] = "FOC"};

enum due_field { DUE_PORT, DUE_ORG, DUE_LOSING_CARRIER, DUE_STATE, DUE_COUNT, DUE_WHAT, DUE_SINCE, DUE_FIELDS };

static const struct column due_columns[DUE_FIELDS] = {
	[DUE_PORT] = {"port", "Port", "Name of the order: its serial number", COL_ID},
	[DUE_ORG] = {"org", "Organisation", "Name of who the numbers are for", COL_TEXT},
	[DUE_LOSING_CARRIER] = {"losing_carrier", "Losing carrier", "Carrier that the numbers leave", COL_TEXT},
	[DUE_STATE] = {"state", "State", "How far the order is", COL_ID},
	[DUE_COUNT] = {"count", "Count", "How many numbers it has", COL_COUNT},
	[DUE_WHAT] = {"what", "What", "What is due: an acknowledgement that is late, or the FOC", COL_ID},
	[DUE_SINCE] = {"since", "Since", "Since when", COL_TIME},
};

struct due_row {
	struct value cells[DUE_FIELDS];
	char since[CLOCK_TEXT];
};

static struct value due_cell(const void *of, size_t row, int column)
{
	return ((const struct due_row *)of)[row].cells[column];
}

static void fill_due(struct due_row *out, const struct port_row *row, enum port_due due, int64_t due_ms)
{
	const struct value all[DUE_FIELDS] = {
		[DUE_PORT] = row->v[PORT_SERIAL], [DUE_ORG] = row->v[PORT_ORG],
		[DUE_LOSING_CARRIER] = row->v[PORT_LOSING_CARRIER], [DUE_STATE] = row->v[PORT_STATE],
		[DUE_COUNT] = row->v[PORT_COUNT], [DUE_WHAT] = value_str(due_names[due]),
		[DUE_SINCE] = value_str(clock_format(due_ms, out->since)),
	};

	memcpy(out->cells, all, sizeof(all));
}

/* How many of the orders are due; they are put to out, in the order of their serial numbers. */
static size_t find_due(const struct port_rows *rows, const char *holidays, struct due_row *out)
{
	size_t n = 0;
	int64_t due_ms;

	for (size_t i = 0; i < rows->n; i++) {
		enum port_due due = port_due_of(&rows->at[i], holidays, clock_now_ms(), &due_ms);

		if (due != PORT_DUE_NOTHING)
			fill_due(&out[n++], &rows->at[i], due, due_ms);
	}
	return n;
}

static int run_due(struct context *ctx, void *args)
{
	struct query query = {.port_states = PORT_BIT(PORT_SUBMITTED) | PORT_BIT(PORT_FOC_SET)};
	struct kept_rows due = {.cell = due_cell};
	struct port_rows rows = {0};
	struct listing_plan plan;
	struct due_row *at = NULL;
	int rc = listing_choose(ctx, &plan);

	(void)args;
	if (!rc)
		rc = port_load_rows(ctx, &query, &rows);
	if (!rc) {
		due.of = at = xcalloc(rows.n, sizeof(*at));
		due.n = find_due(&rows, conf_get(ctx->conf, SET_PORT_HOLIDAYS, NULL), at);
		rc = list_kept(ctx, &plan, &due);
	}
	free(at);
	port_rows_release(&rows);
	return !rc && due.n ? ERR_ABSENT : rc;
}

static const struct example due_examples[] = {
	{"didctl port due", "For cron: says, with exit status 3, which orders wait for somebody."},
	{0},
};

const struct command port_due = {
	.name = "due",
	.summary = "list the orders that are due or late",
	.about = "A submitted order whose acknowledgement is late: none by the end of the third business day after submission "
		 "(see didctl port ack). And one whose FOC has come, in its own time zone. Exit status 3 when there is any.",
	.groups = groups_list,
	.columns = due_columns,
	.ncolumns = DUE_FIELDS,
	.default_columns = "port,org,losing_carrier,state,count,what,since",
	.flags = COMMAND_READS,
	.run = run_due,
	.examples = due_examples,
};

/* ---- sweep */

enum swept_field { SWEPT_PORT, SWEPT_ORG, SWEPT_COUNT, SWEPT_RESULT, SWEPT_CHANGE_ID, SWEPT_REASON, SWEPT_FIELDS };

static const struct column swept_columns[SWEPT_FIELDS] = {
	[SWEPT_PORT] = {"port", "Port", "Name of the order: its serial number", COL_ID},
	[SWEPT_ORG] = {"org", "Organisation", "Name of who the numbers are for", COL_TEXT},
	[SWEPT_COUNT] = {"count", "Count", "How many numbers came in", COL_COUNT},
	[SWEPT_RESULT] = {"result", "Result", "completed, partly or refused", COL_ID},
	[SWEPT_CHANGE_ID] = {"change_id", "Change", "Identifier of the change", COL_ID},
	[SWEPT_REASON] = {"reason", "Reason", "Why not all came in", COL_TEXT},
};

struct sweep_args {
	bool resend;
};

struct sweep {
	struct context *ctx;
	struct sink *sink;
	size_t failed, completed;
	uint64_t moved;
	bool moves_calls;
};

/* The first number that was refused, and why: the rest is in the order itself. */
static const char *first_refusal(struct context *ctx, const struct plan *plan)
{
	char text[NUMBER_TEXT];

	for (size_t i = 0; i < plan->nruns; i++)
		if (plan->runs[i].result == RESULT_REFUSED)
			return arena_printf(&ctx->arena, "%s %s", run_number(&plan->runs[i], 0, ctx->country, text),
					    plan->runs[i].reason);
	return NULL;
}

/* A change that may not be done is told in its row, and ends nothing but itself; any other error ends the sweep. */
static int put_swept(struct sweep *sweep, const struct port_row *row, const struct change *change,
		     const struct plan *plan, const struct err *told)
{
	struct context *ctx = sweep->ctx;
	const char *reason = first_refusal(ctx, plan);
	bool is_done = !told->code || told->code == ERR_PARTIAL;
	char count[24];
	struct value cells[SWEPT_FIELDS] = {row->v[PORT_SERIAL], row->v[PORT_ORG], {0}, value_str("completed"), {0}, {0}};

	snprintf(count, sizeof(count), "%" PRIu64, is_done ? plan->changed : 0);
	cells[SWEPT_COUNT] = value_str(count);
	if (change->dry_run && ctx->output.format == OUT_TABLE)
		cells[SWEPT_RESULT] = value_str("would complete");
	if (told->code)
		cells[SWEPT_RESULT] = value_str(is_done ? "partly" : "refused");
	if (plan->is_recorded && is_done && !change->dry_run)
		cells[SWEPT_CHANGE_ID] = value_str(change->id);
	if (told->code)
		cells[SWEPT_REASON] = value_str(reason ? reason : arena_strdup(&ctx->arena, told->text));
	return sink_row(sweep->sink, cells, &ctx->err);
}

/* What is refused was refused for good, unless another operator or another sweep was faster: then nothing is left to do. */
static int look_again(struct context *ctx, const char *serial, bool *is_over)
{
	struct query query = {.port = serial};
	struct port_rows rows = {0};
	int64_t due_ms;
	int rc = port_load_rows(ctx, &query, &rows);

	*is_over = !rc && (!rows.n || port_due_of(&rows.at[0], NULL, clock_now_ms(), &due_ms) != PORT_DUE_FOC);
	port_rows_release(&rows);
	return rc;
}

/* Tells what came of an order, the error included. */
static int account_for(struct sweep *sweep, const struct port_row *row, const struct change *change,
		       const struct plan *plan)
{
	struct context *ctx = sweep->ctx;
	const struct err told = ctx->err;
	bool is_over = false;
	int rc = 0;

	ctx->err = (struct err){0};
	if (told.code == ERR_REFUSED || told.code == ERR_ABSENT)
		rc = look_again(ctx, row->v[PORT_SERIAL].s, &is_over);
	if (!rc && !is_over)
		rc = put_swept(sweep, row, change, plan, &told);
	if (rc || is_over)
		return rc;
	sweep->failed += told.code != 0;
	if (!told.code || told.code == ERR_PARTIAL) {
		sweep->completed += !change->dry_run;
		if (!ctx->global.quiet)
			plan_show_follows(plan);
		sweep->moved += plan->changed;
		sweep->moves_calls |= plan->moves_calls && !change->dry_run;
	}
	return 0;
}

static int sweep_one(struct sweep *sweep, const struct port_row *row)
{
	struct context *ctx = sweep->ctx;
	struct port_request request = {.serial = row->v[PORT_SERIAL].s};
	struct plan plan = {0};
	struct change change;
	char broken_off[UUID_TEXT];
	int rc = change_begin(ctx, &change, VERB_PORT_COMPLETE);

	change.port = &request;
	change.never_asks = true;
	if (!rc) /* through an API an earlier sweep may have ended in the middle of this order */
		rc = store_broken_off(ctx->store, &change, broken_off, &ctx->err);
	if (rc == 1) {
		memcpy(change.id, broken_off, sizeof(change.id));
		rc = 0;
	}
	if (!rc && !change.dry_run)
		fprintf(stderr, "change-id: %s\n", change.id);
	if (!rc)
		rc = apply_with_progress(ctx, &change, &plan);
	if (!rc || rc == ERR_PARTIAL || rc == ERR_REFUSED || rc == ERR_ABSENT)
		rc = account_for(sweep, row, &change, &plan);
	plan_release(&plan);
	change_release(&change);
	return rc;
}

/* What an operator took back is not done again behind his back. */
static bool is_left_out(struct context *ctx, const struct port_row *row)
{
	const char *serial = row->v[PORT_SERIAL].s, *code = row->v[PORT_CODE].s;

	if (!code || strcmp(code, PORT_UNDONE) != 0)
		return false;
	note(ctx, "port order %s is left out: its completion was undone; didctl port foc %s DATE says its day again", serial,
	     serial);
	return true;
}

static int sweep_all(struct sweep *sweep, const struct port_rows *rows)
{
	int64_t due_ms;
	int rc = 0;

	for (size_t i = 0; i < rows->n && !rc; i++)
		if (port_due_of(&rows->at[i], NULL, clock_now_ms(), &due_ms) == PORT_DUE_FOC &&
		    !is_left_out(sweep->ctx, &rows->at[i]))
			rc = sweep_one(sweep, &rows->at[i]);
	return rc;
}

static int check_options(struct context *ctx)
{
	if (!ctx->write.change_id && !ctx->write.expect_given)
		return 0;
	return err_set(&ctx->err, ERR_USAGE, "'port sweep' makes a change for each order: %s is for one of them",
		       ctx->write.change_id ? "--change-id" : "--expect");
}

static int resend(struct context *ctx)
{
	uint64_t n = 0;
	int rc = store_outbox_resend(ctx->store, &n, &ctx->err);

	if (!rc)
		note(ctx, "%" PRIu64 " message%s that had been given up %s tried again", n, n == 1 ? "" : "s",
		     n == 1 ? "is" : "are");
	return rc;
}

/* The switch first, and the mail also where that failed: the orders are completed. */
static int follow_up(struct context *ctx, const struct sweep *sweep, const struct sweep_args *args)
{
	struct err of_regen = {0};
	int rc = 0, of_mail = 0;

	if (ctx->write.dry_run)
		note(ctx, "dry run: nothing was written");
	if (sweep->moves_calls && wants_regen(ctx))
		rc = change_regen(ctx, sweep->moved, 0);
	else if (sweep->moves_calls)
		note(ctx, "not live yet: didctl regen brings it to the switch");
	of_regen = ctx->err;
	if (!ctx->write.dry_run && args->resend)
		of_mail = resend(ctx);
	if (!ctx->write.dry_run && !of_mail)
		of_mail = mail_send_waiting(ctx); /* also what earlier changes could not send */
	if (rc)
		ctx->err = of_regen;
	return rc ? rc : of_mail;
}

/* What is completed stays: whatever comes then, the sweep is partly done, but for an outcome that is unknown. */
static int partly(const struct sweep *sweep, int rc, const char *hint)
{
	struct err *err = &sweep->ctx->err;
	const char *s = sweep->completed == 1 ? " is" : "s are";

	if (!rc || !sweep->completed || rc == ERR_UNKNOWN || rc == ERR_PIPE || rc == ERR_PARTIAL)
		return rc;
	if (rc == ERR_INTERRUPTED)
		err_set(err, rc, "interrupted: %zu port order%s completed", sweep->completed, s);
	else
		err_prefix(err, "%zu port order%s completed, and then: ", sweep->completed, s);
	err_hint(err, "%s", hint);
	return err->code = ERR_PARTIAL;
}

/* The calls of what is completed move, although the sweep came to no end; why it did not is what is told. */
static int end_early(struct sweep *sweep, const struct sweep_args *args, int rc)
{
	const struct err told = sweep->ctx->err;
	bool is_live = sweep->completed && !interrupt_pending() && !follow_up(sweep->ctx, sweep, args);

	sweep->ctx->err = told;
	return partly(sweep, rc, is_live || !sweep->moves_calls ? "the next sweep goes on with the others" :
		      "didctl regen brings them to the switch, the next sweep goes on with the others");
}

static int run_sweep(struct context *ctx, void *args)
{
	const struct column *columns[SWEPT_FIELDS];
	struct query query = {.port_states = PORT_BIT(PORT_FOC_SET)};
	struct sweep sweep = {.ctx = ctx};
	struct port_rows rows = {0};
	int rc = check_options(ctx);

	for (int i = 0; i < SWEPT_FIELDS; i++)
		columns[i] = &swept_columns[i];
	if (!rc)
		rc = port_load_rows(ctx, &query, &rows);
	if (!rc)
		rc = rows_open(ctx, columns, SWEPT_FIELDS, &sweep.sink);
	if (!rc)
		rc = sweep_all(&sweep, &rows);
	rc = rows_close(ctx, sweep.sink, rc);
	port_rows_release(&rows);
	if (rc)
		return end_early(&sweep, args, rc);
	rc = partly(&sweep, follow_up(ctx, &sweep, args), "the next sweep sends the mail that waits");
	if (rc || !sweep.failed)
		return rc;
	return err_set(&ctx->err, ERR_PARTIAL, "%zu port order%s could not be completed", sweep.failed,
		       sweep.failed == 1 ? "" : "s");
}

static const struct option sweep_options[] = {
	{.name = "resend", OPT_FLAG(struct sweep_args, resend),
	 .help = "try the mail of the last month again that had been given up"},
};

static const struct example sweep_examples[] = {
	{"didctl port sweep -q", "For cron: completes the orders whose FOC has come."},
	{"didctl port sweep --resend", "Once the mail server takes it: also sends what it had refused."},
	{0},
};

const struct command port_sweep = {
	.name = "sweep",
	.summary = "complete the orders whose day has come",
	.about = "For cron: each order whose FOC has come is completed, in a change of its own; it never asks, and an order that "
		 "cannot be completed does not keep the others (exit status 5, as where it has to end early). With --partial the "
		 "numbers that can come in do. Then the mail that waits is sent, also what could not be sent before.",
	.options = sweep_options,
	.noptions = ARRAY_SIZE(sweep_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct sweep_args),
	.run = run_sweep,
	.examples = sweep_examples,
};
