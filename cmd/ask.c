/* Whether a change needs a yes, and how it is asked for (cli.md, "Asking"). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "cmd/common.h"
#include "cmd/progress.h"
#include "cmd/report.h"
#include "did/port_numbers.h"

#define ANSWER_MAX 64

/* A yes is needed however few numbers change. */
static bool always_asks(const struct change *change)
{
	return verb_info[change->verb].always_asks || change->is_transfer || change->override_hold;
}

/* As many numbers as the words alone tell of. */
static uint64_t count_named(const struct change *change)
{
	return rangeset_count(&change->selection.numbers) + change->selection.nids + change->pick.count;
}

bool was_done_before(struct context *ctx, const struct change *change)
{
	enum outcome outcome = OUTCOME_NOT_THERE;
	struct err ignored = {0};

	return change->id_given && !store_resolve(ctx->store, change->id, &outcome, &ignored) &&
	       outcome == OUTCOME_COMMITTED;
}

static int refuse(struct context *ctx, const struct change *change, const char *why)
{
	bool wants_expect = change->verb == VERB_DELETE && change->expect < 0;

	err_set(&ctx->err, ERR_REFUSED, "'%s' needs %s: %s", verb_info[change->verb].name,
		wants_expect ? "--yes and --expect N" : "--yes", why);
	err_hint(&ctx->err, "--dry-run shows what it would do");
	return ERR_REFUSED;
}

/* The plan of a change, by way of a dry run. One that leaves numbers out with --partial is still to be made. */
static int look_ahead(struct context *ctx, const struct change *change, struct plan *plan)
{
	struct change probe = *change;
	int rc;

	probe.dry_run = true;
	rc = apply_with_progress(ctx, &probe, plan);
	if (rc != ERR_PARTIAL)
		return rc;
	ctx->err = (struct err){0};
	return 0;
}

static void forget(struct plan *plan)
{
	plan_release(plan);
	*plan = (struct plan){0};
}

/* Without a terminal: refused at once where the words alone tell, else when the target has told how many. */
static int decide_unseen(struct context *ctx, const struct change *change, struct plan *plan)
{
	uint64_t would_change;
	int rc;

	if (always_asks(change))
		return refuse(ctx, change, "there is no terminal to ask on");
	if (count_named(change) > 1)
		return refuse(ctx, change, "more than one number would change, and there is no terminal to "
					   "ask on");
	if (!change->selection.nfilters && !verb_info[change->verb].finds_numbers)
		return 0;
	rc = look_ahead(ctx, change, plan);
	would_change = plan->changed;
	if (rc)
		return rc;
	forget(plan);
	return would_change > 1 ? refuse(ctx, change, "more than one number would change, and there is no "
						      "terminal to ask on")
				: 0;
}

/* Reads a line of the terminal: 0 for a yes. */
static int read_answer(struct context *ctx)
{
	char answer[ANSWER_MAX];
	size_t len = 0;

	while (len < sizeof(answer) - 1 && interrupt_await_input(STDIN_FILENO) &&
	       read(STDIN_FILENO, answer + len, 1) == 1 && answer[len] != '\n')
		len++;
	answer[len] = '\0';
	if (interrupt_pending())
		return err_set(&ctx->err, ERR_INTERRUPTED, "interrupted: nothing was changed");
	if (!strcasecmp(answer, "y") || !strcasecmp(answer, "yes"))
		return 0;
	return err_set(&ctx->err, ERR_REFUSED, "not confirmed: nothing was changed");
}

static bool has_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

int ask_yes(struct context *ctx, const char *what, const char *why, const char *question)
{
	if (!has_terminal())
		return err_set(&ctx->err, ERR_REFUSED, "'%s' needs --yes: %s, and there is no terminal to ask on", what, why);
	fprintf(stderr, "%s [y/N] ", question);
	return read_answer(ctx);
}

/* The order, organisation, user or location that the change is about, rather than about numbers. */
static const struct object *asked_object(const struct change *change, const struct plan *plan)
{
	return plan->nobjects && (change->port || !plan->nruns) ? &plan->objects[0] : NULL;
}

/* "cancel port order 6 of 12 numbers? [y/N] " */
static void ask_object(struct buf *out, const struct object *o)
{
	struct port_numbers numbers = {0};
	uint64_t n = 0;

	plan_add_object_name(out, o);
	if (o->kind != OBJECT_PORT || port_numbers_read(&numbers, o->was ? o->before[PORT_NUMBERS] : o->after[PORT_NUMBERS], NULL))
		return;
	for (size_t i = 0; i < numbers.n; i++)
		n += numbers.at[i].in.count;
	port_numbers_release(&numbers);
	buf_printf(out, " of %" PRIu64 " number%s", n, n == 1 ? "" : "s");
}

static int ask(struct context *ctx, const struct change *change, const struct plan *plan)
{
	const struct object *object = asked_object(change, plan);
	struct buf text = {0};

	buf_puts(&text, verb_info[change->verb].infinitive);
	if (object) {
		buf_puts(&text, change->verb == VERB_UNDO ? " the change of " : " ");
		ask_object(&text, object);
	} else if (plan->is_pieced) {
		buf_puts(&text, " the numbers that are left");
	} else if (plan->changed) {
		buf_printf(&text, " %" PRIu64 " number%s", plan->changed, plan->changed == 1 ? "" : "s");
	}
	fprintf(stderr, "%s? [y/N] ", buf_str(&text));
	buf_release(&text);
	return read_answer(ctx);
}

static void show(struct context *ctx, const struct change *change, const struct plan *plan, struct shown *shown)
{
	plan_show(ctx, change, plan);
	shown->plan = true;
	for (size_t i = 0; i < plan->warnings.n; i++)
		strlist_add(&shown->warnings, arena_strdup(&ctx->arena, plan->warnings.at[i]));
}

/* On a terminal: the plan, then the question. What is applied afterwards must be what was shown. */
static int decide_seen(struct context *ctx, struct change *change, struct plan *plan, struct shown *shown)
{
	bool asks;
	int rc;

	if (!always_asks(change) && count_named(change) <= 1 && !change->selection.nfilters &&
	    !verb_info[change->verb].finds_numbers)
		return 0;
	rc = look_ahead(ctx, change, plan);
	if (rc)
		return rc;
	asks = plan->changed > 1 || plan->is_pieced || (always_asks(change) && plan_has_work(plan));
	if (asks) {
		show(ctx, change, plan, shown);
		rc = ask(ctx, change, plan);
		if (change->expect < 0 && plan->nruns)
			change->expect = (long long)plan->changed;
	}
	forget(plan);
	return rc;
}

/*
 * A change in pieces is shown before its first one: afterwards nobody knows any more what the rows were. The undo of one is
 * made in pieces, too, without being told so: a large one is looked at.
 */
static int show_ahead(struct context *ctx, const struct change *change, struct plan *plan, struct shown *shown)
{
	bool may_be_pieced = change->chunk || (change->verb == VERB_UNDO && change->expect > CHANGE_EXPECT_ABOVE);
	int rc;

	if (!may_be_pieced || ctx->global.quiet || ctx->output.format != OUT_TABLE)
		return 0;
	rc = look_ahead(ctx, change, plan);
	if (rc)
		return rc;
	show(ctx, change, plan, shown);
	forget(plan);
	return 0;
}

int ask_change(struct context *ctx, struct change *change, struct plan *plan, struct shown *shown)
{
	if (change->dry_run || verb_info[change->verb].never_asks || was_done_before(ctx, change))
		return 0;
	if (ctx->write.yes && change->verb == VERB_DELETE && change->expect < 0)
		return refuse(ctx, change, "it takes numbers out of the inventory");
	if (ctx->write.yes)
		return show_ahead(ctx, change, plan, shown);
	return has_terminal() ? decide_seen(ctx, change, plan, shown) : decide_unseen(ctx, change, plan);
}
