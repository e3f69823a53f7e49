#include "store/sql/pieces.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "did/objects.h"
#include "did/runs.h"
#include "did/services.h"
#include "store/sql/apply.h"
#include "store/sql/changes.h"
#include "store/sql/digest.h"
#include "store/sql/guards.h"
#include "store/sql/retry.h"

#define UNDONE "undone" /* the hint of a change's guard, once somebody takes it back */

struct pieces {
	struct sql_store *s;
	const struct change *c;
	struct plan *plan;	/* what was done so far */
	struct rangeset left;	/* of numbers that were named: those that no piece has had yet */
	struct strlist texts;	/* and of those in a spelling of their own, the stored text */
	uint64_t total, done;	/* numbers that it is about, and those that pieces have had */
	uint64_t made;		/* pieces */
	uint64_t undoes;	/* the pieces of the change that it undoes; 0: it undoes none that was made in pieces */
	bool is_there, is_complete, is_undone;
};

static void pieces_release(struct pieces *p)
{
	rangeset_release(&p->left);
	strlist_release(&p->texts);
}

/* Runs what may be repeated until it succeeds or cannot, as a change is. */
static int persist(struct pieces *p, int (*step)(struct pieces *p, bool *committing, struct err *err), struct err *err)
{
	struct retry retry = {.deadline_ms = clock_monotonic_ms() + p->s->target.timeout_s * INT64_C(1000)};
	bool committing;
	int rc;

	do {
		committing = p->s->has_failed = p->s->has_raced = false;
		rc = step(p, &committing, err);
		if (rc == 0)
			return 0;
		p->s->driver->rollback(p->s->db);
		rc = retry_next(&retry, p->s, p->c, committing, rc, err);
	} while (rc == 0);
	return rc;
}

/* ---- what is there */

static uint64_t to_count(struct value v)
{
	return v.s ? strtoull(v.s, NULL, 10) : 0;
}

static int count_pieces(struct sql_store *s, const char *change_id, uint64_t *out, struct err *err)
{
	struct statement st = {0};

	buf_puts(&st.text, "SELECT COUNT(*) FROM didctl_changes WHERE part_of = ?");
	statement_param(&st, change_id);
	return sql_count(s, &st, out, err);
}

/* Texts and reasons of a plan that goes are copied into the one that stays. What the rows were is left behind. */
static void keep_run(struct plan *plan, const struct run *from)
{
	struct run run = *from;

	run.before = run.after = RECORD_NONE;
	run.literal = run.literal ? arena_strdup(&plan->arena, run.literal) : NULL;
	run.reason = run.reason ? arena_strdup(&plan->arena, run.reason) : NULL;
	plan_add_run(plan, &run);
}

/* The numbers that the change was begun with. Rows that are no number no piece can name: they stay refused. */
static int take_frozen(struct pieces *p, struct value text, struct err *err)
{
	struct plan frozen = {0};
	int rc = change_read_runs(&frozen, p->c->id, text, err);

	for (size_t i = 0; rc == 0 && i < frozen.nruns; i++) {
		const struct run *run = &frozen.runs[i];

		if (!run->first.width) {
			keep_run(p->plan, run);
			continue;
		}
		rangeset_add(&p->left, (struct interval){run->first, run->count});
		if (run->literal)
			strlist_add(&p->texts, arena_strdup(&p->plan->arena, run->literal));
	}
	rangeset_normalise(&p->left);
	plan_release(&frozen);
	return rc;
}

static int load_head(struct pieces *p, const struct org *org, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, "SELECT c.total, c.request_hash, c.org_id, c.org_text, c.runs, g.hint FROM didctl_changes c LEFT JOIN"
			   " didctl_guards g ON g.name = ? WHERE c.id = ? AND c.part_of IS NULL");
	statement_param(&st, arena_printf(&st.arena, "change:%s", p->c->id));
	statement_param(&st, p->c->id);
	rc = sql_open(p->s, &st, err);
	if (rc == 0)
		rc = sql_fetch(p->s, &row, err);
	if (rc == 1 && row[0].s && !change_is_same(p->c, org, row[1].s, row[2].s, row[3].s)) {
		rc = change_refuse_other(p->c, err);
	} else if (rc == 1 && row[0].s) {
		p->is_there = true;
		p->total = to_count(row[0]);
		p->is_undone = row[5].s && strcmp(row[5].s, UNDONE) == 0;
		rc = take_frozen(p, row[4], err);
	}
	return sql_finish(p->s, &st, rc);
}

static void strike_off(struct pieces *p, const struct rangeset *numbers)
{
	struct rangeset left = {0};

	rangeset_subtract(&left, &p->left, numbers);
	rangeset_release(&p->left);
	p->left = left;
}

static int load_pieces(struct pieces *p, struct err *err)
{
	struct statement st = {0};
	struct rangeset done = {0};
	const struct value *row;
	size_t first = p->plan->nruns;
	int rc;

	buf_puts(&st.text, "SELECT runs, moves_calls, total FROM didctl_changes WHERE part_of = ?");
	statement_param(&st, p->c->id);
	rc = sql_open(p->s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(p->s, &row, err)) == 1) {
		rc = change_read_runs(p->plan, p->c->id, row[0], err);
		p->plan->moves_calls |= to_count(row[1]) != 0;
		p->is_complete |= row[2].s != NULL;
		p->made++;
	}
	for (size_t i = first; i < p->plan->nruns; i++)
		rangeset_add(&done, (struct interval){p->plan->runs[i].first, p->plan->runs[i].count});
	rangeset_normalise(&done);
	p->done = rangeset_count(&done);
	plan_count(p->plan); /* which piece is the first to change something depends on it */
	strike_off(p, &done);
	rangeset_release(&done);
	return sql_finish(p->s, &st, rc);
}

/* All that the target knows of the change, and of the one that it undoes. */
static int look_up(struct pieces *p, bool *committing, struct err *err)
{
	struct org org = {0};
	const struct org *found;
	int rc;

	(void)committing;
	pieces_release(p);
	*p = (struct pieces){.s = p->s, .c = p->c, .plan = p->plan};
	plan_reset(p->plan);
	memcpy(p->plan->change_id, p->c->id, sizeof(p->plan->change_id));
	rc = change_find_org(p->s, p->c, &org, &found, &p->plan->arena, err);
	if (rc == 0)
		rc = load_head(p, found, err);
	p->plan->is_pieced = p->is_there;
	if (rc == 0 && p->is_there)
		rc = load_pieces(p, err);
	if (rc == 0 && p->c->undo_of)
		rc = count_pieces(p->s, p->c->undo_of, &p->undoes, err);
	return rc;
}

/* ---- beginning it */

static int indivisible(const struct change *c, const char *why, struct err *err)
{
	err_set(err, ERR_USAGE, "'%s' cannot be made in pieces: %s", verb_info[c->verb].name, why);
	err_hint(err, "without --chunk it is one transaction, whatever its size");
	return ERR_USAGE;
}

static int check_divisible(const struct change *c, const struct plan *plan, struct err *err)
{
	if (c->verb == VERB_UNDO)
		return indivisible(c, "the change that it takes back was one transaction", err);
	if (!verb_info[c->verb].is_divisible || services_find_numbers(c))
		return indivisible(c, "what it does hangs together", err);
	if (c->selection.nids)
		return indivisible(c, "rows named by their id are changed together", err);
	if (c->pick.is_contiguous)
		return indivisible(c, "numbers in a row are taken together", err);
	for (size_t i = 0; i < plan->nobjects; i++)
		if (plan->objects[i].kind == OBJECT_LOCATION && !plan->objects[i].was)
			return indivisible(c, "each piece would make the location anew; 'e911 locations add' makes it first", err);
	return 0;
}

/* The change's row: all that it was asked for, and of which numbers. It is never written again. */
static int write_head(struct pieces *p, struct err *err)
{
	struct rangeset numbers = {0};
	struct statement st = {0};
	struct buf runs = {0}, shown = {0};
	char total[24];
	int len = snprintf(total, sizeof(total), "%" PRIu64, p->total), rc;

	for (size_t i = 0; !p->c->pick.count && i < p->plan->nruns; i++)
		if (p->plan->runs[i].first.width)
			rangeset_add(&numbers, (struct interval){p->plan->runs[i].first, p->plan->runs[i].count});
	rangeset_normalise(&numbers);
	numbers_to_text(&shown, &numbers);
	if (!p->c->pick.count && !p->undoes)
		runs_to_text(&runs, p->plan);
	buf_puts(&st.text, "UPDATE didctl_changes SET total = ?, runs = ?, numbers = ?, moves_calls = 0 WHERE id = ?");
	statement_copy(&st, total, (size_t)len);
	statement_param(&st, buf_str(&runs));
	statement_param(&st, shown.len ? shown.data : NULL);
	statement_param(&st, p->c->id);
	rc = sql_run(p->s, &st, NULL, err);
	statement_release(&st);
	rangeset_release(&numbers);
	buf_release(&runs);
	buf_release(&shown);
	return rc < 0 ? rc : digest_write(p->s, p->c->id, err);
}

/* From now on the change that is undone has no further piece. */
static int mark_undone(struct sql_store *s, const char *change_id, struct err *err)
{
	struct statement st = {0};
	int rc = guard_change(s, change_id, err);

	if (rc < 0)
		return rc;
	buf_puts(&st.text, "UPDATE didctl_guards SET hint = '" UNDONE "' WHERE name = ?");
	statement_param(&st, arena_printf(&st.arena, "change:%s", change_id));
	rc = sql_run(s, &st, NULL, err);
	statement_release(&st);
	return rc;
}

/* Somebody who begins the same change at the same moment was first: then theirs is looked up and gone on with. */
static int write_beginning(struct pieces *p, bool *committing, struct err *err)
{
	struct sql_store *s = p->s;
	int rc = sql_begin(s, true, err);

	if (rc < 0)
		return rc;
	rc = change_insert(s, p->c, p->plan->org.id ? &p->plan->org : NULL, err);
	if (rc < 0 && s->failure == SQL_DUPLICATE) {
		s->driver->rollback(s->db);
		return 0;
	}
	if (rc == 0 && p->undoes)
		rc = mark_undone(s, p->c->undo_of, err);
	if (rc == 0)
		rc = write_head(p, err);
	*committing = rc == 0;
	return rc < 0 ? rc : sql_commit(s, err);
}

/* ---- going on with it */

/* The next numbers, at most so many. */
static void take(const struct pieces *p, struct rangeset *out)
{
	uint64_t room = p->c->chunk;

	for (size_t i = 0; room && i < p->left.n; i++) {
		struct interval in = p->left.at[i];

		in.count = in.count < room ? in.count : room;
		room -= in.count;
		rangeset_add(out, in);
	}
	rangeset_normalise(out);
}

static void take_texts(const struct pieces *p, struct selection *sel)
{
	struct number n;

	for (size_t i = 0; i < p->texts.n; i++)
		if (number_parse_stored(&n, p->texts.at[i], strlen(p->texts.at[i]), p->s->country) &&
		    rangeset_has(&sel->numbers, n))
			strlist_add(&sel->texts, p->texts.at[i]);
}

/* Only the first piece gives an organisation its default; the undo of pieces takes the last one back first. */
static void cut_piece(const struct pieces *p, struct change *piece, char undo_of[UUID_TEXT])
{
	const struct change *c = p->c;
	uint64_t left = c->pick.count ? p->total - p->done : rangeset_count(&p->left);

	*piece = *c;
	piece->part_of = c;
	piece->id_given = true;
	piece->expect = -1;
	piece->progress = NULL;
	piece->now_ms = clock_now_ms();
	piece->selection = (struct selection){0};
	piece->make_default = c->make_default && !p->plan->changed;
	change_part_id(c->id, p->made, piece->id);
	if (p->undoes) {
		change_part_id(c->undo_of, p->undoes - p->made - 1, undo_of);
		piece->undo_of = undo_of;
		piece->is_last = p->made + 1 == p->undoes;
		return;
	}
	piece->is_last = left <= c->chunk;
	if (c->pick.count) {
		piece->pick.count = left < c->chunk ? left : c->chunk;
		return;
	}
	take(p, &piece->selection.numbers);
	take_texts(p, &piece->selection);
}

static void keep_lines(struct strlist *out, const struct strlist *lines, struct arena *arena)
{
	for (size_t i = 0; i < lines->n; i++)
		if (!strlist_has(out, lines->at[i]))
			strlist_add(out, arena_strdup(arena, lines->at[i]));
}

/* What a piece did becomes part of what the change did; of one that was refused, only what was refused. None causes mail. */
static void keep_piece(struct pieces *p, const struct plan *own, bool is_made)
{
	struct plan *plan = p->plan;

	for (size_t i = 0; i < own->nruns; i++)
		if (is_made || own->runs[i].result == RESULT_REFUSED)
			keep_run(plan, &own->runs[i]);
	keep_lines(&plan->warnings, &own->warnings, &plan->arena);
	plan_count(plan);
	if (!is_made)
		return;
	keep_lines(&plan->follows, &own->follows, &plan->arena);
	plan->moves_calls |= own->moves_calls;
	plan->location = own->location ? arena_strdup(&plan->arena, own->location) : plan->location;
}

static int make_piece(struct pieces *p, struct err *err)
{
	struct plan own = {0};
	struct change piece;
	char undo_of[UUID_TEXT];
	int rc;

	cut_piece(p, &piece, undo_of);
	rc = apply_whole(p->s, &piece, &own, err);
	if (rc == 0 && own.is_replay) {
		rc = persist(p, look_up, err); /* somebody else goes on with it too */
	} else {
		keep_piece(p, &own, rc == 0);
		if (rc == 0) {
			p->made++;
			p->is_complete = piece.is_last;
			p->done += own.changed + own.unchanged + own.refused;
			strike_off(p, &piece.selection.numbers);
		}
	}
	plan_release(&own);
	selection_release(&piece.selection);
	return rc;
}

/* What to do about what stopped it, to be read before how to go on; "nothing was changed" is true of the last piece alone. */
static void keep_advice(const struct err *err, char out[ERR_HINT_MAX])
{
	const char *advice = err->hint;

	if (strncmp(advice, NOTHING_CHANGED, strlen(NOTHING_CHANGED)) == 0)
		advice += strlen(NOTHING_CHANGED);
	if (strncmp(advice, ": ", 2) == 0)
		advice += 2;
	snprintf(out, ERR_HINT_MAX, "%s", advice);
}

/* Why it is not complete, and what there is to do. Where no piece was made nothing was changed, and the code says so. */
static int stopped(const struct pieces *p, int rc, struct err *err)
{
	char why[ERR_TEXT_MAX], option[RUNS_OPTION], first[ERR_HINT_MAX] = "";

	if (rc == ERR_UNKNOWN)
		return rc;
	if (rc != ERR_INTERRUPTED)
		keep_advice(err, first);
	if (p->made) {
		snprintf(why, sizeof(why), "%s", rc == ERR_INTERRUPTED ? "interrupted" : err->text);
		rc = err_set(err, ERR_PARTIAL, "%" PRIu64 " of %" PRIu64 " numbers are done, the others as they were: %s", p->done,
			     p->total, why);
	}
	err_hint(err, "%s%sthe same command with --change-id %s goes on%s%s%s", first, *first ? "; " : "", p->c->id,
		 p->made ? "; what is done is taken back by: didctl undo " : "", p->made ? p->c->id : "",
		 runs_undo_option(option, p->plan->changed));
	return rc;
}

static int check_may_go_on(const struct pieces *p, struct err *err)
{
	if (p->is_undone) {
		err_set(err, ERR_REFUSED, "change %s was undone when %" PRIu64 " of %" PRIu64 " numbers were done", p->c->id,
			p->done, p->total);
		err_hint(err, "without --change-id it is a new change");
		return ERR_REFUSED;
	}
	if (p->c->chunk || p->undoes)
		return 0;
	err_set(err, ERR_REFUSED, "change %s is made in pieces: %" PRIu64 " of %" PRIu64 " numbers are done", p->c->id, p->done,
		p->total);
	err_hint(err, "with --chunk N it goes on");
	return ERR_REFUSED;
}

static int go_on(struct pieces *p, struct err *err)
{
	struct plan *plan = p->plan;
	int rc = 0;

	plan->is_replay = p->is_complete;
	if (!p->is_complete && check_may_go_on(p, err) < 0)
		return err->code;
	if (p->c->dry_run && !p->is_complete)
		strlist_add(&plan->follows, arena_printf(&plan->arena, "%" PRIu64 " of %" PRIu64 " numbers are done: the change goes on"
							 " with the others", p->done, p->total));
	while (rc == 0 && !p->is_complete && !p->c->dry_run) {
		progress_step(p->c->progress, "changing numbers", p->done, p->total);
		rc = interrupt_pending() ? runs_interrupted(err) : make_piece(p, err);
	}
	plan_sort(plan);
	plan_count(plan);
	plan->is_recorded = true;
	return rc < 0 ? stopped(p, rc, err) : runs_finish(p->c, plan, err);
}

static void say_pieces(const struct pieces *p)
{
	uint64_t n = p->undoes ? p->undoes : (p->total + p->c->chunk - 1) / p->c->chunk;

	strlist_add(&p->plan->follows, arena_printf(&p->plan->arena, "it is made in %" PRIu64 " pieces, each a transaction of its own", n));
}

/* An undo that was broken off goes on under its own id: to another one each number would have changed since. */
static int check_other_undo(struct pieces *p, bool *committing, struct err *err)
{
	struct statement st = {0};
	struct arena arena = {0};
	const char *id = NULL;
	int rc;

	(void)committing;
	buf_puts(&st.text, "SELECT c.id FROM didctl_changes c WHERE c.undo_of = ? AND c.part_of IS NULL AND c.total IS NOT NULL"
			   " AND NOT EXISTS (SELECT 1 FROM didctl_changes p WHERE p.part_of = c.id AND p.total IS NOT NULL)"
			   " AND NOT EXISTS (SELECT 1 FROM didctl_changes u WHERE u.undo_of = c.id)");
	statement_param(&st, p->c->undo_of);
	rc = sql_scalar(p->s, &st, &id, &arena, err);
	if (rc == 0 && id) {
		rc = err_set(err, ERR_REFUSED, "the undo of change %s is half done, by change %s", p->c->undo_of, id);
		err_hint(err, "with --change-id %s it goes on", id);
	}
	statement_release(&st);
	arena_release(&arena);
	return rc;
}

/* Decided as a whole first: what cannot be done is told before anything is. */
static int begin(struct pieces *p, struct err *err)
{
	struct change look = *p->c;
	int rc = p->undoes ? persist(p, check_other_undo, err) : 0;

	if (rc < 0)
		return rc;
	look.dry_run = true;
	look.id_given = false;
	rc = apply_whole(p->s, &look, p->plan, err);
	if (rc < 0 && rc != ERR_PARTIAL)
		return rc;
	p->total = p->plan->changed + p->plan->unchanged + p->plan->refused;
	if (!p->undoes && p->total <= p->c->chunk)
		return p->c->dry_run ? rc : apply_whole(p->s, p->c, p->plan, err);
	if (!p->undoes && check_divisible(p->c, p->plan, err) < 0)
		return err->code;
	if (p->c->dry_run) {
		say_pieces(p);
		return rc;
	}
	rc = runs_check_expect(p->c, p->plan, err);
	if (rc == 0)
		rc = persist(p, write_beginning, err);
	if (rc < 0)
		return rc;
	rc = persist(p, look_up, err);
	if (rc < 0)
		return stopped(p, rc, err);
	return p->is_there ? go_on(p, err) : apply_whole(p->s, p->c, p->plan, err); /* the id was another change's */
}

int sql_store_apply(struct store *store, const struct change *c, struct plan *plan, struct err *err)
{
	struct pieces p = {.s = (struct sql_store *)store, .c = c, .plan = plan};
	int rc = 0;

	if (c->chunk && !sql_has_pieces(p.s))
		return sql_lacks_tables(p.s, "--chunk", err);
	if (sql_has_pieces(p.s) && (c->chunk || c->id_given || c->undo_of))
		rc = persist(&p, look_up, err);
	if (rc == 0 && p.is_there)
		rc = go_on(&p, err);
	else if (rc == 0)
		rc = c->chunk || p.undoes ? begin(&p, err) : apply_whole(p.s, c, plan, err);
	pieces_release(&p);
	return rc;
}

int pieces_admit(struct sql_store *s, const struct change *c, struct err *err)
{
	struct statement st = {0};
	struct arena arena = {0};
	const char *hint = NULL;
	int rc = c->part_of ? guard_change(s, c->part_of->id, err) : 0;

	if (rc == 0 && c->part_of) {
		buf_puts(&st.text, "SELECT hint FROM didctl_guards WHERE name = ?");
		statement_param(&st, arena_printf(&st.arena, "change:%s", c->part_of->id));
		rc = sql_scalar(s, &st, &hint, &arena, err);
	}
	if (rc == 0 && hint && strcmp(hint, UNDONE) == 0)
		rc = err_set(err, ERR_REFUSED, "change %s is being undone", c->part_of->id);
	statement_release(&st);
	arena_release(&arena);
	return rc;
}
