/* An explanation for scripts: one object. */
#include "base/text.h"
#include "cmd/explain.h"
#include "out/object.h"

static const char *const way_names[] = {
	[DISPATCH_ORG] = "org", [DISPATCH_STAGING] = "staging", [DISPATCH_OSS] = "oss", [DISPATCH_NOT] = "none"};

static void add_problems(struct buf *out, const struct problems *problems)
{
	for (size_t i = 0; i < problems->n; i++) {
		object_open(out, NULL, '{');
		object_text(out, "code", problems->at[i].code);
		object_text(out, "detail", problems->at[i].detail);
		object_text(out, "fix", problems->at[i].fix);
		object_close(out, '}');
	}
}

void explain_problems_json(struct buf *out, const struct problems *problems)
{
	object_open(out, "problems", '[');
	add_problems(out, problems);
	object_close(out, ']');
}

static void add_row(struct buf *out, const struct explanation *e, size_t i)
{
	const struct inbound *in = &e->in[i];
	const struct value recording = e->rows.at[i].v[DID_RECORDING];

	object_open(out, NULL, '{');
	object_text(out, "id", in->id);
	object_text(out, "number", in->number);
	object_text(out, "state", state_info[in->state].name);
	object_text(out, "pool_status", in->pool_status);
	object_text(out, "status", in->status);
	object_text(out, "org", in->owner_is == OWNER_IS_THERE ? in->owner.name : in->org_id);
	object_text(out, "org_id", in->org_id);
	object_text(out, "context", in->context);
	object_text(out, "env", in->env);
	object_text(out, "dispatch", way_names[in->way]);
	object_text(out, "route_type", in->route_type);
	object_text(out, "route_dest", in->route_dest);
	if (recording.s)
		object_flag(out, "recording", recording.s[0] == '1');
	else
		object_text(out, "recording", NULL);
	object_open(out, "lines", '[');
	for (size_t k = 0; k < e->nspelled && in->has_lines; k++)
		object_text(out, NULL, explain_line(e, in, e->spelled[k]));
	object_close(out, ']');
	explain_problems_json(out, &in->problems);
	object_close(out, '}');
}

static void add_number(struct buf *out, const struct explanation *e)
{
	const struct value *v = e->rows.at[e->obeyed < 0 ? 0 : e->obeyed].v;

	object_text(out, "number", v[DID_NUMBER].s);
	object_text(out, "e164", v[DID_E164].s);
	object_text(out, "national", v[DID_NATIONAL].s);
	object_flag(out, "twin", e->rows.n > 1);
	object_text(out, "obeyed", e->obeyed < 0 ? NULL : e->in[e->obeyed].id);
}

static void add_file(struct buf *out, const struct gateway_file *file)
{
	object_open(out, "file", '{');
	object_text(out, "path", file->path);
	object_flag(out, "read", file->is_read);
	object_flag(out, "differs", file->differs);
	object_open(out, "lines", '[');
	for (size_t i = 0; i < file->lines.n; i++)
		object_text(out, NULL, file->lines.at[i].text);
	object_close(out, ']');
	object_close(out, '}');
}

/* All that is wrong, in one place: of the row that counts, else of every row. */
static void add_all_problems(struct buf *out, const struct explanation *e)
{
	object_open(out, "problems", '[');
	for (size_t i = 0; i < e->rows.n; i++)
		if (e->obeyed < 0 || (int)i == e->obeyed)
			add_problems(out, &e->in[i].problems);
	add_problems(out, &e->problems);
	object_close(out, ']');
}

int explain_inbound_json(const struct explanation *e)
{
	const struct inbound *obeyed = e->obeyed < 0 ? NULL : &e->in[e->obeyed];
	bool lands = obeyed && inbound_lands(obeyed);
	struct buf out = {0};

	object_open(&out, NULL, '{');
	add_number(&out, e);
	object_open(&out, "rows", '[');
	for (size_t i = 0; i < e->rows.n; i++)
		add_row(&out, e, i);
	object_close(&out, ']');
	add_file(&out, &e->file);
	object_text(&out, "outside", e->outside);
	object_flag(&out, "lands", lands);
	object_text(&out, "destination", lands ? obeyed->destination : NULL);
	add_all_problems(&out, e);
	object_close(&out, '}');
	buf_putc(&out, '\n');
	return explain_write(e->ctx, &out);
}
