#include "dialplan/inbound.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define HANGUP "hangup"

void problem_add(struct problems *problems, const char *code, const char *detail, const char *fix)
{
	GROW(problems->at, problems->n, problems->cap);
	problems->at[problems->n++] = (struct problem){code, detail, fix};
}

void problems_release(struct problems *problems)
{
	free(problems->at);
	*problems = (struct problems){0};
}

/* A template with "@" for the number and "#" for the organisation. */
struct reason {
	const char *code, *detail, *fix;
};

/* Why a number in this state is not routed; assigned ones are. */
static const struct reason state_reasons[STATE_COUNT] = {
	[STATE_AVAILABLE] = {"not-assigned", "it is in stock: no organisation holds it", "didctl assign @ ORG"},
	[STATE_PENDING] = {"pending", "it is requested and waits for approval", "didctl pool approve @"},
	[STATE_BLOCKED] = {"blocked", "it is blocked: held, but without service for now", "didctl pool mark assigned @"},
	[STATE_ON_HOLD] = {"hold", "it is on hold", "didctl assign @ ORG --override-hold --reason TEXT"},
	[STATE_RESERVED] = {"not-assigned", "it is reserved: ours, but not for sale", "didctl assign @ ORG --allow-reserved"},
	[STATE_ARCHIVED] = {"archived", "it is archived: out of use",
			    "didctl pool mark available @ && didctl assign @ ORG"},
	[STATE_PORTED] = {"ported", "it has left to another carrier",
			  "didctl pool mark archived @ && didctl pool mark available @ && didctl assign @ ORG"},
	[STATE_UNKNOWN] = {"state", "its state is unknown", "didctl doctor state --fix"},
};

struct decider {
	struct inbound *in;
	const struct dispatcher *d;
	const char *types;
	struct arena *arena;
	const char *operand, *org; /* as commands name them */
};

static const char *in_shell(struct arena *arena, const char *prefix, const char *text)
{
	struct buf out = {0};
	const char *word;

	buf_puts(&out, prefix);
	buf_puts(&out, text);
	word = arena_strdup(arena, buf_str(&out));
	buf_reset(&out);
	text_shell(&out, word);
	word = arena_strdup(arena, buf_str(&out));
	buf_release(&out);
	return word;
}

const char *inbound_operand(const struct inbound *in, const struct country *country, struct arena *arena)
{
	char digits[NUMBER_TEXT];

	if (!in->has_key || in->has_twin)
		return in_shell(arena, "id:", in->id ? in->id : "");
	number_format(in->key, digits);
	/* Without a country only '+' tells that it is the whole number. */
	return arena_printf(arena, "%s%s", country || in->key.width <= NUMBER_MAX_SHORT ? "" : "+", digits);
}

static const char *fill(const struct decider *decider, const char *template)
{
	struct buf out = {0};
	const char *text;

	for (; *template; template++) {
		if (*template == '@')
			buf_puts(&out, decider->operand);
		else if (*template == '#')
			buf_puts(&out, decider->org);
		else
			buf_putc(&out, *template);
	}
	text = arena_strdup(decider->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static void add(struct decider *decider, const char *code, const char *detail, const char *fix)
{
	problem_add(&decider->in->problems, code, detail, fill(decider, fix));
}

static const char *or_null(const char *text)
{
	return text ? text : "NULL";
}

static void judge_number(struct decider *decider)
{
	if (!decider->in->has_key)
		add(decider, "number", "what is stored as its number is none, so nothing may stand in the switch's file",
		    "didctl doctor number");
}

/* The earlier owner gets a number on hold back; nobody else does without more words. */
static void explain_hold(struct decider *decider)
{
	const struct inbound *in = decider->in;
	const char *detail = arena_printf(decider->arena, "it is on hold until %s", or_null(in->hold_until));

	if (!in->previous_org_id) {
		add(decider, "hold", detail, state_reasons[STATE_ON_HOLD].fix);
		return;
	}
	detail = arena_printf(decider->arena, "%s, and before then goes back to %s only", detail,
			      in->previous_org ? in->previous_org : in->previous_org_id);
	decider->org = in_shell(decider->arena, "", in->previous_org_id);
	add(decider, "hold", detail, "didctl assign @ #");
}

static void judge_state(struct decider *decider)
{
	const struct inbound *in = decider->in;
	const struct reason *reason = &state_reasons[in->state];

	if (!reason->code || in->way == DISPATCH_STAGING)
		return;
	if (in->state == STATE_ON_HOLD)
		explain_hold(decider);
	else if (in->state == STATE_PENDING && !in->org_id)
		add(decider, reason->code, "it is bought, but not yet provisioned",
		    "didctl pool reject @ && didctl assign @ ORG");
	else if (in->state == STATE_UNKNOWN)
		add(decider, reason->code,
		    arena_printf(decider->arena, "pool_status %s and status %s are no state that there is",
				 or_null(in->pool_status), or_null(in->status)),
		    reason->fix);
	else
		add(decider, reason->code, reason->detail, reason->fix);
}

static void judge_env(struct decider *decider)
{
	const struct inbound *in = decider->in;
	int env = env_find(in->env);

	if (env < 0)
		add(decider, "env",
		    arena_printf(decider->arena, "its environment %s is none that is known", or_null(in->env)),
		    "didctl env set prod @");
	else if (env == ENV_OSS)
		add(decider, "env-oss",
		    arena_printf(decider->arena, "it is of environment oss, which is not dispatched here: the OSS "
						 "host needs the lines in its context [%s]",
				 decider->d->oss_context),
		    "didctl env set prod @");
}

/* Held, so that calls would be its organisation's. */
static bool is_for_owner(const struct inbound *in)
{
	return state_info[in->state].is_held && in->way != DISPATCH_STAGING;
}

static void judge_owner(struct decider *decider)
{
	const struct inbound *in = decider->in;

	if (!is_for_owner(in))
		return;
	if (in->owner_is == OWNER_IS_NOBODY)
		add(decider, "owner", "no organisation holds it, though its state says so", "didctl doctor owner --fix");
	else if (in->owner_is == OWNER_IS_MISSING)
		add(decider, "owner-missing",
		    arena_printf(decider->arena, "its owner %s does not exist", in->org_id),
		    "didctl doctor owner-missing --fix");
	else if (in->owner_is == OWNER_IS_UNKNOWN)
		add(decider, "context", "there is no table organizations that could tell its owner's context",
		    "didctl doctor tables");
	else if (!in->owner.context_prefix || !*in->owner.context_prefix)
		add(decider, "context", "its organisation has no context prefix",
		    "didctl org edit # --context-prefix PREFIX");
	else if (!in->context)
		add(decider, "context",
		    arena_printf(decider->arena, "the context prefix '%s' is not 1 to %d of a-z, 0-9 and '_'",
				 in->owner.context_prefix, DISPATCH_PREFIX_MAX),
		    "didctl org edit # --context-prefix PREFIX");
}

static bool is_known_type(const char *types, const char *type)
{
	size_t len = strlen(type), word;

	for (; *types; types += word + (types[word] == ',')) {
		word = strcspn(types, ",");
		if (word == len && strncmp(types, type, len) == 0)
			return true;
	}
	return false;
}

static bool is_set(const char *text)
{
	return text && *text;
}

/* A destination that the file may hold, else NULL and a problem. what: "its route", "its organisation's --unrouted". */
static const char *take_destination(struct decider *decider, const char *what, const char *type, const char *dest,
				    const char *fix)
{
	if (!is_set(type) || !is_known_type(decider->types, type))
		add(decider, "destination",
		    arena_printf(decider->arena, "%s is of type '%s', which is none of %s", what, or_null(type),
				 decider->types),
		    fix);
	else if (!dispatch_is_destination(type, dest))
		add(decider, "destination",
		    arena_printf(decider->arena, "%s leads to '%s', which the switch's file may not hold", what,
				 or_null(dest)),
		    fix);
	else
		return arena_printf(decider->arena, "%s:%s", type, dest);
	return NULL;
}

static void judge_route(struct decider *decider)
{
	const char *unrouted = decider->in->owner.unrouted;
	static const char edit_number[] = "didctl pool edit @ --route TYPE:DEST";
	struct inbound *in = decider->in;
	const char *colon;

	if (!is_for_owner(in) || in->owner_is != OWNER_IS_THERE)
		return;
	if (is_set(in->route_type) || is_set(in->route_dest)) {
		in->destination = take_destination(decider, "its route", in->route_type, in->route_dest, edit_number);
		return;
	}
	if (!is_set(unrouted) || strcmp(unrouted, HANGUP) == 0) {
		in->hangs_up = true;
		add(decider, "route", "it has no route, and its organisation hangs up on calls without one", edit_number);
		return;
	}
	colon = strchrnul(unrouted, ':');
	in->destination = take_destination(
		decider, "what its organisation has for calls without a route",
		arena_strndup(decider->arena, unrouted, (size_t)(colon - unrouted)), *colon ? colon + 1 : NULL,
		"didctl org edit # --unrouted TYPE:DEST");
}

static void find_way(struct decider *decider)
{
	struct inbound *in = decider->in;
	bool has_prefix = in->owner_is == OWNER_IS_THERE && dispatch_is_prefix(in->owner.context_prefix);
	char digits[NUMBER_TEXT];

	in->way = dispatch_of(in->state, in->env);
	in->has_lines = in->has_key && in->way != DISPATCH_NOT && (in->way == DISPATCH_STAGING || has_prefix);
	if (has_prefix && in->way != DISPATCH_STAGING)
		in->context = arena_printf(decider->arena, "%s" DISPATCH_INCOMING, in->owner.context_prefix);
	if (in->way == DISPATCH_STAGING && in->has_key) {
		number_format(in->key, digits);
		in->destination = arena_printf(decider->arena, "PJSIP/%s@%s", digits, decider->d->staging_endpoint);
	}
}

void inbound_decide(struct inbound *in, const struct dispatcher *d, const struct country *country, const char *types,
		    struct arena *arena)
{
	struct decider decider = {.in = in, .d = d, .types = types, .arena = arena};

	decider.operand = inbound_operand(in, country, arena);
	decider.org = in->org_id ? in_shell(arena, "", in->org_id) : "ORG";
	find_way(&decider);
	judge_number(&decider);
	judge_state(&decider);
	judge_env(&decider);
	judge_owner(&decider);
	judge_route(&decider);
}

bool inbound_lands(const struct inbound *in)
{
	return in->has_lines && in->way != DISPATCH_OSS && !in->problems.n;
}

int inbound_obeyed(const struct inbound *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].has_lines && rows[i].way != DISPATCH_OSS)
			return (int)i;
	return -1;
}
