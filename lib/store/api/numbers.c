#include "store/api/numbers.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "did/env.h"
#include "did/state.h"

#define VALUES_MAX 100 /* the contract's maxItems */
#define TEXT_MAX 255   /* and maxLength */

/* ---- what the contract can filter */

/* A filter's values as a parameter, by the field that it is on. */
static const struct parameter {
	enum did_field field;
	const char *name;
} parameters[] = {
	{DID_ORG_ID, "org_id"},		  {DID_POOL_STATUS, "pool_status"}, {DID_STATUS, "status"},
	{DID_ENV, "routing_environment"}, {DID_PROVIDER, "provider"},	    {DID_REGION, "region"},
	{DID_DEFAULT, "is_default"},	  {DID_LOCATION, "location_id"},    {DID_E911, "e911_status"},
	{DID_CNAM_STATUS, "cnam_status"},
};

/* Which parameter narrows a list down to what a filter looks for, and perhaps more; NULL: none does. */
static const struct parameter *parameter_of(const struct filter *filter)
{
	enum did_field field = filter->kind == FILTER_STATE ? DID_POOL_STATUS :
			       filter->kind == FILTER_ORG   ? DID_ORG_ID :
							      filter->field;

	if (filter->kind != FILTER_STATE && filter->kind != FILTER_ORG && filter->kind != FILTER_EQUAL)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(parameters); i++)
		if (parameters[i].field == field)
			return &parameters[i];
	return NULL;
}

static bool is_stored_status(enum did_field field, const char *value)
{
	for (int i = 0; i < STATE_UNKNOWN; i++)
		if (!strcmp(field == DID_STATUS ? state_info[i].status : state_info[i].pool_status, value))
			return true;
	return false;
}

/* Whether the contract takes a value for a parameter; what it does not take is looked for here. */
static bool is_passable(enum did_field field, const char *value)
{
	switch (field) {
	case DID_ORG_ID:
	case DID_LOCATION:
		return api_is_id(value);
	case DID_POOL_STATUS:
	case DID_STATUS:
		return is_stored_status(field, value);
	case DID_ENV:
		return env_find(value) >= 0;
	default:
		return strlen(value) <= TEXT_MAX;
	}
}

static void pass_values(struct buf *query, const struct filter *filter, const struct parameter *parameter)
{
	bool is_flag = parameter->field == DID_DEFAULT;

	if (filter->nvalues > (is_flag ? 1 : VALUES_MAX))
		return;
	for (size_t i = 0; i < filter->nvalues; i++)
		if (!is_passable(parameter->field, filter->values[i]))
			return;
	for (size_t i = 0; i < filter->nvalues; i++)
		api_query_add(query, parameter->name,
			      !is_flag			     ? filter->values[i] :
			      strcmp(filter->values[i], "1") ? "false" :
							       "true");
}

/* The pool_status of all states that are asked for; none where a state may have any. */
static void pass_states(struct buf *query, unsigned states, const struct parameter *parameter)
{
	static const unsigned any = STATE_BIT(STATE_UNKNOWN) | STATE_BIT(STATE_PORTED) | STATE_BIT(STATE_ARCHIVED);
	struct intern passed = {0};

	for (int i = 0; i < STATE_UNKNOWN && !(states & any); i++) {
		const char *status = state_info[i].pool_status;
		size_t before = passed.n;

		if (!(states & STATE_BIT(i)))
			continue;
		intern(&passed, status, strlen(status));
		if (passed.n > before)
			api_query_add(query, parameter->name, status);
	}
	intern_release(&passed);
}

/* Of several filters on one parameter the first is passed on: the values of both would be or and not and. */
static void pass_filters(struct buf *query, const struct selection *selection)
{
	unsigned passed = 0;

	for (size_t i = 0; i < selection->nfilters; i++) {
		const struct filter *filter = &selection->filters[i];
		const struct parameter *parameter = parameter_of(filter);
		unsigned bit = parameter ? 1u << (parameter - parameters) : 0;

		if (!bit || passed & bit)
			continue;
		passed |= bit;
		if (filter->kind == FILTER_STATE)
			pass_states(query, filter->states, parameter);
		else
			pass_values(query, filter, parameter);
	}
}

/* ---- lists */

static bool has_more_terms(const struct api_numbers *n)
{
	return n->term + n->nterms < n->terms.n || n->next_interval < n->selection->numbers.n;
}

/* The next terms, and as ranges of the query. */
static void pass_terms(struct api_numbers *n, struct buf *query)
{
	char text[2 * NUMBER_TEXT];

	n->term += n->nterms;
	if (n->term == n->terms.n) {
		n->terms.n = n->term = 0;
		n->next_interval = terms_add_some(&n->terms, &n->selection->numbers, n->next_interval,
						  PIECE_OF_LISTING, n->s->country);
	}
	n->nterms = n->terms.n - n->term < VALUES_MAX ? n->terms.n - n->term : VALUES_MAX;
	for (size_t i = n->term; i < n->term + n->nterms; i++) {
		const struct term *term = &n->terms.at[i];

		snprintf(text, sizeof(text), "%s%s%s", term->lo, term_is_single(term) ? "" : "-",
			 term_is_single(term) ? "" : term->hi);
		api_query_add(query, "range", text);
	}
}

static bool wants_terms(const struct api_numbers *n)
{
	return n->selection->numbers.n && !n->is_scan;
}

static int open_list(struct api_numbers *n, struct err *err)
{
	const struct selection *selection = n->selection;
	struct buf query = {0};
	int rc;

	pass_filters(&query, selection);
	if (wants_terms(n))
		pass_terms(n, &query);
	rc = api_pages_open(&n->pages, n->s, API_LIST_NUMBERS, buf_str(&query), n->wanted, err);
	n->is_open = !rc;
	n->is_listed = !wants_terms(n) || !has_more_terms(n);
	buf_release(&query);
	return rc;
}

/* The one environment whose available numbers alone are asked for, or NULL. */
static const char *available_only(const struct selection *selection)
{
	const char *environment = NULL;
	bool is_available = false;

	for (size_t i = 0; i < selection->nfilters; i++) {
		const struct filter *f = &selection->filters[i];

		if (f->kind == FILTER_EQUAL && f->field == DID_ENV && f->nvalues == 1)
			environment = f->values[0];
		is_available |= f->kind == FILTER_STATE && f->states == STATE_BIT(STATE_AVAILABLE);
	}
	return is_available ? environment : NULL;
}

/* Without the list of all numbers, that of the API's own environment: all of it is looked at here. */
static int open_available(struct api_numbers *n, struct err *err)
{
	int rc = api_pages_open(&n->pages, n->s, API_LIST_AVAILABLE, NULL, 0, err);

	n->environment = available_only(n->selection);
	n->nterms = 0;
	n->is_open = !rc;
	n->is_listed = true;
	return rc;
}

static int open_next(struct api_numbers *n, struct err *err)
{
	int rc = n->s->offers[API_LIST_NUMBERS] == OFFER_NO ? api_not_offered(n->s, API_LIST_NUMBERS, err) :
							      open_list(n, err);

	if (rc && n->s->offers[API_LIST_NUMBERS] == OFFER_NO && available_only(n->selection))
		return open_available(n, err);
	if (rc && n->s->offers[API_LIST_NUMBERS] == OFFER_NO)
		err_hint(err, "use the database itself: --target mysql://...; of this API: --state available --env ENV, "
			      "with its own environment");
	return rc;
}

/* All rows are looked at here: patterns, as they unite with numbers and ids, and ids that cannot be asked for one by one. */
static int open_scan(struct api_numbers *n, struct err *err)
{
	n->is_scan = true;
	n->next_id = n->selection->nids;
	return open_next(n, err);
}

/* Who looks for a status must not take it for a number's that nothing is known of it here. */
static bool wants_services(const struct selection *selection)
{
	const uint64_t about = FIELD_BIT(DID_CNAM) | FIELD_BIT(DID_CNAM_SOURCE) | FIELD_BIT(DID_CNAM_STATUS) |
			       FIELD_BIT(DID_E911) | FIELD_BIT(DID_LOCATION);

	for (size_t i = 0; i < selection->nfilters; i++)
		if (FIELD_BIT(selection->filters[i].field) & about)
			return true;
	return false;
}

int api_numbers_open(struct api_numbers *n, struct api_store *s, const struct selection *selection,
		     const struct api_orgs *orgs, const struct api_locations *locations, uint64_t wanted,
		     struct err *err)
{
	int rc = wants_services(selection) ? api_need_services(s, err) : 0;

	/* What is passed over here would be missing from the rows that are wanted. */
	*n = (struct api_numbers){.s = s, .selection = selection, .orgs = orgs, .locations = locations};
	n->wanted = selection_is_all(selection) ? wanted : 0;
	n->is_listed = selection->nids && !selection->numbers.n;
	if (rc)
		return rc;
	if (selection->npatterns || (selection->nids && s->offers[API_GET_NUMBER] == OFFER_NO))
		rc = open_scan(n, err);
	else if (!selection->nids)
		rc = open_next(n, err);
	if (rc)
		api_numbers_close(n);
	return rc;
}

/* ---- rows */

/* 1: n->single is the row of the next id that there is; 0: no more. */
static int next_by_id(struct api_numbers *n, const struct json **item, struct err *err)
{
	int rc = ERR_ABSENT;

	while (rc == ERR_ABSENT && n->next_id < n->selection->nids) {
		struct api_request request = {.operation = API_GET_NUMBER, .id = n->selection->ids[n->next_id++]};
		struct api_answer answer = {0};

		rc = api_call(n->s, &request, &answer, err);
		json_free(n->single);
		n->single = answer.body;
	}
	if (rc == ERR_ABSENT)
		return 0;
	*item = n->single;
	return rc < 0 ? rc : 1;
}

static bool is_named_by_id(const struct selection *selection, const char *id)
{
	for (size_t i = 0; i < selection->nids; i++)
		if (!strcasecmp(selection->ids[i], id))
			return true;
	return false;
}

/* A row of a list by ranges: of those that were asked for now, and not one that came by its id. */
static bool is_asked_for(const struct api_numbers *n)
{
	const struct value *v = n->row.whole.v;

	if (!n->nterms)
		return true;
	for (size_t i = n->term; i < n->term + n->nterms; i++)
		if (term_has(&n->terms.at[i], v[DID_NUMBER].s))
			return !is_named_by_id(n->selection, v[DID_ID].s);
	return false;
}

static int check_environment(const struct api_numbers *n, struct err *err)
{
	const char *env = n->row.whole.v[DID_ENV].s;

	if (!n->environment || (env && !strcmp(env, n->environment)))
		return 0;
	err_set(err, ERR_TARGET, "the API at '%s' lists the available numbers of '%s' only, not of '%s'", n->s->origin,
		env ? env : "", n->environment);
	err_hint(err, "use the database itself: --target mysql://...");
	return ERR_TARGET;
}

/* An empty list does not tell of which environment it is. */
static int check_end(const struct api_numbers *n, struct err *err)
{
	if (!n->environment || n->rows)
		return 0;
	err_set(err, ERR_TARGET, "the API at '%s' lists no available number, and does not say of which environment",
		n->s->origin);
	err_hint(err, "use the database itself: --target mysql://...");
	return ERR_TARGET;
}

/* The next row of all that come, whether it passes or not. */
static int next_item(struct api_numbers *n, const struct json **item, struct err *err)
{
	int rc = 0;

	if (n->next_id < n->selection->nids) {
		rc = next_by_id(n, item, err);
		if (rc < 0 && n->s->offers[API_GET_NUMBER] == OFFER_NO)
			rc = open_scan(n, err);
		if (rc)
			return rc;
	}
	for (;;) {
		if (n->is_open)
			rc = api_pages_next(&n->pages, item, err);
		if (rc || n->is_listed)
			return rc;
		api_pages_close(&n->pages);
		n->is_open = false;
		rc = open_next(n, err);
		if (rc)
			return rc;
	}
}

int api_numbers_next(struct api_numbers *n, const struct api_row **row, struct err *err)
{
	const struct json *item = NULL;
	int rc;

	while ((rc = next_item(n, &item, err)) == 1) {
		rc = api_row_read(n->s, &n->row, item, n->orgs, n->locations, err);
		if (!rc)
			rc = check_environment(n, err);
		if (rc)
			return rc;
		n->rows++;
		if ((!n->is_open || is_asked_for(n)) && selection_match(n->selection, &n->row.whole)) {
			*row = &n->row;
			return 1;
		}
	}
	return rc ? rc : check_end(n, err);
}

void api_numbers_close(struct api_numbers *n)
{
	if (n->is_open)
		api_pages_close(&n->pages);
	json_free(n->single);
	terms_release(&n->terms);
	api_row_release(&n->row);
	*n = (struct api_numbers){0};
}
