/* didctl explain: why a call goes where it goes. The reasons are lib/dialplan's; here they are gathered. */
#include "cmd/explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/commands.h"
#include "cmd/emergency.h"
#include "cmd/object.h"
#include "cmd/options.h"

/* The organisation that the row names, as far as there is a table to look into. */
static int find_owner(struct context *ctx, struct inbound *in)
{
	static const int columns[] = {ORG_ID, ORG_NAME, ORG_CONTEXT_PREFIX, ORG_UNROUTED};
	const struct query query = {
		.listing = LIST_ORGS, .columns = columns, .ncolumns = ARRAY_SIZE(columns), .name = in->org_id,
	};
	struct value row[ARRAY_SIZE(columns)];
	int rc;

	if (!in->org_id)
		return 0;
	in->owner_is = OWNER_IS_UNKNOWN;
	if (!store_can(ctx->store, CAN_LIST_ORGS))
		return 0;
	rc = object_load(ctx, &query, in->org_id, row);
	if (rc == ERR_ABSENT) {
		in->owner_is = OWNER_IS_MISSING;
		ctx->err = (struct err){0};
		return 0;
	}
	if (rc)
		return rc;
	in->owner_is = OWNER_IS_THERE;
	in->owner = (struct org){.id = row[0].s, .name = row[1].s, .context_prefix = row[2].s, .unrouted = row[3].s};
	return 0;
}

static int read_row(struct context *ctx, const struct value *v, struct inbound *in)
{
	int state = v[DID_STATE].s ? state_find(v[DID_STATE].s, NULL) : -1;
	struct number key = {0};
	bool has_key = v[DID_E164].s && number_parse_stored(&key, v[DID_E164].s, v[DID_E164].len, NULL);

	*in = (struct inbound){
		.id = v[DID_ID].s,
		.number = v[DID_NUMBER].s,
		.has_key = has_key,
		.key = key,
		.state = state < 0 ? STATE_UNKNOWN : (enum did_state)state,
		.pool_status = v[DID_POOL_STATUS].s,
		.status = v[DID_STATUS].s,
		.env = v[DID_ENV].s,
		.org_id = v[DID_ORG_ID].s,
		.route_type = v[DID_ROUTE_TYPE].s,
		.route_dest = v[DID_ROUTE_DEST].s,
		.hold_until = v[DID_HOLD_UNTIL].s,
		.previous_org = v[DID_PREVIOUS_ORG].s,
		.previous_org_id = v[DID_PREVIOUS_ORG_ID].s,
	};
	return find_owner(ctx, in);
}

const char *explain_line(const struct explanation *e, const struct inbound *in, const char *spelled)
{
	struct buf line = {0};
	const char *text;

	dispatch_line(&line, &e->dispatcher, in->way, spelled, in->owner.context_prefix);
	text = arena_strdup(&e->ctx->arena, buf_str(&line));
	buf_release(&line);
	return text;
}

/* "org_x__incoming" of "Goto(org_x__incoming,...)": what a person looks for. */
static const char *target_of(struct arena *arena, const char *action)
{
	const char *at = strncasecmp(action, "Goto(", 5) == 0 ? action + 5 : action;

	return arena_strndup(arena, at, at == action ? strlen(at) : strcspn(at, ",)"));
}

/* Of our own line, "exten => EXTENSION,1,ACTION": there is nothing behind the action. */
static bool is_action_of(const char *line, const char *action)
{
	size_t len = strlen(line), n = strlen(action);

	return len > n && line[len - n - 1] == ',' && strcmp(line + len - n, action) == 0;
}

/* How one spelling's line in the file differs from the one that it should be (NULL: none); NULL if it does not. */
static const char *compare_line(struct explanation *e, size_t spelling, const char *wanted)
{
	const struct number_line *found = NULL;
	struct arena *arena = &e->ctx->arena;
	const char *spelled = e->file.spelled[spelling];

	for (size_t i = 0; i < e->file.lines.n && !found; i++)
		if (e->file.lines.at[i].spelling == spelling)
			found = &e->file.lines.at[i];
	if (!found)
		return wanted ? arena_printf(arena, "the file has no line for %s", spelled) : NULL;
	if (wanted && is_action_of(wanted, found->action))
		return NULL;
	return arena_printf(arena, "the file still sends %s to %s", spelled, target_of(arena, found->action));
}

static const char *wanted_line(const struct explanation *e, const char *spelled)
{
	for (size_t i = 0; i < e->nspelled && e->obeyed >= 0; i++)
		if (strcmp(e->spelled[i], spelled) == 0)
			return explain_line(e, &e->in[e->obeyed], spelled);
	return NULL;
}

static void compare_file(struct explanation *e)
{
	for (size_t i = 0; i < e->file.nspelled && !e->file.differs; i++)
		e->file.differs = compare_line(e, i, wanted_line(e, e->file.spelled[i]));
	if (e->file.differs)
		problem_add(&e->problems, "file", arena_printf(&e->ctx->arena, "not live yet: %s", e->file.differs),
			    "didctl regen gateway");
}

/* A file that is not there is no error: didctl may well run on another host than the switch. */
static int read_file(struct explanation *e, struct number key)
{
	struct dispatcher every_form = e->dispatcher;
	struct gateway_file *file = &e->file;
	struct err err = {0};
	int rc;

	every_form.forms = FORM_NATIONAL | FORM_INTERNATIONAL | FORM_PLUS;
	file->nspelled = dispatch_spell(&every_form, key, e->ctx->country, file->spelled);
	rc = lines_find(&file->lines, file->path, e->dispatcher.context, (const char(*)[NUMBER_TEXT])file->spelled,
			file->nspelled, &e->ctx->arena, &err);
	if (rc == ERR_INTERRUPTED) {
		e->ctx->err = err;
		return rc;
	}
	file->is_read = rc == 0;
	if (rc)
		file->unread = rc == ERR_ABSENT ? "it is not on this host" : arena_strdup(&e->ctx->arena, err.text);
	else
		compare_file(e);
	return 0;
}

static const char *owner_text(const struct inbound *in)
{
	if (in->owner_is == OWNER_IS_NOBODY)
		return "nobody";
	return in->owner.name ? in->owner.name : in->org_id;
}

static void add_twins(struct explanation *e)
{
	struct arena *arena = &e->ctx->arena;
	const struct inbound *first = &e->in[e->obeyed < 0 ? 0 : e->obeyed];
	const char *detail = arena_printf(arena, "one physical number stands in %zu rows", e->rows.n);
	char digits[NUMBER_TEXT];

	if (e->rows.n < 2)
		return;
	/* The row that is obeyed need not be the right one: calls that go astray do so because of it. */
	for (size_t i = 0; i < e->rows.n; i++)
		detail = arena_printf(arena, "%s%s --keep %s leaves it to %s", detail, i ? "," : ":",
				      e->in[i].id ? e->in[i].id : "ROW-ID", owner_text(&e->in[i]));
	number_format(first->key, digits);
	problem_add(&e->problems, "twin", detail,
		    arena_printf(arena, "didctl pool merge %s --keep %s", digits, first->id ? first->id : "ROW-ID"));
}

static int gather(struct explanation *e)
{
	struct context *ctx = e->ctx;
	const char *types = conf_get(ctx->conf, SET_ROUTING_TYPES, NULL);
	int rc = 0;

	dispatcher_load(&e->dispatcher, ctx->conf);
	e->file.path = arena_printf(&ctx->arena, "%s/%s", e->dispatcher.dir, e->dispatcher.file);
	e->in = xcalloc(e->rows.n, sizeof(*e->in));
	for (size_t i = 0; i < e->rows.n && !rc; i++) {
		struct inbound *in = &e->in[i];

		rc = read_row(ctx, e->rows.at[i].v, in);
		in->has_twin = e->rows.n > 1;
		if (!rc)
			inbound_decide(in, &e->dispatcher, ctx->country, types, &ctx->arena);
	}
	if (rc)
		return rc;
	e->obeyed = inbound_obeyed(e->in, e->rows.n);
	e->has_key = e->in[0].has_key;
	add_twins(e);
	rc = explain_outside(e);
	if (rc || !e->has_key)
		return rc;
	e->nspelled = dispatch_spell(&e->dispatcher, e->in[0].key, ctx->country, e->spelled);
	rc = read_file(e, e->in[0].key);
	return rc ? rc : explain_owner_file(e);
}

static void release(struct explanation *e)
{
	for (size_t i = 0; i < e->rows.n && e->in; i++)
		problems_release(&e->in[i].problems);
	problems_release(&e->problems);
	free(e->in);
	number_rows_release(&e->rows);
}

static int explain_inbound(struct context *ctx, const char *word)
{
	struct explanation e = {.ctx = ctx, .obeyed = -1};
	int rc = number_rows_find(ctx, word, &e.rows);

	if (!rc)
		rc = gather(&e);
	if (!rc)
		rc = ctx->output.format == OUT_TABLE ? explain_inbound_text(&e) : explain_inbound_json(&e);
	release(&e);
	return rc;
}

static int usage(struct context *ctx, const char *text)
{
	err_set(&ctx->err, ERR_USAGE, "%s", text);
	err_hint(&ctx->err, "didctl explain NUMBER, or didctl explain --outbound (--org ORG | --user USER | NUMBER --dial 911)");
	return ERR_USAGE;
}

static int check(struct context *ctx, const struct explain_args *args)
{
	int format = ctx->output.format;

	if (format == OUT_TSV || format == OUT_CSV)
		return usage(ctx, "an explanation is no table: its formats are table, json and ndjson");
	if (ctx->output.no_header || ctx->output.raw_csv)
		return usage(ctx, "an explanation has neither a heading nor csv: '--no-header' and '--raw-csv' are for rows");
	if (!args->outbound && (args->org || args->user || args->caller_id || args->dial))
		return usage(ctx, "'--org', '--user', '--caller-id' and '--dial' are for '--outbound'");
	if (!args->outbound && !ctx->operands.n)
		return usage(ctx, "no number is named");
	if (args->outbound && ctx->operands.n && !args->dial)
		return usage(ctx, "'--outbound' is about an organisation's or a user's calls; of a number, add '--dial 911'");
	if (args->outbound && ctx->operands.n && (args->org || args->user || args->caller_id))
		return usage(ctx, "a number is named: '--org', '--user' and '--caller-id' would name another one");
	if (args->outbound && !ctx->operands.n && !args->org == !args->user)
		return usage(ctx, "'--outbound' takes either '--org' or '--user'");
	return 0;
}

static int run_explain(struct context *ctx, void *args)
{
	const struct explain_args *own = args;
	int rc = check(ctx, own);

	if (rc)
		return rc;
	if (!own->outbound)
		return explain_inbound(ctx, ctx->operands.at[0]);
	return ctx->operands.n ? explain_emergency(ctx, own) : explain_outbound(ctx, own);
}

static const char *const dialled[] = {"911", NULL}; /* for the shells: it may stand behind a prefix too */

static const struct option options[] = {
	{.name = "outbound", OPT_FLAG(struct explain_args, outbound),
	 .help = "explain which number outbound calls show, instead of where inbound calls land"},
	{.name = "org", OPT_STRING(struct explain_args, org), .metavar = "ORG", .complete = COMPLETE_ORG,
	 .excludes = "user", .help = "with --outbound: calls of this organisation"},
	{.name = "user", OPT_STRING(struct explain_args, user), .metavar = "USER", .complete = COMPLETE_USER,
	 .help = "with --outbound: calls of this user"},
	{.name = "caller-id", OPT_STRING(struct explain_args, caller_id), .metavar = "NUMBER",
	 .complete = COMPLETE_NUMBER,
	 .help = "with --outbound: the caller ID that the call itself brings, as click-to-call and originate-to-ai do"},
	{.name = "dial", OPT_STRING(struct explain_args, dial), .metavar = "911", .choices = dialled,
	 .complete = COMPLETE_CHOICES,
	 .help = "with --outbound: whether such a call, or one from NUMBER, may go to 911, and where the responders are sent"},
};

static const struct example examples[] = {
	{"didctl explain 08065978002", "Says where calls to a number land, or every reason why they do not."},
	{"didctl explain 918065978021 -o json", "The same for a script."},
	{"didctl explain --outbound --org ACME", "Says which number an organisation's calls show, and why."},
	{"didctl explain --outbound --user alice", "The same for one user's calls."},
	{"didctl explain --outbound 918065978002 --dial 911", "Says whether a number may call 911, or every reason why not."},
	{0},
};

const struct command cmd_explain = {
	.name = "explain",
	.summary = "explain why a call goes where it goes",
	.about = "Of a number: each row that it is stored in, what the dispatcher's file gets and what stands in it "
		 "now, whether its organisation's file has its route, and where calls land, or every reason why they do not with the command that mends it. With "
		 "--outbound: every candidate for the caller ID, which one wins, and what the far end sees; with --dial 911 "
		 "also whether it may call there. Exit status 0 whenever it could be explained, 3 for a number that is not in the inventory.",
	.args = {{.metavar = "NUMBER", .help = "the number in any spelling, or id:UUID of its row",
		  .min = 0, .max = 1, .complete = COMPLETE_NUMBER}},
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.groups = groups_show,
	.flags = COMMAND_READS,
	.args_size = sizeof(struct explain_args),
	.run = run_explain,
	.examples = examples,
};
