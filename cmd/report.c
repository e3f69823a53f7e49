/* What a change has done: messages on stderr, rows or one JSON object on stdout. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/common.h"
#include "cmd/message.h"
#include "cmd/report.h"

#define FLUSH_AT (64u << 10)

struct report {
	struct context *ctx;
	const struct change *change;
	const struct plan *plan;
	int rc;
	bool is_void; /* nothing was done because something was refused: what could have changed has not */
	uint64_t changed, unchanged;
};

static struct report make_report(struct context *ctx, const struct change *change, const struct plan *plan,
				 int rc)
{
	bool is_void = rc && rc != ERR_PARTIAL && rc != ERR_UNKNOWN;

	return (struct report){
		.ctx = ctx,
		.change = change,
		.plan = plan,
		.rc = rc,
		.is_void = is_void,
		.changed = is_void ? 0 : plan->changed,
		.unchanged = plan->unchanged + (is_void ? plan->changed : 0),
	};
}

static enum result run_result(const struct report *report, const struct run *run)
{
	return report->is_void && run->result == RESULT_CHANGED ? RESULT_UNCHANGED : (enum result)run->result;
}

static const char *run_code(const struct run *run)
{
	return run->result == RESULT_REFUSED ? refusal_names[run->code] : NULL;
}

static const char *run_reason(const struct run *run)
{
	return run->result == RESULT_REFUSED ? run->reason : NULL;
}

/* The id where the change is on record or may be: null says that there is nothing to look up or undo. */
static const char *shown_id(const struct report *report)
{
	bool may_be_there = report->rc == ERR_UNKNOWN || (report->plan->is_recorded && !report->is_void);

	return may_be_there && !report->change->dry_run ? report->change->id : NULL;
}

static int cannot_write(struct context *ctx)
{
	if (errno == EPIPE)
		return err_set(&ctx->err, ERR_PIPE, "%s", "");
	return err_set(&ctx->err, ERR_FAILED, "cannot write to standard output: %s", strerror(errno));
}

static int write_out(struct context *ctx, struct buf *text)
{
	bool ok = fwrite(buf_str(text), 1, text->len, stdout) == text->len;

	buf_reset(text);
	return ok ? 0 : cannot_write(ctx);
}

static void json_text(struct buf *out, const char *s)
{
	if (s)
		text_json(out, s, strlen(s));
	else
		buf_puts(out, "null");
}

static void json_head(struct buf *out, const struct report *report)
{
	buf_puts(out, "{\"change_id\":");
	json_text(out, shown_id(report));
	buf_puts(out, ",\"verb\":");
	json_text(out, verb_info[report->change->verb].name);
	buf_printf(out,
		   ",\"dry_run\":%s,\"changed\":%" PRIu64 ",\"unchanged\":%" PRIu64 ",\"refused\":%" PRIu64
		   ",\"numbers\":[",
		   report->change->dry_run ? "true" : "false", report->changed, report->unchanged,
		   report->plan->refused);
}

/* The numbers of one run: they differ in nothing but the number. */
static int json_run(struct buf *out, const struct report *report, const struct run *run, bool is_first)
{
	struct buf tail = {0};
	char text[NUMBER_TEXT];
	int rc = 0;

	buf_puts(&tail, ",\"result\":");
	json_text(&tail, result_names[run_result(report, run)]);
	buf_puts(&tail, ",\"code\":");
	json_text(&tail, run_code(run));
	buf_puts(&tail, ",\"reason\":");
	json_text(&tail, run_reason(run));
	buf_putc(&tail, '}');
	for (uint64_t i = 0; i < run->count && !rc; i++) {
		buf_puts(out, is_first && i == 0 ? "{\"number\":" : ",{\"number\":");
		json_text(out, run_number(run, i, report->ctx->country, text));
		buf_add(out, tail.data, tail.len);
		if (out->len >= FLUSH_AT)
			rc = write_out(report->ctx, out);
	}
	buf_release(&tail);
	return rc;
}

/* The location that the numbers got, or that was made; null where the change was not made. */
static void json_location(struct buf *out, const struct report *report)
{
	enum verb verb = report->change->verb;
	const struct object *object = report->plan->nobjects ? &report->plan->objects[0] : NULL;
	const char *id = report->plan->location;

	if (verb != VERB_E911_SET && (verb < VERB_LOCATION_ADD || verb > VERB_LOCATION_DELETE))
		return;
	if (!id && object && object->kind == OBJECT_LOCATION) /* of a replay */
		id = object->id;
	if (object && !object->was && (report->is_void || report->change->dry_run))
		id = NULL;
	buf_puts(out, ",\"location\":");
	json_text(out, id);
}

/* Which order it is about; null where a dry run or a refusal leaves a new one without a number. */
static void json_port(struct buf *out, const struct report *report)
{
	const struct port_request *port = report->change->port;
	const char *serial = port ? port->serial : NULL;

	if (!port)
		return;
	if (!serial && report->plan->nobjects && !report->is_void && !report->change->dry_run)
		serial = report->plan->objects[0].id;
	buf_puts(out, ",\"port\":");
	json_text(out, serial);
}

/* Which organisation or user it is about; null where none of that id will ever be there. */
static void json_object(struct buf *out, const struct report *report)
{
	enum verb verb = report->change->verb;
	const struct object *object = report->plan->nobjects ? &report->plan->objects[0] : NULL;
	bool is_made = object && (object->was || (!report->is_void && !report->change->dry_run));

	if (verb_info[verb].is_service) {
		json_location(out, report);
		return;
	}
	if (verb < VERB_ORG_ADD || verb > VERB_USER_DELETE)
		return;
	buf_puts(out, verb <= VERB_ORG_DELETE ? ",\"org\":" : ",\"user\":");
	json_text(out, is_made ? object->id : NULL);
}

static int print_json(const struct report *report)
{
	struct buf out = {0};
	int rc = 0;

	json_head(&out, report);
	for (size_t i = 0; i < report->plan->nruns && !rc; i++)
		rc = json_run(&out, report, &report->plan->runs[i], i == 0);
	buf_putc(&out, ']');
	json_object(&out, report);
	json_port(&out, report);
	buf_puts(&out, "}\n");
	if (!rc)
		rc = write_out(report->ctx, &out);
	buf_release(&out);
	return rc;
}

/* tsv, csv and ndjson: a row for each number. */
static int print_rows(const struct report *report)
{
	static const struct column columns[] = {
		{"number", "Number", "the number as it is stored", COL_NUMBER},
		{"result", "Result", "changed, unchanged or refused", COL_ID},
		{"code", "Code", "why it was refused, as a word", COL_ID},
		{"reason", "Reason", "why it was refused, as a sentence", COL_TEXT},
	};
	const struct column *const chosen[] = {&columns[0], &columns[1], &columns[2], &columns[3]};
	struct context *ctx = report->ctx;
	struct sink *sink = NULL;
	char text[NUMBER_TEXT];
	int rc = rows_open(ctx, chosen, ARRAY_SIZE(chosen), &sink);

	for (size_t i = 0; i < report->plan->nruns && !rc; i++) {
		const struct run *run = &report->plan->runs[i];
		struct value row[] = {{0},
				      value_str(result_names[run_result(report, run)]),
				      value_str(run_code(run)),
				      value_str(run_reason(run))};

		for (uint64_t k = 0; k < run->count && !rc; k++) {
			row[0] = value_str(run_number(run, k, ctx->country, text));
			rc = sink_row(sink, row, &ctx->err);
		}
	}
	return rows_close(ctx, sink, rc);
}

/* assign --count: which numbers were taken is the answer, one a line. */
static int print_taken(const struct report *report)
{
	const struct plan *plan = report->plan;
	struct buf out = {0};
	char text[NUMBER_TEXT];
	int rc = 0;

	for (size_t i = 0; i < plan->nruns && !rc; i++) {
		for (uint64_t k = 0; plan->runs[i].result == RESULT_CHANGED && k < plan->runs[i].count && !rc;
		     k++) {
			const char *number = run_number(&plan->runs[i], k, report->ctx->country, text);

			text_escape(&out, number, strlen(number), 0);
			buf_putc(&out, '\n');
			if (out.len >= FLUSH_AT)
				rc = write_out(report->ctx, &out);
		}
	}
	if (!rc && out.len)
		rc = write_out(report->ctx, &out);
	buf_release(&out);
	return rc;
}

static int print_data(const struct report *report)
{
	switch ((enum out_format)report->ctx->output.format) {
	case OUT_JSON:
		return print_json(report);
	case OUT_TABLE:
		return report->change->pick.count && !report->is_void ? print_taken(report) : 0;
	default:
		return print_rows(report);
	}
}

/* Numbers that were not named but change with it; told where "set 0" would read as if nothing had been done. */
static uint64_t count_others(const struct report *report)
{
	uint64_t n = 0;

	for (size_t i = 0; i < report->plan->nextra && !report->plan->changed && !report->is_void; i++)
		n += report->plan->extra[i].count;
	return n;
}

static void say_numbers(const struct report *report)
{
	uint64_t others = count_others(report);

	fprintf(stderr, "%s %" PRIu64 ", unchanged %" PRIu64 ", refused %" PRIu64,
		verb_info[report->change->verb].past, report->changed, report->unchanged, report->plan->refused);
	if (others)
		fprintf(stderr, ", others changed %" PRIu64, others);
	fputc('\n', stderr);
}

/* Of what has no numbers to count. */
static void say_done(const struct change *change)
{
	fprintf(stderr, "%s%s\n", change->dry_run ? "would be " : "",
		change->port && change->port->removes ? "taken off" : verb_info[change->verb].past);
}

static void say_closing(const struct report *report)
{
	if (report->ctx->global.quiet || report->rc == ERR_UNKNOWN)
		return;
	if (report->plan->nruns || (!report->rc && !report->plan->nobjects))
		say_numbers(report);
	else if (!report->rc)
		say_done(report->change);
}

/* What the switch does not know yet when the inventory says so. */
static void say_next(const struct report *report)
{
	bool is_made = !report->is_void && !report->change->dry_run && report->rc != ERR_UNKNOWN;
	bool has_moved = report->plan->moves_calls && is_made;

	if (has_moved && plan_has_work(report->plan) && !wants_regen(report->ctx))
		note(report->ctx, "not live yet: didctl regen brings it to the switch");
}

/* Refused for their count alone: which they are is the question then. Of a change that is half done it was asked before. */
static bool is_other_count(const struct report *report)
{
	const struct change *change = report->change;

	return report->rc == ERR_REFUSED && change->expect >= 0 && !report->plan->is_pieced &&
	       (uint64_t)change->expect != report->plan->changed &&
	       (change->partial || !report->plan->refused);
}

static void say_plan(const struct report *report, const struct shown *shown)
{
	const struct context *ctx = report->ctx;
	bool is_wanted = !ctx->global.quiet && (is_other_count(report) || (!shown->plan && !report->is_void));

	if (ctx->output.format != OUT_TABLE) {
		if (is_wanted && !report->is_void)
			plan_show_follows(report->plan);
	} else if (is_wanted) {
		plan_show(ctx, report->change, report->plan);
	} else {
		plan_show_refused(ctx, report->plan);
	}
	if (!is_wanted && !report->is_void && !ctx->global.quiet)
		plan_show_warnings(report->plan, &shown->warnings);
}

/* What a person is told, whatever the format: data goes to stdout, this does not. */
static void say_all(const struct report *report, const struct shown *shown)
{
	const struct context *ctx = report->ctx;

	if (report->plan->is_replay)
		note(ctx, "done before: change %s", report->change->id);
	say_plan(report, shown);
	if (report->change->dry_run)
		note(ctx, "dry run: nothing was written");
	say_closing(report);
	say_next(report);
}

/*
 * Whether something can be told of a change that ended so. A usage or connection error has no numbers to speak of, and
 * neither has a location that is not there: only numbers that are missing are told by number.
 */
static bool has_report(int rc, const struct plan *plan)
{
	return !rc || rc == ERR_PARTIAL || rc == ERR_REFUSED || rc == ERR_UNKNOWN ||
	       (rc == ERR_ABSENT && plan->refused);
}

/* A change that was made stays made though its report is lost: whoever reads only that must not repeat it. */
static void add_made(const struct report *report)
{
	struct err *err = &report->ctx->err;
	const char *id = shown_id(report);
	char text[ERR_TEXT_MAX];

	if (report->change->dry_run || !plan_has_work(report->plan))
		return;
	snprintf(text, sizeof(text), "%s", err->text);
	err_set(err, err->code, "%s: the change itself was made%s%s%s", text, id ? " (change-id " : "",
		id ? id : "", id ? ")" : "");
	if (id)
		err_hint(err, "the same command with --change-id %s prints its result again", id);
}

/* The data, all the way out: what stays in the buffer here would fail when nobody knows of the change any more. */
static int print_all(const struct report *report)
{
	int rc = print_data(report);

	if (!rc && fflush(stdout))
		rc = cannot_write(report->ctx);
	if (rc == ERR_FAILED && !report->is_void && report->rc != ERR_UNKNOWN)
		add_made(report);
	return rc;
}

int report_change(struct context *ctx, const struct change *change, const struct plan *plan, const struct shown *shown,
		  int rc)
{
	struct report report = make_report(ctx, change, plan, rc);
	struct err kept = ctx->err;
	int written;

	if (!has_report(rc, plan))
		return rc;
	say_all(&report, shown);
	written = print_all(&report);
	if (!rc)
		return written;
	if (written == ERR_FAILED)
		say_error(&ctx->err);
	ctx->err = kept;
	return rc;
}
