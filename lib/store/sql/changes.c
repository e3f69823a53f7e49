#include "store/sql/changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "did/objects.h"
#include "did/runs.h"
#include "store/sql/digest.h"
#include "store/sql/facts.h"

int change_insert(struct sql_store *s, const struct change *c, const struct org *org, struct err *err)
{
	struct statement st = {0};
	char at[CLOCK_STAMP], hash[65];
	int rc;

	change_request_hash(c, hash);
	buf_puts(&st.text, "INSERT INTO didctl_changes (id, at, actor, host, verb, target, reason, undo_of, request_hash,"
			   " org_id, org_text");
	buf_puts(&st.text, c->part_of ? ", part_of, total) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" :
					") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	statement_param(&st, c->id);
	statement_param(&st, clock_stamp(c->now_ms, at));
	statement_param(&st, c->actor);
	statement_param(&st, c->host);
	statement_param(&st, verb_info[c->verb].name);
	statement_param(&st, c->target);
	statement_param(&st, c->reason);
	statement_param(&st, c->undo_of);
	statement_param(&st, hash);
	statement_param(&st, org ? org->id : NULL);
	statement_param(&st, c->org_text);
	if (c->part_of) {
		statement_param(&st, c->part_of->id);
		statement_param(&st, c->is_last ? "1" : NULL);
	}
	rc = sql_run(s, &st, NULL, err);
	statement_release(&st);
	return rc;
}

static void param_count(struct statement *st, uint64_t n)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)n);

	statement_copy(st, text, (size_t)len);
}

int change_finish(struct sql_store *s, const char *id, uint64_t n, const struct plan *plan,
		  const struct rangeset *changed, struct err *err)
{
	struct statement st = {0};
	struct buf runs = {0}, numbers = {0};
	int rc;

	if (plan)
		runs_to_text(&runs, plan);
	numbers_to_text(&numbers, changed);
	buf_puts(&st.text, "UPDATE didctl_changes SET n = ?, changed = ?, unchanged = ?, refused = ?, runs = ?, numbers = ?,"
			   " moves_calls = ? WHERE id = ?");
	param_count(&st, n);
	param_count(&st, plan ? plan->changed : n);
	param_count(&st, plan ? plan->unchanged : 0);
	param_count(&st, plan ? plan->refused : 0);
	statement_param(&st, plan ? buf_str(&runs) : NULL);
	statement_param(&st, numbers.len ? numbers.data : NULL);
	statement_param(&st, plan && !plan->moves_calls ? "0" : "1"); /* what others did may have moved anything */
	statement_param(&st, id);
	rc = sql_run(s, &st, NULL, err);
	buf_release(&runs);
	buf_release(&numbers);
	statement_release(&st);
	return rc < 0 ? rc : digest_write(s, id, err);
}

/* What org and user verbs made or touched: its id is part of what they print. */
static int load_objects(struct sql_store *s, const struct change *c, struct plan *plan, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, "SELECT block FROM didctl_history WHERE change_id = ? AND block LIKE '%:%' ORDER BY seq");
	statement_param(&st, c->id);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		object_replayed(plan, row[0].s);
	return sql_finish(s, &st, rc);
}

int change_read_runs(struct plan *plan, const char *id, struct value runs, struct err *err)
{
	if (runs_from_text(plan, arena_strndup(&plan->arena, runs.s ? runs.s : "", runs.len)))
		return 0;
	err_set(err, ERR_FAILED, "what the history keeps of change '%s' cannot be read", id);
	err_hint(err, "didctl doctor history");
	return ERR_FAILED;
}

static int load(struct sql_store *s, const struct change *c, const struct org *org, struct plan *plan, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, "SELECT request_hash, org_id, org_text, runs, changed, unchanged FROM didctl_changes"
			   " WHERE id = ?");
	statement_param(&st, c->id);
	rc = sql_open(s, &st, err);
	if (rc == 0)
		rc = sql_fetch(s, &row, err);
	if (rc == 1 && !change_is_same(c, org, row[0].s, row[1].s, row[2].s)) {
		rc = change_refuse_other(c, err);
	} else if (rc == 1) {
		rc = change_read_runs(plan, c->id, row[3], err) < 0 ? ERR_FAILED : 1;
		plan_count(plan);
		if (!plan->nruns) { /* of organisations and users only the counts are kept */
			plan->changed = strtoull(row[4].s, NULL, 10);
			plan->unchanged = strtoull(row[5].s, NULL, 10);
		}
		plan->is_replay = plan->is_recorded = true;
	}
	s->driver->done(s->db);
	statement_release(&st);
	return rc;
}

int change_find_org(struct sql_store *s, const struct change *c, struct org *org, const struct org **found, struct arena *arena,
		    struct err *err)
{
	struct sql_facts facts = sql_facts(s, false);
	struct err org_err = {0};
	int rc = c->org_text ? org_resolve(&facts.facts, c->org_text, org, arena, &org_err) : 0;

	*found = c->org_text && rc == 0 ? org : NULL;
	if (rc == 0 || !s->has_failed)
		return 0;
	*err = org_err;
	return rc;
}

int change_replay(struct sql_store *s, const struct change *c, struct plan *plan, struct err *err)
{
	struct org org = {0};
	const struct org *found;
	int rc = change_find_org(s, c, &org, &found, &plan->arena, err);

	if (rc == 0)
		rc = load(s, c, found, plan, err);
	if (rc == 1 && !plan->nruns && load_objects(s, c, plan, err) < 0)
		return err->code;
	return rc;
}
