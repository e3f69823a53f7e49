#include "did/e911.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define AREA_SIZE UINT64_C(10000000) /* numbers of one area code */

const char *const e911_statuses[] = {"pending", "registered", "failed", NULL};

/* Two letters each: states, the district and the territories that the Postal Service delivers in, but no military ones. */
static const char us_states[] = "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM"
				" NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR VI";
static const char ca_provinces[] = "AB BC MB NB NL NS NT NU ON PE QC SK YT";

#define POSTAL_LETTERS "ABCEGHJKLMNPRSTVWXYZ" /* Canada Post: no D, F, I, O, Q, U; at the start no W and no Z */

struct nation {
	const char *code, *states, *state_word;
	const char *(*read_zip)(const char *code, struct arena *arena); /* as it is written, or NULL */
	const char *zip_word;
};

/* Capitals without blanks: "k1a 0b1" is K1A0B1. */
static const char *squeeze(const char *text, struct arena *arena)
{
	char *code = arena_strdup(arena, text), *end = code;

	for (; *text; text++)
		if (*text != ' ')
			*end++ = text_capital(*text);
	*end = '\0';
	return code;
}

static bool is_made_of(const char *text, const char *const *sets)
{
	for (; *sets; sets++, text++)
		if (!*text || !strchr(*sets, *text))
			return false;
	return !*text;
}

#define D "0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LETTERS CAPITALS "abcdefghijklmnopqrstuvwxyz"

/* 5 digits, or ZIP+4. */
static const char *read_us_zip(const char *code, struct arena *arena)
{
	static const char *const five[] = {D, D, D, D, D, NULL};
	static const char *const nine[] = {D, D, D, D, D, "-", D, D, D, D, NULL};

	(void)arena;
	return is_made_of(code, five) || is_made_of(code, nine) ? code : NULL;
}

/* K1A0B1 is "K1A 0B1". */
static const char *read_ca_postal(const char *code, struct arena *arena)
{
	static const char *const six[] = {"ABCEGHJKLMNPRSTVXY", D, POSTAL_LETTERS, D, POSTAL_LETTERS, D, NULL};

	return is_made_of(code, six) ? arena_printf(arena, "%.3s %s", code, code + 3) : NULL;
}

static const struct nation nations[] = {
	{"US", us_states, "state of the United States, such as NY", read_us_zip, "ZIP code: 5 digits, or 5-4"},
	{"CA", ca_provinces, "province of Canada, such as ON", read_ca_postal, "postal code such as K1A 0B1"},
};

static const struct nation *nation_find(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(nations); i++)
		if (code && strcmp(nations[i].code, code) == 0)
			return &nations[i];
	return NULL;
}

/*
 * What each field takes: max in characters, as wide as the column that keeps it; 0: it is none that somebody types. No
 * standard bounds them but those of codes: the Postal Service's two letters of a state (Publication 28, appendix B), ISO
 * 3166's of a country, ZIP+4, Canada Post's six. What a provider's own record is too short for (NENA 02-010 has 60 for a
 * street and 32 for a community) it refuses itself, and says so.
 */
static const struct {
	const char *option;
	size_t max;
	bool is_free;  /* any text: a person reads it, no dispatcher */
	bool is_vital; /* a location without it is none */
} rules[LOCATION_STORED] = {
	[LOCATION_LABEL] = {"--label", 64, true, false},
	[LOCATION_COUNTRY] = {"--country", 2, false, true},
	[LOCATION_STREET] = {"--street", 100, false, true},
	[LOCATION_UNIT] = {"--unit", 40, false, false},
	[LOCATION_BUILDING] = {"--building", 60, false, false},
	[LOCATION_FLOOR] = {"--floor", 20, false, false},
	[LOCATION_ROOM] = {"--room", 40, false, false},
	[LOCATION_CITY] = {"--city", 64, false, true},
	[LOCATION_STATE_CODE] = {"--state-code", 2, false, true},
	[LOCATION_ZIP] = {"--zip", 10, false, true},
	[LOCATION_CONTACT] = {"--contact", 255, true, false},
};

const char *location_option(enum location_field field)
{
	return rules[field].option;
}

/* Of Latin script as is_address() takes it. In a table of its own and not tolower(): a locale is nothing to stores. */
static uint32_t small_letter(uint32_t c)
{
	bool is_odd_pair = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e);

	if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7))
		return c + 0x20;
	if (c < 0x100 || c > 0x17e)
		return c;
	if (c == 0x178)
		return 0xff;
	return c + (c % 2 == is_odd_pair);
}

bool location_is_alike(const char *a, const char *b)
{
	uint32_t x = 0, y = 0;
	size_t n, m;

	if (!a || !b)
		return a == b;
	for (; *a && *b; a += n, b += m) {
		n = text_decode(a, strlen(a), &x);
		m = text_decode(b, strlen(b), &y);
		if (!n || !m || small_letter(x) != small_letter(y))
			return strcmp(a, b) == 0;
	}
	return *a == *b;
}

static int refuse(enum location_field field, const char *text, const char *why, struct err *err)
{
	char shown[TEXT_SHOWN];

	return err_set(err, ERR_USAGE, "bad value '%s' of '%s': %s", text_show(shown, text, strlen(text)),
		       rules[field].option, why);
}

/* Letters of Latin script, accents of French included, digits, and what stands in addresses. */
static bool is_address(const char *text)
{
	size_t len = strlen(text), n;
	uint32_t c;

	for (; len; text += n, len -= n) {
		n = text_decode(text, len, &c);
		if (!n)
			return false;
		if (c < 0x80 ? !strchr(LETTERS D " .,'#&/()-", (int)c) :
			       (c < 0xc0 || c > 0x17f || c == 0xd7 || c == 0xf7))
			return false;
	}
	return true;
}

/* C0, DEL and C1: a line break in a label would be a line of its own wherever it is listed. */
static bool has_control(const char *text)
{
	uint32_t c;

	for (size_t len = strlen(text), n; len; text += n, len -= n) {
		n = text_decode(text, len, &c);
		if (!n || c < 0x20 || (c >= 0x7f && c < 0xa0))
			return true;
	}
	return false;
}

static size_t count_characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* " 12 P O BOX 7 ": words of capital letters and digits, one blank round each. */
static void words_of(struct buf *out, const char *text)
{
	buf_putc(out, ' ');
	for (; *text; text++) {
		char c = text_capital(*text);

		if (c == '.') /* P.O. and PO are one word's two spellings */
			continue;
		if (strchr(CAPITALS D, c) || (unsigned char)c >= 0x80)
			buf_putc(out, c);
		else if (out->data[out->len - 1] != ' ')
			buf_putc(out, ' ');
	}
	buf_putc(out, ' ');
}

/* Nobody can be sent to a box at a post office. */
static bool is_po_box(const char *text)
{
	static const char *const boxes[] = {" PO BOX", " P O BOX", " POBOX", " POST OFFICE BOX", " POSTAL BOX",
					    " CASE POSTALE", " BOITE POSTALE", " GENERAL DELIVERY", " PMB "};
	struct buf words = {0};
	bool is_box = false;

	words_of(&words, text);
	for (size_t i = 0; i < ARRAY_SIZE(boxes) && !is_box; i++) {
		const char *at = strstr(words.data, boxes[i]);
		char after = at ? at[strlen(boxes[i])] : 'A';

		is_box = at && (after < 'A' || after > 'Z'); /* "PO BOXWOOD RD" is a road */
	}
	is_box |= strncmp(words.data, " BOX ", 5) == 0;
	buf_release(&words);
	return is_box;
}

/* "350 Fifth Ave", "N6W23001 Bluemound Rd", "12 1/2 Main St": a word with a digit, then a road. */
static bool has_house_number(const char *street)
{
	size_t first = strcspn(street, " ");

	return strcspn(street, D) < first && street[first]; /* it does not end with a blank */
}

static int read_code(enum location_field field, const char *text, const struct nation *nation, struct arena *arena,
		     const char **out, struct err *err)
{
	const char *code = squeeze(text, arena);
	bool is_zip = field == LOCATION_ZIP;

	if (is_zip)
		*out = nation->read_zip(code, arena);
	else
		*out = strlen(code) == 2 && strstr(nation->states, code) ? code : NULL;
	return *out ? 0 : refuse(field, text, arena_printf(arena, "it is no %s", is_zip ? nation->zip_word : nation->state_word), err);
}

static int read_text(enum location_field field, const char *text, const char **out, struct err *err)
{
	size_t len = strlen(text);

	*out = text;
	if (!text_is_utf8(text, len))
		return refuse(field, text, "it is not UTF-8", err);
	if (text_is_blank(text) || *text == ' ' || text[len - 1] == ' ')
		return refuse(field, text, "it is blank, or begins or ends with a blank", err);
	if (count_characters(text) > rules[field].max)
		return refuse(field, text, field == LOCATION_STATE_CODE ?
			      "it is too long: a state's code is two letters, such as NY" : "it is too long", err);
	if (has_control(text))
		return refuse(field, text, "it has a control character", err);
	if (rules[field].is_free)
		return 0;
	if (!is_address(text))
		return refuse(field, text, "it may have letters, digits, blanks and . , ' # & / ( ) -", err);
	if (is_po_box(text))
		return refuse(field, text, "a post office box is no dispatchable location: nobody can be sent there", err);
	if (field == LOCATION_STREET && !has_house_number(text))
		return refuse(field, text, "it is not a house number and a street, such as '350 Fifth Ave'", err);
	if (field == LOCATION_CITY && !text[strcspn(text, LETTERS)])
		return refuse(field, text, "it has no letter", err);
	return 0;
}

int location_read(enum location_field field, const char *text, const char *country, struct arena *arena,
		  const char **out, struct err *err)
{
	const struct nation *nation = nation_find(country);
	int rc = read_text(field, text, out, err);

	if (rc < 0)
		return rc;
	if (field == LOCATION_COUNTRY) {
		nation = nation_find(squeeze(text, arena));
		*out = nation ? nation->code : NULL;
		return nation ? 0 : refuse(field, text, "it is neither US nor CA", err);
	}
	if ((field == LOCATION_ZIP || field == LOCATION_STATE_CODE) && nation)
		return read_code(field, text, nation, arena, out, err);
	return 0;
}

void location_line(struct buf *out, const char *const v[LOCATION_STORED])
{
	static const struct {
		enum location_field field;
		const char *before;
	} parts[] = {{LOCATION_STREET, ""},	{LOCATION_BUILDING, ", bldg "}, {LOCATION_FLOOR, ", floor "},
		     {LOCATION_UNIT, ", unit "}, {LOCATION_ROOM, ", room "},	 {LOCATION_CITY, ", "},
		     {LOCATION_STATE_CODE, ", "}, {LOCATION_ZIP, " "},		 {LOCATION_COUNTRY, ", "}};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (v[parts[i].field])
			buf_printf(out, "%s%s", parts[i].before, v[parts[i].field]);
}

const struct civic_element civic_elements[] = {
	{"A2", "county"},
	{"A4", "city division, borough"},
	{"A5", "neighbourhood, block"},
	{"A6", "group of streets"},
	{"PRM", "road pre-modifier, such as Old"},
	{"PRD", "leading street direction, such as N"},
	{"RD", "primary road name"},
	{"STS", "street suffix, such as Ave"},
	{"POD", "trailing street suffix, such as SW"},
	{"POM", "road post-modifier, such as Extended"},
	{"RDSEC", "road section"},
	{"RDBR", "road branch"},
	{"RDSUBBR", "road sub-branch"},
	{"HNO", "house number"},
	{"HNS", "house number suffix, such as 1/2"},
	{"LMK", "landmark or vanity address"},
	{"LOC", "additional location information"},
	{"NAM", "name of residence or business"},
	{"SEAT", "seat or desk"},
	{"PLC", "type of place"},
	{"PCN", "postal community name"},
	{"ADDCODE", "additional code"},
	{NULL, NULL},
};

#define CIVIC_VALUE_MAX 60

static size_t civic_index(const char *name, size_t len)
{
	size_t i = 0;

	while (civic_elements[i].name &&
	       (strlen(civic_elements[i].name) != len || memcmp(civic_elements[i].name, name, len) != 0))
		i++;
	return i;
}

int civic_add(struct buf *elements, const char *pair, struct err *err)
{
	size_t len = strcspn(pair, "="), index = civic_index(pair, len), at = 0;
	const char *value = pair[len] ? pair + len + 1 : "";
	char shown[TEXT_SHOWN];
	struct buf out = {0};

	text_show(shown, pair, strlen(pair));
	if (!civic_elements[index].name || !pair[len])
		return err_set(err, ERR_USAGE, "bad value '%s' of '--civic': it is not ELEMENT=VALUE, such as PRD=N", shown);
	if (!is_address(value) || text_is_blank(value) || count_characters(value) > CIVIC_VALUE_MAX || is_po_box(value))
		return err_set(err, ERR_USAGE,
			       "bad value '%s' of '--civic': up to %d letters, digits, blanks and . , ' # & / ( ) -", shown,
			       CIVIC_VALUE_MAX);
	while (at < elements->len && civic_index(elements->data + at, strcspn(elements->data + at, "=")) < index) {
		at += strcspn(elements->data + at, ";");
		at += at < elements->len;
	}
	if (at < elements->len && civic_index(elements->data + at, strcspn(elements->data + at, "=")) == index)
		return err_set(err, ERR_USAGE, "'--civic' names %s twice", civic_elements[index].name);
	buf_add(&out, buf_str(elements), at);
	if (at && at == elements->len)
		buf_putc(&out, ';');
	buf_puts(&out, pair);
	if (at < elements->len)
		buf_printf(&out, ";%s", elements->data + at);
	buf_release(elements);
	*elements = out;
	return 0;
}

const char *civic_get(const char *elements, const char *name, size_t *len)
{
	size_t n = strlen(name);

	for (const char *at = elements ? elements : ""; *at; at += strcspn(at, ";"), at += *at == ';') {
		if (strncmp(at, name, n) != 0 || at[n] != '=')
			continue;
		*len = strcspn(at + n + 1, ";");
		return at + n + 1;
	}
	return NULL;
}

/* As civic_add would have made it. */
static int check_civic(const char *elements, struct err *err)
{
	struct buf made = {0};
	char *text = xstrdup(elements), *rest = text;
	int rc = 0;

	while (rc == 0 && rest)
		rc = civic_add(&made, strsep(&rest, ";"), err);
	buf_release(&made);
	free(text);
	return rc;
}

int location_check(const char *const v[LOCATION_STORED], struct err *err)
{
	struct arena arena = {0};
	const char *stored;
	int rc = 0;

	for (int f = 0; rc == 0 && f < LOCATION_STORED; f++) {
		if (rules[f].is_vital && !v[f])
			rc = err_set(err, ERR_USAGE, "a dispatchable location needs %s", rules[f].option);
		else if (rules[f].max && v[f])
			rc = location_read((enum location_field)f, v[f], v[LOCATION_COUNTRY], &arena, &stored, err);
	}
	if (rc == 0 && v[LOCATION_CIVIC])
		rc = check_civic(v[LOCATION_CIVIC], err);
	arena_release(&arena);
	return rc;
}

/* NANP area codes of other countries, and those that are no place. Sorted: looked up by halves. */
static const unsigned short elsewhere[] = {
	242, 246, 264, 268, 284, 345, 441, 473, 500, 521, 522, 523, 524, 525, 526, 527, 528, 529, 533, 544, 566, 577, 588,
	600, 649, 658, 664, 700, 710, 721, 758, 767, 784, 809, 829, 849, 868, 869, 876, 900,
};

static int by_code(const void *a, const void *b)
{
	return *(const unsigned short *)a - *(const unsigned short *)b;
}

enum e911_need e911_need(struct number n)
{
	char text[4];
	unsigned short code;

	if (!number_area_code(n, text))
		return E911_ELSEWHERE;
	if (number_is_toll_free(n))
		return E911_TOLL_FREE;
	code = (unsigned short)strtoul(text, NULL, 10);
	return bsearch(&code, elsewhere, ARRAY_SIZE(elsewhere), sizeof(*elsewhere), by_code) ? E911_ELSEWHERE : E911_NEEDED;
}

uint64_t e911_alike(struct number n, uint64_t count)
{
	uint64_t room = AREA_SIZE - n.value % AREA_SIZE;

	return count < room ? count : room;
}

/* ---- what a provider offers instead */

/* What addresses are made of, and nothing else that a provider may have put there. */
static void put_candidate(struct buf *out, const struct json *candidate)
{
	const char *between = "";

	buf_putc(out, '{');
	for (int f = LOCATION_COUNTRY; f < LOCATION_CONTACT; f++) {
		const char *text = json_string(json_get(candidate, location_columns[f].key));

		if (!text)
			continue;
		buf_printf(out, "%s\"%s\":", between, location_columns[f].key);
		text_json(out, text, strlen(text));
		between = ",";
	}
	buf_putc(out, '}');
}

const char *e911_candidates(const struct json *list, struct arena *arena)
{
	struct buf out = {0};
	const char *text = NULL;
	int n = 0;

	if (!list || !json_is_array(list))
		return NULL;
	for (const struct json *c = json_first(list); c && n < E911_CANDIDATES_MAX; c = json_next(c)) {
		if (!json_is_object(c))
			continue;
		buf_putc(&out, n++ ? ',' : '[');
		put_candidate(&out, c);
	}
	if (n) {
		buf_putc(&out, ']');
		text = arena_strdup(arena, out.data);
	}
	buf_release(&out);
	return text;
}
