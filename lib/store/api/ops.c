#include "store/api/ops.h"

#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "did/objects.h"
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
	if (op->takes_back)
		return op_before(op, plan);
	return op->kind == ROW_NUMBER ? image_of_record(record_of(plan, op->after)) : object_image(op, plan, true);
}

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
