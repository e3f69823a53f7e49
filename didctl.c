/* The context, the table of commands, and the one way in which every command is run. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/process.h"
#include "base/text.h"
#include "cmd/columns.h"
#include "cmd/commands.h"
#include "cmd/help.h"
#include "cmd/message.h"
#include "cmd/options.h"
#include "cmd/version.h"
#include "number/number.h"
#include "store/trace.h"

/* Alphabetical; `didctl __check-tables` says so if it is not. */
static const struct command *const commands[] = {
	&cmd_check_tables,
	&cmd_complete,
	&cmd_emit,
	&cmd_assign,
	&cmd_cnam,
	&cmd_completion,
	&cmd_config,
	&cmd_default,
	&cmd_doctor,
	&cmd_e911,
	&cmd_env,
	&cmd_explain,
	&cmd_help,
	&cmd_history,
	&cmd_init,
	&cmd_org,
	&cmd_pool,
	&cmd_port,
	&cmd_regen,
	&cmd_release,
	&cmd_undo,
	&cmd_user,
	&cmd_version,
	NULL,
};

static const struct example examples[] = {
	{"didctl help pool", "Explains a command and lists its subcommands."},
	{"didctl pool list --state available", "Lists the numbers that are free."},
	{0},
};

static const struct option_group *const root_groups[] = {&group_target, &group_output, &group_global, NULL};

static const struct command root = {
	.name = "didctl",
	.summary = "administer the telephone numbers of an organisation",
	.about = "What numbers (DIDs) there are, who holds each of them, where inbound calls land, what "
		 "callers see, and what the switch is told. Works on the database itself; every change shows "
		 "its plan first, is done whole or not at all, is kept in a history and can be undone. Where "
		 "calls go wrong, see didctl-troubleshooting(7); for a change that is half done, "
		 "didctl-cluster(7).",
	.groups = root_groups,
	.subcommands = commands,
	.examples = examples,
};

/* -t beside a -p that has a target: two answers to one question. */
static int settle_target(struct context *ctx)
{
	const struct target_options *given = &ctx->target;

	if (!given->target)
		return 0;
	if (given->profile && conf_profile_target(ctx->conf)) {
		err_set(&ctx->err, ERR_USAGE, "'--target' and the profile '%s' each name a target",
			given->profile);
		err_hint(&ctx->err, "give -t or -p");
		return ERR_USAGE;
	}
	conf_override(ctx->conf, SET_TARGET, given->target, "--target");
	return setting_check(SET_TARGET, given->target, &ctx->err);
}

/* That of the profile, which counts where the inventory has none. */
static int find_country(struct context *ctx)
{
	const char *origin;
	const char *name = conf_get(ctx->conf, SET_COUNTRY, &origin);
	char shown[TEXT_SHOWN];

	if (!name)
		return 0;
	ctx->country = country_find(name);
	if (ctx->country)
		return 0;
	return err_set(&ctx->err, ERR_TARGET, "%s: bad value of 'country': '%s' is none of %s", origin,
		       text_show(shown, name, strlen(name)), country_list());
}

static int load_settings(struct context *ctx)
{
	int rc = conf_load(&ctx->conf, ctx->global.config, ctx->target.profile, &ctx->err);

	if (!rc)
		rc = settle_target(ctx);
	if (rc)
		return rc;
	if (ctx->write.jobs_given)
		conf_override(ctx->conf, SET_JOBS, arena_printf(&ctx->arena, "%lld", ctx->write.jobs), "--jobs");
	return find_country(ctx);
}

static void tell_trace(const struct tracer *tracer, const char *line)
{
	(void)tracer;
	say("%s", line);
}

static const struct tracer tracer = {.tell = tell_trace};

static int open_store(struct context *ctx, unsigned flags)
{
	bool writes = flags & COMMAND_WRITES;
	enum store_access access = flags & COMMAND_CREATES ? (writes ? STORE_CREATE : STORE_CHECK) :
				   flags & COMMAND_SURVEYS ? STORE_SURVEY :
				   writes		   ? STORE_WRITE :
							     STORE_READ;
	int rc = store_open(&ctx->store, ctx->conf, access, (int)ctx->target.timeout, &ctx->err);

	if (rc)
		return rc;
	if (ctx->global.verbose)
		ctx->store = store_trace(ctx->store, &tracer);
	ctx->country = store_country(ctx->store);
	if (ctx->write.jobs_given && store_can(ctx->store, CAN_ROLL_BACK))
		return err_set(&ctx->err, ERR_USAGE, "--jobs is for an https:// target: a database does a change in one");
	return 0;
}

/* Everything that a command declared, then the command. */
static int run_command(struct context *ctx, const struct command *cmd, void *args)
{
	int rc = cmd->flags & COMMAND_NO_CONF ? 0 : load_settings(ctx);

	if (!rc && cmd->flags & (COMMAND_READS | COMMAND_WRITES))
		rc = open_store(ctx, cmd->flags);
	return rc ? rc : cmd->run(ctx, args);
}

static int dispatch(struct context *ctx, const struct command *cmd, const struct parsed *parsed, void *args)
{
	if (cmd->view && !parsed->help)
		cmd = ctx->path.at[ctx->path.n - 1] = cmd->view(ctx, args);
	if (parsed->help)
		help_print(stdout, &ctx->path);
	else if (parsed->version)
		version_print();
	else if (parsed->list_columns)
		return columns_print(ctx);
	else if (cmd->run)
		return run_command(ctx, cmd, args);
	else
		help_print(stderr, &ctx->path);
	return parsed->help || parsed->version ? 0 : ERR_USAGE;
}

static int run(struct context *ctx, int argc, char **argv)
{
	void *bases[OPTION_GROUPS_MAX] = {0};
	struct parsed parsed = {0};
	const struct command *cmd;
	void *args;
	int rc = parse_command(&ctx->path, ctx->root, argc, argv, &ctx->err);

	if (rc)
		return rc;
	cmd = command_of(&ctx->path);
	args = xcalloc(1, cmd->args_size);
	option_bases(ctx, args, bases);
	rc = parse_options(&parsed, &ctx->path, argc, argv, bases, &ctx->err);
	ctx->operands = parsed.operands;
	if (!rc)
		rc = dispatch(ctx, cmd, &parsed, args);
	parse_release(&parsed, cmd, bases);
	free(args);
	return rc;
}

/* stdio forgets why an earlier write failed; a pipe without a reader still knows. */
static bool reader_is_gone(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&out, 1, 0) > 0 && out.revents & POLLERR;
}

/* A write that failed is a failure of every command; that the reader went away needs no message. */
static int check_output(struct err *err)
{
	bool failed = fflush(stdout) != 0, is_lost = ferror(stdout);
	int reason = failed ? errno : 0;

	if ((failed || is_lost) && (reason == EPIPE || reader_is_gone()))
		return err_set(err, ERR_PIPE, "%s", "");
	if (fclose(stdout) != 0 && !failed) {
		failed = true;
		reason = errno;
	}
	if (!failed && !is_lost)
		return 0;
	return err_set(err, ERR_FAILED, "cannot write to standard output%s%s", reason ? ": " : "",
		       reason ? strerror(reason) : "");
}

/* What a command ends with that was interrupted, unless it made a change or its outcome is not known. */
static int settle_interrupt(struct err *err, int rc)
{
	if (!rc || rc == ERR_PARTIAL || rc == ERR_UNKNOWN || rc == ERR_INTERRUPTED || !interrupt_pending() ||
	    interrupt_change_done())
		return rc;
	return err_set(err, ERR_INTERRUPTED, "interrupted");
}

/* What comes after a change may fail as well: without a word of it, or by a code that nothing was changed, that would lie. */
static int settle_done(const struct context *ctx, struct err *err, int rc)
{
	const char *id = interrupt_change_done();

	if (rc != ERR_FAILED && rc != ERR_TARGET && rc != ERR_REFUSED) /* whoever says interrupted has counted what it did */
		return rc;
	if (!id && !ctx->has_written_files)
		return rc;
	if (!id)
		err_hint(err, "the switch's files were written all the same");
	else if (!strstr(err->hint, id)) /* else it says so, and better */
		err_hint(err, "the change was made all the same: didctl history resolve %s", id);
	return err->code = ERR_FAILED;
}

static void release(struct context *ctx)
{
	store_close(ctx->store);
	conf_free(ctx->conf);
	arena_release(&ctx->arena);
}

int main(int argc, char **argv)
{
	struct context ctx = {.root = &root};
	struct err lost = {0};
	int rc, written;

	process_start();
	interrupt_install();
	rc = settle_interrupt(&ctx.err, run(&ctx, argc, argv));
	rc = settle_done(&ctx, &ctx.err, rc);
	written = settle_done(&ctx, &lost, check_output(&lost));
	if (rc < 0 && rc != ERR_PIPE)
		say_error(&ctx.err);
	if (written && !rc) {
		say_error(&lost);
		rc = written;
	}
	release(&ctx);
	return -rc;
}
