/* Why calls land or do not, decided from one row; what the commands' tests cannot reach is in here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "dialplan/inbound.h"

#define TYPES "extension,queue"

static const struct dispatcher dispatcher = {
	.dir = "/etc/asterisk", .file = "x.conf", .context = "from-tata", .oss_context = "oss-did-route",
	.staging_endpoint = "stage", .forms = FORM_NATIONAL | FORM_INTERNATIONAL,
};

/* A sound row: assigned, prod, with owner and route. */
static struct inbound sound_row(void)
{
	return (struct inbound){
		.id = "r1", .number = "08065978002", .has_key = true, .key = {918065978002, 12},
		.state = STATE_ASSIGNED, .pool_status = "assigned", .status = "active", .env = "prod", .org_id = "o1",
		.route_type = "queue", .route_dest = "sales", .owner_is = OWNER_IS_THERE,
		.owner = {.id = "o1", .name = "ACME", .context_prefix = "acme"},
	};
}

/* The codes of a row's problems, joined by blanks; also in text what its fixes are. */
static void decide(struct inbound *in, char codes[200], char fixes[1000], struct arena *arena)
{
	codes[0] = fixes[0] = '\0';
	inbound_decide(in, &dispatcher, country_find("IN"), TYPES, arena);
	for (size_t i = 0; i < in->problems.n; i++) {
		strcat(codes, i ? " " : "");
		strcat(codes, in->problems.at[i].code);
		strcat(fixes, i ? "; " : "");
		strcat(fixes, in->problems.at[i].fix);
		assert_non_null(in->problems.at[i].detail);
	}
}

static void expect(struct inbound in, const char *codes, const char *fixes, const char *destination)
{
	char got_codes[200], got_fixes[1000];
	struct arena arena = {0};

	decide(&in, got_codes, got_fixes, &arena);
	assert_string_equal(got_codes, codes);
	if (fixes)
		assert_string_equal(got_fixes, fixes);
	assert_int_equal(inbound_lands(&in), destination != NULL);
	if (destination)
		assert_string_equal(in.destination, destination);
	problems_release(&in.problems);
	arena_release(&arena);
}

static void test_lands(void **state)
{
	struct inbound in = sound_row();

	(void)state;
	expect(in, "", "", "queue:sales");
	in.route_type = in.route_dest = NULL;
	in.owner.unrouted = "extension:0";
	expect(in, "", "", "extension:0");
	in.env = "staging";
	in.owner_is = OWNER_IS_MISSING;
	expect(in, "", "", "PJSIP/918065978002@stage");
}

static void test_states(void **state)
{
	static const struct {
		enum did_state state;
		const char *codes, *fixes;
	} rows[] = {
		{STATE_AVAILABLE, "not-assigned", "didctl assign 918065978002 ORG"},
		{STATE_PENDING, "pending", "didctl pool approve 918065978002"},
		{STATE_BLOCKED, "blocked", "didctl pool mark assigned 918065978002"},
		{STATE_ON_HOLD, "hold", "didctl assign 918065978002 ORG --override-hold --reason TEXT"},
		{STATE_RESERVED, "not-assigned", "didctl assign 918065978002 ORG --allow-reserved"},
		{STATE_ARCHIVED, "archived", NULL},
		{STATE_PORTED, "ported", NULL},
		{STATE_UNKNOWN, "state", "didctl doctor state --fix"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct inbound in = sound_row();

		in.state = rows[i].state;
		expect(in, rows[i].codes, rows[i].fixes, NULL);
	}
}

static void test_twin_is_named_by_its_id(void **state)
{
	struct inbound in = sound_row();

	(void)state;
	in.has_twin = true;
	in.state = STATE_BLOCKED;
	expect(in, "blocked", "didctl pool mark assigned id:r1", NULL);
}

static void test_hold_knows_who_had_it(void **state)
{
	struct inbound in = sound_row();

	(void)state;
	in.state = STATE_ON_HOLD;
	in.hold_until = "2027-01-01T00:00:00Z";
	in.previous_org_id = "it's";
	expect(in, "hold", "didctl assign 918065978002 'it'\"'\"'s'", NULL);
}

static void test_all_reasons_at_once(void **state)
{
	struct inbound in = sound_row();

	(void)state;
	in.has_key = false;
	in.state = STATE_BLOCKED;
	in.env = "oss";
	in.owner.context_prefix = "";
	in.route_dest = "a;b";
	expect(in, "number blocked env-oss context destination", NULL, NULL);
	in.owner_is = OWNER_IS_UNKNOWN;
	expect(in, "number blocked env-oss context", NULL, NULL);
	in.owner_is = OWNER_IS_NOBODY;
	in.org_id = NULL;
	in.env = NULL;
	expect(in, "number blocked env owner", NULL, NULL);
}

static void test_routes(void **state)
{
	static const struct {
		const char *type, *dest, *unrouted, *codes;
	} rows[] = {
		{"queue", "", NULL, "destination"},	   {"queue", NULL, NULL, "destination"},
		{NULL, "sales", NULL, "destination"},	   {"fax", "1", NULL, "destination"},
		{"queu", "1", NULL, "destination"},	   {"queue", "500&PJSIP/itsp/1", NULL, "destination"},
		{NULL, NULL, NULL, "route"},		   {"", "", "hangup", "route"},
		{NULL, NULL, "queue:a b", "destination"},  {NULL, NULL, "queue", "destination"},
		{NULL, NULL, ":x", "destination"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct inbound in = sound_row();

		in.route_type = rows[i].type;
		in.route_dest = rows[i].dest;
		in.owner.unrouted = rows[i].unrouted;
		expect(in, rows[i].codes, NULL, NULL);
	}
}

static void test_operand(void **state)
{
	struct inbound in = sound_row();
	struct arena arena = {0};

	(void)state;
	assert_string_equal(inbound_operand(&in, country_find("IN"), &arena), "918065978002");
	assert_string_equal(inbound_operand(&in, NULL, &arena), "+918065978002");
	in.key = (struct number){111, 3};
	assert_string_equal(inbound_operand(&in, NULL, &arena), "111");
	in.has_key = false;
	in.id = "x; rm -r";
	assert_string_equal(inbound_operand(&in, NULL, &arena), "'id:x; rm -r'");
	arena_release(&arena);
}

static void test_obeyed(void **state)
{
	struct inbound rows[3] = {sound_row(), sound_row(), sound_row()};

	(void)state;
	rows[0].way = DISPATCH_OSS;
	rows[0].has_lines = true;
	rows[1].way = DISPATCH_ORG;
	assert_int_equal(inbound_obeyed(rows, 3), -1);
	rows[1].has_lines = rows[2].has_lines = true;
	rows[2].way = DISPATCH_STAGING;
	assert_int_equal(inbound_obeyed(rows, 3), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lands),	       cmocka_unit_test(test_states),
		cmocka_unit_test(test_hold_knows_who_had_it), cmocka_unit_test(test_all_reasons_at_once),
		cmocka_unit_test(test_routes),	       cmocka_unit_test(test_operand),
		cmocka_unit_test(test_obeyed),	       cmocka_unit_test(test_twin_is_named_by_its_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
