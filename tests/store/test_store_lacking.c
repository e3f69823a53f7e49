/*
 * What cannot be had through a REST API: every verb, field, listing and question is put to one, and what it refuses for
 * that reason is exactly what didctl-api(7) lists, in the same words and with the same commands.
 */
#include "did/rows.h"
#include "store/api/lacking.h"
#include "tests/store/fixture.h"

#define A    "918065978000"
#define PAGE "man/didctl-api.7.in"
#define SET(field) .value = {[field] = "1"}, .is_set = {[field] = true}
#define SET_ORG(field) .object_value = {[field] = "x"}, .object_is_set = {[field] = true}

/* "what it is: command", in any order, perhaps more than once. */
struct lacking {
	struct fixture *f;
	struct strlist lines;
	bool is_seen[API_LACKS];
};

/* Notes a refusal that is one of these; of any other answer nothing. */
static void note_answer(struct lacking *l, const char *command, int rc)
{
	const char *text = l->f->err.text;

	for (int i = 0; rc == ERR_TARGET && i < API_LACKS; i++) {
		size_t n = strlen(api_lack_text[i]);

		if (strncmp(text, api_lack_text[i], n) != 0 || strncmp(text + n, " cannot be had through the API", 30) != 0)
			continue;
		l->is_seen[i] = true;
		n -= api_lack_text[i][n - 1] == ',';
		strlist_add(&l->lines, arena_printf(&l->f->arena, "%.*s: %s", (int)n, api_lack_text[i], command));
	}
	l->f->err = (struct err){0};
}

static void ask_change(struct lacking *l, const char *command, struct change c)
{
	note_answer(l, command, apply(l->f, &c));
	change_release(&c);
}

/* ---- changes */

static const char *command_of(enum verb verb)
{
	return verb == VERB_EXTERNAL ? "doctor replay --fix" : verb == VERB_DEMO ? "init --demo" : verb_info[verb].name;
}

/* Each verb with all that it may need; the few that name rows or changes are asked below. */
static void ask_verbs(struct lacking *l)
{
	static const struct port_request order = {.serial = "1"};

	for (int verb = 0; verb < VERB_COUNT; verb++) {
		struct change c = change_of(l->f, (enum verb)verb, verb == VERB_LOCATION_EDIT ? NULL : A, "ACME");

		c.user_text = "Ann";
		c.location_text = "HQ";
		c.port = &order;
		c.dry_run = true;
		for (int i = ORG_NAME; i <= ORG_CONTEXT_PREFIX; i++) {
			c.object_value[i] = "x";
			c.object_is_set[i] = true;
		}
		for (int i = LOCATION_COUNTRY; verb_info[verb].is_service && i < LOCATION_STORED; i++) {
			c.object_value[i] = i == LOCATION_COUNTRY ? "US" : "x";
			c.object_is_set[i] = true;
		}
		if (verb == VERB_UNDO || rows_are_named(&c))
			change_release(&c);
		else
			ask_change(l, command_of((enum verb)verb), c);
	}
}

static const struct {
	const char *command;
	enum verb verb;
	const char *org;
	struct change with;
} fields[] = {
	{"pool edit --operator", VERB_EDIT, NULL, {SET(DID_OPERATOR)}},
	{"pool edit --city", VERB_EDIT, NULL, {SET(DID_CITY)}},
	{"pool edit --state-code", VERB_EDIT, NULL, {SET(DID_STATE_CODE)}},
	{"pool edit --rate-center", VERB_EDIT, NULL, {SET(DID_RATE_CENTER)}},
	{"pool edit --setup-fee", VERB_EDIT, NULL, {SET(DID_SETUP_FEE)}},
	{"pool edit --minute-rate", VERB_EDIT, NULL, {SET(DID_MINUTE_RATE)}},
	{"pool edit --note", VERB_EDIT, NULL, {SET(DID_NOTES)}},
	{"pool edit --tag", VERB_EDIT, NULL, {SET(DID_TAGS)}},
	{"pool edit --after-hold", VERB_EDIT, NULL, {SET(DID_AFTER_HOLD)}},
	{"pool edit --hold-days", VERB_EDIT, NULL, {SET(DID_HOLD_DAYS)}},
	{"pool edit --provider", VERB_EDIT, NULL, {SET(DID_PROVIDER)}},
	{"pool edit --region", VERB_EDIT, NULL, {SET(DID_REGION)}},
	{"pool edit --price", VERB_EDIT, NULL, {SET(DID_PRICE)}},
	{"pool edit --record", VERB_EDIT, NULL, {SET(DID_RECORDING)}},
	{"pool mark on-hold", VERB_MARK, NULL, {.to = STATE_ON_HOLD}},
	{"pool mark reserved", VERB_MARK, NULL, {.to = STATE_RESERVED}},
	{"release --hold", VERB_RELEASE, NULL, {.to = STATE_UNKNOWN, .hold_days = 30}},
	{"assign --prefer-aged", VERB_ASSIGN, "ACME", {.pick = {.count = 1, .prefer_aged = true}}},
	{"org edit --unrouted", VERB_ORG_EDIT, "ACME", {SET_ORG(ORG_UNROUTED)}},
	{"org edit --mail", VERB_ORG_EDIT, "ACME", {SET_ORG(ORG_MAIL)}},
	{"org edit --name", VERB_ORG_EDIT, "ACME", {SET_ORG(ORG_NAME)}},
};

static void ask_fields(struct lacking *l)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		struct change made = change_of(l->f, fields[i].verb, A, fields[i].org), c = fields[i].with;

		c.verb = made.verb;
		memcpy(c.id, made.id, sizeof(c.id));
		c.actor = made.actor;
		c.host = made.host;
		c.target = made.target;
		c.org_text = made.org_text;
		c.now_ms = made.now_ms;
		c.expect = -1;
		if (!c.hold_days)
			c.hold_days = -1;
		if (!c.pick.count)
			c.selection = made.selection;
		else
			change_release(&made);
		c.dry_run = true;
		ask_change(l, fields[i].command, c);
	}
}

/* ---- rows that it does not take */

static struct change repair(struct fixture *f, enum check check, const char *id, const char *keep)
{
	struct change c = change_of(f, VERB_REPAIR, NULL, NULL);

	GROW(c.repairs.at, c.repairs.n, c.repairs.cap);
	c.repairs.at[c.repairs.n++] = (struct repair){check, id, keep};
	return c;
}

static void ask_undo(struct lacking *l)
{
	note_answer(l, "undo", undo(l->f, arena_strdup(&l->f->arena, l->f->id)));
}

static void ask_rows(struct lacking *l)
{
	struct fixture *f = l->f;
	struct change c;

	seed(f, "0806-597-8001", STATE_AVAILABLE, NULL);
	ask_change(l, "doctor spelling --fix", repair(f, CHECK_SPELLING, "row-0806-597-8001", NULL));
	c = change_of(f, VERB_DELETE, NULL, NULL);
	selection_add_id(&c.selection, "row-0806-597-8001");
	done(f, c);
	ask_undo(l);
	seed(f, "918065978002", STATE_AVAILABLE, NULL);
	pbx(f, "UPDATE did_numbers SET status = 'suspended' WHERE id = 'row-918065978002'");
	done(f, repair(f, CHECK_STATE, "row-918065978002", NULL));
	ask_undo(l);
}

/* ---- what else a store is asked */

static void ask_listings(struct lacking *l)
{
	static const struct {
		enum listing listing;
		const char *commands[3];
	} listings[] = {
		{LIST_NUMBERS, {"pool list"}}, {LIST_ORGS, {"org list"}}, {LIST_USERS, {"user list"}},
		{LIST_CHANGES, {"history"}}, {LIST_EVENTS, {"history --change"}},
		{LIST_LOCATIONS, {"e911 locations list", "e911 locations show"}}, {LIST_PORTS, {"port list", "port due", "port sweep"}},
		{LIST_PORT_NUMBERS, {"port show"}}, {LIST_PORT_DOCUMENTS, {"port show"}}, {LIST_PORT_EVENTS, {"port show"}},
		{LIST_PORT_PARTS, {"port loa"}},
	};
	static const struct selection all = {0};
	static const int first[] = {0};

	for (size_t i = 0; i < ARRAY_SIZE(listings); i++) {
		struct query query = {.listing = listings[i].listing, .columns = first, .ncolumns = 1, .selection = &all, .port = "1",
					.document = "none"};

		for (size_t k = 0; k < 3 && listings[i].commands[k]; k++) {
			note_answer(l, listings[i].commands[k], store_query(l->f->store, &query, &l->f->err));
			store_done(l->f->store);
		}
	}
}

static void ask_checks(struct lacking *l)
{
	struct store *store = l->f->store;
	struct finder finder = {0};

	for (int check = 0; check < CHECK_COUNT; check++) {
		const char *command = arena_printf(&l->f->arena, "doctor %s", check_names[check]);

		if (check_info[check].scope == SCOPE_TARGET)
			note_answer(l, command, store_survey(store, CHECK_BIT(check), &finder, &l->f->err));
		if (check_info[check].scope == SCOPE_HISTORY)
			note_answer(l, command, store_verify(store, CHECK_BIT(check), &finder, NULL, &l->f->err));
	}
}

static void ask_store(struct lacking *l)
{
	static const char *const files[] = {"regen --stdout", "regen --check", "regen --diff", "regen --dir", "regen orgs"};
	struct value row[DID_FIELDS];
	struct store *store = l->f->store;
	struct err *err = &l->f->err;
	struct selection one = {0};
	struct seal_report seals;
	uint64_t generation;

	add_numbers(l->f, &one.numbers, A);
	note_answer(l, "init", store_init(store, &(struct init_options){0}, &(struct init_report){0}, err));
	note_answer(l, "history --at", store_at(store, &one, "2026-11-21T10:00:00Z", row, &l->f->arena, err));
	note_answer(l, "doctor history --seal", store_seal(store, &seals, NULL, err));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		note_answer(l, files[i], store_begin_snapshot(store, err));
	assert_int_equal(store_generation(store, &generation, err), ERR_TARGET);
	assert_int_equal(store_live(store, &generation, err), ERR_TARGET);
	assert_int_equal(store_set_live(store, 1, err), ERR_TARGET);
	selection_release(&one);
}

/* ---- the page */

/* A line of the page without its macro, escapes and the punctuation behind it. */
static const char *words_of(struct fixture *f, const char *line, const char *macro)
{
	char *text = arena_strdup(&f->arena, line + strlen(macro)), *to = text;

	for (const char *from = text; *from && *from != '\n'; from++)
		if (*from != '\\')
			*to++ = *from;
	*to = '\0';
	if (to - text > 2 && strcmp(to - 2, " ,") == 0)
		to[-2] = '\0';
	return text;
}

static bool begins(const char *line, const char *macro)
{
	return strncmp(line, macro, strlen(macro)) == 0;
}

/* The list of its section "WHAT AN API CANNOT DO", up to where it ends. */
static void read_page(struct fixture *f, struct strlist *lines)
{
	FILE *page = fopen(PAGE, "r");
	const char *what = NULL;
	bool is_in = false;
	char line[512];

	assert_non_null(page);
	while (fgets(line, sizeof(line), page) && !(is_in && begins(line, ".El"))) {
		is_in |= strcmp(line, ".Sh WHAT AN API CANNOT DO\n") == 0;
		if (is_in && begins(line, ".It Em "))
			what = words_of(f, line, ".It Em ");
		else if (what && begins(line, ".Ic "))
			strlist_add(lines, arena_printf(&f->arena, "%s: %s", what, words_of(f, line, ".Ic ")));
	}
	fclose(page);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort(struct strlist *lines)
{
	if (lines->n)
		qsort(lines->at, lines->n, sizeof(*lines->at), by_text);
}

/* Every line of one list is in the other. */
static void check_all_in(const struct strlist *lines, struct strlist *other, const char *where)
{
	for (size_t i = 0; i < lines->n; i++)
		if (!bsearch(&lines->at[i], other->at, other->n, sizeof(*other->at), by_text))
			fail_msg("%s: %s", where, lines->at[i]);
}

static void test_the_page_lists_what_is_refused(void **state)
{
	struct fixture *f = *state;
	struct lacking l = {.f = f};
	struct strlist page = {0};
	const char *before;

	seed(f, A, STATE_AVAILABLE, NULL);
	before = dump(f, false);
	ask_fields(&l);
	ask_listings(&l);
	ask_checks(&l);
	ask_store(&l);
	assert_string_equal(dump(f, false), before);
	ask_rows(&l);
	ask_verbs(&l);
	for (int i = 0; i < API_LACKS; i++)
		if (!l.is_seen[i])
			fail_msg("nothing was refused because of '%s'", api_lack_text[i]);
	read_page(f, &page);
	sort(&l.lines);
	sort(&page);
	check_all_in(&l.lines, &page, "refused, and not in " PAGE);
	check_all_in(&page, &l.lines, "in " PAGE ", and not refused");
	strlist_release(&l.lines);
	strlist_release(&page);
}

int main(void)
{
	const struct CMUnitTest api[] = {CASE_API(test_the_page_lists_what_is_refused)};

	return run_suites_and_api(NULL, 0, api, ARRAY_SIZE(api));
}
