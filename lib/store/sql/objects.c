/* Organisations and users: looked up, decided, undone. */
#include "store/sql/objects.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/nearest.h"
#include "base/text.h"
#include "store/sql/effects.h"
#include "store/sql/write.h"

static const char *const object_tables[] = {[OBJECT_ORG] = "organizations", [OBJECT_USER] = "users"};
static const char *const object_words[] = {[OBJECT_ORG] = "organisation", [OBJECT_USER] = "user"};

/* A field whose value is not named by a history row. */
static const char unnamed[] = "unnamed";

/* "name, context_prefix, unrouted" as far as the database has them; NULL for the rest. */
static void object_columns(const struct sql_store *s, struct buf *out, enum object_kind kind)
{
	if (kind == OBJECT_USER) {
		buf_puts(out, "t.name, t.org_id, t.outbound_did");
		return;
	}
	buf_puts(out, "t.name, ");
	if (s->prefix_column) {
		buf_puts(out, "t.");
		sql_quote_name(out, s->prefix_column);
	} else {
		buf_puts(out, "NULL");
	}
	buf_puts(out, s->has_tables ? ", (SELECT x.unrouted FROM didctl_orgs x WHERE x.org_id = t.id)" : ", NULL");
}

/* 1 and the current values (interned in the plan's arena), 0 if there is no such object. */
static int object_load(struct sql_store *s, enum object_kind kind, const char *id, const char *out[OBJECT_FIELDS],
		       struct arena *arena, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	int rc;

	buf_puts(&st.text, "SELECT ");
	object_columns(s, &st.text, kind);
	buf_printf(&st.text, " FROM %s t WHERE t.id = ?", object_tables[kind]);
	statement_param(&st, id);
	rc = sql_open(s, &st, err);
	if (rc == 0)
		rc = sql_fetch(s, &row, err);
	for (int f = 0; rc == 1 && f < 3; f++)
		out[f] = row[f].s ? arena_strndup(arena, row[f].s, row[f].len) : NULL;
	s->driver->done(s->db);
	statement_release(&st);
	return rc;
}

#define CANDIDATES 5 /* that an error names */

/* Matches of a text in whole; more than one is refused with some of them named. */
struct matches {
	size_t n;
	const char *id, *values[OBJECT_FIELDS];
	struct buf names;
};

/* row: id, name, and of an organisation its prefix: the text is one of them in whole. */
static bool is_exactly(const struct value *row, enum object_kind kind, const char *text)
{
	for (int i = 0; i < (kind == OBJECT_ORG ? 3 : 2); i++)
		if (row[i].s && strcmp(row[i].s, text) == 0)
			return true;
	return false;
}

static int find_matches(struct sql_store *s, enum object_kind kind, const char *text, struct matches *m,
			struct arena *arena, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	char shown[TEXT_SHOWN];
	int rc;

	buf_puts(&st.text, "SELECT t.id, ");
	object_columns(s, &st.text, kind);
	buf_printf(&st.text, " FROM %s t WHERE t.id = ? OR t.name = ?", object_tables[kind]);
	statement_param(&st, text);
	statement_param(&st, text);
	if (kind == OBJECT_ORG && s->prefix_column) {
		buf_puts(&st.text, " OR t.");
		sql_quote_name(&st.text, s->prefix_column);
		buf_puts(&st.text, " = ?");
		statement_param(&st, text);
	}
	buf_puts(&st.text, " ORDER BY t.id");
	rc = sql_open(s, &st, err);
	while (rc >= 0 && (rc = sql_fetch(s, &row, err)) == 1) {
		if (!is_exactly(row, kind, text)) /* a collation takes case, accents and trailing blanks lightly */
			continue;
		if (m->n++ < CANDIDATES)
			buf_printf(&m->names, "%s%s (%s)", m->n > 1 ? ", " : "", row[0].s,
				   text_show(shown, row[1].s ? row[1].s : "", row[1].len));
		m->id = arena_strndup(arena, row[0].s, row[0].len);
		for (int f = 0; f < 3; f++)
			m->values[f] = row[f + 1].s ? arena_strndup(arena, row[f + 1].s, row[f + 1].len) : NULL;
	}
	s->driver->done(s->db);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

static bool is_like(const char *name, const char *text)
{
	return strcasestr(name, text) || nearest_distance(name, text) <= strlen(text) / 3;
}

/* Up to five that may have been meant: the text is a part of their name, or nearly it. */
static int find_likely(struct sql_store *s, enum object_kind kind, const char *text, struct buf *names, struct err *err)
{
	struct statement st = {0};
	const struct value *row;
	char shown[TEXT_SHOWN];
	size_t n = 0;
	int rc;

	buf_printf(&st.text, "SELECT DISTINCT t.name FROM %s t ORDER BY t.name", object_tables[kind]);
	rc = sql_open(s, &st, err);
	while (rc >= 0 && n < CANDIDATES && (rc = sql_fetch(s, &row, err)) == 1)
		if (row[0].s && is_like(row[0].s, text))
			buf_printf(names, "%s'%s'", n++ ? ", " : "", text_show(shown, row[0].s, row[0].len));
	s->driver->done(s->db);
	statement_release(&st);
	return rc < 0 ? rc : 0;
}

static int none_found(struct sql_store *s, enum object_kind kind, const char *text, struct err *err)
{
	const char *word = object_words[kind];
	struct buf likely = {0};
	char shown[TEXT_SHOWN];
	int rc = find_likely(s, kind, text, &likely, err);

	if (rc == 0) {
		rc = err_set(err, ERR_ABSENT, "there is no %s '%s'", word, text_show(shown, text, strlen(text)));
		if (likely.len)
			err_hint(err, "a name is given in whole: did you mean %s?", likely.data);
		else
			err_hint(err, "name it by its id%s, in whole: didctl %s list",
				 kind == OBJECT_ORG ? ", its name or its context prefix" : " or its name",
				 kind == OBJECT_ORG ? "org" : "user");
	}
	buf_release(&likely);
	return rc;
}

static int resolve(struct sql_store *s, enum object_kind kind, const char *text, struct matches *m,
		   struct arena *arena, struct err *err)
{
	char shown[TEXT_SHOWN];
	int rc;

	if (kind == OBJECT_ORG ? !s->has_orgs : !s->has_users)
		return err_set(err, ERR_TARGET, "'%s' has no table %s", s->target.url, object_tables[kind]);
	rc = find_matches(s, kind, text, m, arena, err);
	if (rc == 0 && m->n == 0) {
		rc = none_found(s, kind, text, err);
	} else if (rc == 0 && m->n > 1) {
		rc = err_set(err, ERR_REFUSED, "'%s' names %zu %ss", text_show(shown, text, strlen(text)), m->n,
			     object_words[kind]);
		err_hint(err, "name one by its id: %s", m->names.data);
	}
	buf_release(&m->names);
	return rc;
}

int orgs_resolve(struct sql_store *s, const char *text, struct org *out, struct arena *arena, struct err *err)
{
	struct matches m = {0};
	int rc = resolve(s, OBJECT_ORG, text, &m, arena, err);

	if (rc == 0)
		*out = (struct org){m.id, m.values[0], m.values[1], m.values[2]};
	return rc;
}

int users_resolve(struct sql_store *s, const char *text, struct user *out, struct arena *arena, struct err *err)
{
	struct matches m = {0};
	int rc = resolve(s, OBJECT_USER, text, &m, arena, err);

	if (rc == 0)
		*out = (struct user){m.id, m.values[0], m.values[1], m.values[2]};
	return rc;
}

static struct object *object_add(struct plan *plan, enum object_kind kind, const char *id, const char *name)
{
	struct object o = {.kind = kind, .id = id, .name = name, .was = true, .is = true};

	GROW(plan->objects, plan->nobjects, plan->objects_cap);
	plan->objects[plan->nobjects++] = o;
	return &plan->objects[plan->nobjects - 1];
}

void object_clear_outbound(struct plan *plan, const struct user *user)
{
	struct object *o = object_add(plan, OBJECT_USER, user->id, user->name);

	o->before[0] = o->after[0] = user->name;
	o->before[1] = o->after[1] = user->org_id;
	o->before[2] = user->outbound_did;
}

bool object_differs(const struct object *o, int f)
{
	const char *a = o->before[f], *b = o->after[f];

	return a != b && (!a || !b || strcmp(a, b) != 0);
}

/* "org_" and seven of [a-z0-9], as the PBX makes them. */
static int make_prefix(struct arena *arena, const char **out, struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char random[7];
	char text[12] = "org_";

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return err_set(err, ERR_FAILED, "the kernel gives no random bytes");
	for (int i = 0; i < 7; i++)
		text[4 + i] = letters[random[i] % (sizeof(letters) - 1)];
	*out = arena_strdup(arena, text);
	return 0;
}

static int count_rows(struct sql_store *s, const char *table, const char *column, const char *value, const char *not_id,
		      const char **out, struct arena *arena, struct err *err)
{
	struct statement st = {0};
	int rc;

	buf_printf(&st.text, "SELECT COUNT(*) FROM %s WHERE ", table);
	sql_quote_name(&st.text, column);
	buf_puts(&st.text, " = ?");
	statement_param(&st, value);
	if (not_id) {
		buf_puts(&st.text, " AND id <> ?");
		statement_param(&st, not_id);
	}
	rc = sql_scalar(s, &st, out, arena, err);
	statement_release(&st);
	return rc;
}

/* A second organisation of the same name or prefix would make every later command ambiguous. */
static int check_unique(struct sql_store *s, struct plan *plan, const struct object *o, struct err *err)
{
	const char *columns[] = {"name", s->prefix_column};
	char shown[TEXT_SHOWN];

	for (int f = 0; f < 2; f++) {
		const char *n;
		int rc;

		if (!columns[f] || !o->after[f] || (o->was && !object_differs(o, f)))
			continue;
		rc = count_rows(s, "organizations", columns[f], o->after[f], o->id, &n, &plan->arena, err);
		if (rc < 0)
			return rc;
		if (strcmp(n, "0") != 0)
			return err_set(err, ERR_REFUSED, "there is an organisation with the %s '%s' already",
				       f ? "context prefix" : "name", text_show(shown, o->after[f], strlen(o->after[f])));
	}
	return 0;
}

static const int org_object_fields[] = {ORG_NAME, ORG_CONTEXT_PREFIX, ORG_UNROUTED};

static void set_org_fields(const struct change *c, struct object *o)
{
	for (int f = 0; f < 3; f++)
		if (c->object_is_set[org_object_fields[f]])
			o->after[f] = c->object_value[org_object_fields[f]];
	o->name = o->after[0];
}

static int decide_org_add(struct sql_store *s, const struct change *c, struct plan *plan, struct err *err)
{
	char id[UUID_TEXT];
	struct object *o;
	int rc = uuid_make(id, err);

	if (rc < 0)
		return rc;
	o = object_add(plan, OBJECT_ORG, arena_strdup(&plan->arena, id), NULL);
	o->was = false;
	rc = make_prefix(&plan->arena, &o->after[1], err);
	set_org_fields(c, o);
	return rc < 0 ? rc : check_unique(s, plan, o, err);
}

static int refuse_in_use(struct sql_store *s, struct plan *plan, const struct object *o, struct err *err)
{
	const char *numbers, *users = "0";
	int rc = count_rows(s, "did_numbers", "org_id", o->id, NULL, &numbers, &plan->arena, err);

	if (rc == 0 && s->has_users)
		rc = count_rows(s, "users", "org_id", o->id, NULL, &users, &plan->arena, err);
	if (rc < 0 || (strcmp(numbers, "0") == 0 && strcmp(users, "0") == 0))
		return rc;
	err_set(err, ERR_REFUSED, "organisation '%s' still has %s number%s and %s user%s", o->name, numbers,
		strcmp(numbers, "1") ? "s" : "", users, strcmp(users, "1") ? "s" : "");
	err_hint(err, "release its numbers and delete its users first: didctl pool list --org, didctl user list --org");
	return ERR_REFUSED;
}

static int decide_org_edit(struct sql_store *s, const struct change *c, struct plan *plan, bool guard,
			   struct err *err)
{
	struct matches m = {0};
	struct object *o;
	int rc = resolve(s, OBJECT_ORG, c->org_text, &m, &plan->arena, err);

	if (rc < 0)
		return rc;
	o = object_add(plan, OBJECT_ORG, m.id, m.values[0]);
	memcpy(o->before, m.values, sizeof(o->before));
	memcpy(o->after, m.values, sizeof(o->after));
	if (c->verb == VERB_ORG_DELETE) {
		o->is = false;
		rc = guard ? guard_org(s, o->id, err) : 0;
		return rc < 0 ? rc : refuse_in_use(s, plan, o, err);
	}
	set_org_fields(c, o);
	return check_unique(s, plan, o, err);
}

/* The stored text of a number that the organisation may show: assigned, and its own. */
static int owned_number(struct sql_store *s, const char *operand, const char *org_id, struct plan *plan, bool guard,
			const char **out, struct err *err)
{
	struct plan found = {0};
	struct selection sel = {0};
	struct interval in = {.count = 1};
	const struct record *r;
	char text[NUMBER_TEXT];
	int rc = number_parse(&in.first, operand, strlen(operand), s->country, err);

	if (rc == 0) {
		rangeset_add(&sel.numbers, in);
		rangeset_normalise(&sel.numbers);
		rc = guard ? guard_numbers(s, &sel.numbers, err) : 0; /* else it could be released meanwhile */
	}
	if (rc == 0)
		rc = read_selection(s, &sel, &found, err);
	if (rc == 0 && found.nruns == 0)
		rc = err_set(err, ERR_ABSENT, "'%s' is not in the inventory", operand);
	if (rc == 0 && found.nruns > 1)
		rc = err_set(err, ERR_REFUSED, "'%s' stands in %zu rows: mend that first", operand, found.nruns);
	if (rc == 0) {
		r = &found.records.at[found.runs[0].before];
		if (record_state(r) != STATE_ASSIGNED || !org_id || !record_is(r, DID_ORG_ID, org_id))
			rc = err_set(err, ERR_REFUSED, "'%s' is %s and not assigned to the user's organisation", operand,
				     state_info[record_state(r)].name);
		else
			*out = arena_strdup(&plan->arena, run_number(&found.runs[0], 0, s->country, text));
	}
	selection_release(&sel);
	plan_release(&found);
	return rc;
}

static int set_user_fields(struct sql_store *s, const struct change *c, struct plan *plan, struct object *o,
			   bool guard, struct err *err)
{
	const char *number = c->verb == VERB_DEFAULT_USER ? c->outbound : c->object_value[USER_OUTBOUND_DID];
	bool sets_number = c->verb == VERB_DEFAULT_USER || c->object_is_set[USER_OUTBOUND_DID];

	if (c->object_is_set[USER_NAME])
		o->after[0] = c->object_value[USER_NAME];
	if (plan->org.id)
		o->after[1] = plan->org.id;
	if (!sets_number && o->after[2] && object_differs(o, 1)) { /* it is the old organisation's number */
		strlist_add(&plan->follows, arena_printf(&plan->arena, "user %s loses the outbound caller ID %s", o->after[0],
							 o->after[2]));
		o->after[2] = NULL;
	}
	o->name = o->after[0];
	if (sets_number && !number)
		o->after[2] = NULL;
	if (sets_number && number)
		return owned_number(s, number, o->after[1], plan, guard, &o->after[2], err);
	return 0;
}

static int decide_user(struct sql_store *s, const struct change *c, struct plan *plan, bool guard,
		       struct err *err)
{
	struct matches m = {0};
	char id[UUID_TEXT];
	struct object *o;
	int rc;

	if (c->verb == VERB_USER_ADD) {
		rc = uuid_make(id, err);
		m.id = arena_strdup(&plan->arena, id);
	} else {
		rc = resolve(s, OBJECT_USER, c->user_text, &m, &plan->arena, err);
	}
	if (rc < 0)
		return rc;
	o = object_add(plan, OBJECT_USER, m.id, m.values[0]);
	o->was = c->verb != VERB_USER_ADD;
	o->is = c->verb != VERB_USER_DELETE;
	memcpy(o->before, m.values, sizeof(o->before));
	memcpy(o->after, m.values, sizeof(o->after));
	return set_user_fields(s, c, plan, o, guard, err);
}

/* Names are unique among all organisations; one that gets a user must not go meanwhile. */
static int guard_objects(struct sql_store *s, const struct change *c, const struct plan *plan, struct err *err)
{
	bool is_org = c->verb == VERB_ORG_ADD || c->verb == VERB_ORG_EDIT || c->verb == VERB_ORG_DELETE;

	if (is_org)
		return guard_org(s, "names", err);
	return plan->org.id ? guard_org(s, plan->org.id, err) : 0;
}

/* Where an organisation's calls come in, and where those go that have no route of their own. */
static bool moves_calls(const struct object *o)
{
	enum { NAME, CONTEXT_PREFIX, UNROUTED };

	return o->kind == OBJECT_ORG && o->was && o->is &&
	       (object_differs(o, CONTEXT_PREFIX) || object_differs(o, UNROUTED));
}

int objects_decide(struct sql_store *s, const struct change *c, struct plan *plan, bool guard, struct err *err)
{
	int rc = guard ? guard_objects(s, c, plan, err) : 0;

	if (rc < 0)
		return rc;
	if (c->verb == VERB_ORG_ADD)
		rc = decide_org_add(s, c, plan, err);
	else if (c->verb == VERB_ORG_EDIT || c->verb == VERB_ORG_DELETE)
		rc = decide_org_edit(s, c, plan, guard, err);
	else
		rc = decide_user(s, c, plan, guard, err);
	if (rc < 0)
		return rc;
	plan->moves_calls = moves_calls(&plan->objects[0]);
	for (int f = 0; f < OBJECT_FIELDS; f++)
		if (plan->objects[0].was != plan->objects[0].is || object_differs(&plan->objects[0], f))
			return 0;
	plan->nobjects = 0;
	plan->unchanged = 1;
	return 0;
}

static int read_fields(struct plan *plan, enum object_kind kind, struct value text, const char *out[OBJECT_FIELDS],
		       bool *exists, struct err *err)
{
	struct json *json = NULL;
	int rc;

	*exists = text.s != NULL;
	for (int f = 0; f < OBJECT_FIELDS; f++)
		out[f] = text.s ? unnamed : NULL;
	if (!text.s)
		return 0;
	rc = json_parse(&json, text.s, text.len, err);
	for (int f = 0; rc == 0 && f < OBJECT_FIELDS && object_keys[kind][f]; f++) {
		const struct json *member = json_get(json, object_keys[kind][f]);

		if (member)
			out[f] = json_string(member) ? arena_strdup(&plan->arena, json_string(member)) : NULL;
	}
	json_free(json);
	return rc;
}

void object_replayed(struct plan *plan, const char *block)
{
	object_add(plan, strncmp(block, "org:", 4) == 0 ? OBJECT_ORG : OBJECT_USER,
		   arena_strdup(&plan->arena, strchr(block, ':') + 1), NULL);
}

int object_undo(struct plan *plan, const char *block, struct value was, struct value left, struct err *err)
{
	enum object_kind kind = strncmp(block, "org:", 4) == 0 ? OBJECT_ORG : OBJECT_USER;
	struct object *o = object_add(plan, kind, arena_strdup(&plan->arena, strchr(block, ':') + 1), NULL);
	int rc = read_fields(plan, kind, left, o->before, &o->was, err);

	return rc < 0 ? rc : read_fields(plan, kind, was, o->after, &o->is, err);
}

/* The number that an undone user would show again: it may come back in the same change, or must be the organisation's. */
static int check_outbound(struct sql_store *s, struct plan *plan, const struct object *o, bool guard, struct err *err)
{
	const char *stored;
	struct number n;

	if (!o->after[2] || (o->was && !object_differs(o, 2) && !object_differs(o, 1)))
		return 0;
	if (number_parse_stored(&n, o->after[2], strlen(o->after[2]), s->country) &&
	    plan_holds(plan, n, o->after[1]))
		return 0;
	return owned_number(s, o->after[2], o->after[1], plan, guard, &stored, err);
}

static int check_owner(struct sql_store *s, struct plan *plan, const struct object *o, struct err *err)
{
	const char *n;
	int rc;

	if (!o->after[1] || (o->was && !object_differs(o, 1)))
		return 0;
	rc = count_rows(s, "organizations", "id", o->after[1], NULL, &n, &plan->arena, err);
	if (rc == 0 && strcmp(n, "0") == 0)
		rc = err_set(err, ERR_REFUSED, "the organisation of user '%s' is not there any more", o->name);
	return rc;
}

/* What undo leaves must be what the forward verbs would have allowed. */
static int check_rules(struct sql_store *s, struct plan *plan, const struct object *o, bool guard, struct err *err)
{
	int rc = 0;

	if (guard)
		rc = guard_org(s, o->kind == OBJECT_ORG ? "names" : o->after[1] ? o->after[1] : "none", err);
	if (rc < 0)
		return rc;
	if (o->kind == OBJECT_ORG)
		return o->is ? check_unique(s, plan, o, err) : refuse_in_use(s, plan, o, err);
	if (!o->is)
		return 0;
	rc = check_owner(s, plan, o, err);
	return rc < 0 ? rc : check_outbound(s, plan, o, guard, err);
}

/* Compares the object with what its change left, and fills in the fields that the change did not touch. */
static int check_undo(struct sql_store *s, struct plan *plan, struct object *o, struct err *err)
{
	const char *now[OBJECT_FIELDS] = {0};
	int there = object_load(s, o->kind, o->id, now, &plan->arena, err);

	if (there < 0)
		return there;
	if ((there == 1) != o->was)
		return err_set(err, ERR_REFUSED, "%s '%s' %s since", object_words[o->kind], o->id,
			       o->was ? "has gone" : "was made again");
	for (int f = 0; f < OBJECT_FIELDS; f++) {
		struct object seen = {.before = {[0] = o->before[f]}, .after = {[0] = now[f]}};

		if (there && o->before[f] != unnamed && object_differs(&seen, 0))
			return err_set(err, ERR_REFUSED, "%s '%s' has changed since: its %s is another now",
				       object_words[o->kind], now[0] ? now[0] : o->id, object_keys[o->kind][f]);
		if (there)
			o->before[f] = now[f];
		if (o->after[f] == unnamed)
			o->after[f] = there ? now[f] : NULL;
	}
	o->name = there ? now[0] : o->after[0];
	return 0;
}

int objects_check_undo(struct sql_store *s, struct plan *plan, bool guard, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->nobjects; i++) {
		rc = check_undo(s, plan, &plan->objects[i], err);
		if (rc == 0 && !plan->restores_faults)
			rc = check_rules(s, plan, &plan->objects[i], guard, err);
	}
	return rc;
}
