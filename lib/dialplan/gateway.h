/*
 * The dispatcher's file (dialplan.md): who gets the calls to each number. Numbers are pushed in any order,
 * then settled once, then rendered as often as needed: to a file, to stdout, or only compared.
 */
#ifndef DIDCTL_GATEWAY_H
#define DIDCTL_GATEWAY_H

#include "base/err.h"
#include "dialplan/dispatch.h"
#include "dialplan/routes.h"
#include "dialplan/contents.h"
#include "base/writer.h"

#define DISPATCH_WAYS (DISPATCH_NOT + 1)

/* Zero-initialise, gateway_init, gateway_release. */
struct gateway {
	const struct dispatcher *dispatcher;
	const struct country *country;
	bool for_oss;			/* the lines for the OSS host, not ours */
	struct names names;		/* the routes' targets: what the switch does */
	struct routes routes;		/* sorted once settled */
	struct gateway_target *targets; /* how they are written; as many as prefixes.n */
	size_t targets_cap;
	struct names prefixes; /* "" for staging; in the order of names */
	struct arena arena;
	size_t ways[DISPATCH_WAYS]; /* numbers that go each way */
	size_t states[STATE_COUNT]; /* numbers that are not routed, by state */
	size_t unspelled;	    /* numbers that have none of the spellings asked for */
};

/*
 * Both must outlive it; country may be NULL. ERR_TARGET where a name of the dispatcher's may not stand in a
 * file.
 */
int gateway_init(struct gateway *g, const struct dispatcher *dispatcher, const struct country *country,
		 bool for_oss, struct err *err);
void gateway_release(struct gateway *g);

/*
 * Takes one number, before gateway_settle. prefix: its organisation's, wanted for DISPATCH_ORG and
 * DISPATCH_OSS. ERR_REFUSED where something of it may not stand in a file; the number is then left out, and
 * others may follow.
 */
int gateway_push(struct gateway *g, struct number n, enum did_state state, enum dispatch way,
		 const char *prefix, struct err *err);

/*
 * After the last push. Tells how many spellings lead two ways (two rows of one number, say, with two owners):
 * of these the switch would take the first. gateway_clash gives each in turn, starting with *at = 0, with its
 * targets in words; false past the last. gateway_drop_clashes leaves them out.
 */
size_t gateway_settle(struct gateway *g);
struct gateway_clash {
	char spelled[ROUTE_TEXT];
	struct buf targets; /* "org_mnd5khym, org_x"; the caller releases it */
};
bool gateway_clash(const struct gateway *g, size_t *at, struct gateway_clash *out);
void gateway_drop_clashes(struct gateway *g);

/* What stands where in its file; context and marker live as long as the dispatcher. */
struct layout gateway_layout(const struct gateway *g);
/* Generation and hash, as they are to stand in the first line. */
struct mark gateway_mark(const struct gateway *g, uint64_t generation);
/* The whole file: the same numbers, the same bytes. It must be settled, without a clash. */
void gateway_render(const struct gateway *g, const struct mark *mark, struct writer *w);
/*
 * Reads what was rendered back from where fd stands, with the rules of the switch: ERR_FAILED unless there is
 * nothing in it but these routes.
 */
int gateway_check(struct gateway *g, const struct mark *mark, int fd, struct err *err);

/* A target in words: "org_mnd5khym", the endpoint of staging, else what the switch does. */
void gateway_target_text(struct buf *out, const char *name);

#endif
