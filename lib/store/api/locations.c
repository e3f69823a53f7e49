#include "store/api/locations.h"

#include <stdlib.h>
#include <string.h>

#include "did/e911.h"
#include "store/api/objects.h"
#include "store/api/pages.h"

int api_need_services(struct api_store *s, struct err *err)
{
	if (s->offers[API_LIST_LOCATIONS] == OFFER_NO)
		return api_not_offered(s, API_LIST_LOCATIONS, err);
	if (s->offers[API_LIST_LOCATIONS] == OFFER_YES)
		return 0;
	return api_call(s, &(struct api_request){.operation = API_LIST_LOCATIONS, .query = "limit=1"}, NULL, err);
}

/* ---- all of them */

static int compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct api_location *)a)->id, ((const struct api_location *)b)->id);
}

struct loader {
	struct object_visitor visitor;
	struct api_locations *locations;
};

static const char *line_of(struct arena *arena, const char *const fields[OBJECT_FIELDS])
{
	const char *v[LOCATION_STORED] = {0}, *line;
	struct buf out = {0};

	memcpy(&v[LOCATION_LABEL], fields, sizeof(*v) * (LOCATION_STORED - LOCATION_LABEL));
	location_line(&out, v);
	line = arena_strdup(arena, buf_str(&out));
	buf_release(&out);
	return line;
}

static int keep_location(struct object_visitor *visitor, const char *id, const char *const fields[OBJECT_FIELDS],
			 struct err *err)
{
	struct api_locations *all = ((struct loader *)visitor)->locations;
	struct api_location *kept;

	(void)err;
	GROW(all->at, all->n, all->cap);
	kept = &all->at[all->n++];
	*kept = (struct api_location){.id = arena_strdup(&all->arena, id), .address = line_of(&all->arena, fields)};
	for (int f = 0; f < OBJECT_FIELDS; f++)
		kept->v[f] = fields[f] ? arena_strdup(&all->arena, fields[f]) : NULL;
	return 0;
}

int api_locations_load(struct api_store *s, struct api_locations *locations, struct err *err)
{
	struct loader loader = {.visitor = {keep_location}, .locations = locations};
	int rc = api_objects_list(s, OBJECT_LOCATION, NULL, &loader.visitor, err);

	if (rc)
		return rc;
	if (locations->n)
		qsort(locations->at, locations->n, sizeof(*locations->at), compare_ids);
	return 0;
}

struct api_location *api_locations_find(const struct api_locations *locations, const char *id)
{
	return locations->n && id ? bsearch(&(struct api_location){.id = id}, locations->at, locations->n,
					    sizeof(*locations->at), compare_ids) :
				    NULL;
}

void api_locations_release(struct api_locations *locations)
{
	free(locations->at);
	arena_release(&locations->arena);
	*locations = (struct api_locations){0};
}

/* Of the numbers that have a location; any other status would have them all come. */
int api_locations_count(struct api_store *s, struct api_locations *locations, struct err *err)
{
	struct api_pages pages;
	const struct json *item;
	struct buf query = {0};
	int rc;

	for (const char *const *status = e911_statuses; *status; status++)
		api_query_add(&query, "e911_status", *status);
	rc = api_pages_open(&pages, s, API_LIST_NUMBERS, buf_str(&query), 0, err);
	buf_release(&query);
	if (rc)
		return rc;
	while ((rc = api_pages_next(&pages, &item, err)) == 1) {
		const struct json *e911 = json_get(item, "e911");
		struct api_location *at = api_locations_find(locations, e911 ? json_string(json_get(e911, "location_id")) : NULL);

		if (at)
			at->numbers++;
	}
	api_pages_close(&pages);
	return rc;
}

/* ---- the same one */

int api_locations_of(struct api_store *s, const char *org_id, struct object_visitor *visitor, struct err *err)
{
	struct buf query = {0};
	int rc;

	if (org_id && api_is_id(org_id))
		api_query_add(&query, "org_id", org_id);
	rc = api_objects_list(s, OBJECT_LOCATION, buf_str(&query), visitor, err);
	buf_release(&query);
	return rc;
}
