/* What a person or a script is told about a change. The parts of change_run, apart so that each fits on a
 * page. */
#ifndef DIDCTL_REPORT_H
#define DIDCTL_REPORT_H

#include "cmd/context.h"
#include "did/plan.h"

/* Whether the id that was given is a change's that is there: a replay is answered, never asked about or counted. */
bool was_done_before(struct context *ctx, const struct change *change);

/* What was told of a change before it is made: afterwards only what has come up since is. */
struct shown {
	bool plan;
	struct strlist warnings;
};

/*
 * Asks for a yes where cli.md wants one. 0: go on, plan is empty, and shown says what was printed; its list is the caller's
 * to release. Else the change must not run, and plan holds what a look ahead has found.
 */
int ask_change(struct context *ctx, struct change *change, struct plan *plan, struct shown *shown);

/*
 * A yes to something that is no change of the inventory: asked on a terminal, else refused: "'WHAT' needs --yes: WHY, and
 * there is no terminal to ask on".
 */
int ask_yes(struct context *ctx, const char *what, const char *why, const char *question);

/* The plan as text on stderr, also with -q: target, what changes, what is refused, what follows. */
void plan_show(const struct context *ctx, const struct change *change, const struct plan *plan);
void plan_show_refused(const struct context *ctx, const struct plan *plan);
void plan_show_follows(const struct plan *plan);
void plan_show_warnings(const struct plan *plan, const struct strlist *told); /* those that are not among told */
void plan_add_object_name(struct buf *out, const struct object *object); /* "port order 6", "organisation Acme" */

/*
 * After a change that ended with rc: plan, closing line, rows or JSON object. Returns rc, or the error of
 * writing them where rc is 0.
 */
int report_change(struct context *ctx, const struct change *change, const struct plan *plan, const struct shown *shown,
		  int rc);

#endif
