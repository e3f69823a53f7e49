#include "store/api/op_step.h"

#include <string.h>

#include "did/state.h"
#include "store/api/port_step.h"
#include "store/api/read.h"

static bool is_about(const struct op *op, int i)
{
	return op->fields >> i & 1;
}

/* The contract's actions, which are to be preferred to a PUT of the same. */
static const struct action {
	enum did_state from, to;
	enum api_operation operation;
	bool names_org;
} actions[] = {
	{STATE_AVAILABLE, STATE_PENDING, API_REQUEST_NUMBER, true},
	{STATE_PENDING, STATE_ASSIGNED, API_APPROVE_NUMBER, false},
	{STATE_PENDING, STATE_AVAILABLE, API_REJECT_NUMBER, false},
	{STATE_AVAILABLE, STATE_ASSIGNED, API_ASSIGN_NUMBER, true},
	{STATE_ASSIGNED, STATE_AVAILABLE, API_RELEASE_NUMBER, false},
	{STATE_BLOCKED, STATE_AVAILABLE, API_RELEASE_NUMBER, false},
};

static enum did_state state_in(const struct image *image)
{
	return state_of(image->v[IMAGE_POOL_STATUS], image->v[IMAGE_STATUS], NULL);
}

static const struct action *find_action(const struct image *now, const struct image *after)
{
	enum did_state from = state_in(now), to = state_in(after);

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (actions[i].from == from && actions[i].to == to &&
		    (actions[i].names_org || to == STATE_AVAILABLE || image_same(ROW_NUMBER, now, after, IMAGE_ORG)))
			return &actions[i];
	return NULL;
}

/*
 * The API makes the first number that an organisation gets its default caller ID. Where this is not what was decided,
 * somebody else has released the last one meanwhile, and the API is right.
 */
static bool is_left_to_api(const struct ops *ops, const struct op *op, const struct image *now, int i)
{
	return op->kind == ROW_NUMBER && i == IMAGE_DEFAULT && op->has_acted && now->v[i] && strcmp(now->v[i], "1") == 0 &&
	       (ops->verb == VERB_ASSIGN || ops->verb == VERB_APPROVE);
}

static bool is_due(const struct ops *ops, const struct op *op, const struct image *now, const struct image *after, int i)
{
	return is_about(op, i) && !image_same((enum row_kind)op->kind, now, after, i) &&
	       !is_left_to_api(ops, op, now, i);
}

/* Of a part, or with ROW_PARTS of the whole row. */
static int first_due(const struct ops *ops, const struct op *op, const struct image *now, const struct image *after,
		     enum row_part part)
{
	for (int i = 0; api_fields[op->kind][i].key; i++)
		if ((part == ROW_PARTS || api_fields[op->kind][i].part == part) && is_due(ops, op, now, after, i))
			return i;
	return -1;
}

static struct image op_now(const struct op *op, const struct plan *plan)
{
	return op->now ? *op->now : op_before(op, plan);
}

/* Of the row's own, those that are another yet. */
static uint64_t due_fields(const struct ops *ops, const struct op *op, const struct image *now, const struct image *after)
{
	uint64_t due = 0;

	for (int i = 0; api_fields[op->kind][i].key; i++)
		if (api_fields[op->kind][i].part == PART_OWN && is_due(ops, op, now, after, i))
			due |= UINT64_C(1) << i;
	return due;
}

static bool is_held(const struct image *image)
{
	const char *pool = image->v[IMAGE_POOL_STATUS];

	return image->v[IMAGE_ORG] || (pool && (strcmp(pool, state_info[STATE_PENDING].pool_status) == 0 ||
						strcmp(pool, state_info[STATE_ASSIGNED].pool_status) == 0));
}

/* Without an owner, and not for sale: how the API makes a row and how it has to be to go, if somebody is to have it or has it. */
static struct image freed(const struct image *image)
{
	struct image out = *image;

	out.v[IMAGE_POOL_STATUS] = state_info[STATE_RESERVED].pool_status;
	out.v[IMAGE_STATUS] = state_info[STATE_RESERVED].status;
	out.v[IMAGE_ORG] = NULL;
	out.v[IMAGE_DEFAULT] = "0";
	return out;
}

/* What is asked for when a row is made; the rest of it follows in an edit. */
static struct image image_made(const struct op *op, const struct image *after)
{
	return op->kind == ROW_NUMBER && (after->v[IMAGE_ORG] || !state_can_be_added(state_in(after))) ? freed(after) : *after;
}

static void put_new(const struct ops *ops, const struct op *op, const struct plan *plan, const struct image *after,
		    struct buf *body)
{
	const struct api_field *fields = api_fields[op->kind];
	struct image made = image_made(op, after);

	buf_printf(body, "{\"id\":\"%s\"", op->id);
	if (op->kind == ROW_NUMBER)
		buf_printf(body, ",\"number\":\"%s\"", op->text);
	for (int i = 0; fields[i].key; i++) {
		if (!fields[i].is_new || !made.v[i])
			continue;
		buf_putc(body, ',');
		image_put(body, (enum row_kind)op->kind, &made, i);
	}
	if (op->kind == ROW_PORT)
		port_put_beside(ops, op, plan, true, body);
	buf_putc(body, '}');
}

static bool step_action(const struct op *op, const struct image *now, const struct image *after, struct step *out)
{
	const struct action *action = op->kind == ROW_NUMBER && !op->has_acted ? find_action(now, after) : NULL;

	if (!action)
		return false;
	out->operation = action->operation;
	if (action->names_org) {
		buf_putc(&out->body, '{');
		image_put(&out->body, ROW_NUMBER, after, IMAGE_ORG);
		buf_putc(&out->body, '}');
	}
	return true;
}

/* The fields that have to change before the API deletes a row: it deletes no number that somebody has. */
static uint64_t bound_fields(const struct op *op, const struct image *now)
{
	struct image wanted = freed(now);
	uint64_t mask = 0;

	if (op->kind != ROW_NUMBER || !is_held(now))
		return 0;
	for (int i = 0; api_fields[ROW_NUMBER][i].key; i++)
		if (api_fields[ROW_NUMBER][i].part == PART_OWN && !image_same(ROW_NUMBER, now, &wanted, i))
			mask |= UINT64_C(1) << i;
	return mask;
}

static bool step_delete(const struct op *op, const struct image *now, struct step *out)
{
	struct image wanted = freed(now);
	uint64_t bound = now->is_there ? bound_fields(op, now) : 0;

	out->operation = bound ? row_operations[op->kind].edit[PART_OWN] : row_operations[op->kind].delete;
	if (bound) {
		out->n = STEP_EDIT;
		image_to_json(&out->body, ROW_NUMBER, &wanted, bound);
	}
	return now->is_there;
}

/* A part is put as a whole, or cleared where nothing of it is left. */
static void step_edit(const struct ops *ops, const struct op *op, const struct image *now, const struct image *after,
		      enum row_part part, struct step *out)
{
	const struct row_operations *of = &row_operations[op->kind];
	enum row_kind kind = (enum row_kind)op->kind;
	bool is_cleared = part != PART_OWN && !image_has_part(kind, after, part);

	out->n = STEP_EDIT + part;
	out->operation = is_cleared ? of->clear[part] : of->edit[part];
	if (part == PART_OWN)
		image_to_json(&out->body, kind, after, due_fields(ops, op, now, after));
	else if (!is_cleared)
		image_put_part(&out->body, kind, after, part);
}

bool op_is_left(const struct ops *ops, const struct op *op, const struct plan *plan)
{
	struct image now = op_now(op, plan), after = op_after(op, plan);

	return now.is_there != after.is_there || (now.is_there && first_due(ops, op, &now, &after, ROW_PARTS) >= 0);
}

bool op_step(const struct ops *ops, const struct op *op, const struct plan *plan, struct step *out)
{
	struct image now = op_now(op, plan), after = op_after(op, plan);
	int due;

	out->n = STEP_FIRST;
	buf_reset(&out->body);
	if (!after.is_there)
		return step_delete(op, &now, out);
	if (!now.is_there) {
		out->operation = row_operations[op->kind].add;
		put_new(ops, op, plan, &after, &out->body);
		return true;
	}
	due = first_due(ops, op, &now, &after, ROW_PARTS);
	if (due < 0)
		return false;
	if (op->kind == ROW_PORT)
		port_step(ops, op, plan, due_fields(ops, op, &now, &after), &after, out);
	else if (!step_action(op, &now, &after, out))
		step_edit(ops, op, &now, &after, api_fields[op->kind][due].part, out);
	return true;
}

/* The first field of a row that was made or acted upon which is not what that should have made of it. */
static int first_ignored(const struct op *op, const struct image *now, const struct image *after, enum api_operation done)
{
	const struct api_field *fields = api_fields[op->kind];
	struct image made = image_made(op, after);
	bool is_add = done == row_operations[op->kind].add;

	for (int i = 0; fields[i].key; i++)
		if (is_about(op, i) && (is_add ? fields[i].is_new && made.v[i] : i == IMAGE_POOL_STATUS || i == IMAGE_ORG) &&
		    !image_same((enum row_kind)op->kind, now, is_add ? &made : after, i))
			return i;
	return -1;
}

const char *op_ignored(const struct ops *ops, const struct op *op, const struct plan *plan, enum api_operation done)
{
	struct image now = op_now(op, plan), after = op_after(op, plan);
	enum row_part part;
	bool is_edit = row_part_of((enum row_kind)op->kind, done, &part);
	uint64_t bound, settled;
	int i;

	if (!after.is_there) {
		bound = is_edit ? bound_fields(op, &now) : 0;
		if (bound)
			return api_fields[op->kind][__builtin_ctzll(bound)].key;
		return now.is_there && !is_edit ? "the row itself" : NULL;
	}
	if (op->kind == ROW_PORT && done != row_operations[ROW_PORT].add) {
		settled = port_step_fields(done) & due_fields(ops, op, &now, &after);
		return settled ? api_fields[ROW_PORT][__builtin_ctzll(settled)].key : NULL;
	}
	i = is_edit ? first_due(ops, op, &now, &after, part) : first_ignored(op, &now, &after, done);
	return i < 0 ? NULL : api_fields[op->kind][i].key;
}

bool op_has_moved(const struct op *op, const struct plan *plan)
{
	struct image before = op_before(op, plan), now = op_now(op, plan);

	if (now.is_there != before.is_there)
		return true;
	for (int i = 0; api_fields[op->kind][i].key; i++)
		if (is_about(op, i) && !image_same((enum row_kind)op->kind, &now, &before, i))
			return true;
	return false;
}

/* Each field is as it was or as it shall be, or on the way: as the row is made, as an action leaves it, or freed to go. */
bool op_is_expected(const struct op *op, const struct plan *plan, const struct image *now)
{
	enum row_kind kind = (enum row_kind)op->kind;
	struct image before = op_before(op, plan), after = op_after(op, plan);
	struct image made = image_made(op, &after), way = freed(&before);
	const struct image *start = before.is_there ? &before : &made;
	const struct image *end = after.is_there ? &after : kind == ROW_NUMBER ? &way : start;

	if (!now->is_there)
		return !before.is_there || !after.is_there;
	if (!before.is_there && !after.is_there)
		return false;
	if (kind == ROW_NUMBER && now->number && strcmp(now->number, op->text) != 0)
		return false;
	for (int i = 0; api_fields[kind][i].key; i++) {
		bool is_any = !is_about(op, i) || (kind == ROW_NUMBER && i == IMAGE_DEFAULT);
		bool is_cleared = kind == ROW_NUMBER && api_fields[kind][i].is_acted && !now->v[i];

		if (!is_any && !is_cleared && !image_same(kind, now, start, i) && !image_same(kind, now, end, i))
			return false;
	}
	return true;
}
