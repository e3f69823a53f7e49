#include "store/sql/changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/sql/digest.h"
#include "store/sql/objects.h"

char *change_stamp(int64_t ms, char out[STAMP_TEXT])
{
	size_t len = strlen(clock_format(ms, out));

	snprintf(out + len - 1, STAMP_TEXT - len, ".%03uZ", (unsigned)(ms % 1000)); /* over the Z */
	return out;
}

int change_insert(struct sql_store *s, const struct change *c, const struct org *org, struct err *err)
{
	struct statement st = {0};
	char at[STAMP_TEXT], hash[65];
	int rc;

	change_request_hash(c, hash);
	buf_puts(&st.text, "INSERT INTO didctl_changes (id, at, actor, host, verb, target, reason, undo_of, request_hash,"
			   " org_id, org_text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	statement_param(&st, c->id);
	statement_param(&st, change_stamp(c->now_ms, at));
	statement_param(&st, c->actor);
	statement_param(&st, c->host);
	statement_param(&st, verb_info[c->verb].name);
	statement_param(&st, c->target);
	statement_param(&st, c->reason);
	statement_param(&st, c->undo_of);
	statement_param(&st, hash);
	statement_param(&st, org ? org->id : NULL);
	statement_param(&st, c->org_text);
	rc = sql_run(s, &st, NULL, err);
	statement_release(&st);
	return rc;
}

static bool is_alike(const struct run *a, const struct run *b)
{
	return a->count == b->count && a->spelling == b->spelling && a->result == b->result && a->code == b->code &&
	       !a->literal && !b->literal && a->reason == b->reason && a->first.width == b->first.width;
}

/*
 * Runs as lines: what a replay prints is what was printed. Runs that are alike share a line, which ends in the distance
 * of each from the one before it: a million scattered numbers must fit into one value. Reasons hold no tab and no newline
 * of their own.
 */
static void runs_to_text(struct buf *out, const struct plan *plan)
{
	const struct run *runs = plan->runs;
	char first[NUMBER_TEXT];

	for (size_t i = 0; i < plan->nruns; i++) {
		const struct run *run = &runs[i];

		number_format(run->first, first);
		buf_printf(out, "%s\t%llu\t%u\t%u\t%u\t%s\t", first, (unsigned long long)run->count, run->spelling,
			   run->result, run->code, run->literal ? run->literal : "");
		for (const char *p = run->reason ? run->reason : ""; *p; p++)
			buf_putc(out, *p == '\t' || *p == '\n' ? ' ' : *p);
		for (; i + 1 < plan->nruns && is_alike(run, &runs[i + 1]); i++)
			buf_printf(out, "%c%llu", run == &runs[i] ? '\t' : ' ',
				   (unsigned long long)(runs[i + 1].first.value - runs[i].first.value));
		buf_putc(out, '\n');
	}
}

#define NUMBERS_SHOWN 200

/* "918065978000-918065978009,918065978012", as much as fits: what a listing of changes shows. */
static void numbers_to_text(struct buf *out, const struct rangeset *numbers)
{
	char first[NUMBER_TEXT], last[NUMBER_TEXT];

	for (size_t i = 0; i < numbers->n; i++) {
		if (out->len > NUMBERS_SHOWN) {
			buf_puts(out, ",...");
			return;
		}
		number_format(numbers->at[i].first, first);
		number_format(interval_last(&numbers->at[i]), last);
		buf_printf(out, "%s%s", out->len ? "," : "", first);
		if (numbers->at[i].count > 1)
			buf_printf(out, "-%s", last);
	}
}

static void param_count(struct statement *st, uint64_t n)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)n);

	statement_copy(st, text, (size_t)len);
}

int change_finish(struct sql_store *s, const char *id, uint64_t n, const struct plan *plan,
		  const struct rangeset *changed, struct err *err)
{
	struct statement st = {0};
	struct buf runs = {0}, numbers = {0};
	int rc;

	if (plan)
		runs_to_text(&runs, plan);
	numbers_to_text(&numbers, changed);
	buf_puts(&st.text, "UPDATE didctl_changes SET n = ?, changed = ?, unchanged = ?, refused = ?, runs = ?, numbers = ?,"
			   " moves_calls = ? WHERE id = ?");
	param_count(&st, n);
	param_count(&st, plan ? plan->changed : n);
	param_count(&st, plan ? plan->unchanged : 0);
	param_count(&st, plan ? plan->refused : 0);
	statement_param(&st, plan ? buf_str(&runs) : NULL);
	statement_param(&st, numbers.len ? numbers.data : NULL);
	statement_param(&st, plan && !plan->moves_calls ? "0" : "1"); /* what others did may have moved anything */
	statement_param(&st, id);
	rc = sql_run(s, &st, NULL, err);
	buf_release(&runs);
	buf_release(&numbers);
	statement_release(&st);
	return rc < 0 ? rc : digest_write(s, id, err);
}

/* The next cell of a line, "" past its last. */
static char *next_cell(char **line)
{
	char *cell = *line, *end = cell + strcspn(cell, "\t");

	*line = *end ? end + 1 : end;
	*end = '\0';
	return cell;
}

static void runs_from_line(struct plan *plan, char *line)
{
	struct run run = {.before = RECORD_NONE, .after = RECORD_NONE};
	char *first = next_cell(&line), *gap;

	run.first = (struct number){strtoull(first, NULL, 10), (uint8_t)strlen(first)};
	run.count = strtoull(next_cell(&line), NULL, 10);
	run.spelling = (uint8_t)strtoul(next_cell(&line), NULL, 10);
	run.result = (uint8_t)strtoul(next_cell(&line), NULL, 10);
	run.code = (uint8_t)strtoul(next_cell(&line), NULL, 10);
	run.literal = next_cell(&line);
	if (run.spelling != SPELLING_LITERAL)
		run.literal = NULL;
	run.reason = next_cell(&line);
	if (!*run.reason)
		run.reason = NULL;
	plan_add_run(plan, &run);
	for (gap = next_cell(&line); *gap;) {
		run.first.value += strtoull(gap, &gap, 10);
		plan_add_run(plan, &run);
	}
}

static void runs_from_text(struct plan *plan, char *text)
{
	for (char *line; (line = strsep(&text, "\n")) && *line;)
		runs_from_line(plan, line);
}

static bool value_equals(struct value v, const char *text)
{
	return text && v.s && strcmp(v.s, text) == 0;
}

/* row: request_hash, org_id, org_text, runs. The organisation may be named by its id, its name or its prefix. */
static bool is_same_request(const struct change *c, const struct org *org, const struct value *row)
{
	char hash[65];

	change_request_hash(c, hash);
	if (!value_equals(row[0], hash))
		return false;
	if (!c->org_text)
		return !row[2].s;
	return value_equals(row[2], c->org_text) || value_equals(row[1], c->org_text) ||
	       (org && value_equals(row[1], org->id));
}

/* What org and user verbs made or touched: its id is part of what they print. */
static int load_objects(struct sql_store *s, const struct change *c, struct plan *plan, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, "SELECT block FROM didctl_history WHERE change_id = ? AND block LIKE '%:%' ORDER BY seq");
	statement_param(&st, c->id);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		object_replayed(plan, row[0].s);
	s->driver->done(s->db);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

static int load(struct sql_store *s, const struct change *c, const struct org *org, struct plan *plan, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, "SELECT request_hash, org_id, org_text, runs, changed, unchanged FROM didctl_changes"
			   " WHERE id = ?");
	statement_param(&st, c->id);
	rc = sql_open(s, &st, err);
	if (rc == 0)
		rc = sql_fetch(s, &row, err);
	if (rc == 1 && !is_same_request(c, org, row)) {
		err_set(err, ERR_REFUSED, "change id '%s' was used for another request", c->id);
		err_hint(err, "didctl history --change %s shows it; a new command needs a new id", c->id);
		rc = ERR_REFUSED;
	} else if (rc == 1) {
		runs_from_text(plan, arena_strndup(&plan->arena, row[3].s ? row[3].s : "", row[3].len));
		plan_count(plan);
		if (!plan->nruns) { /* of organisations and users only the counts are kept */
			plan->changed = row[4].s ? strtoull(row[4].s, NULL, 10) : 0;
			plan->unchanged = row[5].s ? strtoull(row[5].s, NULL, 10) : 0;
		}
		plan->is_replay = plan->is_recorded = true;
	}
	s->driver->done(s->db);
	statement_release(&st);
	return rc;
}

int change_replay(struct sql_store *s, const struct change *c, struct plan *plan, struct err *err)
{
	struct org org = {0};
	const struct org *found = NULL;
	int rc;

	if (c->org_text && orgs_resolve(s, c->org_text, &org, &plan->arena, NULL) == 0)
		found = &org;
	rc = load(s, c, found, plan, err);
	if (rc == 1 && !plan->nruns && load_objects(s, c, plan, err) < 0)
		return err->code;
	return rc;
}
