/* Which rows: numbers, ranges, ids, patterns and filters; all given kinds must hold. */
#ifndef DIDCTL_SELECTION_H
#define DIDCTL_SELECTION_H

#include "base/buf.h"
#include "base/strlist.h"
#include "did/field.h"
#include "number/pattern.h"
#include "number/rangeset.h"

enum filter_kind {
	FILTER_EQUAL,  /* the field is one of the values */
	FILTER_STATE,  /* the derived state is one of the states in mask */
	FILTER_ORG,    /* org_id is one of the values (ids): includes pending */
	FILTER_TAG,    /* one of the values is among the tags */
	FILTER_MATCH,  /* the number matches the pattern, or the organisation's name has the text */
	FILTER_DUE,    /* on hold with hold_until <= values[0], or pending with requested_at <= values[1] */
};

struct filter {
	enum filter_kind kind;
	enum did_field field;
	const char **values; /* NULL only in FILTER_DUE: not asked for */
	size_t nvalues, values_cap;
	unsigned states;  /* FILTER_STATE: STATE_BITs */
	bool is_released; /* FILTER_STATE: with a previous owner only */
	bool has_pattern; /* FILTER_MATCH */
	struct pattern pattern;
};

struct selection {
	struct rangeset numbers; /* keys; normalised */
	struct strlist texts; /* rows by their stored text, where it is no spelling of the country's list */
	const char **ids;
	size_t nids, ids_cap;
	struct pattern *patterns;
	size_t npatterns, patterns_cap;
	struct filter *filters;
	size_t nfilters, filters_cap;
};

/* Nothing was named: a listing shows all, a change refuses. Operands unite; filters narrow. */
bool selection_is_all(const struct selection *selection);
bool selection_has_operands(const struct selection *selection);

void selection_add_id(struct selection *selection, const char *id);
void selection_add_pattern(struct selection *selection, struct pattern pattern);
struct filter *selection_add_filter(struct selection *selection, enum filter_kind kind, enum did_field field);
void filter_add_value(struct filter *filter, const char *value);
void selection_release(struct selection *selection);

/*
 * Canonical text of a selection for the request's hash: the same set in any order or spelling gives the
 * same text. The times of FILTER_DUE are left out: they come from the clock, and a replay has to give
 * the same text.
 */
void selection_to_text(struct buf *out, const struct selection *selection);

/*
 * Whether a row passes the parts of a selection that SQL does not see: filters on derived columns, and the operands
 * where patterns are among them, as they unite with numbers and ids. key is NULL if the stored number cannot be read;
 * id may be NULL where no ids were named. SQL has looked at everything else.
 */
bool selection_match_derived(const struct selection *selection, const struct number *key, const char *id);
bool filter_is_derived(const struct filter *filter); /* area_code, nxx, toll_free */

/* A row as a store without SQL has it. */
struct whole_row {
	struct value v[DID_FIELDS];
	const struct number *key; /* NULL: the stored number cannot be read */
	const char *org_name;	  /* of its owner, where it is known; v[DID_ORG] then has it too, else the id */
};

/* Whether a row passes all of a selection. Texts are compared as most databases do: in either case of ASCII. */
bool selection_match(const struct selection *selection, const struct whole_row *row);

#endif
