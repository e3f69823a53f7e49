/* What a dispatchable location is made of, and which numbers have to have one (services.md, safety.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "did/e911_call.h"

static const struct {
	enum location_field field;
	const char *country, *text;
	const char *stored; /* NULL: as it is */
	const char *fault;  /* NULL: none */
} fields[] = {
	{LOCATION_COUNTRY, NULL, "US", NULL, NULL},
	{LOCATION_COUNTRY, NULL, "ca", "CA", NULL},
	{LOCATION_COUNTRY, NULL, "MX", NULL, "neither US nor CA"},
	{LOCATION_COUNTRY, NULL, "U", NULL, "neither"},
	{LOCATION_STATE_CODE, "US", "ny", "NY", NULL},
	{LOCATION_STATE_CODE, "US", "DC", NULL, NULL},
	{LOCATION_STATE_CODE, "US", "PR", NULL, NULL},
	{LOCATION_STATE_CODE, "US", "XX", NULL, "no state"},
	{LOCATION_STATE_CODE, "US", "ON", NULL, "no state"},
	{LOCATION_STATE_CODE, "US", "LA", NULL, NULL},
	{LOCATION_STATE_CODE, "US", "L", NULL, "no state"},
	{LOCATION_STATE_CODE, "US", "AE", NULL, "no state"}, /* a military one is no place */
	{LOCATION_STATE_CODE, "CA", "ON", NULL, NULL},
	{LOCATION_STATE_CODE, "CA", "CA", NULL, "no province"},
	{LOCATION_STATE_CODE, "US", "New York", NULL, "too long"},
	{LOCATION_ZIP, "US", "10118", NULL, NULL},
	{LOCATION_ZIP, "US", "10118-0110", NULL, NULL},
	{LOCATION_ZIP, "US", "1011", NULL, "no ZIP"},
	{LOCATION_ZIP, "US", "101180", NULL, "no ZIP"},
	{LOCATION_ZIP, "US", "10118-011", NULL, "no ZIP"},
	{LOCATION_ZIP, "US", "ABCDE", NULL, "no ZIP"},
	{LOCATION_ZIP, "US", "K1A 0B1", NULL, "no ZIP"},
	{LOCATION_ZIP, "CA", "k1a0b1", "K1A 0B1", NULL},
	{LOCATION_ZIP, "CA", "K1A 0B1", NULL, NULL},
	{LOCATION_ZIP, "CA", "K1D 0B1", NULL, "no postal code"}, /* no D */
	{LOCATION_ZIP, "CA", "W1A 0B1", NULL, "no postal code"}, /* none begins with W */
	{LOCATION_ZIP, "CA", "10118", NULL, "no postal code"},
	{LOCATION_ZIP, NULL, "k1a0b1", NULL, NULL}, /* of which country is not known yet */
	{LOCATION_STATE_CODE, NULL, "ny", NULL, NULL},
	{LOCATION_STREET, "US", "350 Fifth Ave", NULL, NULL},
	{LOCATION_STREET, "US", "N6W23001 Bluemound Rd", NULL, NULL},
	{LOCATION_STREET, "US", "12 1/2 Main St", NULL, NULL},
	{LOCATION_STREET, "CA", "1085 rue de l'\xc3\x89glise", NULL, NULL},
	{LOCATION_STREET, "US", "Fifth Ave", NULL, "house number"},
	{LOCATION_STREET, "US", "350", NULL, "house number"},
	{LOCATION_STREET, "US", "Route 66", NULL, "house number"},
	{LOCATION_STREET, "US", "PO Box 12", NULL, "post office box"},
	{LOCATION_STREET, "US", "P.O. Box 12", NULL, "post office box"},
	{LOCATION_STREET, "US", "P O BOX 12", NULL, "post office box"},
	{LOCATION_STREET, "US", "p.o.box12", NULL, "post office box"},
	{LOCATION_STREET, "US", "12 Main St, PO Box 4", NULL, "post office box"},
	{LOCATION_STREET, "US", "Post Office Box 9", NULL, "post office box"},
	{LOCATION_STREET, "CA", "Case postale 9", NULL, "post office box"},
	{LOCATION_STREET, "US", "Box 9 Rural", NULL, "post office box"},
	{LOCATION_STREET, "US", "12 Boxwood Rd", NULL, NULL},
	{LOCATION_STREET, "US", "12 Depot Boxer Rd", NULL, NULL},
	{LOCATION_UNIT, "US", "PMB 12", NULL, "post office box"},
	{LOCATION_UNIT, "US", "Suite 12-B", NULL, NULL},
	{LOCATION_STREET, "US", "12 Main; rm", NULL, "may have"},
	{LOCATION_STREET, "US", "12 \xe4\xb8\xad St", NULL, "may have"},
	{LOCATION_STREET, "US", "12 Main\x1b[2J", NULL, "control character"},
	{LOCATION_STREET, "US", "12 Main\xff", NULL, "not UTF-8"},
	{LOCATION_STREET, "US", "12 \xc2\xa7 St", NULL, "may have"},   /* a letter of neither alphabet */
	{LOCATION_STREET, "US", "12 \xc3\x97 St", NULL, "may have"},
	{LOCATION_STREET, "US", "12 \xc3\xb7 St", NULL, "may have"},
	{LOCATION_STREET, "US", "12 \xc6\x80 St", NULL, "may have"},
	{LOCATION_STREET, "US", "12 \xc5\xbf St", NULL, NULL},
	{LOCATION_STREET, "US", "12 Main\x7f", NULL, "control character"},
	{LOCATION_STREET, "US", " 12 Main", NULL, "blank"},
	{LOCATION_STREET, "US", "12 Main ", NULL, "blank"},
	{LOCATION_STREET, "US", "350 ", NULL, "blank"},
	{LOCATION_STREET, "US", "   ", NULL, "blank"},
	{LOCATION_CITY, "US", "New York", NULL, NULL},
	{LOCATION_CITY, "CA", "Montr\xc3\xa9" "al", NULL, NULL},
	{LOCATION_CITY, "US", "123", NULL, "no letter"},
	{LOCATION_FLOOR, "US", "123456789012345678901", NULL, "too long"},
	{LOCATION_LABEL, "US", "HQ (\xe4\xb8\xad)", NULL, NULL},
	{LOCATION_LABEL, "US", "HQ\n[globals]", NULL, "control character"},
	{LOCATION_LABEL, "US", "HQ\x1b]52;c;", NULL, "control character"},
	{LOCATION_CONTACT, "US", "Ann \xc2\x9b", NULL, "control character"},
};

static void test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		struct arena arena = {0};
		struct err err = {0};
		const char *out = NULL, *want = fields[i].stored ? fields[i].stored : fields[i].text;
		int rc = location_read(fields[i].field, fields[i].text, fields[i].country, &arena, &out, &err);

		if (fields[i].fault) {
			if (rc != ERR_USAGE || !strstr(err.text, fields[i].fault))
				fail_msg("'%s': %d, %s", fields[i].text, rc, err.text);
			assert_non_null(strstr(err.text, location_option(fields[i].field)));
		} else if (rc || strcmp(out, want) != 0) {
			fail_msg("'%s': %d, %s", fields[i].text, rc, rc ? err.text : out);
		}
		arena_release(&arena);
	}
}

static void test_whole(void **state)
{
	static const enum location_field vital[] = {LOCATION_COUNTRY, LOCATION_STREET, LOCATION_CITY, LOCATION_STATE_CODE,
						    LOCATION_ZIP};
	const char *whole[LOCATION_STORED] = {
		[LOCATION_COUNTRY] = "US",    [LOCATION_STREET] = "350 Fifth Ave", [LOCATION_FLOOR] = "21",
		[LOCATION_CITY] = "New York", [LOCATION_STATE_CODE] = "NY",	    [LOCATION_ZIP] = "10118",
	};
	static const char *const civics[] = {"PRD=<N>", "XX=1", "PRD", "PRD=N;PRD=S", "PRD=N;", "LOC=\x01"};
	struct err err = {0};

	(void)state;
	assert_int_equal(location_check(whole, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(vital); i++) {
		const char *v[LOCATION_STORED];

		memcpy(v, whole, sizeof(v));
		v[vital[i]] = NULL;
		assert_int_equal(location_check(v, &err), ERR_USAGE);
		assert_non_null(strstr(err.text, location_option(vital[i])));
	}
	whole[LOCATION_CIVIC] = "PRD=N;LOC=by the lift";
	assert_int_equal(location_check(whole, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(civics); i++) { /* somebody else's writing */
		whole[LOCATION_CIVIC] = civics[i];
		assert_int_equal(location_check(whole, &err), ERR_USAGE);
	}
	whole[LOCATION_CIVIC] = NULL;
	whole[LOCATION_COUNTRY] = "CA"; /* the state and the ZIP are none there */
	assert_int_equal(location_check(whole, &err), ERR_USAGE);
}

/* One place may be typed in two ways, and two places are not one because they begin alike. */
static void test_alike(void **state)
{
	static const struct {
		const char *a, *b;
		bool is_alike;
	} pairs[] = {
		{"350 Fifth Ave", "350 FIFTH ave", true},
		{"350 Fifth Ave", "350 Fifth Av", false},
		{"350 Fifth Ave", "351 Fifth Ave", false},
		{NULL, NULL, true},
		{"21", NULL, false},
		{NULL, "21", false},
		{"\xc3\x89glise", "\xc3\xa9glise", true},   /* U+C9, U+E9 */
		{"\xc3\x97", "\xc3\xb7", false},	      /* times and divided by are no pair of letters */
		{"\xc3\x80", "\xc3\xa0", true},
		{"\xc3\xbf", "\xc5\xb8", true},	      /* U+FF, U+178 */
		{"\xc4\x80", "\xc4\x81", true},	      /* U+100, U+101 */
		{"\xc4\x81", "\xc4\x82", false},	      /* U+101, U+102 */
		{"\xc4\xb9", "\xc4\xba", true},	      /* U+139, U+13A: odd and even from here */
		{"\xc5\x88", "\xc5\x89", false},	      /* U+148, U+149: to here */
		{"\xc5\x8a", "\xc5\x8b", true},
		{"\xc5\xb9", "\xc5\xba", true},	      /* U+179, U+17A */
		{"\xc5\xbe", "\xc5\xbf", false},	      /* U+17E, U+17F */
		{"\xc7\x84", "\xc7\x85", false},	      /* not of the alphabets that addresses have */
		{"12 \xff", "12 \xff", true},		      /* as another program wrote it */
		{"12 \xff", "12 \xfe", false},
		{"12 a", "12 \xff", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (location_is_alike(pairs[i].a, pairs[i].b) != pairs[i].is_alike)
			fail_msg("pair %zu", i);
}

static void test_line(void **state)
{
	const char *v[LOCATION_STORED] = {
		[LOCATION_COUNTRY] = "US", [LOCATION_STREET] = "350 Fifth Ave", [LOCATION_BUILDING] = "A",
		[LOCATION_FLOOR] = "21",   [LOCATION_UNIT] = "4",		[LOCATION_ROOM] = "7",
		[LOCATION_CITY] = "New York", [LOCATION_STATE_CODE] = "NY",	[LOCATION_ZIP] = "10118",
	};
	struct buf out = {0};

	(void)state;
	location_line(&out, v);
	assert_string_equal(out.data, "350 Fifth Ave, bldg A, floor 21, unit 4, room 7, New York, NY 10118, US");
	buf_release(&out);
}

static void test_civic(void **state)
{
	static const char *const bad[] = {"PRD", "XYZ=1", "PRD=", "PRD= ", "A1=NY", "=N", "LOC=a;b", "LOC=a\nb", "PRD=S",
					  "LOC=PO Box 4", "LOC=\xff",
					  "LOC=1234567890123456789012345678901234567890123456789012345678901"};
	struct buf elements = {0};
	struct err err = {0};
	size_t len;

	(void)state;
	assert_int_equal(civic_add(&elements, "LOC=by the lift", &err), 0);
	assert_int_equal(civic_add(&elements, "PRD=N", &err), 0);
	assert_int_equal(civic_add(&elements, "ADDCODE=7", &err), 0);
	assert_int_equal(civic_add(&elements, "A2=Kings", &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (civic_add(&elements, bad[i], &err) != ERR_USAGE)
			fail_msg("'%s' was taken", bad[i]);
	assert_string_equal(elements.data, "A2=Kings;PRD=N;LOC=by the lift;ADDCODE=7");
	assert_int_equal(civic_add(&elements, "RDSEC=East", &err), 0);
	assert_string_equal(elements.data, "A2=Kings;PRD=N;RDSEC=East;LOC=by the lift;ADDCODE=7");
	assert_null(civic_get(elements.data, "RD", &len)); /* another one's name begins so */
	assert_memory_equal(civic_get(elements.data, "LOC", &len), "by the lift", 11);
	assert_int_equal(len, 11);
	assert_null(civic_get(elements.data, "POD", &len));
	assert_null(civic_get(elements.data, "OC", &len));
	assert_null(civic_get(NULL, "LOC", &len));
	buf_release(&elements);
}

static void test_need(void **state)
{
	static const struct {
		struct number n;
		enum e911_need need;
	} numbers[] = {
		{{14155550100, 11}, E911_NEEDED},	 {{16135550100, 11}, E911_NEEDED},   /* Ottawa */
		{{17875550100, 11}, E911_NEEDED},	 {{18005550100, 11}, E911_TOLL_FREE},
		{{18775550100, 11}, E911_TOLL_FREE},	 {{12425550100, 11}, E911_ELSEWHERE}, /* Bahamas */
		{{18765550100, 11}, E911_ELSEWHERE},	 {{19005550100, 11}, E911_ELSEWHERE},
		{{918065978000, 12}, E911_ELSEWHERE},	 {{911, 3}, E911_ELSEWHERE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (e911_need(numbers[i].n) != numbers[i].need)
			fail_msg("%llu", (unsigned long long)numbers[i].n.value);
	assert_int_equal(e911_alike((struct number){17999999998, 11}, 100), 2);
	assert_int_equal(e911_alike((struct number){14155550100, 11}, 100), 100);
}

static void test_dial(void **state)
{
	static const struct {
		const char *text, *digits; /* NULL: refused */
	} words[] = {
		{"911", "911"},	    {"9-1-1", "911"}, {"9911", "9911"}, {"9-911", "9911"}, {"(1) 23.911", "123911"},
		{"1234911", NULL}, {"", NULL},	      {"91", NULL},	{"112", NULL},	   {"9112", NULL},
		{"+911", NULL},	    {"911;x", NULL},  {"--", NULL},	{"911\n", NULL},	   {"\xd9\xa9" "11", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char digits[E911_DIAL_MAX + 1] = "";
		struct err err = {0};
		int rc = e911_read_dial(words[i].text, digits, &err);

		if (words[i].digits ? rc || strcmp(digits, words[i].digits) : rc != ERR_USAGE)
			fail_msg("'%s': %d, '%s'", words[i].text, rc, digits);
	}
}

/* What stands in the way of a call, one thing at a time and several. */
static void test_call(void **state)
{
	static const char *const whole[LOCATION_STORED] = {
		[LOCATION_COUNTRY] = "US",    [LOCATION_STREET] = "350 Fifth Ave", [LOCATION_CITY] = "New York",
		[LOCATION_STATE_CODE] = "NY", [LOCATION_ZIP] = "10118",
	};
	static const char *const half[LOCATION_STORED] = {[LOCATION_STREET] = "350 Fifth Ave", [LOCATION_COUNTRY] = "US"};
	static const struct number us = {14155550100, 11}, toll_free = {18005550100, 11}, india = {918065978002, 12};
	const struct {
		struct e911_call call;
		unsigned bars;
	} calls[] = {
		{{"911", us, true, STATE_ASSIGNED, "a", "a", "registered", whole}, 0},
		{{"911", us, true, STATE_ASSIGNED, "a", NULL, "registered", whole}, 0},
		{{"9911", us, true, STATE_ASSIGNED, "a", "a", "registered", whole}, E911_BAR_PREFIX},
		{{"911", us, true, STATE_ASSIGNED, "b", "a", "registered", whole}, E911_BAR_OWNER},
		{{"911", us, true, STATE_AVAILABLE, NULL, "a", "not-set", NULL}, E911_BAR_OWNER | E911_BAR_STATE | E911_BAR_NOT_SET},
		{{"911", us, true, STATE_BLOCKED, "a", "a", "registered", whole}, E911_BAR_STATE},
		{{"911", us, true, STATE_ASSIGNED, "a", "a", "pending", whole}, E911_BAR_PENDING},
		{{"911", us, true, STATE_ASSIGNED, "a", "a", "failed", whole}, E911_BAR_FAILED},
		{{"911", us, true, STATE_ASSIGNED, "a", "a", "not-set", NULL}, E911_BAR_NOT_SET},
		{{"911", us, true, STATE_ASSIGNED, "a", "a", NULL, NULL}, E911_BAR_NOT_SET},
		{{"911", us, true, STATE_ASSIGNED, "a", "a", NULL, whole}, E911_BAR_NOT_SET},
		{{"911", us, true, STATE_ASSIGNED, "a", "a", "registered", NULL}, E911_BAR_NOT_SET}, /* its location has gone */
		{{"911", us, true, STATE_ASSIGNED, "a", "a", "so so", whole}, E911_BAR_NOT_SET},
		{{"911", us, true, STATE_ASSIGNED, "a", "a", "registered", half}, E911_BAR_BROKEN},
		{{"911", us, false, STATE_UNKNOWN, NULL, "a", NULL, NULL}, E911_BAR_UNKNOWN},
		{{"911", toll_free, true, STATE_ASSIGNED, "a", "a", "registered", whole}, E911_BAR_TOLL_FREE},
		{{"911", india, true, STATE_ASSIGNED, "a", "a", "registered", whole}, E911_BAR_ELSEWHERE},
		{{"911", {0}, false, STATE_UNKNOWN, NULL, "a", NULL, NULL}, E911_BAR_UNKNOWN | E911_BAR_ELSEWHERE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (e911_call_bars(&calls[i].call) != calls[i].bars)
			fail_msg("call %zu: %x, not %x", i, e911_call_bars(&calls[i].call), calls[i].bars);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields), cmocka_unit_test(test_whole), cmocka_unit_test(test_line), cmocka_unit_test(test_alike),
		cmocka_unit_test(test_civic),  cmocka_unit_test(test_need), cmocka_unit_test(test_dial), cmocka_unit_test(test_call),
	};

	return cmocka_run_group_tests_name("e911", tests, NULL, NULL);
}
