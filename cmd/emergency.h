/* Private to didctl explain --dial: a call to 911, from a number or from whatever number an organisation's calls show. */
#ifndef DIDCTL_EMERGENCY_H
#define DIDCTL_EMERGENCY_H

#include "cmd/explain.h"
#include "did/e911_call.h"

struct emergency {
	char dialled[E911_DIAL_MAX + 1]; /* "": nobody asks */
	struct number from;
	struct value row[DID_FIELDS]; /* of the number, where it is in the inventory */
	bool has_row;
	const char *place[LOCATION_STORED]; /* place[LOCATION_ID] NULL: it has none */
	unsigned bars;
	struct problems problems; /* a code, detail and fix for each of the bars */
};

/*
 * Whether a number may call 911 as e->dialled says; of width 0: what a call shows is no number. org_id: whose call it is,
 * NULL: nobody's. ERR_TARGET where the store has no emergency addresses.
 */
int emergency_load(struct context *ctx, struct number from, const char *org_id, struct emergency *e);
void emergency_release(struct emergency *e);

void emergency_say(struct buf *out, const struct emergency *e);  /* as lines of a sheet, and the verdict */
void emergency_json(struct buf *out, const struct emergency *e); /* members of an object that is open */

/* explain --outbound NUMBER --dial 911 */
int explain_emergency(struct context *ctx, const struct explain_args *args);

#endif
