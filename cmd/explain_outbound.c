/* didctl explain --outbound: which number a call shows, candidate by candidate. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/explain_outbound.h"
#include "cmd/object.h"
#include "cmd/ranges.h"

static const char *shell_word(struct context *ctx, const char *text)
{
	struct buf out = {0};
	const char *word;

	text_shell(&out, text ? text : "");
	word = arena_strdup(&ctx->arena, buf_str(&out));
	buf_release(&out);
	return word;
}

/* A user may name an organisation that is not there, or that no table tells of. */
static int find_users_org(struct outbound *o)
{
	static const int columns[] = {ORG_ID, ORG_NAME};
	const struct query query = {
		.listing = LIST_ORGS, .columns = columns, .ncolumns = ARRAY_SIZE(columns), .name = o->user.org_id,
	};
	struct context *ctx = o->ctx;
	struct value row[ARRAY_SIZE(columns)];
	int rc;

	o->org = (struct org){.id = o->user.org_id, .name = o->user.org_id};
	if (!o->user.org_id || !store_can(ctx->store, CAN_LIST_ORGS))
		return 0;
	rc = object_load(ctx, &query, o->user.org_id, row);
	if (!rc && row[1].s)
		o->org.name = row[1].s;
	if (rc != ERR_ABSENT)
		return rc;
	o->is_org_missing = true;
	ctx->err = (struct err){0};
	return 0;
}

static int find_caller(struct outbound *o, const struct explain_args *args)
{
	struct context *ctx = o->ctx;
	int rc;

	if (args->org)
		return store_find_org(ctx->store, args->org, &o->org, &ctx->arena, &ctx->err);
	rc = store_find_user(ctx->store, args->user, &o->user, &ctx->arena, &ctx->err);
	return rc ? rc : find_users_org(o);
}

static void take_row(struct caller_candidate *out, const struct value *v)
{
	int state = v[DID_STATE].s ? state_find(v[DID_STATE].s, NULL) : -1;

	out->has_row = true;
	out->owner_id = v[DID_ORG_ID].s;
	out->owner = v[DID_ORG].s;
	out->state = state < 0 ? STATE_UNKNOWN : (enum did_state)state;
}

/* Of two rows of the number, the one in question is the organisation's own, else the first. */
static const struct value *choose_row(const struct outbound *o, const struct number_rows *rows)
{
	for (size_t i = 0; i < rows->n && o->org.id; i++)
		if (rows->at[i].v[DID_ORG_ID].s && !strcmp(rows->at[i].v[DID_ORG_ID].s, o->org.id))
			return rows->at[i].v;
	return rows->at[0].v;
}

static int load_candidate(struct outbound *o, enum caller_source source, const char *text)
{
	struct caller_candidate *out = &o->chain.at[source];
	struct number_rows rows = {0};
	struct number number;
	int rc;

	out->number = text;
	if (!number_parse_stored(&number, text, strlen(text), o->ctx->country))
		return 0;
	rc = number_rows_load(o->ctx, number, &rows);
	if (!rc && rows.n)
		take_row(out, choose_row(o, &rows));
	number_rows_release(&rows);
	return rc;
}

/* What the call brings is checked as typed, but seen by the trunk as it was typed. */
static int load_call(struct outbound *o, const char *text)
{
	struct context *ctx = o->ctx;
	struct number number;
	char digits[NUMBER_TEXT];
	int rc;

	if (!text)
		return 0;
	rc = number_parse(&number, text, strlen(text), ctx->country, &ctx->err);
	if (rc)
		return err_prefix(&ctx->err, "--caller-id: ");
	number_format(number, digits);
	return load_candidate(o, CALLER_CALL,
			      text[strspn(text, "+0123456789")] ? arena_strdup(&ctx->arena, digits) : text);
}

/* One of the organisation's numbers: the first by a column, and whether there is another one. */
static int load_first(struct outbound *o, enum filter_kind kind, enum did_field by, struct caller_candidate *out,
		      bool *has_more)
{
	static const int columns[] = {DID_NUMBER, DID_STATE, DID_ORG_ID, DID_ORG};
	const struct sort_key sort = {by, false};
	struct context *ctx = o->ctx;
	struct selection selection = {0};
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = columns, .ncolumns = ARRAY_SIZE(columns), .sort = &sort, .nsort = 1,
		.selection = &selection, .limit = 2,
	};
	const struct value *row;
	int rc;

	filter_add_value(selection_add_filter(&selection, FILTER_ORG, DID_ORG_ID), o->org.id);
	if (kind == FILTER_STATE)
		selection_add_filter(&selection, kind, DID_STATE)->states = STATE_BIT(STATE_ASSIGNED);
	else
		filter_add_value(selection_add_filter(&selection, kind, DID_DEFAULT), "1");
	rc = store_query(ctx->store, &query, &ctx->err);
	for (size_t i = 0; !rc && (rc = store_next(ctx->store, &row, &ctx->err)) == 1; i++, rc = 0) {
		struct value v[DID_FIELDS] = {0};

		*has_more = i > 0;
		if (i > 0)
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(columns); k++)
			v[columns[k]] = value_str(row[k].s ? arena_strdup(&ctx->arena, row[k].s) : NULL);
		out->number = v[DID_NUMBER].s;
		take_row(out, v);
	}
	store_done(ctx->store);
	selection_release(&selection);
	return rc;
}

static int load_org_numbers(struct outbound *o)
{
	struct caller_candidate by_e164 = {0}, *first = &o->chain.at[CALLER_FIRST];
	bool has_more = false;
	int rc;

	if (!o->org.id)
		return 0;
	rc = load_first(o, FILTER_EQUAL, DID_DEFAULT, &o->chain.at[CALLER_DEFAULT], &o->has_two_defaults);
	if (!rc)
		rc = load_first(o, FILTER_STATE, DID_NUMBER, first, &has_more);
	if (!rc && has_more)
		rc = load_first(o, FILTER_STATE, DID_E164, &by_e164, &has_more);
	if (!rc && by_e164.number && strcmp(by_e164.number, first->number) != 0)
		o->first_e164 = by_e164.number;
	return rc;
}

static int load(struct outbound *o, const struct explain_args *args)
{
	struct context *ctx = o->ctx;
	int rc = ranges_read(ctx, SET_TRUNK_RANGE, &o->trunk);

	if (!rc)
		rc = find_caller(o, args);
	if (!rc)
		rc = load_call(o, args->caller_id);
	if (!rc && o->user.outbound_did && !text_is_blank(o->user.outbound_did))
		rc = load_candidate(o, CALLER_USER, o->user.outbound_did);
	if (!rc)
		rc = load_org_numbers(o);
	o->chain.org_id = o->org.id;
	o->chain.trunk = &o->trunk;
	o->chain.fallback = conf_get(ctx->conf, SET_FALLBACK_CALLER_ID, NULL);
	return rc;
}

static const char *fault_detail(const struct outbound *o, int source, enum caller_fault fault)
{
	const struct caller_candidate *candidate = &o->chain.at[source];
	struct arena *arena = &o->ctx->arena;
	const char *owner = candidate->owner ? candidate->owner : candidate->owner_id;

	switch (fault) {
	case CALLER_UNREADABLE:
		return arena_printf(arena, "'%s' is no telephone number", candidate->number);
	case CALLER_UNKNOWN:
		return arena_printf(arena, "%s is not in the inventory", candidate->number);
	case CALLER_NOT_OWNED:
		return arena_printf(arena, "%s is held by %s, not by %s", candidate->number, owner ? owner : "nobody",
				    o->org.name ? o->org.name : "an organisation of the user's");
	case CALLER_NOT_ASSIGNED:
		return arena_printf(arena, "%s is %s, not assigned", candidate->number, state_info[candidate->state].name);
	default:
		return arena_printf(arena, "the trunk does not let '%s' pass and shows its fallback instead",
				    candidate->number);
	}
}

/* The command that takes the candidate out of the way, or puts a better one there. */
static const char *source_fix(const struct outbound *o, int source)
{
	struct arena *arena = &o->ctx->arena;

	switch (source) {
	case CALLER_CALL:
		return arena_printf(arena, "didctl pool list --org %s --state assigned", o->org_word);
	case CALLER_USER:
		return arena_printf(arena, "didctl default user %s none", o->user_word);
	case CALLER_DEFAULT:
		return arena_printf(arena, "didctl default clear %s", o->org_word);
	default:
		return "didctl default set NUMBER";
	}
}

static void find_faults(struct outbound *o, int source)
{
	static const struct {
		enum caller_fault fault;
		const char *code;
	} faults[] = {
		{CALLER_UNREADABLE, "number"},		{CALLER_UNKNOWN, "not-found"},	{CALLER_NOT_OWNED, "not-owned"},
		{CALLER_NOT_ASSIGNED, "not-assigned"}, {CALLER_OUTSIDE, "trunk-range"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		const char *detail, *fix = source_fix(o, source);

		if (!(o->chain.at[source].faults & faults[i].fault))
			continue;
		detail = fault_detail(o, source, faults[i].fault);
		problem_add(&o->of[source], faults[i].code, detail, fix);
		if (source == o->chain.winner)
			problem_add(&o->problems, faults[i].code, detail, fix);
	}
}

static void find_problems(struct outbound *o)
{
	struct arena *arena = &o->ctx->arena;

	for (int source = 0; source < CALLER_SOURCES; source++)
		find_faults(o, source);
	if (!o->org.id)
		problem_add(&o->problems, "org", "the user belongs to no organisation",
			    arena_printf(arena, "didctl user edit %s --org ORG", o->user_word));
	if (o->is_org_missing)
		problem_add(&o->problems, "owner-missing",
			    arena_printf(arena, "the user's organisation %s does not exist", o->org.id),
			    arena_printf(arena, "didctl user edit %s --org ORG", o->user_word));
	if (o->chain.winner < 0)
		problem_add(&o->problems, "none", "nothing is set and no number is held, so the trunk shows its fallback",
			    arena_printf(arena, "didctl assign NUMBER %s", o->org_word));
	if (o->has_two_defaults)
		problem_add(&o->problems, "two-defaults", "there are two defaults, and which one the PBX takes is chance",
			    "didctl doctor two-defaults --fix");
	if (o->first_e164)
		problem_add(&o->problems, "first",
			    arena_printf(arena, "the first number by its stored text is %s, by the numbers themselves %s",
					 o->chain.at[CALLER_FIRST].number, o->first_e164),
			    arena_printf(arena, "didctl default set %s", shell_word(o->ctx, o->first_e164)));
}

/* The responders see what everybody sees: the address that counts is that of the number which is shown. */
static int load_emergency(struct outbound *o)
{
	const struct problems *more = &o->emergency.problems;
	struct number shown = {0};
	int rc;

	if (!o->emergency.dialled[0])
		return 0;
	if (!number_parse_stored(&shown, o->chain.shown, strlen(o->chain.shown), NULL))
		shown = (struct number){0};
	rc = emergency_load(o->ctx, shown, o->org.id, &o->emergency);
	for (size_t i = 0; i < more->n && o->ctx->output.format != OUT_TABLE; i++) /* an object has one list of them */
		problem_add(&o->problems, more->at[i].code, more->at[i].detail, more->at[i].fix);
	return rc;
}

int explain_outbound(struct context *ctx, const struct explain_args *args)
{
	struct outbound o = {.ctx = ctx};
	int rc = args->dial ? e911_read_dial(args->dial, o.emergency.dialled, &ctx->err) : 0;

	if (!rc)
		rc = load(&o, args);
	if (!rc) {
		o.org_word = o.org.id ? shell_word(ctx, o.org.id) : "ORG";
		o.user_word = shell_word(ctx, o.user.id);
		caller_chain_decide(&o.chain, ctx->country);
		find_problems(&o);
		rc = load_emergency(&o);
	}
	if (!rc)
		rc = ctx->output.format == OUT_TABLE ? outbound_text(&o) : outbound_json(&o);
	emergency_release(&o.emergency);
	for (int source = 0; source < CALLER_SOURCES; source++)
		problems_release(&o.of[source]);
	problems_release(&o.problems);
	rangeset_release(&o.trunk);
	return rc;
}
