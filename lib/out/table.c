/*
 * Tables for people. Widths are learned from the first rows, then rows stream. libsmartcols shares out the
 * width of a terminal that is too narrow, but it is told only how wide each cell is: what it does with text
 * depends on the locale, and it would hold every row. So one writer draws all rows, the same in any locale.
 */
#include "out/format.h"

#include <libsmartcols.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

#define HELD_ROWS   1000
#define HELD_BYTES  ((size_t)4 << 20) /* of text: rows of huge cells are laid out earlier */
#define GAP	    "  "
#define MAX_WIDTH   256 /* one huge cell must not widen a million rows */
#define MIN_WRAPPED 8	/* nothing is readable in a column narrower than this */

struct cell {
	size_t at, len; /* bytes of table.text, escaped */
	size_t columns; /* of the terminal */
};

struct table {
	struct buf text;
	struct cell *cells; /* of the held rows, one row after another */
	size_t ncells, cap;
	size_t *widths; /* NULL until the layout is known */
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static bool can_wrap(const struct column *column)
{
	return column->type == COL_TEXT || column->type == COL_LIST || column->type == COL_OBJECT;
}

static bool is_right(const struct column *column)
{
	return column->type == COL_COUNT || column->type == COL_PRICE;
}

static void hold(struct table *table, const char *s, size_t len)
{
	struct cell cell = {.at = table->text.len};

	text_escape(&table->text, s, len, 0);
	cell.len = table->text.len - cell.at;
	cell.columns = text_columns(buf_str(&table->text) + cell.at, cell.len);
	GROW(table->cells, table->ncells, table->cap);
	table->cells[table->ncells++] = cell;
}

static void let_go(struct table *table)
{
	buf_reset(&table->text);
	table->ncells = 0;
}

/* The text's attributes (ECMA-48 SGR), or NULL for none. */
static const char *style_of(const struct column *column, const char *s, size_t len)
{
	static const struct {
		const char *key, *word, *sgr;
	} styles[] = {
		{"state", "available", "32"}, {"state", "pending", "33"},    {"state", "assigned", "1"},
		{"state", "blocked", "31"},   {"state", "on-hold", "33"},    {"state", "reserved", "2"},
		{"state", "archived", "2"},   {"state", "ported", "2"},	     {"state", "unknown", "31"},
		{"severity", "error", "31"},  {"severity", "warning", "33"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(styles); i++)
		if (strcmp(column->key, styles[i].key) == 0 && strlen(styles[i].word) == len &&
		    memcmp(styles[i].word, s, len) == 0)
			return styles[i].sgr;
	return NULL;
}

static void put_blanks(struct buf *out, size_t n)
{
	static const char blanks[] = "                                                                ";

	for (size_t some; n; n -= some) {
		some = smaller(n, sizeof(blanks) - 1);
		put(out, blanks, some);
	}
}

/* How many bytes of text go on a line of so many columns: up to a blank or after a comma if it has one. */
static size_t line_break(const char *s, size_t len, size_t columns)
{
	size_t end = 0, good = 0, used = 0;

	while (end < len) {
		uint32_t c = 0;
		size_t n = text_decode(s + end, len - end, &c);

		if (c == ' ')
			good = end;
		used += text_width(c);
		if (used > columns && end)
			break;
		end += n;
		if (c == ',')
			good = end;
	}
	return good ? good : end;
}

/* Takes from a cell what goes on this line. */
static struct cell take_piece(struct cell *rest, const char *text, size_t columns)
{
	struct cell piece = *rest;
	const char *s = text + rest->at;

	if (rest->columns > columns) {
		piece.len = line_break(s, rest->len, columns);
		piece.columns = text_columns(s, piece.len);
	}
	rest->at += piece.len;
	rest->len -= piece.len;
	for (; rest->len && text[rest->at] == ' '; rest->len--)
		rest->at++;
	rest->columns = text_columns(text + rest->at, rest->len);
	return piece;
}

static void put_piece(struct buf *out, const char *s, size_t len, const char *style)
{
	if (style)
		buf_printf(out, "\033[%sm%.*s\033[0m", style, (int)len, s);
	else
		put(out, s, len);
}

/* Draws one line of a row and takes it out of the cells; returns whether they hold more. */
static bool draw_line(struct sink *sink, struct cell *cells, bool is_heading)
{
	const struct table *table = sink->state;
	const char *text = buf_str(&table->text);
	struct buf *out = &sink->writer.buf;
	bool has_more = false;

	for (size_t i = 0; i < sink->ncolumns; i++) {
		const struct column *column = sink->columns[i];
		size_t width = table->widths[i];
		bool is_wrapped = sink->options.width > 0 && can_wrap(column);
		struct cell piece = take_piece(&cells[i], text, is_wrapped ? width : SIZE_MAX);
		const char *s = text + piece.at, *style = NULL;
		size_t blanks = piece.columns < width ? width - piece.columns : 0;

		if (sink->options.colour && piece.len)
			style = is_heading ? "1" : style_of(column, s, piece.len);
		has_more = has_more || cells[i].len;
		put(out, GAP, i ? sizeof(GAP) - 1 : 0);
		put_blanks(out, is_right(column) ? blanks : 0);
		put_piece(out, s, piece.len, style);
		put_blanks(out, is_right(column) || i + 1 == sink->ncolumns ? 0 : blanks);
	}
	while (out->len && out->data[out->len - 1] == ' ')
		out->len--;
	put(out, "\n", 1);
	return has_more;
}

static void draw_row(struct sink *sink, struct cell *cells, bool is_heading)
{
	while (draw_line(sink, cells, is_heading))
		;
	writer_spill(&sink->writer);
}

/* Gives libsmartcols a line with a cell of so many columns, whatever stands in them. */
static void add_line(struct libscols_table *tb, const struct cell *cells, size_t ncolumns)
{
	struct libscols_line *line = scols_table_new_line(tb, NULL);
	char stand_in[MAX_WIDTH + 1];

	for (size_t i = 0; line && i < ncolumns; i++) {
		size_t n = smaller(cells[i].columns, MAX_WIDTH);

		memset(stand_in, 'x', n);
		stand_in[n] = '\0';
		scols_line_set_data(line, i, stand_in);
	}
}

/* Copies the widths that libsmartcols chose for free text; a number or a word is never broken. */
static void take_widths(struct sink *sink, struct libscols_table *tb)
{
	const struct table *table = sink->state;

	for (size_t i = 0; i < sink->ncolumns; i++) {
		size_t width = scols_column_get_width(scols_table_get_column(tb, i));

		if (can_wrap(sink->columns[i]))
			table->widths[i] = smaller(table->widths[i], larger(width, MIN_WRAPPED));
	}
}

/* Makes columns of free text narrower, so that the rows fit the terminal. If that fails they stay wide. */
static void fit(struct sink *sink)
{
	const struct table *table = sink->state;
	struct libscols_table *tb = scols_new_table();
	char *drawn = NULL;
	int rc = tb ? 0 : -1;

	for (size_t i = 0; !rc && i < sink->ncolumns; i++) {
		int flags = can_wrap(sink->columns[i]) ? SCOLS_FL_WRAP : 0;

		rc = scols_table_new_column(tb, sink->columns[i]->heading, 0, flags) ? 0 : -1;
	}
	if (!rc) {
		scols_table_enable_noheadings(tb, sink->options.no_header);
		scols_table_set_column_separator(tb, GAP);
		scols_table_set_termforce(tb, SCOLS_TERMFORCE_ALWAYS);
		scols_table_set_termwidth(tb, (size_t)sink->options.width);
		for (size_t i = 0; i < table->ncells; i += sink->ncolumns)
			add_line(tb, table->cells + i, sink->ncolumns);
		rc = scols_print_table_to_string(tb, &drawn);
	}
	if (!rc)
		take_widths(sink, tb);
	free(drawn);
	scols_unref_table(tb);
}

static void choose_widths(struct sink *sink)
{
	struct table *table = sink->state;
	size_t total = 0, least = 0, width = (size_t)sink->options.width;

	table->widths = xcalloc(sink->ncolumns, sizeof(*table->widths));
	for (size_t i = 0; i < table->ncells; i++) {
		size_t *widest = &table->widths[i % sink->ncolumns];

		*widest = larger(*widest, smaller(table->cells[i].columns, MAX_WIDTH));
	}
	for (size_t i = 0; i < sink->ncolumns; i++) {
		size_t gap = i ? sizeof(GAP) - 1 : 0;

		total += gap + table->widths[i];
		least += gap + smaller(table->widths[i], can_wrap(sink->columns[i]) ? MIN_WRAPPED : SIZE_MAX);
	}
	if (width && total > width && least <= width)
		fit(sink);
}

/* Draws the rows that were held, and the heading, which is held as the first of them. */
static void lay_out(struct sink *sink)
{
	struct table *table = sink->state;

	choose_widths(sink);
	for (size_t i = 0; i < table->ncells; i += sink->ncolumns)
		draw_row(sink, table->cells + i, i == 0 && !sink->options.no_header);
	let_go(table);
}

static void table_open(struct sink *sink)
{
	sink->state = xcalloc(1, sizeof(struct table));
}

static void table_row(struct sink *sink, const struct value *values)
{
	struct table *table = sink->state;
	bool is_first = !table->widths && !table->ncells;

	for (size_t i = 0; is_first && !sink->options.no_header && i < sink->ncolumns; i++)
		hold(table, sink->columns[i]->heading, strlen(sink->columns[i]->heading));
	for (size_t i = 0; i < sink->ncolumns; i++) {
		struct value cell = values[i].s ? shown(sink->columns[i], values[i]) : (struct value){"-", 1};

		hold(table, cell.s, cell.len);
	}
	if (table->widths) {
		draw_row(sink, table->cells, false);
		let_go(table);
	} else if (table->ncells >= HELD_ROWS * sink->ncolumns || table->text.len >= HELD_BYTES) {
		lay_out(sink);
	}
}

static void table_close(struct sink *sink)
{
	struct table *table = sink->state;

	if (!table->widths && table->ncells)
		lay_out(sink);
	buf_release(&table->text);
	free(table->cells);
	free(table->widths);
	free(table);
}

const struct format table_format = {.open = table_open, .row = table_row, .close = table_close};
