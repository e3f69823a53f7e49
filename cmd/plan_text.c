/* The plan of a change as a person reads it, on stderr. Everything that came from outside is escaped. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/common.h"
#include "cmd/report.h"
#include "did/port_numbers.h"

#define RUNS_SHOWN 10
#define VALUE_SHOWN 40
#define ORDERED_SHOWN 120 /* of the numbers of an order: some ranges */
#define NUMBERS_WIDTH 30

static void flush(struct buf *text)
{
	fwrite(buf_str(text), 1, text->len, stderr);
	buf_release(text);
}

static void add_value(struct buf *out, const char *value)
{
	if (value)
		text_escape(out, value, strlen(value), VALUE_SHOWN);
	else
		buf_putc(out, '-');
}

/* "918065978000-918065978029", as stored. */
static void add_numbers(struct buf *out, const struct context *ctx, const struct run *run)
{
	char first[NUMBER_TEXT], last[NUMBER_TEXT];
	const char *s = run_number(run, 0, ctx->country, first);

	text_escape(out, s, strlen(s), VALUE_SHOWN);
	if (run->count == 1)
		return;
	s = run_number(run, run->count - 1, ctx->country, last);
	buf_putc(out, '-');
	text_escape(out, s, strlen(s), VALUE_SHOWN);
}

static void add_field_value(struct buf *out, const struct plan *plan, enum did_field field, const char *value)
{
	if (did_columns[field].type == COL_BOOL)
		value = value && !strcmp(value, "1") ? "yes" : "no";
	else if (field == DID_ORG_ID && value)
		value = plan_owner_name(plan, value);
	add_value(out, value);
}

/* A person reads of the owner by name; the previous one, and since when something is so, go without saying. */
static const char *field_word(int field)
{
	return did_columns[field == DID_ORG_ID ? DID_ORG : field].key;
}

#define UNSAID (FIELD_BIT(DID_PREVIOUS_ORG_ID) | FIELD_BIT(DID_CNAM_SINCE) | FIELD_BIT(DID_E911_SINCE))

static void add_step(struct buf *out, const char *key, const char **separator)
{
	buf_printf(out, "%s%s ", *separator, key);
	*separator = ", ";
}

/* "state available -> assigned, org - -> Acme" */
static void add_difference(struct buf *out, const struct plan *plan, const struct record *before,
			   const struct record *after)
{
	enum did_state from = record_state(before), to = record_state(after);
	uint64_t differs = record_diff(before, after) & ~UNSAID;
	const char *separator = "";

	if (from != to) {
		add_step(out, "state", &separator);
		buf_printf(out, "%s -> %s", state_info[from].name, state_info[to].name);
		differs &= ~(FIELD_BIT(DID_POOL_STATUS) | FIELD_BIT(DID_STATUS));
	}
	for (int field = 0; field < DID_FIELDS; field++) {
		if (!(differs & FIELD_BIT(field)))
			continue;
		add_step(out, field_word(field), &separator);
		add_field_value(out, plan, (enum did_field)field, before->v[field]);
		buf_puts(out, " -> ");
		add_field_value(out, plan, (enum did_field)field, after->v[field]);
	}
	if (!*separator && !record_is(after, DID_E911_SINCE, before->v[DID_E911_SINCE]))
		buf_puts(out, "its address is another one: waits for the provider anew");
	else if (!*separator && !record_is(after, DID_CNAM_SINCE, before->v[DID_CNAM_SINCE]))
		buf_puts(out, "its name is another one: waits for the provider anew");
}

static void add_new(struct buf *out, const struct plan *plan, const struct record *record)
{
	uint64_t is_set = record_diff(NULL, record) & ~(FIELD_BIT(DID_POOL_STATUS) | FIELD_BIT(DID_STATUS));

	buf_printf(out, "new, state %s", state_info[record_state(record)].name);
	for (int field = 0; field < DID_FIELDS; field++) {
		if (!(is_set & FIELD_BIT(field)))
			continue;
		buf_printf(out, ", %s ", field_word(field));
		add_field_value(out, plan, (enum did_field)field, record->v[field]);
	}
}

/* "state assigned, org Acme, default yes": which row it is, of two that have the number in common. */
static void add_owner(struct buf *out, const struct plan *plan, const struct record *record)
{
	buf_printf(out, "state %s, org ", state_info[record_state(record)].name);
	add_field_value(out, plan, DID_ORG_ID, record->v[DID_ORG_ID]);
	if (record_flag(record, DID_DEFAULT))
		buf_puts(out, ", default yes");
}

/* A run that is about one row of a number. */
static void add_row(struct buf *out, const struct plan *plan, const struct run *run)
{
	const struct record *before = run->before == RECORD_NONE ? NULL : &plan->records.at[run->before];
	const struct record *after = run->after == RECORD_NONE ? NULL : &plan->records.at[run->after];

	switch ((enum run_kind)run->kind) {
	case RUN_DROP:
		buf_puts(out, "goes: ");
		add_owner(out, plan, before);
		break;
	case RUN_KEEP:
		buf_puts(out, "stays: ");
		add_owner(out, plan, before);
		break;
	case RUN_RESTORE:
		buf_puts(out, "comes back beside the other row: ");
		add_owner(out, plan, after);
		break;
	default:
		buf_puts(out, "number -> ");
		add_value(out, run->respelled);
		if (record_diff(before, after)) {
			buf_puts(out, ", ");
			add_difference(out, plan, before, after);
		}
	}
}

static void add_run(struct buf *out, const struct context *ctx, const struct plan *plan,
		    const struct run *run)
{
	size_t start;

	buf_puts(out, "  ");
	start = out->len;
	add_numbers(out, ctx, run);
	buf_printf(out, "%*s ",
		   out->len - start < NUMBERS_WIDTH ? (int)(NUMBERS_WIDTH - (out->len - start)) : 0, "");
	if (run->kind != RUN_NUMBERS)
		add_row(out, plan, run);
	else if (run->before == RECORD_NONE)
		add_new(out, plan, &plan->records.at[run->after]);
	else if (run->after == RECORD_NONE)
		buf_puts(out, "is deleted");
	else
		add_difference(out, plan, &plan->records.at[run->before], &plan->records.at[run->after]);
	buf_putc(out, '\n');
}

/* What is done and undone comes from the history in blocks: they are one range where they read alike. */
static bool is_same_change(const struct run *a, const struct run *b)
{
	return run_is_next(a, b) && a->result == b->result && a->before == b->before && a->after == b->after;
}

/* The first runs that change, then how many numbers are left. */
static void add_runs(struct buf *out, const struct context *ctx, const struct plan *plan,
		     const struct run *runs, size_t n)
{
	uint64_t left = 0;
	size_t shown = 0;

	for (size_t i = 0; i < n; i++) {
		struct run run = runs[i];

		if (run.result != RESULT_CHANGED && run.kind != RUN_KEEP)
			continue;
		while (i + 1 < n && is_same_change(&run, &runs[i + 1]))
			run.count += runs[++i].count;
		if (shown++ < RUNS_SHOWN)
			add_run(out, ctx, plan, &run);
		else
			left += run.count;
	}
	if (left)
		buf_printf(out, "  and %" PRIu64 " more\n", left);
}

/* "442079460100-442079460111 pending; 442079460115 failed" */
static void add_ordered(struct buf *out, const char *text)
{
	char first[NUMBER_TEXT], last[NUMBER_TEXT];
	struct port_numbers numbers = {0};
	struct buf shown = {0};

	port_numbers_read(&numbers, text, NULL);
	for (size_t i = 0; i < numbers.n; i++) {
		const struct port_interval *item = &numbers.at[i];

		number_format(item->in.first, first);
		number_format(interval_last(&item->in), last);
		buf_printf(&shown, "%s%s%s%s %s", i ? "; " : "", first, item->in.count > 1 ? "-" : "",
			   item->in.count > 1 ? last : "", port_number_names[item->status]);
	}
	if (shown.len)
		text_escape(out, shown.data, shown.len, ORDERED_SHOWN);
	else
		add_value(out, NULL);
	port_numbers_release(&numbers);
	buf_release(&shown);
}

/* What an order has as lines of cells: "1 loa letter.pdf". */
static void add_lines_of(struct buf *out, const char *lines)
{
	struct buf text = {0};

	for (const char *line = lines; line && *line; line += *line == '\n') {
		size_t cells = 0;

		buf_puts(&text, text.len ? "; " : "");
		for (; *line && *line != '\n'; line++) {
			cells += *line == '\t';
			if (cells < 3)
				buf_putc(&text, *line == '\t' ? ' ' : *line);
		}
	}
	add_value(out, text.data);
	buf_release(&text);
}

static void add_object_value(struct buf *out, const struct object *object, size_t field, const char *value)
{
	if (object->kind == OBJECT_PORT && field == PORT_NUMBERS)
		add_ordered(out, value);
	else if (object->kind == OBJECT_PORT && field == PORT_DOCUMENTS)
		add_lines_of(out, value);
	else if (object->kind == OBJECT_PORT && field == PORT_PIN)
		add_value(out, value ? "***" : NULL);
	else
		add_value(out, value);
}

/* A location need not have a label. */
void plan_add_object_name(struct buf *out, const struct object *object)
{
	static const char *const kinds[OBJECT_KINDS] = {
		[OBJECT_ORG] = "organisation", [OBJECT_USER] = "user", [OBJECT_PORT] = "port order",
		[OBJECT_LOCATION] = "location",
	};

	buf_printf(out, "%s ", kinds[object->kind]);
	add_value(out, object->name ? object->name : object->id);
}

static void add_object(struct buf *out, const struct object *object)
{
	const char *separator = ": ";

	buf_printf(out, "  %s ", object->was ? object->is ? "changes" : "deletes" : "adds");
	plan_add_object_name(out, object);
	for (size_t i = 0; i < OBJECT_FIELDS && object_keys[object->kind][i]; i++) {
		const char *before = object->before[i], *after = object->after[i];

		if (before == after || (before && after && !strcmp(before, after)) || !object->is)
			continue;
		buf_printf(out, "%s%s ", separator, object_keys[object->kind][i]);
		if (object->was) {
			add_object_value(out, object, i, before);
			buf_puts(out, " -> ");
		}
		add_object_value(out, object, i, after);
		separator = ", ";
	}
	buf_putc(out, '\n');
}

static void add_heading(struct buf *out, const struct context *ctx, const struct change *change,
			const struct plan *plan)
{
	const char *profile = conf_profile(ctx->conf);

	buf_puts(out, "target ");
	text_escape(out, change->target ? change->target : "", change->target ? strlen(change->target) : 0,
		    0);
	if (profile)
		buf_printf(out, " (profile %s)", profile);
	buf_printf(out, "\n%s", verb_info[change->verb].name);
	if (plan->nruns && !plan->is_pieced)
		buf_printf(out, ": changes %" PRIu64 " number%s", plan->changed, plan->changed == 1 ? "" : "s");
	if (plan->unchanged && !plan->is_pieced)
		buf_printf(out, ", leaves %" PRIu64 " as they are", plan->unchanged);
	if (plan->org.name) {
		buf_puts(out, "; organisation ");
		add_value(out, plan->org.name);
	}
	buf_putc(out, '\n');
}

static bool is_same_refusal(const struct run *a, const struct run *b)
{
	const char *why = a->reason ? a->reason : "";

	return run_is_next(a, b) && a->result == b->result && a->code == b->code && !strcmp(why, b->reason ? b->reason : "");
}

void plan_show_refused(const struct context *ctx, const struct plan *plan)
{
	struct buf text = {0};

	for (size_t i = 0; i < plan->nruns; i++) {
		struct run run = plan->runs[i];

		if (run.result != RESULT_REFUSED)
			continue;
		while (i + 1 < plan->nruns && is_same_refusal(&run, &plan->runs[i + 1]))
			run.count += plan->runs[++i].count;
		buf_puts(&text, "refused ");
		add_numbers(&text, ctx, &run);
		buf_printf(&text, ": %s: ", refusal_names[run.code]);
		text_escape(&text, run.reason ? run.reason : "", run.reason ? strlen(run.reason) : 0, 0);
		buf_putc(&text, '\n');
	}
	flush(&text);
}

static void add_lines(struct buf *out, const char *prefix, const struct strlist *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		buf_puts(out, prefix);
		text_escape(out, lines->at[i], strlen(lines->at[i]), 0);
		buf_putc(out, '\n');
	}
}

void plan_show_follows(const struct plan *plan)
{
	struct buf text = {0};

	add_lines(&text, "follows: ", &plan->follows);
	add_lines(&text, "warning: ", &plan->warnings);
	flush(&text);
}

/* Of pieces that were made before nothing is known but their numbers: what follows says how far the change is. */
void plan_show(const struct context *ctx, const struct change *change, const struct plan *plan)
{
	struct buf text = {0};

	if (plan_has_work(plan) || plan->is_pieced)
		add_heading(&text, ctx, change, plan);
	if (plan_has_work(plan) && !plan->is_pieced) {
		add_runs(&text, ctx, plan, plan->runs, plan->nruns);
		add_runs(&text, ctx, plan, plan->extra, plan->nextra);
		for (size_t i = 0; i < plan->nobjects; i++)
			add_object(&text, &plan->objects[i]);
	}
	flush(&text);
	plan_show_refused(ctx, plan);
	plan_show_follows(plan);
}
