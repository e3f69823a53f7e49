/* One telephone number in more than one row: which of them the switch obeys, and what to do about the others. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/doctor.h"

#define VALUE_BITS 50 /* 10^15 numbers of up to 15 digits; above them the width */

struct twin_row {
	uint64_t key;
	const char *number, *id, *owner; /* the owner's name, or NULL */
	enum did_state state;
	enum dispatch way;
};

static uint64_t pack(struct number n)
{
	return (uint64_t)n.width << VALUE_BITS | n.value;
}

static struct number unpack(uint64_t key)
{
	return (struct number){key & ((UINT64_C(1) << VALUE_BITS) - 1), (uint8_t)(key >> VALUE_BITS)};
}

void keys_add(struct keys *keys, struct number key)
{
	GROW(keys->at, keys->n, keys->cap);
	keys->at[keys->n++] = pack(key);
}

static int compare_keys(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* Leaves the keys that are there more than once, each once. */
static void leave_equal(struct keys *keys)
{
	size_t n = 0;

	if (keys->n)
		qsort(keys->at, keys->n, sizeof(*keys->at), compare_keys);
	for (size_t i = 1; i < keys->n; i++)
		if (keys->at[i] == keys->at[i - 1] && (!n || keys->at[n - 1] != keys->at[i]))
			keys->at[n++] = keys->at[i];
	keys->n = n;
}

static bool is_key(const struct keys *keys, uint64_t key)
{
	return bsearch(&key, keys->at, keys->n, sizeof(key), compare_keys) != NULL;
}

static int see_twin(struct doctor *doctor, const struct doctor_row *row)
{
	struct keys *keys = &doctor->keys;

	if (!row->key.width || !is_key(keys, pack(row->key)))
		return 0;
	GROW(keys->rows, keys->nrows, keys->rows_cap);
	keys->rows[keys->nrows++] = (struct twin_row){
		.key = pack(row->key),
		.number = doctor_keep(doctor, row->stored),
		.id = doctor_keep(doctor, value_str(row->id)),
		.owner = row->owner ? holder_name(row->owner) : doctor_keep(doctor, value_str(row->record.v[DID_ORG_ID])),
		.state = row->state,
		.way = dispatch_of(row->state, row->record.v[DID_ENV]),
	};
	return 0;
}

/*
 * What the switch obeys comes first. It is sent lines for rows that are dispatched only, in the order of their stored
 * text, and takes the first of two that are equal. Where it is sent none at all, the row that is held is the better one.
 */
static unsigned rank(const struct twin_row *row)
{
	if (row->way == DISPATCH_ORG || row->way == DISPATCH_STAGING)
		return 0;
	return state_info[row->state].is_held ? 1 : 2;
}

static int compare_rows(const void *left, const void *right)
{
	const struct twin_row *a = left, *b = right;
	int order = (a->key > b->key) - (a->key < b->key);

	if (!order)
		order = (int)rank(a) - (int)rank(b);
	return order ? order : strcmp(a->number, b->number);
}

/* "+918065978002 (row ID, assigned to Globex)" */
static void say_row(struct buf *out, const struct twin_row *row)
{
	buf_printf(out, "%s (row %s, %s", row->number, row->id ? row->id : "-", state_info[row->state].name);
	if (row->owner)
		buf_printf(out, row->state == STATE_PENDING ? " for %s" : " to %s", row->owner);
	buf_putc(out, ')');
}

/* Rows [0, n) of one number, the one that stays first. */
static int find_twin(struct doctor *doctor, const struct twin_row *rows, size_t n)
{
	char digits[NUMBER_TEXT];
	int rc = 0;

	buf_printf(&doctor->detail, "stands in %zu rows: ", n);
	for (size_t i = 0; i < n; i++) {
		buf_puts(&doctor->detail, !i ? "" : i + 1 < n ? ", " : " and ");
		say_row(&doctor->detail, &rows[i]);
	}
	buf_printf(&doctor->detail, rank(rows) ? "; the switch is told of none of them" : "; the switch obeys %s",
		   rows->number);
	number_format(unpack(rows->key), digits);
	buf_printf(&doctor->fix, "didctl pool merge %s --keep ", digits);
	text_shell(&doctor->fix, rows->id ? rows->id : "");
	rc = doctor_found(doctor, CHECK_TWIN, rows->number);
	for (size_t i = 1; i < n; i++)
		doctor_mend(doctor, CHECK_TWIN, rows[i].id, rows->id);
	return rc;
}

int keys_judge(struct doctor *doctor)
{
	struct keys *keys = &doctor->keys;
	size_t next;
	int rc;

	leave_equal(keys);
	if (!keys->n)
		return 0;
	rc = doctor_rows(doctor, see_twin);
	if (!rc && keys->nrows)
		qsort(keys->rows, keys->nrows, sizeof(*keys->rows), compare_rows);
	for (size_t i = 0; i < keys->nrows && !rc; i = next) {
		for (next = i + 1; next < keys->nrows && keys->rows[next].key == keys->rows[i].key; next++)
			;
		rc = find_twin(doctor, &keys->rows[i], next - i);
	}
	return rc;
}

void keys_release(struct keys *keys)
{
	free(keys->at);
	free(keys->rows);
	*keys = (struct keys){0};
}
