/* org show: everything about one organisation. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/object.h"
#include "cmd/options.h"
#include "cmd/org.h"

enum { SHEET_STATES = ORG_FIELDS, SHEET_USERS, SHEET_FIELDS };

enum { MEMBER_ID, MEMBER_NAME, MEMBER_OUTBOUND, MEMBER_FIELDS };
static const int member_columns[MEMBER_FIELDS] = {USER_ID, USER_NAME, USER_OUTBOUND_DID};

struct member {
	struct value v[MEMBER_FIELDS];
};

struct sheet {
	struct context *ctx;
	const char *org_id;
	struct value v[SHEET_FIELDS];
	uint64_t states[STATE_COUNT];
	struct member *members;
	size_t nmembers, members_cap;
};

static int load_org(struct sheet *sheet)
{
	int columns[ORG_FIELDS];
	const struct query query = {
		.listing = LIST_ORGS, .columns = columns, .ncolumns = ORG_FIELDS, .name = sheet->org_id,
	};

	for (int i = 0; i < ORG_FIELDS; i++)
		columns[i] = i;
	return object_load(sheet->ctx, &query, sheet->org_id, sheet->v);
}

static int count_states(struct sheet *sheet)
{
	static const int column = DID_STATE;
	struct context *ctx = sheet->ctx;
	struct selection selection = {0};
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = &column, .ncolumns = 1, .selection = &selection,
	};
	const struct value *row;
	int rc;

	filter_add_value(selection_add_filter(&selection, FILTER_ORG, DID_ORG_ID), sheet->org_id);
	rc = store_query(ctx->store, &query, &ctx->err);
	if (!rc) {
		while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
			int state = row[0].s ? state_find(row[0].s, NULL) : -1;

			sheet->states[state < 0 ? STATE_UNKNOWN : state]++;
		}
		store_done(ctx->store);
	}
	selection_release(&selection);
	return rc;
}

static int load_members(struct sheet *sheet)
{
	struct context *ctx = sheet->ctx;
	const struct query query = {
		.listing = LIST_USERS, .columns = member_columns, .ncolumns = MEMBER_FIELDS,
		.org = sheet->org_id,
	};
	const struct value *row;
	int rc = store_query(ctx->store, &query, &ctx->err);

	if (rc)
		return rc;
	while ((rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		struct member *member;

		GROW(sheet->members, sheet->nmembers, sheet->members_cap);
		member = &sheet->members[sheet->nmembers++];
		for (size_t i = 0; i < MEMBER_FIELDS; i++)
			member->v[i] = value_str(row[i].s ? arena_strdup(&ctx->arena, row[i].s) : NULL);
	}
	store_done(ctx->store);
	return rc;
}

/* "assigned 10, pending 2", or the same as a JSON object. */
static struct value states_text(const struct sheet *sheet, bool is_json)
{
	struct buf out = {0};
	const char *text;

	for (int state = 0; state < STATE_COUNT; state++) {
		const char *name = state_info[state].name;

		if (!sheet->states[state])
			continue;
		buf_printf(&out, is_json ? "%s\"%s\":%" PRIu64 : "%s%s %" PRIu64,
			   !out.len ? "" : is_json ? "," : ", ", name, sheet->states[state]);
	}
	text = is_json ? arena_printf(&sheet->ctx->arena, "{%s}", buf_str(&out))
		       : arena_strdup(&sheet->ctx->arena, buf_str(&out));
	buf_release(&out);
	return value_str(*text ? text : NULL);
}

static struct value members_json(const struct sheet *sheet)
{
	struct buf out = {0};
	const char *text;

	for (size_t i = 0; i < sheet->nmembers; i++) {
		for (size_t k = 0; k < MEMBER_FIELDS; k++) {
			const struct value *value = &sheet->members[i].v[k];

			buf_printf(&out, "%s\"%s\":", k ? "," : i ? ",{" : "{",
				   user_columns[member_columns[k]].key);
			if (value->s)
				text_json(&out, value->s, value->len);
			else
				buf_puts(&out, "null");
		}
		buf_putc(&out, '}');
	}
	text = arena_printf(&sheet->ctx->arena, "[%s]", buf_str(&out));
	buf_release(&out);
	return value_str(text);
}

/* In a table the users come after the sheet, a row each. */
static int print_members(const struct sheet *sheet)
{
	const struct column *columns[MEMBER_FIELDS];
	struct context *ctx = sheet->ctx;
	struct sink *sink = NULL;
	int rc;

	if (!sheet->nmembers)
		return 0;
	for (size_t i = 0; i < MEMBER_FIELDS; i++)
		columns[i] = &user_columns[member_columns[i]];
	rc = rows_open(ctx, columns, MEMBER_FIELDS, &sink);
	for (size_t i = 0; i < sheet->nmembers && !rc; i++)
		rc = sink_row(sink, sheet->members[i].v, &ctx->err);
	return rows_close(ctx, sink, rc);
}

static int print_sheet(struct sheet *sheet)
{
	static const struct column states = {"states", "States", "its numbers by state", COL_OBJECT};
	static const struct column users = {"users", "Users", "its users", COL_OBJECT};
	bool is_table = sheet->ctx->output.format == OUT_TABLE;
	const struct column *columns[SHEET_FIELDS];
	int rc;

	for (size_t i = 0; i < ORG_FIELDS; i++)
		columns[i] = &org_columns[i];
	columns[SHEET_STATES] = &states;
	columns[SHEET_USERS] = &users;
	sheet->v[SHEET_STATES] = states_text(sheet, !is_table);
	sheet->v[SHEET_USERS] = is_table ? (struct value){0} : members_json(sheet);
	rc = object_print(sheet->ctx, columns, sheet->v, SHEET_FIELDS);
	return rc || !is_table ? rc : print_members(sheet);
}

static int run_show(struct context *ctx, void *args)
{
	struct sheet sheet = {.ctx = ctx};
	struct org org;
	int rc = store_find_org(ctx->store, ctx->operands.at[0], &org, &ctx->arena, &ctx->err);

	(void)args;
	if (!rc) {
		sheet.org_id = org.id;
		rc = load_org(&sheet);
	}
	if (!rc)
		rc = count_states(&sheet);
	if (!rc)
		rc = load_members(&sheet);
	if (!rc)
		rc = print_sheet(&sheet);
	free(sheet.members);
	return rc;
}

static const struct example show_examples[] = {
	{"didctl org show ACME", "Shows an organisation, its numbers by state, and its users."},
	{0},
};

const struct command org_show = {
	.name = "show",
	.summary = "show everything about one organisation",
	.about = "Shows what is stored, how many numbers it has in each state, its default caller ID, and "
		 "its users.",
	.args = {ONE_ORG},
	.groups = groups_show,
	.flags = COMMAND_READS,
	.run = run_show,
	.examples = show_examples,
};
