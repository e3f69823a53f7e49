#include "store/api/lines.h"

#include <string.h>

#include "base/text.h"
#include "did/port_numbers.h"

struct line_cell {
	const char *key;
	bool is_count; /* a number of JSON */
};

static const struct line_cell numbers[] = {{"first", false}, {"last", false}, {"status", false}, {"reason", false}, {0}};
static const struct line_cell documents[] = {{"k", true}, {"kind", false}, {"name", false}, {"type", false}, {"size", true},
					     {"sha256", false}, {"at", false}, {"id", false}, {0}};

bool lines_next(const char **text, const char **cells, size_t n, struct arena *arena)
{
	const char *at = *text;

	if (!at || !*at)
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(at, "\t\n");

		cells[i] = len ? arena_strndup(arena, at, len) : NULL;
		at += len + (at[len] == '\t');
	}
	at += strcspn(at, "\n");
	*text = at + (*at == '\n');
	return true;
}

/* ---- to JSON */

static void put_cell(struct buf *out, const struct line_cell *cell, const char *value, size_t len)
{
	buf_printf(out, "\"%s\":", cell->key);
	if (!len)
		buf_puts(out, "null");
	else if (cell->is_count)
		buf_add(out, value, len);
	else
		text_json(out, value, len);
}

static void put_lines(struct buf *out, const struct line_cell *cells, const char *text)
{
	buf_putc(out, '[');
	for (const char *at = text; at && *at;) {
		buf_puts(out, at == text ? "{" : ",{");
		for (const struct line_cell *cell = cells; cell->key; cell++) {
			size_t len = strcspn(at, "\t\n");

			if (cell != cells)
				buf_putc(out, ',');
			put_cell(out, cell, at, len);
			at += len + (at[len] != '\0');
		}
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

/* ---- and back */

/* A cell holds neither a tab nor an end of line: what has one would be another line. */
static bool read_cell(struct buf *out, const struct line_cell *cell, const struct json *member)
{
	const char *text = json_string(member);
	unsigned long long n;

	if (!member || (cell->is_count && !json_count(member, &n)) || (!cell->is_count && !text && !json_is_null(member)))
		return false;
	if (cell->is_count)
		buf_printf(out, "%llu", n);
	else if (text && !text[strcspn(text, "\t\n")])
		buf_puts(out, text);
	else if (text)
		return false;
	buf_putc(out, cell[1].key ? '\t' : '\n');
	return true;
}

static bool read_lines(const char **out, const struct line_cell *cells, const struct json *array, struct arena *arena)
{
	struct buf text = {0};
	bool is_good = json_is_array(array);

	for (const struct json *item = is_good ? json_first(array) : NULL; item && is_good; item = json_next(item))
		for (const struct line_cell *cell = cells; cell->key && is_good; cell++)
			is_good = json_is_object(item) && read_cell(&text, cell, json_get(item, cell->key));
	*out = is_good && text.len ? arena_strndup(arena, text.data, text.len) : NULL;
	buf_release(&text);
	return is_good;
}

static void put_numbers(struct buf *out, const char *text)
{
	put_lines(out, numbers, text);
}

/* However an API cuts them into ranges: one text for one content. */
static bool read_numbers(const char **out, const struct json *member, struct arena *arena)
{
	struct port_numbers ranges = {0};
	struct buf text = {0};
	bool is_good = read_lines(out, numbers, member, arena) && port_numbers_read(&ranges, *out, NULL) == 0;

	port_numbers_text(&text, &ranges);
	if (is_good && *out)
		*out = arena_strdup(arena, text.data);
	port_numbers_release(&ranges);
	buf_release(&text);
	return is_good;
}

static void put_documents(struct buf *out, const char *text)
{
	put_lines(out, documents, text);
}

static bool read_documents(const char **out, const struct json *member, struct arena *arena)
{
	return read_lines(out, documents, member, arena);
}

const struct api_shape port_numbers_shape = {put_numbers, read_numbers};
const struct api_shape port_documents_shape = {put_documents, read_documents};
