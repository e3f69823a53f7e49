/* Organisations and users: looked up, decided, undone. */
#include "did/labels.h"
#include "did/objects.h"

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "base/nearest.h"
#include "base/text.h"
#include "did/ports.h"
#include "did/runs.h"
#include "did/services.h"

const char *const object_tables[OBJECT_KINDS] = {
	[OBJECT_ORG] = "organizations",
	[OBJECT_USER] = "users",
	[OBJECT_LOCATION] = "didctl_locations",
};

/* What each is called, how it is found beside its id, and the command that lists all. */
static const struct {
	const char *title, *by, *list;
} object_info[OBJECT_KINDS] = {
	[OBJECT_ORG] = {"organisation", "its id, its name or its context prefix", "org list"},
	[OBJECT_USER] = {"user", "its id or its name", "user list"},
	[OBJECT_PORT] = {"port order", "its serial number", "port list"},
	[OBJECT_LOCATION] = {"location", "its id or its label", "e911 locations list"},
};

/* A field whose value is not named by a history row. */
static const char unnamed[] = "unnamed";

#define CANDIDATES 5 /* that an error names */

static const char *keep(struct arena *arena, const char *s)
{
	return s ? arena_strdup(arena, s) : NULL;
}

static bool is_text(const char *s, const char *text)
{
	return s && strcmp(s, text) == 0;
}

/* A collation takes case, accents and trailing blanks lightly: the text has to be one of them in whole. */
static int add_match(struct object_visitor *visitor, const char *id, const char *const fields[OBJECT_FIELDS],
		     struct err *err)
{
	struct object_match *m = (struct object_match *)visitor;
	char shown[TEXT_SHOWN];

	(void)err;
	if (!is_text(id, m->text) && !is_text(fields[0], m->text) &&
	    (m->kind != OBJECT_ORG || !is_text(fields[1], m->text)))
		return 0;
	if (m->n++ < CANDIDATES)
		buf_printf(&m->names, "%s%s (%s)", m->n > 1 ? ", " : "", id,
			   text_show(shown, fields[0] ? fields[0] : "", fields[0] ? strlen(fields[0]) : 0));
	m->id = arena_strdup(m->arena, id);
	for (int f = 0; f < OBJECT_FIELDS; f++)
		m->values[f] = keep(m->arena, fields[f]);
	return 0;
}

static bool is_like(const char *name, const char *text)
{
	return strcasestr(name, text) || nearest_distance(name, text) <= strlen(text) / 3;
}

/* Up to five that may have been meant: the text is a part of their name, or nearly it. */
struct likely {
	struct object_visitor visitor;
	const char *text;
	struct buf last, names;
	size_t n;
};

static int add_likely(struct object_visitor *visitor, const char *id, const char *const fields[OBJECT_FIELDS],
		      struct err *err)
{
	struct likely *likely = (struct likely *)visitor;
	const char *name = fields[0];
	char shown[TEXT_SHOWN];

	(void)id;
	(void)err;
	if (!name || is_text(name, buf_str(&likely->last)) || !is_like(name, likely->text))
		return 0;
	buf_reset(&likely->last);
	buf_puts(&likely->last, name);
	buf_printf(&likely->names, "%s'%s'", likely->n++ ? ", " : "", text_show(shown, name, strlen(name)));
	return likely->n == CANDIDATES;
}

static int none_found(struct facts *facts, enum object_kind kind, const char *text, struct err *err)
{
	struct likely likely = {.visitor = {add_likely}, .text = text};
	char shown[TEXT_SHOWN];
	int rc = facts->ops->list(facts, kind, &likely.visitor, err);

	if (rc == 0) {
		rc = err_set(err, ERR_ABSENT, "there is no %s '%s'", object_info[kind].title,
			     text_show(shown, text, strlen(text)));
		if (likely.names.len)
			err_hint(err, "a name is given in whole: did you mean %s?", likely.names.data);
		else
			err_hint(err, "name it by %s, in whole: didctl %s", object_info[kind].by, object_info[kind].list);
	}
	buf_release(&likely.names);
	buf_release(&likely.last);
	return rc;
}

int object_resolve(struct facts *facts, enum object_kind kind, const char *text, struct object_match *m,
		   struct arena *arena, struct err *err)
{
	char shown[TEXT_SHOWN];
	int rc;

	*m = (struct object_match){.visitor = {add_match}, .kind = kind, .text = text, .arena = arena};
	if (kind == OBJECT_LOCATION && !facts->has_locations)
		return services_missing(facts, err);
	if ((kind == OBJECT_ORG && !facts->has_orgs) || (kind == OBJECT_USER && !facts->has_users))
		return err_set(err, ERR_TARGET, "'%s' has no table %s", facts->target, object_tables[kind]);
	rc = facts->ops->find(facts, kind, text, &m->visitor, err);
	if (rc == 0 && m->n == 0) {
		rc = none_found(facts, kind, text, err);
	} else if (rc == 0 && m->n > 1) {
		rc = err_set(err, ERR_REFUSED, "'%s' names %zu %ss", text_show(shown, text, strlen(text)), m->n,
			     object_info[kind].title);
		err_hint(err, "name one by its id: %s", m->names.data);
	}
	buf_release(&m->names);
	return rc;
}

int org_resolve(struct facts *facts, const char *text, struct org *out, struct arena *arena, struct err *err)
{
	struct object_match m;
	int rc = object_resolve(facts, OBJECT_ORG, text, &m, arena, err);

	if (rc == 0)
		*out = (struct org){m.id, m.values[0], m.values[1], m.values[2], m.values[3], m.values[OBJECT_CNAM]};
	return rc;
}

int user_resolve(struct facts *facts, const char *text, struct user *out, struct arena *arena, struct err *err)
{
	struct object_match m;
	int rc = object_resolve(facts, OBJECT_USER, text, &m, arena, err);

	if (rc == 0)
		*out = (struct user){m.id, m.values[0], m.values[1], m.values[2]};
	return rc;
}

struct object *object_add(struct plan *plan, enum object_kind kind, const char *id, const char *name)
{
	struct object o = {.kind = kind, .id = id, .name = name, .was = true, .is = true};

	GROW(plan->objects, plan->nobjects, plan->objects_cap);
	plan->objects[plan->nobjects++] = o;
	return &plan->objects[plan->nobjects - 1];
}

void plan_clear_outbound(struct plan *plan, const struct user *user)
{
	struct object *o = object_add(plan, OBJECT_USER, arena_strdup(&plan->arena, user->id),
				      keep(&plan->arena, user->name));

	o->before[0] = o->after[0] = o->name;
	o->before[1] = o->after[1] = keep(&plan->arena, user->org_id);
	o->before[2] = keep(&plan->arena, user->outbound_did);
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

/* A second organisation of the same name or prefix would make every later command ambiguous. */
static int check_unique(struct facts *facts, const struct object *o, struct err *err)
{
	static const enum org_count counts[] = {COUNT_SAME_NAME, COUNT_SAME_PREFIX};
	char shown[TEXT_SHOWN];

	for (int f = 0; f < (facts->has_prefixes ? 2 : 1); f++) {
		uint64_t n;
		int rc;

		if (!o->after[f] || (o->was && !object_differs(o, f)))
			continue;
		rc = facts->ops->count(facts, counts[f], o->after[f], o->id, &n, err);
		if (rc < 0)
			return rc;
		if (n)
			return err_set(err, ERR_REFUSED, "there is an organisation with the %s '%s' already",
				       f ? "context prefix" : "name", text_show(shown, o->after[f], strlen(o->after[f])));
	}
	return 0;
}

static const int org_object_fields[] = {ORG_NAME, ORG_CONTEXT_PREFIX, ORG_UNROUTED, ORG_MAIL};

static void set_org_fields(const struct change *c, struct object *o)
{
	for (size_t f = 0; f < ARRAY_SIZE(org_object_fields); f++)
		if (c->object_is_set[org_object_fields[f]])
			o->after[f] = c->object_value[org_object_fields[f]];
	o->name = o->after[0];
}

static int decide_org_add(struct facts *facts, const struct change *c, struct plan *plan, struct err *err)
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
	return rc < 0 ? rc : check_unique(facts, o, err);
}

int object_guard(struct facts *facts, const char *id, struct err *err)
{
	struct org org = {.id = id};
	struct owners one = {.at = &org, .n = 1};

	return facts_guard_orgs(facts, &one, err);
}

static int refuse_in_use(struct facts *facts, const struct object *o, struct err *err)
{
	uint64_t numbers, users = 0;
	int rc = facts->ops->count(facts, COUNT_NUMBERS, o->id, NULL, &numbers, err);

	if (rc == 0 && facts->has_users)
		rc = facts->ops->count(facts, COUNT_USERS, o->id, NULL, &users, err);
	if (rc < 0)
		return rc;
	if (!numbers && !users)
		rc = services_refuse_org(facts, o, err);
	if (rc == 0 && !numbers && !users)
		return ports_check_owner(facts, o->id, o->name, err);
	if (rc < 0)
		return rc;
	err_set(err, ERR_REFUSED, "organisation '%s' still has %" PRIu64 " number%s and %" PRIu64 " user%s", o->name,
		numbers, numbers == 1 ? "" : "s", users, users == 1 ? "" : "s");
	err_hint(err, "release its numbers and delete its users first: didctl pool list --org, didctl user list --org");
	return ERR_REFUSED;
}

/*
 * Without a list of organisations an API's ids are taken as they are. One that it can be asked for has to be there all the same;
 * where it cannot, its answer to the change tells.
 */
static int check_taken_id(struct facts *facts, const struct object *o, struct err *err)
{
	const char *now[OBJECT_FIELDS] = {0};
	struct arena arena = {0};
	struct err why = {0};
	int there = o->before[0] ? 1 : facts->ops->load(facts, o->kind, o->id, now, &arena, &why);

	arena_release(&arena);
	if (there == 0)
		return err_set(err, ERR_ABSENT, "there is no %s '%s'", object_info[o->kind].title, o->id);
	if (there == 1 || why.code == ERR_TARGET)
		return 0;
	*err = why;
	return there;
}

static int decide_org_edit(struct facts *facts, const struct change *c, struct plan *plan, struct err *err)
{
	struct object_match m = {0};
	struct object *o;
	int rc = object_resolve(facts, OBJECT_ORG, c->org_text, &m, &plan->arena, err);

	if (rc < 0)
		return rc;
	o = object_add(plan, OBJECT_ORG, m.id, m.values[0]);
	memcpy(o->before, m.values, sizeof(o->before));
	memcpy(o->after, m.values, sizeof(o->after));
	rc = check_taken_id(facts, o, err);
	if (rc < 0)
		return rc;
	if (c->verb == VERB_ORG_DELETE) {
		o->is = false;
		rc = object_guard(facts, o->id, err);
		return rc < 0 ? rc : refuse_in_use(facts, o, err);
	}
	set_org_fields(c, o);
	return check_unique(facts, o, err);
}

/* The stored text of a number that the organisation may show: assigned, and its own. */
static int owned_number(struct facts *facts, const char *operand, const char *org_id, struct plan *plan, 			const char **out, struct err *err)
{
	struct plan found = {0};
	struct selection sel = {0};
	struct interval in = {.count = 1};
	const struct record *r;
	char text[NUMBER_TEXT];
	int rc = number_parse(&in.first, operand, strlen(operand), facts->country, err);

	if (rc == 0) {
		rangeset_add(&sel.numbers, in);
		rangeset_normalise(&sel.numbers);
		rc = facts_guard_numbers(facts, &sel.numbers, err); /* else it could be released meanwhile */
	}
	if (rc == 0)
		rc = facts->ops->read(facts, &sel, &found, err);
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
			*out = arena_strdup(&plan->arena, run_number(&found.runs[0], 0, facts->country, text));
	}
	selection_release(&sel);
	plan_release(&found);
	return rc;
}

static int set_user_fields(struct facts *facts, const struct change *c, struct plan *plan, struct object *o,
			   struct err *err)
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
		return owned_number(facts, number, o->after[1], plan, &o->after[2], err);
	return 0;
}

static int decide_user(struct facts *facts, const struct change *c, struct plan *plan, 		       struct err *err)
{
	struct object_match m = {0};
	char id[UUID_TEXT];
	struct object *o;
	int rc;

	if (c->verb == VERB_USER_ADD) {
		rc = uuid_make(id, err);
		m.id = arena_strdup(&plan->arena, id);
	} else {
		rc = object_resolve(facts, OBJECT_USER, c->user_text, &m, &plan->arena, err);
	}
	if (rc < 0)
		return rc;
	o = object_add(plan, OBJECT_USER, m.id, m.values[0]);
	o->was = c->verb != VERB_USER_ADD;
	o->is = c->verb != VERB_USER_DELETE;
	memcpy(o->before, m.values, sizeof(o->before));
	memcpy(o->after, m.values, sizeof(o->after));
	return set_user_fields(facts, c, plan, o, err);
}

/* Names are unique among all organisations; one that gets a user must not go meanwhile. */
static int guard_objects(struct facts *facts, const struct change *c, const struct plan *plan, struct err *err)
{
	bool is_org = c->verb == VERB_ORG_ADD || c->verb == VERB_ORG_EDIT || c->verb == VERB_ORG_DELETE;

	if (is_org)
		return object_guard(facts, "names", err);
	return plan->org.id ? object_guard(facts, plan->org.id, err) : 0;
}

/* Where an organisation's calls come in, and where those go that have no route of their own. */
static bool moves_calls(const struct object *o)
{
	enum { NAME, CONTEXT_PREFIX, UNROUTED };

	return o->kind == OBJECT_ORG && o->was && o->is &&
	       (object_differs(o, CONTEXT_PREFIX) || object_differs(o, UNROUTED));
}

int objects_decide(struct facts *facts, const struct change *c, struct plan *plan, struct err *err)
{
	int rc = guard_objects(facts, c, plan, err);

	if (rc < 0)
		return rc;
	if (c->verb == VERB_LOCATION_ADD || c->verb == VERB_LOCATION_DELETE)
		rc = services_decide_location(facts, c, plan, err);
	else if (c->verb == VERB_ORG_ADD)
		rc = decide_org_add(facts, c, plan, err);
	else if (c->verb == VERB_ORG_EDIT || c->verb == VERB_ORG_DELETE)
		rc = decide_org_edit(facts, c, plan, err);
	else
		rc = decide_user(facts, c, plan, err);
	if (rc < 0)
		return rc;
	plan->moves_calls = moves_calls(&plan->objects[0]);
	for (int f = 0; f < OBJECT_FIELDS; f++)
		if (plan->objects[0].was != plan->objects[0].is || object_differs(&plan->objects[0], f))
			return runs_check_count(c, plan->nobjects, "entries", err);
	plan->nobjects = 0;
	plan->unchanged = 1;
	return runs_check_count(c, 0, "entries", err);
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

/* Of a block "KIND:ID"; one of a kind that a newer didctl has made is taken as a user, of which there is none by that id. */
static enum object_kind kind_of(const char *block)
{
	for (int kind = 0; kind < OBJECT_KINDS; kind++) {
		size_t len = strlen(object_names[kind]);

		if (strncmp(block, object_names[kind], len) == 0 && block[len] == ':')
			return (enum object_kind)kind;
	}
	return OBJECT_USER;
}

void object_replayed(struct plan *plan, const char *block)
{
	object_add(plan, kind_of(block), arena_strdup(&plan->arena, strchr(block, ':') + 1), NULL);
}

int object_undo(struct plan *plan, const char *block, struct value was, struct value left, struct err *err)
{
	enum object_kind kind = kind_of(block);
	struct object *o = object_add(plan, kind, arena_strdup(&plan->arena, strchr(block, ':') + 1), NULL);
	char shown[TEXT_SHOWN];
	int rc = read_fields(plan, kind, left, o->before, &o->was, err);

	if (rc == 0)
		rc = read_fields(plan, kind, was, o->after, &o->is, err);
	return rc < 0 ? err_prefix(err, "the history of '%s': ", text_show(shown, block, strlen(block))) : 0;
}

/* The number that an undone user would show again: it may come back in the same change, or must be the organisation's. */
static int check_outbound(struct facts *facts, struct plan *plan, const struct object *o, struct err *err)
{
	const char *stored;
	struct number n;

	if (!o->after[2] || (o->was && !object_differs(o, 2) && !object_differs(o, 1)))
		return 0;
	if (number_parse_stored(&n, o->after[2], strlen(o->after[2]), facts->country) &&
	    plan_holds(plan, n, o->after[1]))
		return 0;
	return owned_number(facts, o->after[2], o->after[1], plan, &stored, err);
}

static int check_owner(struct facts *facts, struct plan *plan, const struct object *o, struct err *err)
{
	struct org org = {.id = o->after[1]};
	int rc;

	if (!org.id || (o->was && !object_differs(o, 1)))
		return 0;
	rc = facts->ops->load_owner(facts, &org, &plan->arena, err);
	if (rc == 0 && !org.name)
		rc = err_set(err, ERR_REFUSED, "the organisation of %s '%s' is not there any more", object_info[o->kind].title,
			     o->name ? o->name : o->id);
	return rc;
}

/* What undo leaves must be what the forward verbs would have allowed. */
static int check_rules(struct facts *facts, struct plan *plan, struct object *o, struct err *err)
{
	int rc;

	if (o->kind == OBJECT_PORT)
		return ports_check_undo(facts, plan, o, err);
	rc = object_guard(facts, o->kind == OBJECT_ORG ? "names" : o->after[1] ? o->after[1] : "none", err);
	if (rc < 0)
		return rc;
	if (o->kind == OBJECT_ORG)
		return o->is ? check_unique(facts, o, err) : refuse_in_use(facts, o, err);
	if (!o->is)
		return o->kind == OBJECT_LOCATION ? services_refuse_location(facts, plan, o, err) : 0;
	rc = check_owner(facts, plan, o, err);
	if (rc == 0 && o->kind == OBJECT_LOCATION && (!o->was || object_differs(o, 0)))
		rc = location_claim_label(facts, plan, o, false, err);
	return rc < 0 || o->kind != OBJECT_USER ? rc : check_outbound(facts, plan, o, err);
}

/* Compares the object with what its change left, and fills in the fields that the change did not touch. */
static int check_undo(struct facts *facts, struct plan *plan, struct object *o, struct err *err)
{
	const char *now[OBJECT_FIELDS] = {0};
	int there = facts->ops->load(facts, o->kind, o->id, now, &plan->arena, err);

	if (there < 0)
		return there;
	if ((there == 1) != o->was)
		return err_set(err, ERR_REFUSED, "%s '%s' %s since", object_info[o->kind].title, o->id,
			       o->was ? "has gone" : "was made again");
	for (int f = 0; f < OBJECT_FIELDS; f++) {
		struct object seen = {.before = {[0] = o->before[f]}, .after = {[0] = now[f]}};

		if (there && o->before[f] != unnamed && object_differs(&seen, 0))
			return err_set(err, ERR_REFUSED, "%s '%s' has changed since: its %s is another now",
				       object_info[o->kind].title, now[0] && o->kind != OBJECT_PORT ? now[0] : o->id,
				       object_keys[o->kind][f]);
		if (there)
			o->before[f] = now[f];
		if (o->after[f] == unnamed)
			o->after[f] = there ? now[f] : NULL;
	}
	o->name = o->kind == OBJECT_PORT ? o->id : there ? now[0] : o->after[0];
	return 0;
}

int objects_check_undo(struct facts *facts, struct plan *plan, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->nobjects; i++) {
		rc = check_undo(facts, plan, &plan->objects[i], err);
		if (rc == 0 && !plan->restores_faults)
			rc = check_rules(facts, plan, &plan->objects[i], err);
	}
	return rc;
}
