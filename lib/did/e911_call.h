/*
 * Whether a call to 911 from a number reaches responders who know where it is. The rules: a number that is not registered
 * does not call 911 (RAY BAUM's Act, 47 CFR 9.16(b)(3)), and 911 is dialled without a prefix (Kari's Law, 47 CFR
 * 9.16(b)(1)). Pure.
 */
#ifndef DIDCTL_E911_CALL_H
#define DIDCTL_E911_CALL_H

#include "did/e911.h"
#include "did/state.h"

#define E911_DIAL_MAX 6 /* digits: a prefix of at most three before 911 */

/* What stands in the way; several may. */
enum e911_bar {
	E911_BAR_PREFIX = 1,
	E911_BAR_UNKNOWN = 2,	/* it is not in the inventory: nothing else is known of it */
	E911_BAR_STATE = 4,	/* it is not assigned */
	E911_BAR_OWNER = 8,	/* it is another organisation's, and so is its address */
	E911_BAR_TOLL_FREE = 16,
	E911_BAR_ELSEWHERE = 32,
	E911_BAR_NOT_SET = 64,
	E911_BAR_PENDING = 128,
	E911_BAR_FAILED = 256,
	E911_BAR_BROKEN = 512, /* what is registered is no dispatchable location */
	E911_BARS = 10,	       /* so many there are */
};

struct e911_call {
	const char *dialled; /* digits, by e911_read_dial */
	struct number from;
	bool has_row; /* it is in the inventory: the rest is of its row */
	enum did_state state;
	const char *owner_id;
	const char *org_id; /* whose call it is; NULL: its owner's */
	const char *status; /* as the column e911 has it */
	const char *const *location; /* by enum location_field; NULL: none */
};

/* The digits of "911", "9-911" and so on, in out. ERR_USAGE for what is no call to 911. */
int e911_read_dial(const char *text, char out[E911_DIAL_MAX + 1], struct err *err);

/* enum e911_bar bits; 0: it may. */
unsigned e911_call_bars(const struct e911_call *call);

#endif
