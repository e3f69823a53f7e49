#include "store/api/ports_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "did/port.h"
#include "did/port_numbers.h"
#include "store/api/lines.h"
#include "store/api/ports.h"

#define COUNT_TEXT 24

static struct value text_of(const struct json *item, const char *key)
{
	return value_str(json_string(json_get(item, key)));
}

/* ---- orders */

static int count_numbers(const char *lines, char out[COUNT_TEXT], struct err *err)
{
	struct port_numbers numbers = {0};
	struct rangeset all = {0};
	int rc = port_numbers_read(&numbers, lines, err);

	port_numbers_of(&numbers, PORT_NUMBER_ANY, &all);
	snprintf(out, COUNT_TEXT, "%" PRIu64, rangeset_count(&all));
	port_numbers_release(&numbers);
	rangeset_release(&all);
	return rc;
}

/* What an API's filters let through is looked at here as well. */
static bool is_wanted(const struct query *q, const char *const *fields)
{
	int state = port_state_find(fields[PORT_STATE] ? fields[PORT_STATE] : "");

	if (q->port_states && (state < 0 || !(q->port_states & PORT_BIT(state))))
		return false;
	return !q->org || (fields[PORT_ORG_ID] && strcmp(fields[PORT_ORG_ID], q->org) == 0);
}

static int tell_order(struct api_store *s, const struct query *q, const struct json *item, const struct api_orgs *orgs, struct port_keeper *keeper,
		      struct err *err)
{
	const char *fields[OBJECT_FIELDS], *serial;
	struct value values[PORT_FIELDS];
	const struct api_org *org;
	struct arena arena = {0};
	char count[COUNT_TEXT];
	int rc = api_port_read(s, item, &serial, fields, &arena, err);

	if (!rc)
		rc = count_numbers(fields[PORT_NUMBERS], count, err);
	if (!rc && is_wanted(q, fields)) {
		for (int f = 0; f < PORT_OWN_FIELDS; f++)
			values[f] = value_str(fields[f]);
		org = api_orgs_find(orgs, fields[PORT_ORG_ID]);
		values[PORT_PIN] = value_str(fields[PORT_PIN] ? "***" : NULL);
		values[PORT_SERIAL] = value_str(serial);
		values[PORT_ORG] = value_str(org && org->name ? org->name : fields[PORT_ORG_ID]);
		values[PORT_COUNT] = value_str(count);
		values[PORT_CREATED_AT] = text_of(item, "created_at");
		values[PORT_UPDATED_AT] = text_of(item, "updated_at");
		rc = keeper->keep(keeper, values, err);
	}
	arena_release(&arena);
	return rc;
}

static int list_orders(struct api_store *s, const struct query *q, const struct api_orgs *orgs, struct port_keeper *keeper,
		       struct err *err)
{
	const struct api_port_filter filter = {.org_id = q->org, .number = q->number, .states = q->port_states};
	struct api_pages pages = {0};
	const struct json *item;
	int rc = api_ports_open(&pages, s, &filter, err);

	while (!rc && (rc = api_pages_next(&pages, &item, err)) == 1)
		rc = tell_order(s, q, item, orgs, keeper, err);
	api_pages_close(&pages);
	return rc;
}

/* ---- what belongs to one */

static int tell_numbers(const char *lines, struct port_keeper *keeper, struct arena *arena, struct err *err)
{
	enum { FIRST, LAST, STATUS, REASON, CELLS };
	const char *cells[CELLS];
	char count[COUNT_TEXT];
	int rc = 0;

	while (!rc && lines_next(&lines, cells, CELLS, arena)) {
		struct number first, last;
		struct value values[PORT_NUMBER_FIELDS] = {
			[PORT_NUMBER_FIRST] = value_str(cells[FIRST]), [PORT_NUMBER_LAST] = value_str(cells[LAST]),
			[PORT_NUMBER_STATUS] = value_str(cells[STATUS]), [PORT_NUMBER_REASON] = value_str(cells[REASON]),
		};

		if (!cells[FIRST] || !cells[LAST] || !number_parse_stored(&first, cells[FIRST], strlen(cells[FIRST]), NULL) ||
		    !number_parse_stored(&last, cells[LAST], strlen(cells[LAST]), NULL))
			return err_set(err, ERR_TARGET, "the numbers of a port order cannot be read");
		snprintf(count, sizeof(count), "%" PRIu64, last.value - first.value + 1);
		values[PORT_NUMBER_COUNT] = value_str(count);
		rc = keeper->keep(keeper, values, err);
	}
	return rc;
}

static int tell_documents(const char *lines, struct port_keeper *keeper, struct arena *arena, struct err *err)
{
	const char *cells[PORT_DOCUMENT_FIELDS]; /* the line has them in the order of the listing */
	struct value values[PORT_DOCUMENT_FIELDS];
	int rc = 0;

	while (!rc && lines_next(&lines, cells, PORT_DOCUMENT_FIELDS, arena)) {
		for (int i = 0; i < PORT_DOCUMENT_FIELDS; i++)
			values[i] = value_str(cells[i]);
		rc = keeper->keep(keeper, values, err);
	}
	return rc;
}

static int tell_events(const char *serial, const struct json *events, struct port_keeper *keeper, struct err *err)
{
	int rc = 0;

	for (const struct json *event = json_is_array(events) ? json_first(events) : NULL; event && !rc;
	     event = json_next(event)) {
		bool is_public = false;
		const struct value values[PORT_EVENT_FIELDS] = {
			[PORT_EVENT_AT] = text_of(event, "at"),	      [PORT_EVENT_ACTOR] = text_of(event, "actor"),
			[PORT_EVENT_VERB] = text_of(event, "verb"),   [PORT_EVENT_FROM] = text_of(event, "from"),
			[PORT_EVENT_TO] = text_of(event, "to"),	      [PORT_EVENT_NOTE] = text_of(event, "note"),
			[PORT_EVENT_PUBLIC] = value_str(json_bool(json_get(event, "public"), &is_public) && is_public ? "1" : "0"),
			[PORT_EVENT_CHANGE_ID] = text_of(event, "change_id"), [PORT_EVENT_SERIAL] = value_str(serial),
		};

		rc = keeper->keep(keeper, values, err);
	}
	return rc;
}

/* An order that is not there has nothing, as on a database; the bytes of a document come by its own id. */
static int list_parts(struct api_store *s, const struct query *q, const struct api_orgs *orgs, struct port_keeper *keeper,
		      struct err *err)
{
	const char *fields[OBJECT_FIELDS], *serial;
	struct arena arena = {0};
	struct json *order;
	int rc = api_port_get(s, q->port, &order, err);

	if (rc != 1)
		return rc;
	rc = api_port_read(s, order, &serial, fields, &arena, err);
	if (!rc && q->listing == LIST_PORTS)
		rc = tell_order(s, q, order, orgs, keeper, err);
	else if (!rc && q->listing == LIST_PORT_NUMBERS)
		rc = tell_numbers(fields[PORT_NUMBERS], keeper, &arena, err);
	else if (!rc && q->listing == LIST_PORT_DOCUMENTS)
		rc = tell_documents(fields[PORT_DOCUMENTS], keeper, &arena, err);
	else if (!rc)
		rc = tell_events(serial, json_get(order, "events"), keeper, err);
	arena_release(&arena);
	json_free(order);
	return rc;
}

static int list_bytes(struct api_store *s, const struct query *q, struct port_keeper *keeper, struct err *err)
{
	struct api_answer answer = {0};
	struct buf bytes = {0};
	const char *data;
	int rc = api_call(s, &(struct api_request){.operation = API_GET_PORT_DOCUMENT, .id = q->document}, &answer, err);

	if (rc)
		return rc;
	data = json_is_object(answer.body) ? json_string(json_get(answer.body, "data")) : NULL;
	if (!data || !base64_decode(&bytes, data, strlen(data)))
		rc = api_broken(s, API_GET_PORT_DOCUMENT, "the bytes are not Base64", err);
	else
		rc = keeper->keep(keeper, &(struct value){bytes.data, bytes.len}, err);
	buf_release(&bytes);
	json_free(answer.body);
	return rc;
}

int api_ports_list(struct api_store *s, const struct query *q, const struct api_orgs *orgs, struct port_keeper *keeper,
		   struct err *err)
{
	if (q->listing == LIST_PORT_MAIL) /* the platform sends its own */
		return 0;
	if (q->listing == LIST_PORT_PARTS)
		return list_bytes(s, q, keeper, err);
	if (q->port)
		return list_parts(s, q, orgs, keeper, err);
	if (q->listing == LIST_PORTS)
		return list_orders(s, q, orgs, keeper, err);
	return err_set(err, ERR_USAGE, "an API tells what belongs to a port order of one order at a time");
}
