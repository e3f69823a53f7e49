/*
 * Records: the stored fields of a row without its number and id. In a bulk most rows have the same
 * record, so records are kept once each and named by index: a decision is made once per distinct record,
 * never once per number.
 */
#ifndef DIDCTL_RECORD_H
#define DIDCTL_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/mem.h"
#include "did/field.h"
#include "did/state.h"

#define RECORD_NONE UINT32_MAX /* the row is not there */

struct record {
	const char *v[DID_FIELDS]; /* interned; HOME_BASE and HOME_DETAIL fields only; NULL is absent */
	bool has_details;	   /* its didctl_details row exists */
};

struct recordset {
	struct intern strings;
	struct record *at;
	size_t n, cap;
	uint32_t *slots; /* hash of indices + 1 */
	size_t nslots;
};

/* v[] must be interned in set->strings. */
uint32_t recordset_add(struct recordset *set, const struct record *record);
const char *recordset_intern(struct recordset *set, const char *s);
void recordset_release(struct recordset *set);

enum did_state record_state(const struct record *record);
bool record_is(const struct record *record, enum did_field field, const char *value); /* both NULL is equal */
bool record_flag(const struct record *record, enum did_field field); /* "1" */

/*
 * Bits of the stored fields in which two records differ; a NULL record (row not there) differs in all
 * that are set.
 */
uint64_t record_diff(const struct record *a, const struct record *b);
#define FIELD_BIT(f) (UINT64_C(1) << (f))

/* "status was 'active', is 'suspended'; region was absent, is 'Pune'": of those fields, escaped for a terminal. */
void record_put_changes(struct buf *out, const struct record *was, const struct record *is, uint64_t fields);

/*
 * The fields of mask as a JSON object for the history: {"org_id":"...","default":true}. Absent is null;
 * booleans are booleans; all else strings. record NULL appends "null".
 */
void record_to_json(struct buf *out, const struct record *record, uint64_t mask);

/*
 * Reads such an object; *mask gets the fields that it names. Unknown keys are skipped (a newer version
 * wrote them).
 */
void record_from_json(struct recordset *set, struct record *record, uint64_t *mask,
		      const struct json *object);

#endif
