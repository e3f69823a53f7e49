/*
 * Which number an outbound call shows (product.md, "Outbound caller ID"): of the candidates the first that is set wins,
 * right or wrong, and then the trunk puts its own in place of one that it does not let pass. Pure.
 */
#ifndef DIDCTL_CALLER_ID_H
#define DIDCTL_CALLER_ID_H

#include <stdbool.h>

#include "did/state.h"
#include "number/rangeset.h"

/* In the order in which the PBX looks. */
enum caller_source {
	CALLER_CALL,	/* the call's own: click-to-call and originate-to-ai */
	CALLER_USER,	/* users.outbound_did */
	CALLER_DEFAULT, /* the organisation's default */
	CALLER_FIRST,	/* its first assigned number, by the stored text */
	CALLER_SOURCES,
};
extern const char *const caller_source_names[]; /* "call", "user", "default", "first" */

/* What is wrong with a candidate; several may be. */
enum caller_fault {
	CALLER_UNREADABLE = 1,	 /* it is no number */
	CALLER_UNKNOWN = 2,	 /* it is not in the inventory */
	CALLER_NOT_OWNED = 4,	 /* somebody else's, or nobody's */
	CALLER_NOT_ASSIGNED = 8,
	CALLER_OUTSIDE = 16,	 /* the trunk does not let it pass */
};

struct caller_candidate {
	const char *number; /* as it is stored or was given; NULL: not set */
	bool has_row;	    /* it is in the inventory: the next three are of its row */
	const char *owner_id, *owner;
	enum did_state state;
	unsigned faults; /* decided: enum caller_fault bits; 0 where not set */
};

struct caller_chain {
	const char *org_id; /* whose calls; NULL: of no organisation */
	struct caller_candidate at[CALLER_SOURCES];
	const struct rangeset *trunk; /* normalised; NULL or empty: it lets every number pass */
	const char *fallback;	      /* what the trunk shows instead */

	/* Decided. */
	int winner;	  /* enum caller_source; -1: no candidate is set */
	bool is_replaced; /* the trunk shows the fallback */
	char shown[NUMBER_TEXT]; /* E.164 digits that the far end sees; "" for what cannot be read */
};

void caller_chain_decide(struct caller_chain *chain, const struct country *country);

/*
 * The number that the trunk reads: it makes 0 and ten digits 91 and these, drops a '+', and knows no other spelling.
 * False for what is no number then.
 */
bool caller_trunk_number(const char *text, struct number *out);

#endif
