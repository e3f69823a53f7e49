/*
 * The checks of an inventory (didctl doctor): a table of names, and what each finds in one row. Pure: who reads the
 * rows, and what several rows say together, is the business of cmd/ and of the store.
 */
#ifndef DIDCTL_CHECK_H
#define DIDCTL_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/value.h"
#include "did/record.h"
#include "number/number.h"

/* In the order in which findings are shown: errors first. */
enum check {
	/* what the target itself is like: a store's survey finds these */
	CHECK_TABLES, CHECK_COLUMNS, CHECK_INTEGRITY, CHECK_HISTORY,
	/* what the rows say */
	CHECK_NUMBER, CHECK_TWIN, CHECK_STATE, CHECK_OWNER, CHECK_OWNER_MISSING, CHECK_DEFAULT_STATE,
	CHECK_TWO_DEFAULTS, CHECK_OUTBOUND,
	/* warnings */
	CHECK_SETUP, CHECK_RIGHTS, CHECK_SERVER, CHECK_CHARSET, CHECK_REPLAY, CHECK_SPELLING, CHECK_NO_DEFAULT,
	CHECK_CONTEXT, CHECK_ENV, CHECK_ENV_RANGE, CHECK_ENV_OSS, CHECK_ROUTE, CHECK_LIVE, CHECK_PENDING, CHECK_HOLD,
	CHECK_PORT_LATE, CHECK_PORT_DUE,
	CHECK_MAIL,
	CHECK_E911, CHECK_CNAM,
	CHECK_COUNT, /* 32 of them: one more wants a wider mask of CHECK_BITs */
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_COUNT };
extern const char *const severity_names[];

/* Who looks: the rows of the listings, the store's survey of itself, or its verification of the history. */
enum check_scope { SCOPE_ROWS, SCOPE_TARGET, SCOPE_HISTORY, SCOPE_COUNT };

struct check_info {
	const char *name;      /* as typed, and in the column check */
	enum severity severity;
	enum check_scope scope;
	bool is_fixable;       /* doctor --fix mends it; else the finding's fix names the command */
	const char *help;      /* one sentence, lower case, no full stop */
};
extern const struct check_info check_info[CHECK_COUNT];
extern const char *const check_names[]; /* NULL-terminated, for choices */
int check_find(const char *name);	/* -1 if there is none */
#define CHECK_BIT(c) (UINT64_C(1) << (c))
_Static_assert(CHECK_COUNT < 64, "the checks outgrow the bits of a mask");
uint64_t check_scope_mask(enum check_scope scope); /* CHECK_BITs of the checks of a scope */

struct finding {
	enum check check;
	const char *number; /* as it is stored; NULL where it is about all */
	const char *detail; /* what was found, without the number */
	const char *fix;    /* the command that mends it, as it can be typed; NULL: there is none, the detail says what to do */
};

/* Is told each finding; what it points at lives until it returns. A negative return ends the search. */
struct finder {
	int (*found)(struct finder *finder, const struct finding *finding, struct err *err);
};

/*
 * The checks that one record alone breaks, as CHECK_BITs: STATE, OWNER, DEFAULT_STATE, ENV. Archived and ported numbers
 * have no owner either (product.md, "Life of a number"); one in reserve may be kept for somebody.
 */
uint64_t check_broken(const struct record *record);
/* What a check that check_broken named has found, as a finding's detail; values stand in it as they are stored. */
void check_say(struct buf *out, enum check check, const struct record *record);

/*
 * Reads a stored number: 0, CHECK_BIT(CHECK_SPELLING) for a text outside the country's list of spellings, under which
 * look-ups do not find it, or CHECK_BIT(CHECK_NUMBER) for one that is no number; *out is set unless it is none.
 */
uint64_t check_number(struct number *out, struct value stored, const struct country *country);

#endif
