#include "did/selection.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <bsd/string.h>

#include "base/mem.h"
#include "did/canonical.h"
#include "did/state.h"

bool selection_has_operands(const struct selection *selection)
{
	return selection->numbers.n || selection->nids || selection->npatterns;
}

bool selection_is_all(const struct selection *selection)
{
	return !selection_has_operands(selection) && !selection->nfilters;
}

void selection_add_id(struct selection *selection, const char *id)
{
	GROW(selection->ids, selection->nids, selection->ids_cap);
	selection->ids[selection->nids++] = id;
}

void selection_add_pattern(struct selection *selection, struct pattern pattern)
{
	GROW(selection->patterns, selection->npatterns, selection->patterns_cap);
	selection->patterns[selection->npatterns++] = pattern;
}

struct filter *selection_add_filter(struct selection *selection, enum filter_kind kind, enum did_field field)
{
	struct filter *filter;

	GROW(selection->filters, selection->nfilters, selection->filters_cap);
	filter = &selection->filters[selection->nfilters++];
	*filter = (struct filter){.kind = kind, .field = field};
	return filter;
}

void filter_add_value(struct filter *filter, const char *value)
{
	GROW(filter->values, filter->nvalues, filter->values_cap);
	filter->values[filter->nvalues++] = value;
}

void selection_release(struct selection *selection)
{
	for (size_t i = 0; i < selection->nfilters; i++)
		free(selection->filters[i].values);
	rangeset_release(&selection->numbers);
	strlist_release(&selection->texts);
	free(selection->ids);
	free(selection->patterns);
	free(selection->filters);
	*selection = (struct selection){0};
}

/* ---- canonical text: each id, pattern and filter becomes a text of its own, to be sorted */

static void put_numbers(struct buf *out, const struct rangeset *numbers)
{
	char first[NUMBER_TEXT];

	buf_puts(out, "numbers");
	for (size_t i = 0; i < numbers->n; i++) {
		number_format(numbers->at[i].first, first);
		buf_printf(out, " %s+%" PRIu64, first, numbers->at[i].count);
	}
	buf_putc(out, '\n');
}

/* RFC 9562: the letters of an id are read in either case. */
static void put_id(struct buf *out, const struct selection *selection, size_t i)
{
	for (const char *c = selection->ids[i]; *c; c++)
		buf_putc(out, *c >= 'A' && *c <= 'F' ? (char)(*c - 'A' + 'a') : *c);
}

static void put_digits(struct buf *out, const struct pattern *pattern)
{
	for (unsigned i = 0; i < pattern->width; i++)
		buf_putc(out, pattern->digit[i] == PATTERN_ANY ? 'X' : (char)('0' + pattern->digit[i]));
	if (pattern->toll_free_only)
		buf_puts(out, " toll-free");
}

static void put_pattern(struct buf *out, const struct selection *selection, size_t i)
{
	put_digits(out, &selection->patterns[i]);
}

static void put_values(struct buf *out, const struct filter *filter)
{
	struct strlist values = {0};

	for (size_t i = 0; i < filter->nvalues; i++)
		strlist_add(&values, filter->values[i]);
	canonical_set(out, "values", &values);
	strlist_release(&values);
}

/* Of what is due only which kinds count: the times come from the clock. */
static void put_due(struct buf *out, const struct filter *filter)
{
	for (size_t i = 0; i < filter->nvalues; i++)
		buf_puts(out, filter->values[i] ? " asked" : " not");
}

static void put_filter(struct buf *out, const struct selection *selection, size_t i)
{
	const struct filter *filter = &selection->filters[i];

	buf_printf(out, "%d %s %u %d ", (int)filter->kind, did_columns[filter->field].key, filter->states,
		   filter->is_released);
	if (filter->has_pattern)
		put_digits(out, &filter->pattern);
	if (filter->kind == FILTER_DUE)
		put_due(out, filter);
	else
		put_values(out, filter);
}

static void put_set(struct buf *out, const char *name, const struct selection *selection, size_t n,
		    void (*put)(struct buf *out, const struct selection *selection, size_t i))
{
	struct strlist texts = {0};
	struct arena arena = {0};
	struct buf text = {0};

	for (size_t i = 0; i < n; i++) {
		buf_reset(&text);
		put(&text, selection, i);
		strlist_add(&texts, arena_strdup(&arena, buf_str(&text)));
	}
	canonical_set(out, name, &texts);
	strlist_release(&texts);
	arena_release(&arena);
	buf_release(&text);
}

void selection_to_text(struct buf *out, const struct selection *selection)
{
	put_numbers(out, &selection->numbers);
	put_set(out, "ids", selection, selection->nids, put_id);
	put_set(out, "patterns", selection, selection->npatterns, put_pattern);
	put_set(out, "filters", selection, selection->nfilters, put_filter);
}

/* ---- what SQL does not see */

static bool area_code_text(struct number n, char out[NUMBER_TEXT])
{
	return number_area_code(n, out);
}

static bool nxx_text(struct number n, char out[NUMBER_TEXT])
{
	return number_nxx(n, out);
}

static bool toll_free_text(struct number n, char out[NUMBER_TEXT])
{
	strlcpy(out, number_is_toll_free(n) ? "1" : "0", NUMBER_TEXT);
	return true;
}

static const struct derived {
	enum did_field field;
	bool (*text)(struct number n, char out[NUMBER_TEXT]);
} derived[] = {
	{DID_AREA_CODE, area_code_text},
	{DID_NXX, nxx_text},
	{DID_TOLL_FREE, toll_free_text},
};

static const struct derived *find_derived(const struct filter *filter)
{
	for (size_t i = 0; i < ARRAY_SIZE(derived); i++)
		if (filter->kind == FILTER_EQUAL && derived[i].field == filter->field)
			return &derived[i];
	return NULL;
}

bool filter_is_derived(const struct filter *filter)
{
	return find_derived(filter) != NULL;
}

static bool has_value(const struct filter *filter, const char *text)
{
	for (size_t i = 0; i < filter->nvalues; i++)
		if (strcmp(filter->values[i], text) == 0)
			return true;
	return false;
}

static bool filter_match(const struct filter *filter, const struct number *key)
{
	const struct derived *how = find_derived(filter);
	char text[NUMBER_TEXT];

	return !how || (key && how->text(*key, text) && has_value(filter, text));
}

static bool has_id(const struct selection *selection, const char *id)
{
	for (size_t i = 0; id && i < selection->nids; i++)
		if (strcasecmp(selection->ids[i], id) == 0)
			return true;
	return false;
}

static bool operands_match(const struct selection *selection, const struct number *key, const char *id)
{
	if (has_id(selection, id) || (key && rangeset_has(&selection->numbers, *key)))
		return true;
	for (size_t i = 0; key && i < selection->npatterns; i++)
		if (pattern_match(&selection->patterns[i], *key))
			return true;
	return false;
}

bool selection_match_derived(const struct selection *selection, const struct number *key, const char *id)
{
	if (selection->npatterns && !operands_match(selection, key, id))
		return false;
	for (size_t i = 0; i < selection->nfilters; i++)
		if (!filter_match(&selection->filters[i], key))
			return false;
	return true;
}

/* ---- what only SQL sees otherwise */

static bool is_one_of(const struct filter *filter, struct value v, enum column_type type)
{
	for (size_t i = 0; i < filter->nvalues; i++) {
		struct value wanted = value_str(filter->values[i]);

		if (type == COL_PRICE ? !value_compare(v, wanted, type) : !strcasecmp(v.s, wanted.s))
			return true;
	}
	return false;
}

static bool match_equal(const struct filter *filter, const struct whole_row *row)
{
	struct value v = row->v[filter->field];

	return v.s && is_one_of(filter, v, did_columns[filter->field].type);
}

static bool match_org(const struct filter *filter, const struct whole_row *row)
{
	return row->v[DID_ORG_ID].s && is_one_of(filter, row->v[DID_ORG_ID], COL_ID);
}

static bool is_state(const struct whole_row *row, enum did_state state)
{
	return strcmp(row->v[DID_STATE].s, state_info[state].name) == 0;
}

static bool match_state(const struct filter *filter, const struct whole_row *row)
{
	for (int i = 0; i < STATE_COUNT; i++)
		if (filter->states & STATE_BIT(i) && is_state(row, (enum did_state)i))
			return !filter->is_released || row->v[DID_PREVIOUS_ORG_ID].s;
	return false;
}

static bool has_tag(const char *tags, const char *tag)
{
	size_t len = strlen(tag);

	for (const char *end; *tags; tags = end + (*end == ',')) {
		end = strchrnul(tags, ',');
		if ((size_t)(end - tags) == len && !strncasecmp(tags, tag, len))
			return true;
	}
	return false;
}

static bool match_tag(const struct filter *filter, const struct whole_row *row)
{
	for (size_t i = 0; row->v[DID_TAGS].s && i < filter->nvalues; i++)
		if (has_tag(row->v[DID_TAGS].s, filter->values[i]))
			return true;
	return false;
}

static bool match_text(const struct filter *filter, const struct whole_row *row)
{
	const char *text = filter->values[0];

	if (filter->has_pattern && row->key && pattern_match(&filter->pattern, *row->key))
		return true;
	return strcasestr(row->v[DID_NUMBER].s, text) || (row->org_name && strcasestr(row->org_name, text));
}

static bool is_by(struct value v, const char *time)
{
	return v.s && time && strcmp(v.s, time) <= 0;
}

static bool match_due(const struct filter *filter, const struct whole_row *row)
{
	if (is_state(row, STATE_ON_HOLD) && is_by(row->v[DID_HOLD_UNTIL], filter->values[0]))
		return true;
	return filter->nvalues > 1 && row->v[DID_ORG_ID].s && row->v[DID_POOL_STATUS].s &&
	       !strcmp(row->v[DID_POOL_STATUS].s, state_info[STATE_PENDING].pool_status) &&
	       is_by(row->v[DID_REQUESTED_AT], filter->values[1]);
}

bool selection_match(const struct selection *selection, const struct whole_row *row)
{
	static bool (*const match[])(const struct filter *, const struct whole_row *) = {
		[FILTER_EQUAL] = match_equal, [FILTER_STATE] = match_state, [FILTER_ORG] = match_org,
		[FILTER_TAG] = match_tag,     [FILTER_MATCH] = match_text,  [FILTER_DUE] = match_due,
	};

	if (selection_has_operands(selection) && !operands_match(selection, row->key, row->v[DID_ID].s))
		return false;
	for (size_t i = 0; i < selection->nfilters; i++)
		if (!match[selection->filters[i].kind](&selection->filters[i], row))
			return false;
	return true;
}
