#include "store/api/port_step.h"

#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "did/port_numbers.h"
#include "did/ports.h"
#include "store/api/lines.h"

#define BIT(i) (UINT64_C(1) << (i))
#define MOVED  (BIT(IMAGE_PORT_STATE) | BIT(IMAGE_PORT_FOC) | BIT(IMAGE_PORT_FOC + 1) | BIT(IMAGE_PORT_FOC + 2) | \
		BIT(IMAGE_PORT_CODE) | BIT(IMAGE_PORT_CODE + 1))

static const struct object *order_of(const struct op *op, const struct plan *plan)
{
	return &plan->objects[op->object];
}

static void put_text(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, "%s\"%s\":", out->data[out->len - 1] == '{' ? "" : ",", key);
	if (value)
		text_json(out, value, strlen(value));
	else
		buf_puts(out, "null");
}

static void put_fields(struct buf *out, const struct image *after, uint64_t fields)
{
	for (int i = 0; api_fields[ROW_PORT][i].key; i++) {
		if (!(fields & BIT(i)))
			continue;
		if (out->data[out->len - 1] != '{')
			buf_putc(out, ',');
		image_put(out, ROW_PORT, after, i);
	}
}

static void put_event(const struct ops *ops, const struct op *op, const struct plan *plan, struct buf *out)
{
	const struct change *c = ops->change;
	struct arena arena = {0};

	buf_puts(out, out->data[out->len - 1] == '{' ? "\"event\":{" : ",\"event\":{");
	put_text(out, "actor", c->actor);
	put_text(out, "verb", verb_info[c->verb].name);
	put_text(out, "note", ports_note(c, order_of(op, plan), &arena));
	buf_printf(out, ",\"public\":%s", ports_note_is_public(c) ? "true" : "false");
	put_text(out, "change_id", c->id);
	buf_putc(out, '}');
	arena_release(&arena);
}

void port_put_beside(const struct ops *ops, const struct op *op, const struct plan *plan, bool has_pin, struct buf *body)
{
	const struct port_request *request = ops->change->port;

	if (has_pin && request && request->pin && order_of(op, plan)->after[PORT_PIN])
		put_text(body, "pin", request->pin);
	put_event(ops, op, plan, body);
}

static void step_move(const struct ops *ops, const struct op *op, const struct plan *plan, uint64_t due,
		      const struct image *after, struct step *out)
{
	const struct port_request *request = ops->change->port;
	uint64_t with = MOVED | BIT(IMAGE_PORT_NUMBERS);

	if (strcmp(after->v[IMAGE_PORT_STATE], port_state_names[PORT_SUBMITTED]) == 0)
		with = 0; /* the API sets it all */
	out->operation = API_MOVE_PORT;
	buf_putc(&out->body, '{');
	put_text(&out->body, "to", after->v[IMAGE_PORT_STATE]);
	put_fields(&out->body, after, due & with & ~BIT(IMAGE_PORT_STATE));
	if (request && request->force)
		buf_puts(&out->body, ",\"force\":true");
	put_event(ops, op, plan, &out->body);
	buf_putc(&out->body, '}');
}

/* The last line of what the order shall have is the document that this change adds. */
static const char *last_line(const char *lines)
{
	const char *at = lines + strlen(lines) - 1; /* its end */

	while (at > lines && at[-1] != '\n')
		at--;
	return at;
}

static bool step_document(const struct ops *ops, const struct op *op, const struct plan *plan, const struct image *after,
			  struct step *out)
{
	enum { K, KIND, NAME, TYPE, SIZE, SHA256, AT, ID, CELLS };
	const struct port_request *request = ops->change->port;
	const char *line = after->v[IMAGE_PORT_DOCUMENTS], *cells[CELLS];
	struct arena arena = {0};

	if (!request || !request->document || !line)
		return false;
	line = last_line(line);
	lines_next(&line, cells, CELLS, &arena);
	out->operation = API_ADD_PORT_DOCUMENT;
	buf_putc(&out->body, '{');
	put_text(&out->body, "id", cells[ID]);
	put_text(&out->body, "kind", cells[KIND]);
	put_text(&out->body, "name", cells[NAME]);
	put_text(&out->body, "type", cells[TYPE]);
	put_text(&out->body, "sha256", cells[SHA256]);
	put_text(&out->body, "at", cells[AT]);
	buf_puts(&out->body, ",\"data\":\"");
	base64_encode(&out->body, request->document->bytes, request->document->size);
	buf_putc(&out->body, '"');
	put_event(ops, op, plan, &out->body);
	buf_putc(&out->body, '}');
	arena_release(&arena);
	return true;
}

void port_step(const struct ops *ops, const struct op *op, const struct plan *plan, uint64_t due, const struct image *after,
	       struct step *out)
{
	if (due & MOVED) {
		step_move(ops, op, plan, due, after, out);
		return;
	}
	if (due & BIT(IMAGE_PORT_DOCUMENTS) && step_document(ops, op, plan, after, out))
		return;
	out->operation = API_EDIT_PORT;
	out->n = STEP_EDIT;
	buf_putc(&out->body, '{');
	put_fields(&out->body, after, due);
	port_put_beside(ops, op, plan, due & BIT(IMAGE_PORT_PIN), &out->body);
	buf_putc(&out->body, '}');
}

uint64_t port_step_fields(enum api_operation operation)
{
	switch (operation) {
	case API_MOVE_PORT:
		return MOVED | BIT(IMAGE_PORT_NUMBERS);
	case API_ADD_PORT_DOCUMENT:
		return BIT(IMAGE_PORT_DOCUMENTS);
	default:
		return ~UINT64_C(0);
	}
}

/* ---- a completion */

static void mark_numbers(const struct ops *ops, struct port_numbers *numbers)
{
	for (size_t i = 0; i < ops->n; i++) {
		const struct op *op = &ops->at[i];
		struct rangeset one = {0};

		if (op->kind != ROW_NUMBER || op->wave == WAVE_FOLLOWS || op->state == OP_WAITING)
			continue;
		rangeset_add(&one, (struct interval){op->key, 1});
		rangeset_normalise(&one);
		if (op->state == OP_DONE)
			port_numbers_mark(numbers, &one, PORT_NUMBER_COMPLETED, NULL);
		else
			port_numbers_mark(numbers, &one, PORT_NUMBER_FAILED, op->reason);
		rangeset_release(&one);
	}
}

static int settle_order(const struct ops *ops, struct plan *plan, struct object *o, struct err *err)
{
	struct port_numbers numbers = {0};
	struct rangeset left = {0};
	int rc = port_numbers_read(&numbers, o->after[PORT_NUMBERS], err);

	mark_numbers(ops, &numbers);
	port_numbers_of(&numbers, PORT_NUMBER_ANY & ~(1u << PORT_NUMBER_COMPLETED), &left);
	if (rc == 0)
		ports_put_numbers(plan, o, &numbers);
	o->after[PORT_STATE] = left.n ? o->before[PORT_STATE] : port_state_names[PORT_COMPLETED];
	for (int f = PORT_CODE; f <= PORT_REASON; f++)
		o->after[f] = left.n ? o->before[f] : NULL;
	port_numbers_release(&numbers);
	rangeset_release(&left);
	return rc;
}

int port_settle(const struct ops *ops, struct plan *plan, size_t *settled, struct err *err)
{
	*settled = 0;
	for (size_t i = 0; ops->verb == VERB_PORT_COMPLETE && i < ops->n; i++) {
		const struct op *op = &ops->at[i];
		struct object *o = &plan->objects[op->object];
		const char *planned = o->after[PORT_NUMBERS];
		int rc;

		if (op->kind != ROW_PORT || op->state != OP_WAITING)
			continue;
		rc = settle_order(ops, plan, o, err);
		if (rc == 0 && strcmp(planned, o->after[PORT_NUMBERS]) != 0)
			*settled = i + 1;
		return rc;
	}
	return 0;
}
