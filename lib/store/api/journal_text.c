#include "store/api/journal_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "did/runs.h"

/* ---- writing: members in a row, the first one without a comma */

static void put_text(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, "%s\"%s\":", out->len && out->data[out->len - 1] != '{' ? "," : "", key);
	if (value)
		text_json(out, value, strlen(value));
	else
		buf_puts(out, "null");
}

static void put_count(struct buf *out, const char *key, uint64_t n)
{
	buf_printf(out, ",\"%s\":%" PRIu64, key, n);
}

static void put_flag(struct buf *out, const char *key, bool flag)
{
	buf_printf(out, ",\"%s\":%s", key, flag ? "true" : "false");
}

void journal_put_head(struct buf *out, const struct change *c, const struct plan *plan)
{
	struct buf line = {0};
	char hash[65], at[CLOCK_STAMP];

	change_request_hash(c, hash);
	buf_puts(&line, "{");
	put_text(&line, "change", c->id);
	put_text(&line, "at", clock_stamp(c->now_ms, at));
	put_text(&line, "actor", c->actor);
	put_text(&line, "host", c->host);
	put_text(&line, "target", c->target);
	put_text(&line, "verb", verb_info[c->verb].name);
	put_text(&line, "request", hash);
	put_text(&line, "org_id", plan->org.id);
	put_text(&line, "org", c->org_text);
	put_text(&line, "reason", c->reason);
	put_text(&line, "undo_of", c->undo_of);
	put_flag(&line, "partial", c->partial);
	put_flag(&line, "moves_calls", plan->moves_calls);
	buf_puts(&line, "}\n");
	buf_add(out, line.data, line.len);
	buf_release(&line);
}

static void put_image(struct buf *out, const char *key, const struct op *op, const struct image *image)
{
	buf_printf(out, ",\"%s\":", key);
	image_to_json(out, (enum row_kind)op->kind, image, op->fields);
}

void journal_put_op(struct buf *out, const struct op *op, const struct plan *plan)
{
	struct image before = op_before(op, plan), after = op_after(op, plan);
	struct buf line = {0};

	buf_puts(&line, "{");
	put_text(&line, "op", row_kind_name((enum row_kind)op->kind));
	put_text(&line, "id", op->id);
	put_text(&line, "name", op->text);
	put_count(&line, "wave", op->wave);
	put_count(&line, "needs", op->needs);
	put_count(&line, "row", op->run_kind);
	put_text(&line, "other", op->other);
	put_image(&line, "before", op, &before);
	put_image(&line, "after", op, &after);
	buf_puts(&line, "}\n");
	buf_add(out, line.data, line.len);
	buf_release(&line);
}

void journal_put_amended(struct buf *out, size_t index, const struct op *op, const struct plan *plan)
{
	struct image after = op_after(op, plan);

	buf_printf(out, "{\"amended\":%zu", index + 1);
	put_image(out, "after", op, &after);
	buf_puts(out, "}\n");
}

static void put_counts(struct buf *line, const struct plan *plan)
{
	struct buf runs = {0}, numbers = {0};
	struct rangeset changed = {0};

	runs_to_text(&runs, plan);
	runs_changed(plan, &changed);
	numbers_to_text(&numbers, &changed);
	put_count(line, "changed", plan->changed);
	put_count(line, "unchanged", plan->unchanged);
	put_count(line, "refused", plan->refused);
	put_text(line, "runs", buf_str(&runs));
	put_text(line, "numbers", numbers.len ? numbers.data : NULL);
	buf_puts(line, "}\n");
	rangeset_release(&changed);
	buf_release(&runs);
	buf_release(&numbers);
}

void journal_put_planned(struct buf *out, const struct plan *plan, size_t ops)
{
	struct buf line = {0};

	buf_printf(&line, "{\"planned\":%zu", ops);
	put_counts(&line, plan);
	buf_add(out, line.data, line.len);
	buf_release(&line);
}

void journal_put_end(struct buf *out, const struct plan *plan)
{
	struct buf line = {0};

	buf_puts(&line, "{\"end\":true");
	put_counts(&line, plan);
	buf_add(out, line.data, line.len);
	buf_release(&line);
}

/* ---- reading */

static const char *get_text(const struct journal_reader *r, const struct json *line, const char *key)
{
	const char *text = json_string(json_get(line, key));

	return text ? arena_strdup(r->arena, text) : NULL;
}

static uint64_t get_count(const struct json *line, const char *key)
{
	unsigned long long n = 0;

	json_count(json_get(line, key), &n);
	return n;
}

static bool get_small(const struct json *line, const char *key, uint8_t max, uint8_t *out)
{
	uint64_t n = get_count(line, key);

	*out = (uint8_t)n;
	return n <= max;
}

static bool get_flag(const struct json *line, const char *key)
{
	bool flag = false;

	return json_bool(json_get(line, key), &flag) && flag;
}

static int read_head(struct journal_reader *r, const struct json *line, struct err *err)
{
	struct journal_head *h = r->head;

	(void)err;
	h->id = get_text(r, line, "change");
	h->at = get_text(r, line, "at");
	h->actor = get_text(r, line, "actor");
	h->host = get_text(r, line, "host");
	h->target = get_text(r, line, "target");
	h->verb = get_text(r, line, "verb");
	h->hash = get_text(r, line, "request");
	h->org_id = get_text(r, line, "org_id");
	h->org_text = get_text(r, line, "org");
	h->reason = get_text(r, line, "reason");
	h->undo_of = get_text(r, line, "undo_of");
	h->moves_calls = get_flag(line, "moves_calls");
	return 0;
}

static int read_counts(struct journal_reader *r, const struct json *line, struct err *err)
{
	struct journal_head *h = r->head;
	const char *runs = json_string(json_get(line, "runs"));

	(void)err;
	h->is_planned = true;
	h->is_ended = json_get(line, "end") != NULL;
	if (!h->is_ended)
		h->planned = get_count(line, "planned");
	h->changed = get_count(line, "changed");
	h->unchanged = get_count(line, "unchanged");
	h->refused = get_count(line, "refused");
	h->runs = arena_strdup(r->arena, runs ? runs : "");
	h->numbers = get_text(r, line, "numbers");
	return 0;
}

/* Texts as they are kept, whatever they are in the API, but for those that have a shape of their own. */
static bool read_member(const struct journal_reader *r, const struct api_field *field, const struct json *member,
			const char **out)
{
	const char *text = json_string(member);
	bool flag;

	if (field->shape)
		return field->shape->read(out, member, r->arena);
	if (json_bool(member, &flag))
		text = flag ? "1" : "0";
	*out = text ? arena_strdup(r->arena, text) : NULL;
	return true;
}

/* Fields that the line names; the op's are those of both sides. */
static bool read_image(const struct journal_reader *r, enum row_kind kind, const struct json *object, struct image *out,
		       uint64_t *fields)
{
	*out = (struct image){.is_there = json_is_object(object)};
	for (int i = 0; out->is_there && api_fields[kind][i].key; i++) {
		const struct json *member = json_get(object, api_fields[kind][i].key);

		if (!member)
			continue;
		*fields |= UINT64_C(1) << i;
		if (!read_member(r, &api_fields[kind][i], member, &out->v[i]))
			return false;
	}
	return out->is_there || json_is_null(object);
}

static uint32_t add_record(struct plan *plan, const struct image *image)
{
	struct record r;

	if (!image->is_there)
		return RECORD_NONE;
	image_to_record(image, &plan->records, &r);
	return recordset_add(&plan->records, &r);
}

static void add_object(struct journal_reader *r, struct op *op, const struct image *before, const struct image *after)
{
	struct plan *plan = r->plan;
	struct object o = {.kind = object_kind_of(op->kind), .id = op->id, .name = op->text,
			   .was = before->is_there, .is = after->is_there};

	for (int i = 0; api_fields[op->kind][i].key; i++) {
		o.before[api_fields[op->kind][i].field] = before->v[i];
		o.after[api_fields[op->kind][i].field] = after->v[i];
	}
	GROW(plan->objects, plan->nobjects, plan->objects_cap);
	op->object = plan->nobjects;
	plan->objects[plan->nobjects++] = o;
}

static int find_kind(const char *word)
{
	for (int kind = 0; word && kind < ROW_KINDS; kind++)
		if (strcmp(row_kind_name((enum row_kind)kind), word) == 0)
			return kind;
	return -1;
}

static int read_op(struct journal_reader *r, const struct json *line, struct err *err)
{
	struct image before, after;
	struct op op = {.must_read = true};
	int kind = find_kind(json_string(json_get(line, "op")));

	if (!r->ops)
		return 0;
	op.kind = (uint8_t)kind;
	op.id = get_text(r, line, "id");
	op.text = get_text(r, line, "name");
	op.needs = get_count(line, "needs");
	op.other = get_text(r, line, "other");
	if (kind < 0 || !op.id || !op.text || !get_small(line, "wave", WAVES - 1, &op.wave) ||
	    !get_small(line, "row", RUN_RESTORE, &op.run_kind) ||
	    !read_image(r, (enum row_kind)kind, json_get(line, "before"), &before, &op.fields) ||
	    !read_image(r, (enum row_kind)kind, json_get(line, "after"), &after, &op.fields) ||
	    (kind == ROW_NUMBER && !number_parse_stored(&op.key, op.text, strlen(op.text), r->country)))
		return err_set(err, ERR_FAILED, "an op cannot be read");
	if (kind == ROW_NUMBER) {
		op.spelling = number_spelling(op.key, r->country, op.text, 0);
		op.before = add_record(r->plan, &before);
		op.after = add_record(r->plan, &after);
	} else {
		add_object(r, &op, &before, &after);
	}
	GROW(r->ops->at, r->ops->n, r->ops->cap);
	r->ops->at[r->ops->n++] = op;
	return 0;
}

static int read_done(struct journal_reader *r, const struct json *line, struct err *err)
{
	uint64_t n = get_count(line, "done");

	r->head->done++;
	if (!r->ops)
		return 0;
	if (!n || n > r->ops->n)
		return err_set(err, ERR_FAILED, "it names an op that is not there");
	r->ops->at[n - 1].state = OP_DONE;
	return 0;
}

static int read_amended(struct journal_reader *r, const struct json *line, struct err *err)
{
	uint64_t n = get_count(line, "amended"), fields = 0;
	struct image after;
	struct op *op;

	if (!r->ops)
		return 0;
	op = n && n <= r->ops->n ? &r->ops->at[n - 1] : NULL;
	if (!op || op->kind == ROW_NUMBER || !read_image(r, (enum row_kind)op->kind, json_get(line, "after"), &after, &fields))
		return err_set(err, ERR_FAILED, "it amends an op that is not there");
	for (int i = 0; api_fields[op->kind][i].key; i++)
		if (fields >> i & 1)
			r->plan->objects[op->object].after[api_fields[op->kind][i].field] = after.v[i];
	return 0;
}

int journal_read_line(struct journal_reader *r, const struct json *line, struct err *err)
{
	static const struct {
		const char *key;
		int (*read)(struct journal_reader *r, const struct json *line, struct err *err);
	} lines[] = {
		{"change", read_head}, {"op", read_op}, {"planned", read_counts}, {"amended", read_amended},
		{"done", read_done}, {"end", read_counts},
	};

	for (size_t i = 0; json_is_object(line) && i < ARRAY_SIZE(lines); i++)
		if (json_get(line, lines[i].key))
			return lines[i].read(r, line, err);
	return err_set(err, ERR_FAILED, "a line is none that didctl writes");
}
