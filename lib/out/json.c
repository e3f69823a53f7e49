/* JSON (RFC 8259), one object a line: an array of them, or the objects alone (ndjson). */
#include "out/format.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

struct json_state {
	struct arena arena;
	struct value *openers; /* of each column: '{"number":' for the first, ',"state":' for others */
	bool has_rows;
};

static void put_string(struct buf *out, struct value cell)
{
	text_json(out, cell.s, cell.len);
}

static void put_bool(struct buf *out, struct value cell)
{
	if (is_true(cell))
		put(out, "true", 4);
	else
		put(out, "false", 5);
}

/* An integer as JSON spells it: no plus, no leading zero. What else a database holds becomes a string. */
static bool is_integer(struct value cell)
{
	size_t sign = cell.len && cell.s[0] == '-', digits = cell.len - sign;

	if (!digits || (digits > 1 && cell.s[sign] == '0'))
		return false;
	for (size_t i = sign; i < cell.len; i++)
		if (cell.s[i] < '0' || cell.s[i] > '9')
			return false;
	return true;
}

static void put_count(struct buf *out, struct value cell)
{
	if (is_integer(cell))
		put(out, cell.s, cell.len);
	else
		put_string(out, cell);
}

static void put_list(struct buf *out, struct value cell)
{
	const char *comma;

	put(out, "[", 1);
	while (cell.len && (comma = memchr(cell.s, ',', cell.len))) {
		size_t n = (size_t)(comma - cell.s);

		text_json(out, cell.s, n);
		put(out, ",", 1);
		cell.s += n + 1;
		cell.len -= n + 1;
		if (!cell.len)
			put(out, "\"\"", 2); /* "a," has two elements */
	}
	if (cell.len)
		put_string(out, cell);
	put(out, "]", 1);
}

/* Line breaks in JSON text only stand between tokens: blanks in their place keep an object on its line. */
static void put_object(struct buf *out, struct value cell)
{
	size_t start = out->len;

	if (cell.len)
		put(out, cell.s, cell.len);
	else
		put(out, "null", 4);
	for (size_t i = start; i < out->len; i++)
		if (out->data[i] == '\n' || out->data[i] == '\r')
			out->data[i] = ' ';
}

static void put_row(struct sink *sink, const struct value *values)
{
	static void (*const writers[])(struct buf *, struct value) = {
		[COL_TEXT] = put_string,   [COL_NUMBER] = put_string, [COL_ID] = put_string,
		[COL_COUNT] = put_count,   [COL_PRICE] = put_string,  [COL_BOOL] = put_bool,
		[COL_TIME] = put_string,   [COL_DATE] = put_string,   [COL_LIST] = put_list,
		[COL_OBJECT] = put_object,
	};
	const struct json_state *state = sink->state;

	for (size_t i = 0; i < sink->ncolumns; i++) {
		put(&sink->writer.buf, state->openers[i].s, state->openers[i].len);
		if (values[i].s)
			writers[sink->columns[i]->type](&sink->writer.buf, values[i]);
		else
			put(&sink->writer.buf, "null", 4);
	}
	put(&sink->writer.buf, "}", 1);
}

static void open_state(struct sink *sink)
{
	struct json_state *state = xcalloc(1, sizeof(*state));
	struct buf key = {0};

	state->openers = arena_alloc(&state->arena, sink->ncolumns * sizeof(*state->openers));
	for (size_t i = 0; i < sink->ncolumns; i++) {
		buf_reset(&key);
		buf_putc(&key, i ? ',' : '{');
		put_string(&key, value_str(sink->columns[i]->key));
		buf_putc(&key, ':');
		state->openers[i] = value_str(arena_strndup(&state->arena, key.data, key.len));
	}
	buf_release(&key);
	sink->state = state;
}

static void free_state(struct sink *sink)
{
	struct json_state *state = sink->state;

	arena_release(&state->arena);
	free(state);
}

static void json_row(struct sink *sink, const struct value *values)
{
	struct json_state *state = sink->state;

	put(&sink->writer.buf, state->has_rows ? ",\n" : "[\n", 2);
	state->has_rows = true;
	put_row(sink, values);
}

static void json_close(struct sink *sink)
{
	const struct json_state *state = sink->state;

	put(&sink->writer.buf, state->has_rows ? "\n]\n" : "[]\n", 3);
	free_state(sink);
}

static void ndjson_row(struct sink *sink, const struct value *values)
{
	put_row(sink, values);
	put(&sink->writer.buf, "\n", 1);
}

const struct format json_format = {.open = open_state, .row = json_row, .close = json_close};
const struct format ndjson_format = {.open = open_state, .row = ndjson_row, .close = free_state};
