/*
 * What a new file of routes changes for those who call. The old file is read as a stream where its routes
 * come in our order; one in another order, which the switch loads slowly, is held in memory: 16 bytes a
 * route.
 */
#ifndef DIDCTL_DIFF_H
#define DIDCTL_DIFF_H

#include "base/buf.h"
#include "base/err.h"
#include "dialplan/routes.h"
#include "dialplan/contents.h"

enum route_change { ROUTE_GAINED, ROUTE_LOST, ROUTE_MOVED };

/* Routes that stand one after the other, spelled with one digit width, and change alike. */
struct diff_change {
	enum route_change kind;
	uint64_t first, last; /* keys, the lower first */
	size_t n;
	uint32_t from, to; /* names; from is that of a lost one, to that of one gained */
};

struct diff_tally {
	size_t gained, lost, moved_in, moved_out;
};

/* Zero-initialise; diff_release frees. */
struct diff {
	int fd;
	const struct layout *layout;
	struct names *names;
	const struct routes *new;
	struct contents old;
	size_t before, after, gained, lost, moved; /* routes */
	struct diff_tally *tallies;		   /* by name */
	size_t tallies_n;
};

/*
 * Compares the file at fd (from its start; it must be seekable) with new routes, which are sorted, and
 * counts. fd is -1 where there is no file. names are those of new; the old file's are added. All must outlive
 * d.
 */
int diff_count(struct diff *d, int fd, const struct layout *layout, struct names *names,
	       const struct routes *new, struct err *err);
void diff_release(struct diff *d);

/* Then tells every change, in descending order; each ends it by returning other than 0. */
int diff_tell(const struct diff *d, int (*each)(void *ctx, const struct diff_change *change), void *ctx,
	      struct err *err);

/* Whether so many routes fewer need a word from the operator: more than 100, or more than one in ten. */
bool diff_shrinks(const struct diff *d);

/*
 * "60 routes, now 61: 2 gained, 1 lost, 3 moved", then one line for each organisation with changes, by name.
 */
void diff_summary(struct buf *out, const struct diff *d, const struct names *names);
/* "+ 918065978004-918065978009 (6): org_x", "- ...", "~ 918065978010: org_x -> org_y". */
void diff_change_text(struct buf *out, const struct diff_change *change, const struct names *names);

#endif
