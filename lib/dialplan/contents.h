/*
 * What stands in a file of the switch: whether we wrote it, whether it is as we wrote it, and its routes.
 * Files of other programs are read as the switch would read them.
 */
#ifndef DIDCTL_CONTENTS_H
#define DIDCTL_CONTENTS_H

#include "base/err.h"
#include "dialplan/mark.h"
#include "dialplan/routes.h"

/* Where the routes stand. */
struct layout {
	const char *context;  /* the dispatcher's, or an organisation's "org_x__incoming" */
	const char *marker;   /* the context of the marker */
	bool has_subroutines; /* an organisation's file: its routes are the contexts did_<digits> */
};

#define CONTENTS_SUBROUTINE "did_"

enum contents_origin {
	CONTENTS_FOREIGN, /* it has not our first line */
	CONTENTS_OURS,
	CONTENTS_ALTERED, /* it has, but the rest is not what we wrote under it */
};

struct contents {
	enum contents_origin origin;
	struct mark mark;  /* unless foreign: what its first line says */
	size_t extensions; /* of the layout's context, with priority 1 */
	size_t priorities; /* of the layout's context, all */
	size_t routes;	   /* what was told as such */
	size_t others; /* entries of that context that are no route: patterns, longer numbers, later steps */
	bool is_descending; /* the routes come in the order that the switch loads fast, none of them twice */
	unsigned long fault_line; /* the first line that is not as we write it; 0: there is none */
	const char *fault;	  /* what is wrong with it: a constant text */
};

/* Told while reading; may be NULL, and end the reading by returning other than 0. */
struct contents_events {
	int (*route)(void *ctx, struct route route); /* target: of the names given */
	void *ctx;
};

/*
 * Reads the file from where fd stands. A route's name is what the switch does,
 * "Goto(org_x__incoming,${EXTEN},1)" (the extension where it is an argument of its own), of a subroutine's
 * its last step and whether it records. ERR_FAILED where it cannot be read; whatever stands in it is no
 * error.
 */
int contents_read(struct contents *out, int fd, const struct layout *layout, struct names *names,
		  const struct contents_events *events, struct err *err);

/*
 * Whether a file is what was to be written: ours, unaltered, and with this mark, whose hash stands for the routes.
 * ERR_FAILED with the line where it is not.
 */
int contents_check(int fd, const struct layout *layout, struct names *names, const struct mark *mark,
		   struct err *err);

/* How the names of routes are made: by the renderers, too. */
void contents_name(struct buf *out, const char *application, const char *data, const char *exten);
void contents_subroutine_name(struct buf *out, bool is_recorded, const char *application, const char *data);
/* What a subroutine does first: "MixMonitor(918065978002-${UNIQUEID}.wav)" or "NoOp(recording off)". */
void contents_recording(struct buf *out, bool is_recorded, const char *digits);
#define CONTENTS_LEAVE "StackPop()" /* so that the Goto behind it leaves nothing on Gosub's stack */

#endif
