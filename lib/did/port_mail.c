#include "did/port_mail.h"

#include <string.h>

#include "base/clock.h"
#include "did/objects.h"
#include "did/port_numbers.h"

#define LABEL 16 /* columns */

bool port_is_moved(const struct object *o)
{
	return object_differs(o, PORT_ACTUAL_FOC) || object_differs(o, PORT_FOC_TIME) || object_differs(o, PORT_FOC_ZONE);
}

bool port_is_news(const struct object *o)
{
	if (o->kind != OBJECT_PORT || !o->was || !o->is)
		return false;
	return object_differs(o, PORT_STATE) || port_is_moved(o) ||
	       (object_differs(o, PORT_NUMBERS) && strcmp(o->after[PORT_STATE], port_state_names[PORT_FOC_SET]) == 0);
}

static void put_news(const struct object *o, struct buf *subject, struct buf *body)
{
	if (object_differs(o, PORT_STATE)) {
		buf_printf(subject, "Port order %s: %s", o->id, o->after[PORT_STATE]);
		buf_printf(body, "Port order %s is %s now; it was %s.\n\n", o->id, o->after[PORT_STATE], o->before[PORT_STATE]);
	} else if (port_is_moved(o)) {
		buf_printf(subject, "Port order %s: another FOC", o->id);
		buf_printf(body, "Port order %s has another FOC now; it was %s.\n\n", o->id, o->before[PORT_ACTUAL_FOC]);
	} else {
		buf_printf(subject, "Port order %s: its numbers", o->id);
		buf_printf(body, "Numbers of port order %s came in, failed, or were taken off; it stays %s.\n\n", o->id,
			   o->after[PORT_STATE]);
	}
}

/* A text of somebody's: what else it says in other lines stands below it, so that none of them looks like one of ours. */
static void put_text(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			buf_printf(out, "\n%*s", LABEL + 1, "");
		else
			buf_putc(out, (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
	}
}

static void put(struct buf *out, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	buf_printf(out, "%-*s ", LABEL, label);
	put_text(out, text);
	buf_putc(out, '\n');
}

static void put_numbers(struct buf *out, const char *text)
{
	struct port_numbers numbers = {0};
	char first[NUMBER_TEXT], last[NUMBER_TEXT];

	port_numbers_read(&numbers, text, NULL);
	for (size_t i = 0; i < numbers.n; i++) {
		const struct port_interval *item = &numbers.at[i];

		number_format(item->in.first, first);
		number_format(interval_last(&item->in), last);
		buf_printf(out, "%-*s +%s%s%s, %s%s", LABEL, i ? "" : "Numbers", first,
			   item->in.count > 1 ? " to +" : "", item->in.count > 1 ? last : "",
			   port_number_names[item->status], item->reason ? ": " : "");
		put_text(out, item->reason ? item->reason : "");
		buf_putc(out, '\n');
	}
	port_numbers_release(&numbers);
}

/* A date with the time and zone that stand behind it. */
static void put_commitment(struct buf *out, const char *label, const char *const foc[3])
{
	const char *time = foc[1], *zone = foc[2];

	if (foc[0])
		buf_printf(out, "%-*s %s%s%s %s\n", LABEL, label, foc[0], time ? " " : "", time ? time : "",
			   zone ? zone : "UTC");
}

void port_mail(const struct change *c, const struct object *o, const char *org, struct buf *subject, struct buf *body)
{
	const struct port_request *request = c->port;
	char at[CLOCK_TEXT];

	put_news(o, subject, body);
	put(body, "Organisation", org);
	put(body, "Losing carrier", o->after[PORT_LOSING_CARRIER]);
	put_numbers(body, o->after[PORT_NUMBERS]);
	put_commitment(body, "Requested FOC", &o->after[PORT_REQUESTED_FOC]);
	put_commitment(body, "FOC", &o->after[PORT_ACTUAL_FOC]);
	put(body, "Code", o->after[PORT_CODE]);
	put(body, "Reason", o->after[PORT_REASON]);
	if (request && request->is_public)
		put(body, "Note", request->note);
	put(body, "At", clock_format(c->now_ms, at));
}
