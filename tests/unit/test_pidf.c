/* What of a street becomes which civic element (RFC 5139), and what a document is made of. Schemas: tests/cli/e911_export.bats */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "service/pidf.h"

static const struct {
	const char *street, *civic;
	const char *want; /* the elements from PRM to HNS */
} streets[] = {
	{"350 Fifth Ave", NULL, "RD=Fifth Ave HNO=350 "},
	{"350A Fifth Ave", NULL, "RD=Fifth Ave HNO=350 HNS=A "},
	{"12 1/2 Main St", NULL, "RD=Main St HNO=12 HNS=1/2 "},
	{"12 1/2", NULL, "RD=1/2 HNO=12 "}, /* a road that is a number */
	{"12 34th St", NULL, "RD=34th St HNO=12 "},
	{"12-14 Main St", NULL, "RD=Main St HNO=12-14 "},
	{"12# Main St", NULL, "RD=Main St HNO=12# "},
	{"N6W23001 Bluemound Rd", NULL, "RD=Bluemound Rd HNO=N6W23001 "},
	{"350  Fifth Ave", NULL, "RD=Fifth Ave HNO=350 "},
	{"350 W Fifth Ave SW", "PRD=W;STS=Ave;POD=SW", "PRD=W RD=Fifth STS=Ave POD=SW HNO=350 "},
	{"350 w fifth ave", "PRD=W;STS=Ave", "PRD=W RD=fifth STS=Ave HNO=350 "},
	{"350 Old N Main St Extended", "PRM=Old;PRD=N;STS=St;POM=Extended", "PRM=Old PRD=N RD=Main STS=St POM=Extended HNO=350 "},
	{"350 Fifth Avenue", "STS=Ave", "RD=Fifth Avenue STS=Ave HNO=350 "}, /* not the same word */
	{"350 Broadway", "STS=Way", "RD=Broadway STS=Way HNO=350 "},	      /* not a word of its own */
	{"350 Ave", "STS=Ave", "RD=Ave STS=Ave HNO=350 "},		      /* a road has a name */
	{"350 Fifth Ave", "RD=5th;HNO=348", "RD=5th HNO=348 "},	      /* what is said outright counts */
	{"12 O'Neil & Co Rd", NULL, "RD=O&apos;Neil &amp; Co Rd HNO=12 "},
};

/* "NAME=text " of each civic element from one to another. */
static void elements_of(struct buf *out, const char *xml)
{
	static const char *const names[] = {"PRM", "PRD", "RD", "STS", "POD", "POM", "HNO", "HNS"};

	for (const char *at = xml; (at = strstr(at, "<ca:")); at++)
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			size_t len = strlen(names[i]);

			if (strncmp(at + 4, names[i], len) == 0 && at[4 + len] == '>')
				buf_printf(out, "%s=%.*s ", names[i], (int)strcspn(at + 5 + len, "<"), at + 5 + len);
		}
}

static void test_streets(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(streets); i++) {
		struct pidf_tuple tuple = {.e164 = "14155550100"};
		struct buf xml = {0}, got = {0};

		tuple.location[LOCATION_STREET] = streets[i].street;
		tuple.location[LOCATION_CIVIC] = streets[i].civic;
		pidf_add(&xml, &tuple);
		elements_of(&got, xml.data);
		if (strcmp(buf_str(&got), streets[i].want) != 0)
			fail_msg("'%s' with '%s' is '%s'", streets[i].street, streets[i].civic, buf_str(&got));
		buf_release(&xml);
		buf_release(&got);
	}
}

static void test_document(void **state)
{
	struct pidf_tuple tuple = {
		.e164 = "14155550100", .since = "2026-11-22T04:00:00.000Z",
		.location = {[LOCATION_COUNTRY] = "US", [LOCATION_STREET] = "350 Fifth Ave", [LOCATION_CITY] = "New York",
			     [LOCATION_STATE_CODE] = "NY", [LOCATION_ZIP] = "10118"},
	};
	struct buf xml = {0}, again = {0};

	(void)state;
	for (int i = 0; i < 2; i++) {
		pidf_open(i ? &again : &xml, "tel:+1\"<&");
		pidf_add(i ? &again : &xml, &tuple);
		pidf_close(i ? &again : &xml);
	}
	assert_string_equal(xml.data, again.data);
	assert_non_null(strstr(xml.data, "entity=\"tel:+1&quot;&lt;&amp;\">"));
	assert_non_null(strstr(xml.data, "<contact>tel:+14155550100</contact>\n    <timestamp>2026-11-22T04:00:00.000Z</timestamp>"));
	assert_null(strstr(xml.data, "ca:FLR"));
	tuple.since = NULL;
	buf_reset(&again);
	pidf_add(&again, &tuple);
	assert_null(strstr(again.data, "timestamp"));
	buf_release(&xml);
	buf_release(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streets),
		cmocka_unit_test(test_document),
	};

	return cmocka_run_group_tests_name("pidf", tests, NULL, NULL);
}
