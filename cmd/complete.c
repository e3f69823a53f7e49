/*
 * The hidden __complete: what the shells' scripts offer of an inventory, a line "value<TAB>description" each.
 * Somebody waits at a prompt, so it says nothing at all where the target is down, slow or not set.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/zone.h"
#include "cmd/commands.h"
#include "cmd/common.h"
#include "cmd/options.h"

#define PATIENCE_S 1
#define OFFERS_MAX 50
#define CHANGES_MAX 20
#define FIRST_MAX 500 /* of the numbers that are looked at one by one: a row each by way of the index */
#define TAGGED_MAX 10000 /* rows that are looked at for tags */

/*
 * Numbers that begin as typed are intervals of keys once no more than OPEN_MAX digits are open. Less than
 * SPECIFIC_MIN digits say so little that the inventory's first numbers do.
 */
#define OPEN_MAX 10
#define SPECIFIC_MIN 3
#define FILLER "5555555555" /* digits that no country's rules take exception to */

struct offers {
	struct context *ctx;
	const char *typed;
	bool are_numbers;
	size_t n;
	struct buf out;
};

static bool begins_with(const char *s, const char *start)
{
	return strncmp(s, start, strlen(start)) == 0;
}

/* A value that cannot stand on a command line as it is would be broken by the shell. */
static bool is_plain(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == '\x7f')
			return false;
	return true;
}

/* The stored number where it begins as typed, else in that of its spellings which does; NULL if none does. */
static const char *spell(const struct offers *offers, struct value stored, char out[NUMBER_TEXT])
{
	const struct country *country = offers->ctx->country;
	struct number number;
	unsigned n;

	if (begins_with(stored.s, offers->typed))
		return stored.s;
	if (!number_parse_stored(&number, stored.s, stored.len, country))
		return NULL;
	n = number_spellings(number, country);
	for (unsigned k = 0; k < n; k++) {
		number_spell(number, country, k, out);
		if (begins_with(out, offers->typed))
			return out;
	}
	return NULL;
}

/* The first cell is the value; what there is of the others describes it. */
static void offer(struct offers *offers, const struct value *row, size_t n)
{
	char text[NUMBER_TEXT], separator = '\t';
	const char *value = row[0].s;

	if (value && offers->are_numbers)
		value = spell(offers, row[0], text);
	if (!value || !*value || !begins_with(value, offers->typed) || !is_plain(value))
		return;
	buf_puts(&offers->out, value);
	for (size_t i = 1; i < n; i++) {
		if (!row[i].s)
			continue;
		buf_putc(&offers->out, separator);
		text_escape(&offers->out, row[i].s, row[i].len, 0);
		separator = ' ';
	}
	buf_putc(&offers->out, '\n');
	offers->n++;
}

static int offer_rows(struct offers *offers, const struct query *query)
{
	struct context *ctx = offers->ctx;
	const struct value *row;
	int rc = store_query(ctx->store, query, &ctx->err);

	if (rc)
		return rc;
	while (offers->n < OFFERS_MAX && (rc = store_next(ctx->store, &row, &ctx->err)) == 1)
		offer(offers, row, query->ncolumns);
	store_done(ctx->store);
	return rc < 0 ? rc : 0;
}

/* All numbers of which a spelling that the country reads begins so. */
static void add_prefix(struct rangeset *out, const char *prefix, const struct country *country)
{
	char text[NUMBER_TEXT];
	uint64_t size = 1;

	for (int open = 0; open <= OPEN_MAX; open++, size *= 10) {
		int len = snprintf(text, sizeof(text), "%s%.*s", prefix, open, FILLER);
		struct number number;

		if (len >= (int)sizeof(text))
			break;
		if (number_parse(&number, text, (size_t)len, country, NULL))
			continue;
		number.value -= number.value % size;
		rangeset_add(out, (struct interval){number, size});
	}
	rangeset_normalise(out);
}

static const int number_columns[] = {DID_NUMBER, DID_STATE, DID_ORG};

/* In no order: to sort, a database would first read all of a range. The shells sort what they show. */
static int offer_numbers(struct offers *offers, const struct rangeset *numbers)
{
	const struct selection selection = {.numbers = *numbers};
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = number_columns, .ncolumns = ARRAY_SIZE(number_columns),
		.selection = &selection, .limit = OFFERS_MAX,
	};

	return numbers->n && offers->n < OFFERS_MAX ? offer_rows(offers, &query) : 0;
}

/*
 * E.164 digits first. Where they are enough it ends there: national numbers that begin with the digits of a
 * country code lie among all numbers of that country, and to find them takes long.
 */
static int find_prefix(struct offers *offers)
{
	const struct country *country = offers->ctx->country;
	bool has_plus = *offers->typed == '+';
	struct rangeset e164 = {0}, national = {0}, rest = {0};
	char text[NUMBER_TEXT];
	int rc = 0;

	if (snprintf(text, sizeof(text), "+%s", offers->typed + has_plus) < (int)sizeof(text)) {
		add_prefix(&e164, text, country);
		rc = offer_numbers(offers, &e164);
	}
	if (!rc && !has_plus) {
		add_prefix(&national, offers->typed, country);
		rangeset_subtract(&rest, &national, &e164);
		rc = offer_numbers(offers, &rest);
	}
	rangeset_release(&e164);
	rangeset_release(&national);
	rangeset_release(&rest);
	return rc;
}

/* The inventory's first numbers, as far as they begin so. */
static int find_first(struct offers *offers)
{
	static const struct sort_key by_number = {.column = DID_NUMBER};
	const struct selection all = {0};
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = number_columns, .ncolumns = ARRAY_SIZE(number_columns),
		.selection = &all, .sort = &by_number, .nsort = 1, .limit = FIRST_MAX,
	};

	return offer_rows(offers, &query);
}

static int find_numbers(struct offers *offers)
{
	const char *digits = offers->typed + (*offers->typed == '+');
	size_t len = strspn(digits, "0123456789");

	if (digits[len])
		return 0;
	offers->are_numbers = true;
	return len < SPECIFIC_MIN ? find_first(offers) : find_prefix(offers);
}

static int find_orgs(struct offers *offers)
{
	static const int columns[] = {ORG_NAME, ORG_CONTEXT_PREFIX};
	const struct query query = {
		.listing = LIST_ORGS, .columns = columns, .ncolumns = ARRAY_SIZE(columns),
		.prefix_of = offers->typed, .limit = OFFERS_MAX,
	};

	return offer_rows(offers, &query);
}

static int find_users(struct offers *offers)
{
	static const int columns[] = {USER_NAME, USER_ORG};
	const struct query query = {
		.listing = LIST_USERS, .columns = columns, .ncolumns = ARRAY_SIZE(columns),
		.prefix_of = offers->typed, .limit = OFFERS_MAX,
	};

	return offer_rows(offers, &query);
}

static int find_changes(struct offers *offers)
{
	static const int columns[] = {CHANGE_ID, CHANGE_VERB, CHANGE_COUNT, CHANGE_AT};
	const struct query query = {
		.listing = LIST_CHANGES, .columns = columns, .ncolumns = ARRAY_SIZE(columns),
		.newest_first = true, .limit = CHANGES_MAX,
	};

	return offer_rows(offers, &query);
}

static int find_ports(struct offers *offers)
{
	static const int columns[] = {PORT_SERIAL, PORT_STATE, PORT_ORG, PORT_LOSING_CARRIER};
	const struct query query = {
		.listing = LIST_PORTS, .columns = columns, .ncolumns = ARRAY_SIZE(columns), .newest_first = true,
	};

	return offer_rows(offers, &query);
}

static int find_locations(struct offers *offers)
{
	static const int columns[] = {LOCATION_LABEL, LOCATION_STREET};
	const struct query query = {
		.listing = LIST_LOCATIONS, .columns = columns, .ncolumns = ARRAY_SIZE(columns),
	};

	return offer_rows(offers, &query);
}

/* Each tag of a comma list that was not offered before. */
static void offer_tags(struct offers *offers, struct intern *seen, const char *list)
{
	for (const char *end; list; list = *end ? end + 1 : NULL) {
		size_t before = seen->n;
		const char *tag;

		end = strchrnul(list, ',');
		tag = intern(seen, list, (size_t)(end - list));
		if (seen->n > before)
			offer(offers, &(struct value){tag, strlen(tag)}, 1);
	}
}

static int find_tags(struct offers *offers)
{
	static const int column = DID_TAGS;
	struct context *ctx = offers->ctx;
	struct selection all = {0};
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = &column, .ncolumns = 1, .selection = &all,
		.limit = TAGGED_MAX,
	};
	struct intern seen = {0};
	const struct value *row;
	int rc = store_query(ctx->store, &query, &ctx->err);

	if (rc)
		return rc;
	while (offers->n < OFFERS_MAX && (rc = store_next(ctx->store, &row, &ctx->err)) == 1)
		offer_tags(offers, &seen, row[0].s);
	store_done(ctx->store);
	intern_release(&seen);
	return rc < 0 ? rc : 0;
}

static int find_profiles(struct offers *offers)
{
	const char *const *names;
	size_t n = conf_profiles(offers->ctx->conf, &names);

	for (size_t i = 0; i < n; i++)
		offer(offers, &(struct value){names[i], strlen(names[i])}, 1);
	return 0;
}

static void offer_zone(void *to, const char *name, const char *where)
{
	offer(to, (const struct value[]){value_str(name), value_str(where)}, 2);
}

/* All that begin so: some of them would look to the shell like a beginning that they have in common. */
static int find_zones(struct offers *offers)
{
	return zone_each(offer_zone, offers, &offers->ctx->err);
}

/* The names are lib/cli/shell.c's. */
static const struct kind {
	const char *name;
	int (*find)(struct offers *offers);
	bool needs_target;
} kinds[] = {
	{"change", find_changes, true}, {"location", find_locations, true}, {"number", find_numbers, true},
	{"org", find_orgs, true},	{"port", find_ports, true},	    {"profile", find_profiles, false},
	{"tag", find_tags, true},	{"user", find_users, true},	    {"zone", find_zones, false},
};

static int open_target(struct context *ctx)
{
	int rc;

	if (ctx->target.target)
		conf_override(ctx->conf, SET_TARGET, ctx->target.target, "--target");
	rc = store_open(&ctx->store, ctx->conf, STORE_READ, PATIENCE_S, &ctx->err);
	if (!rc)
		ctx->country = store_country(ctx->store);
	return rc;
}

static int find(struct offers *offers, const struct kind *kind)
{
	struct context *ctx = offers->ctx;
	int rc = conf_load(&ctx->conf, ctx->global.config, ctx->target.profile, &ctx->err);

	if (!rc && kind->needs_target)
		rc = open_target(ctx);
	return rc ? rc : kind->find(offers);
}

/* Whatever hangs, a name server or a password command, ends here. */
static void give_up(int sig)
{
	(void)sig;
	_exit(0);
}

static int run(struct context *ctx, void *args)
{
	struct offers offers = {.ctx = ctx, .typed = ctx->operands.n > 1 ? ctx->operands.at[1] : ""};

	(void)args;
	sigaction(SIGALRM, &(struct sigaction){.sa_handler = give_up}, NULL);
	alarm(PATIENCE_S);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, ctx->operands.at[0]) && !find(&offers, &kinds[i]))
			fwrite(buf_str(&offers.out), 1, offers.out.len, stdout);
	buf_release(&offers.out);
	return 0;
}

static const struct option_group *const groups[] = {&group_target, &group_global, NULL};

const struct command cmd_complete = {
	.name = "__complete",
	.summary = "print what a word may be completed to",
	.args = {{.metavar = "KIND", .help = "what kind of word", .min = 1, .max = 1},
		 {.metavar = "PREFIX", .help = "what is typed of it", .max = 1}},
	.groups = groups,
	.flags = COMMAND_OFFLINE | COMMAND_NO_CONF | COMMAND_HIDDEN,
	.run = run,
};
