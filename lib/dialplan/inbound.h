/*
 * Why an inbound call to a number lands where it does, or does not (didctl explain): decided from one row of the
 * inventory and what is known of its owner, every reason with the command that mends it. Pure.
 */
#ifndef DIDCTL_INBOUND_H
#define DIDCTL_INBOUND_H

#include "base/mem.h"
#include "did/change.h"
#include "dialplan/dispatch.h"

/* What is wrong; code is one word, the same as the check's of didctl doctor where there is one. */
struct problem {
	const char *code, *detail; /* detail: lower case, no full stop */
	const char *fix; /* the command that mends it, as it can be typed; capitals are to be filled in */
};

struct problems {
	struct problem *at;
	size_t n, cap;
};

void problem_add(struct problems *problems, const char *code, const char *detail, const char *fix);
void problems_release(struct problems *problems);

enum owner_is {
	OWNER_IS_NOBODY,
	OWNER_IS_THERE,
	OWNER_IS_MISSING,
	OWNER_IS_UNKNOWN /* no table to look into */
};

struct inbound {
	/* The row; texts as stored, NULL where absent. */
	const char *id, *number;
	bool has_key; /* the number can be read */
	struct number key;
	enum did_state state;
	const char *pool_status, *status, *env, *org_id, *route_type, *route_dest, *hold_until;
	const char *previous_org, *previous_org_id;
	bool has_twin; /* another row has the same key, so commands have to name this one by its id */

	enum owner_is owner_is;
	struct org owner; /* where OWNER_IS_THERE */

	/* What follows from it. */
	enum dispatch way;
	bool has_lines;	     /* the dispatcher, or that of the OSS host, gets lines for it */
	const char *context; /* that a call enters, or would enter on the OSS host; NULL if there is none */
	const char *destination; /* "queue:sales", "PJSIP/918065978021@cloud-endpoint-stage"; NULL: nowhere */
	bool hangs_up; /* it has no route, nor has its organisation one for it */
	struct problems problems;
};

/* Texts live in the arena. types: the setting routing-types. */
void inbound_decide(struct inbound *in, const struct dispatcher *d, const struct country *country,
		    const char *types, struct arena *arena);

/* Calls arrive from here: it is dispatched, and nothing stands in the way. */
bool inbound_lands(const struct inbound *in);

/* How commands name the row: its number, or of twins and of what is no number "id:ID"; fit for a shell. */
const char *inbound_operand(const struct inbound *in, const struct country *country, struct arena *arena);

/*
 * Which of several rows of one number, sorted by stored text, the switch obeys: the first that is dispatched, since the
 * file is written in that order and the first of two equal lines wins. -1: none.
 */
int inbound_obeyed(const struct inbound *rows, size_t n);

#endif
