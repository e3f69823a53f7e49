/* An explanation as a tired person reads it, from top to bottom. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/explain.h"

#define LABEL_WIDTH 13

/* Whatever is in the text came from outside, perhaps. */
static void add(struct buf *out, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));
static void add(struct buf *out, const char *fmt, va_list args)
{
	char *text = NULL;
	int len = vasprintf(&text, fmt, args);

	if (len > 0)
		text_escape(out, text, (size_t)len, 0);
	free(text);
	buf_putc(out, '\n');
}

void explain_title(struct buf *out, const char *fmt, ...)
{
	va_list args;

	if (out->len)
		buf_putc(out, '\n');
	va_start(args, fmt);
	add(out, fmt, args);
	va_end(args);
}

void explain_say(struct buf *out, const char *label, const char *fmt, ...)
{
	va_list args;

	buf_printf(out, "  %-*s ", LABEL_WIDTH, label);
	va_start(args, fmt);
	add(out, fmt, args);
	va_end(args);
}

static void say_line(struct buf *out, const char *indent, const char *text)
{
	buf_puts(out, indent);
	text_escape(out, text, strlen(text), 0);
	buf_putc(out, '\n');
}

void explain_problem(struct buf *out, const struct problem *problem)
{
	say_line(out, "  - ", problem->detail);
	say_line(out, "      ", problem->fix);
}

int explain_write(struct context *ctx, struct buf *out)
{
	bool ok = fwrite(buf_str(out), 1, out->len, stdout) == out->len;
	int reason = errno;

	buf_release(out);
	if (ok)
		return 0;
	return err_set(&ctx->err, reason == EPIPE ? ERR_PIPE : ERR_FAILED, "cannot write to standard output: %s",
		       strerror(reason));
}

static void say_state(struct buf *out, const struct inbound *in)
{
	const struct state_info *info = &state_info[in->state];

	/* The stored words only where they are not what the state's name says already. */
	if (in->state == STATE_UNKNOWN)
		explain_say(out, "State", "unknown: pool_status %s, status %s", in->pool_status ? in->pool_status : "NULL",
			    in->status ? in->status : "NULL");
	else if (in->state == STATE_ON_HOLD)
		explain_say(out, "State", "%s until %s", info->name, in->hold_until);
	else
		explain_say(out, "State", "%s: %s", info->name, info->help);
}

static void say_owner(struct buf *out, const struct inbound *in, const struct value *v)
{
	static const char *const notes[] = {
		[OWNER_IS_THERE] = "",
		[OWNER_IS_MISSING] = ", which does not exist",
		[OWNER_IS_UNKNOWN] = ", of which nothing is known: there is no table organizations",
	};

	if (in->owner_is == OWNER_IS_NOBODY)
		explain_say(out, "Owner", "nobody");
	else if (in->owner_is == OWNER_IS_THERE)
		explain_say(out, "Owner", "%s (%s)", in->owner.name ? in->owner.name : in->org_id, in->org_id);
	else
		explain_say(out, "Owner", "%s%s", in->org_id, notes[in->owner_is]);
	if (v[DID_PREVIOUS_ORG].s)
		explain_say(out, "Before", "%s held it", v[DID_PREVIOUS_ORG].s);
}

static void say_env(struct buf *out, const struct inbound *in)
{
	static const char *const meanings[] = {
		[ENV_PROD] = "calls are for its owner's context on this switch",
		[ENV_STAGING] = "calls are forwarded to the staging system, whatever the state here",
		[ENV_OSS] = "calls are for the OSS host; this switch does not dispatch them",
	};
	int env = env_find(in->env);

	explain_say(out, "Environment", "%s: %s", in->env ? in->env : "NULL",
		    env < 0 ? "none that is known, so nothing is dispatched" : meanings[env]);
}

static void say_route(struct buf *out, const struct inbound *in)
{
	const char *unrouted = in->owner.unrouted ? in->owner.unrouted : "hangup";
	bool has_route = (in->route_type && *in->route_type) || (in->route_dest && *in->route_dest);

	if (has_route)
		explain_say(out, "Route", "%s:%s", in->route_type ? in->route_type : "",
			    in->route_dest ? in->route_dest : "");
	else if (in->owner_is == OWNER_IS_THERE)
		explain_say(out, "Route", "none; for such calls its organisation has: %s", unrouted);
	else
		explain_say(out, "Route", "none");
}

static void say_lines(struct buf *out, const struct explanation *e, const struct inbound *in)
{
	const char *label = in->way == DISPATCH_OSS ? "OSS lines" : "Lines";

	if (!in->has_lines)
		explain_say(out, label, "none: it is not dispatched");
	for (size_t i = 0; i < e->nspelled && in->has_lines; i++)
		explain_say(out, i ? "" : label, "%s", explain_line(e, in, e->spelled[i]));
}

static void say_row(struct buf *out, const struct explanation *e, size_t i)
{
	const struct value *v = e->rows.at[i].v;
	const struct inbound *in = &e->in[i];

	explain_title(out, "Row %s, stored as %s%s", in->id ? in->id : "NULL", in->number ? in->number : "NULL",
		      e->rows.n < 2 ? "" : (int)i == e->obeyed ? ": the switch obeys this one" : ": the switch does not obey this one");
	say_state(out, in);
	say_owner(out, in, v);
	say_env(out, in);
	if (in->context)
		explain_say(out, "Context", "%s", in->context);
	say_route(out, in);
	if (v[DID_RECORDING].s)
		explain_say(out, "Recording", "%s", strcmp(v[DID_RECORDING].s, "1") ? "off" : "on");
	if (v[DID_LOCKED].s && !strcmp(v[DID_LOCKED].s, "1"))
		explain_say(out, "Locked", "yes: didctl pool unlock comes before a release or another owner");
	say_lines(out, e, in);
	if (e->outside)
		explain_say(out, "Changed", "outside didctl: %s", e->outside);
	if (e->outside)
		explain_say(out, "", "didctl doctor replay --fix records it; didctl undo CHANGE-ID then takes it back");
}

static void say_spellings(struct buf *out, const struct explanation *e)
{
	struct buf list = {0};
	char digits[NUMBER_TEXT];

	if (!e->has_key) {
		explain_title(out, "%s is no telephone number", e->in[0].number ? e->in[0].number : "NULL");
		return;
	}
	number_format(e->in[0].key, digits);
	explain_title(out, "%s", digits);
	for (size_t i = 0; i < e->nspelled; i++)
		buf_printf(&list, "%s%s", i ? ", " : "", e->spelled[i]);
	explain_say(out, "Arrives as", "%s", list.len ? buf_str(&list) : "nothing that the setting spellings names");
	if (e->rows.n > 1)
		explain_say(out, "Stored", "%zu times: one physical number in %zu rows, of which the switch obeys %s",
			    e->rows.n, e->rows.n,
			    e->obeyed < 0 ? "none" : "the first that is dispatched, in the order of the stored texts");
	buf_release(&list);
}

static void say_file(struct buf *out, const struct explanation *e)
{
	const struct gateway_file *file = &e->file;

	if (!e->has_key)
		return;
	explain_title(out, "%s", file->path);
	if (!file->is_read)
		say_line(out, "  not looked into: ", file->unread);
	else if (!file->lines.n)
		say_line(out, "  ", "no line for this number");
	for (size_t i = 0; file->is_read && i < file->lines.n; i++) {
		buf_printf(out, "  line %-8lu ", file->lines.at[i].line);
		text_escape(out, file->lines.at[i].text, strlen(file->lines.at[i].text), 0);
		buf_puts(out, file->lines.at[i].is_obeyed ? "\n" : " (ignored: the first one counts)\n");
	}
}

/* Who answers in the end; and before that, as long as the switch has another file. */
static void say_landing(struct buf *out, const struct inbound *in, const char *calls)
{
	if (in->way == DISPATCH_STAGING)
		explain_title(out, "%s are forwarded to the staging system: %s.", calls, in->destination);
	else
		explain_title(out, "%s land at %s of %s, in %s.", calls, in->destination,
			      in->owner.name ? in->owner.name : in->org_id, in->context);
}

static void say_reasons(struct buf *out, const struct explanation *e, size_t i)
{
	const struct problems *problems = &e->in[i].problems;

	if (e->rows.n > 1)
		say_line(out, "  row ", e->in[i].id ? e->in[i].id : "NULL");
	for (size_t k = 0; k < problems->n; k++)
		explain_problem(out, &problems->at[k]);
}

static void say_verdict(struct buf *out, const struct explanation *e)
{
	bool lands = e->obeyed >= 0 && inbound_lands(&e->in[e->obeyed]);
	const char *now = e->file.differs ? e->file.differs : e->owner_differs; /* a call passes the dispatcher's first */
	const char *calls = now ? "Once regenerated: calls" : "Calls";

	if (now)
		explain_title(out, "Now: %s.", now);
	if (lands)
		say_landing(out, &e->in[e->obeyed], calls);
	else
		explain_title(out, "%s do not land, because:", calls);
	for (size_t i = 0; i < e->rows.n && !lands; i++)
		if (e->obeyed < 0 || (int)i == e->obeyed)
			say_reasons(out, e, i);
	if (!e->problems.n)
		return;
	explain_title(out, "Besides:");
	for (size_t i = 0; i < e->problems.n; i++)
		explain_problem(out, &e->problems.at[i]);
}

int explain_inbound_text(const struct explanation *e)
{
	struct buf out = {0};

	say_spellings(&out, e);
	for (size_t i = 0; i < e->rows.n; i++)
		say_row(&out, e, i);
	say_file(&out, e);
	say_verdict(&out, e);
	return explain_write(e->ctx, &out);
}
