#include "did/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define COUNT_DIGITS 15 /* every integer of so many digits is exact in JSON */
#define COUNT_TEXT 24

static bool is_stored(enum did_field field)
{
	return did_field_home[field] == HOME_BASE || did_field_home[field] == HOME_DETAIL;
}

/* Over the pointers: interned strings are equal exactly when these are. */
static size_t record_hash(const struct record *record)
{
	uint64_t h = record->has_details;

	for (size_t f = 0; f < DID_FIELDS; f++) {
		h = (h ^ (uintptr_t)record->v[f]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32; /* the low bits, which choose the slot, hear of the high ones */
	}
	return (size_t)h;
}

static bool is_same_record(const struct record *a, const struct record *b)
{
	return a->has_details == b->has_details && memcmp(a->v, b->v, sizeof(a->v)) == 0;
}

static uint32_t *find_slot(const struct recordset *set, const struct record *record)
{
	size_t i = record_hash(record) & (set->nslots - 1);

	while (set->slots[i] && !is_same_record(&set->at[set->slots[i] - 1], record))
		i = (i + 1) & (set->nslots - 1);
	return &set->slots[i];
}

static void rehash(struct recordset *set)
{
	free(set->slots);
	set->nslots = set->nslots ? set->nslots * 2 : 64;
	set->slots = xcalloc(set->nslots, sizeof(*set->slots));
	for (size_t i = 0; i < set->n; i++)
		*find_slot(set, &set->at[i]) = (uint32_t)i + 1;
}

uint32_t recordset_add(struct recordset *set, const struct record *record)
{
	struct record kept = {.has_details = record->has_details};
	uint32_t *slot;

	for (enum did_field f = 0; f < DID_FIELDS; f++)
		if (is_stored(f))
			kept.v[f] = record->v[f];
	if (set->n * 2 >= set->nslots)
		rehash(set);
	slot = find_slot(set, &kept);
	if (!*slot) {
		GROW(set->at, set->n, set->cap);
		set->at[set->n++] = kept;
		*slot = (uint32_t)set->n;
	}
	return *slot - 1;
}

const char *recordset_intern(struct recordset *set, const char *s)
{
	return s ? intern(&set->strings, s, strlen(s)) : NULL;
}

void recordset_release(struct recordset *set)
{
	intern_release(&set->strings);
	free(set->at);
	free(set->slots);
	*set = (struct recordset){0};
}

enum did_state record_state(const struct record *record)
{
	return state_of(record->v[DID_POOL_STATUS], record->v[DID_STATUS], record->v[DID_HOLD_UNTIL]);
}

bool record_is(const struct record *record, enum did_field field, const char *value)
{
	return text_is_same(record->v[field], value);
}

bool record_flag(const struct record *record, enum did_field field)
{
	return record_is(record, field, "1");
}

uint64_t record_diff(const struct record *a, const struct record *b)
{
	static const struct record absent;
	uint64_t mask = 0;

	a = a ? a : &absent;
	b = b ? b : &absent;
	for (enum did_field f = 0; f < DID_FIELDS; f++)
		if (is_stored(f) && !text_is_same(a->v[f], b->v[f]))
			mask |= FIELD_BIT(f);
	return mask;
}

/* A count as JSON can have it; any other text, which another program wrote, stays a string. */
static bool is_count(const char *value)
{
	size_t len = strlen(value);

	return len && len <= COUNT_DIGITS && strspn(value, "0123456789") == len && (len == 1 || value[0] != '0');
}

static void put_value(struct buf *out, enum did_field field, const char *value)
{
	bool is_bool = did_columns[field].type == COL_BOOL;

	if (!value)
		buf_puts(out, "null");
	else if (did_columns[field].type == COL_COUNT && is_count(value))
		buf_puts(out, value);
	else if (is_bool && text_is_same(value, "0"))
		buf_puts(out, "false");
	else if (is_bool && text_is_same(value, "1"))
		buf_puts(out, "true");
	else
		text_json(out, value, strlen(value));
}

void record_to_json(struct buf *out, const struct record *record, uint64_t mask)
{
	const char *between = "";

	if (!record) {
		buf_puts(out, "null");
		return;
	}
	buf_putc(out, '{');
	for (enum did_field f = 0; f < DID_FIELDS; f++) {
		if (!(mask & FIELD_BIT(f)))
			continue;
		buf_printf(out, "%s\"%s\":", between, did_columns[f].key);
		put_value(out, f, record->v[f]);
		between = ",";
	}
	buf_putc(out, '}');
}

/* False if the member is of a type that record_to_json does not write for the field. */
static bool get_value(const char **value, enum did_field field, const struct json *member,
		      char count[COUNT_TEXT])
{
	unsigned long long n;
	bool flag;

	*value = json_string(member);
	if (json_bool(member, &flag))
		*value = flag ? "1" : "0";
	if (did_columns[field].type == COL_COUNT && json_count(member, &n)) {
		snprintf(count, COUNT_TEXT, "%llu", n);
		*value = count;
	}
	return *value || json_is_null(member);
}

void record_from_json(struct recordset *set, struct record *record, uint64_t *mask, const struct json *object)
{
	*mask = 0;
	if (!object || !json_is_object(object))
		return;
	for (const struct json *m = json_first(object); m; m = json_next(m)) {
		int field = column_find(did_columns, DID_FIELDS, json_key(m));
		char count[COUNT_TEXT];
		const char *value;

		if (field < 0 || !is_stored((enum did_field)field) ||
		    !get_value(&value, (enum did_field)field, m, count))
			continue;
		record->v[field] = recordset_intern(set, value);
		*mask |= FIELD_BIT(field);
	}
}

static void put_quoted(struct buf *out, const char *value)
{
	char shown[TEXT_SHOWN];

	if (value)
		buf_printf(out, "'%s'", text_show(shown, value, strlen(value)));
	else
		buf_puts(out, "absent");
}

void record_put_changes(struct buf *out, const struct record *was, const struct record *is, uint64_t fields)
{
	const char *between = "";

	for (int f = 0; f < DID_FIELDS; f++) {
		if (!(fields & FIELD_BIT(f)))
			continue;
		buf_printf(out, "%s%s was ", between, did_columns[f].key);
		put_quoted(out, was->v[f]);
		buf_puts(out, ", is ");
		put_quoted(out, is->v[f]);
		between = "; ";
	}
}
