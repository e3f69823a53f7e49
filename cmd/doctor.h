/* Inside doctor (and env check, which is three of its checks): one pass over the numbers, and who looks at each. */
#ifndef DIDCTL_DOCTOR_H
#define DIDCTL_DOCTOR_H

#include "cmd/common.h"
#include "cmd/finding.h"
#include "dialplan/dispatch.h"

/* A row of the pass; its texts live until the next one. */
struct doctor_row {
	const char *id;
	struct value stored;
	struct record record;
	struct number key; /* width 0: the stored text is none */
	bool is_listed;	   /* in the country's list of spellings, so that look-ups find it */
	enum did_state state;
	struct holder *owner; /* NULL: none, or none that there is */
};

/* A default caller ID, or the number that should be one. */
struct candidate {
	struct number key;	/* width 0: there is none */
	const char *number, *id; /* as stored, and of its row: kept only where findings or repairs name them */
};

/* An organisation, and what the rows say of it. */
struct holder {
	const char *id, *name, *prefix;
	bool is_usable;	   /* the prefix may stand in the switch's files */
	bool is_unrouted;  /* calls without a route get nothing but a hangup */
	uint64_t assigned; /* numbers */
	struct candidate lowest, chosen;
	struct holder *same_prefix; /* another one with that prefix */
};

struct holders {
	struct holder *at;
	size_t n, cap;
	uint32_t *slots; /* by hash of the id: index + 1 */
	size_t nslots;
	struct surplus *surplus; /* defaults beside the lowest */
	size_t nsurplus, surplus_cap;
};

/* Keys of all numbers, eight bytes each: equal ones are twins. */
struct keys {
	uint64_t *at;
	size_t n, cap;
	struct twin_row *rows; /* of those that are */
	size_t nrows, rows_cap;
};

/* Users who show a number of their own, by that number. */
struct shows {
	struct show *at;
	size_t n, cap;
};

struct doctor {
	struct context *ctx;
	uint64_t checks; /* CHECK_BITs of those that are looked at */
	struct findings findings;
	struct repairs *repairs; /* gets what --fix has to do, its texts in the arena; NULL: nothing is mended */
	struct arena arena;
	struct buf detail, fix; /* of the finding that is being put together */
	struct holders holders;
	struct keys keys;
	struct shows shows;
	struct rangeset ranges[ENV_COUNT]; /* empty: no convention */
	struct dispatcher dispatcher;
	uint64_t rows, staging, dispatched; /* numbers that were seen, and where their calls go */
};

void doctor_start(struct doctor *doctor, struct context *ctx, uint64_t checks, struct repairs *repairs);
void doctor_release(struct doctor *doctor);

/* Runs the checks that were asked for; doctor->checks then names those that the target could run. */
int doctor_look(struct doctor *doctor);
/* Those of SCOPE_ROWS among them. */
int doctor_scan(struct doctor *doctor);

/* doctor_fix.c: doctor CHECK... --fix */
int doctor_fix(struct context *ctx, uint64_t checks);
void doctor_hint_fixable(struct context *ctx); /* adds which checks it can mend to an error */

/* Leaves checks out, and says so with -v, unless the target is capable of what they need. */
void doctor_drop(struct doctor *doctor, enum capability capability, uint64_t checks, const char *lacks);

static inline bool doctor_wants(const struct doctor *doctor, uint64_t checks)
{
	return doctor->checks & checks;
}

/* A copy that lives as long as the doctor; NULL of an absent value. */
static inline char *doctor_keep(struct doctor *doctor, struct value value)
{
	return value.s ? arena_strndup(&doctor->arena, value.s, value.len) : NULL;
}

/* Reports what was put into doctor->detail and doctor->fix (nothing: there is no command), and empties them. */
int doctor_found(struct doctor *doctor, enum check check, const char *number);
/* Puts "didctl doctor CHECK --fix" into doctor->fix. */
void doctor_offer(struct doctor *doctor, enum check check);
/* A repair, where things are being mended; the ids are copied. */
void doctor_mend(struct doctor *doctor, enum check check, const char *id, const char *keep);
/* The row as a command takes it: its number, or id:ROW where that would not find it. */
void doctor_operand(struct buf *out, const struct doctor_row *row);

/* doctor_orgs.c: owner-missing, no-default, two-defaults, context; everybody's owners. */
int holders_load(struct doctor *doctor);
struct holder *holders_find(const struct holders *holders, const char *id);
int holders_see(struct doctor *doctor, const struct doctor_row *row);
int holders_judge(struct doctor *doctor);
void holders_release(struct holders *holders);
const char *holder_name(const struct holder *holder); /* or its id */

/* doctor_twins.c: twin */
void keys_add(struct keys *keys, struct number key);
int keys_judge(struct doctor *doctor);
void keys_release(struct keys *keys);

/* doctor_users.c: outbound */
int shows_load(struct doctor *doctor);
void shows_see(struct doctor *doctor, const struct doctor_row *row);
int shows_judge(struct doctor *doctor);

/* doctor_switch.c: env-range, env-oss, route: what the switch does with a number */
int ranges_load(struct doctor *doctor);
int switch_see(struct doctor *doctor, const struct doctor_row *row);

/* doctor_ports.c: port-late, port-due */
int ports_look(struct doctor *doctor);

/* doctor_services.c: e911, cnam */
int services_look(struct doctor *doctor);

/* Streams the rows to see(), until it returns an error. */
int doctor_rows(struct doctor *doctor, int (*see)(struct doctor *doctor, const struct doctor_row *row));

#endif
