#include "store/api/ports.h"

#include <string.h>

#include "did/port.h"
#include "number/rangeset.h"
#include "store/api/facts.h"
#include "store/api/lines.h"

int api_ports_open(struct api_pages *pages, struct api_store *s, const struct api_port_filter *filter, struct err *err)
{
	struct buf query = {0};
	int rc;

	if (filter->org_id)
		api_query_add(&query, "org_id", filter->org_id);
	if (filter->number)
		api_query_add(&query, "number", filter->number);
	for (int state = 0; state < PORT_STATES; state++)
		if (filter->states & PORT_BIT(state))
			api_query_add(&query, "state", port_state_names[state]);
	rc = api_pages_open(pages, s, API_LIST_PORTS, buf_str(&query), 0, err);
	buf_release(&query);
	return rc;
}

/* ---- one order */

/* The API's own to say, and so no field of a change. */
static const char *submitted_at(const struct json *item, struct arena *arena)
{
	const char *text = json_string(json_get(item, "submitted_at"));

	return text ? arena_strdup(arena, text) : NULL;
}

int api_port_read(struct api_store *s, const struct json *item, const char **serial, const char *out[OBJECT_FIELDS],
		  struct arena *arena, struct err *err)
{
	struct image image;
	const char *what;

	if (!image_read(&image, ROW_PORT, item, arena, &what))
		return api_broken(s, API_GET_PORT, what, err);
	*serial = image.id;
	memset(out, 0, OBJECT_FIELDS * sizeof(*out));
	for (int i = 0; api_fields[ROW_PORT][i].key; i++)
		out[api_fields[ROW_PORT][i].field] = image.v[i];
	out[PORT_SUBMITTED_AT] = submitted_at(item, arena);
	return 0;
}

int api_port_get(struct api_store *s, const char *serial, struct json **out, struct err *err)
{
	struct api_answer answer = {0};
	int rc = api_is_id(serial) ?
			 api_call(s, &(struct api_request){.operation = API_GET_PORT, .id = serial}, &answer, err) :
			 ERR_ABSENT;

	*out = answer.body;
	return rc == ERR_ABSENT ? 0 : rc ? rc : 1;
}

int api_port_load(struct api_store *s, const char *serial, const char *out[OBJECT_FIELDS], struct arena *arena,
		  struct err *err)
{
	struct json *order;
	const char *read_serial;
	int rc = api_port_get(s, serial, &order, err);

	if (rc != 1)
		return rc;
	rc = api_port_read(s, order, &read_serial, out, arena, err);
	if (!rc && strcmp(read_serial, serial) != 0)
		rc = api_broken(s, API_GET_PORT, "it is another order", err);
	json_free(order);
	return rc ? rc : 1;
}

/* ---- all that are open */

static int visit_order(struct api_store *s, const char *serial, const char *const *fields, struct order_visitor *visitor,
		       struct arena *arena, struct err *err)
{
	const char *lines = fields[PORT_NUMBERS], *cells[2];
	struct number first, last;
	int rc = 0;

	while (!rc && lines_next(&lines, cells, ARRAY_SIZE(cells), arena)) {
		if (!cells[0] || !cells[1] || !number_parse_stored(&first, cells[0], strlen(cells[0]), NULL) ||
		    !number_parse_stored(&last, cells[1], strlen(cells[1]), NULL) || last.width != first.width ||
		    last.value < first.value)
			return api_broken(s, API_LIST_PORTS, "the numbers of an order cannot be read", err);
		rc = visitor->visit(visitor, serial, fields[PORT_STATE],
				    (struct interval){first, last.value - first.value + 1}, err);
	}
	return rc;
}

/* An API that has no orders has none that are open: who needs to make one hears of that by the next serial. */
int api_open_orders(struct facts *facts, const char *org_id, struct order_visitor *visitor, struct err *err)
{
	struct api_store *s = ((struct api_facts *)facts)->s;
	struct api_pages pages = {0};
	const struct json *item;
	int rc = api_ports_open(&pages, s, &(struct api_port_filter){.org_id = org_id, .states = PORT_OPEN}, err);

	if (rc && s->offers[API_LIST_PORTS] == OFFER_NO)
		return 0;
	while (!rc && (rc = api_pages_next(&pages, &item, err)) == 1) {
		const char *serial, *fields[OBJECT_FIELDS];
		struct arena arena = {0};

		rc = api_port_read(s, item, &serial, fields, &arena, err);
		if (!rc)
			rc = visit_order(s, serial, fields, visitor, &arena, err);
		arena_release(&arena);
	}
	api_pages_close(&pages);
	return rc;
}

int api_orders_with_location(struct api_store *s, const char *location, uint64_t *out, struct err *err)
{
	struct api_pages pages = {0};
	const struct json *item;
	int rc = api_ports_open(&pages, s, &(struct api_port_filter){.states = PORT_OPEN}, err);

	if (rc && s->offers[API_LIST_PORTS] == OFFER_NO)
		return 0;
	while (!rc && (rc = api_pages_next(&pages, &item, err)) == 1) {
		const char *prepared = json_string(json_get(item, "location"));

		rc = 0;
		*out += prepared && strcmp(prepared, location) == 0;
	}
	api_pages_close(&pages);
	return rc;
}

int api_next_order(struct facts *facts, const char **out, struct arena *arena, struct err *err)
{
	struct api_store *s = ((struct api_facts *)facts)->s;
	struct api_answer answer = {0};
	const char *serial;
	int rc = api_call(s, &(struct api_request){.operation = API_LIST_PORTS, .query = "limit=1"}, &answer, err);

	if (rc)
		return rc;
	serial = json_is_object(answer.body) ? json_string(json_get(answer.body, "next_serial")) : NULL;
	if (serial && api_is_id(serial))
		*out = arena_strdup(arena, serial);
	else
		rc = api_broken(s, API_LIST_PORTS, "it does not say what the next order is named", err);
	json_free(answer.body);
	return rc;
}
