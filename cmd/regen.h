/* Private to didctl regen: what the inventory says, what stands in the files, and what is done about it. */
#ifndef DIDCTL_REGEN_H
#define DIDCTL_REGEN_H

#include "cmd/common.h"
#include "cmd/progress.h"
#include "dialplan/ami.h"
#include "dialplan/diff.h"
#include "dialplan/gateway.h"
#include "dialplan/org_file.h"
#include "dialplan/place.h"
#include "number/rangeset.h"

struct regen_args {
	bool to_stdout, check, diff, no_reload, adopt, force, dry_run, yes, partial, for_given;
	int for_env; /* enum env */
	const char *dir;
	uint64_t meant; /* routes whose loss somebody has just said yes to */
};

enum org_fault {
	ORG_PREFIX_GOOD,
	ORG_PREFIX_BAD,	   /* none, or not one that a file may hold */
	ORG_PREFIX_SHARED, /* with another organisation */
	ORG_PREFIX_TAKEN,  /* its file would be the dispatcher's */
};

/* An organisation, as the files need it. */
struct regen_org {
	const char *id, *prefix;
	const char *route_type, *route_dest; /* for its numbers without a route; NULL: hang up */
	enum org_fault fault;
	size_t first, n; /* its numbers in inbound, once that is sorted */
};

/* A number that is dispatched to an organisation: 16 bytes, for there may be a million. */
struct regen_inbound {
	uint64_t value : 60, width : 4; /* of its struct number */
	uint32_t org;			/* of orgs */
	uint32_t way;			/* of ways: recording and route */
};

/* One file: what is to stand there, against what stands there. The dispatcher has no organisation. */
struct regen_file {
	const struct regen_org *org;
	const char *name, *context, *marker;
	struct mark mark, old_mark;
	enum contents_origin origin; /* of what stands there */
	bool is_there, is_same, is_committed;
	struct stat committed; /* the file that was put there */
	uint64_t extensions;   /* of its context, as the switch counts them */
};

struct regen {
	struct context *ctx;
	const struct regen_args *args;
	struct dispatcher dispatcher;
	bool wants_gateway, wants_orgs, writes, reloads;
	uint64_t generation;
	struct regen_org *orgs; /* by id */
	size_t norgs, orgs_cap;
	struct names ways;
	struct buf way; /* room to put one together */
	struct regen_inbound *inbound;
	size_t ninbound, inbound_cap;
	struct rangeset clashing; /* numbers that lead two ways */
	struct gateway gateway;
	struct place_dir dir;
	struct place gateway_place; /* the dispatcher's new file, until the organisations' are in place */
	struct regen_file *files;   /* the dispatcher first */
	size_t nfiles, files_cap;
	uint64_t refused;  /* rows and files that may not be what they are; each was said */
	bool has_bad_numbers; /* among what was refused */
	uint64_t left_out; /* numbers that --partial leaves out */
	size_t before, after, lost; /* routes: of the dispatcher, without it of the organisations */
	struct buf text; /* what changes, in words */
	FILE *out;	 /* where it is told: it is data where it was asked for */
	struct ami *ami;
};

/* regen_load.c: the inventory as it is at one moment; what may not reach a file is refused. */
int regen_load(struct regen *r);

/* regen_orgs.c */
int regen_load_orgs(struct regen *r);
struct regen_org *regen_find_org(const struct regen *r, const char *id);
void regen_sort_inbound(struct regen *r); /* once all are there */
int regen_build_org(const struct regen *r, const struct regen_org *org, struct org_file *out);

/* regen_compare.c: against what stands there. Each adds a file, and what changes to the text. */
int regen_compare_gateway(struct regen *r);
int regen_compare_org(struct regen *r, const struct regen_org *org);
/* Something that speaks against writing, said and counted; of a number, which --partial leaves out. */
void regen_refuse(struct regen *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void regen_refuse_number(struct regen *r, const char *number, const char *why);
/* Files of ours for organisations without a number, or that there are no more: they are emptied. */
int regen_compare_abandoned(struct regen *r);

/* regen_write.c */
int64_t regen_timeout(const struct context *ctx); /* --timeout in milliseconds; 0: it was not given */
int regen_connect(struct regen *r, struct err *err);
int regen_prepare_gateway(struct regen *r); /* writes the dispatcher's new file beside the old one */
int regen_write(struct regen *r);	    /* organisations first, dispatcher last; undone after a failure */
int regen_reload(struct regen *r);	    /* reloads and proves; else the files of before stand and run again */
/* Whether the switch runs what the files say; adds to the text where it does not. */
int regen_compare_running(struct regen *r, bool *is_same);

/* regen_api.c: where the store brings the inventory to the switch itself. */
int regen_through_api(struct context *ctx, const struct regen_args *args);

#endif
