/* An explanation of outbound calls, for a person and for scripts. */
#include "cmd/explain_outbound.h"
#include "out/object.h"

static void say_candidate(struct buf *out, const struct outbound *o, int source)
{
	static const char *const labels[] = {"1 Call", "2 User", "3 Default", "4 First"};
	static const char *const unset[] = {"brings none", "has none", "is not set", "none is assigned"};
	const struct caller_candidate *candidate = &o->chain.at[source];
	const struct problems *problems = &o->of[source];

	if (!candidate->number) {
		explain_say(out, labels[source], "%s", source == CALLER_USER && !o->user.id ? "none is named: --user" :
											     unset[source]);
		return;
	}
	explain_say(out, labels[source], "%s%s", candidate->number, source == o->chain.winner ? " wins" : "");
	if (candidate->has_row)
		explain_say(out, "", "%s, held by %s", state_info[candidate->state].name,
			    candidate->owner ? candidate->owner : "nobody");
	for (size_t i = 0; i < problems->n; i++)
		explain_say(out, "", "! %s", problems->at[i].detail);
}

int outbound_text(const struct outbound *o)
{
	const char *trunk = conf_get(o->ctx->conf, SET_TRUNK_RANGE, NULL);
	struct buf out = {0};

	if (o->user.id)
		explain_title(&out, "Outbound calls of %s (%s), user of %s", o->user.name ? o->user.name : o->user.id,
			      o->user.id, o->org.name ? o->org.name : "no organisation");
	else
		explain_title(&out, "Outbound calls of %s (%s)", o->org.name ? o->org.name : o->org.id, o->org.id);
	for (int source = 0; source < CALLER_SOURCES; source++)
		say_candidate(&out, o, source);
	if (trunk)
		explain_say(&out, "5 Trunk", "lets pass %s, and shows %s for any other", trunk, o->chain.fallback);
	else
		explain_say(&out, "5 Trunk", "is taken to let every number pass: trunk-range is not set");
	if (o->chain.shown[0])
		explain_title(&out, "The far end sees +%s%s.", o->chain.shown, o->chain.is_replaced ? ", the trunk's fallback" : "");
	else
		explain_title(&out, "What the far end sees cannot be told: the caller ID is no number.");
	if (o->problems.n)
		explain_title(&out, "But:");
	for (size_t i = 0; i < o->problems.n; i++)
		explain_problem(&out, &o->problems.at[i]);
	if (o->emergency.dialled[0])
		emergency_say(&out, &o->emergency);
	return explain_write(o->ctx, &out);
}

int outbound_json(const struct outbound *o)
{
	const struct caller_chain *chain = &o->chain;
	struct buf out = {0};

	object_open(&out, NULL, '{');
	object_text(&out, "org", o->org.name);
	object_text(&out, "user", o->user.name ? o->user.name : o->user.id);
	object_open(&out, "candidates", '[');
	for (int source = 0; source < CALLER_SOURCES; source++) {
		const struct caller_candidate *candidate = &chain->at[source];

		object_open(&out, NULL, '{');
		object_text(&out, "source", caller_source_names[source]);
		object_text(&out, "number", candidate->number);
		object_text(&out, "owner", candidate->owner);
		object_text(&out, "state", candidate->has_row ? state_info[candidate->state].name : NULL);
		object_flag(&out, "valid", candidate->number && !candidate->faults);
		object_flag(&out, "wins", source == chain->winner);
		explain_problems_json(&out, &o->of[source]);
		object_close(&out, '}');
	}
	object_close(&out, ']');
	object_text(&out, "winner", chain->winner < 0 ? NULL : chain->at[chain->winner].number);
	object_text(&out, "shown", chain->shown[0] ? chain->shown : NULL);
	if (o->emergency.dialled[0])
		emergency_json(&out, &o->emergency);
	explain_problems_json(&out, &o->problems);
	object_close(&out, '}');
	buf_putc(&out, '\n');
	return explain_write(o->ctx, &out);
}
