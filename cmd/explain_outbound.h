/* Private to didctl explain --outbound: gathered once, told as text or as JSON. */
#ifndef DIDCTL_EXPLAIN_OUTBOUND_H
#define DIDCTL_EXPLAIN_OUTBOUND_H

#include "cmd/emergency.h"
#include "did/caller_id.h"

struct outbound {
	struct context *ctx;
	struct org org;	  /* id NULL: the user belongs to none */
	bool is_org_missing; /* the user's organisation does not exist */
	struct user user; /* id NULL: --org */
	struct caller_chain chain;
	struct rangeset trunk;
	struct problems of[CALLER_SOURCES]; /* what is wrong with each candidate */
	struct problems problems;	    /* of the winner and of the whole */
	bool has_two_defaults;
	const char *first_e164; /* the first number by E.164, where the stored text gives another one; else NULL */
	const char *org_word, *user_word; /* as commands name them */
	struct emergency emergency; /* --dial */
};

int outbound_text(const struct outbound *o);
int outbound_json(const struct outbound *o);

#endif
