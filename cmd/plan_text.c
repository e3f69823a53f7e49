/* The plan of a change as a person reads it, on stderr. Everything that came from outside is escaped. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/common.h"
#include "cmd/plan_text.h"
#include "cmd/report.h"

#define RUNS_SHOWN 10
#define VALUE_SHOWN 40
#define NUMBERS_WIDTH 30

static void flush(struct buf *text)
{
	fwrite(buf_str(text), 1, text->len, stderr);
	buf_release(text);
}

void plan_add_value(struct buf *out, const char *value)
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

/* A location by its label, where the plan has it. */
static void add_location(struct buf *out, const struct plan *plan, const char *id)
{
	bool is_known = id && plan->location && plan->location_name && !strcmp(id, plan->location);

	plan_add_value(out, is_known ? plan->location_name : id);
}

static void add_route(struct buf *out, const struct record *record)
{
	plan_add_value(out, record->v[DID_ROUTE_TYPE]);
	if (!record->v[DID_ROUTE_DEST])
		return;
	buf_putc(out, ':');
	plan_add_value(out, record->v[DID_ROUTE_DEST]);
}

static void add_field_value(struct buf *out, const struct plan *plan, int field, const struct record *record)
{
	const char *value = record->v[field];

	if (field == DID_ROUTE)
		add_route(out, record);
	else if (field == DID_LOCATION)
		add_location(out, plan, value);
	else if (field == DID_ORG)
		plan_add_value(out, record->v[DID_ORG_ID] ? plan_owner_name(plan, record->v[DID_ORG_ID]) : NULL);
	else if (did_columns[field].type == COL_BOOL)
		plan_add_value(out, value && !strcmp(value, "1") ? "yes" : "no");
	else
		plan_add_value(out, value);
}

/*
 * What is told of the fields that a record differs in: the owner by name, a route in one word; the previous owner, and
 * since when something is so, go without saying, and the state is told from both of its columns.
 */
static uint64_t told(uint64_t fields)
{
	static const struct {
		uint64_t from, to;
	} words[] = {
		{FIELD_BIT(DID_ORG_ID), FIELD_BIT(DID_ORG)},
		{FIELD_BIT(DID_ROUTE_TYPE) | FIELD_BIT(DID_ROUTE_DEST), FIELD_BIT(DID_ROUTE)},
		{FIELD_BIT(DID_PREVIOUS_ORG_ID) | FIELD_BIT(DID_CNAM_SINCE) | FIELD_BIT(DID_E911_SINCE), 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (fields & words[i].from)
			fields = (fields & ~words[i].from) | words[i].to;
	return fields;
}

void plan_add_word(struct buf *out, const char **separator, const struct column *column)
{
	char word[COLUMN_PHRASE];

	buf_printf(out, "%s%s ", *separator, column_phrase(column, word));
	*separator = ", ";
}

/* "state available -> assigned, organisation - -> Acme" */
static void add_difference(struct buf *out, const struct plan *plan, const struct record *before,
			   const struct record *after)
{
	enum did_state from = record_state(before), to = record_state(after);
	uint64_t differs = told(record_diff(before, after));
	const char *separator = "";

	if (from != to) {
		plan_add_word(out, &separator, &did_columns[DID_STATE]);
		buf_printf(out, "%s -> %s", state_info[from].name, state_info[to].name);
		differs &= ~(FIELD_BIT(DID_POOL_STATUS) | FIELD_BIT(DID_STATUS));
	}
	for (int field = 0; field < DID_FIELDS; field++) {
		if (!(differs & FIELD_BIT(field)))
			continue;
		plan_add_word(out, &separator, &did_columns[field]);
		add_field_value(out, plan, field, before);
		buf_puts(out, " -> ");
		add_field_value(out, plan, field, after);
	}
	if (!*separator && !record_is(after, DID_E911_SINCE, before->v[DID_E911_SINCE]))
		buf_puts(out, "its address is another one: waits for the provider anew");
	else if (!*separator && !record_is(after, DID_CNAM_SINCE, before->v[DID_CNAM_SINCE]))
		buf_puts(out, "its name is another one: waits for the provider anew");
}

static void add_new(struct buf *out, const struct plan *plan, const struct record *record)
{
	uint64_t is_set = told(record_diff(NULL, record)) & ~(FIELD_BIT(DID_POOL_STATUS) | FIELD_BIT(DID_STATUS));
	const char *separator = ", ";

	buf_printf(out, "new, state %s", state_info[record_state(record)].name);
	for (int field = 0; field < DID_FIELDS; field++) {
		if (!(is_set & FIELD_BIT(field)))
			continue;
		plan_add_word(out, &separator, &did_columns[field]);
		add_field_value(out, plan, field, record);
	}
}

/* "state assigned, organisation Acme, default yes": which row it is, of two that have the number in common. */
static void add_owner(struct buf *out, const struct plan *plan, const struct record *record)
{
	buf_printf(out, "state %s, organisation ", state_info[record_state(record)].name);
	add_field_value(out, plan, DID_ORG, record);
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
		plan_add_value(out, run->respelled);
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
		plan_add_value(out, plan->org.name);
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

void plan_show_warnings(const struct plan *plan, const struct strlist *told)
{
	struct strlist left = {0};
	struct buf text = {0};

	for (size_t i = 0; i < plan->warnings.n; i++)
		if (!strlist_has(told, plan->warnings.at[i]))
			strlist_add(&left, plan->warnings.at[i]);
	add_lines(&text, "warning: ", &left);
	strlist_release(&left);
	flush(&text);
}

/*
 * Of pieces that were made before nothing is known but their numbers: what follows says how far the change is. Of a whole change
 * done before no plan is left.
 */
void plan_show(const struct context *ctx, const struct change *change, const struct plan *plan)
{
	bool has_plan = plan_has_work(plan) && !plan->is_replay;
	struct buf text = {0};

	if (has_plan || plan->is_pieced)
		add_heading(&text, ctx, change, plan);
	if (has_plan && !plan->is_pieced) {
		add_runs(&text, ctx, plan, plan->runs, plan->nruns);
		add_runs(&text, ctx, plan, plan->extra, plan->nextra);
		for (size_t i = 0; i < plan->nobjects; i++)
			plan_add_object(&text, plan, &plan->objects[i]);
	}
	flush(&text);
	plan_show_refused(ctx, plan);
	plan_show_follows(plan);
}
