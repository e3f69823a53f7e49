/* didctl doctor: looks for what makes calls go wrong, says which command mends it, and mends what only it can. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/doctor.h"
#include "cmd/options.h"
#include "cmd/progress.h"

struct doctor_args {
	bool strict, fix, seal;
};

#define ALL_CHECKS (CHECK_BIT(CHECK_COUNT) - 1)

/* The checks that were named; all of them where none was. */
static uint64_t read_checks(const struct context *ctx)
{
	uint64_t checks = 0;

	for (size_t i = 0; i < ctx->operands.n; i++)
		checks |= CHECK_BIT(check_find(ctx->operands.at[i])); /* the parser knows no others */
	return checks ? checks : ALL_CHECKS;
}

/* The first option of a change that was given where nothing is changed; or NULL. */
static const char *find_write_option(const struct write_options *given)
{
	const struct {
		const char *name;
		bool is_given;
	} options[] = {
		{"--dry-run", given->dry_run},	{"--yes", given->yes},
		{"--expect", given->expect_given}, {"--partial", given->partial},
		{"--chunk", given->chunk},
		{"--reason", given->reason},	{"--change-id", given->change_id},
		{"--regen", given->regen},	{"--no-regen", given->no_regen},
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].is_given)
			return options[i].name;
	return NULL;
}

static int refuse_write_options(struct context *ctx)
{
	const char *option = find_write_option(&ctx->write);

	return option ? err_set(&ctx->err, ERR_USAGE, "'%s' goes with 'didctl doctor CHECK --fix' only", option) : 0;
}

/* Who has named a check is told that nothing was looked at: no finding would read as no fault. */
void doctor_drop(struct doctor *doctor, enum capability capability, uint64_t checks, const char *lacks)
{
	struct context *ctx = doctor->ctx;
	void (*tell)(const struct context *ctx, const char *fmt, ...) = ctx->operands.n ? note : verbose;

	if (!(doctor->checks & checks) || store_can(ctx->store, capability))
		return;
	for (int check = 0; check < CHECK_COUNT; check++)
		if (doctor->checks & checks & CHECK_BIT(check))
			tell(ctx, "check '%s' is left out: the target has no %s", check_names[check], lacks);
	doctor->checks &= ~checks;
}

static int look_at_history(struct doctor *doctor, uint64_t checks)
{
	struct context *ctx = doctor->ctx;
	struct progress_line line;
	int rc = store_verify(ctx->store, checks, &doctor->findings.finder, progress_start(&line, ctx), &ctx->err);

	progress_end(&line);
	return rc;
}

/* Whether the tables are such that reading them may fail, as has been found by now. */
static bool has_misfit(const struct findings *findings)
{
	const uint64_t misfits = CHECK_BIT(CHECK_TABLES) | CHECK_BIT(CHECK_COLUMNS) | CHECK_BIT(CHECK_SETUP);

	for (size_t i = 0; i < findings->n; i++)
		if (misfits & CHECK_BIT(findings->at[i].check))
			return true;
	return false;
}

/* What cannot be read for a reason that is a finding already ends its own checks, not the others. */
static int forgive(struct doctor *doctor, const char *what, int rc)
{
	struct context *ctx = doctor->ctx;

	if (rc != ERR_TARGET || !has_misfit(&doctor->findings))
		return rc;
	note(ctx, "%s could not be looked at: %s", what, ctx->err.text);
	ctx->err = (struct err){0};
	return 0;
}

int doctor_look(struct doctor *doctor)
{
	struct context *ctx = doctor->ctx;
	bool is_api = !store_can(ctx->store, CAN_ROLL_BACK);
	uint64_t target, history;
	int rc = 0;

	/* Over an API, what was named and cannot be done ends with the store's own words. */
	if (!is_api || !ctx->operands.n) {
		doctor_drop(doctor, CAN_SURVEY, check_scope_mask(SCOPE_TARGET), "tables and settings to look at");
		doctor_drop(doctor, CAN_VERIFY_HISTORY, check_scope_mask(SCOPE_HISTORY),
			    "history of this version of didctl");
	}
	target = doctor->checks & check_scope_mask(SCOPE_TARGET);
	history = doctor->checks & check_scope_mask(SCOPE_HISTORY);
	if (target)
		rc = store_survey(ctx->store, target, &doctor->findings.finder, &ctx->err);
	if (!rc)
		rc = forgive(doctor, "the rows", doctor_scan(doctor));
	if (!rc && history)
		rc = forgive(doctor, "the history", look_at_history(doctor, history));
	doctor->checks |= target | history;
	findings_sort(&doctor->findings);
	return rc;
}

/* For a probe that reads nothing but the exit status. */
static bool is_silent(const struct context *ctx)
{
	return ctx->global.quiet && !ctx->output.format_given;
}

static int print(struct context *ctx, const struct listing_plan *plan, const struct findings *findings)
{
	return is_silent(ctx) ? 0 : list_kept(ctx, plan, &(struct kept_rows){findings, findings->n, findings_cell});
}

/* "twin owner" of the findings that --fix mends. */
static size_t list_fixable(const struct findings *findings, struct buf *out)
{
	enum check last = CHECK_COUNT;
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++) {
		enum check check = findings->at[i].check;

		if (!check_info[check].is_fixable)
			continue;
		if (check != last)
			buf_printf(out, " %s", check_names[check]);
		last = check;
		n++;
	}
	return n;
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void say_found(const struct context *ctx, const struct findings *findings)
{
	size_t errors = findings->count[SEVERITY_ERROR], warnings = findings->count[SEVERITY_WARNING], n;
	struct buf fixable = {0};

	n = list_fixable(findings, &fixable);
	if (n)
		note(ctx, "%zu error%s, %zu warning%s; 'didctl doctor%s --fix' %s %zu of them", errors, plural(errors),
		     warnings, plural(warnings), fixable.data, strcmp(fixable.data, " replay") == 0 ? "records" : "mends", n);
	else
		note(ctx, "%zu error%s, %zu warning%s", errors, plural(errors), warnings, plural(warnings));
	buf_release(&fixable);
}

/* Whoever sits at a terminal is told that nothing was found too. */
static void say_closing(const struct doctor *doctor)
{
	int checks = __builtin_popcount(doctor->checks);

	if (doctor->findings.n)
		say_found(doctor->ctx, &doctor->findings);
	else if (isatty(STDERR_FILENO) && doctor->rows)
		note(doctor->ctx, "%d check%s, %" PRIu64 " number%s: nothing found", checks, plural((size_t)checks), doctor->rows,
		     plural(doctor->rows));
	else if (isatty(STDERR_FILENO))
		note(doctor->ctx, "%d check%s: nothing found", checks, plural((size_t)checks));
}

static int run_look(struct context *ctx, void *args)
{
	const struct doctor_args *own = args;
	struct listing_plan plan;
	struct doctor doctor;
	int rc = refuse_write_options(ctx);

	if (!rc)
		rc = listing_choose(ctx, &plan);
	if (rc)
		return rc;
	doctor_start(&doctor, ctx, read_checks(ctx), NULL);
	rc = doctor_look(&doctor);
	if (!rc)
		rc = print(ctx, &plan, &doctor.findings);
	if (!rc) {
		say_closing(&doctor);
		if (doctor.findings.count[SEVERITY_ERROR] || (own->strict && doctor.findings.n))
			rc = ERR_ABSENT;
	}
	doctor_release(&doctor);
	return rc;
}

static int run_fix(struct context *ctx, void *args)
{
	(void)args;
	if (!ctx->operands.n) {
		err_set(&ctx->err, ERR_USAGE, "--fix needs the checks named");
		doctor_hint_fixable(ctx);
		return ERR_USAGE;
	}
	return doctor_fix(ctx, read_checks(ctx));
}

enum { SEAL_SEALED, SEAL_SEALS, SEAL_HEAD, SEAL_FIELDS };

/* One object, not an array of one: there is one answer. */
static int print_seal(struct context *ctx, const struct seal_report *report)
{
	static const struct column sealed = {"sealed", "Sealed", "changes that were sealed now", COL_COUNT};
	static const struct column seals = {"seals", "Seals", "seals that there are", COL_COUNT};
	static const struct column head = {"head", "Head", "hash of the last seal", COL_ID};
	const struct column *const columns[SEAL_FIELDS] = {&sealed, &seals, &head};
	const struct value row[SEAL_FIELDS] = {
		value_str(arena_printf(&ctx->arena, "%" PRIu64, report->changes)),
		value_str(arena_printf(&ctx->arena, "%" PRIu64, report->seals)),
		value_str(*report->head ? report->head : NULL),
	};
	struct sink *sink = NULL;
	int rc;

	if (ctx->output.format == OUT_JSON)
		ctx->output.format = OUT_NDJSON;
	rc = rows_open(ctx, columns, SEAL_FIELDS, &sink);
	if (!rc)
		rc = sink_row(sink, row, &ctx->err);
	return rows_close(ctx, sink, rc);
}

static int report_seal(struct context *ctx, const struct seal_report *report)
{
	if (is_silent(ctx))
		return 0;
	if (ctx->output.format != OUT_TABLE)
		return print_seal(ctx, report);
	if (!*report->head)
		printf("nothing to seal\n");
	else
		printf("sealed %" PRIu64 " change%s; seal %" PRIu64 " is %s\n", report->changes, plural(report->changes),
		       report->seals, report->head);
	return 0;
}

static int run_seal(struct context *ctx, void *args)
{
	struct seal_report report = {0};
	struct progress_line line;
	int rc = refuse_write_options(ctx);

	(void)args;
	if (!rc && read_checks(ctx) != CHECK_BIT(CHECK_HISTORY))
		rc = err_set(&ctx->err, ERR_USAGE, "--seal goes with 'didctl doctor history' only");
	if (rc)
		return rc;
	rc = store_seal(ctx->store, &report, progress_start(&line, ctx), &ctx->err);
	progress_end(&line);
	return rc ? rc : report_seal(ctx, &report);
}

#define OF_LISTING "columns,list-columns,sort,limit"

static const struct option options[] = {
	{.name = "strict", OPT_FLAG(struct doctor_args, strict), .excludes = "fix,seal",
	 .help = "exit with 3 for warnings too"},
	{.name = "fix", OPT_FLAG(struct doctor_args, fix), .excludes = "seal," OF_LISTING,
	 .help = "mend what the named checks find, in one change that can be undone; replay records "
		 "it, and undo then takes it back"},
	{.name = "seal", OPT_FLAG(struct doctor_args, seal), .excludes = OF_LISTING,
	 .help = "history: seal the changes that are not sealed yet, and print the last seal's hash"},
};

static const struct command fix_view = {
	.name = "doctor",
	.summary = "mend what the named checks find",
	.columns = finding_columns,
	.ncolumns = FINDING_FIELDS,
	.default_columns = FINDING_COLUMNS,
	.flags = COMMAND_WRITES,
	.run = run_fix,
};

static const struct command seal_view = {
	.name = "doctor",
	.summary = "seal the history",
	.flags = COMMAND_WRITES,
	.run = run_seal,
};

/* Looking opens the target for reading, and copes with one that lacks tables. */
static const struct command *view(const struct context *ctx, const void *args)
{
	const struct doctor_args *own = args;

	(void)ctx;
	return own->fix ? &fix_view : own->seal ? &seal_view : &cmd_doctor;
}

static const struct option_group *const groups[] = {
	&group_listing, &group_write, &group_target, &group_output, &group_global, NULL,
};

static const struct example examples[] = {
	{"didctl doctor", "Looks at everything."},
	{"didctl doctor twin outbound -o json", "Looks for two of the things that go wrong, for a script."},
	{"didctl doctor -q", "Tells by the exit status alone whether there are errors."},
	{"didctl doctor no-default --fix --yes", "Gives a default caller ID to every organisation that lacks one."},
	{"didctl doctor history --seal", "Seals the history, from cron."},
	{0},
};

const struct command cmd_doctor = {
	.name = "doctor",
	.summary = "look for what makes calls go wrong, and mend it",
	.about = "Without CHECK everything is looked at. Each finding has the command that mends it in its column "
		 "'fix'. Exit status 3 when there are errors, with --strict also for warnings. With -q and without "
		 "-o nothing is printed: the exit status tells. --fix wants the checks named; like every change it "
		 "shows its plan, asks, is kept in the history and can be undone.",
	.args = {{.metavar = "CHECK", .help = "what to look at", .choices = check_names,
		  .complete = COMPLETE_CHOICES}},
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.groups = groups,
	.columns = finding_columns,
	.ncolumns = FINDING_FIELDS,
	.default_columns = FINDING_COLUMNS,
	.flags = COMMAND_READS | COMMAND_SURVEYS,
	.args_size = sizeof(struct doctor_args),
	.run = run_look,
	.view = view,
	.examples = examples,
};
