/*
 * What a change does to which numbers: decided from what was read, shown before it is done, written, and printed.
 * A run is consecutive numbers with one spelling, one record before and one after: a million numbers are a few runs.
 */
#ifndef DIDCTL_PLAN_H
#define DIDCTL_PLAN_H

#include "did/change.h"
#include "did/outgoing.h"

enum result { RESULT_CHANGED, RESULT_UNCHANGED, RESULT_REFUSED };
extern const char *const result_names[];

enum refusal { REFUSAL_NONE, REFUSAL_NOT_FOUND, REFUSAL_STATE, REFUSAL_LOCKED, REFUSAL_DUPLICATE, REFUSAL_TWIN,
	       REFUSAL_OWNER, REFUSAL_HOLD, REFUSAL_RACE, REFUSAL_RULE };
extern const char *const refusal_names[]; /* "", "not-found", "state", ... */

/* What a run is about: numbers, or one of the rows of a number; then its count is 1 and it is never joined with another. */
enum run_kind {
	RUN_NUMBERS,
	RUN_DROP,    /* the row goes, another one of the same number stays: the number is in the inventory all the time */
	RUN_KEEP,    /* that other one: unchanged, and told so */
	RUN_RESTORE, /* undo of RUN_DROP: the row comes back beside the other one */
	RUN_RESPELL, /* the row's stored text changes, whatever else changes with it */
};

struct run {
	struct number first;
	uint64_t count;
	uint32_t before, after; /* indices of plan.records, or RECORD_NONE: the row is not there before or after */
	uint32_t item;		/* undo: which history row it belongs to */
	uint8_t spelling;	/* number_spell's k, or SPELLING_LITERAL: the stored text is in literal */
	uint8_t result, code;	/* enum result, enum refusal */
	uint8_t kind;		/* enum run_kind */
	const char *literal;	/* as stored */
	union {
		const char *row_id;   /* RUN_DROP, RUN_RESTORE */
		const char *respelled; /* RUN_RESPELL: the text that is stored from now on */
	};
	const char *reason;	/* of a refusal, one sentence without the number */
};

/*
 * An organisation, user, port order or dispatchable location that a change makes, edits or deletes; users also where a
 * number leaves its owner, orders also where their numbers come in, locations also where numbers get a new one.
 */
enum object_kind { OBJECT_ORG, OBJECT_USER, OBJECT_PORT, OBJECT_LOCATION, OBJECT_KINDS };
#define OBJECT_FIELDS 32
#define OBJECT_OWNER 1 /* of a user, order or location: which field is the organisation's id */
#define OBJECT_CNAM 4  /* of an organisation: its default */
struct object {
	enum object_kind kind;
	const char *id, *name;
	bool was, is; /* exists before, after */
	const char *before[OBJECT_FIELDS], *after[OBJECT_FIELDS]; /* by object_keys[kind] */
};
extern const char *const object_names[OBJECT_KINDS]; /* "org": the history's block of an object is "org:ID" */
extern const char *const object_keys[OBJECT_KINDS][OBJECT_FIELDS]; /* history's and SQL's column names; NULL-padded */

/* The organisations that a change touches, sorted by id: for names in messages. */
struct owners {
	struct org *at;
	size_t n, cap;
};

struct plan {
	struct arena arena;
	struct recordset records;
	struct run *runs; /* sorted by key */
	size_t nruns, runs_cap;
	struct run *extra; /* consequences outside the selection: the previous default caller ID */
	size_t nextra, extra_cap;
	struct object *objects;
	size_t nobjects, objects_cap;
	struct strlist follows; /* what follows from it, a sentence each */
	struct strlist warnings;
	struct messages messages; /* mail that it causes, written with it and sent after COMMIT */
	uint64_t changed, unchanged, refused;
	struct org org;	  /* that the change names, resolved */
	const char *location, *location_org; /* id of the location that its numbers get, and whose it is (NULL: nobody's) */
	const char *location_name;	     /* its label or else its street, where it was read */
	struct owners owners;
	char change_id[UUID_TEXT];
	bool is_replay;	  /* it had been done before: this is what it did then */
	bool is_recorded; /* history was written */
	bool is_pieced;	  /* made in pieces: the runs tell what became of each number, and not what it was */
	bool moves_calls; /* something that the switch routes differs now */
	bool restores_faults; /* undo of a merge or repair: what comes back breaks the rules, and shall */
};

void plan_add_run(struct plan *plan, const struct run *run);
void plan_sort(struct plan *plan);	/* by key, then spelling */
void plan_merge(struct plan *plan);	/* joins neighbours that are alike */
bool run_is_next(const struct run *a, const struct run *b); /* b's numbers follow a's, spelled alike: one range may name both */
void plan_count(struct plan *plan);	/* fills changed, unchanged, refused from the runs */
bool plan_has_work(const struct plan *plan); /* it changes something: numbers, consequences, or objects */
void plan_reset(struct plan *plan);	/* empty again but for change_id, for a retry */
void plan_release(struct plan *plan);

const char *plan_owner_name(const struct plan *plan, const char *org_id); /* the name, else the id */
/* The default CNAM of an owner of the plan, or NULL. */
const char *plan_owner_cnam(const struct plan *plan, const char *org_id);
bool plan_knows_owner(const struct plan *plan, const char *org_id); /* it is an organisation that there is */

/*
 * What follows for the organisations, decided from facts that the store read (effects.c). Each returns or changes runs
 * of the plan; all look at changed runs only.
 */
struct run *plan_split(struct plan *plan, size_t run, uint64_t at, uint64_t count); /* [at, at + count) as a run */
bool run_gains(const struct plan *plan, const struct run *run, const char *org_id); /* the organisation gets it */
bool run_leaves(const struct plan *plan, const struct run *run); /* it leaves its owner, or its owner's service */
/* Whether the plan changes this number, and the organisation holds it afterwards. */
bool plan_holds(const struct plan *plan, struct number n, const char *org_id);
/* Whether the organisation gets a number, a new default caller ID, or loses its default. */
bool plan_gains(const struct plan *plan, const char *org_id);
bool plan_makes_default(const struct plan *plan, const char *org_id);
bool plan_keeps_default(const struct plan *plan, const char *org_id); /* it has the flag already */
bool plan_drops_default(const struct plan *plan, const char *org_id);
/* Adds the user to the plan, losing an outbound caller ID; copies it. */
void plan_clear_outbound(struct plan *plan, const struct user *user);
/* The lowest of its numbers that the organisation holds after the plan becomes its default caller ID. */
void plan_set_default(struct plan *plan, const char *org_id);
/* Adds what the runs alone tell: charges that stop, numbers that the prod dispatcher does not wire, new ones of
 * an area code that nobody knows; fills moves_calls. */
void plan_say(struct plan *plan, const struct change *change);

/* What carriers and responders will make of it: names that they will not show, numbers without an emergency address. */
void plan_say_services(struct plan *plan, const struct change *change);
/* Toll-free numbers carry no emergency address: named ones are refused, those of a whole organisation left as they are. */
void plan_spare_toll_free(struct plan *plan, bool is_named);
void plan_strip_toll_free(struct plan *plan); /* the same of numbers that come in: they do so without an address */

bool run_covers(const struct run *run, struct number n); /* it is one of the run's numbers */
/* The stored text of the i-th number of a run; out holds NUMBER_TEXT bytes or the literal is returned. */
const char *run_number(const struct run *run, uint64_t i, const struct country *country, char out[NUMBER_TEXT]);

#endif
