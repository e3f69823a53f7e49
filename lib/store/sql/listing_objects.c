/* Listings of organisations, users, changes and locations. */
#include <string.h>

#include "store/sql/listing.h"

/* What it takes to say how many numbers an organisation holds, and which is its default. */
static bool counts_numbers(const struct sql_store *s)
{
	return !(s->missing & (FIELD_BIT(DID_ORG_ID) | FIELD_BIT(DID_POOL_STATUS) | FIELD_BIT(DID_DEFAULT)));
}

/* NULL where the database has no such column. */
static void org_column(const struct sql_store *s, struct buf *out, int field)
{
	switch (field) {
	case ORG_ID:
		buf_puts(out, "o.id");
		break;
	case ORG_NAME:
		buf_puts(out, "o.name");
		break;
	case ORG_CONTEXT_PREFIX:
		buf_puts(out, s->prefix_column ? "o." : "NULL");
		if (s->prefix_column)
			sql_quote_name(out, s->prefix_column);
		break;
	case ORG_UNROUTED:
		buf_puts(out, s->has_tables ?
				      "COALESCE((SELECT x.unrouted FROM didctl_orgs x WHERE x.org_id = o.id), 'hangup')" :
				      "'hangup'");
		break;
	case ORG_MAIL:
		buf_puts(out, s->has_tables && s->schema_version >= 3 ?
				      "(SELECT x.mail FROM didctl_orgs x WHERE x.org_id = o.id)" : "NULL");
		break;
	case ORG_NUMBERS:
		buf_puts(out, counts_numbers(s) ? "COALESCE(c.held, 0)" : "NULL");
		break;
	case ORG_CNAM:
		buf_puts(out, sql_has_services(s) ? "(SELECT x.cnam FROM didctl_orgs x WHERE x.org_id = o.id)" : "NULL");
		break;
	default:
		buf_puts(out, counts_numbers(s) ? "c.default_number" : "NULL");
	}
}

static void user_column(const struct sql_store *s, struct buf *out, int field)
{
	static const char *const columns[] = {
		[USER_ID] = "u.id",
		[USER_NAME] = "u.name",
		[USER_ORG] = "COALESCE(o.name, u.org_id)",
		[USER_ORG_ID] = "u.org_id",
		[USER_OUTBOUND_DID] = "u.outbound_did",
	};

	(void)s;
	buf_puts(out, columns[field]);
}

static void location_column(const struct sql_store *s, struct buf *out, int field)
{
	switch (field) {
	case LOCATION_ORG:
		buf_puts(out, s->has_orgs ? "COALESCE((SELECT o.name FROM organizations o WHERE o.id = l.org_id), l.org_id)" :
					    "l.org_id");
		break;
	case LOCATION_ADDRESS:
		sql_address(out, "l");
		break;
	case LOCATION_NUMBERS:
		buf_puts(out, "(SELECT COUNT(*) FROM didctl_details d WHERE d.location = l.id)");
		break;
	default:
		buf_printf(out, "l.%s", location_columns[field].key);
	}
}

static void change_column(const struct sql_store *s, struct buf *out, int field)
{
	static const char *const columns[] = {
		[CHANGE_ID] = "c.id",
		[CHANGE_AT] = "c.at",
		[CHANGE_ACTOR] = "c.actor",
		[CHANGE_VERB] = "c.verb",
		[CHANGE_COUNT] = "c.n",
		[CHANGE_NUMBERS] = "c.numbers",
		[CHANGE_REASON] = "c.reason",
		[CHANGE_UNDO_OF] = "c.undo_of",
		[CHANGE_HOST] = "c.host",
		[CHANGE_PORT] = "CASE WHEN c.verb LIKE 'port %' OR c.undo_of IS NOT NULL THEN (SELECT SUBSTR(MIN(h.block), 6) FROM"
				" didctl_history h WHERE h.change_id = c.id AND h.block LIKE 'port:%') END",
	};

	if (field == CHANGE_PROGRESS && sql_has_pieces(s))
		buf_puts(out, "CASE WHEN c.total IS NOT NULL AND c.part_of IS NULL THEN (SELECT"
			      " COALESCE(SUM(p.changed + p.unchanged + p.refused), 0) FROM didctl_changes p WHERE p.part_of = c.id)"
			      " || '/' || c.total END");
	else if (field == CHANGE_COUNT && sql_has_pieces(s))
		buf_puts(out, "COALESCE((SELECT SUM(p.n) FROM didctl_changes p WHERE p.part_of = c.id), c.n)");
	else
		buf_puts(out, columns[field] ? columns[field] : "NULL");
}

/* One pass over the numbers counts for all organisations; only asked for when a column wants it. */
static const char org_counts[] =
	" LEFT JOIN (SELECT org_id, SUM(CASE WHEN pool_status = 'assigned' THEN 1 ELSE 0 END) AS held,"
	" MIN(CASE WHEN is_default = 1 THEN number END) AS default_number FROM did_numbers WHERE org_id IS NOT NULL"
	" GROUP BY org_id) c ON c.org_id = o.id";

static bool wants(const struct query *q, int from, int to)
{
	for (size_t i = 0; i < q->ncolumns; i++)
		if (q->columns[i] >= from && q->columns[i] <= to)
			return true;
	for (size_t i = 0; i < q->nsort; i++)
		if (q->sort[i].column >= from && q->sort[i].column <= to)
			return true;
	return false;
}

static void and_equal(struct statement *st, const char *column, const char *op, const char *value)
{
	if (!value)
		return;
	buf_printf(&st->text, " AND %s %s ?", column, op);
	statement_param(st, value);
}

static void and_prefix(struct statement *st, const char *column, const char *prefix)
{
	if (!prefix)
		return;
	buf_printf(&st->text, " AND %s LIKE ? ESCAPE '|'", column);
	statement_like(st, "", prefix, "%");
}

static void org_from(struct sql_store *s, const struct query *q, struct statement *st)
{
	buf_puts(&st->text, " FROM organizations o");
	if (counts_numbers(s) && wants(q, ORG_NUMBERS, ORG_DEFAULT))
		buf_puts(&st->text, org_counts);
	buf_puts(&st->text, " WHERE 1 = 1");
	if (q->name) {
		buf_puts(&st->text, " AND (o.id = ? OR o.name = ?");
		statement_param(st, q->name);
		statement_param(st, q->name);
		if (s->prefix_column) {
			buf_puts(&st->text, " OR o.");
			sql_quote_name(&st->text, s->prefix_column);
			buf_puts(&st->text, " = ?");
			statement_param(st, q->name);
		}
		buf_putc(&st->text, ')');
	}
	and_prefix(st, "o.name", q->prefix_of);
}

static void user_from(struct sql_store *s, const struct query *q, struct statement *st)
{
	buf_puts(&st->text, " FROM users u");
	buf_puts(&st->text, s->has_orgs ? " LEFT JOIN organizations o ON o.id = u.org_id" :
					  " LEFT JOIN (SELECT NULL AS id, NULL AS name) o ON o.id = u.org_id");
	buf_puts(&st->text, " WHERE 1 = 1");
	and_equal(st, "u.org_id", "=", q->org);
	if (q->name) {
		buf_puts(&st->text, " AND (u.id = ? OR u.name = ?)");
		statement_param(st, q->name);
		statement_param(st, q->name);
	}
	and_prefix(st, "u.name", q->prefix_of);
}

static void location_from(struct sql_store *s, const struct query *q, struct statement *st)
{
	(void)s;
	buf_puts(&st->text, " FROM didctl_locations l WHERE 1 = 1");
	and_equal(st, "l.org_id", "=", q->org);
	if (q->name) {
		buf_puts(&st->text, " AND (l.id = ? OR l.label = ?)");
		statement_param(st, q->name);
		statement_param(st, q->name);
	}
	and_prefix(st, "l.id", q->prefix_of);
}

static void change_from(struct sql_store *s, const struct query *q, struct statement *st)
{
	buf_puts(&st->text, " FROM didctl_changes c WHERE 1 = 1");
	if (sql_has_pieces(s) && !q->change_id) /* they go by the name of their change */
		buf_puts(&st->text, " AND c.part_of IS NULL");
	if (sql_has_pieces(s) && q->is_half_done)
		buf_puts(&st->text, " AND c.total IS NOT NULL AND NOT EXISTS (SELECT 1 FROM didctl_changes p WHERE p.part_of = c.id"
				    " AND p.total IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM didctl_changes u WHERE u.undo_of = c.id)");
	else if (q->is_half_done)
		buf_puts(&st->text, " AND 1 = 0");
	and_equal(st, "c.at", ">=", q->since);
	and_equal(st, "c.at", "<=", q->until);
	and_equal(st, "c.actor", "=", q->actor);
	and_equal(st, "c.id", "=", q->change_id);
	and_prefix(st, "c.id", q->prefix_of);
}

static const struct listing_kind kinds[] = {
	[LIST_ORGS] = {org_column, org_from, "o.name, o.id"},
	[LIST_USERS] = {user_column, user_from, "u.name, u.id"},
	[LIST_CHANGES] = {change_column, change_from, "c.at, c.id"},
	[LIST_LOCATIONS] = {location_column, location_from, "l.org_id, l.label, l.street, l.id"},
};

static const struct listing_kind *find_kind(enum listing listing)
{
	return listing >= LIST_PORTS ? &port_listings[listing - LIST_PORTS] : &kinds[listing];
}

static int check_kind(struct sql_store *s, const struct query *q, struct err *err)
{
	if (q->listing == LIST_ORGS && !s->has_orgs)
		return err_set(err, ERR_TARGET, "'%s' has no table organizations", s->target.url);
	if (q->listing == LIST_USERS && !s->has_users)
		return err_set(err, ERR_TARGET, "'%s' has no table users", s->target.url);
	if (q->listing == LIST_LOCATIONS && !sql_has_services(s))
		return sql_lacks_tables(s, "an emergency address", err);
	if (q->listing == LIST_CHANGES && !s->has_tables)
		return sql_lacks_tables(s, "the history", err);
	if (q->listing >= LIST_PORTS && (!s->has_tables || s->schema_version < SCHEMA_VERSION))
		return sql_lacks_tables(s, "porting", err);
	return 0;
}

int list_statement(struct sql_store *s, const struct query *q, struct statement *st, struct err *err)
{
	const struct listing_kind *kind = find_kind(q->listing);
	int rc = check_kind(s, q, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < q->ncolumns; i++) {
		buf_puts(&st->text, i ? ", " : "SELECT ");
		kind->column(s, &st->text, q->columns[i]);
	}
	kind->from(s, q, st);
	buf_puts(&st->text, " ORDER BY ");
	for (size_t i = 0; i < q->nsort; i++) {
		kind->column(s, &st->text, q->sort[i].column);
		buf_puts(&st->text, q->sort[i].is_descending ? " DESC, " : ", ");
	}
	if (q->newest_first && q->listing == LIST_CHANGES)
		buf_puts(&st->text, "c.at DESC, c.id DESC");
	else
		buf_puts(&st->text, kind->order);
	if (q->limit)
		buf_printf(&st->text, " LIMIT %llu", (unsigned long long)q->limit);
	return 0;
}
