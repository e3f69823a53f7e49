/* Records of a plan in few words: a state, and the other fields that matter. */
#ifndef DIDCTL_TEST_RECORDS_H
#define DIDCTL_TEST_RECORDS_H

#include "did/plan.h"

#define FIRST UINT64_C(918065978000)

/* A field that is named otherwise than the state has it is as it is named; NULL fields are absent. */
static inline uint32_t record_in(struct plan *plan, enum did_state state, const char *const fields[DID_FIELDS])
{
	struct record r = {.v = {[DID_POOL_STATUS] = state_info[state].pool_status, [DID_STATUS] = state_info[state].status,
				 [DID_ENV] = "prod", [DID_DEFAULT] = "0"}};

	if (state_info[state].has_hold)
		r.v[DID_HOLD_UNTIL] = "2026-12-01T00:00:00Z";
	for (int f = 0; f < DID_FIELDS; f++)
		r.v[f] = recordset_intern(&plan->records, fields[f] ? fields[f] : r.v[f]);
	return recordset_add(&plan->records, &r);
}

#define FIELDS(...) ((const char *const[DID_FIELDS]){__VA_ARGS__})

/* An organisation that the plan knows; in the order of their ids. */
static inline void add_owner(struct plan *plan, const char *id, const char *name, const char *cnam)
{
	GROW(plan->owners.at, plan->owners.n, plan->owners.cap);
	plan->owners.at[plan->owners.n++] = (struct org){.id = id, .name = name, .cnam = cnam};
}

/* Numbers from FIRST + at on. */
static inline struct run *add_run(struct plan *plan, uint64_t at, uint64_t count, uint32_t before, uint32_t after)
{
	plan_add_run(plan, &(struct run){.first = {FIRST + at, 12}, .count = count, .before = before, .after = after,
					 .result = before == after ? RESULT_UNCHANGED : RESULT_CHANGED});
	return &plan->runs[plan->nruns - 1];
}

#endif
