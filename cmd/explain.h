/* Private to didctl explain: what is known of a call, gathered once and told as text or as JSON. */
#ifndef DIDCTL_EXPLAIN_H
#define DIDCTL_EXPLAIN_H

#include "cmd/number_rows.h"
#include "dialplan/inbound.h"
#include "dialplan/lines.h"

struct explain_args {
	bool outbound;
	const char *org, *user, *caller_id, *dial;
};

/* The dispatcher's file, as it stands. */
struct gateway_file {
	const char *path;
	bool is_read;
	const char *unread; /* why not */
	char spelled[FORMS_MAX][NUMBER_TEXT]; /* looked for: every form, whatever the setting */
	size_t nspelled;
	struct number_lines lines;
	const char *differs; /* how, from what the inventory says; NULL: it does not */
};

struct explanation {
	struct context *ctx;
	struct dispatcher dispatcher;
	struct number_rows rows;
	struct inbound *in; /* one a row */
	int obeyed;	    /* which row the switch obeys; -1: none */
	bool has_key;	    /* the number can be read */
	char spelled[FORMS_MAX][NUMBER_TEXT]; /* under which it arrives */
	size_t nspelled;
	struct gateway_file file;
	const char *owner_differs; /* its organisation's file from what regen would write; NULL: not that is known */
	const char *outside; /* what another program changed of the row since didctl did; NULL: nothing that is known */
	struct problems problems; /* of the number, beyond those of its rows */
};

/* The dispatcher's line of a row for a spelling, in the arena. */
const char *explain_line(const struct explanation *e, const struct inbound *in, const char *spelled);

/* What the row is beside what the history says (e->outside), where there is a history. */
int explain_outside(struct explanation *e);

/* The same of its organisation's file (e->owner_differs), with a problem where it differs or cannot be read. */
int explain_owner_file(struct explanation *e);

int explain_inbound_text(const struct explanation *e);
int explain_inbound_json(const struct explanation *e);
int explain_outbound(struct context *ctx, const struct explain_args *args);

/* "problems": [{code, detail, fix}]; an array that is open gets more. */
void explain_problems_json(struct buf *out, const struct problems *problems);

/* Lines of a sheet, escaped for a terminal: a title, "  Label         text", and text below a label of its own. */
void explain_title(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void explain_say(struct buf *out, const char *label, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void explain_problem(struct buf *out, const struct problem *problem); /* "  - detail" and "      fix" */

/* Writes what was gathered to standard output, and releases it. */
int explain_write(struct context *ctx, struct buf *out);

#endif
