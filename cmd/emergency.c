/* didctl explain --outbound --dial 911: whether a number may call 911, and where the responders would be sent. */
#include "cmd/emergency.h"

#include <string.h>

#include "base/text.h"
#include "cmd/address.h"
#include "out/object.h"

/* In the order of enum e911_bar's bits. %s: the number; in what mends it, too. */
static const struct {
	const char *code, *detail, *fix;
} faults[E911_BARS] = {
	{"prefix", "911 has to be reached without a prefix (Kari's Law, 47 CFR 9.16)", "didctl explain --outbound %s --dial 911"},
	{"not-found", "%s is not in the inventory, so where it is nobody here knows", "didctl default set NUMBER"},
	{"not-assigned", "%s is not assigned", "didctl pool show %s"},
	{"not-owned", "%s is another organisation's, and so is its emergency address", "didctl default set NUMBER"},
	{"toll-free", "%s is toll-free, and carries no emergency address", "didctl default set NUMBER"},
	{"elsewhere", "%s is no number of the United States or Canada, where 911 is answered", "didctl default set NUMBER"},
	{"not-set", "%s has no emergency address", "didctl e911 set %s --location LOCATION"},
	{"pending", "the emergency address of %s waits for the provider", "didctl e911 sync"},
	{"failed", "the emergency address of %s was refused by the provider", "didctl e911 show %s"},
	{"incomplete", "the emergency address of %s is no dispatchable location", "didctl e911 show %s"},
};

/* The texts of the table have one "%s", or none. */
static const char *fill(struct arena *arena, const char *text, const char *number)
{
	const char *at = strstr(text, "%s");

	return at ? arena_printf(arena, "%.*s%s%s", (int)(at - text), text, number, at + 2) : text;
}

/* Asked also for no location at all: a store that keeps none says so. */
static int load_place(struct context *ctx, struct emergency *e)
{
	struct value place[LOCATION_FIELDS];
	const char *id = e->row[DID_LOCATION].s;
	int rc = address_load(ctx, id ? id : "", place);

	if (rc == ERR_ABSENT) {
		ctx->err = (struct err){0};
		return 0;
	}
	for (int f = 0; f < LOCATION_STORED && !rc; f++)
		e->place[f] = place[f].s;
	return rc;
}

/* Of several rows the one of the organisation that calls. */
static int load_row(struct context *ctx, const char *org_id, struct emergency *e)
{
	struct number_rows rows = {0};
	size_t chosen = 0;
	int rc = e->from.width ? number_rows_load(ctx, e->from, &rows) : 0;

	for (size_t i = rows.n; org_id && i-- > 0;)
		if (rows.at[i].v[DID_ORG_ID].s && strcmp(rows.at[i].v[DID_ORG_ID].s, org_id) == 0)
			chosen = i;
	e->has_row = !rc && rows.n;
	if (e->has_row)
		memcpy(e->row, rows.at[chosen].v, sizeof(e->row));
	number_rows_release(&rows);
	return rc;
}

/* A caller ID may be no number at all. */
static const char *name_of(const struct emergency *e, char out[NUMBER_TEXT])
{
	if (!e->from.width)
		return "what it shows";
	number_format(e->from, out);
	return out;
}

static void find_problems(struct context *ctx, struct emergency *e)
{
	char text[NUMBER_TEXT];
	const char *number = name_of(e, text);

	for (unsigned i = 0; i < E911_BARS; i++)
		if (e->bars >> i & 1)
			problem_add(&e->problems, faults[i].code, fill(&ctx->arena, faults[i].detail, number),
				    fill(&ctx->arena, faults[i].fix, number));
}

int emergency_load(struct context *ctx, struct number from, const char *org_id, struct emergency *e)
{
	struct e911_call call = {.dialled = e->dialled, .from = from, .org_id = org_id};
	int rc, state;

	e->from = from;
	rc = load_row(ctx, org_id, e);
	if (!rc)
		rc = load_place(ctx, e);
	if (rc)
		return rc;
	state = e->row[DID_STATE].s ? state_find(e->row[DID_STATE].s, NULL) : -1;
	call.has_row = e->has_row;
	call.state = state < 0 ? STATE_UNKNOWN : (enum did_state)state;
	call.owner_id = e->row[DID_ORG_ID].s;
	call.status = e->row[DID_E911].s;
	call.location = e->place[LOCATION_ID] ? e->place : NULL;
	e->bars = e911_call_bars(&call);
	find_problems(ctx, e);
	return 0;
}

void emergency_release(struct emergency *e)
{
	problems_release(&e->problems);
}

static void say_place(struct buf *out, const struct emergency *e)
{
	struct buf line = {0};

	location_line(&line, e->place);
	explain_say(out, "Location", "%s", e->place[LOCATION_LABEL] ? e->place[LOCATION_LABEL] : e->place[LOCATION_ID]);
	explain_say(out, "Address", "%s", buf_str(&line));
	if (e->place[LOCATION_CIVIC])
		explain_say(out, "", "%s", e->place[LOCATION_CIVIC]);
	if (e->place[LOCATION_CONTACT])
		explain_say(out, "Contact", "%s", e->place[LOCATION_CONTACT]);
	buf_release(&line);
}

void emergency_say(struct buf *out, const struct emergency *e)
{
	const struct value *v = e->row;
	char number[NUMBER_TEXT];

	explain_title(out, "A call to 911 from %s", name_of(e, number));
	if (e->has_row) {
		explain_say(out, "State", "%s, held by %s", v[DID_STATE].s, v[DID_ORG].s ? v[DID_ORG].s : "nobody");
		explain_say(out, "E911", "%s%s%s", v[DID_E911].s ? v[DID_E911].s : "not-set", v[DID_E911_SINCE].s ? " since " : "",
			    v[DID_E911_SINCE].s ? v[DID_E911_SINCE].s : "");
	}
	if (v[DID_E911_NOTE].s)
		explain_say(out, "", "%s", v[DID_E911_NOTE].s);
	if (e->place[LOCATION_ID])
		say_place(out, e);
	explain_say(out, "Dialled", "%s%s", e->dialled, e->bars & E911_BAR_PREFIX ? "" : ", without a prefix, as Kari's Law wants it");
	explain_title(out, e->bars ? "It may not call 911, because:" : "It may call 911; the responders are sent to the address above.");
	for (size_t i = 0; i < e->problems.n; i++)
		explain_problem(out, &e->problems.at[i]);
}

void emergency_json(struct buf *out, const struct emergency *e)
{
	struct buf line = {0};
	char number[NUMBER_TEXT];

	location_line(&line, e->place);
	object_text(out, "dial", e->dialled);
	object_flag(out, "allowed", !e->bars);
	object_text(out, "from", e->from.width ? name_of(e, number) : NULL);
	object_text(out, "e911", e->has_row && e->row[DID_E911].s ? e->row[DID_E911].s : NULL);
	object_text(out, "e911_since", e->row[DID_E911_SINCE].s);
	object_text(out, "e911_note", e->row[DID_E911_NOTE].s);
	object_text(out, "location", e->place[LOCATION_ID]);
	object_text(out, "address", line.len ? line.data : NULL);
	buf_release(&line);
}

static int print(struct context *ctx, const struct emergency *e)
{
	struct buf out = {0};

	if (ctx->output.format == OUT_TABLE) {
		emergency_say(&out, e);
		return explain_write(ctx, &out);
	}
	object_open(&out, NULL, '{');
	object_text(&out, "number", e->row[DID_NUMBER].s);
	object_text(&out, "state", e->row[DID_STATE].s);
	object_text(&out, "org", e->row[DID_ORG].s);
	emergency_json(&out, e);
	explain_problems_json(&out, &e->problems);
	object_close(&out, '}');
	buf_putc(&out, '\n');
	return explain_write(ctx, &out);
}

int explain_emergency(struct context *ctx, const struct explain_args *args)
{
	struct number_rows rows = {0};
	struct emergency e = {0};
	struct number from = {0};
	int rc = e911_read_dial(args->dial, e.dialled, &ctx->err);

	if (!rc)
		rc = number_rows_find(ctx, ctx->operands.at[0], &rows);
	if (!rc && !(rows.at[0].v[DID_E164].s &&
		     number_parse_stored(&from, rows.at[0].v[DID_E164].s, rows.at[0].v[DID_E164].len, NULL)))
		rc = err_set(&ctx->err, ERR_REFUSED, "its row has no telephone number: mend it first");
	if (!rc)
		rc = emergency_load(ctx, from, rows.at[0].v[DID_ORG_ID].s, &e);
	if (!rc)
		rc = print(ctx, &e);
	number_rows_release(&rows);
	emergency_release(&e);
	return rc;
}
