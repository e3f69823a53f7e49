#include "store/api/ops.h"

#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "did/objects.h"
#include "store/api/port_step.h"
#include "store/api/read.h"

static struct image object_image(const struct op *op, const struct plan *plan, bool after)
{
	return image_of_object(&plan->objects[op->object], after);
}

static const struct record *record_of(const struct plan *plan, uint32_t index)
{
	return index == RECORD_NONE ? NULL : &plan->records.at[index];
}

struct image op_before(const struct op *op, const struct plan *plan)
{
	return op->kind == ROW_NUMBER ? image_of_record(record_of(plan, op->before)) : object_image(op, plan, false);
}

struct image op_after(const struct op *op, const struct plan *plan)
{
	return op->kind == ROW_NUMBER ? image_of_record(record_of(plan, op->after)) : object_image(op, plan, true);
}

static bool is_about(const struct op *op, int i)
{
	return op->fields >> i & 1;
}

/* ---- from a plan to ops */

/* What an action may take away: of a part nothing, where there is nothing in it. */
static bool is_acted(const struct api_field *field, const struct image *before, const struct image *after, int i)
{
	return field->is_acted && before->is_there && after->is_there &&
	       (field->part == PART_OWN || before->v[i] || after->v[i]);
}

/* What differs, and of a number that stays what the contract's actions change beside. */
static void set_fields(struct op *op, const struct plan *plan)
{
	struct image before = op_before(op, plan), after = op_after(op, plan);
	const struct api_field *fields = api_fields[op->kind];

	op->fields = 0;
	for (int i = 0; fields[i].key; i++)
		if (!image_same((enum row_kind)op->kind, &before, &after, i) || is_acted(&fields[i], &before, &after, i))
			op->fields |= UINT64_C(1) << i;
}

static bool is_default(const struct record *r)
{
	return r && record_flag(r, DID_DEFAULT);
}

static enum op_wave wave_of(const struct record *before, const struct record *after)
{
	if (is_default(after) && !is_default(before))
		return WAVE_DEFAULT;
	return is_default(before) && !is_default(after) ? WAVE_LAST : WAVE_NUMBERS;
}

static struct op *add_op(struct ops *ops, struct op op)
{
	GROW(ops->at, ops->n, ops->cap);
	ops->at[ops->n] = op;
	return &ops->at[ops->n++];
}

static int lost_row(struct err *err, const char *text)
{
	return err_set(err, ERR_FAILED, "the row of '%s' was not read", text);
}

/* Its id is made here, so that a row whose making was not answered can be looked for. */
static int make_id(struct op *op, struct arena *arena, struct err *err)
{
	char id[UUID_TEXT];
	int rc = uuid_make(id, err);

	op->id = arena_strdup(arena, id);
	return rc;
}

static bool is_other(const struct plan *plan, const struct run *run, size_t i)
{
	return i < plan->nruns && &plan->runs[i] != run && number_eq(plan->runs[i].first, run->first);
}

/* The row of the number that stays as it is where this one goes; the runs of a number are neighbours. */
static const char *other_row(struct api_facts *facts, const struct plan *plan, const struct run *run, struct arena *arena)
{
	size_t at = (size_t)(run - plan->runs), first = at;
	const struct seen *seen = NULL;
	char text[NUMBER_TEXT];

	while (first && is_other(plan, run, first - 1))
		first--;
	for (size_t i = first; !seen && (i == at || is_other(plan, run, i)); i++)
		if (plan->runs[i].kind == RUN_KEEP)
			seen = api_facts_seen(facts, run_number(&plan->runs[i], 0, facts->facts.country, text));
	return seen ? arena_strdup(arena, seen->id) : NULL;
}

static int add_number(struct ops *ops, struct api_facts *facts, const struct plan *plan, const struct run *run,
		      uint64_t i, struct err *err)
{
	char text[NUMBER_TEXT];
	const char *stored = run_number(run, i, facts->facts.country, text);
	const struct seen *seen = api_facts_seen(facts, stored);
	struct op op = {.kind = ROW_NUMBER, .key = number_add(run->first, i), .spelling = run->spelling,
			.before = run->before, .after = run->after, .run_kind = run->kind};

	op.text = arena_strdup(&ops->arena, stored);
	if (run->kind == RUN_DROP)
		op.other = other_row(facts, plan, run, &ops->arena);
	op.wave = (uint8_t)wave_of(record_of(plan, op.before), record_of(plan, op.after));
	set_fields(&op, plan);
	if (run->before != RECORD_NONE && !seen)
		return lost_row(err, stored);
	if (!seen && make_id(&op, &ops->arena, err) < 0)
		return err->code;
	if (seen) { /* also of a row that comes back */
		op.id = arena_strdup(&ops->arena, seen->id);
		op.etag = seen->etag ? arena_strdup(&ops->arena, seen->etag) : NULL;
	}
	add_op(ops, op);
	return 0;
}

static int add_run(struct ops *ops, struct api_facts *facts, const struct plan *plan, const struct run *run,
		   struct err *err)
{
	int rc = 0;

	for (uint64_t i = 0; rc == 0 && run->result == RESULT_CHANGED && i < run->count; i++)
		rc = add_number(ops, facts, plan, run, i, err);
	return rc;
}

/* The op that makes another number of the organisation its default, counted from 1. */
static size_t op_of_default(const struct ops *ops, const struct plan *plan, const char *org_id)
{
	for (size_t i = 0; i < ops->n; i++)
		if (ops->at[i].kind == ROW_NUMBER && ops->at[i].wave == WAVE_DEFAULT &&
		    record_is(record_of(plan, ops->at[i].after), DID_ORG_ID, org_id))
			return i + 1;
	return 0;
}

static size_t op_of_number(const struct ops *ops, const char *stored, const struct country *country)
{
	struct number n;

	if (!stored || !number_parse_stored(&n, stored, strlen(stored), country))
		return 0;
	for (size_t i = 0; i < ops->n; i++)
		if (ops->at[i].kind == ROW_NUMBER && number_eq(ops->at[i].key, n))
			return i + 1;
	return 0;
}

/* The previous default: the API may have taken its flag by itself by then, so its row is looked at first. */
static int add_extra(struct ops *ops, struct api_facts *facts, const struct plan *plan, const struct run *run,
		     struct err *err)
{
	struct op *op;
	int rc = add_number(ops, facts, plan, run, 0, err);

	if (rc < 0)
		return rc;
	op = &ops->at[ops->n - 1];
	op->wave = WAVE_FOLLOWS;
	op->must_read = true;
	op->needs = op_of_default(ops, plan, record_of(plan, run->before)->v[DID_ORG_ID]);
	return 0;
}

static bool is_followed(enum verb verb)
{
	return verb != VERB_DEFAULT_USER && (verb < VERB_ORG_ADD || verb > VERB_USER_DELETE);
}

/* Numbers get a location that is there. An organisation's name comes after them: it would change the tags of their rows. */
static enum op_wave wave_of_object(const struct object *o)
{
	return o->is && o->kind == OBJECT_LOCATION ? WAVE_NEEDED : WAVE_FOLLOWS;
}

static void add_object(struct ops *ops, const struct api_facts *facts, const struct plan *plan, size_t i)
{
	const struct object *o = &plan->objects[i];
	struct op op = {.kind = row_kind_of(o->kind), .wave = (uint8_t)wave_of_object(o), .id = o->id,
			.text = o->name ? o->name : o->id, .object = i, .must_read = o->was};

	set_fields(&op, plan);
	if (o->kind == OBJECT_USER && o->was && is_followed(ops->verb) && ops->verb != VERB_UNDO)
		op.needs = op_of_number(ops, o->before[2], facts->facts.country);
	add_op(ops, op);
}

static int by_wave(const void *left, const void *right)
{
	const struct op *a = left, *b = right;
	int order = a->wave - b->wave;

	if (!order)
		order = number_cmp(a->key, b->key);
	return order ? order : strcmp(a->id, b->id);
}

/* Who gets the flag may have had the API take it from who loses it: that row is another one by then. */
static void read_last(struct ops *ops)
{
	bool has_default = false;

	for (size_t i = 0; i < ops->n; i++)
		has_default |= ops->at[i].wave == WAVE_DEFAULT;
	for (size_t i = ops->n; has_default && i > 0 && ops->at[i - 1].wave == WAVE_LAST; i--)
		ops->at[i - 1].must_read = true;
}

int ops_make(struct ops *ops, struct api_facts *facts, const struct change *c, struct plan *plan, struct err *err)
{
	int rc = 0;

	ops->verb = c->verb;
	for (size_t i = 0; i < plan->nobjects; i++)
		if (wave_of_object(&plan->objects[i]) == WAVE_NEEDED)
			add_object(ops, facts, plan, i);
	for (size_t i = 0; rc == 0 && i < plan->nruns; i++)
		rc = add_run(ops, facts, plan, &plan->runs[i], err);
	if (ops->n)
		qsort(ops->at, ops->n, sizeof(*ops->at), by_wave); /* before anything is counted on its place */
	read_last(ops);
	for (size_t i = 0; rc == 0 && i < plan->nextra; i++)
		rc = add_extra(ops, facts, plan, &plan->extra[i], err);
	for (size_t i = 0; rc == 0 && i < plan->nobjects; i++)
		if (wave_of_object(&plan->objects[i]) == WAVE_FOLLOWS)
			add_object(ops, facts, plan, i);
	return rc;
}

void ops_release(struct ops *ops)
{
	free(ops->at);
	arena_release(&ops->arena);
	*ops = (struct ops){0};
}

/* ---- from an op to its requests */

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

/* Each field is as it was or as it shall be, or on the way: as an action leaves it, or as the row is made. */
bool op_is_expected(const struct op *op, const struct plan *plan, const struct image *now)
{
	struct image before = op_before(op, plan), after = op_after(op, plan), way = freed(&before),
		     made = image_made(op, &after);
	enum row_kind kind = (enum row_kind)op->kind;

	if (!now->is_there)
		return !before.is_there || !after.is_there;
	if (!before.is_there && !after.is_there)
		return false;
	if (op->kind == ROW_NUMBER && now->number && strcmp(now->number, op->text) != 0)
		return false;
	for (int i = 0; api_fields[kind][i].key; i++) {
		bool is_freed = kind == ROW_NUMBER && !after.is_there && image_same(kind, now, &way, i);
		bool is_made = !before.is_there && image_same(kind, now, &made, i);
		bool is_cleared = kind == ROW_NUMBER && api_fields[kind][i].is_acted && !now->v[i];
		bool is_any = !is_about(op, i) || (kind == ROW_NUMBER && i == IMAGE_DEFAULT);

		if (!is_any && !is_cleared && !is_freed && !is_made && !(before.is_there && image_same(kind, now, &before, i)) &&
		    !(after.is_there && image_same(kind, now, &after, i)))
			return false;
	}
	return true;
}
