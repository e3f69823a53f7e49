#include "store/sql/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "did/objects.h"
#include "store/sql/guards.h"
#include "store/sql/ports.h"
#include "store/sql/write.h"

#define FLAGGED_MAX 100 /* numbers of one organisation that may carry the default flag, which is one too many from two on */

static struct sql_store *store_of(struct facts *facts)
{
	return ((struct sql_facts *)facts)->s;
}

static const char *keep(struct arena *arena, struct value v)
{
	return v.s ? arena_strndup(arena, v.s, v.len) : NULL;
}

/* ---- guards and rows */

static int write_org_guards(struct facts *facts, const struct owners *owners, struct err *err)
{
	return guard_orgs(store_of(facts), owners, err);
}

static int write_number_guards(struct facts *facts, const struct rangeset *numbers, struct err *err)
{
	return guard_numbers(store_of(facts), numbers, err);
}

static int read_rows(struct facts *facts, const struct selection *selection, struct plan *out, struct err *err)
{
	return read_selection(store_of(facts), selection, out, err);
}

#define IDS_AT_ONCE 1000

/* st: SELECT id, number ... */
static int load_rows(struct sql_store *s, struct statement *st, struct row_visitor *visitor, struct err *err)
{
	const struct value *row;
	int rc = sql_open(s, st, err);

	while (rc == 0 && (rc = sql_fetch(s, &row, err)) == 1)
		rc = visitor->visit(visitor, row[0].s ? row[0].s : "", row[1].s, err);
	s->driver->done(s->db);
	return rc < 0 ? rc : 0;
}

static int rows_by_id(struct facts *facts, const char *const *ids, size_t n, struct row_visitor *visitor,
		      struct err *err)
{
	int rc = 0;

	for (size_t from = 0; rc == 0 && from < n; from += IDS_AT_ONCE) {
		struct statement st = {0};

		buf_puts(&st.text, "SELECT id, number FROM did_numbers WHERE id IN (");
		for (size_t i = from; i < n && i < from + IDS_AT_ONCE; i++) {
			buf_puts(&st.text, i > from ? ", ?" : "?");
			statement_param(&st, ids[i]);
		}
		buf_putc(&st.text, ')');
		rc = load_rows(store_of(facts), &st, visitor, err);
		statement_release(&st);
	}
	return rc;
}

static int load_by_terms(struct sql_store *s, const struct terms *terms, struct row_visitor *visitor, struct err *err)
{
	int rc = 0;

	for (size_t from = 0, n; rc == 0 && from < terms->n; from += n) {
		struct statement st = {0};

		n = terms_batch(terms, from);
		buf_puts(&st.text, "SELECT id, number FROM did_numbers WHERE ");
		sql_terms(s, &st, terms, from, n, "number");
		rc = load_rows(s, &st, visitor, err);
		statement_release(&st);
	}
	return rc;
}

static int rows_by_number(struct facts *facts, const struct rangeset *numbers, struct row_visitor *visitor,
			  struct err *err)
{
	struct sql_store *s = store_of(facts);
	struct terms terms = {0};
	int rc = 0;

	for (size_t next = 0; rc == 0 && next < numbers->n; terms.n = 0) {
		next = terms_add_some(&terms, numbers, next, PIECE_OF_CHANGE, s->country);
		rc = load_by_terms(s, &terms, visitor, err);
	}
	terms_release(&terms);
	return rc;
}

static int raced(struct facts *facts, struct err *err)
{
	return write_raced(store_of(facts), err);
}

static int name_rows(struct facts *facts, struct number n, struct buf *out, struct err *err)
{
	struct sql_store *s = store_of(facts);
	struct terms terms = {0};
	struct statement st = {0};
	const struct value *row;
	char shown[TEXT_SHOWN];
	size_t done = 0;
	int rc;

	for (unsigned k = 0; k < number_spellings(n, s->country); k++)
		terms_add(&terms, n, 1, k, s->country);
	buf_puts(&st.text, "SELECT n.number, n.id, ");
	sql_field(s, &st.text, DID_ORG);
	sql_from(&st.text, sql_has_owners(s) ? (unsigned)JOIN_ORGS : 0, NULL);
	buf_puts(&st.text, " WHERE ");
	sql_terms(s, &st, &terms, 0, terms.n, "n.number");
	buf_puts(&st.text, " ORDER BY n.number");
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		buf_printf(out, "%s%s (row %s, %s)", done++ ? " and " : "", row[0].s, row[1].s ? row[1].s : "-",
			   row[2].s ? text_show(shown, row[2].s, row[2].len) : "no organisation");
	s->driver->done(s->db);
	terms_release(&terms);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

/* ---- organisations and their numbers */

static int load_owner(struct facts *facts, struct org *org, struct arena *arena, struct err *err)
{
	struct sql_store *s = store_of(facts);
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, "SELECT o.name, ");
	if (s->prefix_column) {
		buf_puts(&st.text, "o.");
		sql_quote_name(&st.text, s->prefix_column);
	} else {
		buf_puts(&st.text, "NULL");
	}
	buf_puts(&st.text, sql_has_services(s) ? ", (SELECT x.cnam FROM didctl_orgs x WHERE x.org_id = o.id)" : ", NULL");
	buf_puts(&st.text, " FROM organizations o WHERE o.id = ?");
	statement_param(&st, org->id);
	rc = sql_open(s, &st, err);
	if (rc == 0)
		rc = sql_fetch(s, &row, err);
	if (rc == 1) {
		char shown[TEXT_SHOWN];

		org->name = arena_strdup(arena, text_show(shown, row[0].s ? row[0].s : "", row[0].len));
		org->context_prefix = keep(arena, row[1]);
		org->cnam = keep(arena, row[2]);
	}
	return sql_finish(s, &st, rc);
}

/* The stored texts of an organisation's numbers that hold for a condition, the first ones. */
static int numbers_of(struct sql_store *s, const char *org_id, const char *condition, struct strlist *out,
		      struct arena *arena, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_printf(&st.text, "SELECT n.number FROM did_numbers n WHERE n.org_id = ? AND %s LIMIT %d",
		   condition, FLAGGED_MAX);
	statement_param(&st, org_id);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1)
		strlist_add(out, arena_strndup(arena, row[0].s, row[0].len));
	return sql_finish(s, &st, rc);
}

static int defaults_of(struct facts *facts, const char *org_id, bool in_service, struct strlist *out,
		       struct arena *arena, struct err *err)
{
	struct sql_store *s = store_of(facts);

	if (s->missing & FIELD_BIT(DID_DEFAULT))
		return 0;
	return numbers_of(s, org_id,
			  in_service ? "n.is_default = 1 AND n.pool_status = 'assigned' AND n.status = 'active'" :
				       "n.is_default = 1",
			  out, arena, err);
}

static const char *guard_name(struct arena *arena, const char *org_id)
{
	return arena_printf(arena, "org:%s", org_id);
}

/*
 * The PBX's table may have no index by owner, so the guard row keeps a hint: a number that was the organisation's, looked
 * at first and believed only when its row still says so.
 */
static int holds_any(struct facts *facts, const char *org_id, const char **out, struct arena *arena, struct err *err)
{
	struct sql_store *s = store_of(facts);
	struct statement st = {0};
	struct strlist held = {0};
	int rc = 0;

	*out = NULL;
	if (s->has_tables) {
		buf_puts(&st.text, "SELECT n.number FROM didctl_guards g JOIN did_numbers n ON n.number = g.hint"
				   " WHERE g.name = ? AND n.org_id = ? AND n.pool_status = 'assigned'");
		statement_param(&st, guard_name(arena, org_id));
		statement_param(&st, org_id);
		rc = sql_scalar(s, &st, out, arena, err);
		statement_release(&st);
	}
	if (rc == 0 && !*out) {
		rc = numbers_of(s, org_id, "n.pool_status = 'assigned'", &held, arena, err);
		*out = held.n ? held.at[0] : NULL;
		strlist_release(&held);
	}
	return rc;
}

static int keep_hint(struct facts *facts, const char *org_id, const char *number, struct err *err)
{
	struct sql_store *s = store_of(facts);
	struct statement st = {0};
	int rc;

	buf_puts(&st.text, "UPDATE didctl_guards SET hint = ? WHERE name = ?");
	statement_param(&st, number);
	statement_param(&st, guard_name(&st.arena, org_id));
	rc = sql_run(s, &st, NULL, err);
	statement_release(&st);
	return rc;
}

static int in_service(struct facts *facts, const char *org_id, struct number_visitor *visitor, struct err *err)
{
	struct sql_store *s = store_of(facts);
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, "SELECT n.number FROM did_numbers n WHERE n.org_id = ? AND n.pool_status = 'assigned'"
			   " AND n.status = 'active' ORDER BY n.number");
	statement_param(&st, org_id);
	rc = sql_open(s, &st, err);
	while (rc == 0 && (rc = sql_fetch(s, &row, err)) == 1)
		rc = visitor->visit(visitor, row[0].s, err);
	return sql_finish(s, &st, rc);
}

static int callers(struct facts *facts, struct user_visitor *visitor, struct err *err)
{
	struct sql_store *s = store_of(facts);
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, "SELECT id, name, org_id, outbound_did FROM users WHERE outbound_did IS NOT NULL"
			   " AND outbound_did <> ''");
	rc = sql_open(s, &st, err);
	while (rc == 0 && (rc = sql_fetch(s, &row, err)) == 1)
		rc = visitor->visit(visitor, &(struct user){row[0].s, row[1].s, row[2].s, row[3].s}, err);
	return sql_finish(s, &st, rc);
}

/* ---- organisations and users as objects */

/* What didctl_orgs has of an organisation, in the order of object_keys, and since which version. */
static const struct {
	const char *name;
	long version;
} org_settings[] = {{"unrouted", 1}, {"mail", 3}, {"cnam", 3}};

/* The columns of object_keys, "t.name, t.context_prefix, unrouted, mail, cnam" as far as the database has them; NULL for the rest. */
static void object_columns(const struct sql_store *s, struct buf *out, enum object_kind kind)
{
	if (kind != OBJECT_ORG) {
		for (int f = 0; f < OBJECT_FIELDS && object_keys[kind][f]; f++)
			buf_printf(out, "%st.%s", f ? ", " : "", object_keys[kind][f]);
		return;
	}
	buf_puts(out, "t.name, ");
	if (s->prefix_column) {
		buf_puts(out, "t.");
		sql_quote_name(out, s->prefix_column);
	} else {
		buf_puts(out, "NULL");
	}
	for (size_t i = 0; i < ARRAY_SIZE(org_settings); i++)
		if (s->has_tables && s->schema_version >= org_settings[i].version)
			buf_printf(out, ", (SELECT x.%s FROM didctl_orgs x WHERE x.org_id = t.id)", org_settings[i].name);
		else
			buf_puts(out, ", NULL");
}

static int load(struct facts *facts, enum object_kind kind, const char *id, const char *out[OBJECT_FIELDS],
		struct arena *arena, struct err *err)
{
	struct sql_store *s = store_of(facts);
	struct statement st = {0};
	const struct value *row;
	int rc;

	if (kind == OBJECT_PORT)
		return ports_load(s, id, out, arena, err);
	buf_puts(&st.text, "SELECT ");
	object_columns(s, &st.text, kind);
	buf_printf(&st.text, " FROM %s t WHERE t.id = ?", object_tables[kind]);
	statement_param(&st, id);
	rc = sql_open(s, &st, err);
	if (rc == 0)
		rc = sql_fetch(s, &row, err);
	for (int f = 0; rc == 1 && f < OBJECT_FIELDS && object_keys[kind][f]; f++)
		out[f] = keep(arena, row[f]);
	s->driver->done(s->db);
	statement_release(&st);
	return rc;
}

static int visit_objects(struct sql_store *s, struct statement *st, enum object_kind kind,
			 struct object_visitor *visitor, struct err *err)
{
	const struct value *row;
	int rc = sql_open(s, st, err);

	while (rc == 0 && (rc = sql_fetch(s, &row, err)) == 1) {
		const char *fields[OBJECT_FIELDS] = {0};

		for (int f = 0; f < OBJECT_FIELDS && object_keys[kind][f]; f++)
			fields[f] = row[f + 1].s;
		rc = visitor->visit(visitor, row[0].s, fields, err);
	}
	s->driver->done(s->db);
	return rc < 0 ? rc : 0;
}

static void select_objects(const struct sql_store *s, struct statement *st, enum object_kind kind)
{
	buf_puts(&st->text, "SELECT t.id, ");
	object_columns(s, &st->text, kind);
	buf_printf(&st->text, " FROM %s t", object_tables[kind]);
}

static int find(struct facts *facts, enum object_kind kind, const char *text, struct object_visitor *visitor,
		struct err *err)
{
	struct sql_store *s = store_of(facts);
	struct statement st = {0};
	int rc;

	select_objects(s, &st, kind);
	buf_printf(&st.text, " WHERE t.id = ? OR t.%s = ?", object_keys[kind][0]);
	statement_param(&st, text);
	statement_param(&st, text);
	if (kind == OBJECT_ORG && s->prefix_column) {
		buf_puts(&st.text, " OR t.");
		sql_quote_name(&st.text, s->prefix_column);
		buf_puts(&st.text, " = ?");
		statement_param(&st, text);
	}
	buf_puts(&st.text, " ORDER BY t.id");
	rc = visit_objects(s, &st, kind, visitor, err);
	statement_release(&st);
	return rc;
}

static int list(struct facts *facts, enum object_kind kind, struct object_visitor *visitor, struct err *err)
{
	struct sql_store *s = store_of(facts);
	struct statement st = {0};
	int rc;

	select_objects(s, &st, kind);
	buf_printf(&st.text, " ORDER BY t.%s", object_keys[kind][0]);
	rc = visit_objects(s, &st, kind, visitor, err);
	statement_release(&st);
	return rc;
}

static int count(struct facts *facts, enum org_count what, const char *value, const char *not_id, uint64_t *out,
		 struct err *err)
{
	struct sql_store *s = store_of(facts);
	const struct {
		const char *table, *column, *where;
	} places[] = {
		[COUNT_NUMBERS] = {"did_numbers", "org_id", NULL},
		[COUNT_USERS] = {"users", "org_id", NULL},
		[COUNT_SAME_NAME] = {"organizations", "name", NULL},
		[COUNT_SAME_PREFIX] = {"organizations", s->prefix_column, NULL},
		[COUNT_LOCATIONS] = {"didctl_locations", "org_id", NULL},
		[COUNT_AT_LOCATION] = {"didctl_details", "location", NULL},
		[COUNT_PREPARED] = {"didctl_ports", "location", " AND state NOT IN ('completed', 'cancelled')"},
	};
	struct statement st = {0};

	buf_printf(&st.text, "SELECT COUNT(*) FROM %s WHERE ", places[what].table);
	sql_quote_name(&st.text, places[what].column);
	buf_puts(&st.text, " = ?");
	statement_param(&st, value);
	buf_puts(&st.text, places[what].where ? places[what].where : "");
	if (not_id) {
		buf_puts(&st.text, " AND id <> ?");
		statement_param(&st, not_id);
	}
	return sql_count(s, &st, out, err);
}

static int near_locations(struct facts *facts, const char *const fields[OBJECT_FIELDS], struct object_visitor *visitor,
			  struct err *err)
{
	static const enum location_field near[] = {LOCATION_ORG_ID, LOCATION_COUNTRY, LOCATION_STATE_CODE, LOCATION_ZIP};
	struct sql_store *s = store_of(facts);
	struct statement st = {0};
	int rc;

	select_objects(s, &st, OBJECT_LOCATION);
	for (size_t i = 0; i < ARRAY_SIZE(near); i++) {
		const int f = near[i] - LOCATION_LABEL;

		buf_printf(&st.text, " %s t.%s %s ?", i ? "AND" : "WHERE", object_keys[OBJECT_LOCATION][f],
			   s->driver->dialect->null_safe_eq);
		statement_param(&st, fields[f]);
	}
	buf_puts(&st.text, " ORDER BY t.id");
	rc = visit_objects(s, &st, OBJECT_LOCATION, visitor, err);
	statement_release(&st);
	return rc;
}

static int open_orders(struct facts *facts, const char *org_id, struct order_visitor *visitor, struct err *err)
{
	return ports_open(store_of(facts), org_id, visitor, err);
}

static int next_order(struct facts *facts, const char **out, struct arena *arena, struct err *err)
{
	return ports_next_serial(store_of(facts), facts->guards, out, arena, err);
}

static const struct facts_ops sql_facts_ops = {
	.guard_orgs = write_org_guards,
	.guard_numbers = write_number_guards,
	.read = read_rows,
	.rows_by_id = rows_by_id,
	.rows_by_number = rows_by_number,
	.raced = raced,
	.name_rows = name_rows,
	.load_owner = load_owner,
	.defaults_of = defaults_of,
	.holds_any = holds_any,
	.keep_hint = keep_hint,
	.in_service = in_service,
	.callers = callers,
	.find = find,
	.list = list,
	.load = load,
	.count = count,
	.near_locations = near_locations,
	.open_orders = open_orders,
	.next_order = next_order,
};

struct sql_facts sql_facts(struct sql_store *s, bool guards)
{
	return (struct sql_facts){
		.facts = {
			.ops = &sql_facts_ops,
			.country = s->country,
			.fallback = conf_get(s->conf, SET_FALLBACK_CALLER_ID, NULL),
			.target = s->target.url,
			.has_orgs = s->has_orgs,
			.has_users = s->has_users,
			.has_prefixes = s->prefix_column != NULL,
			.has_locations = sql_has_services(s),
			.guards = guards,
		},
		.s = s,
	};
}
