/*
 * What the switch does with a call to a number: which way it goes, under which spellings, and the dispatcher's line for
 * each (dialplan.md). One place for regen, explain and env check.
 */
#ifndef DIDCTL_DISPATCH_H
#define DIDCTL_DISPATCH_H

#include "base/buf.h"
#include "base/conf.h"
#include "did/env.h"
#include "did/state.h"
#include "number/number.h"

enum dispatch {
	DISPATCH_ORG,	  /* to its organisation's incoming context */
	DISPATCH_STAGING, /* forwarded to the staging system, whatever the pool state here */
	DISPATCH_OSS, /* held, and in use, on the OSS host: its lines are for that host, not dispatched here */
	DISPATCH_NOT, /* blocked, held, pending, in stock ...: not routed */
};

enum form {
	FORM_NATIONAL = 1,	/* as callers of the country dial it: 08065978002 in IN, 8775551234 in US */
	FORM_INTERNATIONAL = 2, /* the E.164 digits */
	FORM_PLUS = 4,		/* '+' and the E.164 digits: what some carriers send */
};
#define FORMS_MAX	    3

/* What is put behind an organisation's context prefix for its calls; of a type: "__queue" and so on. */
#define DISPATCH_INCOMING   "__incoming"
#define DISPATCH_SLUG_MAX   63 /* bytes of a context; the switch cuts at 79 without a word */
#define DISPATCH_PREFIX_MAX (DISPATCH_SLUG_MAX - (int)sizeof(DISPATCH_INCOMING) + 1)
#define DISPATCH_DEST_MAX   64

/* Names of the switch's files and contexts, from the settings; they live as long as the conf. */
struct dispatcher {
	const char *dir, *file;	      /* asterisk-dir; gateway-file, default ext_tata_gateway.conf */
	const char *context;	      /* gateway-context, default from-tata */
	const char *oss_context;      /* oss-context */
	const char *staging_endpoint; /* staging-endpoint, default cloud-endpoint-stage */
	unsigned forms;		      /* spellings, default national,international: enum form bits */
};

void dispatcher_load(struct dispatcher *out, const struct conf *conf);

/*
 * Which way a number goes, by its state and its environment as stored (NULL and unknown ones: DISPATCH_NOT). prod and
 * oss only where assigned; staging whatever the pool says, for the staging system owns those states, but not what is
 * blocked, archived or ported (product.md, "Environment").
 */
enum dispatch dispatch_of(enum did_state state, const char *env);

/*
 * The spellings under which a number arrives, in descending strcmp order as the switch loads them fast. Returns how
 * many: short numbers and those of another country have no national form, and a short one no '+'.
 */
size_t dispatch_spell(const struct dispatcher *d, struct number n, const struct country *country,
		      char out[FORMS_MAX][NUMBER_TEXT]);

/*
 * One line without newline: "exten => 918065978002,1,Goto(org_mnd5khym__incoming,918065978002,1)". prefix: the
 * organisation's, checked by dispatch_is_prefix; NULL for DISPATCH_STAGING. DISPATCH_NOT has no line.
 */
void dispatch_line(struct buf *out, const struct dispatcher *d, enum dispatch way, const char *spelled,
		   const char *prefix);

/* What may stand in the switch's files (dialplan.md: [0-9+]{3,20}, [a-z0-9_]{1,63}); all take NULL, which may not. */
bool dispatch_is_number(const char *text); /* '+' only in front, as nothing else is ever dialled */
bool dispatch_is_prefix(const char *text); /* short enough for DISPATCH_INCOMING behind it */
/* Whether a destination is one that this route type may have: the type becomes part of a context's name. */
bool dispatch_is_destination(const char *type, const char *dest);

#endif
