#include "store/api/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A change of this target that the query asks for. */
static bool is_wanted(const struct api_store *s, const struct query *q, const struct journal_head *h)
{
	const char *target = conf_get(s->conf, SET_TARGET, NULL);

	if (!h->is_planned || !h->target || strcmp(h->target, target) != 0 || !h->at)
		return false;
	if ((q->since && strcmp(h->at, q->since) < 0) || (q->until && strcmp(h->at, q->until) > 0))
		return false;
	return !q->actor || (h->actor && strcmp(h->actor, q->actor) == 0);
}

/* 1: it is wanted. A journal that another process has just taken away is none. */
static int load(struct api_store *s, const struct query *q, const char *id, struct journal_head *head, struct ops *ops,
		struct plan *plan, struct err *err)
{
	struct journal journal;
	int rc = journal_open(&journal, id, JOURNAL_READ, NULL, err);

	*head = (struct journal_head){0};
	if (rc == 1)
		rc = journal_load(&journal, s->country, head, ops, plan, &plan->arena, err);
	journal_close(&journal);
	return rc < 0 ? rc : is_wanted(s, q, head);
}

/* Every journal, or the one of a change. */
static int each(struct api_store *s, const struct query *q, struct history_keeper *keeper,
		int (*tell)(struct api_store *, const struct query *, const char *, struct history_keeper *, struct err *),
		struct err *err)
{
	struct strlist ids = {0};
	struct arena arena = {0};
	int rc = 0;

	if (q->change_id)
		strlist_add(&ids, q->change_id);
	else
		rc = journal_list(&ids, &arena, err);
	for (size_t i = 0; rc == 0 && i < ids.n; i++)
		rc = tell(s, q, ids.at[i], keeper, err);
	strlist_release(&ids);
	arena_release(&arena);
	return rc;
}

/* Is told each change of which it knows the id: whether that was undone. */
struct undo_seeker {
	struct history_keeper keeper;
	const char *id;
	bool is_undone;
};

static int seek_undo(struct api_store *s, const struct query *q, const char *id, struct history_keeper *keeper,
		     struct err *err)
{
	struct undo_seeker *seeker = (struct undo_seeker *)keeper;
	struct journal_head h;
	struct plan plan = {0};
	int rc = load(s, q, id, &h, NULL, &plan, err);

	if (rc == 1 && h.undo_of && strcmp(h.undo_of, seeker->id) == 0)
		seeker->is_undone = true;
	plan_release(&plan);
	return rc < 0 ? rc : 0;
}

int history_is_undone(struct api_store *s, const char *id, struct err *err)
{
	struct undo_seeker seeker = {.id = id};
	int rc = each(s, &(struct query){0}, &seeker.keeper, seek_undo, err);

	return rc < 0 ? rc : seeker.is_undone;
}

/* 1: the command goes on with it, or undo takes it back; 0: it has come to its end, or somebody has undone it. */
static int is_broken_off(struct api_store *s, const struct journal_head *head, struct err *err)
{
	int is_undone = head->is_ended ? 1 : history_is_undone(s, head->id, err);

	return is_undone < 0 ? is_undone : !is_undone;
}

static int tell_change(struct api_store *s, const struct query *q, const char *id, struct history_keeper *keeper,
		       struct err *err)
{
	struct journal_head h;
	struct plan plan = {0};
	struct value values[CHANGE_FIELDS] = {0};
	char count[24], progress[48];
	int rc = load(s, q, id, &h, NULL, &plan, err);

	if (rc == 1 && q->is_half_done)
		rc = is_broken_off(s, &h, err);
	if (rc == 1) {
		snprintf(count, sizeof(count), "%" PRIu64, h.done);
		snprintf(progress, sizeof(progress), "%" PRIu64 "/%" PRIu64, h.done, h.planned);
		values[CHANGE_ID] = value_str(h.id);
		values[CHANGE_AT] = value_str(h.at);
		values[CHANGE_ACTOR] = value_str(h.actor);
		values[CHANGE_VERB] = value_str(h.verb);
		values[CHANGE_COUNT] = value_str(count);
		values[CHANGE_NUMBERS] = value_str(h.numbers);
		values[CHANGE_REASON] = value_str(h.reason);
		values[CHANGE_UNDO_OF] = value_str(h.undo_of);
		values[CHANGE_HOST] = value_str(h.host);
		values[CHANGE_PROGRESS] = value_str(h.is_ended ? NULL : progress);
		rc = keeper->keep(keeper, values, err);
	}
	plan_release(&plan);
	return rc;
}

int history_changes(struct api_store *s, const struct query *query, struct history_keeper *keeper, struct err *err)
{
	return each(s, query, keeper, tell_change, err);
}

/* Is told what is broken off, and keeps the id of what asks for the same as a change. */
struct same_seeker {
	struct history_keeper keeper;
	const struct change *change;
	char *id;
};

static int seek_same(struct api_store *s, const struct query *q, const char *id, struct history_keeper *keeper,
		     struct err *err)
{
	struct same_seeker *seeker = (struct same_seeker *)keeper;
	struct journal_head h;
	struct plan plan = {0};
	int rc = load(s, q, id, &h, NULL, &plan, err);

	if (rc == 1)
		rc = change_is_same(seeker->change, NULL, h.hash, h.org_id, h.org_text) ? is_broken_off(s, &h, err) : 0;
	if (rc == 1)
		snprintf(seeker->id, UUID_TEXT, "%s", h.id);
	plan_release(&plan);
	return rc < 0 ? rc : 0;
}

int api_store_broken_off(struct store *store, const struct change *change, char id[UUID_TEXT], struct err *err)
{
	struct same_seeker seeker = {.change = change, .id = id};
	int rc;

	*id = '\0';
	rc = each((struct api_store *)store, &(struct query){0}, &seeker.keeper, seek_same, err);
	return rc < 0 ? rc : *id != '\0';
}

/* ---- what was done to each number */

/* The columns that changed; of a row that came or went all of them. */
static void put_side(struct buf *out, const struct op *op, const struct plan *plan, bool after)
{
	struct image a = op_before(op, plan), b = op_after(op, plan);
	const struct record *r = NULL;
	uint64_t mask = 0;

	for (int i = 0; api_fields[ROW_NUMBER][i].key; i++)
		if ((op->fields >> i & 1) && (!a.is_there || !b.is_there || !image_same(ROW_NUMBER, &a, &b, i)))
			mask |= FIELD_BIT(api_fields[ROW_NUMBER][i].field);
	if ((after ? op->after : op->before) != RECORD_NONE)
		r = &plan->records.at[after ? op->after : op->before];
	record_to_json(out, r, mask);
}

static void put_object(struct buf *out, const struct op *op, const struct plan *plan, bool after)
{
	struct image image = after ? op_after(op, plan) : op_before(op, plan);

	image_to_history(out, (enum row_kind)op->kind, &image, op->fields);
}

static int tell_op(const struct op *op, const struct plan *plan, struct value values[EVENT_FIELDS],
		   struct history_keeper *keeper, struct err *err)
{
	void (*put)(struct buf *, const struct op *, const struct plan *, bool) =
		op->kind == ROW_NUMBER ? put_side : put_object;
	struct buf before = {0}, after = {0}, name = {0};
	char text[NUMBER_TEXT];
	int rc;

	put(&before, op, plan, false);
	put(&after, op, plan, true);
	number_format(op->key, text);
	buf_printf(&name, "%s:%s", row_kind_name((enum row_kind)op->kind), op->id);
	values[EVENT_NUMBER] = value_str(op->kind == ROW_NUMBER ? text : name.data);
	values[EVENT_BEFORE] = value_str(strcmp(before.data, "null") ? before.data : NULL);
	values[EVENT_AFTER] = value_str(strcmp(after.data, "null") ? after.data : NULL);
	rc = keeper->keep(keeper, values, err);
	buf_release(&before);
	buf_release(&after);
	buf_release(&name);
	return rc;
}

static bool is_asked(const struct query *q, const struct op *op)
{
	if (op->state != OP_DONE)
		return false;
	return !q->selection || !q->selection->numbers.n ||
	       (op->kind == ROW_NUMBER && rangeset_has(&q->selection->numbers, op->key));
}

static int tell_events(struct api_store *s, const struct query *q, const char *id, struct history_keeper *keeper,
		       struct err *err)
{
	struct journal_head h;
	struct plan plan = {0};
	struct ops ops = {0};
	struct value values[EVENT_FIELDS] = {0};
	int rc = load(s, q, id, &h, &ops, &plan, err);
	bool is_there = rc == 1;

	values[EVENT_AT] = value_str(h.at);
	values[EVENT_ACTOR] = value_str(h.actor);
	values[EVENT_VERB] = value_str(h.verb);
	values[EVENT_CHANGE_ID] = value_str(h.id);
	rc = rc < 0 ? rc : 0;
	for (size_t i = 0; is_there && rc == 0 && i < ops.n; i++)
		if (is_asked(q, &ops.at[i]))
			rc = tell_op(&ops.at[i], &plan, values, keeper, err);
	ops_release(&ops);
	plan_release(&plan);
	return rc;
}

int history_events(struct api_store *s, const struct query *query, struct history_keeper *keeper, struct err *err)
{
	return each(s, query, keeper, tell_events, err);
}

/* ---- a name as it was */

struct name_finder {
	struct history_keeper keeper;
	const char *block; /* "org:ID" */
	const char **name;
	struct arena *arena;
	bool is_found;
};

static int find_name(struct history_keeper *keeper, const struct value *values, struct err *err)
{
	struct name_finder *finder = (struct name_finder *)keeper;
	const struct value before = values[EVENT_BEFORE];
	const char *key = object_keys[OBJECT_ORG][OBJECT_CNAM], *text;
	struct json *json = NULL;

	if (finder->is_found || !before.s || strcmp(values[EVENT_NUMBER].s, finder->block) != 0)
		return 0;
	if (json_parse(&json, before.s, before.len, err) < 0)
		return err->code;
	finder->is_found = json_get(json, key) != NULL;
	text = json_string(json_get(json, key));
	if (finder->is_found)
		*finder->name = text ? arena_strdup(finder->arena, text) : NULL;
	json_free(json);
	return 0;
}

int history_default_name(struct api_store *s, const char *at, const char *org_id, const char **name, struct arena *arena,
			 struct err *err)
{
	struct name_finder finder = {
		.keeper = {find_name}, .name = name, .arena = arena,
		.block = arena_printf(arena, "%s:%s", row_kind_name(ROW_ORG), org_id),
	};

	return history_events(s, &(struct query){.since = at}, &finder.keeper, err);
}
