#include "store/api/pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PAGE_MAX 1000 /* rows, by the contract */

static void write_query(const struct api_pages *pages, struct buf *out)
{
	uint64_t limit = pages->wanted && pages->wanted < PAGE_MAX ? pages->wanted : PAGE_MAX;

	buf_printf(out, "limit=%" PRIu64, limit);
	if (*pages->after)
		api_query_add(out, "after", pages->after);
	if (pages->filters.len)
		buf_printf(out, "&%s", pages->filters.data);
}

static int ask(struct api_pages *pages, struct err *err)
{
	struct buf query = {0};
	int rc;

	write_query(pages, &query);
	rc = api_send(pages->s, &(struct api_request){.operation = pages->operation, .query = buf_str(&query)}, 0, err);
	buf_release(&query);
	pages->is_asked = !rc;
	return rc;
}

static int wait_for(struct api_pages *pages, struct api_answer *answer, struct err *err)
{
	struct buf query = {0};
	int rc;

	write_query(pages, &query);
	rc = api_await(pages->s, &(struct api_request){.operation = pages->operation, .query = buf_str(&query)}, answer,
		       err);
	buf_release(&query);
	pages->is_asked = rc == ERR_INTERRUPTED;
	return rc;
}

/*
 * Notes where the next page begins. A list that goes in a circle would never end: each page is compared with a mark that
 * is set anew after 1, 2, 4, 8 ... pages, so that it comes to lie in the circle (Brent).
 */
static int read_next(struct api_pages *pages, const struct json *next, struct err *err)
{
	const char *cursor = next ? json_string(next) : NULL;

	pages->is_last = next && json_is_null(next);
	if (pages->is_last)
		return 0;
	if (!cursor || !*cursor || strlen(cursor) >= sizeof(pages->after))
		return api_broken(pages->s, pages->operation, "'next' is neither null nor the start of a next page", err);
	if (!strcmp(cursor, pages->mark))
		return api_broken(pages->s, pages->operation, "'next' leads back to a page that was read", err);
	snprintf(pages->after, sizeof(pages->after), "%s", cursor);
	pages->turned++;
	if (!(pages->turned & (pages->turned - 1)))
		snprintf(pages->mark, sizeof(pages->mark), "%s", cursor);
	return 0;
}

static int take(struct api_pages *pages, struct json *page, struct err *err)
{
	const struct json *items = json_is_object(page) ? json_get(page, "items") : NULL;

	json_free(pages->page);
	pages->page = page;
	pages->item = NULL;
	if (!items || !json_is_array(items))
		return api_broken(pages->s, pages->operation, "it is no page: it has no list 'items'", err);
	pages->item = json_first(items);
	return read_next(pages, json_get(page, "next"), err);
}

static uint64_t count_items(const struct api_pages *pages)
{
	uint64_t n = 0;

	for (const struct json *item = pages->item; item; item = json_next(item))
		n++;
	return n;
}

/* Takes the page that was asked for, and asks for the one after it, if it will be wanted. */
static int turn(struct api_pages *pages, struct err *err)
{
	struct api_answer answer = {0};
	int rc = pages->is_asked ? 0 : ask(pages, err);
	uint64_t n;

	if (!rc)
		rc = wait_for(pages, &answer, err);
	if (!rc)
		rc = take(pages, answer.body, err);
	if (rc || pages->is_last || !pages->wanted)
		return rc || pages->is_last ? rc : ask(pages, err);
	n = count_items(pages);
	pages->wanted -= n < pages->wanted ? n : pages->wanted;
	pages->is_last = !pages->wanted;
	return pages->is_last ? 0 : ask(pages, err);
}

int api_pages_open(struct api_pages *pages, struct api_store *s, enum api_operation operation, const char *filters,
		   uint64_t wanted, struct err *err)
{
	int rc;

	*pages = (struct api_pages){.s = s, .operation = operation, .wanted = wanted};
	if (filters)
		buf_puts(&pages->filters, filters);
	rc = turn(pages, err);
	if (rc)
		api_pages_close(pages);
	return rc;
}

int api_pages_next(struct api_pages *pages, const struct json **item, struct err *err)
{
	while (!pages->item) {
		int rc = pages->is_last ? 0 : turn(pages, err);

		if (rc || (pages->is_last && !pages->item))
			return rc;
	}
	*item = pages->item;
	pages->item = json_next(pages->item);
	return 1;
}

void api_pages_close(struct api_pages *pages)
{
	if (pages->is_asked)
		http_abandon(pages->s->http);
	json_free(pages->page);
	buf_release(&pages->filters);
	*pages = (struct api_pages){0};
}
