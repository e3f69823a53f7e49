/* What a plan does to an organisation, user, port order or location, in a line. */
#include <string.h>

#include "base/text.h"
#include "cmd/plan_text.h"
#include "cmd/report.h"
#include "did/port.h"
#include "did/port_numbers.h"

#define ORDERED_SHOWN 120 /* of the numbers of an order: some ranges */

/* "442079460100-442079460111 pending; 442079460115 failed" */
static void add_ordered(struct buf *out, const char *text)
{
	char first[NUMBER_TEXT], last[NUMBER_TEXT];
	struct port_numbers numbers = {0};
	struct buf shown = {0};

	port_numbers_read(&numbers, text, NULL);
	for (size_t i = 0; i < numbers.n; i++) {
		const struct port_interval *item = &numbers.at[i];

		number_format(item->in.first, first);
		number_format(interval_last(&item->in), last);
		buf_printf(&shown, "%s%s%s%s %s", i ? "; " : "", first, item->in.count > 1 ? "-" : "",
			   item->in.count > 1 ? last : "", port_number_names[item->status]);
	}
	if (shown.len)
		text_escape(out, shown.data, shown.len, ORDERED_SHOWN);
	else
		plan_add_value(out, NULL);
	port_numbers_release(&numbers);
	buf_release(&shown);
}

/* What an order has as lines of cells: "1 loa letter.pdf". */
static void add_lines_of(struct buf *out, const char *lines)
{
	struct buf text = {0};

	for (const char *line = lines; line && *line; line += *line == '\n') {
		size_t cells = 0;

		buf_puts(&text, text.len ? "; " : "");
		for (; *line && *line != '\n'; line++) {
			cells += *line == '\t';
			if (cells < 3)
				buf_putc(&text, *line == '\t' ? ' ' : *line);
		}
	}
	plan_add_value(out, text.data);
	buf_release(&text);
}

static void add_object_value(struct buf *out, const struct plan *plan, const struct object *object, size_t field,
			     const char *value)
{
	if (object->kind != OBJECT_ORG && field == OBJECT_OWNER)
		plan_add_value(out, value ? plan_owner_name(plan, value) : NULL);
	else if (object->kind == OBJECT_PORT && field == PORT_NUMBERS)
		add_ordered(out, value);
	else if (object->kind == OBJECT_PORT && field == PORT_DOCUMENTS)
		add_lines_of(out, value);
	else if (object->kind == OBJECT_PORT && field == PORT_PIN)
		plan_add_value(out, value ? "***" : NULL);
	else
		plan_add_value(out, value);
}

/* A location need not have a label. */
void plan_add_object_name(struct buf *out, const struct object *object)
{
	static const char *const kinds[OBJECT_KINDS] = {
		[OBJECT_ORG] = "organisation", [OBJECT_USER] = "user", [OBJECT_PORT] = "port order",
		[OBJECT_LOCATION] = "location",
	};

	buf_printf(out, "%s ", kinds[object->kind]);
	plan_add_value(out, object->name ? object->name : object->id);
}

/* The column that an object's field is listed as; its numbers and documents are tables of their own. */
static struct column object_column(enum object_kind kind, size_t field)
{
	static const struct {
		const struct column *at;
		size_t n;
	} tables[OBJECT_KINDS] = {
		[OBJECT_ORG] = {org_columns, ORG_FIELDS}, [OBJECT_USER] = {user_columns, USER_FIELDS},
		[OBJECT_PORT] = {port_columns, PORT_FIELDS}, [OBJECT_LOCATION] = {location_columns, LOCATION_FIELDS},
	};
	const char *key = kind != OBJECT_ORG && field == OBJECT_OWNER ? "org" : object_keys[kind][field];
	int i = column_find(tables[kind].at, tables[kind].n, key);

	return i < 0 ? (struct column){.heading = key} : tables[kind].at[i];
}

void plan_add_object(struct buf *out, const struct plan *plan, const struct object *object)
{
	const char *separator = ": ";

	buf_printf(out, "  %s ", object->was ? object->is ? "changes" : "deletes" : "adds");
	plan_add_object_name(out, object);
	for (size_t i = 0; i < OBJECT_FIELDS && object_keys[object->kind][i]; i++) {
		const char *before = object->before[i], *after = object->after[i];
		struct column column;

		if (before == after || (before && after && !strcmp(before, after)) || !object->is)
			continue;
		column = object_column(object->kind, i);
		plan_add_word(out, &separator, &column);
		if (object->was) {
			add_object_value(out, plan, object, i, before);
			buf_puts(out, " -> ");
		}
		add_object_value(out, plan, object, i, after);
	}
	buf_putc(out, '\n');
}
