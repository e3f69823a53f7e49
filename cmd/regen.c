/* didctl regen: makes what the switch reads from what the inventory says. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/fields.h"
#include "cmd/message.h"
#include "cmd/options.h"
#include "cmd/regen.h"
#include "cmd/report.h"

#define LOCK_WAIT_MS 60000 /* another regen may be at work: a million numbers take some seconds */

static const char *const part_names[] = {"gateway", "orgs", NULL};

static int choose_parts(struct regen *r)
{
	const struct strlist *words = &r->ctx->operands;

	for (size_t i = 0; i < words->n; i++) {
		r->wants_gateway |= strcmp(words->at[i], part_names[0]) == 0;
		r->wants_orgs |= strcmp(words->at[i], part_names[1]) == 0;
	}
	if (!words->n)
		r->wants_gateway = true;
	if (!words->n && !r->args->to_stdout && !r->args->for_given)
		r->wants_orgs = true;
	if (r->args->for_given && r->args->for_env != ENV_OSS)
		return err_set(&r->ctx->err, ERR_USAGE, "--for %s: lines are printed for oss only; prod and staging "
							"numbers are dispatched here", env_names[r->args->for_env]);
	if (r->args->for_given && r->wants_orgs)
		return err_set(&r->ctx->err, ERR_USAGE, "--for prints lines of the dispatcher: it does not go with 'orgs'");
	return 0;
}

/* What is needed before the inventory is read: the lock above all, so that the later regen reads the later state. */
static int start(struct regen *r)
{
	struct context *ctx = r->ctx;
	const struct regen_args *args = r->args;
	int rc = choose_parts(r);

	r->writes = !args->to_stdout && !args->check && !args->diff && !args->for_given && !args->dry_run;
	r->reloads = r->writes && !args->no_reload;
	dispatcher_load(&r->dispatcher, ctx->conf);
	if (args->dir)
		r->dispatcher.dir = args->dir;
	if (!rc)
		rc = gateway_init(&r->gateway, &r->dispatcher, ctx->country, args->for_given, &ctx->err);
	if (!rc && r->reloads) {
		rc = regen_connect(r, &ctx->err);
		if (rc && !conf_get(ctx->conf, SET_AMI, NULL))
			err_hint(&ctx->err, "set 'ami' and 'ami-secret-file' in the profile, or --no-reload writes the files only");
	}
	if (!rc && !args->to_stdout && !args->for_given)
		rc = place_dir_open(&r->dir, r->dispatcher.dir, &ctx->err);
	if (!rc && r->writes)
		rc = place_dir_lock(&r->dir, ctx->target.timeout_given ? regen_timeout(ctx) : LOCK_WAIT_MS, &ctx->err);
	return rc;
}

/* The dispatcher first, and out of memory before the organisations' files are put together, one after the other. */
static int compare_all(struct regen *r)
{
	int rc = r->wants_gateway ? regen_compare_gateway(r) : 0;

	if (!rc && r->wants_gateway && r->writes && !r->files[0].is_same)
		rc = regen_prepare_gateway(r);
	routes_release(&r->gateway.routes);
	regen_sort_inbound(r);
	for (size_t i = 0; !rc && r->wants_orgs && i < r->norgs; i++)
		rc = regen_compare_org(r, &r->orgs[i]);
	return rc || !r->wants_orgs ? rc : regen_compare_abandoned(r);
}

static bool is_all_same(const struct regen *r)
{
	for (size_t i = 0; i < r->nfiles; i++)
		if (!r->files[i].is_same)
			return false;
	return true;
}

static bool shrinks(const struct regen *r)
{
	const struct diff all = {.before = r->before, .after = r->after};

	return diff_shrinks(&all);
}

/* Everything that speaks against it has been said by now; a loss of routes needs a word from a person. */
static int decide(struct regen *r)
{
	const struct regen_args *args = r->args;
	struct err *err = &r->ctx->err;

	if (r->refused) {
		err_set(err, ERR_REFUSED, "nothing was written: see above");
		if (r->has_bad_numbers)
			err_hint(err, "--partial leaves out the numbers that are refused");
		return ERR_REFUSED;
	}
	if (shrinks(r) && !args->force && r->lost > args->meant) {
		fputs(buf_str(&r->text), stderr);
		err_set(err, ERR_REFUSED, "%zu routes would be lost, more than 100 or one in ten: nothing was written", r->lost);
		err_hint(err, "--diff lists them; --force if that is meant");
		return ERR_REFUSED;
	}
	if (!r->lost || args->yes)
		return 0;
	fputs(buf_str(&r->text), stderr);
	return ask_yes(r->ctx, "regen", "routes would be lost", "write it?");
}

static void print_text(const struct regen *r)
{
	if (!r->ctx->global.quiet || r->args->diff)
		fputs(buf_str(&r->text), r->out);
}

/* --check: silent with -q, since the exit code says it all. */
static int check(struct regen *r)
{
	bool runs = true;
	int rc = 0;

	if (!r->args->no_reload && conf_get(r->ctx->conf, SET_AMI, NULL)) {
		rc = regen_connect(r, &r->ctx->err);
		if (!rc && r->nfiles)
			rc = regen_compare_running(r, &runs);
	} else {
		verbose(r->ctx, "the files alone were looked at, not the running switch");
	}
	print_text(r);
	if (rc || (runs && is_all_same(r) && !r->refused))
		return rc;
	r->ctx->err = (struct err){.code = ERR_ABSENT};
	return ERR_ABSENT;
}

static int print_org(struct regen *r, const struct regen_org *org, struct writer *writer)
{
	struct org_file file = {0};
	struct mark mark;
	int rc = regen_build_org(r, org, &file);

	if (!rc && file.routes.n) {
		mark = org_file_mark(&file, r->generation);
		buf_puts(&writer->buf, "; ==> ");
		org_file_name(&writer->buf, org->prefix);
		buf_puts(&writer->buf, " <==\n");
		org_file_render(&file, &mark, writer);
	}
	org_file_release(&file);
	return rc;
}

/* What the other end is to be told: the whole dispatcher, or each organisation's file under its name. */
static int print_files(struct regen *r)
{
	struct err *err = &r->ctx->err;
	struct writer writer;
	struct mark mark;
	int rc;

	regen_sort_inbound(r);
	rc = decide(r);
	if (rc)
		return rc;
	fflush(stdout);
	writer_init(&writer, STDOUT_FILENO);
	if (r->wants_gateway) {
		mark = gateway_mark(&r->gateway, r->generation);
		gateway_render(&r->gateway, &mark, &writer);
	}
	for (size_t i = 0; !rc && i < r->norgs; i++)
		if (r->orgs[i].n)
			rc = print_org(r, &r->orgs[i], &writer);
	if (writer_finish(&writer, "standard output", rc ? NULL : err) && !rc)
		rc = err->code;
	return rc;
}

static int write_out(struct regen *r)
{
	int rc = decide(r);

	if (!rc && !r->args->dry_run)
		rc = regen_write(r);
	return rc;
}

static int work(struct regen *r)
{
	int rc = regen_load(r);

	if (rc)
		return rc;
	if (r->args->to_stdout || r->args->for_given)
		return print_files(r);
	rc = compare_all(r);
	return !rc && (r->writes || r->args->dry_run) ? write_out(r) : rc;
}

static void say_done(const struct regen *r)
{
	size_t written = 0, oss = r->gateway.ways[DISPATCH_OSS];

	for (size_t i = 0; i < r->nfiles; i++)
		written += r->files[i].is_committed;
	r->ctx->has_written_files = written > 0;
	if (r->args->dry_run)
		note(r->ctx, "nothing was written (--dry-run)");
	else if (!written)
		note(r->ctx, "nothing to write: the files say what the inventory says");
	else
		note(r->ctx, "%zu file%s written in %s%s", written, written == 1 ? "" : "s", r->dispatcher.dir,
		     r->reloads ? ", loaded and verified" : ": the switch has not been told (--no-reload)");
	if (oss)
		note(r->ctx, "%zu number%s of oss %s not dispatched here: didctl regen --for oss prints the lines", oss,
		     oss == 1 ? "" : "s", oss == 1 ? "is" : "are");
}

/* What runs is known from now on to whoever asks the inventory; one that may not be written does no harm. */
static int finish(struct regen *r)
{
	struct context *ctx = r->ctx;
	struct err ignored = {0};
	int rc = r->reloads ? regen_reload(r) : 0;

	if (!rc && r->reloads && r->wants_gateway && r->wants_orgs &&
	    store_set_live(ctx->store, r->generation, &ignored))
		verbose(ctx, "the inventory does not note it: %s", ignored.text);
	if (rc)
		return rc;
	print_text(r);
	say_done(r);
	return 0;
}

static int tell_left_out(struct regen *r)
{
	if (!r->left_out)
		return 0;
	return err_set(&r->ctx->err, ERR_PARTIAL, "%" PRIu64 " number%s left out", r->left_out,
		       r->left_out == 1 ? " was" : "s were");
}

static void release(struct regen *r)
{
	ami_close(r->ami);
	place_end(&r->gateway_place);
	place_dir_close(&r->dir);
	gateway_release(&r->gateway);
	rangeset_release(&r->clashing);
	names_release(&r->ways);
	buf_release(&r->way);
	buf_release(&r->text);
	free(r->inbound);
	free(r->files);
	free(r->orgs);
}

static int regen(struct context *ctx, const struct regen_args *args)
{
	struct regen r = {
		.ctx = ctx, .args = args, .dir = PLACE_DIR_INIT, .gateway_place = PLACE_INIT,
		.out = args->diff || args->check ? stdout : stderr,
	};
	int rc;

	if (store_can(ctx->store, CAN_REGENERATE))
		return regen_through_api(ctx, args);
	rc = start(&r);
	if (!rc)
		rc = work(&r);
	if (!rc && args->check)
		rc = check(&r);
	else if (!rc && args->diff)
		print_text(&r);
	else if (!rc && !args->to_stdout && !args->for_given)
		rc = finish(&r);
	if (!rc)
		rc = tell_left_out(&r);
	release(&r);
	return rc;
}

static int run_regen(struct context *ctx, void *args)
{
	return regen(ctx, args);
}

int regen_after_change(struct context *ctx, uint64_t numbers)
{
	const struct regen_args args = {.yes = true, .meant = numbers * FORMS_MAX};

	ctx->operands = (struct strlist){0};
	return regen(ctx, &args);
}

static const struct option regen_options[] = {
	{.name = "stdout", OPT_FLAG(struct regen_args, to_stdout), .excludes = "check,diff,dry-run",
	 .help = "print what the dispatcher's file would be, and touch nothing"},
	{.name = "check", OPT_FLAG(struct regen_args, check), .excludes = "diff,dry-run",
	 .help = "compare the inventory, the files and the running switch: exit 3 where they differ; with -q silent"},
	{.name = "diff", OPT_FLAG(struct regen_args, diff), .excludes = "dry-run",
	 .help = "show which routes would be gained, lost and moved, and write nothing"},
	{.name = "for", OPT_CHOICE(struct regen_args, for_env, env_names), .metavar = "ENV",
	 OPT_GIVEN(struct regen_args, for_given),
	 .excludes = "stdout,check,diff,dry-run,dir,no-reload,adopt,force",
	 .help = "print the lines that another host needs for its environment: oss"},
	{.name = "dir", OPT_STRING(struct regen_args, dir), .metavar = "DIR", .complete = COMPLETE_FILE,
	 .help = "the directory of the switch's files, instead of asterisk-dir"},
	{.name = "no-reload", OPT_FLAG(struct regen_args, no_reload),
	 .help = "write the files, and do not tell the switch; with --check, do not ask it"},
	{.name = "adopt", OPT_FLAG(struct regen_args, adopt),
	 .help = "take over a file that didctl did not write, or that was altered since"},
	{.name = "force", OPT_FLAG(struct regen_args, force),
	 .help = "write also where many routes would be lost, or the file is of a newer generation"},
	{.name = "dry-run", .short_name = 'n', OPT_FLAG(struct regen_args, dry_run),
	 .help = "the same checks and the same refusals, but nothing is written"},
	{.name = "yes", .short_name = 'y', OPT_FLAG(struct regen_args, yes), .help = "do not ask"},
	{.name = "partial", OPT_FLAG(struct regen_args, partial),
	 .help = "leave out the numbers that may not reach a file, and exit 5"},
};

static const struct example regen_examples[] = {
	{"didctl regen --stdout", "Prints the dispatcher's file."},
	{"didctl regen --for oss", "Prints the lines that the OSS host needs."},
	{"didctl regen --dir . --diff", "Shows which routes the files in this directory lack."},
	{"didctl regen --dir . --no-reload", "Writes the files without telling the switch."},
	{0},
};

static const struct command writing;

/* What only looks must do with a user who may only read. */
static const struct command *view(const struct context *ctx, const void *args)
{
	const struct regen_args *own = args;

	(void)ctx;
	return own->to_stdout || own->check || own->diff || own->for_given || own->dry_run ? &cmd_regen : &writing;
}

static const struct option_group *const groups_regen[] = {&group_target, &group_global, NULL};

#define PARTS "gateway, the dispatcher; orgs, the organisations' files; both unless named"

#define REGEN(access)                                                                                                  \
	{                                                                                                              \
		.name = "regen", .summary = "make the switch's files from the inventory",                              \
		.about = "Renders the dispatcher and each organisation's file from one moment of the inventory, "      \
			 "checks them with the rules of the switch, puts those that differ in their places, reloads "  \
			 "the dialplan and proves that it runs. Where the switch does not take them, the files of "    \
			 "before stand and run again.",                                                                \
		.args = {{.metavar = "PART", .help = PARTS, .max = 2, .complete = COMPLETE_CHOICES,                    \
			  .choices = part_names}},                                                                     \
		.options = regen_options, .noptions = ARRAY_SIZE(regen_options), .groups = groups_regen,               \
		.flags = (access), .args_size = sizeof(struct regen_args), .run = run_regen, .view = view,             \
		.examples = regen_examples,                                                                            \
	}

const struct command cmd_regen = REGEN(COMMAND_READS);
static const struct command writing = REGEN(COMMAND_WRITES);
