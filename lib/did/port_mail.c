#include "did/port_mail.h"

#include <string.h>

#include "base/clock.h"
#include "did/objects.h"
#include "did/port_numbers.h"

#define LABEL 16 /* columns */

bool port_is_news(const struct object *o)
{
	return o->kind == OBJECT_PORT && o->was && o->is && object_differs(o, PORT_STATE);
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

static void put_foc(struct buf *out, const struct object *o)
{
	const char *time = o->after[PORT_FOC_TIME], *zone = o->after[PORT_FOC_ZONE];

	if (o->after[PORT_ACTUAL_FOC])
		buf_printf(out, "%-*s %s%s%s %s\n", LABEL, "FOC", o->after[PORT_ACTUAL_FOC], time ? " " : "", time ? time : "",
			   zone ? zone : "UTC");
}

void port_mail(const struct change *c, const struct object *o, const char *org, struct buf *subject, struct buf *body)
{
	const struct port_request *request = c->port;
	char at[CLOCK_TEXT];

	buf_printf(subject, "Port order %s: %s", o->id, o->after[PORT_STATE]);
	buf_printf(body, "Port order %s is %s now; it was %s.\n\n", o->id, o->after[PORT_STATE], o->before[PORT_STATE]);
	put(body, "Organisation", org);
	put(body, "Losing carrier", o->after[PORT_LOSING_CARRIER]);
	put_numbers(body, o->after[PORT_NUMBERS]);
	put(body, "Requested FOC", o->after[PORT_REQUESTED_FOC]);
	put_foc(body, o);
	put(body, "Code", o->after[PORT_CODE]);
	put(body, "Reason", o->after[PORT_REASON]);
	if (request && request->is_public)
		put(body, "Note", request->note);
	put(body, "At", clock_format(c->now_ms, at));
}
