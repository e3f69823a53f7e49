#include "service/pidf.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "did/e911.h"

/* A part of a text. */
struct span {
	const char *at; /* NULL: it is not there */
	size_t len;
};

/* "12A Main St" and "12 1/2 Main St" in the parts that RFC 5139 has for them. */
enum street_part { STREET_HNO, STREET_HNS, STREET_RD, STREET_PARTS };

#define NOT_STORED (-1) /* only somebody's own civic element says it */

/* The elements in the order of the schema; what the location's own columns say, and what its civic elements may. */
static const struct {
	const char *name;
	int field;	       /* enum location_field */
	enum street_part part; /* where the field is LOCATION_STREET */
} elements[] = {
	{"country", LOCATION_COUNTRY, 0},
	{"A1", LOCATION_STATE_CODE, 0},
	{"A2", NOT_STORED, 0},
	{"A3", LOCATION_CITY, 0},
	{"A4", NOT_STORED, 0},
	{"A5", NOT_STORED, 0},
	{"A6", NOT_STORED, 0},
	{"PRM", NOT_STORED, 0},
	{"PRD", NOT_STORED, 0},
	{"RD", LOCATION_STREET, STREET_RD},
	{"STS", NOT_STORED, 0},
	{"POD", NOT_STORED, 0},
	{"POM", NOT_STORED, 0},
	{"RDSEC", NOT_STORED, 0},
	{"RDBR", NOT_STORED, 0},
	{"RDSUBBR", NOT_STORED, 0},
	{"HNO", LOCATION_STREET, STREET_HNO},
	{"HNS", LOCATION_STREET, STREET_HNS},
	{"LMK", NOT_STORED, 0},
	{"LOC", NOT_STORED, 0},
	{"FLR", LOCATION_FLOOR, 0},
	{"NAM", NOT_STORED, 0},
	{"PC", LOCATION_ZIP, 0},
	{"BLD", LOCATION_BUILDING, 0},
	{"UNIT", LOCATION_UNIT, 0},
	{"ROOM", LOCATION_ROOM, 0},
	{"SEAT", NOT_STORED, 0},
	{"PLC", NOT_STORED, 0},
	{"PCN", NOT_STORED, 0},
	{"ADDCODE", NOT_STORED, 0},
};

static struct span civic_of(const char *civic, const char *name)
{
	struct span value = {0};

	value.at = civic_get(civic, name, &value.len);
	return value;
}

static struct span trim(struct span s)
{
	for (; s.len && *s.at == ' '; s.at++)
		s.len--;
	while (s.len && s.at[s.len - 1] == ' ')
		s.len--;
	return s;
}

/* "1/2" */
static bool is_fraction(const char *word, size_t len)
{
	size_t above = strspn(word, "0123456789"), below = above + 1 + strspn(word + above + (word[above] == '/'), "0123456789");

	return above && word[above] == '/' && below == len && len > above + 1;
}

/* Whether a word is a house number with a letter behind it, "12A". */
static bool has_letter(struct span word)
{
	size_t digits = strspn(word.at, "0123456789");

	return digits && digits + 1 == word.len && ((word.at[digits] | 0x20) >= 'a' && (word.at[digits] | 0x20) <= 'z');
}

static void split_street(const char *street, struct span out[STREET_PARTS])
{
	struct span number = {street, strcspn(street, " ")}, road = trim((struct span){street + number.len,
										      strlen(street + number.len)});
	size_t second = strcspn(road.at, " ");

	if (second < road.len && is_fraction(road.at, second)) {
		out[STREET_HNS] = (struct span){road.at, second};
		road = trim((struct span){road.at + second, road.len - second});
	} else if (has_letter(number)) {
		out[STREET_HNS] = (struct span){street + --number.len, 1};
	}
	out[STREET_HNO] = number;
	out[STREET_RD] = road;
}

static bool is_word(struct span road, size_t at, struct span word)
{
	return strncasecmp(road.at + at, word.at, word.len) == 0;
}

/* Without a word in front or at the end that is an element of its own: "Fifth Ave" is RD Fifth where STS is Ave. */
static struct span without(struct span road, struct span word, bool is_last)
{
	size_t at = road.len - word.len;

	if (!word.at || word.len + 1 >= road.len || road.at[is_last ? at - 1 : word.len] != ' ' ||
	    !is_word(road, is_last ? at : 0, word))
		return road;
	return trim(is_last ? (struct span){road.at, at} : (struct span){road.at + word.len, at});
}

static struct span road_name(struct span road, const char *civic)
{
	static const struct {
		const char *name;
		bool is_last;
	} around[] = {{"PRM", false}, {"PRD", false}, {"POM", true}, {"POD", true}, {"STS", true}};

	for (size_t i = 0; i < ARRAY_SIZE(around); i++)
		road = without(road, civic_of(civic, around[i].name), around[i].is_last);
	return road;
}

static void put_address(struct buf *out, const char *const location[LOCATION_STORED])
{
	const char *civic = location[LOCATION_CIVIC];
	struct span street[STREET_PARTS] = {0};

	split_street(location[LOCATION_STREET], street);
	street[STREET_RD] = road_name(street[STREET_RD], civic);
	buf_puts(out, "          <ca:civicAddress>\n");
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++) {
		struct span value = civic_of(civic, elements[i].name);
		int field = elements[i].field;

		if (!value.at && field == LOCATION_STREET)
			value = street[elements[i].part];
		else if (!value.at && field != NOT_STORED && location[field])
			value = (struct span){location[field], strlen(location[field])};
		if (!value.at)
			continue;
		buf_printf(out, "            <ca:%s>", elements[i].name);
		text_xml(out, value.at, value.len);
		buf_printf(out, "</ca:%s>\n", elements[i].name);
	}
	buf_puts(out, "          </ca:civicAddress>\n");
}

void pidf_open(struct buf *out, const char *entity)
{
	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\"\n"
		      "    xmlns:gp=\"urn:ietf:params:xml:ns:pidf:geopriv10\"\n"
		      "    xmlns:gbp=\"urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy\"\n"
		      "    xmlns:ca=\"urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr\"\n"
		      "    entity=\"");
	text_xml(out, entity, strlen(entity));
	buf_puts(out, "\">\n");
}

/*
 * Without leave to pass it on, whoever gets the document might not tell the responders (RFC 4119, 2.2.2: the default is
 * no). The value is a boolean of XML Schema: "yes", as the RFC's own examples have it, is none (its erratum 7528).
 */
void pidf_add(struct buf *out, const struct pidf_tuple *tuple)
{
	buf_printf(out, "  <tuple id=\"tel-%s\">\n    <status>\n      <gp:geopriv>\n        <gp:location-info>\n", tuple->e164);
	put_address(out, tuple->location);
	buf_puts(out, "        </gp:location-info>\n        <gp:usage-rules>\n"
		      "          <gbp:retransmission-allowed>true</gbp:retransmission-allowed>\n"
		      "        </gp:usage-rules>\n        <gp:method>Manual</gp:method>\n      </gp:geopriv>\n    </status>\n");
	buf_printf(out, "    <contact>tel:+%s</contact>\n", tuple->e164);
	if (tuple->since) {
		buf_puts(out, "    <timestamp>");
		text_xml(out, tuple->since, strlen(tuple->since));
		buf_puts(out, "</timestamp>\n");
	}
	buf_puts(out, "  </tuple>\n");
}

void pidf_close(struct buf *out)
{
	buf_puts(out, "</presence>\n");
}
