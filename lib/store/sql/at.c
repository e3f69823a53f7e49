/* What a number was at a time: what it is now, with what the history says was done since taken off. */
#include "base/json.h"
#include "store/sql/history.h"

static int roll_back_one(struct plan *plan, struct record *r, bool *exists, struct value before, struct err *err)
{
	struct json *json = NULL;
	uint64_t mask;
	int rc;

	if (!before.s) {
		*exists = false;
		return 0;
	}
	if (!*exists) /* it was deleted since, and written whole */
		*r = (struct record){{0}, false};
	rc = json_parse(&json, before.s, before.len, err);
	if (rc == 0)
		record_from_json(&plan->records, r, &mask, json);
	json_free(json);
	*exists = true;
	return rc;
}

/* Newest first: each event's before is laid over what was found, back to the time. */
static int roll_back(struct sql_store *s, struct number n, const char *time, struct plan *plan, struct record *r,
		     bool *exists, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	char block[BLOCK_TEXT], text[NUMBER_TEXT];
	int rc;

	block_of(n, block);
	number_format(n, text);
	buf_puts(&st.text, "SELECT h.`before` FROM didctl_history h JOIN didctl_changes c ON c.id = h.change_id"
			   " WHERE h.block = ? AND h.first <= ? AND h.last >= ? AND c.at > ? ORDER BY h.seq DESC");
	statement_param(&st, block);
	statement_param(&st, text);
	statement_param(&st, text);
	statement_param(&st, time);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		rc = roll_back_one(plan, r, exists, row[0], err);
	return sql_finish(s, &st, rc);
}

static int name_owner(struct sql_store *s, const char *org_id, struct value *out, struct arena *arena, struct err *err)
{
	struct statement st = {0};
	const char *name = NULL;
	int rc = 0;

	if (!org_id || !s->has_orgs)
		return 0;
	buf_puts(&st.text, "SELECT name FROM organizations WHERE id = ?");
	statement_param(&st, org_id);
	rc = sql_scalar(s, &st, &name, arena, err);
	statement_release(&st);
	*out = value_str(name ? name : arena_strdup(arena, org_id));
	return rc;
}

static int fill_row(struct sql_store *s, struct number n, const char *stored, const struct record *r,
		    struct value row[DID_FIELDS], struct arena *arena, struct err *err)
{
	char text[NUMBER_TEXT];
	int rc;

	for (int f = 0; f < DID_FIELDS; f++)
		row[f] = value_str(r->v[f] ? arena_strdup(arena, r->v[f]) : NULL);
	number_format(n, text);
	row[DID_E164] = value_str(arena_strdup(arena, text));
	row[DID_NUMBER] = value_str(stored ? arena_strdup(arena, stored) : row[DID_E164].s);
	number_national(n, s->country, text);
	row[DID_NATIONAL] = value_str(arena_strdup(arena, text));
	row[DID_STATE] = value_str(state_info[record_state(r)].name);
	if (r->v[DID_ROUTE_TYPE])
		row[DID_ROUTE] = value_str(arena_printf(arena, "%s:%s", r->v[DID_ROUTE_TYPE],
							r->v[DID_ROUTE_DEST] ? r->v[DID_ROUTE_DEST] : ""));
	if (r->v[DID_CNAM])
		row[DID_CNAM_SOURCE] = value_str("number");
	row[DID_TOLL_FREE] = value_str(number_is_toll_free(n) ? "1" : "0");
	if (number_area_code(n, text))
		row[DID_AREA_CODE] = value_str(arena_strdup(arena, text));
	if (number_nxx(n, text))
		row[DID_NXX] = value_str(arena_strdup(arena, text));
	rc = name_owner(s, r->v[DID_ORG_ID], &row[DID_ORG], arena, err);
	return rc < 0 ? rc : name_owner(s, r->v[DID_PREVIOUS_ORG_ID], &row[DID_PREVIOUS_ORG], arena, err);
}

int sql_store_at(struct store *store, const struct selection *selection, const char *time,
		 struct value row[DID_FIELDS], struct arena *arena, struct err *err)
{
	struct sql_store *s = (struct sql_store *)store;
	struct number n = selection->numbers.at[0].first;
	struct plan plan = {0};
	struct record r = {{0}, false};
	char text[NUMBER_TEXT];
	const char *stored = NULL;
	bool exists;
	int rc;

	if (!s->has_tables)
		return sql_lacks_tables(s, "the history", err);
	rc = read_selection(s, selection, &plan, err);
	exists = plan.nruns > 0;
	if (exists) {
		r = plan.records.at[plan.runs[0].before];
		stored = run_number(&plan.runs[0], 0, s->country, text);
	}
	if (rc == 0)
		rc = roll_back(s, n, time, &plan, &r, &exists, err);
	if (rc == 0 && exists)
		rc = fill_row(s, n, stored, &r, row, arena, err);
	plan_release(&plan);
	return rc < 0 ? rc : exists;
}
