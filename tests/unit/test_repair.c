/* From a broken row to the nearest sound one: what each check of doctor --fix makes of a record, and what it leaves alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "did/repair.h"
#include "tests/unit/records.h"

#define STORED(pool, status) [DID_POOL_STATUS] = (pool), [DID_STATUS] = (status)
#define ACME [DID_ORG_ID] = "acme"
#define GONE [DID_ORG_ID] = "gone" /* no organisation of the plan */

static const struct {
	enum check check;
	const char *v[DID_FIELDS];
	enum did_state to;
	const char *org, *previous; /* NULL: none */
	bool is_default;
} rows[] = {
	/* an owner is believed first, then pool_status, and what a free row is, is as little for sale as can be */
	{CHECK_STATE, {STORED("reserved", "active"), ACME}, STATE_RESERVED, "acme", NULL, false}, /* no unknown state */
	{CHECK_STATE, {STORED("pending", "frozen"), ACME}, STATE_PENDING, "acme", NULL, false},
	{CHECK_STATE, {STORED("available", "suspended"), ACME}, STATE_BLOCKED, "acme", NULL, false},
	{CHECK_STATE, {STORED("available", "frozen"), ACME, [DID_DEFAULT] = "1"}, STATE_ASSIGNED, "acme", NULL, true},
	{CHECK_STATE, {STORED("reserved", "suspended"), ACME, [DID_DEFAULT] = "1"}, STATE_BLOCKED, "acme", NULL, false},
	{CHECK_STATE, {STORED("available", "suspended")}, STATE_RESERVED, NULL, NULL, false},
	{CHECK_STATE, {STORED("frozen", "active")}, STATE_RESERVED, NULL, NULL, false},
	{CHECK_STATE, {STORED("available", "frozen")}, STATE_AVAILABLE, NULL, NULL, false},
	{CHECK_STATE, {STORED("reserved", "frozen"), [DID_HOLD_UNTIL] = "2026-12-01T00:00:00Z"}, STATE_ON_HOLD, NULL, NULL, false},
	{CHECK_STATE, {STORED("reserved", "frozen")}, STATE_RESERVED, NULL, NULL, false},
	{CHECK_STATE, {STORED("assigned", "frozen"), [DID_HOLD_UNTIL] = "2026-12-01T00:00:00Z"}, STATE_RESERVED, NULL, NULL, false},
	/* who is held by nobody, and whom a free one belongs to */
	{CHECK_OWNER, {STORED("assigned", "active"), [DID_DEFAULT] = "1"}, STATE_RESERVED, NULL, NULL, false},
	{CHECK_OWNER, {STORED("available", "active"), ACME, [DID_DEFAULT] = "1"}, STATE_AVAILABLE, NULL, "acme", false},
	{CHECK_OWNER, {STORED("pending", "active"), ACME}, STATE_PENDING, "acme", NULL, false},
	{CHECK_OWNER, {STORED("assigned", "active"), ACME, [DID_DEFAULT] = "1"}, STATE_ASSIGNED, "acme", NULL, true},
	{CHECK_OWNER, {STORED("available", "frozen"), ACME}, STATE_UNKNOWN, "acme", NULL, false},
	/* an organisation that there is not */
	{CHECK_OWNER_MISSING, {STORED("assigned", "active"), GONE, [DID_DEFAULT] = "1"}, STATE_AVAILABLE, NULL, "gone", false},
	{CHECK_OWNER_MISSING, {STORED("pending", "active"), GONE}, STATE_AVAILABLE, NULL, NULL, false},
	{CHECK_OWNER_MISSING, {STORED("reserved", "active"), GONE}, STATE_RESERVED, NULL, "gone", false},
	{CHECK_OWNER_MISSING, {STORED("assigned", "active"), ACME}, STATE_ASSIGNED, "acme", NULL, false},
	{CHECK_OWNER_MISSING, {STORED("available", "active")}, STATE_AVAILABLE, NULL, NULL, false},
	/* defaults */
	{CHECK_DEFAULT_STATE, {STORED("assigned", "suspended"), ACME, [DID_DEFAULT] = "1"}, STATE_BLOCKED, "acme", NULL, false},
	{CHECK_DEFAULT_STATE, {STORED("assigned", "active"), [DID_DEFAULT] = "1"}, STATE_ASSIGNED, NULL, NULL, false},
	{CHECK_DEFAULT_STATE, {STORED("assigned", "active"), ACME, [DID_DEFAULT] = "1"}, STATE_ASSIGNED, "acme", NULL, true},
	{CHECK_TWO_DEFAULTS, {STORED("assigned", "active"), ACME, [DID_DEFAULT] = "1"}, STATE_ASSIGNED, "acme", NULL, false},
	{CHECK_NO_DEFAULT, {STORED("assigned", "active"), ACME}, STATE_ASSIGNED, "acme", NULL, true},
	{CHECK_NO_DEFAULT, {STORED("assigned", "suspended"), ACME}, STATE_BLOCKED, "acme", NULL, false},
	{CHECK_NO_DEFAULT, {STORED("assigned", "active")}, STATE_ASSIGNED, NULL, NULL, false},
	/* these are not about one record */
	{CHECK_TWIN, {STORED("assigned", "frozen"), [DID_DEFAULT] = "1"}, STATE_UNKNOWN, NULL, NULL, true},
};

static void test_mending(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan plan = {0};
		uint32_t index = record_in(&plan, STATE_AVAILABLE, rows[i].v);
		struct record r = plan.records.at[index];

		add_owner(&plan, "acme", "ACME", NULL);
		repair_record(rows[i].check, &plan, &r);
		if (record_state(&r) != rows[i].to || !record_is(&r, DID_ORG_ID, rows[i].org) ||
		    !record_is(&r, DID_PREVIOUS_ORG_ID, rows[i].previous) || record_flag(&r, DID_DEFAULT) != rows[i].is_default)
			fail_msg("row %zu: %s, owner %s, previous %s, default %d", i, state_info[record_state(&r)].name,
				 r.v[DID_ORG_ID] ? r.v[DID_ORG_ID] : "none",
				 r.v[DID_PREVIOUS_ORG_ID] ? r.v[DID_PREVIOUS_ORG_ID] : "none", record_flag(&r, DID_DEFAULT));
		plan_release(&plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_mending)};

	return cmocka_run_group_tests_name("repair", tests, NULL, NULL);
}
